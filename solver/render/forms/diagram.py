"""A network's report as the text of a diagram: Mermaid, or DOT."""

from __future__ import annotations

from typing import TextIO

from solver.render.report import Report


def write_mermaid(report: Report, out: TextIO) -> None:
    """Write it for Mermaid. Raises SolverError where the answer is no network."""
    out.write(report.diagram("mermaid") + "\n")


def write_dot(report: Report, out: TextIO) -> None:
    """Write it for Graphviz. Raises SolverError where the answer is no network."""
    out.write(report.diagram("dot") + "\n")
