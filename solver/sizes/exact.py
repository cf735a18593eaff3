"""Trees at given numbers, in exact fractions."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from solver.sizes.expression import ARITHMETIC, ORDER, Expression, evaluate


def exact(node: Expression, values: Mapping[str, int | Fraction]) -> Any:
    """A size at given numbers, as a Fraction; of a condition, whether it holds.

    Raises ZeroDivisionError.

    >>> from solver.sizes.expression import named
    >>> k = named("k")
    >>> exact((k - 1) / 2, {"k": 4}), exact(k >= 2, {"k": 1})
    (Fraction(3, 2), False)
    """
    letters = {name: Fraction(value) for name, value in values.items()}
    return evaluate(node, letters, OPERATORS, Fraction)


def _is_whole(value: Fraction | int) -> bool:
    return value == math.floor(value)


OPERATORS: Mapping[str, Callable[..., Any]] = {
    **ARITHMETIC,
    "floor": lambda x: Fraction(math.floor(x)),
    "ceil": lambda x: Fraction(math.ceil(x)),
    "min": min,
    "max": max,
    **ORDER,
    "and": lambda x, y: x and y,
    "or": lambda x, y: x or y,
    "not": operator.not_,
    "whole": _is_whole,
}
