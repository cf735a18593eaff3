"""What a resized tensor reads: the elements around the place of each output in the input.

Output y stands at the place (a*y + b)/c of the input; with p outputs for q inputs,

    half pixel       ((2y + 1)q - p)/(2p)      asymmetric   q*y/p
    aligned corners  (n - 1)*y/(m - 1)         for n inputs and m outputs.

The nearest element is read, or all less than a reach away: 1 for linear, 2 for cubic, where the
weight of some may be zero. Elements beyond the ends repeat the last, and count as padding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solver.ground.named import NamedTuple
from solver.layers.window import Window
from solver.network.graph.sizes import Scale

#: How far a mode reaches from the place, in elements of the input; 0 reads the nearest only.
_REACH = {"nearest": 0, "linear": 1, "bilinear": 1, "trilinear": 1, "cubic": 2, "bicubic": 2}
_HALF_PIXELS = ("half_pixel", "pytorch_half_pixel", "half_pixel_symmetric")


class Position(NamedTuple):
    """Stand for the place (a*y + b)/c."""

    a: int
    b: int
    c: int

    def nearest(self, how: str = "floor") -> Window:
        """What the nearest element is, by a rule of rounding.

        >>> Position(1, 0, 2).nearest().read(7)  # floor(7/2)
        [3]
        """
        a, b, c = self
        if how == "ceil":
            b += c - 1
        elif how.startswith("round"):
            a, b, c = 2 * a, 2 * b + c - (how == "round_prefer_floor"), 2 * c
        return Window(c, a, c - 1 - b, input_dilation=c)

    def around(self, reach: int) -> Window:
        """The elements less than `reach` away.

        >>> Position(2, -1, 4).around(1).read(1), Position(2, -1, 4).around(1).read(2)
        ([0, 1], [0, 1])
        """
        a, b, c = self
        return Window(2 * reach * c - 1, a, reach * c - 1 - b, input_dilation=c)


def resample(arguments: Mapping[str, Any], ratio: Scale, framework: str = "torch") -> Window | str:
    """What a resizing reads, or why that is not known.

    arguments: as the framework has them: mode, align_corners, coordinate_transformation_mode, ...

    >>> resample({"mode": "bilinear"}, Scale(2, 1)).read(1), resample({}, Scale(2, 1)).read(1)
    ([0, 1], [0])
    >>> resample({"mode": "bilinear", "align_corners": True}, Scale(2, 1))
    'with aligned corners the places depend on the sizes: give them'
    """
    words = (arguments.get(name) for name in ("mode", "interpolation", "method"))
    mode = str(next((word for word in words if word), "nearest")).lower()
    p, q, _ = ratio
    if arguments.get("crop_to_aspect_ratio") or arguments.get("pad_to_aspect_ratio"):
        return "what is cropped or padded to keep the ratio depends on both sizes"
    if arguments.get("antialias", framework == "jax") and p < q and mode != "nearest":
        return "an antialiased resizing reads more where it shrinks"
    place = _place(arguments, ratio, framework)
    if isinstance(place, str):
        return place
    if mode == "area":
        return adaptive(q, p)
    if mode == "nearest" and framework == "onnx":
        return place.nearest(str(arguments.get("nearest_mode", "round_prefer_floor")).lower())
    if mode == "nearest-exact" or (mode == "nearest" and framework in ("jax", "keras")):
        return Position(2 * q, q, 2 * p).nearest()
    if mode == "nearest":
        return Position(q, 0, p).nearest()
    if mode not in _REACH:
        return f"not known what is read in mode {mode}"
    return place.around(_REACH[mode])


def _place(arguments: Mapping[str, Any], ratio: Scale, framework: str) -> Position | str:
    """Where outputs lie among inputs, or why that is not known."""
    where = "align_corners" if arguments.get("align_corners") else "half_pixel"
    if framework == "onnx":
        where = str(arguments.get("coordinate_transformation_mode", "half_pixel")).lower()
    p, q, sizes = ratio
    if where in _HALF_PIXELS:  # outputs and inputs are cells of one length
        return Position(2 * q, q - p, 2 * p)
    if where == "asymmetric":
        return Position(q, 0, p)
    if where != "align_corners":
        return f"not known what is read with coordinates {where}"
    if sizes is None:
        return "with aligned corners the places depend on the sizes: give them"
    before, after = sizes
    return Position(before - 1, 0, after - 1) if after > 1 else Position(0, 0, 1)


def adaptive(before: int, after: int) -> Window:
    """What adaptive pooling reads: floor(n*y/m) to ceil(n*(y + 1)/m) - 1.

    >>> adaptive(10, 4).read(0), adaptive(10, 4).read(1)
    ([0, 1, 2], [2, 3, 4])
    """
    return Window(before + after - 1, before, after - 1, input_dilation=after)
