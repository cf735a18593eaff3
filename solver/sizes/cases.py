"""The arithmetic of one case of a claim with letters: quotients of polynomials in normal form.

Where a normal form does not tell what a floor, a whole quotient or the order of two sizes is, the
question that would tell is raised: the residues of a letter, the multiples of a divisor, or both
orders. A comparison may stay open even so; it then remembers what would be at least 0 if it held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, reduce
from math import gcd
from typing import Any

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.ground.value import frozen
from solver.sizes.effort import Effort
from solver.sizes.expression import ARITHMETIC
from solver.sizes.polynomial import Atom, Floor, Monomial, Polynomial, Power, power
from solver.sizes.questions import Beginning, CaseSplit, Multiples, Residues, SignSplit
from solver.sizes.quotients import beginning, divide, floor

ONE = Polynomial.of(1)
_MOST_STEPS = 3  # facts that are added up
_DEEPEST = 2  # floors that are taken apart one after the other

Terms = dict[Monomial, Fraction]


class Undecided(NamedTuple):
    """Hold what a condition that is neither true nor false says: polynomials at least 0."""

    facts: tuple[Polynomial, ...] = ()


Truth = bool | Undecided
OPEN = Undecided()


@dataclass(frozen=True)
class Case:
    """Hold one case: what each letter of the claim is, in new letters, and what is assumed.

    letters: a polynomial for each letter of the claim. least: the smallest value of each new
    letter, None where it may be negative too. ordered: differences and their assumed sign, True
    for at least 0. effort: shared by the cases of a proof. facts: polynomials that are at least 0
    wherever the claim is asked. residues: whether a letter is taken apart where that tells a floor.
    """

    letters: dict[str, Polynomial]
    least: dict[Atom, int | None]
    ordered: dict[Polynomial, bool]
    effort: Effort
    facts: tuple[Polynomial, ...] = ()
    residues: bool = True

    def __hash__(self) -> int:
        return hash(frozen((self.letters, self.least, self.ordered, self.facts)))

    def nonnegative(self, difference: Polynomial) -> Truth:
        """Tell whether a polynomial is at least 0 for all letters of the case, or below for all."""
        difference = _primitive(difference)
        if difference in self.ordered:
            return self.ordered[difference]
        if self.known(difference):
            return True
        return False if self.known(-difference - 1) else Undecided((difference,))

    def known(self, size: Polynomial, depth: int = _DEEPEST) -> bool:
        """Tell whether a size, whole by its coefficients, is at least 0.

        Less positive multiples of facts it must be a sum of what cannot be negative; a whole size
        above -1 is at least 0. A floor may also be taken apart:

            floor(N/D) + R >= 0  <=>  N + R*D >= 0
            R - floor(N/D) >= 0  <=>  (R + 1)*D - 1 - N >= 0        R whole
        """
        bounds = self.bounds
        goal, free = size.counted(bounds)
        facts = []
        for fact in self.given(size):
            terms, loose = fact.counted(bounds)
            free |= loose
            facts.append(terms)
        self.effort.spend(sum(map(len, facts)))
        if _follows(goal, facts, free, self.effort, _MOST_STEPS):
            return True
        return depth > 0 and any(self.known(more, depth - 1) for more in _apart(size))

    @cached_property
    def bounds(self) -> dict[Atom, int | None]:
        """The smallest value of each letter, and of floors where facts give one."""
        bounds: dict[Atom, int | None] = {**self.least}
        for fact in self.given():
            for atom in fact.atoms:
                low = (Polynomial.of(atom) - fact).number
                if low is not None and low >= (bounds.get(atom) or 0):
                    bounds[atom] = int(low)
        return bounds

    def given(self, size: Polynomial | None = None) -> list[Polynomial]:
        """What is at least 0, with what the floors of a size say, and their multiples."""
        facts = [*self.facts, *(size if up else -size - 1 for size, up in self.ordered.items())]
        for fact in [*facts]:
            for atom in fact.atoms:
                rest = fact - Polynomial.of(atom)
                if isinstance(atom, Floor) and rest.number is not None:
                    facts.append(atom.numerator + rest * atom.divisor)
        if size is None:
            return facts
        floors = [*_facts(size, self.least)]
        letters = {x for x in size.letters if self.least.get(x) is not None}
        multiples = [fact * Polynomial.of(x) for fact in floors[:4] for x in sorted(letters)]
        return [*floors, *facts, *multiples]

    def knowing(self, facts: Iterable[Polynomial]) -> Case:
        """The case with what is at least 0 wherever the claim is asked."""
        return replace(self, facts=tuple(dict.fromkeys(facts)))

    def residue(self, letter: str) -> tuple[int, int] | None:
        """Return (modulus, residue) where a letter stands for a class of whole numbers here."""
        if letter not in self.letters or not self.letters[letter].terms:  # others give it, or 0
            return None
        (monomial, modulus), *_ = self.letters[letter].terms.items()
        offset = self.letters[letter] - Polynomial({monomial: modulus})
        if len(monomial) != 1 or offset.number is None or modulus < 1:
            return None
        return int(modulus), int(offset.number) % int(modulus)

    def split(self, question: CaseSplit) -> Iterator[Case]:
        """Yield the cases that answer a question; together they leave nothing out."""
        match question:
            case Residues(letter=letter, modulus=modulus):
                first = self.least[letter]
                start = first or 0
                for residue in range(start, start + modulus):
                    value = Polynomial.of(letter + "'") * modulus + residue
                    yield self._put(letter, value, None if first is None else 0)
            case Beginning(letter=letter):
                start = self.least[letter] or 0
                yield self._put(letter, Polynomial.of(start), 0)
                yield self._put(letter, Polynomial.of(letter + "'") + start + 1, 0)
            case Multiples(letter=letter, value=value, least=least):
                yield self._put(letter, value, least)
            case SignSplit(difference=difference):
                for up in (True, False):
                    yield replace(self, ordered={**self.ordered, difference: up}, facts=())

    def _put(self, letter: str, value: Polynomial, first: int | None) -> Case:
        """Put a value in letter', which is at least `first`, in place of a letter."""
        if first is None and any(letter in size.exponents for size in self.letters.values()):
            raise LimitError("exponents are at least 0", f"{letter} = {value}")
        least = {name: low for name, low in self.least.items() if name != letter}
        letters = {name: size.put(letter, value) for name, size in self.letters.items()}
        least[letter + "'"] = first
        # what was assumed is asked anew in the new letters
        return replace(self, letters=letters, least=least, ordered={}, facts=())


def _facts(size: Polynomial, bounds: Mapping[Atom, int | None]) -> Iterator[Polynomial]:
    """Yield what the floors and powers of a size say.

    0 <= numerator - divisor*floor <= divisor - 1, and for base >= 1, i counted from its smallest
    value, base**i >= 1 + (base - 1)*i.
    """
    for atom in size.atoms:
        if isinstance(atom, Floor):
            rest = atom.numerator - atom.divisor * Polynomial.of(atom)
            yield rest
            yield atom.divisor - 1 - rest
        elif isinstance(atom, Power) and (atom.base.least(bounds) or 0) >= 1:
            first = bounds.get(atom.exponent) or 0
            steps = Polynomial.of(atom.exponent) - first
            line = power(atom.base, Polynomial.of(first)) * ((atom.base - 1) * steps + 1)
            yield Polynomial.of(atom) - line


def _apart(size: Polynomial) -> Iterator[Polynomial]:
    """Yield what is at least 0 exactly when a whole size is, one of its floors taken apart."""
    for atom in size.atoms:
        if not isinstance(atom, Floor) or abs(c := size.terms.get((atom,), Fraction(0))) != 1:
            continue
        rest = size - Polynomial.of(atom) * Polynomial.of(c)
        if atom in rest.atoms or rest.denominator > 1:
            continue
        if c > 0:
            yield atom.numerator + rest * atom.divisor
        else:
            yield (rest + 1) * atom.divisor - 1 - atom.numerator


def _follows(goal: Terms, facts: list[Terms], free: set[Atom], effort: Effort, steps: int) -> bool:
    """Tell whether a whole goal is at least 0 where facts are, by so many of them.

    Each step takes away the multiple of a fact that clears one term which may be negative.
    """
    wrong = [m for m, c in goal.items() if c < 0 or (free and free & {*m})]
    if wrong == [()] and goal[()] > -1:
        return True
    if not wrong or steps == 0:
        return not wrong
    worst = max(wrong, key=len)
    for fact in facts:
        c = fact.get(worst, Fraction(0))
        if c and (c < 0) == (goal[worst] < 0):
            effort.spend()
            left = dict(goal)
            for monomial, e in fact.items():
                left[monomial] = left.get(monomial, Fraction(0)) - e * goal[worst] / c
            rest = {m: e for m, e in left.items() if e}
            if _follows(rest, facts, free, effort, steps - 1):
                return True
    return False


class Quotient:
    """Hold upper/lower in a case, lower at least 1; with + - * / // % and abs, as an int has."""

    __slots__ = ("case", "lower", "upper")

    def __init__(self, case: Case, upper: Polynomial, lower: Polynomial = ONE) -> None:
        self.case = case
        self.upper = upper
        self.lower = lower

    def _of(self, value: Quotient | int) -> Quotient:
        return value if isinstance(value, Quotient) else Quotient(self.case, Polynomial.of(value))

    def __add__(self, value: Quotient | int) -> Quotient:
        other = self._of(value)
        if self.lower == other.lower:
            return Quotient(self.case, self.upper + other.upper, self.lower)
        upper = self.upper * other.lower + other.upper * self.lower
        return Quotient(self.case, upper, self.lower * other.lower)

    def __neg__(self) -> Quotient:
        return Quotient(self.case, -self.upper, self.lower)

    def __sub__(self, other: Quotient | int) -> Quotient:
        return self + -self._of(other)

    def __rsub__(self, other: int) -> Quotient:
        return -self + other

    def __mul__(self, value: Quotient | int) -> Quotient:
        other = self._of(value)
        return Quotient(self.case, self.upper * other.upper, self.lower * other.lower)

    def __rtruediv__(self, other: int) -> Quotient:
        return self._of(other) / self

    def __truediv__(self, value: Quotient | int) -> Quotient:
        other = self._of(value)
        size = _primitive(other.upper)  # whole, with the same sign
        if not Quotient(self.case, size - 1).nonnegative():
            if not Quotient(self.case, -size - 1).nonnegative():
                raise ZeroDivisionError
            self, other = -self, -other
        number = other.upper.number
        if number is not None:
            return Quotient(
                self.case, self.upper * Polynomial.of(1 / number) * other.lower, self.lower
            )
        return Quotient(self.case, self.upper * other.lower, self.lower * other.upper)

    def floor(self) -> Quotient:
        known, residues = self.case.known, self.case.residues
        return Quotient(self.case, floor(self.upper, self.lower, known, residues))

    def ceil(self) -> Quotient:
        return -(-self).floor()

    def __pow__(self, exponent: Quotient) -> Quotient:
        size, least = exponent.upper, self.case.least
        if exponent.lower != ONE or any(least.get(letter) is None for letter in size.letters):
            raise LimitError("an exponent is a sum of letters of at least 0", str(exponent))
        up = Polynomial({monomial: c for monomial, c in size.terms.items() if c > 0})
        scale = Polynomial.of(self.upper.denominator)
        upper, lower = self.upper * scale, self.lower * scale
        above, below = (
            Quotient(self.case, power(upper, count), power(lower, count))
            for count in (up, up - size)
        )
        return above / below

    def __floordiv__(self, other: Quotient | int) -> Quotient:
        return (self / other).floor()

    def __mod__(self, other: Quotient | int) -> Quotient:
        return self - (self // other) * other

    def __abs__(self) -> Quotient:
        return _greater(self, -self)

    def nonnegative(self) -> bool:
        """Tell the sign; raises Order where it depends on the letters."""
        sign = self.case.nonnegative(self.upper)
        if isinstance(sign, Undecided):
            raise SignSplit(_primitive(self.upper))
        return sign

    def whole(self) -> Truth:
        """Tell whether it is whole; raises Residues or Multiples where the letters decide."""
        part = self - self.floor()
        if not part.upper.terms:
            return True
        if part.lower.number is not None:
            if part.upper.number is not None:
                return False
            beginning(part.upper, int(part.lower.number) * part.upper.denominator)
        for monomial, c in self.upper.terms.items():
            letter = monomial[0] if len(monomial) == 1 and abs(c) == 1 else None
            if not isinstance(letter, str):
                continue
            rest = self.upper - Polynomial.of(letter) * Polynomial.of(c)
            if letter not in rest.letters | self.lower.letters:
                times = Polynomial.of(letter + "'") * self.lower
                if not rest.terms:  # a multiple, whatever the sign
                    raise Multiples(letter, times, self.case.least[letter])
                # upper = lower*t, so letter = c*(lower*t - rest)
                raise Multiples(letter, (times - rest) * Polynomial.of(c), None)
        return OPEN

    def __str__(self) -> str:
        whole, rest = divide(self.upper, self.lower)
        return f"({self.upper})/({self.lower})" if rest.terms else str(whole)


def _primitive(size: Polynomial) -> Polynomial:
    """Divide by the greatest number that leaves whole coefficients: the sign stays."""
    if not size.terms:
        return size
    scale = size.denominator
    common = gcd(*(int(c * scale) for c in size.terms.values()))
    return size * Polynomial.of(Fraction(scale, common))


def _at_least(x: Quotient, y: Quotient) -> Truth:
    return x.case.nonnegative((x - y).upper)


def _more(x: Quotient, y: Quotient) -> Truth:
    # the upper part of a difference is whole once its coefficients are
    return x.case.nonnegative(_primitive((x - y).upper) - 1)


def _equal(x: Quotient, y: Quotient) -> Truth:
    if not (x - y).upper.terms or _at_least(x, y) is _at_least(y, x) is True:
        return True
    return False if True in (_more(x, y), _more(y, x)) else OPEN


def _unequal(x: Quotient, y: Quotient) -> Truth:
    equal = _equal(x, y)
    if not isinstance(equal, Undecided):
        return not equal
    # what is at least 0 and not 0 is at least 1
    sides = [side for side in (x - y, y - x) if x.case.nonnegative(side.upper) is True]
    return Undecided(tuple(_primitive(side.upper) - 1 for side in sides))


def _not(x: Truth) -> Truth:
    return OPEN if isinstance(x, Undecided) else not x


def _and(x: Truth, y: Truth) -> Truth:
    if False in (x, y):
        return False
    facts = [fact for part in (x, y) if isinstance(part, Undecided) for fact in part.facts]
    return Undecided(tuple(facts)) if isinstance(x, Undecided) or isinstance(y, Undecided) else True


def _greater(x: Quotient, y: Quotient) -> Quotient:
    if _at_least(y, x) is True:
        return y
    return x if (x - y).nonnegative() else y


OPERATORS: Mapping[str, Callable[..., Any]] = {
    **ARITHMETIC,
    "floor": Quotient.floor,
    "ceil": Quotient.ceil,
    "min": lambda *sizes: -reduce(_greater, [-size for size in sizes]),
    "max": lambda *sizes: reduce(_greater, sizes),
    "==": _equal,
    "!=": _unequal,
    ">=": _at_least,
    ">": _more,
    "<=": lambda x, y: _at_least(y, x),
    "<": lambda x, y: _more(y, x),
    "and": _and,
    "or": lambda x, y: _not(_and(_not(x), _not(y))),
    "not": _not,
    "whole": Quotient.whole,
}
