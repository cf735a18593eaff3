"""What a place asks of n, as it is asked: that a size map of n lies in residue classes.

That floor(n/8) is even holds in 8 classes of 16, that floor(n/125000) is divisible by 8 in 125,000
classes of a million. Several such conditions leave few classes together: so each narrows down what
the others left, and only that is ever listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd, lcm

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.sizes.domain import LONGEST_PERIOD
from solver.sizes.sizemap import SizeMap


class Congruence(NamedTuple):
    """Hold {n >= minimum : F(n) mod modulus in residues}, for a size map F.

    size_map: F. residues: each once, 0 <= residue < modulus. Unlike size sets, equal ones may be
    written in several ways.

    >>> even = Congruence(SizeMap.line(1, 0, 8), 2, (0,))  # floor(n/8) is even
    >>> 7 in even, 8 in even, even.period, even.classes()
    (True, False, 16, [0, 1, 2, 3, 4, 5, 6, 7])
    >>> print(even)
    floor(n/8) = 0 (mod 2)
    """

    size_map: SizeMap
    modulus: int
    residues: Sequence[int]
    minimum: int = 1

    def __contains__(self, n: object) -> bool:
        return isinstance(n, int) and n >= self.minimum and bool(self._among((n,)))

    @property
    def period(self) -> int:
        """A number of sizes after which it repeats."""
        return self.size_map.period * (self.modulus // gcd(self.modulus, self.size_map.rise))

    @property
    def spread(self) -> int:
        """About how many classes of its period there are: exactly, where F rises by 1."""
        return len(self.residues) * self.size_map.period // gcd(self.modulus, self.size_map.rise)

    def classes(self) -> list[int]:
        """The residues of n, modulo the period. Raises LimitError where they are many."""
        size_map, modulus, period = self.size_map, self.modulus, self.period
        common = gcd(modulus, size_map.rise)
        if size_map.period == 1:  # rise*n + b = r (mod modulus)
            check_count(len(self.residues))
            start, inverse = size_map(0), pow(size_map.rise // common, -1, period)
            wholes = (divmod(r - start, common) for r in self.residues)
            return [whole * inverse % period for whole, rest in wholes if not rest]
        gain = size_map.rise // common * modulus  # over the period
        few = len(self.residues) * (gain // modulus) < period
        if few and gain > 0 and size_map.nondecreasing:
            check_count(self.spread)
            sizes = (size for r in self.residues for size in range(r, r + gain, modulus))
            return [n % period for size in sizes for n in size_map.inputs(size)]
        check_count(period)
        return self._among(range(period))

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.residues[:12])) + ", ..." * (len(self.residues) > 12)
        bound = f", n >= {self.minimum}" if self.minimum > 1 else ""
        return f"{self.size_map} = {shown} (mod {self.modulus}){bound}"

    def narrow(self, modulus: int, classes: Sequence[int]) -> tuple[int, Sequence[int]]:
        """A multiple of a modulus and of the period, and which of its classes are in both.

        classes: modulo the modulus. Raises LimitError where too many would have to be looked at.

        >>> Congruence(SizeMap.line(1, 0, 2), 2, (0,)).narrow(2, [0])  # n and floor(n/2) even
        (4, [0])
        """
        period = self.period
        both = lcm(modulus, period)
        if self.spread * (both // period) < len(classes) * (both // modulus):
            own, members = _spread_out(self.classes(), period, both), set(classes)
            return both, [r for r in own if r % modulus in members]
        return both, self._among(_spread_out(classes, modulus, both))

    def _among(self, numbers: Iterable[int]) -> list[int]:
        """Those of the numbers at which F is in the classes; the minimum does not count."""
        size_map, modulus, parts = self.size_map, self.modulus, self.size_map.parts
        residues = self.residues
        members = residues if isinstance(residues, range) or len(residues) < 4 else set(residues)
        if parts is None:
            return [n for n in numbers if size_map(n) % modulus in members]
        a, rise, shift, period, offset = parts
        return [
            n for n in numbers if (a * ((rise * n + shift) // period) + offset) % modulus in members
        ]


def check_count(count: int) -> None:
    """Raise LimitError where a size set would have to list too many classes or exceptions."""
    if count > LONGEST_PERIOD:
        rule = f"a size set has at most {LONGEST_PERIOD:,} classes and exceptions"
        raise LimitError(rule, received=f"{count:,}")


def _spread_out(classes: Sequence[int], modulus: int, multiple: int) -> Sequence[int]:
    """Return classes modulo a multiple of their modulus."""
    if multiple == modulus:
        return classes
    check_count(len(classes) * (multiple // modulus))
    return [r + more for more in range(0, multiple, modulus) for r in classes]
