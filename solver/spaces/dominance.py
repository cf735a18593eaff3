"""Which ways through a block matter where one best design is asked for: those that none beats.

A way is beaten by another that does the same to sizes and channels and is at least as good in every
cost and limit: put in its place, no design costs more or misses a limit that it kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from math import lcm
from operator import le
from typing import Any

from solver.errors import LimitError
from solver.layers.reads import Span
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import SizeSet
from solver.sizes.slope import between
from solver.spaces.goal import Interval
from solver.spaces.option import AT_A_SIZE
from solver.spaces.passage import Passage

#: For each sum that is asked for: 1 where less is better, -1 where more is, 0 where neither is.
Preferred = Mapping[str, int]

#: Ways that are kept beside each other, and the longest period of sizes that is looked at.
MOST_KEPT, _LONGEST = 2_000, 1 << 12


def preferred(
    asked: Iterable[str], limits: Mapping[str, Interval], costs: Sequence[tuple[str, int]]
) -> Preferred:
    """What is better in each sum: by the weights of costs, a limit's least and a limit's most.

    >>> preferred(["macs", "depth"], {"depth": (0, 9)}, [("macs", 5), ("depth", -1)])
    {'macs': 1, 'depth': 0}
    """
    found = {}
    for name in asked:
        low, high = limits.get(name, (0, None))
        wanted = {1 if weight > 0 else -1 for cost, weight in costs if cost == name}
        wanted |= ({-1} if low else set()) | (set() if high is None else {1})
        found[name] = wanted.pop() if len(wanted) == 1 else 0
    return found


def undominated(found: Mapping[Any, Any], prefer: Preferred, axes: int) -> dict[Any, Any]:
    """Passages, behind whether they are without layers, that no other beats.

    Raises LimitError where too many are left to compare.
    """
    alike: dict[Any, list[Any]] = {}
    for key in found:
        empty, passage = key
        amounts = [_amount(passage, name, axes) for name in prefer if name != "receptive_field"]
        signs = [sign for name, sign in prefer.items() if name != "receptive_field"]
        rows = list(zip(signs, amounts, strict=True))
        same = tuple(amount for sign, amount in rows if not sign)
        vector = tuple(sign * amount[None] for sign, amount in rows if sign)
        apart = tuple(_others(amount) for sign, amount in rows if sign)
        act = passage.size, passage.takes, passage.channels, passage.footprint, passage.held
        group = empty, act, _hashed(same), apart
        alike.setdefault(group, []).append((vector, key))
    sign = prefer.get("receptive_field", 1)
    return {key: found[key] for rows in alike.values() for key in _kept(rows, sign)}


def _kept(rows: list[Any], sign: int) -> list[Any]:
    if len(rows) == 1:
        return [rows[0][1]]
    rows.sort(key=lambda row: row[0])
    kept: list[Any] = []
    for vector, key in rows:
        reads = key[1].reads
        if not any(
            all(map(le, other, vector)) and _reads(mine[1].reads, reads, sign)
            for other, mine in kept
        ):
            kept.append((vector, key))
            if len(kept) > MOST_KEPT:
                rule = f"of the ways through a block at most {MOST_KEPT:,} are compared"
                raise LimitError(rule, right="smaller ranges, or fewer limits and costs")
    return [key for _, key in kept]


def _amount(passage: Passage, name: str, axes: int) -> dict[Any, Any]:
    """What a way costs, for each size map: None for what goes with all elements before it.

    Where a size is a fixed part of that before at all sizes that are taken, as behind poolings that
    drop nothing, what is paid for it is that part, to the power of the axes.
    """
    if name not in AT_A_SIZE:
        return {None: getattr(passage, name)}
    found: dict[Any, Any] = {None: 0}
    for each in passage.terms:
        part = _part(each.size, passage.takes)
        key, times = (each.size, 1) if part is None else (None, part**axes)
        found[key] = found.get(key, 0) + getattr(each, name) * times
    return found


def _others(amount: Mapping[Any, Any]) -> Any:
    return _hashed([{size: cost for size, cost in amount.items() if size is not None}])


def _hashed(amounts: Sequence[Mapping[Any, Any]]) -> Any:
    return tuple(frozenset(amount.items()) for amount in amounts)


@lru_cache(4096)
def _part(size: SizeMap, takes: SizeSet) -> Any:
    """The part of a size that a map gives at all sizes that are taken, None where it varies."""
    if size == IDENTITY:
        return 1
    from fractions import Fraction  # few ask for costs of blocks that go down

    period = lcm(size.period, takes.modulus)
    if takes.finite or takes.exception_ranges or period > _LONGEST:
        return None
    part = Fraction(size.rise, size.period)
    alike = all(int(size(r)) == r * part for r in takes.classes(period))
    return part if alike else None


@lru_cache(1 << 16)
def _reads(mine: Span | None, its: Span | None, sign: int) -> bool:
    """Tell whether every output reads no further, or no less far."""
    if mine == its or mine is None or its is None:
        return True
    if not sign or not (mine.full and its.full):
        return False
    inner, outer = (mine, its) if sign > 0 else (its, mine)
    before = between(outer.first, inner.first)[0] >= 0
    return before and between(inner.last, outer.last)[0] >= 0
