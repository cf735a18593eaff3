"""Coverage as a map: how many ways lead from the input to each output, which shows checkerboards.

That is what comes out of a network whose weights and inputs are all one, channels left aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from solver.errors import LimitError, SolverError
from solver.layers.stack import Stack
from solver.network.fields.field import Fields
from solver.render.pictures.cone_rows import FieldRow, of_network
from solver.render.pictures.cone_rows import of_stack as rows_of_stack
from solver.render.pictures.legend import legend
from solver.render.pictures.looks import LEVELS
from solver.render.pictures.marks import LINE, Cluster, Label, Mark, Rectangle, width
from solver.render.pictures.picture import Picture
from solver.render.pictures.window_reads import WindowReads

#: Pixels of an output at least and at most, of the map, and of the border.
_LEAST, _MOST, _WIDE, _BORDER = 6, 30, 640, 12
#: Elements of a tensor, of which there is time for so many.
_ELEMENTS = 1_000_000
#: Outputs along an axis that are drawn.
_SIDE = 100

Ways = list[list[int]]


def draw(found: Fields, node: int) -> Picture:
    """How many ways lead from the inputs to each output of a node, along one axis or two.

    Raises SolverError where something reads everything, LimitError for outputs without room.

    >>> from solver import ConvTranspose, trace
    >>> net = trace(ConvTranspose(3, stride=2, padding=1), axes=1)
    >>> print(net.fields(4).draw(every=True).description)
    To 7 outputs lead 1 to 2 ways: 1 2 1 2 1 2 1.
    """
    letters = found.network.letters
    if len(letters) > 2:
        raise SolverError("a map is of one axis or two", ", ".join(letters))
    axes = [of_network(found, letter, node) for letter in letters]
    return _Map(ways(axes), found.network.nodes[node].name).picture()


def of_stack(stack: Stack, sizes: Sequence[int]) -> Picture:
    """The same of a stack, along two axes."""
    if len(sizes) != 2:
        raise SolverError("a map is of one axis or two", f"{len(sizes)} sizes", "(32, 32)")
    return _Map(ways([rows_of_stack(stack, n, axis) for axis, n in enumerate(sizes)])).picture()


def ways(axes: Sequence[Sequence[FieldRow]]) -> Ways:
    """How many ways lead to each output, a row for each place along the first of two axes.

    axes: the tensors up to the outputs, along each axis.
    """
    if len({len(axis) for axis in axes}) > 1 or any(
        [source for source, _ in one.reads] != [source for source, _ in other.reads]
        for one, other in zip(axes[0], axes[-1], strict=True)
    ):
        raise SolverError("a map is of layers that read along both axes")
    if (
        most := max(prod(each.size for each in rows) for rows in zip(*axes, strict=True))
    ) > _ELEMENTS:
        rule = f"a map is of tensors of {_ELEMENTS:,} elements"
        raise LimitError(rule, f"{most:,}", "a smaller input")
    made: list[Ways] = []
    for rows in zip(*axes, strict=True):
        down, across = rows if len(rows) == 2 else (None, rows[0])
        if not across.reads:
            made.append([[1] * across.size for _ in range(1 if down is None else down.size)])
            continue
        parts = []
        for i, (source, along) in enumerate(across.reads):
            part = [_through(row, along) for row in made[source]]
            if down is not None:
                columns = (
                    _through([*column], down.reads[i][1]) for column in zip(*part, strict=True)
                )
                part = [[*row] for row in zip(*columns, strict=True)]
            parts.append(part)
        made.append([[*map(sum, zip(*row, strict=True))] for row in zip(*parts, strict=True)])
    return made[-1]


def _through(row: Sequence[int], reads: WindowReads) -> list[int]:
    return [sum(row[x] for x in reads.taps(y)) for y in range(reads.outputs)]


class _Map:
    """Hold how many ways lead to each output, and where that is drawn."""

    def __init__(self, counts: Ways, name: str = "") -> None:
        self.name, self.counts = name, counts
        self.sizes = len(counts), len(counts[0]) if counts else 0
        if max(self.sizes) > _SIDE:
            rule = f"a map has room for {_SIDE} outputs along an axis"
            raise LimitError(rule, "x".join(map(str, self.sizes)), "a smaller input")
        self.values = sorted({count for row in counts for count in row})
        widest = max((width(str(value), 10) for value in self.values), default=0)
        room = _WIDE / max(self.sizes[1], 1)
        self.cell = min(max(_LEAST, min(room, _MOST)), max(widest + 6, 18))
        self.written = widest + 4 <= self.cell
        self.top = _BORDER + LINE + 12

    def picture(self) -> Picture:
        shape = [str(size) for size in self.sizes if size > 1 or size == self.sizes[1]]
        title = f"ways from the input to each of {' x '.join(shape)} outputs"
        title += f" of {self.name}" if self.name else ""
        marks: list[Mark] = [Label(_BORDER, _BORDER + 12, title, "head", "start"), *self._cells()]
        wide = max(_BORDER + self.sizes[1] * self.cell, _BORDER + width(title) * 1.1)
        bottom = self.top + self.sizes[0] * self.cell + LINE
        keys, end = legend(self._keys(), marks, _BORDER, bottom, wide)
        return Picture(title, self._said(), wide + _BORDER, end + _BORDER, [*marks, *keys])

    def _said(self) -> str:
        outputs = "x".join(str(size) for size in self.sizes if size > 1 or size == self.sizes[1])
        if not self.values:
            return "There are no outputs."
        low, high = self.values[0], self.values[-1]
        many = f"{low:,} to {high:,} ways" if low < high else f"{low:,} ways each"
        if low == high:
            return f"To {outputs} outputs lead {many}."
        rows = (" ".join(map(str, row[:16])) for row in self.counts[:8])
        return f"To {outputs} outputs lead {many}: {' / '.join(rows)}."

    def _level(self, count: int) -> str:
        """The darker the more: a level for each number where these are few."""
        if not count:
            return LEVELS[0]
        some = [value for value in self.values if value]
        if len(some) < len(LEVELS):
            first = (len(LEVELS) - 1) / len(some)
            return LEVELS[round(first * (some.index(count) + 1))]
        return LEVELS[1 + count * (len(LEVELS) - 2) // some[-1]]

    def _keys(self) -> dict[str, str]:
        """What each level means: a number, or the least and the most."""
        found: dict[str, list[int]] = {}
        for value in self.values:
            found.setdefault(self._level(value), []).append(value)
        texts = {
            level: f"{each[0]:,}" if len(each) == 1 else f"{each[0]:,} to {each[-1]:,}"
            for level, each in found.items()
        }
        return {x: f"{text} way{'s' if text != '1' else ''}" for x, text in texts.items()}

    def _cells(self) -> Iterator[Mark]:
        for i, row in enumerate(self.counts):
            for j, count in enumerate(row):
                x, y = _BORDER + j * self.cell, self.top + i * self.cell
                data = {"place": f"{i} {j}", "ways": count}
                marks: list[Mark] = [
                    Rectangle(x, y, self.cell, self.cell, self._level(count), data)
                ]
                if self.written:
                    middle = x + self.cell / 2, y + self.cell / 2 + 4
                    marks.append(Label(*middle, str(count), "note"))
                place = f"{i}, {j}" if len(self.counts) > 1 else f"{j}"
                yield Cluster(marks, tip=f"output {place}: {count:,} ways")
