"""Programs of every kind against PyTorch: what branches, changes in place, is set afterwards."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from solver.errors import LimitError, SolverError
from solver.reading import read

FOLDER = Path(__file__).parents[2] / "data" / "texts"
LINES = (FOLDER / "kinds.jsonl").read_text(encoding="utf-8").splitlines()
TRUTH = {row["name"]: row["sizes"] for row in map(json.loads, LINES)}
UNKNOWN = "unknown"


def programs() -> dict[str, Any]:
    spec = importlib.util.spec_from_file_location("record_texts", FOLDER / "record.py")
    assert spec is not None
    assert spec.loader is not None
    record = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(record)
    return dict(record.programs())


PROGRAMS = programs()


def said(network: Any, sizes: list[int]) -> Any:
    """What a network gives at sizes: shapes, "err" or "unknown"."""
    try:
        path = network.path(sizes)
        shapes = path.at(sizes).shapes
    except LimitError:
        return UNKNOWN
    except SolverError:
        return "err"
    outs = [shapes[at] for at in path.outputs]
    return UNKNOWN if None in outs else [[dim.number for dim in shape] for shape in outs]


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_is_as_recorded(name):
    letters, channels, unknown, text = PROGRAMS[name]
    network = read(text, len(letters), channels or None)
    told = [(said(network, sizes), out) for sizes, out in TRUTH[name]]
    known = [(found, out) for found, out in told if found != UNKNOWN]
    if unknown:
        assert all(found == "err" for found, _ in known)
    else:
        assert [found for found, _ in known] == [out for _, out in known]
        assert len(told) == len(known)
