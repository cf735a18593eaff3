"""The layers that we print are read again, and do what they did."""

from __future__ import annotations

import random
from functools import reduce

import pytest
from cli_fixtures import run

from solver import AvgPool, Conv, ConvTranspose, MaxPool, SolverError, read, solve
from solver.render.stack import brief

SEED = 20261130


def random_layer(rng: random.Random, axes: int):
    def sizes(low: int, high: int):
        if rng.random() < 0.5:
            return rng.randint(low, high)
        return tuple(rng.randint(low, high) for _ in range(axes))

    kind = rng.choice([Conv, ConvTranspose, MaxPool, AvgPool])
    given = {"kernel_size": sizes(3, 6), "stride": sizes(1, 3), "padding": sizes(0, 1)}
    if kind is Conv and rng.random() < 0.3:
        given["padding"] = tuple((rng.randint(0, 2), rng.randint(0, 2)) for _ in range(axes))
    if kind in (Conv, MaxPool):
        given["dilation"] = sizes(1, 2)
    if kind in (MaxPool, AvgPool):
        given["ceil_mode"] = rng.random() < 0.5
    return kind(**given)


@pytest.mark.parametrize("written", [repr, brief])
@pytest.mark.parametrize("separator", ["; ", "\n", ", "])
def test_what_is_printed_is_read_again(written, separator):
    print("seed", SEED)
    rng = random.Random(SEED)
    for _ in range(60):
        axes = rng.choice([1, 2])
        layers = [random_layer(rng, axes) for _ in range(rng.randint(1, 3))]
        network = read(separator.join(map(written, layers)), axes)
        for n in ((40,) * axes, (57, 64)[:axes]):
            out = reduce(lambda sizes, layer: layer.size(sizes), layers, n)
            found = network.size(n)
            assert found == (out[0] if len({*out}) == 1 else tuple(out))


def test_answers_are_read_as_networks():
    best = solve(ConvTranspose, "n", "2*n").best(5)
    for each in best:
        assert read(repr(each), 1).formula() == "2*n"
    words = run("decoder", "-c", "conv k4 s2 p1; conv k8 s4 p2").out.partition(": gives")[0]
    assert read(words, 1).formula() == "8*n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Conv(0)", "kernel_size must be at least 1"),
        ("Conv(3, strid=2)", "Conv got an unexpected keyword argument 'strid'"),
        ("Conv(k)", "the arguments of a layer are numbers"),
        ("Conv(__import__('os'))", "the arguments of a layer are numbers"),
        ("Conv()", "Conv missing 1 required positional argument"),
        ("conv k3 z2; conv k3", "this is no layer\n  conv k3 z2"),
        ("conv k3; relu; x; conv k3", "this is no layer\n  x\n"),
        ("conv k3; Linear", "Linear: out_features must be a whole number"),
    ],
)
def test_what_is_no_layer_is_said(text, said):
    with pytest.raises(SolverError, match="(?s).*" + said.replace("(", r"\(")):
        read(text)


@pytest.mark.parametrize("separator", ["; ", "\n", ", "])
def test_layers_without_arguments_are_words(separator):
    """Each as the layer of PyTorch or Keras of that name; they keep every size."""
    words = ("relu", "bn", "ReLU", "batch_norm", "leaky_relu", "dropout", "gelu")
    found = read(separator.join(["conv 3x3 s2 p1", *words, "Conv(3, stride=2)"]))
    for n in range(5, 40):
        assert found.size(n) == Conv(3, stride=2).size(Conv(3, stride=2, padding=1).size(n))
    assert len(found.nodes) == len(words) + 3  # and the input
    assert read("conv k3; flatten").formula() == "(h - 2)*(w - 2)"


def test_what_other_programs_write_is_theirs():
    """Bare names of Flax and Keras are no layers of ours."""
    assert read("nn.Conv2d(3, 8, 3); nn.MaxPool2d(2)").formula() == "floor(n/2) - 1"
    assert read("Conv1D(8, 3, 2, 'same')").formula() == "ceil(n/2)"


def test_a_text_in_place_of_a_file():
    first = run("network", "-c", "Conv(7, stride=2, padding=3); maxpool k3 s2 p1", "--input", "224")
    assert first.out.startswith("224 -> 56\n")
    assert run("fill", "-c", "nn.Conv1d(1, 8, 4, stride=..., padding=1)", "n/2").code == 0
    code, out, err = run("network", "net.py", "-c", "Conv(3)")
    assert (code, out) == (2, "")
    assert "one of FILE, -c and --live" in err


def test_layers_of_frameworks_may_stand_among_ours():
    print("seed", SEED)
    rng = random.Random(SEED)
    for _ in range(40):
        theirs, ours = [], []
        for _ in range(rng.randint(2, 4)):
            k, s = rng.randint(1, 3), rng.randint(1, 2)
            both = {
                "conv": (f"Conv({k}, stride={s})", f"nn.LazyConv2d(1, {k}, stride={s})"),
                "short": (f"conv k{k} s{s} p1", f"nn.LazyConv2d(1, {k}, {s}, 1)"),
                "up": (f"deconv k{k} s{s}", f"nn.LazyConvTranspose2d(1, {k}, {s})"),
                "pool": (f"MaxPool({k})", f"nn.MaxPool2d({k})"),
                "theirs": ("Upsample(scale_factor=2)", "nn.Upsample(scale_factor=2)"),
            }
            one, other = both[rng.choice([*both])]
            ours, theirs = [*ours, one], [*theirs, other]
        mixed = read("; ".join([*ours, "nn.ReLU()"]))
        plain = read("\n".join([*theirs, "nn.ReLU()"]), channels=1)
        assert str(mixed.valid().inputs) == str(plain.valid().inputs)
        assert [mixed.size(n) for n in (400, 401)] == [plain.size(n) for n in (400, 401)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("MaxPool(2, strid=3); ReLU()", "MaxPool has no such argument"),
        ("ReLU(); Conv(0)", "kernel_size must be at least 1"),
        ("ReLU(); Conv(k)", "kernel_size must be a number"),
        ("ReLU(); Conv()", "these arguments are not understood"),
    ],
)
def test_one_of_ours_that_cannot_be_is_not_left_out(text, said):
    with pytest.raises(SolverError, match=said):
        read(text)


def test_a_block_with_channels_by_place_is_not_taken_for_one_of_ours():
    assert "Conv: not understood" in str(read("Conv(64, 128, 3); nn.BatchNorm2d(128)"))


def test_unknown_ones_are_filled():
    best = run("fill", "-c", "Conv(3, stride=2, padding=...); MaxPool({2, 3})", "n/4", "--brief")
    assert best.out == "0: Conv(3, stride=2, padding=1), 1: MaxPool(2), for n = 0 (mod 4)\n"
