"""The rules of JAX and Flax: a kernel that does not fit gives size zero, not an error."""

from __future__ import annotations

from functools import partial
from typing import Any

from solver.errors import SolverError
from solver.layers.arguments import positive
from solver.layers.row import Values
from solver.layers.rule import AxisRule, lenient, padded
from solver.layers.window import LOWER, UPPER, Window
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet

_positive = partial(positive, "{} must be positive")

_NEGATIVE = "negative padding is larger than the size of the input"
_WORDS = {"SAME": UPPER, "SAME_LOWER": LOWER, "VALID": (0, 0)}


def conv(
    kernel_shape: int, window_strides: int, padding: Any, lhs_dilation: int, rhs_dilation: int
) -> AxisRule:
    """Say what lax.conv_general_dilated does along one axis."""
    _positive(window_strides=window_strides, lhs_dilation=lhs_dilation, rhs_dilation=rhs_dilation)
    _positive(kernel_shape=kernel_shape)
    pads = _WORDS.get(padding, padding)
    window = Window(kernel_shape, window_strides, 0, 0, rhs_dilation, lhs_dilation)
    return lenient(window.padded(pads), _NEGATIVE)


def _kept(found: Values) -> list[tuple[int, int]]:
    """The padding that keeps the size at stride 1, in pairs; they are always accepted."""
    kernels = found.get("kernel_shape") or found["kernel_size"]
    dilations = found.get("rhs_dilation") or found["kernel_dilation"]
    reach = [d * (k - 1) for k, d in zip(kernels, dilations, strict=True)]
    return [(total // 2, total - total // 2) for total in reach]


def no_words_when_dilated(found: Values) -> None:
    """Refuse padding in words together with dilation of the input, on any axis."""
    if isinstance(found["padding"][0], str) and max(found["lhs_dilation"]) > 1:
        pairs = _kept(found)
        raise SolverError(
            "string padding is not implemented for transposed convolution",
            received=f"padding {found['padding'][0]!r}, lhs_dilation {max(found['lhs_dilation'])}",
            right=f"padding={pairs}",
        )


def transposed_pads(span: int, stride: int, padding: Any) -> tuple[int, int]:
    """The padding of the window of stride 1 that lax.conv_transpose slides."""
    if padding == "SAME":
        total = span + stride - 2
        begin = span - 1 if stride > span - 1 else -(-total // 2)
        return begin, total - begin
    if padding == "SAME_LOWER":  # at stride 1 only
        return span // 2, span - 1 - span // 2
    if padding == "VALID":
        total = span + stride - 2 + max(span - stride, 0)
        return span - 1, total - span + 1
    return int(padding[0]), int(padding[1])


def words_by_stride(found: Values) -> None:
    """Refuse padding in other words than SAME and VALID where inputs are put apart, on any axis."""
    words = found["padding"][0]
    if words == "SAME_LOWER" and max(found["strides"]) > 1:
        rule = "string padding is not implemented for transposed convolution"
        raise SolverError(rule, f"padding {words!r}, strides {max(found['strides'])}", "'SAME'")


def conv_transpose(
    kernel_shape: int, strides: int, padding: Any, rhs_dilation: int, use_consistent_padding: bool
) -> AxisRule:
    """Say what lax.conv_transpose does along one axis."""
    _positive(strides=strides, rhs_dilation=rhs_dilation)
    _positive(kernel_shape=kernel_shape)
    span = rhs_dilation * (kernel_shape - 1) + 1
    begin, end = transposed_pads(span, strides, padding)
    if use_consistent_padding and not isinstance(padding, str):
        begin, end = span - 1 - begin, span - 1 - end
    return lenient(Window(kernel_shape, 1, begin, end, rhs_dilation, strides), _NEGATIVE)


def reduce_window(
    window_dimensions: int,
    window_strides: int,
    padding: Any,
    base_dilation: int,
    window_dilation: int,
) -> AxisRule:
    """Say what lax.reduce_window does along one axis."""
    _positive(
        window_dimensions=window_dimensions,
        window_strides=window_strides,
        base_dilation=base_dilation,
        window_dilation=window_dilation,
    )
    pads = _WORDS.get(padding, padding)
    window = Window(window_dimensions, window_strides, 0, 0, window_dilation, base_dilation)
    return lenient(window.padded(pads), _NEGATIVE, clamped=True)


def flax_conv(
    kernel_size: int, strides: int, padding: Any, input_dilation: int, kernel_dilation: int
) -> AxisRule:
    """Say what flax's Conv does along one axis."""
    span = kernel_dilation * (kernel_size - 1) + 1
    if padding in ("CIRCULAR", "REFLECT"):
        ends = ((span - 1) // 2, span // 2)
        found = conv(kernel_size, strides, ends, input_dilation, kernel_dilation)
        return found.replaced(empty=None if span > 1 else found.empty)
    if padding == "CAUSAL":
        padding = (span - 1, 0)
    return conv(kernel_size, strides, padding, input_dilation, kernel_dilation)


def flax_check(found: Values) -> None:
    """Refuse causal padding on more than one axis, and words together with input dilation."""
    words = found["padding"][0]
    if words == "CAUSAL" and len(found["padding"]) > 1:
        rule = "causal padding is only implemented for 1D convolutions"
        raise SolverError(rule, f"{len(found['padding'])} axes", f"padding={_kept(found)}")
    no_words_when_dilated({**found, "lhs_dilation": found["input_dilation"]})


def flax_conv_transpose(
    kernel_size: int, strides: int, padding: Any, kernel_dilation: int
) -> AxisRule:
    """Say what flax's ConvTranspose does along one axis."""
    if padding == "CIRCULAR":
        _positive(strides=strides, kernel_dilation=kernel_dilation)
        return AxisRule(SizeMap.line(strides), rule="an empty axis cannot be wrapped")
    return conv_transpose(kernel_size, strides, padding, kernel_dilation, False)


def flax_pool(window_shape: int, strides: int, padding: Any) -> AxisRule:
    """Say what flax's pooling does along one axis: the stride is 1 unless given."""
    return reduce_window(window_shape, strides, padding, 1, 1)


def pad(padding_config: tuple[int, int, int]) -> AxisRule:
    """Say what lax.pad does along one axis: (low, high, interior)."""
    low, high, interior = padding_config
    if interior < 0:
        raise SolverError("interior padding must not be negative", str(interior), "0 or more")
    window = Window(1, 1, low, high, 1, interior + 1)
    along = lenient(window, _NEGATIVE)
    return along if interior else padded(low, high, along.accepts.minimum, _NEGATIVE, along.empty)


def resize(shape: int) -> AxisRule:
    """Say what jax.image.resize does along one axis: the size is asked for."""
    if shape < 0:
        raise SolverError("a size must not be negative", str(shape), "shape at least 0")
    return AxisRule(SizeMap.line(0, shape), SizeSet())
