"""Size maps: integer maps F with F(n + period) = F(n) + rise, equal for all n iff equal here.

Every per-axis operation is such a staircase, and so is every composition of them: a whole network
is one size map. `period`, `rise` and the `period` values F(0), ..., F(period - 1) in lowest terms
are a canonical form. A map that is a multiple of one floor, g*floor((r*n + shift)/period) + offset
with r and period coprime, is kept as these numbers (unique, with 0 <= offset < scale), so that
stacks of convolutions, and a decoder that comes back up behind them, cost nothing however large
their strides. Any other map is g*T(n) + offset, with a table T from 0 on and without a common
divisor: lines behind it, such as convolutions of stride 1, share the table.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import gcd, lcm
from operator import add
from typing import Any, overload

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.ground.shown import Shown
from solver.sizes.lattice import primes
from solver.sizes.tables import check_period, packed, repeats


class Parts(NamedTuple):
    """Hold the numbers of scale*floor((rise*n + shift)/period) + offset, in lowest terms."""

    scale: int
    rise: int
    shift: int
    period: int
    offset: int


class SizeMap(Shown):
    """Hold an integer map F with F(n + period) = F(n) + rise, in canonical form.

    period: at least 1, elements. rise: what F gains over a period. values: F(0..period-1).
    nondecreasing: whether a larger input never gives a smaller output.
    Maps of layers are nondecreasing with rise > 0; differences and targets may be anything.

    >>> half = SizeMap(4, 2, [0, 0, 1, 1])
    >>> half, str(half), half(7)
    (SizeMap.line(1, 0, 2), 'floor(n/2)', 3)
    >>> half == SizeMap.line(1, 1, 2)  # floor(n/2) and ceil(n/2)
    False
    >>> SizeMap(1, 0, [7])(10**9)  # a constant
    7
    >>> half.nondecreasing, SizeMap(2, 0, [0, 1]).nondecreasing
    (True, False)
    """

    __slots__ = ("_offset", "_scale", "_shift", "_table", "nondecreasing", "period", "rise")

    period: int
    rise: int
    nondecreasing: bool
    _scale: int
    _shift: int
    _offset: int
    _table: Sequence[int]  # empty for a multiple of one floor

    def __init__(self, period: int, rise: int, values: Iterable[int]) -> None:
        table = tuple(values)
        if period < 1 or len(table) != period:
            raise SolverError(
                "a size map needs one value for each of its period's residues",
                received=f"period {period} and {len(table)} values",
            )
        for prime in primes(gcd(period, rise)):
            while period % prime == 0 and rise % prime == 0 and repeats(table, prime, rise):
                period, rise = period // prime, rise // prime
                table = table[:period]
        # a multiple of one floor goes up by multiples of its scale, and by no larger ones
        scale, first = rise if period > 1 else 1, table[0]
        for v in table:
            if (scale := gcd(scale, v - first)) == 1:
                break
        offset, inner = (first % scale, rise // scale) if scale > 1 else (0, rise)
        low = high = None
        if gcd(period, inner) == 1:
            shifts = [period * (v - offset) // scale - inner * r for r, v in enumerate(table)]
            low, high = max(shifts), min(shifts)
        if low is not None and high is not None and low <= high + period - 1:
            self._set(period, rise, low, (), scale, offset)
        else:
            grows = all(x <= y for x, y in pairwise(table)) and table[-1] <= table[0] + rise
            self._set(period, rise, 0, packed(table, scale), scale, table[0], grows)

    def _set(
        self,
        period: int,
        rise: int,
        shift: int,
        table: Sequence[int],
        scale: int = 1,
        offset: int = 0,
        grows: bool | None = None,
    ) -> None:
        _SET_PERIOD(self, period)
        _SET_RISE(self, rise)
        _SET_SHIFT(self, shift)
        _SET_TABLE(self, table)
        _SET_SCALE(self, scale)
        _SET_OFFSET(self, offset)
        _SET_GROWS(self, rise >= 0 if grows is None else grows)

    @classmethod
    def line(
        cls, rise: int, shift: int = 0, period: int = 1, scale: int = 1, offset: int = 0
    ) -> SizeMap:
        """Return n -> scale*floor((rise*n + shift)/period) + offset.

        >>> SizeMap.line(2, 5, 4)  # in lowest terms: (2n + 5)/4 and (n + 2)/2 have one floor
        SizeMap.line(1, 2, 2)
        >>> SizeMap.line(1, -400, 320)(16000)
        48
        >>> print(SizeMap.line(1, 319, 320, scale=320, offset=-2))
        320*ceil(n/320) - 2
        """
        if period < 1:
            raise SolverError("a period is at least 1", received=str(period))
        common = gcd(rise, period)
        rise, shift, period = rise // common, shift // common, period // common
        if period == 1 or scale == 0:
            rise, shift, period, scale, offset = rise * scale, shift * scale + offset, 1, 1, 0
        elif scale < 0:  # -floor(x/v) = floor((v - 1 - x)/v)
            rise, shift, scale = -rise, period - 1 - shift, -scale
        if offset:
            shift, offset = shift + offset // scale * period, offset % scale
        made = cls.__new__(cls)
        made._set(period, rise * scale, shift, (), scale, offset)
        return made

    @property
    def values(self) -> tuple[int, ...]:
        """The table F(0), ..., F(period - 1). Raises LimitError past LONGEST_PERIOD."""
        check_period(self.period)
        return tuple(self.each(range(self.period)))

    def each(self, sizes: Sequence[int]) -> list[int]:
        """Return F(n) for every n of many.

        >>> SizeMap.line(1, 1, 2).each(range(5))
        [0, 1, 1, 2, 2]
        """
        scale, offset, period, table = self._scale, self._offset, self.period, self._table
        if not table:
            rise, shift = self.rise // scale, self._shift
            return [scale * ((rise * n + shift) // period) + offset for n in sizes]
        rise = self.rise
        return [scale * table[n % period] + offset + n // period * rise for n in sizes]

    @property
    def shift(self) -> int | None:
        """Return b where F(n) = floor((rise*n + b)/period), or None where no one floor says it."""
        return None if self._table or self._scale > 1 else self._shift

    @property
    def parts(self) -> Parts | None:
        """The numbers of a map that is a multiple of one floor, else None.

        >>> SizeMap(2, 4, [1, 1]).parts
        Parts(scale=4, rise=1, shift=0, period=2, offset=1)
        """
        if self._table:
            return None
        rise = self.rise // self._scale
        return Parts(self._scale, rise, self._shift, self.period, self._offset)

    @property
    def divisor(self) -> int:
        """The greatest number that divides F(n) for every n; 0 where F is 0.

        >>> SizeMap.line(6, 4).divisor, SizeMap.line(1, 0, 2, scale=6, offset=2).divisor
        (2, 2)
        """
        if self.period == 1:
            return gcd(self.rise, self._shift)
        return gcd(self._scale, self._offset)

    @overload
    def __call__(self, n: int) -> int: ...
    @overload
    def __call__(self, n: SizeMap) -> SizeMap: ...
    @overload
    def __call__(self, n: Any) -> Any: ...
    def __call__(self, n: Any) -> Any:
        """Return F(n) for an int, F after n for a size map, the formula for any other arithmetic.

        >>> SizeMap.line(1, 2, 2)(SizeMap.line(3))  # floor((3n + 2)/2)
        SizeMap.line(3, 2, 2)
        """
        if isinstance(n, SizeMap):
            return self._after(n)
        if not self._table:
            if self._scale == 1:
                return (self.rise * n + self._shift) // self.period
            inner = (self.rise // self._scale * n + self._shift) // self.period
            return self._scale * inner + self._offset
        if isinstance(n, int):
            turns, residue = divmod(n, self.period)
            return self._scale * self._table[residue] + self._offset + turns * self.rise
        slope, steps = self.steps()
        return sum(
            (height * ((n + offset) // self.period) for offset, height in steps),
            slope * n + self._offset,
        )

    def steps(self) -> tuple[int, list[tuple[int, int]]]:
        """Write F(n) as F(0) + slope*n + sum of height*floor((n + offset)/period), for every n.

        Returns the slope that leaves the fewest steps, and the (offset, height) of each step.

        >>> (IDENTITY % 4).steps()  # n - 4*floor(n/4)
        (1, [(0, -4)])
        """
        table = (*self.values, self(self.period))
        heights = [y - x for x, y in pairwise(table)]
        slope = max(sorted(set(heights), key=abs), key=heights.count)
        steps = zip(range(self.period - 1, -1, -1), (h - slope for h in heights), strict=True)
        return slope, [(offset, height) for offset, height in steps if height]

    def _after(self, inner: SizeMap) -> SizeMap:
        if not (self._table or inner._table):
            # With inner = G*floor(x) + C: floor((r*G*floor(x) + ...)/p) is in lowest terms one
            # floor of x where what is left of r*G is 1, and a multiple of it where p is used up.
            rise, scale, offset = self.rise // self._scale, self._scale, self._offset
            shift = rise * inner._offset + self._shift
            up = rise * inner._scale
            common = gcd(up, self.period)
            up, shift, down = up // common, shift // common, self.period // common
            floor = inner.rise // inner._scale, inner._shift, inner.period
            if inner.period == 1:
                return SizeMap.line(up * floor[0], up * floor[1] + shift, down, scale, offset)
            if down == 1:
                return SizeMap.line(*floor, scale * up, scale * shift + offset)
            if up == 1:
                shift = floor[1] + shift * floor[2]
                return SizeMap.line(floor[0], shift, floor[2] * down, scale, offset)
        elif self.period == 1 and self.rise > 0:
            return inner._along(self.rise, self._shift)
        turns = self.period // gcd(self.period, inner.rise)
        period = inner.period * turns
        rise = inner.rise * turns // self.period * self.rise
        return _tabulate(period, rise, lambda sizes: self.each(inner.each(sizes)))

    def __add__(self, other: SizeMap | int) -> SizeMap:
        if isinstance(other, int):
            other = SizeMap.line(0, other)
        elif not isinstance(other, SizeMap):
            return NotImplemented
        for one, line in ((self, other), (other, self)):
            if line.period == 1 and not line.rise:
                return one._along(1, line._shift)
            if line.period == 1 == one._scale and not one._table:
                shift = one._shift + line._shift * one.period
                return SizeMap.line(one.rise + line.rise * one.period, shift, one.period)
        if not (self._table or other._table):
            turns, rest = divmod(self._shift - other._shift, self.period)
            if self._slope == other._slope and not rest:  # multiples of one floor
                scale, (rise, period) = self._scale + other._scale, self._slope
                offset = self._offset + other._offset + self._scale * turns
                return SizeMap.line(rise, other._shift, period, scale, offset)
        period = lcm(self.period, other.period)
        rise = self.rise * (period // self.period) + other.rise * (period // other.period)
        left, right = self, other
        return _tabulate(period, rise, lambda sizes: map(add, left.each(sizes), right.each(sizes)))

    __radd__ = __add__

    @property
    def _slope(self) -> tuple[int, int]:
        """Return rise and period of the floor."""
        return self.rise // self._scale, self.period

    def _along(self, rise: int, shift: int) -> SizeMap:
        """Return rise*F + shift for rise > 0, or of any sign for a multiple of one floor."""
        scale, offset = self._scale * rise, self._offset * rise + shift
        if not self._table:
            inner, period = self._slope
            return SizeMap.line(inner, self._shift, period, scale, offset)
        made = SizeMap.__new__(SizeMap)
        made._set(self.period, self.rise * rise, 0, self._table, scale, offset, self.nondecreasing)
        return made

    def __mul__(self, factor: int) -> SizeMap:
        if not isinstance(factor, int):
            return NotImplemented
        if factor in (0, 1):
            return self if factor else SizeMap.line(0)
        if factor > 0 or not self._table:
            return self._along(factor, 0)
        return _tabulate(
            self.period, self.rise * factor, lambda sizes: (v * factor for v in self.each(sizes))
        )

    __rmul__ = __mul__

    def __neg__(self) -> SizeMap:
        return self * -1

    def __sub__(self, other: SizeMap | int) -> SizeMap:
        return self + (-other)

    def __rsub__(self, other: int) -> SizeMap:
        return -self + other

    def __floordiv__(self, divisor: int) -> SizeMap:
        if not isinstance(divisor, int) or divisor < 1:
            return NotImplemented
        return SizeMap.line(1, 0, divisor)._after(self)

    def __mod__(self, divisor: int) -> SizeMap:
        if not isinstance(divisor, int) or divisor < 1:
            return NotImplemented
        return self - divisor * (self // divisor)

    def first(self, size: int) -> int:
        """The smallest n with F(n) >= size, for a nondecreasing map that grows.

        >>> SizeMap.line(1, 1, 2).first(112)  # ceil(n/2) >= 112
        223
        """
        if not (self.rise > 0 and self.nondecreasing):
            raise SolverError("only a map that grows with its input has a first n")
        size = -((self._offset - size) // self._scale)
        if not self._table:
            return -((self._shift - size * self.period) * self._scale // self.rise)
        gain = self.rise // self._scale
        turns = (size - 1) // gain
        return turns * self.period + bisect_left(self._table, size - turns * gain)

    def inputs(self, size: int) -> range:
        """Every n with F(n) = size: consecutive, and none where the size is stepped over.

        >>> SizeMap.line(1, 1, 2).inputs(112)
        range(223, 225)
        >>> len(SizeMap.line(2, 0).inputs(7))
        0
        """
        return range(self.first(size), self.first(size + 1))

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, SizeMap)
            and self.period == other.period  # most differ here
            and self.order == other.order
        )

    def __hash__(self) -> int:
        few = self._table[:16]  # of a table the rest decides seldom
        return hash((self.period, self.rise, self._shift, self._offset, *few))

    @property
    def order(self) -> tuple[Any, ...]:
        """What sorts maps: equal for equal ones only."""
        table = self._table
        return self.period, self.rise, self._shift, self._scale, self._offset, len(table), table

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("size maps are immutable")

    def __reduce__(self) -> tuple[Callable[..., SizeMap], tuple[Any, ...]]:
        if self._table:
            return SizeMap, (self.period, self.rise, self.values)
        rise, period = self._slope
        return SizeMap.line, (rise, self._shift, period, self._scale, self._offset)

    def __repr__(self) -> str:
        if self._table:
            return f"SizeMap({self.period}, {self.rise}, {self.values})"
        rise, period = self._slope
        arguments = [rise, self._shift, period, self._scale, self._offset]
        while len(arguments) > 1 and arguments[-1] == (0, 0, 1, 1, 0)[len(arguments) - 1]:
            arguments.pop()
        return f"SizeMap.line({', '.join(map(str, arguments))})"


# Immutable values are filled through the descriptors of their slots: maps are made by the million.
_SET_PERIOD, _SET_RISE, _SET_SHIFT, _SET_TABLE, _SET_SCALE, _SET_OFFSET, _SET_GROWS = (
    SizeMap.__dict__[name].__set__
    for name in ("period", "rise", "_shift", "_table", "_scale", "_offset", "nondecreasing")
)

#: The map that changes nothing.
IDENTITY = SizeMap.line(1)


def _tabulate(period: int, rise: int, sizes: Callable[[Sequence[int]], Iterable[int]]) -> SizeMap:
    check_period(period)
    return SizeMap(period, rise, sizes(range(period)))
