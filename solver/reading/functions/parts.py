"""Functions that take parts of a tensor: split, slice, select."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.network.graph import merging, shaping
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation, Pointwise, in_shape
from solver.network.graph.slicing import Slice
from solver.reading.functions.call import (
    Call,
    Unclear,
    Weight,
    Wire,
    dim_of,
    listed,
    several,
    size_of,
)
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.slicing import cut

#: The most parts that a tensor is split into.
_MOST_PARTS = 1000


def _chunk(call: Call) -> tuple[Wire, ...]:
    call.plain()
    return _chunks(call, call.number("chunks"), call.number("axis"), True)


def _chunks(call: Call, parts: int, axis: int, rest: bool) -> tuple[Wire, ...]:
    whole = call.shape[axis].number
    if whole:
        return _split_by(call, whole, -(-whole // max(parts, 1)), axis)
    if not 0 < parts <= _MOST_PARTS:
        raise Unclear
    return tuple(call.make(merging.SplitPart(parts, i, axis, rest)) for i in range(parts))


def _split(call: Call) -> tuple[Wire, ...]:
    call.plain()
    sizes, axis = call["split_size_or_sections"], call.number("axis")
    sizes = call["split_size"] if sizes is None else sizes
    whole = call.shape[axis].number
    if type(sizes) is int and sizes > 0 and whole:
        return _split_by(call, whole, sizes, axis)
    return _sections(call, several(sizes) if listed(sizes) else (), axis)


def _split_outputs(call: Call) -> tuple[Wire, ...]:
    """Read Split of ONNX: into given sizes, or one part for each output, the last the smallest."""
    axis, count = call.number("axis"), call.number("outputs")
    if call["split"] is None:
        told = call["num_outputs"]
        return _chunks(call, told or count, axis, told is not None)
    sizes = call.numbers("split")
    if len(sizes) != count:
        raise SolverError("a split has one size for each output", f"{len(sizes)} and {count}")
    return _sections(call, sizes, axis)


def _sections(call: Call, sizes: Sequence[Any], axis: int) -> tuple[Wire, ...]:
    if not 0 < len(sizes) <= _MOST_PARTS or not all(type(n) is int for n in sizes):
        raise Unclear
    return tuple(call.make(merging.SplitPart(tuple(sizes), i, axis)) for i in range(len(sizes)))


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
    return _chained(call, operations)


def _chained(call: Call, operations: Sequence[Operation]) -> Wire:
    if not operations:
        return call.x
    return call.make(operations[0] if len(operations) == 1 else shaping.Chain(tuple(operations)))


def _slice(call: Call) -> Wire:
    """Read Slice of ONNX, along one axis after the other."""
    starts, ends = call.dims("starts"), call.dims("ends")
    axes = tuple(range(len(starts))) if call["axis"] is None else call.numbers("axis")
    steps = (1,) * len(starts) if call["steps"] is None else call.numbers("steps")
    if not len(starts) == len(ends) == len(axes) == len(steps) or 0 in steps:
        raise Unclear
    operations = list[Operation]()
    for axis, first, last, step in zip(axes, starts, ends, steps, strict=True):
        operations += cut(in_shape(axis, call.shape), first, last, step, least=0)
    return _chained(call, operations)


def _gather(call: Call) -> Wire:
    """Read Gather of ONNX: elements along an axis, at places that a tensor has."""
    data, places = call["input"], call["indices"]
    shape, axis = call.shape_of(data), call.number("axis")
    axis = in_shape(axis, shape)
    to = (*shape[:axis], *call.shape_of(places), *shape[axis + 1 :])
    held = data.parameters if isinstance(data, Weight) else 0
    wires = [each for each in (data, places) if isinstance(each, Wire)]
    gathered = Become("embedding" if held else "gather", to, held)
    return call.make(gathered, *wires) if wires else call.new(gathered)


def _gather_elements(call: Call) -> Wire:
    return call.make(Pointwise(call.name), call.tensor(call["indices"]))


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


ROWS = (
    TensorFunction(_chunk, function="chunk(input, chunks, dim=0)"),
    TensorFunction(_split, function="split(input, split_size_or_sections, dim=0)"),
    TensorFunction(_split_outputs, onnx="Split(axis=0, num_outputs=None)(input, split=None)"),
    TensorFunction(_unbind, function="unbind(input, dim=0)"),
    TensorFunction(_narrow, function="narrow(input, dim, start, length)"),
    TensorFunction(_item, function="getitem(input, index)"),
    TensorFunction(_slice, onnx="Slice()(input, starts, ends, axis=None, steps=None)"),
    TensorFunction(_gather, onnx="Gather(axis=0)(input, indices)"),
    TensorFunction(
        _gather_elements,
        function="gather(input, dim, indices)",
        onnx="GatherElements(axis=0)(input, indices)",
    ),
)
