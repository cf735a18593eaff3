"""Inputs for a wanted output, against the network's sizes one by one."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest
from cli_fixtures import run

from solver import (
    Conv,
    ConvTranspose,
    MaxPool,
    SolverError,
    concat,
    flatten,
    linear,
    read,
    trace,
)
from solver.errors import LimitError
from solver.network.graph.target import inputs_along, inputs_for, size_target

NETWORKS = Path(__file__).parents[2] / "examples/networks"
TARGETS = {
    "n": lambda n: [n],
    "n/2": lambda n: [n / 2],
    "floor(n/2) + 1": lambda n: [n // 2 + 1],
    "ceil(n/4)": lambda n: [math.ceil(n / 4)],
    "2n - 3": lambda n: [2 * n - 3],
    "n - n%4": lambda n: [n - n % 4],
    "1..4,9": lambda n: [1, 2, 3, 4, 9],
    "7": lambda n: [7],
}
SEED = 20261130


def random_network(rng: random.Random):
    layers = []
    for _ in range(rng.randint(1, 4)):
        k, s = rng.randint(1, 4), rng.randint(1, 3)
        layers.append(
            rng.choice(
                [
                    Conv(k, stride=s, padding=rng.randint(0, 2)),
                    MaxPool(k + 1, stride=s, padding=rng.randint(0, (k + 1) // 2)),
                    ConvTranspose(k + 2, stride=s, padding=rng.randint(0, 1)),
                ]
            )
        )

    def net(x):
        for layer in layers:
            x = layer(x)
        return x

    return trace(net, axes=1)


@pytest.mark.parametrize("words", TARGETS)
def test_inputs_are_those_whose_output_is_wanted(words):
    print("seed", SEED)
    rng = random.Random(SEED)
    for _ in range(25):
        network = random_network(rng)
        found = inputs_for(network, network.outputs[0], words)
        for n in range(1, 70):
            wanted = network.runs(n) and network.size(n) in TARGETS[words](n)
            assert (n in found) == wanted, (network.formula(), n)


def test_each_axis_has_its_own():
    network = read(NETWORKS / "unet.py")
    found = inputs_along(network, network.outputs[0], size_target("324x340"))
    for h in range(500, 530):
        for w in range(520, 545, 3):
            assert (h in found["h"] and w in found["w"]) == (network.size((h, w)) == (324, 340))


def test_axes_that_the_network_ties_together_are_run_together():
    """A layer with 180 in_features behind takes 6x10 and not 5x10; x + x.transpose squares."""
    tied = trace(lambda x: (Conv(3)(x), linear(flatten(Conv(3)(x)), 5, of=60)), channels=1)
    found = inputs_along(tied, tied.outputs[0], size_target("6x10"))
    assert {letter: str(inputs) for letter, inputs in found.items()} == {
        "h": "n in {8}",
        "w": "n in {12}",
    }
    assert not any(inputs_along(tied, tied.outputs[0], size_target("5x10")).values())
    with pytest.raises(LimitError, match="depends on the other"):
        inputs_along(tied, tied.outputs[0], size_target("5..6x10..12"))


def test_what_is_no_target():
    network = trace(Conv(3))
    with pytest.raises(SolverError, match="one for all axes, or one for each"):
        inputs_for(network, network.outputs[0], "3x4x5")
    with pytest.raises(LimitError):
        inputs_for(network, network.outputs[0], "1..999999999999")
    with pytest.raises(SolverError):
        inputs_for(network, network.outputs[0], "0")


def test_where_branches_meet_only_what_runs_is_told():
    def net(x):
        return concat(x, ConvTranspose(2, 2)(MaxPool(2)(x)))

    network = trace(net, axes=1)
    assert str(inputs_for(network, network.outputs[0], "n")) == "even n"


TWO = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3, 2, 1)
        self.b = nn.Conv2d(8, 8, 3, 2, 1)
    def forward(self, x):
        x = self.a(x)
        return {"low": x, "high": self.b(x)}
"""


def test_several_outputs_are_named(tmp_path):
    (path := tmp_path / "two.py").write_text("from torch import nn\n" + TWO)
    ended = run("network", str(path), "--output", "64")
    first = "low: n in {127, 128} -> 64; high: 253 <= n <= 256 -> 64"
    assert (ended.code, ended.out.splitlines()[0]) == (0, first)
    record = json.loads(run("network", str(path), "--output", "64", "--json").out)
    gives = {name: each["text"] for name, each in record["gives_outputs"].items()}
    assert gives == {"low": "n in {127, 128}", "high": "253 <= n <= 256"}
    assert record["gives_output"]["text"] == "no n"
    together = run("network", str(path), "--output", "1").out.splitlines()[0]
    assert together == "low: n in {1, 2} -> 1; high: 1 <= n <= 4 -> 1"


@pytest.mark.parametrize(
    ("words", "first", "second"),
    [
        ("--output n-184 --input 500", "n = 12 (mod 16), n >= 188 -> n-184", "500: 492 and 508"),
        ("--output 300..310 --input 480", "492 <= n <= 507 -> 300..310", "480: 492"),
        (
            "--output 324x340 --input 500x600",
            "508 <= h <= 523, 524 <= w <= 539 -> 324x340",
            "500x600: 508x539",
        ),
    ],
)
def test_the_nearest_inputs_that_give_it(words, first, second):
    lines = run("network", str(NETWORKS / "unet.py"), *words.split()).out.splitlines()
    assert lines[:2] == [first, f"nearest to {second}"]
    record = json.loads(run("network", str(NETWORKS / "unet.py"), *words.split(), "--json").out)
    last = record["nearest"][-1]
    shown = "x".join(map(str, last)) if isinstance(last, list) else str(last)
    assert shown == second.split()[-1]
