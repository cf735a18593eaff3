"""The fields of our own layers: how hyperparameters are read, picked along an axis and written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.sizes.domain import whole_number
from solver.sizes.expression import Expression
from solver.sizes.formulas import WORDS
from solver.sizes.operations import MINIMUM

#: A hyperparameter along one axis: a whole number, or a size in letters.
Whole = Any
PerAxis = int | tuple[int, ...] | Whole
Padding = int | str | tuple[int | tuple[int, int], ...] | Whole


def read_field(value: object, name: str) -> PerAxis:
    """A hyperparameter for every axis alike, or one value per axis. Raises SolverError.

    >>> read_field([1, 2], "stride"), read_field("2s", "stride")
    ((1, 2), '2s')
    """
    if isinstance(value, (tuple, list)):
        return tuple(read_size(v, name) for v in nonempty(value, name))
    return read_size(value, name)


def read_size(value: object, name: str) -> Whole:
    """A whole number, or a size in letters as it was given."""
    smallest = MINIMUM.get(name, 1)
    if is_lettered(value):
        from solver.layers.lettered import read

        return read(value, name, smallest)
    return whole_number(value, name, smallest)


def is_lettered(value: Any) -> bool:
    """Whether a hyperparameter is a size in letters, or has one among its axes and ends."""
    if isinstance(value, tuple):
        return any(map(is_lettered, value))
    if isinstance(value, str):
        return value not in WORDS
    return isinstance(value, Expression) or bool(getattr(value, "free_symbols", None))


def written(value: Any) -> str:
    """A value as code: a tree as its words."""
    if isinstance(value, tuple):
        inside = ", ".join(map(written, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return repr(str(value) if isinstance(value, Expression) else value)


def nonempty(values: Sequence[Any], name: str) -> Sequence[Any]:
    """Values along axes, of which there is at least one."""
    if not values:
        raise SolverError(f"{name} needs one value per axis", received=repr(values))
    return values


def pick(value: Any, index: int) -> Any:
    """The value of one axis."""
    return value[index if len(value) > 1 else 0] if isinstance(value, tuple) else value


def by_name(pairs: Sequence[Any]) -> dict[str, Any]:
    """The sizes for symbols by their names, from what SymPy's `subs` takes.

    >>> from sympy.abc import k, s
    >>> by_name([k, 3]), by_name([{k: 3, s: 2}])
    ({'k': 3}, {'k': 3, 's': 2})
    """
    found = [pairs] if len(pairs) == 2 else [*dict(*pairs).items()]
    return {str(symbol): size for symbol, size in found}
