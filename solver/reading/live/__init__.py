"""Read a live model of a framework that is imported."""

from __future__ import annotations

import sys
from typing import Any

from solver.errors import SolverError
from solver.network.network import Network
from solver.reading.live.keras import read_model
from solver.reading.live.torch import read_module

#: What a model of JAX is: a module of Flax, or a function that is jitted.
_JAX = (("flax.linen", "Module"), ("flax.nnx", "Module"), ("jax.stages", "Wrapped"))


def live(model: Any, **given: Any) -> Network:
    """The network of a live torch.nn.Module, Keras or JAX model.

    given: what its input is where that is not told by the model: channels and axes, or for PyTorch
    and JAX a shape, as the readers of each take it. No library is imported here.
    Raises SolverError for anything else.

    >>> live("resnet50")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a network is read from a path, text, an ONNX model or a live one
      received: str
    """
    if _of(model, "keras", "Model"):  # with Keras on PyTorch a model is both
        if "shape" in given:
            rule = "a Keras model tells the shapes of its inputs itself"
            raise SolverError(rule, str(given["shape"]), "channels=3, axes=2 where it is not built")
        return read_model(model, **given)
    if _of(model, "torch.nn", "Module"):
        return read_module(model, **given)
    if is_model(model):
        from solver.reading.live.jax import read_function

        return read_function(model, **given)
    rule = "a network is read from a path, text, an ONNX model or a live one"
    raise SolverError(rule, type(model).__name__)


def is_model(value: Any) -> bool:
    """Tell whether a value is a live model of a framework that is imported."""
    known = (("keras", "Model"), ("torch.nn", "Module"), *_JAX)
    return any(_of(value, *each) for each in known)


def _of(value: Any, module: str, kind: str) -> bool:
    known = getattr(sys.modules.get(module), kind, None)
    return known is not None and isinstance(value, known)
