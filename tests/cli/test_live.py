"""`--live MODULE:FACTORY[(ARGS)]`: a live model is asked for in so many words, and answered."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest
from cli_fixtures import ROOT, environment, run, spawn

from solver.reading.live.factory import read_live

COMMANDS = ("network", "explain", "decoder", "fill")

#: A module without a framework.
PLAIN = """
import sys
print("imported")
def number(*args, **words): return 3
def raises(*args, **words): raise RuntimeError("no\\nway", args, words)
def leaves(): sys.exit(4)
class Space:
    made = 7
    @classmethod
    def build(cls, **words): return words
"""

#: Models of PyTorch.
MODELS = """
import os, warnings, logging
seen = os.environ["PYTORCH_JIT"]
import torch
from torch import nn
warnings.warn("a warning")
logging.getLogger("models").warning("a warning")
print("imported")
class Net(nn.Module):
    def __init__(self, channels=3):
        super().__init__()
        self.conv, self.pool = nn.Conv2d(channels, 8, 3, 2), nn.MaxPool2d(2)
    def forward(self, x):
        warnings.warn("a warning")
        low = self.conv(x)
        return {"low": low, "deep": [self.pool(low), low.mean((2, 3))]}
    @classmethod
    def build(cls, *, channels): return cls(channels)
class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.head = nn.Embedding(100, 16), nn.Linear(16, 4)
    def forward(self, input_ids): return self.head(self.embed(input_ids))
net = Net()
def codec(): return nn.Sequential(nn.Conv1d(1, 8, 7, 1, 3), nn.Conv1d(8, 8, 4, 2, 1))
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with both modules, as a person stands in it."""
    (tmp_path / "plain_models.py").write_text(PLAIN)
    (tmp_path / "torch_models.py").write_text(MODELS)
    (tmp_path / "broken_models.py").write_text("import nothing_of_this_name")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(os, "environ", {**os.environ})
    yield
    for name in ("plain_models", "torch_models", "broken_models"):
        sys.modules.pop(name, None)


RULE = "a live model is MODULE:FACTORY, and literals in parentheses where it takes arguments"
FAULTS = {
    "plain_models:none": ("there is no such name in it", 13),
    "plain_models:Space.nothing": ("there is no such name in it", 19),
    "no_module_here:net": ("there is no such module", 0),
    "plain_models.inner:net": ("there is no such module", 13),
    "plain_models:number(x)": ("the arguments of a factory are literals", 20),
    "plain_models:number(1, a=f(2))": ("the arguments of a factory are literals", 25),
    "plain_models:number(*[1])": ("the arguments of a factory are literals", 20),
    "plain_models:number(**{'a': 1})": ("the arguments of a factory are literals", 22),
    "plain_models:number(é, 1)": ("the arguments of a factory are literals", 20),
    "plain_models:number('é', x)": ("the arguments of a factory are literals", 25),
    "plain_models:number(": (RULE, 19),
    "plain_models:number[0]": (RULE, 13),
    "plain_models:lambda: 3": (RULE, 13),
    "plain_models": (RULE, 0),
    "plain models:net": (RULE, 0),
    "os;plain:net": (RULE, 0),
    "plain_models:": (RULE, 13),
}


@pytest.mark.parametrize("words", FAULTS)
def test_a_fault_has_a_caret(words):
    rule, at = FAULTS[words]
    code, out, err = run("network", "--live", words)
    assert (code, out) == (2, "")
    lines = err.removeprefix("imported\n").split("\n")
    assert lines[0] == f"error: {rule}"
    assert lines[1:3] == [f"  {words}", "  " + " " * at + "^"]


def test_nothing_is_imported_before_all_words_are_read():
    run("network", "--live", "plain_models:number(x)")
    assert "plain_models" not in sys.modules


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("plain_models:raises(1, a='x')", "plain_models:raises raises RuntimeError: ('no\\nway', "),
        ("plain_models:leaves", "plain_models:leaves raises SystemExit: 4"),
        ("plain_models:Space.made.real(1)", "plain_models:Space.made.real raises TypeError: 'int'"),
        ("broken_models:net", "import broken_models raises ModuleNotFoundError: No module named"),
        (
            "plain_models:number(1, [2], a={'b': None})",
            "a factory gives a model of PyTorch, Keras or JAX",
        ),
        ("plain_models:Space.build(a=1)", "a factory gives a model of PyTorch, Keras or JAX"),
        ("plain_models:Space.made", "a factory gives a model of PyTorch, Keras or JAX"),
    ],
)
def test_what_makes_no_model_is_said_in_one_line(words, said):
    code, out, err = run("network", "--live", words)
    assert (code, out) == (2, "")
    first = err.removeprefix("imported\n").split("\n")[0]
    assert first.startswith(f"error: {said}")


@pytest.mark.parametrize("command", COMMANDS)
def test_file_or_live(command):
    net = str(ROOT / "examples" / "networks" / "codec.txt")
    for words in (
        (),
        (net, "--live", "plain_models:number", *(["n"] if command == "fill" else [])),
    ):
        code, out, err = run(command, *words)
        assert (code, out) == (2, "")
        assert err.startswith("error: one of FILE, -c and --live tells the network\n")


@pytest.mark.parametrize("words", ["timm:resnet18", "a.b:c.d", "torchvision.models:vgg(w=None)"])
@pytest.mark.parametrize("command", COMMANDS)
def test_without_the_option_nothing_is_run(command, words):
    code, out, err = run(command, words)
    assert (code, out) == (2, "")
    assert err == (
        "error: a live model is asked for by --live, which executes its code\n"
        f'  received: {words}\n  right:    --live "{words}"\n'
    )


def test_a_shape_is_of_a_live_model():
    code, out, err = run("network", str(ROOT / "examples/networks/unet.py"), "--shape", "1,3,h,w")
    assert (code, out) == (2, "")
    assert err.startswith("error: --shape is the shape of what goes into a live model\n")
    assert err.endswith("right:    --live, or --axes and --channels\n")
    # An ONNX file tells its shapes.
    model = str(ROOT / "tests/data/onnx/vit.onnx")
    assert run("network", model, "--shape", "1,3,h,w").err.endswith("right:    no --shape\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_that_it_executes_code(command):
    said = " ".join(run(command, "--help").out.split())
    assert "--live MODULE:FACTORY[(ARGS)] Instead of FILE, the model that this makes. " in said
    assert "It EXECUTES the code of the module." in said


def test_what_the_code_finds_is_put_back():
    before = [*sys.path]
    with pytest.raises(ValueError, match="a factory gives"):
        read_live("plain_models:number")
    assert sys.path == before


needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")


def live(*words, check=True):
    """Run a command as a person does; nothing but the answer and what the code prints appears."""
    done = spawn(*words)
    if check:
        assert (done.returncode, done.stderr) == (0, "imported\n")
    return done


@pytest.mark.live
@needs_torch
@pytest.mark.parametrize(
    "words", ["Net", "net", "Net(3)", "Net.build(channels=3)", "torch.nn.Conv2d(3, 8, 3, 2)"]
)
def test_a_model_in_many_words(words):
    done = live("network", "--live", f"torch_models:{words}", "--input", "32", "--json")
    record = json.loads(done.stdout)
    assert record["outputs"][0]["shape"] == [1, 8, 15, 15]
    assert not any("training" in note for note in record["notes"])


@pytest.mark.live
@needs_torch
def test_torch_is_imported_without_its_compiler_and_warns_nobody():
    check = (
        "from solver.reading.live.factory import read_live\n"
        "print(read_live('torch_models:net').size(32))\n"
        "import torch_models; print(torch_models.seen)"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    assert (done.stdout, done.stderr) == ("15\n0\n", "imported\n")


@pytest.mark.live
@needs_torch
def test_tokens_and_what_is_not_told():
    done = live("network", "--live", "torch_models:Words", check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--shape 1,3,h,w" in done.stderr
    for shape in ("1,n", "input_ids=1,n"):
        done = live("network", "--live", "torch_models:Words", "--shape", shape, "--json")
        assert json.loads(done.stdout)["outputs"][0]["shape"] == [1, "n", 4]


@pytest.mark.live
@needs_torch
def test_the_other_commands():
    done = live("explain", "--live", "torch_models:net", "--input", "4")
    assert done.stdout.startswith("pool: MaxPool2d(kernel_size=2, stride=2")
    done = live("decoder", "--live", "torch_models:codec", "--limit", "1")
    assert done.stdout.startswith("ConvTranspose k4 s2 p1: gives n back")
    done = live("fill", "--live", "torch_models:net", "n/2", check=False)
    assert done.returncode == 2
    done = live("network", "--live", "torch_models:net", "--input", "4", check=False)
    assert done.returncode == 1
