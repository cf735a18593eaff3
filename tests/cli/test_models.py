"""Several models in one text: which one is read by --model, with what by --set."""

from __future__ import annotations

import pytest
from cli_fixtures import run

from solver.reading import read

TEXT = """
class Small(nn.Module):
    def __init__(self, width, stride=2):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, stride, 1)
    def forward(self, x):
        return self.conv(x)

class Large(nn.Module):
    def __init__(self, kinds, *, deep=True):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Conv2d(3, 3, 5) for _ in KINDS[kinds]])
    def forward(self, x):
        return self.layers(x)

KINDS = {"A": [1, 2], "B": [1, 2, 3]}

def small():
    return Small(8)
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nets.py").write_text(TEXT)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (("--model", "small"), "n -> ceil(n/2), for every n >= 1"),
        (
            ("--model", "Small", "--set", "width=64", "--set", "stride=1"),
            "n -> n, for every n >= 1",
        ),
        (("--model", "Large", "--set", "kinds=A"), "n -> n - 8, for every n >= 9"),
        (("--set", "kinds='B'", "--set", "deep=False"), "n -> n - 12, for every n >= 13"),
    ],
)
def test_which_and_with_what(words, first):
    code, out, err = run("network", "nets.py", *words)
    assert (code, err) == (0, "")
    assert out.startswith(first)


def test_they_are_listed():
    assert (
        "note: models here: Small, Large; Large is read, --model tells\n"
        in run("network", "nets.py", "--set", "kinds=A").out
    )
    code, out, err = run("network", "nets.py", "--model", "Medium")
    assert (code, out) == (2, "")
    assert err.endswith("received: Medium\n  right:    Small, Large, small\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--model", "Large"), "kinds of Large has no value"),
        (("--model", "small", "--set", "depth=3"), "the model has no argument of this name"),
        (("--set", "zz=3", "--set", "kinds=A"), "right:    deep, kinds"),
        (("--set", "kinds=A", "--set", "kinds=B"), "--set takes each name once"),
        (("--set", "width"), "--set takes NAME=VALUE, a literal"),
        (("--set", "width=__import__('os')"), "--set takes NAME=VALUE, a literal"),
        (("--set", "width=" + "(" * 500), "--set takes NAME=VALUE, a literal"),
        (("--set", "width=" + "9" * 2000), "--set takes NAME=VALUE, a literal"),
        (("--model", "Large", "--set", "kinds=C"), "there is no such entry"),
    ],
)
def test_what_cannot_be(words, said):
    code, out, err = run("network", "nets.py", *words)
    assert (code, out) == (2, "")
    assert said in err


def test_only_programs_have_models(tmp_path):
    (tmp_path / "shown.txt").write_text("Net(\n  (a): ReLU()\n)\n")
    for words in (("shown.txt", "--model", "Net"), ("--live", "nets:Small", "--set", "width=3")):
        code, out, err = run("network", *words)
        assert (code, out) == (2, "")
        assert "of programs" in err or "of a program" in err


def test_in_python():
    network = read(TEXT, model="Small", given={"width": 5})
    assert [str(dim) for dim in network.sizes(network.outputs[0])][1] == "5"
    assert network.costs().parameters == 5 * 28


def test_what_a_model_does_not_depend_on_is_left_out(tmp_path):
    """A script decides by its command line what only its loader needs, then makes a model."""
    script = (
        "opt = parser.parse_args()\n"
        "if opt.dataset in ['a', 'b']:\n    data = load(opt.dataset)\n"
        "class Net(nn.Module):\n"
        "    def forward(self, x):\n        return F.avg_pool2d(x, x.size(2))\n"
    )
    (tmp_path / "script.py").write_text(script)
    code, out, err = run("network", "script.py")
    assert (code, err) == (0, "")
    assert out.startswith("n -> 1, for every n >= 1\n")
    assert "left out: if opt.dataset in ['a', 'b']:" in out
    assert run("network", "script.py", "--input", "4x9").out.startswith("4x9 -> 1x2\n")
