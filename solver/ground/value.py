"""Values are equal, and hash alike, where what they were made of is equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Value:
    """Compare and hash by what `made_of` returns; kinds that differ are never equal."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return super().__reduce_ex__(max(protocol, 2))  # older ones know no slots

    def made_of(self) -> tuple[Any, ...]:
        """All that tells this value from others of its kind."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Value) or type(self) is not type(other):
            return NotImplemented
        return self.made_of() == other.made_of()

    def __hash__(self) -> int:
        return hash((type(self).__name__, frozen(self.made_of())))


def frozen(value: Any) -> Any:
    """What stands for lists and mappings where something is hashed.

    >>> hash(frozen([1, {"n": [2]}])) == hash(frozen([1, {"n": [2]}]))
    True
    """
    if isinstance(value, Mapping):
        return frozenset((name, frozen(inner)) for name, inner in value.items())
    if isinstance(value, (set, frozenset)):
        return frozenset(map(frozen, value))
    return tuple(map(frozen, value)) if isinstance(value, (list, tuple)) else value
