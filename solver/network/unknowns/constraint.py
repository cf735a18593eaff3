"""What the rest of a network asks of its one unknown layer, as regions.

The sizes behind the layer are letters of their own. What is demanded of them, solved for them,
says which sizes m must come out of it: at a number, a set of m; for every n, where a later size
G(m) must be t(n), all m from the first with G(m) >= t(n) to the last with G(m) <= t(n). The slopes
fix the stride, and one period the least and the greatest net padding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, islice, takewhile

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.inverse.region import ANYTHING, Region, for_sizes
from solver.network.graph.demand import SQUARE, Demand, minimum
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Input, Shape
from solver.network.graph.walk import Node, Walker
from solver.network.unknowns.staircase import Impossible, Staircase, words
from solver.network.unknowns.states import At, Goal, demands_of, from_some_size_on
from solver.network.unknowns.unknown import Behind, UnknownLayer, UnknownPad
from solver.sizes.domain import LARGEST
from solver.sizes.ends import Ends
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import NONE, SizeSet

#: Sizes apart from each other that are asked of the layer at most, at a number.
MOST_SIZES = 2_000
#: Sizes that are tried one by one, where sizes of 1 may be repeated to meet others.
_MOST_REPEATED = 4096


class Constraint(NamedTuple):
    """Hold what is asked of the unknown layer of a network.

    number: of its node. axes: of its input. channels: of its input. regions: disjoint; none where
    nothing can do it. blocked: the node that asks for what no layer gives, and why. sizes: that
    come into the layer at a number, each with the least and the most that may come out. before:
    those for every n, as maps of n.
    """

    number: int
    axes: int
    channels: int | None
    regions: tuple[Region, ...]
    blocked: tuple[int, str] | None = None
    sizes: tuple[tuple[int, int, int], ...] = ()
    before: tuple[SizeMap, ...] = ()


def constraint_of(
    network: Graph, goals: Sequence[Goal], at: At | None, asked: SizeSet
) -> Constraint | None:
    """What is asked of the one unknown layer, None where that is no region.

    goals: what must come out. at: the size of the input; None for every n of `asked`.
    """
    places = [i for i, node in enumerate(network.nodes) if isinstance(node.operation, _UNKNOWN)]
    if len(places) != 1 or getattr(network.nodes[places[0]].operation, "same", False):
        return None
    try:
        rest = _Rest(network, places[0], goals, at)
    except (LimitError, _NoFormula):
        return None
    except Impossible as fault:
        return Constraint(places[0], 1, None, (), fault.blocked)
    try:
        regions = rest.for_every(asked) if at is None else rest.at_number()
    except (LimitError, _NoFormula):
        return None
    except Impossible as fault:
        number, why = fault.blocked
        if re.search(r"\bm\b", why):
            why += f"; m is the size that comes out of layer {network.nodes[rest.number].name}"
        return Constraint(rest.number, rest.axes, rest.channels, (), (number, why))
    sizes, before = tuple(rest.sizes), tuple(rest.maps)
    return Constraint(rest.number, rest.axes, rest.channels, tuple(regions), None, sizes, before)


_UNKNOWN = (UnknownLayer, UnknownPad)


class _NoFormula(Exception):
    """Say that what is asked is no region."""


class _Rest:
    """Walk a network with free sizes behind its unknown layer, and keep what is demanded."""

    def __init__(self, network: Graph, number: int, goals: Sequence[Goal], at: At | None) -> None:
        self.network, self.number, self._goals, self._at = network, number, goals, at
        node = network.nodes[number]
        assert isinstance(node.operation, _UNKNOWN)
        self._unknown = node.operation
        self._values = None if at is None else network.values(at)
        self.before: dict[str, Dim] = {}
        self.sizes: list[tuple[int, int, int]] = []
        self.maps: dict[SizeMap, None] = {}
        walker = Walker(self._values)
        self._steps(walker, 0, number)
        given = walker.shapes[node.inputs[0]]
        if given is None:
            raise _NoFormula
        self.axes, self.channels = len(given) - 2, given[1].number
        before = given[2:]
        # At a number the axes that are alike are one question.
        count = 1 if isinstance(at, int) and len(set(before)) == 1 else self.axes
        letters = tuple("m" if count == 1 else f"m_{i}" for i in range(self.axes))
        self.before = dict(zip(letters, before, strict=True))
        behind = node._replace(operation=Behind(self._unknown, letters))
        self._step(walker, behind)
        self._channels = (walker.shapes[number] or given)[1]
        self._steps(walker, number + 1, len(network.nodes))
        self._demands = [*walker.walk().demands, *self._wanted(walker.shapes)]
        self._settled = walker.settled(letters)

    @property
    def transposed(self) -> bool:
        return isinstance(self._unknown, UnknownLayer) and self._unknown.choice.operation.transposed

    @property
    def _large(self) -> bool:
        """Tell whether what comes out of the layer is as large as one likes, from some n on."""
        before = (dim.single for dim in self.before.values())
        return self._at is None and all(each and each[1].rise > 0 for each in before)

    def _steps(self, walker: Walker, first: int, last: int) -> None:
        for node in self.network.nodes[first:last]:
            self._step(walker, node)

    def _step(self, walker: Walker, node: Node) -> None:
        try:
            walker.step(node)
        except LimitError:
            raise
        except SolverError as fault:
            if walker.settled(self.before) > 1 and not self._large:
                raise _NoFormula from None  # smaller sizes may run
            raise Impossible(
                len(walker.nodes), fault.rule.removeprefix(f"{node.label}: ")
            ) from None

    def _wanted(self, shapes: Sequence[Shape | None]) -> Iterator[Demand]:
        """Yield the goals as demands. shapes: of all nodes."""
        known = dict(enumerate(shapes))
        for goal in self._goals:
            try:
                yield from demands_of(goal, known, self._at, self._letter)
            except LimitError:
                raise
            except SolverError:
                raise _NoFormula from None

    def _letter(self, dim: Dim) -> str:
        """A letter of the input on which a size depends."""
        found = set[str]()
        for letter in dim.letters:
            found |= self.before[letter].letters if letter in self.before else {letter}
        return min(found, default=SQUARE)

    def _needed(self) -> Iterator[Demand]:
        """Yield the demands that a network does not run without."""
        return (d for d in self._demands if not d.wish and d.dim != d.other)

    # At a number

    def at_number(self) -> list[Region]:
        """The regions of the sizes that must come out."""
        found = [ANYTHING]
        for letter in self.before:
            parts = self._at_axis(letter)
            found = [both for one in found for part in parts if (both := one & part).possible]
        if not found:
            raise Impossible(self.number, "no layer does on one axis what is asked on another too")
        return found

    def _along(self, letter: str) -> Iterator[Demand]:
        """Yield the demands on one axis."""
        if len(self.before) > 1 and self._settled > 1:
            raise _NoFormula
        for demand in self._needed():
            if not demand.letters or demand.letters == {letter}:
                yield demand
            elif letter in demand.letters:
                raise _NoFormula  # the axes depend on each other

    def _at_axis(self, letter: str) -> list[Region]:
        """The regions of the sizes that must come out along one axis."""
        size = self.before[letter].number
        if size is None:
            raise _NoFormula
        if size < 1 and isinstance(self._unknown, UnknownLayer):
            raise Impossible(self.number, "nothing comes into this layer")
        found, repeats = SizeSet(minimum=1), self._settled - 1
        for demand in self._along(letter):
            if not demand.letters and not demand.holds():
                found = NONE
            if demand.letters:
                found &= demand.inputs()
                repeats = max(repeats, _last(demand.repeated()))
            if not found and not repeats:
                raise Impossible(demand.at, words(demand))
        if repeats > _MOST_REPEATED:
            raise _NoFormula
        small = [m for m in range(1, repeats + 1) if self._runs(m)]
        found = (found & SizeSet(minimum=repeats + 1)) | SizeSet.of(small) if repeats else found
        runs = [*islice(_runs_of(found, self._largest(size)), MOST_SIZES + 1)]
        if len(runs) > MOST_SIZES:
            raise _NoFormula
        if not runs:
            text = found.text("m") if found else "no m does"
            why = f"m must come out of it, {text}; at most {self._largest(size):,} can"
            raise Impossible(self.number, why)
        self.sizes.append((size, runs[0][0], runs[-1][1]))
        return [for_sizes(self.transposed, size, first, last) for first, last in runs]

    def _largest(self, size: int) -> int:
        """A bound on what comes out."""
        unknown = self._unknown
        if isinstance(unknown, UnknownPad):
            return size + unknown.most
        domains = unknown.choice.domains
        stride, dilation, kernel = (
            getattr(domains.get(name), "last", LARGEST)
            for name in ("stride", "dilation", "kernel_size")
        )
        if self.transposed:
            extra = getattr(domains["output_padding"], "last", LARGEST)
            return int((size - 1) * stride + dilation * kernel + extra)
        padding = domains["padding"]
        if isinstance(padding, Ends):
            return size + padding.totals[1]
        return int(size + 2 * getattr(padding, "last", LARGEST))

    def _runs(self, m: int) -> bool:
        """Tell whether the rest runs, and gives what is asked, where m comes out."""
        walker = Walker(self._values)
        axes = (Dim(m),) * self.axes
        known = Input((Dim(1), self._channels, *axes))
        try:
            for number, node in enumerate(self.network.nodes):
                walker.step(node if number != self.number else node._replace(operation=known))
            return all(demand.holds() for demand in self._wanted(walker.shapes))
        except SolverError:
            return False

    # For every n

    def for_every(self, asked: SizeSet) -> list[Region]:
        """The region that holds from some n on."""
        if asked.finite or (self._settled > 1 and not self._large):
            raise _NoFormula
        found: list[Staircase] = []
        for demand in self._needed():
            if minimum(demand.dim, demand.other) is None:
                found += self._staircases(demand, asked)
        strides = {stair.stride(self.transposed): stair.demand for stair in found if stair.equal}
        if not strides:
            raise _NoFormula
        (above, below), first = next(iter(strides.items()))
        if len(strides) > 1:
            other = [*strides.values()][1]
            label = self.network.nodes[first.at].name
            why = f"no stride serves it together with {label}: {words(other)}"
            raise Impossible(other.at, why)
        if above <= 0 or below <= 0 or above % below:
            name = self.network.nodes[self.number].name
            why = f"the stride of layer {name} would have to be {above}/{below}, for {words(first)}"
            raise Impossible(first.at, why if below > 0 and above > 0 else words(first))
        region = ANYTHING
        for stair in found:
            region &= stair.region(self.transposed, above // below, asked)
            if not region.possible:
                why = f"{words(stair.demand)}: no layer does this and what is asked before"
                raise Impossible(stair.demand.at, why)
        return [region]

    def _staircases(self, demand: Demand, asked: SizeSet) -> list[Staircase]:
        behind = demand.letters & self.before.keys()
        if not behind:
            holds = demand.inputs() if demand.letters else None
            if demand.holds() if holds is None else from_some_size_on(asked, holds):
                return []
            raise Impossible(demand.at, words(demand))
        if demand.letters == behind:
            inputs = demand.inputs()
            if inputs.ranges and inputs.modulus == 1:
                return []
            if inputs.finite:
                raise Impossible(demand.at, words(demand))
            raise _NoFormula
        one, two = demand.dim.single, demand.other.single if isinstance(demand.other, Dim) else None
        if one is None or two is None or len(behind) > 1:
            raise _NoFormula
        (letter,) = behind
        before = self.before[letter].single
        flipped = two[0] == letter
        size, other = (two[1], one[1]) if flipped else (one[1], two[1])
        if before is None or before[1].rise <= 0 or size.rise <= 0 or not size.nondecreasing:
            raise _NoFormula
        self.maps[before[1]] = None
        return [Staircase(demand, before[1], size, other, flipped)]


def _last(sizes: SizeSet) -> int:
    if not sizes.finite:
        raise _NoFormula
    return max(sizes, default=0)


def _runs_of(sizes: SizeSet, largest: int) -> Iterator[tuple[int, int]]:
    """Yield the runs of consecutive sizes up to the largest."""
    if sizes.ranges and sizes.modulus == 1:
        yield from _consecutive(sizes.exceptions)
        if sizes.minimum <= largest:
            yield sizes.minimum, largest
        return
    if not sizes.finite and largest // sizes.modulus * sizes.per_period > MOST_SIZES:
        raise _NoFormula
    yield from _consecutive([*takewhile(lambda n: n <= largest, sizes)])


def _consecutive(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        members = [number for _, number in run]
        yield members[0], members[-1]
