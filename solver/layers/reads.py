"""Receptive fields: which input elements one output element can reach.

What output y of a stack reads is the union of what the elements that its last window reads have
read, on an axis without ends: padding counts as elements, whether or not an input of some size has
them. Its first and last element are size maps of y, exact for every y: behind a transposed layer
they depend on the phase of y. Its length is last - first + 1, holes between included, and 0 where
nothing is read. A receptive field is the largest length over all y.

Where every output reads something, and a later one never less far, the ends of a window decide, and
maps compose. Behind transposed layers that leave outputs without inputs, or dilate, they do not:
then a window takes the first and the last of all it reads, phase by phase.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import gcd, lcm
from typing import TYPE_CHECKING

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.slope import between, mean, ratio, smaller

if TYPE_CHECKING:
    from fractions import Fraction


#: Outputs that are told apart one by one, where no composition says what they read.
MOST_PHASES = 1 << 14

#: The end of what each phase of the outputs reads, None where it reads nothing.
Ends = Sequence[int | None]


class Span(NamedTuple):
    """Hold the first and the last input element that output element y reads, as maps of y.

    Where output y reads nothing, first(y) is what the next output that reads anything begins with,
    and last(y) is one less: so spans are equal where they say the same.

    >>> Span(SizeMap.line(2, -1), SizeMap.line(2, 1)).length
    3
    """

    first: SizeMap
    last: SizeMap

    @classmethod
    def of(cls, rise: int, firsts: Ends, lasts: Ends) -> Span:
        """The span of outputs that repeat, moved by `rise`, from the ends of one turn.

        >>> Span.of(1, [0, None], [2, None])
        Span(first=SizeMap.line(1, 1, 2), last=SizeMap(2, 1, (2, 0)))
        """
        period = len(firsts)
        below, above = list(firsts), list(lasts)
        nearest = next((end + rise for end in firsts if end is not None), None)
        if nearest is None:  # nothing is read at all
            return cls(SizeMap.line(rise, period, period), SizeMap.line(rise, 0, period))
        for y in range(period - 1, -1, -1):
            if (end := firsts[y]) is None:
                below[y], above[y] = nearest, nearest - 1
            else:
                nearest = end
        return cls(SizeMap(period, rise, below), SizeMap(period, rise, above))  # type: ignore[arg-type]

    def hull(self, other: Span) -> Span:
        """What is read by reading both, of the same jump.

        Raises SolverError where the jumps differ.

        >>> ITSELF.hull(Span(SizeMap.line(1, -1), SizeMap.line(1, -1)))
        Span(first=SizeMap.line(1, -1), last=SizeMap.line(1))
        """
        if self == other:
            return self
        if self.full and other.full:
            last = -smaller(-self.last, -other.last)
            return Span(smaller(self.first, other.first), last)
        between(self.first, other.first)  # refuses other jumps
        period = lcm(self.period, other.period)
        one, two = self.ends(period), other.ends(period)
        rise = self.first.rise * (period // self.first.period)
        return Span.of(rise, _wider(min, one[0], two[0]), _wider(max, one[1], two[1]))

    def reads(self, y: int) -> range:
        """The elements from the first to the last that output y reads.

        >>> every_other = Span(SizeMap.line(1, 1, 2), SizeMap.line(1, 0, 2))
        >>> [list(every_other.reads(y)) for y in range(3)]
        [[0], [], [1]]
        """
        return range(int(self.first(y)), int(self.last(y)) + 1)

    @property
    def full(self) -> bool:
        """Tell whether every output reads something."""
        return between(self.first, self.last)[0] >= 0

    @property
    def steady(self) -> bool:
        """Tell whether every output reads something, and a later one never less far."""
        return self.first.nondecreasing and self.last.nondecreasing and self.full

    @property
    def alike(self) -> bool:
        """Tell whether every output reads as many, a stride further."""
        return self.first.period == self.last.period == 1

    @property
    def length(self) -> int:
        """The elements from first to last, at the phase of y where they are most."""
        return max(between(self.first, self.last)[1] + 1, 0)

    @property
    def jump(self) -> int | Fraction:
        """The input elements between neighbouring outputs (effective or total stride)."""
        return ratio(self.first.rise, self.first.period)

    @property
    def padding(self) -> int | None:
        """How many elements before the input the first output begins to read, if any."""
        return -int(self.first(0)) if self.reads(0) else None

    @property
    def period(self) -> int:
        """Return after how many outputs the span repeats, moved."""
        return lcm(self.first.period, self.last.period)

    def centre(self, y: int) -> int | Fraction | None:
        """The middle of what output y reads, in elements counted from 0; None of nothing."""
        return ratio(int(self.first(y)) + int(self.last(y)), 2) if self.reads(y) else None

    @property
    def offset(self) -> int | Fraction | None:
        """How far the outputs stand from the middles of the cells they stand for.

        With a jump of j, output y stands for the j elements from j*y on. Zero is aligned, as with
        half-pixel centres; where it depends on the phase of y this is the mean.

        >>> Span(SizeMap.line(2, -1), SizeMap.line(2, 1)).offset  # a stride of 2 around element 2y
        Fraction(-1, 2)
        """
        if (middle := self._middle) is None:
            return None
        (above, below), rise, period = middle, self.first.rise, self.first.period
        return ratio(2 * period * above - (rise - period) * below, 2 * period * below)

    @property
    def _middle(self) -> tuple[int, int] | None:
        """The mean of centre(y) - jump*y over the phases that read anything, as (above, below).

        None where none does, and where there are too many of them to look at.
        """
        if self.full:
            (one, under), (two, below) = mean(self.first), mean(self.last)
            return one * below + two * under, 2 * under * below
        if self.period > MOST_PHASES:
            return None
        rise, period = self.first.rise, self.first.period
        ends = ((y, int(self.first(y) + self.last(y))) for y in range(self.period) if self.reads(y))
        apart = [period * both - 2 * rise * y for y, both in ends]
        return (sum(apart), 2 * period * len(apart)) if apart else None

    @property
    def shape(self) -> Span:
        """Return this span moved to begin at element 0: what tells receptive fields apart."""
        start = int(self.first(0))
        return Span(self.first - start, self.last - start)

    def ends(self, period: int) -> tuple[Ends, Ends]:
        """The first and the last that each of so many outputs reads, None of nothing."""
        pairs = [(self.first(y), self.last(y)) for y in range(_checked(period))]
        kept = [pair if pair[0] <= pair[1] else (None, None) for pair in pairs]
        return [first for first, _ in kept], [last for _, last in kept]


#: What an element reads of its own layer: itself.
ITSELF = Span(IDENTITY, IDENTITY)


def told_apart(read: Span, k: int, s: int, begin: int, d: int, m: int) -> tuple[int, Ends, Ends]:
    """The ends of what a window reads through `read`, phase by phase of its outputs.

    k, s, begin, d, m: the fields of the window. Raises LimitError where the phases are too many.
    """
    turn, common = read.period, gcd(d, m)
    gain = read.first.rise * (turn // read.first.period)
    period = _checked(m * turn // gcd(s, m * turn))
    rest, step = m // common, d // common
    inverse = pow(step, -1, rest)
    windows: dict[int, tuple[Ends, Ends]] = {}
    firsts: list[int | None] = [None] * period
    lasts: list[int | None] = [None] * period
    for y in range(period):
        place = s * y - begin
        # the taps t with place + d*t divisible by m
        t = -(place // common) * inverse % rest
        if place % common or t >= k:
            continue
        count = (k - 1 - t) // rest + 1
        if count not in windows:
            windows[count] = _joined(read, step, count)
        turns, at = divmod((place + d * t) // m, turn)
        (first, last), moved = (side[at] for side in windows[count]), turns * gain
        if first is not None and last is not None:
            firsts[y], lasts[y] = first + moved, last + moved
    return s * period // (m * turn) * gain, firsts, lasts


@lru_cache(maxsize=16)  # layers that differ in padding share them
def _joined(read: Span, step: int, count: int) -> tuple[Ends, Ends]:
    """The ends of what `count` elements read, `step` apart, from each element on."""
    firsts, lasts = read.ends(read.period)
    period, gain = read.period, read.first.rise * (read.period // read.first.period)
    # From when on the same phases come again, further on: the ends are in the first or last turn.
    again = period // gcd(step, period)
    skipped = max(count - again, 0)
    count -= skipped

    def moved(ends: Ends, by: int) -> Ends:
        places = (divmod(x + by, period) for x in range(period))
        return [None if (end := ends[at]) is None else end + t * gain for t, at in places]

    def widest(ends: Ends, pick: Callable[[int, int], int]) -> Ends:
        held = 1
        while held < count:  # as many again, and again
            more = min(held, count - held)
            ends = _wider(pick, ends, moved(ends, more * step))
            held += more
        return _wider(pick, ends, moved(ends, skipped * step)) if skipped else ends

    return widest(firsts, min), widest(lasts, max)


def _wider(pick: Callable[[int, int], int], ends: Ends, others: Ends) -> Ends:
    """The ends of both, None where neither has one."""
    return [
        other if end is None else end if other is None else pick(end, other)
        for end, other in zip(ends, others, strict=True)
    ]


def _checked(period: int) -> int:
    if period > MOST_PHASES:
        rule = f"at most {MOST_PHASES:,} outputs that read differently are told apart"
        raise LimitError(rule, f"{period:,}", "smaller strides of transposed layers")
    return period
