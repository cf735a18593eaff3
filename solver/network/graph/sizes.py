"""The sizes for which something is said of a network: numbers, or all sizes of a residue class.

On a class n = r (mod M) a size map is a + b*t: where two of these differ by a number, or stand in
one ratio, that is so for every n of the class.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd, lcm
from typing import Any

from solver.ground.named import NamedTuple
from solver.ground.value import Value
from solver.network.graph.dim import Dim


class Scale(NamedTuple):
    """Hold how many outputs there are for how many inputs, and their numbers where known."""

    outputs: int
    inputs: int
    sizes: tuple[int, int] | None = None


class Sizes(Value):
    """Hold the sizes for which something is read: numbers, or all sizes of a residue class.

    values: the size of every letter. residue: where there are none, of n modulo `modulus`, which is
    what it takes for everything asked so far to be the same at every n.
    """

    def __init__(self, values: Mapping[str, int] | None = None, residue: int = 0) -> None:
        self.values, self.residue = values, residue
        self.modulus: dict[str, int] = {}

    def made_of(self) -> tuple[Any, ...]:
        return self.values, self.residue

    def __repr__(self) -> str:
        return f"Sizes({self.values!r}, {self.residue})"

    def number(self, dim: Dim) -> int | None:
        """A size that is a number."""
        return dim.at(self.values) if self.values is not None else dim.number

    def modulo(self, dim: Dim, divisor: int) -> int | None:
        """A size modulo a number, which is the same for all sizes of the class."""
        if divisor == 1:
            return 0
        if (number := self.number(dim)) is not None:
            return number % divisor
        if dim.single is None:
            return None
        letter, size_map = dim.single
        self._need(letter, size_map.period * (divisor // gcd(divisor, size_map.rise)))
        return int(size_map(self.residue)) % divisor

    def difference(self, one: Dim, other: Dim) -> int | None:
        """Return one - other where that is the same for all sizes of the class."""
        if one == other:
            return 0
        pair = self._pair(one, other)
        if pair is None or pair[0][1] != pair[1][1]:
            return None
        return pair[0][0] - pair[1][0]

    def ratio(self, one: Dim, other: Dim) -> Scale | None:
        """How many of one there are for how many of the other."""
        pair = self._pair(one, other)
        if pair is None:
            return None
        (a, up), (b, down) = pair
        if up == down == 0:
            common = gcd(a, b)
            return Scale(a // common, b // common, (b, a)) if a and b else None
        common = gcd(up, down)
        if not (up and down) or a * down != b * up:
            return None
        return Scale(up // common, down // common)

    def _pair(self, one: Dim, other: Dim) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """Return two sizes as a + b*t, for the t-th size of the class."""
        numbers = self.number(one), self.number(other)
        if numbers[0] is not None and numbers[1] is not None:
            return (numbers[0], 0), (numbers[1], 0)
        letters = one.letters | other.letters
        if len(letters) != 1 or len(one.parts) > 1 or len(other.parts) > 1:
            return None
        (letter,) = letters
        maps = [dim.single[1] for dim in (one, other) if dim.single]
        period = lcm(*(size_map.period for size_map in maps))
        self._need(letter, period)
        found = []
        for dim in (one, other):
            if dim.single is None:
                found.append((dim.factor, 0))
            else:
                f = dim.single[1]
                found.append((int(f(self.residue)), f.rise * (period // f.period)))
        return found[0], found[1]

    def _need(self, letter: str, modulus: int) -> None:
        self.modulus[letter] = lcm(self.modulus.get(letter, 1), modulus)
