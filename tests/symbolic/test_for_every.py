"""Floor equations in several letters, for every n: decided as brute force over a box decides."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import pytest
from sympy import Eq, Symbol, ceiling, floor, lambdify

from solver import LimitError, SolverError, n
from solver.symbolic.algebra import solve_floor

K, S, T, C = (Symbol(name, integer=True, positive=True) for name in "kstc")
P = Symbol("p", integer=True, nonnegative=True)
CONV = floor((n + 2 * P - K) / S) + 1
EXACT = [{"floor": lambda x: Fraction(math.floor(x)), "ceiling": lambda x: Fraction(math.ceil(x))}]

QUESTIONS = [
    (CONV, n / S),
    (CONV, ceiling(n / S)),
    (CONV, floor(n / S)),
    (CONV, n / (S * T)),
    (CONV, S * n),
    (CONV, n + C),
    (CONV, (n + C) / T),
    ((n - 1) * S + K - 2 * P, T * n),
]


@pytest.mark.parametrize(("left", "right"), QUESTIONS, ids=str)
@pytest.mark.parametrize("unknown", [None, P, K], ids=str)
def test_it_holds_for_every_n_exactly_where_it_says_so(left, right, unknown):
    found = solve_floor(Eq(left, right), unknown, for_all=n)
    symbols = sorted((left - right).free_symbols - {n}, key=str)
    sides = lambdify([n, *symbols], [left, right], EXACT)
    said = lambdify(symbols, found, EXACT)
    for letters in product(range(1, 4), repeat=len(symbols)):
        numbers = [Fraction(size) for size in letters]
        pairs = [sides(Fraction(size), *numbers) for size in range(1, 30)]
        holds = all(x == y for x, y in pairs if Fraction(y).denominator == 1)
        assert bool(said(*numbers)) == holds, (letters, found)


@pytest.mark.parametrize(
    ("equation", "unknown"),
    [
        (Eq(floor((n + P) / S), floor((n + C) / T) + floor(n / 2)), P),
        (Eq(floor((n * K + P) / S), n / T), P),
        (Eq(floor((n + P * K) / S), n / S), P),
    ],
    ids=str,
)
def test_what_is_beyond_the_class_is_a_limit(equation, unknown):
    with pytest.raises(LimitError):
        solve_floor(equation, unknown, for_all=n)


def test_a_symbol_that_may_be_below_the_smallest_value_of_its_letter_is_refused():
    x = Symbol("x", integer=True)
    with pytest.raises(SolverError, match="x is at least 1"):
        solve_floor(Eq(floor((n + P) / x), n / x), P, for_all=n)
