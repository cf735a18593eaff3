"""A size in words, axis by axis: 224x320."""

from __future__ import annotations

import re
from typing import Any

from solver.errors import SolverError
from solver.sizes.domain import Domain

#: An x between two sizes, and not one inside a word or quotes.
_BETWEEN_AXES = (
    r"(?:(?<![A-Za-z'\"])|(?<=\b[a-wyz])|(?<=[^A-WYZa-wyz][a-wyz])|(?<=same))[x×]"
    r"(?=$|[^A-Za-z'\"]|n|[a-wyz](?![A-Za-z_])|ceil|floor|same|Mod)"
)
_MOST_AXES = 16


def split_axes(size: Any) -> tuple[str, ...]:
    """The words for each axis of a size.

    >>> split_axes("224x320"), split_axes(224), split_axes((7, "n")), split_axes(range(110, 115))
    (('224', '320'), ('224',), ('7', 'n'), ('110..114',))
    """
    if isinstance(size, tuple):
        if not 0 < len(size) <= _MOST_AXES:
            raise SolverError(f"sizes have 1 to {_MOST_AXES} axes", received=f"{len(size)} axes")
        return tuple(_word(part) for part in size)
    text = _word(size)
    if "x" not in text and "×" not in text:
        return (text,)
    parts = re.split(_BETWEEN_AXES, text)
    if len(parts) > _MOST_AXES:
        raise SolverError(f"sizes have 1 to {_MOST_AXES} axes", received=f"{len(parts)} axes")
    at = 0
    for part in parts:
        if not part.strip():
            raise SolverError(
                "each axis needs a size, and x stands between two",
                text=text,
                at=at,
                right="224x320 for two axes, n for any size",
            )
        at += len(part) + 1
    return tuple(part.strip() for part in parts)


def _word(size: Any) -> str:
    if size is ... or size is None:
        return "?"
    if isinstance(size, str):
        if len(size) > 2000:
            raise SolverError("a size is too long", received=size)
        return size.strip() or size
    if isinstance(size, range):
        return str(Domain.of(size, "a size", 1))
    if hasattr(size, "free_symbols"):
        # SymPy: its own text is in the grammar of solver.sizes.expression
        return str(size)
    if hasattr(size, "__index__") and not isinstance(size, bool):
        return str(Domain.of(size, "a size", 1))
    raise SolverError(
        "a size is a whole number, an expression in n, or a tuple of them", received=repr(size)
    )
