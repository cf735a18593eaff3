"""Layers in the terms of a framework: what it accepts, the sizes it gives, and how two agree."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from click.testing import CliRunner

from solver import AvgPool, Conv, ConvTranspose, MaxPool, SizeError, SolverError, Stack, solve
from solver.cli import cli
from solver.conversion.conversion import convert
from solver.conversion.text import read_layer
from solver.conversion.weights import carried
from solver.errors import LimitError
from solver.frameworks import WRITTEN, framework, layer
from solver.frameworks.code import TARGETS, write
from solver.frameworks.limits import LIMITS
from solver.frameworks.spec import LayerSpec, of_layer, reading


def layers(count: int, seed: int) -> Iterator[tuple[Any, int]]:
    """Yield random legal layers and their number of axes."""
    draw = random.Random(seed)
    while count:
        axes = draw.randint(1, 3)
        k = tuple(draw.randint(1, 5) for _ in range(axes))
        s = tuple(draw.choice((1, 1, 2, 3)) for _ in range(axes))
        d = tuple(draw.choice((1, 1, 2)) for _ in range(axes))
        ends = tuple((draw.randint(0, 2), draw.randint(0, 2)) for _ in range(axes))
        p: Any = ends if draw.random() < 0.5 else draw.randint(0, 2)
        kind = draw.choice((Conv, ConvTranspose, MaxPool, AvgPool))
        try:
            if kind is Conv:
                made: Any = Conv(k, s, p, d)
            elif kind is ConvTranspose:
                extra = tuple(draw.randint(0, max(pair) - 1) for pair in zip(s, d, strict=True))
                made = ConvTranspose(k, s, p, d, extra)
            elif kind is MaxPool:
                made = MaxPool(k, s, p, draw.choice((1, d)), ceil_mode=draw.random() < 0.3)
            else:
                made = AvgPool(k, s, p)
        except SolverError:
            continue
        count -= 1
        yield made, axes


def refused(name: str, made: Any) -> bool:
    """Tell what a framework says of strides and dilations, across the axes of a layer."""
    limits, axes = LIMITS[name], range(made.axes or 1)
    strides = max(made.numbers(i)[1] for i in axes)
    dilations = max(made.window(i).dilation for i in axes)
    if made.operation.pooling:
        return not limits.dilated_pooling and dilations > 1
    return not limits.dilated_strides and min(strides, dilations) > 1


@pytest.mark.parametrize("name", TARGETS)
def test_layers_are_written_with_the_same_size_and_windows_for_every_n(name: str) -> None:
    for made, axes in layers(150, 7):
        spec = of_layer(made, axes)
        try:
            written = write(name, spec)
        except SolverError:
            if not refused(name, made):
                raise
            continue
        assert not refused(name, made), made
        for axis, wanted in enumerate(spec.readings):
            found = reading(written.layers, axis, axes)
            assert (found.size, found.begin) == (wanted.size, wanted.begin), (made, written)


def test_limits_are_told_of_every_framework_that_answers_are_written_for():
    assert tuple(LIMITS) == WRITTEN


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("kind", ["conv", "deconv"])
def test_solutions_are_those_the_framework_accepts(name: str, kind: str) -> None:
    box = {"kernel_size": "1..4", "stride": "1..3", "padding": "0..2", "dilation": "1..3"}
    sizes = ("9", "17") if kind == "deconv" else ("17", "9")
    free = solve(kind, *sizes, **box)  # type: ignore[arg-type]
    found = solve(kind, *sizes, framework=name, **box)  # type: ignore[arg-type]
    wanted = [made for made in free if not refused(name, made)]
    assert sorted(map(repr, found)) == sorted(map(repr, wanted))
    assert found.count() == len(wanted)
    assert all((made in found) == (made in wanted) for made in free)


def test_a_saturated_count_knows_the_limit() -> None:
    found = solve(Conv, 5, 1, kernel_size=2, padding=0, dilation="1..3", stride="1..50",
                  framework="keras")  # fmt: skip
    assert found.count() == sum(1 for _ in found.rows())


def test_only_the_framework_in_the_way_is_the_reason() -> None:
    found = solve(Conv, 64, 32, kernel_size=3, dilation="2..3", framework="keras")
    assert found.count() == 0
    assert found.reason is not None
    assert found.reason.startswith("strides > 1 not supported")


def test_axes_of_their_own_are_refused_where_the_framework_ties_them() -> None:
    with pytest.raises(SolverError, match="even on different axes"):
        solve(Conv, (8, 8), (4, 6), dilation="1..2", per_axis=True, framework="keras")
    assert solve(Conv, (8, 8), (4, 4), dilation=1, per_axis=True, framework="keras").count()


# Between frameworks


def numbers(window: Any, begin: int, size: int) -> list[tuple[int, ...]]:
    """Return, output by output, which inputs a window reads, by hand; -1 is padding."""
    k, s, _, _, d, m = window
    found = []
    for j in range(size):
        at = [s * j - begin + d * t for t in range(k)]
        found.append(tuple(p // m if p % m == 0 and p >= 0 else -1 for p in at))
    return found


@pytest.mark.parametrize(
    ("kernel", "stride", "padding"), list(product(range(1, 6), range(1, 4), ("same", "valid")))
)
def test_a_keras_convolution_reads_alike_where_it_is_said(
    kernel: int, stride: int, padding: str
) -> None:
    one = layer("keras", "Conv1D", kernel_size=kernel, strides=stride, padding=padding)
    found = convert(one, "torch", 1)
    total = {n: max((-(-n // stride) - 1) * stride + kernel - n, 0) for n in range(1, 40)}
    candidates = [c for c in (found.exact, found.simple, *found.classes) if c]
    assert candidates
    for candidate in candidates:
        other = reading(candidate.written.layers, 0, 1)
        for n in range(1, 40):
            if padding == "same":
                size, begin = -(-n // stride), total[n] // 2
            elif n >= kernel:
                size, begin = (n - kernel) // stride + 1, 0
            else:
                continue
            if n not in other.accepts:
                continue
            theirs = int(other.size(n))
            assert (theirs == size) == (n in candidate.same_size)
            read = [
                [p if p < n else -1 for p in row]
                for row in map(list, numbers(other.window, int(other.begin(n)), theirs))
            ]
            wanted = [
                [p if p < n else -1 for p in row]
                for row in map(list, numbers(other.window, begin, size))
            ]
            if n in candidate.aligned:
                assert read == wanted
    if not found.exact:
        covered = {n for c in found.classes for n in range(1, 40) if n in c.aligned}
        assert covered == set(range(1, 40))


def test_wider_padding_and_cropping_is_exact_where_it_is_offered() -> None:
    one = layer("keras", "Conv2D", kernel_size=3, strides=2, padding="same")
    even = convert(one, "torch", 2).classes[0]
    assert even.instead is not None
    found = reading(even.instead.layers, 0, 2)
    for n in range(2, 40, 2):
        assert (int(found.size(n)), int(found.begin(n))) == (n // 2, 0)


def test_a_transposed_convolution_says_which_end_is_cropped() -> None:
    one = layer("keras", "Conv2DTranspose", kernel_size=3, strides=2, padding="same")
    found = convert(one, "torch", 2)
    assert found.exact is not None
    assert found.spec.crops() == ((0, 1), (0, 1))
    assert found.simple is not None
    assert not found.simple.aligned


def test_what_moves_in_a_transposed_convolution_is_no_padding_at_run_time() -> None:
    one = layer("paddle", "Conv2DTranspose", kernel_size=3, stride=2, padding="SAME")
    found = convert(one, "torch", 2)
    assert found.run_time is None
    for each in found.classes:
        for n in (n for n in range(1, 30) if n in each.aligned):
            after = n
            for part in each.written.layers:
                after = part.along(2)[0].size(after)
            assert after == one.size(n)[0] == 2 * (n // 2) + n


@pytest.mark.parametrize(("source", "target"), list(product(TARGETS, TARGETS)))
def test_weights_come_back(source: str, target: str) -> None:
    names = {"torch": "Conv2d", "keras": "Conv2D", "flax": "Conv", "onnx": "Conv"}
    names |= {"jax": "conv_general_dilated", "paddle": "Conv2D"}
    size = {name: {"kernel_shape": [3, 3]} for name in ("onnx", "jax")}

    def made(name: str) -> Any:
        return layer(name, names[name], **size.get(name, {"kernel_size": (3, 3)}))

    words = carried(made(source), made(target), 2)
    assert words is not None
    # Without dimension_numbers lax has a weight as PyTorch does, whatever it looks like elsewhere.
    alike = ("torch", "onnx", "jax", "paddle")
    assert (words == "w") == ((source in alike) == (target in alike))


def test_dimension_numbers_say_how_a_weight_lies() -> None:
    torch = layer("torch", "Conv2d", kernel_size=3)
    given = {"kernel_shape": (3, 3), "dimension_numbers": ("NHWC", "WOHI", "NHWC")}
    one = layer("jax", "conv_general_dilated", **given)
    assert carried(one, torch, 2) == "w.transpose(1, 3, 2, 0)"
    up = layer("torch", "ConvTranspose2d", kernel_size=3)
    # Flipped or not, I and O of lax.conv_transpose change places.
    for kept, words in ((True, "w.transpose(3, 2, 0, 1)"), (False, "w.transpose(2, 3, 0, 1)")):
        given |= {"dimension_numbers": ("NHWC", "HWIO", "NHWC"), "transpose_kernel": kept}
        found = carried(layer("jax", "conv_transpose", **given), up, 2)
        assert found == (words if kept else f"np.flip(w, (0, 1)){words[1:]}")


def test_the_weights_of_a_depthwise_convolution_are_those_of_groups() -> None:
    one = layer("keras", "DepthwiseConv2D", kernel_size=3)
    words = carried(one, layer("torch", "Conv2d", kernel_size=3), 2)
    assert words == "w.transpose(2, 3, 0, 1).reshape(-1, 1, *w.shape[:2])"
    assert carried(one, layer("flax", "Conv", kernel_size=3), 2) == "w.reshape(*w.shape[:2], 1, -1)"


def test_a_word_for_padding_is_written_for_onnx_only_where_it_runs() -> None:
    """Onnxruntime refuses a kernel smaller than its stride, or reads elsewhere."""
    small = converted("max_pool(x, (3, 1), (3, 3), 'SAME')", "flax", "onnx")
    assert small.exact is None
    assert all("auto_pad" not in repr(each.written) for each in small.classes)
    assert len(small.classes) == 3
    average = converted("avg_pool(x, (3, 3), (2, 2), 'SAME')", "flax", "onnx")
    assert average.exact is not None
    assert average.exact.written.layers[0].arguments["count_include_pad"] == 1


@pytest.mark.parametrize(
    ("k", "s", "extra", "cropped"),
    [
        (3, 2, 1, 0),
        (3, 2, 0, 1),
        (2, 4, 1, 0),
        (2, 4, 0, 1),
        (5, 3, 0, 2),
        (5, 3, 2, 1),
        (5, 2, None, 1),
    ],
)
def test_output_padding_of_keras_takes_from_what_same_crops(
    k: int, s: int, extra: int | None, cropped: int
) -> None:
    """Recorded: where the first weight of the first input comes out, on all three backends."""
    given = {} if extra is None else {"output_padding": extra}
    one = layer("keras", "Conv1DTranspose", kernel_size=k, strides=s, padding="same", **given)
    found = convert(one, "torch", 1)
    assert isinstance(found.spec, LayerSpec)
    assert found.spec.crops()[0][0] == cropped


def test_the_antialias_of_jax_is_not_that_of_onnx() -> None:
    """Recorded: 8 elements made 4 differ by 0.1 in onnxruntime and the reference alike."""
    found = converted("resize(shape=(4, 4), method='linear')", "jax", "onnx")
    assert found.exact is None
    assert found.simple is not None
    assert [n for n in range(1, 40) if n in found.simple.aligned] == [1, 2, 3, 4]
    kept = converted("Resize(sizes=[4, 4], mode='linear', antialias=1)", "onnx", "onnx")
    assert kept.exact is not None
    assert not converted("Resize(sizes=[4, 4], mode='linear', antialias=1)", "onnx", "jax").exact


# What a last reading found wrong once


def converted(text: str, source: str, target: str) -> Any:
    made = read_layer(framework(source), text)
    return convert(made, target, made.axes or 2)


def test_counting_an_average_up_by_padding_is_not_called_exact() -> None:
    found = converted("AvgPool2d(3, 2, 1, ceil_mode=True)", "torch", "keras")
    assert found.exact is not None
    assert "divides by the padding" in found.exact.written.notes[0]
    uneven = solve("avgpool", 7, 4, kernel_size=3, stride=2, padding="0..1:0..1", ceil_mode=True,
                   framework="torch")  # fmt: skip
    assert len(list(uneven.answers())) == uneven.count() > 1


def test_a_separable_convolution_is_no_single_window() -> None:
    found = converted("SeparableConv2D(64, 3)", "keras", "torch")
    assert not found.found


def test_a_depthwise_convolution_without_channels_says_what_is_missing() -> None:
    found = converted("DepthwiseConv2D(3, padding='same')", "keras", "torch")
    assert found.exact is not None
    assert "as many groups as channels" in found.exact.written.notes[0]


def test_padding_at_run_time_is_offered_exactly_where_it_does_the_same() -> None:
    many = converted("Conv2D(8, 3, strides=30, padding='same')", "keras", "torch")
    assert not many.classes  # too many to write out
    assert many.run_time is not None
    average = converted("AveragePooling2D(3, 2, 'same')", "keras", "torch")
    assert average.run_time is None  # zeros would count


def test_a_stride_past_every_table_is_refused_before_one_is_made() -> None:
    with pytest.raises(LimitError):
        converted(f"Conv1D(8, 3, {10**11}, padding='same')", "keras", "torch")


def test_an_input_of_nothing_is_not_converted() -> None:
    done = run("convert", "Conv2d(3, 8, 3, padding=1)", "--to", "keras", "--input", "0")
    assert done.exit_code != 0


# Text


@pytest.mark.parametrize(
    ("name", "text", "sizes", "out"),
    [
        ("torch", "nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3)", (224,) * 2, (112,) * 2),
        ("torch", "torch.nn.functional.max_pool2d(x, 3, 2, 1)", (112,) * 2, (56,) * 2),
        ("keras", "layers.Conv2D(64, 3, strides=2, padding='same')", (7, 8), (4, 4)),
        ("keras", "Conv2D(64, 3, activation=relu)", (7, 8), (5, 6)),
        ("flax", "nnx.Conv(3, 8, (3, 3), strides=2, rngs=rngs)", (7, 8), (4, 4)),
        ("flax", "nn.Conv(8, (3, 3), strides=2)", (7, 8), (4, 4)),
        ("flax", "nn.Conv(8, (3, 3), (2, 2))(x)", (7, 8), (4, 4)),
        ("torch", "self.stem = nn.Conv2d(c, 64, 7, 2, 3)", (224,) * 2, (112,) * 2),
        ("torch", "nn.Conv2d(3, 64, 7, stride=2, padding=3),", (224,) * 2, (112,) * 2),
        ("torch", "nn.Conv2d(\n    c_in,\n    c_out,\n    3,\n)", (7, 8), (5, 6)),
        ("torch", "F.conv2d(x, w, None, 2, 1, kernel_size=3)", (7, 8), (4, 4)),
        ("torch", "F.conv_transpose2d(x, w, b, 2, 1, 1, kernel_size=3)", (7, 8), (14, 16)),
        ("torch", "F.max_pool2d(x, 3, 2, 0, 1, True)", (8, 8), (4, 4)),
        ("torch", "F.interpolate(x, scale_factor=2, mode='bilinear')", (7, 8), (14, 16)),
        ("keras", "x = tf.keras.layers.Conv2D(f, 3, 2, 'same')(x)", (7, 8), (4, 4)),
        ("keras", "Conv3DTranspose(8, 3, 2, 'same', None, 1)", (4, 4, 4), (8, 8, 8)),
        ("jax", "lax.conv_general_dilated(x, w, (2, 2), 'SAME', kernel_shape=3)", (7, 8), (4, 4)),
        ("tensorflow", "tf.nn.conv2d(x, w, 2, 'SAME', kernel_shape=3)", (7, 8), (4, 4)),
        (
            "onnx",
            "helper.make_node('Conv', ['x', 'w'], ['y'], kernel_shape=[3, 3], pads=[1, 1, 1, 1])",
            (7, 8),
            (7, 8),
        ),
    ],
)
def test_a_call_is_read(name: str, text: str, sizes: Any, out: Any) -> None:
    assert read_layer(framework(name), text).size(sizes) == out


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Conv2d",
        "Conv2d(3, 64, k=9)",
        "Conv2d(3, 64, kernel_size=a)",
        "Conv2d(*x)",
        "Conv2d(3, 64, 3) + 1",
        "__import__('os').system('true')",
        "Conv2d(3, 64, (3,",
        "(" * 500 + ")" * 500,
        "Conv2d(" + "3, " * 40 + ")",
        "x" * 3000,
        "F.conv2d(x, w, None, 2, 1)",
        "nn.Conv2d(3, 64, kernel)",
        "make_node(op, ['x'], ['y'])",
        "import os",
        "a; b",
    ],
)
def test_a_call_that_is_none_is_refused_and_never_run(text: str) -> None:
    with pytest.raises(SolverError):
        read_layer(framework("torch"), text)


@pytest.mark.parametrize(
    ("name", "text", "right"),
    [
        ("torch", "tf.keras.layers.Conv2D(64, 3, 2)", "--from keras"),
        ("torch", "Conv2D(64, 3, 2)", "--from keras"),
        ("keras", "nn.Conv2d(3, 64, 7)", "--from torch"),
        ("onnx", "nnx.Conv(3, 8, (3, 3))", "--from flax"),
    ],
)
def test_a_name_of_another_framework_is_not_read_as_something_else(
    name: str, text: str, right: str
) -> None:
    with pytest.raises(SolverError) as caught:
        read_layer(framework(name), text)
    assert caught.value.right == right


@pytest.mark.parametrize(
    ("text", "under"),
    [
        ("nn.Conv2d(3, 64, 7.5)", "7.5"),
        ("nn.Conv2d(3, 64, 3, padding='SAME')", "'SAME'"),
        ("nn.Conv2d(3, 64, (3, 3, 3))", "(3, 3, 3)"),
        ("nn.Conv2d(3, 64, kernel)", "kernel"),
        ("nn.Conv2d(*a)", "*a"),
        ("nn.Conv2d(3, 64, 7, sride=2)", "sride"),
        ("F.conv2d(x, w, None, 2, 1)", "w"),
    ],
)
def test_a_caret_is_under_the_fault(text: str, under: str) -> None:
    with pytest.raises(SolverError) as caught:
        read_layer(framework("torch"), text)
    assert caught.value.text is not None
    assert caught.value.at is not None
    assert caught.value.text[caught.value.at :].startswith(under)
    assert "Convd" not in caught.value.rule


# Commands


def run(*words: str) -> Any:
    return CliRunner().invoke(cli, words)


def test_convert_prints_the_contract() -> None:
    done = run("convert", 'Conv1D(8, 3, 2, "same")', "--from", "keras", "--to", "torch", "--json")
    record = json.loads(done.stdout)
    assert done.exit_code == 0
    assert record["size"] == ["ceil(n/2)"]
    assert record["exact"] is None
    assert [c["aligned"]["residues"] for c in record["classes"]] == [[0], [1]]
    assert record["simple"]["aligned"] == {
        "modulus": 2,
        "residues": [1],
        "ranges": [[1, 1]],
        "minimum": 1,
    }


def test_convert_of_what_has_no_equivalent_ends_with_1() -> None:
    done = run("convert", "Conv2d(3, 4, 3, stride=2, dilation=2)", "--to", "keras")
    assert done.exit_code == 1
    assert done.stdout.startswith("none: strides > 1 not supported")


def test_solve_names_the_layers_of_the_framework() -> None:
    done = run(
        "solve", "conv", "224", "112", "-k", "7", "-s", "2", "--framework", "keras", "--json"
    )
    record = json.loads(done.stdout)
    assert record["framework"] == "keras"
    assert [part["layer"] for part in record["solutions"][0]["layers"]] == [
        "ZeroPadding2D",
        "Conv2D",
    ]


@pytest.mark.parametrize("name", TARGETS)
def test_code_of_a_stack_compiles(name: str) -> None:
    stack = Stack([Conv(7, 2, 3, in_channels=3, out_channels=8), MaxPool(3, 2, 1)])
    text = stack.code(name)
    assert "7" in text
    compile(text, "code", "exec")


def test_size_in_a_framework_that_refuses_it() -> None:
    with pytest.raises(SizeError):
        layer("torch", "Conv1d", kernel_size=3).size(2)
    with pytest.raises(SolverError, match="strides > 1"):
        write("keras", of_layer(Conv(3, stride=2, dilation=2), 2))


@pytest.mark.parametrize(
    "scale", [0.5, 2.0, 1.5, 1 / 3, 2 / 3, 0.1, 0.29, 0.7, 1.1, 2.3, 0.55, 1e-3]
)
def test_a_formula_of_resizing_is_claimed_only_where_it_is_what_is_computed(scale: float) -> None:
    made = layer("torch", "Upsample", scale_factor=scale)
    computed = [int(float(n) * scale) for n in range(1, 20_000)]
    formula = made.along(1)[0].size_map
    equal = computed == [int(formula(n)) for n in range(1, 20_000)]
    if made.along(1)[0].unproved is None:
        assert equal
        assert made.size_map() == formula
    else:
        with pytest.raises(SolverError, match="rounded before it is cut"):
            made.size_map()
    assert equal or made.along(1)[0].unproved is not None


def test_a_huge_stride_costs_nothing_where_the_layers_are_equal() -> None:
    found = converted("Conv2d(3, 64, 7, stride=1000000)", "torch", "keras")
    assert found.exact is not None
    assert str(found.exact.aligned) == "n >= 7"
