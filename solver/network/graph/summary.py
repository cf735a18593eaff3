"""Shapes, conditions and formulas of a network in words, the same for every form of print.

Of several paths, formulas that agree are one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.network.graph.demand import SQUARE, Demand
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply, Operation, Shape, visible
from solver.network.graph.pieces import ValidPiece
from solver.sizes import fold
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet
from solver.sizes.text import PRODUCT, text
from solver.sizes.width import Width

if TYPE_CHECKING:
    from solver.network.graph.validity import Valid


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
        return _crossed([dim.factor for dim in shown])
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
    """The sizes of a node for every n; features where no axes are left.

    Of several formulas, each with its sizes.
    """
    if not network.paths:
        return told(network, at, network.walk.shapes[at])
    from solver.network.graph.validity import valid  # most networks have one path

    def nodes(path: Graph) -> list[int]:
        number = network.beside(path, at)
        return [] if number is None else [number]

    found = outcomes(network, valid(network), nodes)
    words = [told(network, at, each.shapes[0]) for each in found]
    sizes = ["" if len(found) == 1 else f" for {each.inputs}" for each in found]
    return "; ".join(map(str.__add__, words, sizes))


def shown(network: Graph, at: int, shape: Shape) -> Shape:
    """What is told of the shape of a node, as `visible`."""
    return visible(shape, network.formulas(shape, at))


def told(network: Graph, at: int, shape: Shape | None) -> str:
    """What is told of the shape of a node, in words.

    >>> from solver import Conv, trace
    >>> told(trace(Conv(3, stride=2), axes=1), 1, (Dim(1),)), told(trace(Conv(3)), 1, ())
    ('1', 'scalar')
    """
    if shape is None:
        return "?"
    return joined(shown(network, at, shape)) or "scalar"


def numbers(network: Graph, at: int, shape: Shape | None, values: Mapping[str, int]) -> str:
    """What is told of the shape of a node, at given sizes of the input."""
    if shape is None:
        return "?"
    found = [dim.at(values) for dim in shown(network, at, shape)]
    return _crossed(found[:1] if len(set(found)) == 1 else found) or "scalar"


def _crossed(sizes: Sequence[int]) -> str:
    """Numbers beside each other: 3x4; 3 x 4*dim where they are words."""
    worded = any(isinstance(size, Width) for size in sizes)
    return (" x " if worded else "x").join(map(str, sizes))


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
    if inputs.per_period != 1 or inputs.modulus == 1 or inputs.modulus % size_map.period:
        return None
    rise, period = size_map.rise, size_map.period
    residue = inputs.ranges[0].start
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


# Of several paths

#: The shapes that are asked about.
Shapes = tuple[Shape | None, ...]


class Outcome(NamedTuple):
    """Hold the shapes that come out at some sizes: a set, or a piece where slices are clamped."""

    shapes: Shapes
    inputs: SizeSet | ValidPiece

    @property
    def span(self) -> tuple[int, int | None, SizeSet]:
        """The first and the last size of the piece, and a set of which it is a piece."""
        if isinstance(self.inputs, SizeSet):
            return 1, None, self.inputs
        return self.inputs.first, self.inputs.last, self.inputs.condition


def outcomes(
    network: Graph, found: Valid, nodes: Callable[[Graph], Sequence[int]]
) -> list[Outcome]:
    """What comes out at which sizes, with all axes alike: first what is told for every n.

    found: where it runs. nodes: the numbers of those that are asked about, in a path.
    """
    joined: list[Outcome] = []
    for part in (found.main, *found.pieces):
        shapes = tuple(part.walk.shapes[at] for at in nodes(network.ways[part.path]))
        if not shapes:
            continue  # what is asked about is not in this path
        piece = part.first > 1 or part.last is not None
        if piece and not (part.short and (network.paths or part.void)):
            joined.append(Outcome(shapes, found.plain if part is found.main else part))
            continue
        joined.append(Outcome(shapes, part.cut(part.condition)))
    while pair := _first_alike(joined):
        one, other, both = pair
        joined[one] = both
        del joined[other]
    return joined


def _first_alike(found: Sequence[Outcome]) -> tuple[int, int, Outcome] | None:
    """The places of two outcomes that are one, and that one."""
    for one, other in combinations(range(len(found)), 2):
        if (both := _joined(found[one], found[other])) is not None:
            return one, other, both
    return None


def _joined(one: Outcome, other: Outcome) -> Outcome | None:
    """One outcome for both, where the formula of either holds for the other too."""
    if not isinstance(one.inputs, SizeSet) or not isinstance(other.inputs, SizeSet):
        return None
    both = one.inputs | other.inputs
    for first, second in ((one, other), (other, one)):
        if _agree(first.shapes, second.shapes, second.inputs):  # type: ignore[arg-type]
            return Outcome(first.shapes, both)
    return None


def _agree(first: Shapes, like: Shapes, inputs: SizeSet) -> bool:
    """Tell whether shapes are the same at all these sizes."""
    if len(first) != len(like) or None in first or None in like:
        return False
    pairs = [(one or (), other or ()) for one, other in zip(first, like, strict=True)]
    return all(len(one) == len(other) for one, other in pairs) and all(
        _alike(dim, wanted, inputs)
        for one, other in pairs
        for dim, wanted in zip(one, other, strict=True)
    )


def _alike(dim: Dim, wanted: Dim, inputs: SizeSet) -> bool:
    if dim == wanted:
        return True
    one, other = Demand(0, "", dim, wanted).maps
    if one is None or other is None or len(dim.letters | wanted.letters) != 1:
        return False
    try:
        return inputs <= Demand(0, "", dim, wanted).inputs()
    except LimitError:
        return False
