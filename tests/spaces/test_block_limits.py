"""What is read and held inside blocks, against every tree written out: limits and costs."""

from __future__ import annotations

import random
import re
from collections import Counter
from math import prod
from operator import le
from typing import Any

import pytest
from blocks import (
    BlockCase,
    Place,
    factor,
    measured,
    module,
    paid,
    part,
    row_of,
    rows,
    share,
    slope,
)

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
    optional,
    repeat,
    residual,
    skip,
)


def told(row: Any, sums: dict[str, int]) -> dict[str, Any]:
    """What limits ask of a row."""
    place = Place.of(row)
    return {**sums, "gaps": share(row) < 1, "causal": place.look_ahead == 0, **place._asdict()}


def limits_of(draw: random.Random, rows: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    """One to three limits that keep some of these rows."""
    like = draw.choice(list(rows.values()))
    found: dict[str, Any] = {}
    for name in draw.sample(["gaps", "causal", "centred", "latency", "look_ahead", "memory"], 3):
        if name in ("gaps", "causal", "centred"):
            if like[name] == (name != "gaps"):
                found[name] = like[name]
        elif name == "memory" or draw.random() < 0.5:
            found[name] = (0, like[name] + draw.randint(0, 1))
        else:
            found[name] = (max(like[name] - draw.randint(0, 1), 0), None)
        if found and draw.random() < 0.4:
            break
    return found


def kept(row: dict[str, Any], limits: dict[str, Any]) -> bool:
    return all(
        row[name] == limit
        if isinstance(limit, bool)
        else limit[0] <= row[name] and (limit[1] is None or row[name] <= limit[1])
        for name, limit in limits.items()
    )


@pytest.mark.parametrize("ops", ["ccm", "cct"])
@pytest.mark.parametrize("seed", range(30))
def test_limits_inside_blocks(seed, ops):
    check(seed, ops)


def check(seed, ops):
    case = BlockCase(seed, ops)
    draw = random.Random(f"limits {ops} {seed}")
    if not case.known:
        return
    rows = {row: told(row, sums) for row, sums in case.known.items()}
    limits = limits_of(draw, rows)
    good = {row: sums for row, sums in rows.items() if kept(sums, limits)}
    more = {"channels": case.channels} if case.wide else {}
    space = Space(case.space.parts, case.n, case.m, axes=case.axes, **more, **limits)
    assert space.count == len(good), (limits, case.spec)
    designs = list(space)
    assert Counter(map(case.row, designs)) == Counter(list(good))
    for i in draw.sample(range(len(designs)), min(3, len(designs))):
        assert space[i] == designs[i]
        assert space.index(designs[i]) == i

    def ranked(by: Any) -> list[Any]:
        return sorted(cost(sums, by) for sums in good.values())

    for by in (["parameters"], ["-receptive_field"], *(draw.sample(COSTS, 2) for _ in range(3))):
        best = [cost(good[case.row(design)], by) for design in space.best(by=by)]
        assert best == ranked(by)[:1], by
        every = [cost(good[case.row(x)], by) for x in space.best(5, by=by, distinct=False)]
        assert every == ranked(by)[:5], by
        front = {cost(good[case.row(design)], by) for design in space.pareto(*by)}
        every = ranked(by)
        assert front == {
            one for one in every if not any(all(map(le, x, one)) and x != one for x in every)
        }, by

    def own(layer: Any, before: Any, after: Any) -> int:
        return 3 * before[0] + after[0] ** 2

    prices = {row: paid(row, case.n, lambda a, b: 3 * a + b * b)[1] for row in good}
    assert [prices[case.row(x)] for x in space.best(by=own)] == sorted(prices.values())[:1]
    several = [prices[case.row(x)] for x in space.best(4, by=own, distinct=False)]
    assert several == sorted(prices.values())[:4]


COSTS = [
    *("latency", "-latency", "look_ahead", "memory", "-memory", "parameters", "macs"),
    *("parameters + 3*latency", "2*memory - look_ahead", "receptive_field", "-depth"),
]


def cost(sums: dict[str, Any], by: list[str]) -> tuple[int, ...]:
    """The costs that are asked for, each a sum of terms or less one."""
    found = []
    for word in by:
        total = 0
        for sign, times, name in re.findall(r"([-+]?) *(?:(\d+)\*)?([a-z_]+)", word):
            total += (-1 if sign == "-" else 1) * int(times or 1) * sums[name]
        found.append(total)
    return tuple(found)


# PyTorch


def jacobian(row: Any, channels: int) -> tuple[list[set[int]], int]:
    """What each output of a module of PyTorch reads, by its gradient, and the size of its input.

    Weights and inputs are above 0, and maxima are means, so nothing that is read cancels out.
    """
    torch = pytest.importorskip("torch")
    model = module(row, channels, 1).eval()
    for parameter in model.parameters():
        torch.nn.init.constant_(parameter, 0.5)
    for each in list(model.modules()):
        for name, inner in each.named_children():
            if isinstance(inner, torch.nn.MaxPool1d):
                mean = torch.nn.AvgPool1d(inner.kernel_size, inner.stride, inner.padding)
                setattr(each, name, mean)
    for n in range(100, 150):
        x = torch.ones(1, channels, n, dtype=torch.float64, requires_grad=True)
        try:
            out = model.double()(x).sum(1)[0]
        except (RuntimeError, AssertionError):  # its branches meet at other sizes
            continue
        each = torch.eye(len(out), dtype=torch.float64)
        (slopes,) = torch.autograd.grad(out, x, each, is_grads_batched=True)
        return [set(one[0].abs().sum(0).nonzero().flatten().tolist()) for one in slopes], n
    raise AssertionError(f"it runs at no size: {row}")


@pytest.mark.live
@pytest.mark.parametrize("ops", ["ccm", "cct"])
@pytest.mark.parametrize("seed", range(12))
def test_what_pytorch_reads(seed, ops):
    """Gaps, latency, look-ahead and the centre are those of the gradients, far from the ends."""
    pytest.importorskip("torch")
    by_gradients(seed, ops)


def by_gradients(seed, ops):
    case = BlockCase(seed, ops)
    draw = random.Random(f"gradients {ops} {seed}")
    for row in draw.sample(list(case.known), min(6, len(case.known))):
        found, n = jacobian(row, case.channels)
        up, down = slope(row)
        turn = up * prod(max(factor(each), 1) for each in row)
        first = len(found) // 2 // turn * turn  # an output in the middle
        moved = first // up * down

        def read(_: Any, y: int, found: Any = found, first: int = first, moved: int = moved) -> Any:
            return {x - moved for x in found[first + y]}

        assert Place.of(row, read) == Place.of(row), row
        every = set().union(*found)
        middle = range(n // 2 - 20, n // 2 + 20)
        assert all(x in every for x in middle) == (share(row) == 1), row


@pytest.mark.parametrize("stride", [2, 3])
@pytest.mark.parametrize("ups", [0, 2])
def test_what_one_branch_skips_another_reads(stride, ups):
    """Every design of strided layers, two of them side by side, also where inputs are put apart."""
    half = "layer", "conv", (1, 2), (stride,), (0, 1, 2), ()
    first = [("layer", "conv_transpose", (2, 3), (ups,), (0, 1), ())] if ups else []
    spec = [*first, ("parallel", "add", half, half), ("layer", "conv", (1, 2), (1, 2), (0,), ())]
    fit = [row for row in rows(spec, 1) if measured(row, 20, 1, 1)]
    good = Counter(row for row in fit if share(row) == 1)
    space = Space(part(spec), 20, axes=1, gaps=False)
    assert Counter(row_of(design, 1, 1) for design in space) == good
    assert 0 < space.count < len(fit)


# Spaces that people design: how much is told apart, never how long it takes


def stage(width):
    layer = Choice(Conv, "k", padding="half")
    first = residual(Choice(Conv, "k", "1,2", "half", out_channels=width), "relu", layer)
    return let([first, repeat(residual(layer, "relu", layer), "0..3")], k="3,5,7")


def test_a_limit_on_parameters_splits_no_state():
    """Residual classifiers of at most 2 million parameters: 144,232 of 2 million allowed states."""
    stem = [Choice(Conv, "3,5,7", 2, "half", out_channels=16), optional(MaxPool(3, 2, 1))]
    stages = [stage(width) for width in (16, 32, 64, 128)]
    limits = {"parameters": "..2000000", "receptive_field": "200..", "max_states": 100_000}
    space = Space([*stem, *stages], 224, 7, channels=3, **limits)
    assert (space.count, space.states) == (144_232, 73)
    for number in (0, 77_777, space.count - 1):
        design = space[number]
        assert space.index(design) == number
        assert design.parameters <= 2_000_000
        assert design.receptive_field >= 200
    front = space.pareto("parameters", "-receptive_field")
    points = [(design.parameters, design.receptive_field) for design in front]
    assert points == sorted(points)
    assert [read for _, read in points] == sorted({read for _, read in points})
    assert points[0] == (307_088, 303)
    assert space.best(by="parameters")[0].parameters == 307_088


def levels(width, most, least):
    layer = [Choice(Conv, "3,5", padding="half", out_channels=width), "relu"]
    up = Choice(ConvTranspose, "2..5", 2, "0..2", output_padding="0,1", out_channels=width)
    if most == 1:
        return layer
    deeper = [layer, skip(MaxPool(2), levels(2 * width, most - 1, least - 1), up), layer]
    return deeper if least > 1 else either(layer, deeper)


def test_receptive_fields_of_encoder_decoders():
    """Of 5 levels: limits and ranking tell no more apart than a block may do."""
    asked = {"where": "n % 16 == 0", "channels": 3, "even_upsampling": True, "at": 64}
    space = Space(levels(16, 5, 3), "n", "n", **asked)
    few = space.relaxed(receptive_field="..60")
    designs = list(few)
    assert len(designs) == few.count
    assert {design.receptive_field for design in designs} == {*range(26, 61, 2)}
    assert few.count + space.relaxed(receptive_field="61..").count == space.count == 9_344
    least = sorted(design.parameters for design in designs)
    assert [design.parameters for design in few.best(by="parameters")] == least[:1]
    fields = [design.receptive_field for design in space.best(5, by="receptive_field")]
    assert fields == [26, 28, 30, 32, 34]
    assert [design.parameters for design in space.pareto("macs", "parameters")] == [56_960]
    assert space.best(by="-receptive_field")[0].receptive_field == 236


def test_steps_through_costs_that_nodes_know():
    with pytest.raises(SolverError, match="memory are measured at a size"):
        Space(residual(Conv(1)), "n", "n").best(by="memory")
    with pytest.raises(SolverError, match="unknown cost"):
        Space(residual(Conv(1)), 8).best(by="latncy")
    crossed = [Conv((3, 5), padding=(1, 2)), residual(Conv(1))]
    with pytest.raises(LimitError, match="all axes are alike"):
        Space(crossed, 8, axes=2).best(by="latency")
    with pytest.raises(LimitError, match="all axes are alike"):
        Space(crossed, 8, axes=2).best(by=lambda layer, before, after: 1)
    with pytest.raises(SolverError, match="true or false"):
        Space(residual(Conv(1)), 8, gaps="no")


def test_ways_at_sizes_that_never_come():
    # a pooling of 12 takes no input of 8: what is cropped behind it need not be told
    body = either(Choice(Conv, "2,3"), [MaxPool(12), "upsample 12"])
    for limit in ({"gaps": False}, {"receptive_field": "..9"}):
        assert Space(skip(body, fit="crop"), 8, axes=1, **limit).count == 2
    with pytest.raises(LimitError, match="depends on the size"):
        _ = Space(skip(body, fit="crop"), 14, axes=1, gaps=False).count
