"""A claim at given numbers: asked there or not, true or false. Exact fractions throughout."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from solver.proof.claim import Claim, Meaning, Unasked, meaning
from solver.sizes.exact import OPERATORS


def at(claim: Claim, values: Mapping[str, int]) -> bool | None:
    """Tell whether a claim is true at the given numbers; None where it is not asked.

    >>> from solver.proof.claim import read_claim
    >>> half = read_claim("conv(n, k=2, s=2) == n/2")
    >>> at(half, {"n": 4}), at(half, {"n": 5})
    (True, None)
    """
    said = _said(claim, values, stops=True)
    return bool(said.true) if said and all(said.asked) else None


def sides_at(claim: Claim, values: Mapping[str, int]) -> list[tuple[Fraction, Fraction]]:
    """The two sides of each comparison of a claim at numbers where it is asked.

    >>> from solver.proof.claim import read_claim
    >>> [[str(side) for side in sides] for sides in sides_at(read_claim("n/2 < 3"), {"n": 3})]
    [['3/2', '3']]
    """
    said = _said(claim, values)
    return said.sides if said else []


def _said(claim: Claim, values: Mapping[str, int], stops: bool = False) -> Meaning | None:
    letters = {name: Fraction(value) for name, value in values.items()}
    try:
        return meaning(claim, letters, OPERATORS, Fraction, stops)
    except (ZeroDivisionError, Unasked):
        return None
