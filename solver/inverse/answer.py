"""One answer: a row with its layer in code, the smallest input it takes, and its notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from solver.inverse.strips import Row
from solver.sizes.operations import MINIMUM, Operation

#: The hyperparameters in the order of a row.
FIELDS = ("kernel_size", "stride", "padding", "dilation", "output_padding")

Value = int | list[int] | list[list[int]]


class Answer(NamedTuple):
    """Hold one solution, ready to be shown.

    values: each hyperparameter, an int or a list with one value per axis; padding that differs at
    the two ends is a list of [begin, end]; layer: code that makes
    it; valid_from: the smallest asked input it takes, one per axis where the axes differ; input:
    the input where that was asked for; written: the layers of the framework that was asked for, as
    (name, arguments).
    """

    values: dict[str, Value]
    layer: str
    valid_from: Value
    notes: list[str]
    input: Value | None = None
    written: tuple[tuple[str, dict[str, Any]], ...] = ()


def values(operation: Operation, rows: Sequence[Row]) -> dict[str, Value]:
    """Return each hyperparameter of one layer; rows has one row, or one per axis."""
    found: dict[str, Value] = {}
    for name, column in zip(FIELDS, zip(*rows, strict=True), strict=False):
        if name in operation.hyperparameters:
            plain = [list(v) if isinstance(v, tuple) else v for v in column]
            shared = len(plain) == 1 and isinstance(plain[0], int)
            found[name] = plain[0] if shared else plain
    return found


def code(operation: Operation, rows: Sequence[Row], ceil_mode: bool = False) -> str:
    """Write a layer, given by one row or one row per axis, as code that makes it.

    >>> from solver.sizes.operations import operation
    >>> code(operation("conv"), [(3, 2, 1, 1, 0, None)])
    'Conv(3, stride=2, padding=1)'
    >>> code(operation("maxpool"), [(2, 2, 0, 1, 0, None), (3, 2, (0, 1), 1, 0, None)])
    'MaxPool((2, 3), stride=(2, 2), padding=(0, (0, 1)))'
    """
    texts = []
    kernel = ""
    for name, column in zip(FIELDS, zip(*rows, strict=True), strict=False):
        if name not in operation.hyperparameters:
            continue
        values = ["({}, {})".format(*v) if isinstance(v, tuple) else str(v) for v in column]
        if len(values) == 1:
            text = f"({values[0]},)" if values[0].startswith("(") else values[0]
        else:
            text = f"({', '.join(values)})"
        if name == "kernel_size":
            kernel = text
            texts.append(text)
        elif operation.pooling and name == "stride":
            if text != kernel:
                texts.append(f"stride={text}")
        elif any(v != str(MINIMUM[name]) for v in values):
            texts.append(f"{name}={text}")
    if ceil_mode:
        texts.append("ceil_mode=True")
    return f"{operation.layer}({', '.join(texts)})"
