"""What is listed in words: values one by one, and the numbers of ranges."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from math import prod

from solver.errors import SolverError
from solver.sizes.domain import Domain

#: So many answers are told one by one.
MOST = 1_000


def listed(items: Iterable[str], name: str, minimum: int = 0, most: int = MOST) -> list[str]:
    """The values that words stand for, in their order: `A..B` for the numbers from A to B.

    Of what has one value for each axis, or for both ends, each may be a range: every choice of
    them. Raises SolverError for more than `most`.

    >>> listed(["640x480", "8000..8002"], "an input size")
    ['640x480', '8000', '8001', '8002']
    >>> listed(["0..1:2", "3..4x0..1"], "padding")
    ['0:2', '1:2', '3x0', '3x1', '4x0', '4x1']
    >>> listed(["1..9999"], "an input size")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: at most 1,000 sizes are told one by one
      received: 9,999
      right:    n, for the formula of every size
    """
    found: list[str] = []
    for item in items:
        parts = re.split("([x×:])", item) if ".." in item else [item]
        values = [Domain.parse(x, name, minimum) if ".." in x else [x] for x in parts]
        counts = (x.size() if isinstance(x, Domain) else 1 for x in values)
        bounded(len(found) + prod(counts), most)
        found += ("".join(map(str, chosen)) for chosen in product(*values))
    return found


def combined(*values: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every choice of one value of each, those of the last varying fastest.

    >>> [*combined(["2"], ["0", "1"])]
    [('2', '0'), ('2', '1')]
    """
    bounded(prod(map(len, values)))
    return product(*values)


def bounded(count: int, most: int = MOST) -> None:
    """Raise SolverError for more answers than are told one by one."""
    if count > most:
        rule = f"at most {most:,} sizes are told one by one"
        raise SolverError(rule, f"{count:,}", "n, for the formula of every size")
