"""The inputs a network accepts, exactly and for every n, and which place demands what.

Every demand is a size set of its letter: what remains is their intersection. Most demands are only
a smallest size; of those the largest says it all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

from solver.congruence import check_count
from solver.errors import LimitError, SolverError
from solver.network.demand import SQUARE, Demand
from solver.network.dim import Dim
from solver.network.graph import Network, Piece, Walk, whole
from solver.network.operation import UNFOLLOWED, Shape
from solver.sizeset import Condition, SizeSet

#: Inputs that are tried one by one, where sizes of 1 may be repeated to meet others.
MOST_REPEATED = 4096


class Reason(NamedTuple):
    """Hold a demand that cannot be left out, and the condition on n that it is."""

    demand: Demand
    condition: Condition

    @property
    def inputs(self) -> Condition:
        """Return the sizes it leaves on its own; where they are too many classes, the condition."""
        try:
            return SizeSet.common([self.condition])
        except LimitError:
            return self.condition


class Part(NamedTuple):
    """Hold a piece of the sizes: from first to last, without end where that is None.

    reasons: what is demanded there. condition: what all of them together leave, also of sizes that
    are not in the piece.
    """

    first: int
    last: int | None
    walk: Walk
    reasons: list[Reason]
    condition: SizeSet

    def cut(self, inputs: SizeSet) -> SizeSet:
        """Return what of a set is in the piece. Raises LimitError for too many sizes."""
        if self.last is None:
            return inputs & SizeSet(minimum=self.first)
        last = self.last
        return SizeSet.of(_counted(takewhile(lambda n: n <= last, inputs.since(self.first))))

    @property
    def empty(self) -> bool:
        found = self.condition.first(self.first)
        return found is None or (self.last is not None and found > self.last)

    def __str__(self) -> str:
        """Return its sizes in words.

        >>> print(Part(3, 9, Walk((), ()), [], SizeSet(2, [0])))
        even n, 3 <= n <= 9
        """
        if self.last is None or self.condition.finite:
            return str(self.cut(self.condition))
        least = self.condition.first(self.first)
        span = f"n = {least}" if least == self.last else f"{least} <= n <= {self.last}"
        alike = self.condition.modulus == 1 and not self.condition.exceptions
        return span if alike else f"{self.condition}, {span}"


class Valid:
    """Hold the inputs a network accepts, and the demands they follow from.

    inputs: all of them. plain: those at which the shapes are those of `network.walk`. pieces: the
    other pieces, where slices take as much as there is. repeated: all others, which run only
    because a size of 1 is repeated to meet a larger one.
    """

    def __init__(
        self, main: Part, pieces: Iterable[Part] = (), repeated: Iterable[int] = ()
    ) -> None:
        self.main, self.pieces = main, tuple(pieces)
        self.plain = main.cut(main.condition)
        inputs = self.plain
        for part in self.pieces:
            longer = part.condition & SizeSet(minimum=part.first)
            # Where the next piece goes on alike, there is nothing to list.
            alike = part.last is not None and longer & SizeSet(minimum=part.last + 1) == inputs
            inputs = longer if alike else inputs | part.cut(part.condition)
        self.repeated = SizeSet.of([n for n in repeated if n not in inputs])
        self.inputs = inputs | self.repeated if self.repeated else inputs

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Return as few demands as say it all; of those that follow from others the first stay."""
        kept = list(self.main.reasons)
        for reason in reversed(self.main.reasons):
            if reason.demand.rule.startswith(UNFOLLOWED):
                continue  # a limit of ours is always told
            others = [other for other in kept if other is not reason]
            with suppress(LimitError):  # without it too many classes are left
                if self.main.cut(_common(others)) == self.plain:
                    kept = others
        return tuple(kept)

    def nearest(self, n: int) -> tuple[int | None, int | None]:
        """Return the largest valid size that is at most n, and the smallest that is at least n.

        >>> from solver import MaxPool
        >>> from solver.network import trace
        >>> valid(trace(MaxPool(2)), exact=True).nearest(7)
        (6, 8)
        """
        parts = (self.main, *self.pieces)
        below = (p.condition.last(n if p.last is None else min(n, p.last)) for p in parts)
        above = (p.condition.first(max(n, p.first)) for p in parts)
        return (
            max((size for size in below if size is not None), default=None),
            min((size for size in above if size is not None and size in self.inputs), default=None),
        )


def valid(
    network: Network,
    letter: str | None = None,
    exact: bool = False,
    given: Mapping[str, int] | None = None,
) -> Valid:
    """Return the inputs at which a network runs.

    letter: of one axis; without it for inputs with all axes alike. given: sizes of the other axes;
    without them what ties axes together is left out of one axis. exact: only those at which
    poolings drop nothing and crops are alike at both ends. Raises LimitError where a condition
    repeats too late to be held.

    >>> from solver import Conv, ConvTranspose, MaxPool
    >>> from solver.network import concat, flatten, linear, trace
    >>> def net(x):
    ...     return concat(x, ConvTranspose(2, 2)(MaxPool(2)(x)))
    >>> print(valid(trace(net)).inputs)
    even n
    >>> flat = trace(lambda x: linear(flatten(x), 10, of=60))
    >>> print(valid(flat, "h", given={"w": 12}).inputs)
    n in {5}
    """
    if letter is not None and letter not in network.letters:
        raise SolverError("no input has this letter", letter, ", ".join(network.letters))
    letters = network.letters if letter is None else (letter,)
    walks = network.pieces
    if given or (letter is not None and len(walks) > 1):
        walks = network.pieces_of(letters, given)
    whole(walks)  # raises where nothing runs
    parts = [_part(piece, letter, exact) for piece in walks if piece.walk is not None]
    at = _main(walks, letter)
    last = max(_repeats_until(part, letter, exact) for part in parts)
    small = range(1, min(last, MOST_REPEATED) + 1)
    tried = ({**dict.fromkeys(letters, n), **(given or {})} for n in small)
    repeated = (n for n, sizes in zip(small, tried, strict=True) if _runs(network, sizes, exact))
    pieces = (part for i, part in enumerate(parts) if i != at and not part.empty)
    return Valid(parts[at], pieces, repeated)


def _runs(network: Network, sizes: Mapping[str, int], exact: bool) -> bool:
    """Tell whether a network is known to run."""
    try:
        return network.runs(sizes, exact)
    except LimitError:
        return False


def _part(piece: Piece, letter: str | None, exact: bool) -> Part:
    assert piece.walk is not None
    reasons, _ = _asked(piece.walk, letter, exact)
    return Part(piece.first, piece.last, piece.walk, reasons, _common(reasons))


def _repeats_until(part: Part, letter: str | None, exact: bool) -> int:
    """Return the last input of a piece at which a size of 1 may be repeated."""
    _, last = _asked(part.walk, letter, exact)
    return last if part.last is None else min(last, part.last)


def main_walk(pieces: Sequence[Piece]) -> Walk:
    """Return the walk of the last piece with inputs that run. Raises SolverError where none can."""
    whole(pieces)
    return [piece.walk for piece in pieces if piece.walk is not None][_main(pieces, None)]


def _main(pieces: Sequence[Piece], letter: str | None) -> int:
    """Return which of the pieces with a walk is told for every n: the last where something runs."""
    walks = [piece for piece in pieces if piece.walk is not None]
    living = (i for i, piece in enumerate(walks) if not _part(piece, letter, False).empty)
    return next(living, 0) if len(walks) > 1 else 0


def _asked(walk: Walk, letter: str | None, exact: bool) -> tuple[list[Reason], int]:
    """Return what a walk demands, and the last input at which a size of 1 may be repeated."""
    least, smallest, last = 1, None, 0
    found: dict[Hashable, tuple[Demand, object]] = {}  # holds the maps, so that ids stay theirs
    for demand in walk.demands:
        if demand.wish and not exact:
            continue
        if demand.minimum is not None and not demand.rule.startswith(UNFOLLOWED):
            name, size = demand.minimum
            if size > least and letter in (None, name):
                least, smallest = size, demand
        elif letter is None or demand.letters == {letter}:
            one, other = maps = demand.maps  # axes alike have the same objects
            known = one is not None and other is not None
            key = (demand.relation, id(one), id(other)) if known else demand
            found.setdefault(key, (demand, maps))
            last = max(last, demand.repeats_until())
    reasons = [Reason(demand, demand.condition()) for demand, _ in found.values()]
    if smallest is not None:
        reasons.append(Reason(smallest, SizeSet(minimum=least)))
    return reasons, last


def _counted(sizes: Iterable[int]) -> Iterator[int]:
    for count, size in enumerate(sizes):
        check_count(count)
        yield size


def _common(reasons: Iterable[Reason]) -> SizeSet:
    return SizeSet.common(reason.condition for reason in reasons)


def inputs_for(network: Network, at: int, size: int) -> SizeSet:
    """Return the inputs, all axes alike, for which every size of a node is `size`, and it runs.

    >>> from solver import Conv
    >>> from solver.network import trace
    >>> net = trace(Conv(7, stride=2, padding=3))
    >>> print(inputs_for(net, net.outputs[0], 112))
    n in {223, 224}
    """
    shape = network.walk.shapes[at]
    label = network.nodes[at].label
    if shape is None:
        raise LimitError("the sizes of this node are not followed", label)
    if len(shape) < 3:
        raise SolverError("this node has no sizes", label, "a node before it is flattened")

    def asked(shapes: Sequence[Shape | None]) -> Iterator[Demand]:
        for dim in (shapes[at] or ())[2:]:
            yield Demand(at, "", dim, Dim(size))

    return where(network, asked)


def where(network: Network, asked: Callable[[Sequence[Shape | None]], Iterable[Demand]]) -> SizeSet:
    """Return the inputs, all axes alike, at which a network runs and more demands hold.

    asked: returns them for the shapes of all nodes.
    """
    found = valid(network)
    result = SizeSet.of([])
    for part in (found.main, *found.pieces):
        conditions = [each.condition() for each in asked(part.walk.shapes)]
        result |= part.cut(SizeSet.common([part.condition, *conditions]))
    return result | SizeSet.of(
        n
        for n in found.repeated
        if all(demand.holds({SQUARE: n}) for demand in asked(network.at(n).shapes))
    )
