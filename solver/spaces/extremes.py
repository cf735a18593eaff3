"""Bounds from each stage of a search on, whatever the size: what limited sums still gain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from solver.spaces.automaton import Automaton
from solver.spaces.reach import Reach
from solver.spaces.states import Bundle


class Staged(Protocol):
    """The steps of a search, as far as they depend on stages alone."""

    automaton: Automaton
    reach: Reach
    summed: tuple[str, ...]
    stages: list[Any]

    def rows(self, number: int) -> Sequence[Any]: ...
    def volumes(self, before: Any, after: Any) -> tuple[int, int, list[int]]: ...
    def amount(self, name: str, bundle: Bundle, jump: Any, volumes: Any) -> int: ...


def ranges(steps: Staged) -> list[list[tuple[int, int]]]:
    """The least and the most that each sum gains from each stage on, for any size."""
    found: list[list[tuple[int, int]]] = [[] for _ in steps.stages]
    for number in range(len(steps.stages) - 1, -1, -1):
        stage = steps.stages[number]
        ended = [(0, 0)] if steps.automaton.states[stage[0]].accepts else []
        gains = [ended[:] for _ in steps.summed]
        for row in steps.rows(number):
            steps.reach.spend(50 * len(row.bundles))
            windows = steps.reach.windows[stage], row.windows
            low, high = (
                [tuple(w.high if top else w.low for w in side) for side in windows]
                for top in (False, True)
            )
            ends = steps.volumes(*low), steps.volumes(*high)
            for bundle in row.bundles:
                least, most = (
                    [steps.amount(name, bundle, stage[1], volumes) for name in steps.summed]
                    for volumes in ends
                )
                behind = zip(gains, least, most, found[row.target], strict=True)
                for into, x, y, (a, b) in behind:
                    into.append((x + a, y + b))
        found[number] = [(min(x for x, _ in g), max(y for _, y in g)) for g in gains]
    return found
