r"""Sizes of a tensor as LaTeX: the expression of each dimension, from its maps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add, mul

from solver.network.graph.demand import SQUARE
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Shape
from solver.render.latex import latex
from solver.sizes.expression import Expression, of
from solver.sizes.fold import expression
from solver.sizes.normal import normal


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
        return _latex(alike.pop(), False)
    return r" \times ".join(_latex(dim, True) for dim in dims)


def _latex(dim: Dim, fenced: bool) -> str:
    """A dimension as LaTeX; in words where a map has no expression. fenced: sums in parentheses."""
    node = _expression(dim)
    if node is None:
        return rf"\text{{{dim}}}"
    return f"({latex(node)})" if fenced and node.kind in ("+", "-") else latex(node)


def _expression(dim: Dim) -> Expression | None:
    terms = []
    for term in dim.terms:
        factors = [expression(size_map, letter) for letter, size_map in term.parts]
        if None in factors:
            return None
        known = [factor for factor in factors if factor is not None]
        # One part has the factor in it.
        number = [] if len(known) == 1 or (known and term.factor == 1) else [of(term.factor)]
        terms.append(reduce(mul, [*number, *known]))
    return terms[0] if len(terms) == 1 else normal(reduce(add, terms))
