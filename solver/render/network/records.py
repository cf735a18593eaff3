"""What is known of a network as plain data: the JSON contract, in one place.

Fractions are text, such as "3/2". What holds for a letter of the input's sizes stands under it;
what a node reads is said once where all letters agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from solver.errors import SolverError
from solver.network.graph.costs import total
from solver.network.graph.demand import SQUARE
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Input, Shape
from solver.network.graph.total import Total
from solver.network.graph.validity import Valid, claimed
from solver.render.network import near
from solver.render.network.known import Known, tied
from solver.render.network.noted import notes
from solver.render.network.reads import ReadExtent, reaches, unread_words
from solver.render.network.words import measured, narrowed
from solver.render.sets import by_letter, fraction, with_words
from solver.sizes.sizeset import NONE, SizeSet
from solver.sizes.width import plain

if TYPE_CHECKING:
    from solver.network.graph.target import SizeTarget


def record(net: Known) -> dict[str, Any]:
    """Return everything as plain data."""
    network, possible = net.network, net.impossible is None
    fault = net.impossible or net.fault
    cost = total(net.costs) if possible else None
    kept = cost if cost and net.fault is None and not net.apart else None
    along = {letter: _along(net, letter, possible) for letter in network.letters}
    edit = net.fix if possible else None
    found: dict[str, Any] = {
        "schema": 1,
        "command": "network",
        "input": "n" if net.at is None else net.at,
        "inputs": [_shaped(net, i) for i in network.inputs],
        "outputs": [
            {**_named(name, shape), **_reads(net, i, True)}
            for name, i, shape in zip(net.names, net.nodes, net.asked_shapes, strict=True)
        ],
        "output": net.wanted and _asked(net.wanted),
        "gives_output": _giving(net),
        "valid": with_words(net.valid.inputs if possible else NONE),
        "valid_repeated": list(net.valid.repeated) if possible else [],
        "pieces": _pieces(net) if possible else [],
        "unclaimed": with_words(net.valid.unclaimed if possible else NONE),
        "valid_along": along,
        "valid_exact": with_words(net.exact.something if possible else NONE),
        "reasons": _reasons(net, net.valid) if possible else [],
        "reasons_exact": _reasons(net, net.exact) if possible else [],
        "parameters": cost and plain(cost.parameters),
        "macs": _amount(net, kept and kept.macs),
        "activations": _amount(net, kept and kept.activations),
        "layers": [_layer(net, number) for number in range(len(network.nodes))],
        "reason": None if fault is None else fault.rule,
        "received": None if fault is None else fault.received,
        "edit": None if edit is None else {"kind": edit.kind, "text": edit.text, "code": edit.code},
        "notes": notes(net),
    }
    if possible and net.exact_along:
        found["valid_exact_along"] = {x: with_words(each) for x, each in net.exact_along.items()}
    if net.where and possible:
        runs, refused = narrowed(net)
        found["where"] = {"condition": net.where, "valid": with_words(runs)}
        found["where"]["refused"] = with_words(refused)
    if net.measured is not None and cost:
        found["at"] = {
            "n": net.measured,
            "macs": plain(measured(net, cost.macs)),
            "activations": plain(measured(net, cost.activations)),
        }
    if net.wanted is not None and possible:
        if len(net.giving) > 1:
            found["gives_outputs"] = {name: _inputs(each) for name, each in net.giving.items()}
        if net.near is not None:
            found["nearest"] = [x[0] if len({*x}) == 1 else x for x in net.nearest]
    if net.wanted is None and possible and net.at is not None:
        found |= near.record(net)
    if net.span is not None and possible:
        found["range"] = near.range_record(net, *net.span)
    return found | _asked_for(net) if possible else found


def _asked_for(net: Known) -> dict[str, Any]:
    """What is told only where it is asked for, of what is read."""
    found: dict[str, Any] = {}
    for name, asked, tell in (
        ("unread", net.unread, _unread),
        ("phases", net.phases, _phases),
        ("tiling", net.tiles, _tiling),
        ("streaming", net.stream, _streaming),
    ):
        if asked:
            found[name] = {letter: _told(tell, net, letter) for letter in net.network.letters}
    if net.phases:
        from solver.render.network.phased import record_together

        found["phases_together"] = record_together(net)
    if net.tiles or net.export:
        found["torch_export"] = _exported(net)
    return found


def _along(net: Known, letter: str, possible: bool) -> dict[str, Any]:
    """The inputs that run along an axis, and the axes whose ties to it are left out."""
    ties = tied(net, letter) if possible else []
    found = with_words(claimed(net.whole, letter).inputs if possible else NONE)
    return {**found, "leaves_out": ties} if ties else found


def _pieces(net: Known) -> list[dict[str, Any]]:
    """The sizes at which others come out than is told for every n, and what comes out there."""
    found = []
    for each in net.outcomes[1:]:
        first, last, inputs = each.span
        pairs = zip(net.names, each.shapes, strict=False)
        found.append(
            {
                "first": first,
                "last": last,
                "inputs": with_words(inputs),
                "outputs": [_named(name, shape) for name, shape in pairs],
            }
        )
    return found


def _asked(wanted: SizeTarget) -> int | str:
    return wanted.words if wanted.number is None else wanted.number


def _giving(net: Known) -> dict[str, Any] | None:
    if net.wanted is None:
        return None
    return with_words(NONE) if net.impossible is not None else _inputs(net.together)


def _inputs(found: Mapping[str, SizeSet]) -> dict[str, Any]:
    """Inputs of n, or by letter where the axes are asked apart."""
    return with_words(found[SQUARE]) if len(found) == 1 else by_letter(found)


def _reasons(net: Known, found: Valid) -> list[dict[str, Any]]:
    alike = ((SQUARE, reason) for reason in found.reasons)
    return [
        {
            "layer": net.node_of(reason).name,
            "where": net.node_of(reason).where,
            "rule": reason.demand.rule,
            "inputs": with_words(reason.inputs, letter),
        }
        for letter, reason in (*alike, *net.refusals)
    ]


def _shaped(net: Known, number: int) -> dict[str, Any]:
    shape = net.shapes[number] if number < len(net.shapes) else None
    return _named(net.network.nodes[number].name, shape)


def _named(name: str, shape: Shape | None) -> dict[str, Any]:
    return {
        "name": name,
        "shape": None if shape is None else [_plain(dim) for dim in shape],
    }


def _plain(dim: Dim) -> int | str:
    return str(dim) if dim.number is None else plain(dim.number)


def _layer(net: Known, number: int) -> dict[str, Any]:
    node = net.network.nodes[number]
    cost = net.costs[number] if net.impossible is None else None
    kept = cost if net.runs(number) else None
    return {
        **_shaped(net, number),
        "operation": "" if isinstance(node.operation, Input) else node.operation.title,
        "where": node.where,
        "inputs": [net.network.nodes[i].name for i in node.inputs],
        "parameters": cost and plain(cost.parameters),
        "macs": _amount(net, kept and kept.macs),
        "activations": _amount(net, kept and kept.activations),
        **_reads(net, number),
    }


def _amount(net: Known, found: Total | None) -> int | str | None:
    """A cost as a number, or as an expression of Python in the letters of the input."""
    if found is None:
        return None
    if net.at is not None:
        return plain(found.at(net.at))
    return str(found).replace("^", "**") if found.number is None else plain(found.number)


# What is read


def _reads(net: Known, number: int, whole: bool = False) -> dict[str, Any]:
    """What a node reads. whole: with centres too."""
    known = reaches(net, number) if net.impossible is None else {}

    def value(of: Callable[[ReadExtent], Any]) -> Any:
        """Return one value where all letters have it, else one for each."""
        values = {
            letter: "all" if reach.everything else of(reach) for letter, reach in known.items()
        }
        alike = len({*map(str, values.values())}) == 1
        return next(iter(values.values())) if alike else values or None

    found: dict[str, Any] = {
        "receptive_field": value(lambda reach: reach.most),
        "receptive_field_least": value(lambda reach: reach.least),
        "jump": value(lambda reach: reach.span and fraction(reach.span.jump)),
        "padding": value(lambda reach: reach.span and reach.span.padding),
    }
    if whole:
        found["first_centre"] = value(lambda reach: reach.span and fraction(reach.span.centre(0)))
        found["offset"] = value(lambda reach: reach.span and fraction(reach.span.offset))
        holds: dict[str, str] = {}
        if net.impossible is None and not isinstance(net.reads, SolverError):
            holds = {letter: net.reads.holds_for(letter) for letter in known}
            if net.at is None and net.there is not net.network:
                holds = {letter: net.valid.inputs.text(letter) for letter in known}
        found["holds_for"] = holds
    return found


def _told(tell: Callable[[Known, str], dict[str, Any]], net: Known, letter: str) -> dict[str, Any]:
    """An analysis; why there is none where it is not possible."""
    try:
        return {**tell(net, letter), "reason": None}
    except SolverError as fault:
        return {"reason": fault.rule, "received": fault.received}


def _unread(net: Known, letter: str) -> dict[str, Any]:
    from solver.network.fields.coverage import coverage
    from solver.network.fields.unread import unread

    if net.at is not None and net.fault is None:
        found = coverage(net.network, net.at, letter)
        return {"size": found.size, "unread": [[run.start, run.stop - 1] for run in found.unread]}
    patterns = unread(net.network, letter)
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


def _phases(net: Known, letter: str) -> dict[str, Any]:
    from solver.render.network.phased import record

    return record(net, letter)


def _tiling(net: Known, letter: str) -> dict[str, Any]:
    from solver.render.network.tiled import record

    return record(net, letter)


def _streaming(net: Known, letter: str) -> dict[str, Any]:
    from solver.render.network.streams import record

    return record(net, letter)


def _exported(net: Known) -> dict[str, Any]:
    from solver.network.fields.exported import torch_export_dim

    try:
        return {"code": torch_export_dim(net.whole, **near.bounds(net)), "reason": None}
    except SolverError as fault:
        return {"code": None, "reason": fault.rule}
