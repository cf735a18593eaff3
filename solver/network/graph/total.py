"""Sums of dimensions: what a network costs, as an expression in the sizes of its input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from solver.network.graph.dim import Dim
from solver.sizes.expression import Expression, added, apply, of, product, times
from solver.sizes.text import text


class Total:
    """Hold a sum of dimensions, those alike put together.

    >>> n = Dim.letter("n")
    >>> total = Total([n * n * 9, n * n, Dim(4), Dim(5)])
    >>> str(total), total.at({"n": 10}), str(total + Total([n]))
    ('10*n^2 + 9', 1009, '10*n^2 + n + 9')
    """

    def __init__(self, dims: Iterable[Dim] = ()) -> None:
        self._put(term.split for dim in dims for term in dim.terms)

    def _put(self, terms: Iterable[tuple[int, Dim]]) -> Total:
        """Hold terms, each so many times."""
        found = dict[Dim, int]()
        for scale, rest in terms:
            found[rest] = found.get(rest, 0) + scale
        if 0 in found.values():
            found = {rest: scale for rest, scale in found.items() if scale}
        self._terms = found
        return self

    @classmethod
    def sum(cls, totals: Iterable[Total]) -> Total:
        """The sum of several."""
        terms = (term for total in totals for term in total._terms.items())
        return cls()._put((scale, rest) for rest, scale in terms)

    def __len__(self) -> int:
        """How many terms it has."""
        return len(self._terms)

    @property
    def number(self) -> int | None:
        """The value where it is the same for every input, else None."""
        if any(rest.parts for rest in self._terms):
            return None
        return self._terms.get(Dim(1), 0)

    def at(self, values: Mapping[str, int]) -> int:
        """The value where every letter has one."""
        return sum(rest.at(values) * scale for rest, scale in self._terms.items())

    def on(self, letter: str) -> Total:
        """Return it with all letters alike."""
        return Total()._put((scale, rest.on(letter)) for rest, scale in self._terms.items())

    def __add__(self, other: Total) -> Total:
        return Total.sum((self, other))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Total) and self._terms == other._terms

    def __hash__(self) -> int:
        return hash(frozenset(self._terms.items()))

    @property
    def expression(self) -> Expression:
        """It as a tree: the terms of most factors and of the largest scale first."""
        terms = sorted(self._terms.items(), key=lambda term: (-len(term[0].parts), -term[1]))
        return added((scale < 0, _term(rest, abs(scale))) for rest, scale in terms)

    def __str__(self) -> str:
        return text(self.expression)

    def __repr__(self) -> str:
        return f"<Total {self}>"


def _term(rest: Dim, scale: int) -> Expression:
    factors = []
    for part, group in groupby(rest.parts):
        size, count = Dim.of(*part).expression, len(list(group))
        factors.append(size if count == 1 else apply("^", size, count))
    return times(scale, product(factors)) if factors else of(scale)
