"""Look-ahead, latency and context: against what every output reads, position by position."""

from __future__ import annotations

import pytest
from graphs import Draw
from published_networks import wavenet

from solver import (
    AvgPool,
    Conv,
    ConvTranspose,
    SolverError,
    flatten,
    global_pool,
    linear,
    pad,
    trace,
    upsample,
)
from solver.frameworks import layer
from solver.network.fields.field import fields
from solver.network.fields.streaming import streaming


@pytest.mark.parametrize("seed", range(150))
def test_against_positions(seed):
    size = 9 + seed % 17
    graph = Draw(seed, size, rare=seed % 3 == 0).graph()
    at = len(graph.places) - 1
    span = fields(graph.network, size).of(at, "n").span
    if span is None:
        with pytest.raises(SolverError, match="no span"):
            streaming(graph.network, at, sizes=size)
        return
    found = streaming(graph.network, at, sizes=size)
    jump = graph.places[at].jump
    assert found.hop == jump * found.outputs
    ahead, latency, context = [], [], []
    for y in range(3 * found.outputs):
        read = graph.positions(at, y)
        if not read:
            continue
        start = y // found.outputs * found.hop
        ahead.append(max(read) - (start + found.hop - 1))
        latency.append(max(read) - int(jump * y))
        context.append(start - min(read))
    exact = tuple(max([0, *each]) for each in (ahead, latency, context))
    assert (found.look_ahead, found.latency, found.context) == exact
    # Every output is given when the samples of the algorithmic latency have come, and not before.
    given = [max(read) + 1 for y in range(found.outputs) if (read := graph.positions(at, y))]
    assert all(end <= found.algorithmic_latency for end in given)
    assert found.look_ahead == 0 or max(given) == found.algorithmic_latency
    assert found.unseen < found.algorithmic_latency


def test_wavenet():
    """Thirty dilated layers: a causal stack waits for nothing and keeps what it reads."""
    causal = streaming(wavenet(True))
    assert (causal.look_ahead, causal.latency, causal.context) == (0, 0, 3069)
    assert causal.causal
    centred = streaming(wavenet(False))
    assert (centred.look_ahead, centred.context) == (1536, 1533)
    assert not centred.causal
    assert centred.seconds(16000) == 0.096
    keras = trace(
        layer("keras", "Conv1D", kernel_size=3, dilation_rate=4, padding="causal"), axes=1
    )
    assert streaming(keras)[:5] == (1, 1, 0, 0, 8)


def test_codec():
    """Causal strides of 2, 4, 5 and 8, and back: blocks of 320 samples, none beyond."""

    def encoder(x):
        for s in (2, 4, 5, 8):
            x = Conv(2 * s, stride=s, padding=((s, 0),))(x)
        return x

    def codec(x):
        x = encoder(x)
        for s in (8, 5, 4, 2):
            x = pad(ConvTranspose(2 * s, stride=s)(x), 0, -s)
        return x

    frames = streaming(trace(encoder, axes=1))
    assert (frames.hop, frames.outputs, frames.look_ahead, frames.latency) == (320, 1, 0, 319)
    whole = streaming(trace(codec, axes=1))
    assert (whole.hop, whole.outputs, whole.look_ahead, whole.latency) == (320, 320, 0, 319)


def valid_length(depth, k, s, resample):
    """The samples that Demucs for speech takes for one frame, layer by layer, as its authors count.

    Défossez et al., Real Time Speech Enhancement in the Waveform Domain (2020), with 37 ms.
    """
    length = resample
    for _ in range(depth):
        length = max(-(-(length - k) // s) + 1, 1)
    for _ in range(depth):
        length = (length - 1) * s + k
    return -(-length // resample)


def demucs(x):
    x = upsample(x, 4)
    for layer_of in (Conv, ConvTranspose):
        for _ in range(5):
            x = layer_of(8, stride=4)(x)
    return AvgPool(4)(x)


def test_published_latencies():
    """Of 16,000 samples per second: a stride of 16 ms, 37 ms before a frame can be given."""
    found = streaming(trace(demucs, axes=1))
    assert found.algorithmic_latency == valid_length(5, 8, 4, 4) == 597
    assert (found.hop, found.look_ahead) == (256, 341)
    assert 1000 * found.hop / 16000 == 16
    assert int(1000 * found.algorithmic_latency / 16000) == 37


def test_padding_that_depends_on_the_size():
    net = trace(layer("keras", "Conv1D", kernel_size=3, strides=2, padding="same"), axes=1)
    assert streaming(net)[2:] == (1, 2, 0, "n = 0 (mod 2)")
    assert streaming(net, residue=1)[2:] == (0, 1, 1, "n = 1 (mod 2)")
    assert streaming(net, sizes=7)[2:] == (0, 1, 1, "n = 7")


def test_what_is_no_stream():
    head = trace(lambda x: linear(flatten(global_pool(x)), 3), axes=1)
    with pytest.raises(SolverError, match="everything"):
        streaming(head)
    with pytest.raises(SolverError, match="along a size"):
        streaming(head, letter="w")
