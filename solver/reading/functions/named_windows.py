"""Convolutions and poolings that are functions where the channels are last: Keras, tf.nn, Flax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solver.frameworks import layer
from solver.layers.layer import Layer
from solver.network.graph.computed import Become
from solver.network.graph.operation import Apply, Pointwise
from solver.reading.functions.call import Call, Unclear, Wire, listed, several
from solver.reading.functions.fitting import torch_layer
from solver.reading.functions.row import TensorFunction
from solver.sizes.width import is_int


def _along(call: Call, name: str, usual: Any) -> Any:
    """One number for each axis: TensorFlow names the batch and the channels too."""
    value = call[name]
    if value is None:
        return usual
    found = several(value)
    if not all(is_int(n) for n in found):
        raise Unclear
    count = call.rank - 2
    if len(found) == count + 2:
        found = found[1:-1]
    return found * count if len(found) == 1 else found


def _padding(call: Call) -> Any:
    """A word, or two numbers for each axis, of which those of batch and channels are left out."""
    value = call["padding"]
    if isinstance(value, str):
        return value.lower()
    pairs = tuple(tuple(several(pair)) for pair in value) if listed(value) else ()
    return pairs[1:-1] if len(pairs) == call.rank else pairs


def _pooled(word: str, own: bool = False) -> Callable[[Call], Wire]:
    """The rule of a pooling. own: whether the stride is 1 where none is given, as in Flax."""

    def rule(call: Call) -> Wire:
        count, window = call.rank - 2, _along(call, "window", None)
        if window is None:
            raise Unclear
        strides = _along(call, "strides", (1,) * count if own else window)
        padding = _padding(call)
        if own or not isinstance(padding, str):
            name = "max_pool" if word == "Max" else "avg_pool"
            upper = padding.upper() if isinstance(padding, str) else padding
            words = {"window_shape": window, "strides": strides, "padding": upper}
            return call.make(Apply(layer("flax", name, **words)))
        words = {"pool_size": window, "strides": strides, "padding": padding}
        return call.make(Apply(layer("keras", f"{word}Pooling{count}D", **words)))

    return rule


def _conv(call: Call) -> Wire:
    """Read a convolution with weights of its own: kernel, channels in, channels out."""
    *kernel, _, after = call.numbers_of(call["weight"])
    strides, padding = _along(call, "strides", 1), _padding(call)
    dilations = _along(call, "dilations" if call["dilations"] else "dilation_rate", 1)
    words = {"kernel_size": tuple(kernel), "strides": strides}
    if isinstance(padding, str):
        words |= {"dilation_rate": dilations, "padding": padding, "filters": after}
        made = layer("keras", f"Conv{len(kernel)}D", **words)
    else:
        words |= {"kernel_dilation": dilations, "padding": padding, "out_features": after}
        made = layer("flax", "Conv", **words)
    return call.make(Apply(made, parameters=call.learned("weight")))


def _depthwise(call: Call) -> Wire:
    *kernel, _, multiplier = call.numbers_of(call["weight"])
    words = {
        "kernel_size": tuple(kernel),
        "strides": _along(call, "strides", 1),
        "padding": _padding(call),
        "depth_multiplier": multiplier,
    }
    made: Layer = layer("keras", f"DepthwiseConv{len(kernel)}D", **words)
    return call.make(Apply(made, parameters=call.learned("weight")))


def _transposed(call: Call) -> Wire:
    """Read conv_transpose: to the sizes that TensorFlow is told, or by the rule of Keras."""
    *kernel, after, _ = call.numbers_of(call["weight"])
    if call["output_shape"] is not None:
        _, *sizes, last = call.dims("output_shape")
        to = (call.shape[0], last, *sizes)
        return call.make(Become(call.name, to, call.learned("weight")))
    words = {"kernel_size": tuple(kernel), "filters": after, "padding": _padding(call)}
    made = layer(
        "keras", f"Conv{len(kernel)}DTranspose", strides=_along(call, "strides", 1), **words
    )
    return call.make(Apply(made, parameters=call.learned("weight")))


def _shuffled(name: str, word: str) -> Callable[[Call], Wire]:
    return lambda call: call.make(Apply(torch_layer(name, **{word: call.number("block_size")})))


def _same(call: Call) -> Wire:
    return call.make(Pointwise(call.name))


_KERAS = "(input, window, strides=None, padding='valid')"
_FLAX = "(input, window, strides=None, padding='VALID')"
_TF = "(input, window, strides, padding)"

ROWS = (
    TensorFunction(
        _pooled("Max"),
        op=f"max_pool{_KERAS}; tf_max_pool tf_max_pool1d tf_max_pool2d tf_max_pool3d{_TF}",
    ),
    TensorFunction(
        _pooled("Average"),
        op=f"average_pool{_KERAS}; tf_avg_pool tf_avg_pool1d tf_avg_pool2d tf_avg_pool3d{_TF}",
    ),
    TensorFunction(_pooled("Max", True), op=f"nn_max_pool{_FLAX}"),
    TensorFunction(_pooled("Average", True), op=f"nn_avg_pool{_FLAX}"),
    TensorFunction(
        _conv,
        op="""
        conv(input, weight, strides=1, padding='valid', data_format=None, dilation_rate=1);
        tf_conv1d tf_conv2d tf_conv3d tf_convolution
            (input, weight, strides=1, padding='VALID', data_format=None, dilations=1)
        """,
    ),
    TensorFunction(
        _depthwise,
        op="""
        depthwise_conv tf_depthwise_conv2d(input, weight, strides=1, padding='valid')
        """,
    ),
    TensorFunction(
        _transposed,
        op="""
        conv_transpose(input, weight, strides=1, padding='valid');
        tf_conv1d_transpose tf_conv2d_transpose tf_conv3d_transpose
            (input, weight, output_shape, strides, padding='SAME')
        """,
    ),
    TensorFunction(
        _shuffled("PixelShuffle", "upscale_factor"),
        op="depth_to_space tf_depth_to_space(input, block_size)",
    ),
    TensorFunction(
        _shuffled("PixelUnshuffle", "downscale_factor"),
        op="space_to_depth tf_space_to_depth(input, block_size)",
    ),
    TensorFunction(
        _same,
        op="bias_add lrn local_response_normalization batch_normalization l2_normalize(*values)",
    ),
)
