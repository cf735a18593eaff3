"""The way from the input of a network to its output: what each node on it does to the sizes.

Every window, whatever its kernel, acts on the size by its stride s and its net padding Y alone:
m = floor((n - 1 + Y)/s) + 1, and transposed m = (n - 1)s + 1 - Y. These two undo each other. Where
branches meet their sizes are equal, so one way tells the sizes of the whole network.
"""

from __future__ import annotations

from collections.abc import Sequence

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.layers.window import Window
from solver.network.graph.graph import Graph
from solver.network.graph.merging import CropLike, ResizeLike
from solver.network.graph.operation import Apply, Shape
from solver.network.graph.walk import Node
from solver.sizes.sizemap import IDENTITY, SizeMap


class Waypoint(NamedTuple):
    """Hold a node on the way: a window for each axis, and the channels before it and after it."""

    at: int
    windows: tuple[Window, ...]
    before: int
    after: int

    @property
    def goes_down(self) -> bool:
        """Tell whether it makes no axis larger by a factor."""
        return all(window.input_dilation == 1 for window in self.windows)


def path(network: Graph) -> tuple[Waypoint, ...]:
    """The nodes on the way from the input to the output that change sizes.

    Padding and cropping layers are counted to the window behind them, or before them at the end.
    Raises SolverError where there is no such way, or a node on it has no stride.

    >>> from solver import Conv, MaxPool, pad, trace
    >>> net = trace(lambda x: MaxPool(2)(Conv(3)(pad(x, 1))), axes=1)
    >>> [(place.at, str(place.windows[0].size_map)) for place in path(net)]
    [(3, 'floor(n/2)')]
    """
    if len(network.inputs) != 1 or len(network.outputs) != 1:
        received = f"{len(network.inputs)} inputs, {len(network.outputs)} outputs"
        raise SolverError("an encoder has one input and one output", received)
    shapes = network.walk.shapes
    places: list[Waypoint] = []
    shifts: list[tuple[int, tuple[tuple[int, int], ...]]] = []
    for before, at in _way(network):
        node = network.nodes[at]
        given, found = _sizes(node, shapes[before]), _sizes(node, shapes[at])
        windows = _windows(node, given, found)
        if all(window.size_map == IDENTITY for window in windows):
            continue
        if _only_pads(node):
            shifts.append((len(places), tuple(window.pads for window in windows)))
        else:
            places.append(Waypoint(at, windows, _channels(given), _channels(found)))
    for index, ends in reversed(shifts):
        _count_in(places, index, ends)
    return tuple(place for place in places if _changes(place))


def _changes(place: Waypoint) -> bool:
    return any(window.size_map != IDENTITY for window in place.windows)


def _count_in(places: list[Waypoint], index: int, ends: Sequence[tuple[int, int]]) -> None:
    """Count the padding in front of a place to it; behind the last one, to that."""
    if not places:
        raise SolverError("an encoder has a layer with a window")
    behind = index == len(places)
    place = places[min(index, len(places) - 1)]
    windows = []
    for window, (begin, end) in zip(place.windows, ends, strict=True):
        # An element behind is a stride in front; one in front is followed by zeros.
        apart = window.stride if behind else window.input_dilation
        more = window.begin + apart * begin, window.end + apart * end
        windows.append(window.padded(more))
    places[min(index, len(places) - 1)] = place._replace(windows=tuple(windows))


def _way(network: Graph) -> list[tuple[int, int]]:
    """The pairs (node before, node) on the way with the most layers."""
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


def _windows(node: Node, given: Shape, found: Shape) -> tuple[Window, ...]:
    axes = len(given) - 2
    operation = node.operation
    windows: list[Window | None] = [None]
    if isinstance(operation, Apply) and operation.axes in (None, axes):
        layer = operation.layer
        windows = [fitted(each.window, each.size_map) for each in layer.along(axes)]
    elif len(given) == len(found):
        pairs = zip(given[2:], found[2:], strict=True)
        windows = [_shift(one.single, two.single) for one, two in pairs]
    if not all(windows):
        rule = "every layer of an encoder has a whole stride along every axis"
        raise LimitError(f"{node.label}: decoders are found where {rule}")
    return tuple(window for window in windows if window)


def fitted(window: Window | None, size_map: SizeMap) -> Window | None:
    """A window with the padding at the end that gives a size map, None where none does."""
    shift, down, up = size_map.shift, size_map.period, size_map.rise
    if shift is None or min(down, up) != 1:
        return None
    if window is None or (window.stride, window.input_dilation) != (down, up):
        window = Window(down * up, down, input_dilation=up)
    total = shift + up - down + window.span - 1
    begin = total // 2 if window.moves else window.begin
    return window.padded((begin, total - begin))


def _shift(one: tuple[str, SizeMap] | None, other: tuple[str, SizeMap] | None) -> Window | None:
    if one == other:
        return Window()
    if one is None or other is None or one[0] != other[0]:
        return None
    change = other[1] - one[1]
    if change.period > 1 or change.rise:
        return None
    return Window(end=int(change(0)))
