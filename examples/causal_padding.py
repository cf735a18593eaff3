"""Pad a stack of strided convolutions so that frames drop no sample and wait for none.

The padding of each convolution is unknown at both ends. Two sums say all of it, and the ways that
also drop no sample are checked by what the network reads.

Prints:
    102 causal ways, exactly those with
      b1 + e1 + 2*b2 + 2*e2 + 4*b3 + 4*e3 = 17
      14 <= b1 + 2*b2 + 4*b3 <= 17
    (0, 1) (1, 1) (3, 0)
    (2, 3) (0, 0) (3, 0)
    (2, 1) (2, 1) (2, 0)
"""

from solver import Conv, coverage, fill, pad, streaming, trace


def frames(x):
    for kernel_size, stride in ((4, 2), (4, 2), (3, 1)):
        x = Conv(kernel_size, stride)(pad(x, total="0..9:0..9"))
    return x


found = fill(trace(frames, axes=1), "ceil(n/4)", causal=True)
print(f"{found.count} causal ways, exactly those with")
for line in found.conditions:
    print(f"  {line}")

whole = fill(trace(frames, axes=1), "ceil(n/4)", causal=True, nothing_unread=True)
for way in whole.best(3):
    network = whole.network_of(way)
    assert streaming(network).causal
    assert not coverage(network, 101).unread
    print(*(layer.arguments["pad"][:2] for layer in way.values()))
