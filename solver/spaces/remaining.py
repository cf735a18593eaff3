"""What each limited sum can still gain behind a node, at least and at most, exactly.

With it a search neither follows a beginning that must miss its limit, nor tells beginnings apart
that can no longer miss it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from solver.spaces.automaton import Bundle
from solver.spaces.diagram import Diagram
from solver.spaces.limits import PLACED, amount

Range = tuple[int, int]


class RemainingRange:
    """Hold the least and the most of each sum behind every node of a diagram without sums."""

    def __init__(self, diagram: Diagram, names: Sequence[str]) -> None:
        self._diagram = diagram
        self.names = tuple(names)
        self._extremes: dict[int, tuple[list[Bundle], list[tuple[Bundle, Bundle]]]] = {}
        self._ranges: list[dict[Any, list[Range] | None]] = [{} for _ in diagram.stages]
        for number in range(len(self._ranges) - 1, -1, -1):
            jump = diagram.steps.stages[number][1]
            for inner in diagram.stages[number]:
                self._ranges[number][inner] = self._work_out(number, jump, inner)

    def at(self, number: int, sizes: tuple[int, ...], made: Any) -> list[Range] | None:
        """The range of each sum behind a node, or None where no design gets there."""
        if not self._ranges:
            return None
        return self._ranges[number].get(self._diagram.steps.plain(sizes, made))

    def _work_out(self, number: int, jump: Any, inner: Any) -> list[Range] | None:
        steps = self._diagram.steps
        node = number, jump, inner
        here = steps.sizes(node)
        low: list[int] | None = None
        high: list[int] = []
        if steps.accepts(node):
            low, high = [0] * len(self.names), [0] * len(self.names)
        for child, bundles in steps.expand(node):
            rest = self._ranges[child[0]].get(child[2])
            if rest is None:
                continue
            steps.reach.spend(20 * len(self.names))
            volumes = steps.volumes(here, steps.sizes(child))
            ends = self._ends(bundles, jump, volumes)
            least = [
                steps.amount(name, few, jump, volumes) + more
                for name, (few, _), (more, _) in zip(self.names, ends, rest, strict=True)
            ]
            most = [
                steps.amount(name, many, jump, volumes) + more
                for name, (_, many), (_, more) in zip(self.names, ends, rest, strict=True)
            ]
            low = least if low is None else list(map(min, low, least))
            high = list(map(max, high, most)) if high else most
        return list(zip(low, high, strict=True)) if low is not None else None

    def _ends(self, bundles: list[Bundle], jump: Any, volumes: Any) -> list[tuple[Bundle, Bundle]]:
        """Return for each sum the bundles that add least and most: the same for all sizes.

        Of blocks, and where axes differ, that is a question of the sizes.
        """
        steps = self._diagram.steps
        if steps.automaton.blocks or steps.automaton.lanes:
            ranks = [partial(steps.amount, name, jump=jump, volumes=volumes) for name in self.names]
            return [(min(bundles, key=rank), max(bundles, key=rank)) for rank in ranks]
        key = id(bundles)
        if key not in self._extremes:
            ranks = map(_rank, self.names)
            ends = [(min(bundles, key=rank), max(bundles, key=rank)) for rank in ranks]
            self._extremes[key] = bundles, ends  # what is kept shares its id with nothing new
        return self._extremes[key][1]


def _rank(name: str) -> Callable[[Bundle], int]:
    return partial(amount, name, jump=1, volumes=(1, 1, ())) if name in PLACED else _RANKS[name]


#: What a sum grows with among layers that do the same to a size.
_RANKS: dict[str, Callable[[Bundle], int]] = {
    "receptive_field": lambda bundle: bundle.span,
    "parameters": lambda bundle: bundle.price.parameters,
    "macs": lambda bundle: bundle.price.macs_before + bundle.price.macs_after,
    "activations": lambda bundle: bundle.price.activations_before + bundle.price.activations_after,
    "depth": lambda bundle: bundle.price.depth,
    "memory": lambda bundle: 0,
}
