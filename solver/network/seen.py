"""What layers and blocks of a network do: equal to all of ours that do the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from solver.errors import SolverError
from solver.frameworks.spec import of_layer, reading
from solver.ground.value import Value
from solver.layers.branching import Block
from solver.layers.kind import AVERAGE
from solver.layers.layer import Layer
from solver.layers.marking import Mark
from solver.layers.operators import Operator

#: Of so many branches at most every order is looked at; more are taken as they stand.
_MOST_BRANCHES = 5
#: What a mark does.
MARKED = "mark", None


class Seen(Value):
    """Hold what a layer or an operation of a network does; equal to all that do the same.

    channels: before it. does: of layers in a row, what they read and make; of an operation its word
    and number, None where the network does not tell it.

    >>> from solver import Conv
    >>> seen = Seen(done([Conv(3, padding=1, out_channels=8)], 3, 2), 3, 2)
    >>> seen == Conv(3, padding="same", out_channels=8), seen == Conv(3, out_channels=8)
    (True, False)
    """

    __slots__ = ("axes", "channels", "does")

    alone = True

    def __init__(self, does: Any, channels: int, axes: int) -> None:
        self.does, self.channels, self.axes = does, channels, axes

    def made_of(self) -> tuple[Any, ...]:
        return self.does, self.channels, self.axes

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Operator):
            if other.row.whole:
                return bool(self.does == ("gate", other.less(self.channels)))
            return self.does in ((other.word, other.number), (other.word, None))
        if isinstance(other, Mark):  # networks tell no names of outputs
            return other.kept and self.does == MARKED
        if isinstance(other, Layer):
            try:
                return bool(self.does == done([other], self.channels, self.axes))
            except SolverError:
                return False
        return super().__eq__(other)

    __hash__ = Value.__hash__


class Met(Block):
    """Hold branches of a network; added, they are the same in any order."""

    __slots__ = ()

    alone = True

    @property
    def orders(self) -> Iterator[tuple[Any, ...]]:
        """Yield the branches in every way that is the same, also where some met before others."""
        if self.crop or len(self.branches) > _MOST_BRANCHES:
            return iter((self.branches,))
        found = _grouped(self.branches, self.join)
        return (order for order in found if len(order) > 1 or len(self.branches) == 1)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Block) or (self.join, self.crop) != (other.join, other.crop):
            return NotImplemented
        return any(order == other.branches for order in self.orders)

    __hash__ = Block.__hash__


def _grouped(branches: tuple[Any, ...], join: str) -> Iterator[tuple[Any, ...]]:
    """Yield branches in groups that meet first: any of those that are added, else neighbours."""
    if not branches:
        yield ()
    for count in range(1, len(branches) + 1):
        every = range(len(branches))
        for taken in combinations(every, count) if join == "add" else (every[:count],):
            group = tuple(branches[i] for i in taken)
            rest = tuple(branches[i] for i in every if i not in taken)
            first = group[0] if count == 1 else (Met(join, group),)
            yield from ((first, *others) for others in _grouped(rest, join))


def done(layers: Sequence[Layer], channels: int, axes: int) -> Any:
    """What layers in a row do: paddings, a window, croppings. Raises SolverError."""
    (layer,) = (each for each in layers if not each.row.kind.pads)
    spec = of_layer(layer, axes)
    readings = [reading(layers, axis, axes) for axis in range(axes)]
    windows = [
        (w.kernel_size, w.stride, w.dilation if w.kernel_size > 1 else 1, w.input_dilation)
        for w in (each.window for each in readings)
    ]
    read = tuple((window, r.begin, r.size) for window, r in zip(windows, readings, strict=True))
    if spec.kind.pools:
        return str(spec.kind), read, spec.kind != AVERAGE or spec.counts_padding
    groups = channels if spec.kind.per_channel else spec.channels.groups
    after = layer.channels_after(channels, axes)
    if spec.padding_mode != "zeros" or not spec.kind.weights:
        raise SolverError("this is no convolution padded with zeros")
    return spec.transposed, read, after, groups, spec.channels.bias
