"""Receptive fields: which input elements one output element can reach.

One law covers every operation along an axis: output y reads the input elements

    (stride*y - begin + dilation*t)/apart      for 0 <= t < kernel, where that is whole.

A convolution or a pooling has inputs 1 apart and begin = padding; a transposed convolution is the
window of stride 1 over inputs s apart; cropping, slicing and resizing are windows too. What output
y of a stack reads is the union of what the elements that its last layer reads have read, on an axis
without ends: padding counts as elements, whether or not an input of some size has them. Its first
and last element are size maps of y, exact for every y: behind a transposed layer they depend on the
phase of y. Its length is last - first + 1, holes between included, and 0 where nothing is read.
A receptive field is the largest length over all y.

Where every output reads something, and a later one never less far, the ends of a window decide, and
maps compose. Behind transposed layers that leave outputs without inputs, or dilate, they do not:
then a window takes the first and the last of all it reads, phase by phase.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from math import gcd, lcm
from typing import TYPE_CHECKING, NamedTuple

from solver.errors import LimitError
from solver.layers.own import Axis
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.slope import between, mean, plain, ratio, smaller, whole

if TYPE_CHECKING:
    from fractions import Fraction


#: Outputs that are told apart one by one, where no composition says what they read.
_MOST_PHASES = 1 << 14

#: The end of what each phase of the outputs reads, None where it reads nothing.
_Ends = Sequence[int | None]


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
    def of(cls, rise: int, firsts: _Ends, lasts: _Ends) -> Span:
        """Return the span of outputs that repeat, moved by `rise`, from the ends of one turn.

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
        """Return what is read by reading both, of the same jump.

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
        """Return the elements from the first to the last that output y reads.

        >>> [list(Taps(apart=2).span.reads(y)) for y in range(3)]
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
    def length(self) -> int:
        """Return the elements from first to last, at the phase of y where they are most."""
        return max(between(self.first, self.last)[1] + 1, 0)

    @property
    def jump(self) -> int | Fraction:
        """Return the input elements between neighbouring outputs (effective or total stride)."""
        return ratio(self.first.rise, self.first.period)

    @property
    def padding(self) -> int | None:
        """Return how many elements before the input the first output begins to read, if any."""
        return -int(self.first(0)) if self.reads(0) else None

    @property
    def period(self) -> int:
        """Return after how many outputs the span repeats, moved."""
        return lcm(self.first.period, self.last.period)

    def centre(self, y: int) -> int | Fraction | None:
        """Return the middle of what output y reads, in elements counted from 0; None of nothing."""
        return ratio(int(self.first(y)) + int(self.last(y)), 2) if self.reads(y) else None

    @property
    def middle(self) -> int | Fraction | None:
        """Return the mean of centre(y) - jump*y over the phases that read anything.

        None where none does, and where there are too many of them to look at.
        """
        if self.full:
            return plain((mean(self.first) + mean(self.last)) / 2)
        if self.period > _MOST_PHASES:
            return None
        centres = [(self.centre(y), y) for y in range(self.period)]
        apart = [centre - self.jump * y for centre, y in centres if centre is not None]
        return plain(sum(apart) / whole(len(apart))) if apart else None

    @property
    def offset(self) -> int | Fraction | None:
        """Return how far the outputs stand from the middles of the cells they stand for.

        With a jump of j, output y stands for the j elements from j*y on. Zero is aligned, as with
        half-pixel centres; where it depends on the phase of y this is the mean.

        >>> Span(SizeMap.line(2, -1), SizeMap.line(2, 1)).offset  # a stride of 2 around element 2y
        Fraction(-1, 2)
        """
        middle = self.middle
        return None if middle is None else plain(middle - (self.jump - 1) / whole(2))

    @property
    def shape(self) -> Span:
        """Return this span moved to begin at element 0: what tells receptive fields apart."""
        start = int(self.first(0))
        return Span(self.first - start, self.last - start)

    def ends(self, period: int) -> tuple[_Ends, _Ends]:
        """Return the first and the last that each of so many outputs reads, None of nothing."""
        pairs = [(self.first(y), self.last(y)) for y in range(_checked(period))]
        kept = [pair if pair[0] <= pair[1] else (None, None) for pair in pairs]
        return [first for first, _ in kept], [last for _, last in kept]


#: What an element reads of its own layer: itself.
ITSELF = Span(IDENTITY, IDENTITY)


class Taps(NamedTuple):
    """Hold which elements an operation reads: (stride*y - begin + dilation*t)/apart, t < kernel."""

    stride: int = 1
    begin: int = 0
    kernel: int = 1
    dilation: int = 1
    apart: int = 1

    @property
    def wide(self) -> int:
        """Return the effective kernel size."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def gapless(self) -> bool:
        """Tell whether every output reads something at both ends of its window."""
        return self.apart == 1 or (self.dilation == 1 and self.kernel >= self.apart)

    def composes(self, read: Span) -> bool:
        """Tell whether the ends of windows decide what is read through them."""
        return self.gapless and read.steady

    @property
    def span(self) -> Span:
        """Return the first and the last element that are read.

        >>> Taps(1, begin=2, kernel=4, apart=2).span  # ConvTranspose(4, stride=2, padding=1)
        Span(first=SizeMap.line(1, -1, 2), last=SizeMap.line(1, 1, 2))
        """
        if not self.gapless and (self.dilation > 1 or self.stride != 1):
            return Span.of(*self._told_apart(ITSELF))
        s, b, m = self.stride, self.begin, self.apart
        return Span(SizeMap.line(s, m - 1 - b, m), SizeMap.line(s, self.wide - 1 - b, m))

    def behind(self, read: Span) -> Span:
        """Return what is read of the input by reading elements that read of it themselves.

        Raises LimitError where outputs have to be told apart, and are too many.

        >>> Taps(kernel=3).behind(Taps(stride=2, kernel=3).span).length
        7
        >>> gaps = Taps(kernel=1, apart=2).behind(Taps(kernel=3).span)  # every other reads nothing
        >>> gaps.length, gaps.full, Taps(stride=2, begin=1).behind(gaps).length
        (3, False, 0)
        """
        if self == Taps():
            return read
        if read == ITSELF:
            return self.span
        if self.composes(read):
            own = self.span
            return Span(read.first(own.first), read.last(own.last))
        return Span.of(*self._told_apart(read))

    def length_behind(self, read: Span) -> int:
        """Return the length of what is read so, which is less work than all of it.

        >>> Taps(kernel=3).length_behind(Taps(stride=2, kernel=3).span)
        7
        """
        if self.composes(read):
            return self.behind(read).length
        _, firsts, lasts = self._told_apart(read)
        pairs = zip(firsts, lasts, strict=True)
        return max((y - x + 1 for x, y in pairs if x is not None and y is not None), default=0)

    def _told_apart(self, read: Span) -> tuple[int, _Ends, _Ends]:
        """Return the ends of what is read, phase by phase of the outputs, and their rise."""
        s, b, k, d, m = self
        turn, common = read.period, gcd(d, m)
        gain = read.first.rise * (turn // read.first.period)
        period = _checked(m * turn // gcd(s, m * turn))
        rest, step = m // common, d // common
        inverse = pow(step, -1, rest)
        windows: dict[int, tuple[_Ends, _Ends]] = {}
        firsts: list[int | None] = [None] * period
        lasts: list[int | None] = [None] * period
        for y in range(period):
            place = s * y - b
            # the taps t with place + d*t divisible by m
            t = -(place // common) * inverse % rest
            if place % common or t >= k:
                continue
            count = (k - 1 - t) // rest + 1
            if count not in windows:
                windows[count] = _window(read, step, count)
            turns, at = divmod((place + d * t) // m, turn)
            (first, last), moved = (side[at] for side in windows[count]), turns * gain
            if first is not None and last is not None:
                firsts[y], lasts[y] = first + moved, last + moved
        return s * period // (m * turn) * gain, firsts, lasts

    def read(self, y: int) -> list[int]:
        """Return the elements that output y reads, in order.

        >>> Taps(1, begin=2, kernel=3, apart=2).read(0), Taps(2, begin=1, kernel=3).read(5)
        ([-1, 0], [9, 10, 11])
        """
        places = (self.stride * y - self.begin + self.dilation * t for t in range(self.kernel))
        return [place // self.apart for place in places if place % self.apart == 0]

    @property
    def overlaps(self) -> tuple[int, ...]:
        """Return how many elements each output reads, by its phase; of too many, each number once.

        Where these differ, a transposed layer paints a checkerboard.

        >>> Taps(1, begin=2, kernel=3, apart=2).overlaps, Taps(1, 3, 4, 1, 2).overlaps
        ((2, 1), (2, 2))
        """
        s, b, k, d, m = self
        common = gcd(d, m)
        rest, phases = m // common, m // gcd(m, s)
        if phases > _MOST_PHASES:
            most = -(-k // rest)
            return tuple(dict.fromkeys((most, k // rest, 0 if common > 1 else most)))
        inverse = pow(d // common, -1, rest)
        firsts = ((s * y - b, -((s * y - b) // common) * inverse % rest) for y in range(phases))
        return tuple(0 if z % common else (k - 1 - t) // rest + 1 for z, t in firsts)


def taps(axis: Axis, transposed: bool) -> Taps:
    """Return what one layer reads along one axis.

    >>> taps(Axis(3, 2, 1, 1, 1, 0), transposed=True)
    Taps(stride=1, begin=1, kernel=3, dilation=1, apart=2)
    """
    k, s, p, d = axis.kernel_size, axis.stride, axis.begin, axis.dilation
    if transposed:
        return Taps(1, d * (k - 1) - p, k, d, s)
    return Taps(s, p, k, d)


def spans(layers: Iterable[tuple[Axis, bool]]) -> Iterable[Span]:
    """Yield what each layer reads of the first layer's input.

    >>> stem = [(Axis(7, 2, 3, 3, 1, 0), False), (Axis(3, 2, 1, 1, 1, 0), False)]
    >>> [read.length for read in spans(stem)]
    [7, 11]
    """
    read = ITSELF
    for layer in layers:
        read = taps(*layer).behind(read)
        yield read


@lru_cache(maxsize=16)  # layers that differ in padding share them
def _window(read: Span, step: int, count: int) -> tuple[_Ends, _Ends]:
    """Return the ends of what `count` elements read, `step` apart, from each element on."""
    firsts, lasts = read.ends(read.period)
    period, gain = read.period, read.first.rise * (read.period // read.first.period)
    # From when on the same phases come again, further on: the ends are in the first or last turn.
    again = period // gcd(step, period)
    skipped = max(count - again, 0)
    count -= skipped

    def moved(ends: _Ends, by: int) -> _Ends:
        places = (divmod(x + by, period) for x in range(period))
        return [None if (end := ends[at]) is None else end + t * gain for t, at in places]

    def widest(ends: _Ends, pick: Callable[[int, int], int]) -> _Ends:
        held = 1
        while held < count:  # as many again, and again
            more = min(held, count - held)
            ends = _wider(pick, ends, moved(ends, more * step))
            held += more
        return _wider(pick, ends, moved(ends, skipped * step)) if skipped else ends

    return widest(firsts, min), widest(lasts, max)


def _wider(pick: Callable[[int, int], int], ends: _Ends, others: _Ends) -> _Ends:
    """Return the ends of both, None where neither has one."""
    return [
        other if end is None else end if other is None else pick(end, other)
        for end, other in zip(ends, others, strict=True)
    ]


def _checked(period: int) -> int:
    if period > _MOST_PHASES:
        rule = f"at most {_MOST_PHASES:,} outputs that read differently are told apart"
        raise LimitError(rule, f"{period:,}", "smaller strides of transposed layers")
    return period
