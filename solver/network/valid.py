"""The inputs a network accepts, exactly and for every n, and which place demands what.

Every demand is a size set of its letter: what remains is their intersection. Most demands are only
a smallest size; of those the largest says it all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from solver.errors import SolverError
from solver.network.demand import Demand
from solver.network.graph import Network
from solver.sizeset import EVERY, SizeSet


class Reason(NamedTuple):
    """Hold a demand that cannot be left out, and the sizes it leaves on its own."""

    demand: Demand
    inputs: SizeSet


class Valid(NamedTuple):
    """Hold the inputs a network accepts, and the demands they follow from.

    reasons: as few demands as say it all.
    """

    inputs: SizeSet
    reasons: tuple[Reason, ...]

    def nearest(self, n: int) -> tuple[int | None, int | None]:
        """Return the largest valid size that is at most n, and the smallest that is at least n.

        >>> Valid(SizeSet(16, [12], 188), ()).nearest(200)
        (188, 204)
        """
        return self.inputs.last(n), self.inputs.first(n)


def valid(network: Network, letter: str | None = None, exact: bool = False) -> Valid:
    """Return the inputs at which a network runs.

    letter: of one axis; without it for inputs with all axes alike. exact: only those at which
    poolings drop nothing and crops are alike at both ends. Raises LimitError where a condition
    repeats too late to be held.

    >>> from solver import Conv, ConvTranspose, MaxPool
    >>> from solver.network import concat, trace
    >>> def net(x):
    ...     return concat(x, ConvTranspose(2, 2)(MaxPool(2)(x)))
    >>> print(valid(trace(net)).inputs)
    even n
    """
    if letter is not None and letter not in network.letters:
        raise SolverError("no input has this letter", letter, ", ".join(network.letters))
    least, smallest = 1, None
    found: dict[SizeSet, Demand] = {}
    for demand in network.walk.demands:
        if (demand.wish and not exact) or (letter is not None and demand.letters != {letter}):
            continue
        minimum = demand.minimum
        if minimum is None:
            found.setdefault(demand.inputs(), demand)
        elif minimum[1] > least:
            least, smallest = minimum[1], demand
    reasons = [Reason(demand, inputs) for inputs, demand in found.items() if inputs != EVERY]
    if smallest is not None:
        reasons.append(Reason(smallest, SizeSet(minimum=least)))
    inputs = _all(reason.inputs for reason in reasons)
    return Valid(inputs, tuple(_needed(reasons, inputs)))


def _all(sets: Iterable[SizeSet]) -> SizeSet:
    """Return the intersection, the smallest first: an empty one ends it."""
    found = EVERY
    for each in sorted(sets, key=lambda s: len(s.residues) / s.modulus):
        found = found & each
    return found


def _needed(reasons: list[Reason], inputs: SizeSet) -> list[Reason]:
    """Leave out, from the last on, what follows from the others."""
    kept = list(reasons)
    for reason in reversed(reasons):
        others = [other for other in kept if other is not reason]
        if _all(other.inputs for other in others) == inputs:
            kept = others
    return kept
