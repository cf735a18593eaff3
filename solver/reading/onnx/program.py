"""An ONNX graph as a program: its nodes in the order they run, its weights by name, its functions.

It is read once, and run at one size after the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from heapq import heappop, heappush
from math import prod
from typing import Any

from solver.errors import LimitError, SolverError, shorten
from solver.ground.named import NamedTuple
from solver.network.graph.dim import Dim
from solver.reading.functions.call import Weight
from solver.reading.onnx.elements import REAL, Elements, stored
from solver.reading.paths.building import MOST_AXES

#: The most nodes, weights and inputs of a graph.
MOST_NODES = 100_000
#: The types of attributes: which field holds the value.
_FIELDS = {
    1: "f",
    2: "i",
    3: "s",
    4: "t",
    5: "g",
    6: "floats",
    7: "ints",
    8: "strings",
    10: "graphs",
}
#: The types of attributes that hold graphs.
_GRAPHS = (5, 10)


class KnownTensor(NamedTuple):
    """Hold a tensor that does not depend on the input, and its elements where they are followed."""

    weight: Weight
    elements: Elements | None = None

    def same(self, other: KnownTensor | None) -> bool:
        """Tell whether it has the elements of another one."""
        there = None if other is None else other.weight.elements
        return there is not None and self.weight.elements == there

    @classmethod
    def of(cls, elements: Elements, name: str = "", learned: int = 0) -> KnownTensor:
        """A small tensor."""
        shape = tuple(Dim(int(size)) for size in elements.array.shape)
        return cls(Weight(shape, learned, name, elements.seen), elements)

    @classmethod
    def stored(cls, name: str, tensor: Any) -> KnownTensor:
        """A tensor of a file: its shape, and its elements where it is small."""
        shape = tuple(int(size) for size in tensor.dims)
        if len(shape) > MOST_AXES or min(shape, default=0) < 0:
            raise SolverError("a weight has few axes of sizes", f"{shorten(name)}: {shape[:8]}")
        learned = prod(shape) if tensor.data_type in REAL else 0
        found = stored(tensor)
        if found is not None:
            return cls.of(found, name, learned)
        return cls(Weight(tuple(map(Dim, shape)), learned, name))


class OnnxNode:
    """Hold one node: what it is called, what it reads and makes.

    words: its attributes: numbers, texts, tuples of them, tensors as stored, graphs. told: those
    that a function is told by whoever calls it, by their names there. graphs: that stand in it.
    """

    def __init__(self, proto: Any, number: int) -> None:
        self.op, self.domain = str(proto.op_type), str(proto.domain)
        self.inputs = tuple(map(str, proto.input))
        self.outputs = tuple(map(str, proto.output))
        named = next((name for name in self.outputs if name), "")
        self.label = shorten(str(proto.name) or named or f"{self.op}_{number}")
        self.words = dict[str, Any]()
        self.told = dict[str, str]()
        self.graphs: tuple[Any, ...] = ()
        for each in proto.attribute:
            if each.ref_attr_name:
                self.told[str(each.name)] = str(each.ref_attr_name)
            else:
                value = self.words[str(each.name)] = _value(each)
                if each.type in _GRAPHS:
                    self.graphs += value if isinstance(value, tuple) else (value,)
        self._bodies = dict[str, Body]()

    def like(self, op: str, count: int) -> OnnxNode:
        """Another operator in its place, of so many outputs."""
        found = copy(self)
        found.op, found.outputs = op, (self.outputs[0],) * count
        return found

    def body(self, name: str) -> Body:
        """The graph that is an attribute."""
        if name not in self._bodies:
            self._bodies[name] = Body.of(self.words[name])
        return self._bodies[name]


def _value(attribute: Any) -> Any:
    field = _FIELDS.get(attribute.type)
    if field is None:
        return None
    value = getattr(attribute, field)
    if field in ("ints", "floats", "graphs"):
        return tuple(value)
    if field == "strings":
        return tuple(each.decode("ascii", "replace") for each in value)
    return value.decode("ascii", "replace") if field == "s" else value


class Body(NamedTuple):
    """Hold a graph, that of a model, of a node or of a function.

    inputs: their names, without those that are weights. defaults: of a function's attributes.
    """

    nodes: tuple[OnnxNode, ...]
    weights: Mapping[str, KnownTensor]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    defaults: Mapping[str, Any] = {}

    @classmethod
    def of(cls, proto: Any, outer: bool = True) -> Body:
        """The graph of a model, or that of a node, which reads what is outer to it too."""
        tensors = len(proto.initializer) + len(proto.sparse_initializer)
        counts = ((len(proto.node), "nodes"), (tensors, "weights"), (len(proto.input), "inputs"))
        for count, what in counts:
            if count > MOST_NODES:
                raise LimitError(f"a model has at most {MOST_NODES:,} {what}", f"{count:,}")
        weights = {str(t.name): KnownTensor.stored(str(t.name), t) for t in proto.initializer}
        for sparse in proto.sparse_initializer:
            name, shape = str(sparse.values.name), tuple(map(int, sparse.dims))
            weights[name] = KnownTensor(Weight(tuple(map(Dim, shape)), prod(shape), name))
        inputs = tuple(str(x.name) for x in proto.input if str(x.name) not in weights)
        outputs = tuple(str(x.name) for x in proto.output)
        nodes = _nodes(proto.node)
        _check(nodes, outputs, {*weights, *inputs}, outer)
        return cls(tuple(_ordered(nodes)), weights, inputs, outputs)

    @classmethod
    def function(cls, proto: Any) -> Body:
        """A function that a model brings."""
        inputs, outputs = tuple(map(str, proto.input)), tuple(map(str, proto.output))
        nodes = _nodes(proto.node)
        _check(nodes, outputs, {*inputs}, False)
        defaults = {str(a.name): _value(a) for a in proto.attribute_proto}
        return cls(tuple(_ordered(nodes)), {}, inputs, outputs, defaults)


def _nodes(protos: Iterable[Any]) -> list[OnnxNode]:
    return [OnnxNode(proto, number) for number, proto in enumerate(protos)]


def _check(
    nodes: Sequence[OnnxNode], outputs: Sequence[str], known: Collection[str], outer: bool
) -> None:
    """Raise where a tensor is made twice, or by nothing."""
    made: set[str] = set()
    for node in nodes:
        for name in node.outputs:
            if name in made or (name and name in known):
                raise SolverError("every tensor has one name of its own", shorten(name))
            if name:
                made.add(name)
    if outer:
        return
    for node in nodes:
        for name in node.inputs:
            if name and name not in made and name not in known:
                raise SolverError(f"{node.label} reads a tensor that nothing makes", shorten(name))
    for name in outputs:
        if name not in made and name not in known:
            raise SolverError("every output of a model is made by a node", shorten(name))


def _ordered(nodes: Sequence[OnnxNode]) -> Iterator[OnnxNode]:
    """Yield the nodes, each after those it reads. Raises SolverError for a cycle."""
    maker = {name: i for i, node in enumerate(nodes) for name in node.outputs if name}
    waits: list[int] = []
    readers: list[list[int]] = [[] for _ in nodes]
    for number, node in enumerate(nodes):
        before = {maker[name] for name in _read(node) if name in maker}
        waits.append(len(before))
        for each in before:
            readers[each].append(number)
    free = [number for number, count in enumerate(waits) if not count]  # sorted: a heap
    done = 0
    while free:
        number = heappop(free)
        done += 1
        yield nodes[number]
        for reader in readers[number]:
            waits[reader] -= 1
            if not waits[reader]:
                heappush(free, reader)
    if done < len(nodes):
        stuck = next(number for number, count in enumerate(waits) if count)
        raise SolverError("a model has no cycles", f"{nodes[stuck].label} waits for itself")


def _read(node: OnnxNode) -> Iterator[str]:
    """Yield what a node reads, with what the graphs in it do."""
    yield from node.inputs
    for graph in node.graphs:
        for inner in _nodes(graph.node):
            yield from _read(inner)
        yield from (str(each.name) for each in graph.output)
