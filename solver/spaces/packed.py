"""Count designs within a limit on a sum without telling nodes apart by it.

Behind a node there are so many ways for each amount that the sum still gains, and each number holds
side by side how many of them read how much, see `counting`. So a design is looked up by what it has
paid so far: the ways behind it whose amounts keep the limit are those between two of them. Amounts
that every beginning can afford are one, and those that none can are left out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from sys import getsizeof
from typing import Any

from solver.spaces.counting import Counts, raised
from solver.spaces.diagram import Diagram
from solver.spaces.goal import ANYTHING, UNBOUNDED, Interval
from solver.spaces.node import Node
from solver.spaces.pattern import Alike, Pattern
from solver.spaces.reach import inside
from solver.spaces.states import Bundle

#: What is gained is one number: the receptive field below this bit, the sum from it on.
_SHIFT = 256
_BYTES_PER_AMOUNT, _STEPS_PER_AMOUNT = 100, 3

#: Amounts in order, and for each how many ways there are.
Amounts = tuple[list[int], list[int]]
_NONE: Amounts = ([], [])


class PackedCounts(Counts):
    """Count completions whose sum keeps a limit too.

    name, limit: of the sum, which the diagram leaves open.
    """

    def __init__(
        self, diagram: Diagram, name: str, limit: Interval, interval: Interval = ANYTHING
    ) -> None:
        self._name, self._limit = name, limit
        self._paid = paid_before(diagram, name)
        self._sums: dict[Node, list[int]] = {}
        super().__init__(diagram, interval)

    def gain(self, node: Node, bundle: Bundle, child: Node) -> int:
        return super().gain(node, bundle, child) + (self._amount(node, bundle, child) << _SHIFT)

    def completions(self, node: Node, gained: int) -> int:
        key = node, gained
        if key not in self._known:
            paid, read = divmod(gained, 1 << _SHIFT)
            behind: Any = self._behind[node[0]].get(node[2], _NONE)
            amounts, ways = behind
            low, high = self._limit
            first = bisect_left(amounts, low - paid)
            last = len(amounts) if high is None else bisect_right(amounts, high - paid)
            if node not in self._sums:
                self._sums[node] = [0, *accumulate(ways)]
            sums = self._sums[node]
            found = sums[last] - sums[first] if first < last else 0
            self._known[key] = found if self._open else self._within(node, found, read)
        return self._known[key]

    def ends(self, node: Node, gained: int) -> bool:
        paid, read = divmod(gained, 1 << _SHIFT)
        return inside(paid, self._limit) and super().ends(node, read)

    def _amount(self, node: Node, bundle: Bundle, child: Node) -> int:
        steps = self.diagram.steps
        volumes = steps.volumes(steps.sizes(node), steps.sizes(child))
        return steps.amount(self._name, bundle, node[1], volumes)

    def _patterns(self, number: int) -> dict[Pattern, list[Alike]] | None:
        return None

    def _held(self, behind: dict[Any, Any]) -> int:
        return sum(
            len(ways) * _BYTES_PER_AMOUNT + sum(map(getsizeof, ways)) for _, ways in behind.values()
        )

    def _each(self, number: int, behind: list[dict[Any, Any]]) -> None:
        steps, into = self.diagram.steps, behind[number]
        jump, here = steps.stages[number][1], self._slots[number]
        known: dict[Node, tuple[list[tuple[int, int]], int]] = {}
        most = UNBOUNDED if self._limit[1] is None else self._limit[1] - self._paid[number][0]
        for inner in self.diagram.stages[number]:
            node = number, jump, inner
            first = here.first(steps.sizes(node)[0])
            found = {0: 1} if not first and steps.accepts(node) else {}
            for child, bundles in steps.expand(node):
                if child not in known:
                    known[child] = self._rows(jump, child, here.width, behind)
                rows, start = known[child]
                steps.reach.spend(_STEPS_PER_AMOUNT * len(rows) * len(bundles))
                volumes = steps.volumes(steps.sizes(node), steps.sizes(child))
                for bundle in bundles:
                    more = steps.amount(self._name, bundle, jump, volumes)
                    up = min(start + bundle.span // here.unit, here.last + 1) - first
                    for amount, ways in rows:
                        if amount + more > most:
                            break
                        moved = bundle.many * (raised(ways, up, here.width) if up else ways)
                        found[amount + more] = found.get(amount + more, 0) + moved
            into[inner] = self._merged(number, found, here.last + 1 - first, here.width)

    def _rows(
        self, jump: Any, child: Node, wider: int, behind: list[dict[Any, Any]]
    ) -> tuple[list[tuple[int, int]], int]:
        """The amounts behind a layer as they are before it, and which number is the first."""
        target, after, inside_it = child
        stride, there = 1 if self._open else after // jump, self._slots[target]
        start = self._start(there.first(self.diagram.steps.sizes(child)[0]), stride)
        amounts, ways = behind[target].get(inside_it, _NONE)
        repeated = [self._repeated(each, stride, there.width, wider) for each in ways]
        return list(zip(amounts, repeated, strict=True)), start

    def _merged(self, number: int, found: dict[int, int], count: int, width: int) -> Amounts:
        """Amounts in order, of which those that every beginning can afford are one."""
        least, most = self._paid[number]
        low, high = self._limit
        enough, fits = low - least, UNBOUNDED if high is None else high - most
        kept: dict[int, int] = {}
        for amount, ways in found.items():
            if enough <= amount <= fits:
                amount = max(enough, 0)
            elif amount + most < low:
                continue
            kept[amount] = kept.get(amount, 0) + ways
        amounts = sorted(kept)
        return amounts, [self._cut(kept[amount], count, width) for amount in amounts]


def paid_before(diagram: Diagram, name: str) -> Sequence[tuple[int, int]]:
    """The least and the most that a sum may have come to before each stage, for any size."""
    steps = diagram.steps
    found: list[tuple[int, int]] = [(0, 0)] + [(UNBOUNDED, 0)] * (len(steps.stages) - 1)
    for number, stage in enumerate(steps.stages):
        low, high = found[number]
        for row in steps.rows(number):
            sides = steps.reach.windows[stage], row.windows
            least = steps.volumes(*(tuple(window.low for window in side) for side in sides))
            most = steps.volumes(*(tuple(window.high for window in side) for side in sides))
            few = min(steps.amount(name, each, stage[1], least) for each in row.bundles)
            many = max(steps.amount(name, each, stage[1], most) for each in row.bundles)
            before, after = found[row.target]
            found[row.target] = min(before, low + few), max(after, high + many)
    return found
