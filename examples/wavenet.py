"""WaveNet: ten causal layers that see 1024 samples and wait for none.

Each layer has two taps, twice as far apart as in the layer before. All its padding stands in front;
the same padding at both ends would wait for the future.

Prints:
    causal: n -> n, for n >= 1
        an output reads 1024 samples: 1023 before its own, 0 behind it
        three such stacks: 3070 samples
    centred: n -> n, for n >= 1
        an output reads 1024 samples: 511 before its own, 512 behind it
        three such stacks: 3070 samples
"""

from functools import partial

from solver import Conv, add, pointwise, trace


def wavenet(x, causal=True, stacks=1):
    x = Conv(1, out_channels=32)(x)
    skips = []
    for dilation in [2**i for i in range(10)] * stacks:
        ends = (dilation, 0) if causal else (dilation // 2, dilation - dilation // 2)
        both = Conv(2, dilation=dilation, padding=(ends,), out_channels=32)(x)
        gated = pointwise(both, "tanh") * pointwise(both, "sigmoid")
        skips.append(Conv(1, out_channels=64)(gated))
        x = x + Conv(1, out_channels=32)(gated)
    return Conv(1, out_channels=256)(pointwise(add(*skips)))


for causal in (True, False):
    net = trace(partial(wavenet, causal=causal), axes=1)
    out, stream = net.outputs[0], net.streaming()
    length = net.fields().of(out, "n").span.length
    print(f"{'causal' if causal else 'centred'}: n -> {net.formula()}, for {net.valid().inputs}")
    print(f"    an output reads {length} samples: {stream.context} before its own,", end=" ")
    print(f"{stream.look_ahead} behind it")
    deep = trace(partial(wavenet, causal=causal, stacks=3), axes=1)
    print(f"    three such stacks: {deep.fields().of(deep.outputs[0], 'n').span.length} samples")
