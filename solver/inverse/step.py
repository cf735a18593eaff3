"""One step of a derivation: words, and after them a chain of sizes and the relations between them.

Formulas are in the grammar of `solver.sizes.expression` with the long names; between back quotes
they also stand in the words.
"""

from __future__ import annotations

from typing import NamedTuple

from solver.inverse.family import Affine
from solver.inverse.window import ANYTHING, Bound, Window


class Step(NamedTuple):
    """Hold words, and a chain: terms with one relation less."""

    words: str
    terms: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()


def line(words: str, *parts: str) -> Step:
    """Make a step of terms and relations in turn.

    >>> line("hence", "stride", "==", "2")
    Step(words='hence', terms=('stride', '2'), relations=('==',))
    """
    return Step(words, parts[::2], parts[1::2])


def link(words: str, low: str, size: str, high: str) -> Step:
    """Say low <= size <= high, or size == low where nothing else is left."""
    if low == high:
        return line(words, size, "==", low)
    return line(words, low, "<=", size, "<=", high)


def between(words: str, window: Window, z: Affine, stride: int | None) -> Step:
    """Say what a window of one low and one high line asks of Z, its constant moved to the bounds.

    >>> window = Window(((1, -3),), ((2, 4),))
    >>> between("hence", window, Affine({"padding": 2}, 1), None).terms
    ('stride - 4', '2*padding', '2*stride + 3')
    """
    (low,), (high,) = window.lows, window.highs
    constant = Affine({}, z.constant if z.terms else 0)
    size = z - constant
    least = None if low in ANYTHING.lows else bound(low, stride) - constant
    most = None if high in ANYTHING.highs else bound(high, stride) - constant
    if max(size.terms.values(), default=0) < 0:
        least, most = (None if end is None else -end for end in (most, least))
        size = -size
    if least is None or most is None:
        return line(words, str(size), "<=" if least is None else ">=", str(least or most))
    return link(words, str(least), str(size), str(most))


def bound(end: Bound, stride: int | None) -> Affine:
    """Return a line in the stride, or its value where the stride is known."""
    a, b = end
    return Affine({"stride": a}, b) if stride is None else Affine({}, a * stride + b)
