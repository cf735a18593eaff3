"""Where a line is broken: at spaces, and not inside of what belongs together.

A name and a number are never broken. A short clause between commas or semicolons stays whole, what
stands in parentheses, and what an operator joins, as far as a line has room for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

#: What begins a line, beside which the lines below it stand.
_LABEL = re.compile(r" *(?:\d+\. |\[\d+\] |- )?")
_OPERATORS = frozenset(
    ("+", "-", "*", "/", "%", "=", "==", "!=", "<", "<=", ">", ">=", "->", "or", "x")
)
#: How a line may be broken, the best way first, and the part of a line that it leaves whole.
_CLAUSES, _WORDS, _TERMS, _SPACES = range(4)
#: Characters of a clause that stays whole where that is more than half of a line.
_CLAUSE = 30


def wrapped(line: str, width: int, hang: int = 2) -> list[str]:
    """The lines, at most `width` characters long, that a line is broken into.

    hang: how much those below the first are indented more than it, unless it begins with a number.
    What has no space may be longer.

    >>> wrapped("exactly when: stride = 2; padding = floor((kernel_size - 1)/2)", 44)
    ['exactly when: stride = 2;', '  padding = floor((kernel_size - 1)/2)']
    """
    if len(line) <= width:
        return [line]
    start = len(_LABEL.match(line)[0])  # type: ignore[index]
    numbered = bool(line[:start].strip())
    indent = " " * (start if numbered else start + hang)
    first, *pieces = _pieces(line[start:], max(width - len(indent), 1), _CLAUSES)
    lines = [line[:start] + first]
    for piece in pieces:
        if len(lines[-1]) + 1 + len(piece) <= width:
            lines[-1] += f" {piece}"
        else:
            lines.append(indent + piece)
    return lines


def _pieces(text: str, room: int, how: int) -> Iterator[str]:
    """Yield what stays whole of a text, in order."""
    for piece in _split(text, how, len(text) > room):
        whole = min(max(room // 2, _CLAUSE), room) if how == _CLAUSES else room
        if len(piece) <= whole or how == _SPACES:
            yield piece
        else:
            yield from _pieces(piece, room, how + 1)


def _split(text: str, how: int, long: bool) -> Iterator[str]:
    """Yield the parts of a text between the spaces at which it may be broken in a way.

    long: what stands in parentheses may be broken where nothing stands outside of them.
    """
    first, *words = text.split(" ")
    depths = list(accumulate(map(_opened, (first, *words))))
    outside = min(depths[:-1], default=0) if long else 0
    part = first
    for before, word, then, depth in zip(
        (first, *words), words, (*words[1:], ""), depths, strict=False
    ):
        alone = before not in _OPERATORS
        listed = word == "(mod" or (_numbers(before, word) and (then == "(mod" or word[-1] == ","))
        whole = {
            _CLAUSES: depth > outside or before[-1:] not in (",", ";", ":") or listed,
            _WORDS: depth > outside or not alone or word in _OPERATORS or listed,
            _TERMS: depth > outside or not alone,
            _SPACES: False,
        }
        if whole[how]:
            part += f" {word}"
        else:
            yield part
            part = word
    yield part


def _numbers(*words: str) -> bool:
    """Tell whether words are numbers of a list."""
    return all(word.rstrip(",").isdigit() for word in words)


def _opened(word: str) -> int:
    """How many parentheses a word opens and does not close."""
    return sum(map(word.count, "([{")) - sum(map(word.count, ")]}"))
