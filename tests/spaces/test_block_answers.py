"""Blocks at work: known networks, every n, files, shards, refusals, and PyTorch."""

from __future__ import annotations

import json
import pickle
import random
from collections import Counter
from itertools import islice, product

import pytest
from blocks import BlockCase, after, measured, module, row_of, rows
from cli_fixtures import run

from solver import (
    Choice,
    Conv,
    ConvTranspose,
    LimitError,
    MaxPool,
    SizeError,
    SolverError,
    Space,
    Stack,
    either,
    let,
    mirror,
    optional,
    parallel,
    read,
    repeat,
    residual,
    skip,
)
from solver.layers.branching import Block, Branched
from solver.layers.operators import Operator
from solver.render.schemas import schemas
from solver.spaces.words import described


def conv(kernel="3,5", **more):
    return Choice(Conv, kernel, padding="half", **more)


# Known networks


def test_a_resnet_18_is_the_only_one_of_its_kind():
    """11,689,512 parameters and 1,814,073,344 multiply-accumulates at 224, as published."""

    def block(width, stride):
        three = {"kernel_size": 3, "padding": 1, "bias": False}
        body = [Choice(Conv, stride=stride, out_channels=width, **three), "batchnorm", "relu"]
        return [residual(*body, Choice(Conv, **three), "batchnorm"), "relu"]

    stem = [Choice(Conv, 7, 2, 3, out_channels=64, bias=False), "batchnorm", "relu"]
    stages = [
        block(w, s) for w, first in ((64, 1), (128, 2), (256, 2), (512, 2)) for s in (first, 1)
    ]
    space = Space([*stem, MaxPool(3, 2, 1), *stages, "head 1000"], 224, 7, channels=3)
    (design,) = space
    # their projections have no bias but a normalization: three of them, of 128, 256 and 512
    extra = sum(2 * width - width for width in (128, 256, 512))
    assert design.parameters == 11_689_512 - extra
    assert design.macs(224) == 1_814_073_344
    assert design.size(224) == 7
    assert space.index(design) == 0
    assert (design.receptive_field, design.jump) == (435, 32)


def deep(levels, *, kernels="3,5", up="2..5"):
    """An encoder-decoder of so many levels, and its number of parts by hand."""
    width = 2**levels
    if levels == 1:
        return conv(kernels, out_channels=width)
    raised = Choice(ConvTranspose, up, 2, "0..2", output_padding="0,1", out_channels=width)
    body = MaxPool(2), deep(levels - 1, kernels=kernels, up=up), raised
    return [conv(kernels, out_channels=width), skip(*body), conv(kernels, out_channels=width)]


@pytest.mark.parametrize("levels", [2, 3, 4, 5, 8])
def test_an_encoder_decoder_gives_back_what_its_poolings_divide(levels):
    """Each level multiplies: two convolutions of two kernels, and what undoes a stride of 2."""
    divides = 2 ** (levels - 1)
    space = Space(deep(levels), "n", "n", where=f"n % {divides} == 0", at=256, channels=1)
    ups = sum(k - 2 * p + a == 2 for k, p, a in product(range(2, 6), range(3), range(2)))
    assert space.count == (4 * ups) ** (levels - 1) * 2
    even = space.relaxed(even_upsampling=True)
    ups = sum(k - 2 * p + a == 2 for k, p, a in product((2, 4), range(3), range(2)))
    assert even.count == (4 * ups) ** (levels - 1) * 2
    assert Space(deep(levels), "n", "n", channels=1).count == 0
    for design in (space[0], space[space.count // 3], *space.sample(2, seed=levels)):
        assert design.formula == "n"
        assert str(design.accepts()) == str(read_divisible(divides))
        assert space[space.index(design)] == design
    best = space.best()[0]
    assert best.parameters == min_parameters(levels, 1)


def read_divisible(divisor):
    return {1: "n >= 1", 2: "even n"}.get(divisor, f"n = 0 (mod {divisor})")


def min_parameters(levels, before):
    """The cheapest: kernels of 3, and 2 to go up again."""
    width = 2**levels
    first = 9 * before * width + width
    if levels == 1:
        return first
    inner = min_parameters(levels - 1, width)
    up = 4 * (width // 2) * width + width
    return first + inner + up + 9 * 2 * width * width + width


def cost(design, by, n):
    found = getattr(design, by)
    return found(n) if callable(found) else found


def test_skips_are_cropped_to_what_comes_out():
    """As in the first U-Net: without padding every level loses its edges, and the skip with it."""
    layer = Choice(Conv, "2,3", out_channels=4)
    up = Choice(ConvTranspose, "2,4", 2, out_channels=4)
    parts = [layer, skip(MaxPool(2), layer, layer, up, fit="crop"), layer]
    space = Space(parts, 30, channels=1)
    kernels = list(product((2, 3), (2, 3), (2, 3), (2, 4), (2, 3)))
    sizes = [2 * ((30 - a + 1) // 2 - b - c + 1) + d - e + 1 for a, b, c, d, e in kernels]
    assert sorted(design.size(30) for design in space) == sorted(sizes)
    assert {design.network.size(30) - design.size(30) for design in space} == {0}
    for by in ("parameters", "macs", "activations"):
        values = [
            design.parameters if by[0] == "p" else getattr(design, by)(30) for design in space
        ]
        best = space.best(by=by)[0]
        assert (best.parameters if by[0] == "p" else getattr(best, by)(30)) == min(values)
    assert space.best(by="-receptive_field")[0].receptive_field == max(
        design.receptive_field for design in space
    )
    every = {
        n: Space(parts, "n", f"n - {n}", where="n % 2 == 0", channels=1).count for n in range(20)
    }
    assert {30 - n: count for n, count in every.items() if count} == Counter(sizes)
    exact = Space([layer, skip(MaxPool(2), layer, layer, up), layer], 30, channels=1)
    assert exact.count == 0  # without cropping nothing meets


def test_best_is_the_least_of_all_where_all_can_be_listed():
    space = Space(deep(3), 16, 16, channels=1)
    designs = list(space)
    for by in ("parameters", "macs", "activations", "-macs", "receptive_field"):
        word = by.removeprefix("-")
        values = [cost(design, word, 16) for design in islice(designs, 0, None, 7)]
        found = cost(space.best(by=by)[0], word, 16)
        assert found >= max(values) if by[0] == "-" else found <= min(values)


# Answers


def test_blocks_may_be_many_and_are_never_listed():
    wide = parallel(*[repeat(conv("1,3,5,7"), 6)] * 3)
    space = Space([wide, wide], 9, 9)
    assert space.count == 4**36
    for number in (0, 10**20, space.count - 1):
        design = space[number]
        assert space.index(design) == number
        assert design in space
    assert space.states == 3
    first, *_ = space.shards(10)
    assert pickle.loads(pickle.dumps(first))[7] == space[7]
    design = space[10**20]
    assert pickle.loads(pickle.dumps(design)) == design
    assert len({repr(x) for x in space.sample(20, seed=1)}) == 20


def test_equal_trees_count_once():
    one, two = residual(conv("1,3")), residual(conv("3,5"))
    assert Space(either(one, two), 9, 9).count == 3
    assert Space(either(one, one), 9, 9).count == 2
    assert Space([optional(one), optional(two)], 9, 9).count == 1 + 3 + 4
    assert Space([residual(optional(Conv(1)))], 9, 9).count == 2  # and no block at all
    assert Space(residual(repeat(Conv(1), "0..1")), 9, 9)[0] == Stack([])
    nested = [[residual([conv("3"), []])], []]
    assert list(Space(nested, 9, 9)) == list(Space(residual(conv("3")), 9, 9))
    many = repeat(conv("1,3"), 20)
    with pytest.raises(LimitError, match="that may be the same"):
        print(Space(either(residual(many), residual(many, optional(Conv(1)))), 9, 9).count)


def test_branches_of_different_strides_never_meet():
    """At one size they may give the same, and then they are still no block."""
    pools = parallel(Conv(1, 2), Conv(1, 3))
    assert Space(pools, 1, 1).count == 0
    assert Space(pools, 1, 1).reason.endswith("the branches of a block there meet at no size")
    floor, ceil = MaxPool(2), Conv(1, 2)
    assert [Space(parallel(floor, ceil), n).count for n in range(2, 6)] == [1, 0, 1, 0]
    assert Space(parallel(floor, ceil), "n", "n/2", where="n % 2 == 0").count == 1
    assert Space(parallel(floor, ceil), "n", "ceil(n/2)").count == 0


def test_operators():
    space = Space(
        [Choice(Conv, 3, 1, 1, out_channels=8), "pixelshuffle 2", "groupnorm 2", "dropout 0.5"],
        *(5, 10),
    )
    (design,) = space
    assert (design.widths, design.sizes(5)) == ((1, 8, 2, 2, 2), (5, 5, 10, 10, 10))
    assert design.parameters == 9 * 8 + 8 + 4
    assert design.receptive_field == 3
    gate = Space([conv(out_channels=8), "squeeze-excite 4", "head 10"], 8, 8, channels=3)
    assert [design.receptive_field for design in gate] == [None, None]
    assert gate[0].parameters == 3 * 9 * 8 + 8 + (8 * 2 + 2) + (2 * 8 + 8) + 8 * 10 + 10
    assert [gate.relaxed(receptive_field=limit).count for limit in (8, "9..", "..7")] == [2, 0, 0]
    assert gate.best(by="receptive_field")[0] == gate[0]
    every = Space(["squeeze-excite 4"], "n", "n", channels=8)
    with pytest.raises(SolverError, match="whole input, which has no size here"):
        print(every.relaxed(receptive_field="3..").count)
    asked = [{"gaps": False}, {"latency": "..99"}, {"latency": "99.."}, {"causal": True}]
    assert [every.relaxed(**limit).count for limit in asked] == [1, 0, 1, 0]


def test_a_mean_of_one_element_is_no_layer():
    """PyTorch refuses InstanceNorm of one element, and GroupNorm where a group is one."""
    conv = Choice(Conv, "2,3", out_channels=4)
    for word, sizes in (("instancenorm", [2]), ("groupnorm 4", [2]), ("groupnorm 2", [2, 1])):
        for parts in ([conv, word], residual(conv, word, project=False)):
            designs = list(Space(parts, 3, channels=3))
            assert [design.size(3) for design in designs] == sizes
            assert [read(design.code()).size(3) for design in designs] == sizes
    one = Space([Choice(Conv, 3), "instancenorm"], 3, channels=3)
    assert "needs a size of at least 2, and what comes before gives 1" in one.reason
    (cut,) = Space(Choice(Conv, 3), 3, channels=3)
    design = Branched([*cut, Operator("instancenorm")], channels=3)
    with pytest.raises(SizeError, match="more than one value"):
        design.network.size(3)


def test_what_is_read_behind_a_gate_is_printed():
    (design,) = Space([conv("3", out_channels=2), "squeeze-excite 2"], 9, channels=2)
    assert str(design).splitlines()[-1].split() == [
        *["Operator('squeeze-excite", "2')", "n", "1", "all", "7"]
    ]


def test_what_is_read_beside_a_crop_is_that_of_sizes_that_are_taken():
    """An odd size comes back whole, so nothing is cropped; an even one comes back too large."""
    down, up = Conv(2, 2), ConvTranspose(2, 2, output_padding=1)
    (design,) = Space(skip(down, up, join="add", fit="crop"), 7, axes=1)
    assert [design.accepts().first(), 8 in design.accepts()] == [3, False]
    assert design.receptive_field == 2  # by hand: y reads y, and 2*floor(y/2) with the next
    (cut,) = Space(skip(Conv(3), join="add", fit="crop"), 7, axes=1)
    assert cut.receptive_field == 3


def test_why_nothing_fits_behind_what_may_be_left_out():
    up = Choice(ConvTranspose, "2,4", 2, "0..1")
    pools = Choice("avgpool", "2..3", 2, "0..1"), Choice("avgpool", "2..3", 1, "floor(k/2)")
    first = optional(Choice(Conv, 2, "2..3", 2, dilation=3))
    space = Space([first, "gelu", residual(*pools, up)], [10, 13], axes=1)
    assert space.count == 0
    assert space.reason.startswith("nothing survives Block('add', [[AvgPool(2")


def test_letters_go_into_blocks():
    """What `let` says of a block is what `either` of all its numbers is."""
    one = let(residual(conv("k"), "relu", conv("k")), k="3,5")
    each = [residual(conv(k), "relu", conv(k)) for k in (3, 5)]
    assert list(Space(one, 9, 9)) == list(Space(either(*each), 9, 9))
    tied = let(skip(conv("k"), let(conv("q"), q="k,3")), k="3,5")  # q is 3, or 3 and 5
    assert Space(tied, 9, 9).count == 3
    dilated = repeat(residual(Choice(Conv, 3, dilation="2**i", padding="half")), 3)
    (design,) = Space(dilated, 9, 9)
    assert [block.branches[0][0].dilation for block in design] == [1, 2, 4]
    inner = residual(repeat(Choice(Conv, 3, dilation="2**i", padding="half"), 3))
    (design,) = Space(repeat(inner, 2), 30, 30)  # the innermost repetition counts
    assert [[layer.dilation for layer in block.branches[0]] for block in design] == [[1, 2, 4]] * 2
    with pytest.raises(SolverError, match="nothing says what q is"):
        Space(residual(conv("q")), 9, 9)


RELU = {"op": "relu"}

SPACE = {
    "input": 32,
    "output": 8,
    "channels": 3,
    "layers": [
        {"op": "conv", "kernel_size": [3, 7], "stride": 2, "padding": "half", "out_channels": 8},
        {
            "residual": [{"op": "conv", "kernel_size": 3, "padding": 1}, {"op": "relu"}],
            "repeat": "1..2",
        },
        {
            "branches": [
                [{"op": "conv", "kernel_size": 1, "stride": 2, "out_channels": [8, 16]}],
                [{"op": "maxpool", "kernel_size": 2}],
            ],
            "join": "concat",
        },
        {"skip": [{"op": "conv", "kernel_size": 3, "padding": 1, "out_channels": 4}]},
        {"op": "head 10", "optional": True},
    ],
}


def test_files_say_the_same():
    space = Space(**described(SPACE))
    parts = [
        Choice(Conv, {3, 7}, 2, "half", out_channels=8),
        repeat(residual(Choice(Conv, 3, padding=1), "relu"), "1..2"),
        parallel(Choice(Conv, 1, 2, out_channels="8,16"), MaxPool(2), join="concat"),
        skip(Choice(Conv, 3, padding=1, out_channels=4)),
        optional("head 10"),
    ]
    assert space.count == Space(parts, 32, 8, channels=3).count == 2 * 2 * 2 * 2
    assert {design.widths[-1] for design in space} == {20, 28}


def test_the_command_line(tmp_path):
    jsonschema = pytest.importorskip("jsonschema")
    file = tmp_path / "space.json"
    file.write_text(json.dumps(SPACE))
    shown = run("search", str(file), "--json")
    record = json.loads(shown.out)
    jsonschema.validate(record, schemas()["search"])
    assert record["designs"][0]["layers"][1]["branches"][1] == []
    code = run("search", str(file), "--format", "code").out
    network = read(code)
    design = Space(**described(SPACE)).best()[0]
    assert network.costs(32).macs.number == design.macs(32)
    assert network.costs().parameters == design.parameters


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: residual(), "needs a layer"),
        (lambda: skip(), "needs a layer"),
        (lambda: parallel(Conv(3)), "two or more"),
        (lambda: parallel(Conv(3), Conv(3), join="multiply"), "meet in one way"),
        (lambda: residual(Conv(3), project=1), "project is true, false"),
        (lambda: Operator("rellu"), "no such operation"),
        (lambda: Operator("relu 2"), "has no number"),
        (lambda: Operator("upsample 2.5"), "whole number"),
        (lambda: Operator("dropout 2"), "at most 1"),
        (lambda: Block("sum", []), "meet in one way"),
        (lambda: residual("head 10"), "behind all other layers"),
        (lambda: Space(["head 10", Conv(1)], 8).count, "behind all other layers"),
        (lambda: Space(["pixelshuffle 2"], 8, channels=3).count, "divisible by 4"),
        (lambda: Space(["pixelshuffle 2"], 8, channels=4, axes=1).count, "two axes"),
        (lambda: Space(residual(mirror(MaxPool(2), ConvTranspose(2, 2))), 8).count, "no block"),
        (lambda: described({"input": 8, "layers": [{"residual": []}]}), "list of layers"),
        (lambda: described({"input": 8, "layers": [{"branches": 3}]}), "list of branches"),
        (lambda: described({"input": 8, "layers": [{"op": "relu", "stride": 2}]}), "no stride"),
        (
            lambda: described({"input": 8, "layers": [{"skip": [{"op": "relu"}], "join": 1}]}),
            "word",
        ),
    ],
)
def test_refusals(make, words):
    with pytest.raises(SolverError, match=words):
        make()


def test_too_much_inside_is_said():
    space = Space(residual(repeat(Choice(Conv, "1..9", padding="half"), 40)), 9, 9)
    assert space.count == 5**40 * 1 or space.count > 10**20
    body = repeat(either(conv("1,3", out_channels="x2"), conv("5,7", out_channels="1..40")), 8)
    with pytest.raises(LimitError):
        print(Space(residual(body), 9, 9, channels=1, parameters="..1000").count)


# PyTorch


@pytest.mark.live
@pytest.mark.parametrize("ops", ["ccm", "cct"])
@pytest.mark.parametrize("seed", range(8))
def test_pytorch_runs_exactly_these(seed, ops):
    """The oracle is what PyTorch does: sizes, channels, parameters, and what does not run."""
    torch = pytest.importorskip("torch")
    case = BlockCase(seed, ops)
    draw = random.Random(seed)
    every = list(dict.fromkeys(rows(case.spec, case.channels)))
    x = torch.zeros(1, case.channels, *[case.n] * case.axes)
    for row in draw.sample(every, min(25, len(every))):
        told = measured(row, case.n, case.channels, case.axes)
        model = module(row, case.channels, case.axes).eval()
        try:
            shape = tuple(model(x).shape)
        except (RuntimeError, AssertionError):
            shape = None
        if told is None:
            assert shape is None or row_meets_by_chance(row)
            continue
        size, channels, sums = told
        assert shape == (1, channels, *[size] * case.axes)
        assert sum(p.numel() for p in model.parameters()) == sums["parameters"]
    for design in islice(case.space, 5):
        made: dict[str, object] = {}
        if len(design):
            exec(design.code(), made)  # what we print runs
            assert made["model"].eval()(x).shape[2:] == (case.m,) * case.axes
            parameters = sum(p.numel() for p in made["model"].parameters())
            assert parameters == design.parameters
    assert all(
        after(row_of(d, case.channels, case.axes), case.channels) for d in islice(case.space, 5)
    )


def row_meets_by_chance(row):
    """Branches of different strides meet at some size, and are no block all the same."""
    return "'block'" in repr(row)


def test_blocks_behind_mirrored_layers_keep_the_size():
    pair = mirror(MaxPool(2), ConvTranspose(2, 2))
    kept = Space([pair, residual(conv("1,3"))], 8, 4)
    assert [len(design) for design in kept] == [3, 3]
    lost = Space([pair, skip(MaxPool(2), ConvTranspose(1, 2), fit="crop", join="add")], 8)
    assert lost.count == 0
