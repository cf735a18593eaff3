"""A claim as SMT-LIB 2: `unsat` confirms it, for every n and every value of its letters.

The script asserts that the claim is asked and false. Every value is a whole number with a whole
divisor, and every step has a name, so the script is as long as the claim.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

from solver.proof.claim import Claim, meaning
from solver.sizes.expression import ARITHMETIC
from solver.sizes.letters import least


class Script:
    """Write the steps of a computation, one named line each."""

    def __init__(self, least: Mapping[str, int]) -> None:
        self.lines: list[str] = []
        #: Divisors that may be 0: nothing is asked there.
        self.divisors: list[str] = []
        #: What is known of the smallest value of a name: it must not be negative.
        self.least = dict(least)
        self.linear = True

    def low(self, name: str) -> int | None:
        """A number of at least 0 that a name is never below, or None."""
        return int(name) if name.isdigit() else self.least.get(name)

    def name(self, sort: str, words: str) -> str:
        """Name a term."""
        if not words.startswith("(") or (words.startswith("(- ") and words[3:-1].isdigit()):
            return words
        name = f"t{len(self.lines) + 1}"
        self.lines.append(f"(define-fun {name} () {sort} {words})")
        return name


class Term:
    """Hold upper/lower as names of whole terms; with + - * / // % and abs, as an int has."""

    def __init__(self, script: Script, upper: str, lower: str = "1") -> None:
        self.script = script
        self.upper = upper
        self.lower = lower

    def _of(self, value: Term | int) -> Term:
        return value if isinstance(value, Term) else number(self.script, value)

    def _int(self, kind: str, *words: str) -> str:
        values = [*map(_value, words)]
        if kind in _FOLDED and None not in values:
            # a product of numbers must not look like a product of unknowns
            return _numeral(_FOLDED[kind](*values))
        if kind in ("*", "div", "mod") and values[1] is None and (kind != "*" or values[0] is None):
            self.script.linear = False
        name = self.script.name("Int", f"({kind} {' '.join(words)})")
        if kind in ("+", "*") and None not in (ends := [self.script.low(word) for word in words]):
            self.script.least[name] = _FOLDED[kind](*ends)
        return name

    def _times(self, x: str, y: str) -> str:
        return x if y == "1" else y if x == "1" else self._int("*", x, y)

    def times(self, factor: str) -> Term:
        """The same value, both parts multiplied."""
        return Term(self.script, self._times(self.upper, factor), self._times(self.lower, factor))

    def _sum(self, kind: str, value: Term | int) -> Term:
        other = self._of(value)
        left, right = self.times(other.lower), other.times(self.lower)
        return Term(self.script, self._int(kind, left.upper, right.upper), left.lower)

    def __add__(self, other: Term | int) -> Term:
        return self._sum("+", other)

    def __sub__(self, other: Term | int) -> Term:
        return self._sum("-", other)

    def __rsub__(self, other: int) -> Term:
        return self._of(other)._sum("-", self)

    def __mul__(self, value: Term | int) -> Term:
        other = self._of(value)
        upper = self._times(self.upper, other.upper)
        return Term(self.script, upper, self._times(self.lower, other.lower))

    def __truediv__(self, value: Term | int) -> Term:
        other = self._of(value)
        sign, size = "1", other.upper
        if not self.script.low(size):
            # an upper part takes the sign of the divisor, which must not be 0
            self.script.divisors.append(size)
            number = _value(size)
            if number is None:
                sign = self.script.name("Int", f"(ite (>= {size} 0) 1 (- 1))")
            else:
                sign = _numeral(-1 if number < 0 else 1)
            size = self._int("abs", size)
            self.script.least[size] = 1
        upper = self._times(self._times(self.upper, other.lower), sign)
        return Term(self.script, upper, self._times(self.lower, size))

    def floor(self) -> Term:
        # div rounds down for a positive divisor
        return (
            self
            if self.lower == "1"
            else Term(self.script, self._int("div", self.upper, self.lower))
        )

    def ceil(self) -> Term:
        return self._of(0) - (self._of(0) - self).floor()

    def __floordiv__(self, other: Term | int) -> Term:
        return (self / other).floor()

    def __mod__(self, other: Term | int) -> Term:
        return self - (self // other) * other

    def __abs__(self) -> Term:
        return Term(self.script, self._int("abs", self.upper), self.lower)

    def compare(self, kind: str, other: Term) -> str:
        """The name of a comparison."""
        left, right = self.times(other.lower), other.times(self.lower)
        return self.script.name("Bool", f"({kind} {left.upper} {right.upper})")

    def whole(self) -> str:
        if self.lower == "1":
            return "true"
        return self.script.name("Bool", f"(= {self._int('mod', self.upper, self.lower)} 0)")


def number(script: Script, value: int) -> Term:
    """A number as a term."""
    return Term(script, _numeral(value))


_FOLDED: Mapping[str, Callable[..., int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "div": operator.floordiv,
    "abs": abs,
    "mod": operator.mod,
}


def _numeral(value: int) -> str:
    return str(value) if value >= 0 else f"(- {-value})"


def _value(word: str) -> int | None:
    digits = word.removeprefix("(- ").removesuffix(")")
    return (-1 if digits != word else 1) * int(digits) if digits.isdigit() else None


def smtlib(claim: Claim) -> str:
    """A script whose `unsat` confirms a claim; `sat` gives a counter-example.

    >>> from solver.proof.claim import read_claim
    >>> script = smtlib(read_claim("conv(n, k=3) == n - 2"))
    >>> print(*script.splitlines()[:4], sep="\\n")
    ; unsat: conv(n, k=3) == n - 2 holds wherever it is asked
    (set-logic QF_LIA)
    (declare-const n Int)
    (define-fun t1 () Bool (>= n 1))
    >>> print(*script.splitlines()[-2:], sep="\\n")
    (assert (not t14))
    (check-sat)
    """
    script = Script({name: least(name) for name in claim.letters})
    letters = {name: Term(script, name) for name in claim.letters}
    said = meaning(claim, letters, _operators(script), lambda value: number(script, value))
    asked = [words for words in dict.fromkeys(said.asked) if words != "true"]
    return "\n".join(
        [
            f"; unsat: {claim} holds wherever it is asked",
            f"(set-logic {'QF_LIA' if script.linear else 'QF_NIA'})",
            *(f"(declare-const {name} Int)" for name in letters),
            *script.lines,
            *(f"(assert (distinct {divisor} 0))" for divisor in dict.fromkeys(script.divisors)),
            *(f"(assert {words})" for words in asked),
            f"(assert (not {said.true}))",
            "(check-sat)",
        ]
    )


def _operators(script: Script) -> Mapping[str, Callable[..., Any]]:
    def truth(kind: str) -> Callable[..., str]:
        return lambda *words: script.name("Bool", f"({kind} {' '.join(words)})")

    def compare(kind: str) -> Callable[[Term, Term], str]:
        return lambda x, y: x.compare(kind, y)

    def extreme(kind: str) -> Callable[..., Term]:
        def pick(x: Term, y: Term) -> Term:
            left, right = x.times(y.lower), y.times(x.lower)
            upper = script.name("Int", f"(ite {x.compare(kind, y)} {left.upper} {right.upper})")
            return Term(script, upper, left.lower)

        return lambda *terms: reduce(pick, terms)

    return {
        **ARITHMETIC,
        "floor": Term.floor,
        "ceil": Term.ceil,
        "min": extreme("<="),
        "max": extreme(">="),
        "==": compare("="),
        "!=": compare("distinct"),
        **{kind: compare(kind) for kind in ("<", "<=", ">", ">=")},
        "and": truth("and"),
        "or": truth("or"),
        "not": truth("not"),
        "whole": Term.whole,
    }
