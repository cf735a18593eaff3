"""Paddle: the table of its operations, under the names and in the order of its own signatures."""

from __future__ import annotations

from typing import Any

from solver.frameworks.paddle import rules as rules
from solver.frameworks.torch import rules as torch
from solver.layers.arguments import (
    Argument,
    flag,
    is_list,
    last_axis_first,
    last_numbers,
    maybe_numbers,
    numbers,
    pairs,
    scales,
    spread,
    words,
    words_in,
)
from solver.layers.kind import (
    AVERAGE,
    CONV,
    MAX,
    NORM,
    PAD,
    PARTS,
    POINTWISE,
    RESIZE,
    SHUFFLE,
    TRANSPOSED,
    UNPOOL,
    UNSHUFFLE,
)
from solver.layers.row import Framework, Row, passive

_SAID = words_in(any_case=("SAME", "VALID"))


def _padding(name: str, value: Any, axes: int) -> tuple[Any, ...]:
    """Read SAME, VALID, a number, one or two per axis, or a pair per axis of the whole tensor."""
    if isinstance(value, str):
        return _SAID(name, value, axes)
    if is_list(value) and all(map(is_list, value)) and len(value) == axes + 2:
        return pairs(name, value[2:] if not any(map(any, value[:2])) else value[1:-1], axes)
    if is_list(value) and not any(map(is_list, value)) and len(value) == 2 * axes:
        value = tuple(zip(value[::2], value[1::2], strict=True))
        return pairs(name, value, axes)
    return spread(pairs)(name, value, axes)


_ONE = Argument(1, spread(numbers))
_KERNEL = {"kernel_size": Argument(read=spread(numbers))}
_PADDING = {"padding": Argument(0, _padding)}
_CHANNELS = passive("in_channels", "out_channels")
_OTHER = passive("weight_attr", "bias_attr", "data_format")
_NAME = passive("data_format", "name")
_POOL = {**_KERNEL, "stride": Argument(None, spread(maybe_numbers)), **_PADDING}
_CEIL = {"ceil_mode": Argument(False, flag)}
_UNPOOL = {
    **_KERNEL,
    "stride": Argument(None, spread(maybe_numbers)),
    "padding": Argument(0, pairs),
}
_FACTOR = {"size": Argument(None, maybe_numbers), "scale_factor": Argument(None, scales)}
_SIDES = Argument(read=last_axis_first, per_axis=2)

_AXES = (1, 2, 3)
_WINDOWS = "floor((n + lo + hi - d(k - 1) - 1)/s) + 1; SAME ceil(n/s)"
_POOLED = "floor((n + lo + hi - k)/s) + 1, ceil with ceil_mode; SAME ceil(n/s)"
_STRIDE = "the stride is kernel_size unless given"
_BEHIND = f"{_STRIDE}; with ceil_mode the last window may start behind the input"

_LAYERS = (
    Row(
        "Conv{}D",
        CONV,
        {
            **_CHANNELS,
            **_KERNEL,
            "stride": _ONE,
            **_PADDING,
            "dilation": _ONE,
            **passive("groups"),
            "padding_mode": Argument("zeros", words("zeros", "reflect", "replicate", "circular")),
            **_OTHER,
        },
        rules.conv,
        _AXES,
        _WINDOWS,
        "padding='SAME' leaves the dilation out; two numbers for one axis are its begin and end",
        check=rules.one_number,
    ),
    *(
        Row(
            "Conv{}DTranspose",
            TRANSPOSED,
            {
                **_CHANNELS,
                **_KERNEL,
                "stride": _ONE,
                **_PADDING,
                "output_padding": Argument(0, spread(numbers)),
                **places,
                **_OTHER,
                "output_size": Argument(None, last_numbers),
            },
            rules.conv_transpose,
            axes,
            "(n - 1)s - lo - hi + d(k - 1) + 1 + a; SAME crops what SAME would pad an input of n",
            "padding crops the output; output_padding must be smaller than the stride; "
            "padding='SAME' does not give n*s",
        )
        for axes, places in (
            ((1,), {**passive("groups"), "dilation": _ONE}),
            ((2, 3), {"dilation": _ONE, **passive("groups")}),
        )
    ),
    Row(
        "MaxPool{}D",
        MAX,
        {**_POOL, **passive("return_mask"), **_CEIL, **_NAME},
        rules.pool,
        _AXES,
        _POOLED,
        _BEHIND,
    ),
    *(
        Row(
            "AvgPool{}D",
            AVERAGE,
            {**_POOL, **places, **_NAME},
            rules.pool,
            axes,
            _POOLED,
            f"{_BEHIND}; the padding does not count in the average unless exclusive=False",
        )
        for axes, places in (
            ((1,), {**passive("exclusive"), **_CEIL}),
            ((2, 3), {**_CEIL, **passive("exclusive", "divisor_override")}),
        )
    ),
    Row(
        "LPPool{}D",
        NORM,
        {**passive("norm_type"), **_POOL, **_CEIL, **_NAME},
        rules.pool,
        (1, 2),
        _POOLED,
        _BEHIND,
    ),
    *(
        Row(
            f"Adaptive{kind}Pool{{}}D",
            PARTS,
            {"output_size": Argument(read=maybe_numbers), **passive("return_mask"), **_NAME},
            along,
            axes,
            "output_size" if axes == (1,) else "output_size; None keeps n",
            "None is refused with one axis" if axes == (1,) else "",
        )
        for kind in ("Avg", "Max")
        for axes, along in (((1,), rules.adaptive_1d), ((2, 3), torch.adaptive))
    ),
    Row(
        "MaxUnPool{}D",
        UNPOOL,
        {**_UNPOOL, **_NAME},
        rules.unpool,
        _AXES,
        "(n - 1)s - 2p + k",
        _STRIDE,
    ),
    Row(
        "PixelShuffle",
        SHUFFLE,
        {"upscale_factor": Argument(read=numbers), **_NAME},
        torch.shuffle,
        (2,),
        "r n, channels C/r^2, for r = upscale_factor",
        "the channels must be divisible by r^2",
        whole=torch.shuffled,
    ),
    Row(
        "PixelUnshuffle",
        UNSHUFFLE,
        {"downscale_factor": Argument(read=numbers), **_NAME},
        torch.unshuffle,
        (2,),
        "n/r, channels C r^2, for r = downscale_factor",
        "the sizes must be divisible by r",
        whole=torch.unshuffled,
    ),
    Row(
        "ChannelShuffle",
        POINTWISE,
        {"groups": Argument(), **_NAME},
        torch.kept,
        (),
        "n",
        "the channels must be divisible by groups",
    ),
    Row(
        "Upsample",
        RESIZE,
        {
            **_FACTOR,
            "mode": Argument(
                "nearest", words("nearest", "linear", "bilinear", "bicubic", "trilinear")
            ),
            **passive(
                "align_corners", "align_mode", "data_format", "recompute_scale_factor", "name"
            ),
        },
        rules.upsample,
        (),
        "floor(n * scale_factor) in double precision, or size",
        "nearest is for two and three axes; of one axis the data_format is NCW",
        ("interpolate", "upsamplingnearest", "upsamplingbilinear"),
        check=rules.modes,
    ),
    *(
        Row(
            f"{name}Pad{{}}D",
            PAD,
            {"padding": _SIDES, **mode, **passive("value"), **_NAME},
            along,
            _AXES,
            "n + begin + end",
            "the last axis comes first; negative padding crops",
        )
        for name, mode, along in (
            (
                "",
                {
                    "mode": Argument(
                        "constant", words("constant", "reflect", "replicate", "circular")
                    )
                },
                rules.pad,
            ),
            ("Zero", {}, rules.zero_pad),
        )
    ),
)

FRAMEWORK = Framework("paddle", "Paddle", _LAYERS, ("paddlepaddle",))
