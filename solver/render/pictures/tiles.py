"""Tiles on an image: what each reads and what it gives, with the margins that are cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from solver.errors import LimitError, SolverError
from solver.network.fields.tiles import Tile, Tiling
from solver.render.pictures.legend import legend
from solver.render.pictures.marks import LINE, Cluster, Label, Mark, Rectangle, width
from solver.render.pictures.picture import Picture

#: Pixels of the border, of the image's longer side, of a row of tiles along one axis.
_BORDER, _SIDE, _ROW = 12, 520, 34
#: Tiles that there is room for, along one axis and in all.
_ALONG, _ALL = 60, 900
_LEGEND = {
    "input": "what a tile reads; what juts out is cut",
    "reads": "what tiles read, darker where they overlap",
    "gives": "what each gives",
    "now": "what a tile gives",
    "tap": "what it reads, with the margins that are cut",
}


def along(tiling: Tiling, size: int, tile: int) -> Picture:
    """The tiles of an image of a size along one axis, a row for each. Raises as `Tiling.plan`.

    >>> from solver import Conv, tiling, trace
    >>> print(along(tiling(trace(Conv(3, padding=1), axes=1)), 20, 12).description)
    Tile 0 reads 0 to 11 and gives outputs 0 to 10; tile 1 reads 8 to 19 and gives 11 to 19.
    """
    return _Strip(tiling, size, tile).picture()


def image(tilings: Sequence[Tiling], sizes: Sequence[int], tiles: Sequence[int]) -> Picture:
    """The tiles of an image along one axis or two. Raises as `along`."""
    if len(tilings) == 1:
        return along(tilings[0], sizes[0], tiles[0])
    if len(tilings) != 2:
        raise SolverError("a picture shows tiles along one axis or two", f"{len(tilings)} axes")
    return _Image(tilings, sizes, tiles).picture()


def _plan(tiling: Tiling, size: int, tile: int) -> list[Tile]:
    """The tiles along an axis, where there is room for them."""
    if (count := tiling.number(size, tile)) > _ALONG:
        rule = f"a picture has room for {_ALONG} tiles along an axis"
        raise LimitError(rule, f"{count:,}", "larger tiles")
    return tiling.plan(size, tile)


def _stands(tiling: Tiling, tile: Tile) -> tuple[float, float]:
    """Where the outputs of a tile stand on the image: from, to, in elements of the input."""
    jump, offset = tiling.jump, tiling.offset[0]
    return float(jump * tile.output.start + offset), float(jump * tile.output.stop + offset)


class _Strip:
    """Hold the tiles along one axis, and where they are drawn."""

    def __init__(self, tiling: Tiling, size: int, tile: int) -> None:
        self.tiling, self.size, self.plan = tiling, size, _plan(tiling, size, tile)
        count = len(self.plan)
        tiles = "tile" if count == 1 else "tiles"
        self.title = f"{size} -> {tiling.outputs(size)} in {count} {tiles} of {tile}"
        ends = [end for each in self.plan for end in _stands(tiling, each)]
        self.first, self.last = min(0, *ends), max(size, *ends)
        self.unit = _SIDE / (self.last - self.first)
        self.names = [f"tile {i}" for i in range(count)]
        self.left = _BORDER + max(map(width, self.names)) + 12
        self.top = _BORDER + 2 * LINE

    def picture(self) -> Picture:
        marks: list[Mark] = [Label(_BORDER, _BORDER + 12, self.title, "head", "start")]
        whole = Rectangle(self._x(0), self.top, self.size * self.unit, 10, "image")
        marks += [whole, *self._tiles()]
        said = [width(self._told(each), 10) for each in self.plan]
        wide = max(self.left + _SIDE + 12 + max(said), _BORDER + width(self.title) * 1.1)
        bottom = self.top + 20 + len(self.plan) * _ROW + 4
        keys, end = legend(_LEGEND, marks, _BORDER, bottom, wide)
        return Picture(self.title, self._said(), wide + _BORDER, end + _BORDER, [*marks, *keys])

    def _x(self, place: float) -> float:
        return self.left + (place - self.first) * self.unit

    def _said(self) -> str:
        words = []
        for i, tile in enumerate(self.plan[:20]):
            outputs = "" if i else " outputs"
            reads = f"{tile.input[0]} to {tile.input[-1]}"
            gives = f"{tile.output[0]} to {tile.output[-1]}" if tile.output else "none"
            words.append(f"{'tile' if i else 'Tile'} {i} reads {reads} and gives{outputs} {gives}")
        return f"{'; '.join(words)}."

    def _told(self, tile: Tile) -> str:
        cut = f"cut {tile.cut[0]} and {tile.cut[1]}"
        gives = f"gives {tile.output.start}..{tile.output.stop - 1}"
        return f"reads {tile.input.start}..{tile.input.stop - 1}, {gives}, {cut}"

    def _tiles(self) -> Iterator[Mark]:
        for i, (tile, name) in enumerate(zip(self.plan, self.names, strict=True)):
            y = self.top + 20 + i * _ROW
            data = {"tile": i, "reads": f"{tile.input.start} {tile.input.stop}"}
            given = {"gives": f"{tile.output.start} {tile.output.stop}"}
            given["cut"] = f"{tile.cut[0]} {tile.cut[1]}"
            begin, end = _stands(self.tiling, tile)
            long = len(tile.input) * self.unit
            told = self._told(tile)
            marks: list[Mark] = [
                Label(_BORDER, y + 16, name, "text", "start"),
                Rectangle(self._x(tile.input.start), y, long, 24, "input", data),
                Rectangle(self._x(begin), y + 5, (end - begin) * self.unit, 14, "now", given),
                Label(self.left + _SIDE + 10, y + 16, told, "note", "start"),
            ]
            yield Cluster(marks, tip=f"{name}: {told}")


class _Image:
    """Hold the tiles along two axes, and where they are drawn."""

    def __init__(
        self, tilings: Sequence[Tiling], sizes: Sequence[int], tiles: Sequence[int]
    ) -> None:
        self.tilings, self.sizes = tilings, sizes
        self.plans = [_plan(*each) for each in zip(tilings, sizes, tiles, strict=True)]
        counts = [len(plan) for plan in self.plans]
        if prod(counts) > _ALL:
            raise LimitError(f"a picture has room for {_ALL} tiles", f"{prod(counts):,}")
        given = (tiling.outputs(size) for tiling, size in zip(tilings, sizes, strict=True))
        shape = f"{sizes[0]}x{sizes[1]} -> {'x'.join(map(str, given))}"
        by = f"{counts[0]} x {counts[1]} tiles of {tiles[0]}x{tiles[1]}"
        self.title = f"{shape} in {by}"
        self.unit = _SIDE / max(sizes)
        #: The tile that is marked: away from the ends, where there is one.
        self.marked = tuple(count // 2 if count > 2 else 0 for count in counts)
        out = []
        for plan, tiling in zip(self.plans, tilings, strict=True):
            ends = [end for tile in plan for end in _stands(tiling, tile)]
            out.append((min(0, *ends), max(ends)))
        self.first = [low for low, _ in out]
        self.ends = [max(high, size) for (_, high), size in zip(out, sizes, strict=True)]
        self.left = _BORDER - self.first[1] * self.unit
        self.top = _BORDER + 2 * LINE - self.first[0] * self.unit

    def picture(self) -> Picture:
        marks: list[Mark] = [Label(_BORDER, _BORDER + 12, self.title, "head", "start")]
        marks.append(self._box((0, self.sizes[0]), (0, self.sizes[1]), "image", {"image": ""}))
        marks += [*self._reads(), *self._gives(), *self._one()]
        wide = max(self.left + self.ends[1] * self.unit, _BORDER + width(self.title) * 1.1, 420)
        bottom = self.top + self.ends[0] * self.unit + LINE
        keys, end = legend(_LEGEND, marks, _BORDER, bottom, wide)
        return Picture(self.title, self._said(), wide + _BORDER, end + _BORDER, [*marks, *keys])

    def _box(
        self, rows: Sequence[float], columns: Sequence[float], look: str, data: dict[str, str]
    ) -> Rectangle:
        x, y = self.left + columns[0] * self.unit, self.top + rows[0] * self.unit
        high, wide = ((ends[1] - ends[0]) * self.unit for ends in (rows, columns))
        return Rectangle(x, y, wide, high, look, data)

    def _said(self) -> str:
        row, column = self.marked
        rows, columns = self.plans[0][row], self.plans[1][column]
        reads, gives = (
            " and columns ".join(f"{ends.start} to {ends.stop - 1}" for ends in pair)
            for pair in ((rows.input, columns.input), (rows.output, columns.output))
        )
        words = f"{self.title}. Tile {row}, {column} reads rows {reads}"
        return f"{words}, and gives rows {gives} of the output."

    def _every(self) -> Iterator[tuple[tuple[int, ...], tuple[Tile, ...]]]:
        numbers = product(*(range(len(plan)) for plan in self.plans))
        yield from zip(numbers, product(*self.plans), strict=True)

    def _reads(self) -> Iterator[Mark]:
        for _, (down, across) in self._every():
            rows, columns = ((tile.input.start, tile.input.stop) for tile in (down, across))
            yield self._box(rows, columns, "reads", {})

    def _gives(self) -> Iterator[Mark]:
        """What each tile gives; under the mouse what it reads too."""
        for number, pair in self._every():
            rows, columns = map(_stands, self.tilings, pair)
            data = {"tile": f"{number[0]} {number[1]}", **self._data(pair)}
            cell = self._box(rows, columns, "gives", data)
            lit = Cluster([*self._marked(pair)], "shown")
            yield Cluster([cell, lit], "hover", f"tile {number[0]}, {number[1]}")

    def _data(self, pair: Sequence[Tile]) -> dict[str, str]:
        return {
            "reads": " ".join(f"{each.input.start} {each.input.stop}" for each in pair),
            "gives": " ".join(f"{each.output.start} {each.output.stop}" for each in pair),
        }

    def _marked(self, pair: Sequence[Tile]) -> Iterator[Mark]:
        ends = [(tile.input.start, tile.input.stop) for tile in pair]
        yield self._box(ends[0], ends[1], "tap", {})
        rows, columns = map(_stands, self.tilings, pair)
        yield self._box(rows, columns, "now", {})

    def _one(self) -> Iterator[Mark]:
        yield from self._marked(
            [plan[at] for plan, at in zip(self.plans, self.marked, strict=True)]
        )
