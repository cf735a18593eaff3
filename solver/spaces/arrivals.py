"""Which sizes may come to a state: where a block is asked for no others, it need not do more.

Sets may hold sizes that do not come, never the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm
from typing import Any

from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import EVERY, SizeSet
from solver.spaces.goal import Goals

#: Sizes, or classes of them, that are looked at one by one; of more every size is said to come.
_MOST = 1 << 10


def asked_sizes(goals: Goals) -> SizeSet:
    """The sizes of the input that a goal asks about.

    >>> from solver.spaces.goal import read_goals
    >>> print(asked_sizes(read_goals("n", "n/2", "n % 4 == 0", 6, 2)))
    n = 0 (mod 4), n >= 8, or n in {4, 6}
    """
    found = SizeSet.of(number.input for number in goals.numbers)
    for every in goals.every:
        found |= every.where
    return found or EVERY


def arriving(states: Sequence[Any], sizes: SizeSet) -> list[SizeSet]:
    """The sizes that may come to each state of an automaton from these at its first."""
    found = [SizeSet.of(()) for _ in states]
    found[0] = sizes
    for row, here in zip(states, found, strict=True):
        pairs = zip(row.options, row.targets, strict=True)
        for act, target in dict.fromkeys((option.transition, target) for option, target in pairs):
            if found[target] is not EVERY:
                found[target] |= image(here & act.takes, act.size(IDENTITY))
    return found


def image(sizes: SizeSet, act: SizeMap) -> SizeSet:
    """The sizes that a map makes of others.

    >>> print(image(SizeSet(16, [0]), SizeMap.line(1, 0, 2)))
    n = 0 (mod 8)
    """
    period = lcm(act.period, sizes.modulus)
    if sum(map(len, sizes.exception_ranges)) > _MOST or (sizes.ranges and period > _MOST):
        return EVERY
    points = SizeSet.of({max(int(act(n)), 1) for n in sizes.exceptions})
    if sizes.finite:
        return points
    rise = act.rise * (period // act.period)
    if not rise:
        return EVERY
    return points | SizeSet(rise, {int(act(r)) % rise for r in sizes.classes(period)})
