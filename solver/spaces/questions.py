"""Questions of a space with blocks: what tells its blocks apart depends on what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from solver.errors import LimitError
from solver.spaces.dominance import preferred
from solver.spaces.limits import SUMS
from solver.spaces.objective import By, Criterion
from solver.spaces.parts import Fixed
from solver.spaces.places import leaves, reads_limited


def asking(space: Any, costs: Sequence[Criterion], told: bool, once: bool) -> Any:
    """The space in which blocks are told apart by costs too.

    told: whether receptive fields tell designs apart. once: whether only the best design is asked
    for: then blocks that others beat are left out. Raises LimitError for a cost of one's own.
    """
    if any(cost.function for cost in costs):
        rule = "a cost of one's own is of layers one behind the other"
        raise LimitError(rule, "blocks", ", ".join(SUMS))
    names, prefer = space.asked
    costly = [term for cost in costs for term in cost.terms if term[0] in SUMS]
    names |= {name for name, _ in costly}
    told = told and not any(isinstance(x, Fixed) and x.says("whole") for x in leaves(space.parts))
    names |= {"receptive_field"} if told and not once else set()
    if once and prefer is None:
        limits = {name: space.limits[name] for name in names if name in space.limits}
        prefer = dict(preferred(names, limits, costly))
        prefer |= {"receptive_field": 0} if reads_limited(space.parts) else {}
    asked = names, prefer
    if asked == space.asked:
        return space
    known = space.__dict__.setdefault("_questions", {})
    key = names, prefer and frozenset(prefer.items())
    if key not in known:
        known[key] = space.replaced(space.goals)
        known[key].__dict__["asked"] = asked
    known[key].progress = space.progress
    return known[key]


def ranked(space: Any, told: Any, by: By, distinct: bool, once: bool) -> Iterator[Any]:
    """The designs of a space in which blocks are told apart, the best first.

    Where too many would be told apart, the best alone, and then LimitError.
    """
    found = 0
    try:
        for design in told.ranked(by, distinct, once):
            yield design
            found += 1
    except LimitError:
        if not found and not once:
            yield from islice(space.ranked(by, distinct, once=True), 1)
        raise
