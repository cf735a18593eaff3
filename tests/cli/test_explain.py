"""`convsolver explain`: what it prints, to the letter; JSON keys; codes; bad input."""

from __future__ import annotations

import json

import pytest
from cli_fixtures import ROOT, Run, console, line, run, spawn

from solver.network.diagnosis.messages import KNOWN, read_message
from solver.reading.file import read_file

PRINTED = (ROOT / "tests" / "data" / "printed" / "explain.txt").read_text(encoding="utf-8")
CODEC, WAVE = "examples/networks/codec.txt", "examples/networks/wav2vec2.txt"
NOTE = "note: the layers are taken in the order in which they are written\n"
KERNEL = "RuntimeError: Calculated padded input size per channel: (2). Kernel size: (3)"


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(("command", "text"), console(PRINTED))
def test_printed_to_the_letter(command, text):
    assert line(command) == Run(0, text + "\n", "")


def test_who_else_fails_is_who_fails():
    """Against running every size: the same words come, or the same layer fails."""
    record = json.loads(run("explain", CODEC, "--input", "300", "--json").out)
    net = read_file(CODEC)
    _, asked = net.run(300)
    same, fails = record["same_error"]["n"]["exceptions"], record["fails"]["n"]["exceptions"]
    for n in range(1, 700):
        _, fault = net.run(n)
        alike = fault is not None and (fault.rule, fault.received) == (asked.rule, asked.received)
        assert (n in same) == alike, n
        assert (n in fails) == (fault is not None and fault.rule == asked.rule), n


def test_edits_run_where_they_say():
    record = json.loads(run("explain", CODEC, "--input", "300", "--json").out)
    lines = (ROOT / CODEC).read_text().splitlines()
    for edit in (edit for edit in record["edits"] if edit["changes"] and edit["code"]):
        changed = [*lines]
        for code in edit["code"].splitlines():
            name, _, layer = code.partition(" = ")
            changed[int(name.removeprefix("x"))] = layer
        for n in range(200, 330):
            done = n >= edit["runs_for"]["minimum"]
            size = n
            for text in changed:
                words = dict(
                    part.split("=") for part in text.rstrip(")").split(", ") if "=" in part
                )
                k, s = int(words["kernel_size"]), int(words.get("stride", 1))
                size = (size + 2 * int(words.get("padding", 0)) - k) // s + 1
            assert (size >= 1) == done, (n, edit)


# What says what is wrong


def test_a_message_from_a_file_and_from_standard_input(tmp_path):
    (tmp_path / "log.txt").write_text(f"Traceback (most recent call last):\n  ...\n{KERNEL}\n")
    by_text = run("explain", WAVE, "--error", KERNEL)
    assert by_text.code == 0
    assert run("explain", WAVE, "--error", f"@{tmp_path / 'log.txt'}") == by_text
    done = spawn("explain", WAVE, "--error", "-", input=KERNEL)
    assert (done.returncode, done.stdout, done.stderr) == by_text


def test_a_message_that_no_layer_gives():
    text = KERNEL.replace("(3)", "(33)")
    rule = "none: no node of this network fails with these numbers at any input size"
    assert run("explain", WAVE, "--error", text) == Run(
        1, f"{rule}: kernel: size (2,), kernel (33,)\n{NOTE}", ""
    )
    record = json.loads(run("explain", WAVE, "--error", text, "--json").out)
    assert (record["runs"], record["edits"]) == (False, [])


def test_a_message_that_is_not_recognised_lists_those_that_are():
    code, out, err = run("explain", WAVE, "--error", "Segmentation fault")
    assert (code, out) == (2, "")
    listed = "\n            ".join(KNOWN)
    assert err == (
        f"error: this message is not known\n  received: Segmentation fault\n  right:    {listed}\n"
    )


@pytest.mark.parametrize("text", KNOWN)
def test_what_is_listed_is_recognised(text):
    assert read_message(text).kind


def test_a_network_that_cannot_be(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.txt").write_text("nn.Conv2d(3, 8, 3)\nnn.Conv2d(4, 8, 3)\n")
    expected = """\
1: Conv2d(in_channels=4, out_channels=8, kernel_size=3) (net.txt, line 2): \
the input must have the layer's in_channels: 8 channels; right: 4
no input size fixes it
fixes, each tried:
  1. 1: in_channels=8 (runs for n >= 5)
       line 2: nn.Conv2d(8, 8, 3)
the same error comes at every input size that gets there
note: the layers are taken in the order in which they are written
"""
    assert run("explain", "net.txt") == Run(0, expected, "")
    left = expected.split("\n")
    left.insert(1, "the message is not recognised, and was left aside: 'help'")
    assert run("explain", "net.txt", "--error", "help") == Run(0, "\n".join(left), "")


APART = """\
from torch import nn
import torch
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3)
    def forward(self, x):
        return torch.cat([x, self.a(x)], dim=1)
"""


def test_a_network_that_runs_at_no_size():
    done = spawn("explain", "-", "--limit", "1", input=APART)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        done.stdout
        == """\
cat: concat (line 8): the sizes that meet must be equal: 224 = h and 222 = h - 2
no input size fixes it
fixes, each tried:
  1. a: padding=1 (runs for n >= 1)
       line 6: self.a = nn.Conv2d(3, 8, 3, padding=1)
  and 3 more
the same error comes at every input size that gets there
"""
    )


def test_only_square_inputs_fail():
    """C3D takes no cube: that is not said to be past fixing."""
    code, out, err = run("explain", "tests/data/printouts/c3d.txt")
    assert (code, err) == (0, "")
    assert "for example at an input of 224x224x224" in out.split("\n")
    assert "no input size fixes it" not in out
    sizes = ("--input", "16x112x112")
    assert run("explain", "tests/data/printouts/c3d.txt", *sizes).out == (
        "the network runs at 16x112x112\n"
    )


HEAD = ["schema", "command", "runs", "reason", "layer", "operation", "where", "sizes", "always"]
HEAD += ["same_error", "fails", "edits", "message", "others", "not_recognised", "behind", "notes"]
EDIT = ["kind", "size", "text", "code", "changes", "lines", "tried_at", "runs_for", "runs_along"]


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        ((), True),
        (("--input", "300"), False),
        (("--input", "640"), True),
        (("--error", KERNEL), False),
        (("--input", "300", "--error", "x"), False),
    ],
)
def test_json_keys_are_fixed(words, runs):
    code, out, err = run("explain", WAVE, "--json", *words)
    record = json.loads(out)
    assert (code, err) == (0, "")
    assert list(record) == HEAD
    assert all(list(edit) == EDIT for edit in record["edits"])
    assert (record["runs"], bool(record["edits"])) == (runs, not runs)
    assert (record["not_recognised"] == "x") == ("x" in words)
    assert (record["message"] is not None) == (KERNEL in words)


MESSAGES = r"""
$ convsolver explain examples/networks/codec.txt --input n
error: an input size must be a whole number
  n
  ^
  right:    for example 3

$ convsolver explain - --error -
error: standard input is the network or the message
  right:    --error @FILE

$ convsolver explain examples/networks/codec.txt --error @no_such_file.txt
error: the message cannot be read: No such file or directory
  received: no_such_file.txt

$ convsolver explain examples/networks/codec.txt --error "Output size is too small"
error: this message has no numbers: an input size says what to look for
  received: Output size is too small

$ convsolver explain examples/networks/codec.txt --format code
error: unknown format
  received: code
  right:    table, plain, json, jsonl, csv, svg, brief
"""


@pytest.mark.parametrize(("command", "text"), console(MESSAGES))
def test_messages_to_the_letter(command, text):
    assert line(command) == Run(2, "", text + "\n")


def test_a_message_that_is_no_text(tmp_path):
    (tmp_path / "core").write_bytes(bytes(range(256)) * 1000)
    code, out, err = run("explain", CODEC, "--error", f"@{tmp_path / 'core'}")
    assert (code, out) == (2, "")
    assert err.startswith("error: this message is not known\n")
    assert len(err) < 2000
