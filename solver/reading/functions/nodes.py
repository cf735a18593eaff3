"""Operators of ONNX that are layers of its table: what slides a window, pads or resizes."""

from __future__ import annotations

from typing import Any

from solver.errors import SolverError
from solver.frameworks import framework, layer
from solver.layers.layer import Layer
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.merging import ResizeLike
from solver.network.graph.operation import Apply
from solver.network.graph.shaping import Fold, GlobalPool
from solver.network.graph.sized import Paired
from solver.reading.functions.call import Call, Unclear, Wire, dim_of, several
from solver.reading.functions.fitting import padded, to_sizes
from solver.reading.functions.row import TensorFunction

#: How ONNX calls what lies beyond the ends of a padded axis.
_MODES = {"edge": "replicate", "reflect": "reflect", "wrap": "circular"}


def _of_table(call: Call, name: str, **more: Any) -> Layer:
    """The layer of ONNX with the attributes of a node."""
    known = framework("onnx").find(name)[0].arguments
    given = {w: value for w, value in call.given.items() if w in known and value not in (None, ())}
    if given.get("auto_pad", "NOTSET") != "NOTSET":
        given.pop("pads", None)
    return layer("onnx", name, **given | more)


def _conv(call: Call) -> Wire:
    """Read a convolution: its weights say the channels, and the kernel where no attribute does."""
    more = dict[str, Any]()
    try:
        shape = call.numbers_of(call["weight"])
        more = {"W": shape, "B": call["bias"] is not None}
        more["kernel_shape"] = call["kernel_shape"] or shape[2:]
    except Unclear:
        if not call["kernel_shape"]:
            rule = "a convolution needs the shape of its kernel"
            raise SolverError(rule, right="kernel_shape=[3,3]") from None
    told, whole = call["output_shape"], call.nodes.shapes[call.x.at]
    if told and whole is not None and len(told) == len(whole):
        more["output_shape"] = told[2:]  # as some exporters write it
    name = "ConvTranspose" if call.name == "ConvTranspose" else "Conv"
    return call.make(Apply(_of_table(call, name, **more)))


def _layer(call: Call) -> tuple[Wire, Wire]:
    found = call.make(Apply(_of_table(call, call.name)))
    return found, found


def _global(call: Call) -> Wire:
    return call.make(GlobalPool())


def _unpool(call: Call) -> Wire:
    if call["sizes"] is not None:
        return call.make(Become(call.name.lower(), call.dims("sizes")))  # a whole shape
    paired = call.make(Paired(), call.x, call.tensor(call["indices"]))
    return call.make(Apply(_of_table(call, call.name)), paired)


def _fold(call: Call) -> Wire:
    """Read Col2Im, with pads that are alike at both ends, as PyTorch's Fold has them."""
    kernel, pads = call.numbers("kernel_size"), call["pads"] or (0,) * 4
    if len(kernel) != 2 or pads[:2] != pads[2:]:
        raise Unclear
    stride, dilation = (call[name] or 1 for name in ("strides", "dilations"))
    words = {"stride": stride, "padding": pads[:2], "dilation": dilation}
    block = layer("torch", "Unfold", kernel_size=kernel, **words)
    return call.make(Fold(block, call.dims("output_size")))


def _resize(call: Call) -> Wire:
    """Read Resize and Upsample: by scales, or to sizes that other tensors may have."""
    told = call["told"] or ()  # scales; or what is of no size, scales and sizes
    scales, sizes = (*told[1:], None, None)[:2] if len(told) > 1 else (*told, None, None)[:2]
    shape, rank = call.shape, call.rank
    axes = several(call["axis"]) or range(rank)
    if sizes is not None:
        if call["keep_aspect_ratio_policy"] != "stretch":
            raise Unclear
        to = list(shape)
        for axis, size in zip(axes, several(sizes), strict=False):
            to[axis] = dim_of(size)
        if tuple(to[:2]) != shape[:2]:
            return call.make(Become("resize", tuple(to)))
        numbers = [dim.number for dim in to[2:]]
        if None in numbers:
            return to_sizes(call, "resize", to[2:], ResizeLike())
        return call.make(Apply(_of_table(call, "Resize", sizes=numbers)))
    factors = several(call["scales"] or scales)
    every = [1.0] * rank
    for axis, factor in zip(axes, factors, strict=False):
        every[axis] = float(factor)
    first = next((axis for axis, factor in enumerate(every) if factor != 1), rank - 1)
    if not factors or 0 in every or first == 0:
        raise Unclear
    return call.make(Apply(_of_table(call, "Resize", scales=every), rank - min(first, 2)))


def _pad(call: Call) -> Wire:
    """Read Pad: by numbers, or by what sizes make of them."""
    ends, rank = call.dims("pads"), call.rank
    half = len(ends) // 2
    axes = range(rank) if call["axis"] is None else call.numbers("axis")
    if len(axes) != half or any(not -rank <= axis < rank for axis in axes):
        raise SolverError("pads has a begin and an end for each axis", f"{len(ends)} numbers")
    pairs = [(Dim(0), Dim(0))] * rank
    for axis, begin, end in zip(axes, ends[:half], ends[half:], strict=True):
        pairs[axis] = (begin, end)
    before, sizes = (
        [dim.number for side in zip(*part, strict=True) for dim in side]
        for part in (pairs[:2], pairs[2:])
    )
    if any(n != 0 for n in before) or None in sizes or not any(sizes):
        return padded(call, pairs, _MODES.get(call["mode"], "constant"))
    return call.make(Apply(_of_table(call, "Pad", pads=sizes)))


ROWS = (
    TensorFunction(
        _conv,
        onnx="""
        Conv FusedConv ConvTranspose()(input, weight, bias=None);
        ConvInteger()(input, weight);
        QLinearConv()(input, input_scale, input_zero_point, weight, weight_scale,
            weight_zero_point, scale, zero_point, bias=None)
        """,
    ),
    TensorFunction(_layer, onnx="MaxPool AveragePool LpPool DepthToSpace SpaceToDepth()(input)"),
    TensorFunction(_global, onnx="GlobalAveragePool GlobalMaxPool GlobalLpPool()(input)"),
    TensorFunction(_fold, onnx="Col2Im()(input, output_size, kernel_size)"),
    TensorFunction(_unpool, onnx="MaxUnpool()(input, indices, sizes=None)"),
    TensorFunction(
        _resize, onnx="Resize Upsample(keep_aspect_ratio_policy='stretch')(input, *told)"
    ),
    TensorFunction(_pad, onnx="Pad()(input, pads, value=None, axis=None)"),
)
