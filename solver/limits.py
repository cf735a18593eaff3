"""What other frameworks do not accept of what PyTorch does; everything else they can express.

A test compares this table with what each framework's own rules refuse.
"""

from __future__ import annotations

from typing import NamedTuple

from solver.errors import SolverError


class Limits(NamedTuple):
    """Hold what a framework accepts of one layer.

    dilated_strides: a stride above 1 together with a dilation above 1, on any axes.
    dilated_pooling: a pooling with a dilation above 1. rule: what it says of the first.
    """

    dilated_strides: bool = True
    dilated_pooling: bool = True
    rule: str = ""


LIMITS = {
    "torch": Limits(),
    "keras": Limits(
        False, False, "strides > 1 not supported in conjunction with dilation_rate > 1"
    ),
    "jax": Limits(),
    "flax": Limits(True, False),
    "onnx": Limits(),
}


def limits(framework: str) -> Limits:
    """Return what a framework accepts.

    >>> limits("keras").dilated_strides
    False
    >>> limits("caffe")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: answers can be written for some frameworks
      received: caffe
      right:    torch, keras, jax, flax, onnx
    """
    if framework not in LIMITS:
        rule = "answers can be written for some frameworks"
        raise SolverError(rule, framework, ", ".join(LIMITS))
    return LIMITS[framework]
