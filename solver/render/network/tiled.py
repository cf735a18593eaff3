"""Which tiles give what the whole input gives, in words and as data; and those of one size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby
from math import prod
from typing import Any

from solver.errors import SolverError
from solver.ground.shown import printer
from solver.network.fields.exported import bioimage
from solver.network.fields.tiles import Ends, Tile, Tiling
from solver.network.fields.tiling import tiling
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.summary import joined
from solver.render.network.known import Known
from solver.render.report import Column, Report, Table
from solver.render.sets import along, fraction, number_of, with_words
from solver.sizes.slope import plain, whole

_MOST_TILES = 1_000  # that are listed along an axis

_COLUMNS = (
    Column("axis"),
    *(Column(name, True) for name in ("tile", "reads", "writes", "cut in front", "cut behind")),
)


# What --tiles asks for


def lines(net: Known, letter: str) -> list[str]:
    """Which tiles an axis may be cut into, and their margins, a line each."""
    found, sizes = tiling(net.network, letter), bioimage(net.network, letter)
    told = f"bioimage.io: {', '.join(f'{k} {v}' for k, v in sizes.items())}"
    return [_words(found), *_margins(found), told]


def record(net: Known, letter: str) -> dict[str, Any]:
    """The same as plain data."""
    found = tiling(net.network, letter)
    return {**_tiling(found), "bioimage": bioimage(net.network, letter), **_measured(found)}


def _words(found: Tiling) -> str:
    front, back = found.halo
    ends = f"{front} at both ends" if front == back else f"{front} at the front, {back} at the back"
    return (
        f"tiles: {found.tiles}, starting at multiples of {found.multiple}, neighbours sharing "
        f"{found.overlap}; of their outputs cut {ends}"
    )


def _margins(found: Tiling) -> list[str]:
    """How far a tile reaches beyond what it gives, on each side, and where its outputs stand."""
    said = [f"margin per side: {_ends(found.margin)} of the input"]
    if found.rounded != found.margin:
        said[0] += f"; at multiples of {found.multiple}: {_ends(found.rounded)}"
    if found.jump != 1:
        said.append(f"  of the output: {_ends(found.halo)}")
    if found.latent is not None:
        told = f"where one element stands for {number_of(found.latent)} of the input"
        said.append(f"  of the latent, {told}: {_ends(_inner(found))}")
    return [*said, f"output offset per side: {_ends(found.offset)} of the input"]


def _inner(found: Tiling) -> Ends:
    """The rounded margins in elements of the latent, as far as they reach."""
    assert found.latent is not None
    front, back = (plain(whole(1) * side / found.latent) for side in found.rounded)
    return front, back


def _ends(ends: Ends) -> str:
    """Both ends in words, once where they are alike."""
    front, back = map(number_of, ends)
    return front if front == back else f"{front} in front and {back} behind"


def _tiling(found: Tiling) -> dict[str, Any]:
    return {
        "multiple": found.multiple,
        "residue": found.residue,
        "halo": list(found.halo),
        "overlap": found.overlap,
        "tiles": with_words(found.tiles),
        "jump": fraction(found.jump),
    }


def _measured(found: Tiling) -> dict[str, Any]:
    inner = None if found.latent is None else _plain(_inner(found))
    return {
        "offset": _plain(found.offset),
        "margin": _plain(found.margin),
        "margin_rounded": _plain(found.rounded),
        "margin_latent": inner,
        "latent": fraction(found.latent),
    }


def _plain(ends: Ends) -> list[int | str | None]:
    return [fraction(end) for end in ends]


# What --tile asks for


class TiledReport(Report):
    """How an input is cut into tiles of one size, or the input of every size that is.

    net: the network, at the input or for every n. tiles: the size of a tile, or one for each
    letter. Raises SolverError where no input is cut into tiles.
    """

    def __init__(self, net: Known, tiles: Sequence[int]) -> None:
        self.net, self.at = net, net.at
        letters = net.network.letters
        if not letters:
            raise SolverError("an input is cut into tiles along a size that is free", "none is")
        sizes = [*tiles] * len(letters) if len(tiles) == 1 else [*tiles]
        if len(sizes) != len(letters):
            rule = "a tile has one size, or one for each axis"
            raise SolverError(rule, "x".join(map(str, tiles)), "x".join(letters))
        self.tiles = dict(zip(letters, sizes, strict=True))
        if net.impossible:
            raise net.impossible

    @cached_property
    def found(self) -> dict[str, Tiling]:
        """How each axis is cut, by its letter: for inputs of the class of the one asked about.

        Where that one does not run, for inputs of the class of the tile.
        """
        if self.net.fault or self.at is None:
            return self.own
        return self._along(self.net.network, self.at)

    @cached_property
    def own(self) -> dict[str, Tiling]:
        """How inputs of the class of the tile are cut, on the path that the tile takes."""
        return self._along(self.net.whole.path(self.tiles), self.tiles)

    def _along(self, path: Graph, sizes: dict[str, int]) -> dict[str, Tiling]:
        nodes = self.net.nodes_of(path)
        if not nodes:
            raise SolverError("the path of these sizes has no such layer", _sizes(sizes.values()))
        return {letter: tiling(path, letter, size, nodes[0]) for letter, size in sizes.items()}

    def fits(self, letter: str) -> bool:
        """Tell whether tiles of the size give what the input gives."""
        sizes = {self.tiles[letter], (self.at or self.tiles)[letter]}
        return all(size in self.found[letter].tiles for size in sizes)

    @property
    def answered(self) -> bool:
        return self.net.fault is None and all(map(self.fits, self.tiles))

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many tiles there are along each axis that the size fits."""
        at, found = self.at or self.tiles, self.found
        return {x: found[x].number(at[x], self.tiles[x]) for x in found if self.fits(x)}

    def headline(self) -> str:
        tile = _sizes(self.tiles.values())
        if not self.answered:
            asked = "an input" if self.at is None else _sizes(self.at.values())
            return f"none: no tiles of {tile} give what {asked} gives"
        if self.at is None:
            return f"n in {'; '.join(along(self.tiles, self._count))}"
        counts = [*self.counts.values()]
        by = f"{' x '.join(map(str, counts))} = " if max(counts) > 1 < len(counts) else ""
        tiles = "tile" if prod(counts) == 1 else "tiles"
        outputs = (found.outputs(self.at[x]) for x, found in self.found.items())
        given = f"{_sizes(self.at.values())} -> {_sizes(outputs)}"
        return f"{given} in {by}{prod(counts):,} {tiles} of {tile}"

    def summary(self) -> str:
        return self.headline()

    def _count(self, letter: str) -> list[str]:
        """How many tiles there are of an input of any size."""
        found, tile = self.found[letter], self.tiles[letter]
        return [f"{_formula(found, tile)} tiles of {tile}, for {found.tiles}"]

    def facts(self) -> Iterator[str]:
        if self.net.fault is not None:
            size = _sizes((self.at or {}).values())
            yield f"an input of {size} does not run: {self.net.fault.rule}"
        yield from along(self.tiles, self._asked)
        yield from along(self.tiles, lambda x: [_words(self.found[x]), *_margins(self.found[x])])

    def _asked(self, letter: str) -> list[str]:
        """What is to say of the tile that is asked about."""
        found, tile, at = self.found[letter], self.tiles[letter], (self.at or {}).get(letter)
        filled = self.filled(letter)
        if not self.fits(letter):
            said = []
            if near := self.inputs(letter):
                said.append(f"nearest inputs that tiles of {tile} give exactly: {_or(near)}")
            if sizes := self.others(letter):
                said.append(f"nearest tiles for an input of {at or tile}: {_or(sizes)}")
            return said
        step = f"tiles of {tile} start {found.step(tile)} behind each other"
        if at is None:
            return [f"{step}, and fill {', '.join(map(str, filled))}, ..."]
        if at < tile:
            return [f"an input of {at} is smaller than a tile of {tile}, and goes through whole"]
        if at in filled:
            return [f"{step}, and fill {at}"]
        return [f"{step}, the last ends with {at}; nearest that they fill: {_or(filled)}"]

    def filled(self, letter: str) -> tuple[int, ...]:
        """The inputs next to the one asked about that tiles fill; of every n the first of them."""
        tile, found = self.tiles[letter], self.own[letter]
        if tile not in found.tiles:
            return ()
        if self.at is None:
            sizes = (tile + j * found.step(tile) for j in range(3))
            return tuple(size for size in sizes if size in found.tiles)
        return found.filled(self.at[letter], tile)

    def inputs(self, letter: str) -> list[int]:
        """The inputs next to one of which tiles give no outputs, of which they give them."""
        found = self.own[letter]
        if self.at is None or self.fits(letter) or self.tiles[letter] not in found.tiles:
            return []
        return [x for x in found.tiles.nearest(self.at[letter]) if x]

    def others(self, letter: str) -> list[int]:
        """The sizes next to the tile's that tiles of the input may have, where it has no such."""
        sizes, tile = self.found[letter].tiles, self.tiles[letter]
        return [] if tile in sizes else [x for x in sizes.nearest(tile) if x]

    def _listed(self, letter: str) -> list[Tile]:
        if self.at is None or not self.answered:
            return []
        found, size, tile = self.found[letter], self.at[letter], self.tiles[letter]
        return [found.at(size, tile, i) for i in range(min(self.counts[letter], _MOST_TILES))]

    def tables(self) -> Iterator[Table]:
        if self.at is None or not self.answered:
            return
        rows = list[list[str]]()
        for plan, letters in groupby(self.tiles, self._listed):
            axis, count = ", ".join(group := [*letters]), self.counts[group[0]]
            for number, tile in enumerate(plan):
                ends = (f"{run.start}..{run.stop - 1}" for run in (tile.input, tile.output))
                rows.append([axis, str(number + 1), *ends, *map(str, tile.cut)])
            if count > len(plan):
                rows.append([axis, f"and {count - len(plan):,} more", "", "", "", ""])
        yield Table(_COLUMNS, rows)

    def picture(self) -> Any:
        if self.at is None:
            raise SolverError("tiles are drawn on an input of a size", "n", "--input 1212")
        if not self.answered:
            raise SolverError("there are no tiles to be drawn", self.headline())
        asked = self.found, self.at, self.tiles
        return printer(TiledReport, "picture")(*([*each.values()] for each in asked))

    def record(self) -> dict[str, Any]:
        return {
            "schema": 1,
            "command": "network",
            "input": "n" if self.at is None else self.at,
            "tile": self.tiles,
            "count": prod(self.counts.values()) if self.at is not None and self.answered else None,
            "axes": {letter: self._axis(letter) for letter in self.tiles},
            "reason": None if self.net.fault is None else self.net.fault.rule,
        }

    def _axis(self, letter: str) -> dict[str, Any]:
        found, tile, fits = self.found[letter], self.tiles[letter], self.fits(letter)
        count = self.counts[letter] if fits and self.at is not None else None
        return {
            **_tiling(found),
            **_measured(found),
            "fits": fits,
            "step": found.step(tile) if fits else None,
            "count": _formula(found, tile) if fits and self.at is None else count,
            "plan": [
                {
                    "reads": [each.input.start, each.input.stop - 1],
                    "writes": [each.output.start, each.output.stop - 1],
                    "cut": list(each.cut),
                }
                for each in self._listed(letter)
            ],
            "filled": list(self.filled(letter)),
            "nearest_inputs": self.inputs(letter),
            "nearest_tiles": self.others(letter),
        }


def _formula(found: Tiling, tile: int) -> str:
    """How many tiles there are, in the input grammar."""
    shared = f"n - {found.overlap}" if found.overlap else "n"
    return f"ceil(({shared})/{found.step(tile)})"


def _sizes(sizes: Any) -> str:
    return joined([*map(Dim, sizes)])


def _or(sizes: Sequence[int]) -> str:
    return " and ".join(map(str, sizes))
