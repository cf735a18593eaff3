"""Functions that make one element of many along axes: sums, means, largest ones."""

from __future__ import annotations

from typing import Any

from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Pointwise
from solver.network.graph.shaping import GlobalPool, Reduce
from solver.reading.functions.call import Call, Unclear, Weight, Wire, leaves, several
from solver.reading.functions.merging import meet
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.sizes import calculated


def _reduce(call: Call) -> Any:
    keep = call.flag("keepdims")
    rank = call.rank
    axes = call.axes() if several(call["axis"]) else None
    if axes is None and call["noop_with_empty_axes"]:
        return call.make(Pointwise(call.name))
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


def _extreme(call: Call) -> Any:
    """Read a reduction; of two tensors the larger ones, of sizes the largest."""
    if not any(isinstance(each, (Wire, Weight)) for each in leaves(call.given)):
        return calculated(call.name, list(leaves(call.given)))
    if isinstance(call["axis"], (Wire, Weight)):
        call.given = {"input": call["input"], "other": call["axis"]}
        return meet(call)
    return _reduce(call)


def _top(call: Call) -> tuple[Wire, Wire]:
    call.plain()
    to = list(call.shape)
    to[call.number("axis")] = Dim(call.number("k"))
    found = call.make(Become("topk", tuple(to)))
    return found, found


ROWS = (
    TensorFunction(_extreme, function="max min(input, dim=None, keepdim=False)"),
    TensorFunction(
        _reduce,
        function="""
        sum mean amax amin std var argmax argmin logsumexp prod all any median
            (input, dim=None, keepdim=False);
        norm(input, p='fro', dim=None, keepdim=False);
        reduce_mean reduce_sum reduce_max reduce_min(input, axis=None, keepdims=False)
        """,
        op="max mean min sum prod std var(x, axis=None, keepdims=False)",
        onnx="""
        ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd
        ReduceSum ReduceSumSquare(keepdims=1, noop_with_empty_axes=0)(input, axis=None);
        ArgMax ArgMin(axis=0, keepdims=1)(input)
        """,
    ),
    TensorFunction(_top, function="topk(input, k, dim=-1)", onnx="TopK(axis=-1)(input, k)"),
)
