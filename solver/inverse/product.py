"""Combine the answers of independent axes, best first, without combining them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def by_rank(axes: Sequence[Iterator[T]], counts: Sequence[int]) -> Iterator[tuple[T, ...]]:
    """Yield every combination of one item per axis, by the sum of their positions.

    counts: the number of items of each axis. Items are taken only when their turn comes.

    >>> list(by_rank([iter("ab"), iter("xy")], [2, 2]))
    [('a', 'x'), ('a', 'y'), ('b', 'x'), ('b', 'y')]
    """
    taken: list[list[T]] = [[] for _ in axes]

    def item(axis: int, place: int) -> T:
        while len(taken[axis]) <= place:
            taken[axis].append(next(axes[axis]))
        return taken[axis][place]

    for total in range(sum(counts) - len(counts) + 1):
        for places in _places(total, counts):
            yield tuple(item(axis, place) for axis, place in enumerate(places))


def _places(total: int, counts: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield the tuples of places below the counts with this sum, in increasing order."""
    if len(counts) == 1:
        if total < counts[0]:
            yield (total,)
        return
    rest = sum(counts[1:]) - len(counts) + 1
    for place in range(max(0, total - rest), min(counts[0] - 1, total) + 1):
        for places in _places(total - place, counts[1:]):
            yield (place, *places)
