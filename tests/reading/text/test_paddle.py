"""Programs of Paddle as text, against the sizes that Paddle gave."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from solver.errors import LimitError, SolverError
from solver.reading import read

FOLDER = Path(__file__).parents[2] / "data" / "paddle"
LINES = (FOLDER / "programs.jsonl").read_text(encoding="utf-8").splitlines()
TRUTH = {row["name"]: row["sizes"] for row in map(json.loads, LINES)}


def recorder() -> Any:
    spec = importlib.util.spec_from_file_location("record_paddle", FOLDER / "record.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


PROGRAMS = recorder().programs()


def said(network: Any, sizes: list[int]) -> Any:
    try:
        path = network.path(sizes)
        shapes = path.at(sizes).shapes
    except SolverError:
        return None
    return [[dim.number for dim in shapes[at]] for at in path.outputs]


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_is_as_recorded(name: str) -> None:
    channels, axes, text = PROGRAMS[name]
    network = read(text, axes, channels)
    for sizes, out in TRUTH[name]:
        assert said(network, sizes) == out, sizes


def test_layers_are_written_as_paddle_has_them() -> None:
    network = read("import paddle.nn as nn\nnn.Sequential(nn.Conv2D(3, 8, 3, padding='SAME'))")
    (layer,) = (node.operation.layer for node in network.nodes if hasattr(node.operation, "layer"))
    assert layer.framework.name == "paddle"
    assert layer.size((7, 8)) == (7, 8)


def test_channels_that_are_last_are_a_limit() -> None:
    text = "import paddle.nn as nn\nnn.Sequential(nn.Conv2D(3, 8, 3, data_format='NHWC'))"
    with pytest.raises(LimitError, match="second axis"):
        read(text)


def test_what_is_named_after_paddle_alone_is_no_program_of_it() -> None:
    text = "from torch import nn\nnn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())  # as in paddle"
    assert [str(dim) for dim in read(text).sizes(read(text).outputs[0])][2:] == ["h - 2", "w - 2"]
