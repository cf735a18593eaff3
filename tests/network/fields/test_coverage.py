"""What outputs read and what none reads: against sets propagated by hand, for every size."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from cli_fixtures import bounded
from graphs import Draw
from published_networks import network

from solver import (
    AvgPool,
    Conv,
    ConvTranspose,
    MaxPool,
    SizeError,
    SolverError,
    concat,
    flatten,
    global_pool,
    linear,
    split,
    trace,
    upsample,
)
from solver.frameworks import layer
from solver.network.fields.coverage import coverage
from solver.network.fields.unread import unread
from solver.network.graph.slicing import Slice


@pytest.mark.parametrize("seed", range(120))
def test_against_sets_by_hand(seed):
    size = 6 + seed % 19
    graph = Draw(seed, size, rare=seed % 2 == 1).graph()
    last = len(graph.places) - 1
    everything: set[int] = set()
    for y in range(graph.places[last].size):
        read = graph.elements(last, y)
        found = coverage(graph.network, size, at=last, output=y)
        assert [x for run in found.read for x in run] == sorted(read)
        everything |= read
    found = coverage(graph.network, size, at=last)
    assert [x for run in found.unread for x in run] == sorted(set(range(size)) - everything)


def random_net(draw: random.Random):
    def part():
        word = draw.choice(("conv", "conv", "pool", "ceil", "same", "up", "crop"))
        k, s = draw.randint(1, 4), draw.randint(1, 3)
        if word == "conv":
            return Conv(k, stride=s, padding=draw.randint(0, 2), dilation=draw.randint(1, 2))
        if word == "pool":
            return MaxPool(k, s)
        if word == "ceil":
            return AvgPool(2, s, ceil_mode=True)
        if word == "same":
            return layer("keras", "Conv1D", kernel_size=k, strides=s, padding="same")
        if word == "up":
            return ConvTranspose(k, stride=draw.randint(1, 2), padding=min(1, k // 2))
        return layer("torch", "pad", pad=[draw.randint(-1, 1), draw.randint(-1, 1)])

    parts = [part() for _ in range(draw.randint(1, 4))]
    beside = draw.random() < 0.4

    def run(x):
        if beside:
            x = concat(x, upsample(MaxPool(2)(x), 2))
        for each in parts:
            x = each(x)
        return x

    return trace(run, axes=1)


@pytest.mark.parametrize("seed", range(120))
def test_patterns_hold_at_every_size(seed):
    """Every size from `least` on, far beyond the one that a pattern was read off."""
    net = random_net(random.Random(seed))
    found = unread(net)
    by_residue = {p.residue: p for p in found.patterns}
    checked = 0
    for n in range(1, 150):
        try:
            exact = coverage(net, n)
        except SizeError:
            continue
        modulus = found.patterns[0].modulus
        pattern = by_residue.get(n % modulus)
        assert pattern is not None
        if n >= pattern.least:
            assert pattern.unread(n) == [x for run in exact.unread for x in run]
            checked += 1
    assert checked > 30


def test_what_strides_drop():
    net = trace(lambda x: MaxPool(2)(MaxPool(2)(x)), axes=1)
    assert str(unread(net)).splitlines() == [
        "n = 0 (mod 4): every element is read",
        "n = 1 (mod 4), n >= 5: never read is the last",
        "n = 2 (mod 4), n >= 6: never read is the last 2",
        "n = 3 (mod 4), n >= 7: never read is the last 3",
    ]
    assert str(unread(trace(Conv(3, padding=1)), "w")) == "every w: every element is read"
    net = trace(lambda x: Conv(2, stride=4)(x), axes=1)
    assert [p.unread(10) for p in unread(net).patterns if p.residue == 2] == [[2, 3, 6, 7]]
    assert {p.margins for p in unread(net).patterns if p.residue > 1} == {(0, 0)}
    assert str(coverage(net, 10)) == "n = 10: never read is 2..3, 6..7"


def test_parts_and_everything():
    assert not coverage(trace(lambda x: global_pool(MaxPool(2)(x)), axes=1), 8).unread
    assert coverage(trace(lambda x: global_pool(MaxPool(2)(x)), axes=1), 9).unread == (range(8, 9),)
    head = trace(lambda x: linear(flatten(MaxPool(2)(x)), 10))
    assert coverage(head, 7, "w").unread == (range(6, 7),)
    net = trace(lambda x: split(x, 2, axis=2)[1], axes=1)
    assert coverage(net, 6).read == (range(3, 6),)
    net = trace(lambda x: concat(Conv(1, stride=3)(x), x, axis=2), axes=1)
    assert coverage(net, 7, output=1).read == (range(3, 4),)
    assert coverage(net, 7, output=4).read == (range(1, 2),)
    first = trace(lambda x: x.then(Slice(2, 0, 3)), axes=1)
    with pytest.raises(SolverError, match="in step"):
        unread(first)
    with pytest.raises(SolverError, match="has a position"):
        coverage(first, 7, output=3)
    with pytest.raises(SolverError, match="letter"):
        coverage(first, 7, "w")


@pytest.mark.parametrize("mode", ["circular", "reflect", "replicate"])
@pytest.mark.parametrize("n", range(3, 9))
def test_padding_that_repeats(mode, n):
    """What it repeats is read: a stride over a padded input meets other elements there."""
    conv = layer("torch", "Conv1d", kernel_size=1, stride=2, padding=1, padding_mode=mode)
    inside = {
        "circular": [n - 1, *range(n), 0],
        "reflect": [1, *range(n), n - 2],
        "replicate": [0, *range(n), n - 1],
    }[mode]
    read = set(inside[::2])
    net = trace(conv, axes=1)
    found = coverage(net, n)
    assert {x for run in found.read for x in run} == read
    pattern = next(p for p in unread(net).patterns if n % p.modulus == p.residue)
    if n >= pattern.least:
        assert set(pattern.unread(n)) == set(range(n)) - read


def test_large_inputs_and_deep_networks():
    net = network("resnet_v1_50")
    with bounded(10_000_000):
        assert coverage(net, (224, 10**6)).unread == ()
        assert len(unread(net, "h").patterns) in (1, 32)


RECORDED = Path(__file__).parents[2] / "data" / "torch_reads.jsonl"


def test_what_torch_reads():
    """Resizing, adaptive pooling, transposed layers and padding modes, by recorded gradients."""
    kinds = Counter()
    for line in RECORDED.read_text(encoding="utf-8").splitlines():
        name, given, n, reads = json.loads(line)
        net = trace(layer("torch", name, **given), axes=1)
        found = [coverage(net, n, output=y).read for y in range(len(reads))]
        assert [[x for run in runs for x in run] for runs in found] == reads, line
        kinds[name] += 1
    assert min(kinds.values()) >= 10
    assert sum(kinds.values()) > 250
