"""The way from the input of a network to its output: what each node on it does to the sizes.

Every window, whatever its kernel, acts on the size by its stride s and its net padding Y alone:
m = floor((n - 1 + Y)/s) + 1, or, transposed, m = (n - 1)s + 1 - Y. These two undo each other. Where
branches meet their sizes are equal, so one way tells the sizes of the whole network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from solver.errors import SolverError
from solver.layers.window import Window
from solver.network.graph.graph import Graph
from solver.network.graph.merging import CropLike, ResizeLike
from solver.network.graph.operation import Apply, Shape
from solver.network.graph.walk import Node
from solver.sizes import formulas
from solver.sizes.sizemap import IDENTITY, SizeMap


class Step(NamedTuple):
    """Hold what one node does along one axis.

    down, up: the stride, and how far apart a transposed convolution puts its inputs; one of them is
    1. begin, end: the padding, or what a transposed convolution crops. All in elements.
    """

    kernel_size: int = 1
    dilation: int = 1
    down: int = 1
    up: int = 1
    begin: int = 0
    end: int = 0

    @property
    def net(self) -> int:
        """Return the net padding."""
        return int(formulas.net_padding(self.kernel_size, self.begin, self.end, self.dilation))

    @property
    def size_map(self) -> SizeMap:
        """Return what it makes of a size.

        >>> print(Step(4, down=2, begin=1, end=1).size_map, Step(2, up=2).size_map)
        floor(n/2) 2*n
        """
        if self.up > 1:
            return SizeMap.line(self.up, 1 - self.net - self.up)
        return SizeMap.line(1, self.net - 1 + self.down, self.down)

    def moved(self, begin: int, end: int) -> Step:
        """Return it with more padding; what would be less than none becomes a longer kernel.

        >>> Step(3).moved(-1, 1)
        Step(kernel_size=4, dilation=1, down=1, up=1, begin=0, end=1)
        """
        begin, end = self.begin + begin, self.end + end
        before, behind = (max(-(least // self.dilation), 0) for least in (begin, end))
        return self._replace(
            kernel_size=self.kernel_size + before + behind,
            begin=begin + before * self.dilation,
            end=end + behind * self.dilation,
        )


class Place(NamedTuple):
    """Hold a node on the way: a step for each axis, and the channels before it and after it."""

    at: int
    steps: tuple[Step, ...]
    before: int
    after: int


def path(network: Graph) -> tuple[Place, ...]:
    """Return the nodes on the way from the input to the output that change sizes.

    Padding and cropping layers are counted to the window behind them, or before them at the end.
    Raises SolverError where there is no such way, or a node on it has no stride.

    >>> from solver import Conv, MaxPool, pad, trace
    >>> net = trace(lambda x: MaxPool(2)(Conv(3)(pad(x, 1))), axes=1)
    >>> [(place.at, str(place.steps[0].size_map)) for place in path(net)]
    [(3, 'floor(n/2)')]
    """
    if len(network.inputs) != 1 or len(network.outputs) != 1:
        received = f"{len(network.inputs)} inputs, {len(network.outputs)} outputs"
        raise SolverError("an encoder has one input and one output", received)
    shapes = network.walk.shapes
    places: list[Place] = []
    shifts: list[tuple[int, tuple[tuple[int, int], ...]]] = []
    for before, at in _way(network):
        node = network.nodes[at]
        given, found = _sizes(node, shapes[before]), _sizes(node, shapes[at])
        steps = _steps(node, given, found)
        if all(step.size_map == IDENTITY for step in steps):
            continue
        if _only_pads(node):
            shifts.append((len(places), tuple((step.begin, step.end) for step in steps)))
        else:
            places.append(Place(at, steps, _channels(given), _channels(found)))
    for index, ends in reversed(shifts):
        _count_in(places, index, ends)
    return tuple(place for place in places if _changes(place))


def _changes(place: Place) -> bool:
    return any(step.size_map != IDENTITY for step in place.steps)


def _count_in(places: list[Place], index: int, ends: Sequence[tuple[int, int]]) -> None:
    """Count the padding in front of a place to it; behind the last one, to that."""
    if not places:
        raise SolverError("an encoder has a layer with a window")
    behind = index == len(places)
    place = places[min(index, len(places) - 1)]
    steps = []
    for step, (begin, end) in zip(place.steps, ends, strict=True):
        # A transposed layer crops less where more is to come out.
        turns = step.down if behind else 1
        if step.up > 1:
            turns = -1 if behind else -step.up
        steps.append(step.moved(turns * begin, turns * end))
    places[min(index, len(places) - 1)] = place._replace(steps=tuple(steps))


def _way(network: Graph) -> list[tuple[int, int]]:
    """Return the pairs (node before, node) on the way with the most layers."""
    nodes = network.nodes
    depth, best = [0] * len(nodes), [-1] * len(nodes)
    for at, node in enumerate(nodes):
        if not node.inputs:
            continue
        like = isinstance(node.operation, (CropLike, ResizeLike))
        read = node.inputs[1:] if like else node.inputs
        best[at] = max(read, key=depth.__getitem__)
        depth[at] = depth[best[at]] + isinstance(node.operation, Apply)
    found = []
    at = network.outputs[0]
    while best[at] >= 0:
        found.append((best[at], at))
        at = best[at]
    return found[::-1]


def _sizes(node: Node, shape: Shape | None) -> Shape:
    if shape is None or len(shape) < 3:
        rule = "an encoder keeps its axes: batch, channels, sizes"
        raise SolverError(f"{node.label}: {rule}")
    return shape


def _channels(shape: Shape) -> int:
    return shape[1].number or 1


def _only_pads(node: Node) -> bool:
    if not isinstance(node.operation, Apply):
        return True
    layer = node.operation.layer
    return layer.row.kind.pads


def _steps(node: Node, given: Shape, found: Shape) -> tuple[Step, ...]:
    axes = len(given) - 2
    operation = node.operation
    if isinstance(operation, Apply) and operation.axes in (None, axes):
        layer = operation.layer
        steps = [_step(each.window, each.size_map) for each in layer.along(axes)]
    elif len(given) == len(found):
        steps = [_shift(one.single, two.single) for one, two in zip(given, found, strict=True)][2:]
    else:
        steps = [None]
    if not all(steps):
        rule = "every layer of an encoder has a whole stride along every axis"
        raise SolverError(f"{node.label}: {rule}")
    return tuple(step for step in steps if step)


def _step(window: Window | None, size_map: SizeMap) -> Step | None:
    shift, down, up = size_map.shift, size_map.period, size_map.rise
    if shift is None or min(down, up) != 1:
        return None
    strides = (down, up)
    if window is None or (window.stride, window.input_dilation) != strides:
        window = Window(down * up, down, (0, 0), 1, up)
    kernel, full = window.kernel_size, window.span - 1
    net = 1 - up - shift if up > 1 else shift + 1 - down
    total = net + full
    if isinstance(window.pads, str):
        begin = total // 2
    else:
        begin = full - window.pads[0] if up > 1 else window.pads[0]
    return Step(kernel, window.dilation, down, up, begin, total - begin)


def _shift(one: tuple[str, SizeMap] | None, other: tuple[str, SizeMap] | None) -> Step | None:
    if one == other:
        return Step()
    if one is None or other is None or one[0] != other[0]:
        return None
    change = other[1] - one[1]
    if change.period > 1 or change.rise:
        return None
    return Step(end=int(change(0)))
