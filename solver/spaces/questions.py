"""Questions of a space with blocks: what tells its blocks apart depends on what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import LimitError
from solver.spaces.goal import SUMS
from solver.spaces.objective import Criterion


def asking(space: Any, costs: Sequence[Criterion], told: bool) -> Any:
    """The space in which blocks are told apart by costs too.

    told: whether receptive fields tell designs apart. Raises LimitError for a cost of one's own.
    """
    if any(cost.function for cost in costs):
        rule = "a cost of one's own is of layers one behind the other"
        raise LimitError(rule, "blocks", ", ".join(SUMS))
    asked = space.asked | {cost.name for cost in costs}
    asked |= {"receptive_field"} if told else frozenset()
    if asked == space.asked:
        return space
    known = space.__dict__.setdefault("_questions", {})
    if asked not in known:
        known[asked] = space.replaced(space.goals)
        known[asked].__dict__["asked"] = asked
    known[asked].progress = space.progress
    return known[asked]
