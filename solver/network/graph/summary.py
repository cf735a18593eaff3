"""Shapes, conditions and formulas of a network in words, the same for every form of print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from solver.network.graph.demand import SQUARE
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply, Operation, Shape
from solver.network.graph.pieces import ValidPiece
from solver.sizes import fold
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet
from solver.sizes.text import PRODUCT, text


def sizes(shape: Shape | None) -> str:
    """The sizes of a shape behind batch and channels; in n where all axes are alike.

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
    shown = beside(dims)
    if not any(dim.parts for dim in shown):
        return "x".join(map(str, shown))
    if len(shown) == 1:
        return str(shown[0])
    return " x ".join(text(dim.expression, PRODUCT) for dim in shown)


def beside(dims: Sequence[Dim]) -> list[Dim]:
    """The dimensions that are printed: one, in n, where they are alike."""
    alike = {dim.on(SQUARE) for dim in dims}
    if len(alike) == 1 and (len(dims) > 1 or dims[0].single):
        return [*alike]
    return [*dims]


def formula(network: Graph, at: int) -> str:
    """The sizes of a node for every n; features where no axes are left."""
    return told(network.walk.shapes[at])


def told(shape: Shape | None) -> str:
    """The sizes of a shape; features where no axes are left."""
    return sizes(shape) or joined(shape[1:] if shape else ())


def numbers(shape: Shape | None, values: Mapping[str, int]) -> str:
    """The sizes of a shape at given sizes of the input."""
    if shape is None:
        return "?"
    found = [dim.at(values) for dim in (shape[2:] or shape[1:])]
    return str(found[0]) if len(set(found)) == 1 else "x".join(map(str, found))


_LETTERS = {
    "kernel_size": "k",
    "kernel_shape": "k",
    "pool_size": "k",
    "window_shape": "k",
    "stride": "s",
    "strides": "s",
    "padding": "p",
    "pads": "p",
    "pad": "p",
    "dilation": "d",
    "dilations": "d",
    "dilation_rate": "d",
    "output_padding": "a",
}
_GROUPS = ("groups", "group")


def brief(operation: Operation) -> str:
    """An operation in a few characters, as in a table.

    >>> from solver.frameworks import layer
    >>> brief(Apply(layer("torch", "Conv2d", kernel_size=(7, 7), stride=2, padding=3, dilation=1)))
    'Conv2d k7 s2 p3'
    """
    if not isinstance(operation, Apply):
        return operation.title
    layer = operation.layer
    known, words = layer.row.arguments, [layer.name]
    usual = {name: known[name].default for name in known} | dict.fromkeys(_GROUPS, 1)
    sizes = (name for name in layer.arguments if known[name].read or name in _GROUPS)
    named = {name: layer.arguments[name] for name in sizes}
    for name, value in named.items():
        alike = isinstance(value, (tuple, list)) and len(set(map(str, value))) == 1
        shown = value[0] if alike else value
        least = usual.get(name, 1) if name != "kernel_size" else None
        if shown == least or shown is None:
            continue
        letter = _LETTERS.get(name)
        written = str(shown).replace(" ", "")
        plain = letter and not isinstance(shown, str)
        words.append(f"{letter}{written}" if plain else f"{name}={written}")
    return " ".join(words)


def on_class(size_map: SizeMap, inputs: SizeSet) -> str | None:
    """A size map as people write it on one residue class, where that is a line.

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
    return str(fold.shown(SizeMap.line(rise, shift)) / period)


def every(inputs: SizeSet | ValidPiece, letter: str = "n") -> str:
    """Every n that is in a size set, in words.

    >>> every(SizeSet(2, [0])), every(SizeSet(1, [0], 3)), every(SizeSet.of([3, 5]))
    ('every even n', 'every n >= 3', 'every n in {3, 5}')
    """
    text = inputs.text(letter)
    known = text.startswith((f"{letter} ", "even ", "odd ", "no "))
    return f"every {text}" if known else f"every {letter}: {text}"
