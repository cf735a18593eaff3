"""What the hyperparameters of a choice may be: domains, words, ties, values per axis."""

from __future__ import annotations

import re
from typing import Any

from solver.errors import LimitError, SolverError
from solver.sizes.domain import Domain, whole_number
from solver.sizes.expression import Expression
from solver.sizes.formulas import WORDS
from solver.sizes.operations import MINIMUM, OperationSpec
from solver.spaces.per_axis import CROSS, PerAxisDomain

#: What `...` stands for: the ranges that `solve` searches when nothing else is said.
UNKNOWN = {
    "kernel_size": "1..11",
    "stride": "1..4",
    "padding": "0..5",
    "dilation": "1",
    "output_padding": "0..3",
}

_LETTERED = re.compile(r"[A-Za-z_]")


def tie(name: str, values: Any) -> Any:
    """A tie to other numbers, or None where there is none."""
    if isinstance(values, (list, tuple, set)) and any(isinstance(v, str) for v in values):
        values = ",".join(_item(name, value) for value in values)
    elif isinstance(values, Expression) or hasattr(values, "free_symbols"):
        values = str(values)
    if not isinstance(values, str) or values in WORDS or not _LETTERED.search(values):
        return None
    from solver.spaces.ties import PerAxisTie, Tie  # only where one number decides another

    if CROSS.search(values):
        if name not in UNKNOWN:
            right = "one number for all axes; either(part, part) for parts that differ"
            raise LimitError(f"{name} is no value per axis", f"{name}={values}", right)
        if not _LETTERED.search(CROSS.sub(",", values)):
            return PerAxisDomain.parse(values, name, MINIMUM[name]).plain
        return PerAxisTie.parse(values, name)
    return Tie.parse(values, name)


def _item(name: str, value: Any) -> str:
    """A value among words."""
    several = isinstance(value, (tuple, list)) and name != "padding"
    return "x".join(map(str, value)) if several else str(value)


def values_of(name: str, values: Any, row: OperationSpec) -> Any:
    """What a hyperparameter may take: a domain, or a list with words and pairs."""
    if values is ... or values == "...":
        values = UNKNOWN[name]
    if values is None and name == "stride":
        return [None] if row.pooling else Domain.of(1)
    if name == "padding":
        if isinstance(values, str) and values in WORDS:
            return [values]
        if isinstance(values, str) and ":" in values:
            from solver.sizes.ends import Ends  # few padding is told end by end

            return Ends.parse(values, name)
        if hasattr(values, "within"):  # ends already
            return values
        if _rows(values):
            if any(isinstance(end, (tuple, list)) for row in _rows(values) for end in row):
                return PerAxisDomain.of(values, name, MINIMUM[name]).plain
            pairs = dict.fromkeys(map(_pair, values))
            return sorted(pairs, key=repr) if isinstance(values, set) else list(pairs)
    elif _rows(values):
        return PerAxisDomain.of(values, name, MINIMUM[name]).plain
    return Domain.of(values, name, MINIMUM[name])


def _rows(values: Any) -> list[Any]:
    """Those of values that are more than one number: ends, or one per axis."""
    several = isinstance(values, (list, tuple, set, frozenset))
    return [v for v in values if isinstance(v, (tuple, list))] if several else []


def _pair(value: Any) -> Any:
    """Read a padding among others: a number, or (begin, end)."""
    if not isinstance(value, (tuple, list)):
        return whole_number(value, "padding", 0)
    if len(value) != 2:
        rule = "padding is a number or (begin, end)"
        raise SolverError(rule, repr(value), f'"{"x".join(map(str, value))}" for one per axis')
    begin, end = (whole_number(end, "padding", 0) for end in value)
    return begin if begin == end else (begin, end)
