"""Bounds on what is still to pay from a stage on, whatever the size: what guides the search.

Where the receptive field has a least value, the first cost is bounded by what that much more of it
costs at least: each stage has a front of (gain, cost) pairs of which none is worse in both. A gain
is counted in jumps of the stage, so one front serves all jumps.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from solver.spaces.bits import Bits
from solver.spaces.objective import Objective, Vector, add
from solver.spaces.states import Group

#: (span, first cost): of each span the least cost, none beaten in both.
Front = list[tuple[int, int]]

#: Behind this there is no way.
_NEVER = 1 << 200


class Bounds:
    """Bound the costs still to come from below, and the receptive field from both sides.

    need: the gain in receptive field that a whole design must have, where nodes do not know it.
    """

    def __init__(self, objective: Objective, need: int) -> None:
        self._objective = objective
        self._need = need
        self._late = objective.wanted_late
        stages = objective.steps.stages
        self._rest: list[Vector] = [()] * len(stages)
        self._gains: list[list[int]] = [[] for _ in stages]
        self._costs: list[list[Vector]] = [[] for _ in stages]
        self._known: dict[int, tuple[Front, Vector]] = {}  # of groups that cost the same anywhere
        self._least: list[int] = [0] * len(stages)
        self._most: list[int] = [0] * len(stages)
        for number in range(len(stages) - 1, -1, -1):
            self._work_out(number)

    def to_go(self, number: int, jump: Any, gained: int) -> Vector | None:
        """A bound on the costs from a stage on, or None where the need cannot be met."""
        gains = self._gains[number]
        need = self._need - gained
        at = bisect_left(gains, -(-need // jump)) if need > 0 else 0
        if at == len(gains):
            return None
        return self._costs[number][at]

    def least_gain(self, number: int, jump: Any) -> int:
        """The least that the receptive field still gains."""
        return int(self._least[number] * jump)

    @property
    def tight(self) -> bool:
        """Tell whether the need is a good part of what these bounds know to be possible at all."""
        return self._need * 3 > self._most[0]

    def _work_out(self, number: int) -> None:
        steps, objective = self._objective.steps, self._objective
        best: dict[int, int] = {}  # cost -> gain
        rest: list[Vector] = []
        least: list[int] = []
        if steps.automaton.states[steps.stages[number][0]].accepts:
            # What the end itself adds is bounded by 0, or where it is wanted large by nothing.
            start = (-_NEVER if self._late else 0,) * len(objective.costs)
            best[start[0]] = 0
            rest.append(start[1:])
            least.append(0)
        gains = [0]
        for group, to in steps.reach.moves[steps.stages[number]]:
            # gains are only asked for where every layer goes down
            target, stride = steps.number[to], group.transitions[0].stride
            cheapest, tail = self._cheapest(number, group, steps.reach.windows[to])
            rest.append(add(tail, self._rest[target]))
            pairs = list(zip(self._gains[target], self._costs[target], strict=True))
            for span, least_cost in cheapest:
                for more, (cost, *_) in pairs:
                    total = min(span + stride * more, self._need)
                    if best.get(least_cost + cost, -1) < total:
                        best[least_cost + cost] = total
            spans = [bundle.span for bundle in group.kinds]
            least.append(min(spans) + stride * self._least[target])
            gains.append(max(spans) + stride * self._most[target])
        self._most[number] = max(gains)
        most, behind = -1, tuple(map(min, zip(*rest, strict=True)))
        for cost in sorted(best):
            if best[cost] > most:
                most = best[cost]
                self._gains[number].append(most)
                self._costs[number].append((cost, *behind))
        self._rest[number] = behind
        self._least[number] = min(least)

    def _cheapest(self, number: int, group: Group, after: Sequence[Bits]) -> tuple[Front, Vector]:
        """The spans of a group that none beats in span and first cost; the other costs at least."""
        objective, known = self._objective, self._known.get(id(group))
        if known is not None:
            return known
        behind = group.transitions[0].after(objective.steps.stages[number][1])
        prices = [objective.least(number, bundle, behind, after) for bundle in group.kinds]
        front: Front = []
        rows = zip(group.kinds, prices, strict=True)
        for cost, span in sorted((price[0], -bundle.span) for bundle, price in rows):
            if not front or -span > front[-1][0]:
                front.append((-span, cost))
        found = front, tuple(map(min, zip(*(price[1:] for price in prices), strict=True)))
        if objective.flat:
            self._known[id(group)] = found
        return found
