"""Sizes as they are given (numbers, words, trees, SymPy), read into trees; and given back.

A SymPy symbol with other assumptions is another symbol, silently. So answers stand in the symbols
that were given, and two of one name are refused. SymPy is loaded only where it was given or is
asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from solver.errors import SolverError
from solver.sizes.domain import LARGEST, whole_number
from solver.sizes.expression import Expression, is_condition, of, walk
from solver.sizes.grammar import parse
from solver.sizes.letters import NAMES, least
from solver.sizes.simplest import simplest

#: The symbols of letters, by their names.
Symbols = Mapping[str, Any]


def in_letters(size: Any) -> bool:
    """Whether a value is a size in letters: words, a tree, or SymPy with symbols in it.

    >>> from solver import n
    >>> in_letters("2s"), in_letters(n + 1), in_letters(3)
    (True, True, False)
    """
    return isinstance(size, (str, Expression)) or bool(getattr(size, "free_symbols", None))


def tree(size: Any, letters: tuple[str, ...] = NAMES, layers: bool = False) -> Expression:
    """A size as a tree. letters: those that words may use; layers: whether these may.

    Raises SolverError, with a caret under the fault of words.

    >>> from sympy import Symbol
    >>> print(tree("2s - 1"), tree(3), tree(Symbol("w")/2))
    2*s - 1 3 w/2
    >>> tree("k >= 2")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a size is wanted here, not a condition
      k >= 2
        ^
      right:    for example 2*s
    """
    if isinstance(size, str):
        found = parse(size, letters, layers)
        if is_condition(found):
            rule = "a size is wanted here, not a condition"
            raise SolverError(rule, text=size, at=found.at, right="for example 2*s")
        for part in walk(found):
            if part.kind in ("/", "//", "%") and simplest(part.parts[1]) == of(0):
                raise SolverError("a divisor must not be 0", text=size, at=part.at)
        return found
    if isinstance(size, Expression):
        return size
    if hasattr(size, "free_symbols"):
        from solver.symbolic.trees import from_sympy

        return from_sympy(size)
    number: Any = size if isinstance(size, Fraction) else whole_number(size, "a size", -LARGEST)
    return of(number)


def symbols_of(sizes: Iterable[Any]) -> dict[str, Any]:
    """The SymPy symbols that sizes are given in, by their names.

    Raises SolverError for two of one name, and for one that can be no letter.

    >>> from sympy import Symbol
    >>> symbols_of([Symbol("k") + 1, Symbol("s", positive=True), 3, "2d"])
    {'k': k, 's': s}
    >>> symbols_of([Symbol("k"), Symbol("k", integer=True)])
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: two symbols of one name with different assumptions are different
      received: Symbol('k') and Symbol('k', integer=True)
      right:    one symbol k for all
    """
    found: dict[str, Any] = {}
    for size in sizes:
        for symbol in getattr(size, "free_symbols", ()):
            _check(symbol)
            other = found.setdefault(symbol.name, symbol)
            if other != symbol:
                rule = "two symbols of one name with different assumptions are different"
                received = " and ".join(sorted(map(_written, (other, symbol))))
                raise SolverError(rule, received, f"one symbol {symbol.name} for all")
    return found


def given_back(size: Expression, known: Symbols) -> Any:
    """A tree as SymPy, in the symbols that were given, and in our own where there were none.

    >>> from sympy import Symbol
    >>> s = Symbol("s")
    >>> given_back(tree("ceil(s/2)"), {"s": s}).free_symbols == {s}
    True
    """
    from solver.symbolic.algebra import to_sympy

    return to_sympy(size, known)


def _check(symbol: Any) -> None:
    if symbol.is_integer is False or (symbol.is_positive is False and symbol.is_zero is not None):
        rule = f"a letter is a whole number of at least {least(symbol.name)}"
        raise SolverError(rule, _written(symbol), f"Symbol({symbol.name!r}, integer=True)")


def _written(symbol: Any) -> str:
    """A symbol with what it is assumed to be."""
    from sympy import srepr

    return str(srepr(symbol))
