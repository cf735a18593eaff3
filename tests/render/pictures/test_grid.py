"""A layer over two axes, read back."""

import re
from itertools import product

import pytest
from render.pictures.read_back import look, marks, reads

from solver import Conv, ConvTranspose, MaxPool
from solver.errors import LimitError, SolverError

LAYERS = [
    Conv(3, stride=2, padding=1),
    Conv((2, 3), stride=3, dilation=(1, 2)),
    MaxPool(3, stride=2, padding=1, ceil_mode=True),
    ConvTranspose((3, 4), stride=2, padding=1),
]


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_reads(layer):
    rows, columns = (reads(layer, n, axis) for axis, n in enumerate((7, 9)))
    found = marks(layer.draw((7, 9)))
    expected = {
        f"{i} {j}": {f"{y},{x}" for y, x in product(rows[i], columns[j])}
        for i, j in product(range(len(rows)), range(len(columns)))
    }
    assert {y: {*each.get("data-reads").split()} for y, each in found["y"]} == expected
    read = {tap.replace(",", " ") for taps in expected.values() for tap in taps}
    shown = {x: look(each) for x, each in found["x"]}
    every = {f"{y} {x}" for y, x in product(range(7), range(9))}
    assert shown == {x: "input" if x in read else "unread" for x in every}


@pytest.mark.parametrize("layer", LAYERS, ids=repr)
def test_the_window_walks_over_all_outputs(layer):
    """From where it stands, each step puts the taps on those of the next output."""
    svg = layer.draw((7, 9), output=(1, 1)).svg
    frames = [
        re.findall(r"translate\((-?\d+)px,(-?\d+)px\)", each)
        for each in re.findall(r"@keyframes[^<]*", svg)
    ]
    window, output = ([(int(x), int(y)) for x, y in each] for each in frames)
    down, across = layer.size((7, 9))
    assert len({*output}) == len(window) == down * across
    assert window[0] == output[0] == (0, 0)
    strides = [layer.window(axis).stride for axis in (1, 0)]
    assert window == [tuple(s * at for s, at in zip(strides, each, strict=True)) for each in output]


def test_refused():
    with pytest.raises(LimitError, match="has room for 64"):
        Conv(3).draw((70, 70))
    with pytest.raises(SolverError, match="one axis or two"):
        Conv(3).draw((7, 7, 7))
    with pytest.raises(SolverError, match="no such output"):
        Conv(3).draw((7, 7), output=(0, 5))
    with pytest.raises(SolverError, match="a row and a column"):
        Conv(3).draw((7, 7), output=1)
