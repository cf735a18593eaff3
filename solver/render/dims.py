r"""Sizes of a tensor as LaTeX: the tree of each dimension, from its maps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from solver.network.graph.demand import SQUARE
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Shape
from solver.render.latex import latex
from solver.sizes.expression import Node, parse
from solver.sizes.normal import normal, rename


def sizes(shape: Shape | None, at: Mapping[str, int] | None) -> str:
    r"""The sizes of a shape behind batch and channels; features where there are none.

    at: the sizes of the input, None for every n. Axes that are alike are said once, in n.

    >>> from solver.sizes.sizemap import SizeMap
    >>> half = SizeMap.line(1, 1, 2)
    >>> print(sizes((Dim(1), Dim(3), Dim.of("h", half), Dim.letter("w") + 1), None))
    \left\lceil \frac{h}{2} \right\rceil \times (w + 1)
    """
    if shape is None:
        return r"\text{?}"
    dims: tuple[Dim, ...] = shape[2:] or shape[1:]
    if at is not None:
        numbers = [dim.at(at) for dim in dims]
        return r" \times ".join(map(str, numbers[:1] if len(set(numbers)) == 1 else numbers))
    alike = {dim.on(SQUARE) for dim in dims}
    if len(alike) == 1:
        return latex(_tree(alike.pop()))
    trees = map(_tree, dims)
    return r" \times ".join(
        f"({latex(node)})" if node.kind in ("+", "-") else latex(node) for node in trees
    )


def _tree(dim: Dim) -> Node:
    """A dimension as an expression in its letters."""
    terms = []
    for term in dim.terms:
        factors = [rename(parse(str(size_map)), {"n": letter}) for letter, size_map in term.parts]
        if term.factor != 1 or not factors:
            factors.insert(0, Node("number", (term.factor,), 0))
        terms.append(reduce(lambda x, y: Node("*", (x, y), 0), factors))
    found = reduce(lambda x, y: Node("+", (x, y), 0), terms)
    return normal(found) if len(terms) > 1 else found
