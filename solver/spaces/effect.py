"""What a layer does to a size, as four numbers: all that a search over designs asks of it.

Every layer is one of two maps, with the hyperparameters gone into a shift:

    down   n -> floor((n - 1 + shift)/stride) + 1       convolution, pooling
    up     n -> (n - 1)*stride + 1 + shift              transposed convolution

so layers that differ in padding, kernel and dilation but not in the shift are one transition.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from solver.layers import cost
from solver.layers.layer import Layer


class Effect(NamedTuple):
    """Hold what a layer does to a size; it takes sizes from minimum on, and up to maximum.

    back: what must bring the size that comes out back to the one that went in, as a mirrored
    decoder does, or None where nothing must.
    """

    up: bool
    stride: int
    shift: int
    minimum: int = 1
    back: Effect | None = None

    def __call__(self, n: Any) -> Any:
        """Return the size after it, in any arithmetic.

        >>> Effect(False, 2, 0)(7), Effect(True, 2, 1)(4)
        (4, 8)
        """
        if self.up:
            return (n - 1) * self.stride + 1 + self.shift
        return (n - 1 + self.shift) // self.stride + 1

    def returns(self, n: int) -> bool:
        """Tell whether the size n is brought back, where that is asked."""
        return self.back is None or (
            (after := self(n)) >= self.back.minimum and bool(self.back(after) == n)
        )

    def after(self, jump: Any) -> Any:
        """Return the jump after it."""
        return jump / self.stride if self.up else jump * self.stride


#: A layer that must keep the size has this behind it.
KEEP = Effect(False, 1, 0)


def effect(layer: Layer, axes: int, back: Effect | None = None) -> Effect:
    """Return what a layer does.

    >>> from solver import Conv, ConvTranspose, MaxPool
    >>> effect(Conv(7, 2, 3), axes=2)[:4], effect(ConvTranspose(4, 2, 1), axes=2)[:4]
    ((False, 2, 0, 1), (True, 2, 1, 1))
    >>> effect(MaxPool(3, 2, ceil_mode=True), axes=2)[:4]
    (False, 2, -1, 2)
    """
    axis = layer.axis()
    shift = axis.net_padding
    if layer.operation.transposed:
        shift = axis.output_padding - shift
    elif layer.ceil_mode:
        shift = min(shift + axis.stride - 1, axis.begin)
    return Effect(layer.operation.transposed, axis.stride, shift, layer.minimum(0, axes), back)


class Price(NamedTuple):
    """Hold what a layer costs; the multiply-accumulates and activations per element of a size."""

    parameters: int = 0
    macs_before: int = 0
    macs_after: int = 0
    activations_before: int = 0
    activations_after: int = 0
    depth: int = 1

    def __add__(self, other: object) -> Price:
        if not isinstance(other, Price):
            return NotImplemented
        return Price(*(x + y for x, y in zip(self, other, strict=True)))


def price(layer: Layer, channels: int, axes: int, turned: bool = False) -> Price:
    """Return what a layer costs behind so many channels.

    turned: for a decoder layer, whose output has the size before its encoder layer.
    """
    weights = cost.weights(layer, channels, axes)
    width = layer.channels_after(channels)
    parameters = weights + getattr(layer, "bias", False) * width
    if turned:
        return Price(parameters, 0, weights, width, 0)
    before, after = (weights, 0) if layer.operation.transposed else (0, weights)
    return Price(parameters, before, after, 0, width)
