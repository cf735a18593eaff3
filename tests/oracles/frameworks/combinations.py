"""Draw fresh rows of every operation of every framework, the same ones from the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from frameworks import combine_keras, combine_onnx, combine_paddle, combine_torch, combine_xla
from frameworks.draw import Draw

Row = dict[str, Any]

#: What draws each operation, and its number of axes; nodes of ONNX are drawn whole.
OPERATIONS: dict[str, dict[str, Any]] = {
    "torch": combine_torch.OPERATIONS,
    "jax": combine_xla.JAX,
    "flax": combine_xla.FLAX,
    "keras-jax": combine_keras.KERAS,
    "keras-tensorflow": combine_keras.KERAS,
    "tf": combine_keras.TF,
    "paddle": combine_paddle.OPERATIONS,
    "onnx": combine_onnx.OPSETS,
}
#: How often a kernel of zero or a negative stride is drawn. Tracing, graphs and shape inference
#: calculate with those and refuse nothing, so only what runs or checks them is asked.
ODD = {"torch": 0.01, "keras-jax": 0.01, "keras-tensorflow": 0.01}


def rows(fw: str, count: int, seed: int) -> Iterator[Row]:
    """Yield `count` rows of a framework, its operations in turn."""
    draw = Draw((seed, fw), ODD.get(fw, 0.0))
    operations = list(OPERATIONS[fw])
    for number in range(count):
        yield row(draw, fw, operations[number % len(operations)])


def row(draw: Draw, fw: str, op: str) -> Row:
    """Draw one row: the framework, the operation, its parameters and the input sizes."""
    if fw == "onnx":
        return {"fw": fw} | combine_onnx.node(draw, op)
    make, axes = OPERATIONS[fw][op]
    p, sizes = make(draw, axes)
    return {"fw": fw, "op": op, "p": p, "in": sizes}
