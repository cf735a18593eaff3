"""Size sets in words and as plain data; what holds along each axis of an input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from solver.sizes.sizeset import Condition, SizeSet


def size_set(sizes: SizeSet) -> dict[str, Any]:
    """A size set as plain data.

    >>> size_set(SizeSet(2, [1], 5))
    {'modulus': 2, 'residues': [1], 'minimum': 5}
    """
    return {
        "modulus": sizes.modulus,
        "residues": list(sizes.residues),
        "minimum": sizes.minimum,
        **({"exceptions": list(sizes.exceptions)} if sizes.exceptions else {}),
    }


def with_words(inputs: Condition, letter: str = "n") -> dict[str, Any]:
    """The same, and its words, of a letter; null for residues that are too many to be listed.

    >>> with_words(SizeSet(2, [1], 5))["text"]
    'odd n >= 5'
    """
    listed = inputs if isinstance(inputs, SizeSet) else None
    return {
        "modulus": inputs.modulus if isinstance(inputs, SizeSet) else inputs.period,
        "residues": None if listed is None else list(listed.residues),
        "minimum": inputs.minimum,
        "exceptions": [] if listed is None else list(listed.exceptions),
        "text": str(inputs) if listed is None else listed.text(letter),
    }


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
