"""A network that answers: each question of `solver` on networks is a method too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from solver.ground.shown import Reported
from solver.network.graph.graph import Graph, Sizes
from solver.network.graph.summary import formula

if TYPE_CHECKING:
    from solver.network.decoders.decoder import Decoders
    from solver.network.diagnosis.explain import Explanation
    from solver.network.fields.coverage import Coverage
    from solver.network.fields.field import Fields
    from solver.network.fields.streaming import Streaming
    from solver.network.fields.taps import Taps
    from solver.network.fields.tiles import Tiling
    from solver.network.fields.unread import Unread
    from solver.network.graph.costs import NodeCost
    from solver.network.graph.nearest import NearInputs
    from solver.network.graph.validity import Valid
    from solver.network.unknowns.filled import Filled
    from solver.network.unknowns.lettered import LetteredFilled
    from solver.sizes.sizeset import SizeSet


class Network(Reported, Graph):
    """Be a network: nodes in order, and which of them come out.

    Nodes are meant by their names; without one, the output is. Sizes of the input are one int for
    all letters, one for each, or a mapping by letters; in elements.

    >>> from solver import Conv, trace
    >>> net = trace(Conv(7, stride=2, padding=3), channels=3)
    >>> net.formula(), net.size(224), str(net.inputs_for(112)), net.costs(224).macs.number
    ('ceil(n/2)', 112, 'n in {223, 224}', 5531904)
    >>> print(str(net).partition("\\n")[0])
    n -> ceil(n/2), for every n >= 1
    """

    def formula(self, name: str = "") -> str:
        """The sizes of a node for every n, as text; where it has paths, of each formula's sizes.

        >>> from solver import Conv, trace
        >>> trace(Conv(7, stride=2, padding=3)).formula()
        'ceil(n/2)'
        """
        return formula(self, self._at(name))

    def diagram(self, form: str = "mermaid", sizes: Sizes | None = None) -> str:
        """The text of a diagram, a box for each layer with its size: for Mermaid, or DOT.

        >>> from solver import Conv, trace
        >>> print(trace(Conv(3)).diagram("dot", 8).splitlines()[3])
          n1 [label="conv_1\\nConv k3\\n6"]
        """
        at = () if sizes is None else (self.values(sizes),)
        text: str = self.report(*at).diagram(form)
        return text

    def valid(self, letter: str | None = None, exact: bool = False) -> Valid:
        """The sizes at which it runs, and the demands they follow from, as `solver.valid`."""
        from solver.network.graph.validity import valid

        return valid(self, letter, exact)

    def inputs_for(self, size: int | str, name: str = "") -> SizeSet:
        """The inputs, all axes alike, for which every size of a node is `size`.

        size: a number, numbers such as "1..4", or an expression in n, the size of the input.

        >>> from solver import MaxPool, trace
        >>> pool = trace(MaxPool(2))
        >>> print(pool.inputs_for(3), "|", pool.inputs_for("n/2"), "|", pool.inputs_for("1..2"))
        n in {6, 7} | even n | 2 <= n <= 5
        """
        from solver.network.graph.target import inputs_for

        return inputs_for(self, self._at(name), size)

    def cut(self, from_: str = "", to: str = "") -> Self:
        """Its layers from one on, up to one, or between, as a network of its own, by their names.

        Raises SolverError where what stands behind the first reads more of what stands before it.

        >>> from solver import Conv, MaxPool, trace
        >>> net = trace(lambda x: Conv(5)(MaxPool(2)(x)))
        >>> str(net.valid().inputs), str(net.cut(to="maxpool_1").valid().inputs)
        ('n >= 10', 'n >= 2')
        >>> net.cut(from_="conv_2").formula()
        'n - 4'
        """
        from solver.network.graph.cut import cut

        return cut(self, from_, to)

    def nearest(self, sizes: Sizes, exact: bool = False) -> NearInputs:
        """The inputs next to one at which it runs, and the padding that reaches the larger.

        exact: at which poolings drop nothing and crops are even, too.

        >>> from solver import MaxPool, trace
        >>> found = trace(MaxPool(32)).nearest((1024, 684), exact=True)
        >>> found.others, found.padding
        ([[1024, 672], [1024, 704]], [(0, 0), (10, 10)])
        """
        from solver.network.graph.nearest import nearest

        return nearest(self, sizes, exact)

    def costs(self, sizes: Sizes | None = None, name: str = "") -> NodeCost | None:
        """The parameters, multiply-accumulates and activations of all nodes, or of the one named.

        sizes: of the input; without them for every n. None of a node that is not understood.

        >>> from solver import Conv, trace
        >>> net = trace(lambda x: Conv(3, padding=1, out_channels=8)(x).named("stem"), channels=3)
        >>> str(net.costs(name="stem").macs), net.costs(32).activations.number
        ('216*h*w', 8192)
        """
        from solver.network.graph.costs import costs, total

        network = self if sizes is None else self.there(sizes)
        found = costs(network)
        return found[network.find(name)] if name else total(found)

    def fields(self, sizes: Sizes | None = None, residue: int | None = None) -> Fields:
        """What every node reads of the input, as `solver.fields`."""
        from solver.network.fields.field import fields

        return fields(self, sizes, residue)

    def coverage(self, sizes: Sizes, letter: str | None = None, **asked: Any) -> Coverage:
        """Which input elements are read at given sizes, as `solver.coverage`."""
        from solver.network.fields.coverage import coverage

        return coverage(self, sizes, letter, **asked)

    def unread(self, letter: str | None = None) -> Unread:
        """Which input elements no output ever reads, for every n, as `solver.unread`."""
        from solver.network.fields.unread import unread

        return unread(self, letter)

    def taps(self, letter: str | None = None, **asked: Any) -> Taps:
        """Which input elements outputs read, phase by phase, as `solver.taps`."""
        from solver.network.fields.taps import taps

        return taps(self, letter, **asked)

    def tiling(self, letter: str | None = None, residue: int | None = None) -> Tiling:
        """How to cut an input so that tiles give what the whole gives, as `solver.tiling`."""
        from solver.network.fields.tiling import tiling

        return tiling(self, letter, residue)

    def streaming(self, letter: str | None = None, **asked: Any) -> Streaming:
        """How long a stream through it waits, as `solver.streaming`."""
        from solver.network.fields.streaming import streaming

        return streaming(self, None, letter, **asked)

    def explain(
        self, sizes: Sizes | None = None, error: str | None = None, output: Any = None
    ) -> Explanation:
        """What is wrong with it, and the fixes, as `solver.explain`."""
        from solver.network.diagnosis.explain import explain

        return explain(self, sizes, error, output)

    def fill(self, size: str | int | None = None, **asked: Any) -> Filled | LetteredFilled:
        """Every way to fill in its unknown layers, as `solver.fill`."""
        from solver.network.unknowns.filled import fill

        return fill(self, size, **asked)

    def decoders(
        self, n: int | Sequence[int] | None = None, where: SizeSet | str | None = None
    ) -> Decoders:
        """Decoders that give the input size back, the best first, as `solver.decoders`."""
        from solver.network.decoders.asked import decoders

        return decoders(self, n, where)

    def _at(self, name: str) -> int:
        return self.find(name) if name else self.outputs[0]
