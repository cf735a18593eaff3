"""Where a line is broken: at spaces, and not inside of what belongs together.

A name and a number are never broken. A short clause between commas or semicolons stays whole, what
stands in parentheses, and what an operator joins, as far as a line has room for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

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
    for piece in _split(text, how):
        whole = min(max(room // 2, _CLAUSE), room) if how == _CLAUSES else room
        if len(piece) <= whole or how == _SPACES:
            yield piece
        else:
            yield from _pieces(piece, room, how + 1)


def _split(text: str, how: int) -> Iterator[str]:
    """Yield the parts of a text between the spaces at which it may be broken in a way."""
    words = text.split(" ")
    part, depth = words[0], _opened(words[0])
    for before, word in pairwise(words):
        alone = before not in _OPERATORS
        listed = (word[:1].isdigit() and before[-1:] == ",") or word == "(mod"
        whole = {
            _CLAUSES: depth > 0 or before[-1:] not in (",", ";", ":") or listed,
            _WORDS: depth > 0 or not alone or word in _OPERATORS or listed,
            _TERMS: depth > 0 or not alone,
            _SPACES: False,
        }
        if whole[how]:
            part += f" {word}"
        else:
            yield part
            part = word
        depth += _opened(word)
    yield part


def _opened(word: str) -> int:
    """How many parentheses a word opens and does not close."""
    return sum(map(word.count, "([{")) - sum(map(word.count, ")]}"))
