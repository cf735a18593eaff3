"""Which recipe first: as for numbers, and what always is a layer before what is one for some.

A recipe is better if none of its letters is free, if it always is a layer, if it needs no output
padding, and then by the rules for numbers, at small values of its letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any, Protocol

from solver.errors import LimitError
from solver.inverse.letters.conditions import holds, points, proved
from solver.inverse.letters.recipe import RecipeTrees
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, of
from solver.sizes.readable import readable

Point = dict[str, Fraction]
Row = tuple[int, int, int, int, int, None]


class Preference(Protocol):
    """Rank layers of numbers, as (kernel_size, stride, padding, dilation, output_padding, None)."""

    @property
    def well_known(self) -> Mapping[tuple[object, ...], str]: ...

    def points(self, row: Any, /) -> int: ...


def ordered(
    recipes: Iterable[RecipeTrees],
    asked: Sequence[str],
    where: Expression | None,
    preference: Preference,
) -> list[RecipeTrees]:
    """The recipes, the best first, none that a better one says again.

    asked, where: the letters that are asked about, and what they must meet anyway. preference: of
    layers of numbers.
    """
    ranked = sorted(recipes, key=lambda recipe: _key(recipe, asked, where, preference))
    kept: list[RecipeTrees] = []
    for recipe in ranked:
        if not any(covers(better, recipe) for better in kept):
            kept.append(recipe)
    return kept


def samples(recipe: RecipeTrees) -> Iterator[tuple[Point, Row]]:
    """The layers of a recipe at small values of its letters; an output padding per call at n."""
    letters = {*recipe.letters} | {"n"} if recipe.per_call else {*recipe.letters}
    for at in points(letters):
        if holds(recipe.where, at):
            k, s, p, d, a = (int(_value(size, at)) for size in recipe.sizes)
            yield at, (k, s, p, d, a, None)


def covers(better: RecipeTrees, recipe: RecipeTrees) -> bool:
    """Whether a recipe says again what a better one says, wherever it holds."""
    if not {*better.letters} <= {*recipe.letters}:
        return False
    for at, _ in samples(recipe):
        if not holds(better.where, at):
            return False
        if any(
            _value(x, at) != _value(y, at) for x, y in zip(better.sizes, recipe.sizes, strict=True)
        ):
            return False
    with suppress(LimitError):
        same = all(
            readable(x - y) == of(0) or proved(x.equals(y), recipe.where)
            for x, y in zip(better.sizes, recipe.sizes, strict=True)
        )
        return same and (better.where is None or proved(better.where, recipe.where))
    return False


def _key(
    recipe: RecipeTrees, asked: Sequence[str], where: Expression | None, preference: Preference
) -> tuple[Any, ...]:
    free = len({*recipe.letters} - {*asked, "n"})
    rows = [row for _, row in samples(recipe)]
    # kernels of 1 last, then points
    ones = all(row[0] == 1 for row in rows)
    total = Fraction(sum(map(preference.points, rows)), max(len(rows), 1))
    extra = recipe.output_padding != of(0) and not recipe.per_call
    return free, ones, recipe.where != where, extra, total


def _value(size: Expression, at: Point) -> Fraction:
    return Fraction(exact(size, at))
