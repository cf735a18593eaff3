"""What a network costs, node by node: parameters, multiply-accumulates, elements that are kept."""

from __future__ import annotations

from collections.abc import Sequence

from solver.ground.named import NamedTuple
from solver.network.graph.dim import volume
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Input
from solver.network.graph.total import Total


class NodeCost(NamedTuple):
    """Hold what a node costs for a batch of one: numbers and expressions in the sizes of the input.

    parameters: weights and biases. macs: multiply-accumulates, biases not counted. activations:
    elements it puts out; what is learned, or goes in, is none.
    """

    parameters: int
    macs: Total
    activations: Total


def costs(network: Graph) -> tuple[NodeCost | None, ...]:
    """What each node costs, None where it is not understood.

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
        parameters, macs = node.operation.cost(known, out)
        if node.parameters is not None:
            parameters = node.parameters
        elif parameters and node.of:
            parameters = 0 if node.of in counted else parameters
            counted.add(node.of)
        learned = parameters and not node.inputs
        kept = [] if learned or isinstance(node.operation, Input) else [volume(out)]
        found.append(NodeCost(parameters, Total(macs), Total(kept)))
    return tuple(found)


def total(found: Sequence[NodeCost | None]) -> NodeCost:
    """The sum over the nodes that are understood."""
    known = [each for each in found if each is not None]
    return NodeCost(
        sum(each.parameters for each in known),
        Total.sum(each.macs for each in known),
        Total.sum(each.activations for each in known),
    )
