"""A layer along one axis: elements, padding, the taps of each output, and what is never read."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor

from solver.errors import LimitError, SolverError
from solver.layers.layer import Layer
from solver.render.pictures.along import CELL, Along
from solver.render.pictures.called import called
from solver.render.pictures.legend import legend
from solver.render.pictures.marks import LINE, Cluster, Label, Mark, Rectangle, Stroke, width
from solver.render.pictures.picture import Picture
from solver.render.pictures.window_reads import WindowReads
from solver.sizes.domain import whole_number

#: Elements of a kernel that a picture has room for.
_LONGEST = 10_000
#: Pixels between the border and what is drawn, and between the row of inputs and that of outputs.
_BORDER, _BETWEEN = 12, 64


def draw(layer: Layer, size: int, *, output: int = 0, axis: int = 0) -> Picture:
    """A layer along one axis. size: elements of the input. output: the one whose taps are marked.

    axis: which axis of the layer. Raises SolverError where it has no window or does not run.
    """
    n = whole_number(size, "an input size", 0)
    window = layer.window(axis)
    if window.kernel_size * window.dilation > _LONGEST:
        raise LimitError(
            "a kernel in a picture", f"{window.span:,} elements", f"at most {_LONGEST:,}"
        )
    count = layer.size((n,) * (layer.axes or 1))[axis]
    if not isinstance(output, int):
        raise SolverError("an output of one axis is a number", str(output), "0")
    if not 0 <= output < max(count, 1):
        raise SolverError("there is no such output", str(output), f"0 to {count - 1}")
    return _Drawn(layer, WindowReads.of(layer, axis, n, count), output).picture()


class _Drawn:
    """Hold a layer and where its elements are drawn."""

    def __init__(self, layer: Layer, reads: WindowReads, output: int) -> None:
        self.layer, self.reads, self.output = layer, reads, output
        apart = reads.window.input_dilation
        before, behind = reads.cropped
        self.outputs = range(-before, reads.outputs + behind)
        ends = [reads.places[0], reads.places[-1]]
        if apart > 1:  # zeros around the inputs are no padding; what is cut off has its place
            ends = [0, max(apart * (reads.n - 1), 0)]
            for y in (self.outputs[0], self.outputs[-1]) if self.outputs else ():
                ends += [floor(reads.centre(y)), ceil(reads.centre(y))]
        self.names = [f"input {reads.n}", f"output {reads.outputs}", "taps" if apart > 1 else ""]
        left = _BORDER + max(map(width, self.names)) + 10
        self.along = Along(min(ends), max(ends), left)
        # Long numbers have no room in every element.
        self.often = 1 + int((width(str(max(reads.n, reads.outputs)), 10) + 2) // CELL)
        self.top = _BORDER + 2 * LINE
        self.below = self.top + CELL + _BETWEEN

    def picture(self) -> Picture:
        title = f"{called(self.layer)}: {self.reads.n} -> {self.reads.outputs}"
        marks = [Label(_BORDER, _BORDER + 12, title, "head", "start"), *self._marks()]
        wide = max(self.along.left + self.along.width, _BORDER + width(title) * 1.1)
        bottom = self.below + CELL + (LINE if self.reads.scatters else 0) + LINE
        keys, end = legend(_LEGEND, marks, _BORDER, bottom, wide)
        return Picture(title, self.said(), wide + _BORDER, end + _BORDER, [*marks, *keys])

    def said(self) -> str:
        """The picture in words."""
        reads, window = self.reads, self.reads.window
        words = [
            f"A kernel of {window.kernel_size}"
            + (f" with dilation {window.dilation}" if window.dilation > 1 else "")
            + f" over {reads.n} elements"
            + (f", {window.input_dilation} apart" if reads.scatters else f", by {window.stride}")
            + (f", padded by {reads.begin} and {reads.end}" if not reads.scatters else "")
            + f": {reads.outputs} come out."
        ]
        if reads.outputs:
            taps = ", ".join(map(str, reads.taps(self.output)[:12])) or "none"
            words.append(f"Output {self.output} reads elements {taps}.")
        if unread := [x for x in self._inputs() if reads.unread(x)]:
            words.append(f"Never read: {', '.join(map(str, unread[:12]))}.")
        return " ".join(words)

    def _inputs(self) -> Iterator[int]:
        """Yield the elements of the input that are drawn."""
        found = map(self.reads.element, self.along.places())
        return (x for x in found if x is not None)

    def _marks(self) -> Iterator[Mark]:
        yield from self._names()
        for place in self.along.places():
            yield from self._element(place)
        if (middle := self.along.middle) is not None:
            for top in (self.top, self.below):
                yield Label(middle, top + CELL / 2 + 4, "...")
        for y in self._drawn():
            yield self._output(y)
        if self.reads.outputs:
            yield from self._taps(self.output)

    def _names(self) -> Iterator[Mark]:
        tops = (self.top, self.below, self.below + CELL)
        heights = (CELL / 2 + 4, CELL / 2 + 4, LINE)
        for name, top, down in zip(self.names, tops, heights, strict=True):
            if name:
                yield Label(_BORDER, top + down, name, "text", "start")

    def _element(self, place: int) -> Iterator[Mark]:
        """What stands at a place of the row of inputs."""
        reads, left = self.reads, self.along.x(place)
        assert left is not None
        x = reads.element(place)
        if x is not None:
            look = "unread" if reads.unread(x) else "input"
            yield Rectangle(left, self.top, CELL, CELL, look, {"x": x})
            yield from self._number(left, self.top, x)
        elif reads.scatters:
            if 0 < place < reads.window.input_dilation * (reads.n - 1):
                yield Rectangle(
                    left + 9, self.top + 9, CELL - 18, CELL - 18, "zero", {"zero": place}
                )
        else:
            look = "padding" if reads.padded(place) else "overhang"
            yield Rectangle(left, self.top, CELL, CELL, look, {look: place})

    def _number(self, left: float, top: float, number: int) -> Iterator[Mark]:
        """The number of an element inside it."""
        if number % self.often == 0:
            yield Label(left + CELL / 2, top + CELL / 2 + 4, str(number), "note")

    def _drawn(self) -> Iterator[int]:
        """Yield the outputs that are drawn, and those that are cut off, in order."""
        stride, centre = self.reads.window.stride, self.reads.centre(0)
        seen: set[int] = set()
        for place in self.along.places():
            for y in (int((place - centre) // stride), -int((centre - place) // stride)):
                at = self.reads.centre(y)
                if y in self.outputs and y not in seen and self.along.shows(at):
                    seen.add(y)
        yield from sorted(seen)

    def _output(self, y: int) -> Cluster:
        reads = self.reads
        left = self.along.x(reads.centre(y))
        assert left is not None
        taps = reads.taps(y)
        inside = 0 <= y < reads.outputs
        data = {"y": y, "reads": " ".join(map(str, taps))} if inside else {"cropped": y}
        look = ("now" if y == self.output else "output") if inside else "crop"
        marks: list[Mark] = [Rectangle(left, self.below, CELL, CELL, look, data)]
        if inside:
            marks += self._number(left, self.below, y)
        if reads.scatters:
            count = Label(left + CELL / 2, self.below + CELL + LINE, str(len(taps)), "note")
            marks.append(count)
        marks.append(Cluster([*self._taps(y)], "shown"))
        tip = f"output {y} reads {', '.join(map(str, taps)) or 'nothing'}"
        return Cluster(marks, "hover", tip if inside else f"{tip}, and is cut off")

    def _taps(self, y: int) -> Iterator[Mark]:
        """What an output stands over, and the lines to it."""
        reads = self.reads
        low = self.along.x(reads.centre(y))
        for place in reads.at(y):
            left = self.along.x(place)
            x = reads.element(place)
            if left is None or low is None or (x is None and reads.scatters):
                continue
            ends = [(left + CELL / 2, self.top + CELL), (low + CELL / 2, self.below)]
            yield Stroke(ends, "faint" if x is None else "edge")
            if x is not None:
                yield Rectangle(left, self.top, CELL, CELL, "tap", {"tap": x})
                yield from self._number(left, self.top, x)


_LEGEND = {
    "padding": "padding",
    "unread": "never read",
    "overhang": "beyond the padding",
    "zero": "a zero between inputs",
    "crop": "cut off",
}
