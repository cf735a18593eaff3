"""A claim about a size alone, decided for every n: both sides become piecewise size maps.

What is asked and what is true are maps with values 0 and 1, so the sizes at which the claim fails
are known exactly, the smallest one among them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import combinations
from math import lcm

from solver.ground.named import NamedTuple
from solver.proof.claim import Claim, meaning
from solver.sizes.expression import COMPARISONS
from solver.sizes.piecewise import Piecewise
from solver.sizes.sizemap import IDENTITY
from solver.sizes.truth import OPERATORS, sign


class Decision(NamedTuple):
    """Hold where a claim is asked and where it is asked and true, as maps with values 0 and 1.

    start, period: from n = start on everything that was computed on the way has one expression,
    and gains a whole number over the period. settled: from there on also whatever was compared has
    drawn apart, or never will.
    """

    asked: Piecewise
    holds: Piecewise
    start: int
    settled: int
    period: int

    @property
    def fails(self) -> Piecewise:
        """Where the claim is asked and false."""
        return self.asked.least(1 - self.holds)


def decide(claim: Claim) -> Decision:
    """Decide a claim about n for every n. Raises SolverError, LimitError.

    >>> from solver.proof.claim import read_claim
    >>> found = decide(read_claim("conv(n, k=3, s=2) == floor(n/2)"))
    >>> print(found.asked.size_set(), "|", found.holds.size_set())
    n >= 3 | odd n >= 3
    """
    trace = _Trace()
    operators = {kind: trace.watch(kind, function) for kind, function in OPERATORS.items()}
    sizes = {name: Piecewise.of(IDENTITY) for name in claim.letters}
    said = meaning(claim, sizes, operators, Piecewise.of)
    asked = reduce(Piecewise.least, said.asked, Piecewise.of(1))
    holds = asked.least(said.true)
    return Decision(asked, holds, trace.start, max(trace.start, trace.settled), trace.period)


class _Trace:
    """Remember from which n on, and with which period, all that is computed repeats."""

    def __init__(self) -> None:
        self.start = 1
        self.settled = 1
        self.period = 1

    def note(self, value: Piecewise) -> None:
        self.start = max(self.start, value.starts[-1])
        self.period = lcm(self.period, value.period)

    def watch(self, kind: str, function: Callable[..., Piecewise]) -> Callable[..., Piecewise]:
        def watched(*values: Piecewise) -> Piecewise:
            found = function(*values)
            for value in (*values, found):
                self.note(value)
            if kind in _COMPARING:
                for x, y in combinations(values, 2):
                    self.settled = max(self.settled, sign(x, y).starts[-1])
            return found

        return watched


#: What is settled only once its two sides have drawn apart for good.
_COMPARING = ("min", "max", *COMPARISONS)
