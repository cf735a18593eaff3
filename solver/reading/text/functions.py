"""Functions of tensors: F.relu(x), torch.cat([a, b], 1), x.view(-1, 9216), x.shape.

A method of a tensor is the function with the tensor as its first argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.network.graph.merging import Concat, CropLike, Meet, ResizeLike
from solver.network.graph.operation import Apply, Pointwise
from solver.network.graph.shaping import Unfold
from solver.reading.text import layers
from solver.reading.text.building import Wire
from solver.reading.text.moves import HANDLERS
from solver.reading.text.tensors import Call, measured, plain_factor, to_sizes
from solver.reading.text.traced import traced
from solver.reading.text.values import Opaque, is_list, wires_in

_POINTWISE = (
    "contiguous", "clone", "detach", "to", "cuda", "cpu", "float", "half", "double", "type",
    "type_as", "clamp", "clip", "exp", "log", "sqrt", "abs", "pow", "square", "neg",
    "requires_grad_", "round", "floor", "ceil", "sin", "cos", "erf", "rsqrt", "normalize",
    "batch_norm", "group_norm", "layer_norm", "instance_norm", "local_response_norm",
    "feature_dropout", "alpha_dropout", "flip", "roll", "zeros_like", "ones_like", "rand_like",
    "randn_like", "bfloat16", "log_softmax", "hardtanh", "relu_", "sigmoid_", "tanh_",
    "leaky_relu_", "clamp_", "stochastic_depth", "drop_path", "nan_to_num", "where",
    "masked_fill", "cumsum",
)  # fmt: skip
_MEETS = {
    "add": "add", "add_": "add", "sub": "subtract", "subtract": "subtract", "mul": "multiply",
    "multiply": "multiply", "mul_": "multiply", "div": "divide", "divide": "divide",
    "maximum": "maximum", "minimum": "minimum", "average": "average",
}  # fmt: skip
_LAYERS = {
    "interpolate": "Upsample", "upsample": "Upsample", "pad": "pad",
    "pixel_shuffle": "PixelShuffle", "pixel_unshuffle": "PixelUnshuffle", "unfold": "Unfold",
    **{
        f"{kind}_pool{axes}d": f"{name}Pool{axes}d"
        for kind, name in (
            ("max", "Max"), ("avg", "Avg"), ("lp", "LP"), ("adaptive_avg", "AdaptiveAvg"),
            ("adaptive_max", "AdaptiveMax"),
        )
        for axes in (1, 2, 3)
    },
}  # fmt: skip


def call(given: Call) -> Any:
    """Return what a function makes of tensors, as far as it is understood."""
    word = given.word
    wires = wires_in([given.first, *given.args, given.keywords])
    if not wires:
        return Opaque(f"{word}(...)")
    if word in ("cat", "concat", "concatenate"):
        return _concat(given)
    if word in _MEETS:
        return _meet(given, wires)
    if not isinstance(given.first, Wire):
        if word not in HANDLERS:
            return traced(given)
        given = given._replace(first=wires[0])
    if word in HANDLERS:
        return HANDLERS[word](given)
    if word in _LAYERS:
        return _layer(given)
    if word in _POINTWISE or word.strip("_") in layers.POINTWISE:
        return given.add(Pointwise(word.strip("_")))
    return traced(given)


def _concat(given: Call) -> Any:
    parts = given.first if is_list(given.first) else given.argument(0, "tensors")
    wires = wires_in(parts)
    default = -1 if given.last else 0
    axis = given.axis(0, "dim", "axis", default=default)
    if axis is None or not wires or len(wires) < len(parts):
        return traced(given)
    shape = given.build.shape(wires[0])
    if given.last and shape is not None:
        axis = layers.channels_first(axis, len(shape))
    return given.add(Concat(axis), *wires)


def _meet(given: Call, wires: list[Wire]) -> Any:
    values = given.first if is_list(given.first) else [given.first, *given.args]
    if len(wires) == 1 and all(plain_factor(value) for value in values if value != wires[0]):
        return given.add(Pointwise(_MEETS[given.word]), wires[0])
    if len(wires) < len(values):
        return traced(given)
    return given.add(Meet(_MEETS[given.word]), *wires)


def _layer(given: Call) -> Any:
    args, keywords = list(given.args), dict(given.keywords)
    shape = given.shape
    if given.word in ("interpolate", "upsample"):
        size = given.argument(0, "size")
        if measured(size):
            return to_sizes(given, size, ResizeLike()) or traced(given)
    if given.word == "pad" and measured(given.argument(0, "pad")):
        return _pad(given, given.argument(0, "pad"))
    if given.word.startswith("max_pool") and len(args) > 4:  # its order is not the layer's
        keywords.update(zip(("ceil_mode", "return_indices"), args[4:], strict=False))
        args = args[:4]
    for word in ("antialias", "data_format"):
        keywords.pop(word, None)
    opened = layers.unknown(_LAYERS[given.word], args, keywords)
    if opened is not None:
        return given.add(opened)
    if given.word == "pad" and is_list(given.argument(0, "pad")):
        count = len(given.argument(0, "pad")) // 2
        axes = None if shape is None else min(count, max(len(shape) - 2, 1))
        padding = tuple(given.argument(0, "pad"))
        if axes is not None and count > axes and any(padding[2 * axes :]):
            return traced(given)
        args = args[1:] if args else args
        keywords["pad"] = padding if axes is None else padding[: 2 * axes]
        args = [keywords.pop("pad"), *args]
    if "pool" in given.word and measured(given.argument(0, "kernel_size")):
        return traced(given)
    layer = layers.framework_layer(_LAYERS[given.word], args, keywords)
    assert layer is not None
    found = given.add(Unfold(layer) if given.word == "unfold" else Apply(layer))
    return (found, found) if layers.gives_indices(layer) else found


def _pad(given: Call, padding: Sequence[Any]) -> Any:
    """Pad by sizes that are differences of sizes: up to the sizes of another tensor."""
    shape = given.shape
    if shape is None or len(padding) % 2 or any(isinstance(p, Opaque) for p in padding):
        return traced(given)
    if len(padding) != 2 * (len(shape) - 2):
        return traced(given)
    sizes = []
    try:
        for i, dim in enumerate(reversed(shape[2:])):
            begin, end = padding[2 * i : 2 * i + 2]
            sizes.append(dim + begin + end)
    except SolverError:
        return traced(given)
    return to_sizes(given, sizes[::-1], CropLike(pads=True)) or traced(given)
