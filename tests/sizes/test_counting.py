"""Counts are exact: against listing, against slower sums, and against closed forms in the large."""

from __future__ import annotations

import random

import numpy as np
import oracle
import pytest

from solver import Conv, ConvTranspose, LimitError, MaxPool, solve
from solver.inverse import counting, reaches
from solver.sizes.domain import Domain


@pytest.fixture(params=["tables", "one by one", "polygons"])
def method(request, monkeypatch):
    """Send small questions down each road that large ones take."""
    if request.param != "tables":
        monkeypatch.setattr(counting, "_SHORT", -1)
    if request.param == "polygons":
        monkeypatch.setattr(counting, "_FEW", -1)
    return request.param


def words(values):
    return ",".join(map(str, values))


def draw_domain(dice, first, last):
    """Draw a domain, half of them with holes."""
    low = dice.randint(first, last)
    values = range(low, dice.randint(low, last) + 1)
    if dice.random() < 0.5:
        values = [v for v in values if dice.random() < 0.7] or [low]
    return list(values)


@pytest.mark.parametrize("op", oracle.OPERATIONS)
def test_every_road_counts_and_lists_what_brute_force_does(op, method):
    seed = 40
    dice = random.Random(f"{seed} {op}")
    some = 0
    for _ in range(250):
        uneven = dice.random() < 0.3
        box = oracle.Box(
            draw_domain(dice, 1, 8),
            draw_domain(dice, 1, 12),
            draw_domain(dice, 0, 5),
            draw_domain(dice, 1, 4) if op != "avgpool" else [1],
            draw_domain(dice, 0, 4) if op == "conv_transpose" else [0],
            draw_domain(dice, 0, 4) if uneven else None,
        )
        ceil_mode = op.endswith("pool") and dice.random() < 0.5
        made = oracle.table(op, box, ceil_mode)
        if not len(made.k):
            continue
        n = dice.randint(1, 30)
        smallest = max(1, int(dice.choice(made.size(n))))
        largest = smallest + dice.choice((0, 1, 4))
        n = dice.choice((n, n, "?", "3,5..9"))
        outputs = f"{smallest}..{largest}"
        padding = words(box.padding) + (f":{words(box.end)}" if uneven else "")
        domains = {"kernel_size": words(box.kernel_size), "stride": words(box.stride)}
        if op != "avgpool":
            domains["dilation"] = words(box.dilation)
        if op == "conv_transpose":
            domains["output_padding"] = words(box.output_padding)
        if isinstance(n, int):
            expected = oracle.solve(made, [(n, smallest, largest)])
        else:
            values = range(1, 12 * (largest + 1) + 40) if n == "?" else (3, 5, 6, 7, 8, 9)
            expected = oracle.inputs(made, smallest, largest, values)
        found = solve(op, n, outputs, padding=padding, ceil_mode=ceil_mode, **domains)
        label = (seed, method, op, ceil_mode, box, n, outputs)
        assert found.count() == len(expected), label
        assert sorted(row for (row,) in found.rows()) == expected, label
        some += bool(expected)
    assert some > 100


# In the large: the same numbers from sums that know nothing of polygons


def length(low, high):
    """Count the integers between two arrays of bounds."""
    return np.maximum(high - low + 1, 0)


def slow_conv(n, m, kernels, strides, paddings, dilations):
    """Count by going through (s, d, k) and counting the paddings of each; exact in int64."""
    total = 0
    k = np.arange(1, kernels + 1, dtype=np.int64)
    for s in range(1, strides + 1):
        for d in range(1, dilations + 1):
            # (m - 1)s <= n + 2p - d(k - 1) - 1 <= ms - 1
            need = d * (k - 1) + 1 - n
            low = np.maximum(-(-((m - 1) * s + need) // 2), 0)
            high = np.minimum((m * s - 1 + need) // 2, paddings)
            total += int(length(low, high).sum())
    return total


@pytest.mark.parametrize(
    ("n", "m", "box"),
    [
        (224, 112, (100_000, 4, 70_000, 3)),
        (224, 1, (20_000, 300, 30_000, 1)),
        (1, 1, (3_000, 40, 50_000, 11)),
        (10**6, 997, (50_000, 1_200, 400_000, 1)),
    ],
)
def test_a_convolution_against_a_sum_over_every_kernel(n, m, box):
    kernels, strides, paddings, dilations = box
    found = solve(
        Conv,
        n,
        m,
        kernel_size=range(1, kernels + 1),
        stride=range(1, strides + 1),
        padding=range(paddings + 1),
        dilation=range(1, dilations + 1),
    )
    assert found.count() == slow_conv(n, m, *box)


def test_a_transposed_convolution_against_a_sum_over_every_kernel():
    n, m, kernels, strides, paddings, dilations, most = 7, 30, 20_000, 6, 9_000, 5, 3
    k = np.arange(1, kernels + 1, dtype=np.int64)
    expected = 0
    for s in range(1, strides + 1):
        for d in range(1, dilations + 1):
            for a in range(min(most, max(s, d) - 1) + 1):
                twice = (n - 1) * s + d * (k - 1) + 1 + a - m
                fits = (twice % 2 == 0) & (twice >= 0) & (twice <= 2 * paddings)
                expected += int(fits.sum())
    found = solve(
        ConvTranspose,
        n,
        m,
        kernel_size=f"1..{kernels}",
        stride=f"1..{strides}",
        padding=f"0..{paddings}",
        dilation=f"1..{dilations}",
        output_padding=f"0..{most}",
    )
    assert found.count() == expected > 100_000


@pytest.mark.parametrize("ceil_mode", [False, True])
def test_a_pooling_against_a_sum_over_every_kernel_and_padding(ceil_mode):
    n, m, kernels, strides, paddings = 50, 3, 600, 60, 300
    k = np.arange(1, kernels + 1, dtype=np.int64)[:, None]
    p = np.arange(paddings + 1, dtype=np.int64)[None, :]
    expected = 0
    for s in range(1, strides + 1):
        room = n + 2 * p - k
        if ceil_mode:
            out = -(-room // s) + 1
            out -= (out - 1) * s >= n + p
        else:
            out = np.where(room >= 0, room // s + 1, 0)
        expected += int(((out == m) & (2 * p <= k)).sum())
    found = solve(
        MaxPool,
        n,
        m,
        kernel_size=f"1..{kernels}",
        stride=f"1..{strides}",
        padding=f"0..{paddings}",
        dilation=1,
        ceil_mode=ceil_mode,
    )
    assert found.count() == expected > 500


@pytest.mark.parametrize("reach", [10, 1_000, 10**9])
def test_same_padding_in_the_large(reach):
    # n -> n at stride 1 wants 2p = d(k - 1): x = k - 1 even or d even, p <= reach/2 the only bound.
    half = reach // 2
    found = solve(
        Conv,
        "n",
        "n",
        kernel_size=f"1..{reach + 1}",
        stride=1,
        padding=f"0..{half}",
        dilation=f"1..{min(reach, 1000)}",
    )
    most = min(reach, 1000)
    expected = 0
    for d in range(1, most + 1):
        # k - 1 = 0, or the multiples of 2/gcd(2, d) up to 2*half/d
        expected += 1 + (2 * half // d) // (1 if d % 2 == 0 else 2)
    assert found.count() == expected


def test_a_million_million_solutions_are_counted_and_the_best_come_at_once():
    kernels, strides, paddings = 10**6, 2_000, 10**6
    found = solve(
        Conv,
        224,
        1,
        kernel_size=f"1..{kernels}",
        stride=f"1..{strides}",
        padding=f"0..{paddings}",
        dilation=1,
    )
    # One output: room = 224 + 2p - k lies in 0..s-1. For each k the rooms are first, first + 2, ...
    # and each leaves the strides room + 1 .. 2000: an arithmetic series.
    k = np.arange(1, kernels + 1, dtype=np.int64)
    least = np.maximum(-(-(k - 224) // 2), 0)
    first = 224 + 2 * least - k
    rooms = np.minimum(length(first, strides - 1 + 0 * k) + 1, 2 * (paddings - least + 1)) // 2
    assert found.count() == int((rooms * (strides - first) - rooms * (rooms - 1)).sum())
    assert found.count() > 0.9 * 10**12
    assert found.best(10) == found[:10]
    assert len(set(found.best(10))) == 10


def test_a_family_in_the_large():
    big = 10**9
    wide = solve(
        Conv, "n", "ceil(n/2)", kernel_size=f"1..{big}", padding=f"0..{big}", dilation="1..2000"
    )
    # 2p = d(k - 1): k - 1 = 0, or the multiples of 2/gcd(2, d)
    assert wide.count() == sum(
        1 + min(2 * big // d, big - 1) // (1 if d % 2 == 0 else 2) for d in range(1, 2001)
    )
    assert wide.best(3) == wide[:3]
    assert wide[0] == Conv(3, stride=2, padding=1)


def test_a_stride_without_end_is_counted_too():
    # 5 -> 1 with k = 5, p = 0 leaves room 0: every stride does it.
    assert (
        solve(Conv, 5, 1, kernel_size=5, padding=0, stride=range(1, 10**18)).count() == 10**18 - 1
    )
    # 1 -> 1 does not feel the stride of a transposed convolution.
    assert (
        solve(ConvTranspose, 1, 1, kernel_size=1, padding=0, dilation=1, output_padding=0,
              stride=f"1..{10**15}").count()
        == 10**15
    )  # fmt: skip


def test_counts_of_axes_multiply():
    one = solve(Conv, 224, 112).count()
    two = solve(Conv, (224, 224), (112, 112), per_axis=True)
    three = solve(Conv, (224, 224, 7), (112, 112, 4), per_axis=True)
    assert two.count() == one**2
    assert three.count() == one**2 * solve(Conv, 7, 4).count()
    assert solve(Conv, (224, 224), (112, 112)).count() == one


def test_what_cannot_be_counted_in_time_is_refused_not_guessed_and_still_listed():
    every = dict.fromkeys(("kernel_size", "stride", "padding", "dilation"), f"1..{10**9}")
    found = solve(Conv, 10**9, 5, **every)
    with pytest.raises(LimitError, match="too large to count"):
        found.count()
    assert found
    assert all(layer.size(10**9) == 5 for layer in found.best(3))


def test_answers_for_every_n_count_without_listing():
    found = solve(ConvTranspose, "n", "2n", kernel_size=f"1..{10**9}", padding=f"0..{10**9}")
    # 2p = k - 2 + a with a in 0..1: one a for each k, except a = 0 at k = 1 (p = -1/2)
    assert found.count() == 10**9
    assert found.best(2) == [ConvTranspose(2, stride=2), ConvTranspose(4, stride=2, padding=1)]


def test_a_table_holds_the_number_with_the_most_divisors():
    number = 720_720
    divisors = [d for d in range(1, number + 1) if number % d == 0]
    within = reaches.kernels_within(Domain([(0, number)]), Domain((d, d) for d in divisors), number)
    assert within[number] - within[number - 1] == len(divisors) == 240
    assert within[0] == 240  # kernels of 1
    assert within[10] == 240 + sum(10 // d for d in divisors)


def test_strides_share_one_table_of_reaches(monkeypatch):
    made = []

    def table(*asked):
        made.append(asked)
        return reaches.kernels_within(*asked)

    monkeypatch.setattr(counting, "kernels_within", table)
    monkeypatch.setattr(counting, "_polygon", None)  # none is counted
    box = {name: range(1, 1001) for name in ("kernel_size", "stride", "padding", "dilation")}
    assert solve(Conv, 224, 112, **box).count() == 609_371
    assert len(made) == 1
