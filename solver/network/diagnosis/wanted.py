"""What should come out: a size that is asked of the output, as any operation asks for its sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from solver.errors import SolverError
from solver.network.graph.demand import EQUAL, Ask, Demand
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Input, Operation, Shape, channels_last
from solver.network.graph.validity import valid
from solver.network.graph.walk import Node
from solver.sizes.target import read_size

#: The sizes that are wanted: one for all axes, or one for each; a number, or an expression in n.
Wanted = str | int | Sequence[str | int]


class WantedOutput(Operation):
    """Take what comes out, of which sizes are wanted along its last axes.

    to: as many times these sizes as over says. tokens: whether features are behind the sizes.
    """

    to: Shape
    over: tuple[int, ...]
    tokens: bool = False

    @property
    def title(self) -> str:
        return "output"

    def bind(self, values: Mapping[str, int]) -> WantedOutput:
        return self.replaced(to=tuple(dim.bind(values) for dim in self.to))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        if len(shape) < len(self.to):
            rule = "a wanted size is one of an axis that comes out"
            raise SolverError(rule, f"{len(self.to)} sizes for {len(shape)} axes")
        first = 1 if self.tokens else len(shape) - len(self.to)
        last = shape[first : first + len(self.to)]
        for dim, to, over in zip(last, self.to, self.over, strict=True):
            times = "" if over == 1 else f"{over} times "
            ask(f"{times}what comes out must be what is wanted", dim * over, to)
        return shape


class WantedRows(Operation):
    """Take what comes out, of which one row is wanted for each that goes in."""

    @property
    def title(self) -> str:
        return "output"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        (shape,) = given
        ask("one row must come out for each that goes in", rows(shape), Dim(1))
        return shape


def rows(shape: Shape) -> Dim:
    """How many rows, of one batch, are in what comes out: its channels aside."""
    return prod((*shape[:1], *shape[2:]), start=Dim(1))


def with_rows(network: Graph, times: int) -> tuple[Graph, dict[str, int], bool] | None:
    """A network of which one row is wanted for each, and the smallest input that gives so many.

    Where none gives so many with all axes alike, the smallest that gives more than one, and False;
    None where none does.

    >>> from solver import Conv, trace
    >>> with_rows(trace(Conv(3), axes=1), 4)[1]
    {'n': 6}
    """
    out = network.walk.shapes[network.outputs[0]]
    if out is None:
        return None
    found, one = (Demand(0, "", rows(out), Dim(n), EQUAL).inputs() for n in (times, 1))
    first = found.first() or (valid(network).something - one).first()
    if first is None:
        return None
    node = Node("output", WantedRows(), network.outputs[:1])
    asked = network.changed([*network.nodes, node], [len(network.nodes)])
    made = type(asked)(asked.nodes, asked.outputs, network.notes, network.written)
    return made, dict.fromkeys(network.letters, first), bool(found)


def with_output(network: Graph, wanted: Wanted) -> Graph:
    """A network of which a size is wanted: it runs where that comes out.

    wanted: as sizes are written in n, which is the size of the input along the same axis. Raises
    SolverError for what is no size.

    >>> from solver import Conv, trace
    >>> with_output(trace(Conv(3)), "n").at(8)
    Traceback (most recent call last):
        ...
    solver.errors.SizeError: output: what comes out must be what is wanted
      received: 6 and 8
    """
    return network.each(lambda path: _asked(path, wanted))


def _asked(path: Graph, wanted: Wanted) -> Graph:
    at = path.outputs[0]
    letters = _letters(path)
    each = [wanted] if isinstance(wanted, (str, int)) else [*wanted]
    each = each * len(letters) if len(each) == 1 else each
    if len(each) != len(letters):
        received = f"{len(each)} sizes for {len(letters)} axes"
        raise SolverError("an output has one wanted size, or one for each axis", received)
    found = [read_size(size) for size in each]
    to = (Dim.of(a, size.numerator) for a, size in zip(letters, found, strict=True))
    asked = WantedOutput(tuple(to), tuple(size.denominator for size in found), _tokens(path, at))
    nodes = [*path.nodes, Node("output", asked, (at,))]
    made = path.changed(nodes, [len(path.nodes)], path.names[:1])
    return type(path)(made.nodes, made.outputs, path.notes, path.written, names=made.names)


def _tokens(path: Graph, at: int) -> bool:
    """Whether sizes come out in front of features."""
    try:
        shape = path.walk.shapes[at]
    except SolverError:  # it runs nowhere
        return False
    return shape is not None and channels_last(shape)


def _letters(path: Graph) -> list[str]:
    """The letters of the sizes of the first input, by its axes."""
    operation = path.nodes[path.inputs[0]].operation
    assert isinstance(operation, Input)
    return [dim.single[0] for dim in operation.of[2:] if dim.single is not None]


def of_target(
    network: Graph, wanted: Sequence[int], received: Sequence[int]
) -> tuple[Wanted, dict[str, int]] | None:
    """What is wanted of a network by a loss, and the smallest input that gives what it received.

    A target that gives it itself is the input: then as much is wanted as comes in, at any size.
    None where no input gives it.

    >>> from solver import Conv, trace
    >>> of_target(trace(Conv(3)), (28, 28), (26, 26))
    ('n', {'h': 28, 'w': 28})
    """
    letters = _letters(network)
    if not len(letters) == len(wanted) == len(received):
        return None
    itself = dict(zip(letters, wanted, strict=True))
    try:
        shape = network.at(itself).shapes[network.outputs[0]]
    except SolverError:
        shape = None
    if shape is not None and [dim.number for dim in shape[-len(received) :]] == [*received]:
        return "n", itself
    out = network.walk.shapes[network.outputs[0]]
    if out is None:
        return None
    found = {}
    for letter, dim, size in zip(letters, out[-len(received) :], received, strict=True):
        first = Demand(0, "", dim, Dim(size), EQUAL).inputs().first()
        if first is None:
            return None
        found[letter] = first
    return tuple(wanted), found
