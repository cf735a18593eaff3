"""What is known of a network in words: the answer, what is worth knowing beside it, columns."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from solver.network.graph.costs import total
from solver.network.graph.demand import SQUARE
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Input
from solver.network.graph.pieces import Part, Reason
from solver.network.graph.summary import brief, formula, joined, on_class, told
from solver.network.graph.total import Total
from solver.network.graph.validity import UNTOLD, Case, valid
from solver.render.network_reads import asked_lines, cells, output_lines
from solver.render.network_report import Report
from solver.sizes.sizeset import EVERY, SizeSet

_LONGEST = 100  # of a sum in words
_USUAL = 224
_MOST_WISHES = 6
_MOST_CASES = 4

_HEAD = ("layer", "operation", "channels", "size", "jump", "receptive field", "parameters", "macs")


def headline(report: Report) -> str:
    """Return the answer in one line."""
    if report.impossible is not None:
        return f"none: {report.impossible.rule}"
    outputs = report.outputs
    words = ", ".join(size if len(outputs) == 1 else f"{name} {size}" for name, size in outputs)
    if report.wanted is not None:
        found = str(report.giving) if report.giving else "none: no input"
        return f"{found} -> {report.wanted}" if report.giving else f"{found} gives {report.wanted}"
    if report.fault is not None:
        return f"none: {report.fault.rule}"
    if report.at is None:
        if report.apart:
            return _apart(report, report.apart)
        alike = " with all axes alike" if len(report.network.letters) > 1 else ""
        inputs = report.valid.plain or report.valid.inputs
        return f"n -> {words}, for {every(inputs)}" if inputs else f"n -> {words}, for no n{alike}"
    return f"{joined([Dim(size) for size in report.at.values()])} -> {words}"


def _apart(report: Report, cases: Sequence[Case]) -> str:
    """Return what comes out in each of several cases."""
    told = []
    for case in cases[:_MOST_CASES]:
        words = ", ".join(formula(case.network, number) for number in report.nodes)
        told.append(f"n -> {words} for {case.inputs}")
    more = [f"and {len(cases) - _MOST_CASES} more"] if len(cases) > _MOST_CASES else []
    return "; ".join(told + more)


def every(inputs: SizeSet | Part, letter: str = "n") -> str:
    """Return "every n" that is in a size set, in words.

    >>> every(SizeSet(2, [0])), every(SizeSet(1, [0], 3)), every(SizeSet.of([3, 5]))
    ('every even n', 'every n >= 3', 'every n in {3, 5}')
    """
    text = inputs.text(letter)
    known = text.startswith((f"{letter} ", "even ", "odd ", "no "))
    return f"every {text}" if known else f"every {letter}: {text}"


def meaning(report: Report) -> list[str]:
    """Return what is worth knowing beside the answer, a line each."""
    if report.impossible is not None:
        return list(_impossible(report))
    return list(_meaning(report))


def _impossible(report: Report) -> Iterator[str]:
    yield from str(report.impossible).split("\n")[1:]
    yield "it runs at no input size"
    yield _hint(report)


def _hint(report: Report) -> str:
    command = "convsolver explain" + (f" {shlex.quote(report.source)}" if report.source else "")
    return f"{command} says what cures it"


def _meaning(report: Report) -> Iterator[str]:
    network = report.network
    if report.fault is not None:
        if report.fault.received:
            yield f"received: {report.fault.received}"
        yield from _nearest(report)
        if report.cure is not None:
            yield f"smallest edit of a layer: {report.cure}"
    elif report.wanted is not None and not report.giving:
        yield from _around(report, report.wanted)
    elif report.exact.inputs and report.exact.inputs != report.valid.inputs:
        special = _special(report)
        yield (
            f"poolings drop nothing and crops are even exactly for {report.exact.inputs}"
            + (f": {special}" if special else "")
        )
    if report.at is None and report.wanted is None:
        for part in report.valid.pieces:
            words = ", ".join(told(part.walk.shapes[number]) for number in report.nodes)
            yield f"n -> {words}, for {every(part)}: a slice takes as much as there is"
    if report.at is None and report.valid.plain and report.valid.repeated:
        yield (
            f"it also runs for {report.valid.repeated}, where a size of 1 is repeated to meet a "
            f"larger one: {_apart(report, report.valid.cases)}"
        )
    if report.at is None and report.valid.untold:
        yield f"not told for {report.valid.untold}: {UNTOLD}"
    for letter in network.letters if len(network.letters) > 1 else ():
        one = valid(network, letter)
        if one.inputs != report.valid.inputs or not one.inputs:
            yield f"valid along {letter}: {one.inputs.text(letter)}"
    yield from _because(report)
    if not report.valid.inputs:
        yield _hint(report)
    unknown = [
        node.label
        for node, shape in zip(network.nodes, network.walk.shapes, strict=True)
        if shape is None
    ]
    if unknown:
        more = f", and {len(unknown) - 1} behind it" if len(unknown) > 1 else ""
        yield f"not followed: {unknown[0]}{more}"
    yield from output_lines(report)
    yield from asked_lines(report)
    cost = total(report.costs)
    yield f"parameters: {cost.parameters:,}"
    if report.fault is None and not report.apart:
        yield f"multiply-accumulates: {_summed(report, cost.macs)}"
        yield f"elements put out by all layers: {_summed(report, cost.activations)}"
    yield from (f"note: {note}" for note in report.notes)


def _summed(report: Report, found: Total) -> str:
    """Return a sum in words; where it is too long, its value at a usual size."""
    text = report.amount(found)
    usual = report.valid.inputs.first(_USUAL) or report.valid.inputs.last(_USUAL)
    if len(text) <= _LONGEST or usual is None:
        return text
    return f"{found.at(dict.fromkeys(report.network.letters, usual)):,} for n = {usual}"


def _nearest(report: Report) -> Iterator[str]:
    assert report.at is not None
    sizes = set(report.at.values())
    if len(sizes) > 1:
        return
    n = sizes.pop()
    below, above = report.valid.nearest(n)
    words = [str(size) for size in (below, above) if size is not None and size != n]
    if words:
        padding = "" if above is None else f"; padding of {above - n} in all reaches {above}"
        yield f"nearest that run: {' and '.join(words)}{padding}"


def _around(report: Report, wanted: int) -> Iterator[str]:
    """Yield the sizes that come out nearest to a wanted one."""
    shape = report.network.walk.shapes[report.nodes[0]] or ()
    maps = {dim.single[1] for dim in shape[2:] if dim.single}
    size_map = maps.pop() if len(maps) == 1 else None
    if size_map is None or size_map.rise <= 0 or not size_map.nondecreasing:
        return
    above = size_map.first(wanted + 1)
    found = (report.valid.plain.last(above - 1), report.valid.plain.first(above))
    words = [f"{size_map(n)} for n = {n}" for n in found if n is not None]
    if words:
        yield f"nearest that come out: {' and '.join(words)}"


def _special(report: Report) -> str:
    """Return the formula on the inputs where nothing is dropped, where it is simpler there."""
    if len(report.nodes) > 1:
        return ""
    shape = report.network.walk.shapes[report.nodes[0]] or ()
    parts = {dim.single[1] for dim in shape[2:] if dim.single}
    found = on_class(parts.pop(), report.exact.inputs) if len(parts) == 1 else None
    return f"n -> {found}" if found else ""


def _because(report: Report) -> Iterator[str]:
    """Yield what decides which inputs run, and which of them drop nothing."""
    reasons = report.valid.reasons
    if report.valid.inputs != EVERY and reasons:
        yield "because:"
    yield from (_line(report, reason) for reason in reasons)
    if report.fault is None and report.wanted is None:
        wishes = [reason for reason in report.exact.reasons if reason.demand.wish]
        if wishes and report.exact.inputs:
            yield "and to drop nothing:"
            yield from (_line(report, reason) for reason in wishes[:_MOST_WISHES])
            if len(wishes) > _MOST_WISHES:
                yield f"  and {len(wishes) - _MOST_WISHES} more"


def _line(report: Report, reason: Reason) -> str:
    node = report.network.nodes[reason.demand.at]
    where = f" ({node.where})" if node.where else ""
    return f"  {node.name}, {brief(node.operation)}{where}: {because(reason)}"


def because(reason: Reason) -> str:
    """Return what a demand says, and what it leaves of the inputs.

    A demand of one axis is written in n.
    """
    demand = reason.demand
    letters = demand.letters
    one, other = demand.dim, demand.other
    if len(letters) == 1:
        one = one.on(SQUARE)
        other = other.on(SQUARE) if isinstance(other, Dim) else other
    if isinstance(other, Dim):
        return f"{demand.rule}, {one} {demand.relation} {other}: {reason.inputs}"
    return f"{demand.rule}: {reason.inputs}"


def columns(report: Report) -> tuple[list[str], list[list[str]]]:
    """Return a heading and a row for every node; only operations where no shape can be."""
    nodes = report.network.nodes
    titles = ["" if isinstance(n.operation, Input) else brief(n.operation) for n in nodes]
    if report.impossible is not None:
        pairs = zip(nodes, titles, strict=True)
        return list(_HEAD[:2]), [[node.name, title] for node, title in pairs]
    rows = []
    for number, (node, cost) in enumerate(zip(nodes, report.costs, strict=True)):
        shape = report.there.walk.shapes[number]
        runs = report.runs(number)
        channels = "" if shape is None or len(shape) < 3 else str(shape[1])
        row = [node.name, titles[number], channels, report.size(number)]
        row += cells(report, number)
        row.append(f"{cost.parameters:,}" if cost else "?")
        row.append(report.amount(cost.macs) if cost and runs else "?" if runs else "")
        rows.append(row)
    return list(_HEAD), rows
