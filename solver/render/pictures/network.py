"""A network: its layers as bars as long as their sizes, skips as arcs, and where it fails."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from solver.network.graph.operation import Input
from solver.network.graph.summary import brief
from solver.network.network import Network
from solver.render.folding import folded
from solver.render.network.known import Known
from solver.render.network.words import headline
from solver.render.pictures.arcs import arcs, room
from solver.render.pictures.arcs import drawn as drawn_arcs
from solver.render.pictures.legend import legend
from solver.render.pictures.marks import LINE, Cluster, Label, Mark, Rectangle, width
from solver.render.pictures.picture import Picture
from solver.render.pictures.ruler import LONG, ruler
from solver.render.report import Column

#: Pixels of a row, the longest bar, and the border.
_ROW, _BAR, _BORDER = 22, 220, 12
#: Layers that are drawn one by one; of more those that repeat are drawn once.
_MOST_ROWS = 80
#: The size at least at which bars are compared where a network is asked about for every n.
_TYPICAL = 64
_LEGEND = {"input": "size", "fault": "does not run", "faint": "not reached"}
_RULER = {"fix": "an input that runs", "unread": "one that does not"}


def draw(network: Network, sizes: Any = None) -> Picture:
    """A network, a row for each layer. sizes: of the input; without them for every n.

    >>> from solver import Conv, MaxPool, trace
    >>> print(trace(lambda x: MaxPool(2)(Conv(3)(x))).draw(33))
    33 -> 15
    """
    return drawn(Known(network, None if sizes is None else network.values(sizes)))


def drawn(known: Known, title: str = "", fix: str = "", fixed: Collection[str] = ()) -> Picture:
    """What is known of a network as a picture.

    title: in place of what comes out. fix: what is to be done, and fixed: the layers it changes.
    """
    return _Layers(known, title or headline(known), fix, fixed).picture()


class _Row:
    """Hold a row: a layer, or, of layers that repeat, what says how often."""

    def __init__(self, words: list[str], number: int | None) -> None:
        self.name, self.operation, self.size = (*words, "", "")[:3]
        self.number = number


class _Layers:
    """Hold the layers of a network, and where they are drawn."""

    def __init__(self, known: Known, title: str, fix: str, fixed: Collection[str]) -> None:
        self.known, self.title, self.fix, self.fixed = known, title, fix, fixed
        self.nodes = known.network.nodes
        self.rows = self._rows()
        self.place = {row.number: i for i, row in enumerate(self.rows) if row.number is not None}
        self.long = self._lengths()
        self.arcs = arcs(self._skips())
        self.left = _BORDER + room(self.arcs)
        texts = ([row.name for row in self.rows], [row.operation for row in self.rows])
        self.operations = self.left + max(map(width, texts[0])) + 16
        self.bars = self.operations + max(map(width, texts[1])) + 16
        self.top = _BORDER + 2 * LINE + 8

    def _rows(self) -> list[_Row]:
        known = self.known
        words = []
        for number, node in enumerate(self.nodes):
            title = "" if isinstance(node.operation, Input) else brief(node.operation)
            size = known.size(number) if known.impossible is None else ""
            words.append([node.name, title, size])
        if len(words) <= _MOST_ROWS:
            return [_Row(each, number) for number, each in enumerate(words)]
        numbers = {node.name: number for number, node in enumerate(self.nodes)}
        columns = Column("layer"), Column("operation"), Column("size", right=True)
        return [_Row([*each], numbers.get(each[0])) for each in folded(columns, words)]

    def _lengths(self) -> dict[int, int]:
        """The longest side of what comes out of each layer, at the sizes or at typical ones."""
        known = self.known
        if known.impossible is not None:
            return {}
        at = known
        if known.at is None:
            typical = max(_TYPICAL, 3 * (known.valid.inputs.first() or 1))
            first = known.exact.inputs.first(typical) or known.valid.inputs.first(typical)
            first = first or known.valid.inputs.last(typical)
            if first is None:
                return {}
            at = Known(known.whole, known.whole.values(first))
        if at.network.nodes != self.nodes:
            return {}
        every = {number: at.dims(number) for number in range(len(self.nodes)) if at.runs(number)}
        sides = {number: [dim.number for dim in dims] for number, dims in every.items()}
        return {
            number: max(x for x in each if x is not None)
            for number, each in sides.items()
            if any(x is not None for x in each)
        }

    def _skips(self) -> Iterator[tuple[int, int]]:
        """What reads more than the row above it: pairs of rows."""
        for i, row in enumerate(self.rows):
            if row.number is not None:
                reads = {self.place.get(each) for each in self.nodes[row.number].inputs}
                yield from ((each, i) for each in reads if each is not None and each != i - 1)

    def picture(self) -> Picture:
        known = self.known
        marks: list[Mark] = [Label(_BORDER, _BORDER + 12, self.title, "head", "start")]
        if self.fix:
            marks.append(Label(_BORDER, _BORDER + 12 + LINE, self.fix, "right", "start"))
        places = [*map(self._y, range(len(self.rows)))]
        marks += drawn_arcs(self.arcs, self.left, places, [row.name for row in self.rows])
        marks += self._layers()
        bottom = self.top + len(self.rows) * _ROW + 10
        texts = [self.failed[1] if self.failed else "", *(row.size for row in self.rows)]
        wide = self.bars + _BAR + max(map(width, texts)) * 1.1 + 12
        if known.impossible is None and not known.valid.cases:
            around = None if known.at is None else max(known.at.values())
            wide = max(wide, _BORDER + LONG)
            marks += ruler(known.valid.inputs, _BORDER, bottom, around)
            bottom += 3 * LINE
        keys, end = legend({**_LEGEND, **_RULER}, marks, _BORDER, bottom, wide)
        wide = max(wide, _BORDER + max(map(width, (self.title, self.fix))) * 1.1)
        return Picture(self.title, self._said(), wide + _BORDER, end + _BORDER, [*marks, *keys])

    @property
    def failed(self) -> tuple[int, str] | None:
        """The number of the layer that does not run, and what it was given."""
        fault = self.known.fault
        if fault is None or self.known.at is None:
            return None
        return len(self.known.shapes), str(fault.received or fault.rule)

    def _said(self) -> str:
        rows = (" ".join(filter(None, (row.name, row.operation, row.size))) for row in self.rows)
        words = f"Layers in order: {'; '.join(rows)}."
        if fault := self.known.impossible or self.known.fault:
            words += f" It does not run: {fault.rule}: {fault.received}."
        return f"{words} {self.fix}." if self.fix else words

    def _y(self, row: int) -> float:
        return self.top + (row + 0.5) * _ROW

    def _layers(self) -> Iterator[Mark]:
        longest = max(self.long.values(), default=1)
        for i, row in enumerate(self.rows):
            y, number = self._y(i), row.number
            wrong = self.failed is not None and number == self.failed[0]
            look = "wrong" if wrong else "right" if row.name in self.fixed else "text"
            marks: list[Mark] = [Label(self.left, y + 4, row.name, look, "start")]
            marks.append(Label(self.operations, y + 4, row.operation, "note", "start"))
            side = self.long.get(number) if number is not None else None
            if self.failed is not None and wrong:
                said = self.failed[1]
                data = {"layer": row.name, "fault": said}
                marks.append(Rectangle(self.bars, y - 7, _BAR, 14, "fault", data))
                marks.append(Label(self.bars + _BAR + 8, y + 4, said, "wrong", "start"))
            elif side is not None:
                long = max(side / longest * _BAR, 2)
                data = {"layer": row.name, "side": str(side)}
                marks.append(Rectangle(self.bars, y - 7, long, 14, "input", data))
                marks.append(Label(self.bars + long + 8, y + 4, row.size, "text", "start"))
            else:
                marks.append(Label(self.bars + 8, y + 4, row.size, "text", "start"))
            yield Cluster(marks, tip=f"{row.name} {row.operation} {row.size}".strip())
