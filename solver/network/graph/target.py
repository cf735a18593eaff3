"""What size is wanted of a node: numbers, or an expression in n, for all axes or for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.network.graph.demand import Demand
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Shape
from solver.network.graph.validity import valid, where
from solver.sizes.axes import split_axes
from solver.sizes.domain import Domain
from solver.sizes.listed import MOST
from solver.sizes.runs import check_count
from solver.sizes.sizeset import NONE, SizeSet
from solver.sizes.target import SizeExpression, read_size

#: Sizes that are numbers: 112, 1..4, 4,6.
_NUMBERS = r"[\d.,\s]+"


class SizeTarget(NamedTuple):
    """Hold what is wanted, in words; parts: of all axes, or one for each.

    A part is a set of numbers, or an expression in n, the size of the input along the same axis.
    """

    words: str
    parts: tuple[SizeSet | SizeExpression, ...]

    @property
    def number(self) -> int | None:
        """The one number that is wanted along every axis, None where it is no such."""
        (part, *more) = self.parts
        alone = not more and isinstance(part, SizeSet) and len(part.exceptions) == 1
        return part.exceptions[0] if alone and isinstance(part, SizeSet) else None

    def demands(self, at: int, shape: Shape) -> Iterator[Demand]:
        """What is asked of the sizes of a node, in the order of its axes."""
        dims = shape[2:]
        if not dims:  # there is no such node, or no size of it
            yield Demand(at, "", Dim(1), NONE)
        if len(self.parts) not in (1, len(dims)):
            received = f"{self.words} for {len(dims)} axes"
            raise SolverError("a wanted size is one for all axes, or one for each", received)
        parts = self.parts * len(dims) if len(self.parts) == 1 else self.parts
        for dim, part in zip(dims, parts, strict=True):
            if isinstance(part, SizeSet):
                yield Demand(at, "", dim, part)
                continue
            letter = next(iter(sorted(dim.letters)), "n")
            yield Demand(at, "", dim * part.denominator, Dim.of(letter, part.numerator))


def size_target(wanted: int | str) -> SizeTarget:
    """What words want: 112, 1..4, 4,6, an expression in n, or one of these for each axis, 7x9.

    >>> size_target("floor(n/320)").parts[0].numerator(640), size_target("1..3").parts[0]
    (2, SizeSet(1, [], 1, [1, 2, 3]))
    """
    words = str(wanted)
    if wanted == 0:  # what comes out may have no elements, which is no size of an input
        return SizeTarget(words, (read_size(words),))
    return SizeTarget(words, tuple(map(_part, split_axes(words))))


def _part(words: str) -> SizeSet | SizeExpression:
    if re.fullmatch(_NUMBERS, words):
        numbers = Domain.parse(words, "a wanted size", 1)
        check_count(numbers.size())
        return SizeSet.of(numbers)
    return read_size(words)


def has_sizes(shape: Shape | None) -> bool:
    """Whether a shape has sizes behind batch and channels, or may have, where it is not known."""
    return shape is None or len(shape) > 2


def inputs_for(network: Graph, at: int, size: int | str | SizeTarget) -> SizeSet:
    """The inputs, all axes alike, for which every size of a node is as wanted, and it runs.

    >>> from solver import Conv, trace
    >>> net = trace(Conv(7, stride=2, padding=3))
    >>> print(inputs_for(net, net.outputs[0], 112), "|", inputs_for(net, net.outputs[0], "n/2"))
    n in {223, 224} | even n
    """
    target = size if isinstance(size, SizeTarget) else size_target(size)
    if not has_sizes(network.walk.shapes[at]):
        rule, right = "this node has no sizes", "a node before it is flattened"
        raise SolverError(rule, network.nodes[at].label, right)

    def asked(path: Graph, shapes: Sequence[Shape | None]) -> Iterator[Demand]:
        number = network.beside(path, at)
        shape = () if number is None else shapes[number]
        if shape is None:
            raise LimitError("the sizes of this node are not followed", network.nodes[at].label)
        return target.demands(at, shape if number is None else path.laid(shape, number))

    return where(network, asked)


def inputs_along(network: Graph, at: int, target: SizeTarget) -> dict[str, SizeSet]:
    """By letter the inputs along each axis for which a node has the sizes wanted of each.

    Raises LimitError where a size depends on several axes, or on the path that is taken, and where
    what one axis may be depends on the other.

    >>> from solver import Conv, trace
    >>> net = trace(Conv(7, stride=2, padding=3))
    >>> found = inputs_along(net, net.outputs[0], size_target("112x56"))
    >>> {letter: str(inputs) for letter, inputs in found.items()}
    {'h': 'n in {223, 224}', 'w': 'n in {111, 112}'}
    """
    shape = network.walk.shapes[at]
    if network.paths or shape is None:
        raise LimitError("sizes of each axis are asked of a network with one path")
    found = {letter: valid(network, letter).something for letter in network.letters}
    for demand in target.demands(at, network.laid(shape, at)):
        letters = demand.letters or {next(iter(found))}
        if len(letters) > 1:
            raise LimitError("this size depends on several axes", demand.claim)
        found[letters.pop()] &= demand.inputs()
    tied = any(len(each.letters) > 1 and not each.wish for each in network.walk.demands)
    return _untied(network, found) if tied and all(found.values()) else found


def _untied(network: Graph, found: dict[str, SizeSet]) -> dict[str, SizeSet]:
    """What is left along each axis where the network ties axes together: each pair is run.

    Raises LimitError where what one axis may be depends on the other, or there are too many pairs.
    """
    rule = "which sizes of one axis give it depends on the other"
    many = prod(len(inputs.exceptions) for inputs in found.values()) > MOST
    if many or not all(inputs.finite for inputs in found.values()):
        raise LimitError(rule, right="one size for each axis")
    pairs = product(*(inputs.exceptions for inputs in found.values()))
    runs = [pair for pair in pairs if network.runs(pair)]
    left = [set(sizes) for sizes in zip(*runs, strict=True)] or [set[int]()] * len(found)
    if prod(map(len, left)) != len(runs):
        raise LimitError(rule, right="one size for each axis")
    return dict(zip(found, map(SizeSet.of, left), strict=True))
