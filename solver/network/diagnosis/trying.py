"""Each proposal is tried: the changed network is walked at the sizes that fail, and for every n."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from solver.errors import LimitError, SolverError
from solver.network.diagnosis.edits import Edit, Proposal
from solver.network.diagnosis.fault import refused
from solver.network.diagnosis.inputs import along
from solver.network.diagnosis.ranking import likely, ranked
from solver.network.diagnosis.wanted import WantedOutput
from solver.network.graph.graph import Graph
from solver.network.graph.merging import Concat, Elementwise
from solver.network.graph.validity import valid
from solver.sizes.sizeset import SizeSet

_MEET = (Elementwise, Concat, WantedOutput)


def tried(
    network: Graph,
    proposals: Iterable[Proposal],
    values: Mapping[str, int] | None,
    at: int,
) -> list[Edit]:
    """The edits that work, each once, in the order in which they are told.

    values: the sizes that fail; None to try each at the smallest size it accepts. at: the number
    of the node that fails. Where only what is wanted of the output fails, no sizes are lost.
    """
    works: dict[str, Proposal] = {}
    for each in proposals:
        if each.text not in works and _runs_at(each, values):
            works[each.text] = each
    operation = network.nodes[at].operation
    edits = [edit for each in likely(works.values()) if (edit := _edit(each, values))]
    try:
        before = None if isinstance(operation, WantedOutput) else valid(network).inputs
    except SolverError:
        before = None
    least = min((values or {"": 1}).values())
    return ranked(edits, network, before, least, isinstance(operation, _MEET))


def _runs_at(each: Proposal, values: Mapping[str, int] | None) -> bool:
    """Whether a changed network runs at the sizes that fail, or at its own."""
    sizes = each.sizes or values
    try:
        return not sizes or refused(each.network, sizes) is None
    except LimitError:  # nothing is claimed there
        return False


def _edit(each: Proposal, values: Mapping[str, int] | None) -> Edit | None:
    """A proposal with the sizes at which it runs, None where there are none."""
    network, square = each.network, None
    sizes = dict(each.sizes or values or {})
    try:
        square = valid(network).inputs
    except LimitError:
        pass
    except SolverError:  # what no input helps
        return None
    if not sizes:
        sizes = dict.fromkeys(network.letters, (square and square.first()) or 1)
        if refused(network, sizes) is not None:
            return None
    return Edit(
        each.kind,
        each.size,
        each.text,
        each.code,
        network,
        sizes,
        _runs(network, sizes),
        square,
        each.changes,
        each.strained,
    )


def _runs(network: Graph, sizes: Mapping[str, int]) -> dict[str, SizeSet] | None:
    """Where a network runs, for each letter of it, the others given."""
    try:
        return {letter: along(network, sizes, letter).inputs for letter in network.letters}
    except LimitError:
        return None
