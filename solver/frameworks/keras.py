"""Keras: padding in words only, ZeroPadding and Cropping layers for everything else.

Sizes are those Keras works out itself (compute_output_shape), whatever the backend.
"""

from __future__ import annotations

from solver.frameworks import keras_rules as rules
from solver.frameworks.arguments import Argument, keras_pairs, maybe_numbers, numbers, words
from solver.frameworks.keras_notes import conv_transpose_notes, pool_notes
from solver.frameworks.table import Framework, Row, passive

_ONE = Argument(1, numbers)
_AXES = (1, 2, 3)
_KERNEL = {"kernel_size": Argument(read=numbers), "strides": _ONE}
_WORDS = Argument("valid", words("valid", "same"))
_OTHER = passive("data_format", "activation", "use_bias", "kernel_initializer", "name")
_CONV = {
    **_KERNEL,
    "padding": Argument("valid", words("valid", "same", "causal")),
    **passive("data_format"),
    "dilation_rate": _ONE,
    **passive("groups", *_OTHER),
}
_POOL = {
    "pool_size": Argument(2, numbers),
    "strides": Argument(None, maybe_numbers),
    "padding": _WORDS,
    **passive("data_format", "name"),
}
_SAME = "valid floor((n - d(k - 1) - 1)/s) + 1; same ceil(n/s)"
_DYNAMIC = "same pads the odd element at the end, and how much depends on n"

FRAMEWORK = Framework(
    "keras",
    "Keras",
    (
        Row(
            "Conv{}D",
            "convolution",
            {**passive("filters"), **_CONV},
            rules.conv,
            _AXES,
            f"{_SAME}; causal (1D) ceil(n/s)",
            f"no strides with dilation_rate, even on different axes; {_DYNAMIC}",
            check=rules.conv_check,
        ),
        Row(
            "SeparableConv{}D",
            "separable convolution",
            {**passive("filters"), **_CONV, **passive("depth_multiplier")},
            rules.conv,
            (1, 2),
            _SAME,
            f"no strides with dilation_rate; {_DYNAMIC}",
            check=rules.conv_check,
        ),
        Row(
            "DepthwiseConv{}D",
            "depthwise convolution",
            {
                **_KERNEL,
                "padding": _WORDS,
                **passive("depth_multiplier", "data_format"),
                "dilation_rate": _ONE,
                **_OTHER,
            },
            rules.conv,
            (1, 2),
            _SAME,
            f"strides go with dilation_rate here; {_DYNAMIC}",
        ),
        Row(
            "Conv{}DTranspose",
            "transposed convolution",
            {
                **passive("filters"),
                **_KERNEL,
                "padding": _WORDS,
                "output_padding": Argument(None, maybe_numbers),
                **passive("data_format"),
                "dilation_rate": _ONE,
                **_OTHER,
            },
            rules.conv_transpose,
            _AXES,
            "valid (n - 1)s + max(d(k - 1) + 1, s); same sn; with output_padding a "
            "valid (n - 1)s + d(k - 1) + 1 + a, same (n - 1)s + (d(k - 1) + 1) % 2 + a",
            "output_padding=0 is not the same as none; it must be smaller than the stride; "
            "no strides with dilation_rate; "
            "TensorFlow runs same with output_padding only where (n - 1)s < size <= sn",
            ("convtranspose",),
            rules.not_both,
            notes=conv_transpose_notes,
        ),
        *(
            Row(
                f"{name}Pooling{{}}D",
                kind,
                _POOL,
                rules.pool,
                _AXES,
                "valid floor((n - k)/s) + 1; same ceil(n/s)",
                f"the stride is pool_size unless given; {gotcha}",
                notes=pool_notes,
            )
            for name, kind, gotcha in (
                ("Max", "max pooling", _DYNAMIC),
                ("Average", "average pooling", "same leaves the padding out of averages"),
            )
        ),
        *(
            Row(
                f"Global{name}Pooling{{}}D",
                "global pooling",
                passive("data_format", "keepdims"),
                rules.one,
                _AXES,
                "1",
                "the axes are dropped unless keepdims=True",
            )
            for name in ("Max", "Average")
        ),
        *(
            Row(
                f"Adaptive{name}Pooling{{}}D",
                "adaptive pooling",
                {
                    "output_size": Argument(read=numbers),
                    **passive("data_format"),
                },
                rules.whole,
                _AXES,
                "output_size",
            )
            for name in ("Max", "Average")
        ),
        Row(
            "UpSampling{}D",
            "resize",
            {"size": Argument(2, numbers), **passive("data_format", "interpolation")},
            rules.upsample,
            _AXES,
            "n * size",
            "whole factors only",
        ),
        Row(
            "ZeroPadding{}D",
            "padding",
            {"padding": Argument(1, keras_pairs), **passive("data_format")},
            rules.zero_padding,
            _AXES,
            "n + begin + end",
            "zeros before a max pooling count as values",
        ),
        Row(
            "Cropping{}D",
            "cropping",
            {"cropping": Argument(1, keras_pairs), **passive("data_format")},
            rules.cropping,
            _AXES,
            "n - begin - end",
            "something must be left of the input",
        ),
    ),
    ("keras-jax", "keras-tensorflow", "keras-torch"),
)
