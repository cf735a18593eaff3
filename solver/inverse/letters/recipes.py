"""The answer to a question in letters: every layer, as recipes, the best first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from itertools import product
from typing import NamedTuple

from solver.errors import LimitError
from solver.ground.answers import Answers, Count
from solver.inverse.letters.conditions import proved
from solver.inverse.letters.recipe import Recipe, recipe
from solver.inverse.letters.rows import ClosedForm, for_kernel, for_padding, parity
from solver.inverse.letters.target import Target, read_target
from solver.sizes.expression import Expression, named, names, of
from solver.sizes.letters import NAMES
from solver.sizes.normal import normal
from solver.sizes.operations import LETTERS, MINIMUM, OperationSpec

#: Recipes of values that are listed one by one.
MOST_VALUES = 1_000
#: Kernels that are customary where the kernel is free, in strides.
_CUSTOMARY = (1, 2, 3)


class Asked(NamedTuple):
    """Hold a question in letters.

    given: what each hyperparameter is, or the values it may have; what is left out is free, and the
    dilation 1. where: a condition on the letters.
    """

    operation: OperationSpec
    input: Expression
    output: Expression
    given: Mapping[str, tuple[Expression, ...]]
    where: Expression | None = None

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters that the question speaks of, but for n."""
        sizes = [
            self.input,
            self.output,
            *(size for sizes in self.given.values() for size in sizes),
        ]
        used = set().union(*map(names, sizes), () if self.where is None else names(self.where))
        return tuple(letter for letter in NAMES if letter in used and letter != "n")


class Recipes(Answers[Recipe]):
    """Hold every layer that does something for all n and all values of letters, as recipes.

    Together the recipes cover all values of the letters for which there is a layer; where a
    hyperparameter is free, recipes for its customary values come first. Each is proved.

    >>> from solver import solve
    >>> up = solve("deconv", "n", "s*n")
    >>> print(up[1])
    kernel_size=2*s, stride=s, padding=ceil(s/2), output_padding=s % 2 where s >= 2
    >>> up.count, up.letters, up.best(1)[0].at(s=4)
    (7, ('s',), ConvTranspose(4, stride=4))
    """

    def __init__(self, asked: Asked) -> None:
        self.question = asked

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
        return "n" if self.target.whole is None else f"n with {self.target.whole}"

    @property
    def proof(self) -> list[str]:
        """Why the recipes are right and all, line by line."""
        stride, low, high = str(self.target.stride), str(self.target.low), str(self.target.high)
        between = f"Z = {low}" if self.target.exact else f"{low} <= Z <= {high}"
        net = "Z = 2*padding - dilation*(kernel_size - 1)"
        form = f"floor((n - 1 + Z)/stride) + 1, with {net}"
        if self.question.operation.transposed:
            form = f"(n - 1)*stride + 1 - Z, with {net} - output_padding"
        return [
            f"a layer takes a size n to {form}",
            f"what is asked needs stride = {stride} and {between}",
            f"so exactly when {self.family[1]}",
            "solved for each hyperparameter that is not given; each recipe is proved as a claim",
        ]

    @cached_property
    def target(self) -> Target:
        """The stride and the net padding that are asked for."""
        asked = self.question
        return read_target(asked.input, asked.output, asked.operation.transposed)

    @cached_property
    def recipes(self) -> tuple[Recipe, ...]:
        """The recipes, the best first. Raises LimitError where one is not proved."""
        found = []
        for row, stride, asked in _rows(self.question, self.target):
            made = recipe(self.question.operation, self.target, row, stride, iter(asked))
            if made is not None and made not in found:
                self._prove(made)
                found.append(made)
        return tuple(found)

    def _prove(self, made: Recipe) -> None:
        """Prove a recipe: as a claim, or by its net padding, which is all that matters."""
        k, s, p, d, a = (getattr(made, name) for name in MINIMUM)
        asked = self.question
        layer = Expression("layer", (made.operation.name, asked.input, k, s, p, p, d, a, False))
        net = 2 * p - d * (k - 1) - (0 if self.target.extra else a)
        low, high = self.target.low.expression, self.target.high.expression
        for statements in ((layer.equals(asked.output),), (net >= low, net <= high)):
            with suppress(LimitError):
                if all(proved(statement, made.where) for statement in statements):
                    return
        rule = "a recipe was found that is not proved here"
        raise LimitError(rule, str(made), "numbers for some of the letters")

    def __iter__(self) -> Iterator[Recipe]:
        return iter(self.recipes)

    @property
    def count(self) -> Count:
        """The number of recipes."""
        return Count(len(self.recipes))

    @property
    def reason(self) -> str | None:
        """Why there is no layer, or None where there is one."""
        if self.recipes:
            return None
        stride, rest = self.family
        if rest.kind == "==" and parity(rest.nodes[1]) == of(1):
            return f"2*padding would have to be {rest.nodes[1]}, which is odd for all letters"
        return f"no value of the letters meets {stride} and {rest} with a layer that is legal"

    @property
    def family(self) -> tuple[Expression, ...]:
        """The complete family: the stride, and the condition on all else."""
        k, s, p, d, a = (named(name) for name in LETTERS)
        given = self.question.given
        single = {name: sizes[0] for name, sizes in given.items() if len(sizes) == 1}
        k, p, d, a = (single.get(str(x), x) for x in (k, p, d, a))
        if "dilation" not in given:
            d = of(1)
        inside = d * (k - 1) + (a if self.question.operation.transposed else 0)
        low, high = (normal(inside + x.expression) for x in (self.target.low, self.target.high))
        double = normal(2 * p)
        asked = double.equals(low) if self.target.exact else (double >= low) & (double <= high)
        return s.equals(self.target.stride.expression), asked


def _rows(
    asked: Asked, target: Target
) -> Iterator[tuple[ClosedForm, Expression, tuple[Expression, ...]]]:
    """Every row with its stride, and the conditions that the question adds."""
    where = (asked.where,) if asked.where is not None else ()
    wanted = target.stride.expression
    for stride in asked.given.get("stride", (wanted,)):
        same = (stride.equals(wanted),) if stride != wanted else ()
        for row in _of_stride(asked, target, normal(wanted)):
            row = row._replace(output_padding=target.extra or row.output_padding)
            yield row, normal(stride), (*where, *same)


def _of_stride(asked: Asked, target: Target, stride: Expression) -> Iterator[ClosedForm]:
    given = asked.given
    free = (None,)
    transposed = asked.operation.transposed
    if target.extra and "output_padding" in given:
        rule = "the output padding that brings n back depends on n"
        raise LimitError(rule, str(given["output_padding"][0]), f"{target.extra}, or leave it out")
    choices = (
        given.get("kernel_size", free),
        given.get("padding", free),
        given.get("dilation", (of(1),)),
        given.get("output_padding", free) if transposed and not target.extra else (of(0),),
    )
    count = 1
    for values in choices:
        count *= len(values)
    if count > MOST_VALUES:
        raise LimitError(
            f"at most {MOST_VALUES:,} combinations of values", f"{count:,}", "fewer values"
        )
    k, p, a = (named(_fresh(asked, letter)) for letter in "kpa")
    for kernel, padding, dilation, extra in product(*choices):
        assert dilation is not None
        if kernel is None:
            own = [named("k")] if "k" in asked.letters else []
            for usual in (*own, *(times * stride for times in _CUSTOMARY)):
                yield from for_padding(target, normal(usual), padding, extra, dilation)
        if kernel is not None or padding is None or extra is None:
            yield from for_padding(target, kernel or k, padding, extra, dilation)
        if kernel is None:
            yield from for_kernel(target, padding or p, extra or a, dilation)
        if padding is None and extra is None:
            yield from for_padding(target, kernel or k, p, None, dilation)


def _fresh(asked: Asked, letter: str) -> str:
    """A letter for a free hyperparameter: its own, unless the question uses it."""
    used = {*asked.letters, "n"}
    return letter if letter not in used else next(x for x in NAMES[6:] if x not in used)
