"""Pareto fronts: every cost vector that no other design beats in all costs at once.

Behind a node the receptive field is counted in jumps of the node, so it does not depend on them.
Each vector carries the first design that has it: as an option and the vector's design behind that.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from solver.spaces.diagram import Diagram
from solver.spaces.goal import Interval
from solver.spaces.node import Node
from solver.spaces.objective import Criterion, Objective, Vector, add
from solver.spaces.pattern import Alike, Pattern, patterns
from solver.spaces.reach import inside

#: (option, what follows it), and before the end of a design:
Chain = tuple[int, Any]
_END: Chain = (-1, None)

#: Costs that a front may have for limits in them.
MOST_COSTS = 3

#: The costs of a way to the goal, then its chain.
Entry = tuple[Any, ...]
#: The costs, then the option that comes first, then the chain behind it. Not yet compared.
Candidate = tuple[Any, ...]


class Fronts:
    """Hold the front of what is still to pay behind every node of a diagram.

    Raises LimitError for more vectors than the budget allows states, or more work.
    """

    def __init__(self, diagram: Diagram, objective: Objective) -> None:
        self._objective = objective
        # Behind a node a receptive field is counted in its jumps, unless all jumps are told apart.
        self._reading = None if objective.jumpy else objective.reading
        self._costs = range(len(objective.costs))
        self._plane = len(self._costs) == 2
        self._behind: list[dict[Any, list[Entry]]] = [{} for _ in diagram.stages]
        self._budget, self._vectors = diagram.budget, 0
        for number in diagram.backwards("states and their fronts"):
            shared = patterns(diagram.steps, number) if objective.sizeless else None
            if shared is not None:
                self._sharing(number, diagram.stages[number], shared)
            else:
                jump = diagram.steps.stages[number][1]
                for inner in diagram.stages[number]:
                    self._work_out((number, jump, inner))

    def _sharing(self, number: int, sizes: list[int], shared: dict[Pattern, list[Alike]]) -> None:
        objective, steps = self._objective, self._objective.steps
        jump = steps.stages[number][1]
        parts = []
        for pattern, kinds in shared.items():
            rows = [
                (s, self._scales(s), shift, self._behind[target].get, at)
                for at, (s, shift, target) in enumerate(pattern)
            ]
            # the sizes do not matter for these costs
            node: Node = (number, 1, sizes[0])
            moves = [(b.span, objective.price(node, b, node), firsts) for b, firsts in kinds]
            known: dict[int, list[Entry]] = {}
            parts.append((rows, moves, known))
        for n in sizes:
            found = self._ended((number, jump, n))
            for rows, moves, known in parts:
                for span, price, firsts in moves:
                    moved = n - span
                    rest = known.get(moved)
                    if rest is None:
                        behind: list[Candidate] = []
                        for stride, scales, more, get, at in rows:
                            entries = get((moved - 1 + more) // stride + 1)
                            if entries and moved + more > 0:
                                behind += self._before(entries, scales, at)
                        rest = known[moved] = self._nondominated(behind)
                    found += self._paid(price, rest, firsts)
            self._keep(number, n, found)

    def _work_out(self, node: Node) -> None:
        objective, steps = self._objective, self._objective.steps
        found = self._ended(node)
        one = node if self._reading is None else (node[0], 1, node[2])
        for child, bundles in steps.expand(node):
            rest = self._behind[child[0]].get(child[2])
            if not rest:
                continue
            stride = 1 if self._reading is None else child[1] // node[1]
            behind = self._before(rest, self._scales(stride), 0)
            for bundle in objective.split(bundles):
                found += self._paid(objective.price(one, bundle, child), behind, bundle.options)
        self._keep(node[0], node[2], found)

    def _ended(self, node: Node) -> list[Candidate]:
        """What a design pays that ends at a node, if one may."""
        objective = self._objective
        return [(*objective.end(node), *_END)] if objective.steps.accepts(node) else []

    def _scales(self, stride: int) -> Vector:
        """What a jump behind a stride is before it, for each cost."""
        return tuple(stride if cost == self._reading else 1 for cost in self._costs)

    def _before(self, entries: Iterable[Entry], scales: Vector, at: int) -> list[Candidate]:
        """Entries behind a stride as they are before it; at: of the layers that lead there."""
        if self._plane:
            one, two = scales
            return [(one * x, two * y, at, chain) for x, y, chain in entries]
        return [(*map(int.__mul__, entry, scales), at, entry[-1]) for entry in entries]

    def _paid(
        self, price: Vector, behind: Iterable[Candidate], firsts: Sequence[int]
    ) -> list[Candidate]:
        """What lies behind layers that cost alike, with their price. firsts: options."""
        if self._plane:
            one, two = price
            return [(one + x, two + y, firsts[at], chain) for x, y, at, chain in behind]
        return [(*map(int.__add__, price, each), firsts[each[-2]], each[-1]) for each in behind]

    def _keep(self, number: int, inner: Any, found: list[Candidate]) -> None:
        """Keep the front of what was found at a node."""
        kept = [(*each[:-2], each[-2:]) for each in self._nondominated(found)]
        self._behind[number][inner] = kept
        self._vectors += len(kept)
        self._budget.allow("vectors of fronts", self._vectors)

    def _nondominated(self, found: list[Candidate]) -> list[Candidate]:
        kept = nondominated(found)
        pairs = len(found) * len(kept) if len(self._costs) > 3 else 0
        self._objective.steps.reach.spend(2 * len(found) + pairs)
        return kept

    def designs(self) -> Iterator[tuple[Vector, tuple[int, ...]]]:
        """Yield each point of the front with the first design that has it, by the first cost."""
        root = self._objective.steps.root
        if root is None or not self._behind:
            return
        for *vector, chain in self._behind[0].get(root[2], ()):
            path = []
            while chain != _END:
                option, chain = chain
                path.append(option)
            yield add(self._objective.start, tuple(vector)), tuple(path)


def widened(
    costs: Sequence[Criterion], limits: Mapping[str, Interval], most: int
) -> tuple[list[Criterion], list[str]]:
    """Costs, and sums that push away from limits, with the names of these: asked at the end only.

    A design that beats another in these too keeps every limit that the other keeps. most: so many
    costs; where sums are added, a point need not be that of its first design.

    >>> parameters = Criterion("parameters", 1, None, (("parameters", 1),))
    >>> more, left = widened([parameters], {"parameters": (0, 9), "depth": (3, None)}, 3)
    >>> [(cost.sign, cost.name) for cost in more], left
    ([(1, 'parameters'), (-1, 'depth')], ['parameters', 'depth'])
    """
    found, left = list(costs), []
    for name, (low, high) in limits.items():
        alone = {cost.sign for cost in costs if cost.name == name}
        wanted = {-1} if low > (name == "receptive_field") else set()
        wanted |= set() if high is None else {1}
        missing = sorted(wanted - alone)
        reads = name == "receptive_field" and any(name in cost.names for cost in costs)
        if len(missing) > (0 if reads else max(most - len(found), 0)):
            continue
        if name == "receptive_field" and len(missing) > 1:
            continue
        found += [Criterion(name, sign, None, ((name, sign),)) for sign in missing]
        left.append(name)
    return found, left


def narrowed(
    designs: Iterable[tuple[Vector, tuple[int, ...]]],
    costs: Sequence[Criterion],
    count: int,
    limits: Mapping[str, Interval],
) -> Iterator[tuple[int, ...]]:
    """The designs that keep limits, and that none of these beats in the first costs."""
    rows = [
        (vector, path)
        for vector, path in designs
        if all(
            inside(cost.sign * paid, limits[cost.name])
            for cost, paid in zip(costs, vector, strict=True)
            if cost.name in limits
        )
    ]
    if count == len(costs):
        return (path for _, path in rows)
    kept = nondominated([(*vector[:count], i, None) for i, (vector, _) in enumerate(rows)])
    return (rows[each[count]][1] for each in kept)


def nondominated(found: list[Candidate]) -> list[Candidate]:
    """Of candidates those that no other is at most equal to in every cost, sorted.

    Of equal ones the one whose option comes first.

    >>> nondominated([(1, 5, 0, None), (2, 2, 1, None), (2, 3, 2, None), (2, 2, 0, None)])
    [(1, 5, 0, None), (2, 2, 0, None)]
    """
    found.sort()
    costs = len(found[0]) - 2 if found else 0
    kept: list[Candidate] = []
    if costs == 2:
        least = found[0][1] + 1
        for each in found:
            if each[1] < least:
                least = each[1]
                kept.append(each)
    elif costs == 3:
        _three(found, kept)
    else:
        for each in found:
            vector = each[:costs]
            if not any(all(map(int.__le__, other, vector)) for other in kept):
                kept.append(each)
    return kept


def _three(found: list[Candidate], kept: list[Candidate]) -> None:
    """Keep those of three costs whose last two lie below the stairs of all that cost no more.

    As the second cost goes up the stairs go down, so what is beaten stands in a row.
    """
    seconds: list[int] = []
    thirds: list[int] = []  # their negatives, which go up too
    for each in found:
        _, second, third, *_ = each
        at = bisect_right(seconds, second)
        if at and -thirds[at - 1] <= third:
            continue
        first = bisect_left(seconds, second, 0, at)
        last = bisect_right(thirds, -third, first)
        seconds[first:last] = [second]
        thirds[first:last] = [-third]
        kept.append(each)
