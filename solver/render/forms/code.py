"""Any report as code that runs as it stands; where there is none, why, as a comment."""

from __future__ import annotations

from typing import TextIO

from solver.render.report import Report


def write(report: Report, out: TextIO) -> None:
    """Write the pieces of code."""
    pieces = list(report.codes())
    if not (pieces or report.answered):
        pieces = [f"# {report.headline()}"]
    if pieces:
        out.write("\n\n".join(pieces).rstrip("\n") + "\n")
