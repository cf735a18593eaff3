"""Which images suit the U-Net of 2015, and why? Its code is read from a file, and never executed.

It has unpadded convolutions and crops its skips, so it takes any image from 188 on; but only on one
class modulo 16 does no pooling drop a row. Each level asks for its own part of that.

Prints:
    runs for n >= 188
    drops nothing for n = 12 (mod 16), n >= 188
        pool: even n >= 6
        pool_2: n = 0, 1 (mod 4), n >= 16
        pool_3: n = 4, 5, 6, 7 (mod 8), n >= 36
        pool_4: n = 0, 1, 2, 3, 12, 13, 14, 15 (mod 16), n >= 76
        join.1.2: n >= 188
    there n -> n - 184: True
    around 500: (492, 508)
    a row of 1020 in tiles of 572, their starts multiples of 16:
        input 0..571 -> output 0..387
        input 384..955 -> output 388..771
        input 448..1019 -> output 772..835
"""

from pathlib import Path

from solver import read

net = read(Path(__file__).parent / "networks" / "unet.py")
exact = net.valid(exact=True)
print("runs for", net.valid().inputs)
print("drops nothing for", exact.inputs)
for reason in exact.reasons:
    print(f"    {net.nodes[reason.demand.at].name}: {reason.inputs}")

# Two maps of period 16 that agree on two members of a class modulo 16 agree on all of it.
height = net.sizes(net.outputs[0])[2]
print("there n -> n - 184:", all(height.at({"h": n}) == n - 184 for n in (188, 204)))
print("around 500:", exact.nearest(500))

tiles = net.tiling()
print(f"a row of 1020 in tiles of 572, their starts multiples of {tiles.multiple}:")
for tile in tiles.plan(1020, 572):
    ends = (tile.input[0], tile.input[-1], tile.output[0], tile.output[-1])
    print("    input {}..{} -> output {}..{}".format(*ends))
