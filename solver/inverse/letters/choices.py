"""Which hyperparameters are given, which follow, and what is customary for those that are free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.inverse.letters.conditions import few_values, fixed, settled, together
from solver.inverse.letters.rows import (
    ClosedForm,
    Equation,
    for_kernel,
    for_padding,
    for_parity,
)
from solver.inverse.letters.target import Target, put, read_target
from solver.sizes.expression import Expression, named, names, of, substitute
from solver.sizes.letters import NAMES, decided
from solver.sizes.operations import LETTERS, OperationSpec
from solver.sizes.readable import readable

#: Recipes of values that are listed one by one.
MOST_VALUES = 1_000
#: Kernels that are customary where the kernel is free, in strides.
_CUSTOMARY = (1, 2, 3)
_FREE = (None,)
_ZERO, _ONE = of(0), of(1)


class Asked(NamedTuple):
    """Hold a question in letters.

    given: what each hyperparameter is, or the values it may have; what is left out is free, and the
    dilation 1. where: a condition on the letters. apart: one on other letters, of layers in sizes.
    """

    operation: OperationSpec
    input: Expression
    output: Expression
    given: Mapping[str, tuple[Expression, ...]]
    where: Expression | None = None
    apart: Expression | None = None

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters that the question speaks of, but for n."""
        sizes = [
            self.input,
            self.output,
            *(size for sizes in self.given.values() for size in sizes),
        ]
        used = set().union(*map(names, sizes), () if self.where is None else names(self.where))
        known = (letter for letter in NAMES[1:] if letter in used)
        return (*known, *sorted(used.difference(NAMES)))

    @property
    def fresh(self) -> dict[str, Expression]:
        """A letter for each hyperparameter, where that is free: its own, unless that is used."""
        used = {*self.letters, *LETTERS.values(), *"ilo"}
        spare = (x for x in reversed(NAMES) if x.islower() and x not in used)
        return {x: named(next(spare) if x in self.letters else x) for x in LETTERS.values()}

    def target(self, stride: Expression | None = None) -> Target:
        """The target, of a layer of a stride where sizes alone leave that open."""
        fixed_extra = "output_padding" in self.given
        transposed = self.operation.transposed
        found = read_target(self.input, self.output, transposed, stride, fixed_extra)
        own = () if self.where is None else (self.where,)
        where = settled([*own, *found.where])
        if where is None:
            return found._replace(where=(False,))
        return put(found._replace(where=where), fixed(where))

    def few(self) -> tuple[str, list[int]] | None:
        """A letter that can have a few values only, and these; None if there is none."""
        where = together(self.target().where)
        for letter in self.letters:
            if (values := few_values(letter, where)) is not None:
                return letter, values
        return None

    def put(self, letter: str, number: int) -> Asked:
        """The question with a number for a letter."""

        def put(size: Expression) -> Expression:
            return substitute(size, {letter: number})

        given = {name: tuple(map(put, sizes)) for name, sizes in self.given.items()}
        where = None if self.where is None else put(self.where)
        return Asked(self.operation, put(self.input), put(self.output), given, where, self.apart)

    def strides(self) -> Iterator[tuple[Expression, Target]]:
        """The strides that may be, with what is asked of a layer of each."""
        target = self.target()
        given = self.given.get("stride")
        if target.stride is not None:
            for stride in given or (target.stride,):
                same = () if stride == target.stride else (stride.equals(target.stride),)
                yield readable(stride), target._replace(where=(*target.where, *same))
            return
        usual = self.input // self.output
        if self.operation.transposed:
            usual = self.output // self.input
        free = (readable(usual), self.fresh["s"])
        for stride in given or free:
            if decided(stride >= 1) is not False:
                yield stride, self.target(stride)


def rows(asked: Asked) -> Iterator[tuple[ClosedForm, Equation, Target]]:
    """Every closed form, with the equation it solves."""
    if (found := asked.few()) is not None:
        letter, values = found
        for number in values:
            same = named(letter).equals(number)
            for row, equation, target in rows(asked.put(letter, number)):
                yield row._replace(where=(same, *row.where)), equation, target
        return
    for stride, target in asked.strides():
        for row, equation in _of_stride(asked, target, stride):
            if target.extra is not None:
                extra = target.extra + 2 * row.padding - row.dilation * (row.kernel_size - 1)
                row = row._replace(output_padding=readable(extra - target.low))
            yield row._replace(where=(*target.where, *row.where)), equation, target


def _of_stride(
    asked: Asked, target: Target, stride: Expression
) -> Iterator[tuple[ClosedForm, Equation]]:
    given = asked.given
    per_call = target.extra is not None
    choices = (
        given.get("kernel_size", _FREE),
        given.get("padding", _FREE),
        given.get("dilation", (_ONE,)),
        given.get("output_padding", _FREE)
        if asked.operation.transposed and not per_call
        else (_ZERO,),
    )
    count = prod(map(len, choices))
    if count > MOST_VALUES:
        rule = f"at most {MOST_VALUES:,} combinations of values"
        raise LimitError(rule, f"{count:,}", "fewer values")
    k, p, a = (asked.fresh[letter] for letter in "kpa")
    for kernel, padding, dilation, extra in product(*choices):
        assert dilation is not None
        if extra is None and stride == dilation == _ONE:
            extra = _ZERO  # there is no room for more
        for equation in _equations(target, stride, dilation):
            found = [*_usual(asked, equation, stride, padding, extra, dilation)] * (kernel is None)
            if kernel is not None or padding is None or extra is None:
                found += for_padding(equation, kernel or k, padding, extra, dilation)
            if kernel is None:
                found += for_kernel(equation, padding or p, extra or a, dilation)
            if not equation.exact:
                found += for_padding(equation, kernel or k, padding or p, extra, dilation)
            if padding is None and extra is None:
                found += for_padding(equation, kernel or k, p, None, dilation)
            for row in found:
                yield row._replace(where=(*equation.where, *row.where)), equation


def _usual(
    asked: Asked,
    equation: Equation,
    stride: Expression,
    padding: Expression | None,
    extra: Expression | None,
    dilation: Expression,
) -> Iterator[ClosedForm]:
    """The rows of customary kernels."""
    own = [named("k")] if "k" in asked.letters else []
    multiples = [readable(times * stride) for times in _CUSTOMARY]
    for usual in (*own, *multiples):
        yield from for_padding(equation, usual, padding, extra, dilation)
    if padding is not None:
        yield from for_kernel(equation, padding, extra or _ZERO, dilation)
    elif equation.exact:
        yield from for_kernel(equation, _ZERO, extra or _ZERO, dilation)
        if extra is not None and dilation.kind == "number" and dilation.parts[0] % 2:
            for usual in multiples[:2]:
                yield from for_parity(equation, usual, extra, dilation.parts[0])


def _equations(target: Target, stride: Expression, dilation: Expression) -> Iterator[Equation]:
    """What is asked of a layer of a stride and a dilation."""
    low, high = target.low, target.high
    yield Equation(stride, low, high)
    if target.extra is not None and decided(dilation <= stride) is not True:
        # a dilation above the stride leaves room for more output padding
        yield Equation(stride, low, readable(high + dilation - stride), (dilation > stride,))
