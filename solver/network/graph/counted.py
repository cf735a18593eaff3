"""The numbers that a tensor holds, where a network counted them itself: places in a table."""

from __future__ import annotations

from collections.abc import Sequence

from solver.network.graph.computed import CountedOn, Tiled
from solver.network.graph.dim import Dim
from solver.network.graph.merging import Expand
from solver.network.graph.operation import Pointwise
from solver.network.graph.shaping import Permute, Reshape, Squeeze, Unsqueeze
from solver.network.graph.walk import Node

#: What changes no number in a tensor.
_MOVING = (Expand, Permute, Reshape, Squeeze, Tiled, Unsqueeze)


def counted(nodes: Sequence[Node], at: int) -> Dim:
    """One more than the largest number in a tensor, as far as it was counted; 0 where not known."""
    while len(nodes[at].inputs) == 1:
        operation = nodes[at].operation
        cast = isinstance(operation, Pointwise) and operation.name == "Cast"
        if not (cast or isinstance(operation, _MOVING)):
            break
        at = nodes[at].inputs[0]
    found = nodes[at].operation
    return (isinstance(found, CountedOn) and found.end) or Dim(0)
