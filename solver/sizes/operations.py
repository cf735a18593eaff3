"""The operations: one row each. Everything else asks this table, never the name."""

from __future__ import annotations

import re
from typing import Any

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

    def written_ends(self, ends: tuple[Any, Any], kernel_size: Any, ceil_mode: bool = False) -> Any:
        """The padding of an axis as it is written: one number where both ends have it.

        Not where it is a layer before a pooling: what is wider than half of the kernel, and what
        windows counted up take for input. A size in letters stays a pair.

        >>> conv, pool = operation("conv"), operation("maxpool")
        >>> conv.written_ends((1, 1), 3), conv.written_ends((1, 2), 3)
        (1, (1, 2))
        >>> [pool.written_ends(ends, 3) for ends in ((1, 1), (2, 2))]
        [1, (2, 2)]
        >>> [pool.written_ends(ends, 3, ceil_mode=True) for ends in ((0, 0), (1, 1))]
        [0, (1, 1)]
        """
        begin, end = ends
        if begin != end or not isinstance(begin, int):
            return ends
        own = isinstance(kernel_size, int) and 2 * begin <= kernel_size and not ceil_mode
        return begin if own or not (begin and self.pooling) else ends


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
    >>> operation("conv k3 p0..3:0..3")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: unknown operation
      received: conv k3 p0..3:0..3
      right:    conv -k 3 -p 0..3:0..3
    """
    plain = re.sub(r"_?[123]d(?=_?transpose$|$)", "", name.lower().replace("-", "_"))
    for row in OPERATIONS:
        if plain == row.name or plain in row.aliases:
            return row
    from difflib import get_close_matches  # only for this message

    known = [word for row in OPERATIONS for word in (row.name, *row.aliases)]
    first, *rest = plain.split() or [plain]
    near = get_close_matches(first[:30], known, 1)
    right = near[0] if near else "conv, deconv, maxpool or avgpool"
    if near and rest:  # `conv k3 s2`, as networks are written
        options = [re.sub(r"^([kspda])=?(?=\d)", r"-\1 ", word) for word in rest]
        told = all(word[0] == "-" or word.isalpha() for word in options)
        right += f" {' '.join(options)}" if told else ", and options: -k 3 -s 2"
    raise SolverError("unknown operation", received=name, right=right)
