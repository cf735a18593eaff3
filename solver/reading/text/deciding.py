"""The walk through the nodes of a text as it is read: what they demand is asked where it is run."""

from __future__ import annotations

from solver.errors import LimitError
from solver.network.graph.demand import EQUAL, SETTLED, Demand
from solver.network.graph.dim import Dim
from solver.network.graph.walk import Walker
from solver.reading.paths.decisions import Decisions, RefusedSizes, SizeDecision
from solver.sizes.sizeset import SizeSet


class Deciding(Walker):
    """Go through nodes, and ask of the sizes where the program is run what they demand.

    Where no size is left at which a demand holds it goes on, so that the whole can be explained.
    catching: whether the program catches what is refused, which is another path then.
    """

    def __init__(self, decisions: Decisions) -> None:
        super().__init__(None, decisions.values)
        self._decisions, self.catching = decisions, False
        self._failed: list[Demand] = []  # what does not hold here

    def _ask(
        self,
        rule: str,
        dim: Dim,
        other: SizeSet | Dim,
        relation: str = EQUAL,
        wish: bool = False,
        limit: bool = False,
    ) -> Dim | bool | None:
        count = len(self.demands)
        found = super()._ask(rule, dim, other, relation, wish, limit)
        if relation == SETTLED and dim.letters <= self._decisions.values.keys():
            self._decisions.decide(Demand(0, rule, dim, other, relation))
        for demand in self.demands[count:]:
            self._require(demand)
        return found

    def _require(self, demand: Demand) -> None:
        at = self._decisions
        if not demand.letters <= at.values.keys() or demand.wish:
            return
        if self.catching and not at.decide(demand._replace(rule="")):
            raise RefusedSizes
        if len(demand.letters) == 1:
            if demand.holds(at.values):
                at.ask(demand)
            elif at.left.cut(SizeDecision(demand, True)) is not None:
                self._failed.append(demand)

    def settle(self) -> None:
        """Raise RefusedSizes where all that is demanded holds at other sizes, and not here."""
        for letter in {letter for demand in self._failed for letter in demand.letters}:
            asked = [each.inputs() for each in self._failed if each.letters == {letter}]
            try:
                demand = Demand(0, "", Dim.letter(letter), SizeSet.common(asked))
            except LimitError:
                demand = self._failed[0]
            if self._decisions.left.cut(SizeDecision(demand, True)) is not None:
                self._decisions.ask(demand)
