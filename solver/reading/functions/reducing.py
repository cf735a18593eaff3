"""Functions that make one element of many along axes: sums, means, largest ones."""

from __future__ import annotations

from typing import Any

from solver.network.graph.computed import Become
from solver.network.graph.operation import Pointwise
from solver.network.graph.shaping import GlobalPool, Reduce
from solver.reading.functions.call import Call, Weight, Wire, leaves, several
from solver.reading.functions.merging import meet
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.sizes import calculated
from solver.sizes.width import is_int

#: What gives places beside values along one axis, and what gives two of everything.
_WITH_PLACES = ("max", "min", "median", "nanmedian", "mode", "kthvalue")
#: What there is none of where there are no elements.
_OF_SOME = (*_WITH_PLACES, "amax", "amin", "argmax", "argmin", "aminmax")
_BOTH = ("std_mean", "var_mean", "aminmax")


def _reduce(call: Call) -> Any:
    keep = call.flag("keepdims")
    rank, given = call.rank, call["axis"]
    axes = call.axes() if several(given) and not isinstance(given, bool) else None
    some = call.name.lower() in _OF_SOME
    if axes is None and call["noop_with_empty_axes"]:
        return call.make(Pointwise(call.name))
    if axes and rank > 2 and sorted(axis % rank for axis in axes) == list(range(2, rank)):
        found = call.make(GlobalPool(keep, some))
    else:
        gone = set() if axes is None or keep else {axis % rank for axis in axes}
        if 1 in gone and rank - len(gone) > 2:
            call.plain()  # another axis becomes the last one, and so the channels
        found = call.make(Reduce(call.name, axes, keep, some))
    # max and min along one axis give the places too
    alone = is_int(given) and call.name in _WITH_PLACES
    return (found, found) if alone or call.name in _BOTH else found


def _extreme(call: Call) -> Any:
    """Read a reduction; of two tensors the larger ones, of sizes the largest."""
    if not any(isinstance(each, (Wire, Weight)) for each in leaves(call.given)):
        return calculated(call.name, list(leaves(call.given)))
    if isinstance(call["axis"], (Wire, Weight)):
        call.given = {"input": call["input"], "other": call["axis"]}
        return meet(call)
    return _reduce(call)


def _number(call: Call) -> Wire:
    return call.make(Reduce(call.name, None, False))


def _determinant(call: Call) -> Wire:
    return call.make(Reduce(call.name, (-2, -1), False))


def _quantile(call: Call) -> Wire:
    """Read quantile: for each fraction, of which a vector is the first axis."""
    found, q = _reduce(call), call["q"]
    if not isinstance(q, (Wire, Weight)) or not call.shape_of(q):
        return Wire(found.at)
    shape = call.shape_of(found)
    return call.make(Become(call.name, (*call.shape_of(q), *shape), least=0), found)


def _counted(call: Call) -> Wire:
    """Read histc: how many elements are in each of so many ranges."""
    return call.make(Become(call.name, call.dims("bins"), least=0))


ROWS = (
    TensorFunction(_extreme, function="max min(input, dim=None, keepdim=False)"),
    TensorFunction(
        _reduce,
        function="""
        sum mean amax amin argmax argmin logsumexp prod all any median nansum nanmean nanmedian
        count_nonzero aminmax(input, dim=None, keepdim=False);
        std var std_mean var_mean(input, dim=None, unbiased=True, keepdim=False);
        norm linalg_norm linalg_vector_norm vector_norm matrix_norm linalg_matrix_norm
            (input, p='fro', dim=None, keepdim=False);
        mode(input, dim=-1, keepdim=False);
        kthvalue(input, k, dim=-1, keepdim=False);
        reduce_mean reduce_sum reduce_max reduce_min(input, axis=None, keepdims=False)
        """,
        op="max mean min sum prod std var(x, axis=None, keepdims=False)",
        onnx="""
        ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd
        ReduceSum ReduceSumSquare(keepdims=1, noop_with_empty_axes=0)(input, axis=None);
        ArgMax ArgMin(axis=0, keepdims=1)(input)
        """,
    ),
    TensorFunction(_quantile, function="quantile nanquantile(input, q, dim=None, keepdim=False)"),
    TensorFunction(_number, function="trace dist is_all_true is_any_true(*values)"),
    TensorFunction(_counted, function="histc(input, bins=100)"),
    TensorFunction(_determinant, function="det logdet linalg_det(input)"),
)
