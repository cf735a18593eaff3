"""Layers by their names in PyTorch and Keras: the operation each is, with its own arguments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

from solver.errors import SolverError
from solver.frameworks import framework
from solver.layers.layer import Layer
from solver.layers.row import Framework, Row
from solver.network.graph.computed import Recur
from solver.network.graph.dim import Dim
from solver.network.graph.merging import Concat, Meet, Part
from solver.network.graph.operation import Apply, Operation, Pointwise, Unknown
from solver.network.graph.shaping import Flatten, GlobalPool, Linear, Reshape, Unflatten, Unfold
from solver.network.unknowns.unknown import Open, OpenPad
from solver.reading.text.unknown import unknown_layer
from solver.reading.text.values import Names, is_list, leaves
from solver.sizes.domain import whole_number

#: What keeps every size, by its name without case; and the weights it has for each channel.
_ACTIVATIONS = (
    "relu", "relu6", "leakyrelu", "prelu", "elu", "celu", "selu", "gelu", "silu", "swish",
    "mish", "hardswish", "hardsigmoid", "hardtanh", "hardshrink", "softshrink", "tanhshrink",
    "sigmoid", "logsigmoid", "tanh", "softplus", "softsign", "softmax", "softmax2d",
    "logsoftmax", "softmin", "threshold", "rrelu", "glumix", "activation", "identity",
    "dropout", "dropout1d", "dropout2d", "dropout3d", "alphadropout", "featurealphadropout",
    "spatialdropout1d", "spatialdropout2d", "spatialdropout3d", "gaussiannoise",
    "gaussiandropout", "stochasticdepth", "droppath", "dropblock2d", "localresponsenorm",
    "geluactivation", "siluactivation", "quickgeluactivation", "newgeluactivation",
    "reluactivation", "fastgelu", "rescaling", "normalization", "instancenorm1d",
    "instancenorm2d", "instancenorm3d", "randomflip", "randomrotation", "hardsigmoidactivation",
    "hardswishactivation", "quantstub", "dequantstub", "memoryefficientswish", "leaky_relu",
    "hard_sigmoid", "hard_swish", "snake",
)  # fmt: skip
_NORMS = (
    "batchnorm1d", "batchnorm2d", "batchnorm3d", "syncbatchnorm", "batchnormalization",
    "groupnorm", "layernorm", "layernorm2d", "groupnormalization", "layernormalization",
    "frozenbatchnorm2d", "batchnormact2d", "rmsnorm", "grn", "lazybatchnorm1d",
    "lazybatchnorm2d", "lazybatchnorm3d", "globalresponsenorm", "wav2vec2layernorm",
)  # fmt: skip
POINTWISE = {**dict.fromkeys(_ACTIVATIONS, 0), **dict.fromkeys(_NORMS, 2), "prelu": 1}
_MERGES = {
    "add": "add", "subtract": "subtract", "multiply": "multiply", "average": "average",
    "maximum": "maximum", "minimum": "minimum",
}  # fmt: skip
_PLACE = ("device", "dtype", "name", "input_shape", "trainable", "batch_input_shape", "input_dim")
_CHANNELS = ("in_channels", "out_channels", "groups", "filters", "depth_multiplier")


def plain_name(name: str) -> str:
    """Return a name without dots, underscores at its ends, and case."""
    return name.rpartition(".")[2].strip("_").lower()


class Made(NamedTuple):
    """Hold an operation.

    expects: the channels it is made for, where it says so. axis: an axis as the text counts it,
    where the operation's own depends on how many there are.
    """

    operation: Operation
    expects: int | None = None
    axis: int | None = None


def make(name: str, args: Sequence[Any], keywords: Names, last: bool) -> Made:
    """Return the operation that a layer's name and arguments stand for.

    last: whether the channels are the last axis in the text, as in Keras. Raises SolverError for
    arguments that its framework has not; a layer that is not known is `Unknown`.

    >>> make("nn.Conv2d", [3, 64, 7], {"stride": 2}, False).operation.title
    'Conv2d(in_channels=3, out_channels=64, kernel_size=7, stride=2)'
    >>> make("nn.Transformer", [64], {}, False).operation.title
    'Transformer: not understood'
    """
    plain = plain_name(name)
    if plain in POINTWISE:
        return _pointwise(plain, args, keywords)
    given = _Given(name, args, keywords)
    if plain in ("concatenate", "concat"):
        axis = given.number(0, "axis", default=-1)
        return Made(Concat(), None, axis)
    if plain in _SPECIAL:
        return Made(_SPECIAL[plain](given, last))
    if plain in _MERGES:
        return Made(Meet(_MERGES[plain]))
    opened = unknown(name, args, keywords)
    if opened is not None:
        return Made(opened, getattr(opened, "before", None))
    layer = framework_layer(name, args, keywords)
    if layer is None:
        return Made(Unknown(name.rpartition(".")[2][:80]))
    if layer.row.kind.reduces:
        return Made(GlobalPool(bool(layer.arguments.get("keepdims", False))))
    if layer.row.kind.joins:
        return Made(Unfold(layer))
    if layer.row.kind.splits:
        return Made(Unknown(layer.name))
    return Made(Apply(layer))


def _whole(value: Any) -> bool:
    """Tell whether a value is a whole number, or a list of them."""
    found = list(leaves(value))
    return bool(found) and all(type(each) is int for each in found)


def _pointwise(plain: str, args: Sequence[Any], keywords: Names) -> Made:
    given = (*args[:1], *(keywords[word] for word in ("num_features",) if word in keywords))
    expects = next((value for value in given if type(value) is int), None)
    if not plain.startswith(("batchnorm", "instancenorm", "syncbatch")) or not expects:
        expects = None
    if plain == "prelu" and "shared_axes" not in keywords:
        count = keywords.get("num_parameters", args[0] if args else 1)
        return Made(Pointwise(plain, parameters=count if type(count) is int else None))
    shape = keywords.get("normalized_shape", args[0] if args else None)
    if plain == "layernorm" and _whole(shape):
        count = prod(leaves(shape)) * (keywords.get("elementwise_affine", True) is not False)
        biases = 1 if keywords.get("bias", True) is False else 2
        return Made(Pointwise(plain, parameters=biases * count))
    affine = keywords.get("affine", keywords.get("elementwise_affine", True))
    return Made(Pointwise(plain, POINTWISE[plain] if affine is not False else 0), expects)


def framework_layer(name: str, args: Sequence[Any], keywords: Names) -> Layer | None:
    """Return a layer that PyTorch or Keras has a row for, None for others."""
    found = _found(name)
    if found is None:
        return None
    table, row, short = found
    given: Names = {}
    for own, value in _written(row, short, args, keywords):
        _put(given, row, short, own, value)
    for own in _CHANNELS:
        if own in given and given[own] is not None:
            given[own] = whole_number(given[own], own, 1)
    return Layer(table, short, given)


def unknown(name: str, args: Sequence[Any], keywords: Names) -> Open | OpenPad | None:
    """Return a layer with unknown hyperparameters, None where all of them are known."""
    found = _found(name)
    if found is None:
        return None
    _, row, short = found
    given: Names = {}
    for own, value in _written(row, short, args, keywords):
        if (known := _own(row, own)) in given:
            raise SolverError(f"{own} is given twice")
        if known is not None:
            given[known] = value
    return unknown_layer(row, short, given)


def _found(name: str) -> tuple[Framework, Row, str] | None:
    """Return the framework and the row of a layer, and the name it is called by."""
    short = name.rpartition(".")[2]
    short = _ALIASES.get(short, short)
    for known in ("keras", "torch"):
        table = framework(known)
        try:
            row, axes = table.find(short)
        except SolverError:
            continue
        # Written exactly: PyTorch's Conv2d has a small d, Keras's Conv2D a large one.
        if row.named(axes) != short:
            continue
        if known == "keras" and name.startswith(("nn.", "torch.")):
            theirs = f"nn.{short[:-1]}{short[-1].lower()}" if short[-1] == "D" else None
            raise SolverError("PyTorch has no layer of this name", name, theirs)
        return table, row, short
    return None


def _written(
    row: Row, short: str, args: Sequence[Any], keywords: Names
) -> Iterator[tuple[str, Any]]:
    """Yield the arguments with the names they are given by, or those of their places."""
    names = list(row.arguments)
    if len(args) > len(names):
        raise SolverError(f"{short} takes {len(names)} arguments", f"{len(args)}")
    yield from zip(names, args, strict=False)
    yield from keywords.items()


def _own(row: Row, name: str) -> str | None:
    """Return the row's own name for an argument, None for one it has not."""
    try:
        return row.argument(name)
    except SolverError:
        return None


def gives_indices(layer: object) -> bool:
    """Tell whether a pooling gives two tensors: the values, and where each was."""
    return isinstance(layer, Layer) and layer.arguments.get("return_indices") is True


def is_layer(name: str) -> bool:
    """Tell whether PyTorch or Keras has a layer of this name.

    >>> is_layer("Conv1d"), is_layer("Module")
    (True, False)
    """
    try:
        return framework_layer(name, [], {}) is not None
    except SolverError:  # it is one, and needs arguments
        return True


def attribute(made: Operation, name: str) -> Any:
    """Return what a module of PyTorch has under a name: conv.kernel_size; None of an unknown one.

    >>> conv = make("nn.Conv1d", [3, 64, 7], {}, False).operation
    >>> attribute(conv, "kernel_size"), attribute(conv, "stride"), attribute(conv, "out_channels")
    ((7,), (1,), 64)
    """
    if isinstance(made, Linear):
        return {"in_features": made.of, "out_features": made.features}.get(name)
    layer = getattr(made, "layer", None)
    if layer is None:
        return None
    if layer.axes and layer.row.kind.weights and name in _TUPLES:
        found = layer.values(layer.axes).get(name)
        return tuple(found) if found is not None else None
    return layer.arguments.get(name, 1 if name == "groups" else None)


_TUPLES = ("kernel_size", "stride", "padding", "dilation", "output_padding")
_ALIASES = {
    f"{word}{axes}D": f"{word}ing{axes}D"
    for word in ("MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool")
    for axes in (1, 2, 3)
} | {"AvgPool2D": "AveragePooling2D", "GlobalAvgPool2D": "GlobalAveragePooling2D"} | {
    f"Convolution{axes}D": f"Conv{axes}D" for axes in (1, 2, 3)
} | {f"Deconvolution{axes}D": f"Conv{axes}DTranspose" for axes in (2, 3)}  # fmt: skip
_ALIASES |= {f"Deconv{axes}D": f"Conv{axes}DTranspose" for axes in (2, 3)}


def _put(given: Names, row: Row, short: str, own: str, value: Any) -> None:
    if own in _PLACE and own not in row.arguments:
        return
    if own in given:
        raise SolverError(f"{own} is given twice")
    try:
        argument = row.arguments[row.argument(own)]
    except SolverError as fault:
        if own.endswith(_PASSED):
            return
        raise SolverError(f"{short} has no such argument", own, fault.right) from None
    if not _known(value):
        if argument.read is not None or own in _CHANNELS:
            raise SolverError(f"{own} must be a number, a word or a tuple of them", _shown(value))
        return
    given[own] = value


#: Arguments of Keras that no size depends on.
_PASSED = ("initializer", "regularizer", "constraint", "activation", "_bias", "dtype")


def _known(value: Any) -> bool:
    plain = (bool, int, float, str, type(None))
    return not isinstance(value, dict) and all(isinstance(each, plain) for each in leaves(value))


def _shown(value: Any) -> str:
    """Return a value for an error: a part of the program as it is written."""
    text = getattr(value, "text", None) or getattr(value, "path", None)
    return str(text or ("a list" if is_list(value) else repr(value)))


class _Given:
    """Hold the arguments of a layer, to be asked for by place and name."""

    def __init__(self, name: str, args: Sequence[Any], keywords: Names) -> None:
        self.name, self._args, self._keywords = name, args, keywords

    def __call__(self, place: int, *names: str, default: Any = None) -> Any:
        found = next((self._keywords[name] for name in names if name in self._keywords), None)
        if found is None and place < len(self._args):
            found = self._args[place]
        return default if found is None else found

    def number(self, place: int, *names: str, default: int | None = None) -> int | None:
        found = self(place, *names, default=default)
        if found is None or type(found) is int:
            return found
        raise SolverError(f"{self.name}: {names[0]} must be a whole number", _shown(found))

    def numbers(self, place: int, *names: str) -> tuple[int, ...]:
        found = self(place, *names)
        if found is None or type(found) is int:
            found = () if found is None else (*self._args[place:],)
        if not is_list(found) or not all(type(n) is int for n in found):
            raise SolverError(f"{self.name}: {names[0]} must be whole numbers", _shown(found))
        return tuple(found)


def _linear(given: _Given, last: bool) -> Operation:
    features = whole_number(given.number(1, "out_features"), "out_features", 1)
    return Linear(features, given.number(0, "in_features"), given(2, "bias", default=True) is True)


def _dense(given: _Given, last: bool) -> Operation:
    features = whole_number(given.number(0, "units", "out_features"), "units", 1)
    return Linear(features, None, given(9, "use_bias", default=True) is True)


def _flatten(given: _Given, last: bool) -> Operation:
    start = given.number(0, "start_dim", default=1)
    end = given.number(1, "end_dim", default=-1)
    return Flatten(1 if start is None else start, -1 if end is None else end)


def _reshape(given: _Given, last: bool) -> Operation:
    sizes = given.numbers(0, "target_shape")
    if last and len(sizes) > 1:
        sizes = (sizes[-1], *sizes[:-1])
    return Reshape((Dim(1), *(None if n == -1 else Dim(n) for n in sizes)))


def _unflatten(given: _Given, last: bool) -> Operation:
    axis = given.number(0, "dim")
    if axis is None:
        return Unknown("Unflatten")
    return Unflatten(axis, given.numbers(1, "unflattened_size"))


_GATES = {"lstm": 4, "gru": 3, "rnn": 1}


def _recurrent(given: _Given, last: bool) -> Operation:
    """Read LSTM, GRU and RNN: of PyTorch along the last axis, of Keras along the channels."""
    name = plain_name(given.name)
    gates = _GATES[name.removeprefix("simple")]
    if last:
        units = whole_number(given.number(0, "units"), "units", 1)
        keep = given(99, "return_sequences", default=False) is True
        biases = 2 if name == "gru" else 1
        return Recur(name, units, None, 1, keep, gates=(gates, biases, 1))
    of = whole_number(given.number(0, "input_size"), "input_size", 1)
    hidden = whole_number(given.number(1, "hidden_size"), "hidden_size", 1)
    deep = given.number(2, "num_layers", default=1) or 1
    if given(8, "proj_size"):
        return Unknown(name)
    sides = 2 if given(6, "bidirectional", default=False) is True else 1
    biases = 2 if given(3, "bias", default=True) is True else 0
    widths = [of, *[hidden * sides] * (deep - 1)]
    held = sum(sides * gates * hidden * (width + hidden + biases) for width in widths)
    return Recur(name, hidden * sides, of, parameters=held)


def both_ways(recur: Operation, merged: Any) -> Operation:
    """Return what Bidirectional of Keras makes of a recurrent layer."""
    if not isinstance(recur, Recur):
        return Unknown("Bidirectional")
    gates, biases, _ = recur.gates
    wide = recur.features * (2 if merged == "concat" else 1)
    return recur.replaced(features=wide, gates=(gates, biases, 2 if merged == "concat" else 1))


def channels_first(axis: int, rank: int) -> int:
    """Return the axis of our shapes that an axis of channels-last shapes is.

    >>> [channels_first(axis, 4) for axis in (0, 1, 2, 3, -1)]
    [0, 2, 3, 1, 1]
    """
    place = axis % rank if -rank <= axis < rank else axis
    if place == rank - 1:
        return 1
    return place + 1 if 0 < place < rank else axis


_SPECIAL = {
    "linear": _linear,
    "nondynamicallyquantizablelinear": _linear,
    "lazylinear": _dense,
    "dense": _dense,
    **dict.fromkeys(("lstm", "gru", "rnn", "simplernn"), _recurrent),
    "flatten": _flatten,
    "glu": lambda given, last: Part(2, 0, given.number(0, "dim", default=-1) or 0),
    "reshape": _reshape,
    "unflatten": _unflatten,
}
