"""An audio codec such as EnCodec: its mirrored decoder loses samples; what gives all of them back?

At stride 5 a kernel of 10 would need 5 zeros in all; 3 at each end are one too many. So the mirror
crops an element too many there, of which the layers behind it make 8 samples.

Prints:
    encoder: n -> floor((n + 8)/320)
    mirror, at n = 0 (mod 320): -8 samples
    repaired at stride 5: output_padding=1
        other signals are padded by (-n) % 320, 16001 by 319
    for n >= 312, without padding: output_padding per call
        stride 8: floor((n + 8)/40) % 8
        stride 5: (floor(n/8) + 1) % 5
        stride 4: floor(n/2) % 4
        stride 2: n % 2
    16001 -> 50 -> 16001
"""

from pathlib import Path

from solver import ConvTranspose, decoders, read, repair, trace

encoder = read(Path(__file__).parent / "networks" / "codec.txt")
print("encoder: n ->", encoder.formula())

MIRROR = [ConvTranspose(16, 8, 4), ConvTranspose(10, 5, 3), ConvTranspose(8, 4, 2)]
MIRROR.append(ConvTranspose(4, 2, 1))


def mirror(x):
    for layer in MIRROR:
        x = layer(x)
    return x


repaired = repair(encoder, trace(mirror, axes=1))
print(f"mirror, at {repaired.inputs[0]}: {repaired.returned[0]:+} samples")
for before, layer in zip(MIRROR, repaired.layers, strict=True):
    if layer.output_padding != before.output_padding:
        print(f"repaired at stride {layer.stride}: output_padding={layer.output_padding}")
padding = repaired.padding[0]
print(f"    other signals are padded by {padding}, 16001 by {padding.total(16001)}")

# What a stride drops of n is a remainder, and a remainder is always a legal output_padding.
exact = decoders(encoder)[0]
print(f"for {exact.inputs[0]}, without padding: output_padding per call")
for layer, (rule,) in zip(exact.layers, exact.per_call, strict=True):
    print(f"    stride {layer.stride}: {rule}")
code = encoder.at(16001).shapes[-1][2].number
print(f"16001 -> {code} -> {exact.size(code, 16001)}")
