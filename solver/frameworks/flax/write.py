"""Write layers as Flax's (nnx): padding in pairs says everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError
from solver.frameworks import layer
from solver.frameworks.jax.write import WORDS
from solver.frameworks.sampling import Sampled
from solver.frameworks.spec import LayerSpec
from solver.frameworks.written import Written, call, is_nothing, moving, rounding_notes, windows
from solver.layers.channels import Channels
from solver.layers.kind import AVERAGE, MAX
from solver.layers.layer import Layer


def write(spec: LayerSpec) -> Written:
    """Flax's layers for what is asked."""
    if spec.kind.pads:
        raise SolverError("Flax pads inside its layers only", f"padding {spec.fixed()}")
    if spec.padding_mode != "zeros":
        raise SolverError(f"Flax has no {spec.padding_mode} padding of given width", right="zeros")
    if spec.kind.pools:
        return _pool(spec)
    numbers = windows(spec)
    padding = _padding(spec)
    arguments: dict[str, Any] = {**_channels(spec), "kernel_size": numbers["kernel_size"]}
    if max(numbers["stride"]) > 1:
        arguments["strides"] = numbers["stride"]
    arguments["padding"] = padding
    if spec.transposed:
        name = "ConvTranspose"
        arguments["transpose_kernel"] = True  # the kernel as PyTorch and Keras have it
    else:
        name = "Conv"
        apart = tuple(reading.window.input_dilation for reading in spec.readings)
        if max(apart) > 1:
            arguments["input_dilation"] = apart
    if max(numbers["dilation"]) > 1:
        arguments["kernel_dilation"] = numbers["dilation"]
    if spec.channels.groups > 1:
        arguments["feature_group_count"] = spec.channels.groups
        if spec.transposed:
            raise SolverError("Flax's transposed convolution has no groups", right="groups 1")
    if not spec.channels.bias:
        arguments["use_bias"] = False
    return Written((layer("flax", name, **arguments),))


def sample(spec: Sampled) -> Written:
    """Refuse what slides no window: Flax leaves that to JAX."""
    raise SolverError(f"Flax has no {spec.kind}, which is left to JAX")


def _padding(spec: LayerSpec) -> Any:
    if (pads := moving(spec)) and not spec.transposed:
        return WORDS[pads]
    ends = spec.fixed()
    return "VALID" if is_nothing(ends) and not spec.transposed else ends


def _pool(spec: LayerSpec) -> Written:
    numbers = windows(spec)
    if max(numbers["dilation"]) > 1:
        rule = "Flax's pooling has no dilation"
        raise SolverError(rule, right="dilation 1, or jax.lax.reduce_window")
    name = "max_pool" if spec.kind == MAX else "avg_pool"
    padding = _padding(spec)
    counted = {}
    if spec.kind == AVERAGE and padding != "VALID" and not spec.counts_padding:
        counted = {"count_include_pad": False}
    made = layer(
        "flax",
        name,
        window_shape=numbers["kernel_size"],
        strides=numbers["stride"],
        padding=padding,
        **counted,
    )
    return Written((made,), rounding_notes(spec))


def _channels(spec: LayerSpec) -> dict[str, int]:
    before = spec.channels.before or spec.channels.groups
    return {"in_features": before, "out_features": spec.channels.after or before}


def line(each: Layer) -> str:
    """A layer as a call, a pooling as a function of x."""
    if "window_shape" in each.arguments:
        return "lambda x: " + call(each, "nnx.").replace("(", "(x, ", 1)
    return call(each, "nnx.", ("in_features", "out_features"))[:-1] + ", rngs=rngs)"


def code(layers: Sequence[Layer], channels: Sequence[Channels], axes: int) -> str:
    """Lines that make the layers; they take (N, sizes..., C)."""
    calls = list(map(line, layers))
    lines = "".join(f"    {each},\n" for each in calls)
    rngs = "rngs = nnx.Rngs(0)\n" if any("rngs" in each for each in calls) else ""
    return f"from flax import nnx\n\n{rngs}model = nnx.Sequential(\n{lines})"
