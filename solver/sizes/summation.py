"""Sums over the number of a repetition, in closed form: of powers of it times geometric terms.

With T(a) for the sum of i**a * r**i over 0 <= i < N, exactly:

    r = 1       (a + 1)*T(a)  =  N**(a + 1) - sum of C(a + 1, b)*T(b) over b < a
    otherwise   (r - 1)*T(a)  =  N**a * r**N - 0**a - r * sum of C(a, b)*T(b) over b < a
"""

from __future__ import annotations

from math import comb

from solver.errors import LimitError
from solver.sizes.cases import Quotient
from solver.sizes.polynomial import Monomial, Polynomial, Power

_HIGHEST = 12  # power of the number of a repetition
_ONE = Polynomial.of(1)


def summed(size: Quotient, index: str, count: Quotient, ratio: Quotient) -> Quotient:
    """The sum of size * ratio**index for index = 0 .. count - 1, in closed form.

    ratio: does not depend on the index. Raises LimitError where a size is not a sum of powers of
    the index times geometric terms; a CaseSplit where a ratio may be 1.

    >>> from solver.sizes.expression import letters, of
    >>> from solver.sizes.letters import case_of, value
    >>> i, k, L = letters("ikL")
    >>> case = case_of(i * k * L)
    >>> size, count, one, two = (value(of(x), case) for x in (2**i * k + i, L, 1, 2))
    >>> print(summed(size, "i", count, one), "|", summed(one, "i", count, two))
    (2**L*k + 1/2*L**2 - 1/2*L - k)/(1) | 2**L - 1
    """
    if index in size.lower.letters:
        raise LimitError(_RULE.format(index), str(size))
    groups: dict[tuple[int, Polynomial], Polynomial] = {}
    for monomial, c in size.upper.terms.items():
        degree, base, rest = _parted(monomial, index)
        if degree > _HIGHEST:
            raise LimitError(_RULE.format(index), str(size))
        key = degree, base
        groups[key] = groups.get(key, Polynomial({})) + Polynomial({rest: c})
    case = size.case
    total = Quotient(case, Polynomial({}))
    for (degree, base), factor in groups.items():
        term = Quotient(case, factor, size.lower)
        total += term * _powers(degree, ratio * Quotient(case, base), count)[degree]
    return total


_RULE = "a repetition is summed over powers of {0}, times numbers or letters to the power of {0}"


def _parted(monomial: Monomial, index: str) -> tuple[int, Polynomial, Monomial]:
    """A product as a power of the index, a base to the power of the index, and the rest."""
    base, rest = _ONE, []
    for atom in monomial:
        if isinstance(atom, Power) and atom.exponent == index:
            base *= atom.base
        elif atom != index:
            rest.append(atom)
    if index in base.letters | Polynomial({tuple(rest): _ONE.terms[()]}).letters:
        raise LimitError(_RULE.format(index), str(Polynomial({monomial: _ONE.terms[()]})))
    return monomial.count(index), base, tuple(rest)


def _powers(degree: int, ratio: Quotient, count: Quotient) -> list[Quotient]:
    """The sums of i**a * ratio**i over 0 <= i < count, for a = 0 .. degree."""
    found: list[Quotient] = []
    flat = not (ratio - 1).upper.terms
    step = None if flat else ratio**count
    power = count if flat else step
    assert power is not None
    for a in range(degree + 1):
        total = power
        for b, lower in enumerate(found):
            factor = lower * comb(a + 1, b) if flat else ratio * lower * comb(a, b)
            total -= factor
        if not flat and a == 0:
            total -= 1
        found.append(total / (a + 1) if flat else total / (ratio - 1))
        power *= count
    return found
