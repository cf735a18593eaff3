"""A demand: what one place of a network asks of a dimension there, and of the input for that.

Asked of a map F of a letter, the answer is the preimage of the allowed sizes, or where two maps are
equal: a size set. Asked of a product, it is worked out on inputs with all axes alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import gcd, lcm
from typing import Protocol

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.network.graph.dim import Dim
from solver.sizes.comparison import where_alike, where_at_most, where_equal
from solver.sizes.domain import LONGEST_PERIOD
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import EVERY, NONE, SizeSet

#: How a dimension stands to another one.
EQUAL, AT_MOST, ALIKE = "=", "<=", "is even together with"
UNEQUAL, LESS = "!=", "<"
#: As equal; but a size of 1 is repeated to meet any other.
MEETS = "meets"
#: As equal; but the first of the two, where its size is 1, is repeated to make the other.
REPEATS = "is repeated to"
#: No demand: from here on the shapes are what is told; below, they are others. See `Walker`.
SETTLED = "settled in"

_COMPARE: dict[str, Callable[[SizeMap, SizeMap], SizeSet]] = {
    EQUAL: where_equal,
    MEETS: where_equal,
    REPEATS: where_equal,
    AT_MOST: where_at_most,
    ALIKE: where_alike,
    UNEQUAL: lambda one, other: ~where_equal(one, other),
    LESS: lambda one, other: where_at_most(one + 1, other),
}
_OPPOSITE = {EQUAL: UNEQUAL, UNEQUAL: EQUAL, AT_MOST: LESS, LESS: AT_MOST}

#: The most residue classes that are gone through one by one.
_MOST_CLASSES = 4096

#: The letter that stands for all where all axes are alike.
SQUARE = "n"


class Ask(Protocol):
    """Demand something: of a dimension that it is in a set, or how it stands to another one.

    Returned is the dimension that comes out where two meet and one of them, of size 1, is repeated.
    With SETTLED nothing is demanded: False says that the dimension is not in the set.
    """

    def __call__(
        self,
        rule: str,
        dim: Dim,
        other: SizeSet | Dim,
        relation: str = EQUAL,
        wish: bool = False,
        limit: bool = False,
    ) -> Dim | bool | None: ...


class Demand(NamedTuple):
    """Hold what is demanded of a dimension: to be in a set, or how it stands to another one.

    at: the number of the node that asks. rule: what it asks, in words. wish: whether a network runs
    without it too, but drops or crops unevenly. minimum: (letter, m) where all it says is that the
    letter is at least m. limit: whether it is no demand of the network, but a bound of what is
    known of it: where it does not hold nothing is said, and another path may hold there.
    """

    at: int
    rule: str
    dim: Dim
    other: SizeSet | Dim
    relation: str = EQUAL
    wish: bool = False
    minimum: tuple[str, int] | None = None
    limit: bool = False

    @property
    def letters(self) -> set[str]:
        """The letters of the sizes it is about."""
        return self.dim.letters | (self.other.letters if isinstance(self.other, Dim) else set())

    def holds(self, values: Mapping[str, int] | None = None) -> bool:
        """Tell whether it holds at given sizes of the input."""
        size = self.dim.at(values or {})
        if not isinstance(self.other, Dim):
            return size in self.other
        other = self.other.at(values or {})
        if self.relation == AT_MOST:
            return size <= other
        if self.relation == LESS:
            return size < other
        if self.relation == UNEQUAL:
            return size != other
        if self.relation == ALIKE:
            return (size - other) % 2 == 0
        may = {MEETS: (size, other), REPEATS: (size,)}.get(self.relation, ())
        return size == other or 1 in may

    @property
    def claim(self) -> str:
        """What holds, without the rule."""
        if isinstance(self.other, Dim):
            return f"{self.dim} {self.relation} {self.other}"
        single = self.dim.single
        if single is not None and single[1] == IDENTITY:
            return self.other.text(single[0])
        return f"{self.dim} in {self.other}"

    def negated(self) -> Demand:
        """The demand that holds exactly where this does not. Raises SolverError where none does.

        >>> n = Dim.letter("n")
        >>> str(Demand(0, "", n, SizeSet(2, [0])).negated().inputs())
        'odd n'
        >>> str(Demand(0, "", n.through(SizeMap.line(1, -7)), Dim(0), AT_MOST).negated().inputs())
        'n >= 8'
        >>> Demand(0, "", n * Dim.letter("m"), SizeSet(minimum=5)).negated().claim
        'm*n <= 4'
        """
        if isinstance(self.other, SizeSet) and self.dim.single is not None:
            letter, size_map = self.dim.single  # a map may be 0; a letter is not
            return self._replace(dim=Dim.letter(letter), other=~self.other.preimage(size_map))
        if isinstance(self.other, SizeSet) and self.other.only_minimum:
            return self._replace(other=Dim(self.other.minimum - 1), relation=AT_MOST, minimum=None)
        if isinstance(self.other, SizeSet):
            return self._replace(other=~self.other, minimum=None)
        if self.relation not in _OPPOSITE:
            raise SolverError("what does not meet a demand is told of one size", self.text)
        turned = self._replace(relation=_OPPOSITE[self.relation])
        ordered = self.relation in (AT_MOST, LESS)
        return turned._replace(dim=self.other, other=self.dim) if ordered else turned

    def repeats(self, values: Mapping[str, int]) -> Dim | None:
        """Which of two that meet has size 1 there, and is repeated to meet a larger one."""
        if not isinstance(self.other, Dim) or not self.letters <= values.keys():
            return None
        if self.dim.at(values) == self.other.at(values):
            return None
        return next((side for side in self._repeatable if side.at(values) == 1), None)

    @property
    def _repeatable(self) -> tuple[Dim, ...]:
        """The sides that are repeated where their size is 1."""
        if self.relation == REPEATS:
            return (self.dim,)
        meets = self.relation == MEETS and isinstance(self.other, Dim)
        return (self.dim, self.other) if meets else ()  # type: ignore[return-value]

    @property
    def text(self) -> str:
        """What is demanded, in one line; in n where it is about one axis."""
        one, other = self.dim, self.other
        if len(self.letters) == 1:
            one, other = one.on(SQUARE), other.on(SQUARE) if isinstance(other, Dim) else other
        if isinstance(other, Dim):
            relation = EQUAL if self.relation in (MEETS, REPEATS) else self.relation
            return f"{self.rule}: {one} {relation} {other}"
        return f"{self.rule}: {one} in {other}"

    def of(self, change: Callable[[Dim], Dim]) -> Demand:
        """Return it of other dimensions."""
        other = change(self.other) if isinstance(self.other, Dim) else self.other
        return self._replace(dim=change(self.dim), other=other)

    def bind(self, values: Mapping[str, int]) -> Demand:
        """Return it with numbers for the dimensions whose letters have values."""
        return self.of(lambda dim: dim.bind(values))

    def renamed(self, names: Mapping[str, str]) -> Demand:
        """Return it with other letters for some of its own."""
        return self.of(lambda dim: dim.renamed(names))

    def inputs(self) -> SizeSet:
        """The sizes for which it holds, of its letter; with several, of all alike.

        Sizes of 1 that are repeated to meet another are left out: see `repeated`.

        >>> n = Dim.letter("n")
        >>> even = Demand(0, "", n.through(SizeMap.line(1, 0, 2)), SizeSet(2, [0]))
        >>> print(even.inputs())
        n = 0, 1 (mod 4), n >= 4
        >>> print(Demand(0, "", n * n.through(SizeMap.line(1, -2)) * 8, Dim(640)).inputs())
        n in {10}
        >>> coarse = Dim.letter("n").through(SizeMap.line(1, 0, 125_000))
        >>> print(Demand(0, "", coarse, SizeSet(8, [0])).inputs())
        n mod 1000000 in 0..124999, n >= 1000000
        """
        one, other = self.maps
        if one is None or other is None:
            return self._of_products()
        if isinstance(other, SizeMap):
            return _COMPARE[self.relation](one, other)
        if self.dim.number is None:
            return other.preimage(one)
        return EVERY if self.dim.number in other else NONE

    @property
    def maps(self) -> tuple[SizeMap | None, SizeMap | SizeSet | None]:
        """What it is about as size maps; None for a product or sum of sizes.

        Demands of one relation and the same maps hold for the same sizes, whatever their letters.
        """
        return _map(self.dim), _map(self.other) if isinstance(self.other, Dim) else self.other

    def _of_products(self) -> SizeSet:
        """The inputs with all axes alike for which it holds."""
        plain = self.of(Dim.worded)
        one, other = plain.dim, plain.other
        if len(self.letters) > 1:
            one, other = one.on(SQUARE), other.on(SQUARE) if isinstance(other, Dim) else other
        if not isinstance(other, Dim):
            alike = _map(one)
            if alike is not None:
                return other.preimage(alike)
            least = Dim(other.minimum)
            return _at_most(least, one) if other.only_minimum else _product_within(one, other)
        if self.relation in (EQUAL, MEETS, REPEATS):
            return _equal(one, other)
        if self.relation == UNEQUAL:
            return ~_equal(one, other)
        first, second = _map(one), _map(other)
        if first is None or second is None:
            return _at_most(one + 1 if self.relation == LESS else one, other)
        return _COMPARE[self.relation](first, second)

    def holds_from(self) -> int:
        """The smallest size, of its letters alike, at which a dimension that grows is large.

        >>> Demand(0, "", Dim.letter("h") * Dim.letter("w"), SizeSet(minimum=50)).holds_from()
        8
        """
        assert isinstance(self.other, SizeSet)
        return _first(self.dim, self.other.minimum, 1)

    def repeated(self) -> SizeSet:
        """The inputs at which a size of 1 could be repeated to meet another.

        >>> half = Dim.letter("n").through(SizeMap.line(1, 0, 2))
        >>> print(Demand(0, "", half, Dim.letter("n"), MEETS).repeated())
        n in {1, 2, 3}
        """
        found = NONE
        for side in self._repeatable:
            if side.letters:
                found |= Demand(self.at, self.rule, side, Dim(1)).inputs()
        return found


def minimum(dim: Dim, allowed: SizeSet | Dim) -> tuple[str, int] | None:
    """Return (letter, m) where a dimension is allowed exactly for letters of at least m."""
    if not isinstance(allowed, SizeSet) or not allowed.only_minimum:
        return None
    if dim.more or len(dim.parts) != 1:
        return None
    letter, size_map = dim.parts[0]
    if size_map.rise <= 0 or not size_map.nondecreasing:
        return None
    return letter, max(size_map.first(allowed.minimum), 1)


def _equal(one: Dim, other: Dim) -> SizeSet:
    """Where two dimensions of one letter are equal."""
    first, second = _map(one), _map(other)
    if first is not None and second is not None:
        return where_equal(first, second)
    if one == other:
        return EVERY
    left, right = _power(one), _power(other)
    if left is not None and right is not None and left[1:] == right[1:]:
        return where_equal(left[0], right[0])
    product, rest = (one, other) if first is None else (other, one)
    if rest.number is None:
        try:
            ratio, divisor = product.over(rest)
        except SolverError:
            return _where_sign(one + other * -1, {0})
        return _equal(ratio, Dim(divisor))
    sign = -1 if all(term.factor < 0 for term in product.terms if term.parts) else 1
    product, number = product * sign, rest.number * sign
    start = _growing_from(product)
    if start is None:
        return _where_sign(product + -number, {0})
    least, after = (_first(product, number + more, start) for more in (0, 1))
    return SizeSet.of(range(max(least, 1), after))


def _power(dim: Dim) -> tuple[SizeMap, int, int, int] | None:
    """The map, factor, exponent and number of a size such as 3 * F**2 + 1, F nowhere negative."""
    terms = [term for term in dim.terms if term.parts]
    maps = {f for term in terms for _, f in term.parts}
    if len(terms) != 1 or len(maps) != 1:
        return None
    (term,), (size,) = terms, maps
    number = sum(each.factor for each in dim.terms if not each.parts)
    grows = size.nondecreasing and size(1) >= 0
    return (size, term.factor, len(term.parts), number) if grows else None


def _at_most(one: Dim, other: Dim) -> SizeSet:
    """Where a dimension of a letter is at most another, of which one is a product or a sum."""
    more = other + one * -1
    if (alone := _map(more)) is not None:
        return where_at_most(SizeMap.line(0, 0), alone)
    grows = all(term.factor > 0 for term in more.terms if term.parts)
    start = _growing_from(more if grows else more * -1)
    if start is None:
        return _where_sign(more, {0, 1})
    letters = more.letters
    small = SizeSet.of(n for n in range(1, start) if more.at(dict.fromkeys(letters, n)) >= 0)
    if grows:
        return small | SizeSet(minimum=_first(more, 0, start))
    return small | SizeSet.of(range(start, _first(more * -1, 1, start)))


def _where_sign(dim: Dim, allowed: set[int]) -> SizeSet:
    """Where a dimension of one letter has some sign, by residue classes."""
    maps = [f for term in dim.terms for _, f in term.parts]
    period, letters = lcm(*(f.period for f in maps)), dim.letters
    if period > _MOST_CLASSES:
        raise LimitError("sizes that grow and shrink are compared by numbers only", str(dim))
    degree = max(len(term.parts) for term in dim.terms)
    from solver.sizes.signs import where_sign  # few sizes grow and shrink

    return where_sign(lambda n: dim.at(dict.fromkeys(letters, n)), period, degree, allowed)


def _growing_from(dim: Dim) -> int | None:
    """From where on a dimension grows: products of sizes that grow do once all are positive.

    None for one that may shrink.
    """
    maps = [f for term in dim.terms for _, f in term.parts]
    if any(term.factor < 0 for term in dim.terms if term.parts) or not all(
        f.rise > 0 and f.nondecreasing for f in maps
    ):
        return None
    return max(1, *(f.first(1) for f in maps))


def _map(dim: Dim) -> SizeMap | None:
    """A dimension as a size map, or None where it is a product or sum of sizes."""
    if dim.more or len(dim.parts) > 1:
        return None
    return dim.single[1] if dim.single else SizeMap.line(0, int(dim.factor))


def _first(product: Dim, least: int, start: int) -> int:
    """The smallest n >= start with product >= least."""
    low, high = start - 1, start
    letters = product.letters
    while product.at(dict.fromkeys(letters, high)) < least:
        low, high = high, 2 * high + 1
    while high - low > 1:
        middle = (low + high) // 2
        enough = product.at(dict.fromkeys(letters, middle)) >= least
        low, high = (low, middle) if enough else (middle, high)
    return high


def _product_within(product: Dim, allowed: SizeSet) -> SizeSet:
    """Where a product is in a set: in residue classes by one period, from a minimum on."""
    modulus, letters, good = allowed.modulus, product.letters, set(allowed.residues)
    maps = [f for term in product.terms for _, f in term.parts]
    period = lcm(*(f.period * (modulus // gcd(modulus, f.rise)) for f in maps))
    if period > LONGEST_PERIOD:
        raise LimitError("the sizes of this product repeat too late", received=f"{period:,}")
    found = (r for r in range(period) if product.at(dict.fromkeys(letters, r)) % modulus in good)
    classes = SizeSet(period, found)
    if allowed.minimum <= modulus and not allowed.exceptions:
        return classes
    start = _growing_from(product)
    if start is None:
        raise LimitError("sizes that grow and shrink are in classes by numbers only", str(product))
    first = _first(product, allowed.minimum, start)
    small = (n for n in range(1, first) if product.at(dict.fromkeys(letters, n)) in allowed)
    return (classes & SizeSet(minimum=first)) | SizeSet.of(small)
