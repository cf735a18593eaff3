"""How many kernels reach how far, counted once for all strides and paddings.

A kernel enters a size by its reach d*(k - 1) alone, and for one padding a strip asks for an
interval of reaches. The kernels of each reach are counted by going over the multiples of each
dilation: as many as a harmonic sum, the furthest reach times the logarithm of the dilations.
"""

from __future__ import annotations

from itertools import accumulate

from solver.inverse.strips import Strip
from solver.sizes.domain import Domain

#: The furthest reach of a table. Up to 1,081,079 no number has more divisors than a byte holds.
FURTHEST = 1 << 20

_ONE_MORE = bytes(range(1, 256)) + b"\0"


def kernels_within(reaches: Domain, dilations: Domain, furthest: int) -> list[int]:
    """How many (j, d) have d*j <= r, for each r up to the furthest.

    >>> kernels_within(Domain([(0, 2)]), Domain([(1, 2)]), 4)  # 0, 0, 1, 2, 2, 4
    [2, 3, 5, 5, 6]
    """
    marks = bytearray(furthest + 1)
    outer, inner = dilations.clip(1, furthest), reaches.clip(1, furthest)
    if inner.size() < outer.size():
        outer, inner = inner, outer
    for step in outer:
        for first, last in inner.ranges:
            multiples = slice(step * first, step * last + 1, step)
            marks[multiples] = marks[multiples].translate(_ONE_MORE)
    # A kernel of 1 reaches nothing, whatever the dilation.
    return [*accumulate(marks[1:], initial=dilations.size() if reaches.first == 0 else 0)]


def points(strip: Strip, within: list[int]) -> int:
    """Count the points of a strip of paddings without sides: an interval of reaches for each."""
    found, factor = 0, strip.factor
    for first, last in strip.values.ranges:
        nearest, furthest = strip.base + factor * first, strip.base + factor * last
        found += _total(within, nearest - strip.low, furthest - strip.low, factor)
        found -= _total(within, nearest - strip.high - 1, furthest - strip.high - 1, factor)
    return found


def _total(within: list[int], nearest: int, furthest: int, step: int) -> int:
    """The sum of a table's entries from one reach to another; there is none below 0."""
    if furthest < 0:
        return 0
    return sum(within[nearest if nearest >= 0 else nearest % step : furthest + 1 : step])
