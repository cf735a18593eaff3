"""Draw layers of Paddle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from frameworks.combine_torch import near, shuffle, unshuffle
from frameworks.draw import Draw

Drawn = tuple[dict[str, Any], list[int]]


def padding(draw: Draw, axes: int, most: int = 4) -> Any:
    """Return a padding in one of the spellings: a number, per axis, per end, or a word."""
    how = draw.between(0, 5)
    if how == 0:
        return draw.one("SAME", "VALID", "same", "valid")
    if how == 1:
        return [draw.between(0, most) for _ in range(2 * axes)]
    if how == 2:
        return draw.between(0, most)
    return [draw.between(0, most) for _ in range(axes)]


def conv(draw: Draw, axes: int) -> Drawn:
    """Draw a convolution; padding that repeats the input is one number."""
    mode = draw.one("zeros", "zeros", "zeros", "zeros", "reflect", "replicate", "circular")
    return {
        "kernel_size": draw.kernel(axes),
        "stride": draw.stride(axes),
        "padding": padding(draw, axes) if mode == "zeros" else draw.between(0, 4),
        "dilation": draw.dilation(axes),
        "padding_mode": mode,
    }, draw.sizes(axes, empty=0)


def conv_transpose(draw: Draw, axes: int) -> Drawn:
    """Draw a transposed convolution; an output_size is drawn near what is allowed."""
    kernel, stride, dilation = draw.kernel(axes), draw.stride(axes), draw.dilation(axes)
    p = {
        "kernel_size": kernel,
        "stride": stride,
        "padding": padding(draw, axes, 2),
        "dilation": dilation,
        "output_padding": draw.numbers(axes, 0, 0, 0, 0, 0, 1, 2),
        "output_size": None,
    }
    sizes = draw.sizes(axes, empty=0)
    if draw.chance(0.2):
        p |= {"output_padding": 0, "padding": draw.between(0, 2)}
        p["output_size"] = draw.per_axis(
            lambda n, k, s, d: (n - 1) * s - 2 * p["padding"] + d * (k - 1) + 1 + near(draw, s),
            sizes,
            kernel,
            stride,
            dilation,
        )
    return p, sizes


def pool(draw: Draw, axes: int) -> Drawn:
    """Draw a pool; any padding goes."""
    return {
        "kernel_size": draw.kernel(axes),
        "stride": None if draw.chance(0.1) else draw.stride(axes),
        "padding": 0 if draw.chance(0.3) else padding(draw, axes, 3),
        "ceil_mode": draw.chance(0.5),
    }, draw.sizes(axes, empty=0)


def adaptive(draw: Draw, axes: int) -> Drawn:
    """Draw an adaptive pool; None keeps a size."""
    asked = draw.numbers(axes, 1, 2, 3, 5, 7, 20, None)
    return {"output_size": asked[0] if axes == 1 else asked}, draw.sizes(axes, empty=0)


def unpool(draw: Draw, axes: int) -> Drawn:
    """Draw max unpooling."""
    return {
        "kernel_size": draw.kernel(axes),
        "stride": draw.stride(axes),
        "padding": draw.numbers(axes, 0, 0, 0, 1),
    }, draw.sizes(axes, empty=0)


def upsample(draw: Draw, axes: int) -> Drawn:
    """Draw resizing, to a size or by factors."""
    mode = draw.one("nearest", *(("linear",), ("bilinear", "bicubic"), ("trilinear",))[axes - 1])
    sizes = [draw.between(1, {1: 200, 2: 60, 3: 20}[axes]) for _ in range(axes)]
    if draw.chance(0.15):
        return {"size": draw.numbers(axes, *range(1, 10)), "mode": mode}, sizes
    return {"scale_factor": draw.scales(axes), "mode": mode}, sizes


def pad(draw: Draw, axes: int) -> Drawn:
    """Draw padding, the last axis first."""
    pads = [draw.one(-3, -2, -1, 0, 0, 0, 1, 2, 3, 4, 5) for _ in range(2 * axes)]
    if draw.chance(0.5):
        pads = [max(0, at) for at in pads]
    given = draw.between(0, 4) if draw.chance(0.2) else pads
    mode = draw.one("constant", "reflect", "replicate", "circular")
    return {"padding": given, "mode": mode}, draw.sizes(axes, empty=0)


def _cut(draw: Draw, axes: int) -> Drawn:
    p, sizes = unshuffle(draw, axes)
    return {"downscale_factor": p["r"]}, sizes


def _spread(draw: Draw, axes: int) -> Drawn:
    p, sizes = shuffle(draw, axes)
    return {"upscale_factor": p["r"]}, sizes


PER_AXES: dict[str, Callable[[Draw, int], Drawn]] = {
    "Conv{}D": conv,
    "Conv{}DTranspose": conv_transpose,
    "MaxPool{}D": pool,
    "AvgPool{}D": pool,
    "AdaptiveAvgPool{}D": adaptive,
    "AdaptiveMaxPool{}D": adaptive,
    "MaxUnPool{}D": unpool,
    "Pad{}D": pad,
}
#: What draws each operation, and its number of axes.
OPERATIONS = {
    name.format(axes): (make, axes) for name, make in PER_AXES.items() for axes in (1, 2, 3)
} | {
    "LPPool1D": (pool, 1),
    "LPPool2D": (pool, 2),
    "Upsample": (upsample, 2),
    "PixelShuffle": (_spread, 2),
    "PixelUnshuffle": (_cut, 2),
}
