"""The operators that a graph computes sizes with, on small tensors: one rule for each.

What none of them follows is a tensor like any other.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from typing import Any

from solver.reading.onnx.elements import (
    FAULTS,
    MOST,
    REAL,
    Elements,
    apply,
    each,
    numpy,
    of,
    shape_of,
    stored,
)
from solver.reading.paths.extreme import extreme
from solver.reading.paths.size import Part, Size

#: The largest numbers of which it is asked what is left by each size up to them.
_FEW = 16
#: The type of elements that are true or false.
_TRUTH = 9


def followed(op: str, given: Sequence[Elements | None], words: Mapping[str, Any]) -> Any:
    """The elements that come out of an operator, of several outputs a list; None where not known.

    given: those of its inputs. words: its attributes.

    >>> n = of([2, 3])
    >>> followed("Mul", [n, of(4)], {}).numbers, followed("Concat", [n, n], {"axis": 0}).numbers
    ([8, 12], [2, 3, 2, 3])
    """
    rule = RULES.get(op)
    if rule is None or not given or given[0] is None:
        return None
    try:
        return rule(words, *given)
    except FAULTS:
        return None


# Element by element


def _all(rule: Callable[[Any, Any], Any], _: Any, *given: Elements) -> Elements:
    return reduce(partial(apply, rule), given)


def _truth(rule: Callable[..., Any], _: Any, *given: Elements) -> Elements:
    return apply(rule, *given)._replace(real=False)


def _one(rule: Callable[[Any], Any], _: Any, x: Elements) -> Elements:
    return apply(rule, x)


def _div(_: Any, one: Elements, other: Elements) -> Elements:
    return apply(operator.truediv if one.real else _whole_over, one, other)


def _whole_over(one: Any, other: Any) -> Any:
    """The quotient of integers, cut as C does."""
    found = abs(one) // abs(other)
    return found if (one >= 0) == (other > 0) else -found


def _mod(words: Mapping[str, Any], one: Elements, other: Elements) -> Elements:
    return apply(_rest_in_c if words.get("fmod") else _rest, one, other)


def _rest_in_c(one: Any, other: Any) -> Any:
    """What a division that is cut leaves: of a size, as long as nothing is negative."""
    if not any(isinstance(item, (Size, Part)) for item in (one, other)):
        return math.fmod(one, other)
    return _rest(one, other) if one >= 0 and other > 0 else None


def _rest(one: Any, other: Any) -> Any:
    """What a division leaves; of a number by a size it is that number for all but a few sizes."""
    if type(one) is not int or not isinstance(other, Size) or abs(one) > _FEW:
        return one % other
    for few in range(1, abs(one) + (one >= 0)):
        if other == few:
            return one % few
    return one if one >= 0 else other + one


def _where(_: Any, condition: Elements, one: Elements, other: Elements) -> Elements:
    arrays = [condition.array, one.array, other.array]
    shape = shape_of(*arrays)
    rows = zip(*(numpy().broadcast_to(array, shape).flat for array in arrays), strict=True)
    items = [None if holds is None else yes if holds else no for holds, yes, no in rows]
    return of(items, one.real, shape)


def _cast(words: Mapping[str, Any], x: Elements) -> Elements:
    to = words["to"]
    rule = _real if to in REAL else operator.truth if to == _TRUTH else _whole
    return apply(rule, x)._replace(real=to in REAL)


def _real(item: Any) -> Any:
    return item if isinstance(item, (Size, Part)) else float(item)


def _whole(item: Any) -> Any:
    return item if isinstance(item, Size) else math.trunc(item)


def _rounded(rule: Callable[[Any], int]) -> Callable[[Any], Any]:
    """Round an element; what is no integer stays none."""

    def whole(item: Any) -> Any:
        found = rule(item)
        return float(found) if type(item) is float else found

    return whole


def _root(item: Any) -> Any:
    return math.sqrt(item) if type(item) is float else None


def _inverse(item: Any) -> Any:
    return 1 / item


def _differ(one: Any, other: Any) -> bool:
    return bool(one) != bool(other)


def _both(one: Any, other: Any) -> bool:
    return bool(one) and bool(other)


def _either(one: Any, other: Any) -> bool:
    return bool(one) or bool(other)


# Moved


def _places(axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise IndexError
    return axis % rank


def listed(words: Mapping[str, Any], name: str, given: Elements | None) -> list[int] | None:
    """Numbers that are an attribute in older models and an input in newer ones."""
    if given is not None:
        return given.numbers
    found = words.get(name)
    return None if found is None else [*found] if isinstance(found, tuple) else [found]


def few(array: Any, real: bool) -> Elements | None:
    """Elements that are few enough to be followed."""
    array = numpy().asarray(array, dtype=object)
    return Elements(array, real) if array.size <= MOST else None


def _concat(words: Mapping[str, Any], *given: Elements) -> Elements | None:
    array = numpy().concatenate([x.array for x in given], words.get("axis", 1))
    return few(array, given[0].real)


def _gather(words: Mapping[str, Any], x: Elements, at: Elements) -> Elements | None:
    places = numpy().array(at.numbers, dtype=int).reshape(at.array.shape)
    return few(x.array.take(places, words.get("axis", 0)), x.real)


def _slice(words: Mapping[str, Any], x: Elements, *more: Elements | None) -> Elements:
    starts, ends, axes, steps = (
        listed(words, name, given)
        for name, given in zip(
            ("starts", "ends", "axes", "steps"), (*more, None, None, None, None), strict=False
        )
    )
    if starts is None or ends is None:
        raise ValueError
    array = x.array
    count = range(len(starts))
    rows = zip(starts, ends, axes or count, steps or [1] * len(count), strict=True)
    for start, end, axis, step in rows:
        downwards = step < 0 and end < -array.shape[axis]  # to the first element
        index = [slice(None)] * array.ndim
        index[_places(axis, array.ndim)] = slice(start, None if downwards else end, step)
        array = array[tuple(index)]
    return x._replace(array=array)


def _split(words: Mapping[str, Any], x: Elements, sizes: Elements | None = None) -> list[Elements]:
    told, axis = listed(words, "split", sizes), words.get("axis", 0)
    count = words["outputs"]
    if told is None:
        told = [-(-x.array.shape[axis] // count)] * (count - 1)
    ends = [sum(told[: i + 1]) for i in range(count - 1)]
    return [x._replace(array=part) for part in numpy().split(x.array, ends, axis)]


def _squeeze(words: Mapping[str, Any], x: Elements, axes: Elements | None = None) -> Elements:
    told = listed(words, "axes", axes)
    return x._replace(array=numpy().squeeze(x.array, None if told is None else tuple(told)))


def _unsqueeze(words: Mapping[str, Any], x: Elements, axes: Elements | None = None) -> Elements:
    return x._replace(array=numpy().expand_dims(x.array, tuple(listed(words, "axes", axes) or ())))


def _reshape(words: Mapping[str, Any], x: Elements, to: Elements | None = None) -> Elements:
    told, own = listed(words, "shape", to) or [], x.array.shape
    shape = [own[i] if n == 0 and not words.get("allowzero") else n for i, n in enumerate(told)]
    return x._replace(array=x.array.reshape(shape))


def _transpose(words: Mapping[str, Any], x: Elements) -> Elements:
    return x._replace(array=x.array.transpose(words.get("perm")))


def _expand(_: Any, x: Elements, to: Elements) -> Elements:
    like = numpy().broadcast_to(0, to.numbers)
    return x._replace(array=numpy().broadcast_to(x.array, shape_of(x.array, like)))


def _tile(_: Any, x: Elements, times: Elements) -> Elements:
    if x.array.size * math.prod(times.numbers) > MOST:
        raise ValueError
    return x._replace(array=numpy().tile(x.array, times.numbers))


def _range(_: Any, *given: Elements) -> Elements:
    start, stop, step = (each.number for each in given)
    if any(type(each) not in (int, float) for each in (start, stop, step)):
        raise ValueError
    count = max(math.ceil((stop - start) / step), 0)
    if count > MOST:
        raise ValueError
    return of([start + step * i for i in range(count)], given[0].real)


def _filled(words: Mapping[str, Any], shape: Elements) -> Elements:
    if math.prod(shape.numbers) > MOST or min(shape.numbers, default=0) < 0:
        raise ValueError
    value = words.get("value")
    item = of(0.0, True) if value is None else stored(value)
    if item is None:
        raise ValueError
    array = numpy().full(shape.numbers, item.number, dtype=object)
    return Elements(array, item.real)


def _reduced(
    rule: Callable[[Any, Any], Any],
    words: Mapping[str, Any],
    x: Elements,
    axes: Elements | None = None,
) -> Elements:
    told = listed(words, "axes", axes)
    if told is None and words.get("noop_with_empty_axes"):
        return x
    array, rank = x.array, x.array.ndim
    gone = range(rank) if not told else [_places(axis, rank) for axis in told]
    for axis in gone:
        array = each(rule, 2).reduce(array, axis=axis, keepdims=True)
    if not words.get("keepdims", 1):
        array = numpy().squeeze(array, tuple(gone))
    return Elements(numpy().asarray(array, dtype=object), x.real)


def _where_true(_: Any, x: Elements) -> Elements:
    """Read NonZero: the places of what is true, of plain numbers."""
    if any(item is None or isinstance(item, (Size, Part)) for item in x.array.flat):
        raise ValueError
    found = numpy().nonzero(numpy().array(x.array.tolist()))
    return Elements(numpy().array(found).astype(object))


_TWO: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mul": operator.mul,
    "Pow": operator.pow,
    "Sum": operator.add,
    "Min": lambda *both: extreme("min", both),
    "Max": lambda *both: extreme("max", both),
}
_TRUTHS: dict[str, Callable[..., Any]] = {
    "Equal": operator.eq,
    "Less": operator.lt,
    "LessOrEqual": operator.le,
    "Greater": operator.gt,
    "GreaterOrEqual": operator.ge,
    "And": _both,
    "Or": _either,
    "Xor": _differ,
    "Not": operator.not_,
}
_ONE: dict[str, Callable[[Any], Any]] = {
    "Floor": _rounded(math.floor),
    "Ceil": _rounded(math.ceil),
    "Round": _rounded(round),
    "Neg": operator.neg,
    "Abs": abs,
    "Sqrt": _root,
    "Reciprocal": _inverse,
}
_REDUCED = {"Prod": "Mul", "Sum": "Add", "Min": "Min", "Max": "Max"}
RULES: dict[str, Callable[..., Any]] = {
    **{name: partial(_all, rule) for name, rule in _TWO.items()},
    **{name: partial(_truth, rule) for name, rule in _TRUTHS.items()},
    **{name: partial(_one, rule) for name, rule in _ONE.items()},
    **{f"Reduce{name}": partial(_reduced, _TWO[of]) for name, of in _REDUCED.items()},
    "Div": _div,
    "Mod": _mod,
    "Where": _where,
    "Cast": _cast,
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _slice,
    "Split": _split,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Reshape": _reshape,
    "Transpose": _transpose,
    "Expand": _expand,
    "Tile": _tile,
    "Range": _range,
    "ConstantOfShape": _filled,
    "NonZero": _where_true,
}
