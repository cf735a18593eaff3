"""A network as a design: the tree of layers and blocks that it is, where it is one.

Its layers may be those of a framework, so each is equal to every layer of ours that does the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from solver.errors import SolverError
from solver.frameworks import layer as framework_layer
from solver.frameworks.sampling import of_layer as sampled
from solver.layers.kind import AVERAGE, PARTS
from solver.layers.layer import Layer
from solver.layers.operators import OPERATORS
from solver.layers.own import Conv
from solver.network.graph.merging import Concat, CropLike, Elementwise
from solver.network.graph.norms import Normalize
from solver.network.graph.operation import Apply, Pointwise
from solver.network.graph.shaping import Flatten, GlobalPool, Linear
from solver.network.graph.slicing import Slice
from solver.network.network import Network
from solver.network.seen import MARKED, Met, Seen, done
from solver.sizes.sizemap import SizeMap

_POOLED, _FLAT = "global pooling", "flatten"


def designs_of(network: Network, channels: int, axes: int) -> list[tuple[Any, ...]]:
    """The layers and blocks that a network is in order; none where it is no such tree.

    channels, axes: of the input. Outputs are marks, of which the last may be one or none.

    >>> from solver import read
    >>> designs_of(read("Conv2d(1, 1, 3)"), 1, 2)[0][0].does[2:]
    (1, 1, True)
    """
    *marked, last = sorted(network.outputs)
    if len(network.inputs) != 1:
        return []
    (start,) = network.inputs
    try:
        row, width = _Tree(network, axes, marked).row(last, start, channels)
    except (_NoTree, SolverError):
        return []
    if start in marked:
        row = (Seen(MARKED, channels, axes), *row)
    return [row, (*row, Seen(MARKED, width, axes))]


class _NoTree(Exception):
    """End where a network is no tree of branches that meet."""


class _Tree:
    """Read a network backward from its end. before: the node through which all ways lead."""

    def __init__(self, network: Network, axes: int, marked: Sequence[int] = ()) -> None:
        self._nodes, self._axes, self.marked = network.nodes, axes, marked
        self._shapes = network.walk.shapes
        self._through: list[int] = []  # for each node the next one back that all ways lead through
        self._used = [0] * len(network.nodes)
        self._listed: set[int] = set()
        self._modules: set[str] = set()
        for at, node in enumerate(self._nodes):
            inputs = self._inputs(at)
            common = inputs[0] if inputs else at
            for other in inputs[1:]:
                common = self._common(common, other)
            self._through.append(common)
            for each in node.inputs:
                self._used[each] += 1

    def _inputs(self, at: int) -> tuple[int, ...]:
        """What a node reads; what a crop is fitted to is none of it."""
        node = self._nodes[at]
        if isinstance(node.operation, (CropLike, Slice)):
            return tuple(node.inputs[:1])
        return tuple(node.inputs)

    def _common(self, one: int, other: int) -> int:
        """The last node that all ways to both lead through."""
        while one != other:
            if one > other:
                one = self._through[one]
            else:
                other = self._through[other]
        return one

    def row(self, end: int, start: int, channels: int) -> tuple[tuple[Any, ...], int]:
        """What stands from one node to another, and the channels behind it."""
        listed: list[Any] = []
        at = end
        while at != start:
            if at < start:
                raise _NoTree
            inputs = self._inputs(at)
            if not inputs or at in self._listed or self._again(at):
                raise _NoTree  # it would stand in two branches, with weights of its own in each
            listed.append(at)
            self._listed.add(at)
            at = inputs[0] if len(inputs) == 1 else self._through[at]
        return _InOrder(self, self._axes, channels).read(listed[::-1], start)

    def _again(self, at: int) -> bool:
        """Tell whether a node has the weights of one that is behind it."""
        node = self._nodes[at]
        if not node.of or isinstance(node.operation, Pointwise):
            return False
        known = node.of in self._modules
        self._modules.add(node.of)
        return known

    def meets(self, at: int, entry: int, channels: int) -> tuple[Any, int]:
        """What a node is in which branches meet, and the channels behind it."""
        operation = self._nodes[at].operation
        if isinstance(operation, Elementwise) and operation.name == "multiply":
            return self._gate(at, entry, channels)
        adds = isinstance(operation, Elementwise) and operation.name == "add"
        if not adds and not (isinstance(operation, Concat) and operation.axis == 1):
            raise _NoTree
        ends, cropped = [], False
        for end in self._ends(at, entry):
            while self._crops(end):
                end, cropped = self._inputs(end)[0], True
            ends.append(end)
        rows = [self.row(end, entry, channels) for end in ends]
        widths = [width for _, width in rows]
        block = Met("add" if adds else "concat", [row for row, _ in rows], cropped)
        return block, widths[0] if adds else sum(widths)

    def _crops(self, at: int) -> bool:
        """Tell whether a node takes as much from both ends of an axis, an odd one behind."""
        operation = self._nodes[at].operation
        if isinstance(operation, CropLike):
            return not operation.pads
        if not isinstance(operation, Slice) or operation.step != 1 or operation.axis < 2:
            return False
        shapes = self._shapes[self._inputs(at)[0]], self._shapes[at]
        before, after = (shape and shape[operation.axis].single for shape in shapes)
        begin = operation.start or 0
        start = (
            SizeMap.line(0, begin) if isinstance(begin, int) else begin.single and begin.single[1]
        )
        return bool(before and after and start == (before[1] - after[1]) // 2)

    def _ends(self, at: int, entry: int) -> Iterator[int]:
        """Yield the ends of branches, of those that met alike before each of theirs."""
        kind = self._nodes[at].operation
        for end in self._inputs(at):
            same = self._nodes[end].operation == kind and self._through[end] == entry
            if same and end != entry and self._used[end] == 1:
                yield from self._ends(end, entry)
            else:
                yield end

    def _gate(self, at: int, entry: int, channels: int) -> tuple[Any, int]:
        """The squeeze-excite that a product is."""
        inputs = [end for end in self._inputs(at) if end != entry]
        if len(inputs) != 1 or len(self._inputs(at)) != 2:
            raise _NoTree
        row, _ = self.row(inputs[0], entry, channels)
        words: list[Any] = [each.does if isinstance(each, Seen) else None for each in row]
        one = done([Conv(1)], 1, self._axes)[1]
        less = words[1][2] if len(words) == 5 and len(words[1] or ()) == 5 else 0
        gate = [
            *((_POOLED, None), (False, one, less, 1, True), ("relu", None)),
            *((False, one, channels, 1, True), ("sigmoid", None)),
        ]
        if words != gate:
            raise _NoTree
        return Seen(("gate", less), channels, self._axes), channels


class _InOrder:
    """Read nodes in order. channels: before the next of them."""

    def __init__(self, tree: _Tree, axes: int, channels: int) -> None:
        self._tree, self._axes, self._channels = tree, axes, channels
        self._found: list[Any] = []
        self._layers: list[Layer] = []  # paddings, a window and its croppings

    def read(self, listed: Sequence[int], start: int) -> tuple[tuple[Any, ...], int]:
        """The layers and blocks of these nodes, and the channels behind them."""
        for at in listed:
            node = self._tree._nodes[at]
            if len(self._tree._inputs(at)) > 1:
                self._close()
                block, self._channels = self._tree.meets(at, start, self._channels)
                self._found.append(block)
            else:
                self._one(node.operation)
            if at in self._tree.marked:
                self._close()
                self._add(MARKED)
            start = at
        self._close()
        return tuple(self._headed()), self._channels

    def _one(self, operation: Any) -> None:
        """Take in an operation of one input."""
        layer = operation.layer if isinstance(operation, Apply) else None
        if layer is not None and not layer.row.kind.samples:
            crops = layer.row.kind.pads and self._open and self._layers[-1].row.kind.transposed
            if self._open and not (crops and _only_crops(layer)):
                self._close()
            self._layers.append(layer)
            if word := layer.arguments.get("activation"):
                self._close()
                self._add((_word(str(word)), None))
            return
        self._close()
        if layer is not None:
            self._add(_resampled(layer, self._axes))
        elif isinstance(operation, GlobalPool):
            self._add((_POOLED, None))
        elif isinstance(operation, Flatten):
            self._add((_FLAT, None))
        elif isinstance(operation, Linear) and operation.bias:
            self._add(("linear", operation.features))
        elif isinstance(operation, (Pointwise, Normalize)):
            word = _word(operation.name)
            groups = getattr(operation, "groups", None) if word == "groupnorm" else None
            if word == "groupnorm" and not operation.weights:
                word = "instancenorm"
            if word != "identity":
                self._add((word, groups))
        else:
            raise _NoTree

    @property
    def _open(self) -> bool:
        """Tell whether there is a window that croppings may follow."""
        return any(not each.row.kind.pads for each in self._layers)

    def _add(self, does: Any) -> None:
        self._found.append(Seen(does, self._channels, self._axes))
        if does[0] in OPERATORS and OPERATORS[does[0]].packs:
            self._channels //= does[1] ** 2

    def _close(self) -> None:
        """Make one of paddings, a window and its croppings."""
        if self._layers:
            if not self._open:
                raise _NoTree
            self._found.append(
                Seen(done(self._layers, self._channels, self._axes), self._channels, self._axes)
            )
            for each in self._layers:
                self._channels = each.channels_after(self._channels, self._axes)
            self._layers = []

    def _headed(self) -> list[Any]:
        """What was found, a head as one, whether its linear layer has a dropout or none."""
        words = [each.does[0] if isinstance(each, Seen) else "" for each in self._found]
        if _POOLED not in words:
            return self._found
        begin = len(words) - 1 - words[::-1].index(_POOLED)
        inner, last = {*words[begin + 1 : -1]}, self._found[-1]
        if words[-1] != "linear" or inner - {_FLAT, "dropout"}:
            return self._found
        return [*self._found[:begin], Seen(("head", last.does[1]), last.channels, self._axes)]


def _resampled(layer: Layer, axes: int) -> tuple[str, Any]:
    """What a layer does that slides no window, as an operation. Raises _NoTree for others."""
    made = sampled(layer, axes)
    if made.kind == PARTS and made.fixed() == (1,) * axes and made.method == AVERAGE.word:
        return _POOLED, None
    for word, name, argument in _RESAMPLES:
        number = made.factor()
        if number and (word == "upsample" or axes == 2):
            same = sampled(framework_layer("torch", name, **{argument: number}), axes)
            if (made.kind, made.readings, made.way) == (same.kind, same.readings, same.way):
                return word, number
    raise _NoTree


_RESAMPLES = (
    ("upsample", "Upsample", "scale_factor"),
    ("pixelshuffle", "PixelShuffle", "upscale_factor"),
)


def _only_crops(layer: Layer) -> bool:
    """Tell whether a layer of padding takes away alone."""
    return all(
        max(along.window.pads) <= 0 for along in layer.along(layer.axes or 1) if along.window
    )


def _word(name: str) -> str:
    """The word of an operation that frameworks call by longer names.

    >>> [_word(name) for name in ("batchnorm2d", "BatchNormalization", "leaky_relu", "swish")]
    ['batchnorm', 'batchnorm', 'leakyrelu', 'silu']
    """
    plain = re.sub(r"(\dd|alization)$", "", name.lower().replace("_", ""))
    return "silu" if plain == "swish" else plain
