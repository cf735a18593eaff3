"""Formulas in words: polynomials in letters that are at least 1, and in floors of these."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import gcd

from solver.sizes.polynomial import Floor, Polynomial
from solver.sizes.quotients import floor


def formula(value: int) -> Polynomial:
    """The formula of a number, in words where it has any."""
    words: Polynomial | None = getattr(value, "words", None)
    return Polynomial.of(int(value)) if words is None else words


def _nonnegative(size: Polynomial) -> bool:
    least = size.least(dict.fromkeys(size.letters, 1))
    return least is not None and least >= 0


def quotient(one: Polynomial, other: Polynomial) -> Polynomial | None:
    """The floor of a quotient, None where the divisor is not known to be at least 1.

    >>> dim, heads = Polynomial.of("dim"), Polynomial.of("heads")
    >>> print(quotient(dim * 6 + 3, Polynomial.of(3)), quotient(dim, heads), quotient(dim, -heads))
    2*dim + 1 floor(dim/heads) None
    """
    return floor(one, other, _nonnegative, residues=False) if _nonnegative(other - 1) else None


def remainder(one: Polynomial, other: Polynomial) -> Polynomial | None:
    """What is left of one over another, None as for the quotient."""
    whole = quotient(one, other)
    return None if whole is None else one - other * whole


def content(*sizes: Polynomial) -> int:
    """The largest number that divides every coefficient."""
    return gcd(*(int(c) for size in sizes for c in size.terms.values()))


def value(size: Polynomial, values: Mapping[str, int]) -> Fraction:
    """What it is where its words have values."""
    total = Fraction(0)
    for monomial, c in size.terms.items():
        for atom in monomial:
            if isinstance(atom, Floor):
                c *= value(atom.numerator, values) // value(atom.divisor, values)
            else:
                c *= values[str(atom)]
        total += c
    return total
