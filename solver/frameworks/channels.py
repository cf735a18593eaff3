"""What a layer says of its channels: their names in every framework, and how groups divide them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solver.errors import SolverError
from solver.layers.arguments import number

#: The names of the channels that go in and come out, and of the groups.
BEFORE = ("in_channels", "in_features")
AFTER = ("out_channels", "filters", "out_features", "features")
GROUPS = ("groups", "group", "feature_group_count")
_MULTIPLIER = ("depth_multiplier",)


def check_channels(given: Mapping[str, Any]) -> None:
    """Refuse channels that groups do not divide. What is not given is not asked for.

    given: arguments under a framework's own names. Raises SolverError.

    >>> check_channels({"in_channels": 4, "groups": 2})
    >>> check_channels({"filters": 5, "groups": 2})
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: filters must be divisible by groups
      received: filters 5, groups 2
      right:    filters 4 or 6
    """
    for names, least in ((BEFORE, 0), (AFTER, 1), (GROUPS, 1), (_MULTIPLIER, 1)):
        for name in _given(names, given):
            if number(name, given[name]) < least:
                raise SolverError(
                    f"{name} must be at least {least}", str(given[name]), f"{name}={least or 1}"
                )
    for groups in _given(GROUPS, given):
        for name in _given((*BEFORE, *AFTER), given):
            count, parts = given[name], given[groups]
            if count % parts:
                below, above = count // parts * parts, -(-count // parts) * parts
                raise SolverError(
                    f"{name} must be divisible by {groups}",
                    received=f"{name} {count}, {groups} {parts}",
                    right=f"{name} " + " or ".join(str(n) for n in (below, above) if n),
                )


def _given(names: tuple[str, ...], given: Mapping[str, Any]) -> list[str]:
    return [name for name in names if given.get(name) is not None]
