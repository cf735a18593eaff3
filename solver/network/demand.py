"""A demand: what one place of a network asks of a dimension there, and of the input for that.

Asked of a map F of a letter, the answer is the preimage of the allowed sizes, or where two maps are
equal: a size set. Asked of a product, it is worked out on inputs with all axes alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd, lcm
from typing import NamedTuple, Protocol

from solver.domain import LONGEST_PERIOD
from solver.errors import LimitError, SolverError
from solver.network.dim import Dim
from solver.sizemap import SizeMap
from solver.sizeset import EVERY, SizeSet, where_equal, where_nonnegative, where_zero

#: How a dimension stands to another one.
EQUAL, AT_MOST, ALIKE = "=", "<=", "is even together with"

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
    without it too, but drops or crops unevenly.
    """

    at: int
    rule: str
    dim: Dim
    other: SizeSet | Dim
    relation: str = EQUAL
    wish: bool = False

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
        return size == other if self.relation == EQUAL else (size - other) % 2 == 0

    @property
    def minimum(self) -> tuple[str, int] | None:
        """Return (letter, m) where all it says is that the letter is at least m."""
        allowed, part = self.other, self.dim.single
        if part is None or isinstance(allowed, Dim) or allowed.modulus > 1 or not allowed.residues:
            return None
        letter, size_map = part
        if allowed.exceptions or not (size_map.rise > 0 and size_map.nondecreasing):
            return None
        return letter, max(size_map.first(allowed.minimum), 1)

    def inputs(self) -> SizeSet:
        """Return the sizes for which it holds, of its letter; with several, of all alike.

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
        if self.relation == EQUAL:
            return _equal(one, other)
        if max(len(one.parts), len(other.parts)) > 1:
            rule = "products of sizes are compared by numbers only"
            raise LimitError(rule, f"{one} {self.relation} {other}")
        difference = _map(other) - _map(one)
        if self.relation == AT_MOST:
            return where_nonnegative(difference)
        return where_zero(difference % 2)


def _within(one: Dim, allowed: SizeSet) -> SizeSet:
    if one.number is not None:
        return EVERY if one.number in allowed else SizeSet.of([])
    if one.single is None:
        return _product_within(one, allowed)
    return allowed.preimage(one.single[1])


def _equal(one: Dim, other: Dim) -> SizeSet:
    """Return where two dimensions of one letter are equal."""
    if len(one.parts) < 2 and len(other.parts) < 2:
        return where_equal(_map(one), _map(other))
    if one == other:
        return EVERY
    product, rest = (one, other) if len(one.parts) > 1 else (other, one)
    if rest.number is None:
        try:
            ratio, divisor = product.over(rest)
        except SolverError:
            raise LimitError(
                "two products of sizes are compared by numbers only", f"{one} = {other}"
            ) from None
        return _equal(ratio, Dim(divisor))
    # A product of growing sizes grows from where all are positive.
    start = max(1, *(f.first(1) for _, f in product.parts))
    first, after = (_first(product, rest.number + more, start) for more in (0, 1))
    return SizeSet.of(range(max(first, 1), after))


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
    period = lcm(*(f.period * (modulus // gcd(modulus, f.rise)) for _, f in product.parts))
    if period > LONGEST_PERIOD:
        raise LimitError("the sizes of this product repeat too late", received=f"{period:,}")
    letters = product.letters
    found = (r for r in range(period) if product.at(dict.fromkeys(letters, r)) % modulus in allowed)
    return SizeSet(period, found)
