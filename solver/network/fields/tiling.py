"""Tiles that reproduce a whole image exactly: where they may start, how long they are, what to cut.

A tile that starts at a multiple of the tile multiple has its windows where the whole image has
them, at every node. What differs is near its ends, where a window meets padding instead of the
image: so many outputs are counted forward, node by node, and cut off. The tile has to be of the
residue class of the image where padding begins as the size says.
"""

from __future__ import annotations

from math import gcd, lcm
from typing import TYPE_CHECKING

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.network.fields.backward import growth, length
from solver.network.fields.field import Fields, fields
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Pointwise
from solver.network.graph.validity import valid
from solver.sizes.sizeset import SizeSet
from solver.sizes.slope import plain

if TYPE_CHECKING:
    from fractions import Fraction

#: What computes with the mean of a whole image: no tile gives the same.
_STATISTICS = ("instancenorm", "groupnorm")


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
    of the input for one output. short: how many outputs a size lacks of size/jump.
    """

    letter: str
    multiple: int
    residue: int
    halo: tuple[int, int]
    overlap: int
    tiles: SizeSet
    jump: int | Fraction
    short: int | Fraction

    def outputs(self, size: int) -> int:
        """The outputs of a tile or an image of the residue class."""
        return int(_fraction(size) / self.jump - self.short)

    def plan(self, size: int, tile: int) -> list[Tile]:
        """The tiles of an image; their outputs make up the whole's, each once.

        size: of the image, tile: of a tile, both of the residue class, in elements. The last tile
        ends with the image. Raises SolverError for others.

        >>> from solver import Conv, trace
        >>> for tile in tiling(trace(Conv(3, padding=1), axes=1)).plan(20, 12):
        ...     print(tile.input, tile.output)
        range(0, 12) range(0, 11)
        range(8, 20) range(11, 20)
        """
        for number in (size, tile):
            if number not in self.tiles:
                rule = "an image and its tiles are of the sizes that tiles may have"
                raise SolverError(rule, str(number), str(self.tiles))
        back = self.halo[1]
        found, done, start = [], 0, 0
        while True:
            last = start + tile >= size
            if last:
                start, back = max(size - tile, 0), 0
            end = min(start + tile, size)
            first = int(_fraction(start) / self.jump)
            stop = first + self.outputs(end - start) - back
            found.append(Tile(range(start, end), range(done, stop), (done - first, back)))
            if last:
                return found
            done = stop
            start += tile - self.overlap


def tiling(
    network: Graph,
    letter: str | None = None,
    residue: int | None = None,
    output: int | None = None,
) -> Tiling:
    """How to cut an input along one axis so that tiles give what the whole gives.

    letter: of the axis; the first one without it. residue: of the sizes of tiles and image; without
    it the smallest at which poolings drop nothing and crops are even, or else at which it runs.
    output: the number of a node; the first output without it.
    Raises SolverError where outputs read everything, or where branches do not grow in step with
    the input.

    >>> from solver import Conv, ConvTranspose, MaxPool, concat, trace
    >>> def net(x):
    ...     skip = Conv(3, padding=1)(x)
    ...     return concat(skip, ConvTranspose(2, 2)(Conv(3, padding=1)(MaxPool(2)(skip))))
    >>> found = tiling(trace(net, axes=1))
    >>> found.multiple, found.halo, found.overlap, str(found.tiles)
    (2, (4, 4), 8, 'even n >= 10')
    """
    letter = network.letters[0] if letter is None else letter
    path = network.ways[0] if residue is None else network.of_class(residue)
    at = path.outputs[0] if output is None else network.beside(path, output)
    if at is None:
        raise SolverError("the path of these sizes has another output", f"{residue}")
    network = path
    accepted = valid(network, letter).plain
    found = fields(network)
    multiple = lcm(_step(found, letter, at), found.modulus.get(letter, 1))
    if residue is None:
        even = valid(network, letter, exact=True).plain
        asked = accepted if even.finite else even
        common = gcd(multiple, asked.modulus)
        rest = {r % common for r in asked.residues}
        if not rest:
            raise SolverError("no sizes are valid from some size on", str(accepted))
        residue = min(r for r in range(multiple) if r % common in rest)
    residue %= multiple
    found = fields(network, residue=residue)
    front, back = _contaminated(found, letter, residue, at)
    jump = _jump(found, letter, at)
    short = plain(_fraction(residue) / jump - length(found, letter, residue, at))
    # The outputs kept of a tile are as many as its start moves on by.
    needed = (short + front + back) * jump
    overlap = residue - multiple * int((residue - needed) // multiple)
    overlap = overlap if overlap >= 0 else residue
    sizes = accepted & SizeSet(multiple, [residue], overlap + multiple)
    return Tiling(letter, multiple, residue, (front, back), overlap, sizes, jump, short)


def bioimage(network: Graph, letter: str | None = None) -> dict[str, int]:
    """Return min and step of the sizes of an input axis, and halo of the output, as bioimage.io.

    Sizes min + i*step for every i >= 0 are valid, and have outputs left when halo is cut off at
    both ends.

    >>> from solver import Conv, ConvTranspose, MaxPool, trace
    >>> bioimage(trace(lambda x: ConvTranspose(2, 2)(Conv(3, padding=1)(MaxPool(2)(x)))))
    {'min': 6, 'step': 2, 'halo': 2}
    """
    found = tiling(network, letter)
    # One input is no tile among others: it may be smaller than what tiles need to move on.
    sizes = valid(network, found.letter).plain & SizeSet(found.multiple, [found.residue])
    least, step = sizes.first(sizes.minimum), lcm(sizes.modulus, found.multiple)
    if least is None or sizes.finite:
        raise SolverError("no sizes are valid from some size on", str(sizes))
    halo = max(found.halo)
    while found.outputs(least) <= 2 * halo:
        least += step
    return {"min": least, "step": step, "halo": halo}


def torch_export_dim(
    network: Graph, most: int | None = None, exact: bool = False, least: int = 1
) -> str:
    """Lines that define the dynamic sizes of an input for torch.export.

    least, most: the smallest and the largest size, in elements. exact: only sizes at which poolings
    drop nothing and crops are even, as in `valid`. Where valid sizes fall into several residue
    classes, the first is taken, since a derived dimension is a*_n + b; the others stand in a
    comment.

    >>> from solver import Conv, ConvTranspose, MaxPool, trace
    >>> print(torch_export_dim(trace(lambda x: x + ConvTranspose(2, 2)(MaxPool(2)(x))), 640))
    _h = Dim("_h", min=1, max=320)
    h = 2*_h
    _w = Dim("_w", min=1, max=320)
    w = 2*_w
    >>> print(torch_export_dim(trace(Conv(3), axes=1)))
    n = Dim("n", min=3)
    """
    lines = []
    for letter in network.letters:
        found = valid(network, letter, exact)
        sizes = found.plain & found.something
        start, end = sizes.first(max(sizes.minimum, least)), most
        if sizes.finite and len(sizes.exception_ranges) == 1:
            last = sizes.exception_ranges[0][-1]
            end = last if most is None else min(most, last)
        elif start is None or sizes.finite:
            rule = "a dynamic size needs valid sizes without end, or one range of them"
            raise SolverError(rule, f"{letter}: {sizes}")
        if start is None or (end is not None and end < start):
            rule = f"no valid size of {letter} is in these bounds"
            raise SolverError(rule, f"{least}..{most}", f"{sizes}")
        step, rest = sizes.modulus, start % sizes.modulus
        name = letter if step == 1 else f"_{letter}"
        bounds = f"min={(start - rest) // step}"
        if end is not None:
            bounds += f", max={(end - rest) // step}"
        lines.append(f'{name} = Dim("{name}", {bounds})')
        if step > 1:
            lines.append(f"{letter} = {step}*{name}" + (f" + {rest}" if rest else ""))
            if sizes.per_period > 1:
                lines[-1] += f"  # valid too: {sizes}"
    return "\n".join(lines)


def _fraction(number: int) -> Fraction:
    from fractions import Fraction

    return Fraction(number)


def _jump(found: Fields, letter: str, at: int) -> int | Fraction:
    """How much the input grows for one element more of a node."""
    rise, period = growth(found, letter, at)
    if not rise:
        raise SolverError(_WHOLE, found.network.nodes[at].label)
    return plain(_fraction(period) / rise)


_WHOLE = "a network is cut into tiles where every output reads only a part of the input"


def _step(found: Fields, letter: str, output: int) -> int:
    """The smallest move of the input that moves every node by whole elements."""
    step = 1
    for at in _needed(found, output):
        field = found.of(at, letter)
        if field is not None and field.axis is not None:
            rise, period = growth(found, letter, at)
            step = lcm(step, period // gcd(rise, period))
    return step


def _needed(found: Fields, output: int) -> list[int]:
    """The nodes that an output reads, in order."""
    wanted = {output}
    for at in range(output, -1, -1):
        if at in wanted:
            inputs = zip(found.network.nodes[at].inputs, found.links[at], strict=False)
            wanted.update(number for number, row in inputs if row)
    return sorted(wanted)


def _contaminated(found: Fields, letter: str, n: int, output: int) -> tuple[int, int]:
    """How many outputs at both ends read beyond the ends of a tile."""
    network = found.network
    ends: dict[int, tuple[int, int]] = {}
    for at in _needed(found, output):
        node = network.nodes[at]
        if isinstance(node.operation, Pointwise):
            plain_name = node.operation.name.replace("_", "").lower()
            if any(word in plain_name for word in _STATISTICS):
                rule = "a normalization over the whole image is another one over a tile"
                raise SolverError(rule, node.label)
        front = back = 0
        for number, row in zip(node.inputs, found.links[at], strict=False):
            field = found.of(number, letter)
            if not row or field is None:
                continue
            link = None if field.axis is None else row[field.axis]
            if link is None or link.window is None or link.to is None or link.part:
                raise SolverError(
                    _WHOLE, node.label + (f": {link.why}" if link and link.why else "")
                )
            window = link.window
            s, b, m = window.stride, window.begin, window.input_dilation
            before, after = (length(found, letter, n, i) for i in (number, at))
            steps = [growth(found, letter, i) for i in (number, at)]
            if steps[0][0] * steps[1][1] * m != steps[1][0] * steps[0][1] * s or not s:
                raise SolverError(
                    "tiles need branches that grow in step with the input", node.label
                )
            first, last = ends[number]
            # the first output whose window begins at or behind what differs, and the last before
            front = max(front, -((m - 1 - b - m * first) // s))
            inside = (m * (before - last) + b - window.span) // s
            back = max(back, after - 1 - inside)
        ends[at] = front, back
    return ends[output]
