"""Flax, linen and nnx alike: JAX's rules under names of its own, with further padding words."""

from __future__ import annotations

from typing import Any

from solver.errors import SolverError
from solver.frameworks.jax import rules as rules
from solver.layers.arguments import (
    Argument,
    is_list,
    listed,
    numbers,
    numbers_or_one,
    padding_or,
)
from solver.layers.kind import AVERAGE, CONV, MAX, TRANSPOSED
from solver.layers.row import Framework, Row, passive

_ONE = Argument(1, numbers_or_one)
_WORDS = ("SAME", "SAME_LOWER", "VALID")
_CHANNELS = passive("in_features", "out_features")
_OTHER = passive(
    "features",
    "feature_group_count",
    "use_bias",
    "mask",
    "dtype",
    "param_dtype",
    "precision",
    "kernel_init",
    "bias_init",
    "conv_general_dilated",
    "conv_general_dilated_cls",
    "promote_dtype",
    "preferred_element_type",
    "kernel_metadata",
    "bias_metadata",
    "rngs",
    "name",
    "parent",
)


def _pool_strides(name: str, value: Any, axes: int) -> tuple[int, ...]:
    return (1,) * axes if value is None else listed(name, value, axes)


def _pool_padding(name: str, value: Any, axes: int) -> tuple[Any, ...]:
    if not isinstance(value, str) and not (is_list(value) and all(map(is_list, value))):
        raise SolverError(
            f"{name} is a word or pairs, one per axis", repr(value), "((1, 1), (1, 1))"
        )
    return padding_or(any_case=_WORDS)(name, value, axes)


FRAMEWORK = Framework(
    "flax",
    "Flax",
    (
        Row(
            "Conv",
            CONV,
            {
                **_CHANNELS,
                "kernel_size": Argument(read=numbers),
                "strides": _ONE,
                "padding": Argument(
                    "SAME",
                    padding_or("CIRCULAR", "REFLECT", "CAUSAL", any_case=_WORDS),
                ),
                "input_dilation": _ONE,
                "kernel_dilation": _ONE,
                **_OTHER,
            },
            rules.flax_conv,
            (),
            "SAME, SAME_LOWER, CIRCULAR, REFLECT, CAUSAL ceil(n/s); VALID, pairs "
            "floor((m(n - 1) + 1 + lo + hi - d(k - 1) - 1)/s) + 1, at least 0, "
            "with input_dilation m",
            "padding is SAME unless given; CAUSAL is for one axis; "
            "a kernel that does not fit gives size zero, not an error",
            check=rules.flax_check,
        ),
        Row(
            "ConvTranspose",
            TRANSPOSED,
            {
                **_CHANNELS,
                "kernel_size": Argument(read=numbers),
                "strides": _ONE,
                "padding": Argument("SAME", padding_or("SAME", "VALID", "SAME_LOWER", "CIRCULAR")),
                "kernel_dilation": _ONE,
                **_OTHER,
                **passive("transpose_kernel"),
            },
            rules.flax_conv_transpose,
            (),
            "SAME, CIRCULAR sn; VALID (n - 1)s + max(d(k - 1) + 1, s); "
            "pairs (n - 1)s + 1 + lo + hi - d(k - 1)",
            "padding pairs pad, where torch's crop; no output_padding: pad one more at the end",
            check=rules.words_by_stride,
        ),
        *(
            Row(
                name,
                kind,
                {
                    "window_shape": Argument(read=listed),
                    "strides": Argument(None, _pool_strides),
                    "padding": Argument("VALID", _pool_padding),
                    **passive("count_include_pad", "kind"),
                },
                rules.flax_pool,
                (),
                "floor((n + lo + hi - k)/s) + 1, at least 0; SAME, SAME_LOWER ceil(n/s)",
                f"the stride is 1 unless given, not the window{gotcha}",
                ("pool",),
            )
            for name, kind, gotcha in (
                ("max_pool", MAX, ""),
                ("avg_pool", AVERAGE, "; the padding counts in averages unless told"),
            )
        ),
    ),
    ("nnx", "linen"),
)
