"""Arcs at the left of rows: what is read further down than the next row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from solver.ground.named import NamedTuple
from solver.render.pictures.marks import Mark, Stroke

#: Pixels between two arcs, and from the innermost to what they lead to.
_APART, _NEAR = 9, 10


class Arc(NamedTuple):
    """Hold an arc from row to row; depth: how far out it is drawn."""

    start: int
    end: int
    depth: int


def arcs(pairs: Iterable[tuple[int, int]]) -> list[Arc]:
    """Arcs that do not run over each other, the short ones inside.

    >>> arcs([(0, 5), (1, 3), (3, 5)])
    [Arc(start=1, end=3, depth=0), Arc(start=3, end=5, depth=0), Arc(start=0, end=5, depth=1)]
    """
    found: list[Arc] = []
    for start, end in sorted(pairs, key=lambda each: each[1] - each[0]):
        taken = {arc.depth for arc in found if arc.start < end and start < arc.end}
        depth = next(d for d in range(len(found) + 1) if d not in taken)
        found.append(Arc(start, end, depth))
    return found


def room(found: Sequence[Arc]) -> int:
    """How wide they all are, in pixels."""
    return (max(arc.depth for arc in found) + 1) * _APART + _NEAR if found else 0


def drawn(
    found: Iterable[Arc], left: float, places: Sequence[float], names: Sequence[str]
) -> Iterator[Mark]:
    """Yield their lines. left: of what they lead to; places: of rows from above, in pixels."""
    for start, end, depth in found:
        out = left - _NEAR - depth * _APART
        top, bottom = places[start] + 3, places[end] - 3
        points = [(left - 2, top), (out + 3, top), (out, top + 3)]
        points += [(out, bottom - 3), (out + 3, bottom), (left - 2, bottom)]
        yield Stroke(points, "edge", {"from": names[start], "to": names[end]})
