"""Solutions as one JSON object, written as they are found: memory does not grow with the answer."""

from __future__ import annotations

import json
from typing import TextIO

from solver.inverse.solutions import Solutions
from solver.render.records import head, solution


def write(
    solutions: Solutions, out: TextIO, limit: int | None = None, explained: bool = False
) -> None:
    """Write the JSON object, one solution per line; with a derivation if wanted."""
    record = head(solutions) | ({"derivation": solutions.proof} if explained else {})
    reason = None if solutions else solutions.reason
    out.write("{\n")
    for key, value in record.items():
        out.write(f"  {json.dumps(key)}: {json.dumps(value)},\n")
    out.write('  "solutions": [')
    separator = "\n    "
    for answer in solutions.answers(limit):
        out.write(separator + json.dumps(solution(answer), allow_nan=False))
        separator = ",\n    "
    out.write("\n  ],\n" if separator[0] == "," else "],\n")
    out.write(f'  "reason": {json.dumps(reason)}\n}}\n')
