"""`convsolver prove`: what it prints, in every form, and how it ends."""

from __future__ import annotations

import json

import pytest
from cli_fixtures import run

HALF = "conv(n, k=3, s=2, p=1) == ceil(n/2)"


@pytest.mark.parametrize(
    ("words", "code", "first"),
    [
        ((HALF,), 0, "proved for every n >= 1"),
        (("conv(n, 2, 2) == n/2",), 0, "proved for every even n"),
        (("conv(n, 3, 2) == floor(n/2)",), 1, "refuted: at n = 4 it says 1 == 2"),
        ((HALF, "--where", "n % 3 == 0"), 0, "proved for every n = 0 (mod 3)"),
        (("deconv(n, k=s, s=s) == s*n",), 0, "proved for every n >= 1, every s >= 1"),
        (("conv(n, k) == n",), 1, "refuted: at n = 2, k = 2 it says 1 == 2"),
        (("conv(n, 3) == 7", "--where", "n < 3"), 0, "proved, but empty: it is asked nowhere"),
        (
            ("conv(224, 7, 2, 3) == 112",),
            0,
            "proved\nclaim: conv(224, k=7, s=2, p=3) == 112\nproof:\n  112",
        ),
        (("conv(h, k, s, p=causal) == ceil(h/s)",), 0, "proved for every h >= 1, every k >= 1"),
        (("conv(n, 4, p=same) == n",), 0, "proved for every n >= 1\nclaim: conv(n, k=4, p=(1, 2))"),
        (("conv(224, 7, 2, 3) == 113",), 1, "refuted: it says 112 == 113"),
        (("conv(h, 3, 2) == floor(h/2)",), 1, "refuted: at h = 4 it says 1 == 2"),
        (("conv(h, k, 2) == h", "--where", "k == 3"), 1, "refuted: at h = 3, k = 3 it says 1 == 3"),
        (("n >= 5", "--where", "n <= 5000000"), 1, "refuted: at n = 1 it says 1 >= 5"),
        (("deconv(n, k, s, p=(k - s)/2) == s*n",), 0, "proved for all n >= 1, k >= 1, s >= 1"),
    ],
)
def test_the_first_line_is_the_answer(words, code, first):
    done = run("prove", *words)
    assert done.code == code
    assert done.out.startswith(first)
    assert not done.err


def test_stretches_that_no_set_lists_are_written_out():
    out = run("prove", "n >= 5", "--where", "n <= 5000000 and n % 2 == 0").out
    assert "asked for every even n with 1 <= n <= 5000000" in out
    assert "true exactly for even n with 5 <= n <= 5000000" in out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ((), 2, "Missing argument 'CLAIM'.\n  right:    convsolver prove "),
        (("conv(n, 3)",), 2, "a claim compares sizes\n  conv(n, 3)\n  ^"),
        (("conv(n, 3) == m)",), 2, "the expression should end here"),
        (("conv(n, 3) == n", "--where", "n"), 2, "a claim compares sizes\n  n\n  ^"),
        (("conv(n, k=0) == n",), 2, "kernel_size must be at least 1"),
        (("n/0 == n",), 2, "a divisor must not be 0"),
        (("conv(k, k=k) == 1",), 2, "k stands for a size and for a hyperparameter"),
        (("conv(n, 3) == n >> 1",), 2, "right:    n // 2 for n >> 1"),
        (("conv(n, 3) == n << 1",), 2, "right:    2*n for n << 1"),
        (("conv(n, 3) == n^2",), 2, "a power is written **"),
        (("conv(n, k) == n", "--at", "7"), 2, "each letter of the claim has a number"),
        (("n*n + k*k >= 2*n*k",), 3, "neither proved nor refuted"),
        (("n == n" + " + n" * 200,), 2, "at most 400 characters"),
        ((HALF, "--format", "csv"), 2, "unknown format"),
    ],
)
def test_faults_say_what_would_be_right(words, code, message):
    done = run("prove", *words)
    assert done.code == code
    assert not done.out
    assert message in done.err


def test_json_is_a_contract():
    done = run("prove", "conv(n, 3, 2) == floor(n/2)", "--where", "n >= 4", "--json")
    assert done.code == 1
    assert json.loads(done.out) == {
        "schema": 1,
        "command": "prove",
        "claim": "conv(n, k=3, s=2) == floor(n/2)",
        "where": "n >= 4",
        "verdict": "refuted",
        "empty": False,
        "counterexample": {"n": 4},
        "asked_for": {"modulus": 1, "residues": [0], "ranges": [[0, 0]], "minimum": 4},
        "holds_for": {"modulus": 2, "residues": [1], "ranges": [[1, 1]], "minimum": 5},
        "fails_for": {"modulus": 2, "residues": [0], "ranges": [[0, 0]], "minimum": 4},
        "proof": [],
    }
    record = json.loads(run("prove", "conv(n, k, s=2, p=(k - 1)/2) == ceil(n/2)", "--json").out)
    assert record["verdict"] == "proved"
    assert record["counterexample"] is None
    assert len(record["proof"]) == 2
    assert "asked_for" not in record


def test_latex_and_markdown_can_be_typeset():
    ziamath = pytest.importorskip("ziamath")
    for claim in (HALF, "conv(n, k, s, p=(k-1)/2) == ceil(n/s)", "conv(n, 3) == n"):
        words = run("prove", claim, "--format", "latex").out.strip()
        assert "<svg" in ziamath.Latex(words).svg()
        assert words in run("prove", claim, "--format", "markdown").out


def test_smtlib_is_printed_instead():
    done = run("prove", "conv(n, 3) == n", "--smtlib")
    assert done.code == 0
    assert done.out.splitlines()[0] == "; unsat: conv(n, k=3) == n holds wherever it is asked"
    assert done.out.splitlines()[-1] == "(check-sat)"


def test_both_sides_at_numbers():
    words = ("conv(h, k, s=2) == floor(h/2)", "--at", "2,7..8,k=3")
    assert run("prove", *words).out.splitlines()[2:] == [
        "at h = 2, k = 3: not asked",
        "at h = 7, k = 3: 3 == 3, true",
        "at h = 8, k = 3: 3 == 4, false",
    ]
    assert json.loads(run("prove", *words, "--json").out)["at"][2] == {
        "h": 8,
        "k": 3,
        "says": "3 == 4",
        "true": False,
    }


def test_where_it_is_true_and_where_false():
    out = run("prove", "conv(h, k=3, s=2) == floor(h/2)").out
    assert "true exactly for odd h >= 3\nfalse exactly for even h >= 4\n" in out
    assert "every" not in run("prove", "conv(7, 3) == 6").out
