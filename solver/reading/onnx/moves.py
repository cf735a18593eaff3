"""The ONNX operators that move elements and change none: reshape, transpose, slice, split."""

from __future__ import annotations

from collections.abc import Callable

from solver.errors import SolverError
from solver.network.graph import computed, merging, shaping
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation, Pointwise
from solver.network.graph.values import Ratio, SmallTensor, minus, whole
from solver.reading.functions.slicing import cut
from solver.reading.onnx.arithmetic import bounds, listed
from solver.reading.onnx.graph import Made, OnnxNode


def _reshape(given: OnnxNode) -> list[Made]:
    """Read Reshape: 0 stands for a size of the input, -1 for what is left over."""
    shape, value = given.shape(), given.value(1)
    held = given.attribute("shape")
    if held is not None:
        value = SmallTensor((len(held),), tuple(Ratio(Dim(n)) for n in held))
    if value is None or shape is None:
        return given.unknown()
    to: list[Dim | None] = []
    open_places = 0
    for place, dim in enumerate(value.dims):
        number = None if dim is None else dim.number
        if number == 0 and not given.attribute("allowzero", 0):
            if place >= len(shape):
                raise SolverError("0 in a shape stands for a size of the input", f"place {place}")
            to.append(shape[place])
            continue
        # One size that is not understood must be what is left over.
        open_places += dim is None or number == -1
        to.append(None if number == -1 else dim)
    if open_places > 1:
        return given.unknown()
    return [Made(shaping.Reshape(tuple(to)))]


def _flatten(given: OnnxNode) -> list[Made]:
    shape, axis = given.shape(), given.attribute("axis", 1)
    if shape is None:
        return given.unknown()
    axis = axis % len(shape) if axis < 0 and shape else axis
    if axis == 1 and len(shape) > 1:
        return [Made(shaping.Flatten(1))]
    begin = [dim.number for dim in shape[:axis]]
    if None in begin:
        return given.unknown()
    rows = 1
    for number in begin:
        rows *= number or 0
    return [Made(shaping.Reshape((Dim(rows), None)))]


def _transpose(given: OnnxNode) -> list[Made]:
    shape, order = given.shape(), given.attribute("perm")
    if shape is None and order is None:
        return given.unknown()
    return [Made(shaping.Permute(tuple(order or reversed(range(len(shape or ()))))))]


def _squeeze(given: OnnxNode) -> list[Made]:
    axes, shape = listed(given, "axes", 1), given.shape()
    if axes is None:
        if shape is None or given.has(1):
            return given.unknown()
        axes = [axis for axis, dim in enumerate(shape) if dim.number == 1]
    return [Made(shaping.Squeeze(tuple(axes)))]


def _unsqueeze(given: OnnxNode) -> list[Made]:
    axes = listed(given, "axes", 1)
    return given.unknown() if axes is None else [Made(shaping.Unsqueeze(tuple(axes)))]


def _expand(given: OnnxNode) -> list[Made]:
    to = _dims(given, 1)
    return given.unknown() if to is None else [Made(merging.Expand(to, both=True))]


def _tile(given: OnnxNode) -> list[Made]:
    repeats = _dims(given, 1)
    return given.unknown() if repeats is None else [Made(computed.Tiled(repeats))]


def _dims(given: OnnxNode, place: int) -> tuple[Dim, ...] | None:
    value = given.value(place)
    if value is None:
        return None
    found = tuple(dim for dim in value.dims if dim is not None)
    return found if len(found) == len(value.items) else None


def _constant_of_shape(given: OnnxNode) -> list[Made]:
    to = _dims(given, 0)
    return given.unknown() if to is None else [Made(computed.Become("constant", to), ())]


def _range(given: OnnxNode) -> list[Made]:
    """Read Range(start, stop, 1): one element for each number."""
    start, stop = given.value(0), given.value(1)
    if start is None or stop is None or whole(given.value(2)) != [1]:
        return given.unknown()
    first, last = start.items[0], stop.items[0]
    if not (isinstance(first, Ratio) and isinstance(last, Ratio)):
        return given.unknown()
    try:
        count = minus(last, first)
    except SolverError:
        return given.unknown()
    return [Made(computed.Become("range", (count.top,)), ())]


def _split(given: OnnxNode) -> list[Made]:
    """Read Split: into given sizes, or into so many parts, the last the smallest."""
    axis, count = given.attribute("axis", 0), len(given.outputs)
    sizes, shape = listed(given, "split", 1), given.shape()
    if given.has(1) and sizes is None:
        return given.unknown()
    if sizes is None and shape is not None and -len(shape) <= axis < len(shape):
        number, parts = shape[axis].number, given.attribute("num_outputs", count)
        if number is not None and parts > 0 and number % parts:
            each = -(-number // parts)
            sizes = [each] * (count - 1) + [number - each * (count - 1)]
    if sizes is not None and len(sizes) != count:
        raise SolverError("a split has one size for each output", f"{len(sizes)} and {count}")
    parts = count if sizes is None else tuple(sizes)
    rest = sizes is None and given.attribute("num_outputs") is not None
    return [Made(merging.SplitPart(parts, index, axis, rest)) for index in range(count)]


def _slice(given: OnnxNode) -> list[Made]:
    """Read Slice along one axis after the other: as numbers where it can, else by computed ends."""
    axes, shape = bounds(given), given.shape()
    if axes is None or shape is None:
        return given.unknown()
    operations: list[Operation] = []
    for axis, start, stop, step in axes:
        if not -len(shape) <= axis < len(shape):
            raise SolverError("there is no such axis", f"axis {axis} of {len(shape)}")
        (first,), (last,) = start.dims, stop.dims
        if first is None or last is None or step == 0:
            return given.unknown()
        operations += cut(axis % len(shape), first, last, step, least=0)
    if not operations:
        return [Made(Pointwise("slice"))]
    return [Made(operations[0] if len(operations) == 1 else shaping.Chain(tuple(operations)))]


def _gather(given: OnnxNode) -> list[Made]:
    shape, index, axis = given.shape(), given.shape(1), given.attribute("axis", 0)
    if shape is None or index is None or not -len(shape) <= axis < len(shape):
        return given.unknown()
    axis %= len(shape)
    to = (*shape[:axis], *index, *shape[axis + 1 :])
    reads = tuple(i for i in range(2) if not given.constant(i))
    return [Made(computed.Become("gather", to), reads)]


def _gather_elements(given: OnnxNode) -> Made:
    return Made(Pointwise(given.op), (1,))


RULES: dict[str, Callable[[OnnxNode], Made | list[Made]]] = {
    "ConstantOfShape": _constant_of_shape,
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": _gather,
    "GatherElements": _gather_elements,
    "Range": _range,
    "Reshape": _reshape,
    "Slice": _slice,
    "Split": _split,
    "Squeeze": _squeeze,
    "Tile": _tile,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
