"""A network that is being read: its nodes so far, and the shape of each as soon as it is there.

Readers need the shapes at once: models compute with the sizes of their own tensors.
"""

from __future__ import annotations

from collections.abc import Sequence

from solver.errors import LimitError, SolverError
from solver.network.graph.demand import EQUAL, Demand, minimum
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation, Shape
from solver.network.graph.values import bounded
from solver.network.graph.walk import Node
from solver.sizes.sizeset import SizeSet

#: The most axes of a tensor, and the most operations of a network.
MOST_AXES, MOST_NODES = 64, 200_000


class Builder:
    """Hold the nodes of a network and their shapes, None where one is not understood."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.shapes: list[Shape | None] = []

    def add(
        self, label: str, operation: Operation, inputs: Sequence[int] = (), of: str = ""
    ) -> int:
        """Add a node and return its number. of: what holds its weights.

        Raises LimitError where sizes grow too large.
        """
        number = len(self.nodes)
        if number >= MOST_NODES:
            raise LimitError(f"a network may have {MOST_NODES:,} operations")
        shape = self._shape(operation, [self.shapes[i] for i in inputs])
        self.nodes.append(Node(label, operation, tuple(inputs), of=of))
        self.shapes.append(shape)
        return number

    def settled(self, dim: Dim) -> int | None:
        """The number a size is taken to be from here on, None where it stays for every n."""
        return None

    def holds(self, dim: Dim, allowed: SizeSet | Dim) -> bool | None:
        """Whether a size is in a set, as it is from here on; None where nobody tells."""
        return None

    def _shape(self, operation: Operation, given: Sequence[Shape | None]) -> Shape | None:
        known = [shape for shape in given if shape is not None]
        if len(known) < len(given):
            return None
        shape = self._settle(operation, known)
        if known and shape is known[0]:
            return shape
        if shape is not None and len(shape) > MOST_AXES:
            raise LimitError(f"a tensor has at most {MOST_AXES} axes", f"{len(shape)}")
        if shape is not None and not all(map(bounded, shape)):
            raise LimitError("the sizes of this model grow too large", f"at {operation.title}")
        return shape

    def _settle(self, operation: Operation, given: Sequence[Shape]) -> Shape | None:
        try:
            return operation.shape(given, self._ask)
        except SolverError:  # raised again, with the name of the node, when the network is walked
            return None

    def _ask(
        self,
        rule: str,
        dim: Dim,
        other: SizeSet | Dim,
        relation: str = EQUAL,
        wish: bool = False,
        limit: bool = False,
    ) -> bool:
        if dim == other or limit:
            return True
        least = minimum(dim, other)
        return self.asked(Demand(len(self.nodes), rule, dim, other, relation, wish, least))

    def asked(self, demand: Demand) -> bool:
        """Ask nothing: the network asks when it is walked."""
        return True
