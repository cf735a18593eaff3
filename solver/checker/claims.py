"""Check the certificate of a claim: recompute all that it says from its text."""

from __future__ import annotations

import ast
from fractions import Fraction
from typing import Any

from solver.checker.lines import Line, need, truth
from solver.checker.sizes import parse, read

FIELDS = {"schema", "certificate", "claim", "where", "start", "period"}
FIELDS |= {"verdict", "counterexample", "gains", "table"}
MOST = 8_000_000  # numbers times the parts of a claim


def check(claim: dict[str, Any]) -> str:
    """Return what the certificate of a claim proves."""
    where = parse(claim["where"]) if claim["where"] else None
    table, gains, false = follow(parse(claim["claim"]), where, claim["start"], claim["period"])
    first = false[0] if false else None
    same(claim, table=table, gains=gains, counterexample=first)
    same(claim, verdict="refuted" if false else "proved")
    said = f" where {claim['where']}" if claim["where"] else ""
    holds = f"fails at n = {first}, the smallest such n" if false else "holds wherever it is asked"
    return f"{claim['claim']}{said} {holds}"


def follow(claim: Any, where: Any, start: Any, period: Any) -> tuple[Any, Any, list[int]]:
    """Return [n, sides...] for each asked n, what the sides gain from start on, and the false n.

    claim, where: trees; where may be None.
    """
    need(type(start) is type(period) is int, "start and period are whole numbers")
    need(start > 0 and period > 0, "start and period are 1 or more")
    need((start + period) * sum(1 for _ in ast.walk(claim)) < MOST, "the claim is short enough")
    table, gains, false = [], [], []
    for n in range(1, start + period):
        names = {"n": Line(Fraction(n), Fraction(period if n >= start else 0))}
        asked: list[bool] = []
        sides: list[Line] = []
        if where is not None:
            asked.append(truth(read(where, names, asked)))
        true = truth(read(claim, names, asked, sides))
        if all(asked):
            table.append([n, *(plain(side.value) for side in sides)])
            gains += [[plain(side.gain) for side in sides]] if n >= start else []
            false += [] if true else [n]
    return table, [list(part) for part in sorted({*map(tuple, gains)}, key=repr)], false


def same(stated: dict[str, Any], **found: Any) -> None:
    """Refuse a certificate that states anything else."""
    for name, value in found.items():
        need(repr(stated[name]) == repr(value), f"{name} is {str(value)[:80]}")


def plain(value: Fraction) -> Any:
    """Write a whole number as one, a fraction as text."""
    return int(value) if value.denominator == 1 else str(value)
