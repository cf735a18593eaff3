"""DCGAN: a generator from 1 to 64, without checkerboards, and the discriminator it mirrors.

A transposed convolution covers its outputs evenly where its stride divides its kernel size.

Prints:
    generator: 1 -> 4 -> 8 -> 16 -> 32 -> 64
    kernel 4 covers every output alike: True
    kernel 3 covers each phase of 2 by: 1, 2
    discriminator: 64 -> 32 -> 16 -> 8 -> 4 -> 1
    the generator is its mirror: True
    and that gives back n = 0 (mod 16), n >= 64
"""

from solver import Conv, ConvTranspose, decoders, fields, trace

WIDTHS = (3, 64, 128, 256, 512, 100)  # from the image to the code


def generator(x, size=4):
    x = ConvTranspose(4, in_channels=WIDTHS[-1], out_channels=WIDTHS[-2])(x)
    for before, after in zip(WIDTHS[-2:0:-1], WIDTHS[-3::-1], strict=True):
        x = ConvTranspose(size, 2, 1, in_channels=before, out_channels=after)(x)
    return x


def discriminator(x):
    for width in WIDTHS[1:-1]:
        x = Conv(4, 2, 1, out_channels=width)(x)
    return Conv(4, out_channels=WIDTHS[-1])(x)


def path(net, n):
    return " -> ".join(str(shape[2]) for shape in net.at(n).shapes)


up, down = trace(generator, channels=WIDTHS[-1]), trace(discriminator, channels=WIDTHS[0])
print("generator:", path(up, 1))
print("kernel 4 covers every output alike:", not fields(up).checkerboards)
uneven = trace(lambda x: generator(x, size=3), channels=WIDTHS[-1])
first, *_ = fields(uneven).checkerboards
print("kernel 3 covers each phase of 2 by:", ", ".join(map(str, first.overlaps)))

print("discriminator:", path(down, 64))
mirror = next(each for each in decoders(down, n=64) if not each.per_call)
layers = tuple(node.operation.layer for node in up.nodes[1:])
print("the generator is its mirror:", mirror.layers == layers)
print("and that gives back", mirror.inputs[0])
