"""Draw layers of PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from frameworks.draw import Draw

Drawn = tuple[dict[str, Any], list[int]]


def conv(draw: Draw, axes: int) -> Drawn:
    """Draw a convolution."""
    words = draw.chance(0.25)
    return {
        "kernel_size": draw.kernel(axes),
        "stride": draw.stride(axes),
        "padding": draw.one("valid", "same") if words else draw.padding(axes),
        "dilation": draw.dilation(axes),
        "padding_mode": draw.one("zeros", "zeros", "zeros", "reflect", "replicate", "circular"),
    }, draw.sizes(axes)


def conv_transpose(draw: Draw, axes: int) -> Drawn:
    """Draw a transposed convolution; an output_size is drawn near what is allowed."""
    p = {
        "kernel_size": draw.kernel(axes),
        "stride": draw.stride(axes),
        "padding": draw.padding(axes),
        "dilation": draw.dilation(axes),
        "output_padding": draw.numbers(axes, 0, 0, 0, 0, 0, 1, 2, 3, odd=(-1,)),
        "output_size": None,
    }
    sizes = draw.sizes(axes)
    if draw.chance(0.2):
        p["output_padding"] = [0] * axes
        p["output_size"] = draw.per_axis(
            lambda n, k, s, pad, d: (n - 1) * s - 2 * pad + d * (k - 1) + 1 + near(draw, s),
            sizes,
            *(p[name] for name in ("kernel_size", "stride", "padding", "dilation")),
        )
    return p, sizes


def near(draw: Draw, stride: int) -> int:
    """Return how far an asked size is from the smallest: mostly less than a stride."""
    return draw.between(-1, stride) if draw.chance(0.3) else draw.between(0, max(stride - 1, 0))


def max_pool(draw: Draw, axes: int) -> Drawn:
    """Draw a max pool."""
    p, sizes = avg_pool(draw, axes)
    ceil_mode = p.pop("ceil_mode")
    return p | {"dilation": draw.dilation(axes), "ceil_mode": ceil_mode}, sizes


def avg_pool(draw: Draw, axes: int) -> Drawn:
    """Draw an average pool; half the kernel is the most padding that is allowed."""
    kernel = draw.kernel(axes)
    allowed = [
        draw.one(0, k // 2, max(0, k // 2 - 1)) + draw.chance(0.05) for k in map(abs, kernel)
    ]
    return {
        "kernel_size": kernel,
        "stride": draw.stride(axes),
        "padding": [0] * axes if draw.chance(0.4) else allowed,
        "ceil_mode": draw.chance(0.5),
    }, draw.sizes(axes)


def lp_pool(draw: Draw, axes: int) -> Drawn:
    """Draw a power-average pool."""
    p, sizes = avg_pool(draw, axes)
    del p["padding"]
    return p, sizes


def adaptive(draw: Draw, axes: int) -> Drawn:
    """Draw an adaptive pool; None keeps a size."""
    asked = draw.numbers(axes, 1, 2, 3, 5, 7, 20, None, odd=(0, -1))
    cls = draw.one("AdaptiveAvgPool", "AdaptiveMaxPool")
    return {"output_size": asked, "cls": cls}, draw.sizes(axes)


def max_unpool(draw: Draw, axes: int) -> Drawn:
    """Draw max unpooling; an output_size is drawn within a stride, and just outside."""
    p = {
        "kernel_size": draw.kernel(axes),
        "stride": draw.stride(axes),
        "padding": draw.numbers(axes, 0, 0, 0, 1, odd=(-1, 2)),
        "output_size": None,
    }
    sizes = draw.sizes(axes)
    if draw.chance(0.45):
        p["output_size"] = draw.per_axis(
            lambda n, k, s, pad: (
                (n - 1) * s - 2 * pad + k + draw.between(-abs(s), abs(s)) * draw.chance(0.7)
            ),
            sizes,
            *(p[name] for name in ("kernel_size", "stride", "padding")),
        )
    return p, sizes


def unfold(draw: Draw, axes: int) -> Drawn:
    """Draw the cutting into patches."""
    return {
        "kernel_size": draw.kernel(2),
        "stride": draw.stride(2),
        "padding": draw.padding(2),
        "dilation": draw.dilation(2),
    }, draw.sizes(2)


def fold(draw: Draw, axes: int) -> Drawn:
    """Draw the laying back of patches: mostly as many as there must be."""
    p, asked = unfold(draw, axes)
    patches = 1
    for n, k, s, pad, d in zip(asked, *p.values(), strict=True):
        patches *= (n + 2 * pad - d * (k - 1) - 1) // s + 1 if s else 1
    if draw.chance(0.1):
        patches += draw.one(-1, 1)
    return {"output_size": asked} | p, [patches if patches > 0 else draw.between(1, 9)]


def interpolate(draw: Draw, axes: int) -> Drawn:
    """Draw resizing, to a size or by factors."""
    sizes = [draw.between(1, {1: 200, 2: 60, 3: 20}[axes]) for _ in range(axes)]
    if draw.chance(0.15):
        return {"size": draw.numbers(axes, *range(10)), "mode": "nearest"}, sizes
    p = {"scale_factor": draw.scales(axes), "mode": "nearest"}
    return p | ({"recompute_scale_factor": True} if draw.chance(0.25) else {}), sizes


def pad(draw: Draw, axes: int) -> Drawn:
    """Draw padding, the last axis first."""
    pads = [draw.one(-3, -2, -1, 0, 0, 0, 1, 2, 3, 4, 5) for _ in range(2 * axes)]
    if draw.chance(0.5):
        pads = [max(0, at) for at in pads]
    mode = draw.one("constant", "reflect", "replicate", "circular")
    return {"pads": pads, "mode": mode}, draw.sizes(axes)


def shuffle(draw: Draw, axes: int) -> Drawn:
    """Draw a pixel shuffle: batch, channels, height, width."""
    r = draw.one(1, 2, 3, 4)
    channels = draw.between(1, 3) * r * r if draw.chance(0.75) else draw.between(1, 20)
    return {"r": r}, [1, channels, draw.between(1, 9), draw.between(1, 9)]


def unshuffle(draw: Draw, axes: int) -> Drawn:
    """Draw a pixel unshuffle: batch, channels, height, width."""
    r = draw.one(1, 2, 3, 4)
    channels, *sizes = [draw.between(1, 8) for _ in range(3)]
    return {"r": r}, [1, channels, *(n if draw.chance(0.25) else n * r for n in sizes)]


PER_AXES: dict[str, Callable[[Draw, int], Drawn]] = {
    "AdaptivePool": adaptive,
    "AvgPool": avg_pool,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "LPPool": lp_pool,
    "MaxPool": max_pool,
    "MaxUnpool": max_unpool,
    "interpolate": interpolate,
    "pad": pad,
}
ALONE = {"Fold": fold, "Unfold": unfold, "PixelShuffle": shuffle, "PixelUnshuffle": unshuffle}
#: What draws each operation, and its number of axes.
OPERATIONS = {
    f"{name}{axes}d": (make, axes) for name, make in PER_AXES.items() for axes in (1, 2, 3)
} | {name: (make, 2) for name, make in ALONE.items()}
