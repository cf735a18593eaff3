"""Padding by the rules of each framework: of poolings in solve, in words in size and convert."""

from __future__ import annotations

import json
import random
from itertools import product
from typing import Any

import pytest
from cli_fixtures import run

from solver import AvgPool, Conv, ConvTranspose, MaxPool

FRAMEWORKS = ("", "torch", "keras", "jax", "flax", "onnx")


def record(*words: str) -> dict[str, Any]:
    ended = run(*words, "--json")
    assert ended.code in (0, 1), (words, ended.err)
    found: dict[str, Any] = json.loads(ended.out)
    return found


# How wide the padding of a pooling may be


def windows(n: int, k: int, s: int, begin: int, end: int, d: int, ceil_mode: bool) -> int:
    """Count the windows of a pooling, 0 where none fits."""
    room = n + begin + end - d * (k - 1) - 1
    if ceil_mode:
        return max(0, min(-(-room // s) + 1, -(-(n + begin) // s)))
    return room // s + 1 if room >= 0 else 0


def legal(framework: str, op: str, layer: tuple[int, ...], apart: bool, n: int, axes: int) -> bool:
    """Tell what a framework takes: by its own padding, or by a layer of padding before."""
    k, _, begin, end, d = layer
    if framework in ("keras", "flax") and d > 1:
        return False
    if framework == "onnx":
        return max(begin, end) < k
    if framework in ("", "torch") and not apart:
        return 2 * begin <= k and not (op == "avgpool" and axes == 3 and n < k)
    return True


def test_poolings_are_those_that_each_framework_takes():
    seed = 7
    dice = random.Random(seed)
    answered = 0

    def part(least: int, most: int) -> range:
        first = dice.randint(least, most)
        return range(first, dice.randint(first, min(most, first + 3)) + 1)

    for _ in range(200):
        framework, op = dice.choice(FRAMEWORKS), dice.choice(("maxpool", "avgpool"))
        apart, ceil_mode, axes = dice.random() < 0.5, dice.random() < 0.25, dice.randint(1, 3)
        k, s, begin, end, d = part(1, 6), part(1, 4), part(0, 5), part(0, 5), part(1, 3)
        d = d if op == "maxpool" else range(1, 2)
        n, m = dice.randint(1, 20), dice.randint(1, 12)
        ends = product(begin, end) if apart else ((p, p) for p in begin)
        box = [(a, b, *pair, e) for pair in ends for a, b, e in product(k, s, d)]
        wanted = sorted(
            layer
            for layer in box
            if legal(framework, op, layer, apart, n, axes) and windows(n, *layer, ceil_mode) == m
        )
        padding = f"{words(begin)}:{words(end)}" if apart else words(begin)
        asked = ["solve", op, "x".join([str(n)] * axes), "x".join([str(m)] * axes)]
        asked += ["-k", words(k), "-s", words(s), "-p", padding]
        asked += ["-d", words(d)] if op == "maxpool" else []
        asked += ["--ceil-mode"] if ceil_mode else []
        asked += ["--framework", framework] if framework else []
        found = record(*asked)
        assert sorted(map(numbers, found["solutions"])) == wanted, (seed, asked)
        assert found["count"] == len(wanted)
        assert (found["reason"] is None) == bool(wanted)
        answered += bool(wanted)
    assert answered > 30


def words(values: range) -> str:
    return f"{values[0]}..{values[-1]}"


def numbers(solution: dict[str, Any]) -> tuple[int, ...]:
    padding = solution["padding"]
    begin, end = padding[0] if isinstance(padding, list) else (padding, padding)
    one = (v[0] if isinstance(v, list) else v for v in map(solution.get, ("kernel_size", "stride")))
    d = solution.get("dilation", 1)
    return (*one, begin, end, d[0] if isinstance(d, list) else d)


def test_the_limit_of_one_framework_is_not_that_of_another():
    asked = ("solve", "maxpool", "112", "57", "-k", "3", "-s", "2", "-p", "2")
    assert record(*asked, "--framework", "onnx")["count"] == 1
    assert record(*asked, "--framework", "torch")["count"] == 0
    assert "padding 2:2 works as a layer before" in run(*asked).out
    ends = record("solve", "maxpool", "112", "56", "-k", "3", "-s", "2", "-p", "0:0..4")
    assert sorted(solution["padding"][0] for solution in ends["solutions"]) == [[0, 1], [0, 2]]
    assert all("of -inf and not of zeros" in s["notes"][0] for s in ends["solutions"])


def test_a_pooling_without_dilation_has_a_reason_where_only_dilations_are_asked():
    ended = run("solve", "maxpool", "13", "1", "-k", "5", "-d", "2..3", "--framework", "flax")
    assert ended.code == 1
    assert ended.out.startswith("none: pooling has no dilation")


def test_a_certificate_of_ends_apart_is_accepted(tmp_path):
    file = str(tmp_path / "proof.json")
    asked = ("solve", "maxpool", "112", "58", "-k", "3", "-s", "2", "-p", "0..4:0..4")
    assert run(*asked, "--certificate", file).code == 0
    assert run("check", file).code == 0


# Padding in words


@pytest.mark.parametrize(
    ("framework", "asked", "output"),
    [
        ("keras", "conv 6 -k 3 -s 2 -p same", 3),
        ("keras", "conv 6 -k 3 -s 2 -p causal", 3),
        ("keras", "deconv 6 -k 5 -s 2 -p same", 12),
        ("keras", "deconv 6 -k 2 -s 3 -p valid", 18),
        ("keras", "deconv 7 -k 3 -s 2 -p same -a 1", 14),
        ("keras", "maxpool 7 -k 3 -s 2 -p same", 4),
        ("keras", "avgpool n -k 2 -p same", "ceil(n/2)"),
        ("flax", "conv n -k 3 -s 2 -p same", "ceil(n/2)"),
        ("flax", "deconv n -k 5 -s 2 -p circular", "2*n"),
        ("flax", "maxpool 7 -k 3 -s 2 -p same", 4),
        ("jax", "deconv 6 -k 5 -s 2 -p valid", 15),
        ("jax", "maxpool 6 -k 3 -s 2 -d 2 -p same_lower", 3),
        ("jax", "conv 2 -k 3", 0),
        ("onnx", "conv 6x7 -k 3 -s 2 -p same", [3, 4]),
        ("onnx", "deconv 6 -k 3 -s 2 -p SAME_LOWER", 12),
        ("torch", "conv 6 -k 3 -p same", 6),
        ("keras", "maxpool 7 -k 3 -s 2 -p 2", 5),
        ("onnx", "maxpool 112 -k 3 -s 2 -p 2", 57),
        ("flax", "avgpool 5x5x5 -k 7 -s 1 -p 3", [5, 5, 5]),
    ],
)
def test_a_word_means_what_the_framework_means_by_it(framework, asked, output):
    found = record("size", *asked.split(), "--framework", framework)
    assert found["output"] == output


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        ("conv 6 -k 3 -s 2 -p same --framework torch", "needs stride 1"),
        ("maxpool 6 -k 3 -p same --framework torch", "needs stride 1"),
        ("deconv 6 -k 3 -p causal --framework keras", "in front of what a window reads"),
        ("conv 6 -k 3 -s 2 -d 2 -p same --framework keras", "strides > 1 not supported"),
        ("deconv 6 -k 3 -s 2 -p same_lower --framework jax", "string padding"),
        ("deconv 6 -k 3 -s 2 -a 1 -p same --framework flax", "no output_padding"),
        ("maxpool 6 -k 3 -p same --ceil-mode --framework keras", "no ceil_mode"),
        ("maxpool 6 -k 3 -p 3 --framework onnx", "smaller than kernel_size"),
        ("conv 6 -k 3 -p nothing --framework keras", "unknown padding"),
    ],
)
def test_a_refusal_is_that_of_the_framework(asked, rule):
    ended = run("size", *asked.split())
    assert (ended.code, ended.out) == (2, "")
    assert rule in ended.err


@pytest.mark.parametrize("framework", ["torch", "keras", "flax", "onnx"])
@pytest.mark.parametrize(("word", "ends"), [("half", [2, 2]), ("full", [5, 5]), ("causal", [5, 0])])
def test_words_of_ours_mean_the_same_in_every_framework(framework, word, ends):
    for op in ("conv", "maxpool", "avgpool"):
        asked = f"{op} 9x8 -k 6 -s 2 -p {word}"
        found = record("size", *asked.split(), "--framework", framework)
        assert [found["padding_begin"], found["padding_end"]] == ends
        assert found["output"] == [(n + sum(ends) - 6) // 2 + 1 for n in (9, 8)]
        assert (len(found["layers"]) == 1) or any("a layer of padding" in x for x in found["notes"])


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("make", [Conv, ConvTranspose, MaxPool, AvgPool])
def test_what_is_written_for_a_word_runs(make):
    torch = pytest.importorskip("torch")
    for word, k, s in product(("valid", "same", "half", "full"), (3, 4), (1, 2)):
        if word == "same" and s > 1:
            continue
        layer = make(k, stride=s, padding=word)
        space: dict[str, Any] = {}
        exec(layer.code("torch", 1), space)
        for n in (5, 8, 11):
            assert space["model"](torch.zeros(1, 1, n)).shape[-1] == layer.size(n)


def test_same_in_every_framework_is_the_size_over_the_stride():
    dice = random.Random(10)
    for _ in range(60):
        framework = dice.choice(FRAMEWORKS[2:])
        op = dice.choice(("conv", "maxpool", "avgpool"))
        sizes = [dice.randint(1, 12) for _ in range(dice.randint(2, 3))]
        k, s = dice.randint(1, 5), dice.randint(1, 4)
        asked = ("size", op, "x".join(map(str, sizes)), "-k", str(k), "-s", str(s), "-p", "same")
        assert record(*asked, "--framework", framework)["output"] == [-(-n // s) for n in sizes]


# Axes of different classes


def test_axes_of_different_classes_have_the_right_alternative():
    asked = ("convert", 'Conv2D(64,3,2,"same")', "--from", "keras", "--to", "torch")
    found = record(*asked, "--input", "6x7")["classes"][0]
    assert found["instead"] == [
        "nn.LazyConv2d(64, kernel_size=3, stride=2, padding=(2, 1))",
        "nn.ZeroPad2d((0, 0, -1, 0))",
    ]
    assert [each["residues"] for each in found["aligned"]] == [[0], [1]]
    assert "also exact for even n x odd n: " in run(*asked, "--input", "6x7").out
    assert "no n" not in run(*asked, "--input", "6x7").out


def test_classes_of_strides_that_differ_cover_every_n():
    asked = ("convert", 'Conv2D(8,4,(2,3),"same")', "--from", "keras", "--to", "torch")
    covered = set()
    for each in record(*asked)["classes"]:
        aligned = each["aligned"]
        covered |= {n for n in range(12, 24) if n % aligned["modulus"] in aligned["residues"]}
    assert covered == set(range(12, 24))


# ONNX: a transposed convolution that is told its output


TOLD = "make_node('ConvTranspose', ['x', 'w'], ['y'], kernel_shape=[3], strides=[2], {})"


@pytest.mark.parametrize(
    ("n", "more", "layer"),
    [
        (16, "output_shape=[32]", "padding=1, output_padding=1"),
        (16, "output_shape=[33]", "stride=2)"),
        (15, "output_shape=[32]", "stride=2, output_padding=1"),
    ],
)
def test_a_told_output_is_converted_at_one_input(n, more, layer):
    asked = ("convert", TOLD.format(more), "--from", "onnx", "--to", "torch")
    found = record(*asked, "--input", str(n))
    assert layer in found["exact"]["layers"][0]
    assert found["exact"]["aligned"]["exceptions"] == [n]
    without = run(*asked)
    assert without.code == 1
    assert "output_shape fixes the size" in without.out


def test_a_told_output_is_refused_where_it_is_too_large():
    asked = TOLD.format("output_shape=[32]"), "--from", "onnx", "--to", "torch", "--input", "14"
    ended = run("convert", *asked)
    assert (ended.code, ended.out) == (2, "")
    assert "at least 15" in ended.err


def test_a_note_says_what_is_not_told():
    onnx = "make_node('ConvTranspose', ['x', 'w'], ['y'], kernel_shape=[3, 3], strides=[2, 2], {})"
    for sizes in ("[32, 90]", "[90, 32]", "[32, 32]"):
        call = onnx.format(f"output_shape={sizes}")
        found = record("convert", call, "--from", "onnx", "--to", "torch", "--input", "60")
        assert found["notes"]
        assert not any(note.rstrip().endswith("says") for note in found["notes"])


# The frameworks themselves


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
def test_a_transposed_convolution_of_onnx_is_what_onnxruntime_does(tmp_path):
    onnx = pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    torch = pytest.importorskip("torch")
    import numpy as np

    runtime.set_default_logger_severity(4)
    dice, compared = random.Random(9), 0
    for _ in range(40):
        k, s, d, n = (dice.randint(1, most) for most in (5, 3, 2, 9))
        given: dict[str, Any] = {"kernel_shape": [k], "strides": [s], "dilations": [d]}
        if dice.random() < 0.4:
            given["output_padding"] = [dice.randint(0, s - 1)]
        if dice.random() < 0.7:
            given["output_shape"] = [max(1, (n - 1) * s + d * (k - 1) + 1 + dice.randint(-6, 4))]
        given["auto_pad"] = dice.choice(("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"))
        draw = np.random.default_rng(n)
        x, w = (draw.integers(1, 9, (1, 1, m)).astype(np.float32) for m in (n, k))
        node = onnx.helper.make_node("ConvTranspose", ["x", "w"], ["y"], **given)
        ends = [onnx.helper.make_tensor_value_info(name, 1, [1, 1, name]) for name in "xy"]
        weight = onnx.numpy_helper.from_array(w, "w")
        graph = onnx.helper.make_graph([node], "g", ends[:1], ends[1:], [weight])
        opset = [onnx.helper.make_opsetid("", 22)]
        model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=10)
        file = str(tmp_path / "up.onnx")
        onnx.save(model, file)
        try:
            session = runtime.InferenceSession(file, providers=["CPUExecutionProvider"])
            wanted = session.run(None, {"x": x})[0]
        except Exception:  # onnxruntime has exceptions of its own
            wanted = None
        read = record("network", file, "--input", str(n))
        said = any("onnxruntime" in note for note in read["notes"])
        if not said:
            size = None if read["reason"] else read["outputs"][0]["shape"][2]
            assert size == (None if wanted is None else wanted.shape[2]), (given, n)
        if wanted is None or said:
            continue
        call = ", ".join(f"{name}={value!r}" for name, value in given.items())
        call = f"make_node('ConvTranspose', ['x', 'w'], ['y'], {call})"
        found = record("convert", call, "--from", "onnx", "--to", "torch", "--input", str(n))
        y = torch.from_numpy(x)
        for text in found["exact"]["layers"]:
            layer = eval(text, {"nn": torch.nn})
            if hasattr(layer, "weight"):
                layer.weight.data = torch.from_numpy(w)
                layer.bias.data.zero_()
            y = layer(y)
        np.testing.assert_allclose(y.detach().numpy(), wanted, err_msg=str((given, n)))
        compared += 1
    assert compared > 15


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
def test_words_are_what_flax_and_jax_make_of_them():
    jax = pytest.importorskip("jax")
    nnx = pytest.importorskip("flax.nnx")
    dice = random.Random(8)
    for _ in range(40):
        axes, op = dice.randint(1, 3), dice.choice(("conv", "deconv", "maxpool"))
        k, s, n = (tuple(dice.randint(1, most) for _ in range(axes)) for most in (5, 3, 9))
        word = dice.choice(("SAME", "VALID", "CIRCULAR", "SAME_LOWER"))
        by_x = ["x".join(map(str, part)) for part in (n, k, s)]
        asked = ("size", op, by_x[0], "-k", by_x[1], "-s", by_x[2], "-p", word.lower())
        x = jax.numpy.zeros((1, *n, 1))
        for framework in ("flax", "jax"):
            try:
                if op == "maxpool":
                    y = nnx.max_pool(x, k, s, word)
                elif framework == "flax":
                    kind = nnx.Conv if op == "conv" else nnx.ConvTranspose
                    y = kind(1, 1, k, strides=s, padding=word, rngs=nnx.Rngs(0))(x)
                else:
                    sides = "DHW"[-axes:]
                    orders = (f"N{sides}C", f"{sides}IO", f"N{sides}C")
                    kind = jax.lax.conv_general_dilated if op == "conv" else jax.lax.conv_transpose
                    w = jax.numpy.zeros((*k, 1, 1))
                    y = kind(x, w, s, word, dimension_numbers=orders)
            except Exception:  # each framework has exceptions of its own
                ended = run(*asked, "--framework", framework)
                assert (ended.code, ended.out) == (2, ""), (framework, asked)
                continue
            found = record(*asked, "--framework", framework)["output"]
            wanted = list(y.shape[1:-1])
            assert (found if isinstance(found, list) else [found]) == wanted, (framework, asked)
