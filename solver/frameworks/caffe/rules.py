"""The rules of Caffe's pooling: windows are counted up, and clipped only where there is padding."""

from __future__ import annotations

from functools import partial

from solver.errors import SolverError
from solver.frameworks.paddle.rules import counted_up
from solver.layers.arguments import positive
from solver.layers.rule import AxisRule, strict
from solver.layers.window import Window

_positive = partial(positive, "{} must be positive")

_MISFIT = "a window must come out: input + 2*pad + stride > kernel_size"


def pool(kernel_size: int, stride: int, pad: tuple[int, bool], round_mode: str) -> AxisRule:
    """Say what Pooling does along one axis: ceil((n + 2p - k)/s) + 1, clipped where padded.

    pad: that of the axis, and whether any axis has some. Then the last window starts inside the
    input or the padding in front; without padding it may start behind the input, and read nothing.
    Source: the Reshape of Caffe's pooling layer, which divides in single precision, so that this
    holds below 2**24.

    >>> unpadded, clipped = pool(1, 3, (0, False), "CEIL"), pool(1, 3, (0, True), "CEIL")
    >>> unpadded.size(5), clipped.size(5), pool(1, 3, (0, False), "FLOOR").size(5)
    (3, 2, 2)
    """
    width, clips = pad
    _positive(kernel_size=kernel_size, stride=stride)
    if not 0 <= width < kernel_size:
        raise SolverError(
            "pad must be smaller than kernel_size",
            f"pad {width}, kernel_size {kernel_size}",
            f"pad at most {kernel_size - 1}",
        )
    window = Window(kernel_size, stride, width, width)
    if round_mode == "FLOOR":
        return strict(window, "the kernel must fit: input + 2*pad >= kernel_size")
    up = window.counted_up if clips else counted_up(window)
    return strict(up, _MISFIT).replaced(window=window)
