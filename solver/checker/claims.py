"""Check the certificate of a claim: recompute all that it says from its text."""

from __future__ import annotations

from types import NoneType
from typing import Any

from solver.checker.lines import Line, Number, need, truth
from solver.checker.sizes import parse, reader, steps

FOLLOWED: dict[str, Any] = {"start": int, "period": int, "gains": list, "table": list}
FIELDS: dict[str, Any] = {
    "schema": int,
    "certificate": str,
    "claim": str,
    "where": str,
    "verdict": str,
}
FIELDS |= {"counterexample": (int, NoneType), **FOLLOWED}


def cost(claim: dict[str, Any]) -> int:
    """Bound the steps of a check."""
    return rows(claim, claim["claim"], claim["where"])


def rows(followed: dict[str, Any], *texts: str) -> int:
    """Bound the steps that it takes to follow texts to the end of the first period."""
    start, period = int(followed["start"]), int(followed["period"])
    need(start > 0 and period > 0, "start and period are 1 or more")
    return (start + period) * (5 + sum(steps(parse(words)) for words in texts if words))


def check(claim: dict[str, Any]) -> str:
    """What the certificate of a claim proves."""
    where = parse(claim["where"]) if claim["where"] else None
    table, gains, false = follow(parse(claim["claim"]), where, claim["start"], claim["period"])
    first = false[0] if false else None
    same(claim, table=table, gains=gains, counterexample=first)
    same(claim, verdict="refuted" if false else "proved")
    said = f" where {claim['where']}" if claim["where"] else ""
    holds = f"fails at n = {first}, the smallest such n" if false else "holds wherever it is asked"
    return f"{claim['claim']}{said} {holds}"


def follow(claim: Any, where: Any, start: int, period: int) -> tuple[Any, Any, list[int]]:
    """Return [n, sides...] for each asked n, what the sides gain from start on, and the false n.

    claim, where: trees; where may be None.
    """
    claim, where = reader(claim), reader(where) if where else None
    table, gains, false = [], [], []
    for n in range(1, start + period):
        names = {"n": Line(n, period if n >= start else 0)}
        asked: list[bool] = []
        sides: list[Line] = []
        if where is not None:
            asked.append(truth(where(names, asked, None)))
        true = truth(claim(names, asked, sides))
        if all(asked):
            table.append([n, *(plain(side.value) for side in sides)])
            gains += [[plain(side.gain) for side in sides]] if n >= start else []
            false += [] if true else [n]
    return table, [list(part) for part in sorted({*map(tuple, gains)}, key=repr)], false


def same(stated: dict[str, Any], **found: Any) -> None:
    """Refuse a certificate that states anything else."""
    for name, value in found.items():
        need(repr(stated[name]) == repr(value), f"{name} is {str(value)[:80]}")


def plain(value: Number) -> Any:
    """Write a whole number as one, a fraction as text."""
    return int(value) if value.denominator == 1 else str(value)
