"""Read a size or a condition in Python's syntax: Python parses it, nothing is run.

A layer is a function of a size; what layers and functions are stands here in the same syntax.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import cache
from math import inf
from typing import Any

from solver.checker.lines import Line, Refused, apply, need, truth

#: What functions are, and the outputs of layers of x; a pooling in ceil mode is called ceil_mode.
CONV = "(x + b + e - d*(k - 1) - 1)//s + 1"
IS = {"floor": "x//1", "ceil": "-(-x//1)", "Mod": "x % y"}
IS |= {"min": "x if x <= y else y", "max": "x if x >= y else y"}
IS |= {"conv": CONV, "maxpool": CONV, "avgpool": CONV}
IS["ceil_mode"] = "min(-(-(x + b + e - d*(k - 1) - 1)//s) + 1, -(-(x + b)//s))"
IS["conv_transpose"] = "(x - 1)*s - b - e + d*(k - 1) + 1 + a"
#: What layers ask, besides whole x, k, s, d >= 1, whole b, e, a >= 0 and an output >= 1.
ASKS = {"conv": "0 == 0", "conv_transpose": "a < max(s, d)"}
ASKS |= dict.fromkeys(("maxpool", "avgpool"), "2*max(b, e) <= k")
#: The hyperparameters of each layer.
LETTERS = {"conv": "kspd", "conv_transpose": "kspda", "maxpool": "kspd", "avgpool": "ksp"}

#: Evaluates a size to a Line, a condition to a bool, from the lines of its names. It is handed a
#: list that is told what layers ask, and one that is told the compared sizes, or None.
Reader = Callable[[dict[str, Any], list[bool], Any], Any]


@cache
def parse(words: str) -> Any:
    """Parse a text; it is never run."""
    need(len(words) <= 2_000, "a text has at most 2,000 characters")
    plain = re.fullmatch(r"[\w +\-*/%<>=!(),]*", words, re.ASCII)
    need(plain and not re.search(r"\d[A-Za-z_]", words), "a text is names, numbers and operators")
    return ast.parse(words, mode="eval").body


def steps(node: ast.AST) -> int:
    """Bound the steps that a tree takes to evaluate; long numbers take longer."""
    digits, parts = 0, 0
    for part in ast.walk(node):
        match part:
            case ast.Constant(value=value):
                digits += len(repr(value))
            case ast.Div():
                parts += 6
            case ast.Call(func=ast.Name(id="floor" | "ceil" | "min" | "max" | "Mod")):
                parts += 5 * len(part.args)
            case ast.Call():
                parts += 50
        parts += isinstance(part, ast.expr)
    return parts * (1 + digits // 100)


#: How many sizes a function takes.
_TAKES = {
    **dict.fromkeys(("floor", "ceil"), (1, 1, "one size")),
    **dict.fromkeys(("min", "max"), (2, inf, "two sizes")),
    "Mod": (2, 2, "two sizes"),
}


def reader(node: Any) -> Reader:
    """What evaluates a tree; == asks its sizes to be whole where they are told."""
    match node:
        case ast.Constant(value=value) if type(value) is int:
            line = Line(value)
            return lambda names, asked, sides: line
        case ast.Name(id=name):
            return lambda names, asked, sides: names[name]
        case ast.BinOp(left=left, op=op, right=right):
            return between(type(op).__name__, reader(left), reader(right))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return between("Sub", reader(ast.Constant(0)), reader(inner))
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            part = reader(inner)
            return lambda names, asked, sides: not truth(part(names, asked, sides))
        case ast.BoolOp(op=op, values=inner):
            return joined(all if isinstance(op, ast.And) else any, [*map(reader, inner)])
        case ast.IfExp(test=test, body=left, orelse=right):
            return chosen(reader(test), reader(left), reader(right))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return comparison(type(op).__name__, reader(left), reader(right))
        case ast.Tuple(elts=inner):
            parts = [*map(reader, inner)]
            return lambda *given: tuple(part(*given) for part in parts)
        case ast.Call(func=ast.Name(id=name), args=inner, keywords=[]) if name in _TAKES:
            least, most, words = _TAKES[name]
            need(least <= len(inner) <= most, f"{name} takes {words}")
            return function(name, [*map(reader, inner)])
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=given):
            return layer_call(name, inner, given)
    raise Refused(f"not a size or a condition: {ast.unparse(node)[:60]}")


def layer_call(name: str, inner: ast.expr, given: list[ast.keyword]) -> Reader:
    """What evaluates a layer, after its hyperparameters are checked by name."""
    letters = {str(g.arg): g.value for g in given}
    need(len(letters) == len(given), "each hyperparameter once")
    mode = letters.pop("ceil_mode", None)
    need(
        mode is None or ("pool" in name and ast.unparse(mode) == "True"),
        "ceil_mode=True of a pooling",
    )
    need(name in LETTERS, f"there is no such layer: {name}")
    need({"k"} <= {*letters} <= {*LETTERS[name]}, f"{name} takes {LETTERS[name]}")
    values = {letter: reader(value) for letter, value in letters.items()}
    return layer(name, reader(inner), values, mode is not None)


def joined(how: Any, parts: list[Reader]) -> Reader:
    """What tells whether all, or any, of some conditions hold; each is evaluated."""
    return lambda *given: how([truth(part(*given)) for part in parts])


def chosen(test: Reader, one: Reader, two: Reader) -> Reader:
    """What evaluates the one part where a condition holds, and the other elsewhere."""
    return lambda *given: one(*given) if truth(test(*given)) else two(*given)


def between(op: str, left: Reader, right: Reader) -> Reader:
    """What applies an operator."""
    return lambda *given: apply(op, left(*given), right(*given))


def comparison(op: str, left: Reader, right: Reader) -> Reader:
    """What compares, and tells the sizes it compares."""

    def compare(names: dict[str, Any], asked: list[bool], sides: Any) -> Any:
        pair = [left(names, asked, sides), right(names, asked, sides)]
        if sides is not None:
            sides += pair
            asked += [size.whole() for size in pair if op in ("Eq", "NotEq")]
        return apply(op, *pair)

    return compare


@cache
def rule(words: str) -> Reader:
    """What evaluates one of the texts above."""
    return reader(parse(words))


def function(name: str, parts: list[Reader]) -> Reader:
    """What evaluates a function, of the first two sizes, then of that and the next."""
    of = rule(IS[name])

    def value(*given: Any) -> Any:
        x, *others = [part(*given) for part in parts]
        for y in others:
            x = of({"x": x, "y": y}, given[1], None)
        return x if others else of({"x": x}, given[1], None)

    return value


def layer(name: str, inner: Reader, given: dict[str, Reader], ceil_mode: bool) -> Reader:
    """What evaluates a layer, and tells what it asks."""
    size, asks = rule(IS["ceil_mode" if ceil_mode else name]), rule(ASKS[name])
    zero, one = Line(0), Line(1)

    def output(*context: Any) -> Any:
        asked = context[1]
        names = {"x": inner(*context), "s": one, "p": zero, "d": one, "a": zero}
        names |= {letter: part(*context) for letter, part in given.items()}
        padding = names.pop("p")
        names["b"], names["e"] = (padding, padding) if isinstance(padding, Line) else padding
        if "pool" in name and "s" not in given:
            names["s"] = names["k"]
        for letter, value in names.items():
            need(type(value) is Line, "a hyperparameter is a size")
            asked.append(value.whole() and apply("GtE", value, one if letter in "xksd" else zero))
        asked.append(asks(names, asked, None))
        out = size(names, asked, None)
        asked.append(apply("GtE", out, one))
        return out

    return output
