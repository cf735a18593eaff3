"""Polynomials as people write them: what all terms share stands in front.

    2**L*k + 2**L*k - 2**(L + 1) - 2*k + 2  =  2*(k - 1)*(2**L - 1)

Terms are put together by what they are in some letters, the counts of repetitions. What two such
parts are multiplied by is taken out where it is the same but for a number.
"""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from functools import reduce
from math import gcd, lcm
from operator import mul

from solver.sizes.expression import Expression, added
from solver.sizes.polynomial import Atom, Monomial, Polynomial, Power


def factored(size: Polynomial, counts: Collection[str] = ()) -> Expression:
    """A polynomial as a tree, with common factors in front.

    counts: the letters that stay inside, at least 1.

    >>> k, L = Polynomial.of("k"), Polynomial.of(Power(Polynomial.of(2), "L"))
    >>> print(factored((k - 1) * (L * 3 - 4), {"L"}), "|", factored(k * 2 - 4))
    2*(k - 1)*(3*2**(L - 1) - 2) | 2*(k - 2)
    """
    parts: dict[Monomial, Polynomial] = {}
    for monomial, c in size.terms.items():
        inside = tuple(atom for atom in monomial if _letters(atom) & {*counts})
        outside = tuple(atom for atom in monomial if atom not in inside)
        parts[inside] = parts.get(inside, Polynomial({})) + Polynomial({outside: c})
    groups: dict[Polynomial, Polynomial] = {}
    for inside, factor in parts.items():
        scale = _content(factor)
        factor *= Polynomial.of(1 / scale)
        groups[factor] = groups.get(factor, Polynomial({})) + Polynomial({inside: scale})
    return added(term for factor, inside in groups.items() for term in _terms(factor, inside))


def _terms(factor: Polynomial, inside: Polynomial) -> list[tuple[bool, Expression]]:
    """A product as terms, each with whether it is taken away: a sum alone stays a sum."""
    if factor.number is not None or len(factor.terms) == len(inside.terms) == 1:
        size = factor * inside
        if factor.number is not None and len(size.terms) > 1 and _shared(size) > 1:
            return [_product(Polynomial.of(1), size)]
        terms = ((c, Polynomial({monomial: abs(c)})) for monomial, c in size.terms.items())
        return [(c < 0, term.expression) for c, term in terms]
    return [_product(factor, inside)]


def _product(factor: Polynomial, inside: Polynomial) -> tuple[bool, Expression]:
    common = reduce(_both, factor.terms)  # letters that all terms share
    factor = Polynomial({_less(monomial, common): c for monomial, c in factor.terms.items()})
    scale = _shared(inside)
    negative = next(iter(inside.terms.values())) < 0
    inside *= Polynomial.of((-1 if negative else 1) / scale)
    front = Polynomial({common: scale})
    sums = [part for part in (factor, inside) if part != Polynomial.of(1)]
    factors = [part.expression for part in sums]
    if front != Polynomial.of(1) or not factors:
        factors.insert(0, front.expression)
    return negative, reduce(mul, factors)


def _content(size: Polynomial) -> Fraction:
    """The number to divide by so that coefficients are whole, without a common factor."""
    scale = size.denominator
    common = gcd(*(int(c * scale) for c in size.terms.values()))
    first = next(iter(size.terms.values()))
    return Fraction(common if first > 0 else -common, scale)


def _shared(size: Polynomial) -> Fraction:
    """The largest number that divides all terms, powers with exponents of at least 1 too."""
    above, below = 0, 1
    for monomial, c in size.terms.items():
        bases = [atom.base.number for atom in monomial if isinstance(atom, Power)]
        c = reduce(mul, (base for base in bases if base is not None), c)
        above, below = gcd(above, c.numerator), lcm(below, c.denominator)
    return Fraction(above, below)


def _both(one: Monomial, other: Monomial) -> Monomial:
    left, found = list(other), []
    for atom in one:
        if atom in left:
            left.remove(atom)
            found.append(atom)
    return tuple(found)


def _less(monomial: Monomial, part: Monomial) -> Monomial:
    left = list(monomial)
    for atom in part:
        left.remove(atom)
    return tuple(left)


def _letters(atom: Atom) -> set[str]:
    return Polynomial.of(atom).letters
