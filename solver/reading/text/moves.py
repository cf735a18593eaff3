"""Functions that move, cut or count the elements of a tensor: view, permute, mean, chunk, size."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from solver.network.graph.dim import Dim
from solver.network.graph.merging import CropLike, Expand, Meet, Part, ResizeLike
from solver.network.graph.operation import Operation
from solver.network.graph.shaping import (
    Flatten,
    GlobalPool,
    MatMul,
    Permute,
    Reduce,
    Reshape,
    Squeeze,
    Unsqueeze,
)
from solver.reading.text import layers
from solver.reading.text.building import Wire
from solver.reading.text.tensors import Call, shape_of, to_sizes
from solver.reading.text.traced import traced
from solver.reading.text.values import Opaque, is_list

_TO_SIZES: dict[str, Operation] = {"center_crop": CropLike(), "resize": ResizeLike()}


def _reshape(given: Call) -> Any:
    sizes = list(given.args)
    if len(sizes) == 1 and is_list(sizes[0]):
        sizes = list(sizes[0])
    if given.keywords and not sizes:
        found = given.keywords.get("shape", given.keywords.get("size"))
        sizes = list(found) if is_list(found) else []
    if not sizes or not all(isinstance(n, (int, Dim)) for n in sizes) or given.last:
        return traced(given)
    if sizes == [-1]:
        return given.add(Flatten(0))
    if sizes == [1, -1]:
        return given.add(Flatten(1))
    if sizes[0] == -1 and all(isinstance(n, int) and n > 0 for n in sizes[1:]):
        sizes[0] = 1  # one sample stays one sample
    to = tuple(n if isinstance(n, Dim) else None if n == -1 else Dim(n) for n in sizes)
    if to.count(None) > 1:
        return traced(given)
    return given.add(Reshape(to))


def _flatten(given: Call) -> Any:
    start, end = given.axis(0, "start_dim", default=0), given.axis(1, "end_dim", default=-1)
    if start is None or end is None:
        return traced(given)
    return given.add(Flatten(start, end))


def _permute(given: Call) -> Any:
    order = given.argument(0, "dims")
    order = order if is_list(order) else given.args
    if not order or not all(type(axis) is int for axis in order):
        return traced(given)
    return given.add(Permute(tuple(order)))


def _transpose(given: Call) -> Any:
    one, two = given.axis(0, "dim0"), given.axis(1, "dim1", default=2)
    shape = given.shape
    if shape is None or one is None or two is None:
        return traced(given)
    rank = len(shape)
    if not (-rank <= one < rank and -rank <= two < rank):
        return traced(given)
    order = list(range(rank))
    order[one], order[two] = order[two], order[one]
    return given.add(Permute(tuple(order)))


def _squeeze(given: Call) -> Any:
    axis = given.argument(0, "dim")
    if axis is None and given.shape is not None:
        ones = (i for i, dim in enumerate(given.shape) if i and dim.number == 1)
        return given.add(Squeeze(tuple(ones)))
    axes = tuple(axis) if is_list(axis) else (axis,)
    if not all(type(each) is int for each in axes):
        return traced(given)
    shape = given.shape
    (first, *others) = axes
    if shape and not others and -len(shape) <= first < len(shape):
        stays = shape[first].number not in (None, 1)  # PyTorch leaves it as it is
        return Wire(given.first.at) if stays else given.add(Squeeze(axes))
    return given.add(Squeeze(axes))


def _unsqueeze(given: Call) -> Any:
    axis = given.axis(0, "dim")
    return traced(given) if axis is None else given.add(Unsqueeze((axis,)))


def _mean(given: Call) -> Any:
    axes, shape = given.argument(0, "dim", "axis"), given.shape
    keep = given.argument(1, "keepdim", "keepdims", default=False)
    axes = tuple(axes) if is_list(axes) else (axes,)
    if shape is None or not all(type(axis) is int for axis in axes) or type(keep) is not bool:
        return traced(given)
    if given.last:
        axes = tuple(layers.channels_first(axis, len(shape)) for axis in axes)
    if {axis % len(shape) for axis in axes} == set(range(2, len(shape))):
        return given.add(GlobalPool(keep))
    return given.add(Reduce(given.word, axes, keep))


def _largest(given: Call) -> Any:
    """Return the largest along an axis, and where it is; of two tensors, of each pair."""
    if isinstance(given.argument(0, "dim"), Wire):
        return given.add(Meet(f"{given.word}imum"), given.first, given.argument(0, "dim"))
    found = _mean(given)
    return (found, found)


def _sized(given: Call) -> Any:
    """Crop or resize to sizes that are those of another tensor."""
    size = given.argument(0, "size", "output_size")
    return to_sizes(given, size, _TO_SIZES[given.word]) or given.unknown()


def _parts(given: Call) -> Any:
    """Split into so many parts (chunk), or into parts of so many elements (split)."""
    sizes = given.argument(0, "chunks", "split_size_or_sections", "split_size")
    axis, shape = given.axis(1, "dim", default=0), given.shape
    if shape is None or axis is None or not -len(shape) <= axis < len(shape):
        return traced(given)
    whole = shape[axis].number
    if is_list(sizes) and all(type(n) is int for n in sizes):
        parts: int | tuple[int, ...] = tuple(sizes)
    elif type(sizes) is int and sizes > 0 and whole:
        each = -(-whole // sizes) if given.word == "chunk" else sizes
        parts = (*[each] * (whole // each), *[whole % each] * (whole % each > 0))
    elif type(sizes) is int and 0 < sizes <= 1000 and given.word == "chunk":
        parts = sizes
    else:
        return traced(given)
    count = parts if isinstance(parts, int) else len(parts)
    if not 0 < count <= 1000:
        return traced(given)
    rest = isinstance(parts, int)
    return tuple(given.add(Part(parts, index, axis, rest)) for index in range(count))


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


def _matmul(given: Call) -> Any:
    other = given.argument(0, "mat2", "other")
    if not isinstance(other, Wire):
        return traced(given)
    return given.add(MatMul(), given.first, other)


def _expand_as(given: Call) -> Any:
    other = given.argument(0, "other")
    return given.add(Expand(), given.first, other) if isinstance(other, Wire) else traced(given)


#: By the names of the functions.
HANDLERS: dict[str, Callable[[Call], Any]] = {
    "flatten": _flatten, "view": _reshape, "reshape": _reshape, "permute": _permute,
    "transpose": _transpose, "swapaxes": _transpose, "squeeze": _squeeze, "unsqueeze": _unsqueeze,
    "mean": _mean, "sum": _mean, "amax": _mean, "chunk": _parts, "split": _parts,
    "narrow": traced, "size": _size, "dim": _rank, "numel": _count, "matmul": _matmul,
    "bmm": _matmul, "expand_as": _expand_as, "max": _largest, "min": _largest, "std": _mean,
    "var": _mean, "center_crop": _sized, "resize": _sized,
}  # fmt: skip
