"""One axis cut into tiles: which tiles there are, where each reads and writes, and its margins.

Tiles start at multiples and are alike but for the last one, which ends with the image. So a tile is
worked out from its number, and how many there are is a division.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.ground.shown import drawn
from solver.sizes.sizeset import SizeSet
from solver.sizes.slope import plain, whole

if TYPE_CHECKING:
    from fractions import Fraction

#: So many tiles are made at once.
_MOST = 1_000_000

#: Elements at both ends, halves where a middle lies between two.
Ends = tuple["int | Fraction", "int | Fraction"]


class Tile(NamedTuple):
    """Hold one tile: elements of the input, and the outputs of the whole that it gives.

    cut: how many of its own outputs are left out at both ends.
    """

    input: range
    output: range
    cut: tuple[int, int]


class Tiling(NamedTuple):
    """Hold how an axis is cut into tiles. Made by `tiling`.

    multiple: of which the starts of tiles are; tiles and image are `residue` modulo it, in elements
    of the input. halo: the outputs of a tile that differ from the whole's, at both ends. overlap:
    the elements that neighbouring tiles share. tiles: the sizes that tiles may have. jump: elements
    of the input for one output. short: how many outputs a size lacks of size/jump. offset: how far
    from both ends of the input the outputs begin and end, in its elements; below 0 where they reach
    beyond it. margin: how far outputs read beyond the elements that they stand for, in front of the
    first of a tile and behind its last. latent: elements of the input for one element of
    the node where these are most, None where that is the input or the output.
    """

    letter: str
    multiple: int
    residue: int
    halo: tuple[int, int]
    overlap: int
    tiles: SizeSet
    jump: int | Fraction
    short: int | Fraction
    offset: Ends
    margin: Ends
    latent: int | Fraction | None

    def outputs(self, size: int) -> int:
        """The outputs of a tile or an image of the residue class."""
        return int(whole(size) / self.jump - self.short)

    def draw(self, size: int, tile: int) -> Any:
        """A picture of the tiles of an image, their margins and overlaps; sizes as in `plan`.

        >>> from solver import Conv, tiling, trace
        >>> tiling(trace(Conv(3, padding=1), axes=1)).draw(20, 12).title
        '20 -> 20 in 2 tiles of 12'
        """
        return drawn(self, size, tile)

    @property
    def rounded(self) -> Ends:
        """The margins of tiles whose outputs begin and end at multiples, in elements of the input.

        They are as large as a tile that starts at a multiple makes them, and has a size of the
        residue class.

        >>> from solver import Conv, ConvTranspose, MaxPool, tiling, trace
        >>> def net(x):
        ...     return Conv(3, padding=1)(ConvTranspose(4, stride=4)(MaxPool(4)(x)))
        >>> found = tiling(trace(net, axes=1))
        >>> found.margin, found.halo, found.rounded
        ((4, 4), (1, 1), (4, 4))
        """
        front = ceil(self.jump * self.halo[0])
        front += -front % self.multiple
        back = whole(1) * self.jump * self.halo[1]
        back += (self.residue - front - self.jump * self.short - back) % self.multiple
        return plain(self.offset[0] + whole(front)), plain(self.offset[1] + back)

    def step(self, tile: int) -> int:
        """How far a tile starts behind the one before it, but for the last."""
        return tile - self.overlap

    def number(self, size: int, tile: int) -> int:
        """How many tiles there are of an image. Raises SolverError as `plan`.

        >>> from solver import Conv, tiling, trace
        >>> tiling(trace(Conv(3, padding=1), axes=1)).number(10**12, 12)
        100000000000
        """
        for number in (size, tile):
            if number not in self.tiles:
                rule = "an image and its tiles are of the sizes that tiles may have"
                raise SolverError(rule, str(number), str(self.tiles))
        return 1 - min(-(size - tile) // self.step(tile), 0)

    def at(self, size: int, tile: int, number: int) -> Tile:
        """One tile of an image, by its number from 0 on. Raises SolverError as `plan`.

        >>> from solver import Conv, tiling, trace
        >>> tiling(trace(Conv(3, padding=1), axes=1)).at(1000, 12, 80)
        Tile(input=range(800, 812), output=range(801, 811), cut=(1, 1))
        """
        count, step = self.number(size, tile), self.step(tile)
        if not 0 <= number < count:
            raise SolverError("tiles have numbers", str(number), f"0 to {count - 1}")
        last = number == count - 1
        start = max(size - tile, 0) if last else number * step
        end, back = (size, 0) if last else (start + tile, self.halo[1])
        first = int(whole(start) / self.jump)
        done = 0
        if number:  # what the tile before it gave
            done = int(whole((number - 1) * step) / self.jump) + self.outputs(tile) - self.halo[1]
        stop = first + self.outputs(end - start) - back
        return Tile(range(start, end), range(done, stop), (done - first, back))

    def plan(self, size: int, tile: int) -> list[Tile]:
        """The tiles of an image; their outputs make up the whole's, each once.

        size: of the image, tile: of a tile, both of the residue class, in elements. The last tile
        ends with the image. Raises SolverError for others, LimitError for too many tiles.

        >>> from solver import Conv, tiling, trace
        >>> for tile in tiling(trace(Conv(3, padding=1), axes=1)).plan(20, 12):
        ...     print(tile.input, tile.output)
        range(0, 12) range(0, 11)
        range(8, 20) range(11, 20)
        """
        count = self.number(size, tile)
        if count > _MOST:
            raise LimitError(f"at most {_MOST:,} tiles are listed", f"{count:,}", "Tiling.at")
        return [self.at(size, tile, number) for number in range(count)]

    def filled(self, size: int, tile: int) -> tuple[int, ...]:
        """The images next to a size that tiles fill: none is moved back to end with the image.

        >>> from solver import Conv, tiling, trace
        >>> found = tiling(trace(Conv(3, padding=1), axes=1))
        >>> found.filled(25, 12), found.filled(22, 12), found.filled(5, 12)
        ((22, 32), (22,), (12,))
        """
        step = self.step(tile)
        below = max((size - tile) // step, 0)
        above = max(-((tile - size) // step), 0)
        sizes = (tile + j * step for j in sorted({below, above}))
        return tuple(size for size in sizes if size in self.tiles)
