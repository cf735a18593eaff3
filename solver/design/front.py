"""Pareto fronts: every cost vector that no other design beats in all costs at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solver.design.diagram import Diagram
from solver.design.objective import Objective, Vector, add
from solver.design.steps import Node


class Fronts:
    """Hold the front of what is still to pay behind every node of a diagram."""

    def __init__(self, diagram: Diagram, objective: Objective) -> None:
        self._objective = objective
        self._behind: list[dict[Any, list[Vector]]] = [{} for _ in diagram.stages]
        done = 0
        for number in range(len(diagram.stages) - 1, -1, -1):
            jump = diagram.steps.stages[number][1]
            for inner in diagram.stages[number]:
                self._behind[number][inner] = self._work_out((number, jump, inner))
            done += len(diagram.stages[number])
            diagram.budget.tell("states with a front", done)

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
        """Return the first path from a node that pays exactly a vector of its front."""
        objective, steps = self._objective, self._objective.steps
        path: list[int] = []
        while not (steps.accepts(node) and objective.end(node) == vector):
            best: tuple[int, Node, Vector] | None = None
            for child, bundles in steps.expand(node):
                rest = self._behind[child[0]].get(child[2], ())
                for bundle in objective.split(bundles):
                    price = objective.price(node, bundle, child)
                    left = tuple(x - y for x, y in zip(vector, price, strict=True))
                    option = bundle.options[0]
                    if (best is None or option < best[0]) and left in rest:
                        best = option, child, left
            if best is None:
                raise AssertionError("a point of a front has a design")
            option, node, vector = best
            path.append(option)
        return tuple(path)


def nondominated(vectors: set[Vector]) -> list[Vector]:
    """Return the vectors that no other is at most equal to in every place, sorted.

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
