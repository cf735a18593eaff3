"""PyTorch: the table of its operations, under the names and in the order of its own signatures."""

from __future__ import annotations

from typing import Any

from solver.frameworks.torch import rules as rules
from solver.layers.arguments import (
    Argument,
    flag,
    is_list,
    last_axis_first,
    last_numbers,
    maybe_numbers,
    numbers,
    padding_or,
    pairs,
    scales,
    spread,
    words,
)
from solver.layers.kind import (
    AVERAGE,
    CONV,
    FOLD,
    MAX,
    NORM,
    PAD,
    PARTS,
    POINTWISE,
    RANDOM,
    RESIZE,
    SHUFFLE,
    TRANSPOSED,
    UNFOLD,
    UNPOOL,
    UNSHUFFLE,
)
from solver.layers.row import Framework, Row, passive


def _pool_stride(name: str, value: Any, axes: int) -> tuple[int | None, ...]:
    """Read the stride of a pooling: None, or a list of nothing, stands for the kernel."""
    return spread(maybe_numbers)(name, None if is_list(value) and len(value) == 0 else value, axes)


_NEW = passive("device", "dtype")
_ONE = Argument(1, numbers)
_SPREAD = Argument(1, spread(numbers))
_KERNEL = {"kernel_size": Argument(read=numbers)}
#: A lazy layer takes its input channels from the first input.
_CHANNELS = (("", passive("in_channels", "out_channels")), ("Lazy", passive("out_channels")))
_ENDS = {"padding": Argument(0, pairs)}
_SPREAD_ENDS = {"padding": Argument(0, spread(pairs))}
_POOL = {"kernel_size": Argument(read=spread(numbers)), "stride": Argument(None, _pool_stride)}
_UNPOOL = {**_KERNEL, "stride": Argument(None, maybe_numbers)}
_CEIL = {"ceil_mode": Argument(False, flag)}
_AVERAGE = {**_POOL, **_SPREAD_ENDS, **_CEIL, **passive("count_include_pad", "divisor_override")}
_BLOCK = {**_KERNEL, "dilation": _ONE, **_ENDS, "stride": _ONE}
_FACTOR = {"size": Argument(None, maybe_numbers), "scale_factor": Argument(None, scales)}
_MODES = words("nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area")
_SIDES = Argument(read=last_axis_first, per_axis=2)

_AXES = (1, 2, 3)
#: Recordings call both adaptive poolings one operation, and say which by cls.
_ADAPTIVE = ("AdaptiveAvgPool", "AdaptiveMaxPool")
_WINDOWS = "floor((n + 2p - d(k - 1) - 1)/s) + 1"
_CEILED = "ceil with ceil_mode, less 1 where the last window would start after the input"
_STRIDE = "the stride is kernel_size unless given"
_HALF = f"{_STRIDE}; padding is at most half the kernel_size"
_RESIZED = "floor(n * scale_factor) in double precision, or size"
_CUT = "100*0.29 gives 28: the product is rounded before it is cut"
_LAST = "the last axis comes first"

_CONV = {
    **_KERNEL,
    "stride": _SPREAD,
    "padding": Argument(0, spread(padding_or("same", "valid"))),
    "dilation": _SPREAD,
    **passive("groups", "bias"),
    "padding_mode": Argument("zeros", words("zeros", "reflect", "replicate", "circular")),
    **_NEW,
}
_CONV_TRANSPOSE = {
    **_KERNEL,
    "stride": _SPREAD,
    **_SPREAD_ENDS,
    "output_padding": Argument(0, spread(numbers)),
    **passive("groups", "bias"),
    "dilation": _SPREAD,
    "padding_mode": Argument("zeros", words("zeros")),
    **_NEW,
    "output_size": Argument(None, last_numbers),
}

_LAYERS = (
    *(
        Row(
            f"{lazy}Conv{{}}d",
            CONV,
            {**channels, **_CONV},
            rules.conv,
            _AXES,
            _WINDOWS,
            "padding='same' needs stride 1 and puts the odd element at the end",
            check=rules.same_stride,
        )
        for lazy, channels in _CHANNELS
    ),
    *(
        Row(
            f"{lazy}ConvTranspose{{}}d",
            TRANSPOSED,
            {**channels, **_CONV_TRANSPOSE},
            rules.conv_transpose,
            _AXES,
            "(n - 1)s - 2p + d(k - 1) + 1 + a",
            "output_padding must be smaller than the stride or the dilation; "
            "padding crops the output; "
            "output_size adds 0 to s - 1 to the size without output_padding",
        )
        for lazy, channels in _CHANNELS
    ),
    Row(
        "MaxPool{}d",
        MAX,
        {**_POOL, **_SPREAD_ENDS, "dilation": _SPREAD, **passive("return_indices"), **_CEIL},
        rules.pool,
        _AXES,
        f"{_WINDOWS}; {_CEILED}",
        f"{_HALF}, undilated",
        ("maxpoolwithindices",),
    ),
    Row(
        "AvgPool{}d",
        AVERAGE,
        _AVERAGE,
        rules.avg_pool,
        (1, 2),
        f"floor((n + 2p - k)/s) + 1; {_CEILED}",
        f"{_HALF}; the padding counts in the average unless count_include_pad=False",
    ),
    Row(
        "AvgPool{}d",
        AVERAGE,
        _AVERAGE,
        rules.avg_pool_3d,
        (3,),
        f"floor((n + 2p - k)/s) + 1; {_CEILED}",
        f"{_HALF}; the kernel must fit the unpadded input; "
        "the padding counts in the average unless count_include_pad=False",
    ),
    Row(
        "LPPool{}d",
        NORM,
        {**passive("norm_type"), **_UNPOOL, **_CEIL},
        rules.lp_pool,
        (1, 2),
        f"floor((n - k)/s) + 1; {_CEILED}",
        f"{_STRIDE}; has no padding",
    ),
    Row(
        "LPPool{}d",
        NORM,
        {**passive("norm_type"), **_UNPOOL, **_CEIL},
        rules.lp_pool_3d,
        (3,),
        f"floor((n - k)/s) + 1; {_CEILED}",
        f"{_STRIDE}; has no padding; the kernel must fit, with ceil_mode too",
    ),
    *(
        Row(
            f"Adaptive{kind}Pool{{}}d",
            PARTS,
            {
                "output_size": Argument(read=maybe_numbers),
                **passive("return_indices"),
                "cls": Argument(f"Adaptive{kind}Pool", words(*_ADAPTIVE), recorded=True),
            },
            along,
            axes,
            "output_size" if axes == (1,) else "output_size; None keeps n",
            "None is refused with one axis" if axes == (1,) else "0 is accepted",
            ("adaptivepool", f"adaptive{kind.lower()}poolwithindices"),
            whole=rules.adapted,
        )
        for kind in ("Avg", "Max")
        for axes, along in (((1,), rules.adaptive_1d), ((2, 3), rules.adaptive))
    ),
    Row(
        "FractionalMaxPool{}d",
        RANDOM,
        {
            **_KERNEL,
            "output_size": Argument(None, maybe_numbers),
            "output_ratio": Argument(None, scales),
            **passive("return_indices"),
        },
        rules.fractional,
        (2,),
        "output_size, or floor(n * output_ratio)",
        "chooses its windows at random; the size and k - 1 more must fit the input",
    ),
    *(
        Row(
            "MaxUnpool{}d",
            UNPOOL,
            {**_UNPOOL, **_ENDS, "output_size": Argument(None, last_numbers)},
            along,
            axes,
            "(n - 1)s - 2p + k, or output_size",
            f"{_STRIDE}; output_size must be less than a stride away from the size without it",
        )
        for along, axes in ((rules.unpool, (1, 2)), (rules.unpool_3d, (3,)))
    ),
    Row(
        "Unfold",
        UNFOLD,
        _BLOCK,
        rules.block,
        (2,),
        "the product over the axes of floor((n + 2p - d(k - 1) - 1)/s) + 1",
        "gives one size, the number of blocks",
        whole=rules.unfolded,
    ),
    Row(
        "Fold",
        FOLD,
        {"output_size": Argument(read=numbers), **_BLOCK},
        rules.folded_axis,
        (2,),
        "output_size",
        "takes one size, the number of blocks Unfold gives",
        whole=rules.folded,
    ),
    Row(
        "PixelShuffle",
        SHUFFLE,
        {"upscale_factor": Argument(read=numbers, aliases=("r",))},
        rules.shuffle,
        (2,),
        "r n, channels C/r^2, for r = upscale_factor",
        "the channels must be divisible by r^2",
        whole=rules.shuffled,
    ),
    Row(
        "PixelUnshuffle",
        UNSHUFFLE,
        {"downscale_factor": Argument(read=numbers, aliases=("r",))},
        rules.unshuffle,
        (2,),
        "n/r, channels C r^2, for r = downscale_factor",
        "the sizes must be divisible by r",
        whole=rules.unshuffled,
    ),
    Row(
        "ChannelShuffle",
        POINTWISE,
        {"groups": Argument()},
        rules.kept,
        (),
        "n",
        "the channels must be divisible by groups",
    ),
    Row(
        "CrossMapLRN2d",
        POINTWISE,
        {"size": Argument(), **passive("alpha", "beta", "k")},
        rules.kept,
        (2,),
        "n",
        "normalizes over size neighbouring channels",
    ),
    Row(
        "Upsample",
        RESIZE,
        {
            **_FACTOR,
            "mode": Argument("nearest", _MODES),
            **passive("align_corners"),
            "recompute_scale_factor": Argument(None, words(None, False, True)),
            **passive("antialias"),
        },
        rules.interpolate,
        (),
        _RESIZED,
        _CUT,
        ("interpolate", "upsamplenearest", "upsamplebilinear"),
        check=rules.interpolate_modes,
    ),
    *(
        Row(
            f"Upsampling{mode}{{}}d",
            RESIZE,
            {**_FACTOR, "mode": Argument(None, recorded=True)},
            rules.upsample,
            (2,),
            _RESIZED,
            _CUT,
        )
        for mode in ("Nearest", "Bilinear")
    ),
)

_PADS = (
    *(
        Row(
            f"{name}Pad{{}}d",
            PAD,
            {"padding": _SIDES, **(passive("value") if name == "Constant" else {})},
            rules.in_mode(mode),
            _AXES,
            "n + begin + end",
            gotcha,
            whole=rules.padded_in_mode(mode),
        )
        for name, mode, gotcha in (
            ("Zero", "constant", f"{_LAST}; negative padding crops"),
            ("Constant", "constant", f"{_LAST}; negative padding crops"),
            ("Reflection", "reflect", f"{_LAST}; each padding is less than n"),
            ("Replication", "replicate", f"{_LAST}; padding may be longer than n"),
            ("Circular", "circular", f"{_LAST}; each padding is at most n"),
        )
    ),
    Row(
        "pad",
        PAD,
        {
            "pad": Argument(read=last_axis_first, aliases=("pads",), per_axis=2),
            "mode": Argument("constant", words("constant", "reflect", "replicate", "circular")),
            **passive("value"),
        },
        rules.pad,
        (),
        "n + begin + end",
        f"{_LAST}; negative padding crops; reflect pads less than n, circular at most n",
        whole=rules.padded_all,
    ),
)

FRAMEWORK = Framework("torch", "PyTorch", (*_LAYERS, *_PADS), ("pytorch",))
