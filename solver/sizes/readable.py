"""Sizes in letters, and conditions on them, as a person writes them.

d*(k - 1)             for d*k - d
(k - s)/2             for k/2 - s/2
s % 2                 for s - 2*floor(s/2)
ceil(s/2)             for floor((s + 1)/2)
k >= s - 1            for k - s + 1 >= 0
(k - s) % 2 == 0      for 3*k - s - 2 == 2*floor((3*k - s)/2) - 2
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import reduce
from math import floor as down
from math import gcd
from operator import and_
from typing import NamedTuple

from solver.sizes.cases import CaseSplit, Quotient
from solver.sizes.expression import Expression, added, apply, ceil, named, of, product
from solver.sizes.expression import floor as down_to
from solver.sizes.letters import decided, value
from solver.sizes.normal import normal
from solver.sizes.polynomial import Floor, Monomial, Polynomial, Residues, divide, floor

#: A size in normal form, or what made one impossible.
UNREAD = (CaseSplit, Residues, ZeroDivisionError)
ONE = Polynomial.of(1)
#: A number whose divisors are listed.
_MOST = 12


class Summand(NamedTuple):
    """Hold one summand: a number of times a size, None for the number alone."""

    factor: Fraction
    size: Expression | None = None

    @property
    def expression(self) -> Expression:
        """It without its sign."""
        number = of(int(abs(self.factor)))
        if self.size is None:
            return number
        return self.size if abs(self.factor) == 1 else product([number, self.size])


def readable(node: Expression) -> Expression:
    """An equal size, for all values of its letters, as a person writes it.

    >>> from solver.sizes.expression import letters
    >>> d, k, n, s = letters("dkns")
    >>> for size in (d * k - d + 1, (k - s) / 2, s - s // 2 * 2, (n + s - 1) // s, (s + 1) // 2):
    ...     print(readable(size))
    d*(k - 1) + 1
    (k - s)/2
    s % 2
    ceil(n/s)
    ceil(s/2)
    """
    try:
        return written(value(node))
    except UNREAD:  # its form depends on the letters: max(s, d)
        if node.kind in ("call", "%"):
            parts = (readable(x) if isinstance(x, Expression) else x for x in node.parts)
            return Expression(node.kind, tuple(parts))
        return normal(node)


def written(size: Quotient | Polynomial) -> Expression:
    """A normal form as a person writes it."""
    if isinstance(size, Polynomial):
        size = _halves(size)
        scale = size.denominator
        if scale > 1:
            return _sum(_terms(size * Polynomial.of(scale))) / scale
        return min([_sum(_terms(size)), *_merged(size)], key=lambda node: len(str(node)))
    if size.lower == ONE:
        return written(size.upper)
    scale = size.upper.denominator
    whole, rest = divide(size.upper * scale, size.lower * scale)
    if not rest.terms:
        return written(whole)
    less = all(c < 0 for c in rest.terms.values())
    part = written(-rest if less else rest) / written(size.lower * scale)
    terms = [Summand(Fraction(-1 if less else 1), part), *_terms(whole)]
    return _sum(terms)


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
    sides = (_compared(_terms(size, remainders), rest) for remainders in (True, False))
    return min(sides, key=lambda node: len(str(node)))


def _compared(terms: list[Summand], rest: int) -> Expression:
    """The condition that terms and a number are at least 0."""
    more = [term for term in terms if term.factor > 0]
    less = [Summand(-term.factor, term.size) for term in terms if term.factor < 0]
    if not less:
        return _sum(more) >= -rest
    if not more:
        return _sum(less) <= rest
    left, right = _sum(more), _sum(less)
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
    if (known := decided(size.expression.equals(0))) is not None:
        return known
    size = size * Polynomial.of(size.denominator)
    common = gcd(*(int(c) for monomial, c in size.terms.items() if monomial))
    if size.terms.get((), Fraction(0)) % common:
        return False
    size = Polynomial({m: c / common for m, c in size.terms.items()})
    rest = int(size.terms.get((), Fraction(0)))
    terms = _terms(Polynomial({m: c for m, c in size.terms.items() if m}))
    more = [Summand(t.factor, t.size) for t in terms if t.factor > 0]
    less = [Summand(-t.factor, t.size) for t in terms if t.factor < 0]
    if rest == 0 and not (more and less) and all(_nonnegative(each.size) for each in terms):
        return reduce(and_, (each.size.equals(0) for each in terms if each.size is not None))
    if not more or not less:
        return _sum(more or less).equals(-rest if more else rest)
    left, right = _sum(more), _sum(less)
    if _turned(left, right):
        return right.equals(_plus(left, rest))
    return left.equals(_plus(right, -rest))


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


def _or(one: Expression, other: Expression) -> Expression:
    return apply("or", one, other)


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


def _sum(terms: list[Summand]) -> Expression:
    """The terms, one that is added first."""
    first = next((term for term in terms if term.factor > 0 and term.size is not None), None)
    if first is None:
        first = next((term for term in terms if term.factor > 0), None)
    if first is not None:
        terms = [first, *(term for term in terms if term is not first)]
    return added((term.factor < 0, term.expression) for term in terms)


def _terms(size: Polynomial, remainders: bool = True) -> list[Summand]:
    """The terms of a size with whole coefficients, grouped, the number last."""
    found = []
    for times, remainder, rest in _remainders(size) if remainders else ():
        found.append(Summand(times, remainder))
        size = rest
    for times, rounded, rest in _ceilings(size):
        found.append(Summand(times, rounded))
        size = rest
    while (letter := _common(size)) is not None:
        inside, outside = dict[Monomial, Fraction](), dict[Monomial, Fraction]()
        for monomial, c in size.terms.items():
            if letter in monomial:
                at = monomial.index(letter)
                inside[monomial[:at] + monomial[at + 1 :]] = c
            else:
                outside[monomial] = c
        cofactor, size = Polynomial(inside), Polynomial(outside)
        lead = next(iter(cofactor.terms.values()))
        common = Fraction(gcd(*map(int, inside.values()))) * (-1 if lead < 0 else 1)
        other = written(cofactor * Polynomial.of(1 / common))
        found.append(Summand(common, Polynomial.of(letter).expression * other))
    plain = [
        Summand(c, Polynomial({monomial: Fraction(1)}).expression if monomial else None)
        for monomial, c in size.terms.items()
    ]
    plain = [_with_floors(term, monomial) for term, monomial in zip(plain, size.terms, strict=True)]
    if found and found[0].size is not None and size.terms and "n" in next(iter(size.terms)):
        return [plain[0], *found, *plain[1:]]
    if found:
        products = [term for term in plain if term.size is not None]
        return [*found, *products, *(term for term in plain if term.size is None)]
    return plain


def _with_floors(term: Summand, monomial: Monomial) -> Summand:
    """A term whose floors are written readably too."""
    if not any(isinstance(atom, Floor) for atom in monomial):
        return term
    factors = [_floor(x) if isinstance(x, Floor) else Polynomial.of(x).expression for x in monomial]
    return Summand(term.factor, product(factors))


def _floor(atom: Floor) -> Expression:
    return written(atom.numerator) // written(atom.divisor)


def _common(size: Polynomial) -> str | None:
    """A letter that stands in several terms, one of them a product; none if nothing is common."""
    count: dict[str, list[Monomial]] = {}
    for monomial in size.terms:
        for atom in dict.fromkeys(monomial):
            if isinstance(atom, str):
                count.setdefault(atom, []).append(monomial)
    shared = {x: ms for x, ms in count.items() if len(ms) > 1 and any(len(m) > 1 for m in ms)}
    return max(shared, key=lambda x: (len(shared[x]), x == "d", -ord(x[0])), default=None)


def _halves(size: Polynomial) -> Polynomial:
    """A size with floor((N + 1)/2) as N - floor(N/2), so that both halves of N meet."""
    for atom in [x for x in size.atoms if isinstance(x, Floor)]:
        if atom.divisor.number != 2 or atom.numerator.terms.get((), 0) != 1:
            continue
        other = atom.numerator - 1
        half = floor(other, atom.divisor, lambda _: False, residues=False)
        total = Polynomial({})
        for monomial, c in size.terms.items():
            product_of = Polynomial.of(c)
            for part in monomial:
                product_of *= other - half if part == atom else Polynomial.of(part)
            total += product_of
        size = total
    return size


def _merged(size: Polynomial) -> Iterator[Expression]:
    """A whole size with one floor by a number, all of it under that floor or a ceiling."""
    atoms = [x for x in size.atoms if isinstance(x, Floor)]
    if len(atoms) != 1 or (number := atoms[0].divisor.number) is None:
        return
    c = size.terms.get((atoms[0],))
    rest = size - Polynomial.of(atoms[0]) * Polynomial.of(c or 0)
    if c not in (1, -1) or atoms[0] in rest.atoms:
        return
    # R + floor(N/D) = floor((N + R*D)/D), R - floor(N/D) = ceil((R*D - N)/D)
    upper = (
        (rest * atoms[0].divisor + atoms[0].numerator)
        if c == 1
        else rest * atoms[0].divisor - atoms[0].numerator
    )
    rounded, other, by = (down_to, ceil, 1 - number) if c == 1 else (ceil, down_to, number - 1)
    yield rounded(written(upper) / int(number))
    yield other(written(upper + Polynomial.of(by)) / int(number))


def _remainders(size: Polynomial) -> Iterator[tuple[Fraction, Expression, Polynomial]]:
    """What of a size is a multiple of N - D*floor(N/D), and what then is left."""
    for atom in [x for x in size.atoms if isinstance(x, Floor)]:
        remainder = atom.numerator - atom.divisor * Polynomial.of(atom)
        lead = next(m for m in remainder.terms if atom in m)
        times = size.terms.get(lead, Fraction(0)) / remainder.terms[lead]
        rest = size - remainder * Polynomial.of(times)
        if times and times.denominator == 1 and _shorter(rest, size):
            alike = map(written, (atom.numerator, atom.numerator + atom.divisor))
            upper = min(alike, key=lambda node: len(str(node)))
            yield times, upper % written(atom.divisor), rest
            size = rest


def _shorter(rest: Polynomial, size: Polynomial) -> bool:
    """Whether a size is shorter with a remainder and what is left beside it."""
    return len(rest.terms) + 1 < len(size.terms) or (
        len(rest.terms) + 1 == len(size.terms) > 1
        and sum(map(abs, rest.terms.values())) < sum(map(abs, size.terms.values())) - 1
    )


def _ceilings(size: Polynomial) -> Iterator[tuple[Fraction, Expression, Polynomial]]:
    """What of a size is a multiple of ceil(N/D), and what then is left."""
    for atom in [x for x in size.atoms if isinstance(x, Floor)]:
        times = size.terms.get((atom,), Fraction(0))
        last = atom.numerator.terms.get((), Fraction(0))
        number = atom.divisor.number
        steps = 1 if number is None else 0
        inside = -1 if number is None else number - 1
        rest = size - Polynomial.of(atom) * Polynomial.of(times) - Polynomial.of(times * steps)
        if times and last == inside and len(rest.terms) < len(size.terms):
            upper = atom.numerator - Polynomial.of(last)
            yield times, ceil(written(upper) / written(atom.divisor)), rest
            size = rest
