"""Streams that are closed: a reader that went away, standard input and error that are not there."""

from __future__ import annotations

import os
import subprocess

import pytest
from cli_fixtures import ROOT, spawn

pytestmark = pytest.mark.skipif(os.name != "posix", reason="closed as POSIX shells do")

NETWORKS = "examples/networks"
SEARCH = "search --input 20 --output 5 --depth 2 -k 3 -s 1,2 -p 0..1"
ANSWERS = [
    "",
    "--version",
    "solve --help",
    *(f"solve conv 224 112 --format {form}" for form in ("table", "plain", "json", "jsonl", "csv")),
    "solve conv 224 113 -k 2 --json",
    "solve conv n 2n --certificate",
    *(f"{SEARCH} --format {form}" for form in ("table", "plain", "code")),
    "size conv n -k 3",
    "formula conv",
    "frameworks conv --format table",
    "check examples/certificates/twice.json",
    f"network {NETWORKS}/codec.txt --format table",
    f"explain {NETWORKS}/codec.txt --input 300",
    f"decoder {NETWORKS}/codec.txt --json",
    f"fill {NETWORKS}/unknown_stem.txt 28 --input 224",
]


def dead() -> int:
    """Return the writing end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize("command", ANSWERS)
def test_a_reader_that_went_away_hears_nothing(command):
    pipe = dead()
    try:
        done = spawn(
            *command.split(), capture_output=False, stdout=pipe, stderr=subprocess.PIPE, cwd=ROOT
        )
    finally:
        os.close(pipe)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("command", ["size conv 224 -k 3", "size conv q -k 3", f"{SEARCH} -s 7"])
@pytest.mark.parametrize("closed", [True, False])
def test_an_answer_does_not_need_standard_error(command, closed):
    """Neither the answer nor the exit code changes where its messages cannot be written."""
    words = command.split()
    right = spawn(*words)
    pipe = dead()
    try:
        done = spawn(
            *words,
            capture_output=False,
            stdout=subprocess.PIPE,
            stderr=pipe,
            preexec_fn=(lambda: os.close(2)) if closed else None,
        )
    finally:
        os.close(pipe)
    assert (done.returncode, done.stdout) == (right.returncode, right.stdout)


@pytest.mark.parametrize(
    "command",
    [
        "check -",
        "network -",
        "explain -",
        "decoder -",
        "fill - n",
        "search -",
        f"explain {NETWORKS}/codec.txt --error -",
    ],
)
def test_a_standard_input_that_is_closed_is_bad_input(command):
    done = spawn(*command.split(), cwd=ROOT, preexec_fn=lambda: os.close(0))
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be read: standard input is closed" in done.stderr
