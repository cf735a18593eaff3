"""The pieces of the sizes of a network, and what is demanded in each.

Where slices take as much as there is, shapes are piecewise; one piece is told for every n.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from solver.ground.named import NamedTuple
from solver.network.graph.demand import Demand
from solver.network.graph.walk import Walk, WalkPiece, whole
from solver.sizes.sizeset import NONE, SizeSet

#: The last size up to which the sizes of a piece are listed.
_SHORT = 4096


class Reason(NamedTuple):
    """Hold a demand that cannot be left out, and the sizes it leaves on its own.

    path: of the network, where it is asked; see `Graph.ways`.
    """

    demand: Demand
    inputs: SizeSet
    path: int = 0


class ValidPiece(NamedTuple):
    """Hold a piece of the sizes: from first to last, without end where that is None.

    reasons: what is demanded there. condition: what all of them together leave, and repeats: where
    a size of 1 could be repeated to meet another; both also of sizes that are not in the piece.
    path: of the network, that it is a piece of. followed: whether all that comes out is known;
    else the sizes may be refused behind what is not. void: sizes, in the piece or not, of which
    nothing comes out.
    """

    first: int
    last: int | None
    walk: Walk
    reasons: tuple[Reason, ...]
    condition: SizeSet
    repeats: SizeSet = NONE
    path: int = 0
    followed: bool = True
    void: SizeSet = NONE

    def cut(self, inputs: SizeSet) -> SizeSet:
        """What of a set is in the piece."""
        if self.last is None:
            return inputs & SizeSet(minimum=self.first)
        return inputs & SizeSet.of(range(self.first, self.last + 1))

    @property
    def held(self) -> SizeSet:
        """The sizes of it that nothing refuses."""
        return self.cut(self.condition)

    @property
    def short(self) -> bool:
        """Whether its sizes are few enough to be listed."""
        return self.condition.finite or (self.last is not None and self.last <= _SHORT)

    @property
    def empty(self) -> bool:
        found = self.condition.first(self.first)
        return found is None or (self.last is not None and found > self.last)

    def __str__(self) -> str:
        """Return its sizes in words.

        >>> print(ValidPiece(3, 9, Walk((), ()), (), SizeSet(2, [0])))
        even n, 4 <= n <= 9
        """
        return self.text()

    def text(self, letter: str = "n") -> str:
        """Return its sizes in words, of a letter."""
        if self.last is None or self.condition.finite:
            return self.held.text(letter)
        least = self.condition.first(self.first)
        span = (
            f"{letter} = {least}" if least == self.last else f"{least} <= {letter} <= {self.last}"
        )
        alike = self.condition.modulus == 1 and not self.condition.exception_ranges
        return span if alike else f"{self.condition.text(letter)}, {span}"


def part_of(piece: WalkPiece, letter: str | None, exact: bool, path: int = 0) -> ValidPiece:
    """What is demanded of one axis, or of all alike, in a piece of a path."""
    assert piece.walk is not None
    reasons, repeats = _asked(piece.walk, letter, exact, path)
    return ValidPiece(
        piece.first, piece.last, piece.walk, tuple(reasons), common(reasons), repeats, path
    )


def main_walk(pieces: Sequence[WalkPiece]) -> Walk:
    """The walk of the last piece with inputs that run. Raises SolverError where none can."""
    whole(pieces)
    return [piece.walk for piece in pieces if piece.walk is not None][told(pieces, None)]


def told(pieces: Sequence[WalkPiece], letter: str | None) -> int:
    """Which of the pieces with a walk is told for every n: the last where something runs."""
    walks = [piece for piece in pieces if piece.walk is not None]
    living = (i for i, piece in enumerate(walks) if not part_of(piece, letter, False).empty)
    return next(living, 0) if len(walks) > 1 else 0


def _asked(walk: Walk, letter: str | None, exact: bool, path: int) -> tuple[list[Reason], SizeSet]:
    """What a walk demands, and the inputs at which a size of 1 could be repeated."""
    least, smallest = 1, None
    found: dict[Hashable, Demand] = {}  # those of the same maps are one
    for demand in walk.demands:
        if demand.wish and not exact:
            continue
        if demand.minimum is not None:
            name, size = demand.minimum
            if size > least and letter in (None, name):
                least, smallest = size, demand
        elif letter is None or demand.letters == {letter}:
            one, other = demand.maps
            known = one is not None and other is not None
            key = (demand.relation, one, other) if known else demand
            found.setdefault(key, demand)
    reasons = [Reason(demand, demand.inputs(), path) for demand in found.values()]
    if smallest is not None:
        reasons.append(Reason(smallest, SizeSet(minimum=least), path))
    repeats = NONE
    for demand in found.values():
        repeats |= demand.repeated()
    return reasons, repeats


def common(reasons: Iterable[Reason]) -> SizeSet:
    """The sizes that all reasons leave."""
    return SizeSet.common(reason.inputs for reason in reasons)
