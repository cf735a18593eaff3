"""What outputs read, phase by phase: against positions that are followed, and against Jacobians."""

from __future__ import annotations

import pytest
from graphs import Draw

from solver import (
    Conv,
    ConvTranspose,
    LimitError,
    MaxPool,
    SolverError,
    concat,
    flatten,
    global_pool,
    linear,
    taps,
    trace,
)
from solver.network.fields.field import fields
from solver.network.fields.taps import pattern


def elements(found, y):
    """What output y reads: that of its phase, moved."""
    turns, phase = divmod(y, found.period)
    runs = found.phases[phase].read
    return [x + turns * found.rise for run in runs for x in run]


@pytest.mark.parametrize("seed", range(150))
def test_against_positions(seed):
    size = 9 + seed % 17
    graph = Draw(seed, size, rare=seed % 3 == 0).graph()
    at = len(graph.places) - 1
    if fields(graph.network, size).of(at, "n").span is None:
        with pytest.raises(SolverError, match="no span"):
            taps(graph.network, output=at, sizes=size)
        return
    found = taps(graph.network, output=at, sizes=size)
    for y in range(-found.period, 2 * found.period):
        assert elements(found, y) == sorted(graph.positions(at, y)), y
    for phase in found.phases:
        read = sorted(graph.positions(at, phase.phase))
        assert phase.taps == len(read)
        assert phase.span == (read[-1] - read[0] + 1 if read else 0)
        assert phase.holes == len({*range(read[0], read[-1])} - {*read} if read else ())


def test_that_positions_have_holes_and_phases():
    """The graphs above are of every kind: with holes and without, of one phase and of several."""
    seen = set()
    for seed in range(150):
        size = 9 + seed % 17
        graph = Draw(seed, size, rare=seed % 3 == 0).graph()
        try:
            found = taps(graph.network, output=len(graph.places) - 1, sizes=size)
        except SolverError:
            continue
        seen.add((found.holes, len({*found.counts}) > 1))
    assert seen == {(False, False), (False, True), (True, False), (True, True)}


def read_by_hand(k, s, p, d, y):
    """The inputs x with a tap t that x scatters to y: x*s - p + d*t = y."""
    return sorted({(y + p - d * t) // s for t in range(k) if (y + p - d * t) % s == 0})


@pytest.mark.parametrize("k", range(1, 8))
@pytest.mark.parametrize("s", range(1, 5))
@pytest.mark.parametrize("d", [1, 2, 3])
def test_transposed_kernels_even_and_odd(k, s, d):
    """One layer, along one axis and along two: a tap for each pair of taps."""
    p = (k - 1) // 2
    net = trace(ConvTranspose(k, stride=s, padding=p, dilation=d))
    found = taps(net)
    assert s % found.period == 0
    for y in range(2 * s):
        assert elements(found, y) == read_by_hand(k, s, p, d, y)
    both = pattern(fields(net), 1, {"h": s, "w": s})
    for (i, j), count in both.items():
        assert count == len(read_by_hand(k, s, p, d, i)) * len(read_by_hand(k, s, p, d, j))
    assert len(both) == s * s


def test_two_axes_are_told_together_where_they_are_a_block():
    def cross(x):
        tall = Conv((3, 1), padding=(1, 0))(x)
        wide = Conv((1, 3), padding=(0, 1))(x)
        return concat(tall, wide)

    found = fields(trace(cross))
    assert pattern(found, found.network.outputs[0], {"h": 1, "w": 1}) == {}
    # A branch that lies inside of another one adds nothing.
    nested = trace(lambda x: concat(Conv(3, padding=1)(x), Conv(5, padding=2)(x)))
    assert pattern(fields(nested), nested.outputs[0], {"h": 1, "w": 1}) == {(0, 0): 25}
    up = trace(lambda x: ConvTranspose((3, 4), stride=2)(Conv(3)(x)))
    assert pattern(fields(up), 2, {"h": 2, "w": 2}) == {
        (0, 0): 4 * 4,
        (0, 1): 4 * 4,
        (1, 0): 3 * 4,
        (1, 1): 3 * 4,
    }


def test_gridding():
    """Dilations that share a factor leave a grid; the usual 1, 2, 5 do not."""

    def dilated(*rates):
        return trace(lambda x: [x := Conv(3, dilation=d)(x) for d in rates][-1], axes=1)

    even = taps(dilated(2, 2, 2))
    assert (even.phases[0].span, even.phases[0].taps, even.phases[0].holes) == (13, 7, 6)
    assert not taps(dilated(1, 2, 5)).holes
    assert taps(dilated(1, 2, 9)).holes


def test_what_has_no_taps():
    with pytest.raises(SolverError, match="everything"):
        taps(trace(lambda x: linear(flatten(global_pool(x)), 3)))
    with pytest.raises(SolverError, match="no input has this letter"):
        taps(trace(Conv(3)), "q")
    with pytest.raises(LimitError, match="told apart"):
        taps(trace(ConvTranspose(3, stride=2000), axes=1))
    assert taps(trace(MaxPool(2), axes=1), residue=1).counts == (2,)


@pytest.mark.live
@pytest.mark.parametrize("seed", range(12))
def test_jacobians(seed):
    """Where the derivative of an output is not 0, there it reads; along two axes at once."""
    torch = pytest.importorskip("torch")
    nn = torch.nn
    k, s, d = 1 + seed % 5, 1 + seed % 3, 1 + seed % 2
    layers = [
        (Conv(3, dilation=d), nn.Conv2d(1, 1, 3, dilation=d)),
        (ConvTranspose(k, stride=s), nn.ConvTranspose2d(1, 1, k, stride=s)),
        (Conv(2, stride=1 + seed % 2), nn.Conv2d(1, 1, 2, stride=1 + seed % 2)),
    ]
    layers = layers[seed % 3 :] + layers[: seed % 3]
    module = nn.Sequential(*(layer for _, layer in layers)).double()
    for parameter in module.parameters():
        nn.init.constant_(parameter, 1.0)
    net = trace(lambda x: [x := layer(x) for layer, _ in layers][-1])
    found, size = taps(net), 31
    image = torch.zeros(1, 1, size, size, dtype=torch.double, requires_grad=True)
    out = module(image)[0, 0]
    counts = pattern(fields(net), net.outputs[0], {"h": found.period, "w": found.period})
    places = range(out.shape[0])
    middle = [y for y in places if all(0 <= x < size for x in elements(found, y))][
        : 2 * found.period
    ]
    assert len(middle) == 2 * found.period
    for i in middle:
        for j in middle:
            (grad,) = torch.autograd.grad(out[i, j], image, retain_graph=True)
            rows, columns = grad[0, 0].nonzero(as_tuple=True)
            assert sorted({*rows.tolist()}) == (elements(found, i) if len(rows) else [])
            assert sorted({*columns.tolist()}) == (elements(found, j) if len(rows) else [])
            assert len(rows) == counts[i % found.period, j % found.period]
