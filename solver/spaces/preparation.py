"""What the searches of a space have in common: shapes, needs, and what sums can still gain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from solver.errors import LimitError, SolverError
from solver.spaces.automaton import Automaton
from solver.spaces.budget import Budget
from solver.spaces.diagram import Diagram
from solver.spaces.goal import ANYTHING, Goals
from solver.spaces.limits import KEPT, PLACED
from solver.spaces.option import READING
from solver.spaces.shapes import Shapes
from solver.spaces.steps import Steps

if TYPE_CHECKING:
    from solver.spaces.demand import MarkDemands
    from solver.spaces.remaining import RemainingRange

#: Sums that a count needs in its nodes; the receptive field has a better way, see `counting`.
_CARRIED = ("parameters", "macs", "activations", "depth", *PLACED)
#: Where a limit on the receptive field is so many jumps, larger jumps are counted together.
_GAINS = 128


class Preparation:
    """Make the steps of searches in a space."""

    def __init__(self, automaton: Automaton, goals: Goals, limits: dict[str, Any]) -> None:
        self.automaton, self.goals, self.limits = automaton, goals, limits
        self._shapes: dict[bool, Shapes] = {}
        self._demands: MarkDemands | None = None
        if automaton.marks:
            from solver.spaces.demand import MarkDemands  # only where there are marks

            self._demands = MarkDemands(goals, automaton.marks, automaton.floors)
        self._needs = None
        if "gaps" in limits:
            from solver.spaces.needs import Needs  # only where they are asked for

            self._needs = Needs(1 if automaton.lanes else automaton.axes)
        self._ranges: dict[tuple[str, ...], RemainingRange] = {}

    @property
    def jumps_are_alike(self) -> bool:
        """Tell whether no sum that is limited, and no mark, depends on jumps."""
        alike = PLACED.keys().isdisjoint(self.limits) and not self._along(self.limits)
        return alike and not self._jumpy

    @property
    def _jumpy(self) -> bool:
        return self._demands is not None and self._demands.jumpy

    def merged(self, jump: int = 1) -> int | None:
        """From which jump on all are counted together: at least this, where nothing tells them."""
        one_by_one = {"jump", "total_stride", *_CARRIED} & self.limits.keys()
        one_by_one |= self._along(self.limits)
        return None if one_by_one or self.goals.every or self._jumpy else max(jump, 1)

    @property
    def merged_to_count(self) -> int | None:
        """The same, where all is counted."""
        low, high = self.limits.get("receptive_field", ANYTHING)
        return self.merged((low if high is None else high) // _GAINS)

    def steps(
        self,
        budget: Budget,
        costs: Sequence[Any] = (),
        mapped: bool = False,
        merged: int | None = None,
        extra: Sequence[str] = (),
        left: Collection[str] = (),
    ) -> Steps:
        """The steps of a search for designs that are best by costs.

        mapped, merged: as of `Steps`. extra: sums to carry although they are not limited so.
        left: those to leave open although they are.
        """
        names = {name for cost in costs for name in cost.names} | {*self.limits}
        late, lanes = self.automaton.late, self.automaton.lanes
        paid = {name for cost in costs for name in cost.names}
        kept = [name for name in KEPT if name in paid]
        if late or lanes:
            self._check_late(names, kept)
        spanned = late and (mapped or not names.isdisjoint(READING))
        spanned = spanned or (mapped and bool(lanes))
        spanned = spanned or (self._demands is not None and self._demands.reading)
        placed = late and not names.isdisjoint(PLACED)
        summed = [name for name in _CARRIED if name in self.limits and name not in left]
        summed = [name for name in summed if not (late and name in PLACED)] + list(extra)
        kept = [name for name in kept if not (late and name in PLACED)]
        summed += [name for name in kept if name not in summed]
        if lanes:
            summed += [] if spanned else list(self._along(self.limits))
            apart = {"receptive_field", *PLACED}
            summed = [
                f"{name} {lane}" if name in apart else name
                for name in summed
                for lane in range(len(lanes) if name in apart else 1)
            ]
        to_go = None if merged or not summed else self._remaining(tuple(summed), budget)
        return self._make(
            self.automaton,
            self.goals,
            self.limits,
            summed,
            spanned=spanned,
            mapped=mapped,
            merged=merged,
            to_go=to_go,
            budget=budget,
            shapes=self._shapes.setdefault(placed, Shapes(placed)),
            needs=self._needs,
            demands=self._demands,
            kept=kept,
        )

    def _check_late(self, names: set[str], kept: Sequence[str]) -> None:
        """Raise SolverError for what is not known of these axes, or of a whole that has no size."""
        options = (option for state in self.automaton.states for option in state.options)
        whole = next((option for option in options if option.whole), None)
        if self.automaton.lanes:
            placed = [name for name in names if name in PLACED and self.automaton.late]
            if placed or kept:
                rule = "where outputs stand behind transposed layers, and costs of what is held"
                rule += " or waited for, are asked where all axes are alike"
                raise LimitError(rule, ", ".join(sorted({*placed, *kept})), "another limit or cost")
        elif self.goals.numbers:
            return
        if whole is not None and "receptive_field" in names:
            rule = "behind it every output reads the whole input, which has no size here"
            right = "an input that is a number, or no limit or cost on receptive fields"
            raise SolverError(rule, repr(whole.member(0)[0])[:60], right)

    def _along(self, names: Iterable[str]) -> set[str]:
        """What is not followed as one gain, since it is told of each lane."""
        return {"receptive_field"} & {*names} if self.automaton.lanes else set()

    @cached_property
    def _make(self) -> type[Steps]:
        if not self.automaton.lanes:
            return Steps
        from solver.spaces.crossed_steps import CrossedSteps  # few spaces tell axes apart

        return CrossedSteps

    def _remaining(self, names: tuple[str, ...], budget: Budget) -> RemainingRange:
        """What sums can still gain, worked out once."""
        if names not in self._ranges:
            from solver.spaces.remaining import RemainingRange  # only where sums are limited

            asked = self.automaton, self.goals, self.limits
            steps = self._make(*asked, budget=budget, demands=self._demands)
            self._ranges[names] = RemainingRange(Diagram(steps), names)
        return self._ranges[names]
