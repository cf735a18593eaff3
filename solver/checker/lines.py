"""Follow a size along n, n + period, n + 2*period, ...

There it is value, value + gain, value + 2*gain, ... as long as only what gains whole numbers is
rounded, and only what has drawn apart is compared. So one period of n decides for all larger n.
"""

from __future__ import annotations

from fractions import Fraction
from types import NoneType
from typing import Any, NamedTuple

Number = int | Fraction

#: The signs that a difference may have.
SIGNS = {"Eq": (0,), "NotEq": (-1, 1), "Lt": (-1,), "LtE": (-1, 0), "Gt": (1,), "GtE": (0, 1)}


class Refused(Exception):
    """Say which statement of a certificate is wrong."""


class TooLong(Refused):
    """Say that a certificate asks for more steps than the checker takes: it may well be right."""


def need(condition: object, rule: str) -> None:
    """Refuse what breaks a rule."""
    if not condition:
        raise Refused(rule)


def typed(name: str, value: Any, shape: Any) -> None:
    """Refuse JSON of another shape: a type, [shape] for a list, or a shape for each name.

    {name: (str, NoneType)} is text or null. A truth is no number here.
    """
    if type(shape) is dict:
        right = type(value) is dict and set(value) == set(shape)
        need(right, f"{name} has exactly {', '.join(sorted(shape))}")
        for key, inner in shape.items():
            typed(key, value[key], inner)
    elif type(shape) is list:
        need(type(value) is list, f"{name} is a list")
        for part in value:
            typed(f"what is in {name}", part, *shape)
    else:
        kinds = shape if type(shape) is tuple else (shape,)
        need(type(value) in kinds, f"{name} is {' or '.join(WORDS[kind] for kind in kinds)}")


WORDS = {int: "a whole number", bool: "true or false", str: "text", list: "a list"}
WORDS |= {NoneType: "null"}


def truth(value: Any) -> bool:
    """Refuse what is no condition; return it otherwise."""
    need(type(value) is bool, "a condition is a comparison, or some joined by and, or, not")
    return bool(value)


class Line(NamedTuple):
    """Hold a size along n, n + period, ...: value, value + gain, value + 2*gain, ..."""

    value: Number
    gain: Number = 0

    def whole(self) -> bool:
        need(self.gain.denominator == 1, "what must be whole gains a whole number")
        return self.value.denominator == 1


def apply(op: str, x: Line, y: Line) -> Any:
    """Apply an operator by its name in Python's tree; a comparison gives a truth."""
    need(type(x) is type(y) is Line, "an operator stands between sizes")
    match op:
        case "Add":
            return Line(x.value + y.value, x.gain + y.gain)
        case "Sub":
            return Line(x.value - y.value, x.gain - y.gain)
        case "Mult":
            need(0 in (x.gain, y.gain), "a product has a constant factor")
            return Line(x.value * y.value, x.gain * y.value + x.value * y.gain)
        case "Div":
            need(y.gain == 0 and y.value != 0, "a divisor is constant and not 0")
            return Line(Fraction(x.value) / y.value, Fraction(x.gain) / y.value)
        case "FloorDiv":
            need(y.gain == 0 and y.value != 0, "a divisor is constant and not 0")
            need(x.gain % y.value == 0, "what is rounded gains a whole number")
            return Line(x.value // y.value, x.gain // y.value)
        case "Mod":
            return apply("Sub", x, apply("Mult", apply("FloorDiv", x, y), y))
    value, gain = apply("Sub", x, y)
    need(gain == 0 or value * gain > 0, "what is compared has drawn apart")
    return (value > 0) - (value < 0) in SIGNS[op]
