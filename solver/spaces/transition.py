"""What a layer does to a size: all that a search over designs asks of it.

A window acts on the size by its stride, its input dilation and its net padding alone, so layers
that differ in padding, kernel and dilation but not in these are one transition.
"""

from __future__ import annotations

from typing import Any

from solver.ground.named import NamedTuple
from solver.layers.layer import Layer
from solver.sizes import formulas


class Transition(NamedTuple):
    """The numbers through which windows act on sizes, and the size from which on they do.

    back: what must bring the size that comes out back to the one that went in, as a mirrored
    decoder does, or None where nothing must.
    """

    stride: int = 1
    input_dilation: int = 1
    net_padding: int = 0
    minimum: int = 1
    back: Transition | None = None

    def size(self, n: Any) -> Any:
        """The size behind it, in any arithmetic.

        >>> Transition(stride=2).size(7), Transition(input_dilation=2, net_padding=1).size(4)
        (4, 8)
        """
        return formulas.windows(n, self.net_padding, self.stride, self.input_dilation)

    def returns(self, n: int) -> bool:
        """Whether the size n is brought back, where that is asked."""
        if self.back is None:
            return True
        after = self.size(n)
        return bool(after >= self.back.minimum and self.back.size(after) == n)

    def after(self, jump: Any) -> Any:
        """The jump behind it."""
        apart = self.input_dilation  # of a layer, this or its stride is 1
        return jump * self.stride if apart == 1 else jump / apart


#: A layer that must keep the size has this behind it.
KEEP = Transition()


def transition(layer: Layer, axes: int, back: Transition | None = None) -> Transition:
    """What a layer does to a size.

    >>> from solver import Conv, MaxPool
    >>> transition(Conv(7, 2, 3), 2) == transition(Conv(3, 2, 1), 2)
    True
    >>> found = transition(MaxPool(3, 2, ceil_mode=True), 2)
    >>> found.net_padding, found.minimum
    (-1, 2)
    """
    window = layer.window()
    least = layer.minimum(0, axes)
    return Transition(window.stride, window.input_dilation, window.net_padding, least, back)
