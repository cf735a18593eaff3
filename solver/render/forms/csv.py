"""Any report as comma-separated values with a heading, which also stands where there is no row."""

from __future__ import annotations

import csv
from typing import TextIO

from solver.render.report import Report


def write(report: Report, out: TextIO) -> None:
    """Write a heading, and rows as they come."""
    table = report.data()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.head)
    writer.writerows(table.rows)
