"""One run of two that differ in numbers alone: each number by a formula, of both cases.

What is padded where a size is odd is no other program: by h - 2*floor(h/2) on either path.
"""

from __future__ import annotations

from math import lcm
from typing import Any

from solver.errors import SolverError
from solver.network.graph.along import PadBy
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Apply, Operation
from solver.network.graph.walk import Node, Walker
from solver.reading.paths.decisions import Area, SizeSpan
from solver.reading.paths.explore import Path, Run
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet

#: The longest period of a formula of cases.
_LONGEST = 4096


class _Apart(Exception):
    """Say that two runs differ in more than numbers."""


def together(one: Path, other: Path) -> Path | None:
    """The path that two are, where their regions differ along one letter; None of others."""
    runs, regions = (one.run, other.run), (one.region, other.region)
    letters = [x for x in one.region.box if one.region.box[x] != other.region.box[x]]
    if len(letters) != 1 or one.region.ties != other.region.ties or one.asked != other.asked:
        return None
    if runs[0]._replace(nodes=()) != runs[1]._replace(nodes=()):
        return None
    if len(runs[0].nodes) != len(runs[1].nodes):
        return None
    (letter,) = letters
    spans = [region.box[letter] for region in regions]
    try:
        cases = _Cases(letter, *(_classes(span) for span in spans))
        nodes = tuple(map(cases.node, one.run.nodes, other.run.nodes))
    except (_Apart, SolverError):
        return None
    box = {**one.region.box, letter: spans[0] | spans[1]}
    return one._replace(run=one.run._replace(nodes=nodes), region=Area(box, one.region.ties))


def followed(run: Run) -> bool:
    """Tell whether the shape of every node is known, as it was of each case by itself."""
    walker = Walker()
    for node in run.nodes:
        walker.take(node)
    return None not in walker.shapes


def _classes(span: SizeSpan) -> SizeSet:
    """The sizes of a span, which must be residue classes from their first one on."""
    sizes = span.sizes
    if span.last is not None or sizes != SizeSet(sizes.modulus, sizes.residues):
        raise _Apart
    return sizes


class _Cases:
    """Put together what holds for two sets of the sizes of a letter."""

    def __init__(self, letter: str, first: SizeSet, then: SizeSet) -> None:
        self.letter, self.first, self.then = letter, first, then

    def node(self, one: Node, other: Node) -> Node:
        if one == other:
            return one
        both = one.operation, other.operation
        if one._replace(operation=both[1]) != other:
            raise _Apart
        kinds = {type(each) for each in both}
        if kinds <= {Apply, PadBy}:
            both = _pad(both[0]), _pad(both[1])
        elif len(kinds) > 1:
            raise _Apart
        values = zip(both[0].made_of(), both[1].made_of(), strict=True)
        return one._replace(operation=type(both[0])(*(self.value(*pair) for pair in values)))

    def value(self, one: Any, other: Any) -> Any:
        """What a field is: numbers by a formula, where a formula may stand."""
        if one == other:
            return one
        if isinstance(one, Dim) and isinstance(other, Dim):
            return self.dim(one, other)
        if type(one) is not tuple or type(other) is not tuple or len(one) != len(other):
            raise _Apart
        return tuple(map(self.value, one, other))

    def dim(self, one: Dim, other: Dim) -> Dim:
        if one == other:
            return one
        if one.letters | other.letters <= {self.letter} and not (one.more or other.more):
            return Dim.of(self.letter, self.size_map(_map(one), _map(other)))
        if len(one.terms) != len(other.terms):
            raise _Apart
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
                raise _Apart
            found += [Dim(1, (part,)) for part in own] or [Dim(1)]
            found += [Dim(each.factor, tuple(rest))]
        if found[1] != found[3] or not found[1].parts:
            raise _Apart
        return self.dim(found[0], found[2]) * found[1]

    def size_map(self, one: SizeMap, other: SizeMap) -> SizeMap:
        period = lcm(one.period, other.period, self.first.modulus, self.then.modulus)
        rises = [each.rise * (period // each.period) for each in (one, other)]
        if rises[0] != rises[1] or period > _LONGEST:
            raise _Apart
        there = {n % self.then.modulus for n in self.then.residues}
        values = (other(n) if n % self.then.modulus in there else one(n) for n in range(period))
        return SizeMap(period, rises[0], values)


def _map(dim: Dim) -> SizeMap:
    if dim.number is not None:
        return SizeMap.line(0, dim.number)
    if dim.single is None:
        raise _Apart
    return dim.single[1]


def _pad(operation: Operation) -> PadBy:
    """A padding by numbers as one by formulas."""
    if isinstance(operation, PadBy):
        return operation
    assert isinstance(operation, Apply)
    if operation.layer.name != "pad":
        raise _Apart
    given = operation.layer.arguments
    ends = [Dim(number) for number in given["pad"]]
    pairs = zip(ends[::2], ends[1::2], strict=True)
    return PadBy(tuple(pairs)[::-1], given.get("mode", "constant"))
