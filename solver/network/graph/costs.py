"""What a network costs, node by node: parameters, multiply-accumulates, elements that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from solver.network.graph.channels import layer_cost
from solver.network.graph.computed import Become, Recur
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply, Input, Operation, Pointwise, Shape
from solver.network.graph.shaping import Chain, Linear, MatMul
from solver.network.graph.total import Total


class NodeCost(NamedTuple):
    """Hold what a node costs for a batch of one: numbers and expressions in the sizes of the input.

    parameters: weights and biases. macs: multiply-accumulates, biases not counted. activations:
    elements it puts out.
    """

    parameters: int
    macs: Total
    activations: Total


def costs(network: Graph) -> tuple[NodeCost | None, ...]:
    """Return what each node costs, None where it is not understood.

    Of a network as it is at given sizes (Network.there) they are numbers.

    >>> from solver import Conv, trace
    >>> net = trace(lambda x: Conv(3, padding=1, out_channels=8)(x), channels=3)
    >>> found = costs(net)[-1]
    >>> found.parameters, str(found.macs), str(found.activations)
    (224, '216*h*w', '8*h*w')
    """
    shapes = network.walk.shapes
    found: list[NodeCost | None] = []
    counted: set[str] = set()  # a layer that is called again has no new weights
    for node, out in zip(network.nodes, shapes, strict=True):
        given = [shapes[i] for i in node.inputs]
        known = [shape for shape in given if shape is not None]
        if out is None or len(known) < len(given):
            found.append(None)
            continue
        parameters, macs = _cost(node.operation, known, out)
        if parameters and node.of:
            parameters = 0 if node.of in counted else parameters
            counted.add(node.of)
        kept = [] if isinstance(node.operation, Input) else [prod(out, start=Dim(1))]
        found.append(NodeCost(parameters, Total(macs), Total(kept)))
    return tuple(found)


def total(found: Sequence[NodeCost | None]) -> NodeCost:
    """Return the sum over the nodes that are understood."""
    known = [each for each in found if each is not None]
    return NodeCost(
        sum(each.parameters for each in known),
        Total(dim for each in known for dim in each.macs.dims),
        Total(dim for each in known for dim in each.activations.dims),
    )


def _cost(operation: Operation, given: Sequence[Shape], out: Shape) -> tuple[int, Sequence[Dim]]:
    if isinstance(operation, Apply):
        (shape,) = given
        axes = operation.axes or operation.layer.axes or len(shape) - 2
        channels = shape[len(shape) - axes - 1].number or 1
        cost = layer_cost(operation.layer, channels, shape[-axes:], out[-axes:])
        return cost.parameters, cost.macs
    if isinstance(operation, Become):
        return operation.parameters, ()
    if isinstance(operation, Recur):
        return operation.weights(given[0][operation.axis].number or 0), ()
    if isinstance(operation, Pointwise):
        if operation.parameters is not None:
            return operation.parameters, ()
        wide = given[0][1].number if len(given[0]) > 1 else None
        return operation.weights * (wide or 0), ()
    if isinstance(operation, Linear):
        width = given[0][-1]
        bias = operation.features if operation.bias else 0
        weights = (operation.of or width.number or 0) * operation.features
        return weights + bias, [prod(given[0], start=Dim(operation.features))]
    if isinstance(operation, Chain):
        return _chained(operation, given)
    if isinstance(operation, MatMul):
        return 0, [prod(out, start=given[0][-1])]
    return 0, ()


def _chained(chain: Chain, given: Sequence[Shape]) -> tuple[int, Sequence[Dim]]:
    """Return what the operations cost that are done one after the other."""
    parameters, macs = 0, list[Dim]()
    for operation in chain.operations:
        out = operation.shape(given, _unasked)
        if out is None:
            break
        more, times = _cost(operation, given, out)
        parameters, given = parameters + more, [out]
        macs += times
    return parameters, macs


def _unasked(*_: object, **__: object) -> None:
    """Ask nothing: the network has asked when it was walked."""
