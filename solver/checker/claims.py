"""Check the certificate of a claim: recompute all that it says from its text."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from solver.checker.sizes import Line, need, parse, read

FIELDS = {"schema", "certificate", "claim", "where", "start", "period"}
FIELDS |= {"verdict", "counterexample", "gains", "table"}
MOST = 200_000


def check(claim: dict[str, Any]) -> str:
    """Return what the certificate of a claim proves."""
    start, period = claim["start"], claim["period"]
    need(type(start) is type(period) is int, "start and period are whole numbers")
    need(start > 0 and period > 0 and start + period < MOST, "start and period are 1 or more")
    table: list[list[Any]] = []
    gains: set[tuple[Any, ...]] = set()
    false = []
    for i in range(1, start + period):
        n = Line(i, period if i >= start else 0)
        ask: list[bool] = []
        sides: list[Line] = []
        here = not claim["where"] or read(parse(claim["where"]), n, ask)
        true = read(parse(claim["claim"]), n, ask, sides)
        if here and all(ask):
            table.append([i, *(plain(side.value) for side in sides)])
            false += [] if true else [i]
            gains |= {tuple(plain(side.gain) for side in sides)} if i >= start else set()
    right = {
        "table": table,
        "gains": sorted(map(list, gains), key=repr),
        "counterexample": false[0] if false else None,
        "verdict": "refuted" if false else "proved",
    }
    for name, value in right.items():
        need(repr(claim[name]) == repr(value), f"{name} is {str(value)[:80]}")
    where = f" where {claim['where']}" if claim["where"] else ""
    holds = (
        f"fails at n = {false[0]}, the smallest such n" if false else "holds wherever it is asked"
    )
    return f"{claim['claim']}{where} {holds}"


def plain(value: Fraction) -> Any:
    """Write a whole number as one, a fraction as text."""
    return int(value) if value.denominator == 1 else str(value)
