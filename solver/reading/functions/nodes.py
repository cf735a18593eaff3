"""Operators of ONNX that are layers of its table: what slides a window, pads or resizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solver.errors import SolverError
from solver.frameworks import framework, layer
from solver.layers.layer import Layer
from solver.network.graph import values
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.merging import Concat, Elementwise, ResizeLike
from solver.network.graph.operation import Apply, Pointwise
from solver.network.graph.shaping import Fold, GlobalPool
from solver.network.graph.sized import Paired
from solver.network.graph.values import Ratio
from solver.reading.functions.call import UNTOLD, Call, Unclear, Weight, Wire, dim_of, several
from solver.reading.functions.fitting import padded, to_sizes
from solver.reading.functions.indexing import taken
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.signature import known
from solver.sizes.sizemap import SizeMap

#: How ONNX calls what lies beyond the ends of a padded axis.
_MODES = {"edge": "replicate", "reflect": "reflect", "wrap": "wrap"}


def _of_table(call: Call, name: str, **more: Any) -> Layer:
    """The layer of ONNX with the attributes of a node."""
    own = {known(word): word for word in framework("onnx").find(name)[0].arguments}
    told = ((own[w], value) for w, value in call.given.items() if w in own)
    given = {w: x for w, x in told if x not in (None, ()) and not isinstance(x, Weight)}
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
    return call.make(GlobalPool(some=True))


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
    stride, dilation = (call[known(name)] or 1 for name in ("strides", "dilations"))
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
        policy = call["keep_aspect_ratio_policy"]
        to = list(shape)
        for axis, size in zip(axes, several(sizes), strict=False):
            to[axis] = dim_of(size)
        numbers = [dim.number for dim in to[2:]]
        if policy != "stretch" and (None in numbers or tuple(to[:2]) != shape[:2]):
            raise Unclear
        if tuple(to[:2]) != shape[:2]:
            return call.make(Become("resize", tuple(to)))
        if None in numbers:
            return to_sizes(call, "resize", to[2:], ResizeLike())
        return call.make(Apply(_of_table(call, "Resize", sizes=numbers)))
    factors = several(call["scales"] or scales)
    if UNTOLD in factors:
        raise Unclear
    if any(isinstance(factor, Ratio) for factor in factors):
        return _scaled(call, dict(zip(axes, factors, strict=True)))
    every = [1.0] * rank
    for axis, factor in zip(axes, factors, strict=False):
        every[axis] = float(factor)
    first = next((axis for axis, factor in enumerate(every) if factor != 1), rank - 1)
    if not factors or 0 in every or first == 0:
        raise Unclear
    return call.make(Apply(_of_table(call, "Resize", scales=every), rank - min(first, 2)))


def _scaled(call: Call, factors: Mapping[int, Any]) -> Wire:
    """Read Resize by scales that a graph computes of sizes."""
    to = list(call.shape)
    for axis, factor in factors.items():
        exact = factor if isinstance(factor, Ratio) else Ratio.number(factor)
        if not isinstance(exact, Ratio):
            raise Unclear
        to[axis] = values.floor(values.times(Ratio(to[axis]), exact)).top
    if tuple(to[:2]) != call.shape[:2]:
        return call.make(Become("resize", tuple(to)))
    return to_sizes(call, "resize", to[2:], ResizeLike())


# Quantised forms, whose inputs have scales and zeros beside them


def _quantized(call: Call) -> tuple[Wire, ...]:
    """Read DynamicQuantizeLinear: a tensor in bytes, its scale and its zero."""
    found = call.make(Pointwise(call.name))
    return found, *(call.new(Become("scale", (), least=0)) for _ in range(2))


def _both(call: Call) -> Wire:
    name = call.name.removeprefix("QLinear").lower()
    return call.make(Elementwise(name), call.tensor(call["input"]), call.tensor(call["other"]))


def _pooled(call: Call) -> Wire:
    if call["channels_last"]:
        raise Unclear
    if "Global" in call.name:
        return call.make(GlobalPool(some=True))
    return call.make(Apply(_of_table(call, call.name.removeprefix("QLinear"))))


def _joined(call: Call) -> Wire:
    return call.make(Concat(call.number("axis")), *map(call.tensor, call["parts"][::3]))


# Elements by places and numbers


def _gathered(call: Call) -> Wire:
    """Read GatherND: what stands at places that are rows of an axis' numbers."""
    data, places, batch = call.shape, call.shape_of(call["indices"]), call.number("batch_dims")
    deep = call.number_of(places[-1])
    to = (*places[:-1], *data[batch + deep :])
    return taken(call, Become("gather", to, least=0))


def _framed(call: Call) -> Wire:
    """Read CenterCropPad: crop or pad axes to sizes."""
    sizes, to = call.dims("size"), list(call.shape)
    axes = range(len(sizes)) if call["axis"] is None else call.numbers("axis")
    for axis, dim in zip(axes, sizes, strict=True):
        to[axis] = dim
    return call.make(Become("center_crop_pad", tuple(to), least=0))


def _regions(call: Call) -> Wire:
    """Read RoiAlign: a small image for each region."""
    rows, shown = call.shape_of(call["regions"])[0], (call["output_height"], call["output_width"])
    to = (rows, call.shape[1], *map(dim_of, call["pooled_shape"] or shown))
    return taken(call, Become("regions", to, least=0))


def _told(call: Call) -> Wire:
    """Read what makes a tensor of numbers of a shape that it is told."""
    return call.new(Become(call.name.lower(), tuple(map(Dim, call["shape"])), least=0))


def _spectrum(call: Call) -> Wire:
    """Read DFT: along one axis, of as many frequencies as elements, or half of them."""
    rank, shape = call.rank, list(call.shape)
    axis = (1 if call["axis"] is None else call.number("axis")) % rank
    if call["length"] is not None:
        shape[axis] = dim_of(call["length"])
    if call["onesided"] and not call["inverse"]:
        shape[axis] = shape[axis].through(SizeMap.line(1, 2, 2))
    elif call["onesided"]:
        raise Unclear
    shape[-1] = Dim(2)
    return call.make(Become("dft", tuple(shape), least=0))


def _short_times(call: Call) -> Wire:
    """Read STFT: frames of a signal, and the frequencies of each."""
    batch, time, *_ = call.shape
    step = call.number("frame_step")
    long = call["frame_length"]
    long = call.shape_of(call["window"])[0].number if long is None else call.number("frame_length")
    if long is None:
        raise Unclear
    bins = long // 2 + 1 if call["onesided"] else long
    frames = time.through(SizeMap.line(1, step - long, step))
    return call.make(Become("stft", (batch, frames, Dim(bins), Dim(2))))


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
    TensorFunction(_quantized, onnx="DynamicQuantizeLinear()(input)"),
    TensorFunction(
        _both,
        onnx="QLinearAdd QLinearMul()(input, input_scale, input_zero_point, other)",
    ),
    TensorFunction(
        _pooled,
        onnx="QLinearAveragePool QLinearGlobalAveragePool(channels_last=0)(input)",
    ),
    TensorFunction(_joined, onnx="QLinearConcat(axis)(scale, zero_point, *parts)"),
    TensorFunction(_gathered, onnx="GatherND(batch_dims=0)(input, indices)"),
    TensorFunction(_framed, onnx="CenterCropPad(axes=None)(input, size)"),
    TensorFunction(
        _regions,
        onnx="""
        RoiAlign(output_height=1, output_width=1)(input, regions, batch_indices=None);
        MaxRoiPool(pooled_shape)(input, regions)
        """,
    ),
    TensorFunction(_told, onnx="RandomNormal RandomUniform(shape)()"),
    TensorFunction(
        _spectrum,
        onnx="DFT(inverse=0, onesided=0, axis=None)(input, length=None, axis=None)",
    ),
    TensorFunction(
        _short_times,
        onnx="STFT(onesided=1)(input, frame_step, window=None, frame_length=None)",
    ),
)
