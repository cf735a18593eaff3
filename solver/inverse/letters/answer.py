"""A recipe as it is handed out: in SymPy, in the symbols that were given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solver.inverse.letters.recipe import RecipeTrees
from solver.symbolic.given import Symbols, given_back


class Recipe:
    """Hold a layer whose hyperparameters are sizes in letters, and where it is one.

    Its sizes are SymPy expressions with floor and ceiling, in the symbols that were given, its
    conditions SymPy relations. As text it is in the grammar of the command line.

    >>> from sympy import Symbol
    >>> from solver import n, solve
    >>> s = Symbol("s")
    >>> recipe = solve("deconv", n, s*n, kernel_size=2*s)[0]
    >>> recipe.padding, recipe.output_padding, recipe.where
    (ceiling(s/2), s - 2*floor(s/2), s >= 2)
    >>> print(recipe)
    kernel_size=2*s, stride=s, padding=ceil(s/2), output_padding=s % 2 where s >= 2
    >>> recipe.at(s=3), recipe.size().subs({n: 7, s: 3})
    (ConvTranspose(6, stride=3, padding=2, output_padding=1), 21)
    """

    __slots__ = ("symbols", "trees")

    def __init__(self, trees: RecipeTrees, symbols: Symbols) -> None:
        self.trees, self.symbols = trees, symbols

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """The hyperparameters of the operation, in their usual order."""
        return {
            name: given_back(size, self.symbols)
            for name, size in self.trees.hyperparameters.items()
        }

    @property
    def kernel_size(self) -> Any:
        return given_back(self.trees.kernel_size, self.symbols)

    @property
    def stride(self) -> Any:
        return given_back(self.trees.stride, self.symbols)

    @property
    def padding(self) -> Any:
        """The padding at each end."""
        return given_back(self.trees.padding, self.symbols)

    @property
    def dilation(self) -> Any:
        return given_back(self.trees.dilation, self.symbols)

    @property
    def output_padding(self) -> Any:
        return given_back(self.trees.output_padding, self.symbols)

    @property
    def where(self) -> Any:
        """The condition on the letters under which it is a layer; True where it always is."""
        return True if self.trees.where is None else given_back(self.trees.where, self.symbols)

    @property
    def valid_from(self) -> Any:
        """The smallest n it is asked for that it takes."""
        return given_back(self.trees.valid_from, self.symbols)

    @property
    def letters(self) -> tuple[str, ...]:
        """The names of the letters it is written in."""
        return self.trees.letters

    def size(self) -> Any:
        """What comes out of n."""
        return given_back(self.trees.size(), self.symbols)

    def at(self, values: Mapping[Any, int] | None = None, /, **letters: int) -> Any:
        """The layer of numbers, by the names of letters or by symbols.

        Raises SolverError where a letter is missing or it is no layer.
        """
        return self.trees.at(
            {**{str(letter): size for letter, size in (values or {}).items()}, **letters}
        )

    def __str__(self) -> str:
        return str(self.trees)

    def __repr__(self) -> str:
        return f"<{self.trees}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recipe) and self.trees == other.trees

    def __hash__(self) -> int:
        return hash(self.trees)
