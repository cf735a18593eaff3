r"""Size maps, size sets and layers as LaTeX for notebooks, in display style between $ signs."""

from __future__ import annotations

from solver.layers.layer import Layer
from solver.render.forward_every import own_formula
from solver.render.latex import latex
from solver.sizes.expression import Expression
from solver.sizes.fold import expression as shortest
from solver.sizes.fold import fold
from solver.sizes.runs import in_words
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet


def expression(value: Expression) -> str:
    """A tree as notebooks show it."""
    return rf"$\displaystyle {latex(value)}$"


def size_map(value: SizeMap) -> str:
    r"""A size map as n mapped to its shortest expression.

    >>> size_map(SizeMap.line(1, 1, 2))
    '$\\displaystyle n \\mapsto \\left\\lceil \\frac{n}{2} \\right\\rceil$'
    """
    found = shortest(value)
    # else too many cases for an expression
    written = latex(found) if found else rf"\text{{{fold(value)}}}"
    return rf"$\displaystyle n \mapsto {written}$"


def layer(value: Layer) -> str:
    r"""What a layer does to a size, one formula per axis.

    >>> from solver import Conv
    >>> layer(Conv(3, padding=1))
    '$\\displaystyle n \\mapsto n$'
    """
    formulas = [own_formula(value, axis) for axis in range(value.axes or 1)]
    return rf"$\displaystyle n \mapsto {', '.join(map(latex, formulas))}$"


def size_set(value: SizeSet) -> str:
    r"""A size set by its classes, its minimum and its exceptions.

    >>> size_set(SizeSet(16, [12], 188))
    '$\\{n \\ge 188 : n \\equiv 12 \\pmod{16}\\}$'
    >>> size_set(SizeSet.of([3, 5]))
    '$\\{3, 5\\}$'
    """
    points = in_words(value.exception_ranges).replace("..", r" \ldots ")
    finite = rf"\{{{points}\}}" if points else ""
    if value.finite:
        return f"${finite or chr(92) + 'emptyset'}$"
    residues = in_words(value.ranges).replace("..", r" \ldots ")
    classes = "" if value.modulus == 1 else rf" : n \equiv {residues} \pmod{{{value.modulus}}}"
    tail = rf"\{{n \ge {value.minimum}{classes}\}}"
    return rf"${tail} \cup {finite}$" if finite else f"${tail}$"
