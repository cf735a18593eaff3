"""A recipe: each hyperparameter as an expression in letters, and where that is a layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.inverse.letters.conditions import (
    Condition,
    constant,
    divides,
    few_values,
    fixed,
    settled,
    together,
)
from solver.inverse.letters.rows import ClosedForm
from solver.inverse.letters.target import N, Target, largest
from solver.layers.own import LAYERS
from solver.sizes import formulas
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, named, names, of, substitute, walk
from solver.sizes.letters import is_whole, least
from solver.sizes.operations import MINIMUM, OperationSpec
from solver.sizes.readable import readable
from solver.sizes.simplest import simplest


class RecipeTrees(NamedTuple):
    """Hold hyperparameters in letters, where they are a layer that solves, and from which n on.

    where: a condition on the letters; None where it is always one.
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

    @property
    def per_call(self) -> bool:
        """Whether its output padding is another for each n."""
        return "n" in names(self.output_padding)

    @property
    def net_padding(self) -> Expression:
        """What decides with the stride: but for an output padding of each call."""
        net = 2 * self.padding - self.dilation * (self.kernel_size - 1)
        return net if self.per_call else net - self.output_padding

    def layer(self, input: Expression) -> Expression:
        """The layer after an input, as a claim has it."""
        k, s, p, d, a = self.sizes
        return Expression("layer", (self.operation.name, input, k, s, p, p, d, a, False))

    def at(self, letters: Mapping[str, int]) -> Any:
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
        return simplest(formula(N, k, s, p, p, d, *extra))

    @property
    def sizes(self) -> list[Expression]:
        """All five hyperparameters."""
        return [getattr(self, name) for name in MINIMUM]

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


def recipes_of(
    operation: OperationSpec, target: Target, row: ClosedForm, stride: Expression
) -> Iterator[RecipeTrees]:
    """The recipes of a row: none where it never is a layer, one for each of few values."""
    made = _recipe(operation, target, row, stride)
    if made is None:
        return
    extra = made.output_padding
    if extra.kind != "number" and constant(extra, made.where) == 0:
        made = made._replace(output_padding=of(0))
    for letter in made.letters:
        values = few_values(letter, made.where)
        if values and len(values) > 1 and any(_is_rounded(x, letter) for x in made.sizes):
            for number in values:
                where = (*row.where, named(letter).equals(number))
                yield from recipes_of(operation, target, row._replace(where=where), stride)
            return
    yield made


def _recipe(
    operation: OperationSpec, target: Target, row: ClosedForm, stride: Expression
) -> RecipeTrees | None:
    where = settled([*row.where, *_legal(operation, row, stride)])
    if where is None:
        return None
    known = fixed(where)

    def put(size: Expression) -> Expression:
        return readable(substitute(size, known)) if names(size) & known.keys() else size

    k, p, a, d = map(put, row[:4])
    first = target.first or largest([of(1), readable(d * (k - 1) + 1 - 2 * p)])
    return RecipeTrees(operation, k, put(stride), p, d, a, together(where), put(first))


def _legal(operation: OperationSpec, row: ClosedForm, stride: Expression) -> Iterator[Condition]:
    """What makes hyperparameters those of a layer, but for the room for an output padding."""
    k, p, a, d = row[:4]
    for size, smallest in ((k, 1), (p, 0), (a, 0), (d, 1), (stride, 1)):
        if "n" in names(size):
            continue  # of each call, as the target has it
        if not is_whole(size):
            yield divides(of(1), size)
        yield size >= smallest
    if operation.pooling:
        yield 2 * p <= k


def _is_rounded(size: Expression, letter: str) -> bool:
    """Whether a letter stands under a floor, a remainder or a division in a size."""
    rounded = (part for part in walk(size) if part.kind in ("/", "%", "call"))
    return any(letter in names(part) for part in rounded)


def _told(name: str, size: Expression) -> bool:
    return name in ("kernel_size", "stride") or size != of(MINIMUM[name])


def _said(letters: Mapping[str, int]) -> str:
    return ", ".join(f"{letter} = {size}" for letter, size in letters.items())
