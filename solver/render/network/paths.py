"""What is said of the paths of a network: what is not known, what others give, whose layers."""

from __future__ import annotations

from collections.abc import Iterator

from solver.errors import SolverError
from solver.network.graph.demand import Demand
from solver.network.graph.graph import ELSEWHERE, Graph
from solver.network.graph.operation import Refuse
from solver.network.graph.pieces import ValidPiece
from solver.network.graph.summary import every, told
from solver.render.network.known import Known


def unclaimed(net: Known) -> Iterator[str]:
    """Yield the sizes of which nothing is known."""
    if net.valid.unclaimed:
        yield f"nothing is claimed for {net.valid.unclaimed}: {ELSEWHERE}"
    ties = {each: None for path in net.whole.ways for each in _ties(path)}
    for each in ties:
        other = each.negated()
        if other.claim not in {tie.claim for tie in ties}:
            yield f"nothing is claimed where {other.claim}: {ELSEWHERE}"


def others(net: Known) -> Iterator[str]:
    """Yield what comes out where that is another formula than is told for every n."""
    for each in net.outcomes[1:]:
        words = ", ".join(map(told, each.shapes))
        slices = isinstance(each.inputs, ValidPiece)
        why = ": a slice takes as much as there is" if slices else ""
        yield f"n -> {words}, for {every(each.inputs)}{why}"
    for path in net.whole.ways:
        if _ties(path) and (line := _apart(net, path)):
            yield line


def _apart(net: Known, path: Graph) -> str:
    """What comes out of a path that is taken by how the axes stand to each other."""
    where = " and ".join(each.claim for each in path.within if each.limit)
    try:
        shapes = path.walk.shapes
    except SolverError as fault:
        return f"none comes out where {where}: {fault.rule}"
    words = ", ".join(told(shapes[at]) for at in net.nodes_of(path))
    return f"{' x '.join(path.letters)} -> {words}, where {where}"


def _ties(path: Graph) -> list[Demand]:
    return [each for each in path.within if each.limit and len(each.letters) > 1]


def whose(net: Known) -> Iterator[str]:
    """Yield of which path the layers and costs are, where several run."""
    paths = net.whole.paths
    if net.at is None and not all(isinstance(path.nodes[-1].operation, Refuse) for path in paths):
        claims = [each.claim for each in net.whole.within if each.limit]
        yield f"layers, costs and what is read are told where {' and '.join(claims)}"
