"""Size sets and fractions in words and as plain data; what holds along each axis of an input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from solver.sizes.runs import Runs, listed, total
from solver.sizes.sizeset import SizeSet

if TYPE_CHECKING:
    from fractions import Fraction

#: So many residues or exceptions are listed; of more the ranges decide.
_MOST = 4_096


def size_set(sizes: SizeSet) -> dict[str, Any]:
    """A size set as plain data: lists of many numbers are null, and the ranges decide.

    >>> size_set(SizeSet(2, [1], 5))
    {'modulus': 2, 'residues': [1], 'ranges': [[1, 1]], 'minimum': 5}
    """
    found = with_words(sizes)
    del found["text"]
    if not sizes.exception_ranges:
        del found["exceptions"], found["exception_ranges"]
    return found


def with_words(sizes: SizeSet, letter: str = "n") -> dict[str, Any]:
    """The same, and its words, of a letter.

    >>> with_words(SizeSet(2, [1], 5))["text"]
    'odd n >= 5'
    >>> found = with_words(SizeSet(10**6, range(125_000)))
    >>> found["residues"], found["ranges"]
    (None, [[0, 124999]])
    """
    return {
        "modulus": sizes.modulus,
        "residues": _numbers(sizes.ranges),
        "ranges": _ends(sizes.ranges),
        "minimum": sizes.minimum,
        "exceptions": _numbers(sizes.exception_ranges),
        "exception_ranges": _ends(sizes.exception_ranges),
        "text": sizes.text(letter),
    }


def _numbers(runs: Runs) -> list[int] | None:
    return None if total(runs) > _MOST else [*listed(runs)]


def _ends(runs: Runs) -> list[list[int]]:
    return [[run[0], run[-1]] for run in runs]


def by_letter(inputs: Mapping[str, SizeSet]) -> dict[str, Any]:
    """The sizes along each letter of an input as plain data."""
    return {letter: with_words(found) for letter, found in inputs.items()}


def along(letters: Iterable[str], say: Callable[[str], list[str]]) -> Iterator[str]:
    """Yield the lines of every letter: once where all say the same.

    >>> list(along("hw", lambda letter: ["same"])), list(along("hw", lambda letter: [letter]))
    (['same'], ['along h: h', 'along w: w'])
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for letter in letters:
        found.setdefault(tuple(say(letter)), []).append(letter)
    for lines, members in found.items():
        start = f"along {' and '.join(members)}: " if len(found) > 1 else ""
        yield from (start + line for line in lines)


def number_of(number: int | Fraction | None) -> str:
    """A number in words: halves and quarters as decimals, other fractions as they are.

    >>> from fractions import Fraction
    >>> number_of(Fraction(3, 2)), number_of(Fraction(-1, 3)), number_of(7)
    ('1.5', '-1/3', '7')
    """
    if number is not None and number.denominator in (2, 4):
        return str(float(number))
    return str(number)


def fraction(number: int | Fraction | None) -> int | str | None:
    """A number as plain data: text where it is no whole one."""
    return number if number is None or isinstance(number, int) else str(number)
