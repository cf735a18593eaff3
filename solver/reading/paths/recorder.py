"""The operations of one run, in order: each is worked out where it runs, at sizes and for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from solver.errors import LimitError, SolverError
from solver.network.graph.demand import EQUAL, SETTLED, Demand
from solver.network.graph.dim import Dim, Inexpressible
from solver.network.graph.operation import Operation, Shape
from solver.reading.paths.building import Builder
from solver.reading.paths.decisions import Decisions, RefusedSizes
from solver.sizes.sizeset import SizeSet


class Recorder(Builder):
    """Hold the nodes of a run, and ask of the sizes that it is at what they demand.

    guarded: whether the program may catch what an operation raises where it is.
    """

    def __init__(self, decisions: Decisions, guarded: Callable[[], bool]) -> None:
        super().__init__()
        self.decisions, self._guarded = decisions, guarded
        self._refused = False

    def add(
        self, label: str, operation: Operation, inputs: Sequence[int] = (), of: str = ""
    ) -> int:
        """Add a node and return its number. Raises RefusedSizes where it does not run."""
        self.resume()
        operation = self.decisions.instead(len(self.nodes), operation)
        number = super().add(label, operation, inputs, of)
        if self._refused:
            raise RefusedSizes
        return number

    def settled(self, dim: Dim) -> int:
        """What a size is where it runs: one of 1 is another path."""
        self.decisions.decide(Demand(0, "", dim, Dim(1), EQUAL))
        return dim.at(self.decisions.values)

    def resume(self) -> None:
        """Go on: an operation that refused is none, where the program has caught that."""
        if self._refused:
            self._refused = False
            self.nodes.pop()
            self.shapes.pop()

    def holds(self, dim: Dim, allowed: SizeSet | Dim) -> bool:
        """Whether a size is in a set where it runs; where it is not, that is another path."""
        return self.decisions.decide(Demand(0, "", dim, allowed))

    def _shape(self, operation: Operation, given: Sequence[Shape | None]) -> Shape | None:
        try:
            return super()._shape(operation, given)
        except RefusedSizes:
            self._refused = True
            return None

    def _settle(self, operation: Operation, given: Sequence[Shape]) -> Shape | None:
        try:
            return operation.shape(given, self._ask)
        except (Inexpressible, LimitError):
            return None
        except SolverError:  # raised again, with the name of the node, when the network is walked
            raise RefusedSizes from None

    def asked(self, demand: Demand) -> bool:
        """Ask whether something holds where it runs. Raises RefusedSizes where it does not."""
        if demand.relation == SETTLED:
            return self.decisions.decide(demand)
        if not demand.letters and not demand.wish and not demand.holds():
            raise RefusedSizes
        self.decisions.ask(demand, self._guarded)
        return True
