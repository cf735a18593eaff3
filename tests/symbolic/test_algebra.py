"""The SymPy face: the same values as the integer formulas."""

from __future__ import annotations

import random
from itertools import product

import pytest
import sympy

from solver.sizes import formulas
from solver.sizes.grammar import parse
from solver.sizes.isolate import ROWS, isolate
from solver.symbolic.algebra import SYMBOLS, formula, isolated, n, to_sympy

LEGAL = {"i": (1, 30), "k": (1, 6), "s": (1, 5), "p": (0, 5), "d": (1, 4), "a": (0, 4)}


def draw(dice):
    return {name: dice.randint(*limits) for name, limits in LEGAL.items()}


def put(expression, values):
    return expression.xreplace({SYMBOLS[name]: sympy.Integer(v) for name, v in values.items()})


@pytest.mark.parametrize("kind", ROWS)
def test_formulas_have_the_integer_values(kind):
    dice = random.Random(1)
    for _ in range(150):
        v = draw(dice)
        rest = (v["a"],) if kind == "conv_transpose" else ()
        expected = getattr(formulas, kind)(v["i"], v["k"], v["s"], v["p"], v["p"], v["d"], *rest)
        assert put(formula(kind), v) == expected, v


def test_ceil_mode_is_written_with_min_and_equals_the_duck_typed_formula():
    assert formula("ceil_pool").has(sympy.Min)
    assert not formula("ceil_pool").has(sympy.Abs)


@pytest.mark.parametrize(("kind", "letter"), [(k, x) for k, rows in ROWS.items() for x in rows])
def test_isolated_letters_agree_with_their_bounds(kind, letter):
    dice = random.Random(2)
    cases = isolated(kind, letter)
    isolation = isolate(kind, letter)
    seen = set()
    for _ in range(60):
        v = draw(dice) | {"o": dice.randint(1, 4)}
        if dice.random() < 0.5:  # half of them on purpose inside
            rest = (v["a"],) if kind == "conv_transpose" else ()
            size = getattr(formulas, kind)(v["i"], v["k"], v["s"], v["p"], v["p"], v["d"], *rest)
            v["o"] = max(1, size)
        bounds = isolation.bounds(**{name: v[name] for name in isolation.others})
        inside = (
            bounds is not None
            and bounds[0] <= v[letter]
            and (bounds[1] is None or v[letter] <= bounds[1])
        )
        applying = [relation for relation, when in cases if put(when, v) == sympy.true]
        assert len(applying) <= 1
        got = any(put(relation, v) == sympy.true for relation in applying)
        assert got == inside, v
        seen.add(inside)
    assert True in seen


@pytest.mark.parametrize(
    "text", ["floor((3*n - 1)/4) % 3", "ceil(n/2)*2 - 7 // n", "min(n, 5) + max(n, 3)"]
)
def test_trees_have_the_value_of_python(text):
    expression = to_sympy(parse(text))
    for value in range(1, 40):
        names = {"n": value, "floor": lambda q: q, "ceil": lambda q: -(-q // 1)}
        expected = {
            "floor((3*n - 1)/4) % 3": (3 * value - 1) // 4 % 3,
            "ceil(n/2)*2 - 7 // n": -(-value // 2) * 2 - 7 // value,
            "min(n, 5) + max(n, 3)": min(value, 5) + max(value, 3),
        }[text]
        assert expression.xreplace({n: sympy.Integer(value)}) == expected, names


def test_remainders_are_never_mod():
    nested = to_sympy(parse("128*(n % 3) % 356"))
    assert not nested.has(sympy.Mod)
    assert nested.xreplace({n: sympy.Integer(2)}) == 256


def test_relations_read_long_names():
    padding, dilation = SYMBOLS["padding"], SYMBOLS["dilation"]
    words = "padding == dilation and not stride > 2 or stride == 4"
    found = to_sympy(parse(words, tuple(SYMBOLS)))
    for p, d, s in product(range(3), range(1, 3), range(1, 5)):
        values = {padding: p, dilation: d, SYMBOLS["stride"]: s}
        assert bool(found.xreplace(values)) == ((p == d and s <= 2) or s == 4)


def test_one_symbol_per_name():
    assert n == sympy.Symbol("n", integer=True, positive=True)
    assert n != sympy.Symbol("n")
