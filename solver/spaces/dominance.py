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

from solver.ground.named import NamedTuple
from solver.layers.reads import Span
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import SizeSet
from solver.sizes.slope import between
from solver.spaces.option import AT_A_SIZE, READING
from solver.spaces.passage import Passage

#: Where more ways are kept beside each other than this, the others are kept too.
MOST_KEPT = 2_000
#: Ways of which it is told whether outputs of one read no further than those of another, where they
#: are no more; and the longest period of sizes that is looked at.
_COMPARED, _LONGEST = 300, 1 << 12


_SUMS = {"receptive_field", "parameters", "depth", *AT_A_SIZE}


class WayPreference(NamedTuple):
    """Hold what is better in each sum: 1 where less is, -1 where more is, 0 where neither is.

    costs: which of them are costs. most: how many of the best designs are asked for.
    """

    signs: tuple[tuple[str, int], ...]
    costs: tuple[str, ...] = ()
    most: int = 1


def preference(
    asked: Iterable[str],
    limits: Mapping[str, Any],
    costs: Sequence[tuple[str, int]],
    most: int = 1,
    reads: bool = False,
) -> WayPreference:
    """What is better in each sum: by the weights of costs, a limit's least and a limit's most.

    Where places of outputs are asked, or what is read on the way (reads), outputs of ways that are
    compared read the same.

    >>> preference(["depth", "macs"], {"depth": (0, 9)}, [("macs", 5), ("depth", -1)]).signs
    (('depth', 0), ('macs', 1))
    """
    found: dict[str, int] = {"receptive_field": 0} if reads else {}
    for name in sorted(asked):
        if name in READING and name != "receptive_field":
            found["receptive_field"] = 0
        elif name in _SUMS and found.get(name) is None:
            low, high = limits.get(name, (0, None))
            wanted = {1 if weight > 0 else -1 for cost, weight in costs if cost == name}
            wanted |= ({-1} if low else set()) | (set() if high is None else {1})
            if wanted or name != "receptive_field":
                found[name] = wanted.pop() if len(wanted) == 1 else 0
    paid = {name for name, _ in costs} & found.keys() - {"receptive_field"}
    return WayPreference(tuple(found.items()), tuple(sorted(paid)), most)


def undominated(
    found: Mapping[Any, Any], prefer: WayPreference, axes: int, sizes: SizeSet
) -> dict[Any, Any]:
    """Passages, behind whether they are without layers, that not too many others beat.

    As many as designs are asked for, each of another cost. sizes: that may come to the block.
    """
    if prefer.most > 1 and not prefer.costs:
        return dict(found)
    alike: dict[Any, list[Any]] = {}
    summed = [(name, sign) for name, sign in prefer.signs if name != "receptive_field"]
    for key in found:
        empty, passage = key
        takes = passage.takes & sizes
        amounts = [_amount(passage, name, axes, takes) for name, _ in summed]
        rows = list(zip(summed, amounts, strict=True))
        same = tuple(amount for (_, sign), amount in rows if not sign)
        vector = tuple(sign * amount[None] for (_, sign), amount in rows if sign)
        paid = tuple(amount[None] for (name, _), amount in rows if name in prefer.costs)
        apart = tuple(_others(amount) for (_, sign), amount in rows if sign)
        act = passage.size, passage.takes, passage.channels, passage.footprint, passage.held
        group = empty, act, _hashed(same), apart
        alike.setdefault(group, []).append((vector, paid, key))
    sign = dict(prefer.signs).get("receptive_field")
    return {key: found[key] for rows in alike.values() for key in _kept(rows, sign, prefer.most)}


def _kept(rows: list[Any], sign: int | None, most: int) -> list[Any]:
    if len(rows) <= most:
        return [key for *_, key in rows]
    if sign is not None and (not sign or len(rows) > _COMPARED):
        alike: dict[Any, list[Any]] = {}
        for row in rows:
            alike.setdefault(row[2][1].reads, []).append(row)
        if len(alike) > 1:
            return [key for same in alike.values() for key in _kept(same, None, most)]
    rows.sort(key=lambda row: row[0])
    kept: list[Any] = []
    for vector, paid, key in rows:
        reads, better = key[1].reads, set()
        for other, price, mine in kept if len(kept) < MOST_KEPT else ():
            if price in better or not all(map(le, other, vector)):
                continue
            if sign is None or _reads(mine[1].reads, reads, sign):
                better.add(price)
                if len(better) == most:
                    break
        else:
            kept.append((vector, paid, key))
    return [key for *_, key in kept]


def _amount(passage: Passage, name: str, axes: int, takes: SizeSet) -> dict[Any, Any]:
    """What a way costs, for each size map: None for what goes with all elements before it.

    Where a size is a fixed part of that before at all sizes that come and are taken, as behind
    poolings that drop nothing, what is paid for it is that part, to the power of the axes.
    """
    if name not in AT_A_SIZE:
        return {None: getattr(passage, name)}
    found: dict[Any, Any] = {None: 0}
    for each in passage.terms:
        part = _part(each.size, takes)
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
    if max(period, sum(map(len, takes.exception_ranges))) > _LONGEST:
        return None
    parts = {Fraction(int(size(n)), n) for n in takes.exceptions}
    if takes.ranges:
        part = Fraction(size.rise, size.period)
        alike = all(int(size(r)) == r * part for r in takes.classes(period))
        parts.add(part if alike else Fraction(-1))
    return parts.pop() if len(parts) == 1 and min(parts) >= 0 else None


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
