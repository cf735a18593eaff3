"""The functions of Python that a program is read with: our own, of plain values only."""

from __future__ import annotations

from math import ceil, floor, log, log2, log10, prod, sqrt
from typing import Any

from solver.errors import LimitError
from solver.pasted.arithmetic import MOST_ITEMS, undecided
from solver.pasted.building import Wire
from solver.pasted.values import (
    MODULES,
    Chain,
    Dotted,
    Instance,
    Leaf,
    Opaque,
    Partial,
    UserClass,
    is_list,
)


def _builtins() -> dict[str, Any]:
    def known(call: Any) -> Any:
        def checked(*args: Any, **keywords: Any) -> Any:
            if any(undecided(arg) and not is_list(arg) for arg in args):
                return Opaque("a number")
            return call(*args, **keywords)

        return checked

    names = {
        "range": range, "len": _length, "int": int, "float": float, "bool": bool, "str": _word,
        "max": max, "min": min, "abs": abs, "sum": sum, "round": round, "sorted": sorted,
        "list": _list, "tuple": lambda *a: tuple(_list(*a)), "reversed": lambda a: _list(a)[::-1],
        "enumerate": lambda a, start=0: list(enumerate(_list(a), start)),
        "zip": lambda *a, **_: list(zip(*map(_list, a), strict=False)), "dict": dict,
        "math.floor": floor, "math.ceil": ceil, "math.sqrt": sqrt, "math.log2": log2,
        "math.log": log, "math.log10": log10, "np.log2": log2, "np.sqrt": sqrt, "pow": pow,
        "math.pow": pow, "divmod": divmod,
        "math.prod": prod, "np.prod": lambda a, *_: prod(a), "any": any, "all": all,
    }  # fmt: skip
    return {name: known(call) for name, call in names.items()}


def _list(value: Any = ()) -> list[Any]:
    if isinstance(value, Chain):
        return value.modules
    if len(value) > MOST_ITEMS:
        raise LimitError(f"a list may have {MOST_ITEMS:,} entries")
    return list(value)


def _length(value: Any) -> int:
    return len(value.children) if isinstance(value, Chain) else len(value)


def _word(value: Any) -> str:
    return str(value)[:1000] if isinstance(value, (str, int, float)) else "?"


#: By the names they are called by.
BUILTINS = _builtins()


def kind_of(value: Any) -> Any:
    """Return what type(value) is in a program, as its name."""
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
            if isinstance(value, Chain) and word == (
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
