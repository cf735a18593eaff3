"""What is known of a network, as text, a table, JSON, Markdown and LaTeX."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any, TextIO

from solver.errors import SolverError
from solver.network.costs import NodeCost, costs, total
from solver.network.demand import SQUARE
from solver.network.dim import Dim
from solver.network.graph import Network
from solver.network.operation import Input, Operation, Shape
from solver.network.summary import brief, formula, joined, numbers, on_class
from solver.network.total import Total
from solver.network.valid import Reason, Valid, inputs_for, valid
from solver.sizeset import EVERY, Condition, SizeSet

_LONGEST = 100  # of a sum in words
_USUAL = 224

_HEAD = ("layer", "operation", "channels", "size", "parameters", "macs")


class Report:
    """Hold a network, and what is asked of it: for every n, or at sizes of the input.

    at: the value of each letter, None for every n. nodes: the numbers of those that are asked
    about; the outputs unless given. wanted: the size they should have. fault: why it does not run.
    """

    def __init__(
        self,
        network: Network,
        at: dict[str, int] | None = None,
        nodes: tuple[int, ...] | None = None,
        wanted: int | None = None,
    ) -> None:
        self.network, self.at, self.wanted = network, at, wanted
        self.nodes = network.outputs if nodes is None else nodes
        self.fault: SolverError | None = None
        self.shapes: tuple[Shape | None, ...] = network.walk.shapes
        if at is not None:
            walk, self.fault = network.run(at)
            self.shapes = walk.shapes

    @property
    def answered(self) -> bool:
        """Tell whether there is an answer other than that there is none."""
        if self.wanted is not None:
            return bool(self.giving)
        return self.fault is None and bool(self.valid.inputs)

    @cached_property
    def giving(self) -> SizeSet:
        """Return the inputs that give the wanted size."""
        assert self.wanted is not None
        return SizeSet.common(inputs_for(self.network, i, self.wanted) for i in self.nodes)

    @cached_property
    def valid(self) -> Valid:
        return valid(self.network)

    @cached_property
    def exact(self) -> Valid:
        return valid(self.network, exact=True)

    @cached_property
    def costs(self) -> tuple[NodeCost | None, ...]:
        return costs(self.network)

    @property
    def outputs(self) -> list[tuple[str, str]]:
        """Return the name of each node that is asked about, and its sizes."""
        return [(self.network.nodes[i].name, self.size(i)) for i in self.nodes]

    def size(self, number: int) -> str:
        """Return the sizes of a node in words."""
        if self.at is None:
            return formula(self.network, number)
        return numbers(self.shapes[number], self.at) if number < len(self.shapes) else ""

    def amount(self, found: Total) -> str:
        """Return a cost in words: a number where there is one."""
        if self.at is not None:
            return f"{found.at(self.at):,}"
        text = str(found if len(self.network.letters) < 2 else found.on(SQUARE))
        return text if found.number is None else f"{found.number:,}"


def headline(report: Report) -> str:
    """Return the answer in one line."""
    outputs = report.outputs
    words = ", ".join(size if len(outputs) == 1 else f"{name} {size}" for name, size in outputs)
    if report.wanted is not None:
        found = str(report.giving) if report.giving else "none: no input"
        return f"{found} -> {report.wanted}" if report.giving else f"{found} gives {report.wanted}"
    if report.fault is not None:
        return f"none: {report.fault.rule}"
    if report.at is None:
        return f"n -> {words}, {_for(report.valid.inputs)}"
    return f"{joined([Dim(size) for size in report.at.values()])} -> {words}"


def _for(inputs: SizeSet) -> str:
    return "for no n" if not inputs else f"for every {_every(inputs)}"


def _every(inputs: SizeSet) -> str:
    text = str(inputs)
    return text if text.startswith(("n ", "even", "odd")) or not inputs else f"n: {text}"


def meaning(report: Report) -> list[str]:
    """Return what is worth knowing beside the answer, a line each."""
    return list(_meaning(report))


def _meaning(report: Report) -> Iterator[str]:
    network = report.network
    if report.fault is not None:
        if report.fault.received:
            yield f"received: {report.fault.received}"
        yield from _nearest(report)
    elif report.exact.inputs and report.exact.inputs != report.valid.inputs:
        special = _special(report)
        yield (
            f"poolings drop nothing and crops are even exactly for {report.exact.inputs}"
            + (f": {special}" if special else "")
        )
    for letter in network.letters if len(network.letters) > 1 else ():
        one = valid(network, letter)
        if one.inputs != report.valid.inputs:
            yield f"valid along {letter}: {_named(str(one.inputs), letter)}"
    yield from _because(report)
    unknown = [
        node.label
        for node, shape in zip(network.nodes, network.walk.shapes, strict=True)
        if shape is None
    ]
    if unknown:
        more = f", and {len(unknown) - 1} behind it" if len(unknown) > 1 else ""
        yield f"not followed: {unknown[0]}{more}"
    cost = total(report.costs)
    yield f"parameters: {cost.parameters:,}"
    if report.fault is None:
        yield f"multiply-accumulates: {_summed(report, cost.macs)}"
        yield f"elements put out by all layers: {_summed(report, cost.activations)}"
    yield from (f"note: {note}" for note in network.notes)


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


def _special(report: Report) -> str:
    """Return the formula on the inputs where nothing is dropped, where it is simpler there."""
    if len(report.nodes) > 1:
        return ""
    shape = report.network.walk.shapes[report.nodes[0]] or ()
    parts = {dim.single[1] for dim in shape[2:] if dim.single}
    found = on_class(parts.pop(), report.exact.inputs) if len(parts) == 1 else None
    return f"n -> {found}" if found else ""


def _because(report: Report) -> Iterator[str]:
    reasons = report.valid.reasons
    if report.valid.inputs != EVERY and reasons:
        yield "because:"
    for reason in reasons:
        node = report.network.nodes[reason.demand.at]
        where = f" ({node.where})" if node.where else ""
        yield f"  {node.name}, {brief(node.operation)}{where}: {because(reason)}"


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


def _named(text: str, letter: str) -> str:
    return text.replace("n", letter, 1) if text.startswith("n") else text


def columns(report: Report) -> tuple[list[str], list[list[str]]]:
    """Return a heading and a row for every node."""
    rows = []
    for number, (node, cost) in enumerate(zip(report.network.nodes, report.costs, strict=True)):
        shape = report.network.walk.shapes[number]
        runs = report.at is None or number < len(report.shapes)
        channels = "" if shape is None or len(shape) < 3 else str(shape[1])
        title = "" if isinstance(node.operation, Input) else brief(node.operation)
        row = [node.name, title, channels, report.size(number)]
        row.append(f"{cost.parameters:,}" if cost else "?")
        row.append(report.amount(cost.macs) if cost and runs else "?" if runs else "")
        rows.append(row)
    return list(_HEAD), rows


def _title(operation: Operation) -> str:
    return "" if isinstance(operation, Input) else operation.title


def write_plain(report: Report, out: TextIO) -> None:
    """Write the answer, what is worth knowing, and the nodes as columns."""
    lines = [headline(report), *meaning(report), ""]
    head, rows = columns(report)
    table = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(cells).rstrip())
    out.write("\n".join(lines) + "\n")


def write_table(report: Report, out: TextIO) -> None:
    """Write the same with Rich."""
    from solver.render import table

    table.show(headline(report), meaning(report), columns(report), out, words=True)


def write_markdown(report: Report, out: TextIO) -> None:
    """Write the same as Markdown."""
    from solver.render.derivation import escape_markdown

    head, rows = columns(report)
    lines = [f"**{escape_markdown(headline(report))}**", ""]
    lines += [f"- {escape_markdown(line.strip())}" for line in meaning(report)]
    lines += ["", "| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    lines += ["| " + " | ".join(map(escape_markdown, row)) + " |" for row in rows]
    out.write("\n".join(lines) + "\n")


def write_latex(report: Report, out: TextIO) -> None:
    """Write the formula and the nodes as a LaTeX table."""
    from solver.render.latex import escape

    head, rows = columns(report)
    lines = [rf"% {headline(report)}", r"\begin{tabular}{llrlr}"]
    lines.append(" & ".join(head[:-1]) + r" \\")
    lines.append(r"\hline")
    for name, title, channels, size, parameters, _ in rows:
        cells = [escape(name), escape(title), channels, _math(size), parameters]
        lines.append(" & ".join(cells) + r" \\")
    lines.append(r"\end{tabular}")
    out.write("\n".join(lines) + "\n")


def _math(words: str) -> str:
    """Return sizes in words as LaTeX math."""
    from solver.expression import parse
    from solver.render.latex import escape, latex

    parts = []
    for part in words.replace(",", "").split(" x "):
        try:
            parts.append(latex(parse(part, ("n", "h", "w", "d"))))
        except SolverError:
            return escape(words)
    product = r" \times ".join(parts)
    return f"${product}$"


def record(report: Report) -> dict[str, Any]:
    """Return everything as plain data: the JSON contract."""
    network = report.network
    cost = total(report.costs)
    found: dict[str, Any] = {
        "schema": 1,
        "command": "network",
        "input": "n" if report.at is None else report.at,
        "inputs": [_shaped(report, i) for i in network.inputs],
        "outputs": [_shaped(report, i) for i in report.nodes],
        "output": report.wanted,
        "gives_output": None if report.wanted is None else set_record(report.giving),
        "valid": set_record(report.valid.inputs),
        "valid_along": {
            letter: set_record(valid(network, letter).inputs) for letter in network.letters
        },
        "valid_exact": set_record(report.exact.inputs),
        "reasons": [
            {
                "layer": network.nodes[reason.demand.at].name,
                "where": network.nodes[reason.demand.at].where,
                "rule": reason.demand.rule,
                "inputs": set_record(reason.inputs),
            }
            for reason in report.valid.reasons
        ],
        "parameters": cost.parameters,
        "macs": report.amount(cost.macs) if report.at is None else cost.macs.at(report.at),
        "layers": [_layer(report, number) for number in range(len(network.nodes))],
        "reason": None if report.fault is None else str(report.fault.rule),
    }
    return found


def _shaped(report: Report, number: int) -> dict[str, Any]:
    shape = report.shapes[number] if number < len(report.shapes) else None
    return {
        "name": report.network.nodes[number].name,
        "shape": None if shape is None else [_plain(dim) for dim in shape],
    }


def _plain(dim: Dim) -> int | str:
    return str(dim) if dim.number is None else dim.number


def _layer(report: Report, number: int) -> dict[str, Any]:
    node, cost = report.network.nodes[number], report.costs[number]
    return {
        **_shaped(report, number),
        "operation": _title(node.operation),
        "where": node.where,
        "inputs": [report.network.nodes[i].name for i in node.inputs],
        "parameters": None if cost is None else cost.parameters,
        "macs": None
        if cost is None
        else str(cost.macs)
        if report.at is None
        else cost.macs.at(report.at),
    }


def set_record(inputs: Condition) -> dict[str, Any]:
    """Return a set, with null for residues that are too many to be listed."""
    residues = list(inputs.residues) if isinstance(inputs, SizeSet) else None
    return {
        "modulus": inputs.modulus if isinstance(inputs, SizeSet) else inputs.period,
        "residues": residues,
        "minimum": inputs.minimum,
        "exceptions": list(inputs.exceptions) if isinstance(inputs, SizeSet) else [],
        "text": str(inputs),
    }


def write_json(report: Report, out: TextIO) -> None:
    """Write everything as one JSON object."""
    out.write(json.dumps(record(report)) + "\n")


WRITERS = {
    "plain": write_plain,
    "table": write_table,
    "json": write_json,
    "markdown": write_markdown,
    "latex": write_latex,
}
