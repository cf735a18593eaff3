"""Read a live model of a framework that is imported."""

from __future__ import annotations

import sys
from typing import Any

from solver.errors import LimitError, SolverError
from solver.network.network import Network
from solver.reading.live.keras import read_model
from solver.reading.live.torch import read_module


def live(model: Any, **given: Any) -> Network:
    """The network of a live torch.nn.Module or Keras model.

    given: what its input is where that is not told by the model: channels and axes, or for PyTorch
    a shape, as read_module and read_model take it. Neither library is imported here.
    Raises LimitError for a model of JAX, SolverError for anything else.

    >>> live("resnet50")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a network is read from a path, text, an ONNX, PyTorch or Keras model
      received: str
    """
    if _of(model, "keras", "Model"):  # with Keras on PyTorch a model is both
        if "shape" in given:
            rule = "a Keras model tells the shapes of its inputs itself"
            raise SolverError(rule, str(given["shape"]), "channels=3, axes=2 where it is not built")
        return read_model(model, **given)
    if is_model(model):
        return read_module(model, **given)
    not_jax(model)
    rule = "a network is read from a path, text, an ONNX, PyTorch or Keras model"
    raise SolverError(rule, type(model).__name__)


def not_jax(value: Any) -> None:
    """Raise LimitError for a model of JAX: its shapes are numbers, and carry no formulas."""
    kinds = (("flax.linen", "Module"), ("flax.nnx", "Module"), ("jax.stages", "Wrapped"))
    if any(_of(value, *kind) for kind in kinds):
        rule = "a model of JAX is not run: its shapes are numbers, which carry no formulas"
        right = "its code as text, or jax.eval_shape for the shapes of one input"
        raise LimitError(rule, type(value).__name__, right)


def is_model(value: Any) -> bool:
    """Tell whether a value is a live model of a framework that is imported."""
    return _of(value, "keras", "Model") or _of(value, "torch.nn", "Module")


def _of(value: Any, module: str, kind: str) -> bool:
    known = getattr(sys.modules.get(module), kind, None)
    return known is not None and isinstance(value, known)
