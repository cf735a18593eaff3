"""The layers of the frameworks' tables: what slides a window, pads, resizes, pools to one element.

A function of PyTorch that does what a layer does is read as that layer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from solver.errors import SolverError
from solver.frameworks import framework
from solver.layers.layer import Layer
from solver.layers.own import of_ours
from solver.layers.row import Framework, Row
from solver.layers.table import OWN
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.merging import ResizeLike
from solver.network.graph.operation import Apply, Operation, Refuse
from solver.network.graph.shaping import Fold, GlobalPool, Reduce, Unfold
from solver.network.graph.values import Ratio
from solver.reading.functions.call import (
    UNTOLD,
    Call,
    Unclear,
    Weight,
    Wire,
    dim_of,
    leaves,
    listed,
    several,
)
from solver.reading.functions.fitting import applied, to_sizes, torch_layer
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.unknown import unknown_layer
from solver.sizes.domain import whole_number
from solver.sizes.sizeset import SizeSet
from solver.sizes.width import is_int

#: The most kernels that are counted along an axis, where their size is computed.
_MOST_KERNELS = 8
_CHANNELS = ("in_channels", "out_channels", "groups", "filters", "depth_multiplier")
#: Arguments of Keras that no size depends on: beside those of a row, and by how they end.
_PLACE = ("device", "dtype", "name", "input_shape", "trainable", "batch_input_shape", "input_dim")
_PASSED = ("initializer", "regularizer", "constraint", "activation", "_bias", "dtype")
_POOLS = ("MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool")
_ALIASES = {
    **{f"{word}{axes}D": f"{word}ing{axes}D" for word in _POOLS for axes in (1, 2, 3)},
    **{f"Convolution{axes}D": f"Conv{axes}D" for axes in (1, 2, 3)},
    **{f"Deconvolution{axes}D": f"Conv{axes}DTranspose" for axes in (2, 3)},
    **{f"Deconv{axes}D": f"Conv{axes}DTranspose" for axes in (2, 3)},
    "AvgPool2D": "AveragePooling2D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
}


def layer_of(name: str, args: Sequence[Any], words: dict[str, Any]) -> Layer | Operation | None:
    """A layer that PyTorch or Keras has a row for, None for others.

    One with unknown hyperparameters is a choice among layers of ours, one that pads by computed
    sizes an operation. Raises SolverError for arguments that its framework has not.
    """
    found = find(name)
    if found is None:
        return None
    table, row, short = found
    written = list(_written(row, short, args, words))
    given: dict[str, Any] = {}
    for own, value in written:
        known = _own(row, own)
        if known is not None:
            if known in given:
                raise SolverError(f"{own} is given twice")
            given[known] = value
    opened = unknown_layer(row, short, given)
    if opened is not None:
        return opened
    if short.startswith("ZeroPadding") and (by := _computed(given.get("padding"))) is not None:
        return by
    for own, value in written:
        _check(row, short, own, value)
    given = {own: value for own, value in given.items() if _plain(value)}
    for own in _CHANNELS:
        if given.get(own) is not None:
            given[own] = whole_number(given[own], own, 1)
    return of_ours(short, given) if table is OWN else Layer(table, short, given)


@lru_cache(1024)
def find(name: str) -> tuple[Framework, Row, str] | None:
    """The framework and the row of a layer, and the name it is called by."""
    root, short = name.partition(".")[0], name.rpartition(".")[2]
    apart = root in ("flax", "paddle", "solver")
    short = short if apart else _ALIASES.get(short, short)
    for known in (root,) if apart else ("torch", "keras"):
        table = OWN if known == "solver" else framework(known)
        if not table.called(short):
            continue
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
    row: Row, short: str, args: Sequence[Any], words: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield the arguments with the names they are given by, or those of their places."""
    names = list(row.arguments)
    if len(args) > len(names):
        raise SolverError(f"{short} takes {len(names)} arguments", f"{len(args)}")
    yield from zip(names, args, strict=False)
    yield from words.items()


def _own(row: Row, name: str) -> str | None:
    """The row's own name for an argument, None for one it has not."""
    try:
        return row.argument(name)
    except SolverError:
        return None


def _computed(padding: Any) -> Operation | None:
    """The padding by two computed sizes along each axis, None of any other."""
    pairs = [each for each in several(padding) if listed(each) and len(each) == 2]
    if not any(isinstance(each, (Dim, Ratio)) for each in leaves(pairs)):
        return None
    from solver.network.graph.along import PadBy  # few programs compute their padding

    return PadBy(tuple((dim_of(begin), dim_of(end)) for begin, end in pairs))


def _check(row: Row, short: str, own: str, value: Any) -> None:
    """Refuse an argument that the layer has not, or whose value is not known where it counts."""
    if own in _PLACE and own not in row.arguments:
        return
    try:
        argument = row.arguments[row.argument(own)]
    except SolverError as fault:
        if own.endswith(_PASSED):
            return
        raise SolverError(f"{short} has no such argument", own, fault.right) from None
    if not _plain(value) and (argument.read is not None or own in _CHANNELS):
        rule = f"{own} must be a number, a word or a tuple of them"
        raise SolverError(rule, shown(value))


def _plain(value: Any) -> bool:
    """Tell whether a value is a number, a word or a tuple of them."""
    plain = (bool, int, float, str, type(None))
    return not isinstance(value, dict) and all(isinstance(each, plain) for each in leaves(value))


def shown(value: Any) -> str:
    """A value for an error: a part of a program as it is written."""
    text = getattr(value, "text", None) or getattr(value, "path", None)
    return str(text or ("a list" if listed(value) else repr(value)))


def _layer(call: Call) -> Any:
    """Read a layer of a table, or an unknown one."""
    layer = call["layer"]
    if isinstance(layer, Operation):
        return call.make(layer)
    kind = layer.row.kind
    if kind.reduces:
        return call.make(GlobalPool(bool(layer.arguments.get("keepdims", False))))
    if kind.joins:
        return call.make(Unfold(layer))
    if kind.splits:
        block = {name: value for name, value in layer.arguments.items() if name != "output_size"}
        to = tuple(map(Dim, layer.values(2)["output_size"]))
        return call.make(Fold(torch_layer("Unfold", **block), to))
    x, indices = call.x, call["indices"]
    sizes = indices if listed(indices) else call["output_size"]
    if kind.indexed and isinstance(indices, (Wire, Weight)):
        from solver.network.graph.sized import Paired  # few programs unpool

        x = call.make(Paired(), x, call.tensor(indices))
    if sizes is not None and kind.with_output_size:
        from solver.network.graph.sized import sized  # few programs tell output sizes

        return call.make(sized(layer, tuple(map(dim_of, several(sizes)))), x)
    found = applied(call, layer, x)
    return (found, found) if layer.arguments.get("return_indices") is True else found


#: A layer of a table, which is called by whatever name its row has.
LAYER = TensorFunction(_layer, module="layer(layer)(input, indices=None, output_size=None)")

# Functions that do what a layer does


def like(name: str) -> Callable[[Call], Any]:
    """The rule of a function that does what a layer does; # stands for its axes."""

    def rule(call: Call) -> Any:
        axes = next((digit for digit in call.name if digit.isdigit()), "")
        given = {word: value for word, value in call.given.items() if word != "input"}
        title = name.replace("#", axes)
        if any(isinstance(each, (Dim, Ratio)) for each in leaves(given.get("kernel_size"))):
            return _whole(call, title, given)
        sizes = several(given.get("output_size"))
        if title.startswith("Adaptive") and any(isinstance(each, Dim) for each in sizes):
            sizes = sizes * int(axes) if len(sizes) == 1 else sizes
            before = call.shape[: call.rank - len(sizes)]
            kept = zip(sizes, call.shape[len(before) :], strict=True)
            to = (dim if size is None else dim_of(size) for size, dim in kept)
            return call.make(Become(call.name, (*before, *to)))
        if call.name.endswith("with_indices"):
            given["return_indices"] = True
        return _called(call, title, given)

    return rule


def _whole(call: Call, name: str, given: dict[str, Any]) -> Wire:
    """Read a pooling whose kernel is as large as the tensor along some axes: it pools these."""
    kernel, shape, count = several(given.pop("kernel_size")), call.shape, call.rank - 2
    kernel = kernel * count if len(kernel) == 1 else kernel
    gone = [at for at, each in enumerate(kernel) if call.alike(dim_of(each), shape[at + 2])]
    rest = [1 if at in gone else each for at, each in enumerate(kernel)]
    ends = (several(given.get(word) or 0) for word in ("padding", "ceil_mode"))
    strides = several(given.get("stride"))
    if any(map(any, ends)):
        raise Unclear
    if not strides and len(gone) < count and all(isinstance(each, Dim) for each in kernel):
        pairs = zip(shape[2:], kernel, strict=True)
        counts = [1 if at in gone else _count(call, *pair) for at, pair in enumerate(pairs)]
        known = [Dim(each) for each in counts if each is not None]
        if len(known) < len(counts):
            return call.unknown()
        return call.make(Become(call.name, (*shape[:2], *known)))
    if not all(is_int(each) for each in rest):
        raise Unclear
    if len(gone) == count:
        return call.make(GlobalPool())
    strides = strides * count if len(strides) == 1 else strides or tuple(rest)
    given["stride"] = tuple(1 if at in gone else each for at, each in enumerate(strides))
    found = _called(call, name, {**given, "kernel_size": tuple(rest)})
    return call.make(Reduce(call.name, tuple(at + 2 for at in gone)), found)


def _count(call: Call, size: Dim, kernel: Dim) -> int | None:
    """How often a kernel fits into a size, counted one by one: each number is a path."""
    for count in range(_MOST_KERNELS):
        fits = call.nodes.holds(size + kernel * -(count + 1) + 1, SizeSet(minimum=1))
        if fits is False and not count:
            call.make(Refuse("kernel size can't be greater than actual input size"))
        if not fits:
            return None if fits is None else count
    return None


def _called(call: Call, name: str, given: dict[str, Any]) -> Any:
    taken = {word: given.pop(word) for word in ("indices",) if word in given}
    sizes = given.get("output_size")
    if "indices" in taken and sizes is not None:
        taken["output_size"] = given.pop("output_size")
    given = {word: value for word, value in given.items() if word not in ("antialias",)}
    kinds = (Dim, Ratio, Wire, Weight)
    if any(isinstance(each, kinds) or each is UNTOLD for each in leaves(given)):
        raise Unclear
    layer = layer_of(name, (), given)
    taken |= {"layer": layer, "input": call.x}
    return _layer(Call(call.nodes, call.name, _layer, taken, {}, call.last))


def _conv(name: str) -> Callable[[Call], Wire]:
    """The rule of a convolution with weights of its own."""

    def rule(call: Call) -> Wire:
        shape = [dim.number for dim in call.shape_of(call["weight"])]
        if None in shape:
            raise Unclear
        one, other, *kernel = (int(n or 0) for n in shape)
        names = ("stride", "padding", "output_padding", "dilation", "groups")
        given = {word: call[word] for word in names if call[word] is not None}
        groups = given.get("groups", 1)
        before, after = (one, other * groups) if "Transpose" in name else (other * groups, one)
        channels = {"in_channels": before, "out_channels": after, "bias": call["bias"] is not None}
        title = f"{name}{len(kernel)}d"
        layer = torch_layer(title, **channels, kernel_size=tuple(kernel), **given)
        return call.make(Apply(layer, parameters=call.learned("weight", "bias")))

    return rule


def _interpolate(call: Call) -> Any:
    """Read a resize: by factors, or to sizes that another tensor may have."""
    if not any(isinstance(each, (Dim, Ratio)) for each in leaves(call["size"])):
        given = {word: value for word, value in call.given.items() if word != "input"}
        return _called(call, "Upsample", given)
    return to_sizes(call, "resize", call["size"], ResizeLike())


def function_of(name: str) -> tuple[Row, str] | None:
    """The row of a layer of PyTorch that a function is named after, and the layer's name.

    >>> function_of("avg_pool2d"), function_of("relu")
    ((Row('AvgPool{1,2}d'), 'AvgPool2d'), None)
    """
    table = framework("torch")
    if not table.called(name):
        return None
    try:
        row, axes = table.find(name)
    except SolverError:
        return None
    title = row.named(axes)
    return (row, title) if title.lower() == name.replace("_", "").lower() else None


def _fold(call: Call) -> Wire:
    """Read fold: blocks back to where a window finds them, in sizes that may be computed."""
    words = {word: call[word] for word in ("kernel_size", "dilation", "padding", "stride")}
    sizes = call.dims("output_size")
    return call.make(Fold(torch_layer("Unfold", **words), (sizes * 2)[:2]))


def _deformed(call: Call) -> Wire:
    """Read deform_conv2d: a convolution whose window has an offset at each place."""
    after, each, *kernel = call.numbers_of(call["weight"])
    before = call.shape[1].number
    words = {word: call[word] for word in ("stride", "padding", "dilation")}
    words |= {"bias": call["bias"] is not None, "groups": (before or each) // each}
    conv = torch_layer(
        "Conv2d", in_channels=before, out_channels=after, kernel_size=tuple(kernel), **words
    )
    from solver.network.graph.along import Deformed  # few programs have one

    found = Apply(conv, parameters=call.learned("weight", "bias"))
    wires = [call.tensor(call[name]) for name in ("offset", "mask") if call[name] is not None]
    return call.make(Deformed(found), call.x, *wires)


def _frames(call: Call) -> Wire:
    """Read unfold, the method: frames of one axis."""
    from solver.network.graph.along import Frames  # few programs have them

    return call.make(Frames(call.number("dimension"), call.number("size"), call.number("step")))


UNFOLD = TensorFunction(_frames, function="unfold(input, dimension, size, step)")

ROWS = (
    TensorFunction(
        like("MaxPool#d"),
        function="""
        max_pool1d max_pool2d max_pool3d max_pool1d_with_indices max_pool2d_with_indices
        max_pool3d_with_indices(input, kernel_size, stride=None, padding=0, dilation=1,
            ceil_mode=False, return_indices=False)
        """,
    ),
    TensorFunction(
        like("MaxUnpool#d"),
        function="""
        max_unpool1d max_unpool2d max_unpool3d
            (input, indices, kernel_size, stride=None, padding=0, output_size=None)
        """,
    ),
    TensorFunction(
        _conv("Conv"),
        function="conv1d conv2d conv3d"
        "(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)",
    ),
    TensorFunction(
        _conv("ConvTranspose"),
        function="conv_transpose1d conv_transpose2d conv_transpose3d(input, weight, bias=None, "
        "stride=1, padding=0, output_padding=0, groups=1, dilation=1)",
    ),
    TensorFunction(
        _interpolate,
        function="interpolate upsample(input, size=None, scale_factor=None, mode='nearest', "
        "align_corners=None, recompute_scale_factor=None)",
    ),
    TensorFunction(
        _fold,
        function="fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1)",
    ),
    TensorFunction(
        _deformed,
        function="""
        deform_conv2d(input, offset, weight, bias=None, stride=(1, 1), padding=(0, 0),
            dilation=(1, 1), mask=None)
        """,
    ),
    UNFOLD,
)
