"""A recipe: each hyperparameter as an expression in letters, and where that is a layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from solver.errors import SolverError
from solver.inverse.letters.conditions import settled, together
from solver.inverse.letters.rows import ClosedForm
from solver.inverse.letters.target import N, Target
from solver.layers.legal import legal
from solver.layers.own import LAYERS
from solver.sizes import formulas
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, call, names, of
from solver.sizes.letters import decided, least, value
from solver.sizes.normal import normal
from solver.sizes.operations import MINIMUM, OperationSpec


class Recipe(NamedTuple):
    """Hold hyperparameters in letters, where they are a layer that solves, and from which n on.

    where: a condition on the letters; None where it is always one.

    >>> from solver import solve
    >>> recipe = solve("deconv", "n", "s*n", kernel_size="2s")[0]
    >>> print(recipe.padding, "|", recipe.output_padding, "|", recipe.where)
    ceil(s/2) | s % 2 | s >= 2
    >>> recipe.at(s=3)
    ConvTranspose(6, stride=3, padding=2, output_padding=1)
    """

    operation: OperationSpec
    kernel_size: Expression
    stride: Expression
    padding: Expression
    dilation: Expression
    output_padding: Expression
    where: Expression | None
    valid_from: Expression

    @property
    def hyperparameters(self) -> dict[str, Expression]:
        """The hyperparameters of the operation, in their usual order."""
        return {name: getattr(self, name) for name in self.operation.hyperparameters}

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters it is written in."""
        used = set().union(*map(names, self.hyperparameters.values()))
        return tuple(sorted(used | (set() if self.where is None else names(self.where))))

    def at(self, **letters: int) -> Any:
        """The layer of numbers. Raises SolverError where a letter is missing or it is no layer."""
        missing = [letter for letter in self.letters if letter not in letters]
        if missing:
            raise SolverError("each letter needs a value", right=f"{missing[0]}=2")
        for letter, size in letters.items():
            if size < least(letter):
                raise SolverError(f"{letter} is at least {least(letter)}", str(size))
        if self.where is not None and not exact(self.where, letters):
            raise SolverError("this recipe is no layer here", _said(letters), str(self.where))
        given = {name: int(exact(size, letters)) for name, size in self.hyperparameters.items()}
        return LAYERS[self.operation.name](**given)

    def size(self) -> Expression:
        """What comes out of n, as one formula in the letters."""
        formula = formulas.conv_transpose if self.operation.transposed else formulas.conv
        k, s, p, d = self.kernel_size, self.stride, self.padding, self.dilation
        extra = (self.output_padding,) if self.operation.transposed else ()
        found: Expression = formula(N, k, s, p, p, d, *extra)
        return found

    @property
    def cells(self) -> list[Expression | None]:
        """What stands in a row of a table: hyperparameters, the smallest n, the condition."""
        return [*self.hyperparameters.values(), self.valid_from, self.where]

    def __str__(self) -> str:
        parts = [
            f"{name}={size}" for name, size in self.hyperparameters.items() if _told(name, size)
        ]
        where = "" if self.where is None else f" where {self.where}"
        return f"{', '.join(parts)}{where}"


def recipe(
    operation: OperationSpec,
    target: Target,
    row: ClosedForm,
    stride: Expression,
    asked: Iterator[Expression],
) -> Recipe | None:
    """The recipe of a row, or None where it never is a layer. asked: of its letters, besides."""
    k, p, a, d = row[:4]
    where = settled([*asked, *row.where, *legal(operation, k, stride, p, d, a)])
    if where is None:
        return None
    first = target.first or d * (k - 1) + 1 - 2 * p
    return Recipe(operation, k, stride, p, d, a, together(where), _at_least_one(first))


def _at_least_one(size: Expression) -> Expression:
    found = value(size)
    if found.lower.number == 1 and found.upper.denominator == 1:
        size = found.upper.expression
    size = normal(size)
    if decided(size <= 1):
        return of(1)
    return size if decided(size >= 1) else call("max", 1, size)


def _told(name: str, size: Expression) -> bool:
    return name in ("kernel_size", "stride") or size != of(MINIMUM[name])


def _said(letters: Mapping[str, int]) -> str:
    return ", ".join(f"{letter} = {size}" for letter, size in letters.items())
