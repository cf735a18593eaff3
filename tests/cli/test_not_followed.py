"""What commands say behind a layer that is not understood: no size, no validity, no "runs"."""

from __future__ import annotations

import json

import pytest
from cli_fixtures import run

STEM = "nn.Conv2d(3, 8, 7)\nnn.MaxPool2d(2)\n"
BLIND = f"{STEM}nn.Mystery(8)\nnn.Conv2d(8, 8, 3)\n"
LABEL = "2: Mystery: not understood (net.txt, line 3)"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.txt").write_text(BLIND)


def test_a_network_is_answered_up_to_there():
    code, out, err = run("network", "net.txt")
    assert (code, err) == (3, "")
    assert out.splitlines()[:3] == [
        "up to 1: n -> floor(n/2) - 3",
        f"behind it not followed: {LABEL}, and 1 after it",
        "it runs at most for every n >= 8",
    ]
    assert "parameters: 1,184 of what is followed\n" in out
    code, out, _ = run("network", "net.txt", "--input", "100")
    assert (code, out.splitlines()[0]) == (3, "up to 1: 100 -> 47")
    code, out, _ = run("network", "net.txt", "--layer", "1")
    assert code == 0
    assert out.startswith("n -> floor(n/2) - 3, at most for every n >= 8\nbehind it not followed")


def test_what_is_refused_before_is_refused():
    code, out, _ = run("network", "net.txt", "--input", "5")
    assert code == 1
    assert out.startswith("infeasible: 0: Conv2d")
    code, out, _ = run("explain", "net.txt", "--input", "5")
    assert code == 0
    assert f"as far as the program is followed, which is up to {LABEL}\n" in out
    assert "an input of 8 (runs for n >= 8)" in out


def test_json():
    found = json.loads(run("network", "net.txt", "--json").out)
    assert [each["shape"] for each in found["outputs"]] == [None]
    assert (found["valid"]["text"], found["unclaimed"]["text"]) == ("no n", "n >= 8")
    assert json.loads(run("explain", "net.txt", "--input", "5", "--json").out)["behind"] == LABEL


@pytest.mark.parametrize(
    "words",
    [
        ("network", "net.txt", "--output", "7"),
        ("explain", "net.txt"),
        ("explain", "net.txt", "--input", "100"),
        ("decoder", "net.txt"),
    ],
)
def test_a_limit_is_no_answer(words):
    code, out, err = run(*words)
    assert (code, out) == (3, "")
    assert err.startswith("limit: ")
    assert LABEL in err


def test_the_other_outputs_are_told(tmp_path):
    text = (
        "class Net(nn.Module):\n    def __init__(self):\n        self.c = nn.Conv1d(4, 4, 1)\n"
        "    def forward(self, x):\n        return torch.block_diag(self.c(x)[0]), x\n"
    )
    (tmp_path / "two.py").write_text(text)
    code, out, err = run("network", "two.py")
    assert (code, err) == (3, "")
    assert out.startswith("n -> 0: ?, 1: n\nbehind it not followed: block_diag")
