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

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.sizes.cases import Case, Quotient
from solver.sizes.effort import Effort
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, added, floor, named, of, product, substitute, walk
from solver.sizes.factored import terms_of
from solver.sizes.letters import least, value
from solver.sizes.normal import normal
from solver.sizes.polynomial import Polynomial
from solver.sizes.questions import CaseSplit, SignSplit
from solver.sizes.summation import summed

_T = TypeVar("_T")

_MOST_ASSUMED = 6
_MOST_EFFORT = 1_000_000
_LARGE = 30  # letters where a sign tells which side of a distinction most letters are on


class Composite(NamedTuple):
    """Hold layers in order as one window; lengths in elements of the input.

    strides, grows: whether some stride, and whether some transposed one, may be more than 1.
    """

    jump: Quotient
    reach: Quotient
    begin: Quotient
    end: Quotient
    strides: bool = False
    grows: bool = False

    def then(self, other: Composite) -> Composite:
        """This and behind it others. Raises LimitError where what was dropped matters."""
        if self.strides and other.grows:
            rule = "behind a stride a transposed layer brings back a size for some n only"
            raise LimitError(rule, right="encoder_decoder, or .at(...) and its size map")
        reach, begin, end = (
            one + self.jump * more for one, more in zip(self.sums, other.sums, strict=True)
        )
        strides, grows = self.strides or other.strides, self.grows or other.grows
        return Composite(self.jump * other.jump, reach, begin, end, strides, grows)

    def repeated(self, index: str, count: Expression) -> Composite:
        """The repetitions 0 .. count - 1 of this, which may depend on the index, in order."""
        if index in self.jump.upper.letters | self.jump.lower.letters:
            rule = f"the strides of a repetition are the same for every {index}"
            raise LimitError(rule, f"a jump of {self.jump}")
        if self.strides and self.grows:
            rule = "a repetition strides or is transposed: with both, what is dropped matters"
            raise LimitError(rule, right="encoder_decoder, or .at(...) and its size map")
        times = value(count, self.jump.case)
        reach, begin, end = (summed(part, index, times, self.jump) for part in self.sums)
        return Composite(self.jump**times, reach, begin, end, self.strides, self.grows)

    @property
    def sums(self) -> tuple[Quotient, Quotient, Quotient]:
        """What adds up from layer to layer, each times the jump before it."""
        return self.reach, self.begin, self.end

    @property
    def net(self) -> Quotient:
        """What is added at the ends less what the kernels take away."""
        return self.begin + self.end - self.reach

    def size(self, counts: Collection[str]) -> Expression:
        """The size that comes out of n elements. counts: as in `factored`."""
        case, n = self.jump.case, named("n")
        if not self.strides:
            slope = written(1 / self.jump, counts)
            rest = terms_of((self.net - 1) / self.jump + 1, counts)
            return added([(False, n if slope == of(1) else product([slope, n])), *rest])
        jump = written(self.jump, counts)
        apart, plain = (
            floor(added([(False, n), *rest]) / jump) + 1
            for rest in (
                [(True, of(1)), *terms_of(self.net, counts)],
                terms_of(self.net - 1, counts),
            )
        )
        folded = ((value(n, case) - 1 + self.net) / self.jump).floor() + 1
        return _shortest(apart, plain, written(folded, counts))


def written(size: Quotient, counts: Collection[str] = ()) -> Expression:
    """A size as people write it, common factors in front. counts: as in `factored`."""
    return added(terms_of(size, counts))


def one_more(size: Quotient, counts: Collection[str] = ()) -> Expression:
    """A size and 1, as short as it is. counts: as in `factored`."""
    apart = added([(False, of(1)), *terms_of(size, counts)])
    return _shortest(apart, written(size + 1, counts))


def _shortest(*trees: Expression) -> Expression:
    return min(trees, key=lambda tree: len(list(walk(tree))))


def of_layer(layer: Any, axis: int, case: Case) -> Composite:
    """A layer as a composite of one. Raises LimitError in ceil mode."""
    if layer.ceil_mode:
        rule = "in ceil mode a size is the smaller of two, which do not compose"
        raise LimitError(rule, repr(layer), ".at(...) and its size map")
    k, s, begin, end, d, extra = (value(of(size), case) for size in layer.numbers(axis))
    reach, one = d * (k - 1), value(of(1), case)
    moves = (s - 1).upper.number != 0
    if not layer.operation.transposed:
        return Composite(s, reach, begin, end, strides=moves)
    return Composite(
        one / s, reach / s, (reach - begin) / s, (reach - end + extra) / s, grows=moves
    )


def closed(
    letters: Iterable[str],
    compose: Callable[[Case], _T],
    moved: Iterable[str] = (),
) -> tuple[_T, tuple[Expression, ...]]:
    """What is composed, and the conditions on letters under which it is: no ratio of a sum is 1.

    compose: composes it in a case that knows the letters. moved: letters that are counted from 1
    on, so that 2**(L - 1) is a power; there they have a prime.
    """
    low: dict[Any, Any] = {letter: least(letter) for letter in ("n", *letters)}
    sizes = {letter: Polynomial.of(letter) for letter in low}
    for letter in moved:
        sizes[letter] = Polynomial.of(letter + "'") + 1
        low[letter + "'"] = 0
        del low[letter]
    known: dict[Polynomial, bool] = {}
    large = dict.fromkeys(low, _LARGE)

    def case(assumed: dict[Polynomial, bool]) -> Case:
        return Case(sizes, low, assumed, Effort(_MOST_EFFORT), residues=False)

    while len(known) < _MOST_ASSUMED:
        try:
            found = compose(case(known))
        except SignSplit as question:
            size = question.difference
            known = {**known, size: bool(exact(size.expression, large) >= 0)}
        except (CaseSplit, ZeroDivisionError) as question:
            raise LimitError("a repetition in letters falls into cases", str(question)) from None
        else:
            for size, up in [*known.items()]:  # without what follows from the rest
                rest = {other: sign for other, sign in known.items() if other != size}
                if case(rest).nonnegative(size) is up:
                    known = rest
            return found, tuple(map(_condition, known.items()))
    raise LimitError("a repetition in letters falls into too many cases")


def with_moved(letters: Iterable[str]) -> list[str]:
    """Letters, and those counted from 1 on for which they may stand."""
    return [name for letter in letters for name in (letter, letter + "'")]


def unmoved(form: Expression, letters: Iterable[str]) -> Expression:
    """A closed form in the letters that were given."""
    return _tidy(substitute(form, {letter + "'": named(letter) - 1 for letter in letters}))


def _tidy(node: Expression) -> Expression:
    """A tree with its exponents in human order."""
    parts = [_tidy(part) if isinstance(part, Expression) else part for part in node.parts]
    if node.kind == "**":
        parts[1] = normal(parts[1])
    return Expression(node.kind, tuple(parts))


def _condition(assumed: tuple[Polynomial, bool]) -> Expression:
    size, up = assumed
    terms = (size if up else -size - 1).terms.items()  # s >= 3, not s - 3 >= 0
    left, right = (
        added((False, Polynomial({m: abs(c)}).expression) for m, c in terms if (c > 0) == positive)
        for positive in (True, False)
    )
    return left >= right
