"""Tiles of a padded U-Net that give what the whole image gives: margins, and where each writes.

A forum's usual question: how much overlap, and where may tiles start? Prints:
    tiles of n = 0 (mod 4), n >= 32, starting at multiples of 4
    margin per side 14, at multiples (16, 16), output offset (0, 0)
    overlap 28: 4 tiles of 64 for 152 pixels
    reads 0..63, writes 0..49
    reads 36..99, writes 50..85
    reads 72..135, writes 86..121
    reads 88..151, writes 122..151
    filled by tiles of 64: 136 and 172 pixels
"""

from solver import Conv, ConvTranspose, MaxPool, concat, tiling, trace


def unet(x):
    skip = Conv(3, padding=1)(Conv(3, padding=1)(x))
    inside = Conv(3, padding=1)(Conv(3, padding=1)(MaxPool(4)(skip)))
    up = ConvTranspose(4, stride=4)(inside)
    return Conv(3, padding=1)(Conv(3, padding=1)(concat(up, skip)))


found = tiling(trace(unet))
print(f"tiles of {found.tiles}, starting at multiples of {found.multiple}")
front, back = found.margin
assert front == back
ends = f"at multiples {found.rounded}, output offset {found.offset}"
print(f"margin per side {front}, {ends}")
print(f"overlap {found.overlap}: {found.number(152, 64)} tiles of 64 for 152 pixels")
for tile in found.plan(152, 64):
    reads, writes = (f"{run.start}..{run.stop - 1}" for run in (tile.input, tile.output))
    print(f"reads {reads}, writes {writes}")
below, above = found.filled(152, 64)
print(f"filled by tiles of 64: {below} and {above} pixels")
