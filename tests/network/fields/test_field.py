"""Receptive fields over graphs: against Distill's published table, and sets propagated by hand."""

from __future__ import annotations

import json
import random
from fractions import Fraction

import pytest
from cli_fixtures import bounded, run
from graphs import Draw
from published_networks import TABLE, network, wavenet

from solver import (
    Conv,
    ConvTranspose,
    MaxPool,
    SolverError,
    add,
    concat,
    crop,
    flatten,
    global_pool,
    linear,
    reshape,
    resize,
    trace,
    upsample,
)
from solver.frameworks import layer
from solver.layers.reads import Span
from solver.layers.window import Window
from solver.network.fields.field import Checkerboard, Field, Note, fields, phases
from solver.network.graph.along import PadBy
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.merging import Elementwise
from solver.network.graph.operation import Apply, Input
from solver.network.graph.shaping import MatMul, Permute, Reduce, Squeeze, Unflatten
from solver.network.graph.sizes import Sizes
from solver.network.graph.slicing import Slice
from solver.network.graph.walk import Node
from solver.network.network import Network
from solver.sizes.sizemap import SizeMap
from solver.sizes.slope import between, mean, smaller


@pytest.mark.parametrize("name", TABLE)
def test_distill_table(name):
    """Padding that keeps n/stride depends on n: the table has sizes the total stride divides."""
    net = network(name)
    found = fields(net)
    for letter in net.letters:
        span = found.of(net.outputs[0], letter).known
        assert (span.length, span.jump, span.padding) == TABLE[name][1]
        assert 32 % found.modulus.get(letter, 1) == 0
    assert found.notes == []


@pytest.mark.parametrize("seed", range(250))
def test_against_sets_by_hand(seed):
    size = 7 + seed % 23
    graph = Draw(seed, size).graph()
    net = graph.network
    assert [shape[2].number for shape in net.at(size).shapes] == [p.size for p in graph.places]
    given = fields(net, size)
    by_class = fields(net, residue=size)
    for at, place in enumerate(graph.places):
        field = given.of(at, "n")
        general = by_class.of(at, "n")
        if field.span is None:
            assert "jumps" in field.why
            continue
        for y in range(-3, place.size + 3):
            read = graph.positions(at, y)
            assert (field.span.first(y), field.span.last(y)) == (min(read), max(read))
        lengths = [len(range(field.span.first(y), field.span.last(y) + 1)) for y in range(60)]
        assert field.span.length == max(lengths)
        if general.span is not None:
            assert general.span == field.span


def test_random_graphs_reach_what_matters():
    """The graphs above hold every operation, branches that meet, and few unknown spans."""
    known, kinds = 0, set()
    for seed in range(250):
        graph = Draw(seed, 7 + seed % 23).graph()
        found = fields(graph.network, 7 + seed % 23)
        known += found.of(len(graph.network) - 1, "n").span is not None
        kinds |= {node.operation.title.partition("(")[0] for node in graph.network.nodes}
    assert known > 200
    assert {"add", "concat", "crop to fit", "slice", "Conv1D", "Upsample", "pad"} <= kinds
    assert {"Conv", "ConvTranspose", "MaxPool", "AvgPool", "part 1 along axis 2"} <= kinds


@pytest.mark.parametrize("seed", range(200))
def test_outputs_without_inputs(seed):
    """Strides past the kernel and dilated transposed layers leave whole phases without inputs."""
    graph = Draw(seed, 12, rare=True).graph(5)
    found = fields(graph.network, 12)
    for at in range(len(graph.places)):
        span = found.of(at, "n").span
        if span is None:
            continue
        lengths = []
        for y in range(-3, span.period + 3):
            read = graph.positions(at, y)
            assert set(span.reads(y)) == set(range(min(read), max(read) + 1) if read else ())
            lengths.append(len(span.reads(y)))
        assert span.length == max(lengths)
        assert span.full == (0 not in lengths)


def test_random_graphs_have_outputs_without_inputs():
    graphs = [Draw(seed, 12, rare=True).graph(5).network for seed in range(200)]
    spans = [fields(net, 12).of(len(net) - 1, "n").span for net in graphs]
    assert sum(span is not None and not span.full for span in spans) > 10
    assert sum(span is not None and span.length == 0 for span in spans) > 0


def told(tmp_path, layers):
    """Return what the command line says of layers in order, as JSON and as text."""
    file = tmp_path / "net.py"
    file.write_text(f"nn.Sequential({', '.join(layers)})", encoding="utf-8")
    code, out, err = run("network", str(file), "--json")
    assert (code, err) == (0, "")
    return json.loads(out), run("network", str(file)).out


@pytest.mark.parametrize("seed", range(60))
def test_the_command_line_says_the_same(seed, tmp_path):
    """Random layers as code, against the union of all that every output reads."""
    draw = random.Random(seed)
    layers, windows = [], []
    for _ in range(draw.randint(1, 5)):
        k, s, d = draw.randint(1, 4), draw.randint(1, 3), draw.choice((1, 1, 2, 3))
        p = draw.randint(0, 2)
        if draw.random() < 0.6:
            layers.append(f"nn.ConvTranspose1d(1, 1, {k}, {s}, {p}, dilation={d})")
            # input x adds to the outputs s*x - p + d*t
            windows.append(
                lambda y, k=k, s=s, p=p, d=d: {
                    (y + p - d * t) // s for t in range(k) if (y + p - d * t) % s == 0
                }
            )
        else:
            p, d = min(p, k // 2), 1
            layers.append(f"nn.MaxPool1d({k}, {s}, {p})")
            windows.append(lambda y, k=k, s=s, p=p: {s * y - p + t for t in range(k)})
    record, _ = told(tmp_path, layers)
    for depth, row in enumerate(record["layers"][1:], 1):
        lengths = set()
        for y in range(3 ** sum("Transpose" in word for word in layers[:depth])):
            read = {y}
            for window in reversed(windows[:depth]):
                read = set().union(*map(window, read))
            lengths.add(max(read) - min(read) + 1 if read else 0)
        assert (row["receptive_field"], row["receptive_field_least"]) == (
            max(lengths),
            min(lengths),
        )


def test_outputs_without_inputs_in_words(tmp_path):
    layers = ["nn.Conv1d(1, 1, 3)", "nn.ConvTranspose1d(1, 1, 2, stride=3, padding=2)"]
    record, text = told(tmp_path, layers)
    (output,) = record["outputs"]
    assert (output["receptive_field"], output["receptive_field_least"]) == (3, 0)
    assert output["padding"] is output["first_centre"] is None
    assert "receptive field 0 or 3, effective stride 1/3, the first output reads nothing" in text
    record, text = told(tmp_path, [*layers, "nn.MaxPool1d(1, 3)"])
    assert record["outputs"][0]["receptive_field"] == 0
    assert "receptive field 0, effective stride 1, the first output reads nothing" in text


def test_phases_without_inputs_have_no_middle():
    gaps = fields(trace(ConvTranspose(1, stride=2, padding=0), axes=1)).of(1, "n").known
    assert [gaps.reads(y) for y in range(3)] == [range(1), range(1, 1), range(1, 2)]
    assert (gaps.centre(0), gaps.centre(1), gaps.padding) == (0, None, 0)
    assert phases(gaps) == [(0, 0, 0), None]
    none = fields(trace(lambda x: MaxPool(1, 2)(ConvTranspose(3, 2, 1, dilation=2)(x)), axes=1))
    span = none.of(2, "n").known
    assert (span.length, span.jump, span.padding, span.offset) == (0, 1, None, None)


@pytest.mark.parametrize("layer", [ConvTranspose(1, 10**9), ConvTranspose(2, 10**9, dilation=7)])
def test_very_many_phases(layer):
    """What would have to be told apart phase by phase is a limit, and said to be one."""
    net = trace(lambda x: Conv(3)(layer(x)), axes=1)
    assert "told apart" in fields(net).of(2, "n").why
    assert fields(net).checkerboards[0].overlaps == (1, 0)


def test_every_class_of_sizes():
    """Padding in words begins where n says: the class is stated, and the answer of each differs."""

    def net(x):
        for _ in range(2):
            x = layer("keras", "Conv1D", kernel_size=3, strides=2, padding="same")(x)
        return x

    traced = trace(net, axes=1)
    assert fields(traced).holds_for("n") == "n = 0 (mod 4)"
    assert fields(traced, residue=5).holds_for("n") == "n = 1 (mod 4)"
    paddings = [fields(traced, residue=r).of(2, "n").known.padding for r in range(4)]
    assert paddings == [0, 3, 2, 1]
    assert fields(traced, 9).holds_for("n") == "n = 9"
    for n in range(1, 40):
        assert fields(traced, n).of(2, "n") == fields(traced, residue=n).of(2, "n")


def test_a_resizing_reads_by_the_defaults_of_its_framework():
    onnx = layer("onnx", "Resize", scales=[2.0], mode="linear")
    assert "receptive field 2," in str(trace(onnx, axes=1))
    shrunk = trace(layer("jax", "resize", shape=(4,), method="linear"), axes=1)
    assert "antialiased" in str(shrunk.there(8))


def test_everything():
    def excite(x):
        scale = linear(flatten(global_pool(x)), 1)
        return x * reshape(scale, 1, 1)

    net = trace(excite, axes=1)
    assert fields(net).of(net.outputs[0], "n") == Field(2, None)
    with pytest.raises(SolverError, match="no span"):
        print(fields(net).of(net.outputs[0], "n").known)
    head = trace(lambda x: linear(flatten(Conv(3)(x)), 10))
    found = fields(head)
    assert "mixes axes" in found.of(2, "h").why
    assert found.of(3, "h").everything
    attention = trace(
        lambda x: (
            x.then(Permute((0, 2, 1))).then(MatMul(), x).then(MatMul(), x.then(Permute((0, 2, 1))))
        ),
        channels=4,
        axes=1,
    )
    found = fields(attention)
    assert "two axes" in found.of(2, "n").why
    assert found.of(attention.outputs[0], "n").everything


def test_axes_move():
    """A convolution behind a permutation reads along the axis that came there."""
    swap = Permute((0, 1, 3, 2))
    net = trace(lambda x: Conv((3, 1))(Conv((5, 1))(x).then(swap)))
    found = fields(net)
    lengths = {letter: found.of(3, letter).known.length for letter in "hw"}
    assert lengths == {"h": 5, "w": 3}
    assert (found.of(3, "h").axis, found.of(3, "w").axis) == (3, 2)
    # channels and an axis swapped: the convolution reads every channel
    net = trace(lambda x: Conv(3)(x.then(Permute((0, 2, 1)))), channels=8, axes=1)
    assert fields(net).of(2, "n").everything


def test_places_and_parts():
    net = trace(lambda x: Conv(3)(x).then(Slice(2, 4, 5)).then(Squeeze((2,))), axes=1)
    field = fields(net).of(3, "n")
    assert field.axis is None
    assert (field.known.first(99), field.known.last(99), field.known.jump) == (4, 6, 0)
    last = trace(lambda x: Conv(3)(x).then(Slice(2, -1)), axes=1)
    assert "give the sizes" in fields(last).of(2, "n").why
    assert fields(last, 10).of(2, "n").known.first(0) == 7
    behind = trace(lambda x: concat(x, x, axis=2), axes=1)
    assert "piece by piece" in fields(behind, 5).of(1, "n").why


def test_crop_begins_with_the_class():
    """The original U-Net: on n = 12 (mod 16) crops are alike at both ends."""

    def double(x):
        return Conv(3)(Conv(3)(x))

    def unet(x):
        skips = []
        for _ in range(4):
            x = double(x)
            skips.append(x)
            x = MaxPool(2)(x)
        x = double(x)
        for skip in reversed(skips):
            x = ConvTranspose(2, stride=2)(x)
            x = double(concat(crop(skip, like=x), x))
        return x

    net = trace(unet, axes=1)
    found = fields(net, residue=12)
    span = found.of(net.outputs[0], "n").known
    assert found.holds_for("n") == "n = 12 (mod 16)"
    # 572 -> 388: the middle of the output is that of the input
    read = fields(net, 572).of(net.outputs[0], "n").known
    assert read == span
    assert (read.first(0), read.last(387)) == (0, 571)
    assert span.jump == 1
    assert span.offset == 92
    assert found.notes == []


def test_notes_where_centres_differ():
    def net(x):
        down = Conv(3, stride=2, padding=1)(x)  # around the elements 0, 2, 4, ...
        return concat(x, upsample(down, 2))

    found = fields(trace(net, axes=1))
    assert found.notes == [Note(3, "n", (0, Fraction(-1, 2)))]
    even = trace(lambda x: concat(x, upsample(MaxPool(2)(x), 2)), axes=1)
    assert fields(even).notes == []


def test_jumps_that_differ_are_named():
    net = trace(lambda x: add(crop(x, like=MaxPool(2)(x)), MaxPool(2)(x)), axes=1)
    assert "depends on the size" in fields(net).of(4, "n").why
    assert fields(net, 8).of(4, "n").why == "branches with jumps 1 and 2 meet"


def test_resizing_to_fit():
    net = trace(lambda x: add(x, resize(MaxPool(2)(x), like=x)), axes=1)
    assert fields(net).of(2, "n").span == Window(2, 2).transposed.behind(Window(2, 2).behind())
    assert fields(net).holds_for("n") == "n = 0 (mod 2)"
    assert "give the sizes" in fields(net, residue=1).of(2, "n").why
    span = fields(net, 7).of(2, "n").known  # 3 outputs for 7 places
    assert [span.first(y) // 2 for y in range(7)] == [y * 3 // 7 for y in range(7)]


def test_checkerboards_and_phases():
    net = trace(lambda x: ConvTranspose(5, stride=3)(ConvTranspose(4, 2, 1)(x)), axes=1)
    assert fields(net).checkerboards == [Checkerboard(2, "n", (2, 2, 1))]
    dilated = trace(ConvTranspose(3, stride=2, dilation=2), axes=1)
    assert fields(dilated).checkerboards == [Checkerboard(1, "n", (3, 0))]
    assert fields(trace(lambda x: upsample(x, 2), axes=1)).checkerboards == []
    span = fields(net).of(1, "n").known
    assert [tuple(phase) for phase in phases(span)] == [
        (-1, 0, Fraction(-1, 2)),
        (0, 1, Fraction(1, 2)),
    ]


def test_what_is_not_understood():
    net = trace(Conv(3), axes=1)
    assert fields(net).of(1, "n").known.length == 3
    with pytest.raises(SolverError, match="must fit"):
        fields(net, 2)


def test_a_constant_reads_nothing():
    n = Dim.letter("n")
    nodes = [
        Node("x", Input((Dim(1), Dim(4), n))),
        Node("bias", Become("constant", (Dim(4), Dim(1)))),
        Node("conv", Apply(Conv(3)), (0,)),
        Node("sum", Elementwise("add"), (2, 1)),
    ]
    found = fields(Network(nodes))
    assert found.of(1, "n") is None
    assert found.of(3, "n").known.length == 3


@pytest.mark.parametrize("causal", [True, False])
def test_deep_stacks_cost_nothing(causal):
    net = wavenet(causal)
    with bounded(200_000):
        span = fields(net).of(net.outputs[0], "n").known
    assert span.length == 3 * 1023 + 1


def test_two_maps_of_one_slope():
    maps = [
        SizeMap.line(1, b, p, scale, offset)
        for p, scale in ((1, 1), (2, 2), (3, 3), (2, 1), (4, 2))
        for b in (0, 1)
        for offset in (0, 1, -2)
    ]
    compared = 0
    for one in maps:
        for other in maps:
            if one.rise * other.period != other.rise * one.period:
                with pytest.raises(SolverError, match="one slope"):
                    between(one, other)
                continue
            apart = [other(y) - one(y) for y in range(-24, 24)]
            assert between(one, other) == (min(apart), max(apart))
            least = smaller(one, other)
            assert all(least(y) == min(one(y), other(y)) for y in range(-24, 24))
            compared += 1
        values = [Fraction(one(y)) - Fraction(one.rise, one.period) * y for y in range(12)]
        assert Fraction(*mean(one)) == sum(values) / 12
    assert compared > 200
    assert Span(SizeMap.line(1, 0, 10**9), SizeMap.line(1, 5, 10**9)).length == 2


def test_operations_carry_what_they_read():
    """Axes that are summed up are read whole, the rest where it is; what is added is no element."""
    n = Dim.letter("n")
    shape = (Dim(1), Dim(8), n)
    for operation, wanted in (
        (Reduce("mean", (1,)), [(0, Window()), (1, None), (2, Window())]),
        (Reduce("mean", (1,), keep=False), [(0, Window()), (None, None), (1, Window())]),
        (Reduce("sum"), [(0, None), (1, None), (2, None)]),
        (
            PadBy(((Dim(0), Dim(0)), (Dim(0), Dim(0)), (Dim(0), Dim(3)))),
            [(axis, Window()) for axis in range(3)],
        ),
        (Unflatten(1, (2, 4)), [(0, Window()), (None, None), (3, Window())]),
    ):
        out = operation.shape([shape], lambda *_: None)
        (row,) = operation.reads([shape], out, Sizes())
        assert [(link.to, link.window) for link in row] == wanted
        assert not any(link.why and not link.every for link in row)
