"""What comes out of all paths: pieces of the sizes, those of one formula told together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.network.graph.demand import Demand
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Shape
from solver.network.graph.pieces import ValidPiece
from solver.network.graph.summary import told
from solver.network.graph.validity import Valid, valid
from solver.sizes.sizeset import EVERY, SizeSet

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
        if part.first > 1 or part.last is not None:
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


def formulas(network: Graph, at: int) -> str:
    """The sizes of a node in all paths, in words: once for the sizes of one formula."""

    def nodes(path: Graph) -> list[int]:
        number = network.beside(path, at)
        return [] if number is None else [number]

    found = outcomes(network, valid(network), nodes)
    words = [f"{', '.join(map(told, each.shapes))} for {each.inputs}" for each in found]
    if len(found) == 1 and found[0].inputs == EVERY:
        return told(found[0].shapes[0])
    return "; ".join(words)


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
