"""The size formulas against windows that really slide and kernels that really scatter."""

from __future__ import annotations

from itertools import product

import islpy
import numpy as np
import pytest
import sympy

from solver.sizes import formulas
from solver.sizes.sizemap import IDENTITY
from solver.symbolic.algebra import n as symbol

CONV = [
    (k, s, lo, hi, d) for k, s, lo, hi, d in product(*map(range, (1, 1, 0, 0, 1), (5, 5, 4, 4, 4)))
]
TRANSPOSED = [(*row, a) for row in CONV if row[2] < 3 and row[3] < 3 for a in range(3)]
SIZES = range(1, 11)


def slide(n, k, s, lo, hi, d):
    """Return the taps of every window that fits on the padded axis."""
    axis = ["pad"] * lo + list(range(n)) + ["pad"] * hi
    windows = []
    start = 0
    while start + d * (k - 1) < len(axis):
        windows.append([axis[start + d * tap] for tap in range(k)])
        start += s
    return windows


def slide_past_the_end(n, k, s, lo, hi, d):
    """Return the starts of the windows of ceil mode.

    A window may stick out by less than one stride, if it starts inside the input or the left pad.
    """
    starts = []
    start = 0
    while start < lo + n and start + d * (k - 1) + 1 - (lo + n + hi) < s:
        starts.append(start)
        start += s
    return starts


def scatter(n, k, s, lo, hi, d, a):
    """Return what is left of the axis that n scattered kernels touch."""
    touched = [i * s + d * tap for i in range(n) for tap in range(k)]
    axis = list(range(max(touched) + 1 + a))
    return axis[lo : max(len(axis) - hi, 0)]


def test_convolution_counts_the_windows_that_fit():
    for row in CONV:
        for n in SIZES:
            assert max(formulas.conv(n, *row), 0) == len(slide(n, *row)), (n, row)


def test_ceil_mode_counts_the_windows_that_start_inside():
    # With more padding behind than the kernel is long, PyTorch's rule drops one window only.
    for k, s, lo, hi, d in CONV:
        if hi <= d * (k - 1) + 1:
            for n in SIZES:
                counted = len(slide_past_the_end(n, k, s, lo, hi, d))
                assert max(formulas.ceil_pool(n, k, s, lo, hi, d), 0) == counted, (n, k, s, lo, hi)


def test_transposed_convolution_measures_the_scattered_axis():
    for row in TRANSPOSED:
        for n in SIZES:
            assert max(formulas.conv_transpose(n, *row), 0) == len(scatter(n, *row)), (n, row)


def test_the_windows_can_disagree():
    assert len(slide(7, 3, 2, 1, 1, 1)) == 4 != formulas.conv(7, 3, 2, 1, 0)


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_the_smallest_input_is_the_first_with_a_window(ceil_mode):
    windows = slide_past_the_end if ceil_mode else slide
    for k, s, lo, hi, d in CONV:
        if ceil_mode and hi > d * (k - 1) + 1:
            continue
        n = 1
        while not windows(n, k, s, lo, hi, d):
            n += 1
        assert formulas.smallest_input(False, ceil_mode, k, s, lo, hi, d, 0) == n, (k, s, lo, hi, d)


def test_the_smallest_transposed_input_is_the_first_that_leaves_something():
    for row in TRANSPOSED:
        n = 1
        while not scatter(n, *row):
            n += 1
        assert formulas.smallest_input(True, False, *row) == n, row


def test_a_convolution_undoes_the_transposed_one():
    for k, s, lo, hi, d, a in TRANSPOSED:
        if a < s:
            for n in SIZES:
                there = formulas.conv_transpose(n, k, s, lo, hi, d, a)
                assert formulas.conv(there, k, s, lo, hi, d) == n


def at_point(size, n):
    return size.eval(islpy.Set(f"{{ [{n}] }}").sample_point()).to_python()


#: A value that stands for all of SIZES at once, and how to read off the result at one n.
ARITHMETICS = {
    "array": (np.array(SIZES), lambda size, n: int(size[n - SIZES[0]])),
    "sympy": (symbol, lambda size, n: int(size.xreplace({symbol: n}))),
    "islpy": (islpy.PwAff("{ [n] -> [n] }"), at_point),
    "size map": (IDENTITY, lambda size, n: size(n)),
}


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize("formula", ["conv", "ceil_pool", "conv_transpose"])
def test_one_formula_serves_every_arithmetic(formula, arithmetic):
    value, read = ARITHMETICS[arithmetic]
    function = getattr(formulas, formula)
    rows = (TRANSPOSED if formula == "conv_transpose" else CONV)[::37]
    assert len(rows) > 20
    for row in rows:
        size = function(value, *row)
        for n in SIZES[::3]:
            assert read(size, n) == function(n, *row), (n, row)


def test_every_argument_may_be_an_array():
    columns = np.array([(n, *row) for row in TRANSPOSED for n in SIZES[::3]]).T
    n, k, s, lo, hi, d, a = columns
    for formula, arguments in (
        (formulas.conv, (n, k, s, lo, hi, d)),
        (formulas.ceil_pool, (n, k, s, lo, hi, d)),
        (formulas.conv_transpose, (n, k, s, lo, hi, d, a)),
    ):
        rows = zip(*(argument.tolist() for argument in arguments), strict=True)
        assert formula(*arguments).tolist() == [formula(*row) for row in rows]


def test_symbols_give_floor():
    assert formulas.conv(symbol, 7, 2, 3, 3).has(sympy.floor)
    assert str(formulas.conv_transpose(symbol, 4, 2, 1, 1)) == "2*n"


def test_sizes_beyond_floats_stay_exact():
    big = 10**17 + 1
    assert formulas.conv(big, 1, 2) == 5 * 10**16 + 1
    assert formulas.ceil_pool(big, 2, 2) == 5 * 10**16 + 1
    assert formulas.conv_transpose(big, 1, big) == 10**17 * big + 1


def test_published_sizes():
    # Dumoulin and Visin, A guide to convolution arithmetic: figures 2.1 to 2.7, 4.1 to 4.7, 5.1.
    assert formulas.conv(4, 3) == 2
    assert formulas.conv(5, 4, 1, 2, 2) == 6
    assert formulas.conv(5, 3, 1, 1, 1) == 5
    assert formulas.conv(5, 3, 1, 2, 2) == 7
    assert formulas.conv(5, 3, 2) == 2
    assert formulas.conv(5, 3, 2, 1, 1) == 3
    assert formulas.conv(6, 3, 2, 1, 1) == 3
    assert formulas.conv(7, 3, 1, 0, 0, 2) == 3
    assert formulas.conv_transpose(2, 3) == 4
    assert formulas.conv_transpose(3, 3, 2, 1, 1) == 5
    assert formulas.conv_transpose(3, 3, 2, 1, 1, 1, 1) == 6
