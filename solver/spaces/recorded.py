"""Designs as they stand in records and JSON, read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import SolverError, shorten
from solver.layers.branching import JOINS, Block
from solver.layers.marking import Mark
from solver.layers.operators import OPERATORS, Operator
from solver.layers.own import LAYERS


class RecordedMark(Mark):
    """A mark as records tell it: equal to those of its name that ask for its size in words."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if type(other) is Mark:
            return other.kept and (self.name, str(self.size or "")) == (other.name, other.asked)
        return super().__eq__(other)

    __hash__ = Mark.__hash__


def recorded(rows: Sequence[Any]) -> tuple[Any, ...]:
    """The layers and blocks of the rows that records have. Raises SolverError for others.

    >>> recorded([{"op": "conv", "kernel_size": 3, "padding": [[1, 0]]}, {"op": "relu"}])
    (Conv(3, padding=((1, 0),)), Operator('relu'))
    >>> recorded([{"op": "add", "branches": [[{"op": "head", "number": 10}], []]}])
    (Block('add', [[Operator('head 10')], []]),)
    """
    return tuple(map(_one, rows))


def _one(row: object) -> Any:
    if not isinstance(row, Mapping) or not isinstance(row.get("op"), str):
        rule = "a design is layers, each with its op"
        raise SolverError(rule, shorten(repr(row)), '{"op": "conv", "kernel_size": 3}')
    op, more = row["op"], {name: _tuples(value) for name, value in row.items() if name != "op"}
    try:
        if op in JOINS:
            return Block(op, [recorded(one) for one in row["branches"]], row.get("crop", False))
        if op == RecordedMark.word:
            return RecordedMark(**more)
        if op in OPERATORS:
            return Operator(" ".join([op, *map(str, more.values())]))
        return LAYERS[op](**more)
    except (KeyError, TypeError):
        raise SolverError("this is no layer of a design", shorten(repr(dict(row)))) from None


def _tuples(value: Any) -> Any:
    """Lists of JSON as tuples."""
    return tuple(map(_tuples, value)) if isinstance(value, (list, tuple)) else value
