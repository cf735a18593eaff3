"""The rules of Keras and TensorFlow: padding in words, a misfit refused."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from solver.errors import SolverError
from solver.layers.arguments import alike, positive
from solver.layers.row import Values
from solver.layers.rule import AxisRule, divided, fixed, padded, strict
from solver.layers.window import UPPER, Window
from solver.sizes.sizemap import SizeMap

_positive = partial(positive, "{} must be a positive integer")

_TOO_SMALL = "computed output size would be zero or negative"


def conv(kernel_size: int, strides: int, padding: Any, dilation_rate: int) -> AxisRule:
    """Say what Conv and DepthwiseConv do along one axis."""
    _positive(kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)
    span = dilation_rate * (kernel_size - 1) + 1
    window = Window(kernel_size, strides, dilation=dilation_rate)
    pads = {"same": UPPER, "causal": (span - 1, 0), "valid": (0, 0)}.get(padding, padding)
    return strict(window.padded(pads), _TOO_SMALL, empty=True)


def not_both(found: Values) -> None:
    """Refuse a stride above 1 together with a dilation above 1, even on different axes."""
    stride, dilation = max(found["strides"]), max(found["dilation_rate"])
    if stride > 1 and dilation > 1:
        spans = zip(found["kernel_size"], found["dilation_rate"], strict=True)
        span = alike(d * (k - 1) + 1 for k, d in spans)
        raise SolverError(
            "strides > 1 not supported in conjunction with dilation_rate > 1",
            received=f"strides {stride}, dilation_rate {dilation}",
            right=f"dilation_rate 1 and kernel_size {span} with zeros between the weights, "
            f"or strides 1 and every {stride}th output",
        )


def conv_check(found: Values) -> None:
    """Refuse strides with dilation, and causal padding on more than one axis."""
    not_both(found)
    if found["padding"][0] == "causal" and len(found["padding"]) > 1:
        rule = "causal padding is for Conv1D only"
        raise SolverError(
            rule, f"{len(found['padding'])} axes", "padding='same', or padding='valid'"
        )


def conv_transpose(
    kernel_size: int,
    strides: int,
    padding: Any,
    output_padding: int | None,
    dilation_rate: int,
) -> AxisRule:
    """Say what ConvTranspose does along one axis."""
    _positive(kernel_size=kernel_size, strides=strides, dilation_rate=dilation_rate)
    span = dilation_rate * (kernel_size - 1) + 1
    if output_padding is not None and not 0 <= output_padding < strides:
        raise SolverError(
            "output_padding must be strictly less than strides",
            received=f"output_padding {output_padding}, strides {strides}",
            right=f"output_padding at most {strides - 1}",
        )
    if output_padding is None:
        out = strides if padding == "same" else max(span, strides)
    else:
        out = output_padding + (span % 2 if padding == "same" else span)
    # What is cropped of the full output is split between the ends, the odd element at the end.
    cropped = max(span - out, 0) // 2
    begin = span - 1 - cropped
    end = out - span + cropped + span - 1
    reads = Window(kernel_size, 1, begin, end, dilation_rate, strides)
    return strict(reads, _TOO_SMALL, least=0, empty=True)


def pool(pool_size: int, strides: int | None, padding: Any) -> AxisRule:
    """Say what pooling does along one axis: the stride is the window unless given."""
    strides = pool_size if strides is None else strides
    _positive(pool_size=pool_size, strides=strides)
    return conv(pool_size, strides, padding, 1)


def upsample(size: int) -> AxisRule:
    """Say what UpSampling does along one axis."""
    _positive(size=size)
    return AxisRule(SizeMap.line(size), empty=0)


def zero_padding(padding: tuple[int, int]) -> AxisRule:
    """Say what ZeroPadding does along one axis."""
    begin, end = padding
    if min(padding) < 0:
        right = f"Cropping by {-min(padding)}"
        raise SolverError("padding must not be negative", str(min(padding)), right)
    return padded(begin, end, empty=begin + end)


def cropping(cropping: tuple[int, int]) -> AxisRule:
    """Say what Cropping does along one axis."""
    begin, end = cropping
    if min(cropping) < 0:
        right = f"ZeroPadding by {-min(cropping)}"
        raise SolverError("cropping must not be negative", str(min(cropping)), right)
    rule = "cropping must leave something of the input"
    return padded(-begin, -end, begin + end + 1, rule)


def whole(output_size: int) -> AxisRule:
    """Say what pooling over everything, or resizing, does: one size whatever comes in."""
    if output_size < 0:
        raise SolverError("output_size must not be negative", str(output_size), "0 or more")
    return fixed(output_size, empty=output_size)


def height_and_width(given: Mapping[str, Any], axes: int) -> Mapping[str, Any]:
    """Give each axis the size it shall have, from what Keras calls height and width."""
    sizes = (given["height"], given["width"])
    return {**given, "height": sizes, "width": sizes}


def to_size(height: int, width: int) -> AxisRule:
    """Say what brings an axis to a size whatever comes in; both arguments are that of the axis."""
    _positive(size=height)
    return fixed(height)


def one(**_: Any) -> AxisRule:
    """Say what global pooling does along one axis."""
    return fixed(1, empty=1)


def space_to_depth(block_size: int) -> AxisRule:
    """Say what tf.nn.space_to_depth does along one axis."""
    _positive(block_size=block_size)
    rule = "the size must be divisible by block_size"
    return divided(block_size, rule)
