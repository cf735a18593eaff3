"""The report of recipes: the best, the family they are of, each with where it is a layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from solver.inverse.letters.recipe import Recipe
from solver.inverse.letters.recipes import Recipes
from solver.render.latex import latex
from solver.render.report import SHOWN, Column, Formula, Report, Table, cut_off
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

    def facts(self) -> Iterator[str]:
        recipes = self.recipes
        count = "1 recipe" if recipes.count == 1 else f"{recipes.count} recipes"
        if recipes:
            yield f"{count} of {recipes.asked}, for every {recipes.holds_for}"
        yield Formula(f"exactly when: {'; '.join(map(str, recipes.family))}", self._family)
        yield f"for every {', '.join(map(_range, recipes.letters))}"

    def tables(self) -> Iterable[Table]:
        if found := list(self.told(self.recipes, SHOWN)):
            yield self._table(found)._replace(more=cut_off(self.recipes.count, len(found)))

    def data(self) -> Table:
        return self._table(self.told(self.recipes, None))

    def _table(self, recipes: Iterable[Recipe]) -> Table:
        names = self.recipes.question.operation.hyperparameters
        columns = [Column(name) for name in (*names, "valid_from")]
        rows = (list(map(_cell, each.cells)) for each in recipes)
        return Table([*columns, Column("where", prose=True)], rows)

    def formula(self) -> str:
        if not self.recipes:
            return ""
        best = self.recipes[0]
        equal = [f"{LETTERS[x]} = {latex(size)}" for x, size in best.hyperparameters.items()]
        return r",\quad ".join(equal)

    def derivation(self, form: str) -> str:
        lines = self.recipes.proof if self.explained else []
        if form == "latex":
            return "\n".join(rf"\text{{{line}}} \\" for line in lines)
        return "\n".join(lines)

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

    def items(self) -> Iterator[dict[str, str]]:
        for each in self.told(self.recipes, None):
            shown = {name: str(getattr(each, name)) for name in MINIMUM}
            where = "" if each.where is None else str(each.where)
            yield {**shown, "where": where, "valid_from": str(each.valid_from)}


def _range(letter: str) -> str:
    from solver.sizes.letters import least

    return f"{letter} >= {least(letter)}"


def _cell(size: object) -> str:
    if size is None:
        return "always"
    return Formula(str(size), lambda: latex(size))  # type: ignore[arg-type]
