"""Conditions on letters: as short as they are, never what always holds or never can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from functools import reduce
from itertools import product
from operator import and_

from solver.errors import LimitError
from solver.proof.claim import Claim
from solver.proof.letters import prove
from solver.sizes.exact import exact
from solver.sizes.expression import (
    COMPARISONS,
    Expression,
    apply,
    names,
    of,
    substitute,
    walk,
)
from solver.sizes.letters import decided, is_whole, least, value
from solver.sizes.normal import normal_condition
from solver.sizes.polynomial import Polynomial
from solver.sizes.readable import UNREAD
from solver.sizes.readable_conditions import at_least_0, is_0, is_multiple
from solver.sizes.sizeset import EVERY
from solver.sizes.truth import merged, said, values

#: Values of letters that are tried before a proof.
_TRIED = 4_000
_FIRST = 400
#: Of a set of values, so many that are named one by one.
_FEW = 3

Condition = Expression | bool


def settled(conditions: Iterable[Condition]) -> tuple[Expression, ...] | None:
    """The conditions that say something, those on one letter together; None where they never hold.

    >>> from solver.sizes.expression import letters
    >>> s, t = letters("st")
    >>> [str(each) for each in settled([(s % 2) < s, t.equals(s), s >= 1])]
    ['s >= 2', 's == t']
    >>> settled([s.equals(1), s >= 2]) is None, settled([s >= 1])
    (True, ())
    """
    kept = _tidied(conditions)
    kept = None if kept is None else merged(kept)
    if kept is None:
        return None
    kept = [part for node in kept for part in conjuncts(node)]
    known = fixed(kept)
    if any(names(node) & known.keys() for node in kept if not any(equality(node))):
        put = (node if any(equality(node)) else substitute(node, known) for node in kept)
        return settled(put)
    if not _possible(kept):
        return None
    for node in sorted(kept, key=lambda node: -len(str(node))):
        others = [other for other in kept if other is not node]
        if others and _follows(node, others):
            kept = others
    return tuple(kept)


def together(conditions: Iterable[Condition]) -> Expression | None:
    """All of some conditions as one; None of none."""
    found = [each for each in conditions if isinstance(each, Expression)]
    return reduce(and_, found) if found else None


def either(one: Condition, other: Condition) -> Condition:
    """The condition that one of two holds."""
    if isinstance(one, bool) or isinstance(other, bool):
        return True if True in (one, other) else other if one is False else one
    return apply("or", one, other)


def even(size: Expression) -> Condition:
    """The condition that a size is an even number.

    >>> from solver.sizes.expression import letters
    >>> k, s = letters("ks")
    >>> print(even(k - s * 3 + 1), "|", even((k - 1) / 2), "|", even(s * 2))
    (k - s) % 2 == 1 | k % 4 == 1 | True
    """
    return divides(of(2), size)


def divides(divisor: Expression, size: Expression) -> Condition:
    """The condition that a size is a multiple of a divisor of at least 1."""
    try:
        found = value(size / divisor)
    except UNREAD:
        return (size % divisor).equals(0)
    scale = Polynomial.of(found.upper.denominator)
    return is_multiple(found.upper * scale, found.lower * scale)


def fixed(conditions: Iterable[Expression]) -> dict[str, int]:
    """The letters that conditions say are a number."""
    nodes = (node for condition in conditions for node in conjuncts(condition))
    return {letter: number for node in nodes for letter, number in equality(node)}


def equality(node: Expression) -> Iterator[tuple[str, int]]:
    """The letter and the number that a condition says it is."""
    if node.kind == "==" and node.nodes[0].kind == "name" and node.nodes[1].kind == "number":
        yield node.nodes[0].parts[0], node.nodes[1].parts[0]


def few_values(letter: str, where: Expression | None) -> list[int] | None:
    """The values of a letter that a condition names or bounds, where these are few."""
    nodes = [] if where is None else conjuncts(where)
    found = values(letter, [node for node in nodes if names(node) == {letter}])
    if found is None or not found.finite or len(found.exceptions) > _FEW:
        return None
    return [size - 1 + least(letter) for size in found.exceptions]


def other_values(letter: str, where: Condition, given: Expression | None) -> Expression | None:
    """The condition on a letter that a condition on it is not met, though what is given is.

    None where it always is, or where that is not worked out.
    """
    if isinstance(where, bool):
        return None
    found = values(letter, [where])
    among = EVERY if given is None else values(letter, [given])
    if found is None or among is None or not among - found:
        return None
    return said(letter, among - found)


def proved(statement: Expression, where: Expression | None) -> bool:
    """Whether a claim is proved for every n and all letters at which a condition holds.

    Each way to meet the condition is proved by itself. Raises LimitError where that is left open.
    """
    return all(prove(Claim(statement, way)) is not None for way in _ways(where))


def constant(size: Expression, where: Expression | None) -> int | None:
    """The number that a size is wherever a condition holds, or None."""
    letters = names(size) | (set() if where is None else names(where))
    found = {exact(size, at) for at in points(letters) if holds(where, at)}
    if len(found) != 1:
        return None
    number = int(found.pop())
    with suppress(LimitError):
        return number if proved(size.equals(number), where) else None
    return None


def points(letters: Iterable[str], most: int = _FIRST) -> Iterator[dict[str, Fraction]]:
    """The smallest values of letters, in all combinations."""
    found = sorted(letters)
    reach = max(int(most ** (1 / len(found))), 2) if found else 1
    for offsets in product(range(reach), repeat=len(found)):
        tried = zip(found, offsets, strict=True)
        yield {letter: Fraction(least(letter) + offset) for letter, offset in tried}


def holds(condition: Expression | None, at: Mapping[str, Fraction]) -> bool:
    """Whether a condition holds at numbers; none always does, and nothing is divided by 0."""
    try:
        return condition is None or bool(exact(condition, at))
    except ZeroDivisionError:
        return False


def _tidied(conditions: Iterable[Condition]) -> list[Expression] | None:
    kept: list[Expression] = []
    for condition in conditions:
        node = condition if isinstance(condition, bool) else _tidy(condition)
        if node is False:
            return None
        if isinstance(node, Expression):
            kept += [part for part in conjuncts(node) if part not in kept]
    return kept


def _tidy(node: Expression) -> Condition:
    """An equal condition as a person writes it."""
    if node.kind == "and":
        left, right = map(_tidy, node.nodes)
        if isinstance(left, bool) or isinstance(right, bool):
            return False if False in (left, right) else right if left is True else left
        return left & right
    if node.kind == "or":
        return either(*map(_tidy, node.nodes))
    if node.kind == "not" and node.nodes[0].kind in _OPPOSITE:
        return _tidy(apply(_OPPOSITE[node.nodes[0].kind], *node.nodes[0].nodes))
    if node.kind not in COMPARISONS or node.kind == "!=":
        return normal_condition(node)
    known = decided(node)
    if known is not None:
        return known
    left, right = node.nodes
    if left.kind == "%" and right.kind == "number":
        return node
    if node.kind in ("<", "<="):
        left, right = right, left
    try:
        found = value(left - right)
    except UNREAD:
        return normal_condition(node)
    size = found.upper * Polynomial.of(found.upper.denominator)
    if node.kind == "==":
        return is_0(size)
    return at_least_0(size - 1 if node.kind in ("<", ">") else size)


def conjuncts(node: Expression) -> list[Expression]:
    """What a condition says, one by one."""
    if node.kind != "and":
        return [node]
    return [part for side in node.nodes for part in conjuncts(side)]


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


def _follows(condition: Expression, others: list[Expression]) -> bool:
    """Whether a condition holds wherever others do; in doubt it does not."""
    where = together(others)
    for at in points(names(condition).union(*map(names, others))):
        if holds(where, at) and not holds(condition, at):
            return False
    sides = [side for part in walk(condition) if part.kind in COMPARISONS for side in part.nodes]
    if not all(map(is_whole, sides)):
        return False  # a claim that two sizes are equal is asked only where they are whole
    try:
        return proved(condition, where)
    except LimitError:
        return False


def _possible(conditions: list[Expression]) -> bool:
    """Whether conditions on several letters hold anywhere; in doubt they do."""
    where = together(conditions)
    if where is None or any(holds(where, at) for at in points(names(where), _TRIED)):
        return True
    try:
        return not proved(apply("not", where), None)
    except LimitError:
        return True


_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", "<=": ">", ">": "<="}
