"""Strips: the solutions of one unknown layer as integer points between two parallel lines.

With the stride and the output padding fixed, what is left of a question is

    low <= base + factor*v - d*j <= high        j = k - 1

where v is the one other unknown: the padding, its end, or the input. For one dilation d these are
points (j, v) of a strip, and they fall into arithmetic progressions three ways: along the strip,
one for each value between low and high; one for each v; or one for each j. The way with the fewest
is taken, so listing costs what the answer costs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import count, repeat, starmap
from math import gcd

from solver.ground.named import NamedTuple
from solver.sizes.domain import LARGEST, Domain
from solver.sizes.formulas import WORDS

#: A solution: kernel_size, stride, padding (an int, or (begin, end)), dilation, output_padding,
#: and the input where that was asked for.
Row = tuple[int, int, int | tuple[int, int], int, int, int | None]
FIELDS = ("kernel_size", "stride", "padding", "dilation", "output_padding")

#: (a, b, c) is a*j + b*v <= c
Side = tuple[int, int, int]

#: Dilation, first j and its step, first v and its step, number of points.
Progression = tuple[int, int, int, int, int, int]

#: A dilation with the first and last j, and the first and last v.
Rectangle = tuple[int, int, int, int, int]

#: How to get the progressions in rectangles, from the bounds on factor*v - d*j and the factor.
Way = Callable[[Iterable[Rectangle], int, int, int], Iterator[Progression]]

#: Beyond every number that occurs.
FAR = 4 * LARGEST


class Strip(NamedTuple):
    """Hold the points with low <= base + factor*v - d*j <= high.

    values, reaches, dilations: the domains of v, j and d. sides: further inequalities.
    least, most: bounds on the reach d*j besides the strip's own.
    begin: what stands before v where v is the end of a padding; padding: the padding where v is an
    input; word: what says the padding of a reach, v being 0 and begin None where both ends are
    alike; else v is the padding.
    """

    stride: int
    output_padding: int
    low: int
    high: int
    base: int
    factor: int
    values: Domain
    reaches: Domain
    dilations: Domain
    sides: tuple[Side, ...] = ()
    least: int = 0
    most: int = FAR
    begin: int | None = None
    padding: int | tuple[int, int] | None = None
    word: str = ""

    def blocks(self) -> Iterator[Iterable[Row]]:
        """Yield the points as rows, one block for each progression."""
        s, a, none = repeat(self.stride), repeat(self.output_padding), repeat(None)
        for d, j, j_step, v, v_step, number in self.progressions():
            k, values, d_repeated = count(j + 1, j_step), count(v, v_step), repeat(d, number)
            if self.word:
                pads = map(self._said, count(d * j, d * j_step))
                yield zip(k, s, pads, d_repeated, a, none, strict=False)
            elif self.padding is not None:
                yield zip(k, s, repeat(self.padding), d_repeated, a, values, strict=False)
            elif self.begin is not None:
                ends = zip(repeat(self.begin), values, strict=False)
                yield zip(k, s, ends, d_repeated, a, none, strict=False)
            else:
                yield zip(k, s, values, d_repeated, a, none, strict=False)

    def row(self, progression: Progression, at: int) -> Row:
        """One point of a progression, as a row."""
        d, j, j_step, v, v_step, _ = progression
        k, v = j + 1 + at * j_step, v + at * v_step
        if self.padding is not None:
            return k, self.stride, self.padding, d, self.output_padding, v
        said = self._said(d * (k - 1)) if self.word else v
        padding = said if self.begin is None or self.word else (self.begin, v)
        return k, self.stride, padding, d, self.output_padding, None

    def _said(self, reach: int) -> int | tuple[int, int]:
        """The padding that a word says of a reach."""
        begin, end = WORDS[self.word](reach)
        return begin if self.begin is None else (begin, end)

    def number(self) -> int:
        """Count the points, progression by progression."""
        if self.empty:
            return 0
        near = sum([progression[5] for progression in self._near()])
        if not (far := self._far_dilations()):
            return near
        return near + far.size() * sum([progression[5] for progression in self._alone()])

    @property
    def empty(self) -> bool:
        """Tell whether there is no point, as far as can be seen at once."""
        some = self.values.ranges and self.reaches.ranges and self.dilations.ranges
        return not some or self.low > self.high

    @property
    def asks_reach(self) -> bool:
        """Tell whether it asks nothing of a kernel but its reach, at a number of paddings."""
        return not self.sides and self.padding is None

    @property
    def furthest(self) -> int:
        """A bound on the reach of a point."""
        first, last = self.factor * self.values.first, self.factor * self.values.last
        return min(self.base + max(first, last) - self.low, self.most)

    @property
    def effort(self) -> int:
        """A bound on the number of progressions."""
        return 1 + self.dilations.clip(1, self.furthest).size() * self._way()[0]

    @property
    def at_most(self) -> int:
        """A bound on the number of points, in a few operations.

        A dilation d has at most furthest/d reaches past 0, and 1 + 1/2 + ... + 1/n is at most the
        number of bits of n.
        """
        if self.empty:
            return 0
        beside = min(self.values.size(), (self.high - self.low) // abs(self.factor) + 1)
        dilations, far = self.dilations.size(), max(self.furthest, 0)
        reaches = min(dilations * self.reaches.size(), far * dilations.bit_length())
        return beside * (dilations + reaches)

    def _way(self) -> tuple[int, Way]:
        """The way with the fewest progressions, and how many it takes for a dilation."""
        ways = (
            (self.high - self.low + 1, _along_lines),
            (self.values.size(), _along_columns),
            (self.reaches.size(), _along_rows),
        )
        return min(ways, key=lambda way: way[0])

    def progressions(self) -> Iterator[Progression]:
        """Yield progressions of points, disjoint and together complete."""
        if not self.empty:
            yield from self._near()
            for progression in self._alone():
                for d in self._far_dilations():
                    yield d, *progression[1:]

    def _near(self) -> Iterator[Progression]:
        """Yield the progressions of the dilations within the furthest reach."""
        found = self._uncut()
        return filter(None, starmap(self._cut, found)) if self.sides else found

    def _uncut(self) -> Iterator[Progression]:
        _, way = self._way()
        return way(self._rectangles(), self.low - self.base, self.high - self.base, self.factor)

    def _rectangles(self) -> Iterator[Rectangle]:
        """Yield the ranges of j and v for each dilation within the furthest reach."""
        for d in self.dilations.clip(1, self.furthest):
            for first, last in self.reaches.ranges:
                if self.least > d * first:
                    first = -(-self.least // d)
                if self.most < d * last:
                    last = self.most // d
                for values in self.values.ranges:
                    yield d, first, last, *values

    def _alone(self) -> Iterator[Progression]:
        """Yield the progressions of a kernel of 1, which reaches nothing whatever the dilation."""
        if self.reaches.first == 0 and self.least <= 0 <= self.most:
            low, high = self.low - self.base, self.high - self.base
            rectangles = ((1, 0, 0, *values) for values in self.values.ranges)
            for progression in _along_rows(rectangles, low, high, self.factor):
                cut = self._cut(*progression)
                if cut is not None:
                    yield cut

    def _far_dilations(self) -> Domain:
        """The dilations past the furthest reach: only kernels of 1 can have them."""
        return self.dilations.clip(max(self.furthest, 0) + 1, LARGEST)

    def _cut(
        self, d: int, j: int, j_step: int, v: int, v_step: int, count: int
    ) -> Progression | None:
        """The part of a progression that the sides leave, if any."""
        first, last = 0, count - 1
        for a, b, c in self.sides:
            slope, room = a * j_step + b * v_step, c - a * j - b * v
            if slope > 0:
                last = min(last, room // slope)
            elif slope < 0:
                first = max(first, -(room // -slope))
            elif room < 0:
                return None
        if first > last:
            return None
        return d, j + first * j_step, j_step, v + first * v_step, v_step, last - first + 1


def within(places: range, value: Callable[[int], int], least: int, most: int) -> range:
    """The places at which what never falls from one to the next lies between two numbers.

    >>> within(range(100), lambda x: x // 2, 3, 4)
    range(6, 10)
    """
    first = bisect_left(places, least, key=value)
    return places[first : bisect_right(places, most, key=value)]


def _along_lines(
    rectangles: Iterable[Rectangle], low: int, high: int, factor: int
) -> Iterator[Progression]:
    """Yield one progression for each y = factor*v - d*j in low..high."""
    for d, j_first, j_last, v_first, v_last in rectangles:
        # factor*v = y + d*j fixes j modulo its step, and v with it; v may go down as j goes up.
        common = gcd(factor, d)
        j_step, v_step = abs(factor) // common, d // common
        inverse = pow(v_step, -1, j_step) if j_step > 1 else 0
        least, most = factor * v_first, factor * v_last
        if factor < 0:
            v_step, least, most = -v_step, most, least
        for y in range(low + -low % common, high + 1, common):
            first, last = -((y - least) // d), (most - y) // d
            if first < j_first:
                first = j_first
            if last > j_last:
                last = j_last
            j = first + (-y // common * inverse - first) % j_step
            if j <= last:
                yield d, j, j_step, (y + d * j) // factor, v_step, (last - j) // j_step + 1


def _along_columns(
    rectangles: Iterable[Rectangle], low: int, high: int, factor: int
) -> Iterator[Progression]:
    """Yield one progression for each v: neighbouring j."""
    for d, j_first, j_last, v_first, v_last in rectangles:
        for v in range(v_first, v_last + 1):
            first = max(j_first, -((high - factor * v) // d))
            last = min(j_last, (factor * v - low) // d)
            if first <= last:
                yield d, first, 1, v, 0, last - first + 1


def _along_rows(
    rectangles: Iterable[Rectangle], low: int, high: int, factor: int
) -> Iterator[Progression]:
    """Yield one progression for each j: neighbouring v."""
    size = abs(factor)
    for d, j_first, j_last, v_first, v_last in rectangles:
        for j in range(j_first, j_last + 1):
            near, far = low + d * j, high + d * j
            if factor < 0:
                near, far = -far, -near
            first, last = max(v_first, -(-near // size)), min(v_last, far // size)
            if first <= last:
                yield d, j, 0, first, 1, last - first + 1
