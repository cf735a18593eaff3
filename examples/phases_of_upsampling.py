"""What each output of an upsampling reads: odd kernels paint checkerboards, even ones do not.

Prints:
    kernel 3: taps (1, 2) by phase; in 2-D 1 2 / 2 4
    kernel 4: taps (2, 2) by phase; in 2-D 4 4 / 4 4
    dilations 2, 2: 5 of 9 elements are read, 4 holes
    dilations 1, 2: 7 of 7 elements are read, 0 holes
"""

from solver import Conv, ConvTranspose, taps, trace

for k in (3, 4):
    counts = taps(trace(ConvTranspose(k, stride=2, padding=1), axes=1)).counts
    grid = " / ".join(" ".join(str(a * b) for b in counts) for a in counts)
    print(f"kernel {k}: taps {counts} by phase; in 2-D {grid}")
for rates in ((2, 2), (1, 2)):
    net = trace(lambda x, r=rates: Conv(3, dilation=r[1])(Conv(3, dilation=r[0])(x)), axes=1)
    (phase,) = taps(net).phases
    read = f"{phase.taps} of {phase.span} elements are read, {phase.holes} holes"
    print(f"dilations {rates[0]}, {rates[1]}: {read}")
