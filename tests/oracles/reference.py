"""Small 1-D networks run on whole numbers: convolution, pooling, transposed layers, merges.

Padding is zeros for convolutions and nothing for poolings; weights are drawn by the node's number.
Tensors are lists of channels. Written out plainly: nothing here knows of windows or maps.
"""

from __future__ import annotations

import random
from typing import Any

from solver import Network
from solver.layers.own_layer import OwnLayer
from solver.network.graph.merging import Concat, CropLike, Elementwise
from solver.network.graph.operation import Apply, Input, Pointwise

Tensor = list[list[int]]


def run(network: Network, signal: Tensor) -> Tensor:
    """Return what the first output is for a signal."""
    values: list[Tensor] = []
    for at, node in enumerate(network.nodes):
        given = [values[i] for i in node.inputs]
        operation = node.operation
        if isinstance(operation, Input):
            values.append(signal)
        elif isinstance(operation, Pointwise):
            values.append([[max(v, -v // 3) for v in row] for row in given[0]])
        elif isinstance(operation, Elementwise):
            values.append(
                [[a + b for a, b in zip(*rows, strict=True)] for rows in zip(*given, strict=True)]
            )
        elif isinstance(operation, Concat):
            values.append([row for tensor in given for row in tensor])
        elif isinstance(operation, CropLike):
            size = len(given[1][0])
            start = (len(given[0][0]) - size) // 2
            values.append([row[start : start + size] for row in given[0]])
        else:
            assert isinstance(operation, Apply)
            values.append(apply(operation.layer, given[0], random.Random(at)))
    return values[network.outputs[0]]


def apply(layer: Any, x: Tensor, draw: random.Random) -> Tensor:
    if isinstance(layer, OwnLayer):
        k, s, p, end, d, a = layer.numbers()
        if layer.operation.pooling:
            return [pool(row, k, s, p, end, layer.ceil_mode) for row in x]
        out = getattr(layer, "out_channels", None) or len(x)
        weights = [[[draw.randint(-9, 9) for _ in range(k)] for _ in x] for _ in range(out)]
        if layer.operation.transposed:
            return [transposed(x, w, s, p, d, a) for w in weights]
        return [convolution(x, w, s, p, end, d) for w in weights]
    name = layer.row.name
    if name == "Upsample":
        f = int(layer.arguments["scale_factor"])
        return [[v for v in row for _ in range(f)] for row in x]
    assert name == "Conv{}D"
    k, s = layer.arguments["kernel_size"], layer.arguments["strides"]
    n = len(x[0])
    total = max((-(-n // s) - 1) * s + k - n, 0)
    weights = [[[draw.randint(-9, 9) for _ in range(k)] for _ in x] for _ in x]
    return [convolution(x, w, s, total // 2, total - total // 2, 1) for w in weights]


def convolution(x: Tensor, weights: Tensor, s: int, begin: int, end: int, d: int) -> list[int]:
    total = None
    for row, kernel in zip(x, weights, strict=True):
        wide = [0] * begin + row + [0] * end
        reach = d * (len(kernel) - 1)
        found = [
            sum(w * wide[i + d * t] for t, w in enumerate(kernel))
            for i in range(0, len(wide) - reach, s)
        ]
        total = found if total is None else [a + b for a, b in zip(total, found, strict=True)]
    assert total is not None
    return total


def pool(row: list[int], k: int, s: int, begin: int, end: int, ceil: bool) -> list[int]:
    found, start = [], -begin
    wide = len(row) + end + (s - 1 if ceil else 0)
    while start + k <= wide and (not ceil or start < len(row)):
        found.append(max(row[max(start, 0) : start + k]))
        start += s
    return found


def transposed(x: Tensor, weights: Tensor, s: int, p: int, d: int, a: int) -> list[int]:
    k = len(weights[0])
    full = [0] * ((len(x[0]) - 1) * s + d * (k - 1) + 1 + a)
    for row, kernel in zip(x, weights, strict=True):
        for i, value in enumerate(row):
            for t, w in enumerate(kernel):
                full[i * s + d * t] += value * w
    return full[p : len(full) - p]
