"""The layered decision diagram: the nodes that the search can meet, stage by stage.

Only nodes are kept. What leads on from one is cheap to work out again, and edges would take most of
the memory. Where a node is one size, the stages already know which: nothing is built at all. Nodes
without a way to the goal are rare, and behind them every count is 0 and every front is empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solver.spaces.budget import Budget
from solver.spaces.steps import Steps


class Diagram:
    """Hold the nodes of each stage.

    steps: with stages for each jump. Raises LimitError for more nodes than the budget allows.
    """

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self.budget: Budget = steps.budget
        self.stages: list[list[Any]]  # what is known at each node of a stage
        if steps.simple:
            windows = [steps.reach.windows[stage][0] for stage in steps.stages]
            self.budget.spend("states", sum(window.bits.bit_count() for window in windows))
            self.stages = [list(window.sizes()) for window in windows]
        else:
            self.stages = self._build()

    @property
    def states(self) -> int:
        """The number of nodes."""
        return sum(map(len, self.stages))

    def backwards(self, what: str) -> Iterator[int]:
        """Yield the number of each stage, the last first; tell how many nodes are done."""
        done, total = 0, self.states
        for number in reversed(range(len(self.stages))):
            yield number
            done += len(self.stages[number])
            self.budget.tell(what, done, total)

    def _build(self) -> list[list[Any]]:
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
                    if child not in found[target]:
                        found[target][child] = None
                        count += 1
                self.budget.spend("states", count)
        return [list(stage) for stage in found]


def most_gain(steps: Steps) -> int:
    """A bound on what the receptive field can gain, where no layer is transposed."""
    found = [0 * steps.start] * len(steps.stages)  # in jumps of the stage
    for number in range(len(steps.stages) - 1, -1, -1):
        widest = ((max(b.span for b in row.bundles), row) for row in steps.rows(number))
        found[number] = max(
            (span + row.transition.after(found[row.target]) for span, row in widest), default=0
        )
    return int(found[0]) if found else 0
