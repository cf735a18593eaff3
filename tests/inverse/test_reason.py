"""None is proved: the fact that blocks is named, and what is said about it is true."""

from __future__ import annotations

import random
import re

import numpy as np
import oracle
import pytest

from solver import AvgPool, Conv, ConvTranspose, MaxPool, solve

# One golden text for each kind of fact
GOLDEN = [
    # the target
    (
        (Conv, "n", "n/2"),
        {"where": "n % 2 == 1"},
        "n/2 is not whole for odd n: ceil(n/2) or floor(n/2)?",
    ),
    ((Conv, "n", "(2n + 1)/2"), {}, "(2*n + 1)/2 is never a whole number"),
    (
        (Conv, "n", "7"),
        {},
        "the output of a convolution grows with its input, and 7 does not: "
        "ask for one size, or for finitely many with --where",
    ),
    (
        (AvgPool, "n", "10 - n"),
        {},
        "the output of an average pooling grows with its input, and 10 - n does not: "
        "ask for one size, or for finitely many with --where",
    ),
    # the slope
    ((Conv, "n", "2n"), {}, "no convolution multiplies its input for every n: use deconv"),
    ((MaxPool, "n", "3n/2"), {}, "no max pooling multiplies its input for every n: use deconv"),
    (
        (ConvTranspose, "n", "n/2"),
        {},
        "no transposed convolution divides its input for every n: use conv",
    ),
    (
        (Conv, "n", "2n/3"),
        {},
        "a convolution divides the size by a whole stride, and 3/2 is not whole: "
        "combine a conv and a deconv",
    ),
    (
        (ConvTranspose, "n", "3n/2"),
        {},
        "a transposed convolution multiplies the size by a whole stride, and 3/2 is not whole: "
        "combine a conv and a deconv",
    ),
    # two classes of n
    (
        (Conv, "n", "n + n % 2"),
        {},
        "no layer of stride 1 does this for every n: n = 1 (mod 2) needs "
        "2*padding - dilation*(kernel_size - 1) >= 1, n = 0 (mod 2) needs <= 0; "
        'each class alone may have an answer: --where "n % 2 == 1"',
    ),
    (
        (ConvTranspose, "ceil(n/2)", "n"),
        {},
        "no layer of stride 2 does this for every n: n = 1 (mod 2) needs "
        "2*padding - dilation*(kernel_size - 1) - output_padding >= 0, n = 0 (mod 2) needs <= -1; "
        'each class alone may have an answer: --where "n % 2 == 1"',
    ),
    # two sizes
    ((Conv, [10, 20], [9, 5]), {}, "10 -> 9 and 20 -> 5: no one layer does both"),
    ((Conv, ["n", 9], ["n/2", 9]), {}, "n -> n/2 and 9 -> 9: no one layer does both"),
    # parity
    (
        (Conv, 8, 8),
        {"kernel_size": "4", "stride": 1, "padding": "0..5"},
        "2*padding would have to be odd, namely 3: kernel_size=5 or kernel_size=3 or padding 1:2 "
        "frees it",
    ),
    (
        (ConvTranspose, "n", "2n"),
        {"kernel_size": 3, "output_padding": 0},
        "2*padding would have to be odd, namely 1: output_padding=1 or kernel_size=4 "
        "or kernel_size=2 or padding 0:1 frees it",
    ),
    # a bound
    (
        (Conv, 30, 22),
        {"kernel_size": "1..7", "stride": 1, "padding": 0},
        "needs kernel_size >= 9: the box ends at 7; or needs dilation >= 2: the box ends at 1",
    ),
    (
        (Conv, 10, 10),
        {"kernel_size": "5..7", "stride": 1, "padding": 1},
        "needs kernel_size <= 3: the box starts at 5; or needs padding >= 2: the box ends at 1",
    ),
    (
        (Conv, 12, 6),
        {"kernel_size": 2, "stride": "1,3", "padding": 0},
        "stride = 2 works, and the box 1,3 leaves it out; "
        "or needs kernel_size >= 7: the box ends at 2; or needs dilation >= 6: the box ends at 1",
    ),
    (
        (Conv, 17, 16),
        {"kernel_size": "1..3", "stride": "1..3", "padding": 2, "dilation": "1..3"},
        "needs padding <= 1 or >= 7: the box has 2; or needs dilation >= 5: the box ends at 3; "
        "or needs kernel_size >= 6: the box ends at 3",
    ),
    # several bounds at once, or none
    (
        (Conv, 4, 5),
        {"kernel_size": 1, "stride": 1, "padding": 0},
        "no one hyperparameter is in the way alone; Conv(2, padding=1) works",
    ),
    (
        (MaxPool, 8, 16),
        {"kernel_size": 1, "stride": 1, "padding": 0},
        "a pooling adds at most 1 to its input: its own padding is at most half of kernel_size; "
        "wider padding is a layer before it, as in -p 0..9:0..9",
    ),
    # one of several axes
    (
        (Conv, (224, 7), (112, 9)),
        {"per_axis": True, "kernel_size": 3, "padding": 1, "dilation": 1},
        "axis 1: needs padding >= 2: the box ends at 1; "
        "or needs kernel_size <= 1: the box starts at 3",
    ),
]


@pytest.mark.parametrize(("question", "domains", "reason"), GOLDEN)
def test_each_fact_in_its_words(question, domains, reason):
    found = solve(*question, **domains)
    assert found.count() == 0
    assert not found
    assert list(found) == []
    assert found.reason == reason


def test_there_is_no_reason_where_there_is_an_answer():
    assert solve(Conv, 224, 112).reason is None
    assert solve(ConvTranspose, "n", "2n").reason is None


# Each claim against brute force

NAMES = ("kernel_size", "stride", "padding", "dilation", "output_padding")
HORIZON = 40


def words(values):
    return ",".join(map(str, values))


def runs(values):
    """Write sorted values with their runs, as the solver does."""
    found = []
    for v in values:
        if found and found[-1][1] == v - 1:
            found[-1][1] = v
        else:
            found.append([v, v])
    return ",".join(f"{a}" if a == b else f"{a}..{b}" for a, b in found)


def works(op, box, pairs, ceil_mode=False):
    """Tell whether some combination of the box does it."""
    return bool(oracle.holds(oracle.table(op, box, ceil_mode), pairs).any())


def draw(dice, op):
    """Draw a small box and a size it mostly misses."""

    def part(first, last):
        low = dice.randint(first, last)
        values = list(range(low, min(last, low + dice.choice((0, 1, 2))) + 1))
        return values if dice.random() < 0.7 or len(values) < 3 else [values[0], values[-1]]

    box = oracle.Box(
        part(1, 7),
        part(1, 4),
        part(0, 4),
        part(1, 3) if op != "avgpool" else [1],
        part(0, 2) if op == "conv_transpose" else [0],
    )
    n = dice.randint(4, 30)
    m = dice.randint(1, 90 if op == "conv_transpose" else 34)
    return box, n, m


def check_bound(op, box, pairs, claim, ceil_mode=False):
    """Check "needs stride >= 8: the box ends at 4", and return what kind of claim it is."""

    def alone(name, values):
        return works(op, box._replace(**{name: values}), pairs, ceil_mode)

    wider = re.match(r"padding (\d+):(\d+) works as a layer before .* kernel_size (\d+), ", claim)
    if wider:
        begin, end, k = map(int, wider.groups())
        freed = box._replace(padding=[begin], end=[end], kernel_size=[k])
        assert works(op, freed, pairs, ceil_mode)
        assert not works(op, box, pairs, ceil_mode)
        return "wider"
    if hole := re.fullmatch(r"(\w+) = (\d+) works, and the box (\S+) leaves it out", claim):
        name, value, box_words = hole.groups()
        domain = getattr(box, name)
        assert domain[0] < int(value) < domain[-1]
        assert int(value) not in domain
        assert alone(name, [int(value)])
        assert box_words == runs(domain)
        return "hole"
    name, bounds, box_words = re.fullmatch(r"needs (\w+) (.*): the box (.*)", claim).groups()
    domain = getattr(box, name)
    least = 0 if "padding" in name else 1
    claims = {}
    for bound in bounds.split(" or "):
        sign, value = bound.split()
        claims[sign] = int(value)
        assert alone(name, [int(value)]), f"{name} = {value} works"
    low, high = claims.get("<=", least - 1), claims.get(">=", 4 * HORIZON)
    assert low < domain[0]
    assert domain[-1] < high
    assert not alone(name, range(low + 1, high)), "nothing between does"
    kind = "".join(claims)
    ends = {">=": f"ends at {domain[-1]}", "<=": f"starts at {domain[0]}"}
    assert box_words == ends.get(kind, f"has {runs(domain)}")
    return kind


def check_parity(op, box, pairs, claim):
    """Check "2*padding would have to be odd, namely 3: kernel_size=5 or padding 1:2 frees it"."""
    total, ways = re.match(
        r"2\*padding would have to be odd, namely (\d+): (.*) frees it", claim
    ).groups()
    uneven = oracle.table(op, box._replace(end=box.padding))
    totals = (uneven.lo + uneven.hi)[oracle.holds(uneven, pairs)]
    assert int(total) % 2 == 1
    assert int(total) in totals
    assert (totals % 2 == 1).all()
    for way in ways.split(" or "):
        if way.startswith("padding "):
            begin, end = map(int, way.removeprefix("padding ").split(":"))
            freed = box._replace(padding=[begin], end=[end])
        else:
            name, value = way.split("=")
            freed = box._replace(**{name: [int(value)]})
        assert works(op, freed, pairs), way


@pytest.mark.parametrize("op", oracle.OPERATIONS)
def test_what_is_said_about_the_box_is_true(op):
    seed = 50
    dice = random.Random(f"{seed} {op}")
    seen = set()
    for _ in range(350):
        box, n, m = draw(dice, op)
        ceil_mode = op.endswith("pool") and dice.random() < 0.3
        pairs = [(n, m, m)]
        domains = {name: words(getattr(box, name)) for name in NAMES}
        if op != "conv_transpose":
            del domains["output_padding"]
        if op == "avgpool":
            del domains["dilation"]
        found = solve(op, n, m, ceil_mode=ceil_mode, **domains)
        reason = found.reason
        assert (reason is None) == works(op, box, pairs, ceil_mode)
        if reason is None:
            continue
        label = f"{seed} {op} {box} {n} -> {m}: {reason}"
        try:
            if (
                "; or " in reason
                or reason.startswith("padding ")
                or "the box " in reason.replace("in the box, ", "")
            ):
                for claim in reason.split("; or "):
                    seen.add(check_bound(op, box, pairs, claim, ceil_mode))
            elif reason.startswith("2*padding"):
                check_parity(op, box, pairs, reason)
                seen.add("parity")
            elif reason.startswith("no one hyperparameter"):
                for name in domains:
                    wide = range(0 if "padding" in name else 1, HORIZON)
                    assert not works(op, box._replace(**{name: wide}), pairs, ceil_mode), name
                example = re.search(r"alone; (.*) works", reason).group(1)
                kinds = {"Conv": Conv, "ConvTranspose": ConvTranspose}
                made = eval(example, {**kinds, "MaxPool": MaxPool, "AvgPool": AvgPool})
                assert made.size(n) == m
                seen.add("none alone")
            elif reason.startswith(("nothing in the box", "a pooling adds")) or reason.endswith(
                "no layer does this"
            ):
                wide = [range(1, 13), range(1, 13), range(7), range(1, 4), range(6)]
                wide[4] = wide[4] if op == "conv_transpose" else [0]
                assert not works(op, oracle.Box(*wide), pairs, ceil_mode)
                seen.add("no layer")
            else:
                raise AssertionError("an unknown kind of reason")
        except AssertionError as fault:
            raise AssertionError(f"{label}: {fault}") from None
    assert seen >= {">=", "<=", "none alone"}
    assert "pool" in op or seen >= {"<=>=", "hole"}


def test_two_sizes_that_no_layer_serves():
    seed = 51
    dice = random.Random(seed)
    wide = {
        "conv": oracle.Box(range(1, 30), range(1, 30), range(16), range(1, 3)),
        "conv_transpose": oracle.Box(range(1, 30), range(1, 30), range(16), range(1, 3), range(6)),
    }
    made = {op: oracle.table(op, box) for op, box in wide.items()}
    seen = 0
    for _ in range(150):
        op = dice.choice(list(made))
        pairs = []
        for n in dice.sample(range(2, 16), 2):
            m = dice.randint(1, 20)
            pairs.append((n, m, m))
        reason = solve(op, [n for n, *_ in pairs], [m for _, m, _ in pairs]).reason or ""
        if reason.endswith("no one layer does both"):
            seen += 1
            assert not oracle.holds(made[op], pairs).any()
            assert reason.startswith(f"{pairs[0][0]} -> {pairs[0][1]} and {pairs[1][0]} -> ")
            for pair in pairs:
                assert oracle.holds(made[op], [pair]).any(), "each alone is possible"
    assert seen > 30


def test_two_classes_that_no_layer_serves_have_answers_of_their_own():
    for op, size, target, period in [
        (Conv, "n", "n + n % 2", 2),
        (Conv, "n", "floor(n/2) + floor(n/2) % 2", 4),
        (ConvTranspose, "ceil(n/2)", "n", 2),
        (ConvTranspose, "n", "2n + n % 3", 3),
    ]:
        reason = solve(op, size, target, kernel_size="1..9").reason
        most, least = map(int, re.findall(rf"n = (\d+) \(mod {period}\)", reason))
        advice = re.search(r'--where "(.*)"', reason).group(1)
        assert advice == f"n % {period} == {most}"
        for residue in (most, least):
            assert solve(op, size, target, where=f"n % {period} == {residue}", kernel_size="1..9")


def test_a_slope_that_no_stride_has():
    made = oracle.table("conv", oracle.Box(range(1, 12), range(1, 9), range(6), range(1, 4)))
    n = np.arange(20, 80)[:, None]
    for target in (2 * n, 3 * n // 2, 2 * n // 3):
        assert not (made.size(n) == target).all(axis=0).any()


def test_a_target_that_does_not_grow_is_not_said_to_be_constant():
    for target in ("7", "n - 3*floor(n/3) + 1", "9 - n"):
        assert f"grows with its input, and {target} does not:" in solve(Conv, "n", target).reason


def test_what_no_n_is_asked_about_is_said_of_the_asked_n():
    for size, target, where, said in [
        ("n", "n/2", "n % 4 == 1", "n/2 is not whole for n = 1 (mod 4): ceil(n/2) or floor(n/2)?"),
        ("n", "(2n + 1)/2", "", "(2*n + 1)/2 is never a whole number"),
        ("n", "n/2", "n < 1", "no n is asked: none meets the condition and makes the input a"),
        ("n/2", "n/2", "n % 2 == 1", "no n is asked: none meets the condition and makes the input"),
    ]:
        assert solve(Conv, size, target, where=where).reason.startswith(said)


def test_two_classes_are_told_apart_by_what_bounds_them():
    """In ceil mode, and with two paddings, another number is bounded than 2p - d(k - 1)."""
    made = oracle.table("maxpool", oracle.Box(range(1, 9), (2,), range(5), (1, 2)), True)
    reason = solve(MaxPool, "n", "2*ceil(n/4)", ceil_mode=True).reason
    form = r"n = (\d) \(mod 4\) needs (.*) >= (-?\d+), n = (\d) \(mod 4\) needs <= (-?\d+);"
    most, z, low, least, high = re.search(form, reason).groups()
    n = np.arange(40, 80)
    for residue, met in (
        (int(most), lambda v: v >= int(low)),
        (int(least), lambda v: v <= int(high)),
    ):
        sizes = n[n % 4 == residue]
        does = (made.size(sizes[:, None]) == (2 * -(-sizes // 4))[:, None]).all(axis=0)
        for k, _, p, d, _, _ in made.rows(does):
            value = eval(z, {"padding": p, "kernel_size": k, "dilation": d, "min": min})
            assert met(value), (z, k, p, d)
        assert does.any()
    uneven = solve(Conv, "n", "n + n % 2", padding="0..3:0..3").reason
    assert "needs padding_begin + padding_end - dilation*(kernel_size - 1) >= 1" in uneven
