"""Size sets: the input sizes n >= 1 for which something holds.

A size set is periodic from some point on: residue classes from a minimum, plus finitely many
exceptions below it. Such sets are closed under and, or, not and under preimage by a size map, so
"every kernel fits", "two branches meet" and "the target is whole" are all of this kind.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice
from math import gcd, lcm
from typing import Any

from solver.domain import LONGEST_PERIOD
from solver.errors import LimitError, SolverError
from solver.lattice import primes
from solver.sizemap import SizeMap

#: The most classes or exceptions a set may list.
_MOST = LONGEST_PERIOD


class SizeSet:
    """Hold {n >= 1 : n in exceptions, or n >= minimum and n mod modulus in residues}, canonically.

    exceptions: members below minimum. Equal sets are equal objects, whatever they were made from.

    >>> s = SizeSet(16, [12], 188)
    >>> str(s), 204 in s, 12 in s
    ('n = 12 (mod 16), n >= 188', True, False)
    >>> SizeSet(4, [0, 2]) == SizeSet(2, [0], 2)
    True
    >>> print(SizeSet.of([]), "|", SizeSet.of([7, 5]))
    no n | n in {5, 7}
    """

    __slots__ = ("exceptions", "minimum", "modulus", "residues")

    modulus: int
    residues: tuple[int, ...]
    minimum: int
    exceptions: tuple[int, ...]

    def __init__(
        self,
        modulus: int = 1,
        residues: Iterable[int] = (0,),
        minimum: int = 1,
        exceptions: Iterable[int] = (),
    ) -> None:
        if modulus < 1:
            raise SolverError("a modulus is at least 1", received=str(modulus))
        minimum = max(minimum, 1)
        points = {n for n in exceptions if n >= 1}
        self._from(modulus, {r % modulus for r in residues}, minimum, points)

    @classmethod
    def of(cls, members: Iterable[int]) -> SizeSet:
        """Return a finite set."""
        return cls(1, (), 1, members)

    @classmethod
    def _from_rays(cls, modulus: int, starts: dict[int, int], points: set[int]) -> SizeSet:
        """Return the union of the progressions from each starts[r] on and the points."""
        made = cls.__new__(cls)
        made._canonize(modulus, starts, points)
        return made

    def _from(self, modulus: int, classes: set[int], first: int, points: set[int]) -> None:
        """Hold the classes from `first` on, and the points."""
        if points or not classes:
            starts = {r: first + (r - first) % modulus for r in classes}
            self._canonize(modulus, starts, points)
            return
        minimum = first + min((r - first) % modulus for r in classes)
        reduced, residues = _lowest_terms(modulus, sorted(classes))
        self._set(reduced, residues, minimum, ())

    @classmethod
    def _of_classes(cls, modulus: int, classes: set[int], first: int, points: set[int]) -> SizeSet:
        made = cls.__new__(cls)
        made._from(modulus, classes, first, points)
        return made

    def _canonize(self, modulus: int, starts: dict[int, int], points: set[int]) -> None:
        if not starts:
            self._set(1, (), 1, tuple(sorted(points)))
            return
        # The periodic rule fails last at a class's member just before its start, or at a point
        # outside all classes; the minimum is the first member after that.
        broken = 0
        for residue, start in starts.items():
            while start > modulus and start - modulus in points:
                start -= modulus
            starts[residue] = start
            broken = max(broken, start - modulus)
        broken = max([broken, *(p for p in points if p % modulus not in starts)])
        minimum = min(broken + 1 + (r - broken - 1) % modulus for r in starts)
        below = {p for p in points if p < minimum}
        _check_count(sum((minimum - s) // modulus + 1 for s in starts.values() if s < minimum))
        for start in starts.values():
            below.update(range(start, minimum, modulus))
        reduced, residues = _lowest_terms(modulus, sorted(starts))
        self._set(reduced, residues, minimum, tuple(sorted(below)))

    def _set(
        self, modulus: int, residues: tuple[int, ...], minimum: int, exceptions: tuple[int, ...]
    ) -> None:
        _SET_MODULUS(self, modulus)
        _SET_RESIDUES(self, residues)
        _SET_MINIMUM(self, minimum)
        _SET_EXCEPTIONS(self, exceptions)

    @property
    def finite(self) -> bool:
        return not self.residues

    @property
    def only_minimum(self) -> bool:
        """Tell whether it holds every size from its minimum on, and no other."""
        return self.modulus == 1 and not self.exceptions and bool(self.residues)

    def first(self, at_least: int = 1) -> int | None:
        """Return the smallest member that is at least `at_least`, or None.

        >>> SizeSet(2, [0]).first(7), SizeSet.of([3]).first(4)
        (8, None)
        """
        for n in self.exceptions:
            if n >= at_least:
                return n
        start = max(at_least, self.minimum)
        return min((start + (r - start) % self.modulus for r in self.residues), default=None)

    def last(self, at_most: int) -> int | None:
        """Return the largest member that is at most `at_most`, or None.

        >>> SizeSet(16, [12], 188).last(200), SizeSet(16, [12], 188).last(187)
        (188, None)
        """
        rest = [at_most - (at_most - r) % self.modulus for r in self.residues]
        found = [n for n in rest if n >= self.minimum]
        found += [n for n in self.exceptions if n <= at_most]
        return max(found, default=None)

    def __contains__(self, n: object) -> bool:
        if not isinstance(n, int):
            return False
        if n >= self.minimum and self.residues:
            return _holds(self.residues, n % self.modulus)
        return _holds(self.exceptions, n)

    def __iter__(self) -> Iterator[int]:
        """Yield the members in increasing order; without end where the set is not finite."""
        yield from self.exceptions
        if self.residues:
            offsets = sorted((r - self.minimum) % self.modulus for r in self.residues)
            base = self.minimum
            while True:
                yield from (base + offset for offset in offsets)
                base += self.modulus

    def __bool__(self) -> bool:
        return bool(self.residues or self.exceptions)

    def __and__(self, other: SizeSet) -> SizeSet:
        return SizeSet.common((self, other))

    @classmethod
    def common(cls, sets: Iterable[SizeSet]) -> SizeSet:
        """Return the sizes that are in all of the sets.

        >>> print(SizeSet.common([SizeSet(2, [0]), SizeSet(3, [0]), SizeSet(minimum=7)]))
        n = 0 (mod 6), n >= 12
        """
        found = [each for each in sets if each is not EVERY] or [EVERY]
        modulus = lcm(*(each.modulus for each in found))
        minimum = max(each.minimum for each in found)
        few, *others = sorted(found, key=lambda s: s._spread(modulus))
        classes = few.classes(modulus)
        for each in others:
            if each.modulus > 1 or not each.residues:
                members, m = set(each.residues), each.modulus
                classes = [r for r in classes if r % m in members]
        points = {n for each in found for n in each.exceptions if all(n in one for one in found)}
        return cls._of_classes(modulus, set(classes), minimum, points)

    def __or__(self, other: SizeSet) -> SizeSet:
        modulus = lcm(self.modulus, other.modulus)
        starts: dict[int, int] = {}
        for part in (self, other):
            for r in part.classes(modulus):
                start = part.minimum + (r - part.minimum) % modulus
                starts[r] = min(start, starts.get(r, start))
        return SizeSet._from_rays(modulus, starts, {*self.exceptions, *other.exceptions})

    def __invert__(self) -> SizeSet:
        _check_count(self.minimum)
        _check_count(self.modulus)
        below = set(range(1, self.minimum)).difference(self.exceptions)
        missing = sorted(set(range(self.modulus)).difference(self.residues))
        if self.finite:
            last = self.exceptions[-1] if self.exceptions else 0
            _check_count(last)
            return SizeSet(1, (0,), last + 1, set(range(1, last)).difference(self.exceptions))
        return SizeSet(self.modulus, missing, self.minimum, below)

    def __sub__(self, other: SizeSet) -> SizeSet:
        return self & ~other

    def __le__(self, other: SizeSet) -> bool:
        """Tell whether every member is also in `other`.

        >>> SizeSet(4, [2]) <= SizeSet(2, [0]), SizeSet(2, [0]) <= SizeSet(4, [2])
        (True, False)
        """
        return (self & other) == self

    def preimage(self, size_map: SizeMap) -> SizeSet:
        """Return the n >= 1 that a growing size map sends into this set.

        >>> print(SizeSet(2, [0], 6).preimage(SizeMap.line(1, 0, 2)))  # floor(n/2) even, >= 6
        n = 0, 1 (mod 4), n >= 12
        >>> print(SizeSet.of([1]).preimage(SizeMap.line(1, 1, 2)))
        n in {1, 2}
        """
        points: set[int] = set()
        for size in self.exceptions:
            inputs = size_map.inputs(size)
            _check_count(len(points) + inputs.stop - inputs.start)
            points.update(n for n in inputs if n >= 1)
        if self.finite:
            return SizeSet.of(points)
        first = max(size_map.first(self.minimum), 1)
        if self.modulus == 1:
            return SizeSet._of_classes(1, {0}, first, points)
        common = gcd(self.modulus, size_map.rise)
        period = size_map.period * (self.modulus // common)
        shift = size_map.shift
        if size_map.period == 1 and common == 1:
            inverse = pow(size_map.rise, -1, self.modulus)
            found = {(r - size_map(0)) * inverse % period for r in self.residues}
        elif size_map.rise == 1 and shift is not None:  # a stretch of sizes for each class
            _check_count(len(self.residues) * size_map.period)
            starts = [r * size_map.period - shift for r in self.residues]
            found = {n % period for s in starts for n in range(s, s + size_map.period)}
        else:
            _check_count(period)
            found = {
                n % period
                for n in range(first, first + period)
                if _holds(self.residues, size_map(n) % self.modulus)
            }
        return SizeSet._of_classes(period, found, first, points)

    def _spread(self, modulus: int) -> int:
        return len(self.residues) * (modulus // self.modulus)

    def classes(self, modulus: int) -> Iterable[int]:
        """Return the residues modulo a multiple of the modulus."""
        _check_count(self._spread(modulus))
        return [r for residue in self.residues for r in range(residue, modulus, self.modulus)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SizeSet) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        return self.modulus, self.residues, self.minimum, self.exceptions

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("size sets are immutable")

    def __reduce__(self) -> tuple[type[SizeSet], tuple[Any, ...]]:
        return SizeSet, self._key()

    def _repr_latex_(self) -> str:
        from solver.render import notebook

        return notebook.size_set(self)

    def __repr__(self) -> str:
        exceptions = f", {list(self.exceptions)}" if self.exceptions else ""
        return f"SizeSet({self.modulus}, {list(self.residues)}, {self.minimum}{exceptions})"

    def __str__(self) -> str:
        extra = ", ".join(map(str, islice(self.exceptions, 12)))
        if len(self.exceptions) > 12:
            extra += f", ... ({len(self.exceptions):,} sizes)"
        if self.finite and len(self.exceptions) > 3:
            first, last = self.exceptions[0], self.exceptions[-1]
            if last - first + 1 == len(self.exceptions):
                return f"{first} <= n <= {last}"
        if self.finite:
            return f"n in {{{extra}}}" if extra else "no n"
        also = f", or n in {{{extra}}}" if extra else ""
        classes = ""
        if self.modulus > 1:
            shown = ", ".join(map(str, self.residues[:12]))
            more = ", ..." if len(self.residues) > 12 else ""
            classes = f"n = {shown}{more} (mod {self.modulus})"
        if self.modulus == 2:
            parity = "odd" if self.residues[0] else "even"
            return f"{parity} n" + (f" >= {self.minimum}" if self.minimum > 2 else "") + also
        bound = f"n >= {self.minimum}" if not classes or self.minimum > self.modulus else ""
        text = ", ".join(part for part in (classes, bound) if part)
        return text + also


def where_nonnegative(size_map: SizeMap) -> SizeSet:
    """Return the n >= 1 with F(n) >= 0, for any size map; differences of maps included.

    >>> print(where_nonnegative(SizeMap.line(1, -5)), "|", where_nonnegative(SizeMap.line(-1, 3)))
    n >= 5 | n in {1, 2, 3}
    """
    period, rise = size_map.period, size_map.rise
    if rise > 0 and size_map.nondecreasing:
        return SizeSet(1, (0,), size_map.first(0))
    starts: dict[int, int] = {}
    points: set[int] = set()
    for n, value in enumerate((*size_map.values[1:], size_map(period)), start=1):
        if rise > 0:
            starts[n % period] = n + period * max(0, -(value // rise))
        elif rise == 0 and value >= 0:
            starts[n % period] = n
        elif rise < 0 and value >= 0:
            last = n + value // -rise * period
            _check_count(len(points) + (last - n) // period)
            points.update(range(n, last + 1, period))
    return SizeSet._from_rays(period, starts, points)


def where_zero(size_map: SizeMap) -> SizeSet:
    """Return the n >= 1 with F(n) = 0: where two maps meet, apply it to their difference.

    >>> print(where_zero(SizeMap.line(1, 0, 2) * 2 - SizeMap.line(1)))  # 2*floor(n/2) = n
    even n
    """
    if size_map.rise and size_map.nondecreasing:
        return SizeSet.of(_counted(size_map.inputs(0)))
    if size_map.rise < 0:
        return where_zero(-size_map)
    return where_nonnegative(size_map) & where_nonnegative(-size_map)


def _counted(inputs: range) -> range:
    _check_count(inputs.stop - inputs.start)
    return inputs


def _holds(members: tuple[int, ...], n: int) -> bool:
    i = bisect_left(members, n)
    return i < len(members) and members[i] == n


def _check_count(count: int) -> None:
    if count > _MOST:
        raise LimitError(
            f"a size set has at most {_MOST:,} classes and exceptions", received=f"{count:,}"
        )


def _lowest_terms(modulus: int, residues: list[int]) -> tuple[int, tuple[int, ...]]:
    """Return the smallest modulus with the same classes."""
    members = set(residues)
    # Classes that repeat after modulus/q come in groups of q.
    for prime in primes(gcd(modulus, len(members))):
        while len(members) % prime == 0 and modulus % prime == 0:
            smaller = modulus // prime
            if any((r + smaller) % modulus not in members for r in members):
                break
            modulus = smaller
            members = {r % modulus for r in members}
    return modulus, tuple(sorted(members))


# Immutable values are filled through the descriptors of their slots, as in size maps.
_SET_MODULUS, _SET_RESIDUES, _SET_MINIMUM, _SET_EXCEPTIONS = (
    SizeSet.__dict__[name].__set__ for name in ("modulus", "residues", "minimum", "exceptions")
)

#: Every input size.
EVERY = SizeSet()
