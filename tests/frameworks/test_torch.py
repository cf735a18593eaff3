"""What PyTorch did with thousands of layers, sizes and refusals alike, must come out here too.

`tests/data/torch_sizes.jsonl` was recorded from torch 2.13; `record_torch.py` beside it says how.
Where torch is installed, fresh layers are compared as well.
"""

from __future__ import annotations

import json
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest
from data import record_torch

from solver import AvgPool, Conv, ConvTranspose, MaxPool, SolverError, solve

LAYERS = {layer.__name__: layer for layer in (Conv, ConvTranspose, MaxPool, AvgPool)}
RECORDED = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "torch_sizes.jsonl").read_text().splitlines()
]
LIVE_SEED = 20

#: Rows that come out differently here, and must: PyTorch's own check refuses an empty output, in
#: one axis always, in two and three unless oneDNN takes the layer over and skips the check. With
#: torch.backends.mkldnn.flags(enabled=False) this row is refused too.
EMPTY = [
    [
        "ConvTranspose3d",
        {
            "kernel_size": [4, 4, 4],
            "stride": [4, 4, 4],
            "padding": [2, 2, 2],
            "dilation": [1, 1, 1],
            "output_padding": [0, 0, 0],
            "output_size": None,
        },
        [1, 1, 2],
        [0, 0, 4],
    ]
]


def ours(op, hyperparameters, sizes):
    """Return our output sizes, or None where we refuse."""
    arguments = {k: tuple(v) if isinstance(v, list) else v for k, v in hyperparameters.items()}
    output_size = arguments.pop("output_size", None)
    sizes = tuple(sizes)
    try:
        if output_size is None:
            layer = LAYERS[op[:-2]](**arguments)
        else:
            layer = with_output_size(arguments, sizes, output_size)
        return None if layer is None else list(layer.size(sizes))
    except SolverError:
        return None


def with_output_size(arguments, sizes, wanted):
    """Return the layer that PyTorch makes of an output_size, or None.

    It wants the output_padding, below the stride, that leads there: a question for `solve`. The
    layer's own output_padding is not looked at.
    """
    found = []
    names = ("kernel_size", "stride", "padding", "dilation")
    for axis, (n, m) in enumerate(zip(sizes, wanted, strict=True)):
        known = {name: arguments[name][axis] for name in names}
        answers = solve(ConvTranspose, n, m, **known, output_padding=range(known["stride"]))
        if not answers:
            return None
        (layer,) = answers
        found.append(layer.output_padding)
    return ConvTranspose(**{**arguments, "output_padding": tuple(found)})


def refused(made):
    return made is None or 0 in made


def differences(rows):
    """Return the rows, as text, that come out differently here; an empty output is a refusal."""
    return [
        f"{op} {hyperparameters} {sizes}: torch {recorded}, here {made}"
        for op, hyperparameters, sizes, recorded in rows
        if (made := ours(op, hyperparameters, sizes)) != (None if refused(recorded) else recorded)
    ]


@pytest.mark.parametrize("op", record_torch.OPERATIONS)
def test_every_recording_comes_out_the_same(op):
    rows = [row for row in RECORDED if row[0] == op]
    # The rows of one operation hold both outcomes, each often enough to mean something.
    outcomes = Counter(refused(row[3]) for row in rows)
    assert min(outcomes[True], outcomes[False]) >= 20
    assert differences(rows) == []


def test_one_recorded_output_is_empty():
    assert [row for row in RECORDED if row[3] is not None and refused(row[3])] == EMPTY


def test_the_recordings_reach_every_rule():
    hyperparameters = [row[1] for row in RECORDED]
    assert {h.get("padding_mode") for h in hyperparameters} == {
        None,
        "zeros",
        "reflect",
        "replicate",
        "circular",
    }
    assert {h["padding"] for h in hyperparameters if isinstance(h["padding"], str)} == {
        "same",
        "valid",
    }
    assert {h.get("ceil_mode") for h in hyperparameters} == {None, False, True}
    assert Counter(bool(h.get("output_size")) for h in hyperparameters)[True] > 50
    assert any(0 in row[2] for row in RECORDED)


def test_the_comparison_can_fail():
    op, hyperparameters, sizes, recorded = next(row for row in RECORDED if row[3])
    assert len(differences([[op, hyperparameters, sizes, None]])) == 1
    assert len(differences([[op, hyperparameters, sizes, [recorded[0] + 1]]])) == 1


@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
def test_fresh_layers_come_out_the_same():
    rows = list(record_torch.random_rows(40, LIVE_SEED))
    assert differences(rows) == [], f"seed {LIVE_SEED}"
