"""Short tensors that are made of sizes: what arithmetic makes of their elements, with formulas."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from solver.reading.paths.size import Size

_TWO: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "truediv": operator.truediv,
    "true_divide": operator.truediv,
    "floordiv": operator.floordiv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "mod": operator.mod,
    "maximum": max,
    "minimum": min,
    **{name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")},
}
_ONE: dict[str, Callable[[Any], Any]] = {
    "ceil": math.ceil,
    "floor": math.floor,
    "neg": operator.neg,
    **dict.fromkeys(
        ["float", "double", "half", "to", "clone", "detach", "cpu", "contiguous"], lambda x: x
    ),
    **dict.fromkeys(("long", "int"), lambda x: x if isinstance(x, Size) else math.trunc(x)),
}
_MAKING = ("tensor", "as_tensor", "LongTensor", "scalar_tensor")
_WHOLE = ("sum", "prod", "max", "min", "stack", "cat", "concat", "getitem")
#: What hands out elements: they are numbers with formulas.
_HANDING = ("item", "tolist", "int", "float", "bool", "index")
#: The functions that these tensors are followed through.
ELEMENTWISE = {*_TWO, *_ONE, *(f"r{name}" for name in _TWO), *_MAKING, *_WHOLE, *_HANDING}


def elements(
    name: str, args: Sequence[Any], words: dict[str, Any], carrier: Any
) -> list[Any] | None:
    """The elements that come out of a function, in order; None where they are not followed."""
    name = name.strip("_")
    if name in _MAKING:
        return _flat(args[0])
    if name.startswith("r") and name[1:] in _TWO:
        name, args = name[1:], args[::-1]
    if name in _ONE:
        return [_ONE[name](each) for each in _several(args[0], carrier)]
    if name == "sum" and len(args) == 1:
        return [sum(args[0].elements)]
    if name == "prod" and len(args) == 1:
        return [math.prod(args[0].elements)]
    if name in ("max", "min") and len(args) == 1:
        return [(max if name == "max" else min)(args[0].elements)]
    if name in ("stack", "cat", "concat"):
        return [each for part in args[0] for each in _several(part, carrier)]
    if name == "getitem" and len(args[0].plain.shape) == 1:
        found = args[0].elements[args[1]]
        return list(found) if isinstance(found, (tuple, list)) else [found]
    if name not in _TWO:
        return None
    one, other = (_several(each, carrier) for each in args[:2])
    longest = max(len(one), len(other))
    one, other = (part * longest if len(part) == 1 else part for part in (one, other))
    rounding = words.get("rounding_mode")
    rule = operator.floordiv if rounding == "floor" else _TWO[name]
    return [rule(a, b) for a, b in zip(one, other, strict=True)]


def _flat(value: Any) -> list[Any]:
    if isinstance(value, (tuple, list)):
        return [inner for each in value for inner in _flat(each)]
    return [value]


def _several(value: Any, carrier: Any) -> list[Any]:
    if isinstance(value, carrier):
        return list(value.elements)
    return value.reshape(-1).tolist() if hasattr(value, "reshape") else [value]
