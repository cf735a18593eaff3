"""Stacks: sizes, receptive fields and costs against counting, SymPy and published figures."""

from __future__ import annotations

import pickle
import random

import pytest
from designs import costs, key, random_place, size, span

from solver import AvgPool, Conv, ConvTranspose, MaxPool, SizeError, SizeMap, SolverError, Stack, n
from solver.layers.own import LAYERS

WAV2VEC2 = Stack(
    [Conv(k, stride=s) for k, s in zip((10, 3, 3, 3, 3, 2, 2), (5, 2, 2, 2, 2, 2, 2), strict=True)],
    axes=1,
)


def vgg16() -> Stack:
    layers: list = []
    before = 3
    for block, width in zip((2, 2, 3, 3, 3), (64, 128, 256, 512, 512), strict=True):
        for _ in range(block):
            layers.append(Conv(3, padding=1, in_channels=before, out_channels=width))
            before = width
        layers.append(MaxPool(2))
    return Stack(layers)


def test_published_figures():
    """wav2vec 2.0's feature extractor, and VGG-16's as its paper and Distill's table give it."""
    assert WAV2VEC2.formula == "floor((n - 80)/320)"
    assert (WAV2VEC2.receptive_field, WAV2VEC2.jump, WAV2VEC2.minimum()) == (400, 320, 400)
    vgg = vgg16()
    assert (vgg.receptive_field, vgg.jump, vgg.size(224)) == (212, 32, 7)
    assert vgg.parameters == 14_714_688  # the convolutions, as torchvision counts them
    assert vgg.macs(224) == 15_346_630_656


def random_stack(draw: random.Random) -> Stack:
    layers = []
    for _ in range(draw.randint(1, 4)):
        rows = list(random_place(draw, "ccmat").layers())
        if rows:
            op, k, s, p, d, a, ceil, _ = draw.choice(rows)
            more = {"ceil_mode": True} if ceil else {}
            if op == "conv_transpose":
                more["output_padding"] = a
            if op != "avgpool":
                more["dilation"] = d
            layers.append(LAYERS[op](k, stride=s, padding=p, **more))
    return Stack(layers, axes=draw.choice((1, 2)))


@pytest.mark.parametrize("seed", range(80))
def test_against_counting(seed):
    stack = random_stack(random.Random(seed))
    row = key(stack)
    size_map, least = stack.size_map(), stack.minimum()
    for m in range(1, 40):
        at: int | None = m
        for layer in row:
            at = size(layer, at) if at else None
        assert (at is None) == (m < least)
        if at is None:
            with pytest.raises(SizeError, match=r"layer . of \d"):
                stack.size(m)
            continue
        assert stack.size(m) == size_map(m) == at
        known = costs(row, list(stack.sizes(m)), 1, stack.axes)
        assert (stack.macs(m), stack.activations(m)) == (known["macs"], known["activations"])
        assert stack.macs(n).subs(n, m) == known["macs"] if known["macs"] else True
        assert stack.size(n).subs(n, m) == at
    assert stack.receptive_field == span(row)
    names = {c.__name__: c for c in (Stack, Conv, ConvTranspose, MaxPool, AvgPool)}
    assert eval(repr(stack), names) == stack == pickle.loads(pickle.dumps(stack))


def test_several_axes():
    stack = Stack([Conv((3, 5), stride=(1, 2)), MaxPool(2)])
    assert stack.axes == 2
    assert stack.sizes((10, 20)) == ((10, 20), (8, 8), (4, 4))
    assert [str(stack.size_map(axis)) for axis in (0, 1)] == ["floor(n/2) - 1", "floor((n - 3)/4)"]
    assert stack.size((n, n))[1].subs(n, 20) == 4
    assert stack.macs((10, 20)) == 15 * 64
    assert stack.size(SizeMap.line(2))[0] == SizeMap.line(1, -1)
    with pytest.raises(SolverError, match="number of axes"):
        Stack([Conv((3, 5)), Conv((3, 5, 7))])


def test_channels():
    stack = Stack(
        [Conv(3, out_channels=8), MaxPool(2), Conv(3, groups=2, out_channels=6)], channels=4
    )
    assert stack.widths == (4, 8, 8, 6)
    assert stack.parameters == (9 * 4 * 8 + 8) + (9 * 4 * 6 + 6)
    assert "channels=4" in repr(stack)
    with pytest.raises(SolverError, match=r"layer 1 of 1, .*in_channels"):
        Stack([Conv(3, in_channels=8)], channels=4)


def test_as_a_sequence():
    layers = [Conv(3), MaxPool(2)]
    stack = Stack(layers)
    assert (list(stack), len(stack), stack[-1]) == (layers, 2, layers[1])
    assert stack != Stack(layers, axes=1)
    assert hash(stack) == hash(Stack(layers))
    with pytest.raises(AttributeError, match="immutable"):
        stack.axes = 3


def test_notebooks_show_a_table():
    html = Stack([Conv(3, padding=1)])._repr_html_()
    assert "<th>receptive field</th>" in html
    assert "<td>Conv(3, padding=1)</td><td>n</td>" in html


def test_three_axes_are_stricter_for_average_pooling():
    stack = Stack([AvgPool(3, 1, 1)], axes=3)
    assert stack.minimum() == 3
    for size_of in (stack.size, stack.macs):
        with pytest.raises(SizeError, match="too small"):
            size_of(2)


@pytest.mark.parametrize("sizes", [(9,), (9, 9, 9), (n, 9, 9)])
def test_an_input_has_one_size_per_axis(sizes):
    with pytest.raises(SolverError, match="one size per axis"):
        Stack([Conv((3, 3))], axes=2).macs(sizes)
