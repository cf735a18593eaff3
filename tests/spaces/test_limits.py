"""Gaps, places of outputs, memory, times and weighed costs against stacks that are written out."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise, product
from math import ceil, prod
from typing import Any

import pytest
from designs import costs, key, legal, part, random_tree, rows, sizes, span

from solver import Choice, Conv, ConvTranspose, LimitError, SolverError, Space, either, repeat
from solver.spaces.footprint import Footprint
from solver.spaces.needs import Needs, read_share


def read_of(row: Any, outputs: Any) -> set[int]:
    """Return the input elements that are read through layers, by going back one layer at a time."""
    wanted = set(outputs)
    for op, k, s, p, d, *_ in reversed(row):
        if op == "conv_transpose":  # input x adds to the outputs s*x - p + d*t
            places = ((y + p - d * t) for y in wanted for t in range(k))
            wanted = {place // s for place in places if place % s == 0}
        else:
            begin = p[0] if isinstance(p, tuple) else p
            wanted = {s * y - begin + d * t for y in wanted for t in range(k)}
    return wanted


def share(row: Any) -> Fraction:
    """Return how much of an input is read in the middle of an axis."""
    turn = prod(layer[2] for layer in row)  # what is read repeats after so many at the latest
    jump = Fraction(1)
    for op, _, s, *_ in row:
        jump = jump / s if op == "conv_transpose" else jump * s
    far = ceil((turn + 60 + span(row)) / jump)
    read = read_of(row, range(-far, far))
    return Fraction(sum(x in read for x in range(turn)), turn)


@pytest.mark.parametrize("ops", ["cccm", "ct"])
@pytest.mark.parametrize("seed", range(25))
def test_gaps(seed, ops):
    draw = random.Random(f"gaps {ops} {seed}")
    tree = random_tree(draw, ops)
    while not legal(tree) or len(found := list(dict.fromkeys(rows(tree)))) > 400:
        tree = random_tree(draw, ops)
    n = draw.randint(8, 20)
    fitting = [row for row in found if sizes(row, n)]
    good = {row for row in fitting if share(row) == 1}
    space = Space(part(tree), n, gaps=False)
    stacks = list(space)
    assert {key(stack) for stack in stacks} == good
    assert space.count == len(good)
    assert [space.index(stack) for stack in stacks] == list(range(len(good)))
    for stack in space.relaxed(gaps=None)[:40]:
        assert (stack in space) == (key(stack) in good)
        assert read_share(stack) == share(key(stack))
    if good:
        low = draw.choice([1, 3])
        wide = Space(part(tree), n, gaps=False, receptive_field=f"{low}..")
        kept = [stack for stack in stacks if stack.receptive_field >= low]
        assert list(wide) == kept
        if kept:
            least = min((x.parameters, len(x)) for x in kept)
            best = wide.best(by="parameters,depth")[0]
            assert (best.parameters, len(best)) == least
    assert (space.reason is None) == bool(good)


def test_the_count_without_gaps_that_was_found_elsewhere():
    layer = Choice(Conv, {1, 3, 5, 7}, {1, 2}, 0, {1, 2})
    space = Space(repeat(layer, 3), 1000)
    assert (space.count, space.relaxed(gaps=False).count) == (4096, 2141)
    assert space.relaxed(gaps=True).count == 4096  # they are allowed


def test_gaps_behind_transposed_layers():
    """Every stack of three: a period of what is needed, and strides that do not divide it."""
    ups = [("conv_transpose", k, m, p, 1) for k in (1, 2, 3) for m in (2, 3) for p in (0, 1)]
    downs = [("conv", k, s, p, 1) for k in (1, 2) for s in (1, 2, 3) for p in (0, 1)]
    make = {
        row: (ConvTranspose if row[0] == "conv_transpose" else Conv)(*row[1:4])
        for row in (*ups, *downs)
    }
    for three in (product(ups, downs, downs), product(ups, ups, downs)):
        for row in three:
            needs, number = Needs(), 0
            for layer in row:
                read = Footprint.of(make[layer].window())
                number = None if number is None else needs.behind(read, number)
            assert (number is not None) == (share(row) == 1), row


PADS = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0))


def placed_rows(depth: int) -> list[Any]:
    layers = [("conv", k, s, pads, 1) for k, s, pads in product((1, 2, 3), (1, 2), PADS)]
    return [*product(layers, repeat=depth)]


def place(row: Any) -> tuple[int, int, bool]:
    """Return latency, look-ahead and whether outputs are centred, from what they read."""
    jump = 1
    for _, _, s, *_ in row:
        jump *= s
    ends = [(min(read), max(read)) for y in range(3) if (read := read_of(row, [y]))]
    latency = max(last - jump * y for y, (_, last) in enumerate(ends))
    ahead = max(last - jump * y - (jump - 1) for y, (_, last) in enumerate(ends))
    centred = all(a + b == 2 * jump * y + jump - 1 for y, (a, b) in enumerate(ends))
    return max(latency, 0), max(ahead, 0), centred


def fits(row: Any, n: int) -> bool:
    for _, k, s, (begin, end), _ in row:
        if n + begin + end < k:
            return False
        n = (n + begin + end - k) // s + 1
    return True


@pytest.mark.parametrize(
    ("limits", "keeps"),
    [
        ({"causal": True}, lambda latency, ahead, centred: ahead == 0),
        ({"centred": True}, lambda latency, ahead, centred: centred),
        ({"latency": "..1"}, lambda latency, ahead, centred: latency <= 1),
        ({"latency": "2..3"}, lambda latency, ahead, centred: 2 <= latency <= 3),
        ({"look_ahead": "1.."}, lambda latency, ahead, centred: ahead >= 1),
        (
            {"look_ahead": "..1", "latency": "..2", "centred": True},
            lambda latency, ahead, centred: ahead <= 1 and latency <= 2 and centred,
        ),
    ],
)
def test_where_outputs_stand(limits, keeps):
    layer = Choice(Conv, "1..3", "1,2", list(PADS))
    good = {row for row in placed_rows(2) if fits(row, 9) and keeps(*place(row))}

    def plain(stack: Any) -> Any:
        return tuple(("conv", x.kernel_size, x.stride, x.ends(), 1) for x in stack)

    space = Space(repeat(layer, 2), 9, **limits)
    stacks = list(space)
    assert {plain(stack) for stack in stacks} == good
    assert space.count == len(stacks) == len(good)
    assert space.index(stacks[-1]) == len(good) - 1
    by = ["parameters", "-receptive_field"]
    known = [(stack.parameters, -stack.receptive_field) for stack in stacks]
    assert [(x.parameters, -x.receptive_field) for x in space.best(3, by, distinct=False)] == (
        sorted(known)[:3]
    )
    every = space.best(len(stacks) + 9, distinct=False)
    assert [stack.parameters for stack in every] == sorted(stack.parameters for stack in stacks)
    front = {(x.parameters, -x.receptive_field) for x in space.pareto(*by)}
    assert front == {
        one
        for one in known
        if not any(other != one and other[0] <= one[0] and other[1] <= one[1] for other in known)
    }
    # the same with other limits beside it
    both = Space(repeat(layer, 2), 9, "3..5", receptive_field="2..4", gaps=False, **limits)
    assert both.count == sum(
        3 <= stack.size(9) <= 5 and 2 <= stack.receptive_field <= 4 and read_share(stack) == 1
        for stack in stacks
    )


def test_memory():
    layer = Choice(Conv, "1..2", "1,2", "0,1", out_channels="1..2")
    for n, most in product((5, 8), (12, 18, 24)):
        space = Space(repeat(layer, 2), n, axes=1, memory=f"..{most}")
        good = 0
        for stack in Space(repeat(layer, 2), n, axes=1):
            at = stack.sizes(n)
            held = [w * m for w, m in zip(stack.widths, at, strict=True)]
            kept = all(held[i] + held[i + 1] <= most for i in range(2))
            assert (stack in space) == kept
            good += kept
        assert space.count == good > 0


LAYER = Choice(Conv, "1..4", "1..3", "0,1", out_channels="1,2")
BY: dict[str, Any] = {
    "total_stride": lambda x: x["stride"],
    "-total_stride": lambda x: -x["stride"],
    "jump": lambda x: x["stride"],
    "macs + 10*parameters": lambda x: x["macs"] + 10 * x["parameters"],
    "parameters - 3*receptive_field": lambda x: x["parameters"] - 3 * x["field"],
    "2*total_stride + depth": lambda x: 2 * x["stride"] + x["depth"],
    "-receptive_field": lambda x: -x["field"],
    "parameters": lambda x: x["parameters"],
}


def sums(stack: Any, n: int) -> dict[str, int]:
    field, stride = 1, 1
    for layer in stack:
        field += (layer.kernel_size - 1) * stride
        stride *= layer.stride
    found = costs(key(stack), list(stack.sizes(n)), 1, 1)
    return {**found, "field": field, "stride": stride}


@pytest.mark.parametrize("seed", range(12))
def test_costs_that_are_weighed(seed):
    draw = random.Random(f"costs {seed}")
    n = draw.randint(6, 12)
    limits = (
        {"gaps": False} if seed % 3 == 0 else {"receptive_field": "3.."} if seed % 3 == 1 else {}
    )
    space = Space(repeat(LAYER, "1..2"), n, "1..4", axes=1, **limits)
    stacks = list(space)
    by = draw.sample(list(BY), 2)
    vectors = [tuple(BY[name](sums(stack, n)) for name in by) for stack in stacks]
    ranked = sorted(zip(vectors, range(len(stacks)), strict=True))
    assert space.best(1, by) == [stacks[ranked[0][1]]]
    assert space.best(9, by, distinct=False) == [stacks[at] for _, at in ranked[:9]]
    front = {
        one
        for one in vectors
        if not any(
            other != one and all(x <= y for x, y in zip(other, one, strict=True))
            for other in vectors
        )
    }
    found = space.pareto(*by)
    assert [tuple(BY[name](sums(x, n)) for name in by) for x in found] == sorted(front)


@pytest.mark.parametrize("sign", ["", "-"])
def test_the_total_stride_is_a_cost(sign):
    space = Space(repeat(Choice(Conv, "1,2", "1..5"), "2..3"), 60, "4..20", axes=1)
    stacks = list(space)
    by = [f"{sign}total_stride", "-parameters"]
    key = [((-1 if sign else 1) * sums(x, 60)["stride"], -x.parameters) for x in stacks]
    ranked = sorted(zip(key, range(len(stacks)), strict=True))
    assert space.best(40, by, distinct=False) == [stacks[at] for _, at in ranked[:40]]
    weighed = [sums(x, 60)["stride"] * 2 + x.parameters for x in stacks]
    best = space.best(by="2*total_stride + parameters")[0]
    assert sums(best, 60)["stride"] * 2 + best.parameters == min(weighed)


def test_times():
    layer = Choice(Conv, "1..8", "1,2,4")
    space = Space(repeat(layer, 2), 40, rate=1000, receptive_field="3.5..8ms", total_stride="4 ms")
    assert space.limits == {"receptive_field": (4, 8), "total_stride": (4, 4)}
    assert space.relaxed(receptive_field="..0.01s").limits["receptive_field"] == (0, 10)
    assert space.relaxed(receptive_field="2ms..").limits["receptive_field"] == (2, None)


def test_what_a_limit_costs():
    layer = Choice(Conv, "1..3", "1,2", "0,1")
    space = Space(repeat(layer, 2), 9, receptive_field="4..", gaps=False)
    assert space.without == {
        "receptive_field": Space(repeat(layer, 2), 9, gaps=False).count,
        "gaps": Space(repeat(layer, 2), 9, receptive_field="4..").count,
    }


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Space(Conv(3), 9, gaps="no"), "gaps is true or false"),
        (lambda: Space(Conv(3), 9, receptive_field="..25ms"), "so it needs a rate"),
        (lambda: Space(Conv(3), 9, rate=0), "rate must be at least 1"),
        (lambda: Space(Conv(3), 9, rate=8, receptive_field="..xms"), "is a time\n  ..xms\n    ^"),
        (lambda: Space(Conv(3), 9, rate=8, jump="1..2ms"), "no number of elements takes so long"),
        (lambda: Space(Conv(3), 9, memory="5.."), "memory has an upper end only"),
        (lambda: Space(Conv(3), "n", memory="..5"), "measured at a size"),
        (lambda: Space(Conv(3), 9).best(by="macs*depth"), "times a whole number\n  macs*depth"),
        (lambda: Space(Conv(3), 9).best(by="macs + 2*dept"), "unknown letter 'dept'"),
        (lambda: Space(Conv(3), "n").best(by="macs + depth"), "measured at a size"),
        (lambda: Space(Conv(3), 9, latency="..-1"), "latency must be at least 0"),
    ],
)
def test_what_is_wrong_is_said(make, text):
    with pytest.raises(SolverError) as fault:
        make()
    assert text in str(fault.value)


def test_limits_of_ours_are_said():
    with pytest.raises(LimitError, match="elements are told apart"):
        print(Space(Conv(10**6), 10**7, gaps=False).count)


def test_reasons():
    assert Space(Conv(1, 2), 8, gaps=False).reason == (
        "no design keeps the limit on gaps (1 design without it)"
    )
    assert "causal" in Space(Conv(3, padding=1), 8, causal=True).reason


@pytest.mark.parametrize(
    "limits",
    [
        {"latency": "..9"},
        {"latency": "4.."},
        {"causal": True},
        {"look_ahead": "..6"},
        {"macs": "24.."},
    ],
)
def test_memory_beside_other_limits_keeps_the_designs_that_hold_so_much(limits):
    conv = Choice(Conv, "1..2,5", "2..3", 2, "1..2")
    pool = either(Choice("avgpool", 3, 1, "1..2"), Choice("avgpool", "1,5"))
    space = Space([conv, pool], 8, axes=1, channels=2, **limits)
    held = [design for design in space if most_held(design) <= 28]
    assert list(space.relaxed(memory="..28")) == held
    assert space.relaxed(memory="..28").count == len(held)


def most_held(design):
    sizes = design.sizes(8)
    return max(2 * before + 2 * after for before, after in pairwise(sizes))
