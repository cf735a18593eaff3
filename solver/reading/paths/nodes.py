"""Where the operations of one call go."""

from __future__ import annotations

from collections.abc import Sequence

from solver.ground.record import Record
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation, Shape
from solver.reading.functions.call import Weight, Wire
from solver.reading.paths.building import Builder
from solver.sizes.sizeset import SizeSet


class CallNodes(Record):
    """Put the operations of one call into the network that is read.

    label: of the nodes. of: what holds its weights.
    """

    to: Builder
    label: str
    of: str

    @property
    def shapes(self) -> Sequence[Shape | None]:
        return self.to.shapes

    def put(self, operation: Operation, inputs: Sequence[int]) -> int:
        return self.to.add(self.label, operation, inputs, self.of)

    def constant(self, weight: Weight) -> int:
        assert weight.shape is not None
        operation = Become("constant", weight.shape, weight.parameters, least=0)
        return self.to.add(weight.name or "constant", operation, of=weight.name)

    def settled(self, dim: Dim) -> int | None:
        return self.to.settled(dim)

    def holds(self, dim: Dim, allowed: SizeSet | Dim) -> bool | None:
        return self.to.holds(dim, allowed)

    @property
    def runs(self) -> bool:
        return True

    def beside(self, operation: Operation) -> Wire:
        return Wire(self.to.add(self.label, operation))
