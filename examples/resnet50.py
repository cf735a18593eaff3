"""ResNet-50 as a function: what it costs, and how far it sees, by where its strides stand.

PyTorch's strides stand in the first unit of a stage, those of TensorFlow's slim library in the last
one. Both halve five times and have the same weights, but not the same field and not the same cost.

Prints:
    first unit of a stage: trunk ceil(n/32), receptive field 427, jump 32
        25,557,032 parameters, 4,089,184,256 multiply-accumulates at 224
    last unit of a stage: trunk ceil(n/32), receptive field 483, jump 32
        25,557,032 parameters, 3,482,255,360 multiply-accumulates at 224
"""

from functools import partial

from solver import Conv, MaxPool, flatten, global_pool, linear, pointwise, trace


def conv(x, size, width, stride=1):
    x = Conv(size, stride, size // 2, out_channels=width, bias=False)(x)
    return pointwise(x, "batchnorm", weights=2)  # a scale and a shift for each channel


def unit(x, width, stride, project):
    deep = conv(conv(conv(x, 1, width), 3, width, stride), 1, 4 * width)
    # A unit that keeps its width needs no weights in the shortcut, only its stride.
    short = conv(x, 1, 4 * width, stride) if project else MaxPool(1, stride)(x)
    return pointwise(short + deep)


def resnet50(x, last):
    x = MaxPool(3, 2, 1)(pointwise(conv(x, 7, 64, 2)))
    for stage, count in enumerate((3, 4, 6, 3)):
        for number in range(count):
            strided = stage < 3 and number == count - 1 if last else stage > 0 and number == 0
            x = unit(x, 64 << stage, 2 if strided else 1, project=number == 0)
    return linear(flatten(global_pool(x.named("trunk"))), 1000)


for last in (False, True):
    net = trace(partial(resnet50, last=last), channels=3)
    trunk = net.find("trunk")
    field, cost = net.fields().of(trunk, "h").span, net.costs(224)
    print(f"{'last' if last else 'first'} unit of a stage: trunk {net.formula('trunk')}", end=", ")
    print(f"receptive field {field.length}, jump {field.jump}")
    print(f"    {cost.parameters:,} parameters, {cost.macs.number:,} multiply-accumulates at 224")
