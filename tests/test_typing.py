"""What a type checker knows of the public face, and that it finds what is wrong."""

import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from cli_fixtures import ROOT

RIGHT = """\
from collections.abc import Callable
from fractions import Fraction
from typing import Any, assert_type
import pytest
import sympy
from solver.testing.plugin import read_network
from solver import (
    AvgPool, Choice, Conv, ConvTranspose, Decoder, Explanation, MaxPool, Network, SizeMap, SizeSet,
    Solutions, Space, Stack, Tensor, Verdict, add, certificate, check, concat, convert, decoders,
    explain, fill, formula, layer, n, pad_like, prove, read, repeat, search, solve, tiling, trace,
)
from solver.layers.layer import Layer
from solver.network.diagnosis.edits import Edit
from solver.testing import assert_accepts, assert_same_size, assert_sizes

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
assert_type(Conv(3)(32), int)
assert_type(MaxPool(2)(Conv(3)((32, 33))), tuple[int, ...])
assert_type(Conv(3).draw(10).svg, str)
assert_type(Conv(3).code("keras"), str)
assert_type(stem[0], Layer)
assert_type([x for x in stem], list[Layer])
assert_type(stem.sizes(224), tuple[int, ...])
assert_type(stem.sizes((224, 320)), tuple[tuple[int, ...], ...])
assert_type(SizeMap.line(1, 1, 2)(7), int)
assert_type(found[:3], list[Layer])
assert_type(found.reason, str | None)
assert_type(found.record(), dict[str, Any])
assert_type(found.count() + 1, int)
assert_type(Conv(3) in found, bool)
assert_type(space[2:4][0], Stack)
assert_type([x for x in space], list[Stack])
assert_type(space.best(3, "macs"), list[Stack])
search(repeat(Choice(Conv, "1,3"), 3), 32, 8)
net = read("nn.Conv2d(3, 8, 3)")
assert_type(net.size(224), int | tuple[int, ...])
assert_type(net.formula(), str)
assert_type(net.valid().inputs, SizeSet)
assert_type(net.valid().inputs.nearest(500), tuple[int | None, int | None])
assert_type(net.inputs_for(112), SizeSet)
assert_type(net.nearest((100, 300)).padding, list[tuple[int, int]] | None)
assert_type(net.record(), dict[str, Any])
assert_type(explain(net, 2).best(), list[Edit])
assert_type(explain(net, 2).reason, str)
assert_type(decoders(net)[0], Decoder)
assert_type(decoders(net).best(2), list[Decoder])
assert_type(fill(net, "n").reason, str | None)
assert_type(prove("conv(n) == n"), Verdict)
assert_type(bool(prove("conv(n) == n")), bool)
assert_type(check(certificate(found)), str)
assert_type(convert(Conv(3), "keras", 2).record(), dict[str, Any])
assert_type(formula("conv"), str)
assert_type(tiling(net).margin, tuple[int | Fraction, int | Fraction])


def halved(x: Tensor) -> Tensor:
    down = Conv(3, 2, 1)(x)
    assert_type(down, Tensor)
    return concat(add(down, down), pad_like(down, down))


assert_type(trace(halved), Network)
assert_sizes(net, {224: 222, (7, 9): (5, 7)})
assert_accepts("models/net.py", "n >= 3", exactly=True, output="n - 2")
assert_same_size(net, "n % 32 == 0")


def test_of_a_user(read_network: Callable[..., Network]) -> None:
    assert_type(read_network("net.py").size(8), int | tuple[int, ...])
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
stem.sizes(224)[0][0]
net.inputs_for(112.5)
explain(net, 2)[0].fixes
read_network.nothing
assert_sizes(net, [224])
assert_accepts(net, 32)
halved(3)
"""


def by_mypy(snippet: Path) -> tuple[str, set[int]]:
    """What mypy says of a snippet, and of which lines."""
    api = pytest.importorskip("mypy.api")
    said, fault, _ = api.run(["--follow-imports=silent", "--no-error-summary", str(snippet)])
    assert not fault
    return said, {int(line) for line in re.findall(r"snippet\.py:(\d+): error", said)}


def by_pyright(snippet: Path) -> tuple[str, set[int]]:
    """What pyright says of a snippet, and of which lines."""
    if not find_spec("pyright") or not shutil.which("node"):
        pytest.skip("pyright, or the node that runs it, is not installed")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    run = subprocess.run([*command, str(snippet)], capture_output=True, text=True, check=False)
    if not run.stdout.lstrip().startswith("{"):
        pytest.skip(f"pyright does not start: {run.stderr.strip()[-200:]}")
    found = json.loads(run.stdout)["generalDiagnostics"]
    faults = [each for each in found if each["severity"] == "error"]
    return str(faults), {each["range"]["start"]["line"] + 1 for each in faults}


@pytest.mark.parametrize(
    "checked", [by_mypy, pytest.param(by_pyright, marks=pytest.mark.live)], ids=["mypy", "pyright"]
)
def test_a_type_checker_knows_what_comes_back(checked, tmp_path, monkeypatch):
    snippet = tmp_path / "snippet.py"
    snippet.write_text(RIGHT + WRONG)
    monkeypatch.chdir(ROOT)
    said, lines = checked(snippet)
    right = len(RIGHT.splitlines())
    wrong = range(right + 1, right + 1 + len(WRONG.splitlines()))
    assert not [line for line in lines if line <= right], said
    assert sorted(lines) == [*wrong], said
