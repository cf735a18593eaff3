"""A dimension of a tensor: a number, a size map of one letter, or products and sums of such.

Every free size of an input has a letter of its own, so that axes stay apart; flattening multiplies,
concatenating adds.
Dimensions are in normal form: equal ones are equal objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import gcd, lcm, prod
from operator import mul
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.sizes.expression import Expression, added, of, product, times
from solver.sizes.fold import shown
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.text import text
from solver.sizes.width import Width, at, lowest

#: The letters of the sizes of an input, by its axes.
LETTERS = {1: ("n",), 2: ("h", "w"), 3: ("d", "h", "w")}
#: The most cases of one letter that a formula has, and the longest period of these.
_CASES, _LONGEST = 64, 4096


class Inexpressible(SolverError):
    """Report a size that is no dimension: there is no formula for it here, for every n."""


def misfit(sizes: Sequence[object], letters: Sequence[str]) -> SolverError:
    """What is wrong where not every axis is given one size."""
    received, right = ("x".join(map(str, each)) for each in (sizes, range(32, 32 + len(letters))))
    axes = f"each of {', '.join(letters)}" if len(letters) > 1 else f"{letters[0]}, the only axis"
    return SolverError(f"one size is given for {axes}", received, right)


class Dim(NamedTuple):
    """Hold factor * product of F(letter) + more terms. One part has the factor in it.

    A number has no parts. more: further terms of a sum, none of them a sum; only of what is no one
    map together, such as the pixels of several feature maps.

    >>> n = Dim.letter("n")
    >>> half = n.through(SizeMap.line(1, 0, 2))
    >>> str(half), str(n * half), str(n * 3 + 1), half.at({"n": 7})
    ('floor(n/2)', 'n*floor(n/2)', '3*n + 1', 3)
    >>> str(Dim.letter("h") * Dim.letter("w") * Dim(4) + 1)
    '4*h*w + 1'
    """

    factor: int
    parts: tuple[tuple[str, SizeMap], ...] = ()
    more: tuple[Dim, ...] = ()

    @classmethod
    def letter(cls, name: str) -> Dim:
        """A free size."""
        return cls(1, ((name, IDENTITY),))

    @classmethod
    def of(cls, letter: str, size_map: SizeMap) -> Dim:
        """A size map of a letter."""
        if size_map.rise == 0 and size_map.period == 1:
            return cls(int(size_map(0)))
        return cls(1, ((letter, size_map),))

    @property
    def number(self) -> int | None:
        """The value where it is a number, else None."""
        return None if self.parts else self.factor

    @property
    def single(self) -> tuple[str, SizeMap] | None:
        """The letter and its map where it is one map, else None."""
        if len(self.parts) != 1 or self.more:
            return None
        ((letter, size_map),) = self.parts
        return letter, size_map * int(self.factor)  # 1, but where it stands for a word

    @property
    def terms(self) -> tuple[Dim, ...]:
        """The terms whose sum it is: itself where it is no sum."""
        return (self._replace(more=()), *self.more) if self.more else (self,)

    @property
    def letters(self) -> set[str]:
        return {letter for term in self.terms for letter, _ in term.parts}

    def through(self, size_map: SizeMap) -> Dim:
        """What a size map makes of it. Raises Inexpressible for one with too many cases.

        >>> str((Dim.letter("h") * Dim.letter("w")).through(SizeMap.line(1, 0, 2)))
        '(h - 2*floor(h/2))*floor(w/2) + floor(h/2)*w'
        """
        if not self.parts:
            return Dim(_put(size_map, self.factor))
        if (single := self.single) is not None:
            letter, inner = single
            return Dim.of(letter, size_map(inner))
        if size_map.period == 1:
            return self * size_map.rise + int(size_map(0))
        return self._by_residues(size_map)

    def _by_residues(self, size_map: SizeMap) -> Dim:
        """What a map makes of a product or sum: what is left of a factor tells of the others.

        F*G/m is floor(F/m)*G and as much of G/m as F leaves: one of few numbers, by its letter.
        """
        letter, modulus = min(self.letters), size_map.period
        factors, others = zip(*(_factored(term, letter) for term in self.terms), strict=True)
        period = lcm(*(each.period * modulus // gcd(modulus, each.rise) for each in factors))
        cases = dict[tuple[int, ...], set[int]]()
        for n in range(period) if period <= _LONGEST else ():
            cases.setdefault(tuple(int(each(n)) % modulus for each in factors), set()).add(n)
        if not 0 < len(cases) <= _CASES:
            raise Inexpressible("only a product or sum of sizes is known here", str(self))
        whole = SizeMap.line(1, 0, modulus)
        found = [
            Dim.of(letter, whole(each)) * rest * size_map.rise
            for each, rest in zip(factors, others, strict=True)
        ]
        for left, there in cases.items():
            one = sum(map(mul, others, left), start=Dim(0)).through(size_map)
            where = SizeMap(period, 0, (n in there for n in range(period)))
            found.append(Dim.of(letter, where) * one)
        return _sum(term for each in found for term in each.terms)

    def following(self, before: Dim, after: Dim) -> Dim | None:
        """What becomes of it as `before` became `after`, if both are one map of a letter.

        None where they are not the same object: then it is worked out anew.

        >>> h, w = Dim.letter("h"), Dim.letter("w")
        >>> str(w.following(h, h.through(SizeMap.line(1, 0, 2))))
        'floor(w/2)'
        """
        if (here := self.single) is None or (there := before.single) is None:
            return None
        if here[1] is not there[1] or (then := after.single) is None:
            return None
        return self if then is there else Dim(1, ((here[0], then[1]),))

    def __mul__(self, other: Dim | int) -> Dim:  # type: ignore[override]
        if isinstance(other, int):
            other = Dim(other)
        if self.more or other.more:
            return _sum(one * two for one in self.terms for two in other.terms)
        factor, both = self.factor * other.factor, self.parts + other.parts
        if not factor or not both:
            return Dim(factor)
        if len(both) == 1:
            if isinstance(factor, Width):  # a map would lose its words
                return Dim(factor, both)
            letter, size_map = both[0]
            return Dim.of(letter, size_map * factor)
        if not (self.parts and other.parts):
            return Dim(factor, both)
        factor, parts = _pulled(Dim(factor, tuple(sorted(both, key=_place))))
        return Dim(factor, tuple(sorted(parts, key=_place)))

    def __add__(self, other: Dim | int) -> Dim:  # type: ignore[override]
        if isinstance(other, int):
            other = Dim(other)
        if not (self.parts or other.parts):
            return Dim(self.factor + other.factor)
        return _sum((*self.terms, *other.terms))

    @property
    def split(self) -> tuple[int, Dim]:
        """A number and the rest, which no number divides for every n.

        >>> scale, rest = (Dim.letter("n") * 6 + 4).split
        >>> scale, str(rest)
        (2, '3*n + 2')
        """
        if len(self.parts) != 1:
            return self.factor, Dim(1, self.parts)
        factor, ((letter, size_map),) = _pulled(self)
        return factor, Dim.of(letter, size_map)

    def over(self, other: Dim) -> tuple[Dim, int]:
        """Return self/other as (dividend, divisor), what both have cancelled.

        Raises Inexpressible where letters would stay below.

        >>> h, w = Dim.letter("h"), Dim.letter("w")
        >>> [str(part) for part in (h * w * 6).over(h * 4)]  # 3*w/2
        ['3*w', '2']
        """
        if other.number == 0:
            raise Inexpressible("nothing is divided by 0", received=f"({self})/0")
        if self.number == 0:
            return self, 1
        if self.more or other.more:
            return self._sum_over(other)
        top, above = _pulled(self)
        bottom, below = _pulled(other)
        for part in below:
            if part not in above:
                raise Inexpressible("these sizes do not divide", received=f"({self})/({other})")
            above.remove(part)
        top, bottom = lowest(top, bottom) if bottom > 0 else lowest(-top, -bottom)
        return prod((Dim.of(*part) for part in above), start=Dim(top)), bottom

    def _sum_over(self, other: Dim) -> tuple[Dim, int]:
        top, bottom = (gcd(*(_pulled(term)[0] for term in dim.terms)) for dim in (self, other))
        if self._by(top) == other._by(bottom):
            top, bottom = lowest(top, bottom)
            return Dim(top), bottom
        if other.more:
            raise Inexpressible("these sizes do not divide", received=f"({self})/({other})")
        found = [term.over(other) for term in self.terms]
        divisor = lcm(*(below for _, below in found))
        return _sum(above * (divisor // below) for above, below in found), divisor

    def _by(self, divisor: int) -> Dim:
        """Return it over a number that divides each of its terms for every n."""
        return _sum(_divided(term, divisor) for term in self.terms)

    def by_letter(self, other: Dim) -> dict[str, tuple[SizeMap, SizeMap]] | None:
        """Return two maps of each letter, so that the products are equal where all of them are.

        None where the products do not grow alike, or have two maps of one letter.

        >>> h, w = Dim.letter("h"), Dim.letter("w")
        >>> sevens = h.through(SizeMap.line(1, 0, 7)) * w * 7
        >>> found = (h * w).by_letter(sevens)
        >>> {letter: f"{one} = {two}" for letter, (one, two) in found.items()}
        {'h': 'n = 7*floor(n/7)', 'w': 'n = n'}
        """
        (top, above), (bottom, below) = _pulled(self), _pulled(other)
        ones, others = dict(above), dict(below)
        if ones.keys() != others.keys() or len(ones) + len(others) < len(above) + len(below):
            return None
        if not bottom:
            return None
        found = {}
        for letter, one in ones.items():
            two = others[letter]
            if two.rise <= 0:
                return None
            rise, run = one.rise * two.period, one.period * two.rise
            shared = gcd(rise, run)
            top, bottom = top * rise, bottom * run
            found[letter] = one * (run // shared), two * (rise // shared)
        return found if top == bottom else None

    def at(self, values: Mapping[str, int]) -> int:
        """The value where every letter has one."""
        return sum(
            term.factor * prod(_put(f, values[letter]) for letter, f in term.parts)
            for term in self.terms
        )

    def bind(self, values: Mapping[str, int]) -> Dim:
        """The number it is where its letters have values, else itself."""
        return Dim(self.at(values)) if self.letters <= values.keys() else self

    def put(self, maps: Mapping[str, SizeMap]) -> Dim:
        """Return it with size maps for some of its letters.

        >>> str((Dim.letter("h") * Dim.letter("w")).put({"h": SizeMap.line(1, 3)}))
        '(h + 3)*w'
        """
        return _sum(
            prod(
                (Dim.of(a, f(maps[a]) if a in maps else f) for a, f in term.parts),
                start=Dim(term.factor),
            )
            for term in self.terms
        )

    def worded(self, values: Mapping[str, int] | None = None) -> Dim:
        """Return it with values for the words that stand for numbers; those they stand for.

        >>> from solver.sizes.width import Width
        >>> size = Dim.letter("n") * Width.named(4, "dim")
        >>> str(size), str(size.worded()), str(size.worded({"dim": 7}))
        ('dim*n', '4*n', '7*n')
        """
        products = ((prod((Dim.of(*y) for y in x.parts), start=Dim(1)), x) for x in self.terms)
        return _sum(term * at(x.factor, values) for term, x in products)

    def renamed(self, names: Mapping[str, str]) -> Dim:
        """Return it with other letters for some of its own."""
        found = []
        for term in self.terms:
            parts = [(names.get(letter, letter), size_map) for letter, size_map in term.parts]
            found.append(Dim(term.factor, tuple(sorted(parts, key=_place))))
        return _sum(found) if len(found) > 1 else found[0]

    def on(self, letter: str) -> Dim:
        """Return it with all letters alike."""
        return self.renamed(dict.fromkeys(self.letters, letter))

    @property
    def expression(self) -> Expression:
        """It as a tree."""
        if self.more:
            return added((term.factor < 0, abs(term).expression) for term in self.terms)
        if not self.parts:
            return of(self.factor)
        if self.factor < 0:
            return -abs(self).expression
        factors = [shown(size_map, letter) for letter, size_map in self.parts]
        return times(self.factor, product(factors))

    def __abs__(self) -> Dim:
        return self._replace(factor=abs(self.factor))

    def __str__(self) -> str:
        return text(self.expression)


@lru_cache(64)  # most operations keep all sizes
def volume(dims: tuple[Dim, ...]) -> Dim:
    """The product of dimensions.

    >>> str(volume((Dim(2), Dim.letter("h"), Dim.letter("w"))))
    '2*h*w'
    """
    return prod(dims, start=Dim(1))


def _put(size_map: SizeMap, number: int) -> int:
    """What a size map makes of a number, in the words that it stands for where it does."""
    parts = size_map.parts if isinstance(number, Width) else None
    if parts is None:
        return int(size_map(int(number)))
    return (number * parts.rise + parts.shift) // parts.period * parts.scale + parts.offset


def _sum(terms: Iterable[Dim]) -> Dim:
    """The sum in normal form: one map per letter, one term per product, one number last."""
    number, maps = 0, dict[str, SizeMap]()
    products = dict[tuple[tuple[str, SizeMap], ...], int]()
    for term in terms:
        if not term.parts:
            number += term.factor
        elif len(term.parts) == 1:
            ((letter, size_map),) = term.parts
            size_map = size_map * int(term.factor)
            maps[letter] = maps[letter] + size_map if letter in maps else size_map
        else:
            products[term.parts] = products.get(term.parts, 0) + term.factor
    found = [Dim(factor, parts) for parts, factor in products.items() if factor]
    if len(maps) == 1 and not found:
        ((letter, size_map),) = maps.items()
        return Dim.of(letter, size_map + number)
    for letter, size_map in maps.items():  # what they are at 0 goes into the number
        number += int(size_map(0))
        found.append(Dim.of(letter, size_map + -int(size_map(0))))
    found = sorted((term for term in found if term.parts), key=_order)
    if not found:
        return Dim(number)
    if len(found) == 1 and len(found[0].parts) == 1:
        return Dim.of(found[0].parts[0][0], found[0].parts[0][1] + number)
    first, *rest = found
    return first._replace(more=(*rest, *((Dim(number),) if number else ())))


def _factored(term: Dim, letter: str) -> tuple[SizeMap, Dim]:
    """A product as a map of a letter and the rest."""
    at = next((i for i, part in enumerate(term.parts) if part[0] == letter), None)
    rest = [Dim(1, (part,)) for i, part in enumerate(term.parts) if i != at]
    own = SizeMap.line(0, 1) if at is None else term.parts[at][1]
    return own, prod(rest, start=Dim(term.factor))


def _divided(term: Dim, divisor: int) -> Dim:
    factor, parts = _pulled(term)
    return prod((Dim.of(*part) for part in parts), start=Dim(factor // divisor))


def _place(part: tuple[str, SizeMap]) -> tuple[Any, ...]:
    """Order the parts of a product, so that equal products are equal objects."""
    return part[0], part[1].order


def _order(term: Dim) -> tuple[Any, ...]:
    """Order the terms of a sum, by their letters first."""
    return tuple(letter for letter, _ in term.parts), term.factor, [*map(_place, term.parts)]


def _pulled(dim: Dim) -> tuple[int, list[tuple[str, SizeMap]]]:
    """A dimension as a number times growing maps that no number divides for every n."""
    factor, parts = dim.factor, []
    for letter, size_map in dim.parts:
        common = size_map.divisor
        factor *= common
        if size_map.rise < 0:
            factor, size_map = -factor, -size_map
        parts.append((letter, size_map if common == 1 else SizeMap.line(1, 0, common)(size_map)))
    return factor, parts
