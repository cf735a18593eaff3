"""Draw layers of Keras and operations of tf.nn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from frameworks.draw import Draw

Drawn = tuple[dict[str, Any], list[int]]


def step(draw: Draw, axes: int) -> tuple[list[int], list[int]]:
    """Return a stride and a dilation; Keras wants one of them to be 1, so mostly one is."""
    strides, dilation = draw.stride(axes), draw.dilation(axes)
    if draw.chance(0.85):
        return (strides, [1] * axes) if draw.chance(0.5) else ([1] * axes, dilation)
    return strides, dilation


def conv(draw: Draw, axes: int) -> Drawn:
    """Draw a convolution; causal is refused but for one axis."""
    strides, dilation = step(draw, axes)
    causal = draw.chance(0.3 if axes == 1 else 0.02)
    return {
        "kernel_size": draw.kernel(axes),
        "strides": strides,
        "padding": "causal" if causal else draw.one("valid", "same"),
        "dilation_rate": dilation,
    }, draw.sizes(axes)


def depthwise(draw: Draw, axes: int) -> Drawn:
    """Draw a depthwise convolution, which wants the same stride on every axis."""
    p, sizes = conv(draw, axes)
    p["strides"] = [draw.stride(1)[0]] * axes
    p["padding"] = draw.one("valid", "same")
    if draw.chance(0.2):
        p["dilation_rate"] = draw.dilation(axes)
    return p, sizes


def conv_transpose(draw: Draw, axes: int) -> Drawn:
    """Draw a transposed convolution; output_padding must be smaller than the stride."""
    strides, dilation = step(draw, axes)
    added = None
    if draw.chance(0.45):
        added = [draw.between(0, max(s - 1, 0)) + draw.chance(0.03) for s in strides]
    return {
        "kernel_size": draw.kernel(axes),
        "strides": strides,
        "padding": draw.one("valid", "same"),
        "dilation_rate": dilation,
        "output_padding": added,
    }, draw.sizes(axes)


def pool(draw: Draw, axes: int) -> Drawn:
    """Draw a pool."""
    return {
        "pool_size": draw.kernel(axes),
        "strides": None if draw.chance(0.2) else draw.stride(axes),
        "padding": draw.one("valid", "same"),
    }, draw.sizes(axes)


def tf_pads(draw: Draw) -> Any:
    """Return a padding of tf.nn, in a word or explicit."""
    return draw.one("SAME", "VALID") if draw.chance(0.7) else draw.pairs(2, 0, 0, 1, 1, 2, 3)


def tf_conv(draw: Draw, axes: int) -> Drawn:
    """Draw a convolution of tf.nn."""
    return {
        "kernel": draw.kernel(axes),
        "strides": draw.stride(axes),
        "padding": tf_pads(draw),
        "dilations": draw.dilation(axes),
    }, draw.sizes(axes)


def tf_pool(draw: Draw, axes: int) -> Drawn:
    """Draw a max pool of tf.nn."""
    p, sizes = tf_conv(draw, axes)
    del p["dilations"]
    return p, sizes


PER_AXES: dict[str, tuple[Callable[[Draw, int], Drawn], tuple[int, ...]]] = {
    "AveragePooling": (pool, (1, 2, 3)),
    "Conv": (conv, (1, 2, 3)),
    "ConvTranspose": (conv_transpose, (1, 2, 3)),
    "DepthwiseConv": (depthwise, (1, 2)),
    "MaxPooling": (pool, (1, 2, 3)),
}
#: What draws each operation, and its number of axes.
KERAS = {
    f"{name}{axes}D": (make, axes) for name, (make, every) in PER_AXES.items() for axes in every
}
TF = {"tf.nn.conv2d": (tf_conv, 2), "tf.nn.max_pool2d": (tf_pool, 2)}
