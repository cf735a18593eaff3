"""What other frameworks do not accept of what PyTorch does; everything else they can express.

A test compares this table with what each framework's own rules refuse.
"""

from __future__ import annotations

from solver.errors import SolverError
from solver.ground.named import NamedTuple


class Widest(NamedTuple):
    """Hold how wide a pooling's own padding p may be: factor*p + less <= kernel_size.

    ends: whether that is asked of each end too where the two are given apart; PyTorch pads those by
    a layer of its own, which may be as wide as one likes.
    """

    factor: int
    less: int
    ends: bool
    words: str

    def most(self, kernel_size: int) -> int:
        """The widest padding."""
        return (kernel_size - self.less) // self.factor

    def least(self, padding: int) -> int:
        """The smallest kernel_size."""
        return self.factor * padding + self.less


class Limits(NamedTuple):
    """Hold what a framework accepts of one layer.

    dilated_strides: a stride above 1 together with a dilation above 1, on any axes.
    dilated_pooling: a pooling with a dilation above 1. rule: what it says of the first.
    widest: the widest own padding of a pooling; None where a layer before it pads, or any goes.
    inside: whether an average in three axes wants its kernel inside the unpadded input.
    """

    dilated_strides: bool = True
    dilated_pooling: bool = True
    rule: str = ""
    widest: Widest | None = Widest(2, 0, False, "at most half of kernel_size")
    inside: bool = True


LIMITS = {
    "torch": Limits(),
    "keras": Limits(
        False,
        False,
        "strides > 1 not supported in conjunction with dilation_rate > 1",
        None,
        False,
    ),
    "jax": Limits(widest=None, inside=False),
    "flax": Limits(dilated_pooling=False, widest=None, inside=False),
    "paddle": Limits(dilated_pooling=False, widest=None, inside=False),
    "onnx": Limits(widest=Widest(1, 1, True, "smaller than kernel_size"), inside=False),
}


def limits(framework: str) -> Limits:
    """What a framework accepts.

    >>> limits("keras").dilated_strides
    False
    >>> limits("mxnet")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: answers can be written for some frameworks
      received: mxnet
      right:    torch, keras, jax, flax, paddle, onnx
    """
    if framework not in LIMITS:
        rule = "answers can be written for some frameworks"
        raise SolverError(rule, framework, ", ".join(LIMITS))
    return LIMITS[framework]
