"""Halve the size: three questions that are easily taken for one.

ceil(n/2) and floor(n/2) are asked for every n, n/2 for every even n: more layers do that.

Prints:
    ceil(n/2) for every n >= 1: stride = 2, 2*padding = kernel_size - 1
        Conv(3, stride=2, padding=1)        7 -> 4, 8 -> 4
        Conv(7, stride=2, padding=3)        7 -> 4, 8 -> 4
        Conv(5, stride=2, padding=2)        7 -> 4, 8 -> 4
    floor(n/2) for every n >= 1: stride = 2, 2*padding = kernel_size - 2
        Conv(4, stride=2, padding=1)        7 -> 3, 8 -> 4
        Conv(6, stride=2, padding=2)        7 -> 3, 8 -> 4
        Conv(2, stride=2)                   7 -> 3, 8 -> 4
    n/2 for every even n: stride = 2, padding = floor((kernel_size - 1)/2)
        Conv(3, stride=2, padding=1)        7 -> 4, 8 -> 4
        Conv(2, stride=2)                   7 -> 3, 8 -> 4
        Conv(4, stride=2, padding=1)        7 -> 3, 8 -> 4
        Conv(7, stride=2, padding=3)        7 -> 4, 8 -> 4
        Conv(5, stride=2, padding=2)        7 -> 4, 8 -> 4
        Conv(6, stride=2, padding=2)        7 -> 3, 8 -> 4
"""

from solver import Conv, solve

for target in ("ceil(n/2)", "floor(n/2)", "n/2"):
    solutions = solve(Conv, "n", target, kernel_size="2..7")
    print(f"{target} for every {solutions.holds_for}: {', '.join(solutions.family)}")
    for layer in solutions:
        print(f"    {layer!r:35} 7 -> {layer.size(7)}, 8 -> {layer.size(8)}")
