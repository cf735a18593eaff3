"""The two ends of a padding: what may stand at the begin, and what at the end."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge
from itertools import product

from solver.errors import SolverError
from solver.ground.value import Value
from solver.sizes.domain import Domain


class Ends(Value):
    """Hold a domain for each end of a padding, in elements; every pair of the two may be.

    >>> one_sided = Ends.parse("0..11:0", "padding")
    >>> one_sided, one_sided.size(), (11, 0) in one_sided, (0, 11) in one_sided
    (Ends.parse('0..11:0'), 12, True, False)
    """

    def __init__(self, begin: Domain, end: Domain) -> None:
        self.begin, self.end = begin, end

    def made_of(self) -> tuple[Domain, Domain]:
        return self.begin, self.end

    @classmethod
    def parse(cls, text: str, name: str) -> Ends:
        """Read begin:end, each a domain in words. Raises SolverError with the place of a fault.

        >>> Ends.parse("1:2:3", "padding")
        Traceback (most recent call last):
            ...
        solver.errors.SolverError: padding is begin:end
          received: 1:2:3
          right:    1:2
        """
        ends = [Domain.parse(end, name) for end in text.split(":")]
        if len(ends) != 2:
            raise SolverError(f"{name} is begin:end", received=text, right="1:2")
        return cls(*ends)

    def only(self, pair: tuple[int, int]) -> Ends:
        """The part that is one pair."""
        return Ends(self.begin.only(pair[0]), self.end.only(pair[1]))

    def size(self) -> int:
        """Count the pairs."""
        return self.begin.size() * self.end.size()

    @property
    def totals(self) -> tuple[int, int]:
        """The least and the greatest padding in all."""
        return self.begin.first + self.end.first, self.begin.last + self.end.last

    def within(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        """Yield the pairs with low to high in all: the least first, then those most alike.

        >>> list(Ends.parse("0..2:0..1", "padding").within(2, 9))
        [(1, 1), (2, 0), (2, 1)]
        """
        least, most = self.totals
        for total in range(max(low, least), min(high, most) + 1):
            begins = self.begin.clip(total - self.end.last, total - self.end.first)
            runs = [_outward(first, last, total // 2) for first, last in begins.ranges]
            pairs = (((begin, total - begin) for begin in run) for run in runs)
            nearest = merge(*pairs, key=_uneven)
            yield from (pair for pair in nearest if pair[1] in self.end)

    def count(self, low: int, high: int) -> int:
        """Count the pairs with low to high in all, without listing them.

        >>> Ends.parse("0..1000000000:0,2", "padding").count(2, 9)
        16
        """
        pairs = product(self.begin.ranges, self.end.ranges)
        return sum(_up_to(high, *pair) - _up_to(low - 1, *pair) for pair in pairs)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return product(self.begin, self.end)

    def __contains__(self, pair: object) -> bool:
        return isinstance(pair, tuple) and pair[0] in self.begin and pair[1] in self.end

    def __str__(self) -> str:
        return f"{self.begin}:{self.end}"

    def __repr__(self) -> str:
        return f"Ends.parse({str(self)!r})"


def _up_to(most: int, one: tuple[int, int], other: tuple[int, int]) -> int:
    """Count the pairs of two ranges that are together at most so much."""
    room, sides = most - one[0] - other[0], (one[1] - one[0] + 1, other[1] - other[0] + 1)

    def corner(size: int) -> int:  # pairs of whole numbers from 0 on, together at most size
        return (size + 1) * (size + 2) // 2 if size >= 0 else 0

    outside = corner(room - sides[0]) + corner(room - sides[1])
    return corner(room) - outside + corner(room - sum(sides))


def _uneven(pair: tuple[int, int]) -> int:
    return abs(pair[0] - pair[1])


def _outward(first: int, last: int, centre: int) -> Iterator[int]:
    """Yield a range by how far from between a number and the next it is, nothing held.

    >>> [*_outward(0, 4, 2)], [*_outward(3, 5, 2)], [*_outward(0, 2, 7)]
    ([2, 3, 1, 4, 0], [3, 4, 5], [2, 1, 0])
    """
    low = max(min(centre, last), first - 1)
    high = low + 1
    while first <= low or high <= last:
        if high > last or (first <= low and centre - low <= high - centre - 1):
            yield low
            low -= 1
        else:
            yield high
            high += 1
