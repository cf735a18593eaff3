"""What a layer costs, and per element of a size, so that a search adds it up."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from operator import add
from typing import TYPE_CHECKING

from solver.ground.named import NamedTuple
from solver.layers import cost
from solver.layers.layer import Layer
from solver.sizes.sizemap import SizeMap

if TYPE_CHECKING:
    from solver.layers.operators import Operator


#: What is paid for each element of a size.
AT_A_SIZE = ("macs", "activations")


class InnerCost(NamedTuple):
    """Hold what a block costs for each element of a size inside it, a map of that before it."""

    size: SizeMap
    macs: int
    activations: int


class Price(NamedTuple):
    """Hold what a layer costs; the multiply-accumulates and activations per element of a size.

    begin, hop: what it pads in front and its stride less one, where it matters where outputs stand.
    within: of a block, for the sizes inside it.
    """

    parameters: int = 0
    macs_before: int = 0
    macs_after: int = 0
    activations_before: int = 0
    activations_after: int = 0
    depth: int = 1
    begin: int = 0
    hop: int = 0
    within: tuple[InnerCost, ...] = ()

    def inside(self, name: str, sizes: Sequence[int]) -> int:
        """The macs or activations for the sizes inside a block, of those before it."""
        return sum(
            getattr(each, name) * prod([max(int(each.size(n)), 0) for n in sizes])
            for each in self.within
        )

    def __add__(self, other: object) -> Price:
        if not isinstance(other, Price):
            return NotImplemented
        return Price(*map(add, self, other))


def price(layer: Layer | Operator, channels: int, axes: int, turned: bool = False) -> Price:
    """What a layer costs behind so many channels.

    turned: for a decoder layer, whose output has the size before its encoder layer.
    """
    if not isinstance(layer, Layer):
        width = 0 if layer.row.last else layer.channels_after(channels, axes)
        found = Price(layer.parameters(channels), activations_after=width, depth=0)
        macs, activations = layer.fixed(channels)
        once = (InnerCost(SizeMap.line(0, 1), macs, activations),) if activations else ()
        return found._replace(within=once)
    weights = cost.weights(layer, channels, axes)
    width = layer.channels_after(channels)
    parameters = weights + getattr(layer, "bias", False) * width
    if turned:
        return Price(parameters, 0, weights, width, 0)
    before, after = (weights, 0) if layer.operation.transposed else (0, weights)
    return Price(parameters, before, after, 0, width)
