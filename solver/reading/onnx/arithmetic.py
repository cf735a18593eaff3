"""The operators a graph computes shapes with, on tensors whose elements are followed.

One rule per row. A rule gives None where it does not follow what it is given; then the node is a
tensor like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod

from solver.network.graph import small, values
from solver.network.graph.dim import Dim
from solver.network.graph.small import MOST, SmallTensor, whole
from solver.network.graph.values import Ratio
from solver.reading.onnx.graph import REAL, OnnxNode, elements

Rule = Callable[[OnnxNode], SmallTensor | None]


def follow(given: OnnxNode) -> SmallTensor | None:
    """The elements of what a node makes, None where they are not followed."""
    rule = RULES.get(given.op)
    return rule(given) if rule is not None and given.domain in ("", "ai.onnx") else None


def _shape(given: OnnxNode) -> SmallTensor | None:
    shape = given.shape()
    if shape is None:
        return None
    return SmallTensor.vector(shape[given.attribute("start", 0) : given.attribute("end")])


def _size(given: OnnxNode) -> SmallTensor | None:
    shape = given.shape()
    if shape is None:
        return None
    return small.multiplied(SmallTensor.vector(shape))


def _constant(given: OnnxNode) -> SmallTensor | None:
    tensor = given.attribute("value")
    if tensor is not None:
        return elements(tensor)
    for name, real in (("value_int", False), ("value_float", True)):
        if (number := given.attribute(name)) is not None:
            return SmallTensor((), (Ratio.number(number),), real)
    for name, real in (("value_ints", False), ("value_floats", True)):
        if (numbers := given.attribute(name)) is not None:
            if len(numbers) > MOST:
                return None
            return SmallTensor((len(numbers),), tuple(map(Ratio.number, numbers)), real)
    return None


def _constant_of_shape(given: OnnxNode) -> SmallTensor | None:
    shape = whole(given.value(0))
    if shape is None or min(shape, default=0) < 0 or prod(shape) > MOST:
        return None
    tensor = given.attribute("value")
    filled = SmallTensor((1,), (0.0,), True) if tensor is None else elements(tensor)
    if filled is None or len(filled.items) != 1:
        return None
    item = Ratio(Dim(0)) if tensor is None else filled.items[0]
    return SmallTensor(tuple(shape), (item,) * prod(shape), filled.real)


def _cast(given: OnnxNode) -> SmallTensor | None:
    value, to = given.value(0), given.attribute("to")
    if value is None or to == 8:
        return None
    if to in REAL:
        return value._replace(real=True)
    return small.each(values.floor, value)._replace(real=False)


def _two(rule: small.Two, given: OnnxNode) -> SmallTensor | None:
    one, *others = (given.value(i) for i in range(len(given.inputs)))
    for other in others:
        if one is None or other is None:
            return None
        one = small.apply(rule, one, other)
    return one


def _div(given: OnnxNode) -> SmallTensor | None:
    one, other = given.value(0), given.value(1)
    if one is None or other is None:
        return None
    return small.apply(values.over if one.real else values.whole_over, one, other)


def _mod(given: OnnxNode) -> SmallTensor | None:
    return None if given.attribute("fmod") else _two(values.modulo, given)


def _compared(rule: small.Two, given: OnnxNode) -> SmallTensor | None:
    found = _two(rule, given)
    return found and found._replace(real=False)


def _swapped(rule: small.Two, one: Ratio, other: Ratio) -> Ratio:
    return rule(other, one)


def _not(one: Ratio) -> Ratio:
    return values.minus(Ratio(Dim(1)), one)


def _not_of(rule: small.Two, one: Ratio, other: Ratio) -> Ratio:
    return _not(rule(one, other))


def _one(rule: Callable[[Ratio], Ratio], given: OnnxNode) -> SmallTensor | None:
    value = given.value(0)
    return value and small.each(rule, value)


def _where(given: OnnxNode) -> SmallTensor | None:
    condition, one, other = (given.value(i) for i in range(3))
    if condition is None or one is None or other is None:
        return None
    return small.choose(condition, one, other)


def _concat(given: OnnxNode) -> SmallTensor | None:
    parts = [given.value(i) for i in range(len(given.inputs))]
    known = [part for part in parts if part is not None]
    return None if len(known) < len(parts) else small.join(known, given.attribute("axis", 0))


def _gather(given: OnnxNode) -> SmallTensor | None:
    value, index, axis = given.value(0), given.value(1), given.attribute("axis", 0)
    places = whole(index)
    if value is None or index is None or places is None:
        return None
    if not -len(value.shape) <= axis < len(value.shape):
        return None
    axis %= len(value.shape)
    found = small.take(value, axis, places)
    shape = (*value.shape[:axis], *index.shape, *value.shape[axis + 1 :])
    return found and found._replace(shape=shape)


def bounds(given: OnnxNode) -> list[tuple[int, SmallTensor, SmallTensor, int]] | None:
    """Return (axis, start, stop, step) of each axis that Slice cuts; the ends as scalars."""
    starts, ends = (_listed(given, name, i) for i, name in enumerate(("starts", "ends"), 1))
    if starts is None or ends is None or len(starts.items) != len(ends.items):
        return None
    count = len(starts.items)
    axes = whole(_listed(given, "axes", 3)) or list(range(count))
    steps = whole(given.value(4)) if given.has(4) else [1] * count
    if steps is None or not len(axes) == len(steps) == count or (given.has(3) and not axes):
        return None
    cut = (
        (SmallTensor((), (one,)), SmallTensor((), (other,)))
        for one, other in zip(starts.items, ends.items, strict=True)
    )
    return [(a, *ends, s) for a, ends, s in zip(axes, cut, steps, strict=True)]


def listed(given: OnnxNode, name: str, place: int) -> list[int] | None:
    """Return numbers that are an attribute in older models and an input in newer ones."""
    return whole(_listed(given, name, place))


def _listed(given: OnnxNode, name: str, place: int) -> SmallTensor | None:
    if (found := given.attribute(name)) is not None:
        numbers = found if isinstance(found, tuple) else (found,)
        return SmallTensor((len(numbers),), tuple(map(Ratio.number, numbers)))
    return given.value(place)


def _slice(given: OnnxNode) -> SmallTensor | None:
    value, cut = given.value(0), bounds(given)
    if cut is None:
        return None
    for axis, start, stop, step in cut:
        first, last = whole(start), whole(stop)
        if value is None or first is None or last is None or step == 0:
            return None
        if not -len(value.shape) <= axis < len(value.shape):
            return None
        axis %= len(value.shape)
        places = range(value.shape[axis])[clipped(first[0], last[0], step)]
        value = small.take(value, axis, places)
    return value


def clipped(start: int, stop: int, step: int) -> slice:
    """A slice in Python's terms: down to the first element the stop is before it."""
    return slice(start, None if step < 0 and stop < -(1 << 30) else stop, step)


def _squeeze(given: OnnxNode) -> SmallTensor | None:
    value, axes = given.value(0), listed(given, "axes", 1)
    if value is None or (axes is None and given.has(1)):
        return None
    rank = len(value.shape)
    if axes is None:
        axes = [axis for axis, size in enumerate(value.shape) if size == 1]
    gone = {axis % rank for axis in axes if -rank <= axis < rank and value.shape[axis] == 1}
    if len(gone) < len(axes):
        return None
    kept = (size for axis, size in enumerate(value.shape) if axis not in gone)
    return value._replace(shape=tuple(kept))


def _unsqueeze(given: OnnxNode) -> SmallTensor | None:
    value, axes = given.value(0), listed(given, "axes", 1)
    if value is None or axes is None or len(value.shape) + len(axes) > 8:
        return None
    rest, count = iter(value.shape), len(value.shape) + len(axes)
    new = {axis % count for axis in axes}
    if len(new) < len(axes):
        return None
    return value._replace(shape=tuple(1 if i in new else next(rest) for i in range(count)))


def _reshape(given: OnnxNode) -> SmallTensor | None:
    value, to = given.value(0), whole(given.value(1))
    if value is None or to is None or min(to, default=0) < -1 or len(to) > 8:
        return None
    count = len(value.items)
    shape = [value.shape[i] if n == 0 and i < len(value.shape) else n for i, n in enumerate(to)]
    if -1 in shape:
        rest = -prod(shape)
        if rest == 0 or count % rest or shape.count(-1) > 1:
            return None
        shape[shape.index(-1)] = count // rest
    return value._replace(shape=tuple(shape)) if prod(shape) == count else None


def _transpose(given: OnnxNode) -> SmallTensor | None:
    value, order = given.value(0), given.attribute("perm")
    if value is None:
        return None
    return small.permute(value, order or tuple(reversed(range(len(value.shape)))))


def _range(given: OnnxNode) -> SmallTensor | None:
    found = [whole(given.value(i)) for i in range(3)]
    if any(each is None or len(each) != 1 for each in found):
        return None
    start, stop, step = (each[0] for each in found if each)
    if step == 0 or len(numbers := range(start, stop, step)) > MOST:
        return None
    return SmallTensor((len(numbers),), tuple(map(Ratio.number, numbers)))


def _product(given: OnnxNode) -> SmallTensor | None:
    value, axes = given.value(0), listed(given, "axes", 1)
    if value is None or axes not in (None, [0]) or len(value.shape) != 1:
        return None
    found = small.multiplied(value)
    return found._replace(shape=(1,)) if given.attribute("keepdims", 1) else found


RULES: dict[str, Rule] = {
    "Shape": _shape,
    "Size": _size,
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Cast": _cast,
    "Add": partial(_two, values.plus),
    "Sub": partial(_two, values.minus),
    "Mul": partial(_two, values.times),
    "Div": _div,
    "Mod": _mod,
    "Min": partial(_two, values.least),
    "Max": partial(_two, values.most),
    "Floor": partial(_one, values.floor),
    "Ceil": partial(_one, values.ceil),
    "Neg": partial(_one, partial(values.times, Ratio(Dim(-1)))),
    "Equal": partial(_compared, values.equal),
    "Less": partial(_compared, values.less),
    "Greater": partial(_compared, partial(_swapped, values.less)),
    "GreaterOrEqual": partial(_compared, partial(_not_of, values.less)),
    "LessOrEqual": partial(_compared, partial(_not_of, partial(_swapped, values.less))),
    "And": partial(_compared, values.times),
    "Not": partial(_one, _not),
    "Where": _where,
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Reshape": _reshape,
    "Transpose": _transpose,
    "Range": _range,
    "ReduceProd": _product,
}
