"""Which design a path through an automaton is, and which paths a design is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any

from solver.spaces.alike import plainly
from solver.spaces.automaton import Automaton, Pick


def each(automaton: Automaton, paths: Iterable[Sequence[int]]) -> Iterator[tuple[Pick, ...]]:
    """Yield every path with every member of its blocks."""
    for path in paths:
        state, counts = 0, []
        for i in path:
            row = automaton.states[state]
            counts.append(row.options[i].many)
            state = row.targets[i]
        for index in range(prod(counts)):
            rest = index
            picks: list[Pick] = []
            for i, many in zip(reversed(path), reversed(counts), strict=True):
                rest, member = divmod(rest, many)
                picks.append(i if many == 1 else (i, member))
            yield tuple(reversed(picks))


def paths_of(
    automaton: Automaton, layers: Sequence[Any], state: int = 0
) -> Iterator[tuple[Pick, ...]]:
    """Yield which option each layer of a stack may be, from a state on."""
    row = automaton.states[state]
    if not layers:
        if row.accepts:
            yield ()
        return
    first = plainly(layers[0], row.channels)
    ends = (first,), (first, *layers[-1:])  # a mirrored decoder stands at the end
    for i, option in enumerate(row.options):
        if option.members is not None:
            member = option.rank(layers[0])
            if member is None:
                continue
            pick: Pick = i, member
        elif (plainly(option.layers[0], row.channels), *option.layers[1:]) in ends:
            pick = i
        else:
            continue
        inner = layers[1:-1] if len(option.layers) > 1 else layers[1:]
        for path in paths_of(automaton, inner, row.targets[i]):
            yield pick, *path
