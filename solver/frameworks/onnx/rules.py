"""The rules of ONNX: the text of the operators, which its runtimes follow each in its own way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from math import floor
from typing import Any

from solver.errors import SizeError, SolverError
from solver.frameworks.resize import resized
from solver.layers.arguments import positive
from solver.layers.layer import Layer
from solver.layers.row import Values
from solver.layers.rule import AxisRule, divided, fixed, padded, strict
from solver.layers.window import LOWER, UPPER, Window
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet

_positive = partial(positive, "{} must be at least 1")

_MISFIT = "the kernel must fit the padded input"
_SAME = {"SAME_UPPER": UPPER, "SAME_LOWER": LOWER}


def _pads(auto_pad: str, pads: tuple[int, int]) -> Any:
    if min(pads) < 0:
        raise SolverError("pads must not be negative", str(min(pads)), "pads at least 0")
    if auto_pad == "NOTSET":
        return pads
    return _SAME.get(auto_pad, (0, 0))


def conv(
    kernel_shape: int, strides: int, pads: tuple[int, int], dilations: int, auto_pad: str
) -> AxisRule:
    """Say what Conv does along one axis."""
    _positive(kernel_shape=kernel_shape, strides=strides, dilations=dilations)
    window = Window(kernel_shape, strides, dilation=dilations)
    return strict(window.padded(_pads(auto_pad, pads)), _MISFIT, empty=auto_pad not in _SAME)


def pool(
    kernel_shape: int,
    strides: int,
    pads: tuple[int, int],
    dilations: int,
    auto_pad: str,
    ceil_mode: bool,
) -> AxisRule:
    """Say what MaxPool, AveragePool and LpPool do along one axis."""
    _positive(kernel_shape=kernel_shape, strides=strides, dilations=dilations)
    window = Window(kernel_shape, strides, dilation=dilations).padded(_pads(auto_pad, pads))
    size_map = window.size_map
    if ceil_mode and auto_pad == "NOTSET":
        # One window that would start behind the input is dropped, and no more.
        net = window.net_padding
        held = max(min(net + strides - 1, pads[0]), net - 1)
        size_map = SizeMap.line(1, held - 1 + strides, strides)
    # The text has no check that a window fits: less than one is size zero, below that no size.
    # Runtimes cut towards zero, and give one.
    accepts = SizeSet(minimum=max(1, size_map.first(0)))
    return AxisRule(size_map, accepts, _MISFIT, window=window, doubtful=strides > 1)


def conv_transpose(
    kernel_shape: int,
    strides: int,
    pads: tuple[int, int],
    dilations: int,
    auto_pad: str,
    output_padding: int,
    output_shape: int | None,
) -> AxisRule:
    """Say what ConvTranspose does along one axis."""
    _positive(kernel_shape=kernel_shape, strides=strides, dilations=dilations)
    begin, end = pads if auto_pad == "NOTSET" else (0, 0)
    if not 0 <= output_padding < max(strides, dilations):
        raise SolverError(
            "output_padding must be less than the corresponding stride or dilation",
            received=f"output_padding {output_padding}, strides {strides}, dilations {dilations}",
            right=f"output_padding at most {max(strides, dilations) - 1}",
        )
    span = dilations * (kernel_shape - 1) + 1
    base = SizeMap.line(strides, span + output_padding - strides)
    if output_shape is not None:
        _positive(output_shape=output_shape)
        # What is too much is cropped; onnxruntime also adds what is missing, less than a stride.
        first = min(base.first(output_shape), (output_shape - span) // strides + 1)
        rule = "output_shape must be at most the size without it"
        return AxisRule(SizeMap.line(0, output_shape), SizeSet(minimum=max(1, first)), rule)
    if auto_pad in _SAME:
        total = span + output_padding - strides
        begin = total // 2 if auto_pad == "SAME_UPPER" else total - total // 2
        end = total - begin
    window = Window(kernel_shape, strides, begin, end - output_padding, dilations).transposed
    assert window.size_map == base - begin - end
    return strict(window, "the output must have at least one element", empty=True)


def pinned(layer: Layer, inputs: Sequence[int]) -> Layer:
    """The ConvTranspose that does at these inputs what one told its output_shape does.

    What is too much is cropped, the odd element at the end by SAME_UPPER and else at the begin;
    what is missing is added at the end.
    """
    found = layer.values(len(inputs))
    begins, ends, extra = [], [], []
    for i, n in enumerate(inputs):
        row = {name: value[i] for name, value in found.items()}
        span = row["dilations"] * (row["kernel_shape"] - 1) + 1
        full = (n - 1) * row["strides"] + span + row["output_padding"]
        total = max(full - row["output_shape"], 0)
        begins.append(total // 2 if row["auto_pad"] == "SAME_UPPER" else total - total // 2)
        ends.append(total - begins[-1])
        extra.append(row["output_padding"] + max(row["output_shape"] - full, 0))
    kept = {k: v for k, v in layer.arguments.items() if k not in ("auto_pad", "output_shape")}
    given = {**kept, "pads": [*begins, *ends], "output_padding": extra}
    return Layer(layer.framework, layer.name, given)


def sizes(
    along: Callable[..., AxisRule],
) -> Callable[[Values, tuple[int, ...]], tuple[int, ...] | None]:
    """What gives all sizes by a rule for one axis, or None where one is refused."""

    def every(found: Values, inputs: tuple[int, ...]) -> tuple[int, ...] | None:
        try:
            return tuple(
                along(**{name: value[i] for name, value in found.items()}).size(n)
                for i, n in enumerate(inputs)
            )
        except SolverError:
            return None

    return every


def resize(
    scales: float | None, sizes: int | None, keep_aspect_ratio_policy: str = "stretch"
) -> AxisRule:
    """Say what Resize does along one axis."""
    if (scales is None) == (sizes is None):
        raise SolverError("one of scales and sizes must be given", right="scales=[1, 1, 2, 2]")
    if sizes is not None and keep_aspect_ratio_policy != "stretch":
        rule = f"{keep_aspect_ratio_policy} scales all axes alike, which is no formula of one axis"
        return fixed(sizes).replaced(unproved=SolverError(rule, right="a size in numbers"))
    if sizes is not None:
        return fixed(sizes, empty=None if sizes else 0)
    assert scales is not None
    return resized(scales, "the output must not be negative", 0).replaced(empty=0)


def resized_together(found: Values, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes after Resize; a scale that keeps the aspect ratio is one for all axes."""
    rows = list(zip(*(found[name] for name in ("scales", "sizes")), strict=True))
    outputs = tuple(resize(*row).size(n) for row, n in zip(rows, sizes, strict=True))
    policy = found["keep_aspect_ratio_policy"][0]
    pairs = [(size, n) for (_, size), n in zip(rows, sizes, strict=True) if size is not None]
    if policy == "stretch" or not pairs or 0 in sizes:
        return outputs
    asked = [Fraction(*pair) for pair in pairs]
    scale = min(asked) if policy == "not_larger" else max(asked)
    return tuple(
        out if size is None else floor(scale * n + Fraction(1, 2))
        for (_, size), n, out in zip(rows, sizes, outputs, strict=True)
    )


def upsample(scales: float) -> AxisRule:
    """Say what Upsample, the older Resize, does along one axis."""
    return resize(scales, None)


def pad(pads: tuple[int, int], mode: str) -> AxisRule:
    """Say what Pad does along one axis; negative pads crop."""
    begin, end = pads
    rule = f"pads too large for mode {mode}"
    if mode == "constant":
        left = begin + end
        return padded(begin, end, max(-left, 1), rule, left if left >= 0 else None)
    # What is cropped is gone before what is left is repeated.
    least = 1 - min(begin, 0) - min(end, 0) + (max(begin, end, 0) if mode == "reflect" else 0)
    return padded(begin, end, least, rule, None if begin or end else 0)


def depth_to_space(blocksize: int) -> AxisRule:
    """Say what DepthToSpace does along one axis."""
    _positive(blocksize=blocksize)
    return AxisRule(SizeMap.line(blocksize), empty=0)


def space_to_depth(blocksize: int) -> AxisRule:
    """Say what SpaceToDepth does along one axis."""
    _positive(blocksize=blocksize)
    rule = "the size must be divisible by blocksize"
    return divided(blocksize, rule, empty=0)


def unpool(
    kernel_shape: int, strides: int, pads: tuple[int, int], output_shape: int | None
) -> AxisRule:
    """Say what MaxUnpool does along one axis."""
    _positive(kernel_shape=kernel_shape, strides=strides)
    if output_shape is not None:
        return fixed(output_shape)
    size_map = SizeMap.line(strides, kernel_shape - sum(pads) - strides)
    window = Window(kernel_shape, strides, pads[0]).transposed
    accepts = SizeSet(minimum=max(1, size_map.first(1)))
    return AxisRule(size_map, accepts, _MISFIT, window=window)


def col2im(image_shape: int, **_: Any) -> AxisRule:
    """Say what Col2Im gives along one axis: the image asked for."""
    return fixed(image_shape)


def columns(found: Values, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The image of Col2Im; the input must have as many columns as there are blocks."""
    wanted = 1
    for k, s, p, d, n in zip(
        found["block_shape"],
        found["strides"],
        found["pads"],
        found["dilations"],
        found["image_shape"],
        strict=True,
    ):
        wanted *= conv(k, s, p, d, "NOTSET").size(n)
    if sizes != (wanted,):
        rule = "the last size must be the number of blocks"
        raise SizeError(rule, "x".join(map(str, sizes)), str(wanted))
    return tuple(found["image_shape"])


def one() -> AxisRule:
    """Say what global pooling does along one axis."""
    return fixed(1)
