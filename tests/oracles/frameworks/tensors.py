"""Run layers that are said to be equal, in two frameworks, with the same weights."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from solver.conversion.weights import carried, layout
from solver.frameworks.spec import of_layer
from solver.frameworks.written import Written
from solver.layers.channels import Channels
from solver.layers.layer import Layer

_CHANNELS = 2


def weight_shape(source: Layer, axes: int) -> tuple[int, ...]:
    """Return the shape of a layer's weight with two channels in and out."""
    kernel = [r.window.kernel_size for r in of_layer(source, axes).readings]
    names = layout(source, axes)
    assert names is not None
    sizes = {f"k{axis}": k for axis, k in enumerate(kernel)}
    return tuple(sizes.get(name, _CHANNELS) for name in names)


def in_torch(written: Written, x: np.ndarray[Any, Any], w: Any, source: Layer) -> Any:
    """Return what PyTorch's layers give for x of shape (N, C, sizes...); w is the source's."""
    import torch

    y = torch.from_numpy(x)
    for layer in written.layers:
        given = {"in_channels": _CHANNELS, "out_channels": _CHANNELS, "bias": False}
        given = given if "Conv" in layer.name else {}
        made = getattr(torch.nn, layer.name.removeprefix("Lazy"))(**{**layer.arguments, **given})
        if "Conv" in layer.name:
            words = carried(source, layer, x.ndim - 2)
            assert words is not None
            value = eval(words, {"w": w, "np": np})
            made.weight = torch.nn.Parameter(torch.from_numpy(value.copy()))
        with torch.no_grad():
            y = made(y)
    return y.numpy()


def in_keras(layer: Layer, x: np.ndarray[Any, Any], w: Any) -> Any:
    """Return what a layer of Keras gives for x of shape (N, C, sizes...), as such a shape."""
    import keras

    given = {"filters": _CHANNELS, "use_bias": False} if "Conv" in layer.name else {}
    made = getattr(keras.layers, layer.name)(**{**layer.arguments, **given})
    last = np.moveaxis(x, 1, -1)
    made.build(last.shape)
    if w is not None:
        made.set_weights([w])
    return np.moveaxis(np.asarray(made(last)), -1, 1)


def in_flax(layer: Layer, x: np.ndarray[Any, Any], w: Any) -> Any:
    """Return what a layer of Flax gives for x of shape (N, C, sizes...), as such a shape."""
    import jax.numpy as jnp
    from flax import nnx

    given = {"in_features": _CHANNELS, "out_features": _CHANNELS, "use_bias": False}
    made = getattr(nnx, layer.name)(**{**layer.arguments, **given}, rngs=nnx.Rngs(0))
    made.kernel[...] = jnp.asarray(w)
    return np.moveaxis(np.asarray(made(jnp.asarray(np.moveaxis(x, 1, -1)))), -1, 1)


def in_onnx(written: Written, act: Any, x: np.ndarray[Any, Any]) -> Any:
    """Return what onnxruntime gives for x of shape (N, C, sizes...), by the code we write."""
    import onnxruntime

    from solver.frameworks.code import of_written

    made: dict[str, Any] = {}
    exec(of_written(written, act._replace(channels=Channels(before=x.shape[1]))), made)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    held = made["model"].SerializeToString()
    session = onnxruntime.InferenceSession(held, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x0": x})[0]


def source_in_torch(layer: Layer, x: np.ndarray[Any, Any]) -> Any:
    """Return what a layer of PyTorch without weights gives for x of shape (N, C, sizes...)."""
    return in_torch(Written((layer,)), x, None, layer)


def in_jax(written: Written, act: Any, x: np.ndarray[Any, Any], w: Any, layer: Any) -> Any:
    """Return what JAX gives for x of shape (N, C, sizes...), by the code we write; w is layer's."""
    from solver.frameworks.code import of_written

    channels = Channels(x.shape[1], None if w is None else x.shape[1], 1, bias=False)
    code = of_written(written, act._replace(channels=channels))
    words = carried(layer, written.layers[-1], x.ndim - 2)
    made: dict[str, Any] = {}
    if words is not None:
        made["w"] = eval(words, {"w": w, "np": np})
        code = re.sub(r"jnp\.zeros\(\([^)]*\)\)", "w", code)
    exec(code, made)
    return np.moveaxis(np.asarray(made["model"](np.moveaxis(x, 1, -1))), -1, 1)
