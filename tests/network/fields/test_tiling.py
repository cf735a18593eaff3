"""Tiles against the whole, with whole numbers: equal where they say so, other where they do not."""

from __future__ import annotations

import random
import re
from itertools import islice, pairwise
from math import ceil, floor

import pytest
from published_networks import network
from reference import run

from solver import (
    Conv,
    ConvTranspose,
    LimitError,
    MaxPool,
    SolverError,
    concat,
    crop,
    fields,
    flatten,
    global_pool,
    linear,
    pointwise,
    trace,
    upsample,
    valid,
)
from solver.frameworks import layer
from solver.network.fields.exported import bioimage, torch_export_dim
from solver.network.fields.tiling import tiling


def unet(padding: int, depth: int = 2):
    def double(x):
        return pointwise(Conv(3, padding=padding)(pointwise(Conv(3, padding=padding)(x))))

    def net(x):
        skips = []
        for _ in range(depth):
            x = double(x)
            skips.append(x)
            x = MaxPool(2)(x)
        x = double(x)
        for skip in reversed(skips):
            x = ConvTranspose(2, stride=2)(x)
            x = concat(x, skip if padding else crop(skip, like=x))
            x = Conv(3, padding=padding, out_channels=1)(x)
        return x

    return net


def random_net(draw: random.Random):
    """Layers, and sometimes a way around some of them that meets again."""

    def part():
        k, s = draw.randint(1, 4), draw.randint(1, 3)
        word = draw.choice(("conv", "conv", "conv", "pool", "same", "up", "near"))
        if word == "conv":
            return Conv(k, stride=s, padding=draw.randint(0, 2), dilation=draw.randint(1, 2))
        if word == "pool":
            return MaxPool(k, s, draw.randint(0, k // 2), ceil_mode=draw.random() < 0.3)
        if word == "same":
            return layer("keras", "Conv1D", kernel_size=k, strides=min(s, 2), padding="same")
        if word == "up":
            return ConvTranspose(max(k, 2), stride=2, padding=draw.randint(0, 1))
        return layer("torch", "Upsample", scale_factor=2)

    def around(x):
        k = draw.choice((1, 3, 5))
        if draw.random() < 0.5:
            back = upsample(MaxPool(2)(x), 2)
        else:
            back = ConvTranspose(4, stride=2, padding=1)(Conv(3, stride=2, padding=1)(x))
        return Conv(k, padding=k // 2, out_channels=1)(concat(x, back))

    def net(x):
        for _ in range(draw.randint(1, 4)):
            x = around(x) if draw.random() < 0.3 else part()(x)
        return x

    return trace(net, axes=1)


def signal(size: int, seed: int) -> list[list[int]]:
    draw = random.Random(seed)
    return [[draw.randint(-1000, 1000) for _ in range(size)]]


def check(net, seed: int, residue: int | None = None) -> tuple[int, int]:
    """Compare tiles of a few sizes with the whole; return how many outputs were cut, and differ."""
    found = tiling(net, residue=residue)
    sizes = list(islice(found.tiles, 9))
    image = sizes[-1]
    whole = run(net, signal(image, seed))[0]
    assert found.outputs(image) == len(whole)
    cut = differ = 0
    for tile in sizes[:4]:
        outputs: list[int] = []
        for part in found.plan(image, tile):
            inputs = [signal(image, seed)[0][part.input.start : part.input.stop]]
            given = run(net, inputs)[0]
            kept = given[part.cut[0] : len(given) - part.cut[1]]
            assert part.output.start == len(outputs)
            assert kept == whole[part.output.start : part.output.stop]
            outputs += kept
            if part.input.start:
                # what is cut at the beginning, as far as the halo goes
                at = part.output.start - part.cut[0]
                for i in range(found.halo[0]):
                    cut += 1
                    differ += given[i] != whole[at + i]
        assert outputs == whole
    return cut, differ


@pytest.mark.parametrize("seed", range(150))
def test_tiles_give_the_whole(seed):
    net = random_net(random.Random(seed))
    if valid(net, "n").inputs.finite:
        with pytest.raises(SolverError, match="from some size on"):
            tiling(net)
    else:
        check(net, seed)


def test_the_halo_is_needed():
    """Nearly every output that is cut off is another one: halos are no larger than they must be."""
    cut = differ = 0
    for seed in range(150):
        try:
            more = check(random_net(random.Random(seed)), seed)
        except SolverError:
            continue
        cut, differ = cut + more[0], differ + more[1]
    assert cut > 500
    assert differ > 0.8 * cut


@pytest.mark.parametrize("seed", range(150))
def test_margins_around_blocks_that_start_and_end_at_multiples(seed):
    """What a tile with rounded margins gives of its middle is what the whole gives there."""
    net = random_net(random.Random(seed))
    if valid(net, "n").inputs.finite:
        return
    found = tiling(net)
    # What is cut and how far is read are two counts, which end at the same multiple.
    reach = floor(found.offset[0] - found.margin[0])
    assert found.rounded[0] == found.offset[0] - reach // found.multiple * found.multiple
    start = (ceil(found.rounded[0] - found.offset[0]) // found.multiple + 1) * found.multiple
    front = start + found.offset[0] - found.rounded[0]
    lost, behind = found.short * found.jump, found.rounded[1] - found.offset[1]
    ends = (start + i * found.multiple for i in range(1, 2000))
    assert (lost + behind).denominator == front.denominator == 1
    end = next(end for end in ends if int(end + lost + behind - front) in found.tiles)
    back = end + lost + behind
    image = next(size for size in found.tiles if size > back)
    values = signal(image, seed)[0]
    whole = run(net, [values])[0]
    tile = run(net, [values[int(front) : int(back)]])[0]
    first, last, moved = (int(x / found.jump) for x in (start, end, front))
    assert last > first
    assert tile[first - moved : last - moved] == whole[first:last]


@pytest.mark.parametrize("seed", range(60))
def test_margins_are_as_far_as_is_read(seed):
    """By the positions that outputs read, at both ends of an image."""
    net = random_net(random.Random(seed))
    if valid(net, "n").inputs.finite:
        return
    found = tiling(net)
    size = next(islice(found.tiles, 6, None))
    count = found.outputs(size)
    span = fields(net, size).of(net.outputs[0], "n").span
    reads = [span.reads(y) for y in range(count)]
    assert found.margin[0] == found.offset[0] - min(r[0] for r in reads if r)
    assert found.margin[1] == found.offset[1] + max(r[-1] for r in reads if r) + 1 - size
    assert sum(found.offset) == size - found.jump * count


def test_tiles_by_their_numbers():
    """Many tiles are no list: one is worked out from its number, as the plan has it."""
    found = tiling(trace(unet(1), axes=1))
    for size, tile in ((400, 100), (100, 100), (64, 100), (404, 48)):
        plan = found.plan(size, tile)
        assert found.number(size, tile) == len(plan)
        assert [found.at(size, tile, i) for i in range(len(plan))] == plan
        ends = [part.input for part in plan]
        filled = all(b.start - a.start == found.step(tile) for a, b in pairwise(ends))
        assert (found.filled(size, tile) == (size,)) == (filled and size >= tile)
        for other in found.filled(size, tile):
            steps = {b.input.start - a.input.start for a, b in pairwise(found.plan(other, tile))}
            assert steps <= {found.step(tile)}
    with pytest.raises(SolverError, match="tiles have numbers"):
        found.at(400, 100, -1)
    with pytest.raises(LimitError, match="tiles are listed"):
        found.plan(4 * 10**12, 100)
    assert found.at(4 * 10**12, 100, 10**10).input.start == 10**10 * found.step(100)


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("padding", [0, 1])
def test_unets(padding, depth):
    net = trace(unet(padding, depth), axes=1)
    check(net, 7)
    found = tiling(net)
    assert found.multiple == 2**depth
    # each level adds what its convolutions reach, doubled at every level below
    halo = {1: 7, 2: 19}[depth]
    assert found.halo == ((halo, halo) if padding else (0, 0))
    assert found.overlap == {(1, 0): 14, (1, 1): 14, (2, 0): 36, (2, 1): 40}[depth, padding]


def test_every_residue_of_padding_that_depends_on_n():
    def net(x):
        for _ in range(2):
            x = layer("keras", "Conv1D", kernel_size=3, strides=2, padding="same")(x)
        return x

    traced = trace(net, axes=1)
    assert tiling(traced).multiple == 4
    halos = []
    for residue in range(4):
        check(traced, residue, residue)
        halos.append(tiling(traced, residue=residue).halo)
    assert halos == [(0, 1), (1, 1), (1, 1), (1, 1)]


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("residue", range(4))
def test_images_of_every_class(residue, padding):
    """An image that poolings drop elements of is cut into tiles of its own class."""
    net = trace(unet(padding), axes=1)
    if padding and residue:  # its branches meet at multiples alone
        assert not tiling(net, residue=residue).tiles
    else:
        check(net, residue, residue)
        assert tiling(net, residue=residue).residue == residue


def test_published():
    """The original U-Net's overlap-tile strategy: 184 elements are lost, and nothing is cut."""

    def double(x):
        return Conv(3)(Conv(3)(x))

    def original(x):
        skips = []
        for _ in range(4):
            x = double(x)
            skips.append(x)
            x = MaxPool(2)(x)
        x = double(x)
        for skip in reversed(skips):
            x = ConvTranspose(2, stride=2)(x)
            x = double(concat(crop(skip, like=x), x))
        return x

    found = tiling(trace(original))
    assert (found.multiple, found.residue, found.halo) == (16, 12, (0, 0))
    assert found.overlap == 188  # 184, and what is left of a multiple of 16
    assert (found.offset, found.margin, found.rounded) == ((92, 92), (92, 92), (92, 96))
    assert found.latent == 16
    assert bioimage(trace(original)) == {"min": 188, "step": 16, "halo": 0}
    assert torch_export_dim(trace(original), 1000, exact=True).splitlines()[:2] == [
        '_h = Dim("_h", min=11, max=61)',
        "h = 16*_h + 12",
    ]
    resnet = tiling(network("resnet_v1_50"))
    assert resnet.multiple == 32
    assert (resnet.jump, resnet.residue) == (32, 0)


def test_export_text():
    """Every line is a definition or a derived dimension a*_n + b, and all its sizes are valid."""
    net = trace(lambda x: concat(x, upsample(MaxPool(2)(x), 2)))
    text = torch_export_dim(net)
    assert re.fullmatch(r'(_\w = Dim\("_\w", min=\d+\)\n\w = \d+\*_\w( \+ \d+)?\n?)+', text)
    several = trace(lambda x: concat(x, upsample(MaxPool(3, 3)(x), 3)), axes=1)
    assert torch_export_dim(several) == '_n = Dim("_n", min=1)\nn = 3*_n'
    with pytest.raises(SolverError, match="no valid size of h is in these bounds"):
        torch_export_dim(trace(Conv(9)), 5)
    with pytest.raises(SolverError, match="without end"):
        torch_export_dim(trace(lambda x: x + Conv(3)(x), axes=1))
    for size in range(8, 80, 2):
        assert size in valid(net, "h").inputs


def test_what_has_no_tiles():
    with pytest.raises(SolverError, match="only a part"):
        tiling(trace(lambda x: linear(flatten(global_pool(x)), 3)))
    with pytest.raises(SolverError, match="normalization"):
        tiling(trace(lambda x: Conv(3)(pointwise(x, "InstanceNorm2d"))))
    found = tiling(trace(Conv(3, padding=1), axes=1))
    with pytest.raises(SolverError, match="sizes that tiles may have"):
        found.plan(20, 2)


@pytest.mark.parametrize("seed", range(40))
def test_bioimage_sizes_are_valid(seed):
    net = random_net(random.Random(seed))
    try:
        found = bioimage(net)
    except SolverError:
        return
    accepted = valid(net, "n").inputs
    for i in range(20):
        size = found["min"] + i * found["step"]
        assert size in accepted
        assert net.at(size).shapes[net.outputs[0]][2].number > 2 * found["halo"]
    smaller = found["min"] - found["step"]
    if smaller > 0 and smaller in accepted:  # the first that has outputs left
        assert net.at(smaller).shapes[net.outputs[0]][2].number <= 2 * found["halo"]


def test_tiles_of_outputs_that_read_nothing():
    """Every window of the convolution falls between two elements that the first layer spreads."""
    found = tiling(trace(lambda x: Conv(2, 3, 1, 3)(ConvTranspose(1, 3)(x)), axes=1))
    assert found.margin == (0, 0)
    plan = found.plan(40, 10)
    assert [y for tile in plan for y in tile.output] == [*range(39)]
