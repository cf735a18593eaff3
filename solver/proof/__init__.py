"""Prove or refute a claim about sizes."""

from __future__ import annotations

from solver.proof.claim import read_claim
from solver.proof.verdict import Verdict

__all__ = ["Verdict", "prove"]


def prove(claim: str, *, where: str = "") -> Verdict:
    """Decide a claim about sizes, for every n and for every value of its other letters.

    claim: a comparison of sizes in n, with layers as functions of a size, hyperparameters by their
    letters or names: `conv(n, k=3, s=2, p=1) == ceil(n/2)`, nested as one likes. Other letters
    stand for every whole number they may be: k, s, d >= 1, p and a >= 0, the rest >= 1.
    where: a condition on the letters.

    The claim is asked at every n >= 1 at which all kernels fit, all layers are legal, and both
    sides of an equation are whole. Raises SolverError, and LimitError where letters other than n
    leave it open.

    >>> bool(prove("conv(deconv(n, k=4, s=2, p=1), k=3, s=2, p=1) == n"))
    True
    >>> prove("conv(n, k=3, s=2, p=1) == floor(n/2)").counterexample
    {'n': 1}
    >>> bool(prove("deconv(n, k=s, s=s) == s*n"))  # for every stride
    True
    """
    return Verdict(read_claim(claim, where))
