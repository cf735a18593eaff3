"""The network that a design with branches is, and what it says behind each of its layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from math import lcm
from typing import Any

from solver.errors import SizeError
from solver.frameworks import layer as framework_layer
from solver.layers.branching import Block, Branched
from solver.layers.marking import Mark
from solver.layers.operators import Operator
from solver.layers.own import Conv
from solver.layers.reads import ITSELF, Span
from solver.network.fields.field import fields
from solver.network.graph.costs import costs
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.norms import Normalize
from solver.network.graph.operation import Apply
from solver.network.graph.validity import valid
from solver.network.network import Network
from solver.network.tensor import (
    Tensor,
    add,
    concat,
    crop,
    flatten,
    global_pool,
    linear,
    pointwise,
    trace,
    upsample,
)
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet


class Built:
    """Hold the network of a design. ends: the input, and the node behind each of its layers.

    Of a head, which makes one number for each class, it is the node before it.

    >>> from solver import Conv
    >>> block = Block("concat", [[Conv(3, padding=1)], [Operator("relu")]])
    >>> built = Built(Branched([block, Conv(3, 2)], 2, 8))
    >>> built.widths, list(map(str, built.size_maps(0))), str(built.accepts(0))
    ((8, 16, 16), ['n', 'n', 'ceil(n/2) - 1'], 'n >= 3')
    """

    def __init__(self, design: Branched) -> None:
        self.axes = design.axes
        self.ends, self._last = [0], [0]

        def run(x: Tensor) -> list[Tensor]:
            passed = [x]
            each: Any
            for each in design.layers:
                head = isinstance(each, Operator) and each.row.last
                self.ends.append(x.at if head else (x := _through(each, x)).at)
                x = linear(flatten(global_pool(x)), each.number) if head else x
                self._last.append(x.at)
                passed.append(x)
            return [passed[at] for at in design.output_places.values()]

        self.network: Network = trace(run, design.channels, design.axes)
        if design.marked:
            found = self.network
            self.network = found.changed(found.nodes, found.outputs, design.output_places)

    @property
    def widths(self) -> tuple[int, ...]:
        """The channels at each end."""
        shapes = self.network.walk.shapes
        return tuple(shape[1].number or 0 for at in self.ends if (shape := shapes[at]))

    def sizes(self, sizes: Sequence[int]) -> list[tuple[int, ...]]:
        """The sizes at each end, one per axis. Raises SizeError where an input does not run."""
        self.network.run(sizes)
        shapes = self.network.there(sizes).walk.shapes
        found = [shape[2:] for at in self.ends if (shape := shapes[at])]
        return [tuple(dim.number or 0 for dim in each) for each in found]

    def size_maps(self, axis: int) -> Iterator[SizeMap]:
        """The size map at each end along an axis."""
        for at in self.ends:
            shape = self.network.walk.shapes[at]
            single = shape[2 + axis].single if shape else None
            if single is None:
                raise SizeError("there is no size for every n here", self.network.nodes[at].label)
            yield single[1]

    def accepts(self, axis: int) -> SizeSet:
        """The inputs at which it runs, along an axis."""
        return valid(self.network, LETTERS[self.axes][axis]).inputs

    def spans(self, axis: int) -> list[Span | None]:
        """What outputs read behind each layer along an axis, None for the whole input.

        Where a crop begins depends on the size: then it is what the last reads at most, of all
        sizes that are taken.
        """
        letter = LETTERS[self.axes][axis]
        found = fields(self.network)
        turn = found.modulus.get(letter, 1)
        if turn == 1:
            return self._read(found, letter)
        taken = self.accepts(axis)
        rests = {n % turn for n in taken.classes(lcm(turn, taken.modulus))} or {0}
        every = (self._read(fields(self.network, residue=n), letter) for n in sorted(rests))
        return max(every, key=lambda spans: spans[-1].length if spans[-1] else 0)

    def _read(self, found: Any, letter: str) -> list[Span | None]:
        known = [found.of(at, letter) for at in self.ends[1:]]
        return [
            ITSELF if field is None else None if field.everything else field.known
            for field in known
        ]

    @cached_property
    def parameters(self) -> list[int]:
        """The weights and biases of each layer, of a block those of all its layers."""
        each = [cost.parameters if cost else 0 for cost in costs(self.network)]
        return [sum(each[first + 1 : last + 1]) for first, last in pairwise(self._last)]


def _through(each: Any, x: Tensor) -> Tensor:
    """What a layer, an operator or a block makes of a tensor."""
    if isinstance(each, Block):
        ends = []
        for branch in each.branches:
            end = x
            for inner in branch:
                end = _through(inner, end)
            ends.append(end)
        if len(ends) == 1:
            return ends[0]
        if each.crop:
            ends[0] = crop(ends[0], like=ends[-1])
        return (add if each.join == "add" else concat)(*ends)
    if isinstance(each, Mark):
        return x
    if not isinstance(each, Operator):
        return each(x)  # type: ignore[no-any-return]
    channels = (x.shape or (Dim(1), Dim(1)))[1].number or 1
    if each.row.whole:
        gate = pointwise(Conv(1, out_channels=each.less(channels))(global_pool(x)), "relu")
        gate = pointwise(Conv(1, out_channels=channels)(gate), "sigmoid")
        return x * gate
    if each.word == "upsample":
        return upsample(x, each.number)
    if each.row.packs:
        return x.then(Apply(framework_layer("torch", "PixelShuffle", upscale_factor=each.number)))
    if apart := each.apart(channels):
        return x.then(Normalize(each.word, each.row.weights, groups=apart, apart=()))
    return pointwise(x, each.word, each.row.weights)
