"""Sizes without a short formula go through every command as what they are, never as words."""

from __future__ import annotations

import json
import random

import pytest
from claims import evaluate
from cli_fixtures import run

SUM = "floor(n/13) + floor(n/11)"


def draw(dice, depth):
    """Return a random size in words, which are Python too."""
    if not depth:
        return dice.choice(("n", "n", f"(n + {dice.randint(1, 9)})"))
    inner, divisor = draw(dice, depth - 1), dice.choice((2, 3, 5, 7, 11))
    kinds = (f"floor({inner}/{divisor})", f"ceil({inner}/{divisor})", f"({inner} + n % {divisor})")
    return dice.choice((*kinds, f"({inner})//{divisor}", f"{dice.randint(2, 3)}*({inner})"))


def questions(seed):
    dice = random.Random(seed)
    for _ in range(8):
        parts = [draw(dice, dice.randint(1, 2)) for _ in range(2)]
        yield dice, f"{parts[0]} + {parts[1]} + floor(n/{dice.choice((7, 11, 13))})"


@pytest.mark.parametrize("seed", range(1))
def test_solve_explains_and_certifies_them(seed, tmp_path):
    checked = 0
    for dice, size in questions(seed):
        s = dice.choice((1, 2))
        words = ("solve", "conv", size, f"ceil(({size})/{s})")
        ended = run(*words, "--json")
        record = json.loads(ended.out)
        for side, asked in (("input", size), ("output", words[3])):
            for n in range(1, 60):
                found = evaluate(str(record[side]), {"n": n})
                assert found == evaluate(asked, {"n": n}), (words, record[side])
        for form in ("plain", "markdown", "latex", "json"):
            explained = run(*words, "--explain", "--format", form)
            assert (explained.code, explained.err) == (ended.code, ""), words
        written = run(*words, "--certificate")
        if written.code == 3:  # too long to check, and said so
            assert not written.out
            continue
        (tmp_path / "certificate.json").write_text(written.out)
        answer = run("check", str(tmp_path / "certificate.json"))
        assert answer.code == 0, (words, answer)
        checked += 1
    assert checked > 2


@pytest.mark.parametrize("seed", range(2))
def test_size_writes_the_output_as_an_expression(seed):
    for dice, size in questions(seed):
        k, s = dice.randint(1, 4), dice.randint(1, 3)
        words = ("size", "conv", size, "-k", str(k), "-s", str(s))
        record = json.loads(run(*words, "--json").out)
        for n in range(record["valid_from"], record["valid_from"] + 60):
            out = (evaluate(size, {"n": n}) - k) // s + 1
            for key in ("output", "folded"):
                assert evaluate(record[key], {"n": n}) == out, (words, key, n)
        assert run(*words, "--format", "latex").code == 0, words


def test_the_shortest_of_them():
    words = ("solve", "conv", SUM, f"{SUM} - 2", "-k", "3")
    assert "So a layer does it exactly when" in run(*words, "--explain").out
    assert json.loads(run(*words, "--certificate").out)["count"] == 1
    ended = run("solve", "conv", "n", SUM, "--explain")
    assert (ended.code, ended.err) == (1, "")
    assert "143/24 is not whole" in ended.out
