"""Fold a stack of layers into one formula: the convolutional front end of wav2vec 2.0.

Size maps compose, and a stack of convolutions has the sizes of one convolution: its stride is the
product of the strides, its kernel the receptive field.

Prints:
    floor((n - 80)/320)
    the same as Conv(400, stride=320) for every n: True
    frames of a second at 16 kHz: 49
    inputs that give 49 frames: range(15760, 16080)
"""

from solver import Conv, SizeMap

stack = [Conv(10, stride=5), *[Conv(3, stride=2)] * 4, *[Conv(2, stride=2)] * 2]

whole = SizeMap.line(1)  # n -> n
for layer in stack:
    whole = layer.size_map()(whole)
print(whole)

one = Conv(400, stride=320)
print(f"the same as {one} for every n: {whole == one.size_map()}")
print("frames of a second at 16 kHz:", whole(16000))
print("inputs that give 49 frames:", whole.inputs(49))
