"""Conditions on letters: as short as they are, never what always holds or never can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import reduce
from itertools import product
from operator import and_

from solver.errors import LimitError
from solver.proof.claim import Claim
from solver.proof.every import decide
from solver.proof.letters import prove
from solver.sizes.exact import exact
from solver.sizes.expression import (
    COMPARISONS,
    Expression,
    apply,
    named,
    names,
    substitute,
    walk,
)
from solver.sizes.letters import decided, is_whole, least
from solver.sizes.normal import normal_condition
from solver.sizes.sizeset import EVERY, SizeSet

#: Letters and values that are tried before a proof that a condition never holds.
_TRIED = 4_000
#: Numbers of a condition whose values are worked out one by one.
_LARGEST = 1_000
#: Of a set of values, so many that are named one by one.
_FEW = 3


def settled(conditions: Iterable[Expression]) -> tuple[Expression, ...] | None:
    """The conditions that say something, those on one letter together; None where they never hold.

    >>> s, t = named("s"), named("t")
    >>> [str(each) for each in settled([(s % 2) < s, t.equals(s), s >= 1])]
    ['s >= 2', 't == s']
    >>> settled([s.equals(1), s >= 2]) is None, settled([s >= 1])
    (True, ())
    """
    kept: list[Expression] = []
    for condition in conditions:
        node = normal_condition(condition)
        truth = node if isinstance(node, bool) else decided(node)
        if truth is False:
            return None
        if truth is None and isinstance(node, Expression) and node not in kept:
            kept.append(node)
    alone: dict[str, list[Expression]] = {}
    for node in kept:
        letter, *more = names(node)
        if not more:
            alone.setdefault(letter, []).append(node)
    for letter, nodes in alone.items():
        with suppress(LimitError):
            if any(number > _LARGEST for node in nodes for number in _numbers(node)):
                continue  # a set that is listed would be as long
            values = _values(letter, nodes)
            if not values:
                return None
            at = kept.index(nodes[0])
            kept = [node for node in kept if node not in nodes]
            kept[at:at] = [_said(letter, values)] if values != EVERY else []
    if not _possible(kept):
        return None
    for node in reversed(kept):
        others = [other for other in kept if other is not node]
        if others and _follows(node, others):
            kept = others
    return tuple(kept)


def together(conditions: Iterable[Expression]) -> Expression | None:
    """All of some conditions as one; None of none."""
    found = list(conditions)
    return reduce(and_, found) if found else None


def proved(statement: Expression, where: Expression | None) -> bool:
    """Whether a claim is proved for every n and all letters at which a condition holds.

    Each way to meet the condition is proved by itself. Raises LimitError where that is left open.
    """
    return all(prove(Claim(statement, way)) is not None for way in _ways(where))


def _ways(where: Expression | None) -> Iterator[Expression | None]:
    """A condition without its "or"s: each choice of their sides."""
    if where is None:
        yield None
    elif where.kind == "and":
        for left, right in product(*(tuple(_ways(side)) for side in where.nodes)):
            yield together(side for side in (left, right) if side is not None)
    elif where.kind == "or":
        for side in where.nodes:
            yield from _ways(side)
    else:
        yield where


def _numbers(node: Expression) -> Iterator[int]:
    return (part.parts[0] for part in walk(node) if part.kind == "number")


def _values(letter: str, nodes: list[Expression]) -> SizeSet:
    """The values of a letter, counted from 1, at which conditions on it alone hold."""
    shift = 1 - least(letter)
    n = named("n")
    conditions = (substitute(node, {letter: n - shift if shift else n}) for node in nodes)
    return decide(Claim(reduce(and_, conditions))).holds.size_set()


def _said(letter: str, values: SizeSet) -> Expression:
    """The condition that exactly these values of a letter meet, counted from 1."""
    x, shift = named(letter), 1 - least(letter)

    def each(sign: str, sizes: Iterable[int]) -> list[Expression]:
        return [apply(sign, x, size - shift) for size in sizes]

    gone = EVERY - values
    if gone.finite and len(gone.exceptions) <= _FEW and values.exceptions:
        return reduce(and_, each("!=", gone.exceptions))
    if values.finite and len(values.exceptions) == values.exceptions[-1]:  # all up to there
        return x <= values.exceptions[-1] - shift
    if values.finite:
        return reduce(_either, each("==", values.exceptions))
    whole = values.modulus
    found = [(x % whole).equals((r - shift) % whole) for r in values.residues if whole > 1]
    rule = [reduce(_either, found)] if found else []
    if values != SizeSet(whole, values.residues):
        rule.append(x >= values.minimum - shift)
    return reduce(_either, [reduce(and_, rule), *each("==", values.exceptions)])


def _either(one: Expression, other: Expression) -> Expression:
    return apply("or", one, other)


def _follows(condition: Expression, others: list[Expression]) -> bool:
    """Whether a condition holds wherever others do; in doubt it does not."""
    sides = [side for part in walk(condition) if part.kind in COMPARISONS for side in part.nodes]
    if not all(map(is_whole, sides)):
        return False  # a claim that two sizes are equal is asked only where they are whole
    try:
        return proved(condition, together(others))
    except LimitError:
        return False


def _possible(conditions: list[Expression]) -> bool:
    """Whether conditions on several letters hold anywhere; in doubt they do."""
    where = together(conditions)
    if where is None:
        return True
    letters = sorted(names(where))
    reach = max(int(_TRIED ** (1 / len(letters))), 2)
    for offsets in product(range(reach), repeat=len(letters)):
        tried = zip(letters, offsets, strict=True)
        sizes = {letter: least(letter) + offset for letter, offset in tried}
        if exact(where, sizes):
            return True
    try:
        return not proved(apply("not", where), None)
    except LimitError:
        return True
