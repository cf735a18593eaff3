"""The walk through a network in letters: the same operations, on size maps in letters.

A dimension holds a `LetteredMap` where it holds a size map of numbers elsewhere, and operations
compute with both alike. What is demanded is a condition on n and the letters:

    S*floor((n + b)/S) + c = n + e     <=>  (n + e - c) % S == 0 and 0 <= b + c - e < S
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from solver.errors import LimitError, SizeError, SolverError
from solver.ground.named import NamedTuple
from solver.layers.legal import conditions
from solver.layers.window import Window
from solver.network.decoders.lettered import along
from solver.network.graph.demand import AT_MOST, EQUAL, MEETS, SETTLED, Demand
from solver.network.graph.dim import Dim
from solver.network.graph.merging import Concat, CropLike, Elementwise, ResizeLike
from solver.network.graph.operation import Apply, Around, Input, Operation, Pointwise, Shape
from solver.network.graph.shaping import GlobalPool
from solver.network.graph.walk import Node
from solver.sizes.expression import Expression, apply, named, of
from solver.sizes.lettered_map import ONE, ZERO, LetteredMap, modulo, said
from solver.sizes.letters import decided
from solver.sizes.polynomial import Polynomial
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import SizeSet

#: What is followed: these compute with dimensions in letters as they do with others.
_FOLLOWED = (Elementwise, Concat, CropLike, Pointwise, ResizeLike, GlobalPool)
#: Residue classes that a condition names one by one.
_MOST_CLASSES = 8


class LetteredDemand(NamedTuple):
    """Hold what a node demands: the condition, and where a size of 1 could be repeated instead.

    at: the number of the node. rule: in words. condition: on n and the letters; True or False where
    it holds for all or for none.
    """

    at: int
    rule: str
    condition: Expression | bool
    repeats: tuple[Expression, ...] = ()


class LetteredWalker:
    """Go through nodes in order, and keep their shapes and what is demanded."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.shapes: list[Shape] = []
        self.demands: list[LetteredDemand] = []
        self.legal: list[Expression] = []

    def step(self, node: Node) -> None:
        """Take the next node. Raises SolverError, which names it."""
        given = [self.shapes[i] for i in node.inputs]
        try:
            shape = self._shape(node.operation, given)
        except SolverError as fault:
            rule = f"{node.label}: {fault.rule}"
            raise type(fault)(rule, fault.received, fault.right) from None
        self.nodes.append(node)
        self.shapes.append(shape)

    def _shape(self, operation: Operation, given: Sequence[Shape]) -> Shape:
        if isinstance(operation, Input):
            return tuple(map(_free, operation.of))
        if isinstance(operation, Around):
            operation = operation.along(len(given[0]) - 2)
        if isinstance(operation, Apply):
            return self._applied(operation, given[0])
        if not isinstance(operation, _FOLLOWED):
            raise LimitError("this is not followed among layers in letters", operation.title)
        shape = operation.shape(given, self.ask)
        assert shape is not None
        return shape

    def _applied(self, operation: Apply, shape: Shape) -> Shape:
        layer, axes = operation.layer, operation.over(shape)
        if axes < 1 or len(shape) - axes < 1:
            rule = "the input must have one size per axis of the layer"
            raise SolverError(rule, f"{max(len(shape) - 2, 0)} sizes for {max(axes, 1)} axes")
        if layer.letters:
            self.legal += conditions(layer)
        found = list(shape)
        at = len(shape) - axes - 1
        channels = shape[at].number
        if channels is None:
            raise LimitError("channels are numbers among layers in letters", str(shape[at]))
        after = layer.channels_after(channels, axes)
        if not isinstance(after, int):
            raise LimitError("channels are numbers among layers in letters", str(after))
        found[at] = Dim(after)
        for axis in range(axes):
            window, size_map, accepted = along(layer, axes, axis)
            dim = shape[at + 1 + axis]
            before = map_of(dim)
            self._keep(accepted_rule(window), _at_least(before, accepted))
            after_map = size_map(before)
            if not layer.row.kind.pads:
                self._keep("a window must fit", _at_least(after_map, ONE))
            found[at + 1 + axis] = _dim(dim, after_map)
        return tuple(found)

    def ask(
        self,
        rule: str,
        dim: Dim,
        other: SizeSet | Dim,
        relation: str = EQUAL,
        wish: bool = False,
        limit: bool = False,
    ) -> Dim | bool | None:
        """Keep what is demanded, as `solver.network.graph.demand.Ask`."""
        if wish or dim == other:
            return None
        if relation == SETTLED:
            raise LimitError("this is not followed among layers in letters", rule)
        if dim.number is not None and (isinstance(other, SizeSet) or other.number is not None):
            if not Demand(0, rule, dim, other, relation).holds():
                raise SizeError(rule, f"{dim} and {other}")
            return None
        one = map_of(dim)
        if isinstance(other, SizeSet):
            self._keep(rule, _inside(one, other))
            return None
        if len(dim.letters | other.letters) > 1:
            raise LimitError("a demand on several axes is not followed in letters", rule)
        two = map_of(other)
        condition: Expression | bool
        if relation == AT_MOST:
            condition = _truth(one.tree() <= two.tree())
        elif relation in (EQUAL, MEETS):
            condition = _equal(one, two)
        else:
            raise LimitError("this is not followed among layers in letters", rule)
        repeats: tuple[Expression, ...] = ()
        if relation == MEETS and condition is not True:
            pairs = ((one, side) for side in (one, two))
            repeats = tuple(side.tree().equals(1) for _, side in pairs)
        self._keep(rule, condition, repeats)
        return None

    def _keep(
        self, rule: str, condition: Expression | bool, repeats: tuple[Expression, ...] = ()
    ) -> None:
        if condition is not True:
            self.demands.append(LetteredDemand(len(self.nodes), rule, condition, repeats))


def accepted_rule(window: Window) -> str:
    """What is said of an input that is too small."""
    return "an input must have elements" if window.kernel_size == 1 else "the kernel must fit"


def map_of(dim: Dim) -> LetteredMap:
    """A dimension as a map of its one letter. Raises LimitError for a product."""
    if not dim.parts:
        return LetteredMap.line(ZERO, Polynomial.of(dim.factor))
    if dim.single is None:
        raise LimitError("a product of sizes is not followed in letters", str(dim))
    found: Any = dim.single[1]
    return LetteredMap.of(found) if isinstance(found, SizeMap) else found


def _dim(like: Dim, size_map: LetteredMap) -> Dim:
    """A dimension of the letter of another."""
    if not size_map.rise.terms and (number := size_map.shift.number) is not None:
        return Dim(int(number))
    if not like.parts:
        raise LimitError("a size without n depends on the letters", str(size_map))
    part: Any = (like.parts[0][0], size_map)
    return Dim(1, (part,))


def _free(dim: Dim) -> Dim:
    """A dimension of an input, its free size as a map in letters."""
    if dim.number is not None:
        return dim
    if dim.single is None or dim.single[1] != IDENTITY:
        raise LimitError("an input has free sizes among layers in letters", str(dim))
    return _dim(dim, LetteredMap.of(IDENTITY))


def _truth(condition: Expression) -> Expression | bool:
    truth = decided(condition)
    return condition if truth is None else truth


def _at_least(size: LetteredMap, least: Polynomial) -> Expression | bool:
    """Where a size is at least another."""
    if not size.rise.terms:
        return _truth(said(size.shift) >= said(least))
    return _truth(named("n") >= said(size.first(least)))


def _inside(size: LetteredMap, allowed: SizeSet) -> Expression | bool:
    """Where a size is in a set of them."""
    least = _at_least(size, Polynomial.of(allowed.minimum))
    if allowed.only_minimum:
        return least
    if allowed.exception_ranges or not 0 < allowed.per_period <= _MOST_CLASSES:
        raise LimitError("the sizes allowed here are not followed in letters", str(allowed))
    ways = [(size.tree() % allowed.modulus).equals(r) for r in allowed.residues]
    held = reduce(lambda one, other: apply("or", one, other), ways)
    return held if least is True else held & _tree(least)


def _tree(truth: Expression | bool) -> Expression:
    """A condition as a tree, also one that always or never holds."""
    return truth if isinstance(truth, Expression) else of(int(truth)).equals(1)


def _equal(one: LetteredMap, other: LetteredMap) -> Expression | bool:
    """Where two sizes are equal: by the law above, or as they stand."""
    if one == other:
        return True
    if one[:4] == other[:4]:
        return _truth(said(one.offset).equals(said(other.offset)))
    if one.period == ONE == other.period and one.rise == other.rise:
        return _truth(said(one.shift).equals(said(other.shift)))
    if one.period == ONE:
        one, other = other, one
    if other.period == ONE == other.rise and one.rise == ONE and one.scale == one.period:
        rest = one.shift + one.offset - other.shift
        n = Polynomial.of("n")
        held = modulo(n + other.shift - one.offset, one.period).equals(0)
        least, most = _truth(said(rest) >= 0), _truth(said(rest) < said(one.period))
        if False in (least, most):
            return False
        kept = [each for each in (held, least, most) if isinstance(each, Expression)]
        return reduce(Expression.__and__, kept)
    return _truth(one.tree().equals(other.tree()))
