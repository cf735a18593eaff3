"""Several unknown layers: the paths through the states they lead to, counted, the best first.

A layer acts on sizes as one of few size maps, however many hyperparameters it has.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from solver.errors import LimitError
from solver.layers.layer import Layer
from solver.network.unknowns.single import Single
from solver.network.unknowns.states import State, StateWalk
from solver.network.unknowns.unknown import NONE, Cost, Way

_MOST_COMMON = 50_000


class Common:
    """Hold the ways that several questions about one network have in common."""

    def __init__(self, questions: Sequence[Single | Multiple]) -> None:
        self._first, *others = sorted(questions, key=lambda each: each.count)
        if (count := max((each.count for each in others), default=0)) > _MOST_COMMON:
            rule = (
                f"the ways of several inputs are compared where each has at most {_MOST_COMMON:,}"
            )
            raise LimitError(rule, f"{count:,}", "smaller ranges")
        self._others = [{_layers(way) for way in each} for each in others]
        node, why = self._first.blocked or (0, "")
        self.blocked = node, why or "no layers do what is asked at all of the inputs"

    def __iter__(self) -> Iterator[tuple[Way, ...]]:
        """Yield the ways, the best first."""
        return (way for way in self._first if all(_layers(way) in each for each in self._others))

    def __bool__(self) -> bool:
        return any(True for _ in self)

    @cached_property
    def listed(self) -> list[tuple[Way, ...]]:
        """All of the ways, the best first."""
        return [*self]

    @property
    def count(self) -> int:
        """How many ways there are, exactly."""
        return len(self.listed)


def _layers(way: Sequence[Way]) -> tuple[Layer, ...]:
    return tuple(each.layer for each in way)


class Multiple:
    """Hold every way through a walk."""

    def __init__(self, walk: StateWalk) -> None:
        self._walk = walk
        self._layers = walk.states()

    @cached_property
    def count(self) -> int:
        """How many ways there are, exactly."""
        counts: dict[State, int] = dict.fromkeys(self._layers[0], 1)
        for states in self._layers[1:]:
            counts = {
                state: sum(counts[before] for before, _ in edges) for state, edges in states.items()
            }
        return sum(counts.values())

    def __bool__(self) -> bool:
        return bool(self._layers[-1])

    def taken(self) -> list[set[Layer]]:
        """The layers that some way has, for each unknown layer in order."""
        found = (
            {way.layer for edges in x.values() for _, way in edges if way} for x in self._layers
        )
        return [*filter(None, found)]

    def spread(self, weights: Sequence[Mapping[Layer, int]]) -> tuple[int, int]:
        """The least and the greatest sum of weights that a way has.

        weights: of the layers, for each unknown layer in order.
        """
        sums, of = dict.fromkeys(self._layers[0], (0, 0)), iter(weights)
        for level in self._layers[1:]:
            opened = any(way for edges in level.values() for _, way in edges)
            here = next(of) if opened else {}
            known, sums = sums, {}
            for state, edges in level.items():
                ends = [
                    (low + by, high + by)
                    for before, way in edges
                    for low, high in [known[before]]
                    for by in [here[way.layer] if way else 0]
                ]
                sums[state] = min(low for low, _ in ends), max(high for _, high in ends)
        return min(low for low, _ in sums.values()), max(high for _, high in sums.values())

    @property
    def blocked(self) -> tuple[int, str] | None:
        """The node that nothing gets past, and why, where there is no way."""
        return self._walk.blocked

    def __iter__(self) -> Iterator[tuple[Way, ...]]:
        """Yield the ways, the best first."""
        least = self._least()
        # From the output back: what is still to come is known exactly, so the first one out of the
        # queue is the best.
        queue: list[tuple[Cost, Cost, int, int, State, tuple[Way, ...]]] = []
        last = len(self._layers) - 1
        serial = 0
        for state in self._layers[last]:
            heapq.heappush(queue, (least[last][state], NONE, serial, last, state, ()))
            serial += 1
        while queue:
            _, spent, _, level, state, options = heapq.heappop(queue)
            if level == 0:
                yield options
                continue
            for before, option in self._layers[level][state]:
                paid = spent if option is None else _plus(spent, option.cost)
                chosen = options if option is None else (option, *options)
                bound = _plus(paid, least[level - 1][before])
                heapq.heappush(queue, (bound, paid, serial, level - 1, before, chosen))
                serial += 1

    def _least(self) -> list[dict[State, Cost]]:
        found: list[dict[State, Cost]] = [dict.fromkeys(self._layers[0], NONE)]
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


def _plus(one: Cost, other: Cost) -> Cost:
    return tuple(x + y for x, y in zip(one, other, strict=True))
