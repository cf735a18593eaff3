"""Say a layer of Keras with padding="same" in PyTorch, at the sizes of a network.

At 224 the padding is 2 in front and 3 behind, at 225 it is 3 at both ends: every way to pad and
crop that gives the same numbers, and what the usual padding=3 does at each size.

Prints:
    pad (2, 3), crop (0, 0): the same for even n
    pad (4, 4), crop (1, 0): the same for even n
    pad (6, 6), crop (2, 1): the same for even n
    pad (3, 3), crop (0, 0): the same for odd n
    pad (5, 5), crop (1, 1): the same for odd n
    exactly for even n:
        padding_begin = 2*crop_begin + 2
        3 <= padding_end - 2*crop_end <= 4
    exactly for odd n:
        padding_begin = 2*crop_begin + 3
        3 <= padding_end - 2*crop_end <= 4
    padding=3 alone: n >= 1 in size, odd n in elements
"""

from solver import alternatives, convert, layer

stem = layer("keras", "Conv2D", filters=64, kernel_size=7, strides=2, padding="same")
found = convert(stem, "torch", 2)
ways = alternatives(found, [(224, 224), (225, 225)])
for way in ways.listed:
    print(f"pad {way.padding[0]}, crop {way.crop[0]}: the same for {way.aligned}")
for family in ways.families:
    inputs, conditions = family.inputs[0], family.conditions[0]
    print(f"exactly for {inputs}:", *conditions, sep="\n    ")
print("padding=3 alone:", found.simple.same_size, "in size,", found.simple.aligned, "in elements")
