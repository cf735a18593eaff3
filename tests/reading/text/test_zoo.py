"""Models that packages make by their names: the installed sources are read as text."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from solver.errors import LimitError, SolverError
from solver.reading import read

FOLDER = Path(__file__).parents[2] / "data" / "texts"
TRUTH = [json.loads(line) for line in (FOLDER / "zoo.jsonl").read_text().splitlines()]


def recorder() -> Any:
    spec = importlib.util.spec_from_file_location("record_zoo", FOLDER / "record_zoo.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TEXT = recorder().text


@pytest.mark.live
@pytest.mark.parametrize("row", TRUTH, ids=lambda row: row["name"])
def test_a_model_of_a_package_is_as_recorded(row):
    if importlib.util.find_spec(row["package"]) is None:
        pytest.skip(f"{row['package']} is not installed")
    network = read(TEXT(row["package"], row["name"]))
    assert network.costs().parameters == row["parameters"]
    for sizes, out in row["sizes"]:
        if row["package"] == "keras":  # whose channels are last
            out.insert(1, out.pop())
        path = network.path(sizes)
        assert [dim.number for dim in path.at(sizes).shapes[path.outputs[0]]] == out


@pytest.mark.parametrize(
    "text",
    [
        "import timm\nmodel = timm.create_model('resnet50')",
        "from timm import create_model\nmodel = create_model('resnet50', num_classes=0)",
        "from keras.applications import ResNet50\nmodel = ResNet50()",
        "import tensorflow as tf\nmodel = tf.keras.applications.ResNet50(weights=None)",
    ],
)
def test_what_is_not_installed_is_said(text, monkeypatch):
    """No size is claimed of a model whose source is not here, and how to get it is said."""
    from solver.reading.text import importing, installed

    for module in (importing, installed):
        monkeypatch.setattr(module, "is_package", lambda name: False)
    monkeypatch.setattr(importing, "is_missing", lambda name: "timm" in name or "keras" in name)
    try:
        found = read(text)
    except LimitError as fault:
        said = str(fault)
    else:
        assert None in found.walk.shapes
        said = " ".join(found.notes)
    assert "which is not installed here" in said
    assert "pip install " in said


@pytest.mark.live
@pytest.mark.skipif(importlib.util.find_spec("timm") is None, reason="timm is not installed")
def test_a_name_that_is_not_listed_is_not_followed():
    with pytest.raises(SolverError, match="timm has no model"):
        read("import timm\nmodel = timm.create_model('resnet50000')")
