"""What the ways through a branch do to sizes alone, and which of them meet the other branches.

Sizes and channels decide where branches meet, and there are few of them; what is read and paid
tells far more ways apart. So they come first, and the ways are followed only to where they meet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from operator import or_
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

    open: whether each way is followed. Else kept: what leads to where the branches meet. start:
    the sizes at which they may.
    """

    def __init__(self, states: Sequence[Any], moves: Sequence[Sequence[Move]]) -> None:
        self.states, self.moves, self.open = states, moves, True

    def close(self) -> None:
        """Work out what may come to each state."""
        self.open = False
        self._acts = [
            dict.fromkeys((option.transition, target) for option, target in row)
            for row in self.moves
        ]
        self.start = EVERY
        self.kept = self._forward()

    def _forward(self) -> list[set[Acts]]:
        found: list[set[Acts]] = [set() for _ in self.states]
        found[0].add((IDENTITY, self.start))
        for at, rows in enumerate(self._acts):
            for act in found[at]:
                for transition, target in rows:
                    then = sized(*act, transition)
                    if then[1]:
                        found[target].add(then)
        return found

    def leads(self, way: Passage, transition: Any, target: int) -> bool:
        """Tell whether a way leads on behind a layer to where the branches meet."""
        return sized(way.size, way.takes, transition) in self.kept[target]

    def ends(self) -> list[Passage]:
        """What the branch may do as a whole."""
        return [
            Passage(size, takes, row.channels, None)
            for row, acts in zip(self.states, self.kept, strict=True)
            if row.accepts
            for size, takes in acts
        ]

    def keep(self, meets: Callable[[Passage], SizeSet], sizes: SizeSet) -> None:
        """Keep what leads to an end that meets the other branches at one of these sizes.

        meets: at which sizes it does.
        """
        where = [met for end in self.ends() if (met := meets(end)) & sizes]
        self.start = reduce(or_, where, EVERY - EVERY)
        if self.start != EVERY:
            self.kept = self._forward()
        for at in range(len(self.states) - 1, -1, -1):
            row, behind = self.states[at], self._acts[at]
            self.kept[at] = {
                (size, takes)
                for size, takes in self.kept[at]
                if (row.accepts and meets(Passage(size, takes, row.channels, None)) & sizes)
                or any(sized(size, takes, each) in self.kept[target] for each, target in behind)
            }


def meeting(frames: Sequence[Frame], join: str, sizes: SizeSet) -> None:
    """Keep of branches what meets each of the others at one of these sizes."""
    ends = [frame.ends() for frame in frames]
    for at, frame in enumerate(frames):
        others = [end for i, end in enumerate(ends) if i != at]
        if len(ends[at]) * max(map(len, others)) <= _MOST_PAIRS:
            frame.keep(partial(_together, others=others, join=join), sizes)


def _together(one: Passage, others: Sequence[Sequence[Passage]], join: str) -> SizeSet:
    """The sizes at which a way may meet a way of each other branch."""
    found = EVERY
    for end in others:
        pairs = (one.beside(two, join) for two in end)
        found &= reduce(or_, (pair.takes for pair in pairs if pair is not None), EVERY - EVERY)
    return found
