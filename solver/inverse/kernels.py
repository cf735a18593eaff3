"""The kernels of a box by their reach x = d(k - 1): which (k, d) have x between two numbers.

Sorted by reach once, the kernels of each (stride, padding) are one slice of the table, and their
number a difference of two prefix sums. Boxes too large to tabulate are walked dilation by dilation.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate, chain

from solver.domain import Domain

_LARGEST_TABLE = 300_000  # kernels, and values of the reach


class Kernels:
    """Hold the kernels k in sizes, d in dilations with reach at most `furthest`.

    >>> kernels = Kernels(Domain.parse("1..3"), Domain.parse("1,2"), 4)
    >>> list(kernels.between(2, 4)), kernels.count(2, 4)
    ([(3, 1), (2, 2), (3, 2)], 3)
    """

    def __init__(self, sizes: Domain, dilations: Domain, furthest: int) -> None:
        self.sizes = sizes
        self.dilations = dilations
        self._smallest, self._least_dilation = sizes.first, dilations.first
        self.furthest = min(furthest, (sizes.last - 1) * dilations.last)
        self.tabulated = (
            self.furthest <= _LARGEST_TABLE and sizes.size() * dilations.size() <= _LARGEST_TABLE
        )

    @cached_property
    def _sorted(self) -> tuple[list[tuple[int, int]], list[int]]:
        """Return the kernels sorted by reach, and where each reach starts."""
        by_reach: list[list[tuple[int, int]]] = [[] for _ in range(self.furthest + 1)]
        for d in self.dilations:
            for first, last in self.sizes.ranges:
                # x = d(k - 1) walks the table in steps of d
                buckets = by_reach[d * (first - 1) : d * (last - 1) + 1 : d]
                for k, bucket in enumerate(buckets, first):
                    bucket.append((k, d))
        return list(chain.from_iterable(by_reach)), [0, *accumulate(map(len, by_reach))]

    @cached_property
    def _starts(self) -> list[int]:
        """Return where each reach would start, without the kernels: enough to count."""
        counts = [0] * (self.furthest + 1)
        for d in self.dilations:
            for first, last in self.sizes.ranges:
                for x in range(d * (first - 1), min(d * (last - 1), self.furthest) + 1, d):
                    counts[x] += 1
        return [0, *accumulate(counts)]

    def between(
        self, low: int, high: int, smallest: int = 1, least_dilation: int = 1
    ) -> Iterable[tuple[int, int]]:
        """Return the (k, d) with low <= d(k - 1) <= high, k >= smallest, d >= least_dilation."""
        furthest = self.furthest
        if low < 0:
            low = 0
        if high > furthest:
            high = furthest
        if low > high:
            return ()
        if not self.tabulated:
            return self._walk(low, high, smallest, least_dilation)
        kernels, start = self._sorted
        found = kernels[start[low] : start[high + 1]]
        if smallest > self._smallest or least_dilation > self._least_dilation:
            return [(k, d) for k, d in found if k >= smallest and d >= least_dilation]
        return found

    def count(self, low: int, high: int, smallest: int = 1, least_dilation: int = 1) -> int:
        """Count what `between` returns."""
        if self.tabulated and smallest <= self._smallest and least_dilation <= self._least_dilation:
            low, high = max(low, 0), min(high, self.furthest)
            start = self._starts
            return start[high + 1] - start[low] if low <= high else 0
        return sum(1 for _ in self.between(low, high, smallest, least_dilation))

    def _walk(
        self, low: int, high: int, smallest: int, least_dilation: int
    ) -> Iterable[tuple[int, int]]:
        if low == 0 and smallest <= 1 and 1 in self.sizes:
            for d in self.dilations.clip(least_dilation, self.dilations.last):
                yield 1, d
        for d in self.dilations.clip(least_dilation, high):
            for k in self.sizes.clip(max(2, smallest, -(-low // d) + 1), high // d + 1):
                yield k, d
