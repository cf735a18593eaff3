"""Generated code is what was run once, and gave the sizes we say; run again where it can be."""

from __future__ import annotations

import importlib.util
import os
from typing import Any

import pytest
from frameworks import code

from solver.frameworks.code import TARGETS

CASES = list(code.cases())
NEEDS = {
    "torch": ("torch",),
    "keras": ("keras", "jax"),
    "jax": ("jax",),
    "flax": ("flax",),
    "paddle": ("paddle",),
    "onnx": ("onnx", "onnxruntime"),
}


def test_the_code_is_what_was_run() -> None:
    held = [(row["framework"], row["stack"], row["code"]) for row in code.recorded()]
    assert [(name, repr(stack), text) for name, stack, _, text in CASES] == held


def test_what_was_run_gave_our_sizes() -> None:
    for row, (_, stack, sizes, _) in zip(code.recorded(), CASES, strict=True):
        assert row["out"] == list(stack.size(sizes))
        assert row["in"] == list(sizes)


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TARGETS)
def test_the_code_runs(name: str) -> None:
    if any(importlib.util.find_spec(package) is None for package in NEEDS[name]):
        pytest.skip(f"needs {', '.join(NEEDS[name])}")
    os.environ.setdefault("KERAS_BACKEND", "jax")
    wrong: list[Any] = []
    for framework, stack, sizes, text in CASES:
        if framework == name and code.run(name, text, sizes) != list(stack.size(sizes)):
            wrong.append((stack, sizes))
    assert not wrong
