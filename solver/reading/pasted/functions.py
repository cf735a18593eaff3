"""Functions of tensors: F.relu(x), torch.cat([a, b], 1), x.view(-1, 9216), x.shape.

A method of a tensor is the function with the tensor as its first argument.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NamedTuple

from solver.errors import SolverError
from solver.network.dim import Dim
from solver.network.merging import Concat, CropLike, Meet, Part, ResizeLike
from solver.network.operation import Apply, Operation, Pointwise, Shape, Unknown
from solver.network.shaping import (
    Flatten,
    GlobalPool,
    MatMul,
    Permute,
    Reshape,
    Slice,
    Squeeze,
    Unfold,
    Unsqueeze,
)
from solver.reading.pasted import layers
from solver.reading.pasted.building import Build, Wire
from solver.reading.pasted.values import Names, Opaque, is_list, wires_in

_POINTWISE = (
    "contiguous", "clone", "detach", "to", "cuda", "cpu", "float", "half", "double", "type",
    "type_as", "clamp", "clip", "exp", "log", "sqrt", "abs", "pow", "square", "neg",
    "requires_grad_", "round", "floor", "ceil", "sin", "cos", "erf", "rsqrt", "normalize",
    "batch_norm", "group_norm", "layer_norm", "instance_norm", "local_response_norm",
    "feature_dropout", "alpha_dropout", "flip", "roll", "zeros_like", "ones_like", "rand_like",
    "randn_like", "bfloat16", "log_softmax", "hardtanh", "relu_", "sigmoid_", "tanh_",
    "leaky_relu_", "clamp_", "stochastic_depth", "drop_path", "nan_to_num", "where",
    "masked_fill", "cumsum",
)  # fmt: skip
_MEETS = {
    "add": "add", "add_": "add", "sub": "subtract", "subtract": "subtract", "mul": "multiply",
    "multiply": "multiply", "mul_": "multiply", "div": "divide", "divide": "divide",
    "maximum": "maximum", "minimum": "minimum", "average": "average",
}  # fmt: skip
_LAYERS = {
    "interpolate": "Upsample", "upsample": "Upsample", "pad": "pad",
    "pixel_shuffle": "PixelShuffle", "pixel_unshuffle": "PixelUnshuffle", "unfold": "Unfold",
    **{
        f"{kind}_pool{axes}d": f"{name}Pool{axes}d"
        for kind, name in (
            ("max", "Max"), ("avg", "Avg"), ("lp", "LP"), ("adaptive_avg", "AdaptiveAvg"),
            ("adaptive_max", "AdaptiveMax"),
        )
        for axes in (1, 2, 3)
    },
}  # fmt: skip


class Call(NamedTuple):
    """Hold a call: what goes in first, the other arguments, and the name for what comes out."""

    build: Build
    word: str
    first: Any
    args: tuple[Any, ...]
    keywords: Names
    name: str
    line: int
    last: bool

    @property
    def shape(self) -> Shape | None:
        return self.build.shape(self.first) if isinstance(self.first, Wire) else None

    def argument(self, place: int, *names: str, default: Any = None) -> Any:
        """Return an argument by its place behind the tensor, or by its name."""
        for name in names:
            if name in self.keywords:
                return self.keywords[name]
        return self.args[place] if place < len(self.args) else default

    def axis(self, place: int, *names: str, default: int = 1) -> int | None:
        found = self.argument(place, *names, default=default)
        return found if type(found) is int else None

    def add(self, operation: Operation, *wires: Wire) -> Wire:
        return self.build.add(operation, wires or (self.first,), self.name, self.line)

    def unknown(self) -> Wire:
        """Put in what is not understood, behind all the tensors it reads."""
        wires = wires_in([self.first, *self.args, self.keywords])
        return self.add(Unknown(self.word[:80]), *wires)


def call(given: Call) -> Any:
    """Return what a function makes of tensors, as far as it is understood."""
    word = given.word
    wires = wires_in([given.first, *given.args, given.keywords])
    if not wires:
        return Opaque(f"{word}(...)")
    if word in ("cat", "concat", "concatenate"):
        return _concat(given)
    if word in _MEETS:
        return _meet(given, wires)
    if not isinstance(given.first, Wire):
        given = given._replace(first=wires[0])
        if word not in _HANDLERS:
            return given.unknown()
    if word in _HANDLERS:
        return _HANDLERS[word](given)
    if word in _LAYERS:
        return _layer(given)
    if word in _POINTWISE or word.strip("_") in layers.POINTWISE:
        return given.add(Pointwise(word.strip("_")))
    return given.unknown()


def _concat(given: Call) -> Wire:
    parts = given.first if is_list(given.first) else given.argument(0, "tensors")
    wires = wires_in(parts)
    default = -1 if given.last else 0
    axis = given.axis(0, "dim", "axis", default=default)
    if axis is None or not wires or len(wires) < len(parts):
        return given.unknown()
    shape = given.build.shape(wires[0])
    if given.last and shape is not None:
        axis = layers.channels_first(axis, len(shape))
    return given.add(Concat(axis), *wires)


def _meet(given: Call, wires: list[Wire]) -> Wire:
    values = given.first if is_list(given.first) else [given.first, *given.args]
    if len(wires) == 1 and all(plain_factor(value) for value in values if value != wires[0]):
        return given.add(Pointwise(_MEETS[given.word]), wires[0])
    if len(wires) < len(values):
        return given.unknown()
    return given.add(Meet(_MEETS[given.word]), *wires)


def plain_factor(value: Any) -> bool:
    """Tell whether a value changes no size of what it is added to or multiplied with."""
    if isinstance(value, Opaque):
        return value.parameter
    return isinstance(value, (int, float, Dim))


def _layer(given: Call) -> Wire:
    args, keywords = list(given.args), dict(given.keywords)
    shape = given.shape
    if given.word in ("interpolate", "upsample"):
        size = given.argument(0, "size")
        if _measured(size):
            return _to_sizes(given, size, ResizeLike())
    if given.word == "pad" and _measured(given.argument(0, "pad")):
        return _pad(given, given.argument(0, "pad"))
    if given.word.startswith("max_pool") and len(args) > 4:  # its order is not the layer's
        keywords.update(zip(("ceil_mode", "return_indices"), args[4:], strict=False))
        args = args[:4]
    for word in ("antialias", "data_format"):
        keywords.pop(word, None)
    if given.word == "pad" and is_list(given.argument(0, "pad")):
        count = len(given.argument(0, "pad")) // 2
        axes = None if shape is None else min(count, max(len(shape) - 2, 1))
        padding = tuple(given.argument(0, "pad"))
        if axes is not None and count > axes and any(padding[2 * axes :]):
            return given.unknown()
        args = args[1:] if args else args
        keywords["pad"] = padding if axes is None else padding[: 2 * axes]
        args = [keywords.pop("pad"), *args]
    layer = layers.framework_layer(_LAYERS[given.word], args, keywords)
    assert layer is not None
    return given.add(Unfold(layer) if given.word == "unfold" else Apply(layer))


def _measured(value: Any) -> bool:
    """Tell whether a value holds a size of a tensor."""
    if is_list(value):
        return any(_measured(each) for each in value)
    return isinstance(value, (Dim, Opaque))


def _to_sizes(given: Call, size: Any, operation: Operation) -> Wire:
    """Bring a tensor to the sizes of another one, which is found by its sizes."""
    shape = given.shape
    if shape is None:
        return given.unknown()
    sizes = list(size) if is_list(size) else [size] * (len(shape) - 2)
    if any(isinstance(each, Opaque) for each in sizes) or len(sizes) != len(shape) - 2:
        return given.unknown()
    target = tuple(Dim(each) if isinstance(each, int) else each for each in sizes)
    for at in range(len(given.build.shapes) - 1, -1, -1):
        found = given.build.shapes[at]
        if found is not None and at != given.first.at and found[2:] == target:
            return given.add(operation, given.first, Wire(at))
    return given.unknown()


def _pad(given: Call, padding: Sequence[Any]) -> Wire:
    """Pad by sizes that are differences of sizes: up to the sizes of another tensor."""
    shape = given.shape
    if shape is None or len(padding) % 2 or any(isinstance(p, Opaque) for p in padding):
        return given.unknown()
    if len(padding) != 2 * (len(shape) - 2):
        return given.unknown()
    sizes = []
    try:
        for i, dim in enumerate(reversed(shape[2:])):
            begin, end = padding[2 * i : 2 * i + 2]
            sizes.append(dim + begin + end)
    except SolverError:
        return given.unknown()
    return _to_sizes(given, sizes[::-1], CropLike(pads=True))


def _reshape(given: Call) -> Wire:
    sizes = list(given.args)
    if len(sizes) == 1 and is_list(sizes[0]):
        sizes = list(sizes[0])
    if given.keywords and not sizes:
        found = given.keywords.get("shape", given.keywords.get("size"))
        sizes = list(found) if is_list(found) else []
    if not sizes or not all(isinstance(n, (int, Dim)) for n in sizes) or given.last:
        return given.unknown()
    if sizes == [-1]:
        return given.add(Flatten(0))
    if sizes == [1, -1]:
        return given.add(Flatten(1))
    if sizes[0] == -1 and all(isinstance(n, int) and n > 0 for n in sizes[1:]):
        sizes[0] = 1  # one sample stays one sample
    to = tuple(n if isinstance(n, Dim) else None if n == -1 else Dim(n) for n in sizes)
    if to.count(None) > 1:
        return given.unknown()
    return given.add(Reshape(to))


def _flatten(given: Call) -> Wire:
    start, end = given.axis(0, "start_dim", default=0), given.axis(1, "end_dim", default=-1)
    if start is None or end is None:
        return given.unknown()
    return given.add(Flatten(start, end))


def _permute(given: Call) -> Wire:
    order = given.argument(0, "dims")
    order = order if is_list(order) else given.args
    if not order or not all(type(axis) is int for axis in order):
        return given.unknown()
    return given.add(Permute(tuple(order)))


def _transpose(given: Call) -> Wire:
    one, two = given.axis(0, "dim0"), given.axis(1, "dim1", default=2)
    shape = given.shape
    if shape is None or one is None or two is None:
        return given.unknown()
    rank = len(shape)
    if not (-rank <= one < rank and -rank <= two < rank):
        return given.unknown()
    order = list(range(rank))
    order[one], order[two] = order[two], order[one]
    return given.add(Permute(tuple(order)))


def _squeeze(given: Call) -> Wire:
    axis = given.argument(0, "dim")
    if axis is None and given.shape is not None:
        ones = (i for i, dim in enumerate(given.shape) if i and dim.number == 1)
        return given.add(Squeeze(tuple(ones)))
    axes = tuple(axis) if is_list(axis) else (axis,)
    if not all(type(each) is int for each in axes):
        return given.unknown()
    shape = given.shape
    (first, *others) = axes
    if shape and not others and -len(shape) <= first < len(shape):
        stays = shape[first].number not in (None, 1)  # PyTorch leaves it as it is
        return Wire(given.first.at) if stays else given.add(Squeeze(axes))
    return given.add(Squeeze(axes))


def _unsqueeze(given: Call) -> Wire:
    axis = given.axis(0, "dim")
    return given.unknown() if axis is None else given.add(Unsqueeze((axis,)))


def _mean(given: Call) -> Wire:
    axes, shape = given.argument(0, "dim", "axis"), given.shape
    keep = given.argument(1, "keepdim", "keepdims", default=False)
    axes = tuple(axes) if is_list(axes) else (axes,)
    if shape is None or not all(type(axis) is int for axis in axes) or type(keep) is not bool:
        return given.unknown()
    if {axis % len(shape) for axis in axes} != set(range(2, len(shape))) or given.last:
        return given.unknown()
    return given.add(GlobalPool(keep))


def _parts(given: Call) -> Any:
    """Split into so many parts (chunk), or into parts of so many elements (split)."""
    sizes = given.argument(0, "chunks", "split_size_or_sections", "split_size")
    axis, shape = given.axis(1, "dim", default=0), given.shape
    if shape is None or axis is None or not -len(shape) <= axis < len(shape):
        return given.unknown()
    whole = shape[axis].number
    if is_list(sizes) and all(type(n) is int for n in sizes):
        parts: int | tuple[int, ...] = tuple(sizes)
    elif type(sizes) is int and sizes > 0 and whole:
        each = -(-whole // sizes) if given.word == "chunk" else sizes
        parts = (*[each] * (whole // each), *[whole % each] * (whole % each > 0))
    elif type(sizes) is int and 0 < sizes <= 1000 and given.word == "chunk":
        parts = sizes
    else:
        return given.unknown()
    count = parts if isinstance(parts, int) else len(parts)
    if not 0 < count <= 1000:
        return given.unknown()
    return tuple(given.add(Part(parts, index, axis)) for index in range(count))


def _narrow(given: Call) -> Wire:
    axis, start, length = (given.axis(i, name) for i, name in enumerate(("dim", "start", "length")))
    if axis is None or start is None or length is None:
        return given.unknown()
    return given.add(Slice(axis, start, start + length))


def shape_of(build: Build, wire: Wire) -> Any:
    """Return the sizes of a tensor: numbers where they are, else dimensions."""
    shape = build.shape(wire)
    if shape is None:
        return Opaque("shape")
    return tuple(dim if dim.number is None else dim.number for dim in shape)


def _size(given: Call) -> Any:
    sizes, axis = shape_of(given.build, given.first), given.argument(0, "dim")
    if axis is None or isinstance(sizes, Opaque):
        return sizes
    if type(axis) is not int or not -len(sizes) <= axis < len(sizes):
        return Opaque("size")
    return sizes[axis]


def _rank(given: Call) -> Any:
    return Opaque("dim") if given.shape is None else len(given.shape)


def _count(given: Call) -> Any:
    if given.shape is None:
        return Opaque("numel")
    whole = prod(given.shape, start=Dim(1))
    return whole if whole.number is None else whole.number


def _matmul(given: Call) -> Wire:
    other = given.argument(0, "mat2", "other")
    if not isinstance(other, Wire):
        return given.unknown()
    return given.add(MatMul(), given.first, other)


def _expand_as(given: Call) -> Wire:
    """Return a tensor repeated to another's sizes: what meets it there does so by itself."""
    return Wire(given.first.at)


_HANDLERS: dict[str, Callable[[Call], Any]] = {
    "flatten": _flatten, "view": _reshape, "reshape": _reshape, "permute": _permute,
    "transpose": _transpose, "swapaxes": _transpose, "squeeze": _squeeze, "unsqueeze": _unsqueeze,
    "mean": _mean, "sum": _mean, "amax": _mean, "chunk": _parts, "split": _parts,
    "narrow": _narrow, "size": _size, "dim": _rank, "numel": _count, "matmul": _matmul,
    "bmm": _matmul, "expand_as": _expand_as,
}  # fmt: skip
