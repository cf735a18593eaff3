"""Changed networks and changed layers: the means of an edit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.layers.arguments import alike
from solver.layers.layer import Layer
from solver.layers.table import OWN
from solver.layers.window import Window
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply, Operation
from solver.network.graph.walk import Node

_WORDS = {
    OWN.name: {},
    "torch": {},
    "keras": {"padding": "", "ceil_mode": "", "dilation": "dilation_rate", "stride": "strides"},
    "onnx": {
        "kernel_size": "kernel_shape",
        "padding": "pads",
        "dilation": "dilations",
        "stride": "strides",
    },
}


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


def relayered(network: Graph, at: int, operation: Operation) -> Graph:
    """A network with another layer in one place, and wherever else it is called."""
    nodes, of = list(network.nodes), network.nodes[at].of
    for i, node in enumerate(nodes):
        same = of and node.of == of and node.operation == network.nodes[at].operation
        if i == at or same:
            nodes[i] = node._replace(operation=operation)
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
    found = [each.window for each in operation.layer.along(axes)]
    return [window for window in found if window] if all(found) else None


def transposed(operation: Operation) -> bool:
    """Tell whether an operation is a transposed convolution."""
    return isinstance(operation, Apply) and operation.layer.row.kind.transposed


def pooling(operation: Operation) -> bool:
    """Tell whether an operation is a pooling with windows."""
    return isinstance(operation, Apply) and operation.layer.row.kind.pools


def convolution(operation: Operation) -> bool:
    """Tell whether an operation is a convolution that is not transposed."""
    if not isinstance(operation, Apply):
        return False
    kind = operation.layer.row.kind
    return kind.slides and kind.weights is not None and not kind.transposed


def output_paddings(layer: Layer, axes: int) -> tuple[int, ...] | None:
    """The output_padding of a transposed layer, None where it has none."""
    found = layer.values(axes).get("output_padding")
    return None if found is None or None in found else tuple(found)


def paddings(layer: Layer, axes: int) -> tuple[tuple[int, int], ...] | None:
    """The padding at both ends of each axis, None where it is no number."""
    values = layer.values(axes)
    found = values.get("padding", values.get("pads"))
    if found is None or not all(isinstance(pair, tuple) for pair in found):
        return None
    return tuple(found)


def changed(layer: Layer, axes: int, **values: Any) -> Layer:
    """A layer with other hyperparameters, under PyTorch's names, one value per axis.

    Raises SolverError where its framework does not have or accept them.

    >>> from solver import Conv
    >>> changed(Conv(3, padding=1), 2, kernel_size=(3, 5))
    Conv((3, 5), padding=1)
    """
    names = _WORDS.get(layer.framework.name)
    if names is None:
        raise SolverError("layers of this framework are not changed", layer.framework.name)
    arguments = dict[str, Any]()
    if "kernel_size" in values and pooling(Apply(layer)):
        strides = tuple(window.stride for window in windows(Apply(layer), axes) or ())
        values = {"stride": strides, **values}
    for name, value in values.items():
        word = names.get(name, name)
        if layer.framework.name == "keras" and name == "kernel_size" and pooling(Apply(layer)):
            word = "pool_size"
        if not word:
            raise SolverError(f"{layer.name} has no {name}")
        if layer.framework.name == "onnx":
            arguments[word] = _onnx(name, value)
        elif layer.framework is OWN:
            arguments[word] = ours(name, value)
        elif isinstance(value, (bool, str)):
            arguments[word] = value
        else:
            arguments[word] = alike(_symmetric(value) if name == "padding" else value)
    made = layer.changed(**arguments)
    made.along(axes)
    return made


def ours(name: str, value: Any) -> Any:
    """A hyperparameter of all axes as our layers hold it: one value where axes are alike."""
    if isinstance(value, (bool, str)):
        return value
    if name == "padding":
        even = all(begin == end for begin, end in value)
        rows = [begin for begin, _ in value] if even else list(value)
        return (rows[0] if even else (rows[0],)) if len(set(rows)) == 1 else tuple(rows)
    return alike(value)


def _symmetric(ends: Sequence[Any]) -> Sequence[int]:
    if any(begin != end for begin, end in ends):
        raise SolverError("this layer pads alike at both ends")
    return [begin for begin, _ in ends]


def _onnx(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if name == "padding":
        return [begin for begin, _ in value] + [end for _, end in value]
    return list(value)
