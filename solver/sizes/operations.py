"""The operations: one row each. Everything else asks this table, never the name."""

from __future__ import annotations

import re

from solver.errors import SolverError
from solver.ground.named import NamedTuple

#: Hyperparameters in their usual order, as PyTorch names them, with Dumoulin and Visin's letters
#: and the smallest legal value.
LETTERS = {
    "kernel_size": "k",
    "stride": "s",
    "padding": "p",
    "dilation": "d",
    "output_padding": "a",
}
MINIMUM = {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}


class OperationSpec(NamedTuple):
    """Describe an operation: its names, its hyperparameters, and which size formula it follows."""

    name: str  # in JSON and on the command line
    title: str  # in sentences
    layer: str  # the class in solver.layers
    hyperparameters: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    transposed: bool = False
    pooling: bool = False


_WINDOW = ("kernel_size", "stride", "padding", "dilation")

OPERATIONS = (
    OperationSpec("conv", "convolution", "Conv", _WINDOW, ("convolution",)),
    OperationSpec(
        "conv_transpose",
        "transposed convolution",
        "ConvTranspose",
        (*_WINDOW, "output_padding"),
        ("deconv", "convtranspose", "deconvolution"),
        transposed=True,
    ),
    OperationSpec(
        "maxpool", "max pooling", "MaxPool", _WINDOW, ("max_pool", "maxpooling"), pooling=True
    ),
    OperationSpec(
        "avgpool",
        "average pooling",
        "AvgPool",
        _WINDOW[:3],
        ("avg_pool", "averagepooling"),
        pooling=True,
    ),
)


def operation(name: str) -> OperationSpec:
    """The operation with this name, whatever the case and the hyphens.

    >>> operation("deconv").name, operation("Conv-Transpose").name, operation("MaxPool2d").name
    ('conv_transpose', 'conv_transpose', 'maxpool')
    >>> operation("Conv2DTranspose").name, operation("AveragePooling2D").name
    ('conv_transpose', 'avgpool')
    >>> operation("convv")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: unknown operation
      received: convv
      right:    conv
    """
    plain = re.sub(r"_?[123]d(?=_?transpose$|$)", "", name.lower().replace("-", "_"))
    for row in OPERATIONS:
        if plain == row.name or plain in row.aliases:
            return row
    from difflib import get_close_matches  # only for this message

    known = [word for row in OPERATIONS for word in (row.name, *row.aliases)]
    near = get_close_matches(plain[:30], known, 1)
    right = near[0] if near else "conv, deconv, maxpool or avgpool"
    raise SolverError("unknown operation", received=name, right=right)
