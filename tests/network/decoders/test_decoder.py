"""Decoders give n back: every n of a long range, by formulas written out here."""

from __future__ import annotations

import random

import pytest

from solver import (
    AvgPool,
    Conv,
    ConvTranspose,
    MaxPool,
    SolverError,
    add,
    concat,
    decoders,
    pad,
    repair,
    trace,
)
from solver.frameworks import layer
from solver.layers.own_layer import OwnLayer
from solver.sizes.sizemap import IDENTITY
from solver.sizes.sizeset import SizeSet


def after(each, n: int) -> int:
    """The size after a layer of one axis, by the formulas of its framework; -1 where refused."""
    if not isinstance(each, OwnLayer):
        if each.name.startswith("Upsample"):
            factor = each.arguments["scale_factor"]
            return n * (factor if isinstance(factor, int) else factor[0])
        begin, end = each.arguments["pad"][:2]
        cut = min(begin, 0) + min(end, 0)  # PyTorch pads after cropping
        return n + begin + end if n + cut >= 0 else -1
    if n < 1:
        return -1
    k, s, d = (v if isinstance(v, int) else v[0] for v in _numbers(each))
    padding = each.padding if isinstance(each.padding, int) else each.padding[0]
    lo, hi = (padding, padding) if isinstance(padding, int) else padding
    span = d * (k - 1) + 1
    if isinstance(each, ConvTranspose):
        a = each.output_padding if isinstance(each.output_padding, int) else each.output_padding[0]
        assert 0 <= a < max(s, d)
        return (n - 1) * s - lo - hi + span + a
    if getattr(each, "ceil_mode", False):
        out = -(-(n + lo + hi - span) // s) + 1
        return max(out - ((out - 1) * s >= n + lo), -1) or -1
    return (n + lo + hi - span) // s + 1 if n + lo + hi >= span else -1


def _numbers(each):
    return each.kernel_size, each.stride, getattr(each, "dilation", 1)


def run(layers, n: int) -> int:
    for each in layers:
        n = after(each, n)
        if n < 0 or (n == 0 and isinstance(each, OwnLayer)):
            return 0
    return n


def random_encoder(draw: random.Random) -> list:
    found = []
    for _ in range(draw.randint(1, 6)):
        kind = draw.randrange(6)
        s, d = draw.choice([1, 2, 2, 3, 4, 5]), draw.choice([1, 1, 1, 2, 3])
        k = draw.randint(1, 2 * s + 2)
        if kind < 3:
            p = draw.choice([0, k // 2, draw.randint(0, 4)])
            padding = p if draw.random() < 0.7 else ((draw.randint(0, 3), draw.randint(0, 3)),)
            found.append(Conv(k, s, padding, d))
        elif kind == 3:
            found.append(MaxPool(k, s, draw.randint(0, k // 2), d, draw.random() < 0.6))
        elif kind == 4:
            found.append(AvgPool(k, s, draw.randint(0, k // 2), draw.random() < 0.6))
        else:
            ends = (draw.randint(-2, 3), draw.randint(-2, 3))
            found.append(layer("torch", "pad", pad=ends))
    if not any(isinstance(each, OwnLayer) for each in found):
        found.append(Conv(2, 2))
    return found


def network_of(layers):
    def through(x):
        for each in layers:
            x = each(x)
        return x

    return trace(through, axes=1)


@pytest.mark.parametrize("seed", range(300))
def test_every_decoder_gives_back_what_it_says_and_nothing_else(seed):
    draw = random.Random(seed)
    layers = random_encoder(draw)
    found = decoders(network_of(layers))
    assert found, layers
    total = 1
    for each in layers:
        total *= each.stride if isinstance(each, OwnLayer) else 1
    for n in range(1, min(3 * total, 900) + 60):
        m = run(layers, n)
        for each in found:
            if each.per_call:
                assert (n in each.inputs[0]) == (m > 0)
                if m:
                    assert _by_rules(each, m, n) == n, (layers, each.form, n)
            else:
                back = m and run(each.layers, m)
                assert (back == n) == (n in each.inputs[0]), (layers, str(each), n, m)


def _by_rules(each, m: int, n: int) -> int:
    """The size that comes back with the rule of each layer, which must be legal."""
    if each.form == "resize":
        for (rule,), conv in zip(each.per_call, each.layers[1::2], strict=True):
            m = after(conv, rule.size(n))
        return m
    for (rule,), one in zip(each.per_call, each.layers, strict=True):
        m = after(one, m)
        if isinstance(one, ConvTranspose):
            assert 0 <= rule(n) < max(one.stride, 1)
            m += rule(n)
        assert m == rule.size(n)
    return m


@pytest.mark.parametrize("seed", range(100))
def test_an_asked_size_is_given_back(seed):
    draw = random.Random(1000 + seed)
    layers = random_encoder(draw)
    sizes = [n for n in range(1, 400) if run(layers, n)]
    if not sizes:
        pytest.skip("its kernels need more")
    n = draw.choice(sizes)
    found = decoders(network_of(layers), n)
    fixed = [each for each in found if not each.per_call]
    assert {each.form for each in fixed} >= {"mirrored", "upsample"}
    for each in fixed:
        assert run(each.layers, run(layers, n)) == n
    assert len({each.form for each in found if each.per_call}) >= 1


CODECS = {
    "EnCodec": (2, 4, 5, 8),
    "SoundStream": (2, 4, 5, 8),
    "DAC": (2, 4, 8, 8),
    "odd": (3, 5, 7),
}


@pytest.mark.parametrize("strides", CODECS.values(), ids=CODECS)
@pytest.mark.parametrize("up", [0, 1], ids=["s // 2", "ceil(s / 2)"])
def test_audio_codecs(strides, up):
    """Kernel 2s with half the stride as padding: the mirror is off, the answer is not."""
    layers = [Conv(2 * s, s, (s + up) // 2) for s in strides]
    total = 1
    for s in strides:
        total *= s
    found = decoders(network_of(layers), where=SizeSet(total, [0]))
    assert {each.form for each in found} >= {"mirrored", "upsample", "single", "resize"}
    for each in found:
        for n in range(total, 20 * total, total):
            m = run(layers, n)
            if not m:
                assert n not in each.inputs[0]
                continue
            back = _by_rules(each, m, n) if each.per_call else run(each.layers, m)
            assert back == n
    plain = [ConvTranspose(2 * s, s, (s + up) // 2) for s in strides[::-1]]
    fixed = next(each for each in found if each.form == "mirrored" and not each.per_call)
    n = 7 * total
    assert fixed.returned == (run(plain, run(layers, n)) - n,)


@pytest.mark.parametrize("strides", CODECS.values(), ids=CODECS)
@pytest.mark.parametrize("up", [0, 1])
@pytest.mark.parametrize("extra", [0, 1])
def test_a_codec_is_repaired(strides, up, extra):
    """As users write it: output_padding = s % 2 or none, whatever the padding."""
    down = [Conv(2 * s, s, (s + up) // 2) for s in strides]
    back = [
        ConvTranspose(2 * s, s, (s + 1 - up) // 2, output_padding=extra * (s % 2))
        for s in strides[::-1]
    ]
    total = 1
    for s in strides:
        total *= s
    found = repair(network_of(down), network_of(back))
    for n in range(2 * total, 12 * total, total):
        assert run(found.layers, run(down, n)) == n
        assert n in found.inputs[0]
    n = 5 * total
    assert found.returned == (run(back, run(down, n)) - n,)
    same = all(x.padding == y.padding for x, y in zip(found.layers, back, strict=True))
    assert found.changes == 0 or found.returned != (0,) or not same or extra


@pytest.mark.parametrize("seed", range(60))
def test_a_random_decoder_is_repaired(seed):
    draw = random.Random(seed)
    strides = [draw.randint(1, 5) for _ in range(draw.randint(1, 4))]
    down = [Conv(draw.randint(s, 2 * s + 2), s, draw.randint(0, 2)) for s in strides]
    back = []
    for s in strides[::-1]:
        d = draw.choice([1, 1, 2])
        a = draw.randint(0, max(s, d) - 1)
        back.append(ConvTranspose(draw.randint(1, 2 * s + 2), s, draw.randint(0, 3), d, a))
    sizes = [n for n in range(2500) if run(down, n)]
    n = draw.choice(sizes)
    if any(each.size_map() == IDENTITY for each in (*down, *back)):
        return  # what keeps the size has no partner on the other side
    found = repair(network_of(down), network_of(back), n)
    assert run(found.layers, run(down, n)) == n


def test_mending_needs_the_strides_in_reverse():
    with pytest.raises(SolverError, match="the last one first"):
        repair(network_of([Conv(4, 2, 1), Conv(9, 3)]), network_of([ConvTranspose(4, 2, 1)]))


def test_dcgan():
    """The discriminator of DCGAN (kernel 4, stride 2, padding 1) is undone by its generator."""
    layers = [Conv(4, 2, 1) for _ in range(4)] + [Conv(4)]
    best = decoders(network_of(layers), 64)
    plain = next(each for each in best if each.form == "mirrored" and not each.per_call)
    assert [(each.kernel_size, each.stride, each.padding) for each in plain.layers] == [
        (4, 1, 0),
        *[(4, 2, 1)] * 4,
    ]
    assert plain.changes == 0
    assert str(plain.inputs[0]) == "n = 0 (mod 16), n >= 64"


def test_axes_with_kernels_of_their_own():
    net = trace(lambda x: Conv((3, 5), (2, 3), (1, 0))(x), channels=3)
    for each in decoders(net, (20, 30)):
        assert 20 in each.inputs[0]
        assert 30 in each.inputs[1]
        if not each.per_call:
            sizes = (10, 9)
            for one in each.layers:
                sizes = one.size(sizes)
            assert sizes == (20, 30)


def test_branches_are_one_way():
    def block(x):
        return add(Conv(1, 2, out_channels=8)(x), Conv(3, 2, 1, out_channels=8)(x))

    found = decoders(trace(lambda x: block(block(x)), channels=3), 32)
    assert found[0].layers[-1].out_channels == 3
    with pytest.raises(SolverError, match="one input"):
        decoders(trace(lambda x, y: concat(x, y), channels=(1, 1)))


def test_a_transposed_layer_inside_is_undone_by_a_window():
    layers = [Conv(3, 3), ConvTranspose(4, 2, 1), Conv(4, 4)]
    found = decoders(network_of(layers))
    assert any(isinstance(each, Conv) for each in found[0].layers)
    for each in found:
        if each.per_call:
            continue
        for n in range(1, 400):
            m = run(layers, n)
            assert (bool(m) and run(each.layers, m) == n) == (n in each.inputs[0])


def test_long_strides_cost_nothing():
    layers = [Conv(2 * s, s, s // 2) for s in (100, 101, 103, 107)]
    found = decoders(network_of(layers))
    assert found[0].every
    assert {each.inputs[0].modulus for each in found} == {1, 100 * 101 * 103 * 107}
    rule = found[-1].padding[0]
    assert rule.total(10**9 + 7) < 100 * 101 * 103 * 107


def test_the_padding_rule():
    layers = [Conv(4, 2, 1), Conv(10, 5, 3)]
    for each in decoders(network_of(layers)):
        rule = each.padding[0]
        for n in range(1, 300):
            size = n + rule.total(n)
            assert sum(rule.ends(n)) == rule.total(n)
            assert size in each.inputs[0]
            assert all(between not in each.inputs[0] for between in range(n, size))
        assert rule.most == each.inputs[0].modulus - 1


def test_padding_in_front_and_behind_is_counted():
    net = trace(lambda x: pad(Conv(4, 2)(pad(x, 1, 2)), -1, 0), axes=1)
    (fixed, *_) = (each for each in decoders(net) if not each.per_call)
    n = fixed.inputs[0].first(10)
    m = (n + 3 - 4) // 2 + 1 - 1
    assert run(fixed.layers, m) == n


def test_what_cannot_be_brought_back():
    from solver import flatten, global_pool

    with pytest.raises(SolverError, match="whole stride"):
        decoders(trace(global_pool))
    with pytest.raises(SolverError, match="keeps its axes"):
        decoders(trace(flatten))
    with pytest.raises(SolverError, match="must accept") as fault:
        decoders(network_of([Conv(7)]), 3)
    assert fault.value.right == "7"


@pytest.mark.live
@pytest.mark.parametrize("seed", range(25))
def test_the_code_runs_in_pytorch(seed):
    torch = pytest.importorskip("torch")
    draw = random.Random(seed)
    layers = [each for each in random_encoder(draw) if isinstance(each, OwnLayer)]
    net = network_of(layers)
    sizes = [n for n in range(1, 300) if run(layers, n)]
    if not layers or not sizes or max(v or 0 for v in map(_shrinks, layers)) == 0:
        return
    n = draw.choice(sizes)
    down = [n]
    for each in layers:
        down.append(after(each, down[-1]))
    for each in decoders(net, n):
        made = {}
        exec(each.code(), made)
        y = torch.zeros(1, 1, down[-1])
        if each.per_call:
            back = made["decode"](y, [(rule.size(n),) for (rule,) in each.per_call])
        else:
            back = made["model"](y)
        assert back.shape[2] == n, each.code()


def _shrinks(each) -> int:
    return int(each.size_map() != IDENTITY)


def test_a_layer_that_goes_up_along_one_axis_only_is_undone_along_the_other_too():
    """Along the other axis a transposed layer of stride 1 grows by d*(k - 1) less what it crops."""
    encoder = trace(
        lambda x: ConvTranspose((3, 4), stride=(2, 1), padding=(0, 1))(MaxPool((2, 3))(x))
    )
    best = decoders(encoder)[0]
    assert best.per_call
    for n in range(4, 40):
        values = dict.fromkeys(encoder.letters, n)
        if not encoder.runs(values):
            continue
        sizes = [dim.number for dim in encoder.at(values).shapes[-1][2:]]
        for axis, size in enumerate(sizes):
            for layer_of, rules in zip(best.layers, best.per_call, strict=True):
                k, s, a = (
                    numbers(value, axis)
                    for value in (
                        layer_of.kernel_size,
                        layer_of.stride,
                        getattr(layer_of, "output_padding", 0),
                    )
                )
                p = numbers(layer_of.padding, axis)
                lo, hi = (p, p) if isinstance(p, int) else p
                if isinstance(layer_of, ConvTranspose):
                    size = (size - 1) * s - lo - hi + k + a + rules[axis](n)
                else:
                    size = (size + lo + hi - k) // s + 1
            assert size == n, (axis, n)


def numbers(value, axis: int):
    """The value of one axis, of arguments that hold one for all or one for each."""
    if isinstance(value, int):
        return value
    return value[axis] if len(value) > axis else value[0]
