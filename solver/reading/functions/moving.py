"""Functions that move elements and change none: reshape, permute, split, slice, repeat, size."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from solver.errors import SolverError
from solver.network.graph import merging, shaping
from solver.network.graph.computed import Become, Tiled
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Pointwise, in_shape
from solver.reading.functions.call import (
    Call,
    Unclear,
    Weight,
    Wire,
    channels_first,
    channels_last,
    dim_of,
    ours,
    several,
    size_of,
)
from solver.reading.functions.row import TensorFunction
from solver.sizes.width import is_int

# One axis for several, several for one


def _flatten(call: Call) -> Wire:
    return call.make(shaping.Flatten(call.number("start_dim"), call.number("end_dim")))


def _flatten_all(call: Call) -> Wire:
    return call.make(shaping.Flatten())


def _flatten_rows(call: Call) -> Wire:
    """Read Flatten of ONNX: a row for each element along the axes in front of one."""
    axis = call.number("axis")
    if axis == 1 and call.rank > 1:
        return call.make(shaping.Flatten())
    rows = call.shape[: axis % call.rank if axis < 0 else axis]
    return call.make(shaping.Reshape((prod(rows, start=Dim(1)), None)))


def _unflatten(call: Call) -> Wire:
    axis, sizes = call.number("axis"), several(call["unflattened_size"])
    if sizes and all(is_int(n) for n in sizes):
        return call.make(shaping.Unflatten(axis, sizes))
    axis, parts = axis % call.rank, [None if n == -1 else dim_of(n) for n in sizes]
    return call.make(shaping.Reshape((*call.shape[:axis], *parts, *call.shape[axis + 1 :])))


def _reshape(call: Call) -> Wire:
    """Read view and reshape. One sample stays one sample: view(-1, 9216) has one row.

    But a row for each element along other axes is meant where the tensor has an axis as long, and
    of one free size or none the rows have a formula.
    """
    call.plain()
    sizes = list(several(call["shape"] if call["size"] is None else call["size"]))
    shape = call.nodes.shapes[call.x.at]
    if sizes == [-1]:
        return call.make(shaping.Flatten(0))
    if sizes == [1, -1] and (shape is None or (len(shape) > 1 and shape[0].number == 1)):
        return call.make(shaping.Flatten())
    if len(sizes) == 2 and sizes[0] == -1 and is_int(sizes[1]) and not call.nodes.runs:
        several_rows = Dim(sizes[1]) in (shape or ()) or _free(shape or (None, None)) < 2
        sizes[0] = -1 if several_rows else 1
    return call.make(shaping.Reshape(_target(sizes)))


def _free(shape: Sequence[Dim | None]) -> int:
    """How many axes of a shape are no numbers."""
    return sum(dim is None or dim.number is None for dim in shape)


def _target(sizes: Sequence[Any]) -> tuple[Dim | None, ...]:
    found = tuple(None if n in (-1, None) else dim_of(n) for n in sizes)
    if found.count(None) > 1:
        raise Unclear
    return found


def _reshape_sample(call: Call) -> Wire:
    """Read Reshape of Keras, which is told of one sample."""
    sizes = channels_first((1, *several(call["target_shape"])), call.last)
    return call.make(shaping.Reshape(_target(sizes)))


def _reshape_batch(call: Call) -> Wire:
    sizes = list(several(call["newshape"] if call["shape"] is None else call["shape"]))
    if len(sizes) > 1 and sizes[0] in (-1, None) and -1 in sizes[1:]:
        raise Unclear
    if len(sizes) > 1 and sizes[0] in (-1, None):
        sizes[0] = 1
    if max(len(sizes), call.rank) > 2:
        call.plain()
    return call.make(shaping.Reshape(_target(sizes)))


def _reshape_rest(call: Call) -> Wire:
    """Read Reshape of ONNX: 0 stands for a size of the input, -1 for what is left over.

    One size that is not understood must be what is left over.
    """
    sizes, shape = list(several(call["shape"])), call.shape
    for place, size in enumerate(sizes):
        if size == 0 and not call["allowzero"]:
            if place >= len(shape):
                raise SolverError("0 in a shape stands for a size of the input", f"place {place}")
            sizes[place] = shape[place]
    return call.make(shaping.Reshape(_target(sizes), 0 if call["allowzero"] else 1))


def _reshape_like(call: Call) -> Wire:
    return call.make(shaping.Reshape(call.shape_of(call["other"])))


def _squeeze(call: Call) -> Wire:
    """Leave out axes of size 1; PyTorch leaves any other as it is, and ONNX refuses it."""
    call.plain()
    if call["axis"] is None:
        ones = tuple(axis for axis, dim in enumerate(call.shape) if call.is_one(dim, False))
        return call.make(shaping.Squeeze(ones, True))
    axes = list(call.numbers("axis"))
    kept = tuple(axis for axis in axes if call["all"] or call.is_one(call.shape[axis]))
    return call.make(shaping.Squeeze(kept)) if kept else call.x


def _unsqueeze(call: Call) -> Wire:
    call.plain()
    return call.make(shaping.Unsqueeze(call.numbers("axis")))


# The axes in another order


def _permute(call: Call) -> Wire:
    order = call.numbers("axis")
    call.plain()
    return call.make(shaping.Permute(order))


def _transpose(call: Call) -> Wire:
    call.plain()
    order = list(range(call.rank))
    one, two = call.number("dim0"), call.number("dim1")
    order[one], order[two] = order[two], order[one]
    return call.make(shaping.Permute(tuple(order)))


def _matrix_transpose(call: Call) -> Wire:
    call.plain()
    rank = call.rank
    return call.make(shaping.Permute((*range(rank - 2), rank - 1, rank - 2)))


def _reversed(call: Call) -> Wire:
    call.plain()
    return call.make(shaping.Permute(tuple(reversed(range(call.rank)))))


def _moved_axes(call: Call) -> Wire:
    """Read movedim: some axes go to places of their own, the others stay in order."""
    call.plain()
    rank = call.rank
    sources = [axis % rank for axis in call.numbers("source")]
    places = [axis % rank for axis in call.numbers("destination")]
    rest = iter(axis for axis in range(rank) if axis not in sources)
    there = dict(zip(places, sources, strict=True))
    order = tuple(there[axis] if axis in there else next(rest) for axis in range(rank))
    return call.make(shaping.Permute(order))


def _turned(call: Call) -> Wire:
    """Read rot90: an odd number of turns exchanges two axes."""
    call.plain()
    one, two = call.numbers("axis")
    order = list(range(call.rank))
    if call.number("k") % 2:
        order[one], order[two] = order[two], order[one]
    return call.make(shaping.Permute(tuple(order)))


def _at_least(call: Call) -> Wire:
    """Read atleast_1d and its kin: new axes in front, and behind for the third."""
    call.plain()
    least, rank = int(call.name[8]), call.rank
    new = tuple(range(least - rank)) if least < 3 else ((0, 1, 2), (0, 2), (2,), ())[min(rank, 3)]
    return call.make(shaping.Unsqueeze(new)) if new else call.x


def _permute_sample(call: Call) -> Wire:
    return _moved(call, (0, *call.numbers("axis")))


def _transpose_all(call: Call) -> Wire:
    return _moved(call, several(call["axis"]) or tuple(reversed(range(call.rank))))


def _moved(call: Call, order: Sequence[int]) -> Wire:
    if not call.last:
        return call.make(shaping.Permute(tuple(order)))
    rank = call.rank
    found = [0] * rank
    for axis, source in enumerate(order):
        found[ours(axis, rank)] = ours(source, rank)
    return call.make(shaping.Permute(tuple(found)))


def _elsewhere(call: Call) -> Wire:
    """Read what puts elements at other places along an axis: flip, roll."""
    return call.make(Become(call.name, call.shape, least=0))


# Repeated


def _expand(call: Call) -> Wire:
    """Read expand: -1 keeps a size; new axes come in front."""
    call.plain()
    to = several(call["size"])
    own = (Dim(1),) * (len(to) - call.rank) + call.shape
    dims = tuple(dim if n == -1 else dim_of(n) for n, dim in zip(to, own, strict=False))
    return call.make(merging.Expand(dims))


def _expand_both(call: Call) -> Wire:
    return call.make(merging.Expand(call.dims("size"), both=True))


def _expand_as(call: Call) -> Wire:
    return call.make(merging.Expand(), call.x, call.tensor(call["other"]))


def _repeat(call: Call) -> Wire:
    call.plain()
    times, x = call.dims("repeats"), call.x
    more = len(times) - call.rank
    if more < 0 and call.name == "tile":
        times, more = (Dim(1),) * -more + times, 0
    if more:
        x = call.make(shaping.Unsqueeze(tuple(range(more))))
    return call.make(Tiled(times), x)


def _repeat_each(call: Call) -> Wire:
    """Read repeat_interleave: every element along an axis so often, or along all as one."""
    call.plain()
    times, x = call["repeats"], call.x
    if call["axis"] is None:
        x, axis = call.make(shaping.Flatten(0)), 0
    else:
        axis = call.number("axis")
    shape = call.shape_of(x)
    axis = in_shape(axis, shape)
    if isinstance(times, Weight) and times.elements and len(times.elements) > 1:
        count = sum(map(dim_of, times.elements), Dim(0))
        to = (*shape[:axis], count, *shape[axis + 1 :])
        return call.make(Become("repeat_interleave", to, least=0), x)
    inner = call.make(shaping.Unsqueeze((axis + 1,)), x)
    every = [Dim(1)] * (len(shape) + 1)
    every[axis + 1] = dim_of(times)
    repeated = call.make(Tiled(tuple(every)), inner)
    return call.make(shaping.Flatten(axis, axis + 1), repeated)


def _strided(call: Call) -> Wire:
    """Read as_strided: elements of a tensor, laid out in another shape."""
    return call.make(Become("as_strided", call.dims("size"), least=0))


def _repeat_vector(call: Call) -> Wire:
    place = ours(1, 3) if call.last else 1
    times = [Dim(1)] * 3
    times[place] = Dim(call.number("n"))
    return call.make(shaping.Chain((shaping.Unsqueeze((place,)), Tiled(tuple(times)))))


# What a program asks of a tensor


def _size(call: Call) -> Any:
    sizes = channels_last(tuple(map(size_of, call.shape_of(call["input"]))), call.last)
    return sizes if call["axis"] is None else sizes[call.number("axis")]


def _rank(call: Call) -> int:
    return len(call.shape_of(call["input"]))


def _count(call: Call) -> int | Dim:
    return size_of(prod(call.shape_of(call["input"]), start=Dim(1)))


def _attribute(call: Call) -> Any:
    value, name = call["input"], call["name"]
    if name == "shape":
        return _size(call)
    if name == "ndim":
        return _rank(call)
    if name == "data":
        return value
    if name in ("T", "mT", "H", "mH"):
        return _reversed(call) if name == "T" else _matrix_transpose(call)
    if name in ("real", "imag"):
        return call.make(Pointwise(name))
    if name in ("dtype", "device", "is_cuda", "requires_grad"):
        return None
    raise Unclear


ROWS = (
    TensorFunction(
        _flatten,
        module="Flatten(start_dim=1, end_dim=-1)",
        function="flatten(input, start_dim=0, end_dim=-1)",
    ),
    TensorFunction(_flatten_all, layer="Flatten()", op="flatten(input)"),
    TensorFunction(_flatten_rows, onnx="Flatten(axis=1)(input)"),
    TensorFunction(
        _unflatten,
        module="Unflatten(dim, unflattened_size)",
        function="unflatten(input, dim, unflattened_size)",
    ),
    TensorFunction(_reshape, function="view reshape(input, *shape)"),
    TensorFunction(_reshape_sample, layer="Reshape(target_shape)"),
    TensorFunction(_reshape_batch, op="reshape(input, *newshape)"),
    TensorFunction(_reshape_rest, onnx="Reshape(allowzero=0)(input, shape)"),
    TensorFunction(_reshape_like, function="view_as reshape_as(input, other)"),
    TensorFunction(
        _squeeze, function="squeeze(input, dim=None)", onnx="Squeeze(all=True)(input, axis=None)"
    ),
    TensorFunction(
        _unsqueeze,
        function="unsqueeze(input, dim)",
        op="expand_dims(input, axis)",
        onnx="Unsqueeze()(input, axis)",
    ),
    TensorFunction(_permute, function="permute(input, *dims)"),
    TensorFunction(_transpose, function="transpose swapaxes swapdims(input, dim0, dim1)"),
    TensorFunction(_matrix_transpose, function="mt mh adjoint h(input)"),
    TensorFunction(_reversed, function="t(input)"),
    TensorFunction(_moved_axes, function="movedim moveaxis(input, source, destination)"),
    TensorFunction(_turned, function="rot90(input, k=1, dims=(0, 1))"),
    TensorFunction(
        _elsewhere,
        function="""
        flip fliplr flipud roll fftshift ifftshift fft_fftshift fft_ifftshift(input, *values)
        """,
        op="flip roll(input, *values)",
    ),
    TensorFunction(_at_least, function="atleast_1d atleast_2d atleast_3d(input)"),
    TensorFunction(_permute_sample, layer="Permute(dims)"),
    TensorFunction(
        _transpose_all, op="transpose(input, axes=None)", onnx="Transpose(perm=None)(input)"
    ),
    TensorFunction(_expand, function="expand broadcast_to(input, *size)"),
    TensorFunction(_expand_both, onnx="Expand()(input, size)"),
    TensorFunction(_expand_as, function="expand_as(input, other)"),
    TensorFunction(_repeat, function="repeat tile(input, *repeats)", onnx="Tile()(input, repeats)"),
    TensorFunction(
        _repeat_each,
        op="repeat(input, repeats, axis=None)",
        function="repeat_interleave(input, repeats, dim=None)",
    ),
    TensorFunction(_strided, function="as_strided(input, size, stride, storage_offset=0)"),
    TensorFunction(_repeat_vector, layer="RepeatVector(n)"),
    TensorFunction(_size, op="shape int_shape(input)", function="size(input, dim=None)"),
    TensorFunction(_rank, function="dim ndimension(input)"),
    TensorFunction(_count, function="numel(input)"),
    TensorFunction(_attribute, function="getattr(input, name)"),
)
