"""Isolated letters against the size formulas, over whole boxes."""

from __future__ import annotations

from itertools import product

import pytest

from solver.errors import SolverError
from solver.sizes import formulas
from solver.sizes.isolate import LEAST, ROWS, isolate
from solver.sizes.normal import normal_condition

BOX = {
    "i": range(1, 9),
    "o": range(1, 7),
    "k": range(1, 5),
    "s": range(1, 5),
    "p": range(4),
    "d": range(1, 4),
    "a": range(3),
}
LETTERS = [(kind, letter) for kind, rows in ROWS.items() for letter in rows]


def size(kind, v):
    rest = {"a": v["a"]} if kind == "conv_transpose" else {}
    formula = getattr(formulas, kind)
    return formula(v["i"], v["k"], v["s"], v["p"], v["p"], v["d"], **rest)


def disagreement(kind, letter, bounds, last=20):
    """Return the first case where the bounds and the formula differ, or None."""
    others = isolate(kind, letter).others
    for numbers in product(*(BOX[name] for name in others)):
        values = dict(zip(others, numbers, strict=True))
        found = bounds(**values)
        for x in range(LEAST[letter], last):
            full = {**values, letter: x}
            inside = found is not None and found[0] <= x and (found[1] is None or x <= found[1])
            if inside != (size(kind, full) == full["o"]):
                return full, found
    return None


@pytest.mark.parametrize(("kind", "letter"), LETTERS)
def test_bounds_hold_exactly_where_the_formula_does(kind, letter):
    assert disagreement(kind, letter, isolate(kind, letter).bounds) is None


def test_the_comparison_can_fail():
    def one_off(**values):
        found = isolate("conv", "p").bounds(**values)
        return found and (found[0], found[1] + 1)

    assert disagreement("conv", "p", one_off) is not None


def test_no_bound_means_no_bound():
    far = 10**15
    assert isolate("conv", "s").bounds(i=5, o=1, k=3, p=0, d=1) == (3, None)
    assert formulas.conv(5, 3, far) == 1
    assert isolate("conv", "d").bounds(i=5, o=5, k=1, s=1, p=0) == (1, None)


def test_sizes_beyond_floats_stay_exact():
    big = 10**17
    # o = floor((i - 1)/2) + 1 has two inputs for each output
    assert isolate("conv", "i").bounds(o=big + 1, k=3, s=2, p=1, d=1) == (2 * big + 1, 2 * big + 2)


def test_errors_say_what_would_be_right():
    with pytest.raises(SolverError, match="right:    i, k, s, p, d"):
        isolate("conv", "o").bounds(i=3)
    with pytest.raises(SolverError, match="unknown size formula"):
        isolate("pool", "o")
    with pytest.raises(SolverError, match="s must be at least 1"):
        isolate("conv", "o").bounds(i=3, k=1, s=0, p=0, d=1)
    with pytest.raises(SolverError, match="i must be a whole number"):
        isolate("conv", "o").bounds(i=3.0, k=1, s=1, p=0, d=1)


@pytest.mark.parametrize(("kind", "letter"), LETTERS)
def test_at_most_one_case_applies(kind, letter):
    isolation = isolate(kind, letter)
    conditions = [case.when for case in isolation.cases if case.when is not None]
    for numbers in product(*(BOX[name] for name in isolation.others)):
        values = dict(zip(isolation.others, numbers, strict=True))
        assert sum(normal_condition(when, values) for when in conditions) <= 1, values
