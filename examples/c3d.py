"""C3D, three axes: which clips suit it? Time is halved four times, the picture five times.

The layers take any clip from 16 frames of 16x16 on. The linear layer at the end takes 8192 features
and no other number: of pictures that come out as 4x4 it wants one step in time.

Prints:
    frames: floor(d/16), for d >= 16
    rows: floor(h/32) + 1, for h >= 16
    16x112x112 -> 1x4x4
    1 step from frames 16..31
    4 steps from rows 96..127
    16x128x171: 15360 and 8192
        fc6: Linear(8192, 4096): a linear layer must get its 8,192 in_features
"""

from solver import Conv, MaxPool, SolverError, flatten, linear, trace, valid

STAGES = ((64,), (128,), (256, 256), (512, 512), (512, 512))


def c3d(x):
    for number, widths in enumerate(STAGES):
        for width in widths:
            x = Conv(3, padding=1, out_channels=width)(x)
        # The first pooling keeps the frames apart; the last one pads the picture.
        deep, edge = 1 if number == 0 else 2, int(number == 4)
        x = MaxPool((deep, 2, 2), padding=(0, edge, edge))(x)
    return linear(flatten(x.named("pool5")), 4096, of=8192).named("fc6")


net = trace(c3d, channels=3, axes=3)
frames, rows, _ = clip = net.sizes(net.find("pool5"))[2:]
for name, dim, letter in (("frames", frames, "d"), ("rows", rows, "h")):
    print(f"{name}: {dim}, for {valid(net, letter).inputs}".replace("n >=", f"{letter} >="))

sizes = {"d": 16, "h": 112, "w": 112}
print("16x112x112 ->", "x".join(str(dim.at(sizes)) for dim in clip))
for name, dim, size in (("frames", frames, 1), ("rows", rows, 4)):
    inputs = dim.single[1].inputs(size)  # of the size map, by its inverse
    print(f"{size} step{'s' * (size > 1)} from {name} {inputs[0]}..{inputs[-1]}")
try:
    net.at((16, 128, 171))
except SolverError as fault:
    print(f"16x128x171: {fault.received}\n    {fault.rule}")
