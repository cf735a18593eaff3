"""Compares two size maps of one slope: how far apart they are, and which is smaller.

Their difference repeats, so it has a least and a most; the mean of a map is that of what it differs
by from its slope.
"""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING

from solver.errors import SolverError
from solver.sizes.sizemap import SizeMap

if TYPE_CHECKING:
    from fractions import Fraction


def between(one: SizeMap, other: SizeMap) -> tuple[int, int]:
    """Bounds of other - one that are reached, for maps of one slope.

    Raises SolverError where the slopes differ, LimitError where a table would be too long.

    >>> between(SizeMap.line(1, -1, 2), SizeMap.line(1, 1, 2))
    (1, 1)
    """
    if one.rise * other.period != other.rise * one.period:
        raise SolverError("only maps of one slope stay near each other", f"{one} and {other}")
    left, right = one.parts, other.parts
    if left and right and left.scale == right.scale:
        # One floor of two shifts in lowest terms: it differs by the whole part, or by one more.
        turns, rest = divmod(right.shift - left.shift, left.period)
        low = left.scale * turns + right.offset - left.offset
        return low, low + left.scale * (rest > 0)
    values = (other - one).values
    return min(values), max(values)


def smaller(one: SizeMap, other: SizeMap) -> SizeMap:
    """The smaller of two maps of one slope at every n.

    >>> smaller(SizeMap.line(1), SizeMap.line(1, 0, 2, scale=2, offset=1))  # n, and n or n + 1
    SizeMap.line(1)
    >>> smaller(SizeMap.line(1), SizeMap.line(1, 0, 2, scale=4, offset=-1) - SizeMap.line(1))
    SizeMap(2, 2, (-1, -2))
    """
    low, high = between(one, other)
    if low >= 0:
        return one
    if high <= 0:
        return other
    period = lcm(one.period, other.period)
    rise = one.rise * (period // one.period)
    (other - one).values  # noqa: B018 - refuses too long a table
    phases = range(period)
    return SizeMap(period, rise, map(min, one.each(phases), other.each(phases)))


def mean(size_map: SizeMap) -> tuple[int, int]:
    """The mean of F(y) - slope*y over a period, as (above, below).

    >>> mean(SizeMap.line(1, 0, 2)), mean(SizeMap.line(3, 5))
    ((-1, 4), (10, 2))
    """
    below = 2 * size_map.period
    if size_map.parts:
        scale, _, shift, period, offset = size_map.parts
        # The remainders of r*y + b run through all of 0..p - 1.
        return scale * (2 * shift - period + 1) + below * offset, below
    return 2 * sum(size_map.values) - size_map.rise * (size_map.period - 1), below


def whole(number: int) -> Fraction:
    """A whole number as a fraction."""
    from fractions import Fraction  # only where something is not whole

    return Fraction(number)


def ratio(above: int, below: int) -> int | Fraction:
    """Return above/below, as an int where it is whole."""
    if above % below == 0:
        return above // below
    from fractions import Fraction  # only behind transposed layers

    return Fraction(above, below)


def plain(value: int | Fraction) -> int | Fraction:
    """A fraction as an int where it is whole."""
    return ratio(value.numerator, value.denominator)
