"""Solutions as comma-separated values with a heading."""

from __future__ import annotations

import csv
from typing import TextIO

from solver.inverse.solutions import Solutions
from solver.render.plain import columns


def write(solutions: Solutions, out: TextIO, limit: int | None = None) -> None:
    """Write a heading and one line per solution; the heading also where there is none."""
    writer = csv.writer(out, lineterminator="\n")
    started = False
    for answer in solutions.answers(limit):
        head, (cells,) = columns(solutions, [answer])
        if not started:
            writer.writerow(head)
            started = True
        writer.writerow(cells)
    if not started:
        writer.writerow([*solutions.question.operation.hyperparameters, "valid_from", "notes"])
