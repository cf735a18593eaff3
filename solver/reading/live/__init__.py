"""Read a live model of a framework that is imported."""

from __future__ import annotations

import sys
from typing import Any

from solver.errors import SolverError
from solver.network.network import Network
from solver.reading.live.keras import read_model
from solver.reading.live.torch import read_module


def live(model: Any, **given: Any) -> Network:
    """The network of a live torch.nn.Module or Keras model.

    given: what its input is where that is not told by the model: channels and axes, or for PyTorch
    a shape, as read_module and read_model take it. Neither library is imported here.
    Raises SolverError for anything else.

    >>> live("resnet50")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a network is read from a path, text, an ONNX, PyTorch or Keras model
      received: str
    """
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    # With Keras on PyTorch a model is both.
    if keras is not None and isinstance(model, keras.Model):
        return read_model(model, **given)
    if torch is not None and isinstance(model, torch.nn.Module):
        return read_module(model, **given)
    rule = "a network is read from a path, text, an ONNX, PyTorch or Keras model"
    raise SolverError(rule, type(model).__name__)
