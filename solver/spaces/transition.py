"""What a layer does to a size: all that a search over designs asks of it.

A window acts on the size by its stride, its input dilation and its net padding alone, so layers
that differ in padding, kernel and dilation but not in these are one transition.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import lcm
from typing import TYPE_CHECKING, Any

from solver.ground.named import NamedTuple
from solver.layers.layer import Layer
from solver.sizes import formulas
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import EVERY, SizeSet

if TYPE_CHECKING:
    from solver.layers.operators import Operator
    from solver.spaces.goal import Every


class Within(NamedTuple):
    """Hold the sizes that a block takes: at which all its layers fit and its branches meet.

    map: what comes out, where no window says it.
    """

    takes: SizeSet
    map: SizeMap | None = None

    def brings(self, before: int, after: int) -> bool:
        """Whether a size is taken, where so much comes out."""
        return after > 0 and before in self.takes


class Transition(NamedTuple):
    """The numbers through which windows act on sizes, and the size from which on they do.

    back: what must bring the size that comes out back to the one that went in, as a mirrored
    decoder does; or the sizes that a block takes; None where nothing more is asked.
    """

    stride: int = 1
    input_dilation: int = 1
    net_padding: int = 0
    minimum: int = 1
    back: Transition | Within | None = None

    def size(self, n: Any) -> Any:
        """The size behind it, in any arithmetic.

        >>> Transition(stride=2).size(7), Transition(input_dilation=2, net_padding=1).size(4)
        (4, 8)
        """
        stride, apart, net, _, back = self
        if back is not None and (curve := self.curve) is not None:
            return curve(n)
        return formulas.windows(n, net, stride, apart)

    @property
    def curve(self) -> SizeMap | None:
        """The size map of a block that does not act as a window."""
        return self.back.map if isinstance(self.back, Within) else None

    @property
    def takes(self) -> SizeSet:
        """The sizes that it takes."""
        if isinstance(self.back, Within):
            return self.back.takes
        return SizeSet(minimum=self.minimum) if self.minimum > 1 else EVERY

    def returns(self, n: int) -> bool:
        """Whether what is asked of the size n beyond the minimum holds."""
        return self.back is None or self.back.brings(n, self.size(n))

    def brings(self, before: int, after: int) -> bool:
        """Whether it makes the size before of the size after, as a mirrored decoder."""
        return bool(after >= self.minimum and self.size(after) == before)

    def after(self, jump: Any) -> Any:
        """The jump behind it."""
        apart = self.input_dilation
        return jump * self.stride if apart == 1 else jump * self.stride / apart


#: A layer that must keep the size has this behind it.
KEEP = Transition()


def transition(
    layer: Layer | Operator, axes: int, back: Transition | None = None, axis: int = 0
) -> Transition:
    """What a layer does to a size along one of the axes.

    >>> from solver import Conv, MaxPool
    >>> transition(Conv(7, 2, 3), 2) == transition(Conv(3, 2, 1), 2)
    True
    >>> found = transition(MaxPool(3, 2, ceil_mode=True), 2)
    >>> found.net_padding, found.minimum
    (-1, 2)
    """
    window = layer.window(axis)
    least = layer.minimum(axis, axes)
    return Transition(window.stride, window.input_dilation, window.net_padding, least, back)


def uneven(layers: Sequence[Any]) -> bool:
    """Tell whether a transposed layer covers its output unevenly: a cause of checkerboards."""
    kept = (layer for layer in layers if isinstance(layer, Layer))
    windows = (layer.window(axis) for layer in kept for axis in range(layer.axes or 1))
    return any(window.kernel_size % window.input_dilation for window in windows)


def everywhere(
    back: Transition | Within, before: SizeMap, after: SizeMap, every: Sequence[Every]
) -> bool:
    """Tell whether what is asked beyond the minimum holds at every n that is asked, from some on.

    before, after: the maps of n to the sizes before and behind a transition.
    """
    if isinstance(back, Within):
        taken = _taken(back.takes, before)
        return all((one.where - taken).finite for one in every)
    brought = back.size(after)
    if before == brought:
        return True
    difference = brought - before
    return difference.rise == 0 and all(
        int(difference(r)) == 0
        for one in every
        for r in one.where.classes(lcm(difference.period, one.where.modulus))
    )


@lru_cache(4096)
def _taken(takes: SizeSet, before: SizeMap) -> SizeSet:
    return takes.preimage(before)
