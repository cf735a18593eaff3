"""The picture of any report, as SVG."""

from __future__ import annotations

from typing import TextIO

from solver.render.report import Report


def write(report: Report, out: TextIO) -> None:
    """Write the picture. Raises SolverError where the answer has none."""
    out.write(report.picture().svg + "\n")
