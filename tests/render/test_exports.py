"""Records are tables as pandas and polars take them: plain values, one type in each column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from solver import Choice, Conv, ConvTranspose, MaxPool, Space, read, repeat, solve

SPACE = Space(repeat(Choice(Conv, {1, 3}, {1, 2}, "half"), 3), 32, 8)
NET = read("nn.Conv2d(3, 8, 3)\nnn.MaxPool2d(2)")
ROWS = {
    "solve": solve(ConvTranspose, "n", "2n").record()["solutions"],
    "poolings": solve(MaxPool, 224, 112).record()["solutions"],
    "search": SPACE.record()["designs"],
    "network": NET.report(NET.values(32)).record()["layers"],
}


def mixed(rows: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """The columns with values of several types, None apart."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for name, value in row.items():
            found.setdefault(name, set()).update({type(value).__name__} - {"NoneType"})
    return {name: types for name, types in found.items() if len(types) > 1}


@pytest.mark.parametrize("name", ROWS)
def test_a_column_has_one_type(name: str) -> None:
    rows = list(ROWS[name])
    assert len(rows) > 1
    assert len({tuple(row) for row in rows}) == 1
    assert mixed(rows) == {}
    assert mixed([{"a": 1}, {"a": None}, {"a": "1"}]) == {"a": {"int", "str"}}


@pytest.mark.live
@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_data_frames_take_them_as_they_are(package: str) -> None:
    frames = pytest.importorskip(package)
    rows = list(ROWS["solve"])
    frame = frames.DataFrame(rows)
    assert frame.shape == (len(rows), len(rows[0]))
    assert int(frame["kernel_size"].sum()) == sum(row["kernel_size"] for row in rows)
    assert str(frame["stride"].dtype).lower() == "int64"
