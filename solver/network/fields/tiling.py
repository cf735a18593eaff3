"""Tiles that reproduce a whole image exactly: where they start, how long they are, what to cut.

A tile that starts at a multiple of the tile multiple has its windows where the whole image has
them, at every node. What differs is near its ends, where a window meets padding instead of the
image: so many outputs are counted forward, node by node, and cut off. The tile has to be of the
residue class of the image where padding begins as the size says.
"""

from __future__ import annotations

from math import gcd, lcm
from typing import TYPE_CHECKING

from solver.errors import SolverError
from solver.network.fields.backward import growth, length
from solver.network.fields.field import Fields, fields
from solver.network.fields.tiles import Ends, Tiling
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Pointwise
from solver.network.graph.validity import valid
from solver.sizes.sizeset import SizeSet
from solver.sizes.slope import plain, whole

if TYPE_CHECKING:
    from fractions import Fraction

#: What computes with the mean of a whole image: no tile gives the same.
_STATISTICS = ("instancenorm", "groupnorm")


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
    short = plain(whole(residue) / jump - length(found, letter, residue, at))
    # The outputs kept of a tile are as many as its start moves on by.
    needed = (short + front + back) * jump
    overlap = residue - multiple * int((residue - needed) // multiple)
    overlap = overlap if overlap >= 0 else residue
    sizes = accepted & SizeSet(multiple, [residue], overlap + multiple)
    offset = _offset(found, letter, at, plain(short * jump))
    margin = _margin(found, letter, residue, at, offset, (jump * front, jump * back))
    return Tiling(
        letter,
        multiple,
        residue,
        (front, back),
        overlap,
        sizes,
        jump,
        short,
        offset,
        margin,
        _coarsest(found, letter, at, jump),
    )


def _offset(found: Fields, letter: str, at: int, lost: int | Fraction) -> Ends:
    """How far from both ends of the input the outputs begin and end.

    Where as many come out as stand for the input they begin with it; else they stand where the
    middles of their receptive fields do.
    """
    field = found.of(at, letter)
    begin = None if field is None or field.span is None else field.span.offset
    front = 0 if not lost else plain(whole(1) * lost / 2) if begin is None else begin
    return front, plain(whole(1) * lost - front)


def _margin(found: Fields, letter: str, n: int, at: int, offset: Ends, cut: Ends) -> Ends:
    """How far outputs read beyond what they stand for, in front of a tile's first and behind.

    cut: what is cut of a tile's outputs stands for so much: as far as is known without a span.
    """
    field = found.of(at, letter)
    if field is None or field.span is None:
        return plain(whole(1) * offset[0] + cut[0]), plain(whole(1) * offset[1] + cut[1])
    span, end = field.span, length(found, letter, n, at)
    period = 1 if span.steady else span.period
    begins = [read[0] for y in range(period) if (read := span.reads(y))]
    ends = [read[-1] for y in range(end - period, end) if (read := span.reads(y))]
    if not begins or not ends:  # outputs that read nothing read nothing beyond either
        return 0, 0
    first, last = min(begins), max(ends)
    return plain(whole(1) * offset[0] - first), plain(whole(1) * offset[1] + last + 1 - n)


def _coarsest(found: Fields, letter: str, at: int, jump: int | Fraction) -> int | Fraction | None:
    """How much the input grows for one element more of the node where that is most."""
    most = jump
    for number in _needed(found, at):
        rise, period = growth(found, letter, number)
        if rise:
            most = max(most, plain(whole(period) / rise))
    return most if most > max(jump, 1) else None


def _jump(found: Fields, letter: str, at: int) -> int | Fraction:
    """How much the input grows for one element more of a node."""
    rise, period = growth(found, letter, at)
    if not rise:
        raise SolverError(_WHOLE, found.network.nodes[at].label)
    return plain(whole(period) / rise)


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
