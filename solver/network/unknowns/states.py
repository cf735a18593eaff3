"""The states of a network with unknown layers: shapes that are still read, merged where alike.

The network is walked once for each way its unknown layers act on sizes; where a demand or a goal
fails for more than finitely many of the asked sizes, the way ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.network.graph.demand import EQUAL, MEETS, REPEATS, SETTLED, SQUARE, Demand, minimum
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply, Operation, Shape
from solver.network.unknowns.unknown import UnknownLayer, UnknownPad, Way
from solver.sizes.sizeset import SizeSet
from solver.sizes.target import SizeExpression

#: States that are kept at most.
MOST_STATES = 200_000
#: Sizes that are kept to tell the nearest from.
MOST_MISSED = 10_000


#: The size of an input for all axes alike, or one for each.
At = int | tuple[int, ...]


class Goal(NamedTuple):
    """Hold what must come out: the sizes of a node are `size`, or those of another node.

    along: the sizes of its axes, where they are not all the same.
    """

    node: int
    size: SizeExpression | None = None
    like: int | None = None
    along: tuple[SizeExpression, ...] = ()

    def words(self, at: At | None) -> str:
        """The size in words; at: of the input."""
        sizes = self.along or ((self.size,) if self.size else ())
        if at is None:
            return "x".join(map(str, sizes))
        return "x".join(map(str, dict.fromkeys(wanted_at(self, at, len(sizes)))))


def wanted_at(goal: Goal, at: At, count: int) -> list[int]:
    """The sizes that are wanted along so many axes. Raises SolverError for another number."""
    inputs = (at,) if isinstance(at, int) else at
    assert goal.size is not None
    sizes = goal.along or (goal.size,)
    count = max(count, len(inputs), len(sizes))
    if not {len(inputs), len(sizes)} <= {1, count}:
        rule = "an input and what must come out have a size for each axis"
        raise SolverError(rule, f"{len(inputs)} and {len(sizes)} sizes")
    inputs = inputs * count if len(inputs) == 1 else inputs
    sizes = sizes * count if len(sizes) == 1 else sizes
    return [int(size.numerator(n)) for n, size in zip(inputs, sizes, strict=True)]


def a_letter(dim: Dim) -> str:
    """A letter of a size; n where it has none."""
    return min(dim.letters, default=SQUARE)


def demands_of(
    goal: Goal,
    shapes: Mapping[int, Shape | None],
    at: At | None = None,
    letter: Callable[[Dim], str] = a_letter,
) -> Iterator[Demand]:
    """Yield what a goal asks, as demands.

    shapes: by the numbers of nodes. at: the size of the input, None for every n. letter: of the
    input, on which a size depends. Raises LimitError where a node is not understood.
    """
    shape = shapes[goal.node]
    other = shape if goal.like is None else shapes[goal.like]
    if shape is None or other is None:
        raise LimitError("the sizes of a node that is asked about are not followed")
    if goal.size is None:
        if len(shape) != len(other):
            yield Demand(goal.node, "both must have as many axes", Dim(len(shape)), Dim(len(other)))
            return
        for dim, like in zip(shape[2:], other[2:], strict=True):
            yield Demand(goal.node, "both must be of one size", dim, like)
        return
    dims = shape[2:] or shape[1:]
    sizes = goal.along or (goal.size,) * len(dims)
    numbers = None if at is None else wanted_at(goal, at, len(dims))
    if len(dims) != len(sizes if numbers is None else numbers):
        rule = "what must come out has a size for each axis"
        raise SolverError(rule, goal.words(None), f"{len(dims)} sizes, or one for all")
    for i, (dim, size) in enumerate(zip(dims, sizes, strict=True)):
        scaled = dim * size.denominator
        if numbers is None:
            wanted = Dim.of(letter(scaled), size.numerator)
        else:
            wanted = Dim(numbers[i])
        yield Demand(goal.node, "what is asked", scaled, wanted)


class State(NamedTuple):
    """Hold the shapes that are still read, in the order of their nodes."""

    shapes: tuple[tuple[int, Shape | None], ...]


Edge = tuple[State, "Way | None"]
Level = dict[State, list[Edge]]


class StateWalk:
    """Walk a network with every map its unknown layers may be."""

    def __init__(
        self, network: Graph, goals: Sequence[Goal], at: At | None, asked: SizeSet
    ) -> None:
        self._network, self._asked, self._at = network, asked, at
        #: The first node that nothing gets past, and why.
        self.blocked: tuple[int, str] | None = None
        self._missed: dict[Dim, None] = {}
        self._why, self._share = "", 0.0
        #: Some residues of the classes that are asked about.
        self._samples = tuple(islice(asked.classes(asked.modulus * 64), 64)) if at is None else ()
        self._known: dict[tuple[int, int, int | None], list[list[Way]]] = {}
        self._goals: dict[int, list[Goal]] = {}
        self._needed = _last_reads(network, goals)
        for goal in goals:
            last = goal.node if goal.like is None else max(goal.node, goal.like)
            self._goals.setdefault(last, []).append(goal)

    def states(self) -> list[Level]:
        """The states behind every node, each with the states and options it came from."""
        start = State(())
        found: list[Level] = [{start: []}]
        total = 0
        for number, node in enumerate(self._network.nodes):
            after: Level = {}
            for state in found[-1]:
                for shape, options in self._shapes(number, node.operation, dict(state.shapes)):
                    shapes = dict(state.shapes) | {number: shape}
                    if not all(self._reached(goal, shapes) for goal in self._goals.get(number, ())):
                        continue
                    kept = (item for item in shapes.items() if self._needed[item[0]] > number)
                    edges = after.setdefault(State(tuple(kept)), [])
                    edges += [(state, option) for option in options]
            total += len(after)
            if total > MOST_STATES:
                raise LimitError(
                    f"at most {MOST_STATES:,} states are kept",
                    received=f"more, at {node.label}",
                    right="smaller ranges for the unknown layers",
                )
            if not after and self.blocked is None:
                self.blocked = number, self._reason(number)
            self._missed.clear()
            self._why, self._share = "", 0.0
            found.append(after)
        return _living(found)

    def _shapes(
        self, number: int, operation: Operation, shapes: dict[int, Shape | None]
    ) -> Iterator[tuple[Shape | None, Sequence[Way | None]]]:
        node = self._network.nodes[number]
        given = [shapes[i] for i in node.inputs]
        if any(shape is None for shape in given):
            yield None, [None]
            return
        known = [shape for shape in given if shape is not None]
        if isinstance(operation, (UnknownLayer, UnknownPad)):
            axes = len(known[0]) - 2
            for options in self._ways(number, operation, axes, known[0][1].number):
                shape = self._one(number, Apply(options[0].layer), known)
                if shape is not _REFUSED:
                    yield shape, options
            return
        if self._at is not None:
            operation = operation.bind(self._network.values(self._at))
        shape = self._one(number, operation, known)
        if shape is not _REFUSED:
            yield shape, [None]

    def _ways(
        self, number: int, operation: UnknownLayer | UnknownPad, axes: int, channels: int | None
    ) -> list[list[Way]]:
        key = number, axes, channels
        if key not in self._known:
            self._known[key] = operation.ways(axes, channels)
        return self._known[key]

    def _one(self, number: int, operation: Operation, given: Sequence[Shape]) -> Shape | None:
        try:
            return operation.shape(given, self._ask)
        except _Unmet as fault:
            if fault.share >= self._share:
                self._share, self._why = fault.share, fault.why
        except LimitError:
            raise
        except SolverError as fault:
            self._why = f"{fault.rule}: {fault.received}" if fault.received else fault.rule
        return _REFUSED

    def _ask(
        self,
        rule: str,
        dim: Dim,
        other: SizeSet | Dim,
        relation: str = EQUAL,
        wish: bool = False,
        limit: bool = False,
    ) -> bool | None:
        if relation == SETTLED:
            return self._settled(Demand(0, rule, dim, other, relation))
        if wish or limit or dim == other or minimum(dim, other) is not None:
            return None
        demand = Demand(0, rule, dim, other, relation)
        if relation in (EQUAL, MEETS, REPEATS) and self._differ(dim, other):
            raise _Unmet(demand)
        if not demand.letters:
            holds = demand.holds()
        else:
            holds = from_some_size_on(self._asked, demand.inputs())
        if not holds:
            raise _Unmet(demand)
        return None

    def _settled(self, demand: Demand) -> bool:
        """Tell whether the asked sizes, but finitely many, lie in the last piece; or in none."""
        if not self._asked.finite:
            return True
        first = demand.holds_from()
        small, large = self._asked.first(), self._asked.first(first)
        if large is not None and small is not None and small < first:
            rule = "what is asked lies in several pieces of a slice"
            raise LimitError(rule, f"n below {first} and from there on", "one of them alone")
        return large is not None

    def _reached(self, goal: Goal, shapes: Mapping[int, Shape | None]) -> bool:
        for demand in demands_of(goal, shapes, self._at):
            if not self._holds(demand.dim, demand.other):
                self._miss(goal, demand)
                return False
        return True

    def _miss(self, goal: Goal, demand: Demand) -> None:
        """Keep what came out where something else was asked."""
        if goal.size is None:
            self._why = demand.text
            return
        if len(self._missed) < (MOST_MISSED if self._at is not None else 2):
            self._missed[demand.dim.over(Dim(goal.size.denominator))[0]] = None
        self._why = f"nothing that comes out is {self._asked_size(goal)}"

    def _asked_size(self, goal: Goal) -> str:
        return goal.words(self._at)

    def _reason(self, number: int) -> str:
        """Why nothing gets past a node, and the nearest sizes that would come out."""
        sizes = [goal.size for goal in self._goals.get(number, ()) if goal.size is not None]
        if not self._missed or not sizes:
            return self._why
        missed = list(self._missed)
        if isinstance(self._at, int) and all(dim.number is not None for dim in missed):
            wanted = sizes[0].at(self._at)
            found = sorted({int(dim.factor) for dim in missed}, key=lambda size: abs(size - wanted))
            return f"{self._why}; nearest: {', '.join(map(str, found[:2]))}"
        return f"{self._why}, but {', '.join(str(dim) for dim in missed[:2])}"

    def _holds(self, one: Dim, other: Dim | SizeSet) -> bool:
        if one == other:
            return True
        if self._differ(one, other):
            return False
        demand = Demand(0, "", one, other)
        if not demand.letters:
            return demand.holds()
        return from_some_size_on(self._asked, demand.inputs())

    def _differ(self, one: Dim, other: Dim | SizeSet) -> bool:
        """Tell whether sizes are seen to differ at asked n without end: quickly, or not at all."""
        if not isinstance(other, Dim) or one.single is None or other.single is None:
            return False
        (letter, f), (like, g) = one.single, other.single
        if letter != like or not self._samples:
            return False
        # Of one slope they differ by what repeats, so a difference at a class is one without end.
        return f.rise * g.period != g.rise * f.period or any(f(r) != g(r) for r in self._samples)


class _Unmet(Exception):
    """Say that a demand does not hold. share: of the inputs at which it does, of all."""

    def __init__(self, demand: Demand) -> None:
        super().__init__(demand)
        self.why, self.share = demand.text, 0.0
        if demand.letters and (inputs := demand.inputs()).ranges:
            # of two alike, the one that holds for whole multiples
            self.share = (inputs.per_period + (inputs.ranges[0].start == 0) / 2) / inputs.modulus
            self.why += f" holds only for {inputs}"


_REFUSED: Shape = (Dim(-1),)


def from_some_size_on(asked: SizeSet, holds: SizeSet) -> bool:
    """Tell whether all asked sizes but finitely many are in a set."""
    both = asked & holds
    if asked.finite:
        return both == asked
    return (both.modulus, both.ranges) == (asked.modulus, asked.ranges)


def _last_reads(network: Graph, goals: Iterable[Goal]) -> list[int]:
    """Return for every node the last node that reads it."""
    found = [0] * len(network.nodes)
    for number, node in enumerate(network.nodes):
        for i in node.inputs:
            found[i] = number
    for goal in goals:
        if goal.like is not None:
            last = max(goal.node, goal.like)
            for i in (goal.node, goal.like):
                found[i] = max(found[i], last)
    return found


def _living(layers: list[Level]) -> list[Level]:
    """Leave out the states from which no end is reached."""
    found = [layers[-1]]
    for before in reversed(layers[:-1]):
        used = {state for edges in found[-1].values() for state, _ in edges}
        found.append({state: edges for state, edges in before.items() if state in used})
    return found[::-1]
