"""Questions of a space with blocks: what tells its blocks apart depends on what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from solver.errors import LimitError
from solver.spaces.dominance import preference
from solver.spaces.limits import TELLING
from solver.spaces.objective import By, Criterion
from solver.spaces.places import reads_limited

#: Designs that are asked for at most where ways through a block are compared.
_FEW = 64


def asking(space: Any, costs: Sequence[Criterion], told: bool, most: int | None) -> Any:
    """The space in which blocks are told apart by costs too.

    told: whether receptive fields tell designs apart. most: how many of the best are asked for, or
    1 for a front: then blocks that so many others beat are left out.
    """
    names, prefer = space.asked
    terms = [term for cost in costs for term in cost.terms]
    names |= {name for name, _ in terms} & TELLING
    names |= {"own"} if any(cost.function for cost in costs) else set()
    names |= {"receptive_field"} if told and most != 1 else set()
    one_by_one = most == 1 or all(len(cost.terms) == 1 for cost in costs)
    if most and most <= _FEW and one_by_one and prefer is None and "own" not in names:
        reads = reads_limited(space.parts)
        prefer = preference(names, space.limits, terms, most, reads)
    asked = names, prefer
    if asked == space.asked:
        return space
    known = space.__dict__.setdefault("_questions", {})
    if asked not in known:
        known[asked] = space.replaced(space.goals)
        known[asked].__dict__["asked"] = asked
    known[asked].progress = space.progress
    return known[asked]


def ranked(space: Any, told: Any, by: By, distinct: bool, most: int | None) -> Iterator[Any]:
    """The designs of a space in which blocks are told apart, the best first.

    Where too many would be told apart, the best alone, and then LimitError.
    """
    found = 0
    try:
        for design in told.ranked(by, distinct, most):
            yield design
            found += 1
    except LimitError:
        if not found and most != 1:
            yield from islice(space.ranked(by, distinct, most=1), 1)
        raise
