"""Costs that are weighed against each other: "macs + 1000*parameters"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from solver.errors import SolverError
from solver.sizes.expression import Expression
from solver.sizes.grammar import parse

_RULE = "a weighted cost is a sum of costs, each times a whole number"


def weights(text: str, names: Sequence[str]) -> dict[str, int]:
    """Each cost in a sum with its weight. Raises SolverError with the place of the fault.

    >>> weights("macs - 2*(parameters + 3*depth)", ("macs", "parameters", "depth"))
    {'macs': 1, 'parameters': -2, 'depth': -6}
    >>> weights("macs*depth", ("macs", "depth"))
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a weighted cost is a sum of costs, each times a whole number
      macs*depth
          ^
      right:    macs + 1000*parameters
    """
    found = dict(_linear(parse(text, tuple(names)), text))
    found.pop("", None)
    kept = {name: weight for name, weight in found.items() if weight}
    if not kept:
        raise SolverError(_RULE, right="macs + 1000*parameters", text=text, at=0)
    return kept


def _linear(node: Expression, text: str) -> Mapping[str, int]:
    """The weight of each name, and of no name the number that is added."""
    if node.kind == "number":
        return {"": node.parts[0]}
    if node.kind == "name":
        return {node.parts[0]: 1}
    if node.kind in ("+", "-", "*"):
        one, two = (_linear(part, text) for part in node.nodes)
        if node.kind == "*":
            if not one.keys() <= {""}:
                one, two = two, one
            if one.keys() <= {""}:
                return {name: weight * one[""] for name, weight in two.items()}
        else:
            sign = 1 if node.kind == "+" else -1
            names = [*one, *(name for name in two if name not in one)]
            return {name: one.get(name, 0) + sign * two.get(name, 0) for name in names}
    raise SolverError(_RULE, right="macs + 1000*parameters", text=text, at=node.at)
