"""A design back to its place: from its network, the code of it, its record, and text of others."""

from __future__ import annotations

import json
import random
from itertools import islice

import pytest
from blocks import BlockCase

from solver import (
    AvgPool,
    Choice,
    Conv,
    ConvTranspose,
    MaxPool,
    SolverError,
    Space,
    either,
    inverted_residual,
    mark,
    optional,
    parallel,
    read,
    repeat,
    residual,
    skip,
)
from solver.ground.shown import written as shown
from solver.network.designed import designs_of
from solver.render.designs import Found
from solver.render.schemas import schemas
from solver.render.stack import Stacked


def conv(kernel="3,5", **more):
    return Choice(Conv, kernel, padding="half", **more)


def everything():
    """A space with all there is in blocks."""
    crop = skip(MaxPool(2), conv("2,3"), ConvTranspose(2, 2), fit="crop")
    body = skip(MaxPool(2), conv("1,3", out_channels=6), ConvTranspose(2, 2, out_channels=2))
    return Space(
        [
            Choice(Conv, 3, 2, 1, out_channels="4,8"),
            *("batchnorm", "relu6"),
            parallel([conv(), "relu"], [], conv("1,3"), join="add"),
            optional(either("squeeze-excite 2", "groupnorm 2", "instancenorm")),
            either(crop, body, skip(AvgPool(3, 1, 1), join="add")),
            repeat(residual("silu", conv("1,3", out_channels="x2"), project="batchnorm"), "0..2"),
            either("upsample 2", "pixelshuffle 2"),
            *(inverted_residual("4,6", "3,5", expand="1,2"), "gelu", optional("head 5")),
        ],
        32,
        channels=3,
    )


SPACE = everything()


@pytest.mark.parametrize("seed", range(25))
def test_the_code_of_a_design_is_read_back_to_its_place(seed):
    draw = random.Random(seed)
    place = draw.randrange(SPACE.count)
    design = SPACE[place]
    assert SPACE.index(design) == place
    assert SPACE.index(read(design.code())) == place
    if "Crop" not in design.code():  # the reader does not follow paddle.slice
        assert SPACE.index(read(design.code("paddle"))) == place
    record = json.loads(json.dumps(Stacked(design).record()))
    assert SPACE.index(record) == place
    assert SPACE.index(Stacked(design).record()) == place


@pytest.mark.parametrize("seed", range(20))
def test_random_designs_are_found(seed):
    """What is found acts as the network does, and is the first that is written so."""
    case = BlockCase(seed, "ccm" if seed % 2 else "cct")
    for place, design in enumerate(islice(case.space, 12)):
        if not len(design):
            continue
        found = case.space.index(read(design.code()))
        assert found <= place
        same = case.space[found]
        assert same.code() == design.code() or {*kinds(same)} >= {*kinds(design)}
        assert (same.parameters, same.size_map()) == (design.parameters, design.size_map())
        if hasattr(design, "network"):
            assert case.space.index(design.network) == found
        assert case.space.index(Stacked(design).record()) == place


def kinds(design):
    return [repr(layer) for layer in design.layers if not hasattr(layer, "branches")]


RESNET = """
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 5, padding="same", bias=False)
        self.bn2 = nn.BatchNorm2d(width)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu({how})

model = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), Block(8), nn.Sequential(Block(8), Block(8)))
"""


@pytest.mark.parametrize("how", ["x + y", "y + x", "torch.add(x, y)"])
def test_a_network_that_someone_wrote(how):
    def layer():
        return conv("1,3,5", bias=False)

    block = [residual(layer(), "batchnorm", "relu", layer(), "batchnorm"), "relu"]
    stem = Choice(Conv, {1, 3}, {1, 2}, {0, 1}, out_channels={4, 8})
    space = Space([stem, repeat(block, "1..5")], 32, channels=3)
    network = read(RESNET.replace("{how}", how))
    assert network in space
    design = space[space.index(network)]
    assert [len(design.layers), design.layers[0]] == [7, design.layers[0]]
    assert design.layers[0].kernel_size == 3
    assert [layer.kernel_size for layer in design.layers[1].branches[0][::3]] == [3, 5]
    assert design.parameters == network.costs().parameters
    other = RESNET.replace("{how}", how).replace("nn.ReLU", "nn.GELU").replace("5, pad", "7, pad")
    assert read(other) not in space
    with pytest.raises(SolverError, match="this network is not in the design space"):
        space.index(read(other))


@pytest.mark.parametrize("last", [False, True])
def test_outputs_on_the_way_are_marks(last):
    down = [Choice(Conv, 3, 2, "0,1"), "relu"]
    ends = [mark("4..5")] if last else []
    space = Space([down, mark(None, "c1"), down, optional(mark()), down, *ends], 32)
    assert space.count > 4
    for place, design in enumerate(space):
        assert space.index(read(design.code())) == place
        assert space.index(design.network) == place


def test_keras_is_read_back_too():
    body = [conv(out_channels=8), "relu", conv(out_channels=8)]
    space = Space([conv(out_channels=8), residual(*body), MaxPool(2)], 16, channels=3)
    for place, design in enumerate(space):
        assert space.index(read(design.code("keras"))) == place


@pytest.mark.parametrize(
    "text",
    [
        "Softmax(dim=1)",
        "Conv2d(3, 8, 3)",  # not padded
        "Conv2d(3, 8, 3, padding=1, padding_mode='reflect')",
        "Conv2d(3, 8, 3, padding=1, groups=1, bias=False)",
        "Sequential(Conv2d(3, 8, 3, padding=1), ZeroPad2d(1))",
        "Sequential(Conv2d(3, 8, 3, padding=1), MaxPool2d(1))",
        "Conv2d(3, 8, (3, 5), padding=1)",
        "Conv2d(4, 8, 3, padding=1)",
    ],
)
def test_what_does_something_else_is_not_there(text):
    space = Space([conv(out_channels=8)], 16, channels=3)
    assert read("Conv2d(3, 8, 3, padding=1)") in space
    assert read("Sequential(ZeroPad2d(1), Conv2d(3, 8, 3))") in space
    assert read(text) not in space


def test_branches_that_are_no_tree():
    text = """
def model(x):
    a = nn.Conv2d(4, 4, 1)(x)
    b = nn.Conv2d(4, 4, 1)(a)
    c = nn.Conv2d(4, 4, 1)(b) + a
    return {end}
"""
    space = Space(residual([Conv(1), residual(Conv(1), Conv(1))]), 8, channels=4)
    assert read(text.replace("{end}", "c + x")) in space
    assert not designs_of(read(text.replace("{end}", "c + b")), 4, 2)


def test_weights_that_are_shared_are_no_design():
    text = """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1)

    def forward(self, x):
        return self.a(self.{last}(x))
"""
    space = Space([Conv(1), Conv(1)], 8, channels=4)
    assert read(text.replace("{last}", "b")) in space
    assert read(text.replace("{last}", "a")) not in space


@pytest.mark.parametrize(("begin", "there"), [(2, True), (1, False), (0, False), (3, False)])
def test_a_skip_is_cropped_alike_at_both_ends(begin, there):
    text = f"""
def model(x):
    y = nn.Conv2d(4, 4, 3)(nn.Conv2d(4, 4, 3)(x))
    n, m = y.shape[2:]
    return torch.cat([x[:, :, {begin}:n + {begin}, {begin}:m + {begin}], y], 1)
"""
    space = Space(skip(Conv(3), repeat(Conv(3), "1..2"), fit="crop"), 16, channels=4)
    assert (read(text) in space) is there


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"layers": [3]}, "each with its op"),
        ({"layers": [{"op": "convolution"}]}, "no layer of a design"),
        ({"layers": [{"op": "conv"}]}, "no layer of a design"),
        ({"layers": [{"op": "add"}]}, "no layer of a design"),
        ({"layers": [{"op": "upsample", "number": 1.5}]}, "whole number"),
    ],
)
def test_records_that_are_none(record, words):
    with pytest.raises(SolverError, match=words):
        SPACE.index(record)


def test_records_have_one_type_per_column():
    """Of designs with all kinds of blocks; behind a squeeze-excite there is no receptive field."""
    jsonschema = pytest.importorskip("jsonschema")
    designs = SPACE.sample(40, seed=2)
    rows = [Stacked(design, (32, 32)).record() for design in designs]
    types = {name: {type(row[name]) for row in rows} for name in rows[0]}
    assert types.pop("receptive_field") == {int, type(None)}
    assert all(len(found) == 1 for found in types.values())
    assert types["layers"] == {list}
    report = Found(SPACE, designs, "drawn", SPACE.count, most=40)
    jsonschema.validate(json.loads(shown(report, "json")), schemas()["search"])
    table = report.data()
    columns = [{type(value) for value in column} for column in zip(*table.rows, strict=True)]
    assert all(len(found - {type(None)}) == 1 for found in columns)
    assert all(str(design) for design in designs)


def test_what_is_no_design_is_not_in():
    assert "conv" not in SPACE
    assert {} not in SPACE
    assert 3 not in SPACE
