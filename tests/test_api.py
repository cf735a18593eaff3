"""docs/api.md: printed from the docstrings, with every public name."""

from __future__ import annotations

import importlib.util

import pytest
from cli_fixtures import ROOT

import solver

SCRIPT = ROOT / "docs" / "api.py"
SPEC = importlib.util.spec_from_file_location("docs_api", SCRIPT)
FAULTS = (solver.SolverError, solver.SizeError, solver.LimitError)
generator = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(generator)


def test_the_page_is_what_the_script_writes():
    assert generator.PAGE.read_text(encoding="utf-8") == generator.page()


def test_every_name_is_there_with_an_example():
    page = generator.page()
    for name in solver.__all__:
        section = page.partition(f"### `{name}`\n")[2].partition("###")[0]
        assert section, name
        value = getattr(solver, name)
        plain = not callable(value) or value in FAULTS
        assert plain or ">>>" in section, f"{name} has no example"


def test_a_changed_docstring_changes_the_page(monkeypatch):
    monkeypatch.setattr(solver.solve, "__doc__", "Other words.")
    assert generator.PAGE.read_text(encoding="utf-8") != generator.page()


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (lambda: solver.explain("text"), "what is explained is a network"),
        (lambda: solver.trace(lambda x: 3), "a network gives back tensors"),
        (
            lambda: solver.layer("onnx", "ConvTranspose", W=1.5, kernel_shape=[3]).size(9),
            "W must be",
        ),
        (
            lambda: solver.layer("tensorflow", "avg_pool1d", ksize=3, padding=[2, 3, 2]).size(9),
            "padding needs one value per axis",
        ),
        (
            lambda: solver.convert(solver.layer("torch", "ChannelShuffle", groups=3), "keras", 2),
            "cannot be written in other terms",
        ),
    ],
)
def test_what_is_no_such_thing_is_said(call, rule):
    with pytest.raises(solver.SolverError, match=rule):
        call()
