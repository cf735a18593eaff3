"""Where products of sizes of one letter are zero, or positive: a polynomial on each residue class.

Between two places where its differences change their sign a polynomial rises or falls, so that its
own sign changes at most twice there: these places are found by halving.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from itertools import chain, pairwise
from math import comb

from solver.errors import LimitError
from solver.sizes.sizeset import SizeSet

#: The most sizes that are listed one by one.
_LISTED = 1 << 20

Piece = tuple[int, int]


def where_sign(value: Callable[[int], int], period: int, degree: int, allowed: Set[int]) -> SizeSet:
    """The sizes where the sign is allowed: -1, 0 or 1.

    value: at a size; on each residue class by the period a polynomial of a degree. Raises
    LimitError where too many sizes would have to be listed.

    >>> print(where_sign(lambda n: (n // 2) ** 2 - 5 * (n // 2) + 6, 2, 2, {0}))
    4 <= n <= 7
    >>> print(where_sign(lambda n: (n % 3) * n, 3, 2, {0}))
    n = 0 (mod 3)
    """
    starts, points = dict[int, int](), list[range]()
    for first in range(1, period + 1):
        pieces = signs(_differences([value(first + k * period) for k in range(degree + 1)]))
        *before, (last, sign) = pieces
        if sign in allowed:
            starts[first % period] = first + last * period
        for (begin, sign), (end, _) in zip(before, pieces[1:], strict=True):
            if sign in allowed:
                points.append(range(first + begin * period, first + end * period, period))
    minimum = max(starts.values(), default=1)
    points += [range(start, minimum, period) for start in starts.values()]
    if sum(map(len, points)) > _LISTED:
        raise LimitError("too many sizes would be listed one by one", f"over {_LISTED:,}")
    return SizeSet(period, starts, minimum, chain.from_iterable(points))


def _differences(values: Sequence[int]) -> list[int]:
    """The first of some values, of their differences, of the differences of these, and so on."""
    found = [values[0]]
    while len(values) > 1:
        values = [after - before for before, after in pairwise(values)]
        found.append(values[0])
    return found


def signs(differences: Sequence[int]) -> list[Piece]:
    """Where a polynomial of whole numbers from 0 on has another sign, and which.

    differences: its value at 0, that of its differences there, and so on.

    >>> signs([6, -4, 2])  # k*k - 5*k + 6
    [(0, 1), (2, 0), (4, 1)]
    """
    if len(differences) == 1:
        return [(0, _sign(differences[0]))]

    def sign(k: int) -> int:
        return _sign(sum(each * comb(k, power) for power, each in enumerate(differences)))

    found = [(0, sign(0))]
    pieces = signs(differences[1:])
    for at, (begin, slope) in enumerate(pieces):
        end = pieces[at + 1][0] if at + 1 < len(pieces) else None
        while (place := _next(sign, found[-1][1], begin, end, slope)) is not None:
            found.append((place, sign(place)))
            begin = place
    return found


def _next(
    sign: Callable[[int], int], now: int, begin: int, end: int | None, slope: int
) -> int | None:
    """The first place behind one where the sign is another, as far as one slope goes."""
    if not slope or now == slope:
        return None
    step = 1
    while end is None and sign(begin + step) == now:
        step *= 2
    low, high = begin, begin + step if end is None else end
    if sign(high) == now:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if sign(middle) == now else (low, middle)
    return high


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
