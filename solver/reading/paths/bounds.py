"""Between which numbers a size lies where each of its letters lies in a span."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Protocol

from solver.network.graph.demand import AT_MOST, EQUAL, LESS, MEETS, REPEATS, UNEQUAL, Demand
from solver.network.graph.dim import Dim
from solver.sizes.sizemap import SizeMap

#: The longest period of a map whose values are gone through.
_LONGEST = 4096
Bounds = tuple[float, float]


class LetterSizes(Protocol):
    """Say what is known of the sizes of a letter."""

    @property
    def end(self) -> int | None: ...

    def first(self, at_least: int) -> int | None: ...


def decided(demand: Demand, box: Mapping[str, LetterSizes]) -> bool | None:
    """Whether something holds for all sizes of a box, or for none; None where it is not told."""
    if isinstance(demand.other, Dim):
        low, high = bounds(demand.dim + demand.other * -1, box)
        for relation, holds in _HOLDS.get(demand.relation, ()):
            if relation(low, high):
                return holds
    elif demand.other.only_minimum:
        low, high = bounds(demand.dim, box)
        least = demand.other.minimum
        return True if low >= least else False if high < least else None
    return None


def _never_equal(low: float, high: float) -> bool:
    return low > 0 or high < 0


_EQUAL = ((_never_equal, False), (lambda low, high: low == high == 0, True))
#: How the bounds of a difference tell what holds of two sizes.
_HOLDS: dict[str, tuple[tuple[Callable[[float, float], bool], bool], ...]] = {
    EQUAL: _EQUAL,
    UNEQUAL: tuple((relation, not holds) for relation, holds in _EQUAL),
    MEETS: _EQUAL[1:],
    REPEATS: _EQUAL[1:],
    AT_MOST: ((lambda _, high: high <= 0, True), (lambda low, _: low > 0, False)),
    LESS: ((lambda _, high: high < 0, True), (lambda low, _: low >= 0, False)),
}


def bounds(dim: Dim, box: Mapping[str, LetterSizes]) -> Bounds:
    """The least and the largest that a size may be, as far as its parts tell.

    >>> from solver.reading.paths.decisions import SizeSpan
    >>> h, w = Dim.letter("h"), Dim.letter("w")
    >>> bounds(h * w * 2 + -3, {"h": SizeSpan(last=8), "w": SizeSpan(last=5)})
    (-1, 77)
    """
    low: float = 0
    high: float = 0
    for term in dim.terms:
        found: Bounds = (term.factor, term.factor)
        for letter, size_map in term.parts:
            found = _times(found, _of_map(size_map, box[letter]))
        low, high = low + found[0], high + found[1]
    return low, high


def _times(one: Bounds, other: Bounds) -> Bounds:
    corners = [a * b if a and b else 0 for a in one for b in other]
    return min(corners), max(corners)


def _of_map(size_map: SizeMap, span: LetterSizes) -> Bounds:
    first, last = span.first(1), span.end
    if first is None:
        return -inf, inf
    if size_map.nondecreasing:
        return size_map(first), inf if last is None and size_map.rise else _end(size_map, last)
    if size_map.period > _LONGEST:
        return -inf, inf
    stop = first + size_map.period
    begin = size_map.each(range(first, stop if last is None else min(stop, last + 1)))
    low, high = min(begin), max(begin)
    if last is not None:
        end = size_map.each(range(max(first, last + 1 - size_map.period), last + 1))
        return min(low, *end), max(high, *end)
    return low if size_map.rise >= 0 else -inf, high if size_map.rise <= 0 else inf


def _end(size_map: SizeMap, last: int | None) -> int:
    return int(size_map(0 if last is None else last))
