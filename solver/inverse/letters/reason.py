"""Why there is no layer in letters: for no values of them, or for some."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from solver.inverse.letters.choices import Asked
from solver.inverse.letters.conditions import either, even, other_values, settled, together
from solver.inverse.letters.recipe import RecipeTrees
from solver.inverse.letters.target import Target, read_target
from solver.sizes.expression import Expression
from solver.sizes.letters import decided


def why_none(asked: Asked, target: Target, low: Expression, high: Expression) -> str:
    """Why no layer does it. low, high: what twice the padding would have to be."""
    stride, given = target.stride, asked.given.get("stride", ())
    if stride is not None and False in target.where:
        fixed = "output_padding" in asked.given
        transposed = asked.operation.transposed
        found = read_target(asked.input, asked.output, transposed, fixed=fixed)
        where = together(settled(found.where) or ())
        only = "never whole" if where is None else f"whole only where {where}"
        return f"stride would have to be {stride}, which is {only}"
    if stride is not None and decided(stride >= 1) is False:
        return f"stride would have to be {stride}, which is less than 1"
    if stride is not None and given and stride not in given:
        return f"stride would have to be {stride}, and never is {', '.join(map(str, given))}"
    double = f"be {low}" if low == high else f"lie from {low} to {high}"
    among = "for all letters" if asked.where is None else f"where {asked.where}"
    if low == high and settled([*target.where, even(low)]) is None:
        return f"2*padding would have to {double}, which is odd {among}"
    if settled([*target.where, high >= 0]) is None:
        return f"2*padding would have to {double}, which is negative {among}"
    return f"2*padding would have to {double}, and is for no values of the letters"


def where_none(asked: Asked, recipes: Sequence[RecipeTrees]) -> Expression | None:
    """For which values of the only letter there is no layer; None for none, or of more letters."""
    if len(asked.letters) != 1:
        return None
    closed = [each for each in recipes if not {*each.letters} - {*asked.letters, "n"}]
    if len(closed) < len(recipes) and "kernel_size" not in asked.given:
        return None  # of a given kernel, those without free letters are for all there are
    ways = [each.where for each in closed if each.where is not None]
    if len(ways) < len(closed) or not ways:
        return None
    return other_values(
        asked.letters[0], reduce(either, ways[1:], either(ways[0], False)), asked.where
    )
