"""What a layer costs, and per element of a size, so that a search adds it up."""

from __future__ import annotations

from solver.ground.named import NamedTuple
from solver.layers import cost
from solver.layers.layer import Layer


class Price(NamedTuple):
    """Hold what a layer costs; the multiply-accumulates and activations per element of a size.

    begin, hop: what it pads in front and its stride less one, where it matters where outputs stand.
    """

    parameters: int = 0
    macs_before: int = 0
    macs_after: int = 0
    activations_before: int = 0
    activations_after: int = 0
    depth: int = 1
    begin: int = 0
    hop: int = 0

    def __add__(self, other: object) -> Price:
        if not isinstance(other, Price):
            return NotImplemented
        return Price(*(x + y for x, y in zip(self, other, strict=True)))


def price(layer: Layer, channels: int, axes: int, turned: bool = False) -> Price:
    """What a layer costs behind so many channels.

    turned: for a decoder layer, whose output has the size before its encoder layer.
    """
    weights = cost.weights(layer, channels, axes)
    width = layer.channels_after(channels)
    parameters = weights + getattr(layer, "bias", False) * width
    if turned:
        return Price(parameters, 0, weights, width, 0)
    before, after = (weights, 0) if layer.operation.transposed else (0, weights)
    return Price(parameters, before, after, 0, width)
