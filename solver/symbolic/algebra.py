"""Give trees and formulas to SymPy: the one place where its symbols are made.

A SymPy symbol with other assumptions is another symbol, silently; so each name has one symbol,
whole and positive, or whole and nonnegative for paddings. Remainders become x - y*floor(x/y),
which SymPy handles reliably where its Mod does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy

from solver.errors import SolverError
from solver.sizes import formulas
from solver.sizes.expression import Expression, names
from solver.sizes.isolate import isolate
from solver.symbolic.floor_equations import solve_floor as solve_floor
from solver.symbolic.floors import equal_for_all as equal_for_all
from solver.symbolic.floors import first_difference as first_difference
from solver.symbolic.trees import into_sympy

_POSITIVE = ("n", "i", "o", "k", "s", "d", "kernel_size", "stride", "dilation")
_NONNEGATIVE = ("p", "a", "padding", "padding_begin", "padding_end", "output_padding")

SYMBOLS: Mapping[str, sympy.Symbol] = {
    **{name: sympy.Symbol(name, integer=True, positive=True) for name in _POSITIVE},
    **{name: sympy.Symbol(name, integer=True, nonnegative=True) for name in _NONNEGATIVE},
}

#: The free input size.
n = SYMBOLS["n"]


def symbol(name: str) -> sympy.Symbol:
    """The symbol of a letter or a hyperparameter.

    >>> symbol("padding").is_nonnegative, symbol("n") is n
    (True, True)
    >>> symbol("q")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: unknown symbol
      received: q
      right:    a letter or a hyperparameter
    """
    if name not in SYMBOLS:
        raise SolverError("unknown symbol", received=name, right="a letter or a hyperparameter")
    return SYMBOLS[name]


def to_sympy(node: Expression, known: Mapping[str, Any] = SYMBOLS) -> Any:
    """A tree as a SymPy expression, or as a SymPy condition.

    known: the symbols of its names; a name that is not among them is our own symbol of it.

    >>> from solver.sizes.grammar import parse
    >>> to_sympy(parse("ceil(n/2) + 1")), to_sympy(parse("n % 2 == 0"))
    (ceiling(n/2) + 1, Eq(n - 2*floor(n/2), 0))
    """
    symbols = {name: known[name] if name in known else _own(name) for name in names(node)}
    return into_sympy(node, symbols)


def _own(name: str) -> sympy.Symbol:
    """Our own symbol of a name; of a letter without a meaning it is whole and positive."""
    return SYMBOLS[name] if name in SYMBOLS else sympy.Symbol(name, integer=True, positive=True)


def either(ways: Sequence[Sequence[Any]]) -> Any:
    """The condition that all relations of one of the ways hold.

    >>> either([[symbol("stride") > 2, symbol("padding") > 0], [symbol("stride") > 3]])
    (stride > 3) | ((padding > 0) & (stride > 2))
    """
    return sympy.Or(*(sympy.And(*way) for way in ways))


def formula(kind: str) -> Any:
    """The output size in the letters i, k, s, p, d, a.

    kind: conv (also floor-mode pooling), ceil_pool or conv_transpose.

    >>> formula("conv")
    floor((-d*(k - 1) + i + 2*p - 1)/s) + 1
    >>> formula("conv_transpose")
    a + d*(k - 1) - 2*p + s*(i - 1) + 1
    """
    (case,) = isolate(kind, "o").cases
    i, k, s, p, d, a = (SYMBOLS[letter] for letter in "ikspda")
    if kind == "conv":
        return formulas.conv(i, k, s, p, p, d)
    if kind == "conv_transpose":
        return formulas.conv_transpose(i, k, s, p, p, d, a)
    # the general formula writes min with an absolute value; people write Min
    return _read(case.lower)


def isolated(kind: str, letter: str) -> tuple[tuple[Any, Any], ...]:
    """The closed form of a letter as (relation, condition) pairs.

    kind, letter: as in `solver.sizes.isolate.isolate`. The size formula holds exactly where the
    condition of one pair and its relation do. They stay apart because a relation may divide by
    zero where its condition is false, and SymPy cannot hold both in one expression.

    >>> isolated("conv_transpose", "a")
    ((Eq(a, -d*(k - 1) + o + 2*p - s*(i - 1) - 1), True),)
    >>> isolated("conv", "s")[1]  # doctest: +NORMALIZE_WHITESPACE
    ((s >= floor((-d*(k - 1) + i + 2*p - 1)/o) + 1) &
     (s <= floor((-d*(k - 1) + i + 2*p - 1)/(o - 1))), o >= 2)
    """
    x = symbol(letter)
    cases = []
    for case in isolate(kind, letter).cases:
        if case.is_value:
            holds = sympy.Eq(x, _read(case.lower))
        else:
            holds = sympy.And(x >= _read(case.lower, -sympy.oo), x <= _read(case.upper, sympy.oo))
        cases.append((holds, _read(case.when)))
    return tuple(cases)


def _read(size: Expression | None, absent: Any = sympy.true) -> Any:
    return absent if size is None else to_sympy(size)
