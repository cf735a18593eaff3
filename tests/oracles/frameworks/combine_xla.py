"""Draw operations of jax.lax and layers of Flax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from frameworks.draw import ENDS, Draw

Drawn = tuple[dict[str, Any], list[int]]

EMPTY = 0.15  # size zero is legal here, so it is drawn more often


def pads(draw: Draw, axes: int, *words: str) -> Any:
    """Return a padding in words, or a pair per axis."""
    if draw.chance(0.55):
        return draw.one(*words)
    return draw.pairs(axes, *ENDS)


def conv(draw: Draw, axes: int) -> Drawn:
    """Draw a convolution; string padding with a dilated input is refused, so that is rare."""
    return {
        "kernel": draw.kernel(axes),
        "window_strides": draw.stride(axes),
        "padding": pads(draw, axes, "SAME", "VALID", "SAME_LOWER"),
        "lhs_dilation": draw.rarely_dilation(axes),
        "rhs_dilation": draw.dilation(axes),
    }, draw.sizes(axes, EMPTY)


def conv_transpose(draw: Draw, axes: int) -> Drawn:
    """Draw a transposed convolution."""
    return {
        "kernel": draw.kernel(axes),
        "strides": draw.stride(axes),
        "padding": pads(draw, axes, "SAME", "VALID"),
        "rhs_dilation": draw.dilation(axes),
        "use_consistent_padding": draw.chance(0.5),
    }, draw.sizes(axes, EMPTY)


def reduce_window(draw: Draw, axes: int) -> Drawn:
    """Draw a reduction over windows."""
    return {
        "window_dimensions": draw.kernel(axes),
        "window_strides": draw.stride(axes),
        "padding": pads(draw, axes, "SAME", "VALID", "SAME_LOWER"),
        "base_dilation": draw.rarely_dilation(axes),
        "window_dilation": draw.dilation(axes),
    }, draw.sizes(axes, EMPTY)


def flax_pads(draw: Draw, axes: int, *words: str) -> Any:
    """Return a padding as Flax takes it, which may be one number for all."""
    if draw.chance(0.2):
        return draw.one(0, 1, 2, 3)
    return pads(draw, axes, *words)


def flax_conv(draw: Draw, axes: int) -> Drawn:
    """Draw a convolution of Flax; CAUSAL is refused but for one axis."""
    words = ("SAME", "VALID", "CIRCULAR", "REFLECT", "CAUSAL")
    return {
        "kernel_size": draw.kernel(axes),
        "strides": draw.stride(axes),
        "padding": flax_pads(draw, axes, *words),
        "kernel_dilation": draw.dilation(axes),
        "input_dilation": draw.rarely_dilation(axes),
    }, draw.sizes(axes)


def flax_conv_transpose(draw: Draw, axes: int) -> Drawn:
    """Draw a transposed convolution of Flax."""
    return {
        "kernel_size": draw.kernel(axes),
        "strides": draw.stride(axes),
        "padding": flax_pads(draw, axes, "SAME", "VALID", "CIRCULAR"),
        "kernel_dilation": draw.dilation(axes),
    }, draw.sizes(axes)


def flax_pool(draw: Draw, axes: int) -> Drawn:
    """Draw a pool of Flax."""
    return {
        "window_shape": draw.kernel(axes),
        "strides": None if draw.chance(0.2) else draw.stride(axes),
        "padding": pads(draw, axes, "SAME", "VALID"),
        "kind": draw.one("max_pool", "avg_pool"),
    }, draw.sizes(axes)


Make = Callable[[Draw, int], Drawn]


def per_axes(**makes: Make) -> dict[str, tuple[Make, int]]:
    """Return what draws each operation, and its number of axes."""
    named = {name.replace("__", "."): make for name, make in makes.items()}
    return {f"{name}.{axes}d": (make, axes) for name, make in named.items() for axes in (1, 2, 3)}


JAX = per_axes(
    jax__lax__conv_general_dilated=conv,
    jax__lax__conv_transpose=conv_transpose,
    jax__lax__reduce_window=reduce_window,
)
FLAX = per_axes(
    flax__linen__Conv=flax_conv,
    flax__linen__ConvTranspose=flax_conv_transpose,
    flax__linen__pool=flax_pool,
    flax__nnx__Conv=flax_conv,
    flax__nnx__ConvTranspose=flax_conv_transpose,
)
