"""A size as one staircase in n: (u*n + c)/v, exactly or rounded down, in any letters."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.sizes.cases import OPERATORS, Case, Quotient
from solver.sizes.expression import Expression, evaluate, walk
from solver.sizes.letters import case_of
from solver.sizes.polynomial import Floor, Monomial, Polynomial
from solver.sizes.questions import SignSplit
from solver.sizes.readable import UNREAD, written
from solver.sizes.readable_conditions import at_least_0, is_multiple

RULE = "a size in letters is floor((n + c)/s), (n + c)/s or s*n + c"
ONE = Polynomial.of(1)
_MOST_SIGNS = 4
_TWO_SIDED = ("max", "min", "Mod")


class LetteredSize(NamedTuple):
    """Hold (slope*n + rest)/divisor, and whether it is rounded down.

    where: that what it divides by is at least 1.
    """

    slope: Polynomial
    rest: Polynomial
    divisor: Polynomial
    rounded: bool
    where: tuple[Expression | bool, ...] = ()

    @property
    def whole(self) -> Expression | None:
        """The condition on n that it is whole; None where it always is."""
        if self.rounded or self.divisor == ONE:
            return None
        upper = self.slope * Polynomial.of("n") + self.rest
        found = is_multiple(upper, self.divisor)
        return found if isinstance(found, Expression) else None

    def __str__(self) -> str:
        upper = written(self.slope * Polynomial.of("n") + self.rest)
        if self.divisor == ONE:
            return str(upper)
        lower = written(self.divisor)
        return str(upper // lower if self.rounded else upper / lower)


def read_staircase(node: Expression) -> LetteredSize:
    """Read a size. Raises LimitError where it is no staircase of one step in n.

    >>> from solver.sizes.grammar import parse
    >>> from solver.sizes.letters import NAMES
    >>> for words in ("ceil(n/s) + 1", "(n - 1)*s + k", "(n + 2p - k)/s + 1", "7"):
    ...     print(read_staircase(parse(words, NAMES)))
    floor((n + 2*s - 1)/s)
    s*(n - 1) + k
    (n - k + 2*p + s)/s
    7
    """
    found, where = _value(node)
    scale = Polynomial.of(found.upper.denominator)
    upper, lower = found.upper * scale, found.lower * scale
    if "n" in lower.letters:
        raise LimitError(RULE, str(node))
    steps = [monomial for monomial in upper.terms if any(map(_has_n, monomial))]
    if not steps:
        slope, rest = _along(upper, node)
        return LetteredSize(slope, rest, lower, False, where)
    (monomial, *others) = steps
    (atom, *factors) = monomial
    sign = upper.terms[monomial]
    if others or factors or lower != ONE or abs(sign) != 1 or not isinstance(atom, Floor):
        raise LimitError(RULE, str(node))
    # R + floor(N/D) = floor((R*D + N)/D), R - floor(N/D) = floor((R*D - N + D - 1)/D)
    outside = upper - Polynomial.of(atom) * Polynomial.of(sign)
    inside = atom.numerator if sign > 0 else atom.divisor - 1 - atom.numerator
    slope, rest = _along(outside * atom.divisor + inside, node)
    if "n" in atom.divisor.letters or outside.denominator > 1:
        raise LimitError(RULE, str(node))
    return LetteredSize(slope, rest, atom.divisor, True, where)


def _value(node: Expression) -> tuple[Quotient, tuple[Expression | bool, ...]]:
    """A size in normal form, and that what it divides by is at least 1."""
    case = case_of(node)
    # n/(s - 1) shrinks no size unless s >= 2; a maximum has two sides that count
    signs = 1 if any(x.kind == "%" or x.parts[0] in _TWO_SIDED for x in walk(node)) else _MOST_SIGNS
    for _ in range(signs):
        try:
            return _in_case(node, case), tuple(map(at_least_0, case.ordered))
        except SignSplit as question:
            case = replace(case, ordered={**case.ordered, question.difference: True})
        except UNREAD:
            break
    raise LimitError(RULE, str(node))


def _in_case(node: Expression, case: Case) -> Quotient:
    letters = {letter: Quotient(case, size) for letter, size in case.letters.items()}
    found: Quotient = evaluate(
        node, letters, OPERATORS, lambda number: Quotient(case, Polynomial.of(number))
    )
    return found


def _along(size: Polynomial, node: Expression) -> tuple[Polynomial, Polynomial]:
    """The slope of a size along n, and what is left at n = 0."""
    slope, rest = dict[Monomial, Fraction](), dict[Monomial, Fraction]()
    for monomial, factor in size.terms.items():
        if "n" in monomial:
            at = monomial.index("n")
            slope[monomial[:at] + monomial[at + 1 :]] = factor
        else:
            rest[monomial] = factor
    found = Polynomial(slope), Polynomial(rest)
    if any("n" in part.letters for part in found):
        raise LimitError(RULE, str(node))
    return found


def _has_n(atom: object) -> bool:
    return isinstance(atom, Floor) and "n" in atom.numerator.letters | atom.divisor.letters
