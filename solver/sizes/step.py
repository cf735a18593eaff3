"""One step of a derivation: words, and after them a chain of sizes and the relations between them.

The words hold formulas too, as trees in their places.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Protocol

from solver.ground.named import NamedTuple
from solver.sizes.expression import Expression, Size, of


class HasTree(Protocol):
    """A size that is held in another way, and is a tree too."""

    @property
    def tree(self) -> Expression: ...


#: What is said: words, and formulas between them.
Words = tuple[str | Expression, ...]
Formula = Size | HasTree


class Step(NamedTuple):
    """Hold words, and a chain: terms with one relation less."""

    words: Words
    terms: tuple[Expression, ...] = ()
    relations: tuple[str, ...] = ()


def tree(size: Formula) -> Expression:
    """A size, however it is held, as a tree."""
    return of(size) if isinstance(size, (int, Expression)) else size.tree


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

    >>> from solver.sizes.expression import named
    >>> line("hence", named("stride"), "==", 2).relations
    ('==',)
    """
    terms = tuple(tree(part) for part in parts if not isinstance(part, str))
    return Step(said(words), terms, tuple(part for part in parts if isinstance(part, str)))


def link(words: str, low: Formula, size: Formula, high: Formula) -> Step:
    """Say low <= size <= high, or size == low where nothing else is left."""
    if tree(low) == tree(high):
        return line(words, size, "==", low)
    return line(words, low, "<=", size, "<=", high)
