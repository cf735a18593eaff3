"""Size sets: the input sizes n >= 1 for which something holds.

A size set is periodic from some point on: residue classes from a minimum, plus finitely many
exceptions below it. Such sets are closed under and, or, not and under preimage by a size map, so
"every kernel fits", "two branches meet" and "the target is whole" are all of this kind.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from math import gcd, lcm
from typing import Any

from solver.errors import SolverError
from solver.ground.shown import Shown
from solver.sizes.classes import in_words
from solver.sizes.congruence import Congruence, check_count
from solver.sizes.lattice import primes
from solver.sizes.sizemap import IDENTITY, SizeMap


class SizeSet(Shown):
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
        """A finite set."""
        return cls(1, (), 1, members)

    @classmethod
    def _from_rays(cls, modulus: int, starts: dict[int, int], points: set[int]) -> SizeSet:
        """The union of the progressions from each starts[r] on and the points."""
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
        check_count(sum((minimum - s) // modulus + 1 for s in starts.values() if s < minimum))
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
        """The smallest member that is at least `at_least`, or None.

        >>> SizeSet(2, [0]).first(7), SizeSet.of([3]).first(4)
        (8, None)
        """
        for n in self.exceptions:
            if n >= at_least:
                return n
        start = max(at_least, self.minimum)
        return min((start + (r - start) % self.modulus for r in self.residues), default=None)

    def last(self, at_most: int) -> int | None:
        """The largest member that is at most `at_most`, or None.

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
        return self.since(1)

    def since(self, first: int) -> Iterator[int]:
        """Yield the members from a size on in increasing order; without end if not finite."""
        yield from (n for n in self.exceptions if n >= first)
        if self.residues:
            base = max(self.minimum, first)
            firsts = sorted(base + (r - base) % self.modulus for r in self.residues)
            yield from (n + more for more in count(0, self.modulus) for n in firsts)

    def __bool__(self) -> bool:
        return bool(self.residues or self.exceptions)

    def __and__(self, other: SizeSet) -> SizeSet:
        return SizeSet.common((self, other))

    @classmethod
    def common(cls, conditions: Iterable[Condition]) -> SizeSet:
        """The sizes at which all of the conditions hold.

        Raises LimitError where too many classes would have to be listed on the way.

        >>> print(SizeSet.common([SizeSet(2, [0]), SizeSet(3, [0]), SizeSet(minimum=7)]))
        n = 0 (mod 6), n >= 12
        """
        found = [each for each in conditions if each is not EVERY]
        if len(found) < 2 and all(isinstance(each, SizeSet) for each in found):
            return found[0] if found else EVERY  # type: ignore[return-value]
        points: set[int] = set()
        rules, minimum = [], 1
        for each in found:
            if isinstance(each, SizeSet):
                points.update(each.exceptions)
                each = Congruence(IDENTITY, each.modulus, each.residues, each.minimum)
            minimum = max(minimum, each.minimum)
            if each.modulus > 1 or not each.residues:
                rules.append(each)
        for one in found:
            if isinstance(one, SizeSet) and one.finite:
                points.intersection_update(one.exceptions)
            else:
                points = {n for n in points if n in one}
        modulus = 1
        classes: Sequence[int] = (0,)
        for rule in sorted(rules, key=_spread):  # the fewest classes first
            modulus, classes = rule.narrow(modulus, classes)
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
        check_count(self.minimum)
        check_count(self.modulus)
        below = set(range(1, self.minimum)).difference(self.exceptions)
        missing = sorted(set(range(self.modulus)).difference(self.residues))
        if self.finite:
            last = self.exceptions[-1] if self.exceptions else 0
            check_count(last)
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
        """The n >= 1 that a size map sends into this set.

        >>> print(SizeSet(2, [0], 6).preimage(SizeMap.line(1, 0, 2)))  # floor(n/2) even, >= 6
        n = 0, 1 (mod 4), n >= 12
        >>> print(SizeSet.of([1]).preimage(SizeMap.line(1, 1, 2)))
        n in {1, 2}
        """
        if size_map.rise <= 0 or not size_map.nondecreasing:
            return self._preimage_by_class(size_map)
        points: set[int] = set()
        for size in self.exceptions:
            inputs = size_map.inputs(size)
            check_count(len(points) + inputs.stop - inputs.start)
            points.update(n for n in inputs if n >= 1)
        if self.finite:
            return SizeSet.of(points)
        first = max(size_map.first(self.minimum), 1)
        rule = Congruence(size_map, self.modulus, self.residues, first)
        if self.modulus == 1:
            return SizeSet._of_classes(1, {0}, first, points)
        return SizeSet._of_classes(rule.period, set(rule.classes()), first, points)

    def asked_of(self, size_map: SizeMap) -> Condition:
        """The preimage, without a list of its classes where the set has no exceptions.

        >>> SizeSet(8, [0]).asked_of(SizeMap.line(1, 0, 125_000)).spread
        125000
        """
        growing = size_map.rise > 0 and size_map.nondecreasing
        if self.exceptions or self.finite or not growing:
            return self.preimage(size_map)
        first = max(size_map.first(self.minimum), 1)
        return Congruence(size_map, self.modulus, self.residues, first)

    def _preimage_by_class(self, size_map: SizeMap) -> SizeSet:
        """Return it of any map: in each residue class it is a line."""
        rise = size_map.rise
        period = size_map.period * (self.modulus // gcd(self.modulus, rise) if rise else 1)
        check_count(period)
        step = rise * (period // size_map.period)
        starts: dict[int, int] = {}
        points: set[int] = set()
        for n in range(1, period + 1):
            value = size_map(n)
            for size in self.exceptions:
                if step == 0 and size == value:
                    starts[n % period] = n
                elif step and (size - value) % step == 0 and (size - value) // step >= 0:
                    points.add(n + (size - value) // step * period)
            if not _holds(self.residues, value % self.modulus):
                continue
            if step > 0:
                starts[n % period] = n + period * max(0, -((value - self.minimum) // step))
            elif value >= self.minimum and step == 0:
                starts[n % period] = n
            elif value >= self.minimum:
                last = n + (value - self.minimum) // -step * period
                check_count(len(points) + (last - n) // period)
                points.update(range(n, last + 1, period))
        return SizeSet._from_rays(period, starts, points)

    def classes(self, modulus: int) -> Iterable[int]:
        """The residues modulo a multiple of the modulus."""
        check_count(len(self.residues) * (modulus // self.modulus))
        return [r for residue in self.residues for r in range(residue, modulus, self.modulus)]

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, SizeSet) and self._key() == other._key())

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        return self.modulus, self.residues, self.minimum, self.exceptions

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("size sets are immutable")

    def __reduce__(self) -> tuple[type[SizeSet], tuple[Any, ...]]:
        return SizeSet, self._key()

    def __repr__(self) -> str:
        exceptions = f", {list(self.exceptions)}" if self.exceptions else ""
        return f"SizeSet({self.modulus}, {list(self.residues)}, {self.minimum}{exceptions})"

    def __str__(self) -> str:
        return self.text("n")

    def text(self, letter: str) -> str:
        """Return it in words, of sizes that are called by this letter.

        >>> SizeSet(2, [0]).text("h")
        'even h'
        """
        return in_words(self.modulus, self.residues, self.minimum, self.exceptions, letter)


def where_nonnegative(size_map: SizeMap) -> SizeSet:
    """The n >= 1 with F(n) >= 0, for any size map; differences of maps included.

    >>> print(where_nonnegative(SizeMap.line(1, -5)), "|", where_nonnegative(SizeMap.line(-1, 3)))
    n >= 5 | n in {1, 2, 3}
    """
    if size_map.rise > 0 and size_map.nondecreasing:
        first = size_map.first(0)
        return SizeSet(minimum=first) if first > 1 else EVERY
    return EVERY.preimage(size_map + 1)


def where_zero(size_map: SizeMap) -> SizeSet:
    """The n >= 1 with F(n) = 0: where two maps meet, apply it to their difference.

    >>> print(where_zero(SizeMap.line(1, 0, 2) * 2 - SizeMap.line(1)))  # 2*floor(n/2) = n
    even n
    """
    if size_map.rise and size_map.nondecreasing:
        return SizeSet.of(_counted(size_map.inputs(0)))
    if size_map.rise < 0:
        return where_zero(-size_map)
    return where_nonnegative(size_map) & where_nonnegative(-size_map)


def _counted(inputs: range) -> range:
    check_count(inputs.stop - inputs.start)
    return inputs


def _spread(rule: Congruence) -> int:
    return rule.spread


def _holds(members: tuple[int, ...], n: int) -> bool:
    i = bisect_left(members, n)
    return i < len(members) and members[i] == n


def _lowest_terms(modulus: int, residues: list[int]) -> tuple[int, tuple[int, ...]]:
    """The smallest modulus with the same classes."""
    if len(residues) == 1:
        return modulus, (residues[0],)
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

#: What n may have to meet: sizes that are listed, or a rule for them.
Condition = SizeSet | Congruence
