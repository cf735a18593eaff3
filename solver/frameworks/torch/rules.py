"""The rules of PyTorch: numeric padding alike at both ends, and what does not fit is refused.

The rules are those of the shape sections of the torch.nn documentation; what the code refuses was
recorded from PyTorch 2.13. The meta device is no oracle: it accepts what the CPU refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

from solver.errors import SizeError, SolverError
from solver.layers.arguments import positive
from solver.layers.row import Values
from solver.layers.rule import AxisRule, divided, fixed, padded, strict
from solver.layers.window import Pads, Window
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import SizeSet, where_nonnegative

_positive = partial(positive, "non-positive {} is not supported")

#: How many axes there may be before those that F.pad pads, batch and channels unless said.
_BEFORE = {"constant": 8}
_MISFIT = "kernel size can't be greater than actual input size"
_TOO_SMALL = "calculated output size is too small"


def _alike(padding: Pads, negative: bool = False) -> int:
    begin, end = int(padding[0]), int(padding[1])
    if begin != end:
        raise SolverError(
            "padding is one number for both ends of an axis",
            received=f"{begin} before and {end} after",
            right=f"padding=0, and before it F.pad(x, ({begin}, {end}))",
        )
    if begin < 0 and not negative:
        raise SolverError("negative padding is not supported", f"padding {begin}", "padding 0")
    return begin


def conv(kernel_size: int, stride: int, padding: Any, dilation: int, padding_mode: str) -> AxisRule:
    """Say what Conv does along one axis."""
    _positive(kernel_size=kernel_size, stride=stride, dilation=dilation)
    if padding == "same":
        # The odd one goes to the end.
        total = dilation * (kernel_size - 1)
        padding = (total // 2, total - total // 2)
    elif padding == "valid":
        padding = (0, 0)
    else:
        # Padding that repeats the input is F.pad's, which crops where it is negative.
        padding = (_alike(padding, negative=padding_mode != "zeros"),) * 2
    window = Window(kernel_size, stride, dilation=dilation).padded(padding)
    found = strict(window, _MISFIT)
    # Reflected padding repeats inner elements only, circular padding each element once.
    least = {"reflect": max(padding) + 1, "circular": max(padding)}.get(padding_mode, 1)
    if least <= window.minimum:
        return found
    rule = f"{padding_mode} padding should be less than the input size"
    return AxisRule(found.size_map, SizeSet(minimum=least), rule, window=window)


def same_stride(found: Values) -> None:
    """Refuse padding='same' with a stride on any axis."""
    if "same" in found["padding"] and max(found["stride"]) > 1:
        pads = [d * (k - 1) for k, d in zip(found["kernel_size"], found["dilation"], strict=True)]
        raise SolverError(
            "padding='same' is not supported for strided convolutions",
            received=f"stride {max(found['stride'])}",
            right=f"padding={pads[0] // 2}",
        )


def conv_transpose(
    kernel_size: int,
    stride: int,
    padding: Any,
    output_padding: int,
    dilation: int,
    padding_mode: str,
    output_size: int | None,
) -> AxisRule:
    """Say what ConvTranspose does along one axis."""
    _positive(kernel_size=kernel_size, stride=stride, dilation=dilation)
    pad = _alike(padding)
    most = max(stride, dilation) - 1
    span = dilation * (kernel_size - 1) + 1
    if output_size is not None:
        base = SizeMap.line(stride, span - 2 * pad - stride)
        inputs = range(base.first(output_size - stride + 1), base.first(output_size + 1))
        reads = Window(kernel_size, stride, pad, pad, dilation).transposed
        asked = SizeSet.of(n for n in inputs if output_size > 0)
        rule = "requested an output size out of the valid range"
        return AxisRule(SizeMap.line(0, output_size), asked, rule, window=reads)
    if not 0 <= output_padding <= most:
        raise SolverError(
            "output padding must be smaller than either stride or dilation"
            if output_padding > 0
            else "negative output_padding is not supported",
            received=f"output_padding {output_padding}, stride {stride}, dilation {dilation}",
            right=f"output_padding at most {most}" if output_padding > 0 else "output_padding 0",
        )
    # The gradient of a convolution.
    window = Window(kernel_size, stride, pad, pad - output_padding, dilation)
    return strict(window.transposed, _TOO_SMALL)


def pool(
    kernel_size: int, stride: int | None, padding: Any, dilation: int, ceil_mode: bool
) -> AxisRule:
    """Say what MaxPool does along one axis."""
    stride = kernel_size if stride is None else stride
    _positive(kernel_size=kernel_size, stride=stride, dilation=dilation)
    pad = _alike(padding)
    if 2 * pad > kernel_size:
        raise SolverError(
            "pad should be at most half of effective kernel size",
            received=f"padding {pad}, kernel_size {kernel_size}",
            right=f"padding at most {kernel_size // 2}",
        )
    window = Window(kernel_size, stride, pad, pad, dilation)
    counted = window.counted_up if ceil_mode else window
    accepts = SizeSet(minimum=counted.minimum)
    return AxisRule(counted.size_map, accepts, _TOO_SMALL, window=window)


def avg_pool(kernel_size: int, stride: int | None, padding: Any, ceil_mode: bool) -> AxisRule:
    """Say what AvgPool of one or two axes does along one of them."""
    return pool(kernel_size, stride, padding, 1, ceil_mode)


def avg_pool_3d(kernel_size: int, stride: int | None, padding: Any, ceil_mode: bool) -> AxisRule:
    """Say what AvgPool3d does along one axis."""
    found = pool(kernel_size, stride, padding, 1, ceil_mode)
    accepts = found.accepts & SizeSet(minimum=kernel_size)
    return AxisRule(
        found.size_map, accepts, "input image smaller than kernel size", None, found.window
    )


def lp_pool(kernel_size: int, stride: int | None, ceil_mode: bool) -> AxisRule:
    """Say what LPPool of one or two axes does along one of them."""
    return pool(kernel_size, stride, (0, 0), 1, ceil_mode)


def lp_pool_3d(kernel_size: int, stride: int | None, ceil_mode: bool) -> AxisRule:
    """Say what LPPool3d does along one axis."""
    return avg_pool_3d(kernel_size, stride, (0, 0), ceil_mode)


def adaptive(output_size: int | None, cls: str = "") -> AxisRule:
    """Say what adaptive pooling of two or three axes does along one of them."""
    if output_size is None:
        return AxisRule(IDENTITY)
    if output_size < 0:
        rule = "output_size must not be negative"
        raise SolverError(rule, f"{output_size}", "output_size at least 0")
    return fixed(output_size)


def adaptive_1d(output_size: int | None, cls: str = "") -> AxisRule:
    """Say what adaptive pooling of one axis does."""
    if output_size is None:
        rule = "output_size of one axis must be a number, not None"
        raise SolverError(rule, "None", "output_size at least 0")
    return adaptive(output_size)


def adapted(found: Values, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes after adaptive pooling; the average of nothing is taken, where it is one."""
    asked, cls = found["output_size"], found["cls"][0]
    if len(asked) != len(sizes):
        raise SolverError("the input must have one size per axis", f"{len(sizes)} sizes")
    along = adaptive_1d if len(sizes) == 1 else adaptive
    wanted = tuple(n if out is None else out for n, out in zip(sizes, asked, strict=True))
    if cls == "AdaptiveAvgPool" and set(wanted) == {1} and asked != (None,):
        return wanted
    return tuple(along(out).size(n) for out, n in zip(asked, sizes, strict=True))


def fractional(kernel_size: int, output_size: int | None, output_ratio: float | None) -> AxisRule:
    """Say what FractionalMaxPool does along one axis: as many windows as it is told."""
    if (output_size is None) == (output_ratio is None):
        rule = "one of output_size and output_ratio must be given"
        raise SolverError(rule, "both" if output_size is not None else "neither", "output_size=2")
    rule = "the kernel and one element less than comes out must fit"
    if output_ratio is None:
        assert output_size is not None
        least = max(output_size + kernel_size - 1, 1)
        return AxisRule(SizeMap.line(0, output_size), SizeSet(minimum=least), rule)
    if not 0 < output_ratio < 1:
        raise SolverError("output_ratio must be between 0 and 1", f"{output_ratio}", "0.5")
    from solver.frameworks.resize import resized  # few networks resize by a fraction

    found = resized(output_ratio, rule, 0)
    first = max(int((kernel_size - 2) / (1 - output_ratio)) - 1, kernel_size - 1, 1)
    while found.size(first) + kernel_size - 1 > first:
        first += 1
    return found.replaced(accepts=SizeSet(minimum=first))


def unpool(kernel_size: int, stride: int | None, padding: Any, output_size: int | None) -> AxisRule:
    """Say what MaxUnpool does along one axis of one or two: any stride goes."""
    stride = kernel_size if stride is None else stride
    pad = _alike(padding, negative=True)
    base = SizeMap.line(stride, kernel_size - 2 * pad - stride)
    window = Window(kernel_size, stride, pad).transposed if stride > 0 else None
    if output_size is None:
        rule = "output_size must be non-negative"
        return AxisRule(base, where_nonnegative(base), rule, window=window)
    low, high = output_size - stride + 1, output_size + stride
    asked = range(base.first(low), base.first(high)) if stride > 0 and output_size >= 0 else ()
    rule = "output_size must lie between the default size less and plus a stride"
    return AxisRule(SizeMap.line(0, output_size), SizeSet.of(asked), rule, window=window)


def unpool_3d(
    kernel_size: int, stride: int | None, padding: Any, output_size: int | None
) -> AxisRule:
    """Say what MaxUnpool3d does along one axis."""
    _positive(stride=kernel_size if stride is None else stride)
    return unpool(kernel_size, stride, padding, output_size)


def pad(pad: tuple[int, int], mode: str) -> AxisRule:
    """Say what F.pad does along one axis."""
    begin, end = pad
    widest, cut = max(begin, end), max(-begin, 0) + max(-end, 0)
    least = {
        "constant": max(cut, -begin - end),
        "reflect": max(widest + 1, 1 - begin - end),
        "replicate": max(1, 1 - begin - end),
        "circular": max(widest, -begin - end),
    }[mode]
    rule = {
        "constant": "no more than the input can be cut off",
        "reflect": "padding size should be less than the input size",
        "replicate": "something must be left of the input",
        "circular": "padding must not wrap around more than once",
    }[mode]
    # Constant padding makes something of nothing; nothing wrapped around by nothing is nothing.
    wraps = mode in ("constant", "circular")
    empty = begin + end if wraps and least <= 0 else None
    return padded(begin, end, max(least, 1), rule, empty)


def kept() -> AxisRule:
    """Say what changes values and no size does along one axis."""
    return AxisRule(IDENTITY, empty=0, window=Window(1))


def in_mode(mode: str) -> Callable[..., AxisRule]:
    """The rule of a padding layer, which has its mode in its name."""

    def along(padding: tuple[int, int]) -> AxisRule:
        return pad(padding, mode)

    return along


def padded_in_mode(mode: str) -> Callable[[Values, tuple[int, ...]], tuple[int, ...]]:
    """The sizes after a padding layer, which has its mode in its name."""

    def sizes_of(found: Values, sizes: tuple[int, ...]) -> tuple[int, ...]:
        if len(found["padding"]) != len(sizes):
            raise SolverError("the input must have one size per axis", f"{len(sizes)} sizes")
        return padded_all({"pad": found["padding"], "mode": (mode,)}, sizes)

    return sizes_of


def padded_all(found: Values, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes after padding; an axis may vanish while another is left."""
    mode, pads = found["mode"][0], found["pad"]
    if 0 < len(sizes) - len(pads) <= _BEFORE.get(mode, 2):
        # The axes before those that pad names stay as they are.
        before = len(sizes) - len(pads)
        return (*sizes[:before], *padded_all(found, sizes[before:]))
    if len(pads) != len(sizes):
        raise SolverError("pad needs a begin and an end for each axis", f"{len(sizes)} sizes")
    after = [n + begin + end for n, (begin, end) in zip(sizes, pads, strict=True)]
    if mode in ("reflect", "replicate") and min(after) == 0 < max(after):
        kept = [(n, ends) for n, ends, out in zip(sizes, pads, after, strict=True) if out]
        for n, ends in kept:
            pad(ends, mode).size(n)
        if all(
            n > 0 and (mode == "replicate" or max(p) < n) for n, p in zip(sizes, pads, strict=True)
        ):
            return tuple(after)
    return tuple(pad(ends, mode).size(n) for n, ends in zip(sizes, pads, strict=True))


def interpolate(
    size: int | None, scale_factor: float | None, mode: str, recompute_scale_factor: Any
) -> AxisRule:
    """Say what F.interpolate and Upsample do along one axis."""
    if (size is None) == (scale_factor is None):
        rule = "only one of size or scale_factor should be defined"
        raise SolverError(rule, "both" if size is not None else "neither", "scale_factor=2")
    if scale_factor is not None:
        from solver.frameworks.resize import resized  # few networks resize by a factor

        least = 0 if mode == "area" else 1
        return resized(scale_factor, "input and output sizes should be greater than 0", least)
    if recompute_scale_factor:
        rule = "recompute_scale_factor is not meaningful with an explicit size"
        raise SolverError(rule, right="recompute_scale_factor=None")
    assert size is not None
    if mode == "area":
        return adaptive(size)
    if size < 1:
        rule = "input and output sizes should be greater than 0"
        raise SolverError(rule, f"size {size}", "size at least 1")
    return fixed(size)


def interpolate_modes(found: Values) -> None:
    """Refuse a mode that is for another number of axes."""
    axes, mode = len(found["mode"]), found["mode"][0]
    wanted = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}.get(mode, axes)
    if wanted != axes:
        own = ("linear", "bilinear", "trilinear")[min(axes, 3) - 1]
        raise SolverError(f"mode {mode!r} is for {wanted} axes", f"{axes} axes", f"mode={own!r}")


def upsample(size: int | None, scale_factor: float | None) -> AxisRule:
    """Say what UpsamplingNearest2d and UpsamplingBilinear2d do along one axis."""
    return interpolate(size, scale_factor, "nearest", None)


def shuffle(upscale_factor: int) -> AxisRule:
    """Say what PixelShuffle does along one axis."""
    _positive(upscale_factor=upscale_factor)
    return AxisRule(SizeMap.line(upscale_factor), empty=0)


def unshuffle(downscale_factor: int) -> AxisRule:
    """Say what PixelUnshuffle does along one axis."""
    _positive(downscale_factor=downscale_factor)
    rule = "pixel_unshuffle expects sizes to be divisible by the downscale_factor"
    return divided(downscale_factor, rule, empty=0)


def shuffled(found: Values, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes, or the shape (..., C, H, W), after pixel_shuffle."""
    factor = found["upscale_factor"][0]
    after = tuple(shuffle(factor).size(n) for n in sizes[-2:])
    if len(sizes) <= 2:
        return after
    if sizes[-3] % factor**2:
        raise SizeError(
            "pixel_shuffle expects its channels to be divisible by upscale_factor squared",
            received=f"{sizes[-3]} channels, upscale_factor {factor}",
            right=f"{-(-sizes[-3] // factor**2) * factor**2} channels",
        )
    return (*sizes[:-3], sizes[-3] // factor**2, *after)


def unshuffled(found: Values, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes, or the shape (..., C, H, W), after pixel_unshuffle."""
    factor = found["downscale_factor"][0]
    after = tuple(unshuffle(factor).size(n) for n in sizes[-2:])
    if 0 in sizes:
        return sizes  # a tensor without elements comes back as it is
    return (*sizes[:-3], *(c * factor**2 for c in sizes[-3:-2]), *after)


def _blocks(found: Values, sizes: tuple[int, ...]) -> list[int]:
    names = ("kernel_size", "stride", "padding", "dilation")
    rows = zip(*(found[name] for name in names), strict=True)
    return [conv(k, s, p, d, "zeros").size(n) for (k, s, p, d), n in zip(rows, sizes, strict=True)]


def unfolded(found: Values, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The number of blocks Unfold gives."""
    if len(sizes) != 2:
        raise SolverError("Unfold takes two axes", received=f"{len(sizes)} sizes")
    return (prod(_blocks(found, sizes)),)


def folded(found: Values, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes Fold gives; it takes the number of blocks."""
    wanted = prod(_blocks(found, found["output_size"]))
    if sizes != (wanted,):
        rule = "the last size must be the number of sliding blocks"
        raise SizeError(rule, "x".join(map(str, sizes)), str(wanted))
    return tuple(found["output_size"])


def block(kernel_size: int, stride: int, padding: Any, dilation: int) -> AxisRule:
    """Say how many blocks Unfold finds along one axis."""
    return conv(kernel_size, stride, padding, dilation, "zeros")


def folded_axis(output_size: int, **block: Any) -> AxisRule:
    """Say what Fold gives along one axis."""
    return fixed(output_size)
