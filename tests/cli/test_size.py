"""`convsolver size`: the forward question, against published networks and against brute force."""

from __future__ import annotations

import json
import math
import random
from fractions import Fraction

import oracle
import pytest
from cli_fixtures import line, run

SEED = 20240611


# Sizes anyone can look up: the papers' tables and the frameworks' own documentation.
@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("conv 224 -k 7 -s 2 -p 3", "112"),  # ResNet, first layer
        ("maxpool 112 -k 3 -s 2 -p 1", "56"),  # ResNet, its pooling
        ("maxpool 112 -k 3 -s 2 --ceil-mode", "56"),  # GoogLeNet in torchvision
        ("conv 227 -k 11 -s 4", "55"),  # AlexNet
        ("conv 224 -k 11 -s 4 -p 2", "55"),  # AlexNet in torchvision
        ("conv 224 -k 16 -s 16", "14"),  # ViT-B/16, patches
        ("conv 299 -k 3 -s 2", "149"),  # Inception v3, first layer
        ("conv 572 -k 3", "570"),  # U-Net, first layer
        ("deconv 28 -k 2 -s 2", "56"),  # U-Net, first up-convolution
        ("deconv 4 -k 4 -s 2 -p 1", "8"),  # DCGAN, generator
        ("deconv 12 -k 3 -s 2 -p 1", "23"),
        ("deconv 12 -k 3 -s 2 -p 1 -a 1", "24"),
        ("conv 50x100 -k 3x5 -s 2x1 -p 4x2 -d 3x1", "26x100"),
        ("conv 7 -k 3 -p 1:2 -s 2", "4"),
        ("conv 224x320 -k 4 -p same", "224x320\npadding 1:2 (begin:end)"),
        ("maxpool 224 -k 4 -s 2 -p half", "112\npadding 1:1 (begin:end)"),
        ("deconv 7 -k 3 -s 2 -p full", "11\npadding 2:2 (begin:end)"),
        ("conv 9 -k 3x4 -d 2x1 -p causal", "9x9\npadding 4:0x3:0 (begin:end)"),
        ("conv 1,3,224,224 -k 7 -s 2 -p 3 --out-channels 64", "1,64,112,112"),
        ("maxpool 64,112,112 -k 2 --dim 2", "64,56,56"),
        ("conv 999999999999999999 -k 1", "999999999999999999"),
    ],
)
def test_known_sizes(command, output):
    assert line(f"convsolver size {command}") == (0, output + "\n", "")


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("conv n -k 7 -s 2 -p 3", "floor((n - 1)/2) + 1\n= ceil(n/2), for every n >= 1"),
        ("conv n -k 3 -p 1", "n\nfor every n >= 1"),
        ("conv n -k 3", "n - 2\nfor every n >= 3"),
        ("conv n -k 2 -s 2", "floor((n - 2)/2) + 1\n= floor(n/2), for every n >= 2"),
        ("deconv n -k 4 -s 2 -p 1", "2*n\nfor every n >= 1"),
        ("deconv n -k 1 -p 2", "n - 4\nfor every n >= 5"),
        ("maxpool n -k 2 --ceil-mode", "floor((n - 1)/2) + 1\n= ceil(n/2), for every n >= 1"),
        ("conv n -k 10 -s 5", "floor((n - 10)/5) + 1\n= floor(n/5) - 1, for every n >= 10"),
        ("conv 2n -k 2 -s 2", "n\nfor every n >= 1"),
        (
            "conv h -k 3 -s 4 -p same --framework keras",
            "ceil(h/4)\nfor every h >= 1\n"
            "padding floor(max(2 - (h - 1) % 4, 0)/2):ceil(max(2 - (h - 1) % 4, 0)/2) (begin:end)\n"
            'keras.layers.Conv2D(kernel_size=3, strides=4, padding="same")',
        ),
    ],
)
def test_expressions_for_every_n(command, output):
    assert line(f"convsolver size {command}") == (0, output + "\n", "")


def random_layer(rng):
    """Return an operation, its words, and the same as a table of the oracle with one column."""
    op = rng.choice(oracle.OPERATIONS)
    k, s, p, d, a = (rng.randint(*r) for r in ((1, 7), (1, 5), (0, 4), (1, 3), (0, 3)))
    p = min(p, k // 2) if op.endswith("pool") else p
    d = 1 if op == "avgpool" else d
    a = min(a, max(s, d) - 1) if op == "conv_transpose" else 0
    ceil_mode = op.endswith("pool") and rng.random() < 0.5
    words = [op, "-k", k, "-s", s, "-p", p]
    words += ["-d", d] if op != "avgpool" else []
    words += ["-a", a] if op == "conv_transpose" else []
    words += ["--ceil-mode"] if ceil_mode else []
    made = oracle.table(op, oracle.Box([k], [s], [p], [d], [a]), ceil_mode)
    return [str(word) for word in words], made


def test_numbers_agree_with_brute_force():
    print("seed", SEED)
    rng = random.Random(SEED)
    for _ in range(300):
        (op, *options), made = random_layer(rng)
        n = rng.randint(1, 40)
        wanted = int(made.size(n)[0])
        ended = run("size", op, str(n), *options)
        if wanted:
            first, _, dropped = ended.out.partition("\n")  # a last window, in ceil mode
            assert (ended.code, first, ended.err) == (0, str(wanted), ""), (op, n, options)
            assert not dropped or (dropped.endswith(": dropped\n") and "--ceil-mode" in options)
        else:
            assert (ended.code, ended.out) == (2, ""), (op, n, options)


def test_expressions_agree_with_brute_force():
    """The shown formula, its shortest form and the smallest n, against sizes one by one."""
    print("seed", SEED)
    rng = random.Random(SEED)
    for _ in range(80):
        (op, *options), made = random_layer(rng)
        record = json.loads(run("size", op, "n", *options, "--json").out)
        first = record["valid_from"]
        assert first == 1 or made.size(first - 1)[0] == 0, (op, options)
        for key in ("output", "folded"):
            for n in range(first, first + 25):
                # The grammar is a subset of Python's, so Python is the second reader.
                names = {"n": Fraction(n), "floor": math.floor, "ceil": math.ceil, "min": min}
                assert eval(record[key], names) == made.size(n)[0], (op, options, key, n)


def test_the_smallest_n_is_stated_only_where_every_larger_one_fits():
    """n % 3 is no input at n = 3, whatever the layer: it must not be called fine from 1 on."""
    ended = run("size", "conv", "n%3", "-k", "1")
    assert ended.code == 2, ended.out
    assert ended.out == ""


def test_latex_can_be_typeset():
    ended = run("size", "conv", "n", "-k", "7", "-s", "2", "-p", "3", "--format", "latex")
    assert ended == (0, "\\left\\lfloor \\frac{n - 1}{2} \\right\\rfloor + 1\n", "")


def test_ranges_of_each_axis_and_end_are_a_row_for_each_choice():
    torch = pytest.importorskip("torch")
    told = run("size", "conv", "8..9x7", "-k", "3..4x3", "-p", "0..1:0..2", "--format", "jsonl").out
    rows = [json.loads(row) for row in told.splitlines()]
    assert len(rows) == 2 * 2 * 6
    for row in rows:
        (begin, end), kernel = row["padding"][0], row["kernel_size"]
        x = torch.nn.functional.pad(torch.zeros(1, 1, *row["input"]), (begin, end) * 2)
        assert row["output"] == [*torch.nn.Conv2d(1, 1, kernel)(x).shape[2:]]
