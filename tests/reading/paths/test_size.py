"""Sizes that carry formulas against the same arithmetic with plain numbers, at every size."""

from __future__ import annotations

import functools
import math
import random
from fractions import Fraction

import pytest

from solver.network.graph.dim import Dim
from solver.reading.live.running.numbers import STAND_INS
from solver.reading.paths.decisions import Decisions, Lost
from solver.reading.paths.size import Part, Size, size

NAMES = {"math": math, **STAND_INS}
RELATIONS = ["<", "<=", "==", "!=", ">", ">="]
#: The sizes that a formula is held against.
EVERY = range(1, 301)


def expression(r: random.Random, depth: int) -> str:
    """A random expression of n; numbers that are no whole ones stand behind sizes."""
    if depth == 0 or r.random() < 0.15:
        return "n" if r.random() < 0.75 else str(r.choice([0, 1, 2, 3, 7, 16, 32, -1, -3]))
    a, b = expression(r, depth - 1), expression(r, depth - 1)
    c = r.choice([1, 2, 3, 5, 7, 8, 16, 32])
    return r.choice(
        [
            f"({a} + {b})",
            f"({a} - {b})",
            f"({a} * {r.choice([1, 2, 3, -1])})",
            f"({a} // {r.choice([c, -c])})",
            f"({a} % {r.choice([c, -c])})",
            f"math.ceil((n + {a}) / {c})",
            f"math.floor((n + {a}) * 1.5 - {c})",
            f"round((n + {a}) / {c})",
            f"int((n + {a}) / {-c} + 0.5)",
            f"({a} ** {r.choice([0, 1, 2])})",
            f"(int({a}) << {r.randint(0, 4)})",
            f"(int({a}) >> {r.randint(0, 4)})",
            f"(int({a}) & {r.choice([1, 7, 31, -8])})",
            f"abs({a})",
            f"(-{a})",
            f"min({a}, {b})",
            f"max({a}, {b})",
            f"sum(divmod({a}, {c}))",
            f"({a} + ({b} {r.choice(RELATIONS)} {c}))",
            f"({a} if {b} {r.choice(RELATIONS)} {r.choice([a, '0.3', '10.7', 'math.inf'])} else n)",
        ]
    )


def of(text: str, given: int) -> object:
    try:
        return eval(text, {"math": math, "n": given})
    except (ZeroDivisionError, OverflowError):
        return None


@pytest.mark.parametrize("seed", range(8))
def test_random_expressions(seed):
    """Where the same is decided, the formula has the value that plain numbers have."""
    r, whole = random.Random(seed), 0
    for _ in range(40):
        text, at = expression(r, r.randint(1, 4)), r.choice([1, 2, 7, 16, 31, 64, 100, 255])
        expected = of(text, at)
        if expected is None:
            continue
        decisions = Decisions({"n": at})
        try:
            found = eval(text, {**NAMES, "n": size(at, Dim.letter("n"), decisions)})
        except Lost:
            continue
        assert plain(found) == expected, (text, at)
        if isinstance(found, (Size, Part)) and found.formula is None:
            continue
        whole += 1
        for n in EVERY:
            if decisions.left.holds({"n": n}):
                assert value(found, n) == of(text, n), (text, at, n)
    assert whole > 30


def plain(found: object) -> object:
    """The number alone: a comparison with a size would be one more decision."""
    return int.__int__(found) if isinstance(found, Size) else float(found)


def value(found: object, n: int) -> Fraction | object:
    formula = found.formula if isinstance(found, (Size, Part)) else found
    if isinstance(formula, Dim):
        return formula.at({"n": n})
    return Fraction(formula.top.at({"n": n}), formula.bottom) if isinstance(found, Part) else found


@pytest.mark.parametrize("seed", range(4))
def test_what_is_decided(seed):
    """A comparison is answered for the sizes at which it has that answer, and for no other."""
    r = random.Random(seed)
    for _ in range(25):
        one, other = expression(r, 2), r.choice([expression(r, 2), "0.3", "10.7", "math.inf"])
        text, at = f"(n + {one}) {r.choice(RELATIONS)} {other}", r.randint(1, 200)
        if any(of(text, n) is None for n in EVERY):
            continue
        decisions = Decisions({"n": at})
        truth = eval(text, {**NAMES, "n": size(at, Dim.letter("n"), decisions)})
        there = {n for n in EVERY if decisions.left.holds({"n": n})}
        assert truth == of(text, at)
        assert at in there
        assert all(of(text, n) == truth for n in there), (text, at)
        if not any(word in text for word in ("abs", "if", "round", "int", "min", "max")) and (
            sum(map(text.count, "<>!")) + text.count("==") == 1
        ):
            assert there == {n for n in EVERY if of(text, n) == truth}, (text, at)


def test_rounding_that_may_cross_a_whole_number_is_lost():
    """1/49*49 is less than 1, so that int() of it is 0: no formula says for which n."""
    decisions = Decisions({"n": 64})
    n = size(64, Dim.letter("n"), decisions)
    assert (n / 49).formula is not None
    assert (n / 49 * 49).formula is None
    assert (n / 49 + n / 7).formula is None
    assert (n / 8 * 3).formula is not None
    assert math.ceil(n / 49 + 0.5).formula is not None


def test_what_is_no_arithmetic_has_no_formula():
    n = size(64, Dim.letter("n"), Decisions({"n": 64}))
    for each, number in [(n | 1, 65), (n ^ 3, 67), (1 << n, 1 << 64), (2**n, 2**64), (n & 5, 0)]:
        assert plain(each) == number
        assert each.formula is None
        with pytest.raises(Lost):
            assert each > 3
    assert math.isinf((n * 1.0) * math.inf)


def test_truth_is_a_number_too():
    decisions = Decisions({"n": 7})
    n = size(7, Dim.letter("n"), decisions)
    padded = n + (n % 2 != 0)
    assert str(padded.formula) == "n + 1"
    assert [each.demand.text for each in decisions.made] == [": n - 2*floor(n/2) = 0"]


def test_larger_and_smaller_of_floats():
    for at, low, high in [(7, 7, 10.5), (64, 10.5, 64)]:
        decisions = Decisions({"n": at})
        n = size(at, Dim.letter("n"), decisions)
        for pair in [(n, 10.5), (10.5, n)]:
            found = STAND_INS["min"](*pair), STAND_INS["max"](*pair)
            assert [*map(plain, found)] == [low, high]
        assert {m for m in EVERY if decisions.left.holds({"n": m})} == {
            m for m in EVERY if (m > 10) == (at > 10)
        }


HELD = {16, 49, 100}
TABLE = {8: "a", (16, 2): "b", 49: "c"}


@functools.lru_cache
def remembered(n):
    return n // 2 + 1


@pytest.mark.parametrize(
    "look",
    [
        lambda n: n // 2 in HELD,
        lambda n: n not in HELD,
        lambda n: TABLE.get(n, ""),
        lambda n: (n, n // 8) in TABLE,
        lambda n: len({n, n // 3 * 3}),
        lambda n: len(set((n // 8, n // 7))),  # noqa: C405
        lambda n: {7: 1, n % 9: 2}.get(n // 9, 0),
        lambda n: remembered(n) == 12,
    ],
)
def test_what_is_looked_up_is_compared(look):
    """The sizes at which a look-up comes out as it does are told, as of a list."""
    for at in (1, 8, 16, 22, 33, 63, 64, 99, 100):
        decisions = Decisions({"n": at})
        assert look(size(at, Dim.letter("n"), decisions)) == look(at)
        decisions.done()
        there = {n for n in EVERY if decisions.left.holds({"n": n})}
        assert at in there
        assert {look(n) for n in there} == {look(at)}, at


def test_what_is_looked_up_unseen_is_lost():
    n = size(64, Dim.letter("n"), Decisions({"n": 64}))
    with pytest.raises(Lost):
        next(map(TABLE.get, [n]))
