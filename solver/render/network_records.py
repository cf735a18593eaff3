"""What is known of a network as plain data: the JSON contract, in one place.

Fractions are text, such as "3/2". What holds for a letter of the input's sizes stands under it;
what a node reads is said once where all letters agree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from solver.errors import SolverError
from solver.network.graph.costs import total
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Input, Shape
from solver.network.graph.total import Total
from solver.network.graph.validity import Valid, valid
from solver.render.network_reads import Reach, reaches, seconds, streamed, unread_words
from solver.render.network_report import Report
from solver.sizes.sizeset import Condition, SizeSet

if TYPE_CHECKING:
    from fractions import Fraction

_NONE = SizeSet.of([])


def record(report: Report) -> dict[str, Any]:
    """Return everything as plain data."""
    network, possible = report.network, report.impossible is None
    fault = report.impossible or report.fault
    cost = total(report.costs) if possible else None
    kept = cost if cost and report.fault is None and not report.apart else None
    along = {
        letter: size_set(valid(network, letter).inputs if possible else _NONE)
        for letter in network.letters
    }
    edit = report.cure if possible else None
    found: dict[str, Any] = {
        "schema": 1,
        "command": "network",
        "input": "n" if report.at is None else report.at,
        "inputs": [_shaped(report, i) for i in network.inputs],
        "outputs": [{**_shaped(report, i), **_reads(report, i, True)} for i in report.nodes],
        "output": report.wanted,
        "gives_output": _giving(report),
        "valid": size_set(report.valid.inputs if possible else _NONE),
        "valid_repeated": list(report.valid.repeated) if possible else [],
        "pieces": _pieces(report) if possible else [],
        "valid_along": along,
        "valid_exact": size_set(report.exact.inputs if possible else _NONE),
        "reasons": _reasons(report, report.valid) if possible else [],
        "reasons_exact": _reasons(report, report.exact) if possible else [],
        "parameters": cost and cost.parameters,
        "macs": _amount(report, kept and kept.macs),
        "activations": _amount(report, kept and kept.activations),
        "layers": [_layer(report, number) for number in range(len(network.nodes))],
        "reason": None if fault is None else fault.rule,
        "received": None if fault is None else fault.received,
        "edit": None if edit is None else {"kind": edit.kind, "text": edit.text, "code": edit.code},
        "notes": report.notes,
    }
    for name, asked, tell in (
        ("unread", report.unread, _unread),
        ("tiling", report.tiles, _tiling),
        ("streaming", report.stream, _streaming),
    ):
        if asked and possible:
            found[name] = {letter: _told(tell, report, letter) for letter in network.letters}
    if report.tiles and possible:
        found["torch_export"] = _exported(report)
    return found


def size_set(inputs: Condition) -> dict[str, Any]:
    """Return a size set, and its words; null for residues that are too many to be listed.

    >>> size_set(SizeSet(2, [1], 5))["text"]
    'odd n >= 5'
    """
    listed = inputs if isinstance(inputs, SizeSet) else None
    return {
        "modulus": inputs.modulus if isinstance(inputs, SizeSet) else inputs.period,
        "residues": None if listed is None else list(listed.residues),
        "minimum": inputs.minimum,
        "exceptions": [] if listed is None else list(listed.exceptions),
        "text": str(inputs),
    }


def _pieces(report: Report) -> list[dict[str, Any]]:
    """Return the sizes at which slices take as much as there is, and what comes out there."""
    return [
        {
            "first": part.first,
            "last": part.last,
            "inputs": size_set(part.condition),
            "outputs": [_named(report, i, part.walk.shapes[i]) for i in report.nodes],
        }
        for part in report.valid.pieces
    ]


def _giving(report: Report) -> dict[str, Any] | None:
    if report.wanted is None:
        return None
    return size_set(_NONE if report.impossible is not None else report.giving)


def _reasons(report: Report, found: Valid) -> list[dict[str, Any]]:
    return [
        {
            "layer": report.network.nodes[reason.demand.at].name,
            "where": report.network.nodes[reason.demand.at].where,
            "rule": reason.demand.rule,
            "inputs": size_set(reason.inputs),
        }
        for reason in found.reasons
    ]


def _shaped(report: Report, number: int) -> dict[str, Any]:
    return _named(report, number, report.shapes[number] if number < len(report.shapes) else None)


def _named(report: Report, number: int, shape: Shape | None) -> dict[str, Any]:
    return {
        "name": report.network.nodes[number].name,
        "shape": None if shape is None else [_plain(dim) for dim in shape],
    }


def _plain(dim: Dim) -> int | str:
    return str(dim) if dim.number is None else dim.number


def _layer(report: Report, number: int) -> dict[str, Any]:
    node = report.network.nodes[number]
    cost = report.costs[number] if report.impossible is None else None
    kept = cost if report.runs(number) else None
    return {
        **_shaped(report, number),
        "operation": "" if isinstance(node.operation, Input) else node.operation.title,
        "where": node.where,
        "inputs": [report.network.nodes[i].name for i in node.inputs],
        "parameters": cost and cost.parameters,
        "macs": _amount(report, kept and kept.macs),
        "activations": _amount(report, kept and kept.activations),
        **_reads(report, number),
    }


def _amount(report: Report, found: Total | None) -> int | str | None:
    """Return a cost as a number, or as an expression of Python in the letters of the input."""
    if found is None:
        return None
    if report.at is not None:
        return found.at(report.at)
    return str(found).replace("^", "**") if found.number is None else found.number


# What is read


def _reads(report: Report, number: int, whole: bool = False) -> dict[str, Any]:
    """Return what a node reads. whole: with centres too."""
    known = reaches(report, number) if report.impossible is None else {}

    def value(of: Callable[[Reach], Any]) -> Any:
        """Return one value where all letters have it, else one for each."""
        values = {
            letter: "all" if reach.everything else of(reach) for letter, reach in known.items()
        }
        alike = len({*map(str, values.values())}) == 1
        return next(iter(values.values())) if alike else values or None

    found: dict[str, Any] = {
        "receptive_field": value(lambda reach: reach.most),
        "receptive_field_least": value(lambda reach: reach.least),
        "jump": value(lambda reach: _fraction(reach.jump)),
        "padding": value(lambda reach: reach.padding),
    }
    if whole:
        found["first_centre"] = value(lambda reach: _fraction(reach.centre))
        found["offset"] = value(lambda reach: _fraction(reach.offset))
        holds: dict[str, str] = {}
        if report.impossible is None and not isinstance(report.reads, SolverError):
            holds = {letter: report.reads.holds_for(letter) for letter in known}
            if report.at is None and report.there is not report.network:
                holds = {letter: report.valid.inputs.text(letter) for letter in known}
        found["holds_for"] = holds
    return found


def _fraction(number: int | Fraction | None) -> int | str | None:
    return number if number is None or isinstance(number, int) else str(number)


def _told(
    tell: Callable[[Report, str], dict[str, Any]], report: Report, letter: str
) -> dict[str, Any]:
    """Return an analysis; why there is none where it is not possible."""
    try:
        return {**tell(report, letter), "reason": None}
    except SolverError as fault:
        return {"reason": fault.rule, "received": fault.received}


def _unread(report: Report, letter: str) -> dict[str, Any]:
    from solver.network.fields.coverage import coverage
    from solver.network.fields.unread import unread

    if report.at is not None and report.fault is None:
        found = coverage(report.network, report.at, letter)
        return {"size": found.size, "unread": [[run.start, run.stop - 1] for run in found.unread]}
    patterns = unread(report.network, letter)
    return {
        "text": list(unread_words(patterns)),
        "classes": [
            {
                "modulus": each.modulus,
                "residue": each.residue,
                "least": each.least,
                "sharp": each.sharp,
                "begin": list(each.begin),
                "end": list(each.end),
                "period": each.period,
                "residues": list(each.residues),
            }
            for each in patterns.patterns
        ],
    }


def _tiling(report: Report, letter: str) -> dict[str, Any]:
    from solver.network.fields.tiling import bioimage, tiling

    found = tiling(report.network, letter)
    return {
        "multiple": found.multiple,
        "residue": found.residue,
        "halo": list(found.halo),
        "overlap": found.overlap,
        "tiles": size_set(found.tiles),
        "jump": _fraction(found.jump),
        "bioimage": bioimage(report.network, letter),
    }


def _streaming(report: Report, letter: str) -> dict[str, Any]:
    found = streamed(report, letter)
    time = seconds(report, found)
    return {
        "hop": found.hop,
        "outputs": found.outputs,
        "look_ahead": found.look_ahead,
        "latency": found.latency,
        "context": found.context,
        "holds_for": found.holds_for,
        "rate": report.rate,
        "latency_seconds": None if time is None else str(time),
    }


def _exported(report: Report) -> dict[str, Any]:
    from solver.network.fields.tiling import torch_export_dim

    try:
        return {"code": torch_export_dim(report.network), "reason": None}
    except SolverError as fault:
        return {"code": None, "reason": fault.rule}
