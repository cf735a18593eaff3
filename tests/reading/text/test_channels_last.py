"""Programs of Keras, Flax and TensorFlow against what the frameworks give for them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from solver.errors import LimitError, SolverError
from solver.network.graph.costs import costs, total
from solver.reading import read

FOLDER = Path(__file__).parents[2] / "data" / "keras"
#: tf.jsonl is worked out by hand; with each row stand the rules that it follows from.
LINES = [(FOLDER / name).read_text(encoding="utf-8") for name in ("truth.jsonl", "tf.jsonl")]
ROWS = [json.loads(line) for text in LINES for line in text.splitlines()]
UNKNOWN = "unknown"
#: Programs that are not followed yet.
OPEN = {"applied_base", "atrous_pyramid"}


def programs() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("record_keras", FOLDER / "record.py")
    assert spec is not None
    assert spec.loader is not None
    record = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(record)
    found = {}
    for file, head in (("programs.txt", record.HEAD), ("flax.txt", ""), ("tf.txt", "")):
        found |= {name: head + code for name, _, code in record.programs(file)}
    return found


PROGRAMS = programs()


def said(network: Any, shape: list[int]) -> Any:
    """The shapes that come out, the channels last; null where it is refused."""
    letters = len(network.letters)
    sizes = (shape[:-1] or shape)[-letters:] if letters else []  # tokens have no channels
    try:
        path = network.path(sizes) if letters else network
        shapes = path.at(sizes).shapes
    except LimitError:
        return UNKNOWN
    except SolverError:
        return None
    outs = [shapes[at] for at in path.outputs]
    if None in outs:
        return UNKNOWN
    found = [[dim.number for dim in out] for out in outs]
    return [[out[0], *out[2:], out[1]] if len(out) > 2 else out for out in found]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_sizes_are_the_frameworks(row):
    network = read(PROGRAMS[row["name"]])
    runs = row["runs"] if network.letters else row["runs"][:1]
    found = [said(network, shape) for shape, _ in runs]
    if row["name"] in OPEN:
        assert {*found} == {UNKNOWN}
    else:
        assert [*zip(runs, found, strict=True)] == [([x, out], out) for x, out in runs]


def test_each_program_has_a_row():
    assert sorted(PROGRAMS) == sorted(row["name"] for row in ROWS)


def test_each_row_of_a_batch_is_convolved():
    network = read(PROGRAMS["linen_along_rows"], channels=3)
    macs = total(costs(network.there([20, 30]))).macs.number
    assert macs == 20 * 30 * 8 * 27 + 20 * 14 * 7 * 4 * 8
