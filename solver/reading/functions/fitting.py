"""Functions that bring tensors to sizes, numbers or computed ones: pad, crop, resize."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.frameworks import framework
from solver.layers.layer import Layer
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim, Inexpressible
from solver.network.graph.merging import CropLike, ResizeLike
from solver.network.graph.operation import Apply, Operation
from solver.network.graph.shaping import Permute
from solver.reading.functions.call import Call, Unclear, Wire, dim_of, several
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.unknown import unknown_layer
from solver.sizes.sizemap import SizeMap
from solver.sizes.width import is_int


def torch_layer(name: str, **given: Any) -> Layer:
    """A layer of PyTorch."""
    return Layer(framework("torch"), name, given)


def applied(call: Call, layer: Layer, wire: Wire) -> Wire:
    """Put a tensor through a layer; to one of Flax more axes in front are a batch."""
    before = rank = 0
    if layer.framework.name == "flax" and layer.axes:
        before, rank = call.rank - layer.axes, call.rank
    if before <= 2:
        return call.make(Apply(layer), wire)
    rows = call.make(Permute((0, *range(2, before), 1, *range(before, rank))), wire)
    back = Permute((0, before - 1, *range(1, before - 1), *range(before, rank)))
    return call.make(back, call.make(Apply(layer), rows))


def to_sizes(call: Call, name: str, size: Any, operation: Operation) -> Wire:
    """Bring a tensor to sizes: those of another one, where one is found that has them."""
    sizes, shape = several(size), call.nodes.shapes[call.x.at]
    axes = len(sizes) if shape is None and len(sizes) > 1 else call.rank - 2
    target = [dim_of(each) for each in (sizes if len(sizes) > 1 else sizes * axes)]
    if len(target) != axes:
        raise Unclear
    like = _with_sizes(call, target)
    if like is not None:
        return call.make(operation, call.x, like)
    return call.make(Become(name, (*call.shape[:2], *target)))


def _with_sizes(call: Call, target: Sequence[Dim]) -> Wire | None:
    """The latest other tensor of these sizes, None of none."""
    for at in range(len(call.nodes.shapes) - 1, -1, -1):
        found = call.nodes.shapes[at]
        if found is not None and at != call.x.at and found[2:] == tuple(target):
            return Wire(at)
    return None


def padded(call: Call, ends: Sequence[tuple[Dim, Dim]], mode: str = "constant") -> Wire:
    """Pad each axis of the shape by what is computed: to the sizes of a tensor that has them."""
    to = [dim + begin + end for dim, (begin, end) in zip(call.shape, ends, strict=True)]
    fits = all(begin == _half(begin + end) for begin, end in ends)
    if fits and mode == "constant" and tuple(to[:2]) == call.shape[:2]:
        like = _with_sizes(call, to[2:])
        if like is not None:
            return call.make(CropLike(pads=True, both=True), call.x, like)
    from solver.network.graph.along import PadBy  # few programs compute their padding

    return call.make(PadBy(tuple(ends), mode))


def _half(dim: Dim) -> Dim | None:
    try:
        return dim.through(SizeMap.line(1, 0, 2))
    except Inexpressible:
        return None


def _pad(call: Call) -> Wire:
    row, _ = framework("torch").find("pad")
    if (opened := unknown_layer(row, "pad", {"pad": call["pad"]})) is not None:
        if isinstance(call["pad"], (list, tuple)) and len(call["pad"]) != 2 * (call.rank - 2):
            rule = "an unknown padding is of every axis behind batch and channels"
            raise SolverError(rule, f"{len(call['pad']) // 2} of {call.rank - 2} axes", '"0..3:0"')
        return call.make(opened)
    given = [dim_of(value) for value in several(call["pad"])]
    axes, mode = len(given) // 2, call["mode"] or "constant"
    shape = call.nodes.shapes[call.x.at]
    if mode != "constant" and shape is not None and not 0 < len(shape) - axes <= 2:
        rule = f"padding in mode {mode} is of all axes behind batch and channels"
        raise SolverError(rule, f"{axes} of {len(shape)} axes")
    numbers = tuple(end.number for end in given if end.number is not None)
    if len(numbers) == len(given):
        spatial = axes if shape is None else min(axes, max(len(shape) - 2, 1))
        if not any(numbers[2 * spatial :]):
            words = {word: call[word] for word in ("mode", "value") if word in call.given}
            return call.make(Apply(torch_layer("pad", pad=numbers[: 2 * spatial], **words)))
    none = ((Dim(0), Dim(0)),) * (call.rank - axes)
    pairs = tuple(zip(given[::2], given[1::2], strict=True))
    return padded(call, (*none, *reversed(pairs)), mode)


def _center_crop(call: Call) -> Wire:
    return to_sizes(call, "center_crop", call["output_size"], CropLike())


def _crop_anywhere(call: Call) -> Wire:
    """Read RandomCrop of Keras, which resizes what is smaller."""
    to = (*call.shape[:2], Dim(call.number("height")), Dim(call.number("width")))
    return call.make(Become("random_crop", to))


def _resize(call: Call) -> Wire:
    return to_sizes(call, "resize", call["size"], ResizeLike())


def _pad_pairs(call: Call) -> Wire:
    """Read pad of Keras, NumPy and TensorFlow: two numbers for each axis, as they are written."""
    call.plain()
    pairs = [several(pair) for pair in call["pads"]]
    mode = str(call["mode"] or "constant").lower()
    return padded(call, [(dim_of(begin), dim_of(end)) for begin, end in pairs], mode)


def _image_resize(call: Call) -> Wire:
    """Read resize of TensorFlow, Keras, and of JAX, which names the whole shape."""
    if not call.last or len(several(call["size"])) == call.rank - 2:
        return _resize(call)
    call.plain()
    raise Unclear


def _reshaped_image(call: Call) -> Wire:
    call.plain()
    return call.make(Become("resize", call.dims("shape"), least=0))


def _patches(call: Call) -> Wire:
    """Read extract_patches of Keras: what a window finds becomes channels."""
    size = several(call["size"]) * (1 if len(several(call["size"])) > 1 else 2)
    before = call.shape[1].number
    if before is None or not all(is_int(n) for n in size):
        raise Unclear
    layer = Layer(
        framework("keras"),
        "Conv2D",
        {
            "filters": before * size[0] * size[1],
            "kernel_size": size,
            "strides": size if call["strides"] is None else call["strides"],
            "padding": str(call["padding"]).lower(),
        },
    )
    return call.make(Apply(layer, parameters=0))


ROWS = (
    TensorFunction(_crop_anywhere, layer="RandomCrop(height, width)"),
    TensorFunction(
        _pad_pairs,
        op="pad(input, pads, mode='constant', constant_values=0); tf_pad(input, pads)",
    ),
    TensorFunction(
        _image_resize, op="resize(input, size, interpolation='bilinear'); tf_resize(input, size)"
    ),
    TensorFunction(_reshaped_image, op="jax_resize(input, shape, method)"),
    TensorFunction(
        _patches, op="extract_patches(input, size, strides=None, dilation_rate=1, padding='valid')"
    ),
    TensorFunction(_pad, function="pad(input, pad, mode='constant', value=None)"),
    TensorFunction(
        _center_crop, module="CenterCrop(output_size)", function="center_crop(input, output_size)"
    ),
    TensorFunction(_resize, function="resize(input, size)"),
)
