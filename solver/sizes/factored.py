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

from solver.errors import LimitError
from solver.sizes.cases import Quotient
from solver.sizes.expression import Expression, added
from solver.sizes.polynomial import Atom, Monomial, Polynomial, Power
from solver.sizes.quotients import divide

_ONE = Polynomial.of(1)

_MOST_WRITTEN = 100  # terms of a size
_MOST_DIVIDED = 40  # terms in which common factors are looked for

#: Terms of a sum, each with whether it is taken away.
Terms = list[tuple[bool, Expression]]


def terms_of(size: Quotient, counts: Collection[str] = ()) -> Terms:
    """A quotient in lowest terms as the terms of a sum. counts: as in `factored`."""
    upper, lower = lowest(size.upper, size.lower)
    found = _sum(upper, counts)
    if found[:1] and found[0][0]:  # a positive term first
        found.sort(key=lambda term: term[0])
    if lower == _ONE:
        return found
    below = lower.expression
    if len(found) == 1:
        ((negative, term),) = found
        return [(negative, term / below)]
    return [(False, added(found) / below)]


def lowest(upper: Polynomial, lower: Polynomial) -> tuple[Polynomial, Polynomial]:
    """A quotient without what is a factor of both parts, with whole coefficients above."""
    terms = len(upper.terms) + len(lower.terms)
    if terms > _MOST_WRITTEN:
        raise LimitError(f"a closed form has at most {_MOST_WRITTEN} terms", f"{terms:,}")
    if not upper.terms:
        return upper, _ONE
    common = reduce(_both, (*upper.terms, *lower.terms))
    upper, lower = (
        Polynomial({_less(monomial, common): c for monomial, c in part.terms.items()})
        for part in (upper, lower)
    )
    if lower.number is not None:
        upper, lower = upper * Polynomial.of(1 / lower.number), _ONE
    else:
        scale = Polynomial.of(lcm(upper.denominator, lower.denominator))
        upper, lower = upper * scale, lower * scale
    factors = (lower, *(Polynomial.of(x) - 1 for x in sorted(lower.letters)))
    for factor in factors if terms <= _MOST_DIVIDED else ():
        while factor.number is None:
            (above, left), (below, over) = divide(upper, factor), divide(lower, factor)
            if left.terms or over.terms:
                break
            upper, lower = above, below
    scale = Polynomial.of(_shared(upper).denominator)
    return upper * scale, lower * scale


def factored(size: Polynomial, counts: Collection[str] = ()) -> Expression:
    """A polynomial as a tree, with common factors in front.

    counts: the letters that stay inside, at least 1.

    >>> k, L = Polynomial.of("k"), Polynomial.of(Power(Polynomial.of(2), "L"))
    >>> print(factored((k - 1) * (L * 3 - 4), {"L"}), "|", factored(k * 2 - 4))
    2*(k - 1)*(3*2**(L - 1) - 2) | 2*(k - 2)
    """
    return added(_sum(size, counts))


def _sum(size: Polynomial, counts: Collection[str]) -> Terms:
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
    return [term for factor, inside in _joined(groups).items() for term in _terms(factor, inside)]


def _joined(groups: dict[Polynomial, Polynomial]) -> dict[Polynomial, Polynomial]:
    """Products of one factor, where that divides all others."""
    small = sum(len(part.terms) for part in groups) <= _MOST_DIVIDED
    for factor in groups if len(groups) > 1 and small else ():
        parts = [divide(other, factor) for other in groups if factor.number is None]
        if parts and not any(rest.terms for _, rest in parts):
            wholes = (whole for whole, _ in parts)
            inside = (part * more for part, more in zip(groups.values(), wholes, strict=True))
            return {factor: reduce(lambda x, y: x + y, inside)}
    return groups


def _terms(factor: Polynomial, inside: Polynomial) -> Terms:
    """A product as terms, each with whether it is taken away: a sum alone stays a sum."""
    if factor.number is not None or len(factor.terms) == len(inside.terms) == 1:
        size = factor * inside
        if factor.number is not None and len(size.terms) > 1 and _shared(size) > 1:
            return [_product(_ONE, size)]
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
    factors = [part.expression for part in (factor, inside) if part != _ONE]
    if front != _ONE or not factors:
        factors.insert(0, front.expression)
    return negative, reduce(mul, factors)


def _content(size: Polynomial) -> Fraction:
    """The number to divide by so that coefficients are whole, without a common factor."""
    scale = size.denominator
    common = gcd(*(int(c * scale) for c in size.terms.values()))
    first = next(iter(size.terms.values()))
    return Fraction(common if first > 0 else -common, scale)


def _shared(size: Polynomial) -> Fraction:
    """The largest number that divides all terms, with those of powers: exponents are at least 1.

    A letter with a prime counts from 0.
    """
    above, below = 0, 1
    for monomial, c in size.terms.items():
        bases = [atom.base for atom in monomial if isinstance(atom, Power)]
        exponents = [atom.exponent for atom in monomial if isinstance(atom, Power)]
        if len(bases) == 1 and not exponents[0].endswith("'"):
            c *= bases[0].number or 1
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
