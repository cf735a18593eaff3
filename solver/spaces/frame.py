"""What the ways through a branch do to sizes alone, and which of them meet the other branches.

Sizes and channels decide where branches meet, and there are few of them; what is read and paid
tells far more ways apart. So they come first, and the ways are followed only to where they meet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import EVERY, SizeSet
from solver.spaces.passage import Passage, sized

#: The map of the size before a branch to that at a state, and the sizes before that are taken.
Acts = tuple[SizeMap, SizeSet]
#: An option, and the number of the state behind it.
Move = tuple[Any, int]

#: Pairs of ways that are looked at; where there are more, all ways are followed.
_MOST_PAIRS = 1 << 16


class Frame:
    """Hold the states of a branch with their moves, and what may come to each of them.

    kept: of that, what leads to where the branches meet.
    """

    def __init__(self, states: Sequence[Any], moves: Sequence[Sequence[Move]]) -> None:
        self.states, self.moves = states, moves
        self._acts = [
            dict.fromkeys((option.transition, target) for option, target in row) for row in moves
        ]
        self.kept: list[set[Acts]] = [set() for _ in states]
        self.kept[0].add((IDENTITY, EVERY))
        for at, rows in enumerate(self._acts):
            for act in self.kept[at]:
                for transition, target in rows:
                    then = sized(*act, transition)
                    if then[1]:
                        self.kept[target].add(then)

    def ends(self) -> list[Passage]:
        """What the branch may do as a whole."""
        return [
            Passage(size, takes, row.channels, None)
            for row, acts in zip(self.states, self.kept, strict=True)
            if row.accepts
            for size, takes in acts
        ]

    def keep(self, meets: Callable[[Passage], bool]) -> None:
        """Keep what leads to an end that meets the other branches."""
        for at in range(len(self.states) - 1, -1, -1):
            row, behind = self.states[at], self._acts[at]
            self.kept[at] = {
                (size, takes)
                for size, takes in self.kept[at]
                if (row.accepts and meets(Passage(size, takes, row.channels, None)))
                or any(sized(size, takes, each) in self.kept[target] for each, target in behind)
            }


def meeting(frames: Sequence[Frame], join: str) -> None:
    """Keep of branches what meets each of the others somewhere."""
    ends = [frame.ends() for frame in frames]
    for at, frame in enumerate(frames):
        others = [end for i, end in enumerate(ends) if i != at]
        if len(ends[at]) * max(map(len, others)) <= _MOST_PAIRS:
            frame.keep(
                lambda one, others=others: all(  # type: ignore[misc]
                    any(one.beside(two, join) is not None for two in end) for end in others
                )
            )
