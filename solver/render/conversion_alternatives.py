"""The report of all ways to pad and crop that do what a layer does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from solver.conversion.alternatives import Alternative, alternatives
from solver.conversion.conversion import Conversion
from solver.frameworks.code import in_one_line, line, of_written
from solver.frameworks.spec import LayerSpec, reading
from solver.ground.named import NamedTuple
from solver.render.conversion import sets_words
from solver.render.report import Column, Report, Table
from solver.render.sets import size_set
from solver.render.several import words


class At(NamedTuple):
    """Hold what an alternative gives at an input, and whether all is read as asked there."""

    output: tuple[int, ...]
    exact: bool


class AlternativeWays(Report):
    """What is said of the ways to pad and crop. inputs: that are asked, a size for each axis.

    >>> from solver import convert, layer
    >>> same = layer("keras", "Conv1D", filters=8, kernel_size=3, strides=2, padding="same")
    >>> print(AlternativeWays(convert(same, "torch", 1), [[7], [8]]).headline())
    nn.LazyConv1d(8, kernel_size=3, stride=2, padding=1)
    """

    def __init__(
        self, found: Conversion, inputs: Sequence[Sequence[int]], source: str | None = None
    ) -> None:
        self.found, self.inputs = found, inputs
        self.source = line(found.source) if source is None else source
        self.ways = alternatives(found, inputs)

    @property
    def answered(self) -> bool:
        return bool(self.ways.listed)

    def headline(self) -> str:
        """The first way, which crops nothing where one does."""
        if not self.ways.listed:
            return f"none: {self.found.target} says none of the ways"
        return in_one_line(self.ways.listed[0].written)

    def facts(self) -> Iterator[str]:
        yield f"the size is {' x '.join(dict.fromkeys(map(str, self.found.size_maps)))}"
        yield from dict.fromkeys(each for family in self.ways.families for each in family.told)
        for way in self.ways.listed[:1]:
            yield from (f"note: {note}" for note in way.written.notes)

    def tables(self) -> Iterator[Table]:
        names = ["padding", "crop", "exact for", *(f"at {words(each)}" for each in self._sizes())]
        columns = [*map(Column, names), Column("layers", prose=True)]
        yield Table(columns, [self._row(each) for each in self.ways.listed])

    def _sizes(self) -> list[int | list[int]]:
        """The inputs, one number where all axes are alike."""
        return [each[0] if len({*each}) == 1 else [*each] for each in self.inputs]

    def _row(self, way: Alternative) -> list[str]:
        cells = [_ends(way.padding), _ends(way.crop), sets_words(way.alike)]
        for each in self.inputs:
            at = self._at(way, each)
            wanted = tuple(int(x(n)) for x, n in zip(self.found.size_maps, each, strict=True))
            said = words(at.output[0] if len({*at.output}) == 1 else [*at.output])
            cells.append(
                said if at.exact else f"{said} {'shifted' if at.output == wanted else 'other'}"
            )
        return [*cells, in_one_line(way.written)]

    def _at(self, way: Alternative, sizes: Sequence[int]) -> At:
        axes = range(len(sizes))
        along = (reading(way.written.layers, axis, len(sizes)).size for axis in axes)
        output = tuple(max(int(size(n)), 0) for size, n in zip(along, sizes, strict=True))
        return At(output, way.exact(sizes))

    def codes(self) -> Iterator[str]:
        spec = self.found.spec
        assert isinstance(spec, LayerSpec)
        for way in self.ways.listed[:1]:
            yield of_written(way.written, spec)

    def record(self) -> dict[str, Any]:
        found = self.found
        return {
            "schema": 1,
            "command": "convert",
            "from": found.source.framework.name,
            "to": found.target,
            "source": self.source,
            "size": [*map(str, found.size_maps)],
            "families": [
                {
                    "inputs": [*map(size_set, family.inputs)],
                    "conditions": [[*map(str, each)] for each in family.conditions],
                }
                for family in self.ways.families
            ],
            "alternatives": self.items(),
        }

    def items(self) -> Iterator[dict[str, Any]]:
        for way in self.ways.listed:
            at = [(each, self._at(way, each)) for each in self.inputs]
            yield {
                "padding": [*map(list, way.padding)],
                "crop": [*map(list, way.crop)],
                "layers": [*map(line, way.written.layers)],
                "exact_for": [*map(size_set, way.alike)],
                "at": [
                    {"input": [*sizes], "output": [*there.output], "exact": there.exact}
                    for sizes, there in at
                ],
            }


def _ends(pairs: Sequence[tuple[int, int]]) -> str:
    """Begin and end of each axis, once where they are alike.

    >>> _ends(((0, 1), (0, 1))), _ends(((0, 1), (1, 1)))
    ('0:1', '0:1 x 1:1')
    """
    return " x ".join(
        f"{begin}:{end}" for begin, end in (pairs if len({*pairs}) > 1 else pairs[:1])
    )
