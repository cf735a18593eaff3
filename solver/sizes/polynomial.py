"""Polynomials in whole letters, in floors of quotients and in powers of such polynomials.

Equal normal forms are equal for all values of the letters.

A power has a letter of at least 0 for an exponent, and for a base a prime number, a letter or a
sum:

    b**(2*i + j + 1)           =  b * b**i * b**i * b**j
    (6*x)**i                   =  2**i * 3**i * x**i
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import chain
from math import lcm, prod
from operator import mul
from typing import Union

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.sizes.expression import Expression, added, named, of
from solver.sizes.expression import power as power_of_numbers
from solver.sizes.text import text

#: A letter, a floor or a power.
Atom = Union[str, "Floor", "Power"]
Monomial = tuple[Atom, ...]
#: The smallest value of an atom, or None where none is known.
Bounds = Mapping[Atom, int | None]

_MOST_TERMS = 2_000
_MOST_FACTORS = 64  # of a power that is multiplied out
_LARGEST_PRIME = 1_000  # that is looked for in the base of a power


class Polynomial:
    """Hold a sum of products of atoms with rational coefficients; immutable and hashable.

    >>> n, s = Polynomial.of("n"), Polynomial.of("s")
    >>> print((n + s) * (n - s) + 1)
    n**2 - s**2 + 1
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
        """The letters, floors and powers it is made of."""
        return {atom for monomial in self.terms for atom in monomial}

    @property
    def letters(self) -> set[str]:
        """The letters it depends on, inside floors and powers too."""
        found: set[str] = set()
        for atom in self.atoms:
            if isinstance(atom, Floor):
                found |= atom.numerator.letters | atom.divisor.letters
            elif isinstance(atom, Power):
                found |= atom.base.letters | {atom.exponent}
            else:
                found.add(atom)
        return found

    @property
    def exponents(self) -> set[str]:
        """The letters that stand in exponents, inside floors too."""
        found: set[str] = set()
        for atom in self.atoms:
            if isinstance(atom, Floor):
                found |= atom.numerator.exponents | atom.divisor.exponents
            elif isinstance(atom, Power):
                found |= atom.base.exponents | {atom.exponent}
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
                if isinstance(atom, Power):
                    exponent = Polynomial.of(atom.exponent).put(letter, value)
                    product *= power(atom.base.put(letter, value), exponent)
                else:
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
                elif least is None and isinstance(atom, Power):
                    below, first = atom.base.least(letters), letters.get(atom.exponent)
                    if below is not None and below >= 0 and first is not None:
                        least = int(power_of_numbers(below, first)) if below >= 1 else 0
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


class Power(NamedTuple):
    """Hold base**exponent as an atom; the exponent is a letter of at least 0."""

    base: Polynomial
    exponent: str

    def __str__(self) -> str:
        return text(_tree(self))


def _product(c: Fraction, monomial: Monomial) -> Expression:
    """A term as a tree: 2 * 2**i is 2**(i + 1), and 2**i * 2**i is 4**i."""
    powers = [atom for atom in monomial if isinstance(atom, Power)]
    rest = [atom for atom in monomial if not isinstance(atom, Power)]
    first, last = list[Expression](), list[Expression]()
    for letter in dict.fromkeys(atom.exponent for atom in powers):
        bases = [atom.base for atom in powers if atom.exponent == letter]
        numbers = [int(base.number) for base in bases if base.number is not None]
        if numbers:
            p, shift = numbers[0], 0
            while len(numbers) == 1 and c.numerator % p == 0:
                c, shift = c / p, shift + 1
            while len(numbers) == 1 and c.denominator % p == 0:
                c, shift = c * p, shift - 1
            first.append(of(prod(numbers)) ** (named(letter) + shift if shift else named(letter)))
        for base in dict.fromkeys(base for base in bases if base.number is None):
            times, shift = bases.count(base), 0
            (alone, *_), *_ = base.terms
            while times == 1 and base == Polynomial.of(alone) and alone in rest:
                rest.remove(alone)
                shift += 1
            exponent = named(letter) + shift if shift else named(letter)
            last.append(base.expression ** (of(times) * exponent if times > 1 else exponent))
    number = of(c.numerator) / c.denominator if c.denominator > 1 else of(c.numerator)
    plain = ((_tree(atom), rest.count(atom)) for atom in dict.fromkeys(rest))
    factors = [*first, *(tree**times if times > 1 else tree for tree, times in plain), *last]
    return reduce(mul, factors if c == 1 and monomial else (number, *factors))


def _tree(atom: Atom) -> Expression:
    if isinstance(atom, Floor):
        return atom.numerator.expression // atom.divisor.expression
    if isinstance(atom, Power):
        return atom.base.expression ** named(atom.exponent)
    return named(atom)


def power(base: Polynomial, exponent: Polynomial) -> Polynomial:
    """Return base**exponent in normal form; letters of the exponent are at least 0.

    Raises LimitError where the exponent is not a sum of letters and a number.

    >>> i, s = Polynomial.of("i"), Polynomial.of("s")
    >>> print(power(Polynomial.of(2), i + 1) - power(Polynomial.of(2), i) * 2)
    0
    >>> print(power(s * 6, i * 2))
    36**i*s**(2*i)
    """
    found = Polynomial.of(1)
    for monomial, c in exponent.terms.items():
        if c.denominator > 1 or len(monomial) > 1 or not all(isinstance(x, str) for x in monomial):
            raise LimitError("an exponent is a sum of letters", str(exponent), "2**(2*i + 1)")
        if base.number is not None and not monomial:
            found *= Polynomial.of(Fraction(power_of_numbers(base.number, c)))
        elif 0 < c <= _MOST_FACTORS:
            factor = _atoms(base, str(monomial[0])) if monomial else base
            found = reduce(mul, [factor] * int(c), found)
        else:
            rule = f"a power has between 1 and {_MOST_FACTORS} factors"
            raise LimitError(rule, str(exponent), "another letter")
    return found


def _atoms(base: Polynomial, exponent: str) -> Polynomial:
    """A base to the power of a letter, as a product of powers."""
    if base.denominator > 1 or not base.terms or (base.number or 1) < 0:
        raise LimitError("the base of a power is whole and at least 1", str(base))
    if len(base.terms) > 1:
        return Polynomial.of(Power(base, exponent))
    ((monomial, c),) = base.terms.items()
    if c < 0:
        raise LimitError("the base of a power is whole and at least 1", str(base))
    bases = chain(_primes(int(c)), monomial)
    return Polynomial(
        {tuple(sorted((Power(Polynomial.of(x), exponent) for x in bases), key=_first)): Fraction(1)}
    )


def _primes(number: int) -> list[int]:
    """The prime factors of a number, with what is left of it."""
    found = []
    for p in range(2, _LARGEST_PRIME):
        while number % p == 0:
            found.append(p)
            number //= p
    return found if number == 1 else [*found, number]


@lru_cache(maxsize=65_536)
def _first(atom: Atom) -> tuple[bool, str]:
    """Sort atoms by name, the size before all others."""
    return str(atom)[0] != "n", str(atom)


def alphabetic(monomial: Monomial) -> list[tuple[bool, str]]:
    """A key to sort monomials by name, the number last."""
    return [*map(_first, monomial)] or [(True, "~")]


@lru_cache(maxsize=65_536)
def _order(monomial: Monomial) -> tuple[int, list[tuple[bool, str]]]:
    return -len(monomial), alphabetic(monomial)
