"""Every recorded answer of every framework, size and refusal alike."""

from __future__ import annotations

from typing import Any

import pytest
from cli_fixtures import run
from frameworks.recorded import rows

from solver import Conv, SolverError, convert, solve
from solver.frameworks import NAMES, framework, known_as, layer
from solver.frameworks.limits import LIMITS
from solver.frameworks.onnx import runtimes as runtimes

RECORDED = ("torch", "jax", "flax", "keras-jax", "keras-tensorflow", "tf")

#: Recorded answers that are no rule of the framework: the operation, its input, why.
QUIRKS = {
    ("torch", "ConvTranspose3d", (1, 1, 2)): "oneDNN, which runs kernels of more than 3, gives "
    "an empty tensor where PyTorch's own code says the output is too small",
}


def ours(row: dict[str, Any]) -> list[int] | None:
    """Return the sizes our table gives for a recorded row, None where it refuses."""
    try:
        found: list[int] = made(row).size(row["in"])
    except SolverError:
        return None
    return found


def made(row: dict[str, Any]) -> Any:
    given = dict(row["p"])
    if row.get("kernel"):
        given.setdefault("kernel_shape", row["kernel"])
    return layer(row["fw"], row["op"], **given)


@pytest.mark.parametrize("name", RECORDED)
def test_every_recorded_answer_is_reproduced(name: str) -> None:
    wrong = [row for row in rows(name) if ours(row) != row["out"]]
    named = {key for key in QUIRKS if key[0] == name}
    assert {(name, row["op"], tuple(row["in"])) for row in wrong} == named


def test_paddle_differs_only_where_no_window_fits() -> None:
    """It divides towards zero there, and reads behind its input; an output of 0 is let pass."""
    said = {"the kernel must fit the padded input", "something must be left of the output"}
    said.add("something must be left of the input")
    answers = list(rows("paddle"))
    wrong = [row for row in answers if ours(row) != row["out"]]
    assert len(wrong) * 20 < len(answers)
    for row in wrong:
        with pytest.raises(SolverError) as fault:
            made(row).size(row["in"])
        assert fault.value.rule in said
        assert min(row["out"]) <= 1


@pytest.mark.parametrize("name", ["keras-jax", "keras-tensorflow"])
def test_a_backend_that_differs_from_keras_has_a_note(name: str) -> None:
    differing = [row for row in rows(name) if row.get("run", row["out"]) != row["out"]]
    assert not [row for row in differing if not made(row).notes(row["in"])]


_ONNX = {
    "Conv": runtimes.CONV,
    "ConvTranspose": runtimes.CONV_TRANSPOSE,
    "MaxPool": runtimes.MAX_POOL,
    "AveragePool": runtimes.AVERAGE_POOL,
    "LpPool": runtimes.LP_POOL,
    "Resize": runtimes.RESIZE,
}


def agree(row: dict[str, Any]) -> bool:
    return bool(row["si"] == row["ref"] == row["out"])


def test_onnx_answers_that_agree_are_reproduced() -> None:
    assert not [row for row in rows("onnx") if agree(row) and ours(row) != row["out"]]


def test_onnx_runtimes_are_reproduced_where_they_differ() -> None:
    wrong = set()
    for row in rows("onnx"):
        one, sizes = made(row), tuple(row["in"])
        found, rules = one.values(len(sizes)), _ONNX[row["op"]]
        run = runtimes.run(rules, found, sizes, row["opset"])
        inferred = runtimes.inferred(rules, found, sizes, row["opset"])
        said = row["si"] if inferred is None else list(inferred)
        if (run and list(run)) != row["out"] or said != row["si"]:
            wrong.add((row["op"], sizes))
    assert not wrong


def test_onnx_differences_are_reported_as_notes() -> None:
    silent = set()
    for row in rows("onnx"):
        differs = row["out"] != ours(row) or row["si"] != ours(row)
        if differs and not made(row).notes(row["in"]):
            silent.add((row["op"], tuple(row["in"])))
    assert not silent


@pytest.mark.parametrize("name", NAMES)
def test_every_table_reads_as_a_table(name: str) -> None:
    table = framework(name)
    assert table.name == name
    for row in table.rows:
        assert row.formula, row.name
        assert row.kind.word == row.kind.word.lower() or row.kind.word.startswith("LP"), row.name


@pytest.mark.parametrize("name", [each for others in NAMES.values() for each in others])
def test_a_framework_goes_by_each_of_its_names(name: str) -> None:
    """Wherever a framework is named: what is asked by another name is the same question."""
    known = known_as(name.upper())
    assert framework(name) is framework(known)
    if known not in LIMITS:
        return
    assert Conv(3).code(name, axes=2) == Conv(3).code(known, axes=2)
    assert solve(Conv, 8, 4, framework=name) == solve(Conv, 8, 4, framework=known)
    pool = layer("torch", "MaxPool2d", kernel_size=2)
    assert convert(pool, name, 2) == convert(pool, known, 2)
    typed = run("convert", "nn.MaxPool2d(2)", "--to", name)
    assert typed.code in (0, 1)
    assert typed == run("convert", "nn.MaxPool2d(2)", "--to", known)


def test_a_framework_that_is_not_known_is_no_answer() -> None:
    with pytest.raises(SolverError, match="cannot be written in this framework"):
        convert(layer("torch", "MaxPool2d", kernel_size=2), "mxnet", 2)
