"""What a person sees: as wide as the window, nothing broken, nothing said twice."""

from __future__ import annotations

import re

import pytest
from cli_fixtures import ROOT, line

from solver.render.folding import folded
from solver.render.lines import wrapped
from solver.render.report import Column, Table
from solver.render.screen import screen

ASKED = (
    "solve deconv n 2n",
    "solve conv 224x320 110..114x160 -k 3 --per-axis",
    'solve deconv n "s*n" -k 2s',
    "solve conv 224 112 -k 7 -s 2 --framework keras",
    "search examples/encoder.toml --limit 4",
    "network examples/networks/unet.py",
    "network tests/data/printouts/resnet18.print.txt --input 224",
    "network tests/data/onnx/unet_concat.onnx",
    "network examples/networks/unet.py --input 500..502",
    "decoder examples/networks/wav2vec2.txt",
    "fill examples/networks/unknown_unet.py n",
    "frameworks deconv",
)


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    monkeypatch.chdir(ROOT)


def shown(question: str, width: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a question prints in a window of so many columns and 24 lines."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("LINES", "24")
    return line(f"convsolver {question} --format table").out


@pytest.mark.parametrize("question", ASKED)
def test_lines_fit_and_no_word_is_broken(question, monkeypatch):
    whole = {*shown(question, 10_000, monkeypatch).split()}
    for width in (80, 100, 120):
        text = shown(question, width, monkeypatch)
        assert max(map(len, text.splitlines())) <= width
        said = "\n".join(x for x in text.splitlines() if not re.match(r"no room for|\.\.\. and", x))
        said = said.split("a wider window", 1)[0]
        assert {*said.split()} - whole <= {*re.findall(r"\[\d+\]|\S+,|\S+;", said), "holds", "for"}


def test_twice_the_size_fits_a_screen(monkeypatch):
    for width in (80, 100, 120):
        lines = shown("solve deconv n 2n", width, monkeypatch).splitlines()
        assert len(lines) <= 20
        assert lines[0] == "ConvTranspose(2, stride=2)"
        assert "in every row: stride 2, dilation 1, valid_from 1" in lines
        assert "[1] checkerboard risk: kernel_size is not divisible by stride 2" in lines


def test_as_many_as_are_asked_for_are_shown(monkeypatch):
    assert shown("solve deconv n 2n --limit 11", 80, monkeypatch).count("[1] [2]") == 5


def test_a_layer_of_unet_is_a_line(monkeypatch):
    lines = shown("network examples/networks/unet.py", 80, monkeypatch).splitlines()
    start = next(at for at, each in enumerate(lines) if each.startswith("input "))
    rows = lines[start : next(at for at, each in enumerate(lines) if each.startswith("last ")) + 1]
    assert len(rows) == 54
    assert all(re.fullmatch(r"\S.*\S  .*  +\d+  \S.*\S  +\d+", row) for row in rows[1:])
    below = lines[start + len(rows) :]
    assert below[0].startswith("no room for receptive field, parameters, macs")
    assert below[2] == lines[0], "the answer is said again under a long table"
    assert [each.split(":")[0] for each in below[3:]] == ["parameters", "MACs", "total activations"]


def test_long_code_is_shown_once(monkeypatch):
    text = shown("explain tests/data/onnx/unet_concat.onnx --input 100", 80, monkeypatch)
    assert "made = [" not in text
    assert re.search(r"^ +\d+ lines of code: --json has them$", text, re.M)


def test_blocks_that_repeat_fold(monkeypatch):
    asked = "network tests/data/printouts/resnet18.print.txt --input 224"
    text = shown(asked, 80, monkeypatch)
    assert "layer1.0 .. layer1.1, 2 x\n  .conv1 " in text
    assert "layer1.1.conv1" not in text
    unfolded = shown(f"{asked} --unfold", 80, monkeypatch)
    assert "layer1.1.conv1" in unfolded
    assert len(unfolded.splitlines()) == len(text.splitlines()) + 5


def test_blocks_with_other_words_do_not_fold():
    columns = Column("layer"), Column("operation"), Column("reads", right=True)
    rows = [[f"body.{at}.conv", f"conv k{at // 4}", "1"] for at in range(8)]
    assert folded(columns, rows) == [
        ["body.0 .. body.3, 4 x"],
        ["  .conv", "conv k0", "1"],
        ["body.4 .. body.7, 4 x"],
        ["  .conv", "conv k1", "1"],
    ]
    assert folded(columns, rows[2:6]) == rows[2:6]
    longer = [*rows[:4], ["body.3.relu", "relu", "1"]]
    assert folded(columns, longer) == longer, "the last is longer than the others"


def test_blocks_within_blocks_fold():
    columns = Column("layer"), Column("operation")
    rows = [[f"a.{i}.b.{j}.{x}", x] for i in range(3) for j in range(4) for x in ("c", "d")]
    assert folded(columns, rows) == [
        ["a.0 .. a.2, 3 x"],
        ["  .b.0 .. .b.3, 4 x"],
        ["    .c", "c"],
        ["    .d", "d"],
    ]


def test_columns_that_are_worth_least_leave():
    columns = [Column("layer"), *(Column(f"column{at}", True, leaves=at) for at in (1, 2, 3))]
    table = Table(columns, [["one", "1", "2", "3"], ["two", "4", "5", "1234567890"]])
    found = screen(table, [*table.rows], 26)
    assert found.head == ["layer  column1  column2"]
    assert found.below == ["no room for column3: a", "  wider window shows more"]
    assert not screen(table, [*table.rows], 40).below


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("short", 80, ["short"]),
        ("pool: nothing: n = 0, 1 (mod 4)", 20, ["pool: nothing:", "  n = 0, 1 (mod 4)"]),
        ("  1. an edit (runs for n >= 2)", 18, ["  1. an edit (runs", "     for n >= 2)"]),
        ("MACs: 2*floor(n/2) + 33*n", 20, ["MACs: 2*floor(n/2)", "  + 33*n"]),
        ("a " + "b" * 30, 10, ["a", "  " + "b" * 30]),
    ],
)
def test_where_a_line_is_broken(text, width, lines):
    assert wrapped(text, width) == lines
