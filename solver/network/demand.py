"""A demand: what one place of a network asks of a dimension there, and of the input for that.

Asked of a map F of a letter, the answer is the preimage of the allowed sizes, or where two maps are
equal: a size set. Asked of a product, it is worked out on inputs with all axes alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd, lcm
from typing import NamedTuple, Protocol

from solver.comparison import where_alike, where_at_most, where_equal, where_within
from solver.domain import LONGEST_PERIOD
from solver.errors import LimitError, SolverError
from solver.network.dim import Dim
from solver.sizemap import SizeMap
from solver.sizeset import EVERY, SizeSet

#: How a dimension stands to another one.
EQUAL, AT_MOST, ALIKE = "=", "<=", "is even together with"
#: As equal; but a size of 1 is repeated to meet any other.
MEETS = "meets"

#: The letter that stands for all where all axes are alike.
SQUARE = "n"


class Ask(Protocol):
    """Demand something: of a dimension that it is in a set, or how it stands to another one."""

    def __call__(
        self, rule: str, dim: Dim, other: SizeSet | Dim, relation: str = EQUAL, wish: bool = False
    ) -> None: ...


class Demand(NamedTuple):
    """Hold what is demanded of a dimension: to be in a set, or how it stands to another one.

    at: the number of the node that asks. rule: what it asks, in words. wish: whether a network runs
    without it too, but drops or crops unevenly. minimum: (letter, m) where all it says is that the
    letter is at least m.
    """

    at: int
    rule: str
    dim: Dim
    other: SizeSet | Dim
    relation: str = EQUAL
    wish: bool = False
    minimum: tuple[str, int] | None = None

    @property
    def letters(self) -> set[str]:
        """Return the letters of the sizes it is about."""
        return self.dim.letters | (self.other.letters if isinstance(self.other, Dim) else set())

    def holds(self, values: Mapping[str, int] | None = None) -> bool:
        """Tell whether it holds at given sizes of the input."""
        size = self.dim.at(values or {})
        if not isinstance(self.other, Dim):
            return size in self.other
        other = self.other.at(values or {})
        if self.relation == AT_MOST:
            return size <= other
        if self.relation == ALIKE:
            return (size - other) % 2 == 0
        return size == other or (self.relation == MEETS and 1 in (size, other))

    def inputs(self) -> SizeSet:
        """Return the sizes for which it holds, of its letter; with several, of all alike.

        Sizes of 1 that are repeated to meet another are left out: see `repeats_until`.

        >>> n = Dim.letter("n")
        >>> even = Demand(0, "", n.through(SizeMap.line(1, 0, 2)), SizeSet(2, [0]))
        >>> print(even.inputs())
        n = 0, 1 (mod 4)
        >>> print(Demand(0, "", n * n.through(SizeMap.line(1, -2)) * 8, Dim(640)).inputs())
        n in {10}
        """
        one, other = self.dim, self.other
        if len(self.letters) > 1:
            one, other = one.on(SQUARE), other.on(SQUARE) if isinstance(other, Dim) else other
        if not isinstance(other, Dim):
            return _within(one, other)
        if self.relation in (EQUAL, MEETS):
            return _equal(one, other)
        if not (_plain(one) and _plain(other)):
            rule = "products of sizes are compared by numbers only"
            raise LimitError(rule, f"{one} {self.relation} {other}")
        where = where_at_most if self.relation == AT_MOST else where_alike
        return where(_map(one), _map(other))

    def repeats_until(self) -> int:
        """Return the last input at which a size of 1 could be repeated to meet another; 0 if none.

        >>> half = Dim.letter("n").through(SizeMap.line(1, 0, 2))
        >>> Demand(0, "", half, Dim.letter("n"), MEETS).repeats_until()
        3
        """
        if self.relation != MEETS or not isinstance(self.other, Dim):
            return 0
        maps = [dim.single[1] for dim in (self.dim, self.other) if dim.single]
        growing = (f for f in maps if f.rise > 0 and f.nondecreasing)
        return max((f.first(2) - 1 for f in growing), default=0)


def minimum(dim: Dim, allowed: SizeSet | Dim) -> tuple[str, int] | None:
    """Return (letter, m) where a dimension is allowed exactly for letters of at least m."""
    if not isinstance(allowed, SizeSet) or not allowed.only_minimum or len(dim.parts) != 1:
        return None
    letter, size_map = dim.parts[0]
    if size_map.rise <= 0 or not size_map.nondecreasing:
        return None
    return letter, max(size_map.first(allowed.minimum), 1)


def _within(one: Dim, allowed: SizeSet) -> SizeSet:
    if one.number is not None:
        return EVERY if one.number in allowed else SizeSet.of([])
    if one.single is None:
        return _product_within(one, allowed)
    return where_within(one.single[1], allowed)


def _equal(one: Dim, other: Dim) -> SizeSet:
    """Return where two dimensions of one letter are equal."""
    if _plain(one) and _plain(other):
        return where_equal(_map(one), _map(other))
    if one == other:
        return EVERY
    product, rest = (other, one) if _plain(one) else (one, other)
    if rest.number is None:
        try:
            ratio, divisor = product.over(rest)
        except SolverError:
            raise LimitError(
                "two products of sizes are compared by numbers only", f"{one} = {other}"
            ) from None
        return _equal(ratio, Dim(divisor))
    # Products of growing sizes, and sums of them, grow from where all are positive.
    maps = [f for term in product.terms for _, f in term.parts]
    if any(term.factor < 0 for term in product.terms if term.parts) or not all(
        f.rise > 0 and f.nondecreasing for f in maps
    ):
        raise LimitError("sizes that grow and shrink are compared by numbers only", str(product))
    start = max(1, *(f.first(1) for f in maps))
    first, after = (_first(product, rest.number + more, start) for more in (0, 1))
    return SizeSet.of(range(max(first, 1), after))


def _plain(dim: Dim) -> bool:
    """Tell whether a dimension is a number or one map."""
    return dim.number is not None or dim.single is not None


def _map(dim: Dim) -> SizeMap:
    return dim.single[1] if dim.single else SizeMap.line(0, dim.factor)


def _first(product: Dim, least: int, start: int) -> int:
    """Return the smallest n >= start with product >= least."""
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
    """Return where a product is in residue classes, by one period."""
    if allowed.minimum > allowed.modulus or allowed.exceptions:
        raise LimitError("a product of sizes is compared by numbers only", received=str(product))
    modulus = allowed.modulus
    maps = [f for term in product.terms for _, f in term.parts]
    period = lcm(*(f.period * (modulus // gcd(modulus, f.rise)) for f in maps))
    if period > LONGEST_PERIOD:
        raise LimitError("the sizes of this product repeat too late", received=f"{period:,}")
    letters, good = product.letters, set(allowed.residues)
    found = (r for r in range(period) if product.at(dict.fromkeys(letters, r)) % modulus in good)
    return SizeSet(period, found)
