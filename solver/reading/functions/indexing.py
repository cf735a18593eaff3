"""Functions that take elements at the places that a tensor has: gather, select, embed, sort."""

from __future__ import annotations

from typing import Any

from solver.network.graph.along import GridSample, Transform
from solver.network.graph.computed import Become, LookedUp, Taken
from solver.network.graph.dim import Dim
from solver.network.graph.merging import broadcast
from solver.network.graph.operation import Operation, Shape, in_shape
from solver.reading.functions.call import (
    Call,
    Unclear,
    Weight,
    Wire,
    channels_first,
    dim_of,
    listed,
    several,
)
from solver.reading.functions.row import TensorFunction
from solver.sizes.width import is_int


def taken(call: Call, operation: Operation) -> Wire:
    """Add a node on the tensors among the arguments that depend on the input."""
    wires = [each for each in call.tensors if isinstance(each, Wire)]
    return call.make(operation, *wires) if wires else call.new(operation)


def _unasked(*_: object, **__: object) -> None:
    return None


def at_places(call: Call, data: Any, places: list[Any]) -> Wire:
    """Take the elements at places that are tensors, numbers and slices that are whole.

    The tensors meet in one shape, which stands where the first of them is, or in front where they
    are not beside each other. Raises Unclear where a tensor may be a mask, of true and false.
    """
    shape = call.shape_of(data)
    held = [axis for axis, each in enumerate(places) if each != slice(None)]
    shapes = [_place_shape(call, each) for each in (places[axis] for axis in held)]
    for axis, each in zip(held, shapes, strict=True):
        if each and each == shape[axis : axis + len(each)] and not call.nodes.runs:
            raise Unclear  # as a mask would be
    meeting = broadcast(shapes, _unasked)
    beside = held == list(range(held[0], held[-1] + 1))
    kept = [dim for axis, dim in enumerate(shape) if axis not in held]
    first = held[0] if beside else 0
    parameters = data.parameters if isinstance(data, Weight) else 0
    to = (*kept[:first], *meeting, *kept[first:])
    return taken(call, Become("embedding" if parameters else "gather", to, parameters, least=0))


def _place_shape(call: Call, place: Any) -> Shape:
    if isinstance(place, (Wire, Weight)):
        return call.shape_of(place)
    if listed(place):
        inner = _place_shape(call, place[0]) if place else ()
        return (Dim(len(place)), *inner)
    dim_of(place)
    return ()


def _gather_rows(call: Call) -> Wire:
    """Read Gather of ONNX: elements along an axis, at places that a tensor has."""
    data, places = call["input"], call["indices"]
    shape, axis = call.shape_of(data), call.number("axis")
    axis = in_shape(axis, shape)
    to = (*shape[:axis], *call.shape_of(places), *shape[axis + 1 :])
    held = data.parameters if isinstance(data, Weight) else 0
    known = places.elements if isinstance(places, Weight) else None
    if isinstance(data, Wire) and known:
        count = max((-n if n < 0 else n + 1 for n in known if is_int(n)), default=0)
        sizes = tuple(dict.fromkeys(n for n in known if isinstance(n, Dim)))
        return call.make(Taken("gather", to, 0, 0, axis, count, sizes), data)
    rows = shape[axis].number
    if isinstance(places, Wire) and rows is not None and not isinstance(data, Wire):
        return call.make(LookedUp("embedding", to, held, least=0, rows=rows), places)
    return taken(call, Become("embedding" if held else "gather", to, held, least=0))


def _index_select(call: Call) -> Wire:
    shape, places = call.shape_of(call["input"]), call["index"]
    axis = in_shape(call.number("axis"), shape)
    rows = call.shape_of(places) or (Dim(1),)
    to = (*shape[:axis], *rows, *shape[axis + 1 :])
    return taken(call, Become("index_select", to, call.learned("input"), least=0))


def _gather(call: Call) -> Wire:
    """Read gather: as many elements as there are places."""
    places = call.shape_of(call["index"])
    return taken(call, Become(call.name, places, call.learned("input"), least=0))


def _take_along(call: Call) -> Wire:
    """Read take_along_dim: sizes meet, but along the axis there are as many as places."""
    data, places = call.shape_of(call["input"]), call.shape_of(call["indices"])
    if call["axis"] is None:
        return taken(call, Become(call.name, places, least=0))
    axis = in_shape(call.number("axis"), data)
    one, other = (tuple(x for i, x in enumerate(side) if i != axis) for side in (data, places))
    to = list(broadcast((one, other), _unasked))
    to.insert(axis, places[axis])
    return taken(call, Become(call.name, tuple(to), least=0))


def _embedding(call: Call) -> Wire:
    """Read a table of vectors, one for each number."""
    count, width = call.number("num_embeddings"), call.number("embedding_dim")
    to = channels_first((*call.shape, Dim(width)), call.last)
    if call.last:  # what is beyond the table is nobody's fault in Keras and Flax
        return call.make(Become("embedding", to, count * width, least=0))
    return call.make(LookedUp("embedding", to, count * width, least=0, rows=count))


def _embedding_of(call: Call) -> Wire:
    table = call.shape_of(call["weight"])
    to = (*call.shape_of(call["input"]), *table[1:])
    return taken(call, Become("embedding", to, call.learned("weight"), least=0))


def _one_hot(call: Call) -> Wire:
    depth = call.number("num_classes")
    if depth < 0:
        raise Unclear  # as many as the largest number says
    return call.make(Become("one_hot", (*call.shape, Dim(depth)), least=0))


def _one_hot_node(call: Call) -> Wire:
    to, axis = list(call.shape), call.number("axis")
    to.insert(axis if axis >= 0 else len(to) + 1 + axis, Dim(call.number("depth")))
    return call.make(Become("onehot", tuple(to)))


def _top(call: Call) -> tuple[Wire, Wire]:
    call.plain()
    found = call.x
    if call.shape:
        top = Transform("topk", (call.number("axis"),), call.dims("k"), within=True)
        found = call.make(top, found)
    return found, found


def _searched(call: Call) -> Wire:
    """Read searchsorted: a place for each value that is looked for."""
    values = call["other"]
    to = call.shape_of(values) if isinstance(values, (Wire, Weight)) else ()
    return taken(call, Become(call.name, to, least=0))


def _diagonal(call: Call) -> Wire:
    """Read a diagonal of two axes, which becomes the last axis, where its length is a number."""
    offset, shape = call.number("offset"), list(call.shape)
    if call.name == "diag" and len(shape) == 1:
        long = shape[0] + abs(offset)
        return call.make(Become("diag", (long, long)))
    one, two = in_shape(call.number("dim1"), call.shape), in_shape(call.number("dim2"), call.shape)
    rows, columns = shape[one], shape[two]
    if rows == columns and not offset:
        long = rows
    else:
        high, wide = call.number_of(rows), call.number_of(columns)
        long = Dim(max(min(high, wide - offset) if offset >= 0 else min(high + offset, wide), 0))
    kept = [dim for axis, dim in enumerate(shape) if axis not in (one, two)]
    return call.make(Become(call.name, (*kept, long), least=0))


def _diagonal_matrix(call: Call) -> Wire:
    """Read diag_embed: the last axis becomes the diagonal of a matrix."""
    *kept, last = call.shape
    long = last + abs(call.number("offset"))
    if (call["dim1"], call["dim2"]) != (-2, -1):
        raise Unclear
    return call.make(Become(call.name, (*kept, long, long), least=0))


def _grid_sample(call: Call) -> Wire:
    call.plain()
    grid = call.tensor(call["grid"])
    return call.make(GridSample(), call.x, grid)


def _affine_grid(call: Call) -> Wire:
    """Read affine_grid: a place for each element of a shape."""
    sizes = call.dims("size")
    to = (sizes[0], *sizes[2:], Dim(len(sizes) - 2))
    return call.make(Become("affine_grid", to), call.tensor(call["theta"]))


def _regions(call: Call) -> Wire:
    """Read roi_align and its kin: a small image for each region."""
    boxes, given = call.shape_of(call["boxes"]), call["output_size"]
    if isinstance(given, float):  # the operator behind the function, which begins with the scale
        given = (call["height"], call["width"])
    high, wide = (dim_of(each) for each in (several(given) * 2)[:2])
    channels = call.shape_of(call["input"])[1]
    if call.name.startswith("ps_"):
        channels, _ = channels.over(high * wide)
    return taken(call, Become(call.name, (boxes[0], channels, high, wide), least=0))


ROWS = (
    TensorFunction(_gather_rows, onnx="Gather(axis=0)(input, indices)"),
    TensorFunction(_gather, function="gather(input, dim, index); take(input, index)"),
    TensorFunction(_gather, onnx="GatherElements(axis=0)(input, index)"),
    TensorFunction(_take_along, function="take_along_dim(input, indices, dim=None)"),
    TensorFunction(_index_select, function="index_select(input, dim, index)"),
    TensorFunction(
        _embedding,
        module="Embedding(num_embeddings, embedding_dim, padding_idx=None)",
        layer="Embedding(input_dim, output_dim)",
    ),
    TensorFunction(_embedding_of, function="embedding(input, weight)"),
    TensorFunction(_one_hot, function="one_hot(input, num_classes=-1)"),
    TensorFunction(_one_hot_node, onnx="OneHot(axis=-1)(input, depth)"),
    TensorFunction(_top, function="topk(input, k, dim=-1)", onnx="TopK(axis=-1)(input, k)"),
    TensorFunction(_searched, function="searchsorted(input, other); bucketize(other, boundaries)"),
    TensorFunction(
        _diagonal,
        function="diagonal(input, offset=0, dim1=0, dim2=1); diag(input, offset=0, dim1=0, dim2=1)",
    ),
    TensorFunction(_diagonal_matrix, function="diag_embed(input, offset=0, dim1=-2, dim2=-1)"),
    TensorFunction(
        _grid_sample, function="grid_sample(input, grid)", onnx="GridSample()(input, grid)"
    ),
    TensorFunction(_affine_grid, function="affine_grid(theta, size)"),
    TensorFunction(
        _regions,
        function="""
        roi_align roi_pool ps_roi_align ps_roi_pool(input, boxes, output_size, height=None,
            width=None)
        """,
    ),
)
