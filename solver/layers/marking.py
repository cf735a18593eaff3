"""Marks: places in a design at which a size is asked for, and where it may come out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from solver.errors import SolverError, shorten
from solver.ground.value import Value
from solver.layers.operators import OperatorRow
from solver.layers.row import USUAL_AXES
from solver.layers.window import Window
from solver.sizes.domain import Domain
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, is_condition, names, substitute, walk
from solver.sizes.grammar import parse
from solver.sizes.normal import normal

_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
#: A name that is no function, and no hyperparameter of a layer in a size.
_NAME_ALONE = re.compile(r"\b[A-Za-z_]\w*\b(?!\s*[(=])")
_DOMAIN = re.compile(r"[0-9.,\s]*")

Interval = tuple[int, int | None]


class Mark(Value):
    """Pass the input on, and ask for something there: a size, limits on what is read.

    size: a number, a range or a formula in n, one per axis or a list with one for each input; None
    for any. name: of the output that it is. limits: intervals of "receptive_field" and "jump".
    kept: whether it is an output, and stays in a design. known: numbers of letters in the size.

    >>> half = Mark("ceil(n/s)", "c2")
    >>> half.letters, str(half.at(s=4)), Mark(56).kept, Mark("7").size
    (('s',), 'mark c2', True, 7)
    """

    __slots__ = ("kept", "known", "limits", "name", "size")

    axes = None
    branches = None
    number = None
    word = "mark"
    row = OperatorRow("", marks=True)

    def __init__(
        self,
        size: Any = None,
        name: str | None = None,
        limits: Mapping[str, Interval] | None = None,
        kept: bool = True,
        known: Mapping[str, int] | None = None,
    ) -> None:
        if name is not None and not (isinstance(name, str) and _NAME.fullmatch(name)):
            raise SolverError("an output has a name", shorten(repr(name)), "c2")
        self.size, self.name = _plain(size), name
        self.limits, self.kept, self.known = dict(limits or {}), kept, dict(known or {})

    def made_of(self) -> tuple[Any, ...]:
        return self.size, self.name, self.limits, self.kept, self.known

    def __reduce__(self) -> tuple[Any, ...]:
        return Mark, self.made_of()

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters in its size that have no number yet; n is the size of the input."""
        return tuple(sorted(frozenset().union(*map(names, self.trees)) - {"n"}))

    @property
    def trees(self) -> list[Expression]:
        """The formulas in its size."""
        return [tree for tree in map(self.tree, _words(self.size)) if tree is not None]

    def tree(self, word: Any) -> Expression | None:
        """A size of it as a tree with the numbers of letters; None of numbers and ranges."""
        if not isinstance(word, str) or _DOMAIN.fullmatch(word) or word == "same":
            return None
        words = dict.fromkeys(["n", *re.findall(_NAME_ALONE, word)])
        node = parse(word, tuple(words), layers=True)
        if is_condition(node):
            raise SolverError("a mark has a size, not a condition", text=word, at=node.at)
        node = substitute(node, self.known)
        return node if any(part.kind == "layer" for part in walk(node)) else normal(node)

    def at(self, **letters: int) -> Mark:
        """It with numbers for letters. Raises SolverError where no whole size is left."""
        made = Mark(self.size, self.name, self.limits, self.kept, {**self.known, **letters})
        for tree in made.trees:
            if not names(tree):
                made.number_of(tree)
        return made

    def number_of(self, tree: Expression) -> int:
        """The size that a tree without letters is. Raises SolverError where it is none."""
        try:
            found = exact(tree, {})
        except ZeroDivisionError:
            found = 0
        if found < 1 or found != int(found):
            raise SolverError("a size is a whole number of at least 1", str(tree))
        return int(found)

    def window(self, axis: int = 0) -> Window:
        """The window of what passes its input on."""
        return Window()

    def minimum(self, axis: int = 0, axes: int | None = None) -> int:
        """The smallest size that it takes."""
        return 1

    def least(self, channels: int) -> int:
        """The smallest size that it takes behind so many channels."""
        return 1

    def channels_after(self, channels: int, axes: int = USUAL_AXES) -> int:
        """The channels behind it."""
        return channels

    def parameters(self, channels: int) -> int:
        """What it learns: nothing."""
        return 0

    def fixed(self, channels: int) -> tuple[int, int]:
        """What it costs whatever the size: nothing."""
        return 0, 0

    @property
    def asked(self) -> str:
        """The size that it asks for, in words."""
        return _said(self.size, self)

    def __str__(self) -> str:
        return f"{self._word} {self.name or self.asked}".strip()

    def __repr__(self) -> str:
        given = [] if self.size is None else [repr(self._shown(self.size))]
        given += [] if self.name is None else [f"name={self.name!r}"]
        for name, (low, high) in self.limits.items():
            between = f"{low or ''}..{'' if high is None else high}"
            given.append(f"{name}={low if low == high else between!r}")
        return f"{self._word}({', '.join(given)})"

    @property
    def _word(self) -> str:
        return "mark" if self.kept else "through"

    def _shown(self, size: Any) -> Any:
        if isinstance(size, (list, tuple)):
            return type(size)(map(self._shown, size))
        return _said(size, self) if isinstance(size, str) and self.known else size


def _plain(size: Any) -> Any:
    """A size as numbers, words, tuples and lists of them."""
    if isinstance(size, (list, tuple)):
        return type(size)(map(_plain, size))
    if isinstance(size, (range, set, frozenset)):
        return str(Domain.of(size))
    if hasattr(size, "free_symbols"):
        size = str(size)
    if isinstance(size, str):
        size = size.strip()
        return int(size) if size.isascii() and size.isdigit() and len(size) < 19 else size
    return size


def _words(size: Any) -> Iterator[Any]:
    """The sizes in a size: one for each input and axis."""
    if isinstance(size, (list, tuple)):
        for each in size:
            yield from _words(each)
    else:
        yield from by_axis(size)


def by_axis(size: Any) -> list[Any]:
    """The sizes of the axes, as they are written.

    >>> by_axis("56x80"), by_axis("max(n, 3)"), by_axis(7)
    (['56', '80'], ['max(n, 3)'], [7])
    """
    if not isinstance(size, str) or "max" in size:
        return [size]
    parts = [part.strip() for part in size.split("x")]
    return parts if all(parts) else [size]


def _said(size: Any, mark: Mark) -> str:
    if isinstance(size, list):
        return ", ".join(_said(each, mark) for each in size)
    if isinstance(size, tuple):
        return "x".join(_said(each, mark) for each in size)
    trees = [(word, mark.tree(word)) for word in by_axis(size)] if mark.known else [(size, None)]
    return "x".join(str(word if tree is None else tree) for word, tree in trees if size is not None)
