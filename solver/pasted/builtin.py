"""The functions of Python that a program is read with: our own, of plain values only."""

from __future__ import annotations

from math import ceil, floor, log2, prod, sqrt
from typing import Any

from solver.errors import LimitError
from solver.pasted.arithmetic import MOST_ITEMS, undecided
from solver.pasted.values import Chain, Opaque, is_list


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
