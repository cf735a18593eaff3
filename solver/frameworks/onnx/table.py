"""ONNX: nodes, attributes with one entry per axis, pads as all begins and then all ends.

The rule is the operator's text; where onnxruntime or shape inference differs, a note says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solver.errors import SolverError
from solver.frameworks.onnx import rules as rules
from solver.frameworks.onnx import runtimes as runtimes
from solver.layers.arguments import (
    Argument,
    begins_then_ends,
    flag,
    is_list,
    last_numbers,
    maybe_numbers,
    number,
    numbers,
    scales,
    words,
)
from solver.layers.kind import (
    AVERAGE,
    CONV,
    FOLD,
    MAX,
    NORM,
    PAD,
    RESIZE,
    SHUFFLE,
    TRANSPOSED,
    UNPOOL,
    UNSHUFFLE,
    WHOLE,
)
from solver.layers.row import Framework, Row, passive


def _last_scales(name: str, value: Any, axes: int) -> tuple[float | None, ...]:
    return scales(name, value[-axes:] if is_list(value) else value, axes)


def _last_sizes(name: str, value: Any, axes: int) -> tuple[int | None, ...]:
    return maybe_numbers(name, value[-axes:] if is_list(value) else value, axes)


def _every_axis(given: Mapping[str, Any], axes: int) -> Mapping[str, Any]:
    """Return scales, sizes and pads of the axes that `axes` names as such of every axis.

    >>> _every_axis({"sizes": [7, 8], "axes": [3, 2]}, 2)
    {'sizes': [8, 7], 'scales': [None, None]}
    """
    named = given.get("axes")
    if named is None:
        return given
    places = [number("axes", axis) for axis in named]
    # Where an input is given without batch and channels, the axes count them all the same.
    before = 2 if max(places, default=0) >= axes else 0
    places = [axis + axes if axis < 0 else axis - before for axis in places]
    if any(not 0 <= place < axes for place in places) or len(set(places)) < len(places):
        raise SolverError("axes must name axes of the input, each once", repr(list(named)))
    found = {name: value for name, value in given.items() if name != "axes"}
    if "pads" in given:
        ends = begins_then_ends("pads", given["pads"], len(places))
        padded = dict(zip(places, ends, strict=True))
        pads = [padded.get(place, (0, 0)) for place in range(axes)]
        return found | {"pads": [end[side] for side in (0, 1) for end in pads]}
    scaled = dict(zip(places, scales("scales", given.get("scales"), len(places)), strict=True))
    sized = dict(zip(places, maybe_numbers("sizes", given.get("sizes"), len(places)), strict=True))
    # An axis that is not named stays as it is.
    return found | {
        "scales": [scaled.get(place, 1) for place in range(axes)],
        "sizes": [sized.get(place) for place in range(axes)],
    }


def _last_pads(name: str, value: Any, axes: int) -> tuple[tuple[int, int], ...]:
    """Read the pads of the last axes of a tensor, where those before them are padded by nothing."""
    rank = len(value) // 2 if is_list(value) else axes
    if rank > axes:
        value = [*value[rank - axes : rank], *value[2 * rank - axes :]]
    return begins_then_ends(name, value, axes)


_ONE = Argument(1, numbers)
_KERNEL = Argument(read=numbers, aliases=("kernel",))
_PADS = Argument(None, begins_then_ends, per_axis=2)
_AUTO = Argument("NOTSET", words("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"))
_CONV = {
    "auto_pad": _AUTO,
    "dilations": _ONE,
    **passive("group", "W", "B"),
    "kernel_shape": _KERNEL,
    "pads": _PADS,
    "strides": _ONE,
}
_POOL = {
    "auto_pad": _AUTO,
    "ceil_mode": Argument(0, flag),
    "dilations": _ONE,
    "kernel_shape": _KERNEL,
    "pads": _PADS,
    "strides": _ONE,
}
_WINDOWS = "floor((n + lo + hi - d(k - 1) - 1)/s) + 1; SAME_* ceil(n/s)"

FRAMEWORK = Framework(
    "onnx",
    "ONNX",
    (
        Row(
            "Conv",
            CONV,
            {**_CONV, **passive("offset_group")},
            rules.conv,
            (),
            _WINDOWS,
            "onnxruntime refuses SAME_* with dilations",
            ("convinteger", "qlinearconv", "deformconv"),
            notes=runtimes.notes(runtimes.CONV, rules.sizes(rules.conv)),
        ),
        Row(
            "ConvTranspose",
            TRANSPOSED,
            {
                **_CONV,
                "output_padding": Argument(0, numbers),
                "output_shape": Argument(None, maybe_numbers),
            },
            rules.conv_transpose,
            (),
            "(n - 1)s + d(k - 1) + 1 + a - lo - hi; SAME_* sn; or output_shape",
            "output_shape overrides pads; SAME_LOWER crops the odd element at the begin; "
            "output_padding is less than the stride or dilation, in onnxruntime than the stride",
            notes=runtimes.notes(runtimes.CONV_TRANSPOSE, rules.sizes(rules.conv_transpose)),
        ),
        *(
            Row(
                name,
                kind,
                {**_POOL, **passive(*more)},
                rules.pool,
                (),
                f"{_WINDOWS}; ceil with ceil_mode, less 1 where the last window would start after "
                "the input",
                f"the stride is 1 unless given{gotcha}; "
                "onnxruntime wants each pad smaller than the kernel; "
                "shape inference below opset 22 keeps the last window of ceil_mode",
                notes=runtimes.notes(runs, rules.sizes(rules.pool)),
            )
            for name, kind, runs, more, gotcha in (
                ("MaxPool", MAX, runtimes.MAX_POOL, ("storage_order",), ""),
                (
                    "AveragePool",
                    AVERAGE,
                    runtimes.AVERAGE_POOL,
                    ("count_include_pad",),
                    "; the padding is left out of averages unless count_include_pad=1",
                ),
                ("LpPool", NORM, runtimes.LP_POOL, ("p",), ""),
            )
        ),
        *(
            Row(f"Global{name}Pool", WHOLE, passive("p"), rules.one, (), "1")
            for name in ("Max", "Average", "Lp")
        ),
        Row(
            "MaxUnpool",
            UNPOOL,
            {
                "kernel_shape": _KERNEL,
                "pads": _PADS,
                "strides": _ONE,
                "output_shape": Argument(None, last_numbers),
            },
            rules.unpool,
            (),
            "(n - 1)s + k - lo - hi, or output_shape",
        ),
        Row(
            "Resize",
            RESIZE,
            {
                "scales": Argument(None, _last_scales, ("_scales",), 0),
                "sizes": Argument(None, _last_sizes, per_axis=0),
                "keep_aspect_ratio_policy": Argument(
                    "stretch", words("stretch", "not_larger", "not_smaller")
                ),
                **passive(
                    "axes",
                    "mode",
                    "coordinate_transformation_mode",
                    "nearest_mode",
                    "antialias",
                    "cubic_coeff_a",
                    "exclude_outside",
                    "extrapolation_value",
                    "roi",
                ),
            },
            rules.resize,
            (),
            "floor(n * scale), or sizes; not_larger, not_smaller scale all axes alike",
            "onnxruntime multiplies in single precision, shape inference in double",
            whole=rules.resized_together,
            notes=runtimes.notes(runtimes.RESIZE, rules.sizes(rules.resize)),
            arrange=_every_axis,
        ),
        Row(
            "Upsample",
            RESIZE,
            {"scales": Argument(read=_last_scales, per_axis=0), **passive("mode")},
            rules.upsample,
            (),
            "floor(n * scale)",
            "replaced by Resize since opset 10",
        ),
        Row(
            "Pad",
            PAD,
            {
                "pads": Argument(read=_last_pads, per_axis=0),
                "mode": Argument("constant", words("constant", "reflect", "edge", "wrap")),
                **passive("axes", "constant_value"),
            },
            rules.pad,
            (),
            "n + lo + hi",
            "pads of batch and channels come first; negative pads crop; reflect pads less than n",
            arrange=_every_axis,
        ),
        Row(
            "Col2Im",
            FOLD,
            {
                "image_shape": Argument(read=numbers),
                "block_shape": Argument(read=numbers),
                "dilations": _ONE,
                "pads": _PADS,
                "strides": _ONE,
            },
            rules.col2im,
            (),
            "image_shape",
            "takes one size, the number of blocks",
            whole=rules.columns,
        ),
        Row(
            "DepthToSpace",
            SHUFFLE,
            {"blocksize": Argument(read=numbers), **passive("mode")},
            rules.depth_to_space,
            (2,),
            "n * blocksize",
            "mode CRD is PyTorch's order of channels, the default DCR is not",
        ),
        Row(
            "SpaceToDepth",
            UNSHUFFLE,
            {"blocksize": Argument(read=numbers), **passive("mode")},
            rules.space_to_depth,
            (2,),
            "n/blocksize",
            "the sizes must be divisible by blocksize; the order of channels is not PyTorch's",
        ),
    ),
)
