"""Single changes that give an output: all of them in the box, as texts that are read anew tell."""

from __future__ import annotations

import json
import random
from itertools import product

import pytest
from cli_fixtures import ROOT, run

from solver import explain, read
from solver.errors import SolverError
from solver.network.diagnosis.single import BOX

KINDS = {
    "Conv2d": {"kernel_size": 3, "stride": 1, "padding": 0, "dilation": 1},
    "ConvTranspose2d": {
        "kernel_size": 3,
        "stride": 2,
        "padding": 1,
        "dilation": 1,
        "output_padding": 0,
    },
    "MaxPool2d": {
        "kernel_size": 2,
        "stride": 2,
        "padding": 0,
        "dilation": 1,
        "ceil_mode": False,
    },
    "Upsample": {"scale_factor": 2},
}


def text_of(layers) -> str:
    lines = []
    for kind, given in layers:
        channels = "4, 4, " if "Conv" in kind else ""
        lines.append(f"nn.{kind}({channels}{', '.join(f'{x}={v!r}' for x, v in given.items())})")
    return "\n".join(lines)


def size(layers, n):
    try:
        return read(text_of(layers)).size(n)
    except SolverError:
        return None


def box(name, given, apart):
    if name == "ceil_mode":
        return [True, False]
    first = name not in ("padding", "output_padding")
    last = max(BOX.get(name, 32), given[name])
    if name == "padding":
        last = max(last, given["kernel_size"] // 2)
    values = range(int(first), last + 1)
    return list(product(values, repeat=2)) if apart else list(values)


def changes_of(layers, n, output, apart=False):
    found = set()
    for at, (kind, given) in enumerate(layers):
        for name in given:
            for value in box(name, given, apart and name != "ceil_mode"):
                alike = value[0] if isinstance(value, tuple) and len({*value}) == 1 else value
                other = [*layers]
                other[at] = kind, {**given, name: alike}
                if alike != given[name] and size(other, n) == output:
                    found.add((str(at), name, alike))
    return found


def told(layers, n, output):
    found = explain(read(text_of(layers)), n, output=output).single_changes
    assert all(len(each) == 1 for each in found)
    return [(change.layer, change.argument, change.after) for (change,) in found]


@pytest.mark.parametrize("seed", range(12))
def test_every_single_change_is_told_and_no_other(seed):
    rng = random.Random(seed)
    layers = []
    for kind in rng.choices([*KINDS], k=3):
        given = dict(KINDS[kind])
        if "stride" in given:
            given["stride"] = rng.randint(1, 3)
        if "padding" in given:
            given["padding"] = rng.randint(0, given["kernel_size"] // 2)
        layers.append((kind, given))
    n = rng.randint(12, 40)
    now = size(layers, n) or 9
    output = max(now + rng.choice([-3, -1, 1, 2, 4]), 1)
    found = told(layers, n, output)
    assert len({*found}) == len(found)
    assert {*found} == changes_of(layers, n, output)


def test_axes_that_are_not_alike_have_values_of_their_own():
    layers = [("Conv2d", {"kernel_size": 3, "padding": 0}), ("MaxPool2d", {"kernel_size": 2})]
    layers[1][1]["stride"] = 2
    found = told(layers, (30, 20), (14, 10))
    expected = changes_of(layers, (30, 20), (14, 10), apart=True)
    assert expected <= {*found}
    assert all(size_with(layers, change, (30, 20)) == (14, 10) for change in found)


def size_with(layers, change, n):
    at, name, value = change
    other = [*layers]
    other[int(at)] = other[int(at)][0], {**other[int(at)][1], name: value}
    return size(other, n)


SHARED = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3)

    def forward(self, x):
        return self.conv(self.conv(x))
"""


def test_a_layer_that_is_called_twice_is_changed_wherever_it_is_called():
    found = explain(read(SHARED), 32, output=32).single_changes
    said = [(each.argument, each.after) for (each,) in found]
    assert said == [("padding", 1), ("kernel_size", 1)]


def test_a_stride_that_follows_the_kernel_is_kept_or_follows():
    found = explain(read("nn.MaxPool2d(2)"), 30, output=10).single_changes
    said = [[(each.argument, each.after) for each in one] for one in found]
    assert [("kernel_size", 3)] in said
    assert [("stride", 3)] in said
    assert [("kernel_size", 11), ("stride", 2)] in said


def test_it_is_told_where_an_input_and_its_output_are_asked_for():
    net = read("nn.Conv2d(3, 8, 3)")
    assert explain(net, 2).single_changes is None
    assert explain(net, output="n").single_changes is None
    assert explain(net, 9, output=7).single_changes is None  # it runs, and gives that


def test_none_is_said():
    asked = ["explain", str(ROOT / "examples/networks/codec.txt"), "--input", "640"]
    done = run(*asked, "--output", "7777")
    assert "no single change gives it, of any in the box (kernel_size 1..11, " in done.out
    record = json.loads(run(*asked, "--output", "7777", "--json").out)["single_changes"]
    assert (record["count"], record["changes"]) == (0, [])


def test_they_are_printed_and_in_the_record():
    asked = ["explain", str(ROOT / "examples/networks/codec.txt"), "--input", "640"]
    asked += ["--output", "4"]
    done = run(*asked)
    lines = done.out.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("single changes"))
    assert lines[at + 1 :]
    assert lines[at].startswith("single changes that give it, all ")
    record = json.loads(run(*asked, "--json").out)["single_changes"]
    assert record["count"] == len(record["changes"]) > 0
    assert record["box"]["kernel_size"] == 11
    assert record["changes"][0][0].keys() == {"layer", "argument", "before", "after"}
