"""Run a layer of Keras, whose backend the environment chose: symbolically, and for real."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

Row = dict[str, Any]


def run(row: Row, real: bool = False) -> Row:
    """Return the sizes that Keras announces, or the refusal; with `real`, what a run gives too."""
    sizes = (1, *row["in"], 1)
    found = called(row, keras.KerasTensor(sizes, dtype="float32"))
    if real:
        found["run"] = called(row, np.zeros(sizes, dtype="float32"))["out"]
    return found


def called(row: Row, image: Any) -> Row:
    """Return the sizes that come out of a fresh layer, or the refusal."""
    # An abort of TensorFlow comes as an exception of its own, so none is excluded here.
    try:
        return {"out": [int(size) for size in layer(row)(image).shape[1:-1]]}
    except Exception as error:
        return {"out": None, "err": f"{type(error).__name__}: {error}"}


def layer(row: Row) -> keras.layers.Layer:
    """Make the layer, with one channel."""
    p = {key: tuple(v) if isinstance(v, list) else v for key, v in row["p"].items()}
    name = row["op"]
    if name.startswith("ConvTranspose"):
        name = f"Conv{name[-2:]}Transpose"
    if name.startswith("Conv"):
        p |= {"filters": 1, "kernel_initializer": "zeros"}  # random weights take far longer
    elif name.startswith("Depthwise"):
        p["depthwise_initializer"] = "zeros"
    return getattr(keras.layers, name)(**p)
