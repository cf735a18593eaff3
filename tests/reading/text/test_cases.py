"""Whole programs and printouts against what their frameworks do: nothing is wrong.

An answer is right, or it is said that nothing is known; never another size, and no refusal of what
runs.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from solver.errors import LimitError, SolverError
from solver.reading import read

FOLDER = Path(__file__).parents[2] / "data" / "texts"
LINES = [*map(json.loads, (FOLDER / "cases.jsonl").read_text(encoding="utf-8").splitlines())]
FILES = [*dict.fromkeys(row["file"] for row in LINES)]
RIGHT, UNKNOWN, WRONG = "right", "unknown", "wrong"


@lru_cache(None)
def network(file: str, axes: int, channels: int) -> Any:
    """What a file is read as, or why it is not."""
    try:
        return read((FOLDER / file).read_text(encoding="utf-8"), axes, channels)
    except SolverError as fault:
        return fault


def said(row: dict[str, Any]) -> Any:
    """What is said of a file at sizes: shapes, "err", or "unknown"."""
    found = network(row["file"], row["axes"], row["channels"])
    if isinstance(found, SolverError):
        return UNKNOWN if isinstance(found, LimitError) or "line" in found.rule else str(found)
    try:
        path = found.path(row["input"])
        shapes = path.at(row["input"]).shapes
    except LimitError:
        return UNKNOWN
    except SolverError:
        return "err"
    outs = [shapes[at] for at in path.outputs]
    return UNKNOWN if None in outs else [[dim.number for dim in shape] for shape in outs]


def alike(expected: Any, found: Any) -> bool:
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(alike, expected, found))
    return expected is None or expected == found


def judged(row: dict[str, Any]) -> str:
    found = said(row)
    wanted = UNKNOWN if "unknown" in row else row["out"]
    if any(alike(each, found) for each in (wanted, *row.get("or", ()))):
        return RIGHT
    return UNKNOWN if found == UNKNOWN else WRONG


@pytest.mark.parametrize("file", FILES)
def test_nothing_is_wrong(file):
    rows = [row for row in LINES if row["file"] == file]
    assert [(row["input"], said(row), row) for row in rows if judged(row) == WRONG] == []


if __name__ == "__main__":
    total = Counter[str]()
    for file in FILES:
        rows = [row for row in LINES if row["file"] == file]
        counts = Counter(map(judged, rows))
        total += counts
        bad = [row for row in rows if judged(row) != RIGHT]
        print(f"{file:28}", dict(counts))
        if bad:
            row = bad[0]
            print("    ", row["input"], said(row), "not", row.get("out", UNKNOWN))
            found = network(row["file"], row["axes"], row["channels"])
            if isinstance(found, SolverError):
                print("    ", str(found).replace("\n", "\n      "))
    print(dict(total))
