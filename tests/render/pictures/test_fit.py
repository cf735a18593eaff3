"""What is written in a picture is inside it and overlaps nothing else that is written."""

import importlib.util
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from solver import (
    AvgPool,
    Conv,
    ConvTranspose,
    MaxPool,
    Stack,
    concat,
    decoders,
    layer,
    read,
    tiling,
    trace,
)
from solver.render.network.known import Known
from solver.render.network.tiled import TiledReport
from solver.render.pictures.looks import LOOKS
from solver.render.pictures.marks import Cluster, Label, Rectangle, Stroke, width

ROOT = Path(__file__).parents[3]
SPEC = importlib.util.spec_from_file_location("pictures", ROOT / "docs" / "pictures.py")
pictures = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(pictures)

LONG = "encoder_of_the_left_branch_with_a_name_that_is_eighty_characters_long_in_all_now"
UP = ConvTranspose(3, stride=2, padding=1)


def unet(x):
    skip = Conv(3, padding=1)(x)
    return concat(skip, ConvTranspose(2, stride=2)(MaxPool(2)(skip)))


def named(x):
    return Conv(3)(Conv(5, stride=2)(x).named(LONG)).named("b")


def tiled():
    net = trace(unet)
    return TiledReport(Known(net, net.values((60, 52))), [20, 22]).picture()


CASES = {
    "nothing": lambda: Conv(3, padding=1).draw(1),
    "no elements": lambda: layer("keras", "Conv1D", kernel_size=3, padding="same").draw(0),
    "one element": lambda: UP.draw(1),
    "one by one": lambda: Conv(1).draw((1, 1)),
    "long axis": lambda: AvgPool(3, stride=2).draw(10**6),
    "long kernel": lambda: Conv(31, stride=7).draw(200),
    "large sizes": lambda: Conv(3).draw(sizes=range(10**6, 10**6 + 30)),
    "long name": lambda: trace(named).draw(10**6),
    "long name in a field": lambda: trace(named).fields(40).draw(),
    "long name in a map": lambda: trace(named).fields(40).draw(node=LONG, every=True),
    "large network": lambda: trace(unet).draw(10**8),
    "a fault": lambda: trace(unet).explain(10**6 + 1).draw(),
    "one output": lambda: Stack(Conv(3), Conv(3)).draw(5),
    "a map of one": lambda: Stack(Conv(3)).draw((3, 3)),
    "wide field": lambda: Stack([Conv(2, dilation=2**i) for i in range(10)]).draw(3000),
    "a map": lambda: Stack(UP, UP).draw((9, 9)),
    "many ways": lambda: (
        trace(lambda x: [x := Conv(9, padding=4)(x) for _ in range(9)][-1])
        .fields(9)
        .draw(every=True)
    ),
    "phases": lambda: trace(ConvTranspose(3, stride=5, dilation=7), axes=1).taps().draw(),
    "one phase": lambda: trace(Conv(1), axes=1).taps().draw(),
    "tiles": lambda: tiling(trace(unet)).draw(60, 20),
    "tiles of two axes": tiled,
    "one tile": lambda: tiling(trace(unet)).draw(20, 20),
    "decoder": lambda: decoders(trace(Conv(3, stride=2, padding=1), axes=1)).draw(),
    "blocks": lambda: read(
        f"nn.Sequential({'nn.Conv2d(3, 3, 3, padding=1), nn.ReLU(),' * 60})"
    ).draw(),
}


@cache
def figures():
    """Those of the page; what is named in one is known in those behind it."""
    return {figure.name: figure.drawn() for figure in pictures.FIGURES}


def flat(marks):
    for mark in marks:
        if not isinstance(mark, Cluster):
            yield mark
        elif mark.look != "shown":
            yield from flat(mark.marks)


def box(label):
    look = LOOKS[label.look]
    wide = width(label.text, 10 if look.small else 12) * (1.08 if look.bold else 1)
    left = label.x - {"start": 0, "middle": wide / 2, "end": wide}[label.anchor]
    return left, label.y - (8 if look.small else 9), left + wide, label.y + 2


@pytest.mark.parametrize("name", [*CASES, *(figure.name for figure in pictures.FIGURES)])
def test_all_is_inside_and_nothing_overlaps(name):
    picture = CASES[name]() if name in CASES else figures()[name]
    every = [*flat(picture.marks)]
    boxes = [(box(each), each.text) for each in every if isinstance(each, Label)]
    for (left, top, right, bottom), text in boxes:
        assert left >= 0, text
        assert top >= 0, text
        assert right <= picture.width, text
        assert bottom <= picture.height, text
    for each in every:
        if isinstance(each, Rectangle):
            assert each.x >= -0.01
            assert each.x + each.width <= picture.width + 0.01
            assert each.y + each.height <= picture.height
            assert min(each.width, each.height) >= 0
        elif isinstance(each, Stroke):
            for x, y in each.points:
                assert 0 <= x <= picture.width
                assert 0 <= y <= picture.height
    distinct = {(tuple(round(x, 2) for x in place), text): place for place, text in boxes}
    for (one, a), (two, b) in combinations([(p, t) for (_, t), p in distinct.items()], 2):
        apart = one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]
        assert apart, (a, b)
