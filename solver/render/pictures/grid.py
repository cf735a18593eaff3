"""A layer along two axes: the input with its padding, and the window that walks over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from solver.errors import LimitError, SolverError
from solver.layers.layer import Layer
from solver.render.pictures.called import called
from solver.render.pictures.legend import legend
from solver.render.pictures.marks import LINE, Cluster, Label, Mark, Rectangle, width
from solver.render.pictures.picture import Picture
from solver.render.pictures.window_reads import WindowReads
from solver.sizes.domain import whole_number

#: Pixels of an element, between the border and what is drawn, and between input and output.
_CELL, _BORDER, _BETWEEN = 18, 12, 40
#: Places along an axis that there is room for, and outputs whose taps are shown under the mouse.
_MOST_PLACES, _MOST_MARKS = 64, 6_000
_LEGEND = {
    "padding": "padding",
    "unread": "never read",
    "overhang": "beyond the padding",
    "zero": "a zero between inputs",
}


def draw(layer: Layer, size: Sequence[int], output: Sequence[int] = (0, 0)) -> Picture:
    """A layer along two axes, with a window that walks over the outputs.

    size: elements (height, width). output: (row, column) of the one it begins with. Raises
    SolverError where the layer has no window or does not run; LimitError for more than there is
    room for.
    """
    sizes = [whole_number(n, "an input size", 0) for n in size]
    if len(sizes) != 2:
        raise SolverError(
            "a picture has one axis or two", received=str(tuple(size)), right="(7, 9)"
        )
    if not isinstance(output, (list, tuple)) or len(output) != 2:
        raise SolverError("an output of two axes is a row and a column", str(output), "0x0")
    counts = layer.size(tuple(sizes))
    reads = [
        WindowReads.of(layer, axis, n, count)
        for axis, (n, count) in enumerate(zip(sizes, counts, strict=True))
    ]
    for each, y in zip(reads, output, strict=True):
        if not 0 <= y < max(each.outputs, 1):
            raise SolverError("there is no such output", str(y), f"0 to {each.outputs - 1}")
    return _Grid(layer, reads, tuple(output)).picture()


class _Grid:
    """Hold two axes of elements, and where they are drawn."""

    def __init__(self, layer: Layer, reads: Sequence[WindowReads], output: tuple[int, ...]) -> None:
        self.layer, self.reads, self.output = layer, reads, output
        self.places = [each.places for each in reads]
        longest = max(*map(len, self.places), *(each.outputs for each in reads))
        if longest > _MOST_PLACES:
            rule = f"a picture of two axes has room for {_MOST_PLACES} elements along each"
            raise LimitError(rule, f"{longest:,} with the padding", "a smaller input, or one axis")
        self.top = _BORDER + 2 * LINE + 8
        self.left = _BORDER
        self.right = self.left + len(self.places[1]) * _CELL + _BETWEEN

    def picture(self) -> Picture:
        sizes = ["x".join(str(each[i]) for each in self._sizes) for i in (0, 1)]
        title = f"{called(self.layer)}: {sizes[0]} -> {sizes[1]}"
        heads = zip(
            (self.left, self.right), (f"input {sizes[0]}", f"output {sizes[1]}"), strict=True
        )
        marks: list[Mark] = [Label(_BORDER, _BORDER + 12, title, "head", "start")]
        marks += [Label(x, self.top - 6, word, "text", "start") for x, word in heads]
        marks += [*self._inputs(), *self._outputs(), *self._walk()]
        wide = max(
            self.right + max(self.reads[1].outputs * _CELL, width(f"output {sizes[1]}")),
            _BORDER + width(title) * 1.1,
        )
        rows = max(len(self.places[0]), self.reads[0].outputs)
        keys, end = legend(_LEGEND, marks, _BORDER, self.top + rows * _CELL + LINE, wide)
        return Picture(title, self.said(), wide + _BORDER, end + _BORDER, [*marks, *keys])

    @property
    def _sizes(self) -> list[tuple[int, int]]:
        return [(each.n, each.outputs) for each in self.reads]

    def said(self) -> str:
        """The picture in words."""
        kernel, stride, begin = (
            "x".join(map(str, each))
            for each in zip(
                *((r.window.kernel_size, r.window.stride, r.begin) for r in self.reads), strict=True
            )
        )
        apart = "x".join(str(each.window.input_dilation) for each in self.reads)
        how = f"{apart} apart" if self._scatters else f"by {stride}, padded by {begin} in front"
        words = (
            f"A kernel of {kernel} over {self._said(0)} elements, {how}: {self._said(1)} come out."
        )
        if all(each.outputs for each in self.reads):
            rows, columns = (each.taps(y) for each, y in zip(self.reads, self.output, strict=True))
            words += f" Output {self.output} reads rows {rows} and columns {columns}."
        return words

    def _said(self, which: int) -> str:
        return "x".join(str(each[which]) for each in self._sizes)

    @property
    def _scatters(self) -> bool:
        return any(each.scatters for each in self.reads)

    def _cell(self, place: tuple[int, ...], look: str, data: dict[str, str]) -> Rectangle:
        y, x = (at - places[0] for at, places in zip(place, self.places, strict=True))
        corner = self.left + x * _CELL, self.top + y * _CELL
        return Rectangle(*corner, _CELL, _CELL, look, data)

    def _inputs(self) -> Iterator[Mark]:
        unread = [
            {x for x in range(each.n) if each.unread(x)} if each.n <= _MOST_PLACES else set()
            for each in self.reads
        ]
        for place in product(*self.places):
            at = [each.element(one) for each, one in zip(self.reads, place, strict=True)]
            if None not in at:
                read = not any(x in none for x, none in zip(at, unread, strict=True))
                look = "input" if read else "unread"
                yield self._cell(place, look, {"x": f"{at[0]} {at[1]}"})
            else:
                padded = all(map(WindowReads.padded, self.reads, place))
                look = "zero" if self._scatters else "padding" if padded else "overhang"
                yield self._cell(place, look, {look: f"{place[0]} {place[1]}"})

    def _outputs(self) -> Iterator[Mark]:
        rows, columns = self.reads
        each = rows.window.kernel_size * columns.window.kernel_size
        shown = rows.outputs * columns.outputs * each <= _MOST_MARKS
        for y in product(range(rows.outputs), range(columns.outputs)):
            taps = [*product(rows.taps(y[0]), columns.taps(y[1]))]
            data = {"y": f"{y[0]} {y[1]}", "reads": " ".join(f"{i},{j}" for i, j in taps)}
            cell = self._output(y, "output", data if shown else {"y": data["y"]})
            if not shown:
                yield cell
                continue
            lit = Cluster([self._output(y, "now", {}), *self._taps(y)], "shown")
            yield Cluster([cell, lit], "hover", f"output {y[0]}, {y[1]}")

    def _output(self, y: tuple[int, ...], look: str, data: dict[str, str]) -> Rectangle:
        corner = self.right + y[1] * _CELL, self.top + y[0] * _CELL
        return Rectangle(*corner, _CELL, _CELL, look, data)

    def _taps(self, y: tuple[int, ...]) -> Iterator[Rectangle]:
        """What an output stands over."""
        for place in product(*(each.at(one) for each, one in zip(self.reads, y, strict=True))):
            yield self._cell(place, "tap", {"tap": f"{place[0]} {place[1]}"})

    def _walk(self) -> Iterator[Mark]:
        """The window, and the output that it makes, one after the other."""
        if not all(each.outputs for each in self.reads):
            return
        every = [*product(*(range(each.outputs) for each in self.reads))]
        start = every.index(self.output)
        order = [*every[start:], *every[:start]]
        moved = [(x - self.output[1], y - self.output[0]) for y, x in order]
        stride = [each.window.stride * _CELL for each in self.reads]
        steps = [(x * stride[1], y * stride[0]) for x, y in moved]
        yield Cluster([*self._taps(self.output)], "moving", steps=steps)
        now = self._output(self.output, "now", {"now": ""})
        yield Cluster([now], "moving", steps=[(x * _CELL, y * _CELL) for x, y in moved])
