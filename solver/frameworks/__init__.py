"""What each framework calls its operations, what sizes they give, and what it refuses."""

from __future__ import annotations

import copyreg
from importlib import import_module
from typing import TYPE_CHECKING, Any

from solver.errors import SolverError

if TYPE_CHECKING:
    from solver.layers.layer import Layer
    from solver.layers.row import Framework

__all__ = ["NAMES", "WRITTEN", "bare", "framework", "known_as", "layer", "written_as"]

#: Every framework there is a table for: its name, and other names it goes by.
NAMES = {
    "torch": ("pytorch",),
    "keras": ("keras-jax", "keras-tensorflow", "keras-torch"),
    "tensorflow": ("tf",),
    "jax": ("lax",),
    "flax": ("nnx", "linen"),
    "paddle": ("paddlepaddle",),
    "onnx": (),
    "caffe": (),
}
#: Those that answers are written for; of the operations of others only sizes are told.
WRITTEN = tuple(name for name in NAMES if name not in ("tensorflow", "caffe"))
#: What is left of a layer where its channels do not matter is without these.
_CHANNELS = {"in_channels", "out_channels", "filters", "in_features", "out_features"}
_KNOWN = {name: known for known, others in NAMES.items() for name in (known, *others)}


def known_as(name: str) -> str:
    """The name of the framework that goes by this one; what is no name of any stays as it is.

    >>> known_as("PyTorch"), known_as("mxnet")
    ('torch', 'mxnet')
    """
    return _KNOWN.get(name.lower(), name)


def written_as(name: str) -> str:
    """The framework whose layers are written where this one is named: TensorFlow's are Keras's.

    >>> written_as("tf"), written_as("pytorch"), written_as("mxnet")
    ('keras', 'torch', 'mxnet')
    """
    known = known_as(name)
    return "keras" if known == "tensorflow" else known


def framework(name: str) -> Framework:
    """A framework's table of operations.

    >>> framework("PyTorch").title
    'PyTorch'
    >>> framework("torchh")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: unknown framework
      received: torchh
      right:    torch, keras, tensorflow, jax, flax, paddle, onnx or caffe
    """
    known = known_as(name)
    if known not in NAMES:
        *others, last = NAMES
        raise SolverError("unknown framework", name, f"{', '.join(others)} or {last}")
    found: Framework = import_module(f"solver.frameworks.{known}.table").FRAMEWORK
    copyreg.pickle(type(found), _by_name)
    return found


def layer(framework: str, operation: str, /, **arguments: Any) -> Layer:
    """A layer of a framework, described in its own words.

    framework: torch, keras, tensorflow, jax, flax, paddle, onnx or caffe. operation: as this
    calls it. arguments: the framework's own, those for channels may be left out; sizes in elements.
    Raises SolverError for an operation or an argument that there is not.

    >>> layer("torch", "Conv2d", kernel_size=(3, 5), stride=1, padding="same").size((32, 48))
    (32, 48)
    >>> layer("keras", "Conv2DTranspose", kernel_size=3, strides=2, padding="same").size(16)
    (32, 32)
    >>> layer("onnx", "ConvTranspose", kernel_shape=[3, 3], strides=[2, 2],
    ...       auto_pad="SAME_UPPER").size([7, 8])
    [14, 16]
    """
    from solver.layers.layer import Layer

    return Layer(_framework(framework), operation, arguments)


def bare(layer: Layer) -> Layer:
    """A layer without its channels.

    >>> bare(layer("torch", "Conv2d", in_channels=1, out_channels=1, kernel_size=3))
    layer('torch', 'Conv2d', kernel_size=3)
    """
    return layer.changed(**dict.fromkeys(_CHANNELS & layer.arguments.keys()))


def _by_name(table: Framework) -> tuple[Any, tuple[str]]:
    """Tables are never copied: a pickle has their names."""
    return framework, (table.name,)


_framework = framework
