"""Ask the three judges of ONNX: onnxruntime, shape inference and the reference evaluator."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

Row = dict[str, Any]

onnxruntime.set_default_logger_severity(4)
warnings.filterwarnings("ignore")

IR_VERSION = 10  # every runtime of these opsets reads it
FLOAT = TensorProto.FLOAT


def run(row: Row, real: bool = False) -> Row:
    """Return the sizes that onnxruntime gives, or its refusal, and what the two others say."""
    model = build(row)
    image = np.zeros((1, 1, *row["in"]), dtype=np.float32)
    found = attempted(lambda: executed(model, image))
    found["si"] = attempted(lambda: inferred(model))["out"]
    found["ref"] = attempted(lambda: evaluated(model, image))["out"]
    return found


def attempted(sizes: Callable[[], list[int]]) -> Row:
    """Return the sizes behind batch and channel, or the refusal."""
    # Every runtime has exceptions of its own, and the evaluator raises whatever NumPy raises.
    try:
        return {"out": sizes()[2:]}
    except Exception as error:
        return {"out": None, "err": f"{type(error).__name__}: {error}"}


def build(row: Row) -> onnx.ModelProto:
    """Return a model of the one operator; weights and scales are constants in it."""
    attributes = dict(row["p"])
    scales = attributes.pop("_scales", None)
    inputs, constants = ["x"], []
    if row["op"] in ("Conv", "ConvTranspose"):
        inputs.append("w")
        weights = np.zeros((1, 1, *row["kernel"]), dtype=np.float32)
        constants.append(numpy_helper.from_array(weights, "w"))
    if scales is not None:
        inputs += ["", "scales"]
        factors = np.array([1, 1, *scales], dtype=np.float32)
        constants.append(numpy_helper.from_array(factors, "scales"))
    node = helper.make_node(row["op"], inputs, ["y"], **attributes)
    x = helper.make_tensor_value_info("x", FLOAT, [1, 1, *row["in"]])
    y = helper.make_tensor_value_info("y", FLOAT, None)
    graph = helper.make_graph([node], "one", [x], [y], constants)
    opset = helper.make_opsetid("", row["opset"])
    return helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)


def executed(model: onnx.ModelProto, image: np.ndarray) -> list[int]:
    """Return the shape that onnxruntime gives."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return list(session.run(None, {"x": image})[0].shape)


def inferred(model: onnx.ModelProto) -> list[int]:
    """Return the shape that shape inference writes down."""
    value = onnx.shape_inference.infer_shapes(model).graph.output[0].type.tensor_type
    if not value.HasField("shape"):
        raise ValueError("shape inference says nothing")
    return [dim.dim_value for dim in value.shape.dim]


def evaluated(model: onnx.ModelProto, image: np.ndarray) -> list[int]:
    """Return the shape that the reference evaluator gives."""
    return list(ReferenceEvaluator(model).run(None, {"x": image})[0].shape)
