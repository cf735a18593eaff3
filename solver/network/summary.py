"""Shapes, conditions and formulas of a network in words, the same for every form of print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from solver.network.demand import SQUARE
from solver.network.dim import Dim
from solver.network.graph import Network
from solver.network.operation import Shape
from solver.sizemap import SizeMap
from solver.sizeset import SizeSet


def sizes(shape: Shape | None) -> str:
    """Return the sizes of a shape behind batch and channels; in n where all axes are alike.

    >>> half = SizeMap.line(1, 1, 2)
    >>> sizes((Dim(1), Dim(64), Dim.of("h", half), Dim.of("w", half)))
    'ceil(n/2)'
    >>> sizes((Dim(1), Dim(64), Dim.letter("h"), Dim(7))), sizes((Dim(1), Dim(10)))
    ('h x 7', '')
    """
    if shape is None:
        return "?"
    return joined(shape[2:])


def joined(dims: Sequence[Dim]) -> str:
    """Return dimensions beside each other; once, in n, where they are alike."""
    alike = {dim.on(SQUARE) for dim in dims}
    if len(dims) > 1 and len(alike) == 1:
        return str(alike.pop())
    if len(dims) == 1 and dims[0].single:
        return str(dims[0].on(SQUARE))
    separator = " x " if any(dim.parts for dim in dims) else "x"
    return separator.join(map(str, dims))


def formula(network: Network, at: int) -> str:
    """Return the sizes of a node for every n; features where no axes are left."""
    shape = network.walk.shapes[at]
    return sizes(shape) or joined(shape[1:] if shape else ())


def numbers(shape: Shape | None, values: Mapping[str, int]) -> str:
    """Return the sizes of a shape at given sizes of the input."""
    if shape is None:
        return "?"
    found = [dim.at(values) for dim in (shape[2:] or shape[1:])]
    return str(found[0]) if len(set(found)) == 1 else "x".join(map(str, found))


def on_class(size_map: SizeMap, inputs: SizeSet) -> str | None:
    """Return a size map as people write it on one residue class, where that is a line.

    >>> on_class(SizeMap.line(1, 4, 16, 16, -188), SizeSet(16, [12], 188))
    'n - 184'
    >>> on_class(SizeMap.line(1, 0, 32), SizeSet(32, [0]))
    'n/32'
    """
    if len(inputs.residues) != 1 or inputs.modulus == 1 or inputs.modulus % size_map.period:
        return None
    rise, period = size_map.rise, size_map.period
    residue = inputs.residues[0]
    shift = period * int(size_map(residue)) - rise * residue
    if rise % period == 0:
        return str(SizeMap.line(rise // period, shift // period))
    line = str(SizeMap.line(rise, shift))
    return f"({line})/{period}" if shift else f"{line}/{period}"
