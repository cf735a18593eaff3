"""The report of recipes: the best, the family they are of, each with where it is a layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from solver.inverse.letters.answer import Recipe
from solver.inverse.letters.recipe import RecipeTrees
from solver.inverse.letters.recipes import Recipes
from solver.layers.own import LAYERS
from solver.render.latex import latex
from solver.render.report import SHOWN, Column, Formula, Report, Table
from solver.sizes.expression import Expression, names, of
from solver.sizes.letters import least
from solver.sizes.normal import whole
from solver.sizes.operations import LETTERS, MINIMUM


class InLetters(Report):
    """What is said of recipes. explained: with how they follow."""

    def __init__(self, recipes: Recipes, limit: int | None = None, explained: bool = False) -> None:
        self.recipes, self.limit, self.explained = recipes, limit, explained

    @property
    def answered(self) -> bool:
        return bool(self.recipes)

    def title(self) -> str:
        return self.recipes.asked

    def headline(self) -> str:
        if not self.recipes:
            return f"none: {self.recipes.reason}"
        return str(self.recipes[0])

    def summary(self) -> str:
        count = "1 recipe" if self.recipes.count == 1 else f"{self.recipes.count} recipes"
        every = self.recipes.holds_for
        return f"{count} of {self.recipes.asked}" + (f", for every {every}" if every else "")

    def facts(self) -> Iterator[str]:
        recipes = self.recipes
        if recipes:
            yield self.summary()
        yield Formula(f"exactly when: {'; '.join(map(str, recipes.family))}", self._family)
        yield f"for every {', '.join(map(_range, recipes.letters))}"
        if (apart := recipes.question.apart) is not None:
            yield f"the layer in the question is one where {apart}"
        if (gone := recipes.where_none) is not None:
            yield f"no layer does it where {gone}"

    def tables(self) -> Iterable[Table]:
        if found := list(self.told(self.recipes, SHOWN)):
            total, cut = self.recipes.count, self.limit is None
            table = self._table(found)
            yield table._replace(rows=list(table.rows), total=total, cut=cut)

    def data(self) -> Table:
        return self._table(self.told(self.recipes, None))

    def _table(self, recipes: Iterable[Recipe]) -> Table:
        names = self.recipes.question.operation.hyperparameters
        columns = [Column(name) for name in (*names, "valid_from", "where")]
        rows = (
            [*map(_cell, each.trees.cells), "; ".join(self.recipes.notes(each))] for each in recipes
        )
        return Table([*columns, Column("notes", prose=True, notes=True)], rows)

    def formula(self) -> str:
        lines = [latex(condition) for condition in self.recipes.family]
        if self.recipes:
            lines.append(r"\text{such as } " + _equations(self.recipes[0].trees))
        aligned = r" \\ & ".join(lines)
        return rf"\begin{{aligned}} & {aligned} \end{{aligned}}"

    def trees(self) -> Iterator[Sequence[Expression]]:
        return ([condition] for condition in self.recipes.family)

    def letters(self) -> str:
        return "A layer is one of them exactly when"

    def derivation(self, form: str) -> str:
        return self.recipes.explain(form) if self.explained else ""

    def codes(self) -> Iterator[str]:
        for each in self.told(self.recipes, 1):
            yield _code(each.trees)

    def _family(self) -> str:
        return r",\quad ".join(map(latex, self.recipes.family))

    def record(self) -> dict[str, Any]:
        recipes, asked = self.recipes, self.recipes.question
        return {
            "schema": 1,
            "command": "solve",
            "op": asked.operation.name,
            "input": str(asked.input),
            "output": str(asked.output),
            "count": None,
            "conditions": list(map(str, recipes.family)),
            "searched": {name: ", ".join(map(str, x)) for name, x in asked.given.items()},
            "where": "" if asked.where is None else str(asked.where),
            "letters": list(recipes.letters),
            **({"derivation": recipes.proof} if self.explained else {}),
            "recipes": self.items(),
            "solutions": [],
            "reason": recipes.reason,
        }

    def items(self) -> Iterator[dict[str, Any]]:
        for each in self.told(self.recipes, None):
            shown = {name: str(getattr(each.trees, name)) for name in MINIMUM}
            where = "" if each.trees.where is None else str(each.trees.where)
            first, notes = str(each.trees.valid_from), self.recipes.notes(each)
            yield {**shown, "where": where, "valid_from": first, "notes": notes}


def _equations(recipe: RecipeTrees) -> str:
    """Its hyperparameters in the letters of the field, but for those that are their own letter."""
    own = ((LETTERS[name], size) for name, size in recipe.hyperparameters.items())
    equal = [f"{letter} = {latex(size)}" for letter, size in own if str(size) != letter]
    where = "" if recipe.where is None else rf" \quad\text{{where }} {latex(recipe.where)}"
    return r",\ ".join(equal) + where


def _code(recipe: RecipeTrees) -> str:
    """A function of the letters that makes PyTorch's layer for images."""
    channels = "" if recipe.operation.pooling else "1, 1, "
    sizes = ((name, size) for name, size in recipe.hyperparameters.items())
    given = [f"{name}={whole(size)}" for name, size in sizes if size != of(MINIMUM[name])]
    letters = {x for size in recipe.sizes for x in names(size)}
    title = LAYERS[recipe.operation.name].__name__
    where = "" if recipe.where is None else f"  # where {recipe.where}"
    made = f"nn.{title}2d({channels}{', '.join(given)})"
    head = f"def layer({', '.join(sorted(letters))}):{where}"
    return f"from torch import nn\n\n\n{head}\n    return {made}"


def _range(letter: str) -> str:
    return f"{letter} >= {least(letter)}"


def _cell(size: object) -> str:
    if size is None:
        return "always"
    return Formula(str(size), lambda: latex(size))  # type: ignore[arg-type]
