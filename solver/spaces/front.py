"""Pareto fronts: every cost vector that no other design beats in all costs at once.

Behind a node the receptive field is counted in jumps of the node, so it does not depend on them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from operator import itemgetter
from typing import Any

from solver.spaces.automaton import Bundle
from solver.spaces.diagram import Diagram
from solver.spaces.objective import Objective, Vector, add
from solver.spaces.pattern import Pattern, patterns
from solver.spaces.steps import Node


class Fronts:
    """Hold the front of what is still to pay behind every node of a diagram."""

    def __init__(self, diagram: Diagram, objective: Objective) -> None:
        self._objective = objective
        self._reading = objective.reading
        self._sets: dict[tuple[Node, int], dict[Vector, Vector]] = {}
        self._known: dict[Node, dict[Vector, list[tuple[int, Node, dict[Vector, Vector]]]]] = {}
        self._behind: list[dict[Any, list[Vector]]] = [{} for _ in diagram.stages]
        done = 0
        for number in range(len(diagram.stages) - 1, -1, -1):
            jump = diagram.steps.stages[number][1]
            shared = patterns(diagram.steps, number) if objective.sizeless else None
            if shared is not None:
                self._sharing(number, diagram.stages[number], shared)
            else:
                for inner in diagram.stages[number]:
                    self._behind[number][inner] = self._work_out((number, jump, inner))
            done += len(diagram.stages[number])
            diagram.budget.tell("states with a front", done)

    def _sharing(self, number: int, sizes: list[int], shared: dict[Pattern, list[Bundle]]) -> None:
        objective, steps = self._objective, self._objective.steps
        jump = steps.stages[number][1]
        plane = len(objective.costs) == 2
        parts = []
        for pattern, bundles in shared.items():
            rows = [(s, shift, self._behind[target].get) for s, shift, target in pattern]
            # the sizes do not matter for these costs
            node: Node = (number, 1, sizes[0])
            prices = {(b.span, objective.price(node, b, node)) for b in bundles}
            known: dict[int, list[Vector]] = {}
            parts.append((rows, sorted(prices), known))
        for n in sizes:
            found: set[Vector] = set()
            node = number, jump, n
            if steps.accepts(node):
                found.add(objective.end(node))
            for rows, moves, known in parts:
                for span, price in moves:
                    moved = n - span
                    rest = known.get(moved)
                    if rest is None:
                        behind: set[Vector] = set()
                        for stride, more, get in rows:
                            if moved + more > 0:
                                vectors = get((moved - 1 + more) // stride + 1, ())
                                behind.update(self._before(vectors, stride))
                        rest = known[moved] = nondominated(behind)
                    if plane:
                        one, two = price
                        found.update([(one + x, two + y) for x, y in rest])
                    else:
                        found.update([add(price, vector) for vector in rest])
            self._behind[number][n] = nondominated(found)

    def _work_out(self, node: Node) -> list[Vector]:
        objective, steps = self._objective, self._objective.steps
        found: set[Vector] = set()
        if steps.accepts(node):
            found.add(objective.end(node))
        plane = len(objective.costs) == 2
        one = self._one(node)
        for child, bundles in steps.expand(node):
            rest = self._behind[child[0]].get(child[2])
            if not rest:
                continue
            behind = self._before(rest, self._stride(node, child))
            for bundle in objective.split(bundles):
                price = objective.price(one, bundle, child)
                if plane:
                    more, extra = price
                    found.update([(more + x, extra + y) for x, y in behind])
                else:
                    found.update([add(price, vector) for vector in behind])
        return nondominated(found)

    def _one(self, node: Node) -> Node:
        """A node as if its jump were 1: what a layer reads there, in jumps."""
        return node if self._reading is None else (node[0], 1, node[2])

    def _stride(self, node: Node, child: Node) -> int:
        return 1 if self._reading is None else child[1] // node[1]

    def _before(self, vectors: Collection[Vector], stride: int) -> Collection[Vector]:
        """Vectors behind a stride in jumps before it."""
        at = self._reading
        if at is None or stride == 1:
            return vectors
        return [(*each[:at], each[at] * stride, *each[at + 1 :]) for each in vectors]

    def designs(self) -> Iterator[tuple[Vector, tuple[int, ...]]]:
        """Yield each point of the front with the first design that has it, by the first cost."""
        root = self._objective.steps.root
        if root is None or not self._behind:
            return
        for vector in self._behind[0].get(root[2], ()):
            yield add(self._objective.start, vector), self._path(root, vector)

    def _path(self, node: Node, vector: Vector) -> tuple[int, ...]:
        """The first path from a node that pays exactly a vector of its front."""
        objective, steps = self._objective, self._objective.steps
        path: list[int] = []
        while not (steps.accepts(node) and objective.end(node) == vector):
            ways = []
            for price, rows in self._choices(node).items():
                left = tuple(map(int.__sub__, vector, price))
                ways += [
                    (option, child, into[left]) for option, child, into in rows if left in into
                ]
            option, node, vector = min(ways, key=itemgetter(0))
            path.append(option)
        return tuple(path)

    def _members(self, node: Node, stride: int) -> dict[Vector, Vector]:
        """The front behind a node and a stride, each with what it is behind the stride."""
        if (node, stride) not in self._sets:
            vectors = self._behind[node[0]].get(node[2], [])
            pairs = zip(self._before(vectors, stride), vectors, strict=True)
            self._sets[node, stride] = dict(pairs)
        return self._sets[node, stride]

    def _choices(self, node: Node) -> dict[Vector, list[tuple[int, Node, dict[Vector, Vector]]]]:
        """The first option of each price and node behind it, with the front there, by price.

        Of options that cost the same and lead to the same node, the first is enough.
        """
        if node not in self._known:
            objective, stages = self._objective, self._objective.steps.stages
            first: dict[tuple[Vector, Node], int] = {}
            for child, bundles in objective.steps.expand(node):
                if not self._behind[child[0]].get(child[2]):
                    continue
                for bundle in objective.split(bundles):
                    key = objective.price(self._one(node), bundle, child), child
                    first[key] = min(bundle.options[0], first.get(key, bundle.options[0]))
            found = self._known[node] = {}
            for (price, child), option in first.items():
                target, _, inner = child
                members = self._members(child, self._stride(node, child))
                row = option, (target, stages[target][1], inner), members
                found.setdefault(price, []).append(row)
        return self._known[node]


def nondominated(vectors: set[Vector]) -> list[Vector]:
    """The vectors that no other is at most equal to in every place, sorted.

    >>> nondominated({(1, 5), (2, 2), (2, 3), (3, 2)})
    [(1, 5), (2, 2)]
    """
    kept: list[Vector] = []
    if not vectors:
        return kept
    if len(next(iter(vectors))) == 2:
        for vector in sorted(vectors):
            if not kept or vector[1] < kept[-1][1]:
                kept.append(vector)
        return kept
    for vector in sorted(vectors):
        if not any(all(map(int.__le__, other, vector)) for other in kept):
            kept.append(vector)
    return kept
