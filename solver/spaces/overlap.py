"""Blocks that may stand at one place: designs are trees, and equal trees count once."""

from __future__ import annotations

from solver.errors import LimitError
from solver.spaces.option import Placed

#: Members of blocks that are looked at one by one.
MOST_COMPARED = 20_000


def apart(several: list[list[Placed]]) -> list[Placed]:
    """The options of several parts at one place; members that two share are listed one by one.

    Those of one part share none. Raises LimitError where too many would have to be compared.
    """
    alike: dict[object, list[list[Placed]]] = {}
    for rows in several:
        own: dict[object, list[Placed]] = {}
        for row in rows:
            option = row[0]
            own.setdefault(option._replace(layers=(), many=1, members=None), []).append(row)
        for key, these in own.items():
            alike.setdefault(key, []).append(these)
    found: list[Placed] = []
    for sides in alike.values():
        rows = [row for side in sides for row in side]
        if len(sides) > 1 and any(option.members for option, _ in rows) and _share(sides):
            rows = [single for row in rows for single in _singles(row)]
        found += rows
    return found


def _share(sides: list[list[Placed]]) -> bool:
    """Tell whether parts share a member."""
    for at, side in enumerate(sides):
        for other in sides[:at]:
            for one, _ in side:
                for two, _ in other:
                    few, many = sorted((one, two), key=lambda option: option.many)
                    _check(few.many)
                    members = (few.member(i) for i in range(few.many))
                    if any(many.rank(layer) is not None for (layer, *_) in members):
                        return True
    return False


def _singles(row: Placed) -> list[Placed]:
    option, after = row
    _check(option.many)
    return [
        (option._replace(layers=option.member(i), many=1, members=None), after)
        for i in range(option.many)
    ]


def _check(count: int) -> None:
    if count > MOST_COMPARED:
        rule = f"blocks at one place that may be the same have at most {MOST_COMPARED:,} members"
        raise LimitError(rule, f"{count:,}", "one block with the choices of both inside")
