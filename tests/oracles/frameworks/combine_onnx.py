"""Draw nodes of ONNX: attributes are left out as often as they are given."""

from __future__ import annotations

import struct
from typing import Any

from frameworks.draw import Draw

Row = dict[str, Any]

#: The opsets that changed an operator, and the first that dilates it and that has ceil_mode.
OPSETS = {
    "AveragePool": (7, 10, 11, 19, 22),
    "Conv": (11, 22),
    "ConvTranspose": (11, 22),
    "LpPool": (11, 18, 22),
    "MaxPool": (8, 10, 11, 12, 22),
    "Resize": (13, 19),
}
DILATES = {"AveragePool": 19, "LpPool": 18, "MaxPool": 10}
CEILS = {"AveragePool": 10, "LpPool": 18, "MaxPool": 10}


def node(draw: Draw, op: str) -> Row:
    """Draw a node and its input: op, opset, p, kernel, in."""
    row: Row = {"op": op, "opset": draw.one(*OPSETS[op])}
    return row | (resize(draw) if op == "Resize" else windowed(draw, op, row["opset"]))


def windowed(draw: Draw, op: str, opset: int) -> Row:
    """Draw a convolution or a pool of any kind."""
    axes = draw.one(1, 2, 2, 3)
    kernel, sizes = draw.kernel(axes), draw.sizes(axes)
    pool = op.endswith("Pool")
    p: Row = padding(draw, axes)
    if draw.chance(0.8):
        p["strides"] = draw.stride(axes)
    if opset >= DILATES.get(op, 0) and draw.chance(0.5):
        p["dilations"] = draw.dilation(axes)
    if pool or draw.chance(0.6):
        p["kernel_shape"] = kernel
    if opset >= CEILS.get(op, 99) and draw.chance(0.5):
        p["ceil_mode"] = 1
    if op == "ConvTranspose":
        p |= enlarged(draw, axes, kernel, sizes, p)
    return {"p": p, "kernel": kernel, "in": sizes}


def padding(draw: Draw, axes: int) -> Row:
    """Draw the padding: in a word, in numbers, all begins and then all ends, or not at all."""
    if draw.chance(0.55):
        return {"auto_pad": draw.one("SAME_UPPER", "SAME_LOWER", "VALID")}
    if draw.chance(0.3):
        return {}
    begins = draw.numbers(axes, 0, 0, 1, 1, 2, 3, 4)
    ends = begins if draw.chance(0.5) else draw.numbers(axes, 0, 0, 1, 1, 2, 3, 4)
    return {"pads": begins + ends}


def enlarged(draw: Draw, axes: int, kernel: list[int], sizes: list[int], p: Row) -> Row:
    """Draw what a transposed convolution adds: output_padding, an output_shape near what fits."""
    strides = p.get("strides", [1] * axes)
    dilations = p.get("dilations", [1] * axes)
    found: Row = {}
    if draw.chance(0.35):
        found["output_padding"] = [
            draw.between(0, max(s - 1, 0)) + draw.chance(0.05) for s in strides
        ]
    if draw.chance(0.8):
        return found
    added = found.get("output_padding", [0] * axes)
    near = draw.per_axis(
        lambda n, k, s, d, a: (n - 1) * s + d * (k - 1) + 1 + a + draw.between(-3, max(s, 1)),
        sizes,
        kernel,
        strides,
        dilations,
        added,
    )
    return found | {"output_shape": [max(1, size) for size in near]}


def resize(draw: Draw) -> Row:
    """Draw resizing by scales, which a model holds in single precision."""
    axes = draw.one(1, 2)
    scales = [struct.unpack("f", struct.pack("f", at))[0] for at in draw.scales(axes)]
    # A size that comes out empty is another matter, so the smallest gives at least one.
    sizes = [max(draw.between(1, 60), int(1 / at) + 1) for at in scales]
    return {"p": {"mode": "nearest", "_scales": scales}, "kernel": None, "in": sizes}
