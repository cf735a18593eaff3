"""Conditions on sizes in letters, as a person writes them.

k >= s - 1            for k - s + 1 >= 0
s > d*(k - 1)         for s - d*k + d - 1 >= 0
(k - s) % 2 == 0      for (3*k - s + 2) % 2 == 0
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import floor as down
from math import gcd
from operator import and_

from solver.sizes.expression import Expression, apply, named, of
from solver.sizes.letters import decided, least, value
from solver.sizes.polynomial import Monomial, Polynomial
from solver.sizes.quotients import divide
from solver.sizes.readable import ONE, UNREAD, Summand, readable, sum_of, summands, written

#: A number whose divisors are listed.
_MOST = 12


def at_least_0(size: Polynomial) -> Expression | bool:
    """The condition that a size is at least 0; a bool where that is known.

    >>> d, k, s = map(Polynomial.of, "dks")
    >>> for size in (k - s + 1, s * 2 - 3, s - d * k + d - 1, -s + 2, k + s - 1):
    ...     print(at_least_0(size))
    k >= s - 1
    s >= 2
    s > d*(k - 1)
    s <= 2
    True
    """
    if (known := decided(size.expression >= 0)) is not None:
        return known
    size = size * Polynomial.of(size.denominator)
    common = gcd(*(int(c) for monomial, c in size.terms.items() if monomial))
    rest = down(size.terms.get((), Fraction(0)) / common)
    size = Polynomial({m: c / common for m, c in size.terms.items() if m})
    sides = (_compared(summands(size, remainders), rest) for remainders in (True, False))
    return min(sides, key=lambda node: len(str(node)))


def _compared(terms: list[Summand], rest: int) -> Expression:
    """The condition that terms and a number are at least 0."""
    more = [term for term in terms if term.factor > 0]
    less = [Summand(-term.factor, term.size) for term in terms if term.factor < 0]
    if not less:
        return sum_of(more) >= -rest
    if not more:
        return sum_of(less) <= rest
    left, right = sum_of(more), sum_of(less)
    if _turned(left, right):
        return right < left if rest == -1 else right <= _plus(left, rest)
    return left > right if rest == -1 else left >= _plus(right, -rest)


def is_0(size: Polynomial) -> Expression | bool:
    """The condition that a size is 0.

    >>> k, s = map(Polynomial.of, "ks")
    >>> print(is_0(s - 1), "|", is_0(k * 2 - s * 2 + 4), "|", is_0(k + s))
    s == 1 | k == s - 2 | False
    >>> is_0(k * 2 - s * 2 + 1)  # an even number is never an odd one
    False
    """
    size = _without_factors(size)
    if (known := decided(size.expression.equals(0))) is not None:
        return known
    if (letters := _product(size)) is not None:  # s*t == 1 where both are
        return reduce(and_, (named(letter).equals(1) for letter in letters))
    size = size * Polynomial.of(size.denominator)
    common = gcd(*(int(c) for monomial, c in size.terms.items() if monomial))
    if size.terms.get((), Fraction(0)) % common:
        return False
    size = Polynomial({m: c / common for m, c in size.terms.items()})
    rest = int(size.terms.get((), Fraction(0)))
    terms = summands(Polynomial({m: c for m, c in size.terms.items() if m}))
    more = [Summand(t.factor, t.size) for t in terms if t.factor > 0]
    less = [Summand(-t.factor, t.size) for t in terms if t.factor < 0]
    if rest == 0 and not (more and less) and all(_nonnegative(each.size) for each in terms):
        return reduce(and_, (each.size.equals(0) for each in terms if each.size is not None))
    if not more or not less:
        return sum_of(more or less).equals(-rest if more else rest)
    left, right = sum_of(more), sum_of(less)
    if _turned(left, right):
        return right.equals(_plus(left, rest))
    return left.equals(_plus(right, -rest))


def _without_factors(size: Polynomial) -> Polynomial:
    """A size without the letters in all of its terms that are at least 1: as 0 as it was."""
    first, *others = size.terms or ((),)
    for atom in first:
        if isinstance(atom, str) and least(atom) >= 1 and all(atom in m for m in others):
            return _without_factors(Polynomial({_less(m, atom): c for m, c in size.terms.items()}))
    return size


def _less(monomial: Monomial, atom: str) -> Monomial:
    at = monomial.index(atom)
    return monomial[:at] + monomial[at + 1 :]


def _product(size: Polynomial) -> list[str] | None:
    """The letters of x*y - 1 or 1 - x*y, or None for any other size."""
    (monomial, c), *rest = size.terms.items()
    letters = [atom for atom in dict.fromkeys(monomial) if isinstance(atom, str)]
    if rest != [((), -c)] or abs(c) != 1 or len({*monomial}) != len(letters) or not letters:
        return None
    return letters


def is_multiple(size: Polynomial, divisor: Polynomial) -> Expression | bool:
    """The condition that a whole size is a multiple of a divisor of at least 1.

    >>> d, k, s = map(Polynomial.of, "dks")
    >>> for size in (k - s * 3 + 2, d * k - d, k * 3 + 3, k * 2 + 1):
    ...     print(is_multiple(size, Polynomial.of(2)))
    (k - s) % 2 == 0
    d*(k - 1) % 2 == 0
    k % 2 == 1
    False
    >>> print(is_multiple(k * 2 + s, s), is_multiple(k * s, s))
    2*k % s == 0 True
    """
    number = divisor.number
    if number is None and size.number in (1, -1):
        return is_0(divisor - 1)
    if number is None and size.number is not None and (letter := _letter(divisor)) is not None:
        most = abs(int(size.number))
        divisors = [x for x in range(1, most + 1) if most % x == 0] if most <= _MOST else []
        if divisors:
            return reduce(_or, (named(letter).equals(x) for x in divisors))
    if number is None:
        *_, size = divide(size, divisor)
        if not size.terms:
            return True
        return apply("==", _positive(size) % written(divisor), 0)
    modulus = int(number)
    if modulus == 2:
        size = _odd(size)
    left = {m: c % modulus for m, c in size.terms.items()}
    rest = -int(left.pop((), Fraction(0))) % modulus
    for monomial, c in left.items():  # as near to 0 as it was on its side
        sign = size.terms[monomial] < 0
        left[monomial] = c - modulus if c > modulus - c or (2 * c == modulus and sign) else c
    found = Polynomial(left)
    if not found.terms:
        return rest == 0
    upper = written(found)
    if upper.kind == "-" and all(c < 0 for c in found.terms.values()):
        upper, rest = written(-found), -rest % modulus
    return (upper % modulus).equals(rest)


def _nonnegative(size: Expression | None) -> bool:
    return size is not None and size.kind in ("name", "%")


def _letter(size: Polynomial) -> str | None:
    """The letter that a size is, or None."""
    (monomial, c), *more = size.terms.items()
    letter = monomial[0] if not more and c == 1 and len(monomial) == 1 else None
    return letter if isinstance(letter, str) else None


def parity(node: Expression) -> Expression:
    """A whole size modulo 2.

    >>> from solver.sizes.expression import letters
    >>> k, s = letters("ks")
    >>> print(parity(k - 3 * s), "|", parity(2 * k + s + 1), "|", parity(4 * s + 1))
    (k - s) % 2 | (s + 1) % 2 | 1
    """
    try:
        found = value(node)
    except UNREAD:
        return readable(node) % 2
    if found.lower != ONE or found.upper.denominator > 1:
        return written(found) % 2
    truth = is_multiple(found.upper, Polynomial.of(2))
    if isinstance(truth, bool):
        return of(0 if truth else 1)
    size, odd = truth.nodes
    return size if odd == of(0) else (size.nodes[0] + 1) % 2


def _or(one: Expression, other: Expression) -> Expression:
    return apply("or", one, other)


def _turned(left: Expression, right: Expression) -> bool:
    """Whether the right side of a comparison stands better on the left: a letter alone does."""
    alone = left.kind == "name", right.kind == "name"
    return str(right) < str(left) if all(alone) else alone[1]


def _positive(size: Polynomial) -> Expression:
    return written(-size if all(c < 0 for c in size.terms.values()) else size)


def _odd(size: Polynomial) -> Polynomial:
    """A whole size modulo 2, by the terms that may be odd; x*x is as odd as x."""
    terms: dict[Monomial, Fraction] = {}
    for monomial, c in size.terms.items():
        if c % 2:
            short = tuple(dict.fromkeys(monomial))
            sign = -1 if c < 0 else 1
            terms[short] = terms.get(short, Fraction(0)) + sign
    return Polynomial({m: c for m, c in terms.items() if c % 2})


def _plus(size: Expression, number: int) -> Expression:
    return size if number == 0 else size + number
