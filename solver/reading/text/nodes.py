"""How the values of a text reach a call, and where the operations of the call go."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from solver.ground.record import Record
from solver.network.graph.computed import Become, LookedUp
from solver.network.graph.counted import counted
from solver.network.graph.demand import Demand
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation, Shape
from solver.reading.functions.call import Unclear, Weight, Wire, listed
from solver.reading.text.building import Build
from solver.reading.text.told import told
from solver.reading.text.values import Leaf, Opaque, Unfollowed, untold
from solver.sizes.sizeset import SizeSet
from solver.sizes.width import is_int


class TextNodes(Record):
    """Put the operations of one call into the network of a text.

    name: of the nodes. expects: the channels that a layer is made for. of: what holds its weights.
    """

    build: Build
    name: str
    line: int
    expects: int | None = None
    of: str = ""

    @property
    def shapes(self) -> Sequence[Shape | None]:
        return self.build.shapes

    def put(self, operation: Operation, inputs: Sequence[int]) -> int:
        wires = [Wire(at) for at in inputs]
        if isinstance(operation, LookedUp):
            operation = operation.replaced(end=counted(self.build.nodes, inputs[0]))
        return self.build.add(operation, wires, self.name, self.line, self.expects, self.of).at

    def constant(self, weight: Weight) -> int:
        if weight.shape is None:
            raise Unclear  # the text does not tell it
        name = "parameter" if weight.parameters else "numbers"
        made = Become(name, weight.shape, weight.parameters)
        return self.build.add(made, [], name, self.line).at

    def settled(self, dim: Dim) -> int | None:
        found = told(dim, self.build)
        return found if is_int(found) else None

    def holds(self, dim: Dim, allowed: SizeSet | Dim) -> bool | None:
        """Whether a size is in a set, or another one; None where nobody tells."""
        return self.build.decide(Demand(0, "", dim, allowed))

    @property
    def runs(self) -> bool:
        return False

    def beside(self, operation: Operation) -> Any:
        return Wire(self.put(operation, []))


def into(value: Any) -> Any:
    """A value of the text as calls take it: a weight, a layer, and all else as it is."""
    if isinstance(value, Unfollowed) and value.wire is not None:
        return value.wire
    if isinstance(value, Opaque) and (value.parameter or value.shape):
        learned = prod(value.shape) if value.shape and value.parameter else 0
        return Weight(tuple(map(Dim, value.shape)) or None, learned)
    if untold(value):
        return Opaque("a number")
    if isinstance(value, slice):
        return slice(*map(into, (value.start, value.stop, value.step)))
    if isinstance(value, Leaf):
        return value.made
    if listed(value):
        return type(value)([into(each) for each in value])
    if isinstance(value, dict):
        return {name: into(each) for name, each in value.items()}
    return value
