"""Arithmetic of sizes that a program computes with: plain numbers, dimensions, ratios of them."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from solver.errors import LimitError, SolverError
from solver.network.graph import values
from solver.network.graph.demand import AT_MOST, EQUAL, Demand
from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio
from solver.reading.functions.call import Unclear, size_of

_EXACT: dict[str, Callable[[Ratio, Ratio], Ratio]] = {
    "add": values.plus,
    "sub": values.minus,
    "mul": values.times,
    "truediv": values.over,
    "div": values.over,
    "floordiv": lambda one, other: values.floor(values.over(one, other)),
    "mod": values.modulo,
    "min": values.least,
    "minimum": values.least,
    "max": values.most,
    "maximum": values.most,
}
_ONE: dict[str, Callable[[Ratio], Ratio]] = {
    "int": values.cut,
    "floor": values.floor,
    "ceil": values.ceil,
    "round": values.nearest,
    "abs": values.absolute,
}
_PLAIN: dict[str, Callable[..., Any]] = {
    **{name: getattr(operator, name) for name in ("add", "sub", "mul", "truediv", "floordiv")},
    **{name: getattr(operator, name) for name in ("mod", "pow")},
    "div": operator.truediv,
    "min": min,
    "max": max,
}


def calculated(name: str, args: Sequence[Any]) -> Any:
    """What arithmetic makes of sizes. Raises Unclear where that is no size.

    >>> half = calculated("truediv", [Dim.letter("h"), 2])
    >>> str(half), str(calculated("mul", [half, 4])), calculated("floordiv", [7, 2])
    ('h/2', '2*h', 3)
    """
    if all(isinstance(each, (int, float)) for each in args):
        return _PLAIN[name](*args)
    exact = [Ratio(x) if isinstance(x, Dim) else x for x in args]
    exact = [x if isinstance(x, Ratio) or not _is_number(x) else Ratio.number(x) for x in exact]
    if name not in _EXACT or not all(isinstance(each, Ratio) for each in exact):
        raise Unclear
    try:
        found = _EXACT[name](*exact)
    except LimitError:
        raise
    except SolverError:
        raise Unclear from None
    return size_of(found.top) if found.bottom == 1 else found


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


def rounded(name: str, value: Any) -> Any:
    """What int, floor, ceil, round and abs make of a size or a part of one.

    Raises Unclear where that is no size.

    >>> str(rounded("ceil", Ratio(Dim.letter("h"), 2)))
    'ceil(h/2)'
    """
    if not isinstance(value, (Dim, Ratio)):
        return value
    try:
        found = _ONE[name](Ratio(value) if isinstance(value, Dim) else value)
    except LimitError:
        raise
    except SolverError:
        raise Unclear from None
    return size_of(found.top) if found.bottom == 1 else found


def comparison(one: Any, relation: str, other: Any) -> tuple[Demand, bool]:
    """The condition that a comparison of sizes, ratios and numbers asks, and what it expects of it.

    Raises Unclear or SolverError where there is none.

    >>> demand, expected = comparison(Dim.letter("n"), ">", 3.5)
    >>> demand.claim, expected
    ('1 <= n - 3', True)
    """
    if type(other) is float and isinstance(one, Dim) and not other.is_integer():
        if relation in ("==", "!="):
            return Demand(0, "", Dim(1), Dim(0), EQUAL), relation == "=="
        relation, other = {">=": ">", "<": "<="}.get(relation, relation), math.floor(other)
    a, b = _ratio(one), _ratio(other)
    more = a.top * b.bottom + b.top * a.bottom * -1  # the sign of one - other
    if relation in ("==", "!="):
        return Demand(0, "", more, Dim(0), EQUAL), relation == "=="
    if relation in (">=", "<"):
        return Demand(0, "", Dim(0), more, AT_MOST), relation == ">="
    return Demand(0, "", Dim(1), more, AT_MOST), relation == ">"


def _ratio(value: Any) -> Ratio:
    if isinstance(value, Dim):
        return Ratio(value)
    found = value if isinstance(value, Ratio) else Ratio.number(+value)
    if not isinstance(found, Ratio):
        raise Unclear
    return found
