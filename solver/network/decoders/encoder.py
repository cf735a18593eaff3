"""An encoder along its axes: what its layers make of n, and the digits of n in its strides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.layers.layer import Layer
from solver.network.decoders.decoded import OutputPadding
from solver.network.decoders.path import path
from solver.network.graph.dim import misfit
from solver.network.graph.graph import Graph
from solver.network.graph.validity import valid
from solver.sizes.comparison import where_equal
from solver.sizes.domain import whole_number
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import SizeSet

#: Layer by layer from the output on, the extra elements along each axis.
Digits = Sequence[Sequence[int]]


class EncodedAxis(NamedTuple):
    """Hold an encoder along one axis: the maps before each of its layers and behind the last."""

    letter: str
    maps: tuple[SizeMap, ...]
    accepted: SizeSet


class Encoder:
    """Hold the way through an encoder: places in order, back in reverse, and its axes."""

    def __init__(self, network: Graph) -> None:
        if blind := network.blind(network.walk.shapes):
            raise LimitError("what is behind this is not known", blind.label)
        self.places = path(network)
        shape = network.walk.shapes[network.outputs[0]]
        given = network.walk.shapes[network.inputs[0]]
        assert shape
        assert given
        self.channels, self.first = shape[1].number or 1, given[1].number or 1
        self.axes: list[EncodedAxis] = []
        for index, (start, dim) in enumerate(zip(given[2:], shape[2:], strict=True)):
            part = dim.single
            if start.single is None or part is None or part[0] != start.single[0]:
                rule = "the output of an encoder has a size of its own for every axis"
                raise SolverError(rule, received=str(dim))
            maps = [start.single[1]]
            for place in self.places:
                maps.append(place.windows[index].size_map(maps[-1]))
            if maps[-1] != part[1]:
                raise SolverError("the branches of an encoder must meet", received=f"{dim}")
            something = SizeSet(minimum=max(maps[-1].first(1), 1))
            accepted = valid(network, part[0]).plain & something
            self.axes.append(EncodedAxis(part[0], tuple(maps), accepted))
        self.back = self.places[::-1]

    @property
    def accepted(self) -> tuple[SizeSet, ...]:
        """The inputs that are accepted, for each axis."""
        return tuple(axis.accepted for axis in self.axes)

    def sizes(self, n: int | Sequence[int]) -> list[int]:
        """A size for each axis. Raises SolverError for one that is not accepted."""
        each = [n] * len(self.axes) if isinstance(n, int) else list(n)
        if len(each) != len(self.axes):
            raise misfit(each, self.letters)
        for size, accepted in zip(each, self.accepted, strict=True):
            if whole_number(size, "an input size", 1) not in accepted:
                near = [str(m) for m in (accepted.last(size), accepted.first(size)) if m]
                rule = "the encoder must accept the input"
                raise SolverError(rule, str(size), " or ".join(near) or None)
        return each

    def exact(self, layers: Iterable[Layer], index: int) -> SizeSet:
        """The inputs that layers give back along an axis, among those that every layer accepts."""
        runs, back = self.run(layers, index)
        return runs & where_equal(back, IDENTITY)

    def run(self, layers: Iterable[Layer], index: int) -> tuple[SizeSet, SizeMap]:
        """The inputs of which layers accept what the encoder makes, and what comes back of them."""
        axis = self.axes[index]
        size, runs = axis.maps[-1], axis.accepted
        for layer in layers:
            rule = layer.rule(index, len(self.axes))
            runs = runs & rule.accepts.preimage(size)
            size = rule.size_map(size)
        return runs, size

    @property
    def usual(self) -> list[int]:
        """The smallest multiple of the total stride that is accepted, for each axis."""
        firsts = [(axis.maps[-1].period, axis.accepted.first() or 1) for axis in self.axes]
        return [-(-least // period) * period for period, least in firsts]

    @property
    def letters(self) -> tuple[str, ...]:
        """The letter of each axis."""
        return tuple(axis.letter for axis in self.axes)

    @property
    def none(self) -> Digits:
        """Return digits of 0: the plain mirror."""
        return [[0] * len(self.axes) for _ in self.back]

    def digits(self, sizes: Sequence[int]) -> Digits:
        """The output_padding of each layer of the mirror that gives these sizes back."""
        return [
            [rule(size) for rule, size in zip(rules, sizes, strict=True)] for rules in self.rules
        ]

    @property
    def rules(self) -> list[tuple[OutputPadding, ...]]:
        """The law a = (F(n) - 1 + Y) mod s for each layer of the mirror and each axis."""
        found = []
        for at, place in enumerate(self.places):
            row = []
            for window, axis in zip(place.windows, self.axes, strict=True):
                size, stride = axis.maps[at], window.stride
                row.append(OutputPadding(size + (window.net_padding - 1) % stride, stride, size))
            found.append(tuple(row))
        return found[::-1]

    @property
    def widths(self) -> list[tuple[int, int]]:
        """The channels before and behind each layer of a decoder."""
        afters = [place.before for place in self.back]
        if afters:
            afters[-1] = self.first
        return list(pairwise([self.channels, *afters]))
