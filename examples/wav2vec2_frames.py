"""How many frames does wav2vec 2.0 make of n samples, and how much padding makes it floor(n/320)?

The front end is read from a file; a padding layer with an unknown total stands in front of it.

Prints:
    floor((n - 400)/320) + 1 frames: True
    samples it takes: n >= 400, of which a frame reads 400 and moves on by 320
    a stream waits 399 samples for a frame
    for floor(n/320) frames pad 80 in all: pad=(40, 40)
    for ceil(n/320) frames pad 399 in all: pad=(199, 200)
"""

from pathlib import Path

from solver import SizeMap, fields, fill, pad, read, streaming, trace, valid

net = read(Path(__file__).parent / "networks" / "wav2vec2.txt")
frames = net.outputs[0]

# Equal size maps are one object in canonical form, so this is a proof for every n.
letter, size_map = net.sizes(frames)[2].single
print("floor((n - 400)/320) + 1 frames:", size_map == SizeMap.line(1, -400, 320) + 1)
field = fields(net).of(frames, "n").span
print(f"samples it takes: {valid(net).inputs},", end=" ")
print(f"of which a frame reads {field.length} and moves on by {field.jump}")
print(f"a stream waits {streaming(net).latency} samples for a frame")


def padded(x):
    x = pad(x, total="0..720").named("padding")
    for node in net.nodes[1:]:
        x = x.through(node.operation.layer)
    return x


for target in ("floor(n/320)", "ceil(n/320)"):
    ends = fill(trace(padded, axes=1), target)[0]["padding"].arguments["pad"]
    print(f"for {target} frames pad {sum(ends)} in all: pad={ends}")
