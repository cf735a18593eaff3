"""An autoencoder gives 32 pixels back for 25: which output_padding is it, and is it the only one?

Three strided convolutions halve an image and round up; the same layers transposed double it again.
Keras's output_padding None is not 0, Flax has none at all, and in PyTorch it is 0 unless told.

Prints:
    25 -> 13 -> 7 -> 4, the mirror gives back
        torch: 25, output_padding 0, 0, 0: 1 way
        keras: 32, output_padding 0, 0, 0: 1 way
    28 -> 14 -> 7 -> 4, the mirror gives back
        torch: 25, output_padding 0, 1, 1: 1 way
        keras: 32, output_padding 0, None, None: 1 way
    torch: the mirror is exact for n = 1 (mod 8)
    keras: the mirror is exact for n = 0 (mod 8)
    as Keras writes it for 28:
        keras.layers.Conv1DTranspose(1, kernel_size=3, strides=2, padding="same", output_padding=0)
        keras.layers.Conv1DTranspose(1, kernel_size=3, strides=2, padding="same")
        keras.layers.Conv1DTranspose(1, kernel_size=3, strides=2, padding="same")
"""

from solver import Conv, decoders, trace


def encoder(x):
    for _ in range(3):
        x = Conv(3, stride=2, padding=1)(x)
    return x


network = trace(encoder, axes=1)
for n in (25, 28):
    sizes = [size for (size,) in decoders(network).at(n).sizes]
    print(" -> ".join(map(str, sizes)) + ", the mirror gives back")
    for framework in ("torch", "keras"):
        at = decoders(network, framework=framework).at(n)
        told = ", ".join("None" if each is None else str(*each) for each in at.output_padding)
        print(f"    {framework}: {at.back[0]}, output_padding {told}: {at.choices} way")
for framework in ("torch", "keras"):
    (axis,) = decoders(network, framework=framework).mirror
    print(f"{framework}: the mirror is exact for {axis.exact}")
print("as Keras writes it for 28:")
for line in decoders(network, 28, framework="keras")[0].code("keras").splitlines():
    if "Transpose" in line:
        print(f"    {line.strip().rstrip(',')}")
