"""Follow a size along n, n + period, n + 2*period, ...

There it is value, value + gain, value + 2*gain, ... as long as only what gains whole numbers is
rounded, and only what has drawn apart is compared. So one period of n decides for all larger n.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

#: The signs that a difference may have.
SIGNS = {"Eq": (0,), "NotEq": (-1, 1), "Lt": (-1,), "LtE": (-1, 0), "Gt": (1,), "GtE": (0, 1)}


class Refused(Exception):
    """Say which statement of a certificate is wrong."""


def need(condition: object, rule: str) -> None:
    """Refuse what breaks a rule."""
    if not condition:
        raise Refused(rule)


def truth(value: Any) -> bool:
    """Refuse what is no condition; return it otherwise."""
    need(type(value) is bool, "a condition is a comparison, or some joined by and, or, not")
    return bool(value)


class Line(NamedTuple):
    """Hold a size along n, n + period, ...: value, value + gain, value + 2*gain, ..."""

    value: Fraction
    gain: Fraction = Fraction(0)

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
            return Line(x.value / y.value, x.gain / y.value)
        case "FloorDiv":
            exact = apply("Div", x, y)
            need(exact.gain.denominator == 1, "what is rounded gains a whole number")
            return Line(Fraction(floor(exact.value)), exact.gain)
        case "Mod":
            return apply("Sub", x, apply("Mult", apply("FloorDiv", x, y), y))
    value, gain = apply("Sub", x, y)
    need(gain == 0 or value * gain > 0, "what is compared has drawn apart")
    return (value > 0) - (value < 0) in SIGNS[op]
