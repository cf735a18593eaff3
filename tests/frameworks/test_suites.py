"""The inputs of the frameworks' own tests, as their authors spell them, and what they gave."""

from __future__ import annotations

from typing import Any

import pytest
from frameworks.recorded import rows

from solver.errors import SolverError
from solver.frameworks import layer


def ours(name: str, row: dict[str, Any]) -> list[int] | None:
    try:
        found = layer(name, row["op"], **row["p"]).size(row["in"])
    except SolverError:
        return None
    return list(found)


@pytest.mark.parametrize("name", ["torch", "keras", "onnx"])
def test_every_input_of_a_framework_s_own_tests_is_reproduced(name: str) -> None:
    found = list(rows(f"suites-{name}"))
    assert len(found) > 70
    assert not [row | {"ours": ours(name, row)} for row in found if ours(name, row) != row["out"]]


def answer(name: str, operation: str, sizes: Any, given: dict[str, Any]) -> Any:
    try:
        return layer(name, operation, **given).size(sizes)
    except SolverError:
        return None


_TWICE = {"kernel_size": 3, "strides": 2, "dilation_rate": 2}


@pytest.mark.parametrize(
    ("name", "operation", "given", "sizes", "out"),
    [
        # what the frameworks said when they were run
        ("jax", "lax.conv_general_dilated", {"kernel": [3], "rhs_dilation": None}, (9,), (7,)),
        ("jax", "lax.reduce_window", {"window_dimensions": [3], "base_dilation": None}, (9,), (7,)),
        ("jax", "lax.conv_transpose", {"kernel": [3], "padding": "same"}, (9,), None),
        ("flax", "nn.ConvTranspose", {"kernel_size": (3,), "strides": None}, (9,), (9,)),
        ("flax", "nn.Conv", {"kernel_size": (3,), "padding": "circular"}, (9,), None),
        ("flax", "nn.Conv", {"kernel_size": (3,), "padding": "same"}, (9,), (9,)),
        ("flax", "nn.max_pool", {"window_shape": (2,), "strides": 2}, (9,), None),
        ("flax", "nn.max_pool", {"window_shape": (2,), "padding": 1}, (9,), None),
        ("keras", "Conv1D", {"kernel_size": 3, "padding": "SAME"}, (9,), (9,)),
        ("keras", "MaxPool1D", {"padding": "SAME"}, (9,), None),
        ("keras", "AveragePooling1D", {}, (9,), None),
        ("keras", "Cropping2D", {}, (9, 9), (9, 9)),
        ("keras", "Cropping1D", {"cropping": (1,)}, (9,), None),
        ("keras", "SeparableConv1D", _TWICE, (9,), (3,)),
        ("keras", "Conv1D", _TWICE, (9,), None),
        ("keras", "UpSampling2D", {}, (0, 2), (0, 4)),
        ("keras", "ZeroPadding1D", {}, (0,), (2,)),
        ("tensorflow", "tf.nn.conv1d", {"kernel": 3, "padding": [[1, 1]]}, (9,), None),
        ("tensorflow", "tf.nn.conv2d", {"filters": [3, 3, 1, 8], "strides": 1}, (9, 9), (7, 7)),
        ("torch", "MaxPool2d", {"kernel_size": (2,), "stride": ()}, (9, 9), (4, 4)),
        ("torch", "Conv2d", {"kernel_size": 3, "stride": (2,)}, (9, 9), (4, 4)),
        ("torch", "Conv2d", {"kernel_size": (3,)}, (9, 9), None),
        ("torch", "Conv2d", {"kernel_size": 3, "padding": "SAME"}, (9, 9), None),
        ("torch", "AdaptiveAvgPool2d", {"output_size": 1}, (0, 4), (1, 1)),
        ("torch", "AdaptiveAvgPool2d", {"output_size": (1, 2)}, (0, 4), None),
        ("torch", "AdaptiveMaxPool2d", {"output_size": 1}, (0, 4), None),
        ("torch", "F.interpolate", {"size": 0, "mode": "area"}, (9,), (0,)),
        ("torch", "PixelUnshuffle", {"downscale_factor": 2}, (1, 4, 0, 2), (1, 4, 0, 2)),
        ("torch", "F.pad", {"pad": (1, 2)}, (9, 9), (9, 12)),
    ],
)
def test_what_was_read_wrong_once(
    name: str, operation: str, given: dict[str, Any], sizes: Any, out: Any
) -> None:
    assert answer(name, operation, sizes, given) == out


@pytest.mark.parametrize(
    ("name", "operation", "given"),
    [
        ("torch", "Conv1d", {"in_channels": 4, "out_channels": 6, "groups": 4}),
        ("torch", "Conv1d", {"in_channels": 4, "groups": 3}),
        ("torch", "ConvTranspose1d", {"groups": 0}),
        ("keras", "Conv1D", {"filters": 5, "groups": 2}),
        ("keras", "Conv1DTranspose", {"filters": 0}),
        ("keras", "DepthwiseConv1D", {"depth_multiplier": 0}),
        ("flax", "Conv", {"in_features": 3, "out_features": 4, "feature_group_count": 2}),
    ],
)
def test_groups_must_divide_the_channels(name: str, operation: str, given: dict[str, Any]) -> None:
    assert answer(name, operation, (9,), {"kernel_size": (3,), **given}) is None
    fitting = {key: 6 if key in ("filters", "depth_multiplier") else 2 for key in given}
    assert answer(name, operation, (9,), {"kernel_size": (3,), **fitting})


@pytest.mark.parametrize("stride", [10**9, 10**17])
def test_a_huge_stride_is_answered_at_once(stride: int) -> None:
    given = {"kernel": [3], "window_strides": [stride], "padding": "SAME"}
    assert layer("jax", "conv_general_dilated", **given).size((8,)) == (1,)


def test_more_axes_than_a_framework_has_are_called_so() -> None:
    with pytest.raises(SolverError, match="PyTorch has no convolution of 4 axes"):
        layer("torch", "Conv4d", kernel_size=3)


def test_resizing_that_keeps_the_aspect_ratio_is_no_formula_of_one_axis() -> None:
    given = {"sizes": [7, 8], "axes": [3, 2], "keep_aspect_ratio_policy": "not_larger"}
    resize = layer("onnx", "Resize", **given)
    assert resize.size((1, 1, 4, 2)) == (1, 1, 8, 4)
    with pytest.raises(SolverError, match="all axes alike"):
        layer("onnx", "Resize", sizes=[7], keep_aspect_ratio_policy="not_larger").size_map()
