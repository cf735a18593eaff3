"""The numbers a graph computes with shapes: each a dimension over a whole number, or not known.

A model reads the sizes of its own tensors, adds, divides and floors them, and reshapes, resizes and
crops by what comes out. These are the same dimensions that layers give, so they hold for every n.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.network.graph.dim import Dim
from solver.sizes.domain import LARGEST
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import EVERY, where_nonnegative

#: The most elements of a tensor whose values are followed, and the most parts of a product.
MOST, _PARTS = 128, 16
#: A factor with a larger denominator than this has been rounded: it says no exact size.
_FINEST = 1024


class Ratio(NamedTuple):
    """Hold top/bottom in lowest terms.

    >>> half = Ratio.of(Dim.letter("n"), 2)
    >>> str(floor(half)), str(times(half, Ratio(Dim(4))))
    ('floor(n/2)/1', '2*n/1')
    """

    top: Dim
    bottom: int = 1

    @classmethod
    def of(cls, top: Dim, bottom: int) -> Ratio:
        """Return top/bottom. Raises SolverError for bottom 0."""
        if bottom < 0:
            top, bottom = top * -1, -bottom
        if bottom == 0:
            raise SolverError("nothing is divided by 0")
        if top.number == 0:
            return cls(top)
        return cls(*top.over(Dim(bottom)))

    @classmethod
    def number(cls, number: float) -> Ratio | float:
        """A number as it is, a float where it has been rounded."""
        if isinstance(number, int):
            return cls(Dim(number))
        if number in (float("inf"), float("-inf")) or number != number:
            return number
        top, bottom = number.as_integer_ratio()
        return number if bottom > _FINEST else cls(Dim(top), bottom)

    def __str__(self) -> str:
        return f"{self.top}/{self.bottom}"


#: One element: exact, rounded, or not known.
Item = Ratio | float | None


class SmallTensor(NamedTuple):
    """Hold what is known of a small tensor. real: whether its elements are no integers."""

    shape: tuple[int, ...]
    items: tuple[Item, ...]
    real: bool = False

    @classmethod
    def vector(cls, dims: Sequence[Dim]) -> SmallTensor:
        """Return dimensions as a vector."""
        return cls((len(dims),), tuple(map(Ratio, dims)))

    @property
    def dims(self) -> list[Dim | None]:
        """The elements that are whole numbers for every n, None for the others."""
        return [i.top if isinstance(i, Ratio) and i.bottom == 1 else None for i in self.items]

    @property
    def numbers(self) -> list[int | None]:
        """The elements that are plain whole numbers, None for the others."""
        return [None if dim is None else dim.number for dim in self.dims]

    @property
    def floats(self) -> list[float | None]:
        """The elements that are plain numbers, None for the others."""
        return [_float(item) for item in self.items]


def _float(item: Item) -> float | None:
    if not isinstance(item, Ratio):
        return item
    return None if item.top.number is None else item.top.number / item.bottom


def whole(value: SmallTensor | None) -> list[int] | None:
    """The elements where all are plain whole numbers, else None.

    >>> whole(SmallTensor.vector([Dim(3), Dim(4)])), whole(SmallTensor.vector([Dim.letter("n")]))
    ([3, 4], None)
    """
    if value is None:
        return None
    found = [number for number in value.numbers if number is not None]
    return found if len(found) == len(value.items) else None


# Arithmetic of two elements. SolverError where what comes out is no dimension.


def plus(one: Ratio, other: Ratio) -> Ratio:
    """The sum."""
    top = one.top * other.bottom + other.top * one.bottom
    return Ratio.of(top, one.bottom * other.bottom)


def minus(one: Ratio, other: Ratio) -> Ratio:
    """The difference."""
    return plus(one, Ratio(other.top * -1, other.bottom))


def times(one: Ratio, other: Ratio) -> Ratio:
    """The product."""
    return Ratio.of(one.top * other.top, one.bottom * other.bottom)


def over(one: Ratio, other: Ratio) -> Ratio:
    """The quotient."""
    top, bottom = one.top * other.bottom, other.top * one.bottom
    if bottom.number is not None:
        return Ratio.of(top, bottom.number)
    return Ratio(*top.over(bottom))


def floor(one: Ratio) -> Ratio:
    """The largest whole number that is not larger."""
    return one if one.bottom == 1 else Ratio(one.top.through(SizeMap.line(1, 0, one.bottom)))


def ceil(one: Ratio) -> Ratio:
    """The smallest whole number that is not smaller."""
    return Ratio(floor(Ratio(one.top * -1, one.bottom)).top * -1)


def whole_over(one: Ratio, other: Ratio) -> Ratio:
    """The quotient of integers, cut to an integer as C does; sizes are not negative."""
    found = over(one, other)
    top = found.top.number
    return ceil(found) if top is not None and top < 0 else floor(found)


def modulo(one: Ratio, other: Ratio) -> Ratio:
    """What a division of integers leaves."""
    return minus(one, times(other, floor(over(one, other))))


def never_less(one: Ratio, other: Ratio, by: int = 0) -> bool:
    """Tell whether one >= other + by for every n. Raises SolverError where that is not known.

    >>> n = Dim.letter("n")
    >>> never_less(Ratio(n + 1), Ratio(n)), never_less(Ratio(n), Ratio(Dim(-1)), 2)
    (True, True)
    >>> never_less(Ratio(n), Ratio(Dim(7)))
    False
    """
    if len(one.top.parts) > 1 and other.top.number is not None:  # a product of sizes
        return one.top.factor > 0 and other.top.number + by * other.bottom <= 0
    more = minus(one, other).top + -by * one.bottom * other.bottom
    if more.number is not None:
        return more.number >= 0
    return more.single is not None and where_nonnegative(more.single[1]) == EVERY


def _undecided(one: Ratio, other: Ratio) -> SolverError:
    return SolverError("which is larger depends on the sizes", f"{one} and {other}")


def least(one: Ratio, other: Ratio) -> Ratio:
    """The smaller one, where one is never the larger."""
    if never_less(other, one):
        return one
    if never_less(one, other):
        return other
    raise _undecided(one, other)


def most(one: Ratio, other: Ratio) -> Ratio:
    """The larger one, where one is never the smaller."""
    return other if least(one, other) == one else one


def _truth(answer: bool) -> Ratio:
    return Ratio(Dim(int(answer)))


def equal(one: Ratio, other: Ratio) -> Ratio:
    """Return 1 for equal and 0 for never equal. Raises SolverError where it depends on n."""
    if one == other:
        return _truth(True)
    if never_less(one, other, 1) or never_less(other, one, 1):
        return _truth(False)
    raise _undecided(one, other)


def less(one: Ratio, other: Ratio) -> Ratio:
    """Return 1 where the first is always less, 0 where never."""
    if never_less(other, one, 1):
        return _truth(True)
    if never_less(one, other):
        return _truth(False)
    raise _undecided(one, other)


# Arithmetic of tensors

Two = Callable[[Ratio, Ratio], Ratio]


def apply(rule: Two, one: SmallTensor, other: SmallTensor) -> SmallTensor | None:
    """What a rule makes of two tensors, element by element; None where one is too large."""
    shape = _broadcast(one.shape, other.shape)
    if shape is None or prod(shape) > MOST:
        return None
    pairs = zip(_spread(one, shape), _spread(other, shape), strict=True)
    return SmallTensor(shape, tuple(_tried(rule, *pair) for pair in pairs), one.real or other.real)


def each(rule: Callable[[Ratio], Ratio], value: SmallTensor) -> SmallTensor:
    """What a rule makes of every element."""
    return value._replace(items=tuple(_tried(rule, item) for item in value.items))


def choose(condition: SmallTensor, one: SmallTensor, other: SmallTensor) -> SmallTensor | None:
    """The elements of one where the condition holds, of the other elsewhere."""
    shape = _broadcast(condition.shape, one.shape)
    shape = None if shape is None else _broadcast(shape, other.shape)
    if shape is None or prod(shape) > MOST:
        return None
    spread = (_spread(value, shape) for value in (condition, one, other))
    items = []
    for tested, yes, no in zip(*spread, strict=True):
        known = _float(tested)
        items.append(None if known is None else yes if known else no)
    return SmallTensor(shape, tuple(items), one.real)


def _tried(rule: Callable[..., Ratio], *items: Item) -> Item:
    """What a rule makes of exact elements; not known where that is no dimension."""
    if not all(isinstance(item, Ratio) for item in items):
        return None
    try:
        found = rule(*items)
    except SolverError:
        return None
    return found if bounded(found.top) and found.bottom <= LARGEST else None


def bounded(dim: Dim) -> bool:
    """Tell whether a dimension is small enough to be followed, in numbers and in parts."""
    return (
        abs(dim.factor) <= LARGEST
        and len(dim.parts) <= _PARTS
        and all(part.rise <= LARGEST and part.period <= LARGEST for _, part in dim.parts)
    )


def _broadcast(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...] | None:
    rank = max(len(one), len(other))
    pairs = zip((1,) * (rank - len(one)) + one, (1,) * (rank - len(other)) + other, strict=True)
    found = []
    for x, y in pairs:
        if x != y and 1 not in (x, y):
            return None
        found.append(y if x == 1 else x)
    return tuple(found)


def _spread(value: SmallTensor, shape: tuple[int, ...]) -> Iterator[Item]:
    """Yield the elements repeated to a larger shape."""
    own = (1,) * (len(shape) - len(value.shape)) + value.shape
    for index in range(prod(shape)):
        at, step, rest = 0, 1, index
        for size, there in zip(reversed(own), reversed(shape), strict=True):
            rest, place = divmod(rest, there)
            at += place * step if size > 1 else 0
            step *= size
        yield value.items[at]


def take(value: SmallTensor, axis: int, places: Sequence[int]) -> SmallTensor | None:
    """The elements at places of an axis, in this order; None where there is no such place.

    >>> n = Dim.letter("n")
    >>> take(SmallTensor.vector([Dim(1), Dim(3), n]), 0, [-1]).dims == [n]
    True
    """
    size = value.shape[axis]
    if any(not -size <= place < size for place in places):
        return None
    inner = prod(value.shape[axis + 1 :])
    outer = prod(value.shape[:axis])
    if outer * len(places) * inner > MOST:
        return None
    items = tuple(
        value.items[(before * size + place % size) * inner + behind]
        for before in range(outer)
        for place in places
        for behind in range(inner)
    )
    shape = (*value.shape[:axis], len(places), *value.shape[axis + 1 :])
    return SmallTensor(shape, items, value.real)


def join(values: Sequence[SmallTensor], axis: int) -> SmallTensor | None:
    """Return vectors behind each other; None for what is no vector."""
    if any(len(value.shape) != 1 for value in values) or axis not in (0, -1):
        return None
    items = tuple(item for value in values for item in value.items)
    if len(items) > MOST:
        return None
    return SmallTensor((len(items),), items, any(value.real for value in values))


def permute(value: SmallTensor, order: Sequence[int]) -> SmallTensor | None:
    """The axes in another order; None where that names not every axis once."""
    if sorted(order) != list(range(len(value.shape))):
        return None
    steps = [prod(value.shape[axis + 1 :]) for axis in order]
    shape = tuple(value.shape[axis] for axis in order)
    places = [0]
    for size, step in zip(shape, steps, strict=True):
        places = [place + step * i for place in places for i in range(size)]
    return SmallTensor(shape, tuple(value.items[place] for place in places), value.real)


def multiplied(value: SmallTensor) -> SmallTensor:
    """The product of all elements, as a scalar."""
    found: Item = Ratio(Dim(1))
    for item in value.items:
        found = _tried(times, found, item)
    return SmallTensor((), (found,), value.real)
