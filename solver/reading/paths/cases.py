"""One run of two that differ in numbers alone: each number by a formula, of both cases.

What is padded where a size is odd is no other program: by h - 2*floor(h/2) on either path.
"""

from __future__ import annotations

from itertools import dropwhile
from math import lcm
from typing import Any

from solver.errors import SolverError
from solver.network.graph.along import PadBy
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Apply, Operation
from solver.network.graph.walk import Node
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet

#: The longest period of a formula of cases.
_LONGEST = 4096
#: What is padded along an axis that is not.
_NONE = Dim(0), Dim(0)


class Apart(SolverError):
    """Say that two runs differ in more than numbers."""

    def __init__(self) -> None:
        super().__init__("these differ in more than numbers")


class Cases:
    """Put together what holds for two sets of the sizes of a letter."""

    def __init__(self, letter: str, first: SizeSet, then: SizeSet) -> None:
        if any(each != each.repeating for each in (first, then)):
            raise Apart  # they must be residue classes from the first one on
        self.letter, self.first, self.then = letter, first, then

    def node(self, one: Node, other: Node) -> Node:
        if one == other:
            return one
        if one._replace(operation=other.operation) != other:
            raise Apart
        return one._replace(operation=self.operation(one.operation, other.operation))

    def operation(self, one: Operation, other: Operation) -> Operation:
        """The operation that two are. Raises Apart where they differ in more than numbers."""
        kinds = {type(each) for each in (one, other)}
        if kinds <= {Apply, PadBy}:
            one, other = _pads(one, other)
        elif len(kinds) > 1:
            raise Apart
        values = zip(one.made_of(), other.made_of(), strict=True)
        return type(one)(*(self.value(*pair) for pair in values))

    def value(self, one: Any, other: Any) -> Any:
        """What a field is: numbers by a formula, where a formula may stand."""
        if one == other:
            return one
        if isinstance(one, Dim) and isinstance(other, Dim):
            return self.dim(one, other)
        if type(one) is not tuple or type(other) is not tuple or len(one) != len(other):
            raise Apart
        return tuple(map(self.value, one, other))

    def dim(self, one: Dim, other: Dim) -> Dim:
        if one == other:
            return one
        if one.letters | other.letters <= {self.letter} and not (one.more or other.more):
            return Dim.of(self.letter, self.size_map(_map(one), _map(other)))
        if len(one.terms) != len(other.terms):
            raise Apart
        if one.more:
            return sum(map(self.dim, one.terms, other.terms), start=Dim(0))
        return self._product(one, other)

    def _product(self, one: Dim, other: Dim) -> Dim:
        """Products of which all but what is of the letter is alike."""
        found = list[Dim]()
        for each in (one, other):
            rest = [part for part in each.parts if part[0] != self.letter]
            own = [part for part in each.parts if part[0] == self.letter]
            if len(own) > 1:
                raise Apart
            found += [Dim(1, (part,)) for part in own] or [Dim(1)]
            found += [Dim(each.factor, tuple(rest))]
        if found[1] != found[3] or not found[1].parts:
            raise Apart
        return self.dim(found[0], found[2]) * found[1]

    def size_map(self, one: SizeMap, other: SizeMap) -> SizeMap:
        period = lcm(one.period, other.period, self.first.modulus, self.then.modulus)
        rises = [each.rise * (period // each.period) for each in (one, other)]
        if rises[0] != rises[1] or period > _LONGEST:
            raise Apart
        there = {n % self.then.modulus for n in self.then.residues}
        values = (other(n) if n % self.then.modulus in there else one(n) for n in range(period))
        return SizeMap(period, rises[0], values)


def changed(operation: Operation, one: Operation, both: Operation) -> Operation:
    """An operation with what another has where it differs from a third; as it is for others.

    >>> pads = [PadBy(((Dim(n), Dim(0)), (Dim(m), Dim(0)))) for n, m in ((1, 1), (1, 0), (2, 0))]
    >>> changed(*pads).title
    'pad by ((2, 0), (1, 0))'
    """
    if operation == one:
        return both
    try:
        all_of = (operation, one, both)
        given, own, new = _pads(*all_of) if isinstance(both, PadBy) else all_of
        if type(given) is type(own) is type(new):
            return type(new)(*_changed(given.made_of(), own.made_of(), new.made_of()))
    except Apart:
        pass
    return operation


def _changed(value: Any, one: Any, both: Any) -> Any:
    if one == both:
        return value
    if value == one:
        return both
    if not type(value) is type(one) is type(both) is tuple or len(value) != len(both):
        raise Apart
    return tuple(map(_changed, value, one, both))


def _map(dim: Dim) -> SizeMap:
    if dim.number is not None:
        return SizeMap.line(0, dim.number)
    if dim.single is None:
        raise Apart
    return dim.single[1]


def padding(operation: Operation) -> PadBy:
    """A padding, by numbers too, as one by formulas of the last axes, from the first it pads on."""
    if not isinstance(operation, PadBy):
        if not isinstance(operation, Apply) or operation.layer.name != "pad":
            raise Apart
        given = operation.layer.arguments
        ends = [Dim(number) for number in given["pad"]]
        pairs = tuple(zip(ends[::2], ends[1::2], strict=True))[::-1]
        operation = PadBy(pairs, given.get("mode", "constant"))
    return operation.replaced(ends=tuple(dropwhile(_NONE.__eq__, operation.ends)))


def _pads(*some: Operation) -> list[PadBy]:
    """Paddings of the same axes."""
    found = list(map(padding, some))
    most = max(len(each.ends) for each in found)
    return [each.replaced(ends=(_NONE,) * (most - len(each.ends)) + each.ends) for each in found]
