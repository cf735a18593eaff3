"""Get the encoder's size back: which transposed convolution undoes Conv(3, stride=2, padding=1)?

The encoder halves n and rounds up, so an odd n and the even one after it come out alike. What
brings them back differs by output_padding; no one layer serves both.

Prints:
    ceil(n/2) -> n for every even n: ConvTranspose(3, stride=2, padding=1, output_padding=1)
        2 -> 1 -> 2
        4 -> 2 -> 4
        6 -> 3 -> 6
    ceil(n/2) -> n for every odd n: ConvTranspose(3, stride=2, padding=1)
        1 -> 1 -> 1
        3 -> 2 -> 3
        5 -> 3 -> 5
    one layer for every n: 0
"""

from itertools import islice

from solver import Conv, ConvTranspose, solve

encoder = Conv(3, stride=2, padding=1)
half = str(encoder.size_map())
for where in ("n % 2 == 0", "n % 2 == 1"):
    back = solve(ConvTranspose, half, "n", kernel_size=3, where=where)
    print(f"{half} -> n for every {back.holds_for}: {back[0]}")
    for n in islice(back.holds_for, 3):
        print(f"    {n} -> {encoder.size(n)} -> {back[0].size(encoder.size(n))}")

print("one layer for every n:", solve(ConvTranspose, half, "n", kernel_size=3).count())
