"""The functions and methods of PyTorch that move elements and change none, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solver.network.graph import merging, shaping
from solver.network.graph.computed import Tile
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation
from solver.network.graph.slicing import Slice
from solver.network.graph.values import Ratio
from solver.reading.calls.slicing import cut
from solver.reading.calls.torch_values import (
    Call,
    Ref,
    Unclear,
    dim_of,
    is_listed,
    numbers,
    size_of,
)


def _attribute(call: Call) -> Any:
    value, name = call.args[0], call.args[1]
    if name == "shape":
        return tuple(map(size_of, call.shape_of(value)))
    if name == "ndim":
        return len(call.shape_of(value))
    if name in ("T", "mT", "data") and isinstance(value, Ref):
        if name == "data":
            return value
        rank = len(call.shape)
        order = [*range(rank - 2), rank - 1, rank - 2]
        return call.make(shaping.Permute(tuple(order)))
    return None if name in ("dtype", "device", "is_cuda", "requires_grad") else call.unknown()


def _size(call: Call) -> Any:
    shape = tuple(map(size_of, call.shape_of(call.args[0])))
    axis = call.get(1, "dim")
    return shape if axis is None else shape[axis]


def _item(call: Call) -> Any:
    value, index = call.args
    if not isinstance(value, Ref):
        return value[index]
    places = index if isinstance(index, tuple) else (index,)
    rank = len(call.shape)
    if Ellipsis in places:
        at = places.index(Ellipsis)
        count = rank - sum(each is not None and each is not Ellipsis for each in places)
        places = (*places[:at], *(slice(None),) * count, *places[at + 1 :])
    axis, operations = 0, list[Operation]()
    for each in places:
        if each is None:
            operations.append(shaping.Unsqueeze((axis,)))
            axis += 1
        elif isinstance(each, slice):
            operations += _sliced(axis, each)
            axis += 1
        elif isinstance(each, (int, Ratio)):
            operations += _selected(axis, dim_of(each))
        else:
            raise Unclear
    if not operations:
        return value
    return call.make(operations[0] if len(operations) == 1 else shaping.Chain(tuple(operations)))


def _sliced(axis: int, part: slice) -> list[Operation]:
    if part == slice(None):
        return []
    first, last = (None if end is None else dim_of(end) for end in (part.start, part.stop))
    (step,) = numbers([1 if part.step is None else part.step])
    if step < 1:
        raise Unclear
    return cut(axis, first, last, step)


def _selected(axis: int, at: Dim) -> list[Operation]:
    """Take one element: of the end where its place is negative."""
    place: int | Dim = at if at.number is None else at.number
    after = None if place == -1 else place + 1
    gone = shaping.Reduce("select", (axis,), keep=False)
    return [Slice(axis, place, after, inside=True), gone]


def _narrow(call: Call) -> Ref:
    axis, start, length = call.get(1, "dim"), call.get(2, "start"), call.get(3, "length")
    first = dim_of(start)
    last = first + dim_of(length)
    ends = (end if end.number is None else end.number for end in (first, last))
    begin, end = ends
    if isinstance(begin, int) and isinstance(end, int) and begin < 0 < end:
        raise Unclear
    after = None if isinstance(begin, int) and begin < 0 and end == 0 else end
    return call.make(Slice(axis % len(call.shape), begin, after, inside=True))


def _reshape(call: Call) -> Ref:
    to = [None if value == -1 else dim_of(value) for value in call.rest(1, "shape")]
    return call.make(shaping.Reshape(tuple(to)))


def _flatten(call: Call) -> Ref:
    return call.make(shaping.Flatten(call.get(1, "start_dim", 0), call.get(2, "end_dim", -1)))


def _unflatten(call: Call) -> Ref:
    axis = call.get(1, "dim") % len(call.shape)
    sizes = [None if n == -1 else dim_of(n) for n in call.get(2, "sizes")]
    return call.make(shaping.Reshape((*call.shape[:axis], *sizes, *call.shape[axis + 1 :])))


def _permute(call: Call) -> Ref:
    return call.make(shaping.Permute(numbers(call.rest(1, "dims"))))


def _transpose(call: Call) -> Ref:
    order = list(range(len(call.shape)))
    one, two = call.get(1, "dim0", 0), call.get(2, "dim1", 1)
    order[one], order[two] = order[two], order[one]
    return call.make(shaping.Permute(tuple(order)))


def _squeeze(call: Call) -> Ref:
    axes = call.get(1, "dim")
    if axes is None:
        axes = [axis for axis, dim in enumerate(call.shape) if dim.number == 1]
    found = axes if is_listed(axes) else [axes]
    kept = tuple(axis for axis in found if call.shape[axis].number in (1, None))
    return call.make(shaping.Squeeze(kept)) if kept else call.x


def _unsqueeze(call: Call) -> Ref:
    return call.make(shaping.Unsqueeze((call.get(1, "dim"),)))


def _chunk(call: Call) -> tuple[Ref, ...]:
    parts, axis = call.get(1, "chunks"), call.get(2, "dim", 0)
    whole = call.shape[axis].number
    if whole is None:
        return tuple(call.make(merging.Part(parts, i, axis, True)) for i in range(parts))
    return _parts(call, whole, -(-whole // parts), axis)


def _split(call: Call) -> tuple[Ref, ...]:
    sizes, axis = call.get(1, "split_size_or_sections"), call.get(2, "dim", 0)
    if sizes is None:
        sizes = call.words.get("split_size")
    if isinstance(sizes, int):
        whole = call.shape[axis].number
        if whole is None:
            raise Unclear
        return _parts(call, whole, sizes, axis)
    every = numbers(sizes)
    return tuple(call.make(merging.Part(every, i, axis)) for i in range(len(every)))


def _parts(call: Call, whole: int, size: int, axis: int) -> tuple[Ref, ...]:
    sizes = tuple(min(size, whole - at) for at in range(0, whole, max(size, 1)))
    return tuple(call.make(merging.Part(sizes, i, axis)) for i in range(len(sizes)))


def _unbind(call: Call) -> tuple[Ref, ...]:
    axis = int(call.get(1, "dim", 0))
    count = call.shape[axis].number
    if count is None:
        raise Unclear
    found = call.make(shaping.Reduce("select", (axis,), keep=False))
    return (found,) * count


def _expand(call: Call) -> Ref:
    """Read expand: -1 keeps a size; new axes come in front."""
    to = call.rest(1, "size")
    own = (Dim(1),) * (len(to) - len(call.shape)) + call.shape
    dims = tuple(dim if n == -1 else dim_of(n) for n, dim in zip(to, own, strict=True))
    return call.make(merging.Expand(dims))


def _as(call: Call) -> Ref:
    """Read expand_as, view_as and their kin: to the shape of another tensor."""
    other = call.get(1, "other")
    if call.name == "expand_as":
        return call.make(merging.Expand(), call.x, call.tensor(other))
    return call.make(shaping.Reshape(call.shape_of(other)))


def _repeat(call: Call) -> Ref:
    times = tuple(map(dim_of, call.rest(1, "repeats")))
    x, more = call.x, len(times) - len(call.shape)
    if more:
        x = call.make(shaping.Unsqueeze(tuple(range(more))))
    return call.make(Tile(times), x)


RULES: dict[str, Callable[[Call], Any]] = {
    **dict.fromkeys(("reshape", "view"), _reshape),
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), _transpose),
    **dict.fromkeys(("expand_as", "reshape_as", "view_as"), _as),
    "chunk": _chunk,
    "expand": _expand,
    "flatten": _flatten,
    "getattr": _attribute,
    "getitem": _item,
    "narrow": _narrow,
    "permute": _permute,
    "repeat": _repeat,
    "size": _size,
    "split": _split,
    "squeeze": _squeeze,
    "tile": _repeat,
    "unbind": _unbind,
    "unflatten": _unflatten,
    "unsqueeze": _unsqueeze,
}
