"""An ONNX graph as it is read: tensors by name, what is known of each, and the nodes made so far.

What a tensor is has three forms: a node of the network, a weight of which only the shape counts, or
a small tensor of numbers that are followed. The last two become nodes only where a tensor is read.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from solver.errors import SolverError, shorten
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Operation, Shape, Unknown
from solver.network.graph.values import MOST, Ratio, SmallTensor
from solver.network.network import Network
from solver.reading.draft.building import MOST_AXES, Builder

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
#: The types of attributes: which field holds the value.
_FIELDS = {1: "f", 2: "i", 3: "s", 4: "t", 5: "g", 6: "floats", 7: "ints", 8: "strings"}


class Made(NamedTuple):
    """Hold an operation for one output of a node, and the places of the inputs it reads."""

    operation: Operation
    reads: tuple[int, ...] = (0,)


class OnnxGraph(Builder):
    """Hold the network that is being read."""

    def __init__(self, opset: int, upto: Mapping[str, int] | None = None) -> None:
        super().__init__(upto)
        self.opset = opset
        self._at: dict[str, int] = {}
        self._weights: dict[str, Shape] = {}
        self._values: dict[str, SmallTensor] = {}
        self._learned: dict[str, int] = {}
        self._first: dict[str, str] = {}  # the names of weights that have another one

    def weight(self, name: str, tensor: Any) -> None:
        """Add an initializer: its shape, and its elements where it is small."""
        shape = tuple(int(size) for size in tensor.dims)
        if len(shape) > MOST_AXES or min(shape, default=0) < 0:
            raise SolverError("a weight has few axes of sizes", f"{shorten(name)}: {shape[:8]}")
        self._weights[name] = tuple(map(Dim, shape))
        if tensor.data_type in REAL:
            self._learned[name] = prod(shape)
        value = elements(tensor)
        if value is not None:
            self._values[name] = value

    def put(self, name: str, value: SmallTensor) -> None:
        """Add a tensor of numbers that are followed."""
        self._values[name] = value
        self._weights[name] = tuple(map(Dim, value.shape))

    def same(self, name: str, other: str) -> None:
        """Give a tensor another name."""
        if other in self._at:
            self._at[name] = self._at[other]
        if other in self._weights:
            self._weights[name] = self._weights[other]
            self._first[name] = self._first.get(other, other)
        if other in self._values:
            self._values[name] = self._values[other]

    def make(
        self, name: str, label: str, operation: Operation, inputs: Sequence[int] = (), of: str = ""
    ) -> int:
        """Add a node that makes the tensor of this name. of: what holds its weights."""
        self._at[name] = self.add(label, operation, inputs, self._first.get(of, of))
        return self._at[name]

    def knows(self, name: str) -> bool:
        """Tell whether there is a tensor of this name yet."""
        return name in self._at or name in self._weights

    def shape(self, name: str) -> Shape | None:
        """Return the shape of a tensor, None where it is not understood."""
        if name in self._weights:
            return self._weights[name]
        return self.shapes[self._at[name]] if name in self._at else None

    def value(self, name: str) -> SmallTensor | None:
        """Return the elements of a tensor where they are followed."""
        return self._values.get(name)

    def constant(self, name: str) -> bool:
        """Tell whether a tensor does not depend on the input."""
        return name in self._weights and name not in self._at

    def learned(self, name: str) -> int:
        """Return how many parameters a tensor holds."""
        return self._learned.get(self._first.get(name, name), 0)

    def tensor(self, name: str) -> int:
        """Return the node that makes a tensor; a weight becomes one here."""
        if name not in self._at:
            if name not in self._weights:
                raise SolverError("a tensor is made before it is read", shorten(name))
            first = self._first.get(name, name)
            constant = Become("constant", self._weights[name], self.learned(name))
            self.make(name, name, constant, of=first)
        return self._at[name]

    def network(self, outputs: Sequence[str], written: Mapping[str, int]) -> Network:
        """Return the network, with the tensors of these names as what comes out."""
        found = [self.tensor(name) for name in outputs]
        return Network(self.nodes, found, written=written)


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
        """Return an attribute: a number, text, a tuple of them, or a tensor as stored."""
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
        """Return the shape of an input, None where it is not given or not understood."""
        return self.graph.shape(self.inputs[place]) if self.has(place) else None

    def value(self, place: int) -> SmallTensor | None:
        """Return the elements of an input where they are followed."""
        return self.graph.value(self.inputs[place]) if self.has(place) else None

    def constant(self, place: int) -> bool:
        """Tell whether an input does not depend on the input of the network."""
        return self.has(place) and self.graph.constant(self.inputs[place])

    @property
    def weights(self) -> str:
        """Return the name of the first input that does not depend on that of the network.

        Empty for a normalization: exporters store equal ones once, which are all ones at first.
        """
        if self.op.endswith("Normalization"):
            return ""
        constant = (name for i, name in enumerate(self.inputs) if i and self.constant(i))
        return next(constant, "")

    def learned(self, *places: int) -> int:
        """Return how many parameters these inputs hold."""
        shapes = (self.numbers(place) for place in places if self.has(place))
        return sum(prod(shape) for shape in shapes if shape is not None)

    def numbers(self, place: int) -> tuple[int, ...] | None:
        """Return the shape of an input where it is all numbers."""
        shape = self.shape(place)
        found = tuple(dim.number for dim in shape or () if dim.number is not None)
        return None if shape is None or len(found) < len(shape) else found

    def unknown(self) -> list[Made]:
        """Return that the node is not understood, for each of its outputs."""
        reads = tuple(i for i in range(len(self.inputs)) if self.has(i) and not self.constant(i))
        return [Made(Unknown(shorten(self.op)), reads) for _ in self.outputs]


def elements(tensor: Any) -> SmallTensor | None:
    """Return the elements of a small tensor; None of a large one, or one stored elsewhere."""
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
