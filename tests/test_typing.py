"""What a type checker knows of the public face, and that it finds what is wrong."""

import re

import pytest
from cli_fixtures import ROOT

RIGHT = """\
from typing import Any, assert_type
import sympy
from solver import (
    AvgPool, Choice, Conv, ConvTranspose, Explanation, MaxPool, Network, SizeMap, Solutions, Space,
    Stack, explain, layer, n, read, search, solve, trace,
)
from solver.layers.layer import Layer
from solver.network.diagnosis.edits import Edit

assert_type(Conv(3).size(224), int)
assert_type(MaxPool(2).size((7, 8)), tuple[int, ...])
assert_type(Conv(3).size([7, 8]), list[int])
assert_type(Conv(3).size(SizeMap.line(1, 1, 2)), SizeMap)
assert_type(Conv(3).size(n), Any)
assert_type(layer("torch", "MaxPool1d", kernel_size=2).size(8), int)
stem = Stack(Conv(7, 2, 3), MaxPool(3, 2, 1))
assert_type(stem.size(224), int)
assert_type(stem.size((224, 320)), tuple[int, ...])
assert_type(stem.size(SizeMap.line(1)), SizeMap)
assert_type(stem.size(n), Any)
found = solve(Conv, 224, 112, kernel_size="1..7", stride=range(1, 4), padding=[0, 1, 2])
assert_type(found, Solutions)
assert_type(found[0], Layer)
assert_type(found.best(3), list[Layer])
for each in found:
    assert_type(each, Layer)
solve("deconv", n, 2 * n)
solve(ConvTranspose, "n", "2n", kernel_size=None)
solve(AvgPool, ..., 112, kernel_size=7)
solve(Conv, [224, 225], [range(110, 113), "113"])
solve(Conv, (224, 320), (112, 160), kernel_size=(3, "5..7"), per_axis=True)
space = search(Choice(Conv, "1,3"), 32, 8)
assert_type(space, Space)
assert_type(space[0], Stack)
assert_type(space.best(), list[Stack])
assert_type(read("net.py"), Network)
assert_type(explain(trace(Conv(3)), 2), Explanation)
assert_type(explain(trace(Conv(3)), 2)[0], Edit)
"""

#: What must be found, one in each line.
WRONG = """\
Conv(3).size(224).bit_length().best
Conv(3).size((7, 8)) + 1
stem.size(224)[0]
solve(3, 224, 112)
solve(MaxPool, 224.5, 112)
solve(Conv, 224, 112, kernel_size=1.5)
solve(Conv, 224, 112, kernel=3)
found[0].kernel
found.best(3).size
search(Conv(3), 2.5)
"""


def test_a_type_checker_knows_what_comes_back(tmp_path, monkeypatch):
    api = pytest.importorskip("mypy.api")
    snippet = tmp_path / "snippet.py"
    snippet.write_text(RIGHT + WRONG)
    monkeypatch.chdir(ROOT)
    said, fault, _ = api.run(["--follow-imports=silent", "--no-error-summary", str(snippet)])
    lines = [int(line) for line in re.findall(r"snippet\.py:(\d+): error", said)]
    right = len(RIGHT.splitlines())
    wrong = range(right + 1, right + 1 + len(WRONG.splitlines()))
    assert not fault
    assert not [line for line in lines if line <= right], said
    assert sorted({*lines}) == [*wrong], said
