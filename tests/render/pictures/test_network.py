"""A network in a picture, read back."""

import pytest
from render.pictures.read_back import look, marks

from solver import Conv, ConvTranspose, MaxPool, read, trace
from solver.network.tensor import concat


def unet(x):
    skips = []
    for _ in range(2):
        x = Conv(3, padding=1)(x)
        skips.append(x)
        x = MaxPool(2)(x)
    for skip in reversed(skips):
        x = concat(ConvTranspose(2, stride=2)(x), skip)
    return x


def test_bars_are_as_long_as_the_sizes():
    net = trace(unet)
    found = marks(net.draw(64))
    walk = net.at(64)
    sides = {layer: int(each.get("data-side")) for layer, each in found["layer"]}
    assert sides == {
        node.name: shape[-1].at({"h": 64, "w": 64})
        for node, shape in zip(net.nodes, walk.shapes, strict=True)
    }
    longest = max(float(each.get("width")) for _, each in found["layer"])
    for layer, each in found["layer"]:
        assert float(each.get("width")) == pytest.approx(longest * sides[layer] / 64, abs=0.01)


def test_arcs_are_the_skips():
    net = trace(unet)
    arcs = {(start, each.get("data-to")) for start, each in marks(net.draw(64))["from"]}
    names = [node.name for node in net.nodes]
    skips = {
        (names[i], node.name)
        for at, node in enumerate(net.nodes)
        for i in node.inputs
        if i != at - 1
    }
    assert arcs == skips
    assert len(skips) == 2


def test_what_does_not_fit_is_told_where_it_is():
    net = trace(unet)
    walk, fault = net.run(65)
    found = marks(net.draw(65))
    ((said, each),) = found["fault"]
    assert said == fault.received
    assert each.get("data-layer") == net.nodes[len(walk.shapes)].name


@pytest.mark.parametrize("n", [None, 64, 66])
def test_the_ruler_is_that_of_the_inputs_that_run(n):
    net = trace(unet)
    runs = marks(net.draw(n))["runs"]
    assert {int(x) for x, each in runs if look(each) == "fix"} == {
        int(x) for x, _ in runs if net.runs(int(x))
    }


def test_layers_that_repeat_are_drawn_once():
    lines = "\n".join(["nn.Conv2d(3, 3, 3, padding=1), nn.ReLU()," * 60])
    picture = read(f"nn.Sequential({lines})").draw()
    assert picture.height < 3000
