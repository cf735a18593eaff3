"""The answer to a question in letters: every layer, as recipes, the best first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any

from solver.errors import LimitError
from solver.ground.answers import Answers, Count
from solver.ground.shown import shown
from solver.inverse.letters.answer import Recipe
from solver.inverse.letters.choices import Asked, rows
from solver.inverse.letters.conditions import conjuncts, proved, settled, together
from solver.inverse.letters.derivation import derivation
from solver.inverse.letters.notes import notes
from solver.inverse.letters.order import Preference, ordered
from solver.inverse.letters.reason import where_none, why_none
from solver.inverse.letters.recipe import RecipeTrees, recipes_of
from solver.inverse.letters.rows import Equation
from solver.inverse.letters.target import Target
from solver.layers.legal import legal
from solver.proof.claim import Claim
from solver.proof.smtlib import smtlib
from solver.sizes.expression import Expression, named, names, of, substitute
from solver.sizes.letters import decided, is_whole
from solver.sizes.readable import readable
from solver.sizes.step import Step
from solver.symbolic.given import Symbols, given_back


class Recipes(Answers[Recipe]):
    """Hold every layer that does something for all n and all values of letters, as recipes.

    Together the recipes cover all values of the letters for which there is a layer; where a
    hyperparameter is free, recipes for its customary values come first. Each is proved.

    >>> from solver import solve
    >>> up = solve("deconv", "n", "s*n")
    >>> print(up[2])
    kernel_size=2*s, stride=s, padding=ceil(s/2), output_padding=s % 2 where s >= 2
    >>> up.count, up.letters, up.best(1)[0].at(s=4)
    (7, ('s',), ConvTranspose(4, stride=4))
    """

    def __init__(self, asked: Asked, preference: Preference, symbols: Symbols) -> None:
        self.question, self.preference, self.symbols = asked, preference, symbols

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the question, but for n."""
        return self.question.letters

    @property
    def asked(self) -> str:
        """The question in words."""
        asked = self.question
        where = "" if asked.where is None else f" where {asked.where}"
        return f"{asked.operation.name} {asked.input} -> {asked.output}{where}"

    @property
    def holds_for(self) -> str:
        """The n it is asked for, in words."""
        if "n" not in names(self.question.input) | names(self.question.output):
            return ""
        return "n" if self.target.whole is None else f"n with {self.target.whole}"

    @property
    def derivation(self) -> list[Step]:
        """How they follow from the size formula, step by step."""
        return list(derivation(self.question, self.target, self.bounds, self.recipes, self.reason))

    def explain(self, form: str = "text") -> str:
        """The derivation a person would write, as text, markdown or latex (align)."""
        return shown(self, "derivation", form)

    @property
    def proof(self) -> list[str]:
        """The derivation as lines of text."""
        return self.explain().splitlines()

    @cached_property
    def target(self) -> Target:
        """The stride and the net padding that are asked for."""
        return self.question.target()

    @cached_property
    def recipes(self) -> tuple[RecipeTrees, ...]:
        """The recipes, the best first. Raises LimitError where one is not proved."""
        asked = {
            recipe: equation
            for row, equation, target in rows(self.question)
            for recipe in recipes_of(self.question.operation, target, row, equation.stride)
        }
        kept = ordered(asked, self.letters, together(self.target.where), self.preference)
        for recipe in kept:
            self._prove(recipe, asked[recipe])
        return tuple(kept)

    def _prove(self, made: RecipeTrees, equation: Equation) -> None:
        """Prove a recipe: as a claim, or by its net padding, which is all that matters."""
        asked = self.question
        claim = made.layer(asked.input).equals(asked.output)
        net, (low, high) = made.net_padding, (equation.low, equation.high)
        for statements in ((claim,), (net >= low, net <= high)):
            with suppress(LimitError):
                if all(proved(statement, made.where) for statement in statements):
                    return
        # what is left may be what the condition of the recipe says itself
        needed = settled([net.equals(low)] if equation.exact else [net >= low, net <= high])
        if made.where is not None and needed and {*needed} <= {*conjuncts(made.where)}:
            return
        rule = "a recipe was found that is not proved here"
        raise LimitError(rule, str(made), "numbers for some of the letters")

    def notes(self, recipe: Recipe) -> list[str]:
        """What is good about a recipe and what to beware of, for all values of its letters."""
        return notes(recipe.trees, self.preference.well_known)

    @property
    def conditions(self) -> list[Any]:
        """The complete family as SymPy relations, in the symbols that were given."""
        return [given_back(condition, self.symbols) for condition in self.family]

    def __iter__(self) -> Iterator[Recipe]:
        return (Recipe(trees, self.symbols) for trees in self.recipes)

    @property
    def count(self) -> Count:
        """The number of recipes."""
        return Count(len(self.recipes))

    @property
    def claims(self) -> list[Claim]:
        """What proves the recipes: each does what is asked, and is a layer where it says so."""
        asked = self.question
        found = []
        for recipe in self.recipes:
            found.append(Claim(recipe.layer(asked.input).equals(asked.output), recipe.where))
            k, s, p, d, a = recipe.sizes
            conditions = legal(recipe.operation, k, s, p, d, a)
            open_ones = [each for each in conditions if decided(each) is not True]
            if (layer := together(open_ones)) is not None:
                found.append(Claim(layer, recipe.where))
        return found

    def smtlib(self) -> str:
        """The claims as SMT-LIB 2, one script after the other: each `unsat` confirms one."""
        return "\n(reset)\n".join(map(smtlib, self.claims))

    @property
    def reason(self) -> str | None:
        """Why there is no layer, or None where there is one."""
        if self.recipes:
            return None
        low, _, high = self.bounds
        return why_none(self.question, self.target, low, high)

    @property
    def where_none(self) -> Expression | None:
        """For which values of the only letter there is no layer."""
        return where_none(self.question, self.recipes)

    @property
    def family(self) -> tuple[Expression, ...]:
        """The complete family: what the letters must meet, the stride, and the rest."""
        low, double, high = self.bounds
        stride, padding = self.target.stride, named("padding")
        if low != high:
            asked = [(double >= low) & (double <= high)]
        elif double == 2 * padding and is_whole(half := readable(low / 2)):
            asked = [padding.equals(half)]
        else:
            asked = [double.equals(low)]
        if "padding" not in names(double) and (tidy := settled(asked)) is not None:
            asked = [*tidy]
        if stride is not None:
            given = self.question.given.get("stride", (stride,))
            shown = given[0] if len(given) == 1 else stride
            same = () if shown == stride else settled([shown.equals(stride)]) or ()
            asked = [*same, named("stride").equals(shown), *asked]
        own = () if self.question.where is None else settled([self.question.where]) or ()
        met = (x for x in self.target.where if isinstance(x, Expression) and x not in own)
        return (*met, *asked)

    @property
    def bounds(self) -> tuple[Expression, Expression, Expression]:
        """Twice the padding, between what it may be at least and at most."""
        asked, target = self.question, self.target
        single = {name: sizes[0] for name, sizes in asked.given.items() if len(sizes) == 1}
        if "dilation" not in asked.given:
            single["dilation"] = of(1)
        inside = named("dilation") * (named("kernel_size") - 1)
        if asked.operation.transposed and target.extra is None:
            inside = inside + named("output_padding")
        low, high = (
            readable(substitute(inside + bound, single)) for bound in (target.low, target.high)
        )
        return low, readable(2 * single.get("padding", named("padding"))), high
