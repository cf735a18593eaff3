"""Cut the text of an expression into numbers, names and symbols."""

from __future__ import annotations

from typing import NamedTuple

from solver.errors import SolverError

_SYMBOLS = (
    "//",
    "==",
    "!=",
    "<=",
    ">=",
    "<",
    ">",
    "+",
    "-",
    "*",
    "/",
    "%",
    "(",
    ")",
    ",",
    "=",
    ":",
)


class Token(NamedTuple):
    """Hold one token: its kind, its text, and where it stands."""

    kind: str  # "number", "name", "symbol", "end"
    text: str
    at: int


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text, an end token last.

    >>> [token.text for token in tokens("2n >= 3")]
    ['2', 'n', '>=', '3', '']
    """
    found = []
    at = 0
    while at < len(text):
        character = text[at]
        end = at + 1
        if character.isspace():
            at = end
            continue
        if character.isascii() and (character.isdigit() or character == "."):
            while end < len(text) and (text[end].isdigit() or text[end] == "."):
                end += 1
            kind = "number"
        elif character.isascii() and (character.isalpha() or character == "_"):
            while (
                end < len(text)
                and text[end].isascii()
                and (text[end].isalnum() or text[end] == "_")
            ):
                end += 1
            kind = "name"
        else:
            symbol = next((s for s in _SYMBOLS if text.startswith(s, at)), None)
            if symbol is None:
                raise SolverError(
                    "this character is not part of the grammar",
                    text=text,
                    at=at,
                    right="numbers, n, + - * / // % ( ), floor() and ceil()",
                )
            end = at + len(symbol)
            kind = "symbol"
        found.append(Token(kind, text[at:end], at))
        at = end
    found.append(Token("end", "", len(text)))
    return found
