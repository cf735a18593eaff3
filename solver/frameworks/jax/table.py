"""JAX: lax operations, kernels given by their spatial shape; what does not fit gives size zero."""

from __future__ import annotations

from typing import Any

from solver.errors import SolverError
from solver.frameworks.jax import rules as rules
from solver.layers.arguments import (
    Argument,
    flag,
    is_list,
    number,
    numbers,
    numbers_or_one,
    padding_or,
)
from solver.layers.kind import CONV, PAD, REDUCE, RESIZE, TRANSPOSED
from solver.layers.row import Framework, Row, passive


def _triples(name: str, value: Any, axes: int) -> tuple[tuple[int, int, int], ...]:
    """Read (low, high, interior) for each axis."""
    if not is_list(value) or len(value) != axes or any(len(v) != 3 for v in value):
        raise SolverError(f"{name} has (low, high, interior) for each axis", repr(value))
    return tuple((number(name, a), number(name, b), number(name, c)) for a, b, c in value)


_ONE = Argument(1, numbers_or_one)
_KERNEL = Argument(read=numbers, aliases=("kernel", "kernel_size", "rhs_shape"))
_WORDS = padding_or(any_case=("SAME", "SAME_LOWER", "VALID"))
_OTHER = passive(
    "dimension_numbers",
    "feature_group_count",
    "batch_group_count",
    "precision",
    "preferred_element_type",
    "out_sharding",
)
_NO_FIT = "a kernel that does not fit gives size zero, not an error"

FRAMEWORK = Framework(
    "jax",
    "JAX",
    (
        Row(
            "conv_general_dilated",
            CONV,
            {
                "kernel_shape": _KERNEL,
                "window_strides": Argument(1, numbers),
                "padding": Argument("VALID", _WORDS),
                "lhs_dilation": _ONE,
                "rhs_dilation": _ONE,
                **_OTHER,
            },
            rules.conv,
            (),
            "floor((m(n - 1) + 1 + lo + hi - d(k - 1) - 1)/s) + 1, at least 0, "
            "with lhs_dilation m; SAME, SAME_LOWER ceil(n/s)",
            f"{_NO_FIT}; padding in words goes with lhs_dilation 1 only",
            ("convwithgeneralpadding", "conv"),
            rules.no_words_when_dilated,
        ),
        Row(
            "conv_transpose",
            TRANSPOSED,
            {
                "kernel_shape": _KERNEL,
                "strides": Argument(1, numbers),
                "padding": Argument("SAME", padding_or("SAME", "VALID", "SAME_LOWER")),
                "rhs_dilation": _ONE,
                **passive(
                    "dimension_numbers", "transpose_kernel", "precision", "preferred_element_type"
                ),
                "use_consistent_padding": Argument(False, flag),
            },
            rules.conv_transpose,
            (),
            "(n - 1)s + 1 + lo + hi - d(k - 1); SAME sn; VALID (n - 1)s + max(d(k - 1) + 1, s)",
            "padding pairs pad, where torch's crop: torch's p is d(k - 1) - p here, "
            "or p with use_consistent_padding=True; no output_padding: pad more at the end",
            check=rules.words_by_stride,
        ),
        Row(
            "reduce_window",
            REDUCE,
            {
                **passive("init_value", "computation"),
                "window_dimensions": Argument(read=numbers),
                "window_strides": _ONE,
                "padding": Argument("VALID", _WORDS),
                "base_dilation": _ONE,
                "window_dilation": _ONE,
            },
            rules.reduce_window,
            (),
            "floor((m(n - 1) + 1 + lo + hi - d(k - 1) - 1)/s) + 1, at least 0, "
            "with base_dilation m; SAME, SAME_LOWER ceil(n/s) with base_dilation 1",
            f"{_NO_FIT}; padding in words is worked out before base_dilation",
        ),
        Row(
            "pad",
            PAD,
            {
                **passive("padding_value"),
                "padding_config": Argument(read=_triples),
            },
            rules.pad,
            (),
            "low + n + (n - 1)interior + high",
            "interior padding goes between neighbours; negative low and high crop",
        ),
        Row(
            "resize",
            RESIZE,
            {"shape": Argument(read=numbers), **passive("method", "antialias", "precision")},
            rules.resize,
            (),
            "shape",
            "takes a size, not a factor",
        ),
    ),
    ("lax",),
)
