"""Whole networks against an interpreter of their own, at every n of a long range."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product

import pytest
from cli_fixtures import ROOT
from networks import Step, build, mirrored, program, run

from solver import (
    AvgPool,
    Conv,
    ConvTranspose,
    MaxPool,
    SizeError,
    SolverError,
    Tensor,
    concat,
    crop,
    flatten,
    global_pool,
    linear,
    reshape,
    split,
    trace,
    valid,
)
from solver.network.graph.dim import Dim
from solver.sizes.sizeset import SizeSet

RANGE = range(1, 700)


def drawn(seed: int) -> list[Step]:
    source = random.Random(seed)
    return mirrored(source) if seed % 2 else program(source, source.randint(3, 14))


@pytest.mark.parametrize("seed", range(300))
def test_random_networks_at_every_n(seed):
    steps = drawn(seed)
    try:
        net = build(steps)
    except SolverError:
        assert all(isinstance(run(steps, n), int) for n in RANGE)  # it runs for no n
        return
    found = valid(net).inputs
    out = net.sizes(net.outputs[0])[2]
    assert {n for n in RANGE if n in found} == {
        n for n in RANGE if isinstance(run(steps, n), list)
    }, steps
    for n in RANGE:
        expected = run(steps, n)
        if isinstance(expected, list) and n not in valid(net).repeated:
            assert out.at({"n": n}) == expected[-1]


@pytest.mark.parametrize("seed", range(0, 300, 3))
@pytest.mark.parametrize("exact", [False, True])
def test_axes_alike_and_one_axis_have_the_same_inputs(seed, exact):
    steps = drawn(seed)
    try:
        alone = valid(build(steps), exact=exact)
    except SolverError:
        return
    square = build(steps, axes=2)
    assert valid(square, exact=exact).inputs == alone.inputs
    assert [valid(square, letter, exact).inputs for letter in "hw"] == [alone.inputs] * 2
    reasons = [reason.demand.at for reason in valid(square, exact=exact).reasons]
    assert reasons == [reason.demand.at for reason in alone.reasons]


def test_the_random_networks_are_of_all_kinds():
    kinds: Counter[str] = Counter()
    for seed in range(300):
        try:
            inputs = valid(build(drawn(seed))).inputs
        except SolverError:
            continue
        classes = "classes" if inputs.modulus > 1 else "from a size on"
        kinds[classes if inputs.residues else "few" if inputs else "none"] += 1
    assert min(kinds[kind] for kind in ("classes", "from a size on", "few")) > 9


@pytest.mark.parametrize("seed", range(0, 300, 7))
def test_numbers_walk_like_letters(seed):
    steps = drawn(seed)
    try:
        net = build(steps)
    except SolverError:
        return
    for n in range(1, 60):
        expected = run(steps, n)
        if isinstance(expected, list):
            assert [shape[2].number for shape in net.at(n).shapes] == expected
        else:
            with pytest.raises(SizeError) as caught:
                net.at(n)
            assert str(caught.value).startswith(net.nodes[expected].name)


# The networks everyone knows


def unet(x: Tensor, padding: int = 0, levels: int = 4) -> Tensor:
    """Write down the U-Net of Ronneberger et al. (2015), figure 1."""

    def twice(x: Tensor, channels: int) -> Tensor:
        first = Conv(3, padding=padding, out_channels=channels)(x)
        return Conv(3, padding=padding, out_channels=channels)(first)

    skips = []
    for level in range(levels):
        skips.append(twice(x, 64 << level))
        x = MaxPool(2)(skips[-1])
    x = twice(x, 64 << levels)
    for level, skip in reversed(list(enumerate(skips))):
        x = ConvTranspose(2, 2, out_channels=64 << level)(x)
        x = twice(concat(skip if padding else crop(skip, like=x), x), 64 << level)
    return Conv(1, out_channels=2)(x)


def test_the_original_unet():
    net = trace(unet)
    height = net.sizes(net.outputs[0])[2]
    assert str(height) == "16*floor((h + 4)/16) - 188"
    even = valid(net, exact=True)
    assert even.inputs == SizeSet(16, [12], 188)
    assert valid(net).inputs == SizeSet(minimum=188)
    assert all(height.at({"h": n}) == n - 184 for n in range(188, 2000, 16))
    assert height.at({"h": 572}) == 388  # the figure
    assert even.nearest(512) == (508, 524)
    assert [net.nodes[r.demand.at].operation.title for r in even.reasons] == (
        ["MaxPool(2)"] * 4 + ["Conv(3, out_channels=256)"]
    )


def unread_behind(k, s, p, ceil, n):
    """Count the elements behind the last window, whose places are listed one by one."""
    starts = range(-p, AvgPool(k, s, p, ceil_mode=ceil).size(n) * s - p, s)
    return max(n - 1 - max(starts) - (k - 1), 0)


@pytest.mark.parametrize("ceil", [False, True])
def test_a_pooling_drops_what_is_read_nowhere_at_the_end(ceil):
    for k, s in product(range(1, 6), range(2, 6)):
        for p in range(k // 2 + 1):
            pooling = AvgPool(k, s, p, ceil_mode=ceil)
            exact = valid(trace(pooling, axes=1), exact=True).inputs
            for n in valid(trace(pooling, axes=1)).inputs & SizeSet.of(range(1, 40)):
                dropped = unread_behind(k, s, p, ceil, n) > max(s - k, 0)
                assert (n in exact) is not dropped, (pooling, n)


def test_a_padded_unet():
    net = trace(lambda x: unet(x, padding=1))
    assert valid(net).inputs == SizeSet(16, [0])
    assert [str(reason.inputs) for reason in valid(net).reasons] == [
        "n = 0, 1, 2, 3, 4, 5, 6, 7 (mod 16)",
        "n = 0, 1, 2, 3 (mod 8)",
        "n = 0, 1 (mod 4)",
        "even n",
    ]


def test_feature_extractor_of_wav2vec2():
    def extractor(x: Tensor) -> Tensor:
        for k, s in zip((10, 3, 3, 3, 3, 2, 2), (5, 2, 2, 2, 2, 2, 2), strict=True):
            x = Conv(k, s, out_channels=512)(x)
        return x

    net = trace(extractor, axes=1)
    assert (
        str(net.sizes(net.outputs[0])[2]) == "floor((n - 400)/320) + 1"
        or str(net.sizes(net.outputs[0])[2]) == "floor((n - 80)/320)"
    )
    assert valid(net).inputs == SizeSet(minimum=400)


def test_strides_of_a_million_cost_nothing():
    def codec(x: Tensor) -> Tensor:
        skip = x
        for s in (8, 25, 50, 100):  # 10^6 in all
            x = Conv(2 * s, s, (s + 1) // 2)(x)
        for s in (100, 50, 25, 8):
            x = ConvTranspose(2 * s, s, s // 2)(x)
        return crop(x, like=skip)

    net = trace(codec, axes=1)
    found = valid(net).inputs
    shapes = net.walk.shapes
    assert str(shapes[8][2])
    assert found


# Shapes


def test_flattened_sizes_are_demanded():
    def classifier(x: Tensor) -> Tensor:
        x = MaxPool(2)(Conv(3, padding=1, out_channels=8)(x))
        return linear(flatten(x), 10, of=8 * 7 * 7)

    net = trace(classifier)
    assert valid(net).inputs == SizeSet.of([14, 15])
    assert net.at(15).shapes[-1][1].number == 10
    assert net.at((14, 15)).shapes[-1][1].number == 10
    with pytest.raises(SizeError, match="in_features"):
        net.at(16)


def test_global_pooling_takes_any_size():
    net = trace(lambda x: linear(flatten(global_pool(Conv(3, out_channels=8)(x))), 10, of=8))
    assert valid(net).inputs == SizeSet(minimum=3)


def test_reshape_and_split():
    net = trace(lambda x: reshape(split(Conv(1, out_channels=6)(x), 2)[1], 3, -1))
    assert [str(dim) for dim in net.sizes(net.outputs[0])] == ["1", "3", "h*w"]


def test_what_a_reshape_leaves_over_must_be_whole():
    net = trace(lambda x: reshape(x, 4, -1), axes=1)
    assert [str(dim) for dim in net.sizes(net.outputs[0])] == ["1", "4", "floor(n/4)"]
    assert valid(net).inputs == SizeSet(4, [0])
    net = trace(lambda x: reshape(x, 4, -1), axes=2)  # floor(h*w/4) is no product of sizes
    left = net.sizes(net.outputs[0])[2]
    assert [left.at({"h": h, "w": 6}) for h in range(1, 6)] == [1, 3, 4, 6, 7]
    assert valid(net).inputs == SizeSet(2, [0])
    assert net.at((2, 6)).shapes[-1][2].number == 3


def test_every_public_name_is_there_and_no_file_has_it():
    import solver

    assert all(hasattr(solver, name) for name in solver.__all__)
    files = {path.stem for path in (ROOT / "solver").iterdir()}
    assert not files & set(solver.__all__)  # a file would take the place of the name


def test_axes_alike_are_worked_out_once(monkeypatch):
    maps, through = [], Dim.through
    monkeypatch.setattr(Dim, "through", lambda dim, f: maps.append(f) or through(dim, f))
    net = trace(lambda x: MaxPool(2)(Conv(3, stride=2)(x)), axes=3)
    assert len(maps) == 2  # one for each layer
    asked = [
        [
            demand.renamed({letter: "n"})[:4]
            for demand in net.walk.demands
            if letter in demand.letters
        ]
        for letter in net.letters
    ]
    assert len(asked[0]) == 3
    assert asked[0] == asked[1] == asked[2]
    trace(lambda x: Conv((3, 5, 3))(x), axes=3)
    assert len(maps) == 5  # none here: each is another than the one before
