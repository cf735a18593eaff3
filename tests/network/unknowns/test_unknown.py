"""Unknown layers inside a network, against trying every layer with plain formulas."""

from __future__ import annotations

import random
from itertools import product

import pytest

from solver import (
    Conv,
    ConvTranspose,
    LimitError,
    MaxPool,
    SolverError,
    Tensor,
    add,
    concat,
    crop,
    fill,
    pad,
    solve,
    trace,
    valid,
)
from solver.spaces.choice import Choice


def conv(n: int, k: int, s: int, p: int, d: int = 1) -> int | None:
    free = n + 2 * p - d * (k - 1) - 1
    return free // s + 1 if free >= 0 else None


def up(n: int, k: int, s: int, p: int, a: int) -> int | None:
    size = (n - 1) * s - 2 * p + k + a
    return size if size > 0 and a < s else None


BOX = {"kernel_size": range(1, 5), "stride": range(1, 4), "padding": range(3)}


@pytest.mark.parametrize("seed", range(40))
def test_one_unknown_layer_between_known_ones(seed):
    source = random.Random(seed)
    before = (source.randint(1, 4), source.randint(1, 3), source.randint(0, 2))
    after = (source.randint(1, 4), source.randint(1, 3), source.randint(0, 2))
    n, wanted = source.randint(20, 60), source.randint(2, 12)
    net = trace(lambda x: Conv(*after)(Choice(Conv, **BOX)(Conv(*before)(x))), axes=1)
    expected = set()
    for layer in product(*BOX.values()):
        size: int | None = n
        for each in (before, layer, after):
            size = None if size is None else conv(size, *each)
        if size == wanted:
            expected.add(layer)
    found = fill(net, wanted, at=n)
    ways = [way["conv_2"] for way in found]
    assert {(w.kernel_size, w.stride, w.padding) for w in ways} == expected
    assert found.count == len(ways) == len(expected)
    assert bool(found) == bool(expected) == (found.reason is None)


@pytest.mark.parametrize("seed", range(20))
def test_two_unknown_layers_around_a_skip(seed):
    # the skip and what comes back up must meet: counted by trying all pairs
    source = random.Random(seed)
    n = source.randint(8, 40)
    box = {"kernel_size": range(1, 5), "stride": range(1, 4), "padding": range(2)}

    def net(x: Tensor) -> Tensor:
        down = Choice(Conv, **box)(x)
        back = Choice(ConvTranspose, **box, output_padding=range(2))(down)
        return add(x, back)

    expected = 0
    for layer in product(*box.values()):
        middle = conv(n, *layer)
        if middle is None:
            continue
        backs = (up(middle, *other, a) for other in product(*box.values()) for a in range(2))
        expected += sum(back in (n, 1) for back in backs)  # a size of 1 is repeated to meet any
    found = fill(trace(net, axes=1), at=n)
    assert found.count == expected == sum(1 for _ in found)


@pytest.mark.parametrize("seed", range(20))
def test_for_every_n_is_for_all_n_of_a_long_range(seed):
    source = random.Random(seed)
    first = (source.randint(1, 4), source.randint(1, 3), source.randint(0, 2))
    target = source.choice(["n/2", "ceil(n/2)", "n", "floor(n/2)", "n/4", "ceil(n/4)", "n - 2"])
    net = trace(lambda x: Choice(Conv, **BOX)(Conv(*first)(x)), axes=1)
    values = {
        "n/2": lambda n: n // 2 if n % 2 == 0 else None,
        "n/4": lambda n: n // 4 if n % 4 == 0 else None,
        "ceil(n/2)": lambda n: -(-n // 2),
        "ceil(n/4)": lambda n: -(-n // 4),
        "floor(n/2)": lambda n: n // 2,
        "n": lambda n: n,
        "n - 2": lambda n: n - 2,
    }
    expected = {
        layer
        for layer in product(*BOX.values())
        if all(
            values[target](n) in (None, conv(conv(n, *first) or 0, *layer)) for n in range(40, 120)
        )
    }
    found = fill(net, target)
    assert {(w["conv_2"].kernel_size, w["conv_2"].stride, w["conv_2"].padding) for w in found} == (
        expected
    )


def test_how_much_must_be_padded_in_front_of_wav2vec2():
    def extractor(x: Tensor) -> Tensor:
        x = pad(x, total=range(1000))
        for k, s in zip((10, 3, 3, 3, 3, 2, 2), (5, 2, 2, 2, 2, 2, 2), strict=True):
            x = Conv(k, s)(x)
        return x

    found = fill(trace(extractor, axes=1), "floor(n/320)")
    assert found.count == 1
    (layer,) = found[0].values()
    assert layer.arguments["pad"] == (40, 40)
    filled = found.network_of(found[0])
    assert str(filled.sizes(filled.outputs[0])[2]) == "floor(n/320)"


def test_a_unet_finds_its_own_way_up():
    def unet(x: Tensor) -> Tensor:
        skips = []
        for _ in range(3):
            x = Conv(3, padding=1)(x)
            skips.append(x)
            x = MaxPool(2)(x)
        for skip in reversed(skips):
            x = Choice(ConvTranspose, range(1, 6), 2, range(3), output_padding=range(2))(x)
            x = concat(skip, x)
        return x

    found = fill(trace(unet, axes=1), "n", where="n % 8 == 0")
    per_level = sum(k - 2 * p + a == 2 for k in range(1, 6) for p in range(3) for a in range(2))
    assert found.count == per_level**3
    best = found[0]
    assert set(best.values()) == {ConvTranspose(2, stride=2)}
    assert str(valid(found.network_of(best)).inputs) == "n = 0 (mod 8)"
    assert fill(trace(unet, axes=1), "n").reason is not None


def test_tensors_meet_by_name():
    def net(x: Tensor) -> Tensor:
        left = Choice(Conv, 3, 2, range(3))(x).named("left")
        MaxPool(2)(x).named("right")
        return left

    found = fill(trace(net, axes=1), meet=[("left", "right")], where="n % 2 == 0")
    assert [way["left"].padding for way in found] == [1]


BOXES = {
    Conv: {"dilation": range(1, 3)},
    ConvTranspose: {"dilation": range(1, 3), "output_padding": range(2)},
    MaxPool: {},
}
ASKED = [(32, 16), (31, 15), (16, 32), (7, 1), ("n", "ceil(n/2)"), ("n", "n/2"), ("n", "2n")]


@pytest.mark.parametrize("operation", BOXES)
@pytest.mark.parametrize(("n", "wanted"), [*ASKED, ("n", "n")])
def test_one_layer_alone_comes_in_the_order_of_solve(operation, n, wanted):
    box = {"kernel_size": range(1, 8), "stride": range(1, 5), "padding": range(4)}
    box |= BOXES[operation]
    found = fill(
        trace(lambda x: Choice(operation, **box)(x), axes=1), wanted, at=None if n == "n" else n
    )
    words = {name: f"{values[0]}..{values[-1]}" for name, values in box.items()}
    ways = [layer for way in found for layer in way.values()]
    assert ways == list(solve(operation, n, wanted, **words))


def test_several_layers_come_by_the_sum_of_what_ranks_them():
    def net(x):
        return Choice(Conv, range(1, 8), 2, range(4))(Choice(Conv, range(1, 8), 1, range(4))(x))

    standard = {"conv_1": Conv(3, padding=1), "conv_2": Conv(3, stride=2, padding=1)}
    assert fill(trace(net, axes=1), "ceil(n/2)").best() == [standard]
    gaps = fill(trace(net, axes=1), 16, at=32)
    kernels = [min(layer.kernel_size for layer in way.values()) for way in gaps]
    assert gaps.best() == [standard]
    assert kernels == sorted(kernels, key=lambda k: k == 1)


def test_faults():
    with pytest.raises(SolverError, match="no layer of this network is unknown"):
        fill(trace(Conv(3)), 7, at=9)
    net = trace(lambda x: Choice(Conv, 3)(x))
    with pytest.raises(SolverError, match="no node of this name"):
        fill(net, 7, at=9, node="convv")
    with pytest.raises(LimitError):
        fill(trace(lambda x: pad(pad(x, total=range(10**9)), total=range(9))), 7, at=9)


def test_crops_choose_too():
    net = trace(lambda x: crop(x, like=Choice(Conv, range(1, 9))(x)), axes=1)
    assert fill(net, "n - 4").best() == [{"conv_1": Conv(5)}]
