"""Layers that differ between axes: against every tree as it ran in PyTorch, and their ties."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest
from crossed import SUMS, CrossedCase, Run, keeps, measured, plain, random_limits, rows

from solver import (
    Choice,
    Conv,
    ConvTranspose,
    LimitError,
    MaxPool,
    SolverError,
    Space,
    either,
    let,
    mirror,
    optional,
    repeat,
    search,
    skip,
)

RECORDED = Path(__file__).parents[1] / "data" / "crossed.jsonl"
CASES = [json.loads(line) for line in RECORDED.read_text().splitlines()]


@pytest.mark.parametrize("known", CASES, ids=lambda known: str(known["seed"]))
def test_recorded(known):
    case = CrossedCase(known["seed"])
    limits = {name: tuple(x) if isinstance(x, list) else x for name, x in known["limits"].items()}
    output = tuple(known["output"]) if known["output"] else None
    space = case.space(output=output, **limits)
    assert space.count == known["count"], repr(space)
    designs = list(space)
    trees = [plain(design, case.axes) for design in designs]
    assert len(set(trees)) == len(trees) == known["count"]
    assert set(trees) <= set(case.trees)
    if not designs:
        assert space.reason
        return
    for i in range(0, len(designs), max(1, len(designs) // 3)):
        assert space[i] == designs[i]
        assert space.index(designs[i]) == i
    for name in SUMS:
        for sign, wanted in zip(("", "-"), known[name], strict=True):
            (best,) = space.best(by=sign + name)
            assert value(best, name, case) == wanted


def value(design, name, case):
    if name == "receptive_field":
        return sum(design.spans(axis)[-1].length if len(design) else 1 for axis in range(case.axes))
    if name == "depth":
        return getattr(design, "depth", len(design))
    found = getattr(design, name)
    return found(case.sizes) if callable(found) else found


@pytest.mark.live
@pytest.mark.parametrize("seed", range(0, 60, 4))
def test_trees_that_run(seed):
    case = CrossedCase(seed)
    found = measured(case)
    limits = random_limits(case, found) if found else {}
    good = {row: one for row, one in found.items() if keeps(one, limits)}
    space = case.space(**limits)
    assert {plain(design, case.axes) for design in space} == set(good)
    one, two = SUMS[seed % 5], SUMS[(seed + 2) % 5]
    points = {(each[one], -each[two]) for each in good.values()}
    front = {p for p in points if not any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in points)}
    known = [good[plain(design, case.axes)] for design in space.pareto(one, f"-{two}")]
    assert {(each[one], -each[two]) for each in known} == front


@pytest.mark.live
def test_every_n():
    layer = (
        "layer",
        "conv",
        [(3, 5), 4],
        [(2, 1), (1, 2), 2],
        [0, 1, (1, 2)],
        [1, (1, 2)],
        [0],
        None,
    )
    space = Space(
        [Choice(Conv, "3x5,4", "2x1,1x2,2", "0,1,1x2", "1,1x2")] * 2, "hxw", "ceil(h/2)xceil(w/4)"
    )
    sizes = [*product((40, 41), (40, 41, 42, 43))]
    good = []
    for row in dict.fromkeys(rows([layer] * 2, 1, 2)):
        run = Run(row, 1, 2)
        outs = [(run.measured(n) or {"size": None})["size"] for n in sizes]
        good += [row] if outs == [(-(-h // 2), -(-w // 4)) for h, w in sizes] else []
    assert good
    assert sorted(plain(design, 2) for design in space) == sorted(good)


def layers(*choices, **more):
    return [option.layers[0] for option in Choice(Conv, *choices, **more).options(lanes=(0, 1))]


def test_values_per_axis():
    assert Choice(Conv, {"3x5", 3}) == Choice(Conv, {(3, 5), 3}) == Choice(Conv, "3,3x5")
    assert layers("3x5,3", padding="half") == [Conv(3, padding=1), Conv((3, 5), padding=(1, 2))]
    assert Choice(Conv, "3x3") == Choice(Conv, 3)
    assert layers("1..2x3") == [Conv((1, 3)), Conv((2, 3))]
    assert layers("3x5", padding="0:1x2") == [Conv((3, 5), padding=((0, 1), 2))]
    assert layers("3x5", padding=[((0, 1), (2, 2))]) == [Conv((3, 5), padding=((0, 1), 2))]
    assert layers("3x5", padding="same") == [Conv((3, 5), padding="same")]
    pools = Choice(MaxPool, "2x3").options(lanes=(0, 1))
    assert [pool.layers[0] for pool in pools] == [MaxPool((2, 3))]
    assert Space([Conv((3, 5), padding=(1, 2))], (8, 9), (8, 9)).count == 1
    assert repr(Choice(Conv, "3x5,3", "1x2", "0:1x2")) == (
        "Choice('conv', kernel_size='3,3x5', stride='1x2', padding='0:1x2')"
    )


def test_ties_act_on_each_axis():
    assert layers("2s", "1x2") == [Conv((2, 4), (1, 2))]
    assert layers("3x5", padding="(k - 1)/2") == [Conv((3, 5), padding=(1, 2))]
    assert layers("3x5,4x5,4", padding="(k - 1)/2") == [Conv((3, 5), padding=(1, 2))]  # 4 is even
    assert layers("2x3", padding="k - s:0") == [Conv((2, 3), padding=((1, 0), (2, 0)))]
    assert layers("s..s + 1", "1x2") == [
        *(Conv((1, 2), (1, 2)), Conv((1, 3), (1, 2)), Conv(2, (1, 2)), Conv((2, 3), (1, 2)))
    ]
    factors = let(
        [Choice(Conv, "1xk", padding="half"), Choice(Conv, "kx1", padding="half")], k="3,5"
    )
    assert [[str(one) for one in design] for design in Space(factors, 32, 32)] == [
        [f"Conv((1, {k}), padding=(0, {p}))", f"Conv(({k}, 1), padding=({p}, 0))"]
        for k, p in ((3, 1), (5, 2))
    ]
    dilated = repeat(Choice(Conv, "1x3", dilation="2**i", padding="half"), 3)
    assert [design.spans(1)[-1].length for design in Space(dilated, 32, 32)] == [15]


def test_axes_that_are_alike_are_one():
    space = Space([Choice(Conv, "3x3x5", 2)], 9, "4x4x3", axes=3)
    assert space.alike == (0, 0, 2)
    assert space.count == 1
    assert Space([Choice(Conv, "3,5", "1,2")] * 2, 9).alike == ()
    assert Space([Choice(Conv, "3x3", "1,2")] * 2, 9).alike == ()
    both = Space(repeat(Choice(Conv, "1x3,3x1"), 2), 9)
    assert both.alike == (0, 1)
    assert both.count == 4


def test_a_limit_holds_on_each_axis():
    space = Space(repeat(Choice(Conv, "3x5,5x3,3", padding="half"), 3), 32, 32)
    assert space.count == 27
    kept = [d for d in space if all(d.spans(axis)[-1].length <= 9 for axis in (0, 1))]
    assert space.relaxed(receptive_field="..9").count == len(kept) == 13
    reason = "no design keeps the limit on receptive field 12.. (27 designs without it)"
    assert space.relaxed(receptive_field="12..").reason == reason
    strides = Space(repeat(Choice(Conv, 3, "1x2,2x1", "half"), 4), 32)
    assert strides.relaxed(total_stride=4).count == 6
    assert strides.relaxed(jump="..4").count == 6
    down = Space(repeat(Choice(Conv, "1x2,2x1", 2), 2), 32)
    assert (down.count, down.relaxed(gaps=False).count) == (4, 0)
    whole = Space([Choice(Conv, "1x2,2x1,2", "1x2,2x1")], 32, gaps=False)
    assert [design[0] for design in whole] == [
        *(Conv((1, 2), (1, 2)), Conv((2, 1), (2, 1)), Conv(2, (1, 2)), Conv(2, (2, 1)))
    ]
    causal = Space([Choice(Conv, "3x3", padding="2:0x1,2:0")], 9, 9, causal=True)
    assert [design[0] for design in causal] == [Conv(3, padding=((2, 0),))]


def test_the_best_by_the_mean_of_the_axes():
    space = Space(repeat(Choice(Conv, "3x9,5", padding="half"), 2), 32, 32)
    best = space.best(by="-receptive_field")[0]
    assert [best.spans(axis)[-1].length for axis in (0, 1)] == [5, 17]
    weighed = space.best(by="parameters - 3*receptive_field")[0]
    least = min(d.parameters - 1.5 * sum(d.spans(a)[-1].length for a in (0, 1)) for d in space)
    assert weighed.parameters - 1.5 * sum(weighed.spans(a)[-1].length for a in (0, 1)) == least


def test_mirrors_bring_each_axis_back():
    pair = mirror(Choice(MaxPool, "2x1,1x2,2"), Choice(ConvTranspose, "s", "1x2,2x1,2"))
    space = Space([pair, Choice(Conv, "3x1", padding="half")], (8, 12), None)
    for design in space:
        assert design.sizes((8, 12))[-1] == (8, 12)
    assert space.count == 3
    assert Space([pair], (9, 12))[0][0] == MaxPool((1, 2))
    assert Space([pair], (9, 12)).count == 1


def test_files_and_words(tmp_path):
    file = tmp_path / "space.toml"
    file.write_text(
        'input = "224x320"\noutput = "7x10"\n[[layers]]\nop = "conv"\nkernel_size = ["3x5", 3]\n'
        'stride = 2\npadding = "half"\nrepeat = 5\n'
    )
    found = search(str(file))
    assert found.count == 32
    words = {"op": "conv", "kernel_size": [[3, 5], 3], "stride": 2, "padding": "half", "repeat": 5}
    assert search({"input": "224x320", "output": "7x10", "layers": [words]}) == found
    record = next(iter(found.report().record()["designs"]))
    assert (record["receptive_field"], record["jump"]) == ([63, 63], [32, 32])
    assert record["sizes"][-1] == [7, 10]


@pytest.mark.parametrize(
    ("make", "fault", "rule"),
    [
        (lambda: Space([Choice(Conv, "3x5")], 8, axes=3), SolverError, "number of axes"),
        (lambda: Space([Choice(Conv, "3x5", "1x2x3")], 8), SolverError, "number of axes"),
        (lambda: Choice(Conv, "3x5,1x2x3"), SolverError, "one number of axes"),
        (lambda: Choice(Conv, "3x0"), SolverError, "at least 1"),
        (lambda: Choice(Conv, "3x5", out_channels="3x5"), LimitError, "no value per axis"),
        (lambda: let(Choice(Conv, "k"), k="3x5"), LimitError, "no value per axis"),
        (lambda: repeat(Choice(Conv, 3), "2x3"), LimitError, "no value per axis"),
        (
            lambda: Space([Choice(Conv, 3, "1x2", out_channels="x stride")], 8, channels=1).count,
            LimitError,
            "one for all axes",
        ),
        (
            lambda: Space([Choice(Conv, "3x5", out_channels="k")], 8, channels=1).count,
            LimitError,
            "one value per axis",
        ),
        (lambda: Choice(Conv, "3x5")(Start()), LimitError, "only searched in design spaces"),
        (lambda: Choice(Conv, {(3, 5, 1.5)}), SolverError, "whole number"),
    ],
)
def test_errors(make, fault, rule):
    with pytest.raises(fault, match=rule):
        make()


class Start:
    """What an unknown layer of a network is asked through."""

    def through(self, choice):
        return choice.options()


def test_empty_parts():
    space = Space([optional(Choice(Conv, "3x5", 2, "half")), either("relu", "gelu")], 8, "4..8")
    assert space.count == 4


def test_a_front_keeps_limits_that_are_asked_at_the_end():
    """24 of two, of which one beats the other but for a limit that it misses; the slow way."""
    up = Choice("conv_transpose", "2x1,2", "2x1,2")
    body = skip(Choice("maxpool", "2x1", "2x1"), up, join="add")
    space = Space([optional(Choice("avgpool", 5, 1)), body], (12, 7), (8, 3), macs=24, depth=3)
    found = [(x.parameters, x.macs((12, 7))) for x in space.pareto("-parameters", "-macs")]
    assert found == [(x.parameters, x.macs((12, 7))) for x in space] == [(3, 24)]


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        (("224x224", "7x10"), "no design gives 10 for 224 along w: only 224 can come out"),
        (("224x224", "9x224"), "no design gives 9 for 224 along h: only 7 can come out"),
        (("n", "n/3"), "n/3 for every n = 0 (mod 3) along h: it needs a total stride of 3"),
    ],
)
def test_the_axis_that_fails_is_named(sizes, reason):
    # Along h sizes are halved five times, along w they stay.
    space = Space(repeat(Choice(Conv, "3x5", "2x1", "1x2"), 5), *sizes)
    assert reason in str(space.reason)


def test_the_axis_on_which_no_layer_fits_is_named():
    space = Space(repeat(Choice(Conv, "3x5", 1, 0), 2), (9, 5))
    assert str(space.reason).endswith(
        "at least 5, and what comes before gives 1 for input 5 along w"
    )
