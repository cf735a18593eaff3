"""The table of functions of tensors, and where every reader looks them up.

What PyTorch and Keras have a row for in their own tables, layers above all, is a function too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.layers.layer import Layer
from solver.reading.functions import (
    attention,
    creation,
    fitting,
    indexing,
    linear,
    merging,
    moving,
    nodes,
    norms,
    parts,
    patterns,
    pointwise,
    recurrent,
    reducing,
    spectral,
    windows,
)
from solver.reading.functions.call import Call, Nodes, Unclear
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.signature import Signature, bound, known, names, parse

FUNCTIONS: tuple[TensorFunction, ...] = (
    *pointwise.ROWS,
    *merging.ROWS,
    *reducing.ROWS,
    *moving.ROWS,
    *parts.ROWS,
    *patterns.ROWS,
    *indexing.ROWS,
    *creation.ROWS,
    *norms.ROWS,
    *linear.ROWS,
    *recurrent.ROWS,
    *attention.ROWS,
    *spectral.ROWS,
    *windows.ROWS,
    *fitting.ROWS,
    *nodes.ROWS,
)


class Named(NamedTuple):
    """Hold a function, and how it is called by one of its names, and by whom."""

    function: TensorFunction
    signature: Signature
    face: str


def plain_name(name: str) -> str:
    """A name without dots, underscores at its ends, and case.

    >>> plain_name("F.leaky_relu_"), plain_name("nn.ReLU")
    ('leaky_relu', 'relu')
    """
    return name.rpartition(".")[2].strip("_").lower()


def _key(name: str) -> str:
    return plain_name(name).replace("_", "")


@cache
def _index(face: str) -> dict[str, tuple[TensorFunction, str]]:
    """The functions of a face by name, and how each is called, which is parsed when it is."""
    found: dict[str, tuple[TensorFunction, str]] = {}
    for function in FUNCTIONS:
        for text in function.texts(face):
            for name in names(text):
                found.setdefault(_key(name), (function, text))
    return found


def find(name: str, faces: Iterable[str]) -> Named | None:
    """The function of a name, in the first of these faces that has it; None of none.

    >>> find("nn.Flatten", ["module"]).signature.arguments
    ('start_dim', 'end_dim')
    """
    key = _key(name)
    for face in faces:
        if found := _index(face).get(key):
            function, text = found
            return Named(function, parse(text), face)
    return None


#: What convolutions of PyTorch have along each axis, and what layers have where nothing is said.
_ALONG = ("kernel_size", "stride", "padding", "dilation", "output_padding")
_USUAL = {"groups": 1, "padding": 0, "dilation": 1, "output_padding": 0, "padding_mode": "zeros"}
_USUAL |= {"ceil_mode": False, "return_indices": False}


class Prepared(NamedTuple):
    """Hold a layer: a function, and the arguments of its first bracket.

    given: by the words of the rules.
    """

    name: str
    named: Named
    given: Mapping[str, Any]

    @property
    def function(self) -> TensorFunction:
        return self.named.function

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tensors that it is called on."""
        signature = self.named.signature
        if self.named.face in ("function", "op"):
            return tuple(name for name in signature.arguments if known(name) not in self.given)
        return signature.inputs or ("input",)

    @property
    def layer(self) -> Any:
        """The layer of a framework's table that it is, or the unknown one; else None."""
        return self.given.get("layer")

    @property
    def linear(self) -> bool:
        """Tell whether it multiplies the last axis, of as many features as it says."""
        return self.function in linear.LINEAR

    @property
    def features(self) -> int | None:
        """The channels or features that a layer must get, where it says so."""
        layer = self.layer
        if layer is not None:
            return getattr(layer, "before", None)
        told = ("in_features", "num_features", "num_channels")
        found = next((self.given[word] for word in told if word in self.given), None)
        return found if type(found) is int and found > 0 else None

    def attribute(self, name: str) -> Any:
        """What a module of PyTorch has under a name: conv.kernel_size; None of others.

        >>> conv = prepared("nn.Conv1d", [3, 64, 7], {})
        >>> conv.attribute("kernel_size"), conv.attribute("stride"), conv.attribute("groups")
        ((7,), (1,), 1)
        """
        layer = self.layer
        if not isinstance(layer, Layer):
            value = self.given.get(name)
            return value if type(value) is int else None
        given, weights = layer.arguments.get(name), layer.row.kind.weights
        if layer.framework.name != "torch" or name not in layer.row.arguments:
            return given
        if layer.axes and weights and name in _ALONG and not isinstance(given, str):
            found = layer.values(layer.axes).get(name, (0,) * layer.axes)
            return tuple(each[0] if name == "padding" else each for each in found)
        if given is None and name == "stride":
            given = layer.arguments.get("kernel_size")
        return _USUAL.get(name) if given is None else given

    @property
    def biased(self) -> bool:
        """Tell whether it has a bias, as far as it says."""
        held = self.given if self.layer is None else getattr(self.layer, "arguments", {})
        return bool(held.get("bias", True))

    def weight(self, name: str) -> tuple[int, ...] | None:
        """The shape of a convolution's weight or bias, as PyTorch has it; None of others.

        >>> prepared("nn.Conv1d", [3, 64, 7], {}).weight("weight")
        (64, 3, 7)
        """
        layer = self.layer
        if not isinstance(layer, Layer) or not layer.axes or not layer.row.kind.weights:
            return None
        before, after = layer.channels.before, layer.channels.after
        if layer.framework.name != "torch" or before is None or after is None:
            return None
        if name == "bias":
            return (after,) if self.biased else None
        groups = layer.arguments.get("groups", 1)
        ends = (before, after // groups) if layer.row.kind.transposed else (after, before // groups)
        return (*ends, *layer.values(layer.axes)["kernel_size"])

    def changed(self, name: str, value: Any) -> Prepared | None:
        """The layer where what a module has under a name is set; None where that is not followed.

        >>> conv = prepared("nn.Conv1d", [3, 64, 7], {})
        >>> conv.changed("stride", (2,)).attribute("stride"), conv.changed("groups", 3)
        ((2,), None)
        """
        layer, word = self.layer, known(name)
        if layer is None:
            told = name in self.named.signature.arguments
            return self._replace(given={**self.given, word: value}) if told else self
        if not isinstance(layer, Layer) or name not in layer.row.arguments:
            return self if isinstance(layer, Layer) and not name.startswith("_") else None
        weighted, own = layer.row.kind.weights is not None, dict[str, Any]()
        if name in ("kernel_size", "groups", "padding_mode") and weighted:
            return None  # its weights stay as they are
        if layer.arguments.get("padding_mode", "zeros") != "zeros":
            return None
        if name == "kernel_size" and layer.arguments.get("stride") is None:
            own["stride"] = self.attribute("stride")
        value = value is not None if name == "bias" else value
        try:
            return table_layer(self.name, layer.changed(**own, **{name: value}))
        except SolverError:
            return None

    def of(
        self,
        nodes: Nodes,
        args: Sequence[Any],
        words: Mapping[str, Any],
        last: bool = False,
        held: int | None = None,
    ) -> Call:
        """The call of the layer on tensors."""
        signature = self.named.signature
        given = {**self.given, **bound(self.names, signature.rest, args, words)}
        rule = self.function.rule
        return Call(nodes, self.name, rule, given, signature.defaults, last, held)


def arguments_of(name: str, last: bool = False) -> tuple[str, ...]:
    """The names of a layer's arguments, in order; none of a name that is not known.

    >>> arguments_of("nn.Conv2d")[:3], arguments_of("nn.Flatten")
    (('in_channels', 'out_channels', 'kernel_size'), ('start_dim', 'end_dim'))
    """
    named = find(name, ("layer",) if last else ("module",))
    if named is not None:
        return named.signature.arguments
    try:
        found = windows.find(name)
    except SolverError:
        return ()
    return () if found is None else tuple(found[1].arguments)


def prepared(
    name: str, args: Sequence[Any], words: Mapping[str, Any], last: bool = False
) -> Prepared | None:
    """A layer by its name and arguments; None of a name that is not known.

    last: whether the channels are the last axis, as in Keras. Raises SolverError for arguments that
    its framework has not.

    >>> prepared("nn.Flatten", [2], {}).given, prepared("nn.Transformer", [64], {})
    ({'start_dim': 2}, None)
    """
    faces = ("layer", "module") if last else ("module", "layer")
    named = find(name, faces[:1])
    if named is None:
        layer = windows.layer_of(name, args, dict(words))
        if layer is not None:
            return table_layer(plain_name(name), layer)
        named = find(name, faces[1:])
    if named is None:
        return None
    signature = named.signature
    given = bound(signature.arguments, signature.rest, args, words)
    return Prepared(plain_name(name), named, given)


def table_layer(name: str, layer: Any) -> Prepared:
    """A layer of a framework's table, ready to be called."""
    return Prepared(name, Named(windows.LAYER, _LAYER, "module"), {"layer": layer})


_LAYER = parse(windows.LAYER.module)


@cache
def _layer_function(name: str) -> Named | None:
    """A function of PyTorch that is named after a layer of its table."""
    found = windows.function_of(name)
    if found is None:
        return None
    row, title = found
    signature = Signature(("input", *row.arguments), (), "", {})
    return Named(TensorFunction(windows.like(title)), signature, "function")


def is_layer(name: str) -> bool:
    """Tell whether PyTorch or Keras has a layer of this name, in their tables.

    >>> is_layer("Conv1d"), is_layer("Module")
    (True, False)
    """
    return windows.find(name) is not None


def called(
    nodes: Nodes, name: str, args: Sequence[Any], words: Mapping[str, Any], last: bool = False
) -> Call | None:
    """The call of a function or a method by its name; None of a name that is not known.

    A name that ends in one underscore changes its first tensor.
    """
    plain = plain_name(name)
    named = find(name, ("op", "function") if last else ("function",))
    if named is not None and named.function is spectral.UNFOLD and _of_layer(name, args, words):
        named = None
    if named is None:
        named = _layer_function(plain)
    if named is None:
        return None
    signature = named.signature
    given = bound(signature.arguments, signature.rest, args, words)
    given.pop("out", None)
    changes = name.endswith("_") and not name.endswith("__")
    rule = named.function.rule
    return Call(nodes, plain, rule, given, signature.defaults, last, changes=changes)


def _of_layer(name: str, args: Sequence[Any], words: Mapping[str, Any]) -> bool:
    """Tell whether the function that is named after a layer is meant, not the method."""
    if name.endswith(("F.unfold", "functional.unfold")):
        return True
    return len(args) + len(words) < 4 or not words.keys() <= {"dimension", "size", "step"}


def node(
    nodes: Nodes, name: str, inputs: Sequence[Any], attributes: Mapping[str, Any], ours: bool
) -> Call:
    """The call of an operator of ONNX; ours: whether one of this name may be known."""
    named = find(name, ["onnx"]) if ours else None
    if named is None:
        return Call(nodes, name, _unknown, {"input": tuple(inputs)}, {})
    signature = named.signature
    given = bound(signature.inputs, signature.rest, inputs, attributes)
    return Call(nodes, name, named.function.rule, given, signature.defaults)


def _unknown(call: Call) -> Any:
    raise Unclear
