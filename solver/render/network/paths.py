"""What is said of the paths of a network: what is not known, what others give, whose layers."""

from __future__ import annotations

from collections.abc import Iterator

from solver.errors import SolverError
from solver.network.graph.costs import costs, total
from solver.network.graph.demand import Demand
from solver.network.graph.graph import ELSEWHERE, Graph
from solver.network.graph.operation import Refuse
from solver.network.graph.summary import told
from solver.render.network.known import Known

_MOST_CLAIMS = 6


def around(net: Known, formulas: Iterator[str]) -> Iterator[str]:
    """Yield formulas, before them what is not known, and behind them what is said of paths."""
    yield from _unclaimed(net)
    yield from formulas
    for path in net.whole.ways:
        if _ties(path) and not path.region(path.letters):
            yield _apart(net, path)
    yield from _whose(net)


def _unclaimed(net: Known) -> Iterator[str]:
    """Yield the sizes of which nothing is known, but what a limit of a single path tells."""
    if net.whole.paths and net.valid.unclaimed:
        yield f"nothing is claimed for {net.valid.unclaimed}: {ELSEWHERE}"
    ties = {each: None for path in net.whole.ways for each in _ties(path)}
    for each in ties:
        other = each.negated()
        if other.claim not in {tie.claim for tie in ties}:
            yield f"nothing is claimed where {other.claim}: {ELSEWHERE}"


def _apart(net: Known, path: Graph) -> str:
    """What comes out of a path that is taken where the axes are not alike."""
    where = _claims(path)
    try:
        shapes = path.walk.shapes
    except SolverError as fault:
        return f"none comes out where {where}: {fault.rule}"
    words = ", ".join(told(path, at, shapes[at]) for at in net.nodes_of(path))
    return f"{' x '.join(path.letters)} -> {words}, where {where}"


def _ties(path: Graph) -> list[Demand]:
    return [each for each in path.within if each.limit and len(each.letters) > 1]


def _whose(net: Known) -> Iterator[str]:
    """Yield of which path the layers and costs are, where several run."""
    paths = [each for each in net.whole.paths if not isinstance(each.nodes[-1].operation, Refuse)]
    if not paths:
        return
    yield f"layers, costs and what is read are those for {_claims(net.whole)}"
    known = total(net.costs).parameters
    counts = {total(costs(path)).parameters for path in paths if _runs(path)} - {known}
    if counts:
        yield f"other paths have {', '.join(f'{n:,}' for n in sorted(counts))} parameters"


def _runs(path: Graph) -> bool:
    try:
        return bool(path.walk)
    except SolverError:
        return False


def _claims(path: Graph) -> str:
    claims = [each.claim for each in path.within if each.limit]
    more = [f"{len(claims) - _MOST_CLAIMS} more conditions"] if len(claims) > _MOST_CLAIMS else []
    return " and ".join(claims[:_MOST_CLAIMS] + more)
