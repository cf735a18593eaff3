"""Functions that make one element of many along axes: sums, means, largest ones."""

from __future__ import annotations

from typing import Any

from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.shaping import GlobalPool, Reduce
from solver.reading.functions.call import Call, Unclear, Weight, Wire, leaves
from solver.reading.functions.merging import meet
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.sizes import calculated


def _reduce(call: Call) -> Any:
    """Read a reduction; of two tensors the larger ones, of sizes the largest."""
    if not any(isinstance(each, (Wire, Weight)) for each in leaves(call.given)):
        return calculated(call.name, list(leaves(call.given)))
    if isinstance(call["axis"], (Wire, Weight)):
        call.given = {"input": call["input"], "other": call["axis"]}
        return meet(call)
    keep = call.flag("keepdims")
    rank = call.rank
    axes = None if call["axis"] is None else call.axes()
    if axes and rank > 2 and sorted(axis % rank for axis in axes) == list(range(2, rank)):
        found = call.make(GlobalPool(keep))
    else:
        gone = set() if axes is None or keep else {axis % rank for axis in axes}
        if call.last and 1 in gone and rank - len(gone) > 2:
            raise Unclear  # another axis becomes the last one, and so the channels
        found = call.make(Reduce(call.name, axes, keep))
    # max and min along one axis give the places too
    alone = type(call["axis"]) is int and call.name in ("max", "min", "median")
    return (found, found) if alone else found


def _top(call: Call) -> tuple[Wire, Wire]:
    call.plain()
    to = list(call.shape)
    to[call.number("axis")] = Dim(call.number("k"))
    found = call.make(Become("topk", tuple(to)))
    return found, found


ROWS = (
    TensorFunction(
        _reduce,
        function="""
        sum mean amax amin max min std var argmax argmin logsumexp prod all any median
            (input, dim=None, keepdim=False);
        norm(input, p='fro', dim=None, keepdim=False);
        reduce_mean reduce_sum reduce_max reduce_min(input, axis=None, keepdims=False)
        """,
        op="max mean min sum prod std var(x, axis=None, keepdims=False)",
    ),
    TensorFunction(_top, function="topk(input, k, dim=-1)"),
)
