"""Conditions on one size, decided for all its values: truth is a map with values 0 and 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import Any

from solver.errors import SolverError
from solver.sizes.expression import ARITHMETIC, Expression, apply, evaluate, named, names, walk
from solver.sizes.letters import least
from solver.sizes.piecewise import Piecewise
from solver.sizes.sizemap import IDENTITY
from solver.sizes.sizeset import EVERY, SizeSet

#: Numbers of a condition whose values are worked out one by one.
_LARGEST = 1_000
#: Of a set of values, so many that are named one by one.
_FEW = 3


def sign(x: Piecewise, y: Piecewise) -> Piecewise:
    """The sign of x - y."""
    return (x - y).sign()


OPERATORS: Mapping[str, Callable[..., Any]] = {
    **ARITHMETIC,
    "floor": Piecewise.floor,
    "ceil": Piecewise.ceil,
    "min": lambda *values: reduce(Piecewise.least, values),
    "max": lambda *values: reduce(Piecewise.greatest, values),
    "==": lambda x, y: 1 - abs(sign(x, y)),
    "!=": lambda x, y: abs(sign(x, y)),
    ">=": lambda x, y: sign(x, y).least(0) + 1,
    ">": lambda x, y: sign(x, y).greatest(0),
    "<=": lambda x, y: sign(y, x).least(0) + 1,
    "<": lambda x, y: sign(y, x).greatest(0),
    "and": Piecewise.least,
    "or": Piecewise.greatest,
    "not": lambda x: 1 - x,
    "whole": Piecewise.whole,
}


def values(letter: str, conditions: Sequence[Expression]) -> SizeSet | None:
    """The values of a letter at which conditions on it alone hold, its smallest counted as 1.

    None where they are not worked out.

    >>> s = named("s")
    >>> print(values("s", [s % 2 < s]), values("s", [apply("%", 12, s).equals(0)]))
    n >= 2 None
    """
    numbers = (part.parts[0] for node in conditions for part in walk(node) if part.kind == "number")
    if any(number > _LARGEST for number in numbers):
        return None  # a set that is listed would be as long
    size = Piecewise.of(IDENTITY) + (least(letter) - 1)
    try:
        truth = (evaluate(node, {letter: size}, OPERATORS, Piecewise.of) for node in conditions)
        return reduce(Piecewise.least, truth, Piecewise.of(1)).size_set()
    except SolverError:  # such as 12 % s == 0
        return None


def merged(conditions: Iterable[Expression]) -> list[Expression] | None:
    """Conditions, with those on one letter alone said together; None where these never hold.

    >>> s, t = named("s"), named("t")
    >>> [str(each) for each in merged([s % 2 < s, t >= s, s >= 1])]
    ['s >= 2', 't >= s']
    >>> merged([s >= 3, s <= 2]) is None
    True
    """
    kept = list(conditions)
    for letter in sorted(set().union(*(names(node) for node in kept if len(names(node)) == 1))):
        alone = [node for node in kept if names(node) == {letter}]
        found = values(letter, alone)
        if found is None:
            continue
        if not found:
            return None
        at = kept.index(alone[0])
        kept = [node for node in kept if node not in alone]
        kept[at:at] = [said(letter, found)] if found != EVERY else []
    return kept


def said(letter: str, values: SizeSet) -> Expression:
    """The condition that exactly these values of a letter meet, its smallest counted as 1.

    >>> print(said("s", SizeSet(2, [1], 3)), "|", said("p", SizeSet(minimum=3)))
    s % 2 == 1 and s >= 3 | p >= 2
    """
    x, shift = named(letter), 1 - least(letter)

    def each(sign: str, sizes: Iterable[int]) -> list[Expression]:
        return [apply(sign, x, size - shift) for size in sizes]

    gone = EVERY - values
    if gone.finite and len(gone.exceptions) <= _FEW and values.exception_ranges:
        return reduce(and_, each("!=", gone.exceptions))
    if values.finite and 1 < len(values.exceptions) == values.exceptions[-1]:  # all up to there
        return x <= values.exceptions[-1] - shift
    if values.finite:
        return reduce(_either, each("==", values.exceptions))
    whole = values.modulus
    found = [(x % whole).equals((r - shift) % whole) for r in values.residues if whole > 1]
    rule = [reduce(_either, found)] if found else []
    if values != values.repeating:
        rule.append(x >= values.minimum - shift)
    return reduce(_either, [reduce(and_, rule), *each("==", values.exceptions)])


def _either(one: Expression, other: Expression) -> Expression:
    return apply("or", one, other)
