"""docs/relationships.md: regenerated, and every relationship on it counted out by hand."""

from __future__ import annotations

import importlib.util
import random
from itertools import product
from pathlib import Path

import pytest
from claims import truth

from solver.proof.claim import read_claim
from solver.sizes.isolate import isolate
from solver.sizes.letters import least
from solver.sizes.text import text

SCRIPT = Path(__file__).parents[1] / "docs" / "relationships.py"
SPEC = importlib.util.spec_from_file_location("relationships", SCRIPT)
relationships = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(relationships)

ROWS = [*relationships.PAPER, *relationships.BEYOND]


def test_the_page_is_what_the_script_writes():
    page = relationships.page()
    assert relationships.PAGE.read_text(encoding="utf-8") == page
    assert page.count("\n### ") == len(ROWS)


def test_there_are_fifteen_of_the_guide():
    assert len(relationships.PAPER) == 15


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_every_claim_holds_in_a_box(row):
    dice = random.Random(1)
    for words, where in row.claims:
        claim = read_claim(words, where)
        box = [range(least(x), least(x) + (12 if x == "n" else 4)) for x in claim.letters]
        points = [*product(*box)]
        asked = 0
        for point in dice.sample(points, min(len(points), 3000)):
            values = dict(zip(claim.letters, point, strict=True))
            condition = text(claim.where) if where else ""
            found = truth(text(claim.statement), condition, values)
            assert found is not False, (words, values)
            asked += found is True
        assert asked > 5, words


KINDS = {"conv": "conv", "maxpool": "conv", "deconv": "conv_transpose", "ceil_pool": "ceil_pool"}
DEFAULTS = {"s": 1, "p": 0, "d": 1, "a": 0}
LONG = {"stride": "s", "padding": "p", "dilation": "d", "output_padding": "a"}
INVERSES = [
    pytest.param(row, *inverse, id=f"{row.title}, {inverse[1]}")
    for row in ROWS
    for inverse in row.inverse
]


@pytest.mark.parametrize(("row", "name", "letter", "filled"), INVERSES)
def test_every_inverse_is_exact(row, name, letter, filled):
    claims = [read_claim(*claim) for claim in row.claims]
    claim = next(c for c in claims if name != "ceil_pool" or {"d"} <= {*c.letters})
    left, _ = claim.statement.nodes
    layer = text(left)
    names = claim.letters
    box = [range(least(x), least(x) + (9 if x == "n" else 4)) for x in names]
    dice = random.Random(2)
    points = [*product(*box)]
    hits = 0
    for point in dice.sample(points, min(len(points), 300)):
        values = dict(zip(names, point, strict=True))
        own = "n" if letter == "i" else letter
        if own not in values or truth(f"{layer} >= 1", "", values) is not True:
            continue
        (out,) = (o for o in range(1, 60) if truth(f"{layer} == {o}", "", values))
        known = (
            DEFAULTS | {x: v for x, v in values.items() if x != "n"} | {"i": values["n"], "o": out}
        )
        known |= {LONG[long]: value for long, value in filled.items()}
        isolated = isolate(KINDS[name], letter)
        bounds = isolated.bounds(**{x: known[x] for x in isolated.others})
        assert bounds is not None, values
        first, last = bounds
        for value in range(least(own), least(own) + 12):
            same = truth(f"{layer} == {out}", "", {**values, own: value})
            inside = first <= value and (last is None or value <= last)
            assert inside == (same is True) or same is None, (values, value, bounds)
            hits += same is True
    assert hits > 20


def slide(size, k, s, begin, end, d):
    """Count the places of a window of k taps by sliding it over marked positions."""
    line = range(-begin, size + end)
    return sum(
        all(start + d * tap in line for tap in range(k)) for start in range(-begin, size + end, s)
    )


def stretch(size, s):
    """Return the positions of an input after s - 1 zeros were put between its elements."""
    return [s * i for i in range(size)]


def scatter(size, k, s, p, d, a):
    """Count the outputs of a transposed convolution: every input element paints a kernel."""
    painted = {at + d * tap for at in stretch(size, s) for tap in range(k)}
    length = max(painted) + 1 + a
    return length - 2 * p


@pytest.mark.parametrize("seed", range(3))
def test_the_formulas_count_what_windows_do(seed):
    dice = random.Random(seed)
    for _ in range(200):
        n, k, s = dice.randint(1, 20), dice.randint(1, 5), dice.randint(1, 4)
        p, d, a = dice.randint(0, 4), dice.randint(1, 3), dice.randint(0, 3)
        claim = f"conv(n, {k}, {s}, {p}, {d}) == {slide(n, k, s, p, p, d)}"
        assert truth(claim, "", {"n": n}) is not False
        out = scatter(n, k, s, p, d, a)
        claim = f"conv_transpose(n, {k}, {s}, {p}, {d}, {a}) == {out}"
        assert truth(claim, "", {"n": n}) is not False
        # relationships 8 to 14: a direct convolution over the stretched and padded input
        if k > p and d == 1:
            inside = stretch(n, s)[-1] + 1
            assert max(out, 0) == slide(inside, k, 1, k - p - 1, k - p - 1 + a, 1)
