"""What a claim says at given numbers, read from its text by Python's own parser.

An oracle: it shares nothing with `solver`. A claim is None where it is not asked.
"""

from __future__ import annotations

import ast
import math
import operator
import random
from fractions import Fraction
from functools import cache

_BINARY = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda x, y: Fraction(x // y),
    ast.Mod: operator.mod,
}
_COMPARE = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ORDER = ("k", "s", "p", "d", "a")
_LEAST = {"k": 1, "s": 1, "p": 0, "d": 1, "a": 0}


class NotAsked(Exception):
    """The claim is not asked at these numbers."""


def truth(claim: str, where: str, values: dict[str, int]) -> bool | None:
    """Tell whether a claim in Python's syntax is true at the given numbers."""
    numbers = {name: Fraction(value) for name, value in values.items()}
    if any(value < _LEAST.get(name, 1) for name, value in values.items()):
        return None
    try:
        if where and not _value(_parsed(where), numbers, False):
            return None
        return bool(_value(_parsed(claim), numbers, True))
    except (NotAsked, ZeroDivisionError):
        return None


def evaluate(size: str, values: dict[str, int]) -> Fraction:
    """Return the value of a size in Python's syntax."""
    return _value(_parsed(size), {name: Fraction(v) for name, v in values.items()}, False)


@cache
def _parsed(words: str) -> ast.expr:
    return ast.parse(words, mode="eval").body


def _value(node, numbers, stated):
    match node:
        case ast.Constant(value=int(value)):
            return Fraction(value)
        case ast.Name(id=name):
            return numbers[name]
        case ast.BinOp(left=left, op=sign, right=right):
            return _BINARY[type(sign)](
                _value(left, numbers, stated), _value(right, numbers, stated)
            )
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, numbers, stated)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return not _value(inner, numbers, stated)
        case ast.BoolOp(op=sign, values=parts):
            # every part is read: all kernels must fit, whatever decides
            found = [_value(part, numbers, stated) for part in parts]
            return all(found) if isinstance(sign, ast.And) else any(found)
        case ast.Compare(left=left, ops=signs, comparators=others):
            sides = [_value(side, numbers, stated) for side in (left, *others)]
            for sign, x, y in zip(signs, sides, sides[1:], strict=False):
                if stated and isinstance(sign, (ast.Eq, ast.NotEq)):
                    _ask(x.denominator == 1 and y.denominator == 1)
            pairs = zip(signs, sides, sides[1:], strict=False)
            return all(_COMPARE[type(sign)](x, y) for sign, x, y in pairs)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
            return _call(name, arguments, keywords, numbers, stated)
    raise AssertionError(ast.dump(node))


def _call(name, arguments, keywords, numbers, stated):
    values = [_value(argument, numbers, stated) for argument in arguments]
    if name in ("floor", "ceil"):
        return Fraction(getattr(math, name)(values[0]))
    if name in ("min", "max"):
        return {"min": min, "max": max}[name](values)
    size, *places = values
    given = dict(zip(_ORDER, places, strict=False))
    ceil_mode = False
    ends = None
    for keyword in keywords:
        if keyword.arg == "ceil_mode":
            ceil_mode = keyword.value.value
        elif keyword.arg == "p" and isinstance(keyword.value, ast.Tuple):
            ends = [_value(end, numbers, stated) for end in keyword.value.elts]
        else:
            given[keyword.arg] = _value(keyword.value, numbers, stated)
    pooling = name in ("maxpool", "avgpool")
    k = given["k"]
    s = given.get("s", k if pooling else Fraction(1))
    begin, end = ends or [given.get("p", Fraction(0))] * 2
    d, a = given.get("d", Fraction(1)), given.get("a", Fraction(0))
    for letter, value in (("k", k), ("s", s), ("p", begin), ("p", end), ("d", d), ("a", a)):
        _ask(value.denominator == 1 and value >= _LEAST[letter])
    _ask(size.denominator == 1 and size >= 1)
    if name in ("deconv", "conv_transpose"):
        _ask(a < max(s, d))
        out = (size - 1) * s - begin - end + d * (k - 1) + a + 1
    else:
        _ask(not pooling or 2 * max(begin, end) <= k)
        room = size + begin + end - d * (k - 1) - 1
        out = room // s + 1
        if ceil_mode:
            out = -(-room // s) + 1
            if (out - 1) * s >= size + begin:  # the last window would start in the padding
                out -= 1
    _ask(out >= 1)
    return Fraction(out)


def _ask(condition):
    if not condition:
        raise NotAsked


# Random claims, as text


class Words:
    """Make random sizes and claims from a seed."""

    def __init__(self, seed: int, letters: tuple[str, ...] = ()) -> None:
        self.dice = random.Random(seed)
        self.letters = letters

    def number(self, low: int, high: int) -> str:
        if self.letters and self.dice.random() < 0.5:
            x, y = (self.dice.choice(self.letters) for _ in range(2))
            return self.dice.choice(
                [
                    x,
                    x,
                    f"({x} - 1)/2",
                    f"{x}//2",
                    f"{x} + 1",
                    f"{x} - 1",
                    f"{x} % {y}",
                    f"({x} - {y})/2",
                ]
            )
        return str(self.dice.randint(low, high))

    def size(self, depth: int) -> str:
        dice = self.dice
        if depth == 0 or dice.random() < 0.15:
            return dice.choice(["n", "n", "n", self.number(1, 20)])
        inner = self.size(depth - 1)
        kind = dice.randrange(11)
        if kind <= 3:
            p = self.number(0, 3)
            ends = p if dice.random() < 0.7 else f"({p}, {self.number(0, 3)})"
            return (
                f"conv({inner}, k={self.number(1, 6)}, s={self.number(1, 4)}, p={ends}, "
                f"d={self.number(1, 2)})"
            )
        if kind == 4:
            k, s, p, a = (self.number(*ends) for ends in ((1, 5), (2, 4), (0, 2), (0, 1)))
            return f"deconv({inner}, {k}, {s}, {p}, a={a})"
        if kind == 5:
            p, up = self.number(0, 1), dice.choice(["True", "False"])
            return (
                f"maxpool({inner}, {self.number(2, 4)}, {self.number(1, 4)}, {p}, ceil_mode={up})"
            )
        if kind == 6:
            return f"({inner} {dice.choice('+-')} {self.size(depth - 1)})"
        if kind == 7:
            return f"{dice.choice(['floor', 'ceil'])}({inner}/{self.number(1, 5)})"
        if kind == 8:
            return f"{dice.choice(['min', 'max'])}({inner}, {self.size(depth - 1)})"
        if kind == 9:
            return f"({inner} % {self.number(1, 4)})"
        return f"({inner})*{dice.randint(0, 3)}/{dice.randint(1, 3)}"

    def claim(self, depth: int) -> tuple[str, str]:
        """Return a claim and a condition; half of the claims are near misses of an identity."""
        dice = self.dice
        left = self.size(depth)
        right = left if dice.random() < 0.3 else self.size(dice.randint(0, depth))
        if dice.random() < 0.3:
            right = f"floor(({right})*2/2)" if dice.random() < 0.5 else f"{right} + 0"
        sign = dice.choice(["==", "==", "==", "==", "<=", ">", "!="])
        words = f"{left} {sign} {right}"
        if dice.random() < 0.15:
            words += f" {dice.choice(['and', 'or'])} not n < {dice.randint(1, 9)}"
        letter = dice.choice(("n", *self.letters))
        where = dice.choice(
            [
                "",
                "",
                f"{letter} % {dice.randint(1, 4)} == {dice.randint(0, 3)}",
                f"{letter} >= {dice.randint(1, 20)}",
            ]
        )
        return words, where
