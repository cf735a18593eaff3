"""Functions that take parts of a tensor: split, slice, select."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.network.graph import merging, shaping, values
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation, in_shape
from solver.network.graph.slicing import Slice
from solver.network.graph.values import Ratio
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
from solver.reading.functions.indexing import at_places
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.slicing import cut
from solver.sizes.sizemap import SizeMap
from solver.sizes.width import is_int

#: The most parts that a tensor is split into.
_MOST_PARTS = 10_000


def _chunk(call: Call) -> tuple[Wire, ...]:
    call.plain()
    return _chunks(call, call.number("chunks"), call.number("axis"), True)


def _chunks(call: Call, parts: int, axis: int, rest: bool) -> tuple[Wire, ...]:
    whole = call.shape[axis].number
    if whole and rest:
        return _split_by(call, whole, -(-whole // max(parts, 1)), axis)
    if not 0 < parts <= _MOST_PARTS:
        raise Unclear
    return tuple(call.make(merging.SplitPart(parts, i, axis, rest)) for i in range(parts))


def _split(call: Call) -> tuple[Wire, ...]:
    call.plain()
    sizes, axis = call["split_size_or_sections"], call.number("axis")
    sizes = call["split_size"] if sizes is None else sizes
    whole = call.shape[axis]
    if not listed(sizes) and whole.number:
        return _split_by(call, whole.number, call.number_of(dim_of(sizes)), axis)
    if not listed(sizes):  # as many parts as there are, of which the last has what is left
        each = dim_of(sizes)
        count = call.number_of(values.ceil(values.over(Ratio(whole), Ratio(each))).top)
        if not 0 < count <= _MOST_PARTS:
            raise Unclear
        sizes = [each] * (count - 1) + [whole + each * (1 - count)]
    return _sections(call, several(sizes), axis)


def _parted(call: Call) -> tuple[Wire, ...]:
    """Read split of TensorFlow: into so many parts, or into parts of these sizes."""
    call.plain()
    sizes = call["split_size_or_sections"]
    return _split(call) if listed(sizes) else _chunks(call, sizes, call.number("axis"), False)


def _split_at(call: Call) -> tuple[Wire, ...]:
    """Read tensor_split: at places, or into so many parts, the first of which are the longer."""
    call.plain()
    axis = {"h": -1 if call.rank < 2 else 1, "v": 0, "d": 2}.get(call.name[0], call["axis"])
    given = call["sections"] if call["indices"] is None else call["indices"]
    places, whole = several(given), call.shape[axis]
    if listed(given) or len(places) != 1:
        ends = [*map(dim_of, places), None]
        return tuple(
            _chained(call, cut(in_shape(axis, call.shape), first, last, 1))
            for first, last in zip([None, *ends[:-1]], ends, strict=True)
        )
    (count,) = places
    if not is_int(count) or not 0 < count <= _MOST_PARTS:
        raise Unclear
    sizes = [whole.through(SizeMap.line(1, count - 1 - place, count)) for place in range(count)]
    return _sections(call, sizes, axis)


def _split_outputs(call: Call) -> tuple[Wire, ...]:
    """Read Split of ONNX: into given sizes, or one part for each output, the last the smallest."""
    axis, count = call.number("axis"), call.number("outputs")
    if call["split"] is None and call["num_outputs"] is None:
        return _chunks(call, count, axis, False)
    if call["split"] is None:
        whole = call.shape[axis]
        each = whole.through(SizeMap.line(1, count - 1, count))
        return _sections(call, [each] * (count - 1) + [whole + each * (1 - count)], axis)
    sizes = several(call["split"])
    if any(isinstance(each, (Weight, Wire)) for each in sizes):
        raise Unclear  # not known, or too many to be followed
    if len(sizes) != count:
        raise SolverError("a split has one size for each output", f"{len(sizes)} and {count}")
    return _sections(call, sizes, axis)


def _sections(call: Call, sizes: Sequence[Any], axis: int) -> tuple[Wire, ...]:
    if not 0 < len(sizes) <= _MOST_PARTS:
        raise Unclear
    parts = tuple(size_of(dim_of(size)) for size in sizes)
    return tuple(call.make(merging.SplitPart(parts, i, axis)) for i in range(len(sizes)))


def _split_by(call: Call, whole: int, size: int, axis: int) -> tuple[Wire, ...]:
    if whole > size * _MOST_PARTS:
        raise Unclear
    sizes = tuple(min(size, whole - at) for at in range(0, whole, size))
    return tuple(call.make(merging.SplitPart(sizes, i, axis)) for i in range(len(sizes)))


def _unbind(call: Call) -> tuple[Wire, ...]:
    call.plain()
    axis = call.number("axis")
    count = call.number_of(call.shape[axis])
    if count > _MOST_PARTS:
        raise Unclear
    return (call.make(shaping.Reduce("select", (axis,), keep=False)),) * count


def _differences(call: Call) -> Wire:
    """Read diff: between neighbours, n times over."""
    call.plain()
    axis, times = in_shape(call.number("axis"), call.shape), call.number("n")
    parts = [each for each in (call["prepend"], call["input"], call["append"]) if each is not None]
    found = call.x
    if len(parts) > 1:
        found = call.make(merging.Concat(axis), *map(call.tensor, parts))
    for operation in cut(axis, Dim(times), None, 1):
        found = call.make(operation, found)
    return found


def _select(call: Call) -> Wire:
    call.plain()
    axis = in_shape(call.number("axis"), call.shape)
    return _chained(call, _selected(axis, dim_of(call["index"])))


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
    """Read x[...]: places, slices, new axes, tensors of places."""
    call.plain()
    value, index = call["input"], call["index"]
    if not isinstance(value, (Wire, Weight)):
        return value[index]
    places = list(index) if type(index) is tuple else [index]
    if any(each is Ellipsis for each in places):
        at = next(i for i, each in enumerate(places) if each is Ellipsis)
        count = call.rank - sum(each is not None and each is not Ellipsis for each in places)
        places[at : at + 1] = [slice(None)] * count
    axis, operations = 0, list[Operation]()
    tensors = list[Any]()  # at their axes, and slices of everything in front of them
    for each in places:
        if each is None:
            operations.append(shaping.Unsqueeze((axis,)))
            axis += 1
        elif isinstance(each, slice):
            operations += _sliced(axis, each)
            axis += 1
        elif _is_tensor(each):
            tensors += [slice(None)] * (axis - len(tensors)) + [each]
            axis += 1
        else:
            operations += _selected(axis, dim_of(each))
    if not tensors:
        return _chained(call, operations)
    data = _chained(call, operations) if operations else value
    return at_places(call, data, tensors)


def _is_tensor(place: Any) -> bool:
    """Tell whether a place is several: a tensor with axes, or a list."""
    alone = isinstance(place, Weight) and place.shape == ()
    return listed(place) or (isinstance(place, (Wire, Weight)) and not alone)


def _chained(call: Call, operations: Sequence[Operation]) -> Wire:
    found = call.x
    for operation in operations:
        found = call.make(operation, found)
    return found


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


def _sliced(axis: int, part: slice) -> list[Operation]:
    first, last = (None if end is None else dim_of(end) for end in (part.start, part.stop))
    step = 1 if part.step is None else part.step
    if not is_int(step) or step < 1:
        raise Unclear
    return [] if part == slice(None) else cut(axis, first, last, step)


def _selected(axis: int, at: Dim) -> list[Operation]:
    """Take one element: of the end where its place is negative."""
    place = size_of(at)
    after = None if place == -1 else place + 1
    return [Slice(axis, place, after, inside=True), shaping.Squeeze((axis,))]


ROWS = (
    TensorFunction(_chunk, function="chunk(input, chunks, dim=0)"),
    TensorFunction(_parted, op="tf_split(input, split_size_or_sections, axis=0)"),
    TensorFunction(_split, function="split split_with_sizes(input, split_size_or_sections, dim=0)"),
    TensorFunction(
        _split_at,
        op="split array_split(input, sections, axis=0)",
        function="""
        tensor_split(input, sections, dim=0);
        hsplit vsplit dsplit(input, sections)
        """,
    ),
    TensorFunction(_split_outputs, onnx="Split(axis=0, num_outputs=None)(input, split=None)"),
    TensorFunction(_unbind, op="unstack(input, axis=0)", function="unbind(input, dim=0)"),
    TensorFunction(_differences, function="diff(input, n=1, dim=-1, prepend=None, append=None)"),
    TensorFunction(_select, function="select(input, dim, index)"),
    TensorFunction(_narrow, function="narrow(input, dim, start, length)"),
    TensorFunction(_item, function="getitem(input, index)"),
    TensorFunction(_slice, onnx="Slice()(input, starts, ends, axis=None, steps=None)"),
)
