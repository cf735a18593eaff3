"""Sizes and conditions in words, against exact fractions and brute force."""

from __future__ import annotations

import random
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver import Conv, ConvTranspose
from solver.errors import LimitError, SolverError
from solver.sizes import target
from solver.sizes.domain import LONGEST_PERIOD
from solver.sizes.grammar import parse
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet
from solver.sizes.target import read_size, read_where

SEED = 1
BOX = range(1, 200)


@st.composite
def sizes(draw, depth=3):
    """Draw a size expression, and the exact value it has as a function of n."""
    if depth == 0:
        return "n", lambda n: n
    inner, value = draw(sizes(depth - 1))
    number = draw(st.integers(1, 6))
    kind = draw(st.sampled_from(["*", "/", "//", "%", "+", "-", "floor", "ceil", "swap", "sum"]))
    if kind in ("floor", "ceil"):
        rounded = {"floor": floor, "ceil": ceil}[kind]
        return f"{kind}(({inner})/{number})", lambda n: Fraction(rounded(value(n) / number))
    if kind == "swap":
        return f"{number} - ({inner})", lambda n: number - value(n)
    if kind == "sum":
        other, second = draw(sizes(1))
        return f"({inner}) + ({other})", lambda n: value(n) + second(n)
    return f"({inner}) {kind} {number}", {
        "*": lambda n: value(n) * number,
        "/": lambda n: value(n) / number,
        "//": lambda n: Fraction(value(n) // number),
        "%": lambda n: value(n) % number,
        "+": lambda n: value(n) + number,
        "-": lambda n: value(n) - number,
    }[kind]


@given(sizes())
def test_values_and_whole_sizes_are_exact(drawn):
    text, value = drawn
    size = read_size(text)
    whole = size.whole
    for n in BOX:
        exact = value(Fraction(n))
        assert (n in whole) == (exact.denominator == 1), (text, n)
        if n in whole:
            assert size.at(n) == exact, (text, n)


@given(sizes())
def test_slope_and_period_say_how_the_value_repeats(drawn):
    text, value = drawn
    size = read_size(text)
    rise, period = size.slope
    for n in range(1, 20):
        gain = value(Fraction(n + size.period)) - value(Fraction(n))
        assert gain == Fraction(rise, period) * size.period, text
        assert gain.denominator == 1
    assert size.constant == (len({value(Fraction(n)) for n in (*BOX, 10**9)}) == 1)


@given(sizes())
def test_the_text_of_a_size_reads_back(drawn):
    size = read_size(drawn[0])
    again = read_size(str(size))
    assert again == size
    assert hash(again) == hash(size)
    assert repr(size) == f"read_size({str(size)!r})"


@given(sizes(), sizes())
def test_equal_exactly_when_the_values_are(one, two):
    (left, left_value), (right, right_value) = one, two
    equal = all(
        left_value(Fraction(n)) == right_value(Fraction(n)) for n in (*range(1, 500), 10**9)
    )
    assert (read_size(left) == read_size(right)) == equal


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("n/2", "even n"),
        ("(n - 1)/2", "odd n"),
        ("3n/2", "even n"),
        ("n/3 + 1/3", "n = 2 (mod 3)"),
        ("n/2 + n/3", "n = 0 (mod 6)"),
        ("n/2 + n/2", "n >= 1"),
        ("4n/6", "n = 0 (mod 3)"),
        ("(2n + 1)/2", "no n"),
        ("floor(n/2)/2", "n = 0, 1 (mod 4)"),
        ("n/999999999999999999", "n = 0 (mod 999999999999999999)"),
        ("n/-2", "even n"),
        ("2/3*n", "n = 0 (mod 3)"),
        ("7", "n >= 1"),
        ("7/2", "no n"),
    ],
)
def test_division_is_exact(text, whole):
    assert str(read_size(text).whole) == whole


@pytest.mark.parametrize(
    ("text", "text_again"),
    [
        ("same", "n"),
        ("2n", "2*n"),
        ("(n + 1)//2", "ceil(n/2)"),
        ("n - n % 32", "32*floor(n/32)"),
        ("floor((n + 2 - 3)/2) + 1", "ceil(n/2)"),
        ("Mod(n, 4)", "n - 4*floor(n/4)"),
        ("n/2 + 3/2", "(n + 3)/2"),
        ("2n/6", "n/3"),
        ("007", "7"),
    ],
)
def test_known_texts(text, text_again):
    assert str(read_size(text)) == text_again


def test_other_things_are_not_equal():
    assert read_size("2n") != SizeMap.line(2)
    assert read_size("n/2") != read_size("floor(n/2)")


@st.composite
def conditions(draw, depth=2):
    """Draw a condition, and the same as a function of n."""
    if depth and draw(st.booleans()):
        left, holds = draw(conditions(depth - 1))
        kind = draw(st.sampled_from(["and", "or", "not"]))
        if kind == "not":
            return f"not ({left})", lambda n: not holds(n)
        right, holds_too = draw(conditions(depth - 1))
        if kind == "and":
            return f"({left}) and ({right})", lambda n: holds(n) and holds_too(n)
        return f"({left}) or ({right})", lambda n: holds(n) or holds_too(n)
    text, value = draw(sizes(2))
    other, value_too = draw(sizes(1))
    sign = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
    return f"{text} {sign} {other}", {
        "==": lambda n: value(n) == value_too(n),
        "!=": lambda n: value(n) != value_too(n),
        "<": lambda n: value(n) < value_too(n),
        "<=": lambda n: value(n) <= value_too(n),
        ">": lambda n: value(n) > value_too(n),
        ">=": lambda n: value(n) >= value_too(n),
    }[sign]


@given(conditions())
def test_where_is_the_condition(drawn):
    text, holds = drawn
    where = read_where(text)
    assert [n for n in BOX if n in where] == [n for n in BOX if holds(Fraction(n))]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("n % 4 == 1", SizeSet(4, [1])),
        ("n % 4 != 1", SizeSet(4, [0, 2, 3])),
        ("3 < n <= 5", SizeSet.of([4, 5])),
        ("n >= 5 and n % 2 == 0", SizeSet(2, [0], 6)),
        ("not n > 3", SizeSet.of([1, 2, 3])),
        ("n < 1", SizeSet.of([])),
        ("n == n", SizeSet()),
        ("n/2 == floor(n/2)", SizeSet(2, [0])),
        ("n/2 == 7/2", SizeSet.of([7])),
        ("1 == 1", SizeSet()),
        ("1 > 2", SizeSet.of([])),
        ("n >= 10 or n == 2", SizeSet(1, [0], 10, [2])),
        ("n >= 999999999999999999", SizeSet(minimum=10**18 - 1)),
        ("n % 2 == 0 and n % 2 == 1", SizeSet.of([])),
    ],
)
def test_known_conditions(text, where):
    assert read_where(text) == where


# Errors, line by line

SIZE_ERRORS = {
    "n*n": """\
a product of two sizes is not a size
  n*n
   ^
  right:    a whole multiple of n""",
    "2n(n)": """\
a product of two sizes is not a size
  2n(n)
    ^
  right:    a whole multiple of n""",
    "7/n": """\
a size is divided by a number, not by a size
  7/n
   ^
  right:    n/2""",
    "n % n": """\
a size is divided by a number, not by a size
  n % n
    ^
  right:    n/2""",
    "n/0": """\
division by zero
  n/0
   ^
  right:    a divisor of at least 1""",
    "n // (2 - 2)": """\
division by zero
  n // (2 - 2)
    ^
  right:    a divisor of at least 1""",
    "1 + n % 0": """\
division by zero
  1 + n % 0
        ^
  right:    a divisor of at least 1""",
    "max(n, 3)": """\
min() and max() have no single slope
  max(n, 3)
  ^
  right:    floor() and ceil()""",
    "n > 3": """\
a size is wanted here, not a condition
  n > 3
    ^
  right:    for example 2n""",
    "2n+": """\
a number, n or '(' must come next
  2n+
     ^
  right:    for example 2n, n/2, ceil(n/2) or (n - 1)*2 + 3""",
    "9" * 10_000: """\
a size: numbers have at most 18 digits
  999999999999999999999999999999999999999999999999999999999999...
  ^
  received: 10,000 digits""",
    "n % 999999999999999999": f"""\
a size map that is not one floor has a period of at most {LONGEST_PERIOD:,}
  n % 999999999999999999
    ^
  received: period 999,999,999,999,999,999
  right:    smaller divisors, or divisors that share factors""",
}


@pytest.mark.parametrize("text", SIZE_ERRORS, ids=lambda text: text[:20])
def test_error_texts_of_sizes(text):
    with pytest.raises(SolverError) as caught:
        read_size(text)
    assert str(caught.value) == SIZE_ERRORS[text]


WHERE_ERRORS = {
    "n": """\
a condition is wanted here, not a size
  n
  ^
  right:    for example n % 4 == 1""",
    "n % 2": """\
a condition is wanted here, not a size
  n % 2
    ^
  right:    for example n % 4 == 1""",
    "n*n == 4": """\
a product of two sizes is not a size
  n*n == 4
   ^
  right:    a whole multiple of n""",
    "n % 4 = 1": """\
equality is written ==
  n % 4 = 1
        ^
  right:    for example n % 4 == 1""",
}


@pytest.mark.parametrize("text", WHERE_ERRORS)
def test_error_texts_of_conditions(text):
    with pytest.raises(SolverError) as caught:
        read_where(text)
    assert str(caught.value) == WHERE_ERRORS[text]


# Hostile words


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('x')",
        "9**9**9",
        "(" * 5000,
        "-" * 5000,
        "n*" * 5000,
        "n" * 5000,
        "n\0",
        "\ud800",
        "\uff11",
        "\u0663",
        "1e5",
        "0x10",
        "n//1048583 + n//1048589",
        "7*floor(n/999999999999999999) + n",
        "floor(2n/1048583) + floor(3n/1048589)",
    ],
    ids=lambda text: ascii(text[:20]),
)
@pytest.mark.parametrize("read", [read_size, read_where])
def test_hostile_words_are_refused_cheaply(read, text):
    with pytest.raises(SolverError) as caught:
        read(text)
    assert len(str(caught.value)) < 400
    str(caught.value).encode()


def test_numbers_of_hundreds_of_digits_stay_exact():
    text = "n" + "*999999999999999999" * 20
    size = read_size(text)
    assert size.at(3) == 3 * (10**18 - 1) ** 20
    assert hash(size) == hash(read_size(text))
    assert size / read_size("999999999999999999") != size


def test_too_large_is_said_as_a_limit():
    with pytest.raises(LimitError) as caught:
        read_where("n % 999999999999999999 == 7 and n % 999999999999999998 == 3")
    assert caught.value.exit_code == 3


def test_only_solver_errors_come_out_of_random_expressions():
    # Grammatical words with numbers of every magnitude; small divisors keep the tables small.
    source = random.Random(SEED)
    numbers = ["0", "1", "2", "3", "5", "12", "64", "999999999999999999"]
    read = 0
    for _ in range(1500):
        text = "n"
        for _ in range(source.randint(0, 4)):
            number = source.choice(numbers)
            text = source.choice(
                [
                    f"({text}){source.choice(['*', '/', '//', '%', '+', '-'])}{number}",
                    f"{number}{source.choice(['*', '/', '//', '%', '+', '-'])}({text})",
                    f"floor(({text})/{number})",
                    f"ceil(({text})/{number})",
                    f"({text}) + {number}n",
                ]
            )
        condition = source.random() < 0.5
        if condition:
            text += source.choice([" == ", " != ", " < ", " >= "]) + source.choice(["3", "n/2"])
        try:
            made = read_where(text) if condition else read_size(text)
        except SolverError as fault:
            str(fault).encode()
        else:
            read += 1
            assert str(made)
    assert read > 300


def lines(seed, number):
    """Yield words of which many are a line over a number, and some nearly are."""
    pick = random.Random(seed)
    tokens = ["n", "n", "2", "12", " ", "+", "-", "/", "*", "(", ")", "floor(", "ceil("]
    for _ in range(number):
        yield "".join(pick.choices(tokens, k=pick.randrange(1, 8)))
        rise, shift = pick.choice(["", "2", "3*", "4 "]), pick.choice(["", " + 1", "-3"])
        line = pick.choice(["{}n{}", "({}n{})"]).format(rise, shift) + pick.choice(
            ["", "/2", " / 3"]
        )
        yield pick.choice(["{}", "floor({})", "ceil( {})+1", "floor({} ) - 2"]).format(line)


def test_a_line_is_read_as_the_grammar_reads_it():
    found = 0
    for text in lines(16, 3000):
        line = target._read_line(text)
        if line is not None:
            whole = target._evaluate(parse(text), text)
            assert (line.numerator, line.denominator) == (whole.numerator, whole.denominator), text
            found += 1
    assert found > 1000


def test_what_most_people_write_costs_no_walk_through_the_grammar(monkeypatch):
    monkeypatch.setattr(target, "parse", None)
    for text in ("n /2", "2 n", "n+ 7", "(n -1)/ 2", "floor( n/3)", "ceil((2n - 1)/4) - 1"):
        assert read_size(text).period > 0


def test_layers_in_a_size_are_asked_where_they_take_their_input():
    inner, outer = Conv(3, stride=2), ConvTranspose(4, stride=2, padding=1)
    size = read_size("3*deconv(conv(n, 3, 2), 4, s=2, p=1) - 1")
    assert str(size.whole) == "n >= 3"
    for n in range(3, 60):
        assert size.at(n) == 3 * outer.size(inner.size(n)) - 1
    assert read_size("conv(h, k=3, s=2, p=1)") == read_size("ceil(n/2)")
    for wrong in ("conv(n, k=n)", "maxpool(n, 3, ceil_mode=True)"):
        with pytest.raises(SolverError):
            read_size(wrong)
