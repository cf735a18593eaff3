"""An option: what a design may have at a place, what it costs, and all that a search asks of it."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from operator import add
from typing import TYPE_CHECKING, Any

from solver.ground.named import NamedTuple
from solver.layers import cost
from solver.layers.layer import Layer
from solver.layers.own_layer import OwnLayer
from solver.layers.reads import Span
from solver.sizes.domain import LARGEST
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.spaces.transition import Transition, transition

if TYPE_CHECKING:
    from solver.layers.operators import Operator
    from solver.spaces.footprint import Footprint
    from solver.spaces.members import Members


#: What is paid for each element of a size.
AT_A_SIZE = ("macs", "activations")
#: What the first and last elements that outputs read decide.
READING = frozenset({"receptive_field", "latency", "look_ahead", "causal", "centred"})
#: Behind what pools all of its input: larger than any receptive field.
WHOLE_INPUT = Span(SizeMap.line(0), SizeMap.line(0, LARGEST))


#: A mark, and whether what it asks for is met behind a layer.
Ask = tuple[Any, bool]


class Standing(NamedTuple):
    """Hold what a layer reads along one of the axes that differ, and what it pads in front there.

    span: effective kernel size less one. begin, hop: as of a `Price`.
    """

    span: int
    begin: int = 0
    hop: int = 0


class InnerCost(NamedTuple):
    """Hold what a block costs for each element of a size inside it, a map of that before it.

    size: one for all axes, or a tuple with one per axis.
    """

    size: Any
    macs: int
    activations: int


#: What goes into an operation and what comes out: the sizes, as maps of that before a block, with
#: the channels of each.
Held = tuple[tuple[SizeMap, int], ...]


#: A layer in a block, and the sizes before and behind it, as maps of that before the block.
Placing = tuple[Any, SizeMap, SizeMap]


class Price(NamedTuple):
    """Hold what a layer costs; the multiply-accumulates and activations per element of a size.

    begin, hop: what it pads in front and its stride less one, where it matters where outputs stand.
    within: of a block, for the sizes inside it. held: of each operation in it, own: each layer in
    it and how often, where it is asked. along: where axes differ, of each lane.
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
    held: tuple[Held, ...] = ()
    own: tuple[tuple[Placing, int], ...] = ()
    along: tuple[Standing, ...] = ()

    def memory(self, sizes: Sequence[int]) -> int:
        """The most elements that an operation of a block takes and gives together."""
        return max(sum(wide * _volume(size, sizes) for size, wide in each) for each in self.held)

    def inside(self, name: str, sizes: Sequence[int]) -> int:
        """The macs or activations for the sizes inside a block, of those before it."""
        return sum(getattr(each, name) * _volume(each.size, sizes) for each in self.within)

    def __add__(self, other: object) -> Price:
        if not isinstance(other, Price):
            return NotImplemented
        return Price(*map(add, self, other))


def _volume(size: Any, sizes: Sequence[int]) -> int:
    if isinstance(size, tuple):
        return prod([max(int(each(n)), 0) for each, n in zip(size, sizes, strict=True)])
    return prod([max(int(size(n)), 0) for n in sizes])


def price(layer: Layer | Operator, channels: int, axes: int, turned: bool = False) -> Price:
    """What a layer costs behind so many channels.

    turned: for a decoder layer, whose output has the size before its encoder layer.
    """
    if not isinstance(layer, Layer):
        passes = layer.row.last or layer.row.marks
        width = 0 if passes else layer.channels_after(channels, axes)
        found = Price(layer.parameters(channels), activations_after=width, depth=0)
        macs, activations = layer.fixed(channels)
        if not activations:
            return found
        one = SizeMap.line(0, 1)
        found = found._replace(within=(InnerCost(one, macs, activations),))
        ends = ((IDENTITY, channels), (one, layer.channels_after(channels, axes)))
        return found._replace(held=(ends,)) if layer.row.last else found
    weights = cost.weights(layer, channels, axes)
    width = layer.channels_after(channels)
    parameters = weights + getattr(layer, "bias", False) * width
    if turned:
        return Price(parameters, 0, weights, width, 0)
    before, after = (weights, 0) if layer.operation.transposed else (0, weights)
    return Price(parameters, before, after, 0, width)


class Option(NamedTuple):
    """Hold one layer a design may have at its place, or an encoder layer and its decoder layer.

    many: blocks that do the same are one option, with its members by number. reads, footprint: the
    ends of what a block reads, and all of it, where it is asked for; None of what has a window.
    lanes: where axes differ, the option along each, with its axis; then the transition is of all of
    them, and the span 0. asks: what marks ask for behind it.
    """

    layers: tuple[Any, ...]
    channels: int | None  # behind it; None where the space has no channel plan
    transition: Any  # a Transition, or where axes differ a Crossed
    span: int  # effective kernel size less one
    price: Price
    reads: Span | None = None
    many: int = 1
    members: Members | None = None
    footprint: Footprint | None = None
    axis: int = 0
    lanes: tuple[Option, ...] = ()
    asks: tuple[Ask, ...] = ()

    @property
    def phased(self) -> bool:
        """Tell whether outputs of a block read unlike each other."""
        if self.lanes:
            return any(lane.phased for lane in self.lanes)
        if self.footprint is not None and len(self.footprint.turn) > 1:
            return True
        return self.reads is not None and not self.reads.alike

    @property
    def whole(self) -> bool:
        """Tell whether every output reads the whole input."""
        return self.reads is not None and not self.reads.first.rise

    def stands(self) -> Standing:
        """What it reads, and where its outputs stand."""
        if self.reads is None:
            window = self.layers[0].window(self.axis)
            return Standing(window.span - 1, window.begin, window.stride - 1)
        return Standing(self.span, -int(self.reads.first(0)), self.transition.stride - 1)

    def member(self, index: int) -> tuple[Any, ...]:
        """The layers of a member."""
        return self.layers if self.members is None else self.members.at(index)

    def rank(self, layer: Any, channels: int | None = None) -> int | None:
        """The number of a member that is one layer, None where it is none of these.

        channels: that go in, where they are known.
        """
        if self.members is None:
            (own,) = self.layers
            from solver.spaces.alike import plainly  # few look for the place of a layer

            return 0 if plainly(own, channels) == plainly(layer, channels) else None
        return self.members.rank((layer,))


def passes(asks: Sequence[Ask]) -> bool:
    """Tell whether it is a mark that asks, and no layer."""
    return bool(asks) and any(mark.kept for mark, _ in asks)


#: An option, and the places that may follow it.
Placed = tuple[Option, int]


def placed(option: Option) -> Price:
    """What an option costs, with what it pads in front and its stride less one."""
    if option.lanes:
        return option.price._replace(along=tuple(lane.stands() for lane in option.lanes))
    _, begin, hop = option.stands()
    return option.price._replace(begin=begin, hop=hop)


def option(
    layer: OwnLayer | Operator,
    channels: int | None,
    axes: int,
    back: Transition | None,
    lanes: Sequence[int] = (),
) -> Option:
    """A layer as an option. back: what must bring its input size back.

    lanes: of axes that are alike the first, where not all are.
    """
    one = channels or 1
    after = None if channels is None else layer.channels_after(one, axes)
    found = _along(layer, one, after, axes, back, price(layer, one, axes))
    if not isinstance(layer, Layer) and layer.row.marks:
        found = found._replace(asks=((layer, True),))
    if not lanes:
        return found
    return crossed(found, [_along(layer, one, after, axes, back, Price(), axis) for axis in lanes])


def crossed(option: Option, lanes: Sequence[Option]) -> Option:
    """An option that is another on each lane."""
    from solver.spaces.crossed import Crossed  # few spaces tell axes apart

    price = option.price._replace(along=tuple(Standing(lane.span) for lane in lanes))
    transition: Any = Crossed(tuple(lane.transition for lane in lanes))
    return option._replace(transition=transition, span=0, price=price, lanes=tuple(lanes))


def _along(
    layer: OwnLayer | Operator,
    taken: int,
    channels: int | None,
    axes: int,
    back: Transition | None,
    cost: Price,
    axis: int = 0,
) -> Option:
    """The option along an axis. taken, channels: those that go in and come out."""
    reach = layer.window(axis).span - 1
    made = transition(layer, axes, back, axis)
    reads = None
    if not isinstance(layer, Layer):
        made = made._replace(minimum=layer.least(taken))
        reads = WHOLE_INPUT if layer.row.whole else None
    return Option((layer,), channels, made, reach, cost, reads, axis=axis)
