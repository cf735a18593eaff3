"""What is required of a network: that it runs at every size of a condition, and what comes out."""

from __future__ import annotations

from solver.errors import LimitError, SolverError
from solver.ground.shown import Reported
from solver.network.graph.graph import Graph
from solver.network.graph.target import has_sizes, inputs_for, size_target
from solver.network.graph.validity import claimed
from solver.sizes.sizeset import NONE, SizeSet
from solver.sizes.target import read_where


class Requirement(Reported):
    """Hold whether a network does what is required of it, and where it does not.

    condition: of the inputs n that must run, all axes alike; None for all that run, of which there
    must be one. exactly: whether those must be all that run. output: what must come out of each, a
    number, numbers or an expression in n; what has no sizes, a loss beside an image, is not asked.
    asked: the sizes of the condition. runs: the inputs of which something comes out. refused,
    beyond, other: those that are required but do not run, that run but must not, and of which
    something else comes out.

    Raises SolverError for a condition that no size meets; LimitError where a size of it is not
    known to run, and none is known not to.

    >>> from solver import MaxPool, trace
    >>> pool = trace(MaxPool(4))
    >>> Requirement(pool, "n % 4 == 0", output="n/4").holds
    True
    >>> found = Requirement(pool, "n % 2 == 0")
    >>> found.holds, found.counterexample, found.fault.received
    (False, 2, '2 + 0 < 4')
    >>> Requirement(pool, "n >= 8", exactly=True).counterexample
    4
    """

    def __init__(
        self,
        network: Graph,
        condition: str | None = None,
        exactly: bool = False,
        output: str | None = None,
    ) -> None:
        self.network, self.condition, self.exactly, self.output = (
            network,
            condition,
            exactly,
            output,
        )
        self.refusal: SolverError | None = None
        self.runs, unknown = NONE, NONE
        try:
            found = claimed(network)
            self.runs, unknown = found.something, found.unclaimed | SizeSet.of(found.untold)
        except LimitError:
            raise
        except SolverError as fault:  # no size runs
            self.refusal = fault
        self.asked = self.runs if condition is None else read_where(condition)
        if condition is not None and not self.asked:
            raise SolverError("a condition that no size meets requires nothing", condition)
        self.refused = self.asked - self.runs - unknown
        self.beyond = self.runs - self.asked if exactly else NONE
        self.other = NONE
        if output is not None and self.runs:
            target = size_target(output)
            sized = [at for at in network.outputs if has_sizes(network.walk.shapes[at])]
            given = [inputs_for(network, at, target) for at in sized or network.outputs]
            self.other = (self.asked & self.runs) - SizeSet.common(given)
        left = unknown if exactly else unknown & self.asked
        if self.counterexample is None and left:
            raise network.unknown(left)

    @property
    def counterexample(self) -> int | None:
        """The smallest size at which it is not as required, None where there is none."""
        firsts = (each.first() for each in (self.refused, self.beyond, self.other))
        return min((n for n in firsts if n is not None), default=None)

    @property
    def holds(self) -> bool:
        """Whether all of it is so."""
        return self.counterexample is None and bool(self.asked)

    @property
    def fault(self) -> SolverError | None:
        """What is not as required, at the smallest such size; None where it holds."""
        n, right = self.counterexample, f"{self.runs}, at which it runs" if self.runs else None
        if n is None:
            return self.refusal if not self.asked else None
        if n in self.refused:
            why = self.refusal or self.network.run(n)[1]
            rule, received = (why.rule, why.received) if why else ("nothing comes out", None)
            required = f"every {self.asked} must run, and n = {n} does not"
            return SolverError(f"{required}: {rule}", received, right)
        if n in self.beyond:
            return SolverError(f"only {self.asked} must run, and n = {n} does too", right=right)
        path = self.network.path(n)
        came = " and ".join(str(path.size(n, path.nodes[at].name)) for at in path.outputs)
        required = f"every {self.asked} must give {self.output}, and n = {n} does not"
        return SolverError(required, f"it gives {came}")

    def __repr__(self) -> str:
        return f"Requirement({self.condition!r}, holds={self.holds})"
