"""Conditions of padding in a framework's own word, against what TensorFlow documents of SAME.

TensorFlow: the output is ceil(n / stride), and max((output - 1)*stride + span - n, 0) elements are
put at the ends, the odd one behind.
"""

from __future__ import annotations

import math
from itertools import product

import pytest

from solver import Conv, MaxPool, solve

NAMES = {"floor": math.floor, "ceil": math.ceil, "max": max, "min": min}


def same(n, k, s, d):
    total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
    return total // 2, total - total // 2


def held(conditions, values):
    """Whether conditions in words hold; Python reads them, with = for ==."""
    words = (each.replace(" = ", " == ") for each in conditions)
    return all(eval(each, {**NAMES, **values}) for each in words)


@pytest.mark.parametrize("framework", ["keras", "jax", "flax", "onnx"])
@pytest.mark.parametrize("given", [{}, {"kernel_size": 3}, {"stride": 2}, {"dilation": [1, 2]}])
@pytest.mark.parametrize(("size", "wanted"), [(224, 112), (9, 3), ("n", "ceil(n/2)"), ("2n", "n")])
def test_the_conditions_are_what_the_framework_does(framework, given, size, wanted):
    given = {name: value if isinstance(value, int) else "1..2" for name, value in given.items()}
    found = solve(Conv, size, wanted, padding="same", framework=framework, **given)
    (conditions,) = [found.family]
    for k, s, d, n in product(range(1, 6), range(1, 6), (1, 2), (1, 2, 5, 8)):
        if framework == "keras" and min(s, d) > 1:
            continue
        tried = {"kernel_size": k, "stride": s, "dilation": d}
        if any(tried[name] != value for name, value in given.items() if isinstance(value, int)):
            continue
        if d > 1 and "dilation" not in given:
            continue
        at = size if isinstance(size, int) else n * (2 if size == "2n" else 1)
        begin, end = same(at, k, s, d)
        tried |= {"n": n, "padding_begin": begin, "padding_end": end}
        every = {224: s == 2, 9: s in (3, 4), "n": s == 2, "2n": s == 2}[size]
        assert held(conditions, tried) == every, (conditions, tried)
        assert not held(conditions, tried | {"padding_end": end + 1})


def test_what_differs_by_the_pair_is_left_out():
    given = {"kernel_size": 3, "stride": 2, "padding": "same", "framework": "keras"}
    found = solve(MaxPool, [7, 8], [4, 4], **given)
    assert (found.count(), found.family) == (1, [])
    assert solve(MaxPool, 8, 4, **given).family == ["padding_begin = 0", "padding_end = 1"]


def test_the_derivation_says_what_stands_for_same():
    found = solve(Conv, "n", "ceil(n/2)", padding="same", framework="keras")
    assert "Padding 'same' goes with n; the size is that of d*(k - 1)" in found.explain()
