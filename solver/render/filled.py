"""The unknown layers of a network filled in: as text, a table, JSON and code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, TextIO

from solver.errors import LimitError
from solver.frameworks.code import bare, code
from solver.layers.layer import Layer
from solver.network.graph.walk import Node
from solver.network.unknowns.filled import Filled
from solver.network.unknowns.unknown import Open, OpenPad
from solver.render.network_records import size_set
from solver.sizes.sizeset import SizeSet

#: How many ways a person is shown unless more are asked for.
SHOWN = 10

Way = Mapping[str, Layer]


class Report:
    """Hold the ways to fill in a network, and how many of them are shown.

    question: what was asked, in words, by its parts. limit: None for as many as the form shows.
    """

    def __init__(
        self, found: Filled, question: Mapping[str, Any], limit: int | None = None
    ) -> None:
        self.found, self.question, self.limit = found, question, limit

    def ways(self, usual: int | None = SHOWN) -> Iterable[Way]:
        """Yield the ways that are shown, the best first. usual: how many, unless a limit says."""
        return islice(self.found, usual if self.limit is None else min(self.limit, sys.maxsize))

    @cached_property
    def asked(self) -> str:
        """Return what was asked, in one line."""
        parts = self.question
        words = []
        if parts["target"] is not None:
            of = f"{parts['layer']} = " if parts["layer"] else ""
            words.append(f"{of}{parts['target']}")
        words += [f"{one} meets {other}" for one, other in parts["meet"]]
        text = " and ".join(words) or "a network that runs"
        if parts["input"] != "n":
            return f"{parts['input']} -> {text}"
        return f"{text} for every n" + (f" with {parts['where']}" if parts["where"] else "")

    def inputs(self, way: Way) -> SizeSet | None:
        """Return the inputs at which a way does what is asked, None where that repeats too late."""
        try:
            return self.found.inputs(way)
        except LimitError:
            return None


def plain_layer(layer: Layer) -> str:
    """Return a layer as it is shown: without its channels.

    >>> from solver import Conv
    >>> plain_layer(Conv(3, stride=2, in_channels=3, out_channels=64))
    'Conv(3, stride=2)'
    """
    if layer.row.kind.pads:
        begin, end = layer.arguments["pad"][:2]
        return f"pad({begin}, {end})"
    return repr(bare(layer))


def headline(report: Report) -> str:
    """Return the answer in one line: the best way and where it holds, or why there is none."""
    best = report.found.best()
    if best is None:
        return f"none: {report.found.reason}"
    words = ", ".join(f"{name}: {plain_layer(layer)}" for name, layer in best.items())
    inputs = report.inputs(best) if report.found.at is None else None
    return words if inputs is None else f"{words}, for {_every(inputs)}"


def _every(inputs: SizeSet) -> str:
    text = str(inputs)
    if not inputs:
        return "no n"
    return f"every {text}" if text.startswith(("n >", "even", "odd")) else text


def meaning(report: Report) -> list[str]:
    """Return the count, what a layer must meet, and what was searched, a line each."""
    found, count = report.found, report.found.counted
    number = "more ways than can be counted" if count is None else f"{count:,} ways"
    lines = [f"{'1 way' if count == 1 else number} to have {report.asked}"]
    if found and found.conditions:
        lines.append("exactly when: " + "; ".join(found.conditions))
    for node in found.unknown:
        words = ", ".join(f"{name} {values}" for name, values in searched(node).items())
        lines.append(f"searched: {node.name}: {words}")
    return [*lines, *(f"note: {note}" for note in found.network.notes)]


def searched(node: Node) -> dict[str, str]:
    """Return what the hyperparameters of an unknown layer may be, in words."""
    operation = node.operation
    if isinstance(operation, OpenPad):
        return {"padding in all": str(operation.totals)}
    assert isinstance(operation, Open)
    domains = operation.choice.domains
    return {
        name: "kernel_size" if domain == [None] else _words(domain)
        for name, domain in domains.items()
    }


def _words(domain: Any) -> str:
    return ",".join(map(str, domain)) if isinstance(domain, list) else str(domain)


def columns(report: Report) -> tuple[list[str], list[list[str]]]:
    """Return a heading and a row for every way that is shown."""
    names = [node.name for node in report.found.unknown]
    rows = []
    for way in report.ways():
        inputs = report.inputs(way)
        rows.append(
            [*(plain_layer(way[name]) for name in names), "?" if inputs is None else str(inputs)]
        )
    return [*names, "holds for" if report.found.at is None else "runs for"], rows


def rest(report: Report, shown: int) -> str:
    """Return the line that says what was cut off, or "" where nothing was."""
    count = report.found.counted
    if count is None:
        return "... and more, too many to rank: --limit N shows N of them"
    return f"... and {count - shown:,} more: --limit {count} shows all" if count > shown else ""


def write_plain(report: Report, out: TextIO) -> None:
    """Write the answer, its meaning, and the best ways in columns."""
    lines = [headline(report), *meaning(report)]
    if report.found:
        head, rows = columns(report)
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        lines.append("")
        for row in (head, *rows):
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            lines.append("  ".join(cells).rstrip())
        lines += [more] if (more := rest(report, len(rows))) else []
    out.write("\n".join(lines) + "\n")


def write_table(report: Report, out: TextIO) -> None:
    """Write the same with Rich."""
    from solver.render import table

    grid = columns(report) if report.found else None
    console = table.show(headline(report), meaning(report), grid, out, words=True)
    if grid is not None and (more := rest(report, len(grid[1]))):
        console.print(f"[dim]{more}[/dim]")


def _record(report: Report, way: Way) -> dict[str, Any]:
    """Return one way as plain data."""
    inputs = report.inputs(way)
    return {
        "layers": {name: _values(layer) for name, layer in way.items()},
        "inputs": None if inputs is None else size_set(inputs),
    }


def _values(layer: Layer) -> dict[str, Any]:
    if layer.row.kind.pads:
        begin, end = layer.arguments["pad"][:2]
        return {"op": "pad", "padding": [begin, end], "layer": plain_layer(layer)}
    values = {name: getattr(layer, name) for name in layer.operation.hyperparameters}
    return {"op": layer.operation.name, **values, "layer": plain_layer(layer)}


def write_json(report: Report, out: TextIO) -> None:
    """Write everything as one JSON object, one way per line: the JSON contract."""
    found = report.found
    head = {
        "schema": 1,
        "command": "fill",
        **report.question,
        "count": found.counted,
        "conditions": found.conditions if found else [],
        "searched": {node.name: searched(node) for node in found.unknown},
        "reason": found.reason,
        "notes": list(found.network.notes),
    }
    out.write("{\n")
    for key, value in head.items():
        out.write(f"  {json.dumps(key)}: {json.dumps(value)},\n")
    out.write('  "ways": [')
    separator = "\n    "
    for way in report.ways(None):
        out.write(separator + json.dumps(_record(report, way)))
        separator = ",\n    "
    out.write("\n  ]\n}\n" if separator[0] == "," else "]\n}\n")


def write_jsonl(report: Report, out: TextIO) -> None:
    """Write one JSON object per way and line; nothing where there is none."""
    for way in report.ways(None):
        out.write(json.dumps(_record(report, way)) + "\n")


def write_code(report: Report, out: TextIO) -> None:
    """Write the best way, or the best few, as code that runs; where there is none why."""
    found = report.found
    if not found:
        out.write(f"# none: {found.reason}\n")
    texts = []
    for way in report.ways(1):
        shapes = found.network_of(way).walk.shapes
        for node in found.unknown:
            shape = shapes[node.inputs[0]]
            assert shape is not None
            text = _code(node, way[node.name], len(shape) - 2, shape[1].number)
            texts.append(f"# {node.name}\n{text}")
    out.write("\n\n".join(texts) + "\n" if texts else "")


def _code(node: Node, layer: Layer, axes: int, channels: int | None) -> str:
    assert isinstance(node.operation, (Open, OpenPad))
    return code(node.operation.framework, [layer], axes, channels)


WRITERS = {
    "plain": write_plain,
    "table": write_table,
    "json": write_json,
    "jsonl": write_jsonl,
    "code": write_code,
}
