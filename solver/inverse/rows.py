"""From rows to layers and back: a layer has one row, or one per axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from solver.inverse.answer import FIELDS
from solver.inverse.axis import Axis
from solver.inverse.question import Question
from solver.inverse.strips import Row
from solver.sizes.operations import MINIMUM

if TYPE_CHECKING:
    from solver.layers.layer import Layer


def to_layer(question: Question, rows: Sequence[Row]) -> Layer:
    """Return the layer of one row, or of one row per axis."""
    from solver.layers.own import LAYERS, own_padding

    operation = question.operation
    arguments: dict[str, Any] = {}
    for name, column in zip(FIELDS, zip(*rows, strict=True), strict=False):
        if name in operation.hyperparameters:
            single = len(column) == 1 and isinstance(column[0], int)
            default = name != "stride" and all(value == MINIMUM[name] for value in column)
            if name == "padding" and operation.pooling:
                column = tuple(own_padding(row[0], row[2]) for row in rows)
                single = single and isinstance(column[0], int)
            arguments[name] = column[0] if single or default else column
    if operation.pooling:
        arguments["ceil_mode"] = question.ceil_mode
    made: Layer = LAYERS[operation.name](**arguments)
    return made


def to_rows(layer: object, question: Question, axes: Sequence[Axis]) -> tuple[Row, ...] | None:
    """Return a layer as rows, or None where it is of another kind or has other axes."""
    from solver.layers.own import LAYERS

    if not isinstance(layer, LAYERS[question.operation.name]):
        return None
    if layer.ceil_mode != question.ceil_mode or layer.axes not in (None, question.axes):
        return None
    rows: list[Row] = []
    for i in range(question.axes):
        k, s, begin, end, d, a = layer.numbers(i)
        uneven = axes[i if len(axes) > 1 else 0].box.end is not None
        if begin != end and not uneven:
            return None
        rows.append((k, s, (begin, end) if uneven else begin, d, a, None))
    if len(axes) == 1:
        # One layer for every axis alike.
        return (rows[0],) if all(row == rows[0] for row in rows) else None
    return tuple(rows)
