"""The answer of any report in one line."""

from __future__ import annotations

from typing import TextIO

from solver.render.report import Report


def write(report: Report, out: TextIO) -> None:
    """Write the headline."""
    out.write(report.headline() + "\n")
