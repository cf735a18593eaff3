"""An argument of several values: each row is what the same command says of one value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_fixtures import run

UNET = str(Path(__file__).parents[2] / "examples/networks/unet_of_depth.py")


def record(*words: str) -> dict:
    ended = run("network", UNET, *words, "--json")
    assert ended.code in (0, 1), ended
    return json.loads(ended.out)


def test_each_row_is_the_network_of_one_value():
    rows = record("--set", "depth=1..4")["results"]
    assert [row["depth"] for row in rows] == [1, 2, 3, 4]
    for row in rows:
        alone = record("--set", f"depth={row['depth']}")
        assert {word: row[word] for word in ("valid", "parameters", "macs")} == {
            word: alone[word] for word in ("valid", "parameters", "macs")
        }
        assert row["receptive_field"] == alone["outputs"][0]["receptive_field"]
        assert row["output"] == "n"


def test_inputs_and_several_arguments_are_a_product():
    words = ("--set", "depth=2..3", "--set", "width=4..5", "--input", "16,21")
    rows = record(*words)["results"]
    assert [(row["depth"], row["width"], row["input"]) for row in rows] == [
        (depth, width, n) for depth in (2, 3) for width in (4, 5) for n in (16, 21)
    ]
    for row in rows:
        assert (row["output"] == 16) == (row["input"] == 16) == (row["reason"] is None)
        assert row.get("nearest") == (None if row["input"] == 16 else [20, 18 + 2 * row["depth"]])


def test_the_first_line_says_for_which_inputs_each_runs():
    ended = run("network", UNET, "--set", "depth=2..3")
    first = ended.out.splitlines()[0]
    assert first == "depth 2: n -> n, for even n; depth 3: n -> n, for n = 0 (mod 4)"


def test_each_structure_is_explained():
    """Each row is what the command says of one value alone, its first fix too."""
    ended = run("explain", UNET, "--set", "depth=2..4", "--input", "100,104", "--json")
    rows = json.loads(ended.out)["results"]
    assert (ended.code, len(rows)) == (1, 6)
    for row in rows:
        words = ("--set", f"depth={row['depth']}", "--input", str(row["input"]), "--json")
        alone = json.loads(run("explain", UNET, *words).out)
        assert (row["reason"] is None) == (row["depth"] < 4 or row["input"] == 104)
        assert row["fix"] == (alone["edits"][0] if alone["edits"] else None)
    assert "--input 100" in run("explain", UNET, "--set", "depth=2..4").err
    assert "by network and by explain" in run("decoder", UNET, "--set", "depth=2..4").err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "depth=1..65"), "at most 64 structures"),
        (("--set", "depth=1..99999999999999"), "at most 64 structures"),
        (("--set", "depth=3..1"), "a range goes from small to large"),
        (("--set", "depth=1..2", "--tiles"), "several structures are told"),
        (("--set", "depth=1..2", "--set", "depth=3"), "takes each name once"),
        (("--set", "deep=1..2"), "depth"),
    ],
)
def test_what_cannot_be_compared_is_said(words, said):
    ended = run("network", UNET, *words)
    assert ended.code == 2
    assert said in ended.out + ended.err
