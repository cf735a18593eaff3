"""Which nodes of what was read are the network, and which were only tried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solver.network.graph.computed import Become
from solver.network.graph.walk import Node
from solver.network.unknowns.unknown import Behind


def kept(nodes: Sequence[Node], ends: Iterable[int], placeholders: Iterable[int]) -> list[int]:
    """The ends and what goes into them, all but placeholders that nothing reads."""
    wanted = {*ends}
    for at in range(len(nodes) - 1, -1, -1):
        wanted |= set(nodes[at].inputs) if at in wanted else set()
    read = {at for end in wanted for at in nodes[end].inputs}
    return sorted(wanted - ({*placeholders} - read))


def is_weight(node: Node) -> bool:
    """Whether a node is a tensor that is learned, which a function may take for its weight."""
    return isinstance(node.operation, Become) and node.operation.name == "parameter"


def opened(nodes: Iterable[Node]) -> list[Node]:
    """The nodes with the layers that stand behind unknown ones as they are."""
    return [
        node._replace(operation=node.operation.of) if isinstance(node.operation, Behind) else node
        for node in nodes
    ]
