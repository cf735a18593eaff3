"""What is wrong with a network, in red, and the smallest fix, in green."""

from __future__ import annotations

from solver.network.diagnosis.edits import Edit
from solver.network.diagnosis.explain import Explanation
from solver.network.graph.graph import Graph
from solver.network.network import Network
from solver.render.network.known import Known
from solver.render.pictures.network import drawn
from solver.render.pictures.picture import Picture


def draw(found: Explanation) -> Picture:
    """The network at the sizes that fail, with the layer at fault and the layers to be changed."""
    first: Edit | None = next(iter(found), None)
    fix, fixed = "", set[str]()
    if first is not None:
        fix, fixed = f"fix: {first.text}", _changed(found.network, first.network)
    network = found.network
    assert isinstance(network, Network)
    return drawn(Known(network, found.sizes or None), found.reason, fix, fixed)


def _changed(before: Graph, after: Graph) -> set[str]:
    """The layers that are others, by their names."""
    now = {node.name: node.operation for node in after.nodes}
    return {node.name for node in before.nodes if now.get(node.name) != node.operation}
