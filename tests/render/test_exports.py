"""Records are tables as pandas and polars take them: plain values, one type in each column."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from cli_fixtures import ROOT, run

from solver import (
    Choice,
    Conv,
    ConvTranspose,
    MaxPool,
    Space,
    Stack,
    convert,
    decoders,
    encoder_decoder,
    explain,
    fill,
    layer,
    prove,
    read,
    repeat,
    residual,
    solve,
    trace,
)

SPACE = Space(repeat(Choice(Conv, {1, 3}, {1, 2}, "half"), 3), 32, 8)
NET = read("nn.Conv2d(3, 8, 3)\nnn.MaxPool2d(2)")
UNET = read(ROOT / "examples/networks/unet_of_depth.py")
KERAS = layer("keras", "Conv1D", filters=8, kernel_size=3, strides=2, padding="same")
UNKNOWN = read("nn.ConstantPad1d((range(0, 4), 0), 0)\nnn.Conv1d(3, 8, 3, stride=..., padding=...)")
PATHS = """\
class Net(nn.Module):
    def forward(self, x):
        if x.shape[2] % 2 == 0:
            x = F.pad(x, (1, 0))
        return F.max_pool1d(x, 2)
"""
ANSWERS: dict[str, Any] = {
    "stack": Stack(Conv(3), MaxPool(2)),
    "solve": solve(ConvTranspose, "n", "2n"),
    "poolings": solve(MaxPool, 224, 112),
    "solve by axis": solve(Conv, (224, 320), (112, 160), kernel_size=3, per_axis=True),
    "solve uneven": solve(Conv, 224, 112, kernel_size=3, padding="0..2:0..2"),
    "solve in letters": solve(ConvTranspose, "n", "s*n"),
    "none": solve(Conv, 10, 10, kernel_size=2, stride=1),
    "search": SPACE,
    "designs": SPACE[1:4],
    "blocks": Space([Choice(Conv, {1, 3}, 1, "half"), residual(Conv(3, padding=1))], 8, 8),
    "network": NET,
    "network at a size": NET.report(NET.values(32)),
    "branches": UNET,
    "paths": read(PATHS),
    "explain": explain(UNET, 100),
    "fill": fill(UNKNOWN, "floor(n/2)"),
    "fill in letters": fill(trace(lambda x: Choice(ConvTranspose)(Conv("s", "s")(x)), axes=1), "n"),
    "decoders": decoders(NET),
    "convert": convert(KERAS, "torch", 1),
    "prove": prove("conv(n, k=3, s=2) == floor(n/2)"),
    "depths": repeat(Conv("k", dilation="2**i"), "L"),
    "levels": encoder_decoder([Conv("k")], MaxPool("s"), ConvTranspose("s", "s"), "L"),
}


def tables(value: Any, place: str = "") -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each list of rows in a record, and where it stands."""
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        yield place, value
    if isinstance(value, (dict, list)):
        named = value.items() if isinstance(value, dict) else enumerate(value)
        for name, each in named:
            yield from tables(each, f"{place}.{name}")


def kinds(values: Iterable[Any]) -> set[str]:
    """The types of the values of a column, or of what stands in its lists, None apart."""
    found = set()
    for value in values:
        if isinstance(value, (list, tuple)):
            found |= {f"{type(value).__name__} of {kind}" for kind in kinds(value)}
        elif value is not None:
            found.add("dict" if isinstance(value, dict) else type(value).__name__)
    return found


def mixed(rows: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """The columns with values of several types, None apart."""
    columns: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row.items():
            columns.setdefault(name, []).append(value)
    return {name: kinds(column) for name, column in columns.items() if len(kinds(column)) > 1}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_column_has_one_type(name: str) -> None:
    record = ANSWERS[name].record()
    assert type(record) is dict
    for place, rows in tables(record):
        if place.count(".") == 1:  # further in, layers have the columns of their kind
            assert len({tuple(row) for row in rows}) == 1, place
        assert mixed(rows) == {}, place
    assert json.loads(json.dumps(record)) == record  # plain data: no tuple, no number of our own


def test_several_types_are_seen() -> None:
    assert mixed([{"a": 1}, {"a": None}, {"a": "1"}]) == {"a": {"int", "str"}}
    assert mixed([{"a": [1, "h"]}]) == {"a": {"list of int", "list of str"}}
    places = {place for name in ANSWERS for place, _ in tables(ANSWERS[name].record())}
    assert {".solutions", ".designs", ".layers", ".edits", ".ways", ".decoders"} <= places


def test_numbers_are_text_beside_formulas_and_numbers_elsewhere() -> None:
    formulas, numbers = (ANSWERS[name].record() for name in ("network", "network at a size"))
    assert formulas["layers"][1]["shape"] == ["1", "8", "h - 2", "w - 2"]
    assert formulas["layers"][1]["parameters"] == 224
    assert numbers["layers"][1]["shape"] == [1, 8, 30, 30]


def test_json_is_as_it_was() -> None:
    path = str(ROOT / "examples/networks/unet.py")
    layers = json.loads(run("network", path, "--json").out)["layers"]
    assert [type(x) for x in layers[0]["shape"]] == [int, int, str, str]


@pytest.mark.live
@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_data_frames_take_them_as_they_are(package: str, name: str) -> None:
    frames = pytest.importorskip(package)
    for _, rows in tables(ANSWERS[name].record()):
        frame = frames.DataFrame(rows)
        assert frame.shape == (len(rows), len({column for row in rows for column in row}))
        for column in rows[0]:
            values = [row.get(column) for row in rows]
            if kinds(values) == {"int"} and None not in values:
                assert str(frame[column].dtype).lower() == "int64"
                assert int(frame[column].sum()) == sum(values)
