"""One design of each receptive field and depth, where nothing else tells designs apart.

A goal for every n that one size map alone has leaves only these two: the exact gains behind the
first node say which there are, and the first design of each is found by following them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from solver.spaces.automaton import Automaton
from solver.spaces.diagram import Diagram, most_gain
from solver.spaces.goal import ANYTHING, Goals
from solver.spaces.node import Node
from solver.spaces.objective import Criterion
from solver.spaces.steps import Steps

if TYPE_CHECKING:
    from solver.spaces.gains import Gains

_TOLD = {"depth", "receptive_field"}


def alike(automaton: Automaton, goals: Goals, costs: Sequence[Criterion]) -> bool:
    """Tell whether designs of one depth and receptive field cost the same and act the same."""
    ends = {state.channels for state in automaton.states if state.accepts}
    floors = automaton.floors and not automaton.lanes
    one_map = floors and any(every.one_map for every in goals.every)
    return one_map and len(ends) == 1 and {cost.name for cost in costs} <= _TOLD


def one_of_each(steps: Steps, costs: Sequence[Criterion]) -> Iterator[tuple[int, ...]]:
    """Yield the first design of each receptive field, and depth where that costs, the best first.

    By the exact gains of all that keep the limits; those of each number of layers apart where it
    costs.
    """
    from solver.spaces.gains import Gains  # only where these are followed

    low, high = steps.limits.get("receptive_field", ANYTHING)
    most = most_gain(steps) + 1 if high is None else high
    gains = Gains(Diagram(steps), (low, most), any(cost.name == "depth" for cost in costs))
    root = gains.steps.root
    if root is None:
        return

    def cost(way: tuple[int, int]) -> list[int]:
        layers, gain = way
        return [one.sign * (layers if one.name == "depth" else gain) for one in costs]

    for _, ways in groupby(sorted(gains.ways(root), key=cost), key=cost):
        yield from sorted(_path(gains, root, *way) for way in ways)


def _path(gains: Gains, node: Node, layers: int, gain: int) -> tuple[int, ...]:
    """The first design behind a node that gains so much, with so many layers where that counts."""
    from solver.spaces.walk import choices  # only where these are followed

    path: list[int] = []
    steps = gains.steps
    while layers or gain or not steps.accepts(node):
        options = steps.automaton.states[steps.stages[node[0]][0]].options
        for option, child, more in choices(steps, node):
            left = layers - gains.layer * options[option].price.depth
            if gains.exactly(child, left, gain - more):
                path.append(option)
                node, layers, gain = child, left, gain - more
                break
        else:
            raise AssertionError("a possible gain has a design")
    return tuple(path)
