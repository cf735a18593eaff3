"""Size maps in letters: scale*floor((rise*n + shift)/period) + offset, all polynomials.

The laws are those of `solver.sizes.sizemap` for numbers, and hold for all values of the letters at
which scale, rise and period are at least 1 and the others whole:

    floor((g*x + e)/(g*p))       =  floor((x + floor(e/g))/p)            x whole
    floor((floor(x/a) + e)/b)    =  floor((x + a*e)/(a*b))               e whole
    scale*floor(x) + scale*q     =  scale*floor(x + q)                   q whole
    y*floor(x/y)                 =  x - x % y

What is none of these forms raises LimitError: nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import gcd
from types import MappingProxyType
from typing import Any

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, Size, call, ceil, of, walk
from solver.sizes.expression import substitute as _named
from solver.sizes.letters import decided, value
from solver.sizes.normal import normal
from solver.sizes.polynomial import Floor, Polynomial
from solver.sizes.questions import CaseSplit
from solver.sizes.quotients import divide
from solver.sizes.sizemap import SizeMap
from solver.sizes.text import text

ZERO, ONE = Polynomial.of(0), Polynomial.of(1)
_RULE = "a size in letters is a multiple of one floor of n here"


class LetteredMap(NamedTuple):
    """Hold scale*floor((rise*n + shift)/period) + offset. Made by `line`, which reduces it.

    >>> from solver.sizes.expression import letters
    >>> s, t = map(polynomial, letters("st"))
    >>> half = LetteredMap.line(ONE, s - 1, s)
    >>> str(half), str(LetteredMap.line(ONE, ZERO, t)(half)), str(LetteredMap.line(s, ONE)(half))
    ('ceil(n/s)', 'floor((n + s - 1)/(s*t))', 's*ceil(n/s) + 1')
    """

    scale: Polynomial
    rise: Polynomial
    shift: Polynomial
    period: Polynomial
    offset: Polynomial

    @classmethod
    def line(
        cls,
        rise: Polynomial,
        shift: Polynomial = ZERO,
        period: Polynomial = ONE,
        scale: Polynomial = ONE,
        offset: Polynomial = ZERO,
    ) -> LetteredMap:
        """The map of these numbers in lowest terms."""
        if (common := _common(rise, period)) != ONE:
            rise, period = _exactly(rise, common), _exactly(period, common)
            shift = _floor(shift, common)
        if not rise.terms:
            return cls(ONE, rise, scale * _floor(shift, period) + offset, ONE, ZERO)
        if period == ONE:
            return cls(ONE, rise * scale, shift * scale + offset, ONE, ZERO)
        whole, offset = divide(offset, scale)
        return cls(scale, rise, shift + whole * period, period, offset)

    @classmethod
    def of(cls, size_map: SizeMap) -> LetteredMap:
        """A size map of numbers. Raises LimitError for one that is no multiple of one floor."""
        if size_map.parts is None:
            raise LimitError(_RULE, str(size_map))
        scale, rise, shift, period, offset = map(Polynomial.of, size_map.parts)
        return cls.line(rise, shift, period, scale, offset)

    @classmethod
    def windows(cls, net: Size, stride: Size, input_dilation: Size = 1) -> LetteredMap:
        """The number of windows over n elements, as `solver.sizes.formulas.windows`.

        >>> from solver.sizes.expression import letters
        >>> k, s = letters("ks")
        >>> print(LetteredMap.windows(1 - k, s), "|", LetteredMap.windows(k - 1, 1, s))
        floor((n - k)/s) + 1 | n*s + k - s
        """
        wide = polynomial(input_dilation)
        down = polynomial(stride)
        return cls.line(wide, polynomial(net) + down - wide, down)

    def __call__(self, inner: LetteredMap) -> LetteredMap:
        """This map after another. Raises LimitError where that is no multiple of one floor."""
        if not isinstance(inner, LetteredMap):
            raise LimitError(_RULE, f"{self} at {inner}")
        shift = self.rise * inner.offset + self.shift
        up, down = self.rise * inner.scale, self.period
        if (common := _common(up, down)) != ONE:
            up, down = _exactly(up, common), _exactly(down, common)
            shift = _floor(shift, common)
        scale, offset = self.scale, self.offset
        if inner.period == ONE:
            return self.line(up * inner.rise, up * inner.shift + shift, down, scale, offset)
        if down == ONE:
            more = scale * shift + offset
            return self.line(inner.rise, inner.shift, inner.period, scale * up, more)
        if up == ONE:
            more = inner.shift + shift * inner.period
            return self.line(inner.rise, more, inner.period * down, scale, offset)
        raise LimitError(_RULE, f"{self} of {inner}")

    def __add__(self, other: LetteredMap | int) -> LetteredMap:  # type: ignore[override]
        if isinstance(other, int):
            other = LetteredMap(ONE, ZERO, Polynomial.of(other), ONE, ZERO)
        for one, line in ((self, other), (other, self)):
            if line.period == ONE and (not line.rise.terms or one.scale == ONE == one.period):
                if one.period == ONE:
                    return self.line(one.rise + line.rise, one.shift + line.shift)
                return one.line(*one[1:4], one.scale, one.offset + line.shift)
            if line.period == ONE == one.scale:
                rise = one.rise + line.rise * one.period
                return self.line(rise, one.shift + line.shift * one.period, one.period)
        if self[1:4] == other[1:4]:
            return self.line(*self[1:4], self.scale + other.scale, self.offset + other.offset)
        raise LimitError(_RULE, f"{self} + {other}")

    def __mul__(self, factor: Polynomial | int) -> LetteredMap:  # type: ignore[override]
        factor = Polynomial.of(factor)
        if self.period == ONE:
            return self.line(self.rise * factor, self.shift * factor)
        return self.line(*self[1:4], self.scale * factor, self.offset * factor)

    def __getattr__(self, name: str) -> Any:
        """What size maps of numbers are asked besides: nothing that is said of letters here."""
        if name.startswith("_"):
            raise AttributeError(name)
        raise LimitError(_RULE, str(self))

    # What it says

    def tree(self, n: str = "n") -> Expression:
        """It as a size of a letter: the shortest of the ways to write it."""
        found = []
        for stair, outside, names in self._ways(n):
            found.append(
                normal(stair + _named(outside.expression, names)) if stair else said(outside)
            )
        return min(found, key=_length)

    def modulo(self, divisor: Polynomial, more: Polynomial = ZERO, n: str = "n") -> Expression:
        """It and something more, modulo a size.

        >>> from solver.sizes.expression import letters
        >>> s, = map(polynomial, letters("s"))
        >>> print(LetteredMap.line(ONE, ZERO, ONE + 1).modulo(s, s - 1))
        (floor(n/2) - 1) % s
        """
        found = []
        for stair, outside, names in self._ways(n):
            if stair:
                names = {**names, "(n)": stair}
                outside = outside + Polynomial.of("(n)")
            found.append(modulo(outside + more, divisor, names))
        return min(found, key=_length)

    def _ways(
        self, n: str
    ) -> Iterator[tuple[Expression | None, Polynomial, dict[str, Expression]]]:
        """Yield a multiple of a floor or a ceil, and what is added to it in names for others."""
        x = Polynomial.of(n) * self.rise
        if self.period == ONE:
            yield None, x + self.shift, {}
            return
        for shift, names in _forms(self.shift):
            for name, less in (("floor", ZERO), ("ceil", self.period - 1)):
                whole, rest = divide(shift - less, self.period)
                inside = normal(_named((x + rest).expression, names))
                stair = said(self.scale) * call(name, inside / said(self.period))
                yield stair, self.offset + self.scale * whole, names

    def __str__(self) -> str:
        return text(self.tree())

    @property
    def letters(self) -> set[str]:
        """The letters of its numbers."""
        return set().union(*(part.letters for part in self))

    def first(self, size: Polynomial | int) -> Polynomial:
        """The smallest whole n at which it is at least a size.

        >>> from solver.sizes.expression import letters
        >>> print(LetteredMap.line(ONE, ONE, polynomial(*letters("s"))).first(3))
        3*s - 1
        """
        least = -_floor(self.offset - size, self.scale)
        return -_floor(self.shift - least * self.period, self.rise)

    @property
    def at_zero(self) -> Polynomial:
        """Its value at 0."""
        return self.scale * _floor(self.shift, self.period) + self.offset

    def at(self, values: Mapping[str, int]) -> SizeMap:
        """The map at numbers for its letters."""
        scale, rise, shift, period, offset = (int(exact(part.expression, values)) for part in self)
        return SizeMap.line(rise, shift, period, scale, offset)


def polynomial(size: Size) -> Polynomial:
    """A size as a polynomial in its letters. Raises LimitError where it is none.

    >>> from solver.sizes.expression import letters
    >>> s, = letters("s")
    >>> print(polynomial(2 * ceil(s / 2)))
    -2*floor(s/2) + 2*s
    """
    try:
        found = value(of(size))
    except (CaseSplit, ZeroDivisionError):
        found = None
    if found is None or found.lower != ONE:
        raise LimitError("a size in letters is a polynomial in them here", str(size))
    return found.upper


def said(size: Polynomial) -> Expression:
    """A polynomial as short as it is found: with floors, with ceils, or with remainders.

    >>> from solver.sizes.expression import letters
    >>> s, = letters("s")
    >>> print(said(polynomial(2 * ceil(s / 2))), "|", said(polynomial(s - 2 * (s // 2))))
    s + s % 2 | s % 2
    """
    return min(
        (normal(_named(form.expression, names)) for form, names in _forms(size)), key=_length
    )


def modulo(
    size: Polynomial, divisor: Polynomial, names: Mapping[str, Expression] = MappingProxyType({})
) -> Expression:
    """A size modulo another, without the multiples of that."""
    found = []
    for form, more in _forms(size):
        rest = normal(_named(divide(form, divisor)[1].expression, {**names, **more}))
        inside = decided(rest >= 0) and decided(rest < divisor.expression)
        found.append(rest if inside else normal(rest % said(divisor)))
    return min(found, key=_length)


def _forms(size: Polynomial) -> Iterator[tuple[Polynomial, dict[str, Expression]]]:
    """Yield a polynomial with floors, and with ceils or remainders as names for what they are."""
    yield size, {}
    for way in (_with_ceil, _with_remainder):
        found, names = size, dict[str, Expression]()
        for atom in size.atoms:
            if not isinstance(atom, Floor):
                continue
            alone = {m: c for m, c in size.terms.items() if m.count(atom) == 1}
            times = Polynomial({tuple(x for x in m if x != atom): c for m, c in alone.items()})
            if (other := way(atom, times)) is not None:
                names[str(other[1])], name = other[1], Polynomial.of(str(other[1]))
                found = found - times * Polynomial.of(atom) + other[0] - other[2] * name
        if names:
            yield found, names


_Way = tuple[Polynomial, Expression, Polynomial]


def _with_ceil(atom: Floor, times: Polynomial) -> _Way | None:
    """floor(x/2) = x - ceil(x/2)"""
    if atom.divisor.number != 2:
        return None
    return times * atom.numerator, normal(ceil(atom.numerator.expression / 2)), times


def _with_remainder(atom: Floor, times: Polynomial) -> _Way | None:
    """y*floor(x/y) = x - x % y"""
    whole, rest = divide(times, atom.divisor)
    if rest.terms or not whole.terms:
        return None
    left = normal(atom.numerator.expression % atom.divisor.expression)
    return whole * atom.numerator, left, whole


def _length(size: Expression) -> int:
    return sum(1 for _ in walk(size))


def _common(one: Polynomial, other: Polynomial) -> Polynomial:
    """A common factor that is at least 1 for all letters: the largest that is found."""
    found = ONE
    if len(one.terms) == len(other.terms) == 1:
        (left, c), (right, e) = *one.terms.items(), *other.terms.items()
        both, rest = list[Any](), [*right]
        for atom in left:
            if atom in rest:
                rest.remove(atom)
                both.append(atom)
        found = Polynomial({tuple(both): Fraction(gcd(int(c), int(e)))})
    else:
        for x, y in ((one, other), (other, one)):
            if y.terms and not divide(x, y)[1].terms:
                found = y
    return found if decided(found.expression >= 1) else ONE


def _exactly(size: Polynomial, factor: Polynomial) -> Polynomial:
    return divide(size, factor)[0]


def _floor(size: Polynomial, divisor: Polynomial) -> Polynomial:
    if divisor == ONE:
        return size
    return polynomial(call("floor", size.expression / divisor.expression))
