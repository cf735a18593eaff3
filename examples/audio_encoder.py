"""A causal encoder of sound: a frame every 20 ms, from 25 ms at most, no sample left out.

Prints:
    282 encoders; 37,760 if they may read more than 25 ms
    floor(n/320) [(6, 5), (9, 8), (9, 8)]
    floor(n/320) [(9, 8), (6, 5), (9, 8)]
"""

from solver import Choice, Conv, repeat, search

layer = Choice(Conv, "s + 1..2*s", stride={2, 4, 5, 8}, padding="k - s:0")
limits = {"receptive_field": "..25ms", "gaps": False, "causal": True}
found = search(repeat(layer, "3..7"), "n", "floor(n/320)", axes=1, rate=16000, **limits)
wider = found.without["receptive_field"]
print(f"{found.count} encoders; {wider:,} if they may read more than 25 ms")
for encoder in found.best(2, by="parameters + 2*depth"):
    print(encoder.formula, [(layer.kernel_size, layer.stride) for layer in encoder])
