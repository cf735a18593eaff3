"""What slides no window goes from one framework to another: proved by hand, element by element."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from cli_fixtures import run

from solver import SolverError
from solver.conversion.conversion import Conversion, convert
from solver.conversion.text import read_layer
from solver.frameworks import framework, layer
from solver.frameworks.code import TARGETS, line
from solver.frameworks.positions import agreement, same_inputs
from solver.frameworks.sampling import NEAREST, of_layer
from solver.frameworks.spec import reading
from solver.layers.layer import Layer
from solver.render.conversion import Converted


def converted(text: str, source: str, target: str, axes: int = 2, *sizes: int) -> Conversion:
    made = read_layer(framework(source), text)
    return convert(made, target, made.axes or axes, sizes or None)


def words(found: Conversion) -> list[str]:
    best = found.exact or found.classes[0]
    return [line(each) for each in best.written.layers]


@pytest.mark.parametrize(
    ("text", "source", "target", "word"),
    [
        ("Conv2D(64, 3, strides=2, padding='same')", "keras", "jax", '"SAME"'),
        ("MaxPooling2D(3, 2, 'same')", "keras", "onnx", "SAME_UPPER"),
        (
            "Conv(kernel_shape=[4, 4], strides=[3, 3], auto_pad='SAME_LOWER')",
            "onnx",
            "jax",
            "SAME_LOWER",
        ),
        (
            "Conv(kernel_shape=[4, 4], strides=[3, 3], auto_pad='SAME_LOWER')",
            "onnx",
            "flax",
            "SAME_LOWER",
        ),
        (
            "conv_general_dilated(kernel_shape=[3, 4], window_strides=3, padding='SAME_LOWER')",
            "jax",
            "onnx",
            "SAME_LOWER",
        ),
    ],
)
def test_padding_that_depends_on_n_has_one_word_per_end(
    text: str, source: str, target: str, word: str
) -> None:
    found = converted(text, source, target)
    assert found.exact is not None
    assert word in words(found)[0]
    assert str(found.exact.aligned) == "n >= 1"


def test_the_odd_element_before_can_be_padding_alike() -> None:
    """Kernel 3 and stride 2: even n needs one element, odd n two; one is always before."""
    node = "Conv(kernel_shape=[3, 3], strides=[2, 2], auto_pad='SAME_LOWER')"
    found = converted(node, "onnx", "torch")
    assert found.exact is not None
    assert words(found) == ["nn.Conv2d(1, 1, kernel_size=3, stride=2, padding=1)"]


# Padding and cropping


def padded(row: list[int], begin: int, end: int, mode: str) -> list[int]:
    """Pad or crop a row by the definition of each mode."""
    n = len(row)
    found = []
    for at in range(-begin, n + end):
        if 0 <= at < n:
            found.append(row[at])
        elif mode == "zeros":
            found.append(0)
        elif mode == "replicate":
            found.append(row[min(max(at, 0), n - 1)])
        elif mode == "circular":
            found.append(row[at % n])
        else:
            found.append(row[-at if at < 0 else 2 * (n - 1) - at])
    return found


def ends_of(made: Layer) -> tuple[int, int]:
    """Return what one layer pads, read from its own arguments."""
    given: Any = made.arguments
    if made.name.startswith(("ZeroPadding", "Cropping")):
        value = given.get("padding", given.get("cropping"))
        begin, end = (value, value) if isinstance(value, int) else value
        return (begin, end) if "padding" in given else (-begin, -end)
    begin, end = given["pads"] if made.framework.name == "onnx" else given["padding"]
    return begin, end


@pytest.mark.parametrize("target", ["torch", "keras", "onnx"])
@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("ZeroPad1d", "zeros"),
        ("ReflectionPad1d", "reflect"),
        ("ReplicationPad1d", "replicate"),
        ("CircularPad1d", "circular"),
    ],
)
def test_padding_gives_the_same_elements(name: str, mode: str, target: str) -> None:
    called = {"edge": "replicate", "wrap": "circular", "reflect": "reflect"}
    for begin, end in product(range(-2, 4), repeat=2):
        found = convert(layer("torch", name, padding=(begin, end)), target, 1)
        if target == "keras" and mode != "zeros":
            assert found.exact is None
            continue
        assert found.exact is not None
        for n in range(6 if target == "onnx" else 5, 12):  # of what a crop leaves
            assert n in found.exact.aligned
            wanted = padded(list(range(1, n + 1)), begin, end, mode)
            got = list(range(1, n + 1))
            for made in found.exact.written.layers:
                own = "zeros"
                if target == "onnx":
                    own = called.get(made.arguments.get("mode", ""), "zeros")
                elif target == "torch":
                    own = mode if made.name == name else "zeros"
                got = padded(got, *ends_of(made), own)
            assert got == wanted


@pytest.mark.parametrize(
    ("text", "source", "target", "line"),
    [
        ("ZeroPad2d((1, 2, 3, 4))", "torch", "keras", "ZeroPadding2D(((3, 4), (1, 2)))"),
        ("ConstantPad1d(2, 5.0)", "torch", "onnx", "pads=[2, 2], constant_value=5.0"),
        ("ZeroPadding2D(((0, 1), (0, 1)))", "keras", "torch", "ZeroPad2d((0, 1, 0, 1))"),
        ("Cropping2D(1)", "keras", "torch", "ZeroPad2d((-1, -1, -1, -1))"),
        ("Cropping1D((1, 2))", "keras", "onnx", "pads=[-1, -2]"),
        ("Pad(pads=[0, 0, 1, 1, 0, 0, 2, 2], mode='edge')", "onnx", "torch", "ReplicationPad2d"),
        ("lax.pad(0.0, ((1, 2, 0), (0, 0, 0)))", "jax", "torch", "ZeroPad2d((0, 0, 1, 2))"),
        ("Pad(pads=[1, 1, 1, 1], mode='wrap')", "onnx", "torch", "CircularPad2d((1, 1, 1, 1))"),
        ("F.pad(x, (1, 0), mode='reflect')", "torch", "onnx", 'pads=[1, 0], mode="reflect"'),
        ("F.pad(x, (1, 2, 0, 0), value=7.0)", "torch", "jax", "lax.pad(x, 7.0, ((0, 0, 0), (0"),
    ],
)
def test_padding_in_the_words_of_another(text: str, source: str, target: str, line: str) -> None:
    found = converted(text, source, target)
    assert found.exact is not None
    assert line in words(found)[0]


def test_reflected_padding_is_exact_only_where_both_accept_it() -> None:
    found = converted("ReflectionPad1d((3, 1))", "torch", "onnx")
    assert found.exact is not None
    assert str(found.exact.aligned) == "n >= 4"


# Resizing


def nearest_input(j: int, n: int, m: int, scale: Fraction, where: str, rounding: str) -> int:
    """Return the input that is nearest, by the text of ONNX's Resize."""
    x = {
        "half_pixel": (j + Fraction(1, 2)) / scale - Fraction(1, 2),
        "asymmetric": j / scale,
        "tf_half_pixel_for_nn": (j + Fraction(1, 2)) / scale,
    }[where]
    rounded = {
        "floor": math.floor(x),
        "ceil": math.ceil(x),
        "round_prefer_floor": math.ceil(x - Fraction(1, 2)),
        "round_prefer_ceil": math.floor(x + Fraction(1, 2)),
    }[rounding]
    return min(max(rounded, 0), n - 1)


WAYS = list(
    product(
        ("half_pixel", "asymmetric", "tf_half_pixel_for_nn"),
        ("floor", "ceil", "round_prefer_floor", "round_prefer_ceil"),
    )
)


@pytest.mark.parametrize("scale", [0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0])
@pytest.mark.parametrize("fixed", [False, True])
def test_two_ways_to_take_the_nearest_are_equal_exactly_where_they_are(
    scale: float, fixed: bool
) -> None:
    size = {"sizes": [int(4 * scale)]} if fixed else {"scales": [scale]}
    act = of_layer(layer("onnx", "Resize", **size), 1)
    rows = {}
    for how, n in product(WAYS, range(1, 41)):
        m = int(act.readings[0].size(n))
        ratio = Fraction(m, n) if fixed else Fraction(scale)
        rows[how, n] = [nearest_input(j, n, m, ratio, *how) for j in range(m)]
    for one, other in product(WAYS, WAYS):
        found = same_inputs(act.how(NEAREST, *one), act.how(NEAREST, *other), 0)
        for n in range(1, 41):
            assert (n in found) == (rows[one, n] == rows[other, n]), (one, other, n)


@pytest.mark.parametrize(
    ("text", "source", "target", "line"),
    [
        ("Upsample(scale_factor=2)", "torch", "keras", "UpSampling2D(2)"),
        ("UpSampling2D((2, 3))", "keras", "torch", "Upsample(scale_factor=(2.0, 3.0))"),
        (
            "UpSampling2D(2, interpolation='bilinear')",
            "keras",
            "torch",
            'Upsample(scale_factor=2.0, mode="bilinear")',
        ),
        ("UpsamplingBilinear2d(scale_factor=2)", "torch", "onnx", "align_corners"),
        ("Resize(scales=[1, 1, 2, 2], mode='nearest')", "onnx", "keras", "UpSampling2D(2)"),
        ("Upsample(scale_factor=2.5, mode='nearest-exact')", "torch", "onnx", "round_prefer_ceil"),
        ("Upsample(size=9, mode='bicubic')", "torch", "onnx", 'sizes=[9, 9], mode="cubic"'),
        ("Resizing(5, 3)", "keras", "keras", "Resizing(height=5, width=3"),
        ("Upsample(size=9, mode='bilinear')", "torch", "keras", "Resizing(height=9, width=9"),
        ("PixelShuffle(3)", "torch", "onnx", 'blocksize=3, mode="CRD"'),
        (
            "DepthToSpace(blocksize=2, mode='CRD')",
            "onnx",
            "torch",
            "Shuffle(upscale_factor=2)",
        ),
        ("AdaptiveAvgPool2d(1)", "torch", "keras", "GlobalAveragePooling2D(keepdims=True)"),
        ("AdaptiveMaxPool1d(1)", "torch", "onnx", "GlobalMaxPool"),
        ("GlobalAveragePool()", "onnx", "torch", "AdaptiveAvgPool2d(1)"),
        ("AdaptiveAvgPool2d((3, 4))", "torch", "keras", "AdaptiveAveragePooling2D((3, 4))"),
    ],
)
def test_what_slides_no_window_in_the_words_of_another(
    text: str, source: str, target: str, line: str
) -> None:
    found = converted(text, source, target)
    assert found.exact is not None
    assert line in words(found)[0]
    assert found.exact.aligned == found.exact.same_size


@pytest.mark.parametrize("text", ["ZeroPad2d(0)", "ZeroPad1d((0, 0))"])
def test_what_changes_nothing_is_no_layer(text: str) -> None:
    found = converted(text, "torch", "keras")
    report = Converted(found, text)
    assert report.headline() == "no layer at all"
    assert report.record()["code"] is None


def test_other_positions_are_told_apart() -> None:
    found = converted("UpsamplingBilinear2d(scale_factor=2)", "torch", "keras")
    assert found.exact is None
    assert found.simple is not None
    assert str(found.simple.same_size) == "n >= 1"
    assert str(found.simple.aligned) == "n in {1}"
    half = converted("Upsample(scale_factor=1.5)", "torch", "onnx")
    assert half.exact is not None
    # j = 1 of 3 reads input 0 or 1: the two modes of PyTorch differ, ONNX's default is the first.
    default = converted("Resize(scales=[1.5, 1.5])", "onnx", "torch")
    assert "nearest-exact" not in words(default)[0]


def test_the_other_order_of_channels_is_a_note() -> None:
    for text, source, target in (
        ("PixelUnshuffle(2)", "torch", "onnx"),
        ("SpaceToDepth(blocksize=2)", "onnx", "torch"),
        ("DepthToSpace(blocksize=2)", "onnx", "torch"),
    ):
        found = converted(text, source, target)
        assert found.exact is not None
        assert "order of channels" in found.exact.written.notes[0]


def test_a_size_is_a_factor_for_one_input() -> None:
    assert words(converted("Upsample(size=64)", "torch", "keras", 2, 32, 16)) == [
        "keras.layers.UpSampling2D((2, 4))"
    ]
    pooled = converted("AdaptiveAvgPool2d(7)", "torch", "onnx", 2, 14, 21)
    assert "kernel_shape=[2, 3], strides=[2, 3]" in words(pooled)[0]
    near = converted("AdaptiveAvgPool2d(7)", "torch", "onnx", 2, 12, 12)
    assert not near.found
    assert near.nearest is not None
    assert near.nearest.change == (
        "windows for an input of 12: the same sizes there, other values; "
        "for 14, kernel and stride 2 give the same values"
    )


@pytest.mark.live
def test_parts_are_windows_where_one_element_at_most_is_left_over() -> None:
    torch = pytest.importorskip("torch")
    for n in range(1, 24):
        x = torch.arange(n, dtype=torch.float64).square().reshape(1, 1, n)
        for m in range(1, n + 1):
            parts = layer("torch", "AdaptiveAvgPool1d", output_size=m)
            spec = of_layer(parts, 1)
            window = spec.strided([n]).readings[0].window
            found = torch.nn.AvgPool1d(window.kernel_size, window.stride)(x)
            wanted = torch.nn.AdaptiveAvgPool1d(m)(x)
            assert found.shape == wanted.shape
            same = torch.allclose(found, wanted, rtol=0, atol=1e-9)
            assert bool(spec.at([n])) == same == (n % m < 2)


def test_a_size_reads_like_a_factor_only_where_the_product_is_whole() -> None:
    """7 by 3/4 gives 5: a factor reads every 4/3 inputs, a size every 7/5."""
    text = "Upsample(scale_factor=0.75, mode='bilinear')"
    assert converted(text, "torch", "jax", 2, 8, 12).found
    assert not converted(text, "torch", "jax", 2, 7, 7).classes
    by_factor, by_size = (
        of_layer(layer("torch", "Upsample", mode="linear", **given), 1)
        for given in ({"scale_factor": 0.75}, {"size": 6})
    )
    same_size, aligned = agreement(by_factor, by_size, 0)
    assert sorted(same_size) == [8, 9]
    assert sorted(aligned) == [8]
    with pytest.raises(SolverError, match="worked out again"):
        converted("Upsample(scale_factor=1.5, recompute_scale_factor=True)", "torch", "onnx")


def test_words_that_are_not_known_claim_nothing() -> None:
    crop = "coordinate_transformation_mode='tf_crop_and_resize'"
    found = converted(f"Resize(scales=[2, 2], {crop})", "onnx", "torch")
    assert found.exact is None
    assert found.simple is not None
    assert not found.simple.aligned
    for text, source in (
        ("Resize(scales=[2, 2], nearest_mode='odd')", "onnx"),
        ("DepthToSpace(blocksize=2, mode='RCD')", "onnx"),
        ("ConstantPad2d(1, 'a')", "torch"),
    ):
        with pytest.raises(SolverError) as caught:
            converted(text, source, "keras")
        assert caught.value.right


# Refusals

LAYERS = {
    "torch": [
        "Conv2d(3, 6, 3, stride=2, dilation=2)",
        "Conv2d(3, 6, 3, padding=1, padding_mode='reflect', stride=2, dilation=2)",
        "Conv2d(4, 6, 3, stride=(1, 2), dilation=2, groups=2)",
        "ConvTranspose2d(4, 8, 3, 2, 1, 1, dilation=2)",
        "ConvTranspose2d(4, 8, 3, 2, 1, groups=2)",
        "MaxPool2d(3, 2, 1, dilation=2)",
        "AvgPool2d(3, 2, 1, count_include_pad=False)",
        "AvgPool2d(3, 2, 1, ceil_mode=True)",
        "LPPool2d(2, 3, stride=2)",
        "ConstantPad2d(2, 5.0)",
        "CircularPad2d(1)",
        "Upsample(scale_factor=0.5)",
        "Upsample(scale_factor=1.5, mode='bicubic')",
        "Upsample(size=9, mode='area')",
        "UpsamplingBilinear2d(scale_factor=3)",
        "PixelShuffle(2)",
        "PixelUnshuffle(3)",
        "AdaptiveAvgPool2d(7)",
        "AdaptiveMaxPool2d(1)",
        "Unfold(3, stride=2)",
    ],
    "keras": [
        "SeparableConv2D(8, 3)",
        "Conv2D(8, 3, strides=2, padding='same')",
        "Conv2D(8, 3, strides=30, padding='same')",
        "Conv2DTranspose(8, 3, strides=2, padding='same')",
        "AveragePooling2D(3, 2, 'same')",
        "UpSampling2D(2, interpolation='bicubic')",
        "UpSampling2D(3)",
        "GlobalMaxPooling2D()",
    ],
    "jax": [
        "conv_general_dilated(kernel_shape=3, padding=1, lhs_dilation=2, rhs_dilation=2)",
        "conv_general_dilated(kernel_shape=3, window_strides=3, padding='SAME_LOWER')",
        "conv_general_dilated(kernel_shape=3, window_strides=2, padding=1, lhs_dilation=2)",
        "reduce_window(window_dimensions=3, window_strides=2, padding='SAME_LOWER')",
        "pad(0.0, ((1, 2, 1), (0, 0, 1)))",
        "resize(shape=12, method='linear')",
    ],
    "onnx": [
        "LpPool(kernel_shape=[3, 3], strides=[2, 2])",
        "AveragePool(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 0, 0, 1])",
        "Resize(scales=[2.0, 2.0], coordinate_transformation_mode='align_corners')",
        "DepthToSpace(blocksize=2)",
        "Conv(kernel_shape=[3, 3], strides=[3, 3], auto_pad='SAME_LOWER')",
    ],
}
ASKED = [
    (text, source, target)
    for source, texts in LAYERS.items()
    for text, target in product(texts, TARGETS)
    if source != target
]


@pytest.mark.parametrize(("text", "source", "target"), ASKED)
def test_what_is_refused_has_a_nearest_change_that_is_accepted(
    text: str, source: str, target: str
) -> None:
    found = converted(text, source, target)
    if found.exact:
        assert found.fault is None
        assert found.nearest is None
        return
    assert found.fault is not None
    assert found.nearest is not None, found.fault
    out = [35, 36]
    for made in found.nearest.written.layers:
        assert made.framework.name == target
        out = list(made.size(out))  # raises where the tables refuse it
    assert min(out) > 0
    same = "the same values" in found.nearest.change and ";" not in found.nearest.change
    if same and "stride 1" not in found.nearest.change and "there" not in found.nearest.change:
        for axis, wanted in enumerate(found.spec.readings):
            assert reading(found.nearest.written.layers, axis, 2).size == wanted.size


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("MaxUnpool2d(2)", "torch"),
        ("MaxUnpool1d(3, stride=2, padding=1)", "torch"),
        ("Fold((8, 8), (2, 2), stride=2)", "torch"),
        ("MaxUnpool(kernel_shape=[2, 2], strides=[2, 2])", "onnx"),
        ("Col2Im(image_shape=[8, 8], block_shape=[2, 2])", "onnx"),
    ],
)
def test_what_puts_elements_apart_names_the_layer_that_does_so_too(text: str, source: str) -> None:
    with pytest.raises(SolverError, match="no window") as caught:
        converted(text, source, "keras")
    assert caught.value.right is not None
    assert converted(caught.value.right, source, "keras").found
    if "Unpool" in text:
        instead = read_layer(framework(source), caught.value.right)
        asked = read_layer(framework(source), text)
        assert instead.size_map() == asked.size_map()


def test_there_are_refusals_of_every_kind() -> None:
    changes = {
        found.nearest.change.partition(" ")[0]
        for text, source, target in ASKED
        if (found := converted(text, source, target)).nearest
    }
    assert len(changes) > 8


def test_a_change_keeps_the_values_it_says_it_keeps() -> None:
    draw = random.Random(3)
    for _ in range(30):
        k, s, d, n = (
            draw.randint(2, 4),
            draw.randint(2, 3),
            draw.randint(2, 3),
            draw.randint(12, 30),
        )
        made = layer("torch", "Conv1d", kernel_size=k, stride=s, dilation=d)
        found = convert(made, "keras", 1).nearest
        assert found is not None
        (instead,) = found.written.layers
        weights = [draw.randint(1, 9) for _ in range(k)]
        spread = [0] * instead.arguments["kernel_size"]
        spread[::d] = weights
        x = [draw.randint(-9, 9) for _ in range(n)]
        wanted = [
            sum(w * x[j * s + t * d] for t, w in enumerate(weights)) for j in range(made.size(n))
        ]
        got = [sum(w * x[j * s + t] for t, w in enumerate(spread)) for j in range(instead.size(n))]
        assert got == wanted


def test_long_strides_are_converted_at_once_and_told_in_few_words():
    for stride in (1000, 60_000, 999_982):
        ended = run(
            "convert", f"nn.Conv2d(3, 8, {stride + 1}, {stride}, {stride // 2})", "--to", "keras"
        )
        assert ended.code == 0
        assert f"the size is ceil(n/{stride})" in ended.out
        assert len(ended.out) < 1200
