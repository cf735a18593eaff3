"""Blocks with a name are what residual and skip write; known models are designs of small spaces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_fixtures import run
from torchvision_models import FILE, SIZES

from solver import (
    Choice,
    Conv,
    ConvTranspose,
    MaxPool,
    SolverError,
    Space,
    basic_block,
    bottleneck,
    dense,
    either,
    inverted_residual,
    optional,
    read,
    repeat,
    residual,
    skip,
    squeeze_excite,
    unet,
)
from solver.network.graph.operation import Apply
from solver.spaces.words import described
from solver.spaces.written_parts import part

NORM, RELU = "batchnorm", "relu"


def conv(width, kernel=1, stride=1, **more):
    padding = 0 if kernel == 1 else "half"
    return Choice(Conv, kernel, stride, padding, out_channels=width, bias=False, **more)


BOTTLENECK = [
    residual(
        *(conv("8,16"), NORM, RELU, conv(None, "3,5", "1,2"), NORM, RELU, conv("x4"), NORM),
        project="batchnorm",
    ),
    "relu",
]


def inverted(expand):
    wide = [] if expand == 1 else [conv(f"x{expand}"), NORM, "relu6"]
    return [*wide, conv(None, "3,5", "1,2", groups="depthwise"), NORM, "relu6", conv("6,8"), NORM]


INVERTED = residual(either(inverted(1), inverted(3), inverted(6)), project=False)
DENSE = skip("groupnorm 2", "silu", conv("4,8", "3,5"))
STAGE = [conv(4, "1,3"), NORM, RELU]
UP = Choice(ConvTranspose, "2,3", 2, "0,1", output_padding="0,1", out_channels=4)
WIDE = [conv(8, "1,3"), NORM, RELU, conv(8, "1,3"), NORM, RELU]
UNET = either([*STAGE, *STAGE], [*STAGE, *STAGE, skip(MaxPool(2), WIDE, UP), *STAGE, *STAGE])

BASIC = [
    residual(conv("8,16", "3,5", "1,2"), NORM, RELU, conv(None, "3,5"), NORM, project=NORM),
    "relu",
]

CASES = {
    "basic_block": (
        basic_block("8,16", "3,5", "1,2"),
        BASIC,
        {"basic_block": "8,16", "kernel_size": [3, 5], "stride": [1, 2]},
    ),
    "bottleneck": (
        bottleneck("8,16", "3,5", "1,2"),
        BOTTLENECK,
        {"bottleneck": [8, 16], "kernel_size": "3,5", "stride": [1, 2]},
    ),
    "inverted_residual": (
        inverted_residual("6,8", "3,5", "1,2", "1,3,6"),
        INVERTED,
        {"inverted_residual": "6,8", "kernel_size": "3,5", "stride": "1,2", "expand": [1, 3, 6]},
    ),
    "dense": (
        dense("4,8", "3,5", "groupnorm 2", "silu"),
        DENSE,
        {"dense": "4,8", "kernel_size": "3,5", "norm": "groupnorm 2", "act": "silu"},
    ),
    "unet": (
        unet("1..2", 4, "1,3", "2,3", convs=2),
        UNET,
        {"unet": "1..2", "width": 4, "kernel_size": "1,3", "up": [2, 3]},
    ),
    "squeeze_excite": (
        squeeze_excite("2,4"),
        either("squeeze-excite 2", "squeeze-excite 4"),
        {"squeeze_excite": [2, 4]},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_name_says_what_is_written_out(name):
    made, written, row = CASES[name]
    first = Space([conv(8, "1,3"), optional(made)], 16, channels=3)
    second = Space([conv(8, "1,3"), optional(part(written))], 16, channels=3)
    assert first.count == second.count > 3
    assert list(first[:300]) == list(second[:300])
    assert list(first[-50:]) == list(second[-50:])
    stem = {"op": "conv", "kernel_size": [1, 3], "padding": "half", "out_channels": 8}
    layers = [{**stem, "bias": False}, {**row, "optional": True}]
    told = Space(**described({"input": 16, "channels": 3, "layers": layers}))
    assert told.count == first.count
    assert list(told[:100]) == list(first[:100])


def test_a_unet_of_several_levels():
    """9,344 designs, as docs/spaces.md counts them with functions of its own."""
    nets = Space(unet("3..5", 16, "3,5", "2..5", 1, None), "n", "n", where="n % 16 == 0")
    assert nets.relaxed(even_upsampling=True).count == 9344
    assert nets.count == sum((2 * 2 * 4) ** (levels - 1) * 2 for levels in (3, 4, 5))
    both = Space(unet("2..3", "4,8"), 16, channels=1)
    assert both.count == sum(Space(unet("2..3", w), 16, channels=1).count for w in (4, 8)) == 4
    resized = Space(unet(3, 4, join="add", fit="crop"), 37, channels=1)
    assert resized.count == 1


# Known models

KNOWN = json.loads(Path(FILE).read_text())


def resnet18():
    def block(width, stride):
        body = conv(width, 3, stride), NORM, RELU, conv(width, 3), NORM
        return [residual(*body, project=NORM), RELU]

    stem = [conv(64, 7, 2), NORM, RELU, optional(MaxPool(3, 2, 1))]
    stages = [[block(w, "1,2"), repeat(block(w, 1), "0..2")] for w in (64, 128, 256, 512)]
    return Space([*stem, *stages, "head 1000"], 224, 7, channels=3)


def resnet50():
    stem = [conv(64, 7, 2), NORM, RELU, optional(MaxPool(3, 2, 1))]
    widths = 64, 128, 256, 512
    stages = [[bottleneck(w, 3, "1,2"), repeat(bottleneck(w), "2..5")] for w in widths]
    return Space([*stem, *stages, "head 1000"], 224, 7, channels=3)


def mobilenet_v2():
    stem = [conv(32, 3, 2), NORM, "relu6", inverted_residual(16, expand=1)]
    stages = [
        [inverted_residual(w, 3, "1,2"), repeat(inverted_residual(w), "0..3")]
        for w in (24, 32, 64, 96, 160, 320)
    ]
    return Space([*stem, *stages, conv(1280), NORM, "relu6", "head 1000"], 224, 7, channels=3)


@pytest.mark.parametrize("space", [resnet18, resnet50, mobilenet_v2])
def test_known_models_are_designs(space):
    """The published model is the one with its parameters and the shapes of its convolutions."""
    known = KNOWN[space.__name__]
    found = space().relaxed(parameters=known["parameters"])
    assert found.count
    same = [design for design in found if shapes(design, 224) == known["224"]["every"]]
    assert len(same) == 1
    (design,) = same
    assert design.parameters == known["parameters"]
    for n in SIZES:
        assert shapes(design, n) == known[str(n)]["every"]
        assert design.size(n) == known[str(n)]["last"][1]
    assert design in space()


def shapes(design, n):
    """The channels and size behind each convolution, in order of size."""
    network = design.network.there((n, n))
    return sorted(
        [dim.number for dim in shape[1:]]
        for node, shape in zip(network.nodes, network.walk.shapes, strict=True)
        if isinstance(node.operation, Apply) and "conv" in repr(node.operation.layer).lower()
    )


# Refusals and options


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: bottleneck(0), "out_channels"),
        (lambda: bottleneck(8, norm="upsample 2"), "keeps sizes and channels"),
        (lambda: dense(8, act=3), "norm and act are words"),
        (lambda: inverted_residual(8, expand=0), "expand"),
        (lambda: unet("3..5,7", 16), "one interval"),
        (lambda: unet(30, 16), "one interval"),
        (lambda: unet(3, 0), "width"),
        (lambda: unet(3, 8, fit="pad"), "exactly, or is cropped"),
        (lambda: squeeze_excite("a"), "reduction"),
        (lambda: residual(Conv(3), project="head 3"), "keeps sizes and channels"),
        (lambda: residual(Conv(3), project="batchnrm"), "no such operation"),
        (lambda: described({"input": 8, "layers": [{"unet": 3}]}), "unet, needs width"),
        (lambda: described({"input": 8, "layers": [{"dense": 3, "width": 3}]}), "has no width"),
        (lambda: described({"input": 8, "layers": [{"dense": 3, "op": "conv"}]}), "in one way"),
    ],
)
def test_refusals(make, words):
    with pytest.raises(SolverError, match=words):
        make()


def test_projections_with_a_norm():
    block = residual(conv("4,8", 3, "1,2"), project="groupnorm 2")
    found = [design[0].branches[1] for design in Space(block, 8, channels=4)]
    assert sorted([repr(layer) for layer in branch] for branch in found) == [
        [],
        ["Conv(1, in_channels=4, out_channels=8, bias=False)", "Operator('groupnorm 2')"],
        ["Conv(1, stride=2, in_channels=4, out_channels=4, bias=False)", "Operator('groupnorm 2')"],
        ["Conv(1, stride=2, in_channels=4, out_channels=8, bias=False)", "Operator('groupnorm 2')"],
    ]
    assert repr(block).endswith("project='groupnorm 2')")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("--block basic_block --width 8,16 -k 3,5 -s 2", basic_block("8,16", "3,5", "2")),
        ("--block bottleneck --width 8 -s 1,2", bottleneck("8", stride="1,2")),
        ("--block inverted-residual --width x2 -s 2", inverted_residual("x2", 3, "2")),
        ("--block dense --width 4 -k 3,5", dense("4", "3,5")),
    ],
)
def test_blocks_as_options(words, parts):
    words = f"search --input 16 --depth 1..2 --channels 3 --json --limit 1 {words}"
    record = json.loads(run(*words.split()).out)
    assert record["count"] == Space(repeat(parts, "1..2"), 16, channels=3).count > 0
    assert record["parts"] == repr(repeat(parts, "1..2"))


def test_a_unet_as_options():
    words = "search --input n --output n --where n%4==0 --block unet --depth 2..3 --width 4 --json"
    record = json.loads(run(*words.split()).out)
    assert record["count"] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--block resnet --width 8", "--block is a block with a name"),
        ("--block unet", "unet needs its channels"),
        ("--width 8", "--width is that of blocks"),
        ("--block unet --width 8 -s 2", "unet has no stride to choose"),
        ("--block dense --width 8 --op conv", "a block says its layers itself"),
        ("--block dense --width 8 -p 1", "dense has no padding to choose"),
    ],
)
def test_options_that_do_not_go_together(words, said):
    done = run("search", "--input", "16", "--depth", "2", *words.split())
    assert done.code == 2
    assert said in done.err


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("space", [resnet18, resnet50, mobilenet_v2])
def test_models_of_torchvision_have_their_place(space):
    models = pytest.importorskip("torchvision.models")
    found = space()
    design = found[found.index(read(getattr(models, space.__name__)(weights=None)))]
    assert design.parameters == KNOWN[space.__name__]["parameters"]
    assert shapes(design, 97) == KNOWN[space.__name__]["97"]["every"]
    assert found.index(read(design.code())) == found.index(design)
