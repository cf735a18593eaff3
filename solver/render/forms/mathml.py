"""The formulas of any report as MathML, an element a line: browsers typeset it by themselves."""

from __future__ import annotations

from typing import TextIO

from solver.errors import SolverError
from solver.render.mathml import element
from solver.render.report import Report


def write(report: Report, out: TextIO) -> None:
    """Write the formulas. Raises SolverError where the answer has none."""
    lines = [element(line) for line in report.trees()]
    if not lines:
        raise SolverError("there is no formula of this answer", right="--format plain")
    out.write("\n".join(lines) + "\n")
