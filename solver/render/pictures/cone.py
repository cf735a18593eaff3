"""The receptive field of one output: what it reads at every layer, back to the input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from math import ceil, floor
from typing import Any

from solver.errors import LimitError, SolverError
from solver.render.pictures.arcs import arcs, room
from solver.render.pictures.arcs import drawn as drawn_arcs
from solver.render.pictures.cone_rows import FieldRow
from solver.render.pictures.legend import legend
from solver.render.pictures.marks import LINE, Cluster, Label, Mark, Rectangle, Stroke, width
from solver.render.pictures.picture import Picture

#: Pixels of the border, between rows, of the bars at the top, and what is drawn is wide at most.
_BORDER, _BETWEEN, _BARS, _WIDE = 12, 46, 40, 860
#: Between rows of long networks, and how many rows make one.
_TIGHT, _MANY = 16, 12
#: Pixels of an element at least and at most, and those below which neighbours are drawn as one.
_LEAST, _MOST_PIXELS, _APART = 0.2, 22, 4
#: The elements and lines there is room for.
_ELEMENTS, _LINES = 4_000, 1_500
#: The percent of all ways that what counts most holds.
_MOST_WAYS = 95
_LEGEND = {
    "tap": "is read",
    "padding": "padding that is read",
    "curve": "how many ways lead from there to the output",
    "target": f"where {_MOST_WAYS} % of all ways begin",
}


def draw(rows: Sequence[FieldRow], output: int | None = None) -> Picture:
    """What an output of the last tensor reads of those before it, along an axis.

    output: its number; without one that in the middle. Above each input element stands how many
    ways there are from it to the output. Raises SolverError where there is no such output, and
    LimitError for a field without room.

    >>> from solver import Conv, Stack
    >>> print(Stack(Conv(3), Conv(3, 2)).draw(12).description)
    Output 2 of 4 reads 5 of 12 input elements, 4 to 8; 95 % of the 9 ways begin at 4 to 8.
    """
    last = rows[-1].size
    y = last // 2 if output is None else output
    if not isinstance(y, int):
        raise SolverError("an output of one axis is a number", str(y), "0")
    if not 0 <= y < last:
        raise SolverError("there is no such output", str(y), f"0 to {last - 1}")
    return _Cone(rows, y).picture()


def most_ways(ways: Counter[int]) -> tuple[int, int] | None:
    """The first and the last of the elements at which most ways begin; None where none does.

    At both ends as many are left out as hold half of the others at most.

    >>> most_ways(Counter({0: 1, 1: 50, 2: 50, 3: 1}))
    (1, 2)
    """
    total = ways.total()
    if not total:
        return None
    order = sorted(ways)
    ends = []
    for each in (order, order[::-1]):
        sums = accumulate(ways[x] for x in each)
        left_out = (100 - _MOST_WAYS) * total
        ends.append(next(x for x, up in zip(each, sums, strict=True) if 200 * up > left_out))
    return ends[0], ends[1]


class _Cone:
    """Hold what an output reads of each tensor, the input first, and where that is drawn."""

    def __init__(self, rows: Sequence[FieldRow], y: int) -> None:
        self.rows, self.y = rows, y
        self.ways: list[Counter[int]] = [Counter() for _ in rows]
        self.padding: list[set[int]] = [set() for _ in rows]
        self.ways[-1][y] = 1
        for i in range(len(rows) - 1, -1, -1):
            for source, step in rows[i].reads:
                for at, ways in self.ways[i].items():
                    for place in step.at(at):
                        if (x := step.element(place)) is not None:
                            self.ways[source][x] += ways
                        elif step.padded(place):
                            self.padding[source].add(place)
        self.lines = self._lines()
        self.first, self.last = self._extent()
        if self.last - self.first > _ELEMENTS:
            rule = f"a picture has room for a field of {_ELEMENTS:,} elements"
            raise LimitError(rule, f"{self.last - self.first:,} with what is around it")
        self.cell = min(max(_WIDE / (self.last - self.first + 1), _LEAST), _MOST_PIXELS)
        self.between = _BETWEEN if len(rows) < _MANY else _TIGHT
        self.names = [row.name for row in rows]
        self.arcs = arcs(
            (source, i)
            for i, row in enumerate(rows)
            for source, _ in dict(row.reads).items()
            if source != i - 1
        )
        self.begin = _BORDER + room(self.arcs)
        self.left = self.begin + max(map(width, self.names)) + 14
        self.top = _BORDER + LINE + 22 + _BARS

    def _lines(self) -> list[tuple[Fraction, Fraction]]:
        """Where element i of each tensor stands above the input: slope*i + offset."""
        found = list[tuple[Fraction, Fraction]]()
        for row in self.rows:
            if not row.reads:
                found.append((Fraction(1), Fraction(0)))
                continue
            source, step = row.reads[0]
            slope, offset = found[source]
            apart, window = step.window.input_dilation, step.window
            middle = Fraction(window.span - 1, 2) - step.begin
            found.append((slope * window.stride / apart, slope * middle / apart + offset))
        return found

    def _place(self, row: int, at: int) -> Fraction:
        slope, offset = self.lines[row]
        return slope * at + offset

    def _extent(self) -> tuple[int, int]:
        places = [
            self._place(row, at)
            for row, (ways, outside) in enumerate(zip(self.ways, self.padding, strict=True))
            for at in (*ways, *outside)
        ]
        return floor(min(places)) - 2, ceil(max(places)) + 2

    def picture(self) -> Picture:
        title = f"what output {self.y} of {self.rows[-1].size} reads of {self.rows[0].size}"
        marks: list[Mark] = [Label(_BORDER, _BORDER + 12, title, "head", "start")]
        marks += [*self._bars(), *self._edges()]
        middles = [self._y(i) + self._high / 2 for i in range(len(self.rows))]
        marks += drawn_arcs(self.arcs, self.begin, middles, self.names)
        for i in range(len(self.rows)):
            marks += self._row(i)
        wide = max(self.left + (self.last - self.first + 1) * self.cell, 400)
        bottom = self._y(len(self.rows) - 1) + self._high + LINE
        keys, end = legend(_LEGEND, marks, _BORDER, bottom, wide)
        wide = max(wide, _BORDER + width(title) * 1.1)
        return Picture(title, self._said(), wide + _BORDER, end + _BORDER, [*marks, *keys])

    def _said(self) -> str:
        ways, size = self.ways[0], self.rows[0].size
        read = sorted(ways)
        words = f"Output {self.y} of {self.rows[-1].size} reads {len(read)} of {size} input"
        where = f" elements, {read[0]} to {read[-1]}" if read else " elements"
        holes = len(range(read[0], read[-1] + 1)) - len(read) if read else 0
        words += f"{where}{f', and skips {holes} between them' if holes else ''}"
        if (most := most_ways(ways)) is not None:
            begin = f"{most[0]} to {most[1]}" if most[0] < most[1] else f"{most[0]}"
            words += f"; {_MOST_WAYS} % of the {ways.total():,} ways begin at {begin}"
        return f"{words}."

    @property
    def _high(self) -> float:
        return max(self.cell, 8)

    def _x(self, row: int, at: float) -> float:
        """The middle of an element, in pixels."""
        slope, offset = self.lines[row]
        place = float(slope) * at + float(offset)
        return self.left + (place - self.first + 0.5) * self.cell

    def _y(self, row: int) -> float:
        return self.top + row * (self._high + self.between)

    def _row(self, row: int) -> Iterator[Mark]:
        slope, offset = self.lines[row]
        y, size, name = self._y(row), self.rows[row].size, self.names[row]
        yield Label(self.begin, y + self._high / 2 + 4, name, "text", "start")
        low = max(ceil((self.first - offset) / slope), 0)
        high = min(floor((self.last - offset) / slope), size - 1)
        wide = self.cell * min(float(slope), 1)
        for first, last, look in self._cells(row, [*range(low, high + 1)], wide):
            left, right = self._x(row, first) - wide / 2, self._x(row, last) + wide / 2
            if first < last:
                data: dict[str, Any] = {"layer": row, "first": first, "last": last}
                tip = f"{name}: elements {first} to {last}"
            else:
                ways = self.ways[row][first] if 0 <= first < size else 0
                data = {"layer": row, "at": first, "ways": ways}
                tip = f"{name}: element {first}" + (f", {ways} ways to the output" if ways else "")
            yield Cluster([Rectangle(left, y, right - left, self._high, look, data)], tip=tip)

    def _cells(self, row: int, inside: list[int], wide: float) -> list[tuple[int, int, str]]:
        """Elements and padding of a row, first and last, with their looks; narrow ones as one."""
        size, ways = self.rows[row].size, self.ways[row]
        narrow = max(wide, float(self.lines[row][0]) * self.cell) < _APART
        found: list[tuple[int, int, str]] = []
        for at in sorted({*inside, *self.padding[row]}):
            look = "padding" if not 0 <= at < size else "tap" if ways[at] else "input"
            if narrow and found and found[-1][1:] == (at - 1, look):
                found[-1] = (found[-1][0], at, look)
            else:
                found.append((at, at, look))
        return found

    def _edges(self) -> Iterator[Mark]:
        """A line from each element that is read to those of the next row that it is made of."""
        steps = [
            (i, source, step)
            for i, row in enumerate(self.rows)
            for source, step in row.reads
            if source == i - 1
        ]
        if sum(len(step.at(0)) * len(self.ways[i]) for i, _, step in steps) <= _LINES:
            for i, source, step in steps:
                for at in self.ways[i]:
                    for x in step.taps(at):
                        yield self._edge(source, x, i, at)
            return
        for i, source, _ in steps:  # there are too many: the outermost alone
            if self.ways[i] and self.ways[source]:
                for end in (min, max):
                    yield self._edge(source, end(self.ways[source]), i, end(self.ways[i]))

    def _edge(self, source: int, x: int, row: int, at: int) -> Stroke:
        upper = self._x(source, x), self._y(source) + self._high
        return Stroke([upper, (self._x(row, at), self._y(row))], "faint")

    def _bars(self) -> Iterator[Mark]:
        """How many ways lead from each element of the input, as high as they are many."""
        ways = self.ways[0]
        most, foot = max(ways.values(), default=1), self.top - 6
        for x, count in sorted(ways.items()):
            middle = self._x(0, x)
            # Integers of any size: their ratio is a float, they need not be.
            high = _BARS * float(Fraction(count, most))
            yield Stroke([(middle, foot), (middle, foot - high)], "curve")
        if (ends := most_ways(ways)) is not None:
            left, right = (self._x(0, x) for x in ends)
            y, half = foot - _BARS - 6, self.cell / 2
            data = {"most": f"{ends[0]} {ends[1]}"}
            yield Stroke([(left - half, y), (right + half, y)], "target", data)
