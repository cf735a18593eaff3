"""Isolate any letter of a size formula: its exact set of values in terms of the others.

    conv             o = floor((i + 2p - d(k - 1) - 1)/s) + 1         also floor-mode pooling
    ceil_pool        o = min(ceil((i + 2p - d(k - 1) - 1)/s) + 1, ceil((i + p)/s))
    conv_transpose   o = (i - 1)s - 2p + d(k - 1) + a + 1

i input, o output, k kernel_size, s stride, p padding on each side, d dilation, a output_padding.
Every row is an equivalence for whole i, o, k, s, d >= 1 and p, a >= 0: the formula holds exactly
when the letter lies between the bounds of the one case whose condition is true.

Where the rows come from. floor(x/s) + 1 = o means (o - 1)s <= x <= os - 1: two linear bounds. In
ceil mode o is the smaller of two sizes, so "at least o" needs both and "at most o" needs either.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.sizes.domain import whole_number
from solver.sizes.expression import ARITHMETIC, ORDER, Expression, call, ceil, evaluate, letters

#: The letters and the smallest value each may take.
LEAST = {"i": 1, "o": 1, "k": 1, "s": 1, "p": 0, "d": 1, "a": 0}


class LetterBound(NamedTuple):
    """Bound a letter where a condition on the other letters holds.

    lower, upper: sizes; None is no bound beyond the legal one. when: a condition, None for always.
    """

    lower: Expression | None
    upper: Expression | None
    when: Expression | None = None

    @property
    def is_value(self) -> bool:
        """Tell a single value from an interval."""
        return self.lower is not None and self.lower == self.upper


class Isolation(NamedTuple):
    """Hold the cases of one letter of one formula; at most one applies to given numbers."""

    kind: str
    letter: str
    cases: tuple[LetterBound, ...]

    @property
    def others(self) -> tuple[str, ...]:
        """The letters the bounds are written in."""
        return tuple(letter for letter in ROWS[self.kind] if letter != self.letter)

    def bounds(self, **values: int) -> tuple[int, int | None] | None:
        """The first and the last legal value of the letter, or None where there is none.

        values: the other letters, in elements. A last value of None means there is no bound.

        >>> isolate("conv", "p").bounds(i=224, o=112, k=7, s=2, d=1)
        (3, 3)
        >>> isolate("conv", "s").bounds(i=5, o=1, k=3, p=0, d=1)
        (3, None)
        >>> isolate("conv", "p").bounds(i=10, o=10, k=2, s=1, d=1)  # 2p would have to be odd
        """
        if set(values) != set(self.others):
            raise SolverError(
                f"{self.letter} needs a number for each of the other letters",
                received=", ".join(values) or "none",
                right=", ".join(self.others),
            )
        values = {name: whole_number(value, name, LEAST[name]) for name, value in values.items()}
        for case in self.cases:
            if case.when is not None and not _number(case.when, values):
                continue
            least = LEAST[self.letter]
            first = least if case.lower is None else max(least, _number(case.lower, values))
            last = None if case.upper is None else _number(case.upper, values)
            return (first, last) if last is None or first <= last else None
        return None


def isolate(kind: str, letter: str) -> Isolation:
    """The values of a letter for which a size formula holds.

    kind: conv, ceil_pool or conv_transpose. letter: one of i, o, k, s, p, d, a.

    >>> from solver.sizes.text import text
    >>> text(isolate("conv_transpose", "p").cases[0].when)
    '((i - 1)*s + d*(k - 1) + a + 1 - o) % 2 == 0'
    >>> isolate("conv", "a")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: conv has no letter of this name
      received: a
      right:    o, i, k, s, p, d
    """
    rows = ROWS.get(kind)
    if rows is None:
        raise SolverError("unknown size formula", received=kind, right=", ".join(ROWS))
    if letter not in rows:
        raise SolverError(
            f"{kind} has no letter of this name", received=letter, right=", ".join(rows)
        )
    return Isolation(kind, letter, rows[letter])


def _value(size: Expression, when: Expression | None = None) -> LetterBound:
    return LetterBound(size, size, when)


def _whole(numerator: Expression, divisor: Expression) -> LetterBound:
    """numerator/divisor + 1, where the division is exact."""
    return _value(numerator / divisor + 1, (numerator % divisor).equals(0))


def _rows() -> Mapping[str, Mapping[str, tuple[LetterBound, ...]]]:
    i, o, k, s, p, d, a = letters("iokspda")
    reach = d * (k - 1)
    # The last window starts inside the input or its left padding: o is at most, or at least, that.
    many = i + p > o * s
    few = ((o - 1) * s < i + p) & (i + p <= o * s)
    conv = {
        "o": (_value((i + 2 * p - reach - 1) // s + 1),),
        "i": (LetterBound((o - 1) * s - 2 * p + reach + 1, o * s - 2 * p + reach),),
        "k": (
            LetterBound(ceil((i + 2 * p - o * s) / d) + 1, (i + 2 * p - (o - 1) * s - 1) // d + 1),
        ),
        "s": (
            LetterBound(i + 2 * p - reach, None, o.equals(1) & (i + 2 * p - reach >= 1)),
            LetterBound(
                (i + 2 * p - reach - 1) // o + 1,
                (i + 2 * p - reach - 1) // (o - 1),
                o >= 2,
            ),
        ),
        "p": (LetterBound(ceil(((o - 1) * s - i + reach + 1) / 2), (o * s - i + reach) // 2),),
        "d": (
            LetterBound(None, None, k.equals(1) & ((o - 1) * s < i + 2 * p) & (i + 2 * p <= o * s)),
            LetterBound(
                ceil((i + 2 * p - o * s) / (k - 1)),
                (i + 2 * p - (o - 1) * s - 1) // (k - 1),
                k >= 2,
            ),
        ),
    }
    one = o.equals(1)
    ceil_pool = {
        "o": (_value(call("min", ceil((i + 2 * p - reach - 1) / s) + 1, ceil((i + p) / s))),),
        "i": (
            LetterBound(
                call("max", (o - 2) * s - 2 * p + reach + 2, (o - 1) * s - p + 1),
                call("max", (o - 1) * s - 2 * p + reach + 1, o * s - p),
            ),
        ),
        "k": (
            LetterBound(None, (i + 2 * p - (o - 2) * s - 2) // d + 1, few),
            LetterBound(
                ceil((i + 2 * p - (o - 1) * s - 1) / d) + 1,
                (i + 2 * p - (o - 2) * s - 2) // d + 1,
                many,
            ),
        ),
        "s": (
            # one window: the kernel covers everything, or the stride leaves it
            LetterBound(reach - i - 2 * p + 2, None, one & (i + 2 * p - reach <= 1)),
            LetterBound(i + p, None, one & (i + 2 * p - reach >= 2)),
            LetterBound(
                call("min", i + 2 * p - reach - 1, ceil((i + p) / 2)),
                i + p - 1,
                o.equals(2) & (i + 2 * p - reach >= 2),
            ),
            LetterBound(
                call("min", ceil((i + 2 * p - reach - 1) / (o - 1)), ceil((i + p) / o)),
                call("min", (i + 2 * p - reach - 2) // (o - 2), (i + p - 1) // (o - 1)),
                o >= 3,
            ),
        ),
        "p": (
            LetterBound(
                call("max", ceil(((o - 2) * s - i + reach + 2) / 2), (o - 1) * s - i + 1),
                call("max", ((o - 1) * s - i + reach + 1) // 2, o * s - i),
            ),
        ),
        "d": (
            LetterBound(None, None, k.equals(1) & few),
            LetterBound(None, (i + 2 * p - (o - 2) * s - 2) // (k - 1), (k >= 2) & few),
            LetterBound(
                ceil((i + 2 * p - (o - 1) * s - 1) / (k - 1)),
                (i + 2 * p - (o - 2) * s - 2) // (k - 1),
                (k >= 2) & many,
            ),
        ),
    }
    left = o + 2 * p - (i - 1) * s
    by_stride, by_dilation, twice = (
        o + 2 * p - reach - a - 1,
        left - a - 1,
        (i - 1) * s + reach + a + 1 - o,
    )
    conv_transpose = {
        "o": (_value((i - 1) * s - 2 * p + reach + a + 1),),
        "i": (_whole(by_stride, s),),
        "k": (_whole(by_dilation, d),),
        "s": (
            LetterBound(None, None, i.equals(1) & (o + 2 * p - reach - a).equals(1)),
            _value(by_stride / (i - 1), (i >= 2) & (by_stride % (i - 1)).equals(0)),
        ),
        "p": (_value(twice / 2, (twice % 2).equals(0)),),
        "d": (
            LetterBound(None, None, k.equals(1) & (left - a).equals(1)),
            _value(by_dilation / (k - 1), (k >= 2) & (by_dilation % (k - 1)).equals(0)),
        ),
        "a": (_value(left - reach - 1),),
    }
    return {"conv": conv, "ceil_pool": ceil_pool, "conv_transpose": conv_transpose}


ROWS = _rows()


def _number(node: Expression, values: Mapping[str, int]) -> int:
    """Evaluate a row exactly; conditions give 0 or 1."""
    return int(_fold(node, values))


def _fold(node: Expression, values: Mapping[str, int]) -> Any:
    """Stop early at `and`: k >= 2 and x % (k - 1) == 0 must not divide by zero."""
    if node.kind == "and":
        return all(_fold(part, values) for part in node.parts)
    return evaluate(node, values, _EXACT)


def _quotient(x: int, y: int) -> Any:
    from fractions import Fraction  # costly to import, and only this needs it

    return Fraction(x, y)


_EXACT: Mapping[str, Callable[..., Any]] = {
    **ARITHMETIC,
    **ORDER,
    "/": _quotient,
    "floor": math.floor,
    "ceil": math.ceil,
    "min": min,
    "max": max,
}
