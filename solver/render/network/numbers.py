"""Numbers that may be fractions, in words and as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction


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
