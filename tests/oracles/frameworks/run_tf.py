"""Run an operation of tf.nn: as a graph, which announces its sizes, and for real."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

Row = dict[str, Any]


def run(row: Row, real: bool = False) -> Row:
    """Return the sizes that come out, or the refusal; with `real`, what a run gives too."""
    found = attempted(lambda: announced(row))
    if real:
        found["run"] = attempted(lambda: call(row, tf.zeros([1, *row["in"], 1])))["out"]
    return found


def attempted(sizes: Callable[[], Any]) -> Row:
    """Return the sizes of a tensor, or the refusal."""
    try:
        return {"out": [int(size) for size in sizes().shape[1:-1]]}
    except Exception as error:
        return {"out": None, "err": f"{type(error).__name__}: {error}"}


def announced(row: Row) -> Any:
    """Return a tensor of a graph, whose shape is known before it runs."""
    with tf.Graph().as_default():
        return call(row, tf.zeros([1, *row["in"], 1]))


def call(row: Row, image: Any) -> Any:
    """Call the operation in NHWC, with one channel."""
    p = dict(row["p"])
    kernel = p.pop("kernel")
    if not isinstance(p["padding"], str):
        p["padding"] = [[0, 0], *p["padding"], [0, 0]]
    if row["op"] == "tf.nn.conv2d":
        return tf.nn.conv2d(image, tf.zeros([*kernel, 1, 1]), **p)
    return tf.nn.max_pool2d(image, kernel, **p)
