"""Bounds on what is still to pay from a stage on, whatever the size: what guides the search.

Where the receptive field has a least value, the first cost is bounded by what that much more of it
costs at least: each stage has a front of (gain, cost) pairs of which none is worse in both. A gain
is counted in jumps of the stage, so one front serves all jumps.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from solver.spaces.objective import Objective, Vector

#: Behind this there is no way.
_NEVER = 1 << 200


class Bounds:
    """Bound the costs still to come from below, and the receptive field from both sides.

    need: the gain in receptive field that a whole design must have, where nodes do not know it.
    """

    def __init__(self, objective: Objective, need: int) -> None:
        self._objective = objective
        self._need = need
        self._late = objective.steps.spanned and any(
            cost.name == "receptive_field" and cost.sign < 0 for cost in objective.costs
        )
        stages = objective.steps.stages
        self._rest: list[Vector] = [()] * len(stages)
        self._gains: list[list[int]] = [[] for _ in stages]
        self._costs: list[list[int]] = [[] for _ in stages]
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
        return (self._costs[number][at], *self._rest[number])

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
        cheapest: dict[tuple[int, int, int], int] = {}  # (target, stride, span) -> first cost
        several = len(objective.costs) > 1
        for transition, target, bundles, windows in steps.rows(number):
            # gains are only asked for where every layer goes down
            stride = transition.stride
            for bundle in bundles:
                price = objective.least(number, bundle, windows)
                key = target, stride, bundle.span
                if price[0] < cheapest.get(key, _NEVER):
                    cheapest[key] = price[0]
                if several:
                    tail = self._rest[target]
                    rest.append(tuple(x + y for x, y in zip(price[1:], tail, strict=True)))
        for (target, stride, span), least_cost in _undominated(cheapest):
            pairs = zip(self._gains[target], self._costs[target], strict=True)
            for more, cost in pairs:
                total = min(span + stride * more, self._need)
                if best.get(least_cost + cost, -1) < total:
                    best[least_cost + cost] = total
        least += [span + stride * self._least[target] for target, stride, span in cheapest]
        gains = [span + stride * self._most[target] for target, stride, span in cheapest]
        self._most[number] = max(gains, default=0)
        most = -1
        for cost in sorted(best):
            if best[cost] > most:
                most = best[cost]
                self._gains[number].append(most)
                self._costs[number].append(cost)
        self._rest[number] = tuple(map(min, zip(*rest, strict=True))) if several else ()
        self._least[number] = min(least)


def _undominated(
    cheapest: dict[tuple[int, int, int], int],
) -> list[tuple[tuple[int, int, int], int]]:
    """Drop what another kernel with the same stride and target beats in cost and in span."""
    found = []
    lowest: dict[tuple[int, int], int] = {}
    for (target, stride, span), cost in sorted(cheapest.items(), key=lambda row: -row[0][2]):
        if cost < lowest.get((target, stride), _NEVER):
            lowest[target, stride] = cost
            found.append(((target, stride, span), cost))
    return found
