"""Hostile questions are answered or refused within their limits: texts, models, spaces, claims."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from itertools import pairwise

import pytest

from solver import LimitError, SolverError, Space, prove
from solver.reading import read
from solver.spaces.words import load

#: Expressions that would run without end, or take gigabytes, were they worked out by Python alone.
ENDLESS = [
    "sum(range(10**12))",
    "max(range(10**12))",
    "min(range(10**12))",
    "math.prod(range(1, 10**12))",
    "np.prod(range(1, 10**12))",
    "sorted(range(10**12))",
    "all(range(1, 10**12))",
    "pow(2, 10**12)",
    "round(12345, -10**9)",
    "[[0]*10000 for i in range(10000)]",
    "zip(*[range(10000)]*10000)",
    "np.prod([2**62]*10000)",
    "sum([[1]*5000]*5000, [])",
]
LAYER = "\nnn.Conv2d(3, 8, 3)"


@pytest.mark.parametrize("words", ENDLESS)
def test_builtins_go_through_the_limits(words):
    """What no layer needs is left out, and said; a layer that needs it is not known."""
    notes = read(f"k = {words}{LAYER}").notes
    assert any(f"left out: k = {words}" in note for note in notes)
    needed = read(f"k = {words}\nnn.Conv2d(3, 8, k)")
    assert needed.walk.shapes[needed.outputs[0]] is None


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ('"a" in range(10**12)', 8),
        ("2.0 in range(10**12)", 6),
        ("max([1, 2, 3]) == 3", 6),
        ("sum(range(4)) == 6", 6),
        ("math.prod([2, 3]) == 6", 6),
    ],
)
def test_builtins_within_the_limits_are_exact(words, size):
    net = read(f"k = 3 if {words} else 1\nnn.Conv1d(3, 8, k)")
    assert net.size(8) == size


def test_random_programs_end(monkeypatch):
    monkeypatch.setattr("solver.reading.text.source.MOST_STEPS", 20_000)
    for seed in range(40):
        draw = random.Random(seed)
        call = draw.choice(
            ["max", "sum", "sorted", "len", "list", "math.prod", "any", "abs", "int"]
        )
        part = draw.choice(["r", "[r]*99", "range(10**9)", "x", "[x]*10000", "'9'*4000", "2**62"])
        lines = ["r = list(range(10000))", "x = [1]"]
        lines += [f"for i in range({10 ** draw.randint(1, 12)}):", f"    k = {call}({part})"]
        lines += draw.choice([["x += x"] * 40, ["x = [x, x]"] * 40, []])
        with suppress(SolverError):
            read("\n".join(lines) + LAYER)


def test_modules_and_numbers_have_bounds():
    nested = "a = nn.Conv2d(3, 8, 3)\n" + "a = nn.Sequential(a)\n" * 1000
    with pytest.raises(LimitError, match="nested too deeply"):
        read(nested)
    assert read(f"x = f'{{0x{'9' * 5000}}}'{LAYER}")
    with pytest.raises(SolverError, match="no loop here"):
        read("class N(nn.Module):\n    def forward(self, x):\n        break\n")


@pytest.mark.parametrize("line", ["a." * 5000 + "a = 1", "[" + "a." * 5000 + "a]"])
def test_names_of_toml_are_not_nested_without_end(tmp_path, line):
    file = tmp_path / "space.toml"
    file.write_text(f"input = 8\n{line}\n", encoding="utf-8")
    with pytest.raises(LimitError, match="nested at most"):
        load(str(file))


def test_a_long_search_stops_at_its_limit(tmp_path):
    down = {"op": "conv", "kernel_size": "1..10", "stride": "1..8", "padding": "0..9"}
    pair = {"down": down, "up": {"op": "deconv", "kernel_size": "1..4", "stride": "1..4"}}
    file = tmp_path / "space.json"
    space = {"input": 512, "output": 512, "layers": [pair] * 60, "max_states": 1000}
    file.write_text(json.dumps(space), encoding="utf-8")
    with pytest.raises(LimitError):
        Space(**load(str(file))).best()


def test_models_of_many_nodes_are_refused(monkeypatch):
    monkeypatch.setattr("solver.reading.paths.building.MOST_NODES", 1000)
    helper = pytest.importorskip("onnx.helper")
    from solver.reading.onnx.file import read_onnx

    def model(nodes, shape):
        given = helper.make_tensor_value_info("x", 1, shape)
        out = helper.make_tensor_value_info("y", 1, None)
        return helper.make_model(helper.make_graph(nodes, "g", [given], [out])).SerializeToString()

    names = ["x", *(f"a{i}" for i in range(1, 1200)), "y"]
    relus = [helper.make_node("Relu", [a], [b]) for a, b in pairwise(names)]
    with pytest.raises(LimitError, match="operations"):
        read_onnx(model(relus, ["N", 3, "H", "W"]))


@pytest.mark.parametrize(
    ("claim", "where"),
    [
        ("min(n,k,s,d)>=1", "floor(n/3)%7==2"),
        ("conv(maxpool(n,k=k,s=2,p=1,d=d),k=4,s=4,p=0:0,d=2) < 2*n", "n >= 4"),
    ],
)
def test_orders_are_proved_in_few_cases(claim, where):
    verdict = prove(claim, where=where)
    assert verdict.proved
    assert len(verdict.cases) <= 24


@pytest.mark.parametrize("where", ["k % 2 == 0 and 2*p == k - 1", "k % 7 == 0 and k == n + 1"])
def test_a_condition_may_divide_a_letter_that_it_gives(where):
    with suppress(LimitError):
        prove("ceil(p/7) + n + k != 2", where=where)
