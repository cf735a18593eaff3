"""An option: what a design may have at a place, with all that a search asks of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.layers.own_layer import OwnLayer
from solver.layers.reads import Span
from solver.spaces.price import Price, price
from solver.spaces.transition import Transition, transition

if TYPE_CHECKING:
    from solver.layers.operators import Operator
    from solver.spaces.members import Members


class Option(NamedTuple):
    """Hold one layer a design may have at its place, or an encoder layer and its decoder layer.

    many: blocks that do the same are one option, with its members by number. reads: what a block
    reads, None of what has a window.
    """

    layers: tuple[Any, ...]
    channels: int | None  # behind it; None where the space has no channel plan
    transition: Transition
    span: int  # effective kernel size less one
    price: Price
    reads: Span | None = None
    many: int = 1
    members: Members | None = None

    @property
    def phased(self) -> bool:
        """Tell whether outputs of a block read unlike each other."""
        return self.reads is not None and not self.reads.alike

    @property
    def layer(self) -> Any:
        """The one layer that it is. Raises LimitError for a block."""
        if not self.layers or not hasattr(self.layers[0], "window"):
            rule = "what stands in a block is not followed here"
            raise LimitError(rule, "a block", "another limit, or layers without blocks")
        return self.layers[0]

    def member(self, index: int) -> tuple[Any, ...]:
        """The layers of a member."""
        return self.layers if self.members is None else self.members.at(index)

    def rank(self, layer: Any) -> int | None:
        """The number of a member that is one layer, None where it is none of these."""
        if self.members is None:
            return 0 if self.layers == (layer,) else None
        return self.members.rank((layer,))


#: An option, and the places that may follow it.
Placed = tuple[Option, int]


def option(
    layer: OwnLayer | Operator, channels: int | None, axes: int, back: Transition | None
) -> Option:
    """A layer as an option. back: what must bring its input size back."""
    one = channels or 1
    after = None if channels is None else layer.channels_after(one, axes)
    reach = layer.window().span - 1
    made = transition(layer, axes, back)
    return Option((layer,), after, made, reach, price(layer, one, axes))
