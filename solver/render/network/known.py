"""What is asked of a network, and what is known of it; worked out when it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING

from solver.errors import LimitError, SolverError
from solver.network.fields.field import Fields, fields
from solver.network.graph.costs import NodeCost, costs
from solver.network.graph.demand import SQUARE
from solver.network.graph.dim import Dim
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Shape
from solver.network.graph.pieces import Reason
from solver.network.graph.sizes import Sizes
from solver.network.graph.summary import Outcome, beside, numbers, outcomes, shown, told
from solver.network.graph.total import Total
from solver.network.graph.validity import UNTOLD, RepeatedSizes, Valid, claimed
from solver.network.graph.walk import Node, Walk
from solver.network.network import Network
from solver.sizes.sizeset import SizeSet

if TYPE_CHECKING:
    from solver.network.diagnosis.edits import Edit
    from solver.network.graph.target import SizeTarget

#: Edits are tried at once in networks of at most so many nodes; `convsolver explain` has no limit.
_MOST_NODES = 300

#: Edits that are told beside the nearest sizes anyway.
_OF_INPUT = ("input size", "input padding")


class Known:
    """Hold a network, and what is asked of it: for every n, or at sizes of the input.

    at: the value of each letter, None for every n. nodes: the numbers of those that are asked
    about; the outputs unless given. wanted: the size they should have; near: an input, to which the
    nearest that give it are told. where: a condition on n, of which it is told which run. measured:
    the size at which costs are told beside what is told for every n. source: the words of a
    command line that tell it. unread, phases, tiles, stream, export: whether these are asked for
    too. rate: samples per second. span: the first and last of the sizes that are listed, and
    exported. fault: why it does not run there. impossible: why it runs at no size. there: the
    network with the shapes that are told: at the sizes; else for every n where no size of 1 is
    repeated, or where there is none such, for the inputs at which the same ones are. whole: the
    network with all its paths, of which `network` is the one at the sizes, or the main one.
    """

    def __init__(
        self,
        network: Network,
        at: dict[str, int] | None = None,
        nodes: tuple[int, ...] | None = None,
        wanted: SizeTarget | None = None,
        source: Sequence[str] = (),
        unread: bool = False,
        phases: bool = False,
        tiles: bool = False,
        stream: bool = False,
        rate: int | None = None,
        near: dict[str, int] | None = None,
        where: str = "",
        measured: int | None = None,
        span: tuple[int, int] | None = None,
        export: bool = False,
    ) -> None:
        self.whole, self.at, self.source = network, at, source
        self.wanted, self.near, self.span, self.export = wanted, near, span, export
        self.where, self.measured = where, measured
        self.unread, self.phases, self.tiles = unread, phases, tiles
        self.stream, self.rate = stream, rate
        self.network = network if at is None else network.path(at)
        self.asked = network.outputs if nodes is None else nodes
        self.nodes = self.nodes_of(self.network)
        self.fault: SolverError | None = None
        self.impossible: SolverError | None = None
        self.shapes: tuple[Shape | None, ...] = ()
        self.there: Graph = self.network
        try:
            self.shapes = network.walk.shapes
        except LimitError:
            raise
        except SolverError as fault:
            self._known(self.whole.unclaimed(network.letters))
            self.impossible = fault
            return
        if at is not None:
            walk, self.fault = network.run(at)
            self.shapes = walk.shapes
            if self.fault is not None and network.paths:
                self._shorten()
            elif self.fault is None:
                self.there = network.there(at)
        elif not self.valid.inputs and self.valid.untold:
            raise LimitError(UNTOLD, f"{self.valid.untold}")
        elif not self.valid.plain and self.valid.cases:
            self.there = _agreeing(self.valid.cases)
            self.shapes = self.there.walk.shapes

    def _shorten(self) -> None:
        """Leave out of a path that runs at no size what cannot have a shape, and is behind."""
        from solver.network.diagnosis.fault import refused

        run = len(self.shapes)
        if refused(self.network, None) is not None:
            self.network = self.network.changed(self.network.nodes[:run], [run - 1])
            self.there, self.nodes = self.network, self.network.outputs

    def nodes_of(self, path: Graph) -> tuple[int, ...]:
        """The numbers of the nodes that are asked about in a path."""
        found = (self.whole.beside(path, at) for at in self.asked)
        return tuple(at for at in found if at is not None)

    def node_of(self, reason: Reason) -> Node:
        """The node that demands something."""
        return self.whole.ways[reason.path].nodes[reason.demand.at]

    @cached_property
    def outcomes(self) -> list[Outcome]:
        """What comes out at which sizes, what is told for every n first."""
        return outcomes(self.whole, self.valid, self.nodes_of)

    @property
    def apart(self) -> tuple[RepeatedSizes, ...]:
        """The inputs that run where there are several kinds of them, and no usual one."""
        alone = self.at is not None or self.valid.plain or len(self.valid.cases) < 2
        return () if alone else self.valid.cases

    @property
    def blind(self) -> Node | None:
        """The first node that is not followed, where what comes out lies behind it."""
        return self.there.blind(self.shapes)

    @property
    def limited(self) -> bool:
        """Tell whether what is asked about is not known."""
        runs = self.impossible is None and self.fault is None and self.wanted is None
        return runs and None in self.asked_shapes

    @property
    def answered(self) -> bool:
        """Tell whether there is an answer other than that there is none."""
        if self.impossible is not None:
            return False
        if self.wanted is not None:
            return any(each and all(each.values()) for each in self.giving.values())
        if self.fault is not None or self.at is not None:
            return self.fault is None
        return bool(self.valid.inputs) or self.blind is not None

    def _known(self, unclaimed: SizeSet) -> None:
        """Raise LimitError where nothing is found, but it is not known everywhere."""
        if unclaimed:
            raise self.whole.unknown(unclaimed)

    @cached_property
    def giving(self) -> dict[str, dict[str, SizeSet]]:
        """By output the inputs that give the wanted size: of n, or of each letter where apart."""
        from solver.network.graph.target import inputs_along, inputs_for  # few ask for it

        assert self.wanted is not None
        found: dict[str, dict[str, SizeSet]] = {}
        for name, node in zip(self.names, self.nodes, strict=True):
            if len(self.wanted.parts) > 1:
                found[name] = inputs_along(self.network, node, self.wanted)
            else:
                found[name] = {SQUARE: inputs_for(self.network, node, self.wanted)}
        if not any(all(each.values()) for each in found.values()):
            self._known(self.valid.unclaimed)
        return found

    @property
    def together(self) -> dict[str, SizeSet]:
        """The inputs that give the wanted size at every output."""
        first, *rest = self.giving.values()
        common = ((x, SizeSet.common([of, *(each[x] for each in rest)])) for x, of in first.items())
        return dict(common)

    @property
    def nearest(self) -> list[list[int]]:
        """The inputs next to `near` that give the wanted size: a size for all axes, or for each."""
        values, found = self.near or {}, self.together
        alike = SQUARE in found and SQUARE not in values
        pairs = [(found[SQUARE if alike else letter], n) for letter, n in values.items()]
        if not all(found.values()) or (alike and len({*values.values()}) > 1):
            return []
        below = [inputs.last(n) or inputs.first(n) for inputs, n in pairs]
        above = [inputs.first(n) or inputs.last(n) for inputs, n in pairs]
        unique = {tuple(n for n in each if n is not None) for each in (below, above)}
        return sorted(map(list, unique))

    @cached_property
    def valid(self) -> Valid:
        """The inputs at which it runs, all axes alike."""
        found = claimed(self.whole)
        if not found.inputs and self.at is None and self.blind is None and self.fault is None:
            self._known(found.unclaimed)
        return found

    @cached_property
    def refusals(self) -> list[tuple[str, Reason]]:
        """What paths refuse along one axis, by its letter, and not where all axes are alike."""
        told = {reason.demand.rule for reason in self.valid.reasons}
        found = []
        for letter in (
            self.whole.letters if self.whole.paths and len(self.whole.letters) > 1 else ()
        ):
            for reason in claimed(self.whole, letter).refusals:
                if reason.demand.rule not in told:
                    found.append((letter, reason))
                    told.add(reason.demand.rule)
        return found

    @property
    def sizes(self) -> SizeSet:
        """The inputs that run, of the path whose layers are told."""
        return self.valid.plain if self.whole.paths else self.valid.inputs

    @cached_property
    def exact(self) -> Valid:
        """Those at which poolings drop nothing and crops are even."""
        return claimed(self.whole, exact=True)

    @cached_property
    def exact_along(self) -> dict[str, SizeSet]:
        """The same along each axis, by its letter, where axes differ."""
        letters = self.whole.letters if len(self.whole.letters) > 1 else ()
        found = {x: claimed(self.whole, x, exact=True).something for x in letters}
        return found if len({*found.values()}) > 1 else {}

    @cached_property
    def costs(self) -> tuple[NodeCost | None, ...]:
        """What each node costs; behind one that does not run only its parameters count."""
        if self.fault is None or self.at is None:
            return costs(self.there)
        from solver.network.diagnosis.fault import prefix

        run = len(self.shapes)
        known = costs(prefix(self.network, run).there(self.at)) if run else ()
        return (*known, *costs(self.network)[run:])

    @cached_property
    def reads(self) -> Fields | SolverError:
        """What each node reads, or why that is not known.

        It is told for the sizes that are asked about; else for every n, or where that is no one
        answer, for the first residue class at which poolings drop nothing and crops are even.
        """
        try:
            if self.at is not None and self.fault is None:
                return fields(self.network, self.at)
            found = fields(self.there)
            modulus = lcm(1, *found.modulus.values())
            return (
                found if modulus == 1 else Fields(self.there, Sizes(residue=self._usual(modulus)))
            )
        except SolverError as fault:
            return fault

    def _usual(self, modulus: int) -> int:
        for inputs in (self.exact.plain, self.valid.plain):
            if not inputs.finite and (first := inputs.first(inputs.minimum)) is not None:
                return first % modulus
        return 0

    @cached_property
    def fix(self) -> Edit | None:
        """The smallest edit of a layer with which it runs, where that is found at once."""
        if self.fault is None or self.at is None or len(self.network) > _MOST_NODES:
            return None
        from solver.network.diagnosis.explain import explain

        fixes = explain(self.whole, self.at).fixes
        return next((edit for edit in fixes if edit.kind not in _OF_INPUT), None)

    @property
    def asked_shapes(self) -> list[Shape | None]:
        """The shapes of the nodes that are asked about."""
        if self.at is None and self.impossible is None and (self.valid.plain or self.blind):
            return [*self.outcomes[0].shapes]
        return [self.shapes[at] if self.runs(at) else None for at in self.nodes]

    @property
    def words(self) -> str:
        """The sizes of the nodes that are asked about, by their names where they are several."""
        at = self.at
        sizes = [
            told(self.network, i, x) if at is None else numbers(self.network, i, x, at)
            for i, x in zip(self.nodes, self.asked_shapes, strict=True)
        ]
        pairs = zip(self.names, sizes, strict=True)
        return ", ".join(size if len(sizes) == 1 else f"{name}: {size}" for name, size in pairs)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of those that are asked about: of outputs, what comes out is called so."""
        if self.asked is self.whole.outputs:
            return self.network.names[: len(self.nodes)]
        return tuple(self.network.nodes[at].name for at in self.nodes)

    def runs(self, number: int) -> bool:
        """Tell whether a network runs as far as this node."""
        return number < len(self.shapes)

    def dims(self, number: int) -> list[Dim]:
        """The sizes of a node that are printed; none where it has none or does not run."""
        shape = self.there.walk.shapes[number] if self.runs(number) else None
        if shape is None:
            return []
        sizes = shown(self.network, number, shape)
        if self.at is None:
            return beside(sizes)
        found = [Dim(dim.at(self.at)) for dim in sizes]
        return found if len(set(found)) > 1 else found[:1]

    def size(self, number: int) -> str:
        """The sizes of a node in words."""
        if self.at is None:
            return told(self.network, number, self.there.walk.shapes[number])
        there = self.shapes
        return numbers(self.network, number, there[number], self.at) if self.runs(number) else ""

    def laid(self, shape: Shape | None) -> Shape:
        """The shape of the one node that is asked about, its channels behind the batch."""
        return () if shape is None else self.network.laid(shape, self.nodes[0])

    def amount(self, found: Total) -> str:
        """A cost in words: a number where there is one."""
        if self.at is not None:
            return f"{found.at(self.at):,}"
        text = str(found if len(self.network.letters) < 2 else found.on(SQUARE))
        return text if found.number is None else f"{found.number:,}"


def _agreeing(cases: Sequence[RepeatedSizes]) -> Graph:
    """A network with the shapes that all cases agree on."""
    first, *rest = (case.network for case in cases)
    if not rest:
        return first
    shapes = zip(*(case.network.walk.shapes for case in cases), strict=True)
    agreed = (each[0] if len(set(each)) == 1 else None for each in shapes)
    return first.shaped(Walk(tuple(agreed), ()))


def tied(net: Known, letter: str) -> list[str]:
    """The other letters of what is demanded of one and them, which is left out along its axis."""
    demands = [reason.demand for reason in net.valid.reasons]
    dims = [dim for each in demands for dim in (each.dim, each.other) if isinstance(dim, Dim)]
    return sorted({x for dim in dims if letter in dim.letters for x in dim.letters - {letter}})
