"""The ONNX operators that slide a window, pad or resize, as layers of the table of ONNX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solver.errors import SolverError
from solver.frameworks import framework, layer
from solver.network.graph.computed import Become, Extend
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Apply
from solver.network.graph.shaping import GlobalPool
from solver.network.graph.values import Ratio, plus
from solver.reading.onnx.arithmetic import listed
from solver.reading.onnx.graph import Made, OnnxNode

_WINDOW = ("auto_pad", "dilations", "kernel_shape", "pads", "strides")
_POOL = (*_WINDOW, "ceil_mode", "storage_order", "count_include_pad", "p")


def _attributes(given: OnnxNode, names: tuple[str, ...]) -> dict[str, Any]:
    found = {name: given.attribute(name) for name in names}
    if found.get("auto_pad", "NOTSET") not in ("NOTSET", None):
        found.pop("pads", None)
    return {name: value for name, value in found.items() if value is not None and value != ()}


def _conv(given: OnnxNode, weights: int = 1, bias: int = 2) -> Made:
    """Read a convolution: its weights say the channels, and the kernel where no attribute does."""
    shape = given.numbers(weights)
    names: tuple[str, ...] = (*_WINDOW, "group")
    name = "Conv"
    if given.op == "ConvTranspose":
        names, name = (*names, "output_padding", "output_shape"), given.op
    found = _attributes(given, names)
    if shape is not None:
        found.update(W=shape, B=given.has(bias))
        found.setdefault("kernel_shape", shape[2:])
    if "kernel_shape" not in found:
        raise SolverError("a convolution needs the shape of its kernel", right="kernel_shape=[3,3]")
    rank = given.shape()
    if rank is not None and len(found.get("output_shape", ())) == len(rank):
        found["output_shape"] = found["output_shape"][2:]  # as some exporters write it
    return Made(Apply(layer("onnx", name, **found)))


def _quantized(given: OnnxNode) -> Made:
    return _conv(given, 3, 8)


def _pool(given: OnnxNode) -> list[Made]:
    known = framework("onnx").find(given.op)[0].arguments
    names = tuple(name for name in _POOL if name in known)
    made = Made(Apply(layer("onnx", given.op, **_attributes(given, names))))
    return [made] * len(given.outputs)


def _global(given: OnnxNode) -> Made:
    return Made(GlobalPool())


def _blocks(given: OnnxNode) -> Made:
    return Made(Apply(layer("onnx", given.op, blocksize=given.attribute("blocksize", 1))))


def _unpool(given: OnnxNode) -> list[Made]:
    if given.has(2):  # output_shape: a whole shape
        return _sized(given, 2)
    found = _attributes(given, ("kernel_shape", "pads", "strides"))
    return [Made(Apply(layer("onnx", "MaxUnpool", **found)))]


def _sized(given: OnnxNode, place: int) -> list[Made]:
    value = given.value(place)
    dims = [] if value is None else value.dims
    to = tuple(dim for dim in dims if dim is not None)
    if not to or len(to) < len(dims):
        return given.unknown()
    return [Made(Become(given.op.lower(), to))]


def _resize(given: OnnxNode) -> list[Made]:
    """Read Resize and Upsample: by scales, or to sizes that other tensors may have."""
    scales, sizes = (1, None) if given.op == "Upsample" or given.graph.opset < 11 else (2, 3)
    axes = given.attribute("axes")
    shape = given.shape()
    if shape is None:
        return given.unknown()
    if sizes is not None and given.has(sizes):
        value = given.value(sizes)
        if value is None or given.attribute("keep_aspect_ratio_policy", "stretch") != "stretch":
            return given.unknown()
        to = list(shape)
        for axis, dim in zip(axes or range(len(shape)), value.dims, strict=False):
            if dim is None or not -len(to) <= axis < len(to):
                return given.unknown()
            to[axis] = dim
        return [Made(Become("resize", tuple(to)))]
    held = given.value(scales)
    factors = given.attribute("scales") or (None if held is None else held.floats)
    if factors is None or not all(factors):
        return given.unknown()
    every = [1.0] * len(shape)
    for axis, factor in zip(axes or range(len(shape)), factors, strict=False):
        if not -len(every) <= axis < len(every):
            return given.unknown()
        every[axis] = float(factor)
    first = next((axis for axis, factor in enumerate(every) if factor != 1), len(shape) - 1)
    if first == 0:
        return given.unknown()
    operation = layer("onnx", "Resize", scales=every)
    return [Made(Apply(operation, len(shape) - min(first, 2)))]


def _pad(given: OnnxNode) -> list[Made]:
    """Read Pad: by numbers, or by what sizes make of them."""
    shape = given.shape()
    if given.attribute("pads") is not None or given.attribute("paddings") is not None:
        numbers = given.attribute("pads") or given.attribute("paddings")
        items: list[Any] = [Ratio(Dim(number)) for number in numbers]
    else:
        held = given.value(1)
        items = [] if held is None else list(held.items)
    if shape is None or not items or any(not isinstance(i, Ratio) or i.bottom > 1 for i in items):
        return given.unknown()
    half, rank = len(items) // 2, len(shape)
    axes = listed(given, "axes", 3) if given.has(3) else list(range(rank))
    if axes is None or len(axes) != half or any(not -rank <= axis < rank for axis in axes):
        raise SolverError("pads has a begin and an end for each axis", f"{len(items)} numbers")
    ends: list[tuple[Ratio, Ratio]] = [(Ratio(Dim(0)),) * 2] * rank
    for axis, begin, end in zip(axes, items[:half], items[half:], strict=True):
        ends[axis] = (begin, end)
    numbers = [[end.top.number for end in pair] for pair in ends]
    if any(None in pair for pair in numbers):
        return [Made(Extend(tuple(plus(*pair).top for pair in ends)))]
    first = next((axis for axis, pair in enumerate(numbers) if any(pair)), rank)
    if first < 2 or first == rank:  # channels are padded too, or nothing
        return [Made(Extend(tuple(Dim(sum(pair)) for pair in numbers)))]
    pads = [begin for begin, _ in numbers[2:]] + [end for _, end in numbers[2:]]
    mode = given.attribute("mode", "constant")
    return [Made(Apply(layer("onnx", "Pad", pads=pads, mode=mode)))]


RULES: dict[str, Callable[[OnnxNode], Made | list[Made]]] = {
    "Conv": _conv,
    "FusedConv": _conv,
    "ConvInteger": lambda given: _conv(given, 1, 99),
    "QLinearConv": _quantized,
    "ConvTranspose": _conv,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "LpPool": _pool,
    "GlobalAveragePool": _global,
    "GlobalMaxPool": _global,
    "GlobalLpPool": _global,
    "MaxUnpool": _unpool,
    "DepthToSpace": _blocks,
    "SpaceToDepth": _blocks,
    "Resize": _resize,
    "Upsample": _resize,
    "Pad": _pad,
}
