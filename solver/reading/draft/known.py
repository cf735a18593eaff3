"""From which sizes on a network is known, whose source computes with sizes that slices cut.

x = x[-5:]; x.view(1, x.shape[-1]) is read as view(1, 5), and is another network for n < 5. So a
source with slices is read once more for each piece of the sizes: where that reads otherwise, what
was read holds from there on, and smaller sizes are not followed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.network.graph.demand import Demand
from solver.network.graph.operation import Input
from solver.network.graph.walk import Node, Walker
from solver.network.network import Network

#: How often a source is read again, and how many nodes in all; below that nothing is known.
_MOST, _MOST_NODES = 32, 4000


class Draft(NamedTuple):
    """Hold what was read, and where the pieces of its sizes begin: see `SETTLED`."""

    network: Network
    settled: Sequence[Demand]


def known(read: Callable[[Mapping[str, int]], Draft]) -> Network:
    """What a source is read as, for the largest sizes, and from which sizes on it is that.

    read: takes the largest size of some letters that is meant.
    """
    network, settled = read({})
    least: dict[str, tuple[int, str]] = {}
    seen = set[tuple[tuple[str, int], ...]]()
    queue, most = list(settled), max(2, min(_MOST, _MOST_NODES // len(network)))
    while queue:
        demand = queue.pop()
        first = demand.holds_from()
        upto = dict.fromkeys(sorted(demand.letters), first - 1)
        if first <= 1 or tuple(upto.items()) in seen:
            continue
        seen.add(tuple(upto.items()))
        found = _tried(read, upto) if len(seen) <= most else None
        if found is not None and (_same(network, found.network) or _fails(network, found, upto)):
            queue += found.settled
        else:
            where = _place(network, found)
            least |= {letter: max((first, where), least.get(letter, (1, ""))) for letter in upto}
    if not least:
        return network
    every = tuple((letter, size, where) for letter, (size, where) in sorted(least.items()))
    nodes = (
        node._replace(operation=node.operation.replaced(least=every))
        if isinstance(node.operation, Input)
        else node
        for node in network.nodes
    )
    return Network(nodes, network.outputs, network.notes, network.written)


def _tried(read: Callable[[Mapping[str, int]], Draft], upto: Mapping[str, int]) -> Draft | None:
    try:
        return read(upto)
    except SolverError:
        return None


def _same(one: Network, other: Network) -> bool:
    if one.outputs != other.outputs or len(one) != len(other):
        return False
    return all(map(_alike, one.nodes, other.nodes))


def _fails(network: Network, other: Draft, upto: Mapping[str, int]) -> bool:
    """Tell whether it runs at none of these sizes, before it is read otherwise."""
    walker = Walker(None, upto)
    for node, like in zip(other.network.nodes, network.nodes, strict=False):
        if not _alike(node, like):
            return False
        if walker.take(node) is not None:
            return True
    return False


def _alike(node: Node | None, other: Node | None) -> bool:
    return node == other or repr(node) == repr(other)  # unknown layers are alike in words


def _place(network: Network, other: Draft | None) -> str:
    """The first node that is read otherwise, and where it is written."""
    others = () if other is None else other.network.nodes
    for node, like in zip_longest(network.nodes, others):
        if node is not None and not _alike(node, like):
            return f"{node.name} ({node.where})" if node.where else node.name
    return "what comes out"
