"""Receptive fields: which input elements one output element can reach.

One law covers every operation along an axis: output y reads the input elements

    (stride*y - begin + dilation*t)/apart      for 0 <= t < kernel, where that is whole.

A convolution or a pooling has inputs 1 apart and begin = padding; a transposed convolution is the
window of stride 1 over inputs s apart; cropping, slicing and resizing are windows too. First and
last element are size maps of y, so those of a stack are compositions, exact for every y: behind a
transposed layer the span depends on the phase of y. Elements in the padding count, and the holes
of a dilated kernel do too, as is usual. Where nothing is read, first is greater than last.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd, lcm
from typing import TYPE_CHECKING, NamedTuple

from solver.errors import SolverError
from solver.layer import Axis
from solver.sizemap import IDENTITY, SizeMap

if TYPE_CHECKING:
    from fractions import Fraction


class Span(NamedTuple):
    """Hold the first and the last input element that output element y reads, as maps of y.

    >>> Span(SizeMap.line(2, -1), SizeMap.line(2, 1)).length
    3
    """

    first: SizeMap
    last: SizeMap

    def behind(self, other: Span) -> Span:
        """Return what this layer reads of the input of the layers before it."""
        return Span(other.first(self.first), other.last(self.last))

    def hull(self, other: Span) -> Span:
        """Return the smallest span around this and another one of the same jump.

        Raises SolverError where the jumps differ.

        >>> ITSELF.hull(Span(SizeMap.line(1, -1), SizeMap.line(1, -1)))
        Span(first=SizeMap.line(1, -1), last=SizeMap.line(1))
        """
        firsts, lasts = (self.first, other.first), (self.last, other.last)
        return Span(smaller(*firsts), -smaller(*(-last for last in lasts)))

    @property
    def length(self) -> int:
        """Return the elements from first to last, at the phase of y where they are most."""
        return between(self.first, self.last)[1] + 1

    @property
    def jump(self) -> int | Fraction:
        """Return the input elements between neighbouring outputs (effective or total stride)."""
        return _ratio(self.first.rise, self.first.period)

    @property
    def padding(self) -> int:
        """Return how many elements before the input the first output begins to read."""
        return -int(self.first(0))

    @property
    def period(self) -> int:
        """Return after how many outputs the span repeats, moved."""
        return lcm(self.first.period, self.last.period)

    def centre(self, y: int) -> int | Fraction:
        """Return the middle of what output y reads, in elements of the input counted from 0."""
        return _ratio(int(self.first(y)) + int(self.last(y)), 2)

    @property
    def offset(self) -> int | Fraction:
        """Return how far the outputs stand from the middles of the cells they stand for.

        With a jump of j, output y stands for the j elements from j*y on. Zero is aligned, as with
        half-pixel centres; where it depends on the phase of y this is the mean.

        >>> Span(SizeMap.line(2, -1), SizeMap.line(2, 1)).offset  # a stride of 2 around element 2y
        Fraction(-1, 2)
        """
        jump = self.jump
        return plain((mean(self.first) + mean(self.last) - jump + 1) / 2)

    @property
    def shape(self) -> Span:
        """Return this span moved to begin at element 0: what tells receptive fields apart."""
        start = int(self.first(0))
        return Span(self.first - start, self.last - start)


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
    def span(self) -> Span:
        """Return the first and the last element that are read.

        >>> Taps(1, begin=2, kernel=4, apart=2).span  # ConvTranspose(4, stride=2, padding=1)
        Span(first=SizeMap.line(1, -1, 2), last=SizeMap.line(1, 1, 2))
        """
        s, b, m = self.stride, self.begin, self.apart
        return Span(SizeMap.line(s, m - 1 - b, m), SizeMap.line(s, self.wide - 1 - b, m))

    def read(self, y: int) -> list[int]:
        """Return the elements that output y reads, in order.

        >>> Taps(1, begin=2, kernel=3, apart=2).read(0), Taps(2, begin=1, kernel=3).read(5)
        ([-1, 0], [9, 10, 11])
        """
        places = (self.stride * y - self.begin + self.dilation * t for t in range(self.kernel))
        return [place // self.apart for place in places if place % self.apart == 0]

    @property
    def overlaps(self) -> tuple[int, ...]:
        """Return how many elements each output reads, by its phase.

        Where these differ, a transposed layer paints a checkerboard.

        >>> Taps(1, begin=2, kernel=3, apart=2).overlaps, Taps(1, 3, 4, 1, 2).overlaps
        ((2, 1), (2, 2))
        """
        phases = self.apart // gcd(self.apart, self.stride)
        return tuple(len(self.read(y)) for y in range(phases))


def taps(axis: Axis, transposed: bool) -> Taps:
    """Return what one layer reads along one axis.

    >>> taps(Axis(3, 2, 1, 1, 1, 0), transposed=True)
    Taps(stride=1, begin=1, kernel=3, dilation=1, apart=2)
    """
    k, s, p, d = axis.kernel_size, axis.stride, axis.begin, axis.dilation
    if transposed:
        return Taps(1, d * (k - 1) - p, k, d, s)
    return Taps(s, p, k, d)


def span(axis: Axis, transposed: bool) -> Span:
    """Return the first and the last element that one layer reads along one axis.

    >>> span(Axis(3, 2, 1, 1, 1, 0), transposed=False)
    Span(first=SizeMap.line(2, -1), last=SizeMap.line(2, 1))
    """
    return taps(axis, transposed).span


def spans(layers: Iterable[tuple[Axis, bool]]) -> Iterable[Span]:
    """Yield what each layer reads of the first layer's input.

    >>> stem = [(Axis(7, 2, 3, 3, 1, 0), False), (Axis(3, 2, 1, 1, 1, 0), False)]
    >>> [read.length for read in spans(stem)]
    [7, 11]
    """
    read = ITSELF
    for layer in layers:
        read = span(*layer).behind(read)
        yield read


# Two maps of one slope


def between(one: SizeMap, other: SizeMap) -> tuple[int, int]:
    """Return bounds of other - one that are reached, for maps of one slope.

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
    """Return the smaller of two maps of one slope at every n.

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


def mean(size_map: SizeMap) -> Fraction:
    """Return the mean of F(y) - slope*y over a period.

    >>> mean(SizeMap.line(1, 0, 2)), mean(SizeMap.line(3, 5))
    (Fraction(-1, 4), Fraction(5, 1))
    """
    from fractions import Fraction  # only where something is not whole

    if size_map.parts:
        scale, _, shift, period, offset = size_map.parts
        # The remainders of r*y + b run through all of 0..p - 1.
        return scale * Fraction(2 * shift - period + 1, 2 * period) + offset
    rest = sum(size_map.values) - Fraction(size_map.rise * (size_map.period - 1), 2)
    return rest / size_map.period


def _ratio(above: int, below: int) -> int | Fraction:
    if above % below == 0:
        return above // below
    from fractions import Fraction  # only behind transposed layers

    return Fraction(above, below)


def plain(value: Fraction) -> int | Fraction:
    """Return a fraction as an int where it is whole."""
    return _ratio(value.numerator, value.denominator)
