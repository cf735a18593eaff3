"""Print solutions as code of a framework that runs as it stands."""

from __future__ import annotations

from typing import TextIO

from solver.frameworks.code import code
from solver.inverse.solutions import Solutions
from solver.layers.layer import USUAL_AXES


def write(solutions: Solutions, out: TextIO, limit: int | None = None) -> None:
    """Write the best layer as code, or the best few; without a solution why, as a comment."""
    question = solutions.question
    axes = question.axes if question.axes > 1 else USUAL_AXES
    layers = solutions.best(1 if limit is None else limit)
    if not solutions:
        out.write(f"# none: {solutions.reason}\n")
    texts = [code(question.framework or "torch", [layer], axes) for layer in layers]
    out.write("\n\n".join(texts) + "\n" if texts else "")
