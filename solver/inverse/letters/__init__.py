"""One unknown layer whose sizes and hyperparameters have letters: recipes, for all their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solver.errors import LimitError
from solver.inverse.letters.order import Preference
from solver.inverse.letters.recipes import Recipes
from solver.inverse.letters.words import read_asked
from solver.sizes.operations import OperationSpec
from solver.symbolic.given import symbols_of

__all__ = ["Recipes", "solve_in_letters"]


def solve_in_letters(
    operation: OperationSpec,
    input: Any,
    output: Any,
    domains: Mapping[str, Any],
    preference: Preference,
    where: Any = "",
    options: Mapping[str, Any] | None = None,
) -> Recipes:
    """Every layer that takes one size to another for all values of letters, as `solver.solve`.

    preference: of layers of numbers. options: what else was asked for, which goes with numbers
    only. Raises SolverError, LimitError.
    """
    for name, value in (options or {}).items():
        if value:
            raise LimitError(f"{name} is for questions in numbers", str(value), "no letters")
    given = [size for size in domains.values() if size is not None]
    symbols = symbols_of([input, output, *given, where])
    return Recipes(read_asked(operation, input, output, domains, where), preference, symbols)
