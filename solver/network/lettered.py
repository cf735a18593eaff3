"""A network in letters: what `Network` says of numbers, for all values of the letters at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import prod
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.inverse.letters.conditions import settled, together
from solver.layers import cost
from solver.layers.lettered import known
from solver.layers.lettered_reads import ITSELF, LetteredSpan
from solver.network.decoders.lettered import along
from solver.network.graph.dim import Dim
from solver.network.graph.merging import Elementwise
from solver.network.graph.operation import Apply, Input, Pointwise
from solver.network.graph.walk import Node, WalkPiece
from solver.network.letters.walk import LetteredDemand, LetteredWalker, map_of
from solver.network.network import Network
from solver.sizes.expression import Expression, names, of, substitute
from solver.sizes.letters import in_order
from solver.sizes.simplest import simplest
from solver.symbolic.given import given_back, in_letters, tree


class LetteredValid(NamedTuple):
    """Hold the inputs that a network in letters accepts, all axes alike.

    holds: the condition on n, and on n and the letters together; None for every n. legal: that on
    the letters alone; None for all. repeats: where a size of 1 could be repeated to meet another:
    of these inputs, at other sizes than those told, nothing is said. demands: what they follow
    from. symbols: those that were given.
    """

    holds: Expression | None
    legal: Expression | None
    repeats: tuple[Expression, ...]
    demands: tuple[LetteredDemand, ...]
    symbols: Mapping[str, Any]

    @property
    def inputs(self) -> Any:
        """The condition on n as SymPy, True for every n."""
        return True if self.holds is None else given_back(self.holds, self.symbols)

    @property
    def where(self) -> Any:
        """The condition on the letters as SymPy, True for all."""
        return True if self.legal is None else given_back(self.legal, self.symbols)

    def __str__(self) -> str:
        held = "every n" if self.holds is None else str(self.holds)
        return held if self.legal is None else f"{held}; for letters with {self.legal}"


class LetteredNetwork(Network):
    """Be a network whose layers have letters; `at` gives the network of numbers.

    >>> from solver import ConvTranspose, MaxPool, concat, trace
    >>> net = trace(lambda x: concat(x, ConvTranspose("s", "s")(MaxPool("s")(x))))
    >>> net.formula(), str(net.valid())
    ('n', 'n % s == 0')
    >>> net.at(s=3).formula(), str(net.at(s=3).valid())
    ('n', 'Valid(n = 0 (mod 3))')
    """

    @cached_property
    def lettered(self) -> LetteredWalker:
        """The shapes of all nodes, and what is demanded."""
        walker = LetteredWalker()
        for node in self.nodes:
            walker.step(node)
        return walker

    @cached_property
    def layer_letters(self) -> tuple[str, ...]:
        """The letters of its layers; `letters` are those of the input."""
        return in_order({letter for layer in self._layers for letter in layer.letters})

    @property
    def _layers(self) -> list[Any]:
        operations = (node.operation for node in self.nodes)
        return [each.layer for each in operations if isinstance(each, Apply)]

    @property
    def _symbols(self) -> Mapping[str, Any]:
        return known(*(layer for layer in self._layers if layer.letters))

    def at(self, *sizes: Any, **letters: Any) -> Any:
        """The network with numbers, or sizes in other letters, in the place of letters.

        >>> from solver import Conv, trace
        >>> trace(Conv("k", stride="s"), axes=1).at(k=3, s=2).formula()
        'ceil(n/2) - 1'
        """
        if sizes:
            raise self._refused
        if wrong := set(letters) - set(self.layer_letters):
            right = ", ".join(self.layer_letters)
            raise SolverError("the network has no such letter", ", ".join(in_order(wrong)), right)
        nodes = []
        for node in self.nodes:
            operation = node.operation
            if isinstance(operation, Apply) and operation.layer.letters:
                used = {x: letters[x] for x in operation.layer.letters if x in letters}
                layer: Any = operation.layer
                node = node._replace(operation=operation.replaced(layer=layer.at(**used)))
            nodes.append(node)
        return network_of(nodes, self.outputs)

    def formula(self, name: str = "") -> str:
        """The sizes of a node for every n and all letters, as text."""
        found = [str(size) for size in self._trees(self._at(name))]
        return found[0] if len(set(found)) == 1 else ", ".join(found)

    def size(self, sizes: Any = None, name: str = "") -> Any:
        """The sizes of the output, or of a node, as SymPy.

        sizes: of the input: a number, SymPy, or words in letters; one or, as a tuple, one for each
        axis. Without it they are n. Whether it runs there `valid` says.
        """
        trees = self._trees(self._at(name))
        given = sizes if isinstance(sizes, (tuple, list)) else [sizes] * len(trees)
        if len(given) != len(trees):
            raise SolverError("one size is given for each axis", f"{len(given)} sizes")
        found = [
            simplest(each if size is None else substitute(each, {"n": tree(size)}))
            for each, size in zip(trees, given, strict=True)
        ]
        symbols = known(*(x for x in self._layers if x.letters), sizes=filter(in_letters, given))
        back = [given_back(each, symbols) for each in found]
        return back[0] if len(set(found)) == 1 else tuple(back)

    def _trees(self, at: int) -> list[Expression]:
        shape = self.lettered.shapes[at]
        return [map_of(dim).tree() for dim in (shape[2:] or shape[1:])]

    def valid(self, letter: str | None = None, exact: bool = False) -> Any:
        """The inputs at which it runs, all axes alike, as conditions on n and the letters."""
        if letter is not None or exact:
            raise self._refused
        walker = self.lettered
        found = [demand.condition for demand in walker.demands]
        if False in found:
            return LetteredValid(None, of(0).equals(1), (), tuple(walker.demands), self._symbols)
        conditions = [each for each in found if isinstance(each, Expression)]
        kept = settled([*walker.legal, *conditions])
        parts: dict[bool, list[Expression]] = {True: [], False: []}
        for each in [of(0).equals(1)] if kept is None else kept:
            parts["n" in names(each)].append(each)
        return LetteredValid(
            together(parts[True]),
            together(parts[False]),
            tuple(dict.fromkeys(x for demand in walker.demands for x in demand.repeats)),
            tuple(walker.demands),
            self._symbols,
        )

    # What it costs and reads

    @property
    def parameters(self) -> Any:
        """The weights and biases of all layers, as SymPy."""
        total: Any = of(0)
        for layer, channels, axes, _ in self._applied():
            total = total + cost.parameters(layer, channels, axes)
        return given_back(simplest(total), self._symbols)

    @property
    def macs(self) -> Any:
        """The multiply-accumulates for every n, all axes alike, as SymPy."""
        total: Any = of(0)
        for layer, channels, axes, windows in self._applied():
            weights = cost.weights(layer, channels, axes)
            if weights != 0:
                total = total + prod((map_of(dim).tree() for dim in windows), start=of(1)) * weights
        return given_back(simplest(total), self._symbols)

    def _applied(self) -> Iterator[tuple[Any, int, int, Sequence[Dim]]]:
        """Yield the layers, with the channels and axes of their inputs, and where windows stand."""
        shapes = self.lettered.shapes
        for node, out in zip(self.nodes, shapes, strict=True):
            if isinstance(node.operation, Apply):
                layer, shape = node.operation.layer, shapes[node.inputs[0]]
                axes = node.operation.over(shape)
                channels = shape[len(shape) - axes - 1].number or 1
                yield layer, channels, axes, (shape if layer.row.kind.transposed else out)[-axes:]

    @property
    def receptive_field(self) -> Any:
        """The elements from the first to the last that an output reads, as SymPy; along an axis."""
        return given_back(self._span.length, self._symbols)

    @property
    def jump(self) -> Any:
        """The input elements between neighbouring outputs, as SymPy."""
        return given_back(self._span.jump, self._symbols)

    @cached_property
    def _span(self) -> LetteredSpan:
        """What an output reads. Raises LimitError where branches meet that are not alike."""
        found: list[LetteredSpan | None] = []
        for node in self.nodes:
            operation, given = node.operation, [found[i] for i in node.inputs]
            first = given[0] if given else ITSELF
            if isinstance(operation, Apply) and first is not None:
                layer = operation.layer
                window = along(layer, operation.axes or layer.axes or 1)[0]
                found.append(first.through(window))
            elif isinstance(operation, (Input, Pointwise)) or (
                isinstance(operation, Elementwise) and len(set(given)) == 1
            ):
                found.append(first)
            else:
                found.append(None)
        if (span := found[self.outputs[0]]) is None:
            rule = "the receptive field is followed where branches that meet read alike"
            raise LimitError(rule, "others", str(self._refused.right))
        return span

    # What is said of numbers only

    @property
    def _refused(self) -> LimitError:
        right = f".at({', '.join(f'{x}=2' for x in self.layer_letters)}) first"
        return LimitError("this is said of networks of numbers", "one in letters", right)

    def pieces_of(
        self, letters: Sequence[str], given: Mapping[str, int] | None = None
    ) -> tuple[WalkPiece, ...]:
        """Refused. Raises LimitError: a network in letters has no size maps of numbers."""
        raise self._refused

    def run(self, sizes: Any) -> Any:
        """Refused, as `pieces_of`."""
        raise self._refused

    def runs(self, sizes: Any, exact: bool = False) -> bool:
        """Refused, as `pieces_of`."""
        raise self._refused


def network_of(nodes: Sequence[Node], outputs: Sequence[int]) -> Network:
    """The network of nodes: in letters where a layer has some."""
    operations = (node.operation for node in nodes)
    lettered = any(isinstance(each, Apply) and each.layer.letters for each in operations)
    return (LetteredNetwork if lettered else Network)(nodes, outputs)
