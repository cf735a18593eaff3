"""The functions of Python that a program is read with: our own, of plain values only."""

from __future__ import annotations

import ast
import math
from math import ceil, floor, log, log2, log10, sqrt
from typing import Any

from solver.errors import LimitError, SolverError
from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio
from solver.reading.functions.call import Wire
from solver.reading.text.arithmetic import MOST_ITEMS, binary, checked, limited, undecided, word
from solver.reading.text.values import (
    MODULES,
    Dotted,
    Instance,
    Leaf,
    ModuleChain,
    Opaque,
    Partial,
    UserClass,
    is_list,
)

MOST_DIGITS = 64


def _builtins() -> dict[str, Any]:
    def of(call: Any, known: Any) -> Any:
        def limited_call(*args: Any, **keywords: Any) -> Any:
            given = (*args, *keywords.values())
            if any(map(known, given)):
                return Opaque("a number")
            if call not in (range, _length) and any(map(_long, given)):
                raise LimitError(f"a list may have {MOST_ITEMS:,} entries")
            return checked(call(*args, **keywords))

        return limited_call

    # of lists, whatever is in them
    lists = {
        "range": range, "len": _length, "bool": bool, "str": word, "list": _list,
        "tuple": lambda *a: tuple(_list(*a)), "reversed": lambda a: _list(a)[::-1],
        "enumerate": lambda a, start=0: list(enumerate(_list(a), start)),
        "zip": lambda *a, **_: list(zip(*map(_list, a), strict=False)), "dict": dict,
        "sum": _sum, "math.prod": _product, "np.prod": lambda a, *_: _product(a),
    }  # fmt: skip
    # of numbers that are known
    numbers = {
        "int": int, "float": float, "max": max, "min": min, "abs": abs, "round": _round,
        "sorted": sorted, "math.floor": floor, "math.ceil": ceil, "math.sqrt": sqrt,
        "math.log2": log2, "math.log": log, "math.log10": log10, "np.log2": log2, "np.sqrt": sqrt,
        "pow": _power, "math.pow": math.pow, "divmod": divmod, "any": any, "all": all,
    }  # fmt: skip
    plain = {name: of(call, _open) for name, call in lists.items()}
    return plain | {name: of(call, undecided) for name, call in numbers.items()}


def _open(value: Any) -> bool:
    return undecided(value) and not is_list(value)


def _long(value: Any) -> bool:
    return isinstance(value, range) and bool(value[MOST_ITEMS:])


def _sum(values: Any, start: Any = 0) -> Any:
    if not is_list(start):
        return _folded(ast.Add, values, start)
    total = list(start)
    for value in values:
        if type(value) is not type(start):
            raise TypeError
        limited(len(total) + len(value))
        total += value
    return type(start)(total)


def _product(values: Any, start: Any = 1) -> Any:
    return _folded(ast.Mult, values, start)


def _folded(kind: type, values: Any, start: Any) -> Any:
    total = start
    for value in values:
        if undecided(value) and not isinstance(value, (Dim, Ratio)):
            return Opaque("a number")
        total = binary(kind, total, value)
        if total is None:
            raise TypeError
    return total


def _power(base: Any, exponent: Any, modulus: Any = None) -> Any:
    return binary(ast.Pow, base, exponent) if modulus is None else pow(base, exponent, modulus)


def _round(number: Any, ndigits: int | None = None) -> Any:
    if ndigits is not None and abs(ndigits) > MOST_DIGITS:
        raise SolverError("this number is too large")
    return round(number, ndigits)


def _list(value: Any = ()) -> list[Any]:
    if isinstance(value, ModuleChain):
        return value.modules
    limited(len(value))
    return list(value)


def _length(value: Any) -> int:
    return len(value.children) if isinstance(value, ModuleChain) else len(value)


#: By the names they are called by.
BUILTINS = _builtins()


def kind_of(value: Any) -> Any:
    """What type(value) is in a program, as its name."""
    if isinstance(value, Leaf):
        return Dotted(value.title)
    if isinstance(value, Instance):
        return value.of
    if isinstance(value, Partial):
        return Dotted("partial")
    return Dotted(type(value).__name__) if isinstance(value, _PLAIN) else Opaque("type")


def is_instance(value: Any, kinds: Any) -> bool:
    """Tell whether isinstance(value, kinds) holds in a program.

    >>> is_instance(3, Dotted("int")), is_instance((3, 3), (Dotted("list"), Dotted("tuple")))
    (True, True)
    >>> is_instance(3, Dotted("nn.Module"))
    False
    """
    for kind in kinds if is_list(kinds) else [kinds]:
        if isinstance(kind, UserClass):
            if isinstance(value, Instance) and kind in value.of.line_of_descent:
                return True
        elif isinstance(kind, Dotted):
            word = kind.last
            if word == "Module" and isinstance(value, MODULES):
                return True
            if word == "Tensor" and isinstance(value, Wire):
                return True
            if isinstance(value, Leaf) and value.title == word:
                return True
            if isinstance(value, ModuleChain) and word == (
                "Sequential" if value.sequential else "ModuleList"
            ):
                return True
            if word == "tuple" and type(value) is tuple:  # a dimension is one, but a number here
                return True
            if word in _NAMES and isinstance(value, _NAMES[word]):
                return True
    return False


_NAMES: dict[str, Any] = {
    "int": int, "float": float, "str": str, "bool": bool, "list": list, "dict": dict,
    "Iterable": (list, tuple, str), "Sequence": (list, tuple, str),
}  # fmt: skip
_PLAIN = (int, float, str, list, dict, type(None))
