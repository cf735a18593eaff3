"""Small graphs of every kind, against what onnxruntime gave at many sizes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from solver.errors import LimitError, SolverError
from solver.reading.onnx.file import read_onnx

onnx = pytest.importorskip("onnx")

FOLDER = Path(__file__).parents[2] / "data" / "onnx"
sys.path.insert(0, str(FOLDER))
import small_graphs as graphs  # noqa: E402

RECORDED = {
    line["graph"]: line["rows"]
    for line in map(
        json.loads, (FOLDER / "small_graphs.jsonl").read_text(encoding="utf-8").splitlines()
    )
}

#: Where the operator's text says less than onnxruntime gives, of the smallest sizes.
LESS = {
    "upsample to a skip": "a window that does not fit leaves nothing, and onnxruntime cuts to 1",
    "function of its own": "a window that does not fit leaves nothing",
    "top of half": "the largest none of one",
}


def found(network: Any, values: dict[str, int]) -> list[list[int | None] | None] | str | None:
    try:
        sizes = {x: n for x, n in values.items() if x in network.letters}
        network = network.path(sizes)
        walk = network.at(sizes)
    except LimitError:
        return "not known"
    except SolverError:
        return None
    shapes = (walk.shapes[at] for at in network.outputs)
    return [None if shape is None else [dim.number for dim in shape] for shape in shapes]


@pytest.mark.parametrize("name", RECORDED)
def test_as_onnxruntime_gave_it(name):
    proto = graphs.model(name)
    network = read_onnx(proto.SerializeToString(), free=False)
    for sizes, out in RECORDED[name]:
        values = dict(zip(graphs.letters(proto), sizes, strict=True))
        if name == "two of one name":
            values["n_2"] = values["n"]
        less = name in LESS and min(sizes) < 3
        assert found(network, values) == out or (less and out), (values, out)
