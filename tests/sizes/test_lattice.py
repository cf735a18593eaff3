"""Floor sums and point counts against plain loops, and against theorems where loops cannot go."""

from __future__ import annotations

from math import gcd

from hypothesis import given, settings
from hypothesis import strategies as st

from solver.sizes.lattice import count_points, floor_sum

LINES = st.lists(
    st.tuples(st.integers(-4, 4), st.integers(-12, 12), st.integers(1, 4)), min_size=1, max_size=3
)


@given(st.integers(0, 60), st.integers(-99, 99), st.integers(-999, 999), st.integers(1, 50))
def test_floor_sum_adds_floors(count, a, b, c):
    assert floor_sum(count, a, b, c) == sum((a * i + b) // c for i in range(count))


@given(st.integers(1, 10**18), st.integers(1, 10**18))
def test_floor_sum_keeps_the_reciprocity_law(a, c):
    # The sum of floor(a*i/c) over a full turn; Graham, Knuth and Patashnik, equation 3.32.
    assert 2 * floor_sum(c, a, 0, c) == (a - 1) * (c - 1) + gcd(a, c) - 1


@settings(max_examples=500)
@given(st.integers(-6, 6), st.integers(0, 8), LINES, LINES)
def test_count_points_counts_points(u0, length, lowers, uppers):
    points = sum(
        all(c * v >= a * u + b for a, b, c in lowers)
        and all(c * v <= a * u + b for a, b, c in uppers)
        for u in range(u0, u0 + length)
        for v in range(-70, 71)
    )
    assert count_points(u0, u0 + length - 1, lowers, uppers) == points


@given(st.integers(0, 10**15), st.integers(1, 10**9), st.integers(1, 10**9))
def test_count_points_follows_pick(half, p, q):
    # The triangle (0, 0), (w, 0), (w, h) holds A + B/2 + 1 points: area A, B of them on the border.
    width, height = half * q, half * p
    border = width + height + gcd(width, height)
    points = (width * height + border) // 2 + 1
    assert count_points(0, width, [(0, 0, 1)], [(p, 0, q)]) == points


def test_nothing_lies_between_crossed_lines():
    assert count_points(0, 10**18, [(0, 1, 1)], [(0, 0, 1)]) == 0
    assert count_points(3, 2, [(0, 0, 1)], [(0, 9, 1)]) == 0
    assert count_points(0, 10**18, [(1, 1, 1)], [(1, 0, 1)]) == 0
