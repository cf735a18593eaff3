"""A dimension of a tensor: a number, a size map of one letter, or a product of such.

Every free size of an input has a letter of its own, so that axes stay apart; flattening multiplies.
Dimensions are in normal form: equal ones are equal objects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import gcd, prod
from typing import NamedTuple

from solver.errors import SolverError
from solver.sizemap import IDENTITY, SizeMap


class Dim(NamedTuple):
    """Hold factor * product of F(letter). A number has no parts; one part has the factor in it.

    >>> n = Dim.letter("n")
    >>> half = n.through(SizeMap.line(1, 0, 2))
    >>> str(half), str(n * half), str(n * 3 + 1), half.at({"n": 7})
    ('floor(n/2)', 'n*floor(n/2)', '3*n + 1', 3)
    >>> str(Dim.letter("h") * Dim.letter("w") * Dim(4))
    '4*h*w'
    """

    factor: int
    parts: tuple[tuple[str, SizeMap], ...] = ()

    @classmethod
    def letter(cls, name: str) -> Dim:
        """Return a free size."""
        return cls(1, ((name, IDENTITY),))

    @classmethod
    def of(cls, letter: str, size_map: SizeMap) -> Dim:
        """Return a size map of a letter."""
        if size_map.rise == 0 and size_map.period == 1:
            return cls(int(size_map(0)))
        return cls(1, ((letter, size_map),))

    @property
    def number(self) -> int | None:
        """Return the value where it is a number, else None."""
        return None if self.parts else self.factor

    @property
    def single(self) -> tuple[str, SizeMap] | None:
        """Return the letter and its map where it is one map, else None."""
        return self.parts[0] if len(self.parts) == 1 else None

    @property
    def letters(self) -> set[str]:
        return {letter for letter, _ in self.parts}

    def through(self, size_map: SizeMap) -> Dim:
        """Return what a size map makes of it. Raises SolverError for a product."""
        if not self.parts:
            return Dim(int(size_map(self.factor)))
        if len(self.parts) > 1:
            raise SolverError("only a product of sizes is known here", received=str(self))
        letter, inner = self.parts[0]
        return Dim.of(letter, size_map(inner))

    def __mul__(self, other: Dim | int) -> Dim:  # type: ignore[override]
        if isinstance(other, int):
            other = Dim(other)
        factor = self.factor * other.factor
        parts = sorted((*self.parts, *other.parts), key=_place)
        if not factor or not parts:
            return Dim(factor)
        if len(parts) == 1:
            letter, size_map = parts[0]
            return Dim.of(letter, size_map * factor)
        return Dim(factor, tuple(parts))

    def __add__(self, other: Dim | int) -> Dim:  # type: ignore[override]
        """Return the sum. Raises SolverError where it is no dimension."""
        if isinstance(other, int):
            other = Dim(other)
        if not self.parts or not other.parts:
            number, rest = (self, other) if not self.parts else (other, self)
            return rest.through(IDENTITY + number.factor)
        if self.letters != other.letters or len(self.parts) > 1 or len(other.parts) > 1:
            raise SolverError("sizes of different axes cannot be added", f"{self} and {other}")
        letter, size_map = self.parts[0]
        return Dim.of(letter, size_map + other.parts[0][1])

    @property
    def split(self) -> tuple[int, Dim]:
        """Return a number and the rest, which no number divides for every n.

        >>> scale, rest = (Dim.letter("n") * 6 + 4).split
        >>> scale, str(rest)
        (2, '3*n + 2')
        """
        factor, parts = _pulled(self)
        return factor, prod((Dim.of(*part) for part in parts), start=Dim(1))

    def over(self, other: Dim) -> tuple[Dim, int]:
        """Return self/other as (dividend, divisor), what both have cancelled.

        >>> h, w = Dim.letter("h"), Dim.letter("w")
        >>> [str(part) for part in (h * w * 6).over(h * 4)]  # 3*w/2
        ['3*w', '2']
        """
        top, above = _pulled(self)
        bottom, below = _pulled(other)
        for part in below:
            if part not in above:
                raise SolverError("these sizes do not divide", received=f"({self})/({other})")
            above.remove(part)
        common = gcd(top, bottom)
        rest = prod((Dim.of(*part) for part in above), start=Dim(top // common))
        return rest, bottom // common

    def at(self, values: Mapping[str, int]) -> int:
        """Return the value where every letter has one."""
        return self.factor * prod(int(f(values[letter])) for letter, f in self.parts)

    def bind(self, values: Mapping[str, int]) -> Dim:
        """Return the number it is where its letters have values, else itself."""
        return Dim(self.at(values)) if self.letters <= values.keys() else self

    def on(self, letter: str) -> Dim:
        """Return it with all letters alike."""
        return prod((Dim.of(letter, f) for _, f in self.parts), start=Dim(self.factor))

    def __str__(self) -> str:
        texts = [_lettered(f, letter) for letter, f in self.parts]
        if len(texts) == 1:
            return texts[0]
        texts = [f"({text})" if " " in text and text[-1] != ")" else text for text in texts]
        return "*".join([str(self.factor)] * (self.factor != 1 or not texts) + texts)


def _place(part: tuple[str, SizeMap]) -> tuple[str, int, str]:
    """Order the parts of a product, so that equal products are equal objects."""
    letter, size_map = part
    return letter, size_map.period, str(size_map)


def _lettered(size_map: SizeMap, letter: str) -> str:
    return re.sub(r"\bn\b", letter, str(size_map))


def _pulled(dim: Dim) -> tuple[int, list[tuple[str, SizeMap]]]:
    """Return a dimension as a number times maps that no number divides for every n."""
    factor, parts = dim.factor, []
    for letter, size_map in dim.parts:
        common = size_map.divisor
        factor *= common
        parts.append((letter, size_map if common == 1 else SizeMap.line(1, 0, common)(size_map)))
    return factor, parts
