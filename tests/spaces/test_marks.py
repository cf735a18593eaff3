"""Marks against every stack written out: count, members, order, the best, reasons."""

from __future__ import annotations

import json

import pytest
from cli_fixtures import line
from marks import MarkCase

import solver
from solver import (
    Choice,
    Conv,
    ConvTranspose,
    MaxPool,
    SolverError,
    Space,
    Stack,
    either,
    let,
    mark,
    optional,
    read,
    repeat,
    skip,
    through,
)
from solver.layers.branching import Block, Branched
from solver.layers.marking import Mark
from solver.layers.operators import Operator
from solver.render.stack import Stacked
from solver.spaces.words import described

LAYERS = {"Block": Block, "Branched": Branched, "Operator": Operator}
LAYER = Choice(Conv, "3,5", "1,2", "1,2")
REP = repeat(LAYER, "1..3")


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("ops", ["ccm", "cct"])
@pytest.mark.parametrize("seed", range(24))
def test_every_stack(seed, ops, every):
    case = MarkCase(seed, ops, every)
    space, draw = case.space, case.draw
    designs = list(space)
    assert sorted(map(repr, map(case.row, designs))) == sorted(map(repr, case.good))
    assert space.count == len(case.good)
    for i in draw.sample(range(len(designs)), min(4, len(designs))):
        assert space[i] == designs[i]
        assert space.index(designs[i]) == i
    assert (space.reason is None) == bool(case.good)
    costs = draw.sample(("depth", "parameters", "receptive_field"), 2)
    by = [draw.choice(("", "-")) + cost for cost in costs]
    ranked = sorted(vector(design, by) for design in designs)
    assert [vector(design, by) for design in space.best(1, by=by)] == ranked[:1]
    every_one = space.best(7, by=by, distinct=False)
    assert [vector(design, by) for design in every_one] == ranked[:7]
    assert [vector(design, by) for design in space.best(3, by=by)][:1] == ranked[:1]
    front = {v for v in ranked if not any(w != v and w[0] <= v[0] and w[1] <= v[1] for w in ranked)}
    assert {vector(design, by) for design in space.pareto(*by)} == front


def vector(design, by):
    def cost(name):
        if name == "depth":
            return getattr(design, "depth", len(design))
        return getattr(design, name)

    return tuple(-cost(word[1:]) if word[0] == "-" else cost(word) for word in by)


def test_repetitions_pass_through_sizes_in_order():
    layer = Choice(Conv, "3,5", "1,2", "1,2")
    whole = Space(repeat(layer, "3..5"), 224, "5..9")

    def passes(design, sizes):
        left = list(sizes)
        for size in design.sizes(224):
            while left and size in left[0]:
                left.pop(0)
        return not left

    for words, sizes in (
        ("56,28,14", [{56}, {28}, {14}]),
        (["50..60", 28, "10..16"], [range(50, 61), {28}, range(10, 17)]),
        ("100..120, 100..120", [range(100, 121)] * 2),  # one size may be several of them
        ([224], [{224}]),
    ):
        space = Space(repeat(layer, "3..5", through=words), 224, "5..9")
        good = [design for design in whole if passes(design, sizes)]
        assert space.count == len(good)
        assert set(space) == set(good)
        assert space.states < whole.count
        assert eval(repr(space), {**vars(solver), "Choice": Choice}) == space


def test_a_pyramid_keeps_its_strides():
    """Four marks: features at strides 4, 8, 16 and 32 for every n; PyTorch returns all four."""
    space = Space.load("examples/pyramid.toml")
    assert space.reason is None
    design = space.best(by="macs")[0]
    assert list(design.outputs(224)) == ["c2", "c3", "c4", "c5"]
    for n in range(33, 130):
        assert list(design.outputs(n).values()) == [-(-n // s) for s in (4, 8, 16, 32)]
    fields = [design.spans()[at - 1].length for at in design.output_places.values()]
    assert fields == sorted(fields)
    record = Stacked(design, (224, 224)).record()
    assert [each["size"] for each in record["outputs"]] == [56, 28, 14, 7]
    assert [each["jump"] for each in record["outputs"]] == [4, 8, 16, 32]
    network = read(design.code())
    assert [str(network.size(n, name)) for n in (224, 97) for name in network.names] == [
        str(size) for n in (224, 97) for size in design.outputs(n).values()
    ]
    assert design.network.names == ("c2", "c3", "c4", "c5")
    assert space.index(design) == space.index(eval(repr(design), {**vars(solver), **LAYERS}))


@pytest.mark.live
@pytest.mark.parametrize("seed", range(30))
def test_pytorch_gives_the_sizes_at_marks(seed):
    """Every output of a design as PyTorch returns it, from its code."""
    import torch

    case = MarkCase(seed, "cct")
    for design in case.space[:6]:
        if not getattr(design, "marked", False):
            continue
        scope = {}
        exec(design.code(), scope)
        for n in case.inputs:
            with torch.no_grad():
                found = scope["model"].eval()(torch.zeros(2, case.channels, n))
            found = found if isinstance(found, tuple) else (found,)
            assert [each.shape[2] for each in found] == list(design.outputs(n).values())


def test_a_latent_size_in_between():
    down = Choice(Conv, "3..4", "1,2", 1)
    up = Choice(ConvTranspose, "3..4", "1,2", 1)
    rows = [repeat(down, "2..4"), mark(4, "latent"), repeat(up, "2..4")]
    space = Space(rows, 32, 32, axes=1)
    free = Space([repeat(down, "2..4"), repeat(up, "2..4")], 32, 32, axes=1)
    good = [design for design in free if 4 in design.sizes(32) and meets(design)]
    assert {tuple(each for each in design if not isinstance(each, Mark)) for design in space} == {
        tuple(design) for design in good
    }
    assert all(design.outputs(32) == {"latent": 4, "output": 32} for design in space)


def meets(design):
    kinds = [layer.operation.transposed for layer in design]
    at = kinds.index(True) if True in kinds else len(kinds)
    return design.sizes(32)[at] == 4


def test_goals_in_letters():
    conv = Choice(Conv, "s..2*s", "s", "half")
    asked = let(repeat(conv, 2), s="2..4"), "n", "ceil(n/s**2)"
    space = Space(*asked)
    each = [
        Space(repeat(Choice(Conv, f"{s}..{2 * s}", s, "half"), 2), "n", f"ceil(n/{s * s})")
        for s in (2, 3, 4)
    ]
    assert space.count == sum(one.count for one in each)
    assert set(space) == {design for one in each for design in one}
    marked = Space(let([repeat(conv, "L"), mark("ceil(n/s**L)")], s="2,3", L="1..3"), "n")
    assert {design[-1].asked for design in marked} == {
        f"ceil(n/{s**power})" for s in (2, 3) for power in (1, 2, 3)
    }


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (
            lambda: Space([REP, mark(50, "c4"), REP], 224),
            "no design has 50 at c4: the nearest that can come there: 30 and 53",
        ),
        (
            lambda: Space([REP, through(112), REP], 224, 7),
            "no design that has 112 on the way gives 7: the nearest that can come out: 13",
        ),
        (
            lambda: Space([LAYER, mark("ceil(n/4)", "c2"), REP], "n"),
            "no design has ceil(n/4) at c2: it needs a total stride of 4 there, possible are 1, 2",
        ),
        (
            lambda: Space([LAYER, mark("ceil(n/2) + 7"), REP], "n"),
            "no design has ceil(n/2) + 7 on the way: "
            "the stride is possible, but no padding and kernels fit it",
        ),
        (
            lambda: Space([LAYER, mark("ceil(n/2)", "c1", receptive_field="7.."), REP], "n"),
            "no design has ceil(n/2) at c1 with receptive field 7.. there",
        ),
        (
            lambda: Space([REP, mark([28, "18"], "c4"), REP], [224, 112]),
            "no design has 28, 18 at c4: the nearest that can come there: 16 and 25 for 112",
        ),
        (
            lambda: Space(repeat(LAYER, 3, through="112, 60"), 224),
            "each mark can be had on its own, "
            "but no design has all of 112 on the way, 60 on the way",
        ),
    ],
)
def test_reasons(make, reason):
    assert make().reason == reason


def test_what_marks_cost():
    space = Space([REP, mark("50..60", "c2"), REP, through(28), REP], 224, "5..20", depth="..5")
    parts = {
        "depth": Space([REP, mark("50..60", "c2"), REP, through(28), REP], 224, "5..20"),
        "mark c2": Space([REP, mark(name="c2"), REP, through(28), REP], 224, "5..20", depth="..5"),
        "through 28": Space([REP, mark("50..60", "c2"), REP, REP], 224, "5..20", depth="..5"),
    }
    assert space.without == {name: one.count for name, one in parts.items()}
    free = Space([REP, mark(name="c2"), REP, REP], 224, "5..20", depth="..5")
    assert space.relaxed(marks=None).count == free.count


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: mark(56, recep=3), "a mark has no such limit"),
        (lambda: mark(56, "a b"), "an output has a name"),
        (lambda: mark("n > 4"), "a mark has a size, not a condition"),
        (lambda: through(None), "through() needs a size or a limit"),
        (lambda: Space([LAYER, mark(56)], "n"), "mark 56: a design's output grows with n"),
        (
            lambda: Space([LAYER, mark("n/3")], 112),
            "mark n/3: an output size must be a whole number",
        ),
        (lambda: Space([LAYER, mark(56)], [112, 56]), "mark 56: several inputs need a list"),
        (lambda: Space([LAYER, mark("ceil(n/m)")], "n"), "nothing says what m is"),
        (
            lambda: skip(MaxPool(2), mark("n/2"), ConvTranspose(2, 2)),
            "a mark stands before or behind",
        ),
        (lambda: repeat(LAYER, 3, through="56,"), "sizes that are passed through stand in order"),
        (lambda: Space([LAYER, mark()], "n", where="n > 3"), "a condition narrows n, so an output"),
    ],
)
def test_what_is_wrong_is_said(make, text):
    with pytest.raises(SolverError) as fault:
        Space([make()], 112) if not isinstance(made := make(), Space) else made
    assert text in str(fault.value)


@pytest.mark.parametrize("size", ["..10", "3..12", "13"])
def test_marks_at_the_input_are_no_layers(size):
    """Sizes between the input and the output are limited: the input at a mark is none of them."""
    down, keep = Choice(Conv, "2..4", "1,2", "0,1"), Choice(Conv, 3, 1, 1)
    parts = optional(keep), down, optional(keep)
    limits = {"sizes": size, "receptive_field": "3.."}
    whole = set(map(tuple, Space([*parts], 13, **limits)))
    found = list(Space([parts[0], mark(13), *parts[1:]], 13, **limits))
    good = set()
    for layers in whole:
        starts = [1, 0] if layers[:1] == (Conv(3, padding=1),) else [0]
        good |= {(*layers[:i], "mark", *layers[i:]) for i in starts if tail(layers[i:], parts[1:])}
    said = {tuple("mark" if isinstance(x, Mark) else x for x in design) for design in found}
    assert len(said) == len(found)
    assert said == good


def tail(layers, parts):
    return Stack(list(layers)) in Space([*parts], "n")


def test_files_and_the_command_line():
    rows = [
        {"op": "conv", "kernel_size": "3,5", "stride": 2, "padding": "half"},
        {"mark": "ceil(n/2)", "name": "c1", "jump": 2},
        {
            "op": "conv",
            "kernel_size": 3,
            "stride": "1,2",
            "padding": 1,
            "repeat": "1..3",
            "through": ["ceil(n/4)"],
        },
        {"through": "ceil(n/8)"},
    ]
    space = Space(**described({"input": "n", "layers": rows}))
    conv = Choice(Conv, 3, "1,2", 1)
    parts = [
        Choice(Conv, "3,5", 2, "half"),
        mark("ceil(n/2)", "c1", jump=2),
        repeat(conv, "1..3", through="ceil(n/4)"),
        through("ceil(n/8)"),
    ]
    assert space == Space(parts, "n")
    ended = line("convsolver search --input 224 --output 7 --through 56,28,14 --depth 5 -k 3,5")
    assert ended.code == 0
    assert " designs for 224 -> 56 -> 28 -> 14 -> 7" in ended.out.splitlines()[0]
    assert space.count == 2 * (1 + 3)  # strides 2 and 2, and none or one of 1 at three places


def test_an_input_that_is_an_output():
    space = Space([mark("...", "m"), Choice(Conv, "3,5"), "relu"], 16, axes=1, channels=2)
    assert [space.index(design.network) for design in space] == [0, 1]


def test_records_with_marks_are_read_back():
    layer = Choice(Conv, "s", "s")
    tied = let([layer, mark("n/s", "m"), "relu"], s="2,4")
    for part in (
        [Choice(Conv, "3,5"), mark("8..14", "m", receptive_field="..9"), "relu"],
        [mark("...", "m"), Choice(Conv, "3,5")],
        [either(Conv(3), [Conv(3), mark(14, "m")]), optional("relu")],
        tied,
    ):
        space = Space(part, 16, axes=1, channels=2)
        records = json.loads(json.dumps([design.record() for design in space]))
        assert [space.index(one) for one in records] == list(range(space.count))
        other = {"op": "mark", "name": "other", "size": None}
        assert {"layers": [*records[0]["layers"], other]} not in space
