"""`convsolver decoder`: what it prints, to the letter; JSON keys; codes; bad input."""

from __future__ import annotations

import json

import pytest
from cli_fixtures import ROOT, Run, console, line, run, spawn

from solver import Conv, MaxPool, trace
from solver.network.decoders.mirror import mirror

PRINTED = (ROOT / "tests" / "data" / "printed" / "decoder.txt").read_text(encoding="utf-8")
CODEC = "examples/networks/codec.txt"


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize(("command", "text"), console(PRINTED))
def test_printed_to_the_letter(command, text):
    assert line(command) == Run(0, text + "\n", "")


def down(n: int) -> int:
    """The codec, by the formulas of its layers."""
    for k, s, p in [(7, 1, 3), (4, 2, 1), (8, 4, 2), (10, 5, 3), (16, 8, 4)]:
        n = (n + 2 * p - k) // s + 1
    return n


def up(m: int, extra: tuple[int, ...] = (0, 0, 0, 0)) -> int:
    """Its plain mirror, with an output_padding for each layer."""
    layers = [(16, 8, 4), (10, 5, 3), (8, 4, 2), (4, 2, 1)]
    for (k, s, p), a in zip(layers, extra, strict=True):
        assert 0 <= a < s
        m = (m - 1) * s - 2 * p + k + a
    return m


def test_what_the_plain_mirror_gives_back():
    """As printed: n - (n + 8) % 320."""
    for n in range(312, 2000):
        assert up(down(n)) == n - (n + 8) % 320


def test_mirrors_with_numbers_of_their_own():
    for layers in ([Conv(3, 2)], [MaxPool(3), Conv(5, 2, 2)], [Conv(2, 3, 1), Conv(4, 2)]):

        def net(x, layers=layers):
            for each in layers:
                x = each(x)
            return x

        (found,) = mirror(trace(net, axes=1))
        seen = set()
        for n in range(20, 90):
            m = trace(net, axes=1).at(n).shapes[-1][2].number
            for each in reversed(layers):
                k, s, p = each.kernel_size, each.numbers()[1], each.padding
                m = (m - 1) * s - 2 * p + k
            assert found.back(n) == m
            seen.add(m - n)
        assert found.off == (min(seen), max(seen))


def test_numbers_at_an_input():
    record = json.loads(run("decoder", CODEC, "--input", "1000", "--json").out)
    best, *others = record["decoders"]
    extra = tuple(row[0] for row in best["output_padding"])
    assert extra == (1, 1, 0, 0)
    assert up(down(1000), extra) == 1000
    assert best["output_padding_per_call"][3] == {"n": "n % 2"}
    assert {each["inputs"]["n"]["text"] for each in others} == {
        "n >= 312",
        "n = 40 (mod 320), n >= 360",
    }
    assert record["mirror"]["n"]["less_n"] == [-319, 0]


HEAD = ["schema", "command", "input", "where", "count", "mirror", "decoders", "reason", "received"]
KEYS = ["form", "layers", "inputs", "every", "output_padding_per_call", "output_padding"]
KEYS += ["padding", "mirror_less_n", "changes", "parameters", "notes", "code"]


@pytest.mark.parametrize(
    "words", [(), ("--input", "1000"), ("--where", "n > 500"), ("--limit", "0")]
)
def test_json_keys_are_fixed(words):
    record = json.loads(run("decoder", CODEC, "--json", *words).out)
    assert list(record) == HEAD + ["at"] * ("--input" in words)
    assert all(list(each) == KEYS for each in record["decoders"])
    assert record["count"] >= len(record["decoders"])
    assert (record["reason"], record["command"]) == (None, "decoder")


def test_two_axes():
    text = "nn.Conv2d(3, 8, (4, 3), stride=(2, 3), padding=(1, 0))"
    done = spawn("decoder", "-", "--input", "64x50", input=text)
    assert (done.returncode, done.stderr) == (0, "")
    rows = done.stdout.split("\n")
    assert rows[0] == (
        "ConvTranspose k(4,3) s(2,3) p(1,0): gives n back exactly for every h >= 2 and every w >= 3"
        ", output_padding set per call"
    )
    assert rows[1:5] == [
        "encoder 64x50 -> 32x16, 8 channels",
        "back by output_padding (0,2) and no other",
        "along h: layer 1: output_padding n % 2 = 0",
        "along w: layer 1: output_padding n % 3 = 2",
    ]
    assert "along w: of 50 it gives back 48, 2 too few" in rows
    same = spawn("decoder", "-", input="nn.Conv2d(3, 8, 3, stride=2, padding=1)").stdout
    assert "layer 1: output_padding (n + 1) % 2\n" in same


# None


def test_what_is_not_looked_for_is_a_limit():
    done = spawn("decoder", "-", input="nn.Conv2d(3, 8, 3)\nnn.AdaptiveAvgPool2d(1)")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "limit: 1: AdaptiveAvgPool2d(output_size=1) (line 2): decoders are found where every layer "
        "of an encoder has a whole stride along every axis\n"
    )


def test_none_is_an_answer():
    text = "none: the encoder must accept the input\n  received: 100\n  right:    312\n"
    assert run("decoder", CODEC, "--input", "100") == Run(1, text, "")
    code, out, err = run("decoder", CODEC, "--input", "100", "--format", "code")
    assert (code, out, err) == (1, "# none: the encoder must accept the input\n", "")
    record = json.loads(run("decoder", CODEC, "--input", "100", "--json").out)
    assert list(record) == HEAD
    assert (record["count"], record["reason"]) == (0, "the encoder must accept the input")
    code, out, err = run("decoder", CODEC, "--where", "n < 100")
    assert (code, err) == (1, "")
    assert out.startswith("none: the encoder must accept some of these sizes\n")


def test_a_network_that_cannot_be_points_to_explain(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my net.txt").write_text("nn.Conv2d(3, 8, 3)\nnn.Conv2d(4, 8, 3)\n")
    code, out, err = run("decoder", "my net.txt")
    assert (code, err) == (1, "")
    assert out.endswith("convsolver explain 'my net.txt' says what fixes it\n")


MESSAGES = r"""
$ convsolver decoder examples/networks/codec.txt --input 24.5
error: an input size must be a whole number
  24.5
  ^
  right:    for example 3

$ convsolver decoder examples/networks/codec.txt --where "n = 3"
error: equality is written ==
  n = 3
    ^
  right:    for example n % 4 == 1

$ convsolver decoder examples/networks/codec.txt --input 500 --where "n > 3"
error: one of --input and --where is asked
  right:    --input 24000

$ convsolver decoder examples/networks/codec.txt --format latex
error: unknown format
  received: latex
  right:    table, plain, json, csv, code, svg, brief

$ convsolver decoder no_such_file.txt
error: the network cannot be read: No such file or directory
  received: no_such_file.txt
"""


@pytest.mark.parametrize(("command", "text"), console(MESSAGES))
def test_messages_to_the_letter(command, text):
    assert line(command) == Run(2, "", text + "\n")


# In the layers of a framework


def test_what_a_framework_has_no_mirror_for_is_said():
    """Keras refuses strides with dilation: the sizes of the encoder are told all the same."""
    text = "nn.Conv1d(3, 16, 3, 2, 1); nn.Conv1d(16, 32, 3, 2, dilation=3)"
    code, out, err = run("decoder", "-c", text, "--framework", "keras", "--input", "40")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[1] == "encoder 40 -> 20 -> 7, 32 channels"
    rule = "strides > 1 not supported in conjunction with dilation_rate > 1"
    assert f"there is no plain mirror: {rule}" in lines
    assert f"left out: mirrored; {rule}" in lines
    code, out, err = run("decoder", "-c", text, "--framework", "keras", "--input", "40,41")
    assert (code, err) == (1, "")
    assert "41     41 -> 21 -> 8" in out


def test_each_of_several_inputs_is_told_where_no_one_decoder_serves_them():
    words = ("-c", "nn.Conv2d(3, 8, 3, 2, 1)", "--framework", "tf", "--json")
    code, out, _ = run("decoder", *words, "--input", "28x31,30")
    record = json.loads(out)
    assert (code, record["count"], record["framework"]) == (1, 0, "keras")
    assert [each["output_padding"] for each in record["at"]] == [[[1, 0]], [None]]
    assert [each["sizes"] for each in record["at"]] == [
        [[28, 31], [14, 16]],
        [[30, 30], [15, 15]],
    ]
    assert [each["latent"] for each in record["at"]] == [[8, 14, 16], [8, 15, 15]]
    assert [each["mirror"] for each in record["at"]] == [[28, 32], [30, 30]]


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("--input", "28x28"), "one size is given for n, the only axis"),
        (("--input", "28x28x28"), "one size is given for n, the only axis"),
        (("--framework", "kears"), "unknown framework"),
        (("--framework", "caffe"), "no layer is written in this framework: only its own are read"),
        (("--input", "28x"), "each axis needs a size, and x stands between two"),
        (("--input", "0"), "an input size must be at least 1"),
    ],
)
def test_what_is_wrongly_asked(words, rule):
    code, out, err = run("decoder", "-c", "nn.Conv1d(3, 8, 3, 2, 1)", *words)
    assert (code, out, err.splitlines()[0]) == (2, "", f"error: {rule}")
