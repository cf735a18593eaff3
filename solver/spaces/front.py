"""Pareto fronts: every cost vector that no other design beats in all costs at once."""

from __future__ import annotations

from collections.abc import Iterator
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
        self._sets: dict[Node, frozenset[Vector]] = {}
        self._known: dict[Node, list[tuple[int, Node, Vector, frozenset[Vector]]]] = {}
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
            node: Node = (number, jump, sizes[0])
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
                                behind.update(get((moved - 1 + more) // stride + 1, ()))
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
        for child, bundles in steps.expand(node):
            rest = self._behind[child[0]].get(child[2])
            if not rest:
                continue
            for bundle in objective.split(bundles):
                price = objective.price(node, bundle, child)
                if plane:
                    more, extra = price
                    found.update([(more + x, extra + y) for x, y in rest])
                else:
                    found.update([add(price, vector) for vector in rest])
        return nondominated(found)

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
            for option, child, price, members in self._choices(node):
                left = tuple(map(int.__sub__, vector, price))
                if left in members:
                    path.append(option)
                    node, vector = child, left
                    break
            else:
                raise AssertionError("a point of a front has a design")
        return tuple(path)

    def _members(self, node: Node) -> frozenset[Vector]:
        """The front behind a node as a set."""
        if node not in self._sets:
            self._sets[node] = frozenset(self._behind[node[0]].get(node[2], ()))
        return self._sets[node]

    def _choices(self, node: Node) -> list[tuple[int, Node, Vector, frozenset[Vector]]]:
        """The first option of each bundle in order, with the front behind it.

        Of options that cost the same and lead to the same node, the first is enough.
        """
        if node not in self._known:
            objective = self._objective
            found: dict[tuple[Node, Vector], int] = {}
            for child, bundles in objective.steps.expand(node):
                if not self._behind[child[0]].get(child[2]):
                    continue
                for bundle in objective.split(bundles):
                    key = child, objective.price(node, bundle, child)
                    found[key] = min(bundle.options[0], found.get(key, bundle.options[0]))
            rows = sorted((option, *key) for key, option in found.items())
            self._known[node] = [(*row, self._members(row[1])) for row in rows]
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
