"""ONNX: nodes, attributes with one entry per axis, pads as all begins and then all ends.

The rule is the operator's text; where onnxruntime or shape inference differs, a note says so.
"""

from __future__ import annotations

from typing import Any

from solver.frameworks import onnx_rules as rules
from solver.frameworks import onnx_runtimes as runtimes
from solver.frameworks.arguments import (
    Argument,
    begins_then_ends,
    flag,
    is_list,
    maybe_numbers,
    numbers,
    scales,
    words,
)
from solver.frameworks.table import Framework, Row, passive


def _last_scales(name: str, value: Any, axes: int) -> tuple[float | None, ...]:
    return scales(name, value[-axes:] if is_list(value) else value, axes)


def _last_sizes(name: str, value: Any, axes: int) -> tuple[int | None, ...]:
    return maybe_numbers(name, value[-axes:] if is_list(value) else value, axes)


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
    **passive("group"),
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
            "convolution",
            _CONV,
            rules.conv,
            (),
            _WINDOWS,
            "onnxruntime refuses SAME_* with dilations",
            ("convinteger", "qlinearconv", "deformconv"),
            notes=runtimes.notes(runtimes.CONV, rules.sizes(rules.conv)),
        ),
        Row(
            "ConvTranspose",
            "transposed convolution",
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
                ("MaxPool", "max pooling", runtimes.MAX_POOL, ("storage_order",), ""),
                (
                    "AveragePool",
                    "average pooling",
                    runtimes.AVERAGE_POOL,
                    ("count_include_pad",),
                    "; the padding is left out of averages unless count_include_pad=1",
                ),
                ("LpPool", "LP pooling", runtimes.LP_POOL, ("p",), ""),
            )
        ),
        *(
            Row(f"Global{name}Pool", "global pooling", passive("p"), rules.one, (), "1")
            for name in ("Max", "Average", "Lp")
        ),
        Row(
            "MaxUnpool",
            "max unpooling",
            {"kernel_shape": _KERNEL, "pads": _PADS, "strides": _ONE},
            rules.unpool,
            (),
            "(n - 1)s + k - lo - hi",
        ),
        Row(
            "Resize",
            "resize",
            {
                "scales": Argument(None, _last_scales, ("_scales",), 0),
                "sizes": Argument(None, _last_sizes, per_axis=0),
                **passive(
                    "mode", "coordinate_transformation_mode", "nearest_mode", "antialias", "axes"
                ),
            },
            rules.resize,
            (),
            "floor(n * scale), or sizes",
            "onnxruntime multiplies in single precision, shape inference in double",
            notes=runtimes.notes(runtimes.RESIZE, rules.sizes(rules.resize)),
        ),
        Row(
            "Upsample",
            "resize",
            {"scales": Argument(read=_last_scales, per_axis=0), **passive("mode")},
            rules.upsample,
            (),
            "floor(n * scale)",
            "replaced by Resize since opset 10",
        ),
        Row(
            "Pad",
            "padding",
            {
                "pads": Argument(read=_last_pads, per_axis=0),
                "mode": Argument("constant", words("constant", "reflect", "edge", "wrap")),
                **passive("constant_value"),
            },
            rules.pad,
            (),
            "n + lo + hi",
            "pads of batch and channels come first; negative pads crop; reflect pads less than n, "
            "wrap at most n",
        ),
        Row(
            "Col2Im",
            "fold",
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
            "pixel shuffle",
            {"blocksize": Argument(read=numbers), **passive("mode")},
            rules.depth_to_space,
            (2,),
            "n * blocksize",
            "mode CRD is PyTorch's order of channels, the default DCR is not",
        ),
        Row(
            "SpaceToDepth",
            "pixel unshuffle",
            {"blocksize": Argument(read=numbers)},
            rules.space_to_depth,
            (2,),
            "n/blocksize",
            "the sizes must be divisible by blocksize; the order of channels is not PyTorch's",
        ),
    ),
)
