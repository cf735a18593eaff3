"""Comparisons of a program: of plain values, and of sizes, which are decided where it is run."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from solver.errors import SolverError
from solver.network.graph.demand import Demand
from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio
from solver.reading.functions.call import Unclear, Wire
from solver.reading.functions.sizes import comparison
from solver.reading.functions.table import is_layer
from solver.reading.text.arithmetic import undecided, unknown
from solver.reading.text.values import (
    MODULES,
    Bound,
    Dotted,
    Flow,
    Function,
    Listing,
    Method,
    ModuleChain,
    Opaque,
    Partial,
    Unfollowed,
    UserClass,
    is_list,
    unfollowed,
)

#: Answers a condition of sizes, None where nobody tells.
Decide = Callable[[Demand], bool | None]

_RELATIONS: dict[type, tuple[str, str]] = {  # and what it is with the sides exchanged
    ast.Eq: ("==", "=="), ast.NotEq: ("!=", "!="), ast.Lt: ("<", ">"), ast.LtE: ("<=", ">="),
    ast.Gt: (">", "<"), ast.GtE: (">=", "<="), ast.Is: ("==", "=="), ast.IsNot: ("!=", "!="),
}  # fmt: skip
_PLAIN: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip
#: What the text makes itself: it is what it is, and no name of a framework.
_OWN = (UserClass, Function, Partial, Bound)
_SAME, _OTHER = (ast.Eq, ast.Is), (ast.NotEq, ast.IsNot)


def compare(op: ast.cmpop, one: Any, two: Any, decide: Decide) -> bool | None:
    """Whether one op two holds, None where that is not known.

    >>> h, even = Dim.letter("h"), lambda demand: demand.holds({"h": 64})
    >>> compare(ast.Gt(), 3, 2, even), compare(ast.Lt(), h, 7, even), compare(ast.Eq(), 64, h, even)
    (True, False, True)
    """
    if isinstance(op, (ast.Is, ast.IsNot)) and (one is None or two is None):
        other = one if two is None else two
        return None if isinstance(other, Unfollowed) else bool(_PLAIN[type(op)](one, two))
    if isinstance(one, Dotted) and isinstance(two, Dotted):
        same = one.last == two.last
        return same == isinstance(op, _SAME) if isinstance(op, (*_SAME, *_OTHER)) else None
    both = (*_OWN, Dotted)
    if isinstance(one, both) and isinstance(two, both):
        return (one is two) == isinstance(op, _SAME) if isinstance(op, (*_SAME, *_OTHER)) else None
    if isinstance(op, (ast.In, ast.NotIn)):
        held = _within(one, two, decide)
        return held if held is None else held == isinstance(op, ast.In)
    if is_list(one) and is_list(two):
        return _in_order(op, one, two, decide)
    if isinstance(one, MODULES) or isinstance(two, MODULES):
        return (one is two) == isinstance(op, _SAME) if isinstance(op, (*_SAME, *_OTHER)) else None
    if unknown(one) or unknown(two):
        return None
    if undecided(one) or undecided(two):
        return _sizes(op, one, two, decide)
    if isinstance(op, (ast.Is, ast.IsNot)) and isinstance(one, (int, str)):
        op = ast.Eq() if isinstance(op, ast.Is) else ast.NotEq()
    try:
        return bool(_PLAIN[type(op)](one, two))
    except TypeError:
        return None


def truth(value: Any, decide: Decide) -> bool | None:
    """Whether a value counts as true, None where that is not known.

    >>> truth([], lambda demand: None), truth(Opaque("flag"), lambda demand: None)
    (False, None)
    """
    if isinstance(value, (Dim, Ratio)):
        return compare(ast.NotEq(), value, 0, decide)
    if isinstance(value, Dotted) and is_layer(value.last):
        return True  # a class
    if unfollowed(value) or isinstance(value, (Opaque, Dotted, Method, Wire)):
        return None
    return bool(value.children if isinstance(value, ModuleChain) else value)


def _sizes(op: ast.cmpop, one: Any, two: Any, decide: Decide) -> bool | None:
    if not all(isinstance(each, (int, float, Dim, Ratio)) for each in (one, two)):
        return isinstance(op, _OTHER) if isinstance(op, (*_SAME, *_OTHER)) else None
    relation, turned = _RELATIONS[type(op)]
    if isinstance(one, (int, float)):
        one, two, relation = two, one, turned
    if isinstance(two, float) and not math.isfinite(two):
        return None if math.isnan(two) else relation == "!=" or (relation[0] == "<") == (two > 0)
    try:
        demand, expected = comparison(one, relation, two)
        found = decide(demand)
    except (Unclear, SolverError):
        return None
    return found if found is None else found == expected


def _in_order(op: ast.cmpop, one: Sequence[Any], two: Sequence[Any], decide: Decide) -> bool | None:
    """Compare lists: the first of their entries that differ tell."""
    if isinstance(op, (ast.Is, ast.IsNot)):
        return (one is two) == isinstance(op, ast.Is)
    if unfollowed(one) or unfollowed(two):
        return None
    if type(one) is not type(two) or (isinstance(op, (*_SAME, *_OTHER)) and len(one) != len(two)):
        return isinstance(op, _OTHER) if isinstance(op, (*_SAME, *_OTHER)) else None
    for a, b in zip(one, two, strict=False):
        same = compare(ast.Eq(), a, b, decide)
        if same is None:
            return None
        if not same:
            return (
                isinstance(op, _OTHER)
                if isinstance(op, (*_SAME, *_OTHER))
                else compare(op, a, b, decide)
            )
    return bool(_PLAIN[type(op)](len(one), len(two)))


def _within(part: Any, whole: Any, decide: Decide) -> bool | None:
    """Whether something is in a list, a range, a word, a dictionary or its names."""
    if unfollowed(whole) or isinstance(part, Opaque):
        return None
    if isinstance(whole, ModuleChain):
        whole = whole.walked
    if isinstance(whole, Listing):
        return whole.has(part) if isinstance(part, str) else None
    if isinstance(whole, str):
        return part in whole if isinstance(part, str) else None
    if isinstance(whole, range):
        if isinstance(part, (Dim, Ratio)):
            return _in_range(part, whole, decide)
        part = int(part) if isinstance(part, float) and part.is_integer() else part
        return isinstance(part, int) and part in whole
    if not (is_list(whole) or isinstance(whole, (dict, set, frozenset, Flow))):
        return None
    found: bool | None = False
    for each in whole:
        same = compare(ast.Eq(), part, each, decide)
        if same:
            return True
        found = None if same is None else found
    return found


def _in_range(part: Any, whole: range, decide: Decide) -> bool | None:
    if whole.step != 1 or not whole:
        return _within(part, list(whole[:64]), decide) if len(whole) <= 64 else None
    for op, end in ((ast.GtE(), whole.start), (ast.Lt(), whole.stop)):
        held = compare(op, part, end, decide)
        if not held:
            return held
    return True
