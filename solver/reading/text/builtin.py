"""The functions of Python that a program is read with: our own, of plain values only."""

from __future__ import annotations

import ast
import math
from math import ceil, exp, floor, gcd, lcm, log, log2, log10, sqrt
from typing import Any

from solver.errors import LimitError, SolverError
from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio
from solver.reading.functions.call import Wire
from solver.reading.functions.table import is_layer
from solver.reading.text.arithmetic import MOST_ITEMS, binary, checked, limited, undecided
from solver.reading.text.values import (
    MODULES,
    Dotted,
    Flow,
    Function,
    Instance,
    Leaf,
    ModuleChain,
    Opaque,
    Partial,
    UserClass,
    is_list,
    unfollowed,
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
        "range": range, "len": _length, "list": _list,
        "tuple": lambda *a: tuple(_list(*a)), "reversed": lambda a: Flow(_list(a)[::-1]),
        "enumerate": lambda a, start=0: Flow(enumerate(_each(a), start)),
        "zip": lambda *a, **_: Flow(zip(*map(_each, a), strict=False)),
        "sum": _sum, "math.prod": _product, "np.prod": lambda a, *_: _product(a),
    }  # fmt: skip
    # of numbers that are known
    numbers = {
        "int": int, "float": float, "max": max, "min": min, "abs": abs, "round": _round,
        "math.floor": floor, "math.ceil": ceil, "math.sqrt": sqrt,
        "math.log2": log2, "math.log": log, "math.log10": log10, "math.exp": exp,
        "math.gcd": gcd, "math.lcm": lcm, "np.sqrt": sqrt, "np.log2": log2, "np.log": log,
        "np.log10": log10, "np.exp": exp, "pow": _power, "math.pow": math.pow, "divmod": divmod,
    }  # fmt: skip
    plain = {name: of(call, _open) for name, call in lists.items()}
    return plain | {name: of(call, undecided) for name, call in numbers.items()}


#: Functions that give what is gone through once.
FLOWING = ("zip", "enumerate")
#: Functions that go through values.
GOING = (*FLOWING, "list", "tuple", "sum", "reversed")
#: Functions of numbers alone: of sizes they have no formula.
NUMBERS = (
    "range", "math.sqrt", "math.log2", "math.log", "math.log10", "np.log2", "np.sqrt", "pow",
    "math.pow", "math.gcd", "math.lcm",
)  # fmt: skip


def _open(value: Any) -> bool:
    held = is_list(value) or isinstance(value, dict)
    return unfollowed(value) or (undecided(value) and not held)


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
        return value.walked
    limited(len(value))
    return list(value)


def _each(value: Any) -> Any:
    """What zip goes through: it ends with the shortest."""
    return value if isinstance(value, (range, Flow)) else _list(value)


def _length(value: Any) -> int:
    return len(value.children) if isinstance(value, ModuleChain) else len(value)


#: By the names they are called by.
BUILTINS = _builtins()


def kind_of(value: Any) -> Any:
    """What type(value) is in a program, as its name."""
    if isinstance(value, Leaf):
        return Dotted(value.title)
    if isinstance(value, ModuleChain):
        kept = "ModuleDict" if value.keyed else "ModuleList"
        return Dotted("Sequential" if value.sequential else kept)
    if isinstance(value, Instance):
        return value.of
    if isinstance(value, (Partial, Wire)):
        return Dotted("partial" if isinstance(value, Partial) else "Tensor")
    return Dotted(type(value).__name__) if isinstance(value, _PLAIN) else Opaque("type")


def is_instance(value: Any, kinds: Any) -> bool | None:
    """Whether isinstance(value, kinds) holds in a program, None where nobody knows.

    >>> is_instance(3, Dotted("int")), is_instance((3, 3), (Dotted("list"), Dotted("tuple")))
    (True, True)
    >>> is_instance(3, Dotted("nn.Module")), is_instance(Opaque("flag"), Dotted("int"))
    (False, None)
    """
    if isinstance(value, Opaque) and not value.parameter:
        return None
    found = [_is_one(value, kind) for kind in (kinds if is_list(kinds) else [kinds])]
    return True if True in found else None if None in found else False


def _is_one(value: Any, kind: Any) -> bool | None:
    if isinstance(kind, UserClass):
        if kind.origin.endswith("Enum"):  # whose members are what the text gives them
            return any(each is value for each in kind.names.values())
        return isinstance(value, Instance) and kind in value.of.line_of_descent
    if not isinstance(kind, Dotted):
        return None
    word = kind.last
    if word in _NAMES:
        return _is_plain(value, word)
    if word in _CALLS:
        return _is_called(value, word)
    if word == "Module":
        return isinstance(value, MODULES)
    if word in ("Tensor", "FloatTensor", "Parameter"):
        learned = isinstance(value, Opaque)
        return learned or (word != "Parameter" and isinstance(value, Wire))
    if isinstance(value, ModuleChain):
        return word == ("Sequential" if value.sequential else "ModuleList")
    title = value.title if isinstance(value, Leaf) else ""
    if isinstance(value, Instance):
        title = value.of.origin
    if not title:
        return False
    if word.startswith("_"):  # such as _ConvNd, _BatchNorm
        kind = title.startswith(word.strip("_").removesuffix("Nd"))
        return kind if is_layer(title) or title == "Module" else None
    return title == word or (None if _unclear(value) else False)


def _is_called(value: Any, word: str) -> bool | None:
    """Tell whether a value is a class or a function, which word names, None where nobody knows."""
    if isinstance(value, Dotted) and not value.last[:1].isupper():
        return None  # a function of a framework
    made = isinstance(value, (UserClass, Dotted))
    found = {"type": made, "partial": isinstance(value, Partial)}
    found["FunctionType"] = isinstance(value, Function)
    return any(found.values()) if word == "Callable" else found[word]


def _unclear(value: Any) -> bool:
    """Tell whether a layer is of a kind that nobody knows."""
    return isinstance(value, Leaf) and value.made is None


def _is_plain(value: Any, word: str) -> bool:
    if isinstance(value, Instance):
        value = value.inner  # a named tuple is one
    if isinstance(value, (Dim, Ratio)):  # tuples, but numbers here
        return word in (("int", "Integral", "Number") if isinstance(value, Dim) else ("float",))
    return isinstance(value, _NAMES[word])


_NAMES: dict[str, Any] = {
    "int": int, "float": float, "str": str, "bool": bool, "list": list, "dict": dict,
    "tuple": tuple, "Iterable": (list, tuple, str, Flow), "Sequence": (list, tuple, str),
    "Number": (int, float), "Integral": int, "Mapping": dict, "Size": tuple, "set": set,
}  # fmt: skip
_CALLS = ("type", "partial", "FunctionType", "Callable")
_PLAIN = (int, float, str, list, dict, type(None))
