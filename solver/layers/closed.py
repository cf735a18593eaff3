"""Layers in order as one window in letters, repetitions among them summed.

Along one axis a layer is a window of a reach, dilation*(kernel_size - 1), with padding at its ends
and a jump: the stride, or 1/stride where it is transposed, over inputs that are a stride apart. In
elements of the input, reaches and paddings add up, each times the jump before it:

    jump = j1*j2        reach = r1 + j1*r2

So those of repetitions 0 .. N - 1 of one jump j are the sum of r_i * j**i. The size is

    floor((n - 1 + net)/jump) + 1        net = begin + end - reach

for every n, as long as nothing strides before something is transposed: there floors are those of
whole numbers, and floor(floor(x/a)/b) = floor(x/(a*b)) for whole b.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any, NamedTuple

from solver.errors import LimitError
from solver.sizes.cases import Case, Quotient
from solver.sizes.effort import Effort
from solver.sizes.expression import Expression, apply, floor, named, of
from solver.sizes.factored import factored
from solver.sizes.letters import least, value
from solver.sizes.normal import normal_condition
from solver.sizes.polynomial import Floor, Polynomial
from solver.sizes.questions import CaseSplit, SignSplit
from solver.sizes.summation import summed

_MOST_ASSUMED = 6
_MOST_EFFORT = 1_000_000


class Chain(NamedTuple):
    """Hold layers in order as one window; lengths in elements of the input.

    strides, grows: whether some stride, and whether some transposed one, may be more than 1.
    """

    jump: Quotient
    reach: Quotient
    begin: Quotient
    end: Quotient
    strides: bool = False
    grows: bool = False

    def then(self, other: Chain) -> Chain:
        """This and behind it others. Raises LimitError where what was dropped matters."""
        if self.strides and other.grows:
            rule = "behind a stride a transposed layer brings back a size for some n only"
            raise LimitError(rule, right="encoder_decoder, or .at(...) and its size map")
        sums = (one + self.jump * more for one, more in zip(self[1:4], other[1:4], strict=True))
        strides, grows = self.strides or other.strides, self.grows or other.grows
        return Chain(self.jump * other.jump, *sums, strides, grows)

    def repeated(self, index: str, count: Expression) -> Chain:
        """The repetitions 0 .. count - 1 of this, which may depend on the index, in order."""
        if index in self.jump.upper.letters | self.jump.lower.letters:
            rule = f"the strides of a repetition are the same for every {index}"
            raise LimitError(rule, f"a jump of {self.jump}")
        if self.strides and self.grows:
            rule = "a repetition strides or is transposed: with both, what is dropped matters"
            raise LimitError(rule, right="encoder_decoder, or .at(...) and its size map")
        times = value(count, self.jump.case)
        sums = (summed(part, index, times, self.jump) for part in self[1:4])
        return Chain(self.jump**times, *sums, self.strides, self.grows)

    @property
    def net(self) -> Quotient:
        """What is added at the ends less what the kernels take away."""
        return self.begin + self.end - self.reach

    def size(self, n: Quotient, counts: Iterable[str]) -> Expression:
        """The size that comes out of n elements."""
        found = (n - 1 + self.net) / self.jump
        return written((found.floor() if self.strides else found) + 1, counts)


def written(size: Quotient, counts: Iterable[str] = ()) -> Expression:
    """A size as people write it: n first, common factors in front. counts: as in `factored`."""
    rest: dict[Any, Any] = {}
    front: list[Expression] = []
    lower = size.lower.expression
    for monomial, c in size.upper.terms.items():
        atom = monomial[0] if len(monomial) == 1 else None
        if "n" in monomial:
            front.append(Polynomial({monomial: c}).expression)
        elif isinstance(atom, Floor) and c == 1:
            upper, divisor = (
                written(Quotient(size.case, part), counts)
                for part in (atom.numerator, atom.divisor)
            )
            front.append(floor(upper / divisor))
        else:
            rest[monomial] = c
    found = factored(Polynomial(rest), counts)
    if front:
        found = reduce(lambda x, y: x + y, [*front, found] if rest else front)
    return found if size.lower.number == 1 else found / lower


def of_layer(layer: Any, axis: int, case: Case) -> Chain:
    """A layer as a chain of one. Raises LimitError in ceil mode."""
    if layer.ceil_mode:
        rule = "in ceil mode a size is the smaller of two, which do not compose"
        raise LimitError(rule, repr(layer), ".at(...) and its size map")
    k, s, begin, end, d, extra = (value(of(size), case) for size in layer.numbers(axis))
    reach, one = d * (k - 1), value(of(1), case)
    moves = (s - 1).upper.number != 0
    if not layer.operation.transposed:
        return Chain(s, reach, begin, end, strides=moves)
    return Chain(one / s, reach / s, (reach - begin) / s, (reach - end + extra) / s, grows=moves)


def closed(
    letters: Iterable[str], chain: Callable[[Case], Chain]
) -> tuple[Chain, tuple[Expression, ...]]:
    """A chain, and the conditions on letters under which it is that: no ratio of a sum is 1.

    chain: makes it in a case that knows the letters.
    """
    known: dict[Polynomial, bool] = {}
    low: Any = {letter: least(letter) for letter in ("n", *letters)}
    while len(known) < _MOST_ASSUMED:
        sizes = {letter: Polynomial.of(letter) for letter in low}
        case = Case(sizes, low, known, Effort(_MOST_EFFORT), residues=False)
        try:
            return chain(case), tuple(
                _condition(apply(">=", size.expression, of(0))) for size in known
            )
        except SignSplit as question:
            known = {**known, question.difference: True}
        except CaseSplit as question:
            raise LimitError("a repetition in letters falls into cases", str(question)) from None
    raise LimitError("a repetition in letters falls into too many cases")


def _condition(node: Expression) -> Expression:
    found = normal_condition(node)
    return node if isinstance(found, bool) else found


#: The size that goes in.
N = named("n")
