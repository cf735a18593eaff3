"""The code of designs with branches is what was run once, and gave what we say; and runs again."""

from __future__ import annotations

import importlib.util
import os
from collections import Counter
from typing import Any

import pytest
from frameworks import branched

from solver import AvgPool, Conv, LimitError, MaxPool
from solver.frameworks.code import TARGETS
from solver.layers.branching import Block, Branched
from solver.layers.marking import Mark
from solver.layers.operators import OPERATORS, Operator

CASES = list(branched.cases())
NEEDS = {"keras": ("keras", "jax"), "onnx": ("onnx", "onnxruntime")}


def test_the_code_is_what_was_run() -> None:
    held = [(row["framework"], row["design"], row["code"]) for row in branched.recorded()]
    assert [(n, repr(design), branched.digest(text)) for n, design, text in CASES] == held


def test_what_was_run_gave_our_sizes_and_parameters() -> None:
    for row, (_, design, _) in zip(branched.recorded(), CASES, strict=True):
        assert row["in"] == branched.inputs(design) != []
        assert row["out"] == [branched.ours(design, n) for n in row["in"]]
        assert row["parameters"] == design.parameters


def test_every_framework_writes_most_of_them() -> None:
    counts = Counter(name for name, *_ in CASES)
    assert set(counts) == set(TARGETS)
    assert min(counts.values()) > 0.9 * counts["torch"]
    assert counts["torch"] == len(list(branched.designs()))


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TARGETS)
def test_the_code_runs(name: str) -> None:
    needs = NEEDS.get(name, (name,))
    if any(importlib.util.find_spec(package) is None for package in needs):
        pytest.skip(f"needs {', '.join(needs)}")
    os.environ.setdefault("KERAS_BACKEND", "jax")
    wrong = []
    for framework, design, text in CASES[::5]:
        if framework == name:
            told = [branched.ours(design, n) for n in branched.inputs(design)]
            if branched.run(name, text, design) != (told, design.parameters):
                wrong.append(design)
    assert not wrong


@pytest.mark.parametrize("word", OPERATORS)
def test_what_a_framework_does_not_write_is_a_limit(word: str) -> None:
    number = {"": "", "probability": " 0.5"}.get(OPERATORS[word].number, " 2")
    design = Branched([Operator(word + number)], 2, 4)
    for name in TARGETS:
        if word == "dropout" and name == "jax":  # a function has no state for it
            with pytest.raises(LimitError, match="dropout is not written in JAX"):
                design.code(name)
        else:
            assert design.code(name)


def test_other_names_of_frameworks() -> None:
    design = Branched([Block("add", [[Conv(1)], []]), MaxPool(2)], 2, 4)
    assert design.code("tensorflow") == design.code("keras")
    assert design.code("nnx") == design.code("flax")


def test_notes_stand_above() -> None:
    block = Block("add", [[AvgPool(3, 1, 1)], []])
    assert Branched([block], 2, 4).code("torch").startswith("from torch")
    first = Branched([Block("add", [[MaxPool(3, 1, 1)], []])], 2, 4).code("keras").split("\n")[0]
    assert first == "import keras"


@pytest.mark.live
@pytest.mark.parametrize("last", [[], [Mark(name="c3")]])
def test_outputs_on_the_way_in_onnx(last: list[Mark]) -> None:
    np, ort = pytest.importorskip("numpy"), pytest.importorskip("onnxruntime")
    down = [Conv(3, 2, 1), Block("add", [[Operator("relu")], []])]
    design = Branched([*down, Mark(name="c1"), *down, Mark(), *down, *last], 2, 3)
    made: dict[str, Any] = {}
    exec(design.code("onnx"), made)
    held = made["model"].SerializeToString()
    session = ort.InferenceSession(held, providers=["CPUExecutionProvider"])
    for n in (32, 45):
        found = session.run(None, {"x0": np.zeros((1, 3, n, n), np.float32)})
        names = [output.name for output in session.get_outputs()]
        assert dict(zip(names, [y.shape[2] for y in found], strict=True)) == design.outputs(n)


def test_names_of_outputs_that_onnx_has_already() -> None:
    design = Branched([Conv(1), Mark(name="w0"), Conv(1)], 2, 3)
    with pytest.raises(LimitError, match="a name that no other value has"):
        design.code("onnx")
