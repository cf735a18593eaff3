"""Which layer is it? Only its sizes were seen: 224 -> 112, 225 -> 113, 7 -> 4.

Each observation leaves fewer layers. When all that are left have one size map, no further size can
tell them apart.

Prints:
    8 layers, 2 size maps: ceil(n/2), floor(n/2)
    4 layers, 1 size maps: ceil(n/2)
    4 layers, 1 size maps: ceil(n/2)
    Conv(3, stride=2, padding=1)
    Conv(7, stride=2, padding=3)
    Conv(5, stride=2, padding=2)
    Conv(9, stride=2, padding=4)
"""

from solver import Conv, solve

seen = [(224, 112), (225, 113), (7, 4)]
for count in range(1, len(seen) + 1):
    inputs, outputs = (list(sizes) for sizes in zip(*seen[:count], strict=True))
    layers = solve(Conv, inputs, outputs, kernel_size="2..9")
    maps = {str(layer.size_map()) for layer in layers}
    print(f"{layers.count()} layers, {len(maps)} size maps: {', '.join(sorted(maps))}")

for layer in layers:
    print(layer)
