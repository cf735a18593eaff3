"""The layered decision diagram: the nodes that the search can meet, stage by stage.

Only nodes are kept. What leads on from one is cheap to work out again, and edges would take most of
the memory. Where a node is one size, the stages already know which: nothing is built at all. Nodes
without a way to the goal are rare, and behind them every count is 0 and every front is empty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solver.design.steps import Steps
from solver.errors import LimitError

#: Told what is done, and how much of it so far, while long work goes on.
Progress = Callable[[str, int], None]

#: States kept at most unless more are allowed, and about what one takes.
MOST_STATES = 1_000_000
BYTES_PER_STATE = 1_000


class Diagram:
    """Hold the nodes of each stage.

    steps: with stages for each jump. most: nodes at most; else LimitError.
    """

    def __init__(
        self, steps: Steps, most: int = MOST_STATES, progress: Progress | None = None
    ) -> None:
        self.steps = steps
        self.most = most
        self.stages: list[list[Any]]  # what is known at each node of a stage
        if steps.simple:
            windows = (steps.reach.windows[stage] for stage in steps.stages)
            bits = [row[0] for row in windows]
            self._check(sum(window.bits.bit_count() for window in bits))
            self.stages = [list(window.sizes()) for window in bits]
        else:
            self.stages = self._build(progress)

    @property
    def states(self) -> int:
        """Return the number of nodes."""
        return sum(map(len, self.stages))

    def _build(self, progress: Progress | None) -> list[list[Any]]:
        steps = self.steps
        found: list[dict[Any, None]] = [{} for _ in steps.stages]
        if steps.root is None:
            return []
        found[0][steps.root[2]] = None
        count = 1
        for number, stage in enumerate(found):
            jump = steps.stages[number][1]
            for inner in stage:
                for (target, _, child), _ in steps.expand((number, jump, inner)):
                    known = found[target]
                    if child not in known:
                        known[child] = None
                        count += 1
                        if progress is not None and count % 1024 == 0:
                            progress("states", count)
                self._check(count)
        return [list(stage) for stage in found]

    def _check(self, count: int) -> None:
        if count > self.most:
            raise self._too_much(f"at least {count:,} states")

    def check_memory(self, used: int) -> None:
        """Raise LimitError where numbers kept with the nodes take more bytes than all may."""
        if used > max(self.most, 1000) * BYTES_PER_STATE:
            raise self._too_much(f"{used // 10**6:,} MB of numbers")

    def _too_much(self, received: str) -> LimitError:
        megabytes = max(self.most * BYTES_PER_STATE // 10**6, 1)
        return LimitError(
            f"the search keeps at most {self.most:,} states, about {megabytes:,} MB",
            received=received,
            right="a larger --max-states or max_states=, smaller ranges, or fewer limits",
        )
