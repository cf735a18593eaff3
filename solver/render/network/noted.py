"""What whoever reads an answer should know: what was assumed, what is empty, who says otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from solver.layers.layer import Layer
from solver.network.graph.dim import Dim
from solver.network.graph.walk import Node
from solver.render.network.known import Known
from solver.sizes.sizeset import SizeSet

#: At so many sizes runtimes are compared with the rules of layers, the last one larger.
_TRIED, _LARGER = 8, 200


def notes(net: Known) -> list[str]:
    """What was assumed of the source, and where runtimes differ from a layer's rule.

    For every n that is asked at a few of the sizes that are valid: the first are the odd ones;
    of a layer that refuses smaller ones at the largest of these too.
    """
    said = list(net.network.notes)
    if net.impossible is not None:
        return said
    said += _void(net)
    inputs: list[dict[str, int]] = [] if net.at is None else [net.at]
    if net.at is None:
        letters = net.network.letters
        n = net.sizes.first(1)
        while n is not None and len(inputs) < _TRIED:
            inputs.append(dict.fromkeys(letters, n))
            n = net.sizes.first(n + 1 if len(inputs) < _TRIED - 1 else _LARGER + n)
    reasons = [] if net.at is not None else net.valid.reasons
    refused = {
        net.node_of(each).name: each.inputs.first(1)
        for each in reasons
        if isinstance(each.inputs, SizeSet)
    }
    for node in net.network.nodes[: len(net.shapes) + (net.fault is not None)]:
        layer = getattr(node.operation, "layer", None)
        if layer is not None and layer.row.notes is not None:
            first = refused.get(node.name)
            below = [dict.fromkeys(net.network.letters, first - 1)] if first else []
            said += _differing(net, node, layer, [*below, *inputs])
    return said


def _void(net: Known) -> list[str]:
    """That it runs where nothing comes out."""
    if net.at is None:
        void = net.valid.inputs - net.valid.something
        return [f"for {void} it runs, but nothing comes out: 0 elements"] if void else []
    sizes = [dim.at(net.at) for shape in net.asked_shapes for dim in shape or ()]
    return [] if net.fault or all(sizes) else ["it runs, but nothing comes out: 0 elements"]


def _differing(
    net: Known, node: Node, layer: Layer, inputs: Sequence[Mapping[str, int]]
) -> list[str]:
    """What runtimes do otherwise in a layer, where it is seen first, and at which others tried."""
    shape = net.shapes[node.inputs[0]]
    if shape is None:
        return []
    axes = getattr(node.operation, "axes", None) or layer.axes or len(shape) - 2
    found: dict[str, list[tuple[int, str]]] = {}
    for values in inputs:
        n = next(iter(values.values()), 0)
        for note in layer.notes([dim.at(values) for dim in shape[len(shape) - axes :]]):
            found.setdefault(re.sub(r"\d+(x\d+)*$", "", note), []).append((n, note))
    said = []
    for seen in found.values():
        (n, note), *others = seen
        more = ", ".join(str(at) for at, _ in others)
        if others and len(seen) == len(inputs):
            more = f"all {len(inputs)} sizes tried"
        where = f" at n = {n}" if net.at is None else ""
        said.append(f"{node.name}{where}: {note}" + (f"; likewise at {more}" if more else ""))
    return said


def tied_by(net: Known) -> str:
    """What is demanded of several axes at once, in their letters."""
    demands = (each.demand for each in net.valid.reasons if len(each.demand.letters) > 1)
    said = (
        f"{each.dim} {each.relation} {each.other}"
        if isinstance(each.other, Dim)
        else each.other.text(str(each.dim))
        for each in demands
        if not each.wish
    )
    return " and ".join(dict.fromkeys(said))
