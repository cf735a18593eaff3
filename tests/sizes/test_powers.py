"""Powers: a letter in an exponent or in a base, against numbers, in every walk over a tree."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import pytest

from solver import LimitError, SolverError, prove
from solver.proof import numbers
from solver.proof.claim import read_claim
from solver.proof.smtlib import smtlib
from solver.render.latex import latex
from solver.sizes.expression import evaluate
from solver.sizes.grammar import parse
from solver.sizes.letters import decided, is_whole, least, value
from solver.sizes.normal import normal
from solver.sizes.text import text
from solver.symbolic.algebra import to_sympy

SEED = 7
LETTERS = ("i", "s", "p", "L")
ATOMS = ("2**i", "s**2", "s", "i", "3", "2**(i + 1)", "4**L", "s**L", "2**(L - 1)", "6**(2*i)")


def size_of(node, letters):
    return evaluate(node, {x: Fraction(v) for x, v in letters.items()}, numbers.OPERATORS, Fraction)


def some_sizes(count, atoms=ATOMS):
    choose = random.Random(SEED)
    for _ in range(count):
        words = choose.choice(atoms)
        for _ in range(choose.randrange(4)):
            words = f"({words}) {choose.choice('+-*')} {choose.choice(atoms)}"
        if choose.random() < 0.4:
            words = f"floor(({words})/{choose.choice(('2', 's', '2**i', '3', '4'))})"
        yield words


@pytest.mark.parametrize("words", [*some_sizes(60)])
def test_every_walk_keeps_the_value(words):
    tree = parse(words, LETTERS)
    form = value(tree)
    again = parse(text(tree), LETTERS)
    for letters in product(range(3), range(1, 4), range(1), range(1, 3)):
        at = dict(zip(LETTERS, letters, strict=True))
        wanted = size_of(tree, at)
        above, below = (size_of(part.expression, at) for part in (form.upper, form.lower))
        assert above / below == wanted
        assert size_of(again, at) == size_of(normal(tree), at) == wanted
        assert size_of(normal(tree, at), {}) == wanted
        if is_whole(tree):
            assert wanted.denominator == 1


@pytest.mark.parametrize(
    "claim",
    [
        "2**(L + 1) == 2*2**L",
        "2**i*2**i == 2**(2*i)",
        "2**i*2**i == 4**i",
        "6**i == 2**i*3**i",
        "(2*s)**L == 2**L*s**L",
        "s**2 == s*s",
        "s**(L + 1) == s*s**L",
        "(s + 1)**2 == s**2 + 2*s + 1",
        "2**(L - 1)*2**(1 - L) == 1",
        "floor(floor(n/2)/2**(L - 1)) == floor(n/2**L)",
        "floor(floor(n/s)/s**i) == floor(n/s**(i + 1))",
        "2**L >= L + 1",
        "2**(L - 1) >= L",
        "2**L % 2 == 0",
        "floor(2**(i + 1)*n/2) == 2**i*n",
        "conv(n, k, d=2**i, p=2**i*(k - 1)/2) == n",
        "conv(n, k=2**j, s=2**j) == floor(n/2**j)",
        "deconv(n, k=2**j, s=2**j) == 2**j*n",
    ],
)
def test_claims_with_powers_are_proved(claim):
    assert prove(claim)


@pytest.mark.parametrize(
    "claim", ["2**L == 2*L", "2**i % 2 == 0", "2**i >= i + 2", "3**i == 2**i", "2**(L - 2) >= 1"]
)
def test_wrong_claims_with_powers_are_refuted(claim):
    found = prove(claim)
    assert not found
    assert numbers.at(found.claim, found.counterexample) is False


@pytest.mark.parametrize(
    "claim",
    ["2**(10**9) >= n", "2**(L*10**9) >= 1", "9**9**9 >= n", "n**99 >= 1", "2**(n/2) >= 1",
     "2**floor(n/s) >= 1", "2**(i*j) >= 1", "(0 - 2)**i <= 4**i"],
)  # fmt: skip
def test_what_is_no_power_of_a_letter_is_a_limit(claim):
    with pytest.raises(LimitError):
        prove(claim).counterexample  # noqa: B018 - it is worked out when asked for


def test_walks_without_powers_say_so():
    assert "(* s s)" in smtlib(read_claim("s**2 >= s"))
    with pytest.raises(LimitError, match="a letter in an exponent"):
        smtlib(read_claim("2**i >= 1"))


def test_a_repetition_is_counted_from_zero():
    assert least("i") == 0
    i = parse("i >= 1", ("i",))
    assert decided(i) is None
    assert decided(parse("2**i >= 1", ("i",)))


def test_powers_as_latex_and_sympy():
    tree = parse("3*2**(k - 1) - s**2", ("k", "s"))
    assert latex(tree) == "3 \\times 2^{k - 1} - s^{2}"
    found = to_sympy(tree)
    (k, s) = sorted(found.free_symbols, key=str)
    assert found.subs({k: 4, s: 2}) == 20
    with pytest.raises(SolverError):
        to_sympy(parse("2**10**9"))
