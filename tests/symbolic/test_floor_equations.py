"""SymPy's floor equations: decided as brute force decides, over a range that is proved enough."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import product

import pytest
import sympy
from sympy import Eq, Ge, Lt, Max, Min, Mod, Ne, Symbol, ceiling, floor

from solver import SolverError, n
from solver.symbolic.algebra import equal_for_all, first_difference, solve_floor

K, S = (Symbol(name, integer=True, positive=True) for name in "ks")
P, A = (Symbol(name, integer=True, nonnegative=True) for name in "pa")
Z = Symbol("z", integer=True)
NO_PRIME = Symbol("m", integer=True, prime=False)


class Tree:
    """A random expression as SymPy and as a function, and a range of n that decides it.

    For n >= settled the value is slope*n + something of the given period, and never further than
    `off` from slope*n + shift. All of this follows the tree, by rules that need no floor algebra.
    """

    def __init__(self, symbol, value, slope, shift, off, period, settled):
        self.symbol, self.value, self.slope = symbol, value, slope
        self.shift, self.off, self.period, self.settled = shift, off, period, settled


def line(symbol):
    return Tree(symbol, Fraction, Fraction(1), Fraction(0), Fraction(0), 1, 1)


def number(c):
    return Tree(
        sympy.Rational(c), lambda n: Fraction(c), Fraction(0), Fraction(c), Fraction(0), 1, 1
    )


def plus(x, y, sign=1):
    return Tree(
        x.symbol + sign * y.symbol,
        lambda n: x.value(n) + sign * y.value(n),
        x.slope + sign * y.slope,
        x.shift + sign * y.shift,
        x.off + y.off,
        math.lcm(x.period, y.period),
        max(x.settled, y.settled),
    )


def times(x, c):
    period = x.period * Fraction(c).denominator
    return Tree(
        x.symbol * sympy.Rational(c.numerator, c.denominator),
        lambda n: x.value(n) * c,
        x.slope * c,
        x.shift * c,
        x.off * abs(c),
        period,
        x.settled,
    )


def rounded(x, up):
    # over a period times the slope's denominators the value gains a whole number
    gain = x.slope * x.period
    half = Fraction(1, 2)
    return Tree(
        (ceiling if up else floor)(x.symbol),
        lambda n: Fraction((math.ceil if up else math.floor)(x.value(n))),
        x.slope,
        x.shift + (half if up else -half),
        x.off + half,
        x.period * gain.denominator,
        x.settled,
    )


def extreme(x, y, most):
    """Max or Min: once the lines are further apart than both may be off, one of them is it."""
    function, pick = (Max, max) if most else (Min, min)
    settled = max(x.settled, y.settled)
    if x.slope != y.slope:
        apart = (x.off + y.off + abs(x.shift - y.shift)) / abs(x.slope - y.slope)
        settled = max(settled, math.ceil(apart) + 1)
    both = x if (x.slope > y.slope) == most else y
    off = x.off + y.off + abs(x.shift - y.shift)
    period = math.lcm(x.period, y.period)
    return Tree(
        function(x.symbol, y.symbol),
        lambda n: pick(x.value(n), y.value(n)),
        both.slope,
        both.shift,
        off,
        period,
        settled,
    )


def tree(dice, depth, symbol):
    if depth == 0 or dice.random() < 0.1:
        return symbol if dice.random() < 0.8 else number(dice.randint(-6, 9))
    x = tree(dice, depth - 1, symbol)
    kind = dice.randrange(8)
    if kind < 2:
        return plus(x, tree(dice, depth - 1, symbol), dice.choice([1, -1]))
    if kind < 3:
        return times(x, Fraction(dice.randint(1, 3), dice.randint(1, 4)) * dice.choice([1, -1]))
    if kind < 6:
        return rounded(times(x, Fraction(1, dice.randint(1, 5))), dice.random() < 0.5)
    # for one direction of n only: see the tests
    return extreme(x, tree(dice, depth - 1, symbol), dice.random() < 0.5)


def pairs(dice, symbol):
    """Yield two trees, often equal: x and x + y - y, floor((x + c)/c) and floor(x/c) + 1."""
    x = tree(dice, dice.randint(1, 4), symbol)
    kind = dice.randrange(4)
    if kind == 0:
        y = tree(dice, 2, symbol)
        return plus(x, y), plus(y, x)
    whole, c = rounded(x, False), dice.randint(1, 5)
    if kind == 1:
        left = rounded(times(plus(whole, number(c)), Fraction(1, c)), False)
        return left, plus(rounded(times(whole, Fraction(1, c)), False), number(1))
    if kind == 2:  # ceil(x/c) and floor((x + c - 1)/c) agree; with c - 2 they do not
        miss = dice.choice([1, 1, 2])
        left = rounded(times(whole, Fraction(1, c)), True)
        return left, rounded(times(plus(whole, number(c - miss)), Fraction(1, c)), False)
    return x, tree(dice, dice.randint(1, 4), symbol)


def enough(left, right):
    """Return an N such that trees that agree on 1..N agree on every n >= 1.

    From `settled` on both are a line plus a periodic part, so two periods tell slope and part.
    """
    return max(left.settled, right.settled) + 2 * math.lcm(left.period, right.period)


@pytest.mark.parametrize("seed", range(8))
def test_equality_for_every_positive_n(seed):
    dice = random.Random(seed)
    seen = {True: 0, False: 0}
    while sum(seen.values()) < 260:
        left, right = pairs(dice, line(n))
        stop = enough(left, right)
        if stop > 4_000:
            continue
        wrong = next((m for m in range(1, stop + 1) if left.value(m) != right.value(m)), None)
        assert first_difference(left.symbol, right.symbol, n) == wrong, (left.symbol, right.symbol)
        assert equal_for_all(left.symbol, right.symbol, n) == (wrong is None)
        seen[wrong is None] += 1
    assert min(seen.values()) > 60


@pytest.mark.parametrize("seed", range(3))
def test_the_values_where_a_comparison_holds(seed):
    dice = random.Random(50 + seed)
    for _ in range(40):
        left, right = pairs(dice, line(n))
        if enough(left, right) > 400:
            continue
        kind, sign = dice.choice([(Eq, "__eq__"), (Ne, "__ne__"), (Ge, "__ge__"), (Lt, "__lt__")])
        relation = kind(left.symbol, right.symbol)
        if relation in (sympy.true, sympy.false):
            continue
        found = solve_floor(relation, n)
        for m in range(1, 60):
            right_answer = getattr(left.value(m), sign)(right.value(m))
            assert bool(found.contains(m)) == right_answer, (relation, m, found)


def test_negative_numbers_count_where_the_symbol_may_be_negative():
    assert equal_for_all(sympy.Abs(n), n, n)
    assert not equal_for_all(sympy.Abs(Z), Z, Z)
    assert first_difference(sympy.Abs(Z), Z, Z) == -1
    assert equal_for_all(floor(Z / 2) + ceiling(Z / 2), Z, Z)
    assert equal_for_all(Z - 3 * floor(Z / 3), Mod(Z, 3), Z)
    assert solve_floor(Eq(3 * floor(Z / 3), Z), Z).contains(-6) == True  # noqa: E712
    assert solve_floor(Eq(floor(Z / 2), -2), Z) == sympy.FiniteSet(-4, -3)
    even = Symbol("e", even=True, positive=True)
    assert equal_for_all(floor(even / 2) * 2, even, even)
    for assumptions in ({"negative": True}, {"nonpositive": True}, {"nonnegative": True}):
        x = Symbol("x", integer=True, **assumptions)
        zero = assumptions != {"negative": True}
        assert equal_for_all(sympy.Abs(x) * (1 if "nonnegative" in assumptions else -1), x, x)
        assert equal_for_all(Max(x, -x) ** 1, sympy.Abs(x), x)
        assert (first_difference(x + 0, Min(x, -1), x) is None) == (not zero)


BOX = [range(1, 6), range(1, 5), range(4)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (floor((n + 2 * P - K) / S) + 1, n / 2),
        (floor((n + 2 * P - K) / S) + 1, ceiling(n / 2)),
        (floor((n + 2 * P - K) / 2) + 1, ceiling(n / 2)),
        (floor((n + 2 * P - 3) / S) + 1, floor(n / 3)),
        (ceiling((n + P - K) / S), floor((n + 1) / 2)),
        (floor((n + K * P) / S), floor(n / 2) + 1),
        (S + floor((2 * n + P) / 2), n + K),
        (floor((n - K) / S) + P, n - 1),
        (floor((n + 2 * P - K) / S) + 1, 2 * n),
        (floor((n + P) / 2), floor(n / 2) + floor(K / 1)),
        (P + floor(n / 2), floor((n + 3) / 2) + 0 * K),
        (floor((n + 2 * P) / S), Min(n, 10 * n)),
    ],
)
def test_the_condition_for_every_n_is_exact(left, right):
    condition = solve_floor(Eq(left, right), for_all=n)
    for k, s, p in product(*BOX):
        values = {K: k, S: s, P: p}
        numbers = [{**values, n: sympy.Integer(m)} for m in range(1, 25)]
        sizes = [(left.xreplace(put), right.xreplace(put)) for put in numbers]
        holds = all(x == y for x, y in sizes if y.is_integer)
        assert bool(condition.xreplace(values)) == holds, (condition, values)


M = Symbol("m", integer=True, positive=True)
D = Symbol("d", integer=True, positive=True)
ISOLATED = [
    (Eq(floor((n + 2 * P - K) / S) + 1, M), [n, K, P, S]),
    (Eq(floor((n + 2 * P - K) / S) + 1, n / 2), [K, P]),
    (Eq(floor(n / 2), M / 2), [n]),
    (Eq(ceiling(n / S), M), [n, S]),
    (Eq(3 * floor((n + P) / S) + 3, 3 * M), [n, P, S]),
    (Eq(floor((n + 2 * P - D * (K - 1) - 1) / S) + 1, M), [n, P, K, D, S]),
    (Eq(M - ceiling((n - K) / 3), P), [n, K, M, P]),
]


@pytest.mark.parametrize(
    ("equation", "unknown"), [(equation, x) for equation, unknowns in ISOLATED for x in unknowns]
)
def test_isolated_symbols_are_exact(equation, unknown):
    condition = solve_floor(equation, unknown)
    dice = random.Random(3)
    seen = set()
    for _ in range(400):
        values = {n: dice.randint(1, 20), K: dice.randint(1, 6), S: dice.randint(1, 4)}
        values |= {P: dice.randint(0, 3), M: dice.randint(1, 8), D: dice.randint(1, 3)}
        left, right = (side.xreplace(values) for side in (equation.lhs, equation.rhs))
        assert bool(condition.xreplace(values)) == (left == right), (condition, values)
        seen.add(left == right)
    assert seen == {True, False}


@pytest.mark.parametrize(
    ("equation", "x", "values"),
    [
        (Eq(floor(32 / S), 16), S, {2}),
        (Eq(ceiling(100 / S), 4), S, {*range(25, 34)}),
        (Eq(floor((K + 9) / 4), 3), K, {3, 4, 5, 6}),
        (Eq(floor(Z / 2), Z), Z, {0, -1}),
        (sympy.false, n, set()),
        (Eq(floor(n / 2), -3), n, set()),
    ],
)
def test_the_values_of_one_symbol(equation, x, values):
    assert {*solve_floor(equation, x)} == values


def test_equations_without_floor_and_of_everything():
    found = solve_floor(Eq((n - 1) * S - 2 * P + K, 2 * n), for_all=n)
    assert found.xreplace({S: 2, K: 4, P: 1}) == True  # noqa: E712
    assert found.xreplace({S: 2, K: 3, P: 1}) == False  # noqa: E712
    assert found.xreplace({S: 3, K: 4, P: 1}) == False  # noqa: E712
    assert solve_floor(Eq(floor((n + 2 * P) / 2), floor(n / 2) + P), for_all=n) == True  # noqa: E712
    assert solve_floor(Eq(floor(Z / 2) + ceiling(Z / 2), Z), Z) == sympy.S.Integers
    few = solve_floor(Eq(floor((n + P) / S), Min(n, sympy.Rational(7, 2))), for_all=n)
    assert few.xreplace({S: 1, P: 0}) == True  # noqa: E712
    assert few.xreplace({S: 1, P: 1}) == False  # noqa: E712


@pytest.mark.parametrize("seed", range(4))
def test_equality_for_every_whole_number(seed):
    """Backwards from 0 the same tree runs on -m: what it needs to settle follows its rules too."""
    for number in range(60):
        directions = []
        for sign in (1, -1):
            dice = random.Random(f"{seed} {number}")
            base = Tree(
                Z,
                lambda m, sign=sign: Fraction(sign * m),
                Fraction(sign),
                Fraction(0),
                Fraction(0),
                1,
                1,
            )
            directions.append((sign, *pairs(dice, base)))
        (_, left, right), _ = directions
        stop = max(enough(x, y) for _, x, y in directions)
        if stop > 1_000:
            continue
        wrong = [
            sign * m
            for sign, x, y in directions
            for m in range(stop + 1)
            if x.value(m) != y.value(m)
        ]
        found = first_difference(left.symbol, right.symbol, Z)
        assert (found is None) == (not wrong), (left.symbol, right.symbol)
        assert found is None or abs(found) == min(map(abs, wrong))
        assert found is None or found in wrong


def test_what_is_outside_is_said():
    x = Symbol("x")
    for wrong, fault in [
        (lambda: equal_for_all(floor(x), x, x), "known to be whole"),
        (lambda: equal_for_all(floor(sympy.sqrt(n)), n, n), "built from"),
        (lambda: equal_for_all(floor(n * K), n, n), "built from"),
        (lambda: equal_for_all(n * floor(n / 2), n, n), "a product of two sizes"),
        (lambda: equal_for_all(floor(n * sympy.pi), n, n), "built from"),
        (lambda: equal_for_all(floor(0.5 * n), n, n), "built from"),
        (lambda: equal_for_all(Symbol("q", prime=True), 2, Symbol("q", prime=True)), "primes"),
        (lambda: solve_floor(Eq(floor(n / 2), 3)), "one of unknown and for_all"),
        (lambda: solve_floor(Eq(floor(n / S) + floor(P / K), n), for_all=n), "one side is floor"),
        (lambda: solve_floor(Eq(floor(n / 2) * floor(P / 2), n), for_all=n), "one side is floor"),
        (lambda: solve_floor(floor(n / 2) == 3, n), "== compares how expressions look"),
        (lambda: solve_floor("floor(n/2) = 3", n), "an equation is one Eq"),
        (lambda: solve_floor(Eq(floor(n / 2), 3), "n"), "the unknown is a symbol"),
        (lambda: equal_for_all(floor(Symbol("n") / 2), n, n), "another n"),
        (lambda: equal_for_all(True, 1, n), "built from"),
        (lambda: solve_floor(Eq(floor((n + sympy.pi) / 2), K), n), "must be whole"),
        (lambda: solve_floor(Eq(floor((n + sympy.sqrt(K)) / 2), K), n), "must be whole"),
        (lambda: solve_floor(Eq(floor(n / S), sympy.sqrt(K)), n), "must be a whole number"),
        (lambda: solve_floor(Eq(floor(NO_PRIME / 2), 1), NO_PRIME), "primes"),
        (lambda: solve_floor(Eq(K, 2), n), "stand once"),
        (lambda: solve_floor(Ge(Mod(n, 60000) * 1000, n), n), "pieces"),
        (lambda: solve_floor(Eq(floor((n + P) / (S + 1)), n), for_all=n), "a divisor"),
        (lambda: solve_floor(Lt(floor((n + P) / 2), n), for_all=n), "an equation is wanted"),
        (lambda: solve_floor(Eq(floor((P * n + K) / 2), n), for_all=n), "whole factor"),
        (lambda: solve_floor(Eq(floor((n + x) / 2), n), for_all=n), "known to be whole"),
        (lambda: solve_floor(Eq(floor(P * P / 2), K), P), "stand once"),
    ]:
        with pytest.raises(SolverError, match=fault):
            wrong()


def test_sympy_itself_does_not_decide_these():
    """If it ever does, docs/symbolic.md has to say so."""
    assert (floor((n - 1) / 2) + 1).equals(ceiling(n / 2)) is not True
    with pytest.raises(NotImplementedError):
        sympy.solve(Eq(floor(n / 2) + floor(n / 3), 10), n)


SIGNS = ({"positive": True}, {"nonnegative": True}, {}, {"negative": True}, {"nonpositive": True})


def draw_divided(dice):
    """Return an equation of one floor or ceiling over a positive symbol, of symbols of any sign."""
    others = [Symbol(name, integer=True, **dice.choice(SIGNS)) for name in "nkpqz"]

    def line(symbols):
        terms = (dice.choice((1, 1, 1, -1, 2, -2)) * x for x in symbols if dice.random() < 0.6)
        return sum(terms, sympy.Integer(dice.randint(-4, 4)))

    inside, beside = line(others[:3]), line(others[3:])
    rounded = dice.choice((floor, ceiling))(inside / S)
    return Eq(dice.choice((1, 1, -1, 2)) * rounded, beside + dice.choice((0, 0, others[2])))


def values_of(symbol):
    """Return small values that the assumptions of a symbol allow."""
    least = 1 if symbol.is_positive else 0 if symbol.is_nonnegative else -6
    most = -1 if symbol.is_negative else 0 if symbol.is_nonpositive else 7
    return range(least, most + 1)


def test_a_symbol_that_divides_keeps_the_values_of_any_sign():
    dice = random.Random(8)
    held = negative = refused = 0
    for _ in range(25):
        equation = draw_divided(dice)
        if equation in (sympy.true, sympy.false):
            continue
        for unknown in sorted(equation.free_symbols, key=str):
            try:
                condition = solve_floor(equation, unknown)
            except SolverError:  # the unknown stands twice, or what is beside a factor is no size
                refused += 1
                continue
            for _ in range(6):
                symbols = sorted(equation.free_symbols, key=str)
                put = {x: sympy.Integer(dice.choice(values_of(x))) for x in symbols}
                for value in values_of(unknown):
                    put[unknown] = sympy.Integer(value)
                    left, right = equation.lhs.xreplace(put), equation.rhs.xreplace(put)
                    if isinstance(condition, sympy.Set):
                        found = condition.contains(value)
                    else:
                        found = condition.xreplace(put)
                    assert bool(found) == (left == right), (equation, unknown, condition, put)
                    held += bool(found)
                    negative += bool(found) and int(left) <= 0
    assert held > 200
    assert negative > 40
    assert refused < 25


def test_values_of_a_divisor_at_quotients_of_any_sign():
    for upper, quotient in product(range(-9, 10), range(-4, 5)):
        found = solve_floor(Eq(floor(upper / S), quotient, evaluate=False), S)
        for s in range(1, 30):
            assert bool(found.contains(s)) == (upper // s == quotient), (upper, quotient, found)
    # at n = 1 and p = 0 every s is one
    condition = solve_floor(Eq(ceiling((n - 1) / S), P), S)
    assert all(condition.xreplace({n: 1, P: 0, S: s}) == True for s in range(1, 9))  # noqa: E712
