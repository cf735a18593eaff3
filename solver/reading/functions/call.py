"""A call of a function of tensors: what goes in, by name, and where its operations go.

The readers differ in how values reach a call, and in nothing else. A size is an int, a dimension
that carries its formula, or a ratio of such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import nan, prod
from numbers import Integral
from typing import Any, Protocol

from solver.ground.named import NamedTuple
from solver.ground.record import Record
from solver.network.graph.dim import Dim, Inexpressible
from solver.network.graph.operation import Operation, Shape, Unknown
from solver.network.graph.shaping import Permute
from solver.network.graph.values import Ratio
from solver.sizes.sizeset import SizeSet
from solver.sizes.width import is_int

#: A number that is not told, which is no size: what only computes with it takes it as any other.
UNTOLD = nan


class Wire(Record):
    """The tensor that a node gives."""

    at: int


class Weight(NamedTuple):
    """Hold the shape of a tensor that does not depend on the input, None where it is not told.

    parameters: how many of its elements are learned. name: as the module calls it. elements: of a
    small one where they are followed, as a program sees them; None for one that is not known.
    """

    shape: Shape | None
    parameters: int = 0
    name: str = ""
    elements: tuple[Any, ...] | None = None


class Unclear(Exception):
    """Say that an argument is not understood: the call becomes a node of that kind.

    rule: what the argument must be, where one is at fault.
    """

    def __init__(self, rule: str = "", received: Any = None) -> None:
        super().__init__(rule)
        self.rule, self.received = rule, received


class _AsWritten(Exception):
    """Say that a rule counts on the order in which the program has the axes."""


class Nodes(Protocol):
    """Say what a reader does for a call."""

    @property
    def shapes(self) -> Sequence[Shape | None]:
        """The shape of each node so far."""

    def put(self, operation: Operation, inputs: Sequence[int]) -> int:
        """Add a node and return its number."""

    def constant(self, weight: Weight) -> int:
        """Add the node of a tensor that does not depend on the input."""

    def beside(self, operation: Operation) -> Any:
        """What comes out beside the tensor that is meant, such as a state."""

    def settled(self, dim: Dim) -> int | None:
        """The number a size is taken to be from here on, None where it stays for every n."""

    def holds(self, dim: Dim, allowed: SizeSet | Dim) -> bool | None:
        """Whether a size is in a set, or another one, from here on; None where nobody tells."""

    @property
    def runs(self) -> bool:
        """Whether the program runs beside: nothing is taken as it is usually meant."""


class Call:
    """Hold a call.

    name: as it is called. rule: takes the call, and gives what comes out. given: its arguments by
    the words of the rules; defaults: of the others. last: whether the channels are the last axis.
    held: how many parameters a live layer has. changes: whether it changes its first tensor.
    """

    def __init__(
        self,
        nodes: Nodes,
        name: str,
        rule: Callable[[Call], Any],
        given: Mapping[str, Any],
        defaults: Mapping[str, Any],
        last: bool = False,
        held: int | None = None,
        changes: bool = False,
    ) -> None:
        self.nodes, self.name, self.rule = nodes, name, rule
        self.given, self.defaults = given, defaults
        self.last, self.held, self.changes = last, held, changes

    def __getitem__(self, name: str) -> Any:
        return self.given.get(name, self.defaults.get(name))

    # Arguments

    def number(self, name: str) -> int:
        """A plain whole number. Raises Unclear for anything else."""
        value = self[name]
        if isinstance(value, Weight) and value.elements and len(value.elements) == 1:
            (value,) = value.elements
        found = plain(value)
        if not is_int(found):
            raise Unclear(f"{name} must be a whole number", value)
        return found

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return plain whole numbers, of one as well. Raises Unclear for anything else."""
        found = several(self[name])
        if not found or not all(is_int(n) for n in found):
            raise Unclear(f"{name} must be whole numbers", self[name])
        return found

    def dims(self, name: str) -> tuple[Dim, ...]:
        """Return sizes. Raises Unclear for anything else."""
        return tuple(map(dim_of, several(self[name])))

    def axis(self, name: str = "axis") -> int:
        """An axis of the shape; where the channels are last, it is turned into ours."""
        axis = self.number(name)
        return ours(axis, self.rank) if self.last else axis

    def axes(self, name: str = "axis") -> tuple[int, ...]:
        """Return axes of the shape."""
        found = self.numbers(name)
        return tuple(ours(axis, self.rank) for axis in found) if self.last else found

    def flag(self, name: str) -> bool:
        """Whether something is so. Raises Unclear where that is not known."""
        value = self[name]
        if not isinstance(value, int):
            raise Unclear(f"{name} must be True or False", value)
        return bool(value)

    def plain(self) -> None:
        """Run what follows on axes in the order of the program: where the channels are last."""
        if self.last:
            raise _AsWritten

    # Tensors

    def tensor(self, value: Any) -> Wire:
        """The node of a tensor; a weight becomes one. Raises Unclear for anything else."""
        if isinstance(value, Weight) and value.shape is not None:
            return Wire(self.nodes.constant(value))
        if not isinstance(value, Wire):
            raise Unclear
        return value

    @property
    def x(self) -> Wire:
        """The tensor that the function is called on."""
        value = self["input"]
        if not isinstance(value, (Wire, Weight)):
            value = next(iter(self.tensors), value)
        return self.tensor(value)

    @property
    def tensors(self) -> list[Wire | Weight]:
        """Every tensor that goes in, those that depend on the input first."""
        found = [each for each in leaves(self.given) if isinstance(each, (Wire, Weight))]
        return sorted(found, key=lambda each: isinstance(each, Weight))

    @property
    def shape(self) -> Shape:
        """The shape of the first tensor. Raises Unclear where it is not understood."""
        return self.shape_of(self.x)

    @property
    def rank(self) -> int:
        """How many axes the first tensor has."""
        return len(self.shape)

    def shape_of(self, value: Any) -> Shape:
        """The shape of a tensor. Raises Unclear where it is not understood."""
        shape = value.shape if isinstance(value, Weight) else self._shape(value)
        if shape is None:
            raise Unclear
        return shape

    def numbers_of(self, value: Any) -> tuple[int, ...]:
        """The shape of a tensor, which is all numbers. Raises Unclear for any other."""
        shape = self.shape_of(value)
        found = tuple(dim.number for dim in shape if dim.number is not None)
        if len(found) < len(shape):
            raise Unclear
        return found

    def learned(self, *names: str, filled: bool = False) -> int:
        """How many elements are learned of the tensors that these arguments hold.

        filled: whether nodes of a file fill weights in; what a program makes of some is not new.
        """
        given = [each for each in map(self.__getitem__, names) if isinstance(each, (Wire, Weight))]
        if filled:
            return sum(prod(self.numbers_of(each)) for each in given)
        return sum(each.parameters for each in given if isinstance(each, Weight))

    def number_of(self, dim: Dim) -> int:
        """A size that must be a number here. Raises Unclear where it stays for every n."""
        found = self.nodes.settled(dim) if dim.number is None else dim.number
        if found is None:
            raise Unclear
        return found

    def is_one(self, dim: Dim, meant: bool = True) -> bool:
        """Whether a size is 1; meant: what is taken where nobody tells."""
        if dim.number is not None:
            return dim.number == 1
        found = self.nodes.holds(dim, SizeSet.of([1]))
        return meant if found is None else found

    def alike(self, dim: Dim, other: Dim) -> bool:
        """Whether two sizes are the same; not where nobody tells, and no number is asked for."""
        free = dim.number is None and other.number is None
        return dim == other or (free and bool(self.nodes.holds(dim, other)))

    def _shape(self, value: Any) -> Shape | None:
        return self.nodes.shapes[value.at] if isinstance(value, Wire) else None

    # What comes out

    def make(self, operation: Operation, *wires: Wire) -> Wire:
        """Add a node on these tensors, or on the first one."""
        return Wire(self.nodes.put(operation, [wire.at for wire in wires or (self.x,)]))

    def new(self, operation: Operation) -> Wire:
        """Add a node that reads no tensor."""
        return Wire(self.nodes.put(operation, []))

    def run(self) -> Any:
        """What comes out: tensors, sizes. Raises Unclear where that is not understood.

        Raises SolverError for what its framework refuses.
        """
        try:
            return self.rule(self)
        except _AsWritten:
            return self._as_written()
        except (LookupError, TypeError, AttributeError, Inexpressible):
            raise Unclear from None

    def _as_written(self) -> Any:
        """What comes out where the tensors have their channels last, as in the program."""
        made = dict[int, Wire]()

        def there(wire: Wire) -> Wire:
            rank = len(self.shape_of(wire))
            if rank > 2 and wire.at not in made:
                made[wire.at] = self.make(Permute((0, *range(2, rank), 1)), wire)
            return made.get(wire.at, wire)

        def back(wire: Wire) -> Wire:
            rank = len(self.shape_of(wire))
            if rank < 3:
                return wire
            return self.make(Permute((0, rank - 1, *range(1, rank - 1))), wire)

        given = _changed(dict(self.given), there)
        rest = (self.rule, given, self.defaults, False, self.held, self.changes)
        return _changed(Call(self.nodes, self.name, *rest).run(), back)

    def found(self) -> Any:
        """What comes out; a node that is not understood where it is not."""
        try:
            return self.run()
        except Unclear:
            return self.unknown()

    def unknown(self) -> Wire:
        """Add a node that is not understood, on every tensor that goes in."""
        wires = [each.at for each in leaves(self.given) if isinstance(each, Wire)]
        return Wire(self.nodes.put(Unknown(self.name[:80]), wires))


def _changed(value: Any, change: Callable[[Wire], Wire]) -> Any:
    """A value with the tensors in it changed."""
    if isinstance(value, Wire):
        return change(value)
    if isinstance(value, dict):
        return {name: _changed(each, change) for name, each in value.items()}
    return type(value)(_changed(each, change) for each in value) if listed(value) else value


def listed(value: Any) -> bool:
    """Tell whether a value is several; a dimension is a tuple, and one.

    >>> listed((1, 2)), listed(Dim(1))
    (True, False)
    """
    return type(value) in (list, tuple)


def several(value: Any) -> tuple[Any, ...]:
    """What is given one by one, as one list, or as a tensor of such elements.

    >>> several(((1, 2),)), several((1, 2)), several(3), several(None)
    ((1, 2), (1, 2), (3,), ())
    """
    if isinstance(value, Weight) and value.elements is not None:
        return value.elements
    if listed(value):
        if len(value) == 1 and (listed(value[0]) or _vector(value[0])):
            return several(value[0])
        return tuple(map(plain, value))
    return () if value is None else (plain(value),)


def _vector(value: Any) -> bool:
    return isinstance(value, Weight) and value.elements is not None and value.shape != ()


def plain(value: Any) -> Any:
    """A whole number of another library as Python has it; anything else as it is."""
    return value if isinstance(value, int) or not isinstance(value, Integral) else int(value)


def leaves(value: Any) -> Iterator[Any]:
    """Yield all that is in nested lists and dictionaries."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if listed(value):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def dim_of(value: Any) -> Dim:
    """A size as a dimension. Raises Unclear for anything else."""
    if isinstance(value, Dim):
        return value
    if isinstance(value, Weight) and value.elements and len(value.elements) == 1:
        (value,) = value.elements
        return dim_of(value)
    if isinstance(value, Ratio) and value.bottom == 1:
        return value.top
    value = plain(value)
    if not isinstance(value, int):
        raise Unclear
    return Dim(+value)


def size_of(dim: Dim) -> int | Dim:
    """A dimension as a program sees it: a plain number where it is one."""
    return dim if dim.number is None else dim.number


def ours(axis: int, rank: int) -> int:
    """The axis of our shapes that an axis of shapes with the channels last is.

    >>> [ours(axis, 4) for axis in (0, 1, 2, 3, -1)], ours(-1, 2)
    ([0, 2, 3, 1, 1], 1)
    """
    place = axis % rank if -rank <= axis < rank else axis
    if rank < 3 or not 0 < place < rank:
        return place
    return 1 if place == rank - 1 else place + 1


def channels_first(shape: Sequence[Any], last: bool) -> tuple[Any, ...]:
    """The entries of a shape with the channels first."""
    if len(shape) < 3 or not last:
        return tuple(shape)
    return (shape[0], shape[-1], *shape[1:-1])


def channels_last(shape: Sequence[Any], last: bool) -> tuple[Any, ...]:
    """The entries of a shape with the channels where a program has them."""
    if len(shape) < 3 or not last:
        return tuple(shape)
    return (shape[0], *shape[2:], shape[1])
