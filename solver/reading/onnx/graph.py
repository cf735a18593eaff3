"""An ONNX graph as it is read: tensors by name, what is known of each, and the nodes made so far.

What a tensor is has three forms: a node of the network, a weight of which only the shape counts, or
a small tensor of numbers that are followed. The last two become nodes only where a tensor is read.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from functools import cached_property
from math import prod
from typing import Any

from solver.errors import SolverError, shorten
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation, Shape
from solver.network.graph.small import MOST, Item, SmallTensor
from solver.network.graph.values import Ratio
from solver.network.network import Network
from solver.reading.draft.building import MOST_AXES, Builder
from solver.reading.functions.call import Call, Weight, Wire, size_of
from solver.reading.functions.table import node
from solver.sizes.sizeset import SizeSet

#: How the elements of small tensors are stored: format, bytes, field, whether they are no integers.
_STORED = {
    1: ("f", 4, "float_data", True),
    2: ("B", 1, "int32_data", False),
    3: ("b", 1, "int32_data", False),
    5: ("h", 2, "int32_data", False),
    6: ("i", 4, "int32_data", False),
    7: ("q", 8, "int64_data", False),
    9: ("?", 1, "int32_data", False),
    11: ("d", 8, "double_data", True),
}
_EXTERNAL = 1
#: The types of elements that are no integers.
REAL = (1, 10, 11, 16)
#: Who defines the operators that are known.
_DOMAINS = ("", "ai.onnx", "com.microsoft", "ai.onnx.contrib")
#: The types of attributes: which field holds the value.
_FIELDS = {1: "f", 2: "i", 3: "s", 4: "t", 5: "g", 6: "floats", 7: "ints", 8: "strings"}


class OnnxGraph(Builder):
    """Hold the network that is being read."""

    def __init__(self, upto: Mapping[str, int] | None = None) -> None:
        super().__init__(upto)
        self._at: dict[str, int] = {}
        self._weights: dict[str, Weight] = {}
        self._values: dict[str, SmallTensor] = {}

    def weight(self, name: str, tensor: Any) -> None:
        """Add an initializer: its shape, and its elements where it is small."""
        shape = tuple(int(size) for size in tensor.dims)
        if len(shape) > MOST_AXES or min(shape, default=0) < 0:
            raise SolverError("a weight has few axes of sizes", f"{shorten(name)}: {shape[:8]}")
        value = elements(tensor)
        if value is not None:
            self.put(name, value)
        learned = prod(shape) if tensor.data_type in REAL else 0
        self._weights[name] = Weight(tuple(map(Dim, shape)), learned, name)

    def put(self, name: str, value: SmallTensor) -> None:
        """Add a tensor of numbers that are followed."""
        self._values[name] = value
        self._weights[name] = Weight(tuple(map(Dim, value.shape)), 0, name)

    def same(self, name: str, other: str) -> None:
        """Give a tensor another name."""
        held: tuple[dict[str, Any], ...] = (self._at, self._weights, self._values)
        for known in held:
            if other in known:
                known[name] = known[other]

    def name(self, name: str, at: int) -> None:
        """Say which node makes the tensor of this name."""
        self._at[name] = at

    def knows(self, name: str) -> bool:
        """Tell whether there is a tensor of this name yet."""
        return name in self._at or name in self._weights

    def given(self, name: str) -> Wire | Weight:
        """A tensor as a call gets it: a weight with its elements where they are followed."""
        if name not in self._weights:
            return Wire(self.tensor(name))
        value = self._values.get(name)
        seen = None if value is None else tuple(map(_seen, value.items))
        return self._weights[name]._replace(elements=seen)

    def shape(self, name: str) -> Shape | None:
        """The shape of a tensor, None where it is not understood."""
        if name in self._weights:
            return self._weights[name].shape
        return self.shapes[self._at[name]] if name in self._at else None

    def value(self, name: str) -> SmallTensor | None:
        """The elements of a tensor where they are followed."""
        return self._values.get(name)

    def tensor(self, name: str) -> int:
        """The node that makes a tensor; a weight becomes one here."""
        if name not in self._at:
            if name not in self._weights:
                raise SolverError("a tensor is made before it is read", shorten(name))
            shape, learned, first, _ = self._weights[name]
            constant = Become("constant", shape or (), learned, least=0)
            self._at[name] = self.add(shorten(name), constant, of=first)
        return self._at[name]

    def network(self, outputs: Sequence[str], written: Mapping[str, int]) -> Network:
        """The network, with the tensors of these names as what comes out."""
        found = [self.tensor(name) for name in outputs]
        return Network(self.nodes, found, written=written, names=map(shorten, outputs))


class OnnxNode:
    """Hold one node of a graph: what it is called, its attributes, and its inputs by place."""

    def __init__(self, graph: OnnxGraph, proto: Any, number: int) -> None:
        self.graph = graph
        self.op = str(proto.op_type)
        self.domain = str(proto.domain)
        self.inputs = tuple(map(str, proto.input))
        self.outputs = tuple(map(str, proto.output))
        named = next((name for name in self.outputs if name), "")
        self.label = shorten(str(proto.name) or named or f"{self.op}_{number}")
        self._attributes = {str(a.name): a for a in proto.attribute}

    def attribute(self, name: str, default: Any = None) -> Any:
        """An attribute: a number, text, a tuple of them, or a tensor as stored."""
        if name not in self._attributes:
            return default
        found = self._attributes[name]
        field = _FIELDS.get(found.type)
        if field is None:
            return default
        value = getattr(found, field)
        if field in ("ints", "floats"):
            return tuple(value)
        return value.decode("ascii", "replace") if field == "s" else value

    def has(self, place: int) -> bool:
        """Tell whether an input is given."""
        return place < len(self.inputs) and bool(self.inputs[place])

    def shape(self, place: int = 0) -> Shape | None:
        """The shape of an input, None where it is not given or not understood."""
        return self.graph.shape(self.inputs[place]) if self.has(place) else None

    def value(self, place: int) -> SmallTensor | None:
        """The elements of an input where they are followed."""
        return self.graph.value(self.inputs[place]) if self.has(place) else None

    # What its call needs: see `functions.call.Nodes`

    @property
    def shapes(self) -> Sequence[Shape | None]:
        """The shape of each node so far."""
        return self.graph.shapes

    def put(self, operation: Operation, inputs: Sequence[int]) -> int:
        """Add a node that the operator makes."""
        return self.graph.add(self.label, operation, inputs, self._holds)

    def constant(self, weight: Weight) -> int:
        """Add the node of a weight."""
        return self.graph.tensor(weight.name)

    def settled(self, dim: Dim) -> int | None:
        """A size stays for every n."""
        return None

    def holds(self, dim: Dim, allowed: SizeSet | Dim) -> bool | None:
        """Nobody tells."""
        return None

    @property
    def runs(self) -> bool:
        """A graph says what it means."""
        return True

    def beside(self, operation: Operation) -> Wire:
        """Add what comes out beside the tensor that is meant."""
        return Wire(self.put(operation, []))

    @property
    def _holds(self) -> str:
        """The name of the first of its weights.

        Empty for a normalization: exporters store equal ones once, which are all ones at first.
        """
        if self.op.endswith("Normalization"):
            return ""
        weights = (each.name for each in self._inputs if isinstance(each, Weight))
        return next(weights, "")

    @cached_property
    def _inputs(self) -> list[Wire | Weight | None]:
        return [self.graph.given(name) if name else None for name in self.inputs]

    def call(self) -> Call:
        """The call of the operator on what it is given."""
        words = {name: self.attribute(name) for name in self._attributes}
        words["outputs"] = len(self.outputs)
        return node(self, self.op, self._inputs, words, self.domain in _DOMAINS)


def _seen(item: Item) -> Any:
    """An element as a program sees it: a number where it is one."""
    if not isinstance(item, Ratio):
        return item
    if item.bottom == 1:
        return size_of(item.top)
    return item if item.top.number is None else item.top.number / item.bottom


def elements(tensor: Any) -> SmallTensor | None:
    """The elements of a small tensor; None of a large one, or one stored elsewhere."""
    shape = tuple(int(size) for size in tensor.dims)
    stored = _STORED.get(int(tensor.data_type))
    if stored is None or not 0 <= prod(shape) <= MOST or tensor.data_location == _EXTERNAL:
        return None
    code, width, field, real = stored
    count = prod(shape)
    if len(tensor.raw_data) == count * width:
        found: Sequence[Any] = struct.unpack(f"<{count}{code}", tensor.raw_data)
    else:
        found = tuple(getattr(tensor, field))
    if len(found) != count:
        return None
    numbers = (float(each) if real else int(each) for each in found)
    return SmallTensor(shape, tuple(map(Ratio.number, numbers)), real)
