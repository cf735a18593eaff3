"""Check the certificate of a complete solution set: intervals, and the layers of the box in them.

A layer's size depends on kernel, padding and dilation only through Z = P - d(k - 1) - a, in ceil
mode Z = min(P - d(k - 1) + s - 1, begin). It takes x to one of m1..m2 exactly when

    convolution, pooling   (m1 - 1)s + 1 - x <= Z <= m2*s - x
    transposed             (x - 1)s + 1 - m2 <= Z <= (x - 1)s + 1 - m1
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import product
from math import prod
from types import NoneType
from typing import Any

from solver.checker.claims import FOLLOWED, follow, rows, same
from solver.checker.lines import need, typed
from solver.checker.sizes import parse

BOX = {"kernel_size": str, "stride": str, "padding": str, "padding_end": (str, NoneType)}
BOX |= {"dilation": str, "output_padding": str}
AXIS = {"box": BOX, "asks": list, "strides": [list], "count": int}
FIELDS: dict[str, Any] = {
    "schema": int,
    "certificate": str,
    "op": str,
    "ceil_mode": bool,
    "count": int,
}
FIELDS |= {"axes": [AXIS]}
NUMBERS = {"input": int, "output": [int]}
EVERY = {"input": str, "output": str, "where": str, **FOLLOWED}
DOMAIN = r"\d+(\.\.\d+)?(,\d+(\.\.\d+)?)*"


def cost(found: dict[str, Any]) -> int:
    """Bound the steps of a check: all pairs at all strides, all layers of each box."""
    total = 0
    for axis in found["axes"]:
        box = {name: ranges(words) for name, words in axis["box"].items() if words is not None}
        sizes = {
            name: sum(high - low + 1 for low, high in bounds) * weight(max(bounds)[-1])
            for name, bounds in box.items()
        }
        total += sum(sizes.values()) + prod(sizes.values())
        for ask in axis["asks"]:
            every = type(ask) is dict and "where" in ask
            typed("an ask", ask, EVERY if every else NUMBERS)
            if every:  # at one stride at most both sides gain alike
                total += 2 * rows(ask, ask["input"], ask["output"], ask["where"])
            else:
                total += sizes["stride"] * weight(ask["input"], *ask["output"])
    return total


def weight(*numbers: int) -> int:
    """How much longer arithmetic takes with numbers of so many digits."""
    return 1 + sum(number.bit_length() for number in numbers) // 300


def check(found: dict[str, Any]) -> str:
    """What the certificate of a solution set proves."""
    op, ceil_mode, counts, asked = found["op"], found["ceil_mode"], list[int](), list[str]()
    need(op in ("conv", "conv_transpose", "maxpool", "avgpool"), "op is a layer")
    need("pool" in op or not ceil_mode, "ceil_mode is for poolings")
    need(0 < len(found["axes"]) <= 8, "there are 1 to 8 axes")
    for axis in found["axes"]:
        k, strides, p, end, d, a = (
            # null: the end is padded as the beginning
            [-1] if axis["box"][name] is None else values(axis["box"][name])
            for name in BOX
        )
        parts = [k, p, end, d, a]
        need(0 not in (*k, *strides, *d), "k, s and d are at least 1")
        need(op == "conv_transpose" or a == [0], "output_padding is for transposed convolutions")
        need(op != "avgpool" or d == [1], "an average pooling has no dilation")
        need(axis["asks"], "something is asked")
        asks, rows = [*map(pairs_of, axis["asks"])], []
        for s in strides:
            if ends := together(asks, s, op == "conv_transpose"):
                layers = sum(ends[0] <= z <= ends[1] for z in reached(parts, s, op, ceil_mode))
                rows.append([s, *ends, layers])
        counts.append(sum(row[-1] for row in rows))
        same(axis, strides=rows, count=counts[-1])
        asked += map(words_of, axis["asks"])
    same(found, count=prod(counts))
    which = (
        "1 layer of the box takes"
        if prod(counts) == 1
        else f"{prod(counts)} layers of the box take"
    )
    return f"exactly {which} {' and '.join(sorted({*asked}))}"


def pairs_of(ask: dict[str, Any]) -> tuple[Any, list[Any], list[Any]]:
    """What input and output gain, and their pairs from `start` on and before."""
    if "where" not in ask:
        x, (least, greatest) = ask["input"], ask["output"]
        need(x > 0 and 0 < least <= greatest, "sizes are at least 1, and a range is not empty")
        return None, [(x, least, greatest)], []
    x, m = parse(ask["input"]), parse(ask["output"])
    where: list[Any] = [ast.Compare(x, [ast.GtE()], [ast.Constant(1)])]
    where += [parse(ask["where"])] if ask["where"] else []
    equal, start = ast.Compare(x, [ast.Eq()], [m]), ask["start"]
    table, gains, _ = follow(equal, ast.BoolOp(ast.And(), where), start, ask["period"])
    same(ask, table=table, gains=gains)
    need(len(gains) == 1 and gains[0][0] > 0, "the input grows, by one gain")
    early = sum(row[0] < start for row in table)
    pairs = [(size, out, out) for _, size, out in table]
    return gains[0], pairs[early:], pairs[:early]


def interval(pair: tuple[int, int, int], s: int, transposed: bool) -> tuple[int, int]:
    """The smallest and largest Z that take x to one of m1..m2."""
    x, m1, m2 = pair
    if transposed:
        return (x - 1) * s + 1 - m2, (x - 1) * s + 1 - m1
    return (m1 - 1) * s + 1 - x, m2 * s - x


def together(asks: list[Any], s: int, transposed: bool) -> tuple[int, int] | None:
    """The interval for Z at a stride, or None where a size does not grow as it should."""
    up, down = (s, 1) if transposed else (1, s)
    if any(gains and gains[0] * up != gains[1] * down for gains, _, _ in asks):
        return None
    ends = [interval(pair, s, transposed) for _, pairs, _ in asks for pair in pairs]
    low, high = max(low for low, _ in ends), min(high for _, high in ends)
    for least, most in (interval(pair, s, transposed) for _, _, early in asks for pair in early):
        need(low > high or least <= low <= high <= most, "the n before start ask for no more")
    return low, high


def reached(parts: list[list[int]], s: int, op: str, ceil_mode: bool) -> Iterator[int]:
    """Yield Z for each legal layer of the box at a stride."""
    for k, begin, end, d, a in product(*parts):
        if op == "conv_transpose" and a >= max(s, d):
            continue
        # Ends that are given apart are padded by a layer of its own, as wide as one likes.
        if "pool" in op and end < 0 and 2 * begin > k:
            continue
        end = begin if end < 0 else end
        net = begin + end - d * (k - 1)
        yield min(net + s - 1, begin) if ceil_mode else net - a


def words_of(ask: dict[str, Any]) -> str:
    """Say what an ask is."""
    if "where" in ask:
        where = f" where {ask['where']}" if ask["where"] else ""
        return f"{ask['input']} to {ask['output']}{where}"
    least, most = ask["output"]
    return f"{ask['input']} to {least if least == most else f'{least}..{most}'}"


def ranges(words: str) -> list[tuple[int, int]]:
    """The ends of the ranges of a domain such as 1,3..7."""
    need(re.fullmatch(DOMAIN, words, re.ASCII) and len(words) < 5_000, "a domain is 1,3..7")
    parts = [part.partition("..") for part in words.split(",")]
    bounds = [(int(first), int(last or first)) for first, _, last in parts]
    need(all(low <= high for low, high in bounds), "a range is not empty")
    return bounds


def values(words: str) -> list[int]:
    """The numbers of a domain."""
    return sorted({number for low, high in ranges(words) for number in range(low, high + 1)})
