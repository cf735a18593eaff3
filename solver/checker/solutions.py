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
from typing import Any

from solver.checker.claims import follow, same
from solver.checker.lines import need
from solver.checker.sizes import parse

FIELDS = {"schema", "certificate", "op", "ceil_mode", "axes", "count"}
BOX = ["kernel_size", "stride", "padding", "padding_end", "dilation", "output_padding"]
MOST = 1_000_000
DOMAIN = r"\d+(\.\.\d+)?(,\d+(\.\.\d+)?)*"


def check(found: dict[str, Any]) -> str:
    """Return what the certificate of a solution set proves."""
    op, ceil_mode, counts, asked = found["op"], found["ceil_mode"], list[int](), list[str]()
    need(op in ("conv", "conv_transpose", "maxpool", "avgpool"), "op is a layer")
    need(type(ceil_mode) is bool and ("pool" in op or not ceil_mode), "ceil_mode is for poolings")
    need(0 < len(found["axes"]) <= 8, "there are 1 to 8 axes")
    for axis in found["axes"]:
        need(set(axis) == {"box", "asks", "strides", "count"}, "an axis has a box, asks, strides")
        need([*axis["box"]] == BOX, f"a box has {', '.join(BOX)}")
        alike = axis["box"]["padding_end"] is None  # without an end of its own
        k, strides, p, end, d, a = map(
            values, ({**axis["box"]} | {"padding_end": "0"} if alike else axis["box"]).values()
        )
        parts = [k, p, [-1] if alike else end, d, a]
        need(0 not in (*k, *strides, *d), "k, s and d are at least 1")
        need(op == "conv_transpose" or a == [0], "output_padding is for transposed convolutions")
        need(op != "avgpool" or d == [1], "an average pooling has no dilation")
        need(len(strides) * len(axis["asks"]) < MOST // 500, "strides and asks are few")
        need(len(strides) * prod(map(len, parts)) <= MOST, "the box is small")
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
    """Return what input and output gain, and their pairs from `start` on and before."""
    if set(ask) == {"input", "output"}:
        x, (least, greatest) = ask["input"], ask["output"]
        need({*map(type, (x, least, greatest))} == {int}, "sizes are whole numbers")
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
    """Return the smallest and largest Z that take x to one of m1..m2."""
    x, m1, m2 = pair
    if transposed:
        return (x - 1) * s + 1 - m2, (x - 1) * s + 1 - m1
    return (m1 - 1) * s + 1 - x, m2 * s - x


def together(asks: list[Any], s: int, transposed: bool) -> tuple[int, int] | None:
    """Return the interval for Z at a stride, or None where a size does not grow as it should."""
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


def values(words: str | None) -> list[int]:
    """Read a domain such as 1,3..7; null is none."""
    if words is None:
        return []
    need(re.fullmatch(DOMAIN, words, re.ASCII) and len(words) < 5_000, "a domain is 1,3..7")
    ranges = [part.partition("..") for part in words.split(",")]
    bounds = [(int(first), int(last or first)) for first, _, last in ranges]
    need(all(low <= high for low, high in bounds), "a range is not empty")
    need(sum(high - low + 1 for low, high in bounds) <= MOST, "a domain is small")
    return sorted({number for low, high in bounds for number in range(low, high + 1)})
