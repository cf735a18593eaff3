"""Floors of quotients of polynomials, in normal form.

The laws that bring floor(N/D) into
normal form hold for whole N and whole D >= 1:

    floor((N + q*D)/D)         =  floor(N/D) + q                 q whole
    floor((floor(M/E) + R)/D)  =  floor((M + R*E)/(E*D))         R whole, E >= 1 whole
    floor(-N/D)                = -floor((N + D - 1)/D)
    floor(N*x/(D*x))           =  floor(N/D)                     x >= 1
    floor(N/D)                 =  0 where 0 <= N < D
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import chain
from math import gcd, lcm

from solver.sizes.polynomial import Floor, Monomial, Polynomial, Power, alphabetic
from solver.sizes.questions import Beginning, Residues

_MOST_RESIDUES = 1_024  # a floor by a larger number stays a floor


def floor(
    numerator: Polynomial,
    divisor: Polynomial,
    nonnegative: Callable[[Polynomial], bool],
    residues: bool = True,
    turned: bool = False,
) -> Polynomial:
    """Return floor(numerator/divisor) in normal form; the divisor is whole and at least 1.

    nonnegative: tells whether a polynomial is known to be at least 0. Raises Residues where the
    residues of a letter modulo a number decide, unless residues is False: then it stays a floor.
    turned: whether it comes of a floor with a minus, which is not turned back.

    >>> n, s = Polynomial.of("n"), Polynomial.of("s")
    >>> def nonnegative(size):
    ...     return size.least({"n": 1, "s": 1}) is not None
    >>> print(floor(n + s * 2 - 1, s, nonnegative))
    floor((n - 1)/s) + 2
    >>> print(floor(n * 4 + 3, Polynomial.of(2), nonnegative))
    2*n + 1
    >>> floor(n, Polynomial.of(2), nonnegative)
    Traceback (most recent call last):
        ...
    solver.sizes.questions.Residues: ('n', 2)
    """
    scale = Polynomial.of(lcm(*(whole_factor(x, nonnegative) for x in (numerator, divisor))))
    numerator, divisor = numerator * scale, divisor * scale
    numerator, divisor = reduced(numerator, divisor, nonnegative)
    whole, numerator = divide(numerator, divisor, nonnegative)
    if residues and divisor.number is not None:
        for monomial, c in numerator.terms.items():
            if monomial and all(isinstance(atom, str) for atom in monomial):
                modulus = int(divisor.number // gcd(int(divisor.number), int(c)))
                if modulus <= _MOST_RESIDUES:
                    raise Residues(str(monomial[0]), modulus)
        beginning(numerator, int(divisor.number))
    if not numerator.terms or (nonnegative(numerator) and nonnegative(divisor - numerator - 1)):
        return whole
    inner = [
        atoms[0]
        for atoms, c in numerator.terms.items()
        if c == 1 and len(atoms) == 1 and isinstance(atoms[0], Floor)
    ]
    if len(inner) == 1:
        ((upper, lower),) = inner
        outer = upper + (numerator - Polynomial.of(inner[0])) * lower
        return whole + floor(outer, lower * divisor, nonnegative, residues)
    mirrored = divisor - 1 - numerator
    if not turned and _negative(numerator) and not _negative(mirrored):
        return whole - floor(mirrored, divisor, nonnegative, residues, turned=True)
    return whole + Polynomial.of(Floor(numerator, divisor))


def _negative(size: Polynomial) -> bool:
    """Tell whether the first term by name has a minus."""
    return bool(size.terms) and size.terms[min(size.terms, key=alphabetic)] < 0


def reduced(
    numerator: Polynomial, divisor: Polynomial, nonnegative: Callable[[Polynomial], bool]
) -> tuple[Polynomial, Polynomial]:
    """Cancel the letters that stand in every term above and below."""
    terms = [*numerator.terms, *divisor.terms]
    for atom in terms[0] if numerator.terms else ():
        if all(atom in monomial for monomial in terms) and nonnegative(Polynomial.of(atom) - 1):
            upper, lower = (
                Polynomial({_without(m, (atom,)) or (): c for m, c in size.terms.items()})
                for size in (numerator, divisor)
            )
            return reduced(upper, lower, nonnegative)
    return numerator, divisor


def divide(
    numerator: Polynomial,
    divisor: Polynomial,
    nonnegative: Callable[[Polynomial], bool] = lambda _: False,
) -> tuple[Polynomial, Polynomial]:
    """Return (whole, rest) with numerator = whole*divisor + rest, by leading terms.

    nonnegative: as in `floor`; it tells where a power with a denominator is whole.

    >>> n, s = Polynomial.of("n"), Polynomial.of("s")
    >>> whole, rest = divide(n * s + s + n, s)
    >>> print(whole, "|", rest)
    n + 1 | n
    """
    lead, c = next(iter(divisor.terms.items()))
    whole = Polynomial({})
    while True:
        for monomial, e in numerator.terms.items():
            factor = _without(monomial, lead)
            if factor is None:
                continue
            step = Polynomial({factor: e / c})
            if whole_factor(step, nonnegative) > 1:
                step = Polynomial({factor: Fraction(e // c)})
            if step.terms:
                whole, numerator = whole + step, numerator - step * divisor
                break
        else:
            return whole, numerator


def _without(monomial: Monomial, part: Monomial) -> Monomial | None:
    """Return monomial/part, or None where it is not a monomial."""
    left = list(monomial)
    for atom in part:
        if atom not in left:
            return None
        left.remove(atom)
    return tuple(left)


def whole_factor(size: Polynomial, nonnegative: Callable[[Polynomial], bool]) -> int:
    """A whole factor that makes a size whole: 1 for 2**i/2 where i >= 1."""
    factor = 1
    for monomial, c in size.terms.items():
        rest = c.denominator
        for atom in monomial if rest > 1 else ():
            if isinstance(atom, Power) and atom.base.number is not None:
                p, taken = int(atom.base.number), 1
                # each power has its own p's
                while rest % p == 0 and nonnegative(Polynomial.of(atom.exponent) - taken):
                    rest, taken = rest // p, taken + 1
        factor = lcm(factor, rest)
    return factor


def beginning(size: Polynomial, divisor: int) -> None:
    """Raise Beginning where an exponent decides whether a divisor divides."""
    for atom in chain(*size.terms):
        if isinstance(atom, Power) and atom.base.number and gcd(int(atom.base.number), divisor) > 1:
            raise Beginning(atom.exponent)
