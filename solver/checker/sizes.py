"""Read a size or a condition in Python's syntax: Python parses it, nothing is run.

A layer is a function of a size; what layers and functions are stands here in the same syntax.
"""

from __future__ import annotations

import ast
from fractions import Fraction
from functools import cache, reduce
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


@cache
def parse(words: str) -> Any:
    """Parse a text; it is never run."""
    need(len(words) <= 2_000, "a text has at most 2,000 characters")
    need(words.isascii() and words.isprintable() and "#" not in words, "a text is one plain line")
    return ast.parse(words, mode="eval").body


def read(node: Any, names: dict[str, Any], asked: list[bool], sides: Any = None) -> Any:
    """Evaluate a tree: a size to a Line, a condition to a bool.

    asked: is told what layers ask. sides: is told the compared sizes; == asks for whole ones.
    """

    def part(inner: Any) -> Any:
        return read(inner, names, asked, sides)

    match node:
        case ast.Constant(value=value) if type(value) is int:
            return Line(Fraction(value))
        case ast.Name(id=name):
            return names[name]
        case ast.BinOp(left=left, op=op, right=right):
            return apply(type(op).__name__, part(left), part(right))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return apply("Sub", Line(Fraction(0)), part(inner))
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return not truth(part(inner))
        case ast.BoolOp(op=op, values=inner):
            return (all if isinstance(op, ast.And) else any)([truth(part(x)) for x in inner])
        case ast.IfExp(test=test, body=left, orelse=right):
            return part(left) if truth(part(test)) else part(right)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            pair = [part(left), part(right)]
            if sides is not None:
                sides += pair
                asked += [size.whole() for size in pair if isinstance(op, (ast.Eq, ast.NotEq))]
            return apply(type(op).__name__, *pair)
        case ast.Tuple(elts=inner):
            return tuple(map(part, inner))
        case ast.Call(func=ast.Name(id="floor" | "ceil" as name), args=[inner], keywords=[]):
            return read(parse(IS[name]), {"x": part(inner)}, asked)
        case ast.Call(func=ast.Name(id="min" | "max" | "Mod" as name), args=inner, keywords=[]):
            need(len(inner) == 2 or (len(inner) > 2 and name != "Mod"), f"{name} takes two sizes")
            rule = parse(IS[name])
            return reduce(lambda x, y: read(rule, {"x": x, "y": y}, asked), map(part, inner))
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=given):
            ceil_mode = [g for g in given if g.arg == "ceil_mode"]
            letters = {str(g.arg): part(g.value) for g in given if g not in ceil_mode}
            need(len(letters) + len(ceil_mode) == len(given), "each hyperparameter once")
            for g in ceil_mode:
                need(
                    "pool" in name and ast.unparse(g.value) == "True", "ceil_mode=True of a pooling"
                )
            return layer(name, part(inner), letters, bool(ceil_mode), asked)
    raise Refused(f"not a size or a condition: {ast.unparse(node)[:60]}")


def layer(name: str, x: Line, given: dict[str, Any], ceil_mode: bool, asked: list[bool]) -> Line:
    """Return the output of a layer, and tell what it asks."""
    known = {"conv": "kspd", "conv_transpose": "kspda", "maxpool": "kspd", "avgpool": "ksp"}
    need(name in known and {"k"} <= {*given} <= {*known[name]}, f"there is no such layer: {name}")
    k, s, p, d, a = (given.get(letter, Line(Fraction(letter in "sd"))) for letter in "kspda")
    begin, end = (p, p) if isinstance(p, Line) else p
    s = k if "pool" in name and "s" not in given else s
    names = {"x": x, "k": k, "s": s, "d": d, "b": begin, "e": end, "a": a}
    for letter, size in names.items():
        need(type(size) is Line, "a hyperparameter is a size")
        asked.append(size.whole() and apply("GtE", size, Line(Fraction(letter in "xksd"))))
    asked.append(read(parse(ASKS[name]), names, asked))
    out: Line = read(parse(IS["ceil_mode" if ceil_mode else name]), names, asked)
    asked.append(apply("GtE", out, Line(Fraction(1))))
    return out
