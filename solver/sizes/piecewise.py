"""Piecewise size maps: a size expression from each of finitely many sizes on.

Sums, quotients by numbers, floor and ceil of such maps are such maps, piece by piece. So are min,
max and the truth of comparisons: the sign of an expression that grows is settled from some size on,
and before that it changes over a stretch that is cut into pieces of one period. Truth is the map
with values 0 and 1: `and` is min, `or` is max, `not x` is 1 - x. Nothing is ever sampled.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Any

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.ground.value import Value
from solver.sizes.domain import LONGEST_PERIOD
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import NONE, SizeSet
from solver.sizes.target import SizeExpression

#: A sign that takes longer to settle, or a map of more pieces, is refused.
_MOST_PIECES = 4096
_MOST_VALUES = 500_000  # of all its pieces, a period each


class Piece(NamedTuple):
    """Hold one expression and the sizes first..last it is for; last is None for the rest."""

    first: int
    last: int | None
    value: SizeExpression


class Piecewise(Value):
    """Hold a map on n >= first: from each start on one size expression, up to the next start.

    >>> from solver.sizes.sizemap import IDENTITY
    >>> n = Piecewise.of(IDENTITY)
    >>> short = n.least(10) // 3
    >>> [(piece.first, str(piece.value)) for piece in short]
    [(1, 'floor(n/3)'), (11, '3')]
    >>> [(piece.first, str(piece.value)) for piece in (n - 4).sign()]
    [(1, '-1'), (4, '0'), (5, '1')]
    """

    __slots__ = ("starts", "values")

    def __init__(self, pieces: Iterable[tuple[int, SizeExpression]]) -> None:
        starts: list[int] = []
        values: list[SizeExpression] = []
        for start, value in pieces:
            if not values or value != values[-1]:
                starts.append(start)
                values.append(value)
        _check(len(starts))
        self.starts = tuple(starts)
        self.values = tuple(values)

    def made_of(self) -> tuple[Any, ...]:
        return self.starts, self.values

    def __repr__(self) -> str:
        return f"Piecewise({[*zip(self.starts, self.values, strict=True)]})"

    @classmethod
    def of(cls, value: SizeMap | int, first: int = 1) -> Piecewise:
        """Return one size map, or a number, for every n >= first."""
        size_map = SizeMap.line(0, value) if isinstance(value, int) else value
        return cls([(first, SizeExpression(size_map))])

    def __iter__(self) -> Iterator[Piece]:
        for (start, end), value in zip(pairwise((*self.starts, None)), self.values, strict=True):
            assert start is not None
            yield Piece(start, None if end is None else end - 1, value)

    def __call__(self, n: int) -> Fraction:
        """The value at a number."""
        value = self.values[bisect_right(self.starts, n) - 1]
        return Fraction(value.numerator(n), value.denominator)

    @property
    def constant(self) -> Fraction | None:
        """The one value the map has everywhere, or None."""
        if len(self.values) > 1 or not self.values[0].constant:
            return None
        return self(self.starts[0])

    @property
    def period(self) -> int:
        """A period after which the last piece has gained a whole number."""
        return self.values[-1].period

    # Arithmetic

    def _each(self, operator: Callable[[SizeExpression], SizeExpression]) -> Piecewise:
        return Piecewise(
            (start, operator(v)) for start, v in zip(self.starts, self.values, strict=True)
        )

    def _both(
        self,
        other: Piecewise | int,
        operator: Callable[[SizeExpression, SizeExpression], SizeExpression],
    ) -> Piecewise:
        if isinstance(other, int):
            other = Piecewise.of(other, self.starts[0])
        return Piecewise((start, operator(x, y)) for start, _, x, y in self._beside(other))

    def _beside(
        self, other: Piecewise
    ) -> Iterator[tuple[int, int | None, SizeExpression, SizeExpression]]:
        """Yield (first, last, value here, value there) for each stretch where neither changes."""
        starts = sorted({*self.starts, *other.starts})
        for start, end in pairwise((*starts, None)):
            assert start is not None
            x, y = (p.values[bisect_right(p.starts, start) - 1] for p in (self, other))
            yield start, None if end is None else end - 1, x, y

    def __add__(self, other: Piecewise | int) -> Piecewise:
        return self._both(other, lambda x, y: x + y)

    __radd__ = __add__

    def __sub__(self, other: Piecewise | int) -> Piecewise:
        return self._both(other, lambda x, y: x - y)

    def __rsub__(self, other: int) -> Piecewise:
        return -self + other

    def __mul__(self, other: Piecewise | int) -> Piecewise:
        return self._both(other, lambda x, y: x * y)

    __rmul__ = __mul__

    def __neg__(self) -> Piecewise:
        return self._each(lambda x: -x)

    def __truediv__(self, other: Piecewise | int) -> Piecewise:
        return self._both(other, lambda x, y: x / y)

    def __floordiv__(self, other: Piecewise | int) -> Piecewise:
        return self._both(other, lambda x, y: x // y)

    def __mod__(self, other: Piecewise | int) -> Piecewise:
        return self._both(other, lambda x, y: x % y)

    def floor(self) -> Piecewise:
        return self._each(SizeExpression.floor)

    def ceil(self) -> Piecewise:
        return self._each(SizeExpression.ceil)

    def __abs__(self) -> Piecewise:
        return self.greatest(-self)

    def least(self, other: Piecewise | int) -> Piecewise:
        """Return min(self, other)."""
        return -(-self).greatest(-other)

    def greatest(self, other: Piecewise | int) -> Piecewise:
        """Return max(self, other).

        >>> from solver.sizes.sizemap import IDENTITY
        >>> n = Piecewise.of(IDENTITY)
        >>> [(piece.first, str(piece.value)) for piece in (n // 2).greatest(n - 3)]
        [(1, 'floor(n/2)'), (7, 'n - 3')]
        """
        if isinstance(other, int):
            other = Piecewise.of(other, self.starts[0])
        sign = (self - other).sign()
        return Piecewise(
            (start, value)
            for first, last, x, y in self._beside(other)
            for piece in sign.between(first, last)
            for start, value in _greater(piece, x, y)
        )

    def between(self, first: int, last: int | None) -> Iterator[Piece]:
        """Yield the pieces cut to first..last."""
        for piece in self:
            start = max(piece.first, first)
            end = min((end for end in (piece.last, last) if end is not None), default=None)
            if end is None or start <= end:
                yield Piece(start, end, piece.value)

    # Truth

    def sign(self) -> Piecewise:
        """Return -1, 0 or 1 for every n."""
        return Piecewise(
            (start, value)
            for piece in self
            for start, value in _signs(piece.value.numerator, piece.first, piece.last)
        )

    def whole(self) -> Piecewise:
        """Return 1 where the value is a whole number, else 0."""
        parts = self._each(lambda x: SizeExpression(x.numerator % x.denominator))
        return 1 - parts.sign()

    def first(self, at_least: int = 1) -> int | None:
        """The smallest n >= at_least where a truth is 1, or None.

        >>> from solver.sizes.sizemap import IDENTITY
        >>> even = (Piecewise.of(IDENTITY) / 2).whole()
        >>> even.first(), even.first(7), Piecewise.of(0).first()
        (2, 8, None)
        """
        for piece in self.between(at_least, None):
            for n in _one_period(piece):
                if piece.value.at(n) > 0:
                    return n
        return None

    def size_set(self) -> SizeSet:
        """Where a truth is 1, as a size set. Raises LimitError past its bounds."""
        found = NONE
        for piece in self:
            here = (n for n in _one_period(piece) if piece.value.at(n))
            within = SizeSet(minimum=piece.first)
            if piece.last is not None:
                within = SizeSet.of(range(piece.first, piece.last + 1))
            found |= SizeSet(piece.value.period, here) & within
        return found


def _one_period(piece: Piece) -> range:
    end = piece.first + piece.value.period
    return range(piece.first, end if piece.last is None else min(end, piece.last + 1))


def _signs(f: SizeMap, first: int, last: int | None) -> Iterator[tuple[int, SizeExpression]]:
    """Yield (start, sign from there on) for the sign of a map on first..last."""
    if f.rise < 0:
        yield from ((start, -value) for start, value in _signs(-f, first, last))
        return
    if f.rise == 0:
        yield first, SizeExpression(_table(0, f.period, 0, lambda n: _sign(f(n))))
        return
    if f.nondecreasing:
        nonnegative, positive = f.first(0), f.first(1)
        unsettled = [(nonnegative, SizeMap.line(0))] if nonnegative < positive else []
    else:
        # each residue changes its sign once: between the first and the last to do so, by periods
        nonnegative = min(_first(f, residue, 0) for residue in range(f.period))
        positive = max(_first(f, residue, 1) for residue in range(f.period))
        _check((positive - nonnegative) // f.period, f.period)
        unsettled = [
            (start, _table(start, f.period, 0, lambda n: _sign(f(n))))
            for start in range(nonnegative, positive, f.period)
        ]
    cuts = [*unsettled, (positive, SizeMap.line(0, 1))]
    cuts = [(min(first, cuts[0][0]), SizeMap.line(0, -1)), *cuts]
    for index, (start, value) in enumerate(cuts):
        over = index + 1 < len(cuts) and cuts[index + 1][0] <= first
        if not over and (last is None or start <= last):
            yield max(start, first), SizeExpression(value)


def _first(f: SizeMap, residue: int, size: int) -> int:
    """The smallest n of a residue with f(n) >= size."""
    value: int = f(residue)
    return residue - (value - size) // f.rise * f.period


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _greater(
    sign: Piece, x: SizeExpression, y: SizeExpression
) -> Iterator[tuple[int, SizeExpression]]:
    """Yield (start, max(x, y)) on a piece of the sign of x - y."""
    if sign.value.constant:
        yield sign.first, x if sign.value.at(sign.first) >= 0 else y
        return
    over = lcm(x.denominator, y.denominator)
    left, right = x.numerator * (over // x.denominator), y.numerator * (over // y.denominator)
    period = lcm(left.period, right.period, sign.value.period)
    rise = left.rise * (period // left.period)
    starts = range(sign.first, sign.first + 1)
    if rise != right.rise * (period // right.period):
        # x on some residues, y on the others, and they grow apart: one period at a time
        assert sign.last is not None  # later on one of them is the greater for good
        starts = range(sign.first, sign.last + 1, period)
        _check(len(starts), period)
    for start in starts:
        greater = _table(start, period, rise, lambda n: max(left(n), right(n)))
        yield start, SizeExpression(greater, over)


def _table(start: int, period: int, rise: int, value: Callable[[int], int]) -> SizeMap:
    """The map with the given values on the period from `start` on."""
    if period > LONGEST_PERIOD:
        raise LimitError(
            f"a claim may repeat after {LONGEST_PERIOD:,} sizes at most",
            received=f"a period of {period:,}",
            right="smaller divisors, or divisors that share factors",
        )
    values = [0] * period
    for n in range(start, start + period):
        turns, residue = divmod(n, period)
        values[residue] = value(n) - turns * rise
    return SizeMap(period, rise, values)


def _check(pieces: int, period: int = 1) -> None:
    if pieces > _MOST_PIECES or pieces * period > _MOST_VALUES:
        raise LimitError(
            f"a claim may fall into at most {_MOST_PIECES:,} pieces",
            received=f"{pieces:,} pieces" + (f" of period {period:,}" if period > 1 else ""),
        )
