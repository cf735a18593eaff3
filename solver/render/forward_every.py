"""The size that comes out of a layer for an input in n, and the n for which it does."""

from __future__ import annotations

from solver.errors import SolverError
from solver.layers.layer import Layer
from solver.render.described import Described, Output
from solver.sizes.domain import size_letter
from solver.sizes.expression import Expression, named, substitute
from solver.sizes.fold import expression as shortest
from solver.sizes.normal import normal
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet, where_nonnegative
from solver.sizes.target import SizeExpression, read_size


def one_axis(described: Described, index: int, text: str, sizes: int) -> Output:
    """The output along an axis, for an input in words, of so many sizes."""
    expression = read_size(text)
    if expression.denominator != 1:
        raise SolverError(
            "an input size is a whole number",
            received=text,
            right=f"ceil({text}) or floor({text})",
        )
    size_map = expression.numerator
    if expression.constant:
        n = int(size_map(0))
        return Output(n, described.sizes((n,) * sizes)[index])
    made, accepts = along(described, index, sizes)
    plain = made == described.layer.size_map(index)
    own = own_formula(described.layer, index) if plain else SizeExpression(made).expression
    folded, given = shortest(made(size_map)), expression.expression
    if folded is None:  # no short expression: the formula, with the input put in
        own = folded = substitute(own, {"n": given})
    elif given != named("n"):
        own = folded
    letter = {"n": size_letter(text)}
    given, own, folded = (substitute(size, letter) for size in (given, own, folded))
    return Output(given, own, folded, _first(accepts.minimum, expression))


def along(described: Described, index: int, sizes: int) -> tuple[SizeMap, SizeSet]:
    """What comes out along an axis, for an input of so many sizes, and of which inputs it does."""
    layer, axes = described.layer, described.axes(sizes)
    made, accepts = layer.size_map(index), layer.accepts(index, sizes)
    if (written := described.written(axes)) is None:
        return made, accepts
    first = written.layers[0].along(axes)[index]
    made, taken = first.size_map, first.accepts
    if len(written.layers) > 1:
        from solver.frameworks.spec import reading

        _, _, made, taken = reading(written.layers, index, axes)
    taken &= where_nonnegative(made - 1)
    return made, taken & accepts if described.framework == "torch" else taken


def _first(least: int, expression: SizeExpression) -> int:
    """The n from which on every input fits."""
    fits = where_nonnegative(expression.numerator - least)
    if expression.numerator.rise <= 0:
        raise SolverError(
            "the input must grow with n", received=str(expression), right="for example 2n"
        )
    return fits.minimum


def own_formula(layer: Layer, index: int = 0) -> Expression:
    """The layer's formula along an axis with its numbers put in.

    >>> from solver import Conv, ConvTranspose
    >>> print(own_formula(Conv(7, stride=2, padding=3)), "|", own_formula(ConvTranspose(4, 2, 1)))
    floor((n - 1)/2) + 1 | 2*n
    """
    sizes = layer.size((named("n"),) * max(index + 1, layer.axes or 1))
    return normal(sizes[index])
