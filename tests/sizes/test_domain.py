"""Domains against plain Python sets, and their error texts line by line."""

from __future__ import annotations

import pickle
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.errors import SolverError
from solver.sizes.domain import LARGEST, Domain, whole_number

RANGES = st.lists(st.tuples(st.integers(-5, 40), st.integers(-5, 40)), max_size=6)
SEED = 1


def plain(ranges):
    return sorted({x for first, last in ranges for x in range(first, last + 1)})


@given(RANGES)
def test_a_domain_holds_its_ranges(ranges):
    domain, numbers = Domain(ranges), plain(ranges)
    assert list(domain) == numbers
    assert len(domain) == domain.size() == len(numbers)
    assert bool(domain) == bool(numbers)
    assert [x for x in range(-9, 50) if x in domain] == numbers
    if numbers:
        assert (domain.first, domain.last) == (numbers[0], numbers[-1])
    # Neighbours are merged: between two ranges at least one number is missing.
    assert all(a[1] + 1 < b[0] for a, b in zip(domain.ranges, domain.ranges[1:], strict=False))


@given(RANGES, RANGES)
def test_equal_exactly_when_the_numbers_are(left, right):
    assert (Domain(left) == Domain(right)) == (plain(left) == plain(right))
    assert Domain(left) == Domain((x, x) for x in plain(left))
    assert hash(Domain(left)) == hash(Domain((x, x) for x in plain(left)))


@given(RANGES, st.integers(-9, 45), st.integers(-9, 45))
def test_clip_keeps_the_middle(ranges, low, high):
    assert list(Domain(ranges).clip(low, high)) == [x for x in plain(ranges) if low <= x <= high]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=20))
def test_round_trips(numbers):
    domain = Domain.of(numbers)
    assert list(domain) == sorted(set(numbers))
    assert Domain.parse(str(domain)) == domain
    assert eval(repr(domain), {"Domain": Domain}) == domain
    assert pickle.loads(pickle.dumps(domain)) == domain


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        (3, [3]),
        ("3", [3]),
        ("1..4", [1, 2, 3, 4]),
        ("1,3..5", [1, 3, 4, 5]),
        (" 1 , 3 .. 5 ", [1, 3, 4, 5]),
        ("3,1,2", [1, 2, 3]),
        ("007", [7]),
        ([5, 1], [1, 5]),
        ((2,), [2]),
        ({4, 2}, [2, 4]),
        (range(3, 6), [3, 4, 5]),
        (range(2, 10, 3), [2, 5, 8]),
        (range(9, 1, -4), [5, 9]),
        (np.int64(4), [4]),
        (np.arange(1, 4), [1, 2, 3]),
        (iter([2, 3]), [2, 3]),
        (Domain([(1, 2)]), [1, 2]),
    ],
)
def test_the_ways_to_write_a_domain(value, numbers):
    assert list(Domain.of(value)) == numbers


def test_ranges_are_never_expanded(little_memory):
    domain = Domain.parse(f"1..{LARGEST - 1}")
    assert domain.size() == LARGEST - 1
    assert LARGEST - 1 in domain
    assert Domain.of(range(1, LARGEST)) == domain
    assert list(domain.clip(10**9, 10**9 + 1)) == [10**9, 10**9 + 1]


ERRORS = [
    (
        "5..3",
        """\
kernel_size: a range goes from small to large
  5..3
  ^
  right:    3..5""",
    ),
    (
        "1,2..x",
        """\
kernel_size must be a whole number
  1,2..x
       ^
  right:    for example 3, 1..7, 1,3,5 or 1,3..7""",
    ),
    (
        "",
        """\
kernel_size must be a whole number
  \n  ^
  right:    for example 3, 1..7, 1,3,5 or 1,3..7""",
    ),
    (
        "3,-2",
        """\
kernel_size must be at least 1
  3,-2
    ^
  right:    1 or more""",
    ),
    (
        "1,0",
        """\
kernel_size must be at least 1
  1,0
    ^
  right:    1 or more""",
    ),
    (
        "9" * 10_000,
        """\
kernel_size: numbers have at most 18 digits
  999999999999999999999999999999999999999999999999999999999999...
  ^
  received: 10,000 digits""",
    ),
    (
        3.0,
        """\
kernel_size must be a whole number
  received: 3.0
  right:    3""",
    ),
    (
        [1, 2.5],
        """\
kernel_size must be a whole number
  received: 2.5""",
    ),
    (
        True,
        """\
kernel_size must be a whole number
  received: True""",
    ),
    (
        b"3",
        """\
kernel_size must be a whole number
  received: b'3'""",
    ),
    (
        [],
        """\
kernel_size: a domain needs at least one number
  received: []""",
    ),
    (
        range(5),
        """\
kernel_size must be at least 1
  received: 0
  right:    1 or more""",
    ),
    (
        range(1, 10**9, 2),
        """\
kernel_size: a range with a step may hold at most 1,000,000 numbers
  received: range(1, 1000000000, 2)
  right:    a range with step 1""",
    ),
    (
        10**30,
        """\
kernel_size must be at most 1,000,000,000,000,000,000
  received: a number of 100 bits""",
    ),
]


@pytest.mark.parametrize(("value", "text"), ERRORS, ids=[repr(value)[:30] for value, _ in ERRORS])
def test_error_texts(value, text):
    with pytest.raises(SolverError) as caught:
        Domain.of(value, "kernel_size", 1)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    "word",
    ["1..", "..3", "1...3", "1,,2", "1.5", "0x10", "1_000", "²", "٣", "1e3", "\ud800", "1\0"],
)
def test_words_that_are_no_numbers(word):
    with pytest.raises(SolverError) as caught:
        Domain.parse(word)
    str(caught.value).encode()


def test_only_solver_errors_come_out_of_random_words():
    source = random.Random(SEED)
    for _ in range(2000):
        word = "".join(source.choices("0123456789.,,..- :xé\ud800\n", k=source.randint(0, 12)))
        try:
            domain = Domain.parse(word)
        except SolverError as fault:
            str(fault).encode()
        else:
            assert Domain.parse(str(domain)) == domain, (SEED, word)


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), np.array(3)])
def test_whole_numbers_become_ints(value):
    made = whole_number(value, "stride", 1)
    assert made == 3
    assert type(made) is int


@pytest.mark.parametrize(
    "value",
    [2.5, float("nan"), float("inf"), "3", None, np.float64(3), np.array([3]), np.bool_(True), 3j],
)
def test_nothing_else_is_a_whole_number(value):
    with pytest.raises(SolverError, match="stride must be a whole number"):
        whole_number(value, "stride", 1)
