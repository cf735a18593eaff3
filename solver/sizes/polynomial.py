"""Polynomials in whole letters, and in floors of quotients of such polynomials, in normal form.

Equal normal forms are equal for all values of the letters. The laws that bring floor(N/D) into
normal form hold for whole N and whole D >= 1:

    floor((N + q*D)/D)         =  floor(N/D) + q                 q whole
    floor((floor(M/E) + R)/D)  =  floor((M + R*E)/(E*D))         R whole, E >= 1 whole
    floor(-N/D)                = -floor((N + D - 1)/D)
    floor(N*x/(D*x))           =  floor(N/D)                     x >= 1
    floor(N/D)                 =  0 where 0 <= N < D
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache, reduce
from math import gcd, lcm
from operator import mul
from typing import NamedTuple, Union

from solver.errors import LimitError
from solver.sizes.expression import Expression, added, named, of
from solver.sizes.text import text

#: A letter or a floor.
Atom = Union[str, "Floor"]
Monomial = tuple[Atom, ...]
#: The smallest value of a letter or a floor, or None where none is known.
Bounds = Mapping[Atom, int | None]

_MOST_TERMS = 2_000
_MOST_RESIDUES = 1_024  # a floor by a larger number stays a floor


class Polynomial:
    """Hold a sum of products of atoms with rational coefficients; immutable and hashable.

    >>> n, s = Polynomial.of("n"), Polynomial.of("s")
    >>> print((n + s) * (n - s) + 1)
    n*n - s*s + 1
    """

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: Mapping[Monomial, Fraction]) -> None:
        #: Monomial -> coefficient, the leading one first, the number last.
        kept = [(monomial, c) for monomial, c in terms.items() if c]
        self.terms = dict(sorted(kept, key=lambda term: _order(term[0])))
        self._hash: int | None = None

    @classmethod
    def of(cls, value: Polynomial | Atom | Fraction | int) -> Polynomial:
        """A number, a letter or a floor as a polynomial."""
        if isinstance(value, Polynomial):
            return value
        if isinstance(value, (Fraction, int)):
            return cls({(): Fraction(value)})
        return cls({(value,): Fraction(1)})

    def __repr__(self) -> str:
        return f"Polynomial({self})"

    @property
    def number(self) -> Fraction | None:
        """The number that this is, or None."""
        return self.terms.get((), Fraction(0)) if set(self.terms) <= {()} else None

    @property
    def denominator(self) -> int:
        """The smallest whole factor that makes every coefficient whole."""
        return lcm(*(c.denominator for c in self.terms.values()))

    @property
    def atoms(self) -> set[Atom]:
        """The letters and floors it is made of."""
        return {atom for monomial in self.terms for atom in monomial}

    @property
    def letters(self) -> set[str]:
        """The letters it depends on, inside floors too."""
        found: set[str] = set()
        for atom in self.atoms:
            if isinstance(atom, Floor):
                found |= atom.numerator.letters | atom.divisor.letters
            else:
                found.add(atom)
        return found

    def __add__(self, other: Polynomial | int) -> Polynomial:
        terms = dict(self.terms)
        for monomial, c in Polynomial.of(other).terms.items():
            terms[monomial] = terms.get(monomial, Fraction(0)) + c
        return Polynomial(terms)

    def __neg__(self) -> Polynomial:
        return Polynomial({monomial: -c for monomial, c in self.terms.items()})

    def __sub__(self, other: Polynomial | int) -> Polynomial:
        return self + -Polynomial.of(other)

    def __mul__(self, other: Polynomial | int) -> Polynomial:
        terms: dict[Monomial, Fraction] = {}
        for left, c in self.terms.items():
            for right, e in Polynomial.of(other).terms.items():
                monomial = tuple(sorted((*left, *right), key=_first))
                terms[monomial] = terms.get(monomial, Fraction(0)) + c * e
        if len(terms) > _MOST_TERMS:
            raise LimitError(
                f"a size may have at most {_MOST_TERMS:,} terms", received=f"{len(terms):,}"
            )
        return Polynomial(terms)

    def put(self, letter: str, value: Polynomial) -> Polynomial:
        """The polynomial, which has no floors, with a letter replaced.

        >>> print(Polynomial.of("n").put("n", Polynomial.of("t") * 2 + 1))
        2*t + 1
        """
        total = Polynomial({})
        for monomial, c in self.terms.items():
            product = Polynomial.of(c)
            for atom in monomial:
                product *= value if atom == letter else Polynomial.of(atom)
            total += product
        return total

    def least(self, letters: Bounds) -> Fraction | None:
        """A number that the polynomial is never below, or None where none is in sight.

        letters: the smallest value of each letter, at least 0, or None. Counted from there on,
        every coefficient but the number must be nonnegative. A floor that is no letter of the
        bounds counts from 0 where its numerator does.

        >>> n, k = Polynomial.of("n"), Polynomial.of("k")
        >>> (n * k - n).least({"n": 1, "k": 1}), (n - k).least({"n": 1, "k": 1})
        (Fraction(0, 1), None)
        """
        total, free = self.counted(letters)
        if any(monomial and (c < 0 or free & {*monomial}) for monomial, c in total.items()):
            return None
        return total.get((), Fraction(0))

    def counted(self, letters: Bounds) -> tuple[dict[Monomial, Fraction], set[Atom]]:
        """The terms, each atom counted from its smallest value, and the atoms without one.

        >>> n = Polynomial.of("n")
        >>> (n * 2 - 1).counted({"n": 1})
        ({(): Fraction(1, 1), ('n',): Fraction(2, 1)}, set())
        """
        total: dict[Monomial, Fraction] = {}
        free: set[Atom] = set()
        for monomial, c in self.terms.items():
            product: dict[Monomial, Fraction] = {(): c}  # of all atom + least, multiplied out
            for atom in monomial:
                least = letters.get(atom)
                if least is None and isinstance(atom, Floor):
                    below = atom.numerator.least(letters)
                    least = 0 if below is not None and below >= 0 else None
                if least is None:
                    free.add(atom)
                low = {part: e * least for part, e in product.items()} if least else {}
                product = low | {(*part, atom): e for part, e in product.items()}
            for part, e in product.items():
                total[part] = total.get(part, Fraction(0)) + e
        return {monomial: c for monomial, c in total.items() if c}, free

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and self.terms == other.terms

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(tuple(self.terms.items()))
        return self._hash

    @property
    def expression(self) -> Expression:
        """It as a tree, in the order of its terms."""
        return added((c < 0, _product(abs(c), monomial)) for monomial, c in self.terms.items())

    def __str__(self) -> str:
        return text(self.expression)


class Floor(NamedTuple):
    """Hold floor(numerator/divisor) in normal form, as an atom."""

    numerator: Polynomial
    divisor: Polynomial

    def __str__(self) -> str:
        return text(_tree(self))


def _product(c: Fraction, monomial: Monomial) -> Expression:
    number = of(c.numerator) / c.denominator if c.denominator > 1 else of(c.numerator)
    factors = map(_tree, monomial)
    return reduce(mul, factors if c == 1 and monomial else (number, *factors))


def _tree(atom: Atom) -> Expression:
    if isinstance(atom, Floor):
        return atom.numerator.expression // atom.divisor.expression
    return named(atom)


class Residues(Exception):
    """Ask for the cases of a letter modulo a number: only they tell what a floor is."""

    def __init__(self, letter: str, modulus: int) -> None:
        super().__init__(letter, modulus)
        self.letter = letter
        self.modulus = modulus


def floor(
    numerator: Polynomial,
    divisor: Polynomial,
    nonnegative: Callable[[Polynomial], bool],
    residues: bool = True,
) -> Polynomial:
    """Return floor(numerator/divisor) in normal form; the divisor is whole and at least 1.

    nonnegative: tells whether a polynomial is known to be at least 0. Raises Residues where the
    residues of a letter modulo a number decide, unless residues is False: then it stays a floor.

    >>> n, s = Polynomial.of("n"), Polynomial.of("s")
    >>> def nonnegative(size):
    ...     return size.least({"n": 1, "s": 1}) is not None
    >>> print(floor(n + s * 2 - 1, s, nonnegative))
    floor((n - 1)/s) + 2
    >>> print(floor(n * 4 + 3, Polynomial.of(2), nonnegative))
    2*n + 1
    >>> floor(n, Polynomial.of(2), nonnegative)
    Traceback (most recent call last):
        ...
    solver.sizes.polynomial.Residues: ('n', 2)
    """
    scale = Polynomial.of(numerator.denominator)
    numerator, divisor = numerator * scale, divisor * scale
    numerator, divisor = _reduced(numerator, divisor, nonnegative)
    whole, numerator = divide(numerator, divisor)
    if residues and divisor.number is not None:
        for monomial, c in numerator.terms.items():
            if monomial and all(isinstance(atom, str) for atom in monomial):
                modulus = int(divisor.number // gcd(int(divisor.number), int(c)))
                if modulus <= _MOST_RESIDUES:
                    raise Residues(str(monomial[0]), modulus)
    if nonnegative(numerator) and nonnegative(divisor - numerator - 1):
        return whole
    inner = next(iter(numerator.terms))
    if len(inner) == 1 and isinstance(inner[0], Floor) and numerator.terms[inner] == 1:
        rest = numerator - Polynomial.of(inner[0])
        if not any(isinstance(atom, Floor) for atom in rest.atoms):
            outer = inner[0].numerator + rest * inner[0].divisor
            return whole + floor(outer, inner[0].divisor * divisor, nonnegative, residues)
    mirrored = divisor - 1 - numerator
    if _negative(numerator) and not _negative(mirrored):
        return whole - floor(mirrored, divisor, nonnegative, residues)
    return whole + Polynomial.of(Floor(numerator, divisor))


def _negative(size: Polynomial) -> bool:
    """Tell whether the first term by name has a minus."""
    return bool(size.terms) and size.terms[min(size.terms, key=_alphabetic)] < 0


def _reduced(
    numerator: Polynomial, divisor: Polynomial, nonnegative: Callable[[Polynomial], bool]
) -> tuple[Polynomial, Polynomial]:
    """Cancel the letters that stand in every term above and below."""
    terms = [*numerator.terms, *divisor.terms]
    for atom in terms[0] if numerator.terms else ():
        if all(atom in monomial for monomial in terms) and nonnegative(Polynomial.of(atom) - 1):
            upper, lower = (
                Polynomial({_without(m, (atom,)) or (): c for m, c in size.terms.items()})
                for size in (numerator, divisor)
            )
            return _reduced(upper, lower, nonnegative)
    return numerator, divisor


def divide(numerator: Polynomial, divisor: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Return (whole, rest) with numerator = whole*divisor + rest, by leading terms.

    >>> n, s = Polynomial.of("n"), Polynomial.of("s")
    >>> whole, rest = divide(n * s + s + n, s)
    >>> print(whole, "|", rest)
    n + 1 | n
    """
    lead, c = next(iter(divisor.terms.items()))
    whole = Polynomial({})
    while True:
        for monomial, e in numerator.terms.items():
            factor = _without(monomial, lead)
            if factor is not None and e // c:
                step = Polynomial({factor: Fraction(e // c)})
                whole, numerator = whole + step, numerator - step * divisor
                break
        else:
            return whole, numerator


def _without(monomial: Monomial, part: Monomial) -> Monomial | None:
    """Return monomial/part, or None where it is not a monomial."""
    left = list(monomial)
    for atom in part:
        if atom not in left:
            return None
        left.remove(atom)
    return tuple(left)


@lru_cache(maxsize=65_536)
def _first(atom: Atom) -> tuple[bool, str]:
    """Sort atoms by name, the size before all others."""
    return str(atom)[0] != "n", str(atom)


def _alphabetic(monomial: Monomial) -> list[tuple[bool, str]]:
    return [*map(_first, monomial)] or [(True, "~")]


@lru_cache(maxsize=65_536)
def _order(monomial: Monomial) -> tuple[int, list[tuple[bool, str]]]:
    return -len(monomial), _alphabetic(monomial)
