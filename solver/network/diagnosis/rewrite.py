"""Changed networks: the means of an edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from solver.layers.table import OWN
from solver.layers.window import Window
from solver.network.diagnosis.edits import called
from solver.network.diagnosis.settings import windows_of
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply, Operation
from solver.network.graph.walk import Node


def replaced(network: Graph, at: int, operation: Operation) -> Graph:
    """A network with another operation in one place."""
    nodes = list(network.nodes)
    nodes[at] = nodes[at]._replace(operation=operation)
    return network.changed(nodes, network.outputs, network.names)


def language(network: Graph) -> str:
    """The framework that a network is written in: what its layers are of, else PyTorch."""
    layers = [getattr(node.operation, "layer", None) for node in network.nodes]
    found = {each.framework.name for each in layers if each is not None}
    return next(iter(sorted(found - {"torch", OWN.name})), "torch")


def relayered(network: Graph, changed: Mapping[int, Operation]) -> Graph:
    """A network with other layers in these places, and wherever else they are called."""
    nodes, others = list(network.nodes), dict[str, tuple[Operation, Operation]]()
    for at, operation in changed.items():
        others[called(nodes[at])] = nodes[at].operation, operation
    for i, node in enumerate(network.nodes):
        before, after = others.get(called(node), (None, None))
        if after is not None and node.operation == before:
            nodes[i] = node._replace(operation=after)
    return network.changed(nodes, network.outputs, network.names)


def put_before(
    network: Graph, at: int, number: int, operation: Operation, others: Sequence[int] = ()
) -> Graph:
    """A network in which a node, and all behind it, read an operation on another one.

    So it is where a line gives a tensor another value under its name. number: of the node that is
    read. others: numbers of further nodes that the operation reads.
    """
    name = network.nodes[number].name
    nodes = [*network.nodes[:at], Node(name, operation, (number, *others))]

    def moved(i: int) -> int:
        return at if i == number else i + (i >= at)

    for each in network.nodes[at:]:
        nodes.append(each._replace(inputs=tuple(map(moved, each.inputs))))
    return network.changed(nodes, list(map(moved, network.outputs)), network.names)


def put_behind(network: Graph, at: int, operation: Operation) -> Graph:
    """A network in which everything that read a node reads an operation on it."""
    return put_before(network, at + 1, at, operation)


def windows(operation: Operation, axes: int) -> list[Window] | None:
    """The windows of a layer, None for what has none."""
    if not isinstance(operation, Apply) or operation.axes not in (None, axes):
        return None
    return windows_of(operation.layer, axes)
