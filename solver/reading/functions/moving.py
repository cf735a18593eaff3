"""Functions that move elements and change none: reshape, permute, split, slice, repeat, size."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from solver.network.graph import merging, shaping
from solver.network.graph.computed import Tiled
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation
from solver.network.graph.slicing import Slice
from solver.reading.functions.call import (
    Call,
    Unclear,
    Weight,
    Wire,
    channels_first,
    channels_last,
    dim_of,
    listed,
    ours,
    several,
    size_of,
)
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.slicing import cut

#: The most parts that a tensor is split into.
_MOST_PARTS = 1000

# One axis for several, several for one


def _flatten(call: Call) -> Wire:
    return call.make(shaping.Flatten(call.number("start_dim"), call.number("end_dim")))


def _flatten_all(call: Call) -> Wire:
    return call.make(shaping.Flatten())


def _unflatten(call: Call) -> Wire:
    axis, sizes = call.number("axis"), several(call["unflattened_size"])
    if sizes and all(type(n) is int for n in sizes):
        return call.make(shaping.Unflatten(axis, sizes))
    axis, parts = axis % call.rank, [None if n == -1 else dim_of(n) for n in sizes]
    return call.make(shaping.Reshape((*call.shape[:axis], *parts, *call.shape[axis + 1 :])))


def _reshape(call: Call) -> Wire:
    """Read view and reshape. One sample stays one sample: view(-1, 9216) has one row.

    But a row for each element along other axes is meant where the tensor has an axis as long.
    """
    call.plain()
    sizes = list(several(call["shape"] if call["size"] is None else call["size"]))
    if sizes in ([-1], [1, -1]):
        return call.make(shaping.Flatten(len(sizes) - 1))
    if not sizes:
        raise Unclear
    if len(sizes) == 2 and sizes[0] == -1 and type(sizes[1]) is int:
        shape = call.nodes.shapes[call.x.at] or ()
        sizes[0] = -1 if Dim(sizes[1]) in shape else 1
    return call.make(shaping.Reshape(_target(sizes)))


def _target(sizes: Sequence[Any]) -> tuple[Dim | None, ...]:
    found = tuple(None if n in (-1, None) else dim_of(n) for n in sizes)
    if found.count(None) > 1:
        raise Unclear
    return found


def _reshape_sample(call: Call) -> Wire:
    """Read Reshape of Keras, which is told of one sample."""
    sizes = channels_first((1, *call.numbers("target_shape")), call.last)
    return call.make(shaping.Reshape(_target(sizes)))


def _reshape_batch(call: Call) -> Wire:
    batch, *sizes = several(call["newshape"] if call["shape"] is None else call["shape"])
    if not sizes or batch not in (-1, None, 1):
        raise Unclear
    return call.make(shaping.Reshape(_target(channels_first((1, *sizes), call.last))))


def _reshape_like(call: Call) -> Wire:
    return call.make(shaping.Reshape(call.shape_of(call["other"])))


def _squeeze(call: Call) -> Wire:
    """Leave out axes of size 1; PyTorch leaves any other as it is."""
    call.plain()
    if call["axis"] is None:
        axes = [axis for axis, dim in enumerate(call.shape) if dim.number == 1]
    else:
        axes = list(call.numbers("axis"))
    kept = tuple(axis for axis in axes if call.shape[axis].number in (1, None))
    return call.make(shaping.Squeeze(kept)) if kept else call.x


def _unsqueeze(call: Call) -> Wire:
    call.plain()
    return call.make(shaping.Unsqueeze((call.number("axis"),)))


# The axes in another order


def _permute(call: Call) -> Wire:
    order = call.numbers("axis")
    call.plain()
    return call.make(shaping.Permute(order))


def _transpose(call: Call) -> Wire:
    call.plain()
    order = list(range(call.rank))
    one, two = call.number("dim0"), call.number("dim1")
    order[one], order[two] = order[two], order[one]
    return call.make(shaping.Permute(tuple(order)))


def _permute_sample(call: Call) -> Wire:
    return _moved(call, (0, *call.numbers("axis")))


def _transpose_all(call: Call) -> Wire:
    return _moved(call, several(call["axis"]) or tuple(reversed(range(call.rank))))


def _moved(call: Call, order: Sequence[int]) -> Wire:
    if not call.last:
        return call.make(shaping.Permute(tuple(order)))
    rank = call.rank
    found = [0] * rank
    for axis, source in enumerate(order):
        found[ours(axis, rank)] = ours(source, rank)
    return call.make(shaping.Permute(tuple(found)))


# Parts


def _chunk(call: Call) -> tuple[Wire, ...]:
    call.plain()
    parts, axis = call.number("chunks"), call.number("axis")
    whole = call.shape[axis].number
    if whole:
        return _split_by(call, whole, -(-whole // max(parts, 1)), axis)
    if not 0 < parts <= _MOST_PARTS:
        raise Unclear
    return tuple(call.make(merging.SplitPart(parts, i, axis, True)) for i in range(parts))


def _split(call: Call) -> tuple[Wire, ...]:
    call.plain()
    sizes, axis = call["split_size_or_sections"], call.number("axis")
    sizes = call["split_size"] if sizes is None else sizes
    whole = call.shape[axis].number
    if type(sizes) is int and sizes > 0 and whole:
        return _split_by(call, whole, sizes, axis)
    if not listed(sizes) or not 0 < len(sizes) <= _MOST_PARTS:
        raise Unclear
    if not all(type(n) is int for n in sizes):
        raise Unclear
    every = tuple(sizes)
    return tuple(call.make(merging.SplitPart(every, i, axis)) for i in range(len(every)))


def _split_by(call: Call, whole: int, size: int, axis: int) -> tuple[Wire, ...]:
    if whole > size * _MOST_PARTS:
        raise Unclear
    sizes = tuple(min(size, whole - at) for at in range(0, whole, size))
    return tuple(call.make(merging.SplitPart(sizes, i, axis)) for i in range(len(sizes)))


def _unbind(call: Call) -> tuple[Wire, ...]:
    call.plain()
    axis = call.number("axis")
    count = call.shape[axis].number
    if count is None or count > _MOST_PARTS:
        raise Unclear
    return (call.make(shaping.Reduce("select", (axis,), keep=False)),) * count


def _narrow(call: Call) -> Wire:
    call.plain()
    axis, first = call.number("axis"), dim_of(call["start"])
    last = first + dim_of(call["length"])
    begin, end = size_of(first), size_of(last)
    if isinstance(begin, int) and begin < 0:
        if not isinstance(end, int) or end > 0:
            raise Unclear
        return call.make(Slice(axis % call.rank, begin, end or None, inside=True))
    return call.make(Slice(axis % call.rank, begin, end, inside=True))


def _item(call: Call) -> Any:
    """Read x[...]: places, slices, new axes."""
    call.plain()
    value, index = call["input"], call["index"]
    if not isinstance(value, (Wire, Weight)):
        return value[index]
    places = tuple(index) if listed(index) else (index,)
    if Ellipsis in places:
        at = places.index(Ellipsis)
        count = call.rank - sum(each is not None and each is not Ellipsis for each in places)
        places = (*places[:at], *(slice(None),) * count, *places[at + 1 :])
    axis, operations = 0, list[Operation]()
    for each in places:
        if each is None:
            operations.append(shaping.Unsqueeze((axis,)))
            axis += 1
        elif isinstance(each, slice):
            operations += _sliced(axis, each)
            axis += 1
        else:
            operations += _selected(axis, dim_of(each))
    if not operations:
        return value
    return call.make(operations[0] if len(operations) == 1 else shaping.Chain(tuple(operations)))


def _sliced(axis: int, part: slice) -> list[Operation]:
    first, last = (None if end is None else dim_of(end) for end in (part.start, part.stop))
    step = 1 if part.step is None else part.step
    if type(step) is not int or step < 1:
        raise Unclear
    return [] if part == slice(None) else cut(axis, first, last, step)


def _selected(axis: int, at: Dim) -> list[Operation]:
    """Take one element: of the end where its place is negative."""
    place = size_of(at)
    after = None if place == -1 else place + 1
    gone = shaping.Reduce("select", (axis,), keep=False)
    return [Slice(axis, place, after, inside=True), gone]


# Repeated


def _expand(call: Call) -> Wire:
    """Read expand: -1 keeps a size; new axes come in front."""
    call.plain()
    to = several(call["size"])
    own = (Dim(1),) * (len(to) - call.rank) + call.shape
    dims = tuple(dim if n == -1 else dim_of(n) for n, dim in zip(to, own, strict=False))
    return call.make(merging.Expand(dims))


def _expand_as(call: Call) -> Wire:
    return call.make(merging.Expand(), call.x, call.tensor(call["other"]))


def _repeat(call: Call) -> Wire:
    call.plain()
    times, x = call.dims("repeats"), call.x
    more = len(times) - call.rank
    if more:
        x = call.make(shaping.Unsqueeze(tuple(range(more))))
    return call.make(Tiled(times), x)


def _repeat_vector(call: Call) -> Wire:
    place = ours(1, 3) if call.last else 1
    times = [Dim(1)] * 3
    times[place] = Dim(call.number("n"))
    return call.make(shaping.Chain((shaping.Unsqueeze((place,)), Tiled(tuple(times)))))


# What a program asks of a tensor


def _size(call: Call) -> Any:
    sizes = channels_last(tuple(map(size_of, call.shape_of(call["input"]))), call.last)
    return sizes if call["axis"] is None else sizes[call.number("axis")]


def _rank(call: Call) -> int:
    return len(call.shape_of(call["input"]))


def _count(call: Call) -> int | Dim:
    return size_of(prod(call.shape_of(call["input"]), start=Dim(1)))


def _attribute(call: Call) -> Any:
    value, name = call["input"], call["name"]
    if name == "shape":
        return _size(call)
    if name == "ndim":
        return _rank(call)
    if name == "data":
        return value
    if name in ("T", "mT"):
        rank = call.rank
        return call.make(shaping.Permute((*range(rank - 2), rank - 1, rank - 2)))
    if name in ("dtype", "device", "is_cuda", "requires_grad"):
        return None
    raise Unclear


ROWS = (
    TensorFunction(
        _flatten,
        module="Flatten(start_dim=1, end_dim=-1)",
        function="flatten(input, start_dim=0, end_dim=-1)",
    ),
    TensorFunction(_flatten_all, layer="Flatten()", op="flatten(input)"),
    TensorFunction(
        _unflatten,
        module="Unflatten(dim, unflattened_size)",
        function="unflatten(input, dim, unflattened_size)",
    ),
    TensorFunction(_reshape, function="view reshape(input, *shape)"),
    TensorFunction(_reshape_sample, layer="Reshape(target_shape)"),
    TensorFunction(_reshape_batch, op="reshape(input, newshape)"),
    TensorFunction(_reshape_like, function="view_as reshape_as(input, other)"),
    TensorFunction(_squeeze, function="squeeze(input, dim=None)"),
    TensorFunction(_unsqueeze, function="unsqueeze(input, dim)"),
    TensorFunction(_permute, function="permute(input, *dims)"),
    TensorFunction(_transpose, function="transpose swapaxes swapdims(input, dim0, dim1)"),
    TensorFunction(_permute_sample, layer="Permute(dims)"),
    TensorFunction(_transpose_all, op="transpose(input, axes=None)"),
    TensorFunction(_chunk, function="chunk(input, chunks, dim=0)"),
    TensorFunction(_split, function="split(input, split_size_or_sections, dim=0)"),
    TensorFunction(_unbind, function="unbind(input, dim=0)"),
    TensorFunction(_narrow, function="narrow(input, dim, start, length)"),
    TensorFunction(_item, function="getitem(input, index)"),
    TensorFunction(_expand, function="expand(input, *size)"),
    TensorFunction(_expand_as, function="expand_as(input, other)"),
    TensorFunction(_repeat, function="repeat tile(input, *repeats)"),
    TensorFunction(_repeat_vector, layer="RepeatVector(n)"),
    TensorFunction(_size, function="size(input, dim=None)"),
    TensorFunction(_rank, function="dim ndimension(input)"),
    TensorFunction(_count, function="numel(input)"),
    TensorFunction(_attribute, function="getattr(input, name)"),
)
