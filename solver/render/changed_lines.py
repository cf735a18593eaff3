"""The lines of a program that an edit writes otherwise, where they alone say it."""

from __future__ import annotations

import re
from typing import Any

from solver.network.diagnosis.edits import Edit, called
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply
from solver.network.graph.shaping import Linear
from solver.network.graph.walk import Node
from solver.reading.text.rewritten import rewritten

_LINE = re.compile(r"\bline (\d+)$")

#: A line, the class that is called there, and its arguments in order.
_Place = tuple[int, str, tuple[str, ...]]


def changed_lines(network: Graph, edit: Edit, source: str) -> dict[int, str]:
    """The lines by number; none where something else must be changed too, or less.

    A line that makes several layers changes all of them.
    """
    asked: dict[str, dict[str, Any]] = {}
    for each in edit.changes:
        asked.setdefault(each.layer, {})[each.argument] = each.after
        if each.argument == "layer":
            asked[each.layer] |= _arguments(edit.network, each.layer)
    places: dict[_Place, dict[str, Any]] = {}
    for node in network.nodes:
        place = _place(node)
        if place is not None:
            values = asked.get(called(node), {})
            if places.setdefault(place, values) != values:
                return {}
    found = dict[int, str]()
    for (line, name, order), values in places.items():
        if values:
            known = "layer" in values or values.keys() <= set(order)
            text = rewritten(source, line, name, order, values) if known else None
            if text is None or line in found:
                return {}
            found[line] = text
    made = {called(node) for node in network.nodes if _place(node) is not None}
    return found if asked.keys() <= made else {}


def _arguments(network: Graph, name: str) -> dict[str, Any]:
    """What is written for a layer of a network."""
    for node in network.nodes:
        if called(node) == name and isinstance(node.operation, Apply):
            return dict(node.operation.layer.arguments)
    return {}


def _place(node: Node) -> _Place | None:
    line = _LINE.search(node.where)
    if line is None:
        return None
    if isinstance(node.operation, Linear):
        return int(line[1]), "Linear", ("in_features", "out_features", "bias")
    if isinstance(node.operation, Apply):
        layer = node.operation.layer
        return int(line[1]), layer.name, tuple(layer.row.arguments)
    return None
