"""Guards: held against PyTorch run at every size, and against sizes counted by hand."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from cli_fixtures import ROOT

import solver
from solver import LimitError, SolverError, read
from solver.network.graph.requirement import Requirement
from solver.testing import assert_accepts, assert_same_size, assert_sizes

UNET = ROOT / "examples/networks/unet_of_depth.py"
CODES = [
    "nn.Conv2d(1, 2, 3)\nnn.MaxPool2d(2)\nnn.Conv2d(2, 2, 3, stride=2, padding=1)",
    "nn.MaxPool2d(3, stride=2, ceil_mode=True)\nnn.ConvTranspose2d(1, 1, 2, stride=2)",
    "nn.Conv2d(1, 4, 5, dilation=2)\nnn.AdaptiveAvgPool2d(2)\nnn.Flatten()\nnn.Linear(16, 3)",
    "nn.Conv2d(1, 2, 3)\nnn.Flatten()\nnn.Linear(72, 3)",
]
CONDITIONS = [
    "n >= 1",
    "n % 2 == 0",
    "n >= 9",
    "n >= 8 or n == 3",
    "n % 3 == 1 and n > 5",
    "n == 8",
]
OUTPUTS = [None, "n", "n - 2", "2*floor(n/2)", "3", "floor(n/4)", "1..9"]


def counted(words: str | None, n: int, size: int) -> bool:
    """Whether a size is what an output in words says, by Python."""
    if words is None:
        return True
    if ".." in words:
        first, last = map(int, words.split(".."))
        return first <= size <= last
    return eval(words, {"floor": int, "n": n}) == size


@pytest.mark.parametrize("code", CODES)
def test_requirements_are_those_of_pytorch(code: str) -> None:
    torch = pytest.importorskip("torch")
    net = torch.nn.Sequential(*eval(f"[{','.join(code.splitlines())}]", {"nn": torch.nn}))
    sizes: dict[int, int] = {}
    for n in range(1, 41):
        try:
            sizes[n] = net(torch.zeros(1, 1, n, n)).shape[-1]
        except RuntimeError:
            continue
    network = read(code)
    for condition in CONDITIONS:
        asked = [n for n in range(1, 41) if eval(condition, {"n": n})]
        for output in OUTPUTS[:1] if "Linear" in code else OUTPUTS:
            for exactly in (False, True):
                found = Requirement(network, condition, exactly, output)
                wrong = [n for n in asked if n not in sizes or not counted(output, n, sizes[n])]
                wrong += [n for n in sizes if n not in asked] if exactly else []
                assert found.counterexample == min(wrong, default=None), (condition, output)
                assert found.holds == (not wrong)


def test_what_is_not_known_is_no_answer() -> None:
    half_known = "nn.Conv2d(3, 4, 3)\nnn.Foo(3)"
    with pytest.raises(LimitError, match="nothing is claimed"):
        assert_accepts(half_known, "n >= 9")
    with pytest.raises(AssertionError, match="n = 2 does not"):  # it is refused before
        assert_accepts(half_known, "n >= 2")
    with pytest.raises(LimitError):
        assert_sizes(half_known, {9: 7})


def test_sizes() -> None:
    assert_sizes(UNET, {8: 8, (16, 24): (16, 24)})
    assert_sizes(read(UNET), {(8, 8): 8})
    with pytest.raises(AssertionError, match=r"an input of 100 must give 100: cat: concat") as told:
        assert_sizes(UNET, {8: 8, 100: 100, 16: 15, 24: 24})
    assert "1 more of 4 is not" in str(told.value)
    with pytest.raises(AssertionError, match=r"received: \(16, 24\)"):
        assert_sizes(UNET, {(16, 24): 16})
    for wrong in ({8: "8"}, {"8": 8}, {8: (8, 8.0)}):
        with pytest.raises(SolverError, match="a size is a whole number, or a tuple"):
            assert_sizes(UNET, wrong)
    with pytest.raises(SolverError, match="told nothing more"):
        assert_sizes(read(UNET), {8: 8}, axes=2)


def test_accepts() -> None:
    assert_accepts(UNET, "n % 8 == 0", exactly=True, output="n")
    assert_same_size(UNET)
    assert_same_size(UNET, "n % 32 == 0")
    with pytest.raises(AssertionError, match=r"every even n must run, and n = 2 does not: pool_2"):
        assert_accepts(UNET, "n % 2 == 0")
    with pytest.raises(AssertionError, match=r"only n = 0 \(mod 16\) must run, and n = 8 does too"):
        assert_accepts(UNET, "n % 16 == 0", exactly=True)
    with pytest.raises(AssertionError, match="must give n"):
        assert_same_size(ROOT / "examples/networks/unet.py")
    with pytest.raises(AssertionError, match="in_channels"):  # no size runs
        assert_same_size("nn.Conv2d(3, 4, 3)\nnn.Conv2d(3, 4, 3)")
    with pytest.raises(SolverError, match="requires nothing"):
        assert_accepts(UNET, "n < 1")
    with pytest.raises(SolverError, match="a condition is wanted"):
        assert_accepts(UNET, "n")


def test_a_live_model() -> None:
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.MaxPool2d(4), torch.nn.Upsample(scale_factor=4))
    assert_accepts(model, "n % 4 == 0", output="n", channels=1, axes=2)
    with pytest.raises(AssertionError, match="n = 2 does not"):
        assert_accepts(model, "n % 2 == 0", channels=1, axes=2)


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        (["--require", "n % 8 == 0"], 0, "holds: every n = 0 (mod 8) runs"),
        (["--exactly", "n % 8 == 0", "--require-output", "n"], 0, "gives n, and no other"),
        (["--require", "n % 4 == 0"], 1, "n = 4 does not: pool_3"),
        (["--exactly", "n % 16 == 0"], 1, "n = 8 does too"),
        (["--require-output", "n/2"], 1, "n = 8 does not: it gives 8"),
        (["--require", "n <"], 2, "must come next"),
        (["--require", ""], 2, ""),
        (["--require", "n < 1"], 2, "requires nothing"),
        (["--require", "n > 1", "--exactly", "n > 1"], 2, "one of them"),
        (["--require", "n > 1", "--input", "8"], 2, "of every n"),
        (["--require", "n > 1", "--set", "depth=1..3"], 2, "of one structure"),
    ],
)
def test_on_the_command_line(asked: list[str], code: int, said: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "solver", "network", str(UNET), *asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == code, run.stderr
    assert said in (run.stdout or run.stderr)


def test_the_fixture_reads_below_the_root(tmp_path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "net.py").write_text("nn.MaxPool2d(2)\n")
    (tmp_path / "test_net.py").write_text(
        "from solver.testing import assert_accepts\n"
        "def test_even(read_network):\n"
        "    assert_accepts(read_network('models/net.py'), 'n % 2 == 0', output='n/2')\n"
        "def test_odd(read_network):\n"
        "    assert_accepts(read_network('models/net.py'), 'n % 2 == 1')\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "solver.testing.plugin", str(tmp_path)]
    run = subprocess.run(
        [*command, "-c", str(tmp_path / "pytest.ini")],
        cwd=ROOT,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # it is named
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.search(r"1 failed, 1 passed", run.stdout), run.stdout
    assert "every odd n must run, and n = 1 does not" in run.stdout


def test_guards_are_no_names_of_the_package() -> None:
    assert not {name for name in solver.__all__ if name.startswith("assert")}
