"""Check the certificate of a complete solution set: intervals, and the layers of the box in them.

A layer's size depends on kernel, padding and dilation only through Z = P - d(k - 1) - a, in ceil
mode Z = min(P - d(k - 1) + s - 1, begin). It takes x to one of m1..m2 exactly when

    convolution, pooling   (m1 - 1)s + 1 - x <= Z <= m2*s - x
    transposed             (x - 1)s + 1 - m2 <= Z <= (x - 1)s + 1 - m1
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from solver.checker.sizes import Line, need, parse, read

FIELDS = {"schema", "certificate", "op", "ceil_mode", "axes", "count"}
BOX = ("kernel_size", "stride", "padding", "padding_end", "dilation", "output_padding")
EVERY = {"input", "output", "where", "start", "period", "gains", "rows"}
MOST = 1_000_000


def check(found: dict[str, Any]) -> str:
    """Return what the certificate of a solution set proves."""
    need(found["op"] in ("conv", "conv_transpose", "maxpool", "avgpool"), "op is a layer")
    need(type(found["ceil_mode"]) is bool, "ceil_mode is true or false")
    for axis in found["axes"]:
        need(set(axis) == {"box", "asks", "strides", "count"}, "an axis has a box, asks, strides")
        strides = strides_of(axis, found["op"], found["ceil_mode"])
        need(axis["strides"] == strides, f"strides are {str(strides)[:80]}")
        need(axis["count"] == sum(row[-1] for row in strides), "the count is that of the strides")
    total = prod(axis["count"] for axis in found["axes"])
    need(repr(found["count"]) == repr(total), f"count is {total}")
    asked = {f"{a['input']} to {a['output']}" for axis in found["axes"] for a in axis["asks"]}
    return f"exactly {total} layers of the box take {' and '.join(sorted(asked))}"


def strides_of(axis: dict[str, Any], op: str, ceil_mode: bool) -> list[list[int]]:
    """Return [s, low, high, layers of the box] for each stride at which the sides gain alike."""
    box = {name: values(axis["box"].get(name)) for name in BOX}
    need(prod(len(part or [0]) for part in box.values()) <= MOST, "the box is small")
    need(all(0 not in box[name] for name in BOX[:2] + BOX[4:5]), "k, s and d are at least 1")
    rows = []
    for s in box["stride"]:
        pairs = [pair for ask in axis["asks"] for pair in pairs_of(ask, op, s)]
        if None in pairs:
            continue
        if op == "conv_transpose":
            bounds = [((x - 1) * s + 1 - m2, (x - 1) * s + 1 - m1) for x, m1, m2 in pairs]
        else:
            bounds = [((m1 - 1) * s + 1 - x, m2 * s - x) for x, m1, m2 in pairs]
        low, high = max(low for low, _ in bounds), min(high for _, high in bounds)
        count = sum(low <= z <= high for z in reached(box, s, op, ceil_mode))
        rows.append([s, low, high, count])
    return rows


def pairs_of(ask: dict[str, Any], op: str, s: int) -> list[Any]:
    """Return what an ask comes to at a stride, as (input, smallest output, largest output)."""
    if set(ask) == {"input", "output"}:
        numbers = (ask["input"], *ask["output"])
        need(len(numbers) == 3 and {*map(type, numbers)} == {int}, "sizes are whole numbers")
        return [numbers]
    need(set(ask) == EVERY, "an ask for every n has the rows of one period")
    gain_in, gain_out = rows_of(ask)
    grows = gain_in * s == gain_out if op == "conv_transpose" else gain_in == gain_out * s
    return [(x, m, m) for _, x, m in ask["rows"]] if grows else [None]


def rows_of(ask: dict[str, Any]) -> list[int]:
    """Recompute the rows of one period, and that the n before agree; return the two gains."""
    start, period = ask["start"], ask["period"]
    need(type(start) is type(period) is int, "start and period are whole numbers")
    need(start > 0 and period > 0 and start + period < MOST, "start and period are 1 or more")
    rows: dict[int, list[int]] = {}
    for i in [*range(start, start + period), *range(1, start)]:
        n, asked = Line(i, period if i >= start else 0), list[bool]()
        here = not ask["where"] or read(parse(ask["where"]), n, asked)
        x, m = read(parse(ask["input"]), n, asked), read(parse(ask["output"]), n, asked)
        if not (here and x.whole() and m.whole() and x.value >= 1 and x.gain >= 0):
            continue
        if i >= start:
            rows[i % period] = [i, int(x.value), int(m.value)]
            gains = [int(x.gain), int(m.gain)]
        else:
            need(i % period in rows, "the n before start lie in the classes from start on")
            r, *later = rows[i % period]
            turns = Fraction(r - i, period)
            sizes = [size - gain * turns for size, gain in zip(later, gains, strict=True)]
            need([x.value, m.value] == sizes, "the n before start are as those from start on")
    need(rows and repr(ask["rows"]) == repr([*rows.values()]), "rows are those of one period")
    need(repr(ask["gains"]) == repr(gains), f"gains are {gains}")
    return gains


def reached(box: dict[str, list[int]], s: int, op: str, ceil_mode: bool) -> Iterator[int]:
    """Yield Z for each legal layer of the box at a stride."""
    names = ("kernel_size", "padding", "padding_end", "dilation", "output_padding")
    for k, p, end, d, a in product(*(box[name] or [-1] for name in names)):
        q = p if end < 0 else end  # without an end of its own, both are padded alike
        if (op == "conv_transpose" and a >= max(s, d)) or ("pool" in op and 2 * max(p, q) > k):
            continue
        net = p + q - d * (k - 1)
        yield min(net + s - 1, p) if ceil_mode else net - a


def values(words: Any) -> list[int]:
    """Read a domain such as 1,3..7."""
    ranges = [part.partition("..") for part in words.split(",")] if words else []
    bounds = [(int(first), int(last or first)) for first, _, last in ranges]
    need(all(0 <= low <= high < MOST for low, high in bounds), "a domain is small")
    return sorted({number for low, high in bounds for number in range(low, high + 1)})
