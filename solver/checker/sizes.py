"""Follow a size in Python's syntax along n, n + period, n + 2*period, ...

There it is value, value + gain, value + 2*gain, ... as long as only what is whole is rounded, and
only what has drawn apart is compared. So one period of n decides for all larger n.
"""

from __future__ import annotations

import ast
import math
import operator
from fractions import Fraction
from functools import cache, reduce
from typing import Any


class Refused(Exception):
    """Say which statement of a certificate is wrong."""


def need(condition: object, rule: str) -> None:
    """Refuse what breaks a rule."""
    if not condition:
        raise Refused(rule)


class Line:
    """Hold a size along n, n + period, ...: value, value + gain, value + 2*gain, ..."""

    def __init__(self, value: Any, gain: Any = 0) -> None:
        self.value, self.gain = Fraction(value), Fraction(gain)

    def __add__(self, other: Line) -> Line:
        return Line(self.value + other.value, self.gain + other.gain)

    def __neg__(self) -> Line:
        return Line(-self.value, -self.gain)

    def __sub__(self, other: Line) -> Line:
        return self + -other

    def __mul__(self, other: Line) -> Line:
        need(0 in (self.gain, other.gain), "a product has a constant factor")
        gain = self.gain * other.value + self.value * other.gain
        return Line(self.value * other.value, gain)

    def __truediv__(self, other: Line) -> Line:
        need(other.gain == 0 and other.value > 0, "a divisor is constant and positive")
        return self * Line(1 / other.value)

    def __floordiv__(self, other: Line) -> Line:
        quotient = self / other
        need(quotient.gain.denominator == 1, "what is rounded gains a whole number")
        return Line(math.floor(quotient.value), quotient.gain)

    def __mod__(self, other: Line) -> Line:
        return self - (self // other) * other

    def whole(self) -> bool:
        need(self.gain.denominator == 1, "what must be whole gains a whole number")
        return self.value.denominator == 1

    def sign(self) -> int:
        need(self.gain == 0 or self.value * self.gain > 0, "what is compared has drawn apart")
        return (self.value > 0) - (self.value < 0)


ONE = Line(1)
FUNCTIONS: dict[str, Any] = {
    "floor": lambda x: x // ONE,
    "ceil": lambda x: -(-x // ONE),
    "min": lambda *sizes: reduce(lambda x, y: x if (x - y).sign() <= 0 else y, sizes),
    "max": lambda *sizes: reduce(lambda x, y: x if (x - y).sign() >= 0 else y, sizes),
    "Mod": operator.mod,
}
#: Where Python's tree and its operators are spelled differently.
SPELLED = {"Mult": "mul", "Div": "truediv", "USub": "neg", "Not": "not_"}
SPELLED |= {"NotEq": "ne", "LtE": "le", "GtE": "ge"}


def apply(op: ast.AST, *operands: Any) -> Any:
    """Apply an operator of Python's tree."""
    name = type(op).__name__
    return getattr(operator, SPELLED.get(name, name.lower()))(*operands)


def layer(name: str, ask: list[bool], x: Line, **given: Any) -> Any:
    """Return the output size of a layer, and note what it asks of its input and of itself."""
    pooling = name in ("maxpool", "avgpool")
    need(pooling or name in ("conv", "conv_transpose"), f"there is no layer {name}")
    k, p, a, d = (given.get(letter, Line(letter == "d")) for letter in "kpad")
    s, (begin, end) = given.get("s", k if pooling else ONE), p if type(p) is list else (p, p)
    sizes = ((x, 1), (k, 1), (s, 1), (begin, 0), (end, 0), (d, 1), (a, 0))
    ask += [size.whole() and (size - Line(low)).sign() >= 0 for size, low in sizes]
    room = x + begin + end - d * (k - ONE) - ONE
    if name == "conv_transpose":
        ask.append((a - FUNCTIONS["max"](s, d)).sign() < 0)
        out = (x - ONE) * s + x - room + a
    else:
        ask.append(not pooling or (FUNCTIONS["max"](begin, end) * Line(2) - k).sign() <= 0)
        out = room // s + ONE
    if "ceil_mode" in given:
        out = FUNCTIONS["min"](-(-room // s) + ONE, -(-(x + begin) // s))
    ask.append((out - ONE).sign() >= 0)
    return out


def read(node: Any, n: Line, ask: list[bool], sides: list[Line] | None = None) -> Any:
    """Evaluate a tree. sides: note the compared sizes there, and ask those of == to be whole."""
    match node:
        case ast.Constant(value=int(value)):
            return Line(value)
        case ast.Name(id="n"):
            return n
        case ast.Call(func=ast.Name(id=name), args=sizes, keywords=given):
            lines = [read(size, n, ask) for size in sizes]
            if name in FUNCTIONS:
                return FUNCTIONS[name](*lines)
            return layer(name, ask, *lines, **{str(g.arg): read(g.value, n, ask) for g in given})
    parts = [read(p, n, ask, sides) for p in ast.iter_child_nodes(node) if isinstance(p, ast.expr)]
    match node:
        case ast.Tuple():
            return parts
        case ast.BoolOp(op=op):
            return all(parts) if isinstance(op, ast.And) else any(parts)
        case ast.BinOp(op=op) | ast.UnaryOp(op=op):
            return apply(op, *parts)
        case ast.Compare(ops=[op]):
            if sides is not None:
                sides += parts
                ask += [part.whole() for part in parts if isinstance(op, (ast.Eq, ast.NotEq))]
            return apply(op, (parts[0] - parts[1]).sign(), 0)
    raise Refused(f"not a size or a condition: {ast.unparse(node)[:60]}")


@cache
def parse(words: str) -> Any:
    """Parse a text; it is never run."""
    need(len(words) <= 2_000, "a text has at most 2,000 characters")
    return ast.parse(words, mode="eval").body
