"""Which design a path through an automaton is, and which paths a design is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any

from solver.ground.shown import printer
from solver.layers.stack import Stack
from solver.spaces.alike import plainly
from solver.spaces.automaton import Automaton
from solver.spaces.members import taken
from solver.spaces.states import Pick


def layers_of(design: object, channels: int, axes: int) -> Sequence[tuple[Any, ...]]:
    """The layers and blocks that a design may be, in whatever form; none where it is no design.

    channels, axes: of the input. Raises SolverError for a record with layers that are none.
    """
    if isinstance(design, Stack):
        return [design.layers]
    if isinstance(design, Mapping) and isinstance(design.get("layers"), Sequence):
        from solver.spaces.recorded import recorded  # few ask by records

        return [recorded(design["layers"])]
    read = printer(type(design), "design")
    found: Sequence[tuple[Any, ...]] = read(design, channels, axes) if read else ()
    return found


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
    automaton: Automaton, layers: tuple[Any, ...], state: int = 0
) -> Iterator[tuple[Pick, ...]]:
    """Yield which option each layer of a stack may be, from a state on."""
    row = automaton.states[state]
    if not layers:
        if row.accepts:
            yield ()
        return
    # a mirrored decoder stands at the end
    pair = plainly(layers[0], row.channels), *layers[-1:]
    for i, option in enumerate(row.options):
        if len(option.layers) > 1:
            if (plainly(option.layers[0], row.channels), *option.layers[1:]) == pair:
                found = paths_of(automaton, layers[1:-1], row.targets[i])
                yield from ((i, *path) for path in found)
            continue
        for first, rest in taken(layers, 0):
            member = option.rank(first, row.channels)
            if member is not None:
                pick: Pick = i if option.members is None else (i, member)
                yield from ((pick, *path) for path in paths_of(automaton, rest, row.targets[i]))
