"""Size sets: the input sizes n >= 1 for which something holds.

A size set is periodic from some point on: residue classes from a minimum, plus finitely many
exceptions below it. Such sets are closed under and, or, not and under preimage by a size map, so
"every kernel fits", "two branches meet" and "the target is whole" are all of this kind. Both parts
are held as runs of consecutive numbers, and what is done with a set costs what these do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import chain
from math import lcm
from typing import Any

from solver.errors import SolverError
from solver.ground.shown import Shown
from solver.sizes import periodic
from solver.sizes.runs import (
    Runs,
    check_count,
    clipped,
    gaps,
    held,
    listed,
    merged,
    place,
    runs_of,
    total,
)
from solver.sizes.sizemap import SizeMap

#: Residues and exceptions that a repr lists one by one.
_FEW = 16


class SizeSet(Shown):
    """Hold {n >= 1 : n in exceptions, or n >= minimum and n mod modulus in residues}, canonically.

    exceptions: members below minimum. Equal sets are equal objects, whatever they were made from.
    ranges, exception_ranges: residues and exceptions as sorted ranges with gaps between them; of
    many numbers these are few, and lists of more than a million raise LimitError.

    >>> s = SizeSet(16, [12], 188)
    >>> str(s), 204 in s, 12 in s
    ('n = 12 (mod 16), n >= 188', True, False)
    >>> SizeSet(4, [0, 2]) == SizeSet(2, [0], 2)
    True
    >>> print(SizeSet.of([]), "|", SizeSet.of([7, 5]), "|", SizeSet(256, range(128)))
    no n | n in {5, 7} | n mod 256 in 0..127
    """

    __slots__ = ("exception_ranges", "minimum", "modulus", "ranges")

    modulus: int
    ranges: Runs
    minimum: int
    exception_ranges: Runs

    def __init__(
        self,
        modulus: int = 1,
        residues: Iterable[int] = range(1),
        minimum: int = 1,
        exceptions: Iterable[int] = (),
    ) -> None:
        if modulus < 1:
            raise SolverError("a modulus is at least 1", received=str(modulus))
        classes = periodic.around(modulus, runs_of(residues))
        points = clipped(runs_of(exceptions), 1)
        self._set(*periodic.canonical(modulus, [(max(minimum, 1), classes)], points))

    @classmethod
    def of(cls, members: Iterable[int]) -> SizeSet:
        """A finite set."""
        return cls(1, (), 1, members)

    @classmethod
    def _made(cls, modulus: int, rays: Sequence[periodic.Ray], points: Runs = ()) -> SizeSet:
        """What lies in classes of a modulus from the first size of each ray on, or is a point."""
        made = cls.__new__(cls)
        made._set(*periodic.canonical(modulus, rays, points))
        return made

    def _set(self, modulus: int, ranges: Runs, minimum: int, exceptions: Runs) -> None:
        _SET_MODULUS(self, modulus)
        _SET_RANGES(self, ranges)
        _SET_MINIMUM(self, minimum)
        _SET_EXCEPTIONS(self, exceptions)

    @property
    def residues(self) -> tuple[int, ...]:
        """The residues one by one. Raises LimitError where they are too many."""
        return listed(self.ranges)

    @property
    def exceptions(self) -> tuple[int, ...]:
        """The members below the minimum one by one. Raises LimitError where they are too many."""
        return listed(self.exception_ranges)

    @property
    def finite(self) -> bool:
        return not self.ranges

    @property
    def only_minimum(self) -> bool:
        """Tell whether it holds every size from its minimum on, and no other."""
        return self.modulus == 1 and not self.exception_ranges and bool(self.ranges)

    @property
    def per_period(self) -> int:
        """How many members as many sizes have as the modulus says, from the minimum on.

        >>> SizeSet(256, range(128)).per_period
        128
        """
        return total(self.ranges)

    @property
    def apart(self) -> list[int]:
        """The exceptions that lie in no class.

        >>> SizeSet(2, [0], 4, [1, 2]).apart
        [1]
        """
        return [n for n in self.exceptions if n not in self.repeating]

    @property
    def repeating(self) -> SizeSet:
        """All members of its classes, those below the minimum too.

        >>> print(SizeSet(4, [1], 9).repeating, "|", SizeSet.of([3]).repeating)
        n = 1 (mod 4) | no n
        """
        return SizeSet._made(self.modulus, [(1, self.ranges)])

    def first(self, at_least: int = 1) -> int | None:
        """The smallest member that is at least `at_least`, or None.

        >>> SizeSet(2, [0]).first(7), SizeSet.of([3]).first(4)
        (8, None)
        """
        for run in clipped(self.exception_ranges, at_least):
            return run.start
        start = max(at_least, self.minimum)
        return periodic.after(self.modulus, self.ranges, start) if self.ranges else None

    def last(self, at_most: int) -> int | None:
        """The largest member that is at most `at_most`, or None.

        >>> SizeSet(16, [12], 188).last(200), SizeSet(16, [12], 188).last(187)
        (188, None)
        """
        if self.ranges and at_most >= self.minimum:
            return periodic.before(self.modulus, self.ranges, at_most + 1)
        at = place(self.exception_ranges, at_most)
        return None if at < 0 else min(at_most, self.exception_ranges[at][-1])

    def nearest(self, n: int) -> tuple[int | None, int | None]:
        """The largest member that is at most n, and the smallest that is at least n.

        >>> SizeSet(32, [0]).nearest(224), SizeSet(32, [0]).nearest(20)
        ((224, 224), (None, 32))
        """
        return self.last(n), self.first(n)

    def count(self, first: int, last: int) -> int:
        """How many members are at least `first` and at most `last`.

        >>> SizeSet(32, [0]).count(224, 1024), SizeSet(256, range(128)).count(1, 10**18)
        (26, 500000000000000000)
        """
        return total(clipped(self.exception_ranges, first, last + 1)) + max(
            0, self._rank(last + 1) - self._rank(max(first, self.minimum))
        )

    def _rank(self, stop: int) -> int:
        """How many numbers from 0 up to `stop` are in the classes."""
        turns, rest = divmod(stop, self.modulus)
        return turns * self.per_period + total(clipped(self.ranges, 0, rest))

    def up_to(self, last: int) -> list[int]:
        """The members that are at most `last`, in order. Raises LimitError for too many.

        >>> SizeSet(32, [0]).up_to(128)
        [32, 64, 96, 128]
        """
        check_count(self.count(1, last))
        return [n for run in self._runs(1, last + 1) for n in run]

    def __contains__(self, n: object) -> bool:
        if not isinstance(n, int):
            return False
        if n >= self.minimum and self.ranges:
            return held(self.ranges, n % self.modulus)
        return held(self.exception_ranges, n)

    def __iter__(self) -> Iterator[int]:
        return self.since(1)

    def since(self, first: int) -> Iterator[int]:
        """Yield the members from a size on in increasing order; without end if not finite."""
        return chain.from_iterable(self._runs(first))

    def _runs(self, first: int, stop: int | None = None) -> Iterator[range]:
        """Yield the members from `first` up to `stop` as ranges, of which two may touch."""
        yield from clipped(self.exception_ranges, first, stop)
        yield from periodic.between(self.modulus, self.ranges, max(first, self.minimum), stop)

    def __bool__(self) -> bool:
        return bool(self.ranges or self.exception_ranges)

    def __and__(self, other: SizeSet) -> SizeSet:
        return SizeSet.common((self, other))

    @classmethod
    def common(cls, sets: Iterable[SizeSet]) -> SizeSet:
        """The sizes that all of the sets hold.

        Raises LimitError where too many runs of classes would have to be held on the way.

        >>> print(SizeSet.common([SizeSet(2, [0]), SizeSet(3, [0]), SizeSet(minimum=7)]))
        n = 0 (mod 6), n >= 12
        """
        found = [each for each in sets if each is not EVERY]
        if len(found) < 2:
            return found[0] if found else EVERY
        points = merged(run for each in found for run in each.exception_ranges)
        for each in found if points else ():
            points = merged(part for run in points for part in each._runs(run.start, run.stop))
            check_count(len(points))
        found.sort(key=_runs_of_classes)
        rules = dict.fromkeys(
            (each.modulus, each.ranges) for each in found if each.modulus > 1 or not each.ranges
        )
        modulus, classes = reduce(periodic.meet, rules) if rules else (1, EVERY.ranges)
        return cls._made(modulus, [(max(each.minimum for each in found), classes)], points)

    def __or__(self, other: SizeSet) -> SizeSet:
        if not (self and other):
            return self or other
        modulus = lcm(self.modulus, other.modulus)
        rays = [
            (part.minimum, periodic.spread(part.modulus, part.ranges, modulus))
            for part in (self, other)
        ]
        points = merged((*self.exception_ranges, *other.exception_ranges))
        return SizeSet._made(modulus, rays, points)

    def __invert__(self) -> SizeSet:
        ends = self.exception_ranges[-1:]
        last = self.minimum if self.ranges else ends[0].stop if ends else 1
        missing = tuple(gaps(self.ranges, 0, self.modulus))
        below = tuple(gaps(self.exception_ranges, 1, last))
        return SizeSet._made(self.modulus, [(last, missing)], below)

    def __sub__(self, other: SizeSet) -> SizeSet:
        return self & ~other

    def __le__(self, other: SizeSet) -> bool:
        """Tell whether every member is also in `other`.

        >>> SizeSet(4, [2]) <= SizeSet(2, [0]), SizeSet(2, [0]) <= SizeSet(4, [2])
        (True, False)
        """
        return (self & other) == self

    @classmethod
    def where(cls, size_map: SizeMap, modulus: int, residues: Iterable[int]) -> SizeSet:
        """The n >= 1 for which F(n), which may be 0 or less, is in residue classes.

        >>> print(SizeSet.where(SizeMap.line(1, 0, 125_000), 8, [0]))
        n mod 1000000 in 0..124999
        """
        period, runs = periodic.classes_into(size_map, modulus, runs_of(residues))
        return cls._made(period, [(1, runs)])

    def preimage(self, size_map: SizeMap) -> SizeSet:
        """The n >= 1 that a size map sends into this set.

        >>> print(SizeSet(2, [0], 6).preimage(SizeMap.line(1, 0, 2)))  # floor(n/2) even, >= 6
        n = 0, 1 (mod 4), n >= 12
        >>> print(SizeSet.of([1]).preimage(SizeMap.line(1, 1, 2)))
        n in {1, 2}
        """
        if size_map.rise <= 0 or not size_map.nondecreasing:
            return SizeSet._made(*periodic.by_class(size_map, *self._key()))
        ends = ((run.start, run.stop) for run in self.exception_ranges)
        inputs = (range(*map(size_map.first, pair)) for pair in ends)
        points = clipped(merged(inputs), 1)
        if self.finite:
            return SizeSet._made(1, (), points)
        period, runs = periodic.classes_into(size_map, self.modulus, self.ranges)
        return SizeSet._made(period, [(max(size_map.first(self.minimum), 1), runs)], points)

    def classes(self, modulus: int) -> Iterable[int]:
        """The residues modulo a multiple of the modulus."""
        check_count(self.per_period * (modulus // self.modulus))
        return [r for run in periodic.between(self.modulus, self.ranges, 0, modulus) for r in run]

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, SizeSet) and self._key() == other._key())

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[int, Runs, int, Runs]:
        return self.modulus, self.ranges, self.minimum, self.exception_ranges

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("size sets are immutable")

    def __reduce__(self) -> tuple[Any, ...]:
        rays = [(self.minimum, self.ranges)]
        return SizeSet._made, (self.modulus, rays, self.exception_ranges)

    def __repr__(self) -> str:
        exceptions = f", {_shown(self.exception_ranges)}" if self.exception_ranges else ""
        return f"SizeSet({self.modulus}, {_shown(self.ranges)}, {self.minimum}{exceptions})"

    def __str__(self) -> str:
        return self.text("n")

    def text(self, letter: str) -> str:
        """Return it in words, of sizes that are called by this letter.

        >>> SizeSet(2, [0]).text("h")
        'even h'
        """
        return periodic.set_in_words(*self._key(), letter)


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
        return SizeSet.of(size_map.inputs(0))
    if size_map.rise < 0:
        return where_zero(-size_map)
    return where_nonnegative(size_map) & where_nonnegative(-size_map)


def _runs_of_classes(sizes: SizeSet) -> int:
    return len(sizes.ranges)


def _shown(runs: Runs) -> str:
    if total(runs) <= _FEW:
        return str([*listed(runs)])
    if len(runs) == 1:
        return str(runs[0])
    return f"[{', '.join(f'*{run}' for run in runs)}]"


# Immutable values are filled through the descriptors of their slots, as in size maps.
_SET_MODULUS, _SET_RANGES, _SET_MINIMUM, _SET_EXCEPTIONS = (
    SizeSet.__dict__[name].__set__ for name in ("modulus", "ranges", "minimum", "exception_ranges")
)

#: Every input size, and no one.
EVERY, NONE = SizeSet(), SizeSet.of(())
