"""The best designs first: A* over the nodes, guided by bounds that never promise too much.

What is waiting longest is never cheaper than its bound, so the first design that is taken up whole
is the best, and that is the proof. Equal costs are taken in the order of the space: the waiting
beginnings are compared by their path, and a beginning stands before what continues it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from solver.errors import LimitError
from solver.spaces.bounds import Bounds
from solver.spaces.goal import UNBOUNDED
from solver.spaces.node import Node
from solver.spaces.objective import Objective, Vector, add, depth_first
from solver.spaces.states import Bundle

if TYPE_CHECKING:
    from solver.spaces.gains import Gains

Path = tuple[int, ...]
#: (span, cost, first option) of layers that are alike.
Move = tuple[int, Vector, int]
#: What it costs at least, its path, node, gain and cost so far. A whole design is a beginning
#: without a node, and has its behaviour in place of its gain.
Waiting = tuple[Vector, Path, Node | None, Any, Vector]

#: Beginnings taken up, for each state, before it is worked out exactly which can be finished.
_PATIENCE = 8

#: Makes a search for stages of each jump, and the exact gains behind its nodes.
Precise = Callable[[], "tuple[Objective, Gains]"]


def best_first(
    objective: Objective,
    distinct: bool,
    once: bool,
    precise: Precise | None,
    gains: Gains | None = None,
) -> Iterator[tuple[Vector, Path]]:
    """Yield designs as (cost, option of each layer), the best first.

    distinct: of those that cost the same and act the same, the first only. once: only the first
    design will be looked at, so what a better beginning leads to is not followed twice.
    precise: makes exact gains, and is called when the search takes long; None where they are not
    of one axis. gains: these, where they are known already. Raises LimitError for more beginnings
    than the budget allows states.
    """
    steps = objective.steps
    root = steps.root
    if root is None:
        return
    longer = _Longer(objective, once, distinct, gains)
    first = longer.to_go(root, 0)
    if first is None:
        return
    waiting: list[Waiting] = []
    heappush(waiting, (add(objective.start, first), (), root, 0, objective.start))
    known: dict[Any, Any] = {}
    taken = found = 0
    patience = 1 if longer.at_once else _PATIENCE * len(steps.automaton.states)
    while waiting:
        _, path, node, gained, paid = heappop(waiting)
        if node is None:
            if not distinct or (gained, paid) not in known:
                known[gained, paid] = True
                found += 1
                yield paid, path
            continue
        if once or distinct:
            key: Any = node if once else (node, gained, paid)
            if _seen(known, key, gained, paid, path, longer.dominates):
                continue
        taken += 1
        if taken == patience and not found and gains is None and precise is not None:
            exact = None
            with suppress(LimitError):  # too large to know: then it goes on as it is
                exact = precise()
            if exact is not None:
                yield from best_first(exact[0], distinct, once, precise, exact[1])
                return
        steps.budget.spend("beginnings", len(waiting))
        if steps.accepts(node) and longer.need <= gained <= longer.most:
            whole = add(paid, objective.end(node))
            heappush(waiting, (whole, path, None, steps.behaviour(node, gained), whole))
        for entry in longer.than(path, node, gained, paid):
            heappush(waiting, entry)


class _Longer:
    """The beginnings that are one layer longer and may still be finished, with what they promise.

    need, most: the gain that designs must have. dominates: whether more gain is never worse, so
    that a beginning stands for all that gained less at a higher cost.
    """

    def __init__(
        self, objective: Objective, once: bool, distinct: bool, gains: Gains | None
    ) -> None:
        steps = objective.steps
        low, high = steps.gain_limit
        self.need, self.most = max(low - 1, 0), UNBOUNDED if high is None else high - 1
        self.objective, self.gains, self.every = objective, gains, not (once or distinct)
        self.bounds = Bounds(objective, self.need)
        self.bounded = high is not None
        self.dominates = once and high is None
        self.at_once = self.bounded or (self.need > 0 and self.bounds.tight)
        self._alike = objective.flat and steps.simple  # layers cost the same at every node
        self._known: dict[int, list[Move]] = {}

    def to_go(self, node: Node, gained: int) -> Vector | None:
        """A bound on the costs from a node on, or None where no design keeps the limit."""
        number, jump, _ = node
        if self.gains is None and not self.bounded:
            return self.bounds.to_go(number, jump, gained)
        left = None if self.gains is None else self.gains.left(node, gained)
        if left == [] or (
            self.bounded and gained + self.bounds.least_gain(number, jump) > self.most
        ):
            return None
        found = self.bounds.to_go(number, jump, gained)
        at = self.objective.reading
        if not left or found is None or at is None:
            return found
        costs = self.objective.costs
        if depth_first(costs):
            sign = costs[0].sign
            layers = min(sign * each.layers for each in left)
            left = [each for each in left if sign * each.layers == layers]
            found = (layers, *found[1:])
        if costs[at].sign > 0:
            reads = min(each.least for each in left)
        elif self.bounded:
            reads = -max(each.most for each in left)
        else:
            return found  # a gain that is enough stands for all larger ones
        return (*found[:at], max(found[at], reads), *found[at + 1 :])

    def than(self, path: Path, node: Node, gained: int, paid: Vector) -> Iterator[Waiting]:
        """The beginnings that continue one."""
        steps, jump = self.objective.steps, node[1]
        for child, bundles in steps.expand(node):
            moves = self._moves(node, child, bundles)
            steps.reach.spend((30 if self._alike else 80) * len(moves))
            for span, price, option in moves:
                more = gained + int(span * jump) if span else gained
                to_go = self.to_go(child, more)
                if to_go is None:
                    continue
                so_far = add(paid, price)
                if self.dominates:
                    more = min(more, self.need)
                yield add(so_far, to_go), (*path, option), child, more, so_far

    def _moves(self, node: Node, child: Node, bundles: list[Bundle]) -> list[Move]:
        """What layers between two nodes gain and cost; of one design, those worth looking at."""
        objective = self.objective
        found = self._known.get(id(bundles)) if self._alike else None
        if found is None:
            found = [
                (bundle.span, objective.price(node, bundle, child), bundle.options[0])
                for bundle in objective.split(bundles, self.every)
            ]
            if self.dominates:
                gains = [(span, price) for span, price, _ in found]
                found = [
                    (span, price, option)
                    for span, price, option in found
                    if not any(more >= span and less < price for more, less in gains)
                ]
            if self._alike:
                self._known[id(bundles)] = found
        return found


def _seen(
    known: dict[Any, Any], key: Any, gained: int, paid: Vector, path: Path, dominance: bool
) -> bool:
    """Tell whether an equal or better beginning was taken up before, and note this one."""
    if not dominance:
        if (key, gained) in known:
            return True
        known[key, gained] = paid
        return False
    rows = known.setdefault(key, [])
    for other, cost, earlier in rows:
        if other >= gained and (cost < paid or (cost == paid and earlier < path)):
            return True
    rows.append((gained, paid, path))
    return False
