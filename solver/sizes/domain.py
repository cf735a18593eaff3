"""A domain: the integers a hyperparameter may take, as sorted disjoint ranges; words as numbers.

Ranges are never expanded, so 1..1000000000 costs what 1 costs.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain

from solver.errors import SolverError
from solver.sizes.width import is_int

#: The largest number accepted anywhere: sizes stay exact, and hostile digits stay cheap.
LARGEST = 10**18

#: The longest period that is tabulated: 2^20 values, some forty megabytes and about a second.
LONGEST_PERIOD = 1 << 20

_LETTER = r"(?<![A-Za-z_])[A-WYZa-wyz](?![A-Za-z_]|\s*=(?!=))"  # an x stands between axes


class Domain:
    """Hold a finite set of integers as sorted disjoint ranges.

    ranges: (first, last) pairs, both ends included; they may overlap and come in any order.

    >>> d = Domain([(1, 3), (5, 7), (4, 4)])
    >>> d, len(d), 6 in d
    (Domain.parse('1..7'), 7, True)
    >>> list(Domain([(2, 1)]))
    []
    """

    __slots__ = ("ranges",)

    ranges: tuple[tuple[int, int], ...]

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        merged: list[tuple[int, int]] = []
        for first, last in sorted(r for r in ranges if r[0] <= r[1]):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        self.ranges = tuple(merged)

    @classmethod
    def parse(cls, text: str, name: str = "a domain", minimum: int = 0) -> Domain:
        """Read `3`, `1..7`, `1,3,5` or `1,3..7` (the 1 and the range 3 to 7).

        minimum: the smallest number that makes sense here. Raises SolverError.

        >>> list(Domain.parse("1,3..5"))
        [1, 3, 4, 5]
        >>> Domain.parse("5..3", "kernel_size")
        Traceback (most recent call last):
            ...
        solver.errors.SolverError: kernel_size: a range goes from small to large
          5..3
          ^
          right:    3..5
        """
        ranges = []
        at = 0
        for item in text.split(","):
            first_text, dots, last_text = item.partition("..")
            first = last = read_number(first_text, name, text, at, minimum, _EXAMPLES)
            if dots:
                after = at + len(first_text) + 2
                last = read_number(last_text, name, text, after, minimum, _EXAMPLES)
            if last < first:
                raise SolverError(
                    f"{name}: a range goes from small to large",
                    text=text,
                    at=at,
                    right=f"{last}..{first}",
                )
            ranges.append((first, last))
            at += len(item) + 1
        return cls(ranges)

    @classmethod
    def of(cls, value: object, name: str = "a domain", minimum: int = 0) -> Domain:
        """Read an int, a string as in `parse`, a range, or an iterable of ints.

        >>> Domain.of([1, 3]), Domain.of(range(2, 10, 3)), Domain.of(range(1, 10**9))
        (Domain.parse('1,3'), Domain.parse('2,5,8'), Domain.parse('1..999999999'))
        """
        if isinstance(value, Domain):
            domain = value
        elif isinstance(value, str):
            return cls.parse(value, name, minimum)
        elif isinstance(value, range) and value.step == 1:
            domain = cls._sorted([(value.start, value.stop - 1)] if value else ())
        elif isinstance(value, (bytes, dict)) or not isinstance(value, Iterable):
            number = whole_number(value, name, minimum)
            domain = cls([(number, number)])
        else:
            if isinstance(value, range) and len(value) > _LONGEST_LIST:
                raise SolverError(
                    f"{name}: a range with a step may hold at most {_LONGEST_LIST:,} numbers",
                    received=repr(value),
                    right="a range with step 1",
                )
            numbers = [whole_number(v, name, minimum) for v in value]
            domain = cls((v, v) for v in numbers)
        if not domain.ranges:
            raise SolverError(f"{name}: a domain needs at least one number", received=repr(value))
        (first, _), (_, last) = domain.ranges[0], domain.ranges[-1]
        if first < minimum or last > LARGEST:
            whole_number(first if first < minimum else last, name, minimum)  # raises
        return domain

    def only(self, number: int) -> Domain:
        """The part that is one number."""
        return self.clip(number, number)

    @property
    def first(self) -> int:
        return self.ranges[0][0]

    @property
    def last(self) -> int:
        return self.ranges[-1][1]

    def size(self) -> int:
        """Count the numbers, also where `len` would overflow."""
        if len(self.ranges) == 1:
            ((first, last),) = self.ranges
            return last - first + 1
        return sum([last - first + 1 for first, last in self.ranges])

    def clip(self, low: int, high: int) -> Domain:
        """The part between low and high, both included."""
        ranges = self.ranges
        if ranges and low <= ranges[0][0] and ranges[-1][1] <= high:
            return self
        return Domain._sorted(
            [
                (first if first > low else low, last if last < high else high)
                for first, last in ranges
                if last >= low and first <= high and low <= high
            ]
        )

    def shift(self, by: int) -> Domain:
        """Every number plus `by`.

        >>> Domain.parse("1..3,5").shift(-1)
        Domain.parse('0..2,4')
        """
        return Domain._sorted([(first + by, last + by) for first, last in self.ranges])

    @classmethod
    def _sorted(cls, ranges: Iterable[tuple[int, int]]) -> Domain:
        """Make a domain of ranges that are known to be sorted and apart."""
        made = object.__new__(cls)
        made.ranges = tuple(ranges)
        return made

    def __len__(self) -> int:
        return self.size()

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __iter__(self) -> Iterator[int]:
        return chain(*[range(first, last + 1) for first, last in self.ranges])

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        i = bisect_right(self.ranges, (number, LARGEST)) - 1
        return i >= 0 and number <= self.ranges[i][1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Domain) and self.ranges == other.ranges

    def __hash__(self) -> int:
        return hash(self.ranges)

    def __str__(self) -> str:
        return ",".join(f"{a}" if a == b else f"{a}..{b}" for a, b in self.ranges)

    def __repr__(self) -> str:
        return f"Domain.parse({str(self)!r})" if self.ranges else "Domain([])"


_EXAMPLES = "for example 3, 1..7, 1,3,5 or 1,3..7"
_LONGEST_LIST = 1_000_000
_DIGITS = 18


def read_number(
    text: str, name: str, whole: str, at: int, minimum: int, right: str = "for example 3"
) -> int:
    """Read decimal digits found at offset `at` of `whole`; raise SolverError with a caret.

    right: what to suggest where there is no number.
    """
    digits = text.strip()
    if digits[:1] == "-" and digits[1:].isdigit():
        rule = f"{name} must be at least {minimum}"
        raise SolverError(rule, text=whole, at=at, right=f"{minimum} or more")
    if not (digits.isascii() and digits.isdigit()):
        rule = f"{name} must be a whole number"
        raise SolverError(rule, text=whole, at=at, right=right)
    if len(digits.lstrip("0")) > _DIGITS:
        raise SolverError(
            f"{name}: numbers have at most {_DIGITS} digits",
            text=whole,
            at=at,
            received=f"{len(digits):,} digits",
        )
    number = int(digits)
    if number < minimum:
        raise SolverError(
            f"{name} must be at least {minimum}", text=whole, at=at, right=f"{minimum} or more"
        )
    return number


def whole_number(value: object, name: str, minimum: int, maximum: int = LARGEST) -> int:
    """Return `value` as an int, or raise SolverError: floats, bools and words are refused.

    >>> whole_number(3, "stride", 1)
    3
    >>> whole_number(2.0, "stride", 1)
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: stride must be a whole number
      received: 2.0
      right:    2
    """
    if not is_int(value):
        index = getattr(value, "__index__", None)
        if index is None or isinstance(value, bool) or getattr(value, "shape", ()) != ():
            near = f"{int(value)}" if isinstance(value, float) and value == value // 1 else None
            raise SolverError(f"{name} must be a whole number", received=repr(value), right=near)
        value = int(index())
    if value < minimum:
        raise SolverError(
            f"{name} must be at least {minimum}", received=str(value), right=f"{minimum} or more"
        )
    if value > maximum:
        raise SolverError(
            f"{name} must be at most {maximum:,}", received=f"a number of {value.bit_length()} bits"
        )
    return value


def letters_in(text: str) -> set[str]:
    """The single letters of a size in words.

    >>> sorted(letters_in("s*h - floor(h/2)"))
    ['h', 's']
    """
    return set(re.findall(_LETTER, text))


def size_letter(text: str) -> str:
    """The letter that stands for the size where only one does: n, unless it is another.

    >>> size_letter("h/2"), size_letter("n + m"), size_letter("224")
    ('h', 'n', 'n')
    """
    letters = letters_in(text)
    return letters.pop() if len(letters) == 1 else "n"
