"""The receptive field of one output: what it reads at every layer, back to the input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor
from typing import Any

from solver.errors import LimitError, SolverError
from solver.layers.stack import Stack
from solver.render.pictures.called import called
from solver.render.pictures.legend import legend
from solver.render.pictures.marks import LINE, Cluster, Label, Mark, Rectangle, Stroke, width
from solver.render.pictures.picture import Picture
from solver.render.pictures.window_reads import WindowReads

#: Pixels of the border, between rows, of the bars at the top, and what is drawn is wide at most.
_BORDER, _BETWEEN, _BARS, _WIDE = 12, 46, 40, 860
#: Pixels of an element at least and at most, and the elements and lines there is room for.
_LEAST, _MOST_PIXELS, _ELEMENTS, _LINES = 1.5, 22, 550, 1500
_LEGEND = {
    "tap": "is read",
    "padding": "padding that is read",
    "curve": "how many ways lead from there to the output",
}


def draw(stack: Stack, size: int, output: int | None = None, axis: int = 0) -> Picture:
    """What an output of a stack reads of an input of a size, along an axis, layer by layer.

    output: its number; without one that in the middle. Above each input element stands how many
    ways there are from it to the output. Raises SolverError where the stack does not run, or has a
    layer without a window; LimitError for a field without room.

    >>> from solver import Conv
    >>> print(Stack(Conv(3), Conv(3, 2)).draw(12).description)
    Output 2 of 4 reads 5 of 12 input elements, 4 to 8.
    """
    sizes = [n[axis] if isinstance(n, tuple) else n for n in stack.sizes(size)]
    steps = [
        WindowReads(layer.window(axis), before, after)
        for layer, before, after in zip(stack.layers, sizes, sizes[1:], strict=False)
    ]
    last = sizes[-1]
    y = last // 2 if output is None else output
    if not 0 <= y < last:
        raise SolverError("there is no such output", str(y), f"0 to {last - 1}")
    return _Cone(stack, sizes, steps, y).picture()


class _Cone:
    """Hold what an output reads at each layer, the input first, and where that is drawn."""

    def __init__(self, stack: Stack, sizes: list[int], steps: list[WindowReads], y: int) -> None:
        self.stack, self.sizes, self.steps, self.y = stack, sizes, steps, y
        self.ways: list[Counter[int]] = [Counter({y: 1})]
        self.padding: list[set[int]] = [set()]
        for step in reversed(steps):
            found, outside = Counter[int](), set[int]()
            for at, ways in self.ways[0].items():
                for place in step.at(at):
                    if (x := step.element(place)) is not None:
                        found[x] += ways
                    elif step.padded(place):
                        outside.add(place)
            self.ways.insert(0, found)
            self.padding.insert(0, outside)
        self.lines = self._lines()
        self.first, self.last = self._extent()
        if self.last - self.first > _ELEMENTS:
            rule = f"a picture has room for a field of {_ELEMENTS} elements"
            raise LimitError(rule, f"{self.last - self.first:,} with what is around it")
        self.cell = min(max(_WIDE / (self.last - self.first + 1), _LEAST), _MOST_PIXELS)
        self.names = ["input", *map(called, stack.layers)]
        self.left = _BORDER + max(map(width, self.names)) + 14
        self.top = _BORDER + LINE + 14 + _BARS

    def _lines(self) -> list[tuple[Fraction, Fraction]]:
        """Where element i of each layer stands above the input: slope*i + offset."""
        found = [(Fraction(1), Fraction(0))]
        for step in self.steps:
            slope, offset = found[-1]
            apart, window = step.window.input_dilation, step.window
            middle = Fraction(window.span - 1, 2) - step.begin
            found.append((slope * window.stride / apart, slope * middle / apart + offset))
        return found

    def _place(self, layer: int, at: int) -> Fraction:
        slope, offset = self.lines[layer]
        return slope * at + offset

    def _extent(self) -> tuple[int, int]:
        places = [
            self._place(layer, at)
            for layer, (ways, outside) in enumerate(zip(self.ways, self.padding, strict=True))
            for at in (*ways, *outside)
        ]
        return floor(min(places)) - 2, ceil(max(places)) + 2

    def picture(self) -> Picture:
        title = f"what output {self.y} of {self.sizes[-1]} reads of {self.sizes[0]}"
        marks: list[Mark] = [Label(_BORDER, _BORDER + 12, title, "head", "start")]
        marks += [*self._bars(), *self._edges()]
        for layer in range(len(self.sizes)):
            marks += [*self._row(layer)]
        wide = self.left + (self.last - self.first + 1) * self.cell
        bottom = self._y(len(self.sizes) - 1) + self._high + LINE
        keys, end = legend(_LEGEND, marks, _BORDER, bottom, max(wide, 400))
        wide = max(wide, _BORDER + width(title) * 1.1, 400)
        return Picture(title, self._said(), wide + _BORDER, end + _BORDER, [*marks, *keys])

    def _said(self) -> str:
        read = sorted(self.ways[0])
        words = f"Output {self.y} of {self.sizes[-1]} reads {len(read)} of {self.sizes[0]} input"
        where = f" elements, {read[0]} to {read[-1]}" if read else " elements"
        holes = len(range(read[0], read[-1] + 1)) - len(read) if read else 0
        return f"{words}{where}{f', and skips {holes} between them' if holes else ''}."

    @property
    def _high(self) -> float:
        return max(self.cell, 8)

    def _x(self, layer: int, at: int) -> float:
        """The middle of an element, in pixels."""
        return self.left + (float(self._place(layer, at)) - self.first + 0.5) * self.cell

    def _y(self, layer: int) -> float:
        return self.top + layer * (self._high + _BETWEEN)

    def _row(self, layer: int) -> Iterator[Mark]:
        slope, offset = self.lines[layer]
        y, size = self._y(layer), self.sizes[layer]
        wide = self.cell * min(float(slope), 1)
        yield Label(_BORDER, y + self._high / 2 + 4, self.names[layer], "text", "start")
        low = max(ceil((self.first - offset) / slope), 0)
        high = min(floor((self.last - offset) / slope), size - 1)
        for at in [*range(low, high + 1), *sorted(self.padding[layer])]:
            ways = self.ways[layer][at] if 0 <= at < size else 0
            look = "tap" if ways else "input" if 0 <= at < size else "padding"
            data: dict[str, Any] = {"layer": layer, "at": at, "ways": ways}
            box = Rectangle(self._x(layer, at) - wide / 2, y, wide, self._high, look, data)
            tip = f"{self.names[layer]}: element {at}"
            yield Cluster([box], tip=f"{tip}, {ways} ways to the output" if ways else tip)

    def _edges(self) -> Iterator[Mark]:
        """A line from each element that is read to those that it is made of."""
        pairs = zip(self.steps, self.ways[1:], strict=True)
        if sum(len(step.at(0)) * len(outputs) for step, outputs in pairs) > _LINES:
            yield from self._hulls()
            return
        for layer, step in enumerate(self.steps):
            for at in self.ways[layer + 1]:
                for x in step.taps(at):
                    yield self._edge(layer, x, at)

    def _hulls(self) -> Iterator[Mark]:
        """Where there are too many: the outermost alone."""
        for layer in range(len(self.steps)):
            ends = [(min(each), max(each)) for each in self.ways[layer : layer + 2] if each]
            if len(ends) == 2:
                for x, at in zip(*ends, strict=True):
                    yield self._edge(layer, x, at)

    def _edge(self, layer: int, x: int, at: int) -> Stroke:
        upper = self._x(layer, x), self._y(layer) + self._high
        return Stroke([upper, (self._x(layer + 1, at), self._y(layer + 1))], "faint")

    def _bars(self) -> Iterator[Mark]:
        """How many ways lead from each element of the input, as high as they are many."""
        most = max(self.ways[0].values(), default=1)
        foot = self.top - 6
        for x, ways in sorted(self.ways[0].items()):
            middle = self._x(0, x)
            yield Stroke([(middle, foot), (middle, foot - _BARS * ways / most)], "curve")
