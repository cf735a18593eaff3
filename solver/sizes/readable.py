"""Sizes in letters, as a person writes them.

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
from math import gcd

from solver.ground.named import NamedTuple
from solver.sizes.cases import Quotient
from solver.sizes.expression import Expression, added, ceil, of, product
from solver.sizes.expression import floor as down_to
from solver.sizes.letters import value
from solver.sizes.normal import normal
from solver.sizes.polynomial import Floor, Monomial, Polynomial, Power
from solver.sizes.questions import CaseSplit
from solver.sizes.quotients import divide, floor

#: A size in normal form, or what made one impossible.
UNREAD = (CaseSplit, ZeroDivisionError)
ONE = Polynomial.of(1)


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
            return sum_of(summands(size * Polynomial.of(scale))) / scale
        return min([sum_of(summands(size)), *_merged(size)], key=lambda node: len(str(node)))
    if size.lower == ONE:
        return written(size.upper)
    scale = size.upper.denominator
    whole, rest = divide(size.upper * scale, size.lower * scale)
    if not rest.terms:
        return written(whole)
    less = all(c < 0 for c in rest.terms.values())
    part = written(-rest if less else rest) / written(size.lower * scale)
    terms = [Summand(Fraction(-1 if less else 1), part), *summands(whole)]
    return sum_of(terms)


def sum_of(terms: list[Summand]) -> Expression:
    """The terms, one that is added first."""
    first = next((term for term in terms if term.factor > 0 and term.size is not None), None)
    if first is None:
        first = next((term for term in terms if term.factor > 0), None)
    if first is not None:
        terms = [first, *(term for term in terms if term is not first)]
    return added((term.factor < 0, term.expression) for term in terms)


def summands(size: Polynomial, remainders: bool = True) -> list[Summand]:
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
    if any(isinstance(atom, Power) for atom in monomial):  # 2**(j + 1) for 2*2**j
        sign = -1 if term.factor < 0 else 1
        return Summand(Fraction(sign), Polynomial({monomial: abs(term.factor)}).expression)
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
