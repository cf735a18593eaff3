"""The nodes of a traced program: which axis of a tensor is which of its node, what is learned.

A transposition moves no axis of a node: it is kept in mind until an operation asks for an order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from solver.ground.named import NamedTuple
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation, Pointwise, Shape
from solver.network.graph.shaping import Permute
from solver.network.graph.walk import Node
from solver.reading.paths.recorder import Recorder


class Laid(NamedTuple):
    """Hold the tensor of a node, and which of its axes each axis of the program is."""

    at: int
    order: tuple[int, ...]


class Constant(NamedTuple):
    """Hold the shape of an array that does not depend on the input, and what it is learned of."""

    shape: Shape
    learned: frozenset[str] = frozenset()


Value = Laid | Constant


class TracedEquation(NamedTuple):
    """Hold what a rule needs of an equation."""

    name: str
    params: Mapping[str, Any]
    given: list[Value]
    shape: Shape
    label: str

    @property
    def title(self) -> str:
        return self.label or self.name


def end_of(dim: Dim) -> int | Dim:
    """The end of a slice: a plain number where it is one."""
    return dim if dim.number is None else dim.number


class Place(NamedTuple):
    """Hold how far nodes have been made: the last one may still be added to."""

    made: int
    last: Node
    learned: dict[str, int]


class JaxNodes:
    """Add nodes for values.

    learned: how many elements the arrays have that are learned, by name.
    """

    def __init__(self, to: Recorder, learned: Mapping[str, int]) -> None:
        self.to, self.learned = to, dict(learned)
        self._plain: dict[Laid, int] = {}

    def place(self) -> Place:
        """Where it is now, to go back there."""
        return Place(len(self.to.nodes), self.to.nodes[-1], dict(self.learned))

    def back(self, place: Place) -> None:
        """Go back to where it was."""
        del self.to.nodes[place.made :], self.to.shapes[place.made :]
        self.to.nodes[-1] = place.last
        self.learned = place.learned
        self._plain = {value: at for value, at in self._plain.items() if at < place.made}

    def wire(self, value: Value) -> int:
        """The node of a value whose axes are in the order of the program."""
        if isinstance(value, Constant):
            made = Become("constant", value.shape, least=0)
            return self.put(made, [], "constant", (), [value]).at
        if value.order == tuple(range(len(value.order))):
            return value.at
        if value not in self._plain:
            name = self.to.nodes[value.at].name
            self._plain[value] = self.put(Permute(value.order), [value.at], name).at
        return self._plain[value]

    def put(
        self,
        operation: Operation,
        inputs: Sequence[int],
        label: str,
        order: Sequence[int] = (),
        given: Sequence[Value] = (),
    ) -> Laid:
        """Add a node. order: of the axes of the program, where it is another. given: what it reads.

        What is learned counts where it is read first.
        """
        at = self.to.add(label, operation, inputs)
        self.to.nodes[at] = self.to.nodes[at]._replace(parameters=self._count(given))
        return Laid(at, tuple(order) or tuple(range(len(self.to.shapes[at] or ()))))

    def laid(self, value: Value, order: Sequence[int], label: str) -> int:
        """The node of a value whose axes stand in this order, by their numbers in the program."""
        if isinstance(value, Laid):
            turn = tuple(value.order[axis] for axis in order)
            if turn == tuple(range(len(turn))):
                return value.at
        return self.to.add(label, Permute(tuple(order)), [self.wire(value)])

    def each(self, name: str, one: Laid, given: Sequence[Value], label: str) -> Laid:
        """An operation that keeps the shape: part of the one before where that has the same name.

        So a normalization is one operation, and a bias belongs to its layer.
        """
        last = self.to.nodes[-1]
        if label and one.at == len(self.to.nodes) - 1 and last.name == label:
            held = (last.parameters or 0) + self._count(given)
            self.to.nodes[-1] = last._replace(parameters=held)
            return one
        kind = re.sub(r"_\d+$", "", label.rpartition("/")[2]) or name
        return self.put(Pointwise(kind), [one.at], label or name, one.order, given)

    def _count(self, given: Sequence[Value]) -> int:
        """How many elements are learned of what is read, and have not been counted."""
        names = [name for x in given if isinstance(x, Constant) for name in x.learned]
        return sum(self.learned.pop(name, 0) for name in names)

    def shape(self, value: Value) -> Shape | None:
        """The shape of a value, in the order of the program."""
        if isinstance(value, Constant):
            return value.shape
        shape = self.to.shapes[value.at]
        return None if shape is None else tuple(shape[axis] for axis in value.order)
