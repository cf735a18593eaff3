"""Tables of one period of a size map: how long they may be, when they repeat, how they are kept."""

from __future__ import annotations

from collections.abc import Sequence

from solver.errors import LimitError
from solver.sizes.domain import LONGEST_PERIOD

#: A table of so many values is packed.
_LONG = 1024


def packed(table: tuple[int, ...], scale: int) -> Sequence[int]:
    """A table from 0 on and over its divisor; a long one in 8 bytes a value where they suffice."""
    values = tuple((v - table[0]) // scale for v in table)
    if len(values) < _LONG or max(map(abs, values)) >= 2**63:
        return values
    from array import array  # few size maps are long tables

    return array("q", values)


def check_period(period: int) -> None:
    """Raise LimitError where a table would be too long."""
    if period > LONGEST_PERIOD:
        raise LimitError(
            f"a size map that is not one floor has a period of at most {LONGEST_PERIOD:,}",
            received=f"period {period:,}",
            right="smaller divisors, or divisors that share factors",
        )


def repeats(table: tuple[int, ...], turns: int, rise: int) -> bool:
    """Tell whether the table already repeats after len/turns, gaining rise/turns."""
    part, gain = len(table) // turns, rise // turns
    return all(y - x == gain for x, y in zip(table, table[part:], strict=False))
