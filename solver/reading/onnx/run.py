"""One run of an ONNX graph: what each node makes becomes an operation of the network.

A tensor is what an operation gives, a constant, or a list of tensors. What a graph computes of
shapes are constants whose elements carry formulas; they become operations only where they are read
as tensors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from itertools import zip_longest
from math import prod
from typing import Any

from solver.errors import SolverError, shorten
from solver.network.graph.computed import LookedUp
from solver.network.graph.counted import counted
from solver.network.graph.operation import Operation, Refuse, Shape, Unknown
from solver.network.graph.walk import Node
from solver.reading.functions.call import Weight, Wire
from solver.reading.functions.table import node as call_of
from solver.reading.onnx.computing import followed
from solver.reading.onnx.elements import MOST, Elements, of
from solver.reading.onnx.program import Body, KnownTensor, OnnxNode
from solver.reading.paths.decisions import Decisions, RefusedSizes
from solver.reading.paths.nodes import CallNodes
from solver.reading.paths.recorder import Recorder
from solver.reading.paths.size import size

#: Who defines the operators that are known.
_DOMAINS = ("", "ai.onnx", "com.microsoft", "ai.onnx.contrib")

Tensor = Wire | KnownTensor | list[Any]
Scope = MutableMapping[str, Any]
Functions = Mapping[tuple[str, str], Body]


class _OnnxNodes(CallNodes):
    """Put what an operator makes into the network; a weight becomes a node once."""

    constants: dict[Weight, int]

    def put(self, operation: Operation, inputs: Sequence[int]) -> int:
        if isinstance(operation, LookedUp):
            operation = operation.replaced(end=counted(self.to.nodes, inputs[0]))
        return super().put(operation, inputs)

    def constant(self, weight: Weight) -> int:
        if weight not in self.constants:
            self.constants[weight] = super().constant(weight)
        return self.constants[weight]


class OnnxRun:
    """Hold one run of a graph, at the sizes at which it decides.

    to: where its operations go. functions: that the model brings, by domain and name. told: the
    attributes of the function that is running. guarded: whether what refuses does not end the run.
    """

    def __init__(self, decisions: Decisions, functions: Functions) -> None:
        self.to, self.guarded = Recorder(decisions, lambda: self.guarded), False
        self.decisions, self.functions = decisions, functions
        self.constants: dict[Weight, int] = {}
        self.told: Mapping[str, Any] = {}
        self.assumed: dict[str, None] = {}

    def body(self, body: Body, scope: Scope, given: Sequence[Tensor]) -> list[Tensor]:
        """What a graph makes of what it is given. scope: the tensors it reads, by name."""
        scope.update(body.weights)
        scope.update(zip(body.inputs, given, strict=False))
        for node in body.nodes:
            words = node.words
            if node.told:
                here = {n: self.told[name] for n, name in node.told.items() if name in self.told}
                words = {**words, **here}
            made = self._made(node, words, [_named(scope, n) for n in node.inputs], scope)
            for name, each in zip_longest(node.outputs, made[: len(node.outputs)]):
                if name:
                    scope[name] = self.unknown(node) if each is None else each
        return [_named(scope, name) for name in body.outputs]

    def _made(
        self, node: OnnxNode, words: dict[str, Any], given: Sequence[Tensor | None], scope: Scope
    ) -> Sequence[Tensor | None]:
        if (node.domain, node.op) in self.functions:
            return self.function(self.functions[node.domain, node.op], words, given)
        known = node.domain in _DOMAINS
        special = getattr(self, f"_on_{node.op.lower()}", None) if known else None
        if special is not None:
            found = special(node, words, given, scope)
            if found is not None:
                return found  # type: ignore[no-any-return]
        if known and node.op != "Constant":
            found = self._computed(node, words, given)
            if found is not None:
                return found
        return self._called(node, words, given, known)

    def function(
        self, body: Body, words: Mapping[str, Any], given: Sequence[Tensor | None]
    ) -> Sequence[Tensor]:
        """What a function of the model's own makes."""
        raise NotImplementedError

    def _computed(
        self, node: OnnxNode, words: dict[str, Any], given: Sequence[Tensor | None]
    ) -> list[Tensor] | None:
        """Small tensors that an operator makes of others."""
        constants = [each for each in given if isinstance(each, KnownTensor)]
        if not constants or any(each.elements is None for each in constants):
            return None
        if len(constants) + given.count(None) < len(given):
            return None
        elements = [each.elements if isinstance(each, KnownTensor) else None for each in given]
        found = followed(node.op, elements, {**words, "outputs": len(node.outputs)})
        if found is None:
            return None
        several = [found] if isinstance(found, Elements) else found
        return [*map(KnownTensor.of, several, node.outputs)]

    def _called(
        self, node: OnnxNode, words: dict[str, Any], given: Sequence[Tensor | None], known: bool
    ) -> Sequence[Tensor | None]:
        """What the rule of a function makes."""
        inputs = [self._known(each) for each in given]
        nodes = _OnnxNodes(self.to, node.label, _holder(node, inputs), self.constants)
        call = call_of(nodes, node.op, inputs, {**words, "outputs": len(node.outputs)}, known)
        try:
            found = call.found()
        except SolverError as fault:
            raise self._refused(node, fault) from None
        return found if isinstance(found, tuple) else (found,)

    def _refused(self, node: OnnxNode, fault: SolverError) -> Exception:
        """What an operator refuses: at these sizes, or at all."""
        if all(each.asked for each in self.decisions.made):
            return type(fault)(
                f"{node.label}: {node.op}: {fault.rule}", fault.received, fault.right
            )
        said = f"{node.op}: {fault.rule}, not {fault.received}"
        self.to.nodes.append(Node(node.label, Refuse(said)))
        self.to.shapes.append(None)
        return RefusedSizes()

    # Tensors

    def _known(self, value: Tensor | None) -> Any:
        """A tensor as the rules of functions know it."""
        if isinstance(value, list):
            return tuple(map(self._known, value))
        return value.weight if isinstance(value, KnownTensor) else value

    def wire(self, value: Tensor, label: str = "constant") -> Wire:
        """The operation that gives a tensor."""
        if isinstance(value, Wire):
            return value
        nodes = _OnnxNodes(self.to, label, "", self.constants)
        if isinstance(value, KnownTensor):
            return Wire(nodes.constant(value.weight))
        return Wire(nodes.put(Unknown("sequence"), [self.wire(each).at for each in value]))

    def shape(self, value: Tensor | None) -> Shape | None:
        """The shape of a tensor, None where it is not understood."""
        if isinstance(value, KnownTensor):
            return value.weight.shape
        return self.to.shapes[value.at] if isinstance(value, Wire) else None

    def sizes(self, shape: Shape) -> list[int]:
        """The sizes of a shape, with their formulas."""
        values = self.decisions.values
        return [size(dim.at(values), dim, self.decisions) for dim in shape]

    def unknown(self, node: OnnxNode, given: Sequence[Tensor | None] = ()) -> Wire:
        """What is not understood."""
        wires = [each.at for each in given if isinstance(each, Wire)]
        return Wire(self.to.add(node.label, Unknown(node.op[:80]), wires))

    # Operators that tell of tensors, or hand them on

    def _on_identity(self, node: OnnxNode, words: Any, given: Any, scope: Scope) -> Any:
        return given[:1]

    def _on_constant(
        self, node: OnnxNode, words: Mapping[str, Any], given: Any, scope: Scope
    ) -> Any:
        (name,) = node.outputs
        if words.get("value") is not None:
            return [KnownTensor.stored(name, words["value"])]
        for word in ("value_int", "value_float", "value_ints", "value_floats"):
            value = words.get(word)
            if value is not None and (isinstance(value, (int, float)) or len(value) <= MOST):
                return [KnownTensor.of(of(value, "float" in word), name)]
        return None

    def _on_shape(self, node: OnnxNode, words: Mapping[str, Any], given: Any, scope: Scope) -> Any:
        shape = self.shape(given[0])
        if shape is None:
            return None
        told = slice(words.get("start", 0), words.get("end"))
        return [KnownTensor.of(of(self.sizes(shape[told])), node.outputs[0])]

    def _on_size(self, node: OnnxNode, words: Mapping[str, Any], given: Any, scope: Scope) -> Any:
        shape = self.shape(given[0])
        return None if shape is None else [KnownTensor.of(of(prod(self.sizes(shape))))]


def _named(scope: Scope, name: str) -> Any:
    """A tensor by its name, None without one."""
    if name and name not in scope:
        raise SolverError("a tensor is made before it is read", shorten(name))
    return scope[name] if name else None


def _holder(node: OnnxNode, inputs: Sequence[Any]) -> str:
    """The name of the first of a node's weights.

    Empty for a normalization: exporters store equal ones once, which are all ones at first.
    """
    if node.op.endswith("Normalization"):
        return ""
    return next(_names(inputs), "")


def _names(inputs: Sequence[Any]) -> Iterator[str]:
    for each in inputs:
        if isinstance(each, Weight):
            yield each.name
        elif isinstance(each, tuple):
            yield from _names(each)
