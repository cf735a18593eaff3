"""ONNX models as lines of text and back: nodes, and of their weights the shapes and few numbers."""

from __future__ import annotations

from typing import Any

import onnx
from onnx import helper, numpy_helper

#: The most elements of a weight that are kept; the type of floats.
_KEPT, _FLOAT = 16, 1


def _unpooled(axes: int) -> list[Any]:
    window = {"kernel_shape": [2] * axes, "strides": [2] * axes}
    pool = ["MaxPool", ["x"], ["p", "i"], window]
    return [pool, ["MaxUnpool", ["p", "i"], ["y"], window]]


def _whole(*values: int) -> list[Any]:
    return [[len(values)], 7, list(values)]


_CHANNELS = {"s": [[4], _FLOAT, None], "b": [[4], _FLOAT, None]}
_NORM = [["InstanceNormalization", ["x", "s", "b"], ["y"], {}]]

#: What ONNX has an operator for and PyTorch does not export: nodes, weights, by title.
BY_HAND: dict[str, tuple[list[Any], dict[str, Any]]] = {
    **{f"torch MaxUnpool{axes}d(2)": (_unpooled(axes), {}) for axes in (1, 2, 3)},
    **{f"torch LazyInstanceNorm{axes}d()": (_NORM, _CHANNELS) for axes in (1, 2, 3)},
    "torch LocalResponseNorm(2)": ([["LRN", ["x"], ["y"], {"size": 2}]], {}),
    "torch CrossMapLRN2d(3)": ([["LRN", ["x"], ["y"], {"size": 3}]], {}),
    "torch RMSNorm((8, 8))": (
        [["RMSNormalization", ["x", "s"], ["y"], {"axis": 2}]],
        {"s": [[8, 8], _FLOAT, None]},
    ),
    "torch Threshold(0.1, 20)": (
        [["Greater", ["x", "t"], ["g"], {}], ["Where", ["g", "x", "v"], ["y"], {}]],
        {"t": [[], _FLOAT, [0.1]], "v": [[], _FLOAT, [20.0]]},
    ),
    "torch Fold((4, 5), 2)": (
        [["Col2Im", ["x", "to", "k"], ["y"], {}]],
        {"to": _whole(4, 5), "k": _whole(2, 2)},
    ),
    "torch Fold((6, 4), 2, stride=2, padding=1, dilation=2)": (
        [
            [
                "Col2Im",
                ["x", "to", "k"],
                ["y"],
                {"strides": [2, 2], "pads": [1, 1, 1, 1], "dilations": [2, 2]},
            ]
        ],
        {"to": _whole(6, 4), "k": _whole(2, 2)},
    ),
}


def by_hand(title: str, channels: int, axes: int) -> dict[str, Any]:
    """Return a model that is written here."""
    nodes, weights = BY_HAND[title]
    shape = [1, channels, *{1: "n", 2: "hw", 3: "dhw"}[axes]]
    return {"input": shape, "weights": weights, "nodes": nodes, "output": "y"}


def packed(model: Any) -> dict[str, Any]:
    """Return a model with one input and one output as what JSON takes.

    Raises ValueError for one with graphs inside, or operators that are not of ONNX.
    """
    graph = model.graph
    if any(node.domain for node in graph.node):
        raise ValueError("operators of others")
    return {
        "input": [_size(dim) for dim in graph.input[0].type.tensor_type.shape.dim],
        "weights": {each.name: _tensor(each) for each in graph.initializer},
        "nodes": [
            [
                node.op_type,
                list(node.input),
                list(node.output),
                dict(map(_attribute, node.attribute)),
            ]
            for node in graph.node
        ],
        "output": graph.output[0].name,
    }


def unpacked(lines: dict[str, Any]) -> bytes:
    """Return the model as a file has it."""
    given = helper.make_tensor_value_info("x", _FLOAT, lines["input"])
    found = helper.make_tensor_value_info(lines["output"], _FLOAT, None)
    weights = [_made(name, *each) for name, each in lines["weights"].items()]
    nodes = []
    for op, inputs, outputs, attributes in lines["nodes"]:
        words = {
            name: _made("", *value["tensor"]) if isinstance(value, dict) else value
            for name, value in attributes.items()
        }
        nodes.append(helper.make_node(op, inputs, outputs, **words))
    graph = helper.make_graph(nodes, "g", [given], [found], weights)
    opset = [helper.make_opsetid("", 17)]
    data: bytes = helper.make_model(graph, opset_imports=opset).SerializeToString()
    return data


def _size(dim: Any) -> Any:
    return dim.dim_param or dim.dim_value


def _attribute(given: Any) -> tuple[str, Any]:
    value = helper.get_attribute_value(given)
    if isinstance(value, onnx.TensorProto):
        return given.name, {"tensor": _tensor(value)}
    if isinstance(value, onnx.GraphProto):
        raise ValueError("a graph inside")
    return given.name, _words(value)


def _words(value: Any) -> Any:
    if isinstance(value, list):
        return list(map(_words, value))
    return value.decode() if isinstance(value, bytes) else value


def _tensor(tensor: Any) -> list[Any]:
    values = numpy_helper.to_array(tensor).ravel().tolist()
    return [list(tensor.dims), tensor.data_type, values if len(values) <= _KEPT else None]


def _made(name: str, dims: Any, kind: int, values: Any) -> Any:
    if values is None:
        return onnx.TensorProto(name=name, dims=dims, data_type=kind)
    return helper.make_tensor(name, kind, dims, values)
