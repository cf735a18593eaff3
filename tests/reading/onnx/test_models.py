"""ONNX models, recorded and built here: sizes at every recorded input, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from solver import valid
from solver.errors import SolverError
from solver.reading.onnx.file import read_onnx

onnx = pytest.importorskip("onnx")

FOLDER = Path(__file__).parents[2] / "data" / "onnx"
RECORDED = {
    line["model"]: line["rows"]
    for line in map(json.loads, (FOLDER / "sizes.jsonl").read_text(encoding="utf-8").splitlines())
    if "model" in line
}

#: Models that run at inputs for which there is no formula for every n: there a size is not what it
#: is anywhere else. What is valid says so of fewer inputs than run.
SPECIAL = {"pyramid_fixed": "a size of 1 is repeated"}


def sizes(network: Any, given: Any) -> list[list[int]] | None:
    """Return the shapes that come out, None where the network refuses."""
    try:
        walk = network.at(given)
    except SolverError:
        return None
    return [[dim.number for dim in walk.shapes[at] or ()] for at in network.outputs]


@pytest.mark.parametrize("model", RECORDED)
def test_recorded_models_at_numbers(model):
    network = read_onnx(FOLDER / f"{model}.onnx")
    assert len(RECORDED[model]) > 90
    for given, out, *refused in RECORDED[model]:
        found = sizes(network, given)
        assert found == out or (refused and found is None), (given, out, found)


@pytest.mark.parametrize("model", RECORDED)
def test_recorded_models_for_every_n(model):
    """What is worked out once for all n gives the recorded shapes and the recorded refusals."""
    network = read_onnx(FOLDER / f"{model}.onnx")
    found = valid(network)
    allowed, repeated = found.inputs, found.repeated  # where 1 meets more, no formula is claimed
    shapes = [network.sizes(at) for at in network.outputs]
    for given, out, *refused in RECORDED[model]:
        values = dict(zip(network.letters, given, strict=True))
        valid_here = all(n in allowed for n in given)
        if len(set(given)) == 1 and not refused and not (model in SPECIAL and not valid_here):
            assert valid_here == (out is not None), given
        if out is not None and not refused and not (model in SPECIAL and not valid_here):
            if any(n in repeated for n in given):
                continue
            if any(n not in found.plain for n in given):  # a slice takes as much as there is
                if len(set(given)) > 1:
                    continue
                (here,) = (p for p in found.pieces if p.first <= given[0] <= (p.last or given[0]))
                pieces = [here.walk.shapes[at] for at in network.outputs]
                assert [[dim.at(values) for dim in shape] for shape in pieces] == out
                continue
            assert [[dim.at(values) for dim in shape] for shape in shapes] == out


def test_outputs_have_the_names_that_the_model_gives_them():
    made = 0
    for path in FOLDER.glob("*.onnx"):
        proto = onnx.load(str(path), load_external_data=False).graph
        network = read_onnx(path)
        assert network.names == tuple(each.name for each in proto.output)
        assert [network.find(name) for name in network.names] == [*network.outputs]
        made += 1
    assert made > 10


def test_a_refusal_says_what_runtimes_give_there():
    """A window that does not fit leaves nothing by the text; onnxruntime cuts to one."""
    network = read_onnx(FOLDER / "unet_resize.onnx")
    said = "/MaxPool_2 at n = 7: onnxruntime 1.32 says 1x1"
    assert said in network.record()["notes"]
    there = network.report({"height": 5, "width": 48}).record()
    assert there["reason"]
    assert "/MaxPool_2: onnxruntime 1.32 says 1x6" in there["notes"]
