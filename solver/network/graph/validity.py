"""The inputs a network accepts, exactly and for every n, and which place demands what.

Every demand is a size set of its letter: what remains is their intersection. Most demands are only
a smallest size; of those the largest says it all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, reduce
from itertools import chain
from operator import or_
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.ground.value import Value
from solver.network.graph.demand import SQUARE, Demand
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Shape, never_empty
from solver.network.graph.pieces import Reason, ValidPiece, common, part_of, told
from solver.network.graph.walk import Walker, WalkPiece, whole
from solver.sizes.sizeset import EVERY, NONE, SizeSet

#: Steps that are taken to try inputs where sizes of 1 may be repeated to meet others: one for an
#: input that meets a demand, so many for a node that is walked through.
_MOST_STEPS, _STEP = 1 << 21, 16


UNTOLD = "a size of 1 may be repeated there, and sizes are computed of others"


class RepeatedSizes(NamedTuple):
    """Hold inputs at which the same sizes of 1 are repeated to meet larger ones.

    network: with the shapes it has there.
    """

    inputs: SizeSet
    network: Graph


class Valid(Value):
    """Hold the inputs a network accepts, and the demands they follow from.

    inputs: all of them. something: those of which something comes out. plain: those at which the
    shapes are those of `network.walk`. pieces: the others, of other paths and where slices take as
    much as there is. unrepeated: of plain and all pieces, where something comes out. repeated: all
    others, which run only because a size of 1 is repeated to meet a larger one, and cases: what
    comes out there. untold: inputs that may run, by repeating too, of which it is not known.
    unclaimed: inputs of which nothing is known. refusals: what paths that never run ask of others.

    Where what comes out is not known, since it lies behind what is not followed, nothing is claimed
    for what is not refused before.
    """

    def __init__(
        self,
        main: ValidPiece,
        pieces: Iterable[ValidPiece] = (),
        cases: Iterable[RepeatedSizes] = (),
        untold: Iterable[int] = (),
        unclaimed: SizeSet = NONE,
        refusals: Iterable[Reason] = (),
    ) -> None:
        self.main, self.pieces = main, tuple(pieces)
        self.cases, self.untold = tuple(cases), SizeSet.of(untold)
        parts = main, *self.pieces
        self.unclaimed = reduce(or_, (p.held for p in parts if not p.followed), unclaimed)
        self.plain = main.held if main.followed else NONE
        inputs = self.plain
        for part in self.pieces:
            if not part.followed:
                continue
            longer = part.condition & SizeSet(minimum=part.first)
            # Where the next piece goes on alike, there is nothing to list.
            alike = part.last is not None and longer & SizeSet(minimum=part.last + 1) == inputs
            inputs = longer if alike else inputs | part.held
        self.repeated = SizeSet.of(n for case in self.cases for n in case.inputs)
        empty = (p.cut(p.void & p.condition) for p in parts if p.followed and p.void)
        void = reduce(or_, empty, NONE)
        self.unrepeated = inputs - void if void else inputs
        self.inputs = inputs | self.repeated if self.repeated else inputs
        self.something = self.inputs - void if void else self.inputs
        self.refusals = tuple(each for each in refusals if self.inputs <= each.inputs)

    def made_of(self) -> tuple[Any, ...]:
        told = self.main, self.pieces, self.cases, self.untold
        return (*told, self.unclaimed, self.refusals)

    def __repr__(self) -> str:
        return f"Valid({self.inputs})"

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Return as few demands as say it all; of those that follow from others the first stay."""
        kept = list(self.main.reasons)
        for reason in reversed(self.main.reasons):
            if reason.demand.limit:
                continue
            others = [other for other in kept if other is not reason]
            with suppress(LimitError):  # without it too many classes are left
                if self.main.cut(common(others)) == self.main.held:
                    kept = others
        # A limit of ours is always told, unless another path goes on behind it.
        claimed = ~self.unclaimed
        asked = (
            r for r in kept if not r.demand.limit or (r.inputs != EVERY and claimed <= r.inputs)
        )
        return (*asked, *self.refusals)

    def nearest(self, n: int) -> tuple[int | None, int | None]:
        """The largest size at most n, and the smallest at least n, of which something comes out.

        >>> from solver import MaxPool, trace
        >>> valid(trace(MaxPool(2)), exact=True).nearest(7)
        (6, 8)
        """
        return self.unrepeated.nearest(n)


#: The parts of a path, the cases in which sizes of 1 are repeated, what is not told of them.
_OfPath = tuple[list[ValidPiece], list[RepeatedSizes], list[int]]


def claimed(
    network: Graph,
    letter: str | None = None,
    exact: bool = False,
    given: Mapping[str, int] | None = None,
) -> Valid:
    """What is known of the inputs at which a network runs: perhaps nothing; else as `valid`."""
    if letter is not None and letter not in network.letters:
        raise SolverError("no input has this letter", letter, ", ".join(network.letters))
    letters = network.letters if letter is None else (letter,)
    unclaimed = network.unclaimed(letters, given)
    found, refused, faults = list[_OfPath](), dict[Any, Reason](), list[SolverError]()
    for number, path in enumerate(network.ways):
        try:
            if region := path.region(letters, given):
                found.append(_of_path(path, number, letter, exact, given))
        except LimitError:
            raise
        except SolverError as fault:
            faults.append(fault)
            _refuse(refused, path, number, letter or SQUARE, region, fault)
    if faults and not found:
        raise faults[0]
    if not found:  # such as with all axes alike, where what is known is of 36 x 40 alone
        found = [_of_path(network.ways[0], 0, letter, exact, given)]
    parts, cases, untold = (list(chain(*each)) for each in zip(*found, strict=True))
    main, *others = parts
    pieces = [part for part in others if not part.empty]
    return Valid(main, pieces, cases, untold, unclaimed, refused.values())


def valid(
    network: Graph,
    letter: str | None = None,
    exact: bool = False,
    given: Mapping[str, int] | None = None,
) -> Valid:
    """The inputs at which a network runs.

    letter: of one axis; without it for inputs with all axes alike. given: sizes of the other axes;
    without them what ties axes together is left out of one axis. exact: only those at which
    poolings drop nothing and crops are alike at both ends. Raises LimitError where a condition
    repeats too late to be held, and where none is known but not all are refused.

    >>> from solver import Conv, ConvTranspose, MaxPool, concat, flatten, linear, trace
    >>> def net(x):
    ...     return concat(x, ConvTranspose(2, 2)(MaxPool(2)(x)))
    >>> print(valid(trace(net)).inputs)
    even n
    >>> flat = trace(lambda x: linear(flatten(x), 10, of=60))
    >>> print(valid(flat, "h", given={"w": 12}).inputs)
    n in {5}
    """
    found = claimed(network, letter, exact, given)
    if not found.inputs and found.unclaimed:
        raise network.unknown(found.unclaimed)
    return found


def _refuse(
    refused: dict[Any, Reason],
    path: Graph,
    number: int,
    letter: str,
    region: SizeSet,
    fault: SolverError,
) -> None:
    """Keep what a path that never runs asks: that the sizes are not its own; each message once."""
    blamed = (i for i, node in enumerate(path.nodes) if fault.rule.startswith(f"{node.label}: "))
    at = next(blamed)
    node = path.nodes[at]
    rule = fault.rule.removeprefix(f"{node.label}: ")
    same = refused.get((rule, node.where))
    left = SizeSet.common([~region, EVERY if same is None else same.inputs])
    refused[rule, node.where] = Reason(Demand(at, rule, Dim.letter(letter), left), left, number)


def _of_path(
    network: Graph, path: int, letter: str | None, exact: bool, given: Mapping[str, int] | None
) -> _OfPath:
    """The parts of one path, the one that is told first, and what is told beside them.

    Raises SolverError where none can run.
    """
    letters = network.letters if letter is None else (letter,)
    walks = network.pieces
    if given or (letter is not None and (len(walks) > 1 or walks[0].last)):  # bounded by any axis
        walks = network.pieces_of(letters, given)
    whole(walks)  # raises where nothing runs
    parts = [_part(network, piece, letter, exact, path) for piece in walks if piece.walk]
    at = told(walks, letter)
    parts.insert(0, parts.pop(at))
    repeats = NONE
    for part in parts:
        if part.repeats and part.followed:
            repeats |= part.cut(part.repeats)
    if repeats:
        repeats &= network.region(letters, given)
        repeats -= Valid(parts[0], [part for part in parts[1:] if not part.empty]).inputs
    return parts, *_cases(network, repeats, letters, given or {}, exact)


def _part(
    network: Graph, piece: WalkPiece, letter: str | None, exact: bool, path: int
) -> ValidPiece:
    """One part, and whether what comes out there is known."""
    assert piece.walk is not None
    found, shapes = part_of(piece, letter, exact, path), piece.walk.shapes
    void = found.void
    for dim in {dim for at in network.outputs for dim in shapes[at] or ()}:
        if not never_empty(dim) and (letter is None or dim.letters <= {letter}):
            with suppress(LimitError):  # it falls into too many classes to be told
                void |= Demand(0, "", dim, Dim(0)).inputs()
    return found._replace(followed=network.blind(shapes) is None, void=void)


def _cases(
    network: Graph,
    inputs: SizeSet,
    letters: Sequence[str],
    given: Mapping[str, int],
    exact: bool,
) -> tuple[list[RepeatedSizes], list[int]]:
    """What runs of the inputs at which a size of 1 could be repeated, and what is not known.

    Which sizes are repeated at one of them decides the shapes and demands of all that repeat the
    same, so each walk takes a whole class of them away.
    """
    if not inputs.finite:
        raise LimitError("a size of 1 is repeated at inputs without end", str(inputs))
    left, spent = [*inputs.exceptions], 0
    cases, untold = list[RepeatedSizes](), list[int]()
    while left:
        sizes = {**dict.fromkeys(letters, left[0]), **given}
        walker = Walker(given, near=sizes)
        try:
            runs = all(walker.take(node) is None for node in network.nodes)
        except LimitError:
            untold.append(left.pop(0))
            continue
        alike, holds, steps = _alike(walker, sizes, letters, left, exact)
        runs = runs and holds
        spent += _STEP * len(walker.nodes) + steps
        if spent > _MOST_STEPS:
            rule = "sizes of 1 are repeated in too many ways to be told"
            raise LimitError(rule, f"{inputs}")
        if runs and None in walker.shapes:  # numbers say more
            alike, runs = left[:1], network.runs(sizes, exact)
        if runs:
            lone = len(alike) == 1 and sizes.keys() == set(network.letters)
            there = network.there(sizes) if lone else network.shaped(walker.walk())
            cases.append(RepeatedSizes(SizeSet.of(alike), there))
        gone = set(alike)
        left = [n for n in left if n not in gone]
    return cases, untold


def _alike(
    walker: Walker,
    sizes: Mapping[str, int],
    letters: Sequence[str],
    inputs: list[int],
    exact: bool,
) -> tuple[list[int], bool, int]:
    """The inputs at which all is as a walk found it, whether that runs, and the steps."""
    steps = 0

    def at(n: int) -> dict[str, int]:
        return {**sizes, **dict.fromkeys(letters, n)}

    alike, holds = inputs, True
    for demand in walker.demands:
        if not demand.letters <= sizes.keys() or (demand.wish and not exact):
            continue
        holds = demand.holds(sizes)
        steps += len(alike)
        alike = [n for n in alike if demand.holds(at(n)) == holds and demand.repeats(at(n)) is None]
        if not holds:
            break
    for here, demands in ((True, walker.pieces), (False, walker.later)):
        for demand in demands:
            if demand.letters and demand.letters <= sizes.keys():
                alike = [n for n in alike if demand.holds(at(n)) == here]
    return alike, holds, steps


def where(
    network: Graph, asked: Callable[[Graph, Sequence[Shape | None]], Iterable[Demand]]
) -> SizeSet:
    """The inputs, all axes alike, at which a network runs and more demands hold.

    asked: returns them for a path, and the shapes of all its nodes. Raises LimitError where none is
    found, and not everything is known.
    """
    found = valid(network)
    result = NONE
    for part in (each for each in (found.main, *found.pieces) if each.followed):
        demands = asked(network.ways[part.path], part.walk.shapes)
        conditions = [each.inputs() for each in demands]
        result |= part.cut(SizeSet.common([part.condition, *conditions]))
    result |= SizeSet.of(
        n
        for n in found.repeated
        if all(each.holds({SQUARE: n}) for each in asked(network.path(n), network.at(n).shapes))
    )
    if not result and found.unclaimed:
        raise network.unknown(found.unclaimed)
    if not result and found.untold:
        raise LimitError(UNTOLD, f"{found.untold}")
    return result
