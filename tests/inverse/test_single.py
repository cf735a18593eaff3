"""Single changes of one layer that does not do it: all of them, found by trying every value."""

from __future__ import annotations

import json
import random

import pytest
from cli_fixtures import run

from solver import AvgPool, Conv, ConvTranspose, MaxPool, solve
from solver.errors import SolverError
from solver.inverse.single import FURTHEST
from solver.sizes.operations import MINIMUM

#: Every value up to it is tried.
LAST = 40


def does(layer, given: dict, n: int, output: int, axes: int = 1) -> bool:
    """Whether a layer that is accepted makes this size."""
    try:
        return layer(**given).size((n,) * axes) == (output,) * axes
    except SolverError:
        return False


@pytest.mark.parametrize("layer", [Conv, ConvTranspose, MaxPool, AvgPool])
def test_every_single_change_is_told_and_no_other(layer):
    rng, told = random.Random(7), 0
    for _ in range(150):
        given = {"kernel_size": rng.randint(1, 7), "stride": rng.randint(1, 4)}
        given["padding"] = rng.randint(0, given["kernel_size"] // 2)
        if layer is not AvgPool:
            given["dilation"] = 1 if layer is MaxPool else rng.randint(1, 2)
        if layer is ConvTranspose:
            given["output_padding"] = rng.randrange(max(given["stride"], given["dilation"]))
        n, output = rng.randint(1, 30), rng.randint(1, 30)
        found = solve(layer, n, output, **given)
        expected = {}
        for name in given:
            values = range(MINIMUM[name], LAST + 1)
            good = {v for v in values if does(layer, {**given, name: v}, n, output)}
            if good:
                expected[name] = good
        if found.count:
            assert found.single_changes == []
            continue
        changes = {each.name: each.after[0] for each in found.single_changes}
        shown = {name: {v for v in range(LAST + 1) if v in d} for name, d in changes.items()}
        assert {name: good for name, good in shown.items() if good} == expected, (given, n, output)
        told += len(expected)
    assert told > 50


def test_changes_for_every_n_are_told_too():
    changes = solve(Conv, "n", "n", kernel_size=3, stride=1, padding=0).single_changes
    assert [*map(str, changes)] == ["kernel_size 1", "padding 1"]


def test_axes_of_their_own_have_values_of_their_own():
    found = solve(Conv, (100, 50), (98, 50), kernel_size=3, stride=1, padding=0, per_axis=True)
    assert [*map(str, found.single_changes)] == ["kernel_size 3x1", "padding 0x1"]


def test_more_than_one_layer_has_no_single_change():
    assert solve(Conv, 100, 224, kernel_size="3,5", stride=2, padding=1).single_changes == []


def test_the_record_says_what_changes():
    done = run("solve", "conv", "100", "1", "-k", "3", "-s", "2", "-p", "1", "--json")
    assert done.code == 1
    assert json.loads(done.out)["single_changes"][::2] == [
        {"argument": "kernel_size", "before": 3, "after": [[101, 102]], "count": 2},
        {"argument": "stride", "before": 2, "after": [[100, None]], "count": None},
    ]
    assert solve(Conv, 100, 1, kernel_size=3, stride=2, padding=1).single_changes[2].endless
    assert FURTHEST == 10**9
