"""Sizes that are passed through: no layer stands there, so what may follow depends on the size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from solver.spaces.option import Ask, Option
from solver.spaces.places import Unrolled

Asks = tuple[Ask, ...]


class Passing:
    """Hold the places at which a size is passed through.

    begins: whether the input itself meets a mark.
    """

    def __init__(self, unrolled: Unrolled, begins: Callable[[Any], bool] | None) -> None:
        self._places, self._leaves, self._begins = unrolled.places, unrolled.leaves, begins
        self._passed = 0
        for leaf, places in unrolled.leaves.values():
            if not getattr(getattr(leaf, "layer", None), "kept", True):
                self._passed |= places

    def first(self, places: int) -> int:
        """The places of first layers, where the input may pass through marks itself."""
        while passed := places & self._passed:
            at = passed.bit_length() - 1
            met = self._begins is not None and self._begins(self._mark(at))
            places = places ^ 1 << at | (self._places[at][1] if met else 0)
        return places

    def told_apart(
        self, options: Sequence[Option], follow: Sequence[int]
    ) -> tuple[list[Option], list[int]]:
        """Options, and what follows each, for each way that marks are met or missed behind it."""
        found = [
            (option._replace(asks=(*option.asks, *asks)), places)
            for option, after in zip(options, follow, strict=True)
            for asks, places in self._ways(after, ())
        ]
        return [option for option, _ in found], [places for _, places in found]

    def _ways(self, places: int, asks: Asks) -> Iterator[tuple[Asks, int]]:
        passed = places & self._passed
        if not passed:
            if places:
                yield asks, places
            return
        at = passed.bit_length() - 1  # what follows it has lower numbers
        mark, left, known = self._mark(at), places ^ 1 << at, dict(asks)
        for met in (known[mark],) if mark in known else (True, False):
            more = asks if mark in known else (*asks, (mark, met))
            yield from self._ways(left | self._places[at][1] if met else left, more)

    def _mark(self, place: int) -> Any:
        leaf: Any = self._leaves[self._places[place][0]][0]
        return leaf.layer
