"""Read a network from whatever holds one: a file, text, an ONNX model, a live model."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import SolverError
from solver.network.network import Network


def read(
    source: Any,
    axes: int | None = None,
    channels: int | None = None,
    *,
    shape: Sequence[Any] | None = None,
    where: str = "",
    model: str = "",
    given: Mapping[str, Any] | None = None,
) -> Network:
    """The network in a source. Nothing in it is executed, except a live model by its own framework.

    source: a path, or the name of a file that is there ("-" is the standard input): text, or an
    ONNX model if it ends in .onnx; text itself: PyTorch or Keras code, or what print(model) shows;
    the bytes of an ONNX model, or the model; a live model of PyTorch, Keras or JAX. axes, channels:
    of the input, where the source does not tell. shape: of the input of a live module. where: what
    text is called in messages. model, given: of a program in text, the name of a class, function or
    module that is meant, and arguments of it by name. What had to be assumed is in the network's
    notes. Raises SolverError for anything else, with the line of what is not understood; LimitError
    for what is too long.

    >>> print(read("nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3)").formula())
    ceil(n/2)
    >>> read("examples/networks/unet.py").valid(exact=True).nearest(512)
    (508, 524)
    >>> pool = "class P(nn.Module):\\n def __init__(self, k): self.p = nn.MaxPool2d(k)\\n"
    >>> read(pool + " def forward(self, x): return self.p(x)", given={"k": 3}).formula()
    'floor(n/3)'
    >>> read("no_such_file")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a network is read from a file, from text with layers, or a model
      received: no_such_file
      right:    a file that is there, or nn.Conv2d(3, 64, 7)
    """
    if isinstance(source, os.PathLike):
        return _file(os.fspath(source), axes, channels, shape, model, given)
    if isinstance(source, str):
        if source == "-" or os.path.exists(source):
            return _file(source, axes, channels, shape, model, given)
        if source.isprintable() and source.strip() and not re.search(_LAYERS, source):
            raise SolverError(_RULE, source, "a file that is there, or nn.Conv2d(3, 64, 7)")
        from solver.reading.text.recognise import read as read_text

        _unshaped(shape)
        return read_text(source, axes, channels, where, model, given)
    if model or given:
        rule = "models and their arguments are told of programs in text"
        raise SolverError(rule, model or next(iter(given or ())), "the model as it is made")
    if hasattr(source, "SerializeToString"):  # an ONNX model in memory
        source = source.SerializeToString()
    if isinstance(source, bytes):
        return _onnx(source, axes, channels, shape)
    from solver.reading.live import live

    known = {"axes": axes, "channels": channels, "shape": shape}
    return live(source, **{name: value for name, value in known.items() if value is not None})


#: What text with layers has, and the name of a file that is missing has not.
_LAYERS = r"[(=]| k\d"
_RULE = "a network is read from a file, from text with layers, or a model"


def _file(
    name: str, axes: int | None, channels: int | None, shape: object, model: str, given: Any
) -> Network:
    from solver.reading.file import read_file

    _unshaped(shape)
    return read_file(name, axes, channels, model, given)


def _onnx(data: bytes, *told: object) -> Network:
    from solver.reading.onnx.file import read_onnx

    if any(each is not None for each in told):
        raise SolverError("an ONNX model tells its input itself", right="read(model)")
    return read_onnx(data)


def _unshaped(shape: object) -> None:
    if shape is not None:
        raise SolverError("shape is for live modules", str(shape), "axes=2, channels=3")
