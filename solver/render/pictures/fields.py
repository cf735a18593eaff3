"""What the outputs of a network read, at a size: one of them as a cone, or all of them as a map."""

from __future__ import annotations

from solver.errors import SolverError
from solver.network.fields.coverage import letter_of
from solver.network.fields.field import Fields
from solver.network.graph.operation import Input
from solver.render.pictures import cone, ways
from solver.render.pictures.cone_rows import of_network
from solver.render.pictures.picture import Picture


def draw(
    found: Fields,
    output: int | None = None,
    *,
    node: str = "",
    letter: str | None = None,
    every: bool = False,
) -> Picture:
    """What an output reads along an axis, layer by layer, back to the input.

    output: its number; without one that in the middle. node: by its name; the first output without
    it. letter: of the axis; the first one without it. every: all outputs instead, along all axes,
    as a map of how many ways lead to each. Raises SolverError where an output reads everything.

    >>> from solver import Conv, trace
    >>> net = trace(lambda x: x + Conv(3, padding=1)(x))
    >>> print(net.fields(9).draw().description)
    Output 4 of 9 reads 3 of 9 input elements, 3 to 5; 95 % of the 4 ways begin at 3 to 5.
    """
    network = found.network
    if found.sizes.values is None:
        rule = "what outputs read is drawn of an input of a size"
        raise SolverError(
            rule, found.holds_for(letter_of(network, letter)), "net.fields(64).draw()"
        )
    letter = letter_of(network, letter)
    at = network.find(node) if node else network.outputs[0]
    if (field := found.of(at, letter)) is None or field.everything:
        rule = "a field is drawn where an output reads a part of the input"
        raise SolverError(rule, network.nodes[at].label, _named(found, letter))
    if every:
        return ways.draw(found, at)
    return cone.draw(of_network(found, letter, at), output)


def _named(found: Fields, letter: str) -> str:
    """The last node that reads a part of the input."""
    for at in range(len(found.network.nodes) - 1, -1, -1):
        field = (found.nodes[at] or {}).get(letter)
        operation = found.network.nodes[at].operation
        if field is not None and field.span is not None and not isinstance(operation, Input):
            return f'node="{found.network.nodes[at].name}"'
    return "another network"
