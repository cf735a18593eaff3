"""How long a neural codec waits: the algorithmic latency, a block and its look-ahead.

Strides of 2, 4, 5 and 8, padded in front alone and at both ends, at 24,000 samples per second.
Prints:
    causal: 320 samples, 13.33 ms: a block of 320, look-ahead 0, unseen 319
    centred: 509 samples, 21.21 ms: a block of 320, look-ahead 189, unseen 508
"""

from solver import Conv, streaming, trace


def encoder(causal):
    def run(x):
        for s in (2, 4, 5, 8):
            ends = (s, 0) if causal else (s // 2, s - s // 2)
            x = Conv(2 * s, stride=s, padding=(ends,))(x)
        return x

    return trace(run, axes=1)


for name, causal in (("causal", True), ("centred", False)):
    found = streaming(encoder(causal))
    samples = found.algorithmic_latency
    waits = f"{name}: {samples} samples, {1000 * samples / 24000:.2f} ms"
    parts = f"a block of {found.hop}, look-ahead {found.look_ahead}, unseen {found.unseen}"
    print(f"{waits}: {parts}")
