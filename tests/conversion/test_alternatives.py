"""Every way to pad and crop, and edits to a size: against sums that are worked out, and Keras."""

import json
import random
import re
from itertools import product

import pytest
from cli_fixtures import run

from solver import LimitError, SolverError, alternatives, convert, edits, explain, layer, trace

CONVS = [(3, 2, 1), (4, 2, 1), (2, 3, 1), (5, 3, 1), (3, 1, 2), (1, 2, 1), (7, 2, 1), (3, 1, 1)]


def slid(x, w, begin, end, s, d):
    """A convolution of numbers, padded by zeros."""
    padded = [0] * begin + x + [0] * end
    reach = d * (len(w) - 1)
    return [
        sum(w[i] * padded[at + d * i] for i in range(len(w)))
        for at in range(0, len(padded) - reach, s)
    ]


def spread(x, w, s, d):
    """The full output of a transposed convolution of numbers."""
    out = [0] * ((len(x) - 1) * s + d * (len(w) - 1) + 1)
    for at, value in enumerate(x):
        for i, weight in enumerate(w):
            out[s * at + d * i] += value * weight
    return out


def same(n, k, s, d):
    """What TensorFlow pads for same: the odd element at the end."""
    total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
    return total // 2, total - total // 2


def numbers(n, seed):
    source = random.Random(seed)
    return [source.randint(1, 10**6) for _ in range(n)]


def met(conditions, **values):
    return all(eval(re.sub(r"(?<![<>])=", "==", str(each)), {}, values) for each in conditions)


def keras(kind, k, s, d, padding="same"):
    given = {"strides": s, **({"dilation_rate": d} if d > 1 else {})}
    return layer("keras", kind, filters=1, kernel_size=k, padding=padding, **given)


@pytest.mark.parametrize(("k", "s", "d"), CONVS)
def test_the_conditions_are_those_of_all_that_is_exact_and_of_nothing_else(k, s, d):
    found = alternatives(convert(keras("Conv1D", k, s, d), "torch", 1))
    assert len(found.families) == len({f.inputs for f in found.families})
    w = numbers(k, 1)
    for n in range(d * (k - 1) + 3, d * (k - 1) + 3 + 2 * s):
        (family,) = [f for f in found.families if n in f.inputs[0]]
        x = numbers(n, n)
        wanted = slid(x, w, *same(n, k, s, d), s, d)
        for begin, end in product(range(k * d + s + 1), repeat=2):
            given = slid(x, w, begin, end, s, d)
            for front, behind in product(range(3), repeat=2):
                exact = given[front : len(given) - behind] == wanted
                told = met(
                    family.conditions[0],
                    padding_begin=begin,
                    padding_end=end,
                    crop_begin=front,
                    crop_end=behind,
                )
                assert told == exact, (n, begin, end, front, behind)


@pytest.mark.parametrize(("k", "s", "d"), CONVS)
def test_what_is_written_out_is_exact_where_it_says_and_nowhere_else(k, s, d):
    found = alternatives(convert(keras("Conv1D", k, s, d), "torch", 1))
    w = numbers(k, 1)
    for way in found.listed:
        ((begin, end),), ((front, behind),) = way.padding, way.crop
        assert sum(x.row.kind.pads for x in way.written.layers) <= 2
        for n in range(1, 30):
            x = numbers(n, n)
            given = slid(x, w, begin, end, s, d)
            exact = n + begin + end >= d * (k - 1) + 1 and (
                given[front : len(given) - behind] == slid(x, w, *same(n, k, s, d), s, d)
            )
            assert exact == (n in way.aligned), (way, n)


@pytest.mark.parametrize(("k", "s", "d"), [(3, 2, 1), (4, 2, 1), (5, 3, 1), (3, 1, 2), (2, 2, 1)])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_transposed_ones_crop_in_the_layer_or_behind_it(k, s, d, padding):
    source = keras("Conv1DTranspose", k, s, d, padding)
    found = alternatives(convert(source, "torch", 1))
    (family,) = found.families
    n, w = 6, numbers(k, 1)
    full = spread(numbers(n, n), w, s, d)
    ((front, behind),) = convert(source, "torch", 1).spec.crops()
    wanted = (full + [0] * k)[front : len(full) - behind]
    ways = set()
    extra = max(s, d)
    for p, a, before, after in product(range(k), range(extra), range(k), range(k)):
        made = (full + [0] * extra)[p : len(full) - p + a]
        exact = made[before : len(made) - after] == wanted
        values = {"padding": p, "output_padding": a, "crop_begin": before, "crop_end": after}
        assert met(family.conditions[0], **values) == exact, values
        ways |= {(p, before)} if exact else set()
    assert {(w.padding[0][0], w.crop[0][0]) for w in found.listed} == ways


@pytest.mark.parametrize("target", ["torch", "keras", "onnx", "paddle", "jax", "flax"])
def test_every_framework_says_some_of_them(target):
    source = layer(
        "torch", "Conv2d", in_channels=1, out_channels=1, kernel_size=5, stride=2, padding=2
    )
    found = alternatives(convert(source, target, 2))
    assert found.listed[0].padding == ((2, 2), (2, 2))
    assert all(each.aligned for each in found.listed)


@pytest.mark.parametrize(
    ("name", "given", "rule"),
    [
        ("ReflectionPad1d", {"padding": 1}, "slides windows"),
        ("Upsample", {"scale_factor": 2}, "slides windows"),
        ("Conv1d", {"in_channels": 1, "out_channels": 1, "kernel_size": 3, "padding": 1,
                    "padding_mode": "reflect"}, "zeros are padded"),
        ("AvgPool1d", {"kernel_size": 3, "padding": 1, "count_include_pad": False}, "and count"),
        ("MaxPool1d", {"kernel_size": 3, "stride": 40}, "12 classes"),
    ],
)  # fmt: skip
def test_where_padding_and_cropping_do_not_stand_for_each_other(name, given, rule):
    with pytest.raises((SolverError, LimitError), match=rule):
        alternatives(convert(layer("torch", name, **given), "torch", 1))


UP = layer(
    "torch", "ConvTranspose1d", in_channels=8, out_channels=4, kernel_size=3, stride=2, padding=1
)


@pytest.mark.parametrize("wanted", [12, 14, 15])
def test_edits_give_the_size_and_are_all_that_do(wanted):
    """Against the sizes of the layers with every other value of one argument."""
    found = edits(convert(UP, "torch", 1), wanted, 7)
    expected = set()
    for argument, values in (
        ("kernel_size", range(1, 12)),
        ("stride", range(1, 5)),
        ("padding", range(6)),
        ("dilation", range(1, 5)),
        ("output_padding", range(4)),
    ):
        for value in values:
            given = {
                "kernel_size": 3,
                "stride": 2,
                "padding": 1,
                "dilation": 1,
                "output_padding": 0,
            }
            k, s, p, d, a = {**given, argument: value}.values()
            legal = a < max(s, d) and value != given[argument]
            if legal and 6 * s - 2 * p + d * (k - 1) + a + 1 == wanted:
                expected.add((argument, value))
    assert {(each.argument, each.after) for (each,) in found.single_changes} == expected


def test_what_comes_out_already_needs_no_edit():
    found = edits(convert(UP, "torch", 1), 13, 7)
    assert (found.reason, found.node) == ("the network runs at 7", None)
    here = explain(trace(lambda x: UP(x), axes=1, channels=8), 7, output="2n")
    assert edits(convert(UP, "torch", 1), "2n", 7)[0].text == here[0].text


def test_the_command_line_and_json():
    words = [
        "convert",
        'Conv1D(8, 3, 2, "same")',
        "--from",
        "keras",
        "--to",
        "torch",
        "--alternatives",
    ]
    code, out, _ = run(*words, "--input", "224,225")
    assert code == 0
    assert "exact for even n exactly when: padding_begin = 2*crop_begin; 1 <= padding_end" in out
    assert re.search(r"2:2 +1:0 +even n +112 +113 shifted", out)
    assert re.search(r"0:1 +0:0 +even n +112 +112 other", out)
    code, out, _ = run(*words, "--input", "224", "--json")
    first, second = json.loads(out)["alternatives"]
    assert (first["padding"], second["crop"]) == ([[0, 1]], [[1, 0]])
    assert second["at"] == [{"input": [224], "output": [112], "exact": True}]
    up = ["convert", "nn.ConvTranspose1d(8, 4, 3, 2, 1)", "--to", "torch"]
    code, out, _ = run(*up, "--input", "7", "--output", "14")
    assert code == 0
    assert "convtranspose1d_1: output_padding=1" in out
    code, out, _ = run(*up, "--input", "7", "--output", "14", "--json")
    wanted = json.loads(out)["wanted"]
    assert wanted["runs"] is False
    assert wanted["edits"][0]["text"] == "convtranspose1d_1: output_padding=1"
    code, out, _ = run(*up, "--input", "7,8", "--output", "2n", "--json")
    assert [x["edit"] for x in json.loads(out)["results"]] == [
        "convtranspose1d_1: output_padding=1"
    ] * 2
    code, out, _ = run(*up, "--input", "7", "--output", "1000")
    assert (code, "no fix is known" in out) == (1, True)


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        (["--alternatives", "--output", "3"], "--alternatives give the size of the layer"),
        (["--output", "3y+"], "3y+"),
        (["--output", "28x28"], "one wanted size"),
        (["--input", "0", "--alternatives"], "at least 1"),
        (["--input", "1", "--alternatives"], "kernel size"),
    ],
)
def test_wrong_words(more, rule):
    code, out, err = run("convert", "nn.Conv1d(8, 4, 3)", "--to", "keras", *more)
    assert (code, out) == (2, "")
    assert rule.lower() in err.lower()
