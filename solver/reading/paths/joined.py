"""The network that the paths of a program are together."""

from __future__ import annotations

from collections.abc import Sequence

from solver.errors import SolverError
from solver.network.graph.operation import Unknown
from solver.network.graph.walk import Node
from solver.network.network import Network
from solver.reading.paths.explore import Paths, Run


def joined(paths: Paths, notes: Sequence[str] = ()) -> Network:
    """One network of all paths."""
    if not paths.found:
        raise SolverError("no path of this program is followed")
    best = max(paths.found, key=lambda p: (not p.run.refused, not p.run.lost))
    return network(best.run, notes)


def network(run: Run, notes: Sequence[str] = ()) -> Network:
    nodes, outputs = list(run.nodes), run.outputs
    if run.lost or run.refused:
        nodes.append(Node("not followed", Unknown(run.lost or "refused"), (len(nodes) - 1,)))
        outputs = (len(nodes) - 1,)
    return Network(nodes, outputs, notes)
