"""Fill in the unknown layers of a network: all ways, counted, the best first.

A layer acts on sizes as one of few size maps, however many hyperparameters it has. What is counted
and ranked are the paths through the states these maps lead to. A question for every n walks with
size maps of n, one for a number with numbers.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from solver.errors import SolverError
from solver.frameworks.layer import FrameworkLayer
from solver.layer import Layer
from solver.network.graph import Network
from solver.network.operation import Apply
from solver.network.states import Goal, State, Walk
from solver.network.unknown import Cost, Open, OpenPad, Way
from solver.sizeset import EVERY, SizeSet
from solver.target import read_size, read_where

_NONE: Cost = (0,) * 6


class Filled:
    """Hold every way to fill in the unknown layers of a network, the best first.

    Ways are mappings from the names of the nodes to layers. Best is: fewest oddities (dilation,
    uneven or wide padding, output padding, even kernels at stride 1), then the smallest kernels,
    strides and paddings, each summed over the layers.

    >>> from solver.design import Choice
    >>> from solver.network import trace
    >>> from solver import Conv
    >>> net = trace(lambda x: Choice(Conv, 3, 2, ...)(Conv(7, 2, 3)(x)), axes=1)
    >>> found = fill(net, "ceil(n/4)")
    >>> found.count, found.best()
    (1, {'conv_2': Conv(3, stride=2, padding=1)})
    """

    def __init__(
        self, network: Network, goals: Sequence[Goal], at: int | None, asked: SizeSet
    ) -> None:
        self.network, self.goals, self.at, self.asked = network, tuple(goals), at, asked
        walk = Walk(network, self.goals, at, asked)
        self._layers = walk.states()
        self._blocked = walk.blocked

    @cached_property
    def count(self) -> int:
        """Return how many ways there are, exactly."""
        counts: dict[State, int] = dict.fromkeys(self._layers[0], 1)
        for states in self._layers[1:]:
            counts = {
                state: sum(counts[before] for before, _ in edges) for state, edges in states.items()
            }
        return sum(counts.values())

    def __len__(self) -> int:
        return self.count

    def __bool__(self) -> bool:
        return bool(self._layers[-1])

    @property
    def reason(self) -> str | None:
        """Return which node nothing gets past, where there is no way."""
        if self or self._blocked is None:
            return None
        node = self.network.nodes[self._blocked]
        wanted = [goal for goal in self.goals if self._blocked in (goal.node, goal.like)]
        what = "gives what is asked" if wanted else "runs"
        return f"{node.label}: no layer of those that are possible {what} here"

    def best(self) -> dict[str, Layer | FrameworkLayer] | None:
        """Return the best way, or None."""
        return next(iter(self), None)

    def __iter__(self) -> Iterator[dict[str, Layer | FrameworkLayer]]:
        """Yield the ways, the best first."""
        least = self._least()
        # From the output back: what is still to come is known exactly, so the first one out of the
        # queue is the best.
        queue: list[tuple[Cost, Cost, int, int, State, tuple[Way, ...]]] = []
        last = len(self._layers) - 1
        serial = 0
        for state in self._layers[last]:
            heapq.heappush(queue, (least[last][state], _NONE, serial, last, state, ()))
            serial += 1
        while queue:
            _, spent, _, level, state, options = heapq.heappop(queue)
            if level == 0:
                yield self._named(options)
                continue
            for before, option in self._layers[level][state]:
                paid = spent if option is None else _plus(spent, option.cost)
                chosen = options if option is None else (option, *options)
                bound = _plus(paid, least[level - 1][before])
                heapq.heappush(queue, (bound, paid, serial, level - 1, before, chosen))
                serial += 1

    def _least(self) -> list[dict[State, Cost]]:
        found: list[dict[State, Cost]] = [dict.fromkeys(self._layers[0], _NONE)]
        for states in self._layers[1:]:
            before = found[-1]
            found.append(
                {
                    state: min(
                        before[one] if option is None else _plus(before[one], option.cost)
                        for one, option in edges
                    )
                    for state, edges in states.items()
                }
            )
        return found

    def _named(self, options: Sequence[Way]) -> dict[str, Layer | FrameworkLayer]:
        nodes = (node for node in self.network.nodes if isinstance(node.operation, (Open, OpenPad)))
        return {node.name: option.layer for node, option in zip(nodes, options, strict=True)}

    def network_of(self, way: Mapping[str, Layer | FrameworkLayer]) -> Network:
        """Return the network with the unknown layers filled in."""
        nodes = (
            node._replace(operation=Apply(way[node.name]))
            if isinstance(node.operation, (Open, OpenPad))
            else node
            for node in self.network.nodes
        )
        return Network(nodes, self.network.outputs)


def fill(
    network: Network,
    size: str | int | None = None,
    *,
    node: str | None = None,
    meet: Iterable[tuple[str, str]] = (),
    at: int | None = None,
    where: str = "",
) -> Filled:
    """Find every way to fill in the unknown layers of a network.

    size: what must come out, a number or an expression in n. node: the name of the node that must
    have this size; the output unless given. meet: names of nodes whose sizes must be equal. at: the
    size of the input; without it what is asked is asked for every n, from the smallest on at which
    every layer fits. where: narrows the n. Raises LimitError for more states than are kept.

    >>> from solver.network import trace
    >>> from solver import Conv
    >>> from solver.design import Choice
    >>> net = trace(lambda x: Choice(Conv, range(1, 6), 2, range(3))(x))
    >>> fill(net, 112, at=224).count, fill(net, "n + 1").count
    (5, 0)
    """
    goals = [Goal(network.find(one), None, network.find(other)) for one, other in meet]
    target = None if size is None else read_size(str(size))
    if target is not None:
        goals.append(Goal(network.outputs[0] if node is None else network.find(node), target))
    if not any(isinstance(each.operation, (Open, OpenPad)) for each in network.nodes):
        raise SolverError("no layer of this network is unknown", right="kernel_size=...")
    asked = read_where(where) if where else EVERY
    if target is not None and at is None:
        asked &= target.whole
    return Filled(network, goals, at, asked)


def _plus(one: Cost, other: Cost) -> Cost:
    return tuple(x + y for x, y in zip(one, other, strict=True))
