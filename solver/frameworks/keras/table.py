"""Keras: padding in words only, ZeroPadding and Cropping layers for everything else.

Sizes are those Keras works out itself (compute_output_shape), whatever the backend.
"""

from __future__ import annotations

from solver.frameworks.keras import rules as rules
from solver.layers.arguments import (
    REQUIRED,
    Argument,
    keras_pairs,
    maybe_numbers,
    numbers,
    words,
    words_in,
)
from solver.layers.kind import (
    AVERAGE,
    CENTRE,
    CONV,
    CROP,
    DEPTHWISE,
    MAX,
    PAD,
    PARTS,
    RESIZE,
    SEPARABLE,
    TRANSPOSED,
    WHOLE,
)
from solver.layers.row import Framework, Row, Values, passive

_ONE = Argument(1, numbers)
_AXES = (1, 2, 3)
_KERNEL = {"kernel_size": Argument(read=numbers), "strides": _ONE}
_WORDS = Argument("valid", words_in(any_case=("valid", "same")))
#: What every layer takes.
_LAYER = passive("name", "dtype", "trainable", "input_shape")


def _weights(*kinds: str) -> dict[str, Argument]:
    """What a layer is told of its activation and weights, which sizes do not depend on."""
    return passive(
        "activation",
        "use_bias",
        *(f"{kind}_initializer" for kind in kinds),
        *(f"{kind}_regularizer" for kind in kinds),
        "activity_regularizer",
        *(f"{kind}_constraint" for kind in kinds),
        *_LAYER,
    )


# Where a backend of Keras does not do what Keras says it will.


def _conv_transpose_notes(found: Values, sizes: tuple[int, ...]) -> list[str]:
    """Note where TensorFlow refuses a size that Keras promises with output_padding."""
    for n, s, k, d, a, padding in zip(
        sizes,
        found["strides"],
        found["kernel_size"],
        found["dilation_rate"],
        found["output_padding"],
        found["padding"],
        strict=True,
    ):
        if a is None:
            continue
        span = d * (k - 1) + 1
        out = (n - 1) * s + a + (span % 2 if padding == "same" else span)
        if padding == "same" and not (n - 1) * s < out <= n * s:
            return [
                f"TensorFlow 2.21 as backend refuses it: {out} is not in {(n - 1) * s + 1}..{n * s}"
            ]
    return []


def _pool_notes(found: Values, sizes: tuple[int, ...]) -> list[str]:
    """Note that the backends give nothing where Keras refuses a window that does not fit."""
    for n, k, padding in zip(sizes, found["pool_size"], found["padding"], strict=True):
        if padding == "valid" and n < k:
            return ["the JAX and TensorFlow backends of Keras 3.15 give size zero when run"]
    return []


_CONV = {
    **_KERNEL,
    "padding": Argument("valid", words_in(any_case=("valid", "same", "causal"))),
    **passive("data_format"),
    "dilation_rate": _ONE,
}
_POOL = {
    "strides": Argument(None, maybe_numbers),
    "padding": Argument("valid", words("valid", "same")),
    **passive("data_format"),
    **_LAYER,
}
#: The three-dimensional layer has them in the other order.
_EXTRA = {"output_padding": Argument(None, maybe_numbers), **passive("data_format")}
_EXTRA_3D = dict(reversed(_EXTRA.items()))
_SAME = "valid floor((n - d(k - 1) - 1)/s) + 1; same ceil(n/s)"
_DYNAMIC = "same pads the odd element at the end, and how much depends on n"

FRAMEWORK = Framework(
    "keras",
    "Keras",
    (
        Row(
            "Conv{}D",
            CONV,
            {
                **passive("filters"),
                **_CONV,
                **passive("groups"),
                **_weights("kernel", "bias"),
                **passive("lora_rank"),
            },
            rules.conv,
            _AXES,
            f"{_SAME}; causal (1D) ceil(n/s)",
            f"no strides with dilation_rate, even on different axes; {_DYNAMIC}",
            ("convolution",),
            check=rules.conv_check,
        ),
        Row(
            "SeparableConv{}D",
            SEPARABLE,
            {
                **passive("filters"),
                **_KERNEL,
                "padding": _WORDS,
                **passive("data_format"),
                "dilation_rate": _ONE,
                **passive("depth_multiplier"),
                **_weights("depthwise", "pointwise", "bias"),
            },
            rules.conv,
            (1, 2),
            _SAME,
            f"strides go with dilation_rate here; {_DYNAMIC}",
            ("separableconvolution",),
        ),
        Row(
            "DepthwiseConv{}D",
            DEPTHWISE,
            {
                **_KERNEL,
                "padding": _WORDS,
                **passive("depth_multiplier", "data_format"),
                "dilation_rate": _ONE,
                **_weights("depthwise", "bias"),
            },
            rules.conv,
            (1, 2),
            _SAME,
            f"strides go with dilation_rate here; {_DYNAMIC}",
        ),
        *(
            Row(
                "Conv{}DTranspose",
                TRANSPOSED,
                {
                    **passive("filters"),
                    **_KERNEL,
                    "padding": _WORDS,
                    **between,
                    "dilation_rate": _ONE,
                    **_weights("kernel", "bias"),
                },
                rules.conv_transpose,
                axes,
                "valid (n - 1)s + max(d(k - 1) + 1, s); same sn; with output_padding a "
                "valid (n - 1)s + d(k - 1) + 1 + a, same (n - 1)s + (d(k - 1) + 1) % 2 + a",
                "output_padding=0 is not the same as none; it must be smaller than the stride; "
                "no strides with dilation_rate; "
                "TensorFlow runs same with output_padding only where (n - 1)s < size <= sn",
                ("convtranspose", "convolutiontranspose"),
                rules.not_both,
                notes=_conv_transpose_notes,
            )
            for axes, between in (((1, 2), _EXTRA), ((3,), _EXTRA_3D))
        ),
        *(
            Row(
                f"{name}Pooling{{}}D",
                kind,
                {"pool_size": Argument(size, numbers), **_POOL},
                rules.pool,
                _AXES,
                "valid floor((n - k)/s) + 1; same ceil(n/s)",
                f"the stride is pool_size unless given; {gotcha}",
                aliases,
                notes=_pool_notes,
            )
            for name, kind, size, gotcha, aliases in (
                ("Max", MAX, 2, _DYNAMIC, ("maxpool",)),
                (
                    "Average",
                    AVERAGE,
                    REQUIRED,
                    "same leaves the padding out of averages",
                    ("avgpool", "averagepool"),
                ),
            )
        ),
        *(
            Row(
                f"Global{name}Pooling{{}}D",
                WHOLE,
                passive("data_format", "keepdims", *_LAYER),
                rules.one,
                _AXES,
                "1",
                "the axes are dropped unless keepdims=True",
                (f"global{short}pool",),
            )
            for name, short in (("Max", "max"), ("Average", "avg"))
        ),
        *(
            Row(
                f"Adaptive{name}Pooling{{}}D",
                PARTS,
                {
                    "output_size": Argument(read=numbers),
                    **passive("data_format"),
                    **_LAYER,
                },
                rules.whole,
                _AXES,
                "output_size",
            )
            for name in ("Max", "Average")
        ),
        Row(
            "UpSampling{}D",
            RESIZE,
            {"size": Argument(2, numbers), **passive("data_format", "interpolation"), **_LAYER},
            rules.upsample,
            _AXES,
            "n * size",
            "whole factors only",
        ),
        Row(
            "Resizing",
            RESIZE,
            {
                "height": Argument(read=numbers),
                "width": Argument(read=numbers),
                "interpolation": Argument("bilinear"),
                **passive(
                    "crop_to_aspect_ratio",
                    "pad_to_aspect_ratio",
                    "fill_mode",
                    "fill_value",
                    "antialias",
                    "data_format",
                ),
                **_LAYER,
            },
            rules.to_size,
            (2,),
            "height, width",
            "which part is read depends on both sizes with crop_to_aspect_ratio, and with "
            "pad_to_aspect_ratio",
            arrange=rules.height_and_width,
        ),
        Row(
            "CenterCrop",
            CENTRE,
            {
                "height": Argument(read=numbers),
                "width": Argument(read=numbers),
                **passive("data_format"),
                **_LAYER,
            },
            rules.to_size,
            (2,),
            "height, width",
            "an input that is shorter on one axis is resized on both",
            arrange=rules.height_and_width,
        ),
        Row(
            "ZeroPadding{}D",
            PAD,
            {"padding": Argument(1, keras_pairs), **passive("data_format"), **_LAYER},
            rules.zero_padding,
            _AXES,
            "n + begin + end",
            "zeros before a max pooling count as values",
        ),
        *(
            Row(
                "Cropping{}D",
                CROP,
                {"cropping": Argument(default, keras_pairs), **passive("data_format"), **_LAYER},
                rules.cropping,
                axes,
                "n - begin - end",
                "something must be left of the input",
            )
            for axes, default in (((1, 3), 1), ((2,), 0))
        ),
    ),
    ("keras-jax", "keras-tensorflow", "keras-torch"),
)
