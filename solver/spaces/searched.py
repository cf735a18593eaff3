"""The searches of a space: its automaton, and what stands on it, worked out once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from solver.ground.shown import named
from solver.sizes.sizeset import EVERY, SizeSet
from solver.spaces.automaton import Automaton
from solver.spaces.budget import Budget, Progress
from solver.spaces.counting import Counts
from solver.spaces.diagram import Diagram
from solver.spaces.limits import AMOUNTS, PLACED, TELLING
from solver.spaces.objective import Criterion
from solver.spaces.places import marks, mirrors, reads_limited, special
from solver.spaces.preparation import Preparation
from solver.spaces.steps import Steps

if TYPE_CHECKING:
    from solver.spaces.goal import Goals
    from solver.spaces.parts import Part


class Searched:
    """Hold what is asked of a space, and make the searches that answer it."""

    parts: Part
    axes: int
    alike: tuple[int, ...]
    channels: int | None
    goals: Goals
    limits: dict[str, Any]
    max_states: int
    progress: Progress | None

    @cached_property
    def automaton(self) -> Automaton:
        """The space as an automaton, whose blocks are told apart by what limits ask."""
        asked, prefer = self.asked
        return Automaton(
            self.parts,
            self.channels,
            self.axes,
            even="even_upsampling" in self.limits,
            placed=not PLACED.keys().isdisjoint(asked),
            asked=asked,
            prefer=prefer,
            alike=self.alike,
            begins=self._begins if marks(self.parts) else None,
            sizes=self._come,
        )

    def _come(self) -> SizeSet:
        """The sizes of the input that are asked about; marks ask for others too."""
        if marks(self.parts):
            return EVERY
        found: SizeSet = named("solver.spaces.arrivals:asked_sizes")(self.goals)
        return found

    def _begins(self, mark: Any) -> bool:
        """Tell whether the input itself meets a mark."""
        return bool(named("solver.spaces.demand:at_start")(self.goals, mark))

    @cached_property
    def asked(self) -> tuple[frozenset[str], Any]:
        """The sums that tell blocks apart that do the same to sizes, and what is better in each."""
        read = {"receptive_field"} if reads_limited(self.parts) else set()
        return frozenset(self.limits) & TELLING | read, None

    def _asking(self, costs: Sequence[Criterion], told: bool, most: int | None) -> Any:
        """The space in which costs tell blocks apart too; layers need no asking."""
        placed = {name for cost in costs for name in cost.names} & PLACED.keys()
        if not (special(self.parts) or placed - self.limits.keys()):
            return self
        return named("solver.spaces.questions:asking")(self, costs, told, most)

    @property
    def mirrored(self) -> bool:
        """Tell whether there are mirrored decoders: the output is where they begin, then."""
        return mirrors(self.parts)

    @cached_property
    def _prepared(self) -> Preparation:
        return Preparation(self.automaton, self.goals, self.limits)

    def _priced(self, *asked: Any, share: int = 1, **more: Any) -> Steps:
        budget = Budget(self.max_states // share, self.progress)
        return self._prepared.steps(budget, *asked, **more)

    @cached_property
    def _steps(self) -> Steps:
        return self._priced((), merged=self._prepared.merged_to_count, left=[self._packed])

    @cached_property
    def _diagram(self) -> Diagram:
        return Diagram(self._steps)

    @cached_property
    def _counts(self) -> Counts:
        return self._counted(kept=True)

    def _counted(self, kept: bool) -> Counts:
        if name := self._packed:
            made = named("solver.spaces.packed:PackedCounts")
            limits = self.limits[name], self._steps.gain_limit
            counts: Counts = made(self._diagram, name, *limits)
            return counts
        return Counts(self._diagram, self._steps.gain_limit, kept)

    @property
    def _packed(self) -> str:
        """The limited sum by which nodes are not told apart to count."""
        return next((name for name in AMOUNTS if name in self.limits), "")
