"""Answers in the terms of a framework: the layers it takes, under its own names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from solver.inverse.question import Question
from solver.inverse.rows import to_layer
from solver.inverse.strips import Row

if TYPE_CHECKING:
    from solver.frameworks.written import Written


def in_framework(
    question: Question, rows: Sequence[Row]
) -> tuple[str, tuple[tuple[str, dict[str, Any]], ...], tuple[str, ...]]:
    """Return an answer as code, as (name, arguments) of each layer, and notes; "" for our words."""
    if not question.framework:
        return "", (), ()
    from solver.frameworks.code import bare, line

    written = write(question, rows)
    layers = [bare(layer) for layer in written.layers]
    named = tuple((layer.name, dict(layer.arguments)) for layer in layers)
    return " -> ".join(map(line, layers)), named, written.notes


def write(question: Question, rows: Sequence[Row]) -> Written:
    """Return an answer as layers of the framework that was asked for.

    A question about one size stands for images, as a stack of layers does.
    """
    from solver.frameworks import code as writing
    from solver.frameworks import spec
    from solver.layers.layer import USUAL_AXES

    axes = question.axes if question.axes > 1 else USUAL_AXES
    return writing.write(question.framework, spec.of_layer(to_layer(question, tuple(rows)), axes))
