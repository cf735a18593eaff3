"""Solutions as JSON lines: one object per solution."""

from __future__ import annotations

import json
from typing import TextIO

from solver.inverse.solutions import Solutions
from solver.render.records import solution


def write(solutions: Solutions, out: TextIO, limit: int | None = None) -> None:
    """Write one JSON object per line; nothing where there is no solution."""
    for answer in solutions.answers(limit):
        out.write(json.dumps(solution(answer), allow_nan=False) + "\n")
