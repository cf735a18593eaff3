"""The members of an edge by number: layers that do the same, and are never listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from solver.layers.branching import Block

Layers = tuple[Any, ...]


class Members(Protocol):
    """Say how many members there are, which has a number, and which number one has."""

    count: int

    def at(self, index: int) -> Layers: ...
    def rank(self, layers: Layers) -> int | None: ...


def taken(layers: Layers, end: int) -> Iterator[tuple[Any, Layers]]:
    """Yield the layer at an end, 0 or -1, and the others.

    In a network nothing tells a branch that stands alone from layers in order: there, each number
    of them may be one.
    """
    yield layers[end], layers[1:] if end == 0 else layers[:-1]
    if hasattr(layers[end], "alone"):
        for count in range(1, len(layers) + 1):
            cut = count if end == 0 else len(layers) - count
            parts = (layers[:cut], layers[cut:]) if end == 0 else (layers[cut:], layers[:cut])
            yield Block("add", [parts[0]]), parts[1]


class Chains:
    """Hold layers in order that do the same: each way before, with each option behind it."""

    __slots__ = ("_entries", "count")

    def __init__(self, count: int = 0) -> None:
        self.count = count  # one way without layers, where it begins with 1
        self._entries: list[tuple[Chains, Any]] = []

    def add(self, before: Chains, option: Any) -> None:
        """Take in all ways before an option, with each of its members."""
        self._entries.append((before, option))
        self.count += before.count * option.many

    def at(self, index: int) -> Layers:
        """The layers of a way.

        >>> from solver import Conv
        >>> from solver.spaces.option import option
        >>> start, ways = Chains(1), Chains()
        >>> ways.add(start, option(Conv(3), None, 2, None))
        >>> ways.add(start, option(Conv(5), None, 2, None))
        >>> ways.at(1), ways.rank((Conv(5),)), ways.rank((Conv(7),)), ways.rank(())
        ((Conv(5),), 1, None, None)
        """
        ways, found = self, ()
        while ways._entries:
            for before, option in ways._entries:
                many = before.count * option.many
                if index < many:
                    break
                index -= many
            index, member = divmod(index, option.many)
            ways, found = before, (*option.member(member), *found)
        return found

    def rank(self, layers: Layers) -> int | None:
        """The number of a way, None where it is none of these."""
        if not self._entries:
            return None if layers else 0
        skipped = 0
        for before, option in self._entries if layers else ():
            for last, rest in taken(layers, -1):
                member: int | None = option.rank(last)
                first = None if member is None else before.rank(rest)
                if first is not None and member is not None:
                    return skipped + first * int(option.many) + member
            skipped += before.count * option.many
        return None


class Sums:
    """Hold the members of several, one after the other."""

    __slots__ = ("_parts", "count")

    def __init__(self) -> None:
        self._parts: list[Members] = []
        self.count = 0

    def add(self, part: Members) -> None:
        """Take in members that are none of those before."""
        self._parts.append(part)
        self.count += part.count

    def at(self, index: int) -> Layers:
        """The member of a number."""
        for part in self._parts:
            if index < part.count:
                return part.at(index)
            index -= part.count
        raise IndexError(index)

    def rank(self, layers: Layers) -> int | None:
        """The number of a member, None where it is none of these."""
        skipped = 0
        for part in self._parts:
            found: int | None = part.rank(layers)
            if found is not None:
                return skipped + found
            skipped += part.count
        return None


class Pairs:
    """Hold branches side by side: each of the branches before with each way of one more."""

    __slots__ = ("_before", "_last", "count")

    def __init__(self, before: Members | None, last: Members) -> None:
        self._before, self._last = before, last
        self.count = last.count * (1 if before is None else before.count)

    def at(self, index: int) -> Layers:
        """The branches of a number, each its layers."""
        index, last = divmod(index, self._last.count)
        before = () if self._before is None else self._before.at(index)
        return (*before, self._last.at(last))

    def rank(self, layers: Layers) -> int | None:
        """The number of branches, None where they are none of these."""
        if not layers or (self._before is None and len(layers) > 1):
            return None
        last = self._last.rank(layers[-1])
        before = 0 if self._before is None else self._before.rank(layers[:-1])
        return None if last is None or before is None else before * self._last.count + last


class Blocks:
    """Hold the blocks whose branches are given by number."""

    __slots__ = ("_branches", "_crop", "_join", "count")

    def __init__(self, join: str, branches: Members, crop: bool = False) -> None:
        self._join, self._branches, self._crop = join, branches, crop
        self.count = branches.count

    def at(self, index: int) -> Layers:
        """The block of a number, as the layers of its place."""
        return (Block(self._join, self._branches.at(index), self._crop),)

    def rank(self, layers: Sequence[Any]) -> int | None:
        """The number of a block, None where it is none of these."""
        (block,) = layers
        if not isinstance(block, Block) or (block.join, block.crop) != (self._join, self._crop):
            return None
        found = (self._branches.rank(branches) for branches in block.orders)
        return next((rank for rank in found if rank is not None), None)
