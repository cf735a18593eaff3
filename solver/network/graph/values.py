"""The numbers a graph computes with shapes: each a dimension over a whole number, or not known.

A model reads the sizes of its own tensors, adds, divides and floors them, and reshapes, resizes and
crops by what comes out. These are the same dimensions that layers give, so they hold for every n.
"""

from __future__ import annotations

from math import lcm

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.network.graph.dim import Dim
from solver.sizes.domain import LARGEST
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import EVERY, where_nonnegative

#: The most parts of a product that is followed.
_PARTS = 16
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


def cut(one: Ratio) -> Ratio:
    """The whole number that is left of it, as int() makes it."""
    if one.bottom == 1 or never_less(one, Ratio(Dim(0))):
        return floor(one)
    if never_less(Ratio(Dim(0)), one):
        return ceil(one)
    raise _undecided(one, Ratio(Dim(0)))


def nearest(one: Ratio) -> Ratio:
    """The nearest whole number, of two that are as near the even one.

    >>> [nearest(Ratio.of(Dim(n), 2)).top.number for n in range(-3, 6)]
    [-2, -1, 0, 0, 0, 1, 2, 2, 2]
    """
    if one.bottom == 1:
        return one
    # floor(x + 1/2), but of 1/2 past an even number, which comes once in each period
    bottom = one.bottom
    values = [(2 * n + bottom) // (2 * bottom) for n in range(2 * bottom)]
    if bottom % 2 == 0:
        values[bottom // 2] = 0
    return Ratio(one.top.through(SizeMap(2 * bottom, 2, values)))


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
    """The smaller one. Raises SolverError where that is no one formula for all sizes.

    >>> half = floor(Ratio.of(Dim.letter("n") + 1, 2))
    >>> str(least(times(half, Ratio(Dim(2))), Ratio(Dim.letter("n"))))
    'n/1'
    """
    if never_less(other, one):
        return one
    if never_less(one, other):
        return other
    return minus(Ratio(Dim(0)), _met(minus(Ratio(Dim(0)), one), minus(Ratio(Dim(0)), other)))


def most(one: Ratio, other: Ratio) -> Ratio:
    """The larger one. Raises SolverError where that is no one formula for all sizes.

    >>> n = Dim.letter("n")
    >>> lacks = n.through(SizeMap.line(1, 1, 2, scale=2)) + -1 + n * -1  # to an odd number
    >>> str(lacks), str(most(Ratio(lacks), Ratio(Dim(0))).top)
    ('n - 2*floor(n/2) - 1', '0')
    """
    if never_less(one, other):
        return one
    return other if never_less(other, one) else _met(one, other)


def _met(one: Ratio, other: Ratio) -> Ratio:
    """The larger one, here this and there that, where one size map says it for every n."""
    from solver.sizes.piecewise import Piecewise  # most networks compare no sizes

    letters = one.top.letters | other.top.letters
    maps = [_size_map(each.top) for each in (one, other)]
    if len(letters) != 1 or None in maps:
        raise _undecided(one, other)
    first, second = (
        Piecewise.of(size_map) / each.bottom  # type: ignore[arg-type]
        for size_map, each in zip(maps, (one, other), strict=True)
    )
    try:
        *before, last = first.greatest(second)
    except LimitError:
        raise _undecided(one, other) from None
    found = last.value
    for piece in before:  # a piece that the last one continues is none
        period = lcm(piece.value.period, found.period)
        assert piece.last is not None
        end = min(piece.last + 1, piece.first + 2 * period)
        if any(piece.value.at(n) != found.at(n) for n in range(piece.first, end)):
            raise _undecided(one, other)
    (letter,) = letters
    return Ratio.of(Dim.of(letter, found.numerator), found.denominator)


def _size_map(dim: Dim) -> SizeMap | None:
    if dim.number is not None:
        return SizeMap.line(0, dim.number)
    return None if dim.single is None else dim.single[1]


def absolute(one: Ratio) -> Ratio:
    """The size without its sign."""
    return most(one, minus(Ratio(Dim(0)), one))


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


def bounded(dim: Dim) -> bool:
    """Tell whether a dimension is small enough to be followed, in numbers and in parts."""
    if not dim.parts:
        return abs(dim.factor) <= LARGEST
    return (
        abs(dim.factor) <= LARGEST
        and len(dim.parts) <= _PARTS
        and all(part.rise <= LARGEST and part.period <= LARGEST for _, part in dim.parts)
    )
