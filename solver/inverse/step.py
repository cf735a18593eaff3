"""One step of a derivation: words, and after them a chain of sizes and the relations between them.

The words hold formulas too, as trees in their places.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import NamedTuple

from solver.inverse.family import STRIDE, Affine, tree
from solver.inverse.region import ANYTHING, Bound, Region
from solver.sizes.expression import Expression, Size

#: What is said: words, and formulas between them.
Words = tuple[str | Expression, ...]
Formula = Size | Affine


class Step(NamedTuple):
    """Hold words, and a chain: terms with one relation less."""

    words: Words
    terms: tuple[Expression, ...] = ()
    relations: tuple[str, ...] = ()


def said(words: str, *formulas: Formula) -> Words:
    """Words with a formula in the place of each {}.

    >>> said("For {}:", 224)
    ('For ', Expression('number', (224,)), ':')
    """
    pairs = zip_longest(words.split("{}"), map(tree, formulas))
    return tuple(part for pair in pairs for part in pair if part not in (None, ""))


def say(words: str, *formulas: Formula) -> Step:
    """Make a step of words alone."""
    return Step(said(words, *formulas))


def line(words: str, *parts: Formula | str) -> Step:
    """Make a step of terms and relations in turn.

    >>> line("hence", STRIDE, "==", 2).relations
    ('==',)
    """
    terms = tuple(tree(part) for part in parts if not isinstance(part, str))
    return Step(said(words), terms, tuple(part for part in parts if isinstance(part, str)))


def link(words: str, low: Formula, size: Formula, high: Formula) -> Step:
    """Say low <= size <= high, or size == low where nothing else is left."""
    if tree(low) == tree(high):
        return line(words, size, "==", low)
    return line(words, low, "<=", size, "<=", high)


def between(words: str, region: Region, z: Affine, stride: int | None) -> Step:
    """Say what a region of one low and one high line asks of Z, its constant moved to the bounds.

    >>> from solver.inverse.family import PADDING
    >>> from solver.sizes.text import text
    >>> region = Region(((1, -3),), ((2, 4),))
    >>> [*map(text, between("hence", region, Affine({PADDING: 2}, 1), None).terms)]
    ['stride - 4', '2*padding', '2*stride + 3']
    """
    (low,), (high,) = region.lows, region.highs
    constant = Affine({}, z.constant if z.terms else 0)
    size = z - constant
    least = None if low in ANYTHING.lows else bound(low, stride) - constant
    most = None if high in ANYTHING.highs else bound(high, stride) - constant
    if max(size.terms.values(), default=0) < 0:
        least, most = (None if end is None else -end for end in (most, least))
        size = -size
    if least is not None and most is not None:
        return link(words, least, size, most)
    one = most if least is None else least
    assert one is not None  # a region has a bound
    return line(words, size, "<=" if least is None else ">=", one)


def bound(end: Bound, stride: int | None) -> Affine:
    """A line in the stride, or its value where the stride is known."""
    a, b = end
    return Affine({STRIDE: a}, b) if stride is None else Affine({}, a * stride + b)
