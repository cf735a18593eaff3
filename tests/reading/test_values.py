"""Sizes that models compute with, against the same arithmetic on numbers, at many n."""

from __future__ import annotations

import random
from math import floor

import pytest

from solver.errors import SolverError
from solver.network.graph import values
from solver.network.graph.demand import EQUAL, Demand
from solver.network.graph.dim import Dim, Inexpressible
from solver.network.graph.operation import Input
from solver.network.graph.shaping import Reshape
from solver.network.graph.validity import valid
from solver.network.graph.values import Ratio
from solver.network.graph.walk import Node
from solver.network.network import Network
from solver.sizes.sizemap import SizeMap

H, W = Dim.letter("h"), Dim.letter("w")


def drawn(draw: random.Random, depth: int = 3) -> Dim:
    """Return a random dimension: maps of two letters, added and multiplied."""
    if depth == 0 or draw.random() < 0.2:
        return draw.choice((H, W, Dim(draw.randint(1, 5))))
    one = drawn(draw, depth - 1)
    kind = draw.randrange(4)
    if kind == 0:
        return one + drawn(draw, depth - 1)
    if kind == 1:
        return one * drawn(draw, depth - 1)
    if kind == 2:
        return one + draw.randint(-3, 3)
    period = draw.randint(2, 4)
    try:
        return one.through(SizeMap.line(1, draw.randint(0, period), period))
    except Inexpressible:
        return one


@pytest.mark.parametrize("seed", range(100))
def test_sums_and_products(seed):
    draw = random.Random(seed)
    one, two = drawn(draw), drawn(draw)
    for _ in range(30):
        at = {"h": draw.randint(1, 50), "w": draw.randint(1, 50)}
        x, y = one.at(at), two.at(at)
        assert (one + two).at(at) == (two + one).at(at) == x + y
        assert (one * two).at(at) == (two * one).at(at) == x * y
        assert (one + two * -1).at(at) == x - y
        assert one.on("n").at({"n": at["h"]}) == one.at({"h": at["h"], "w": at["h"]})
        assert one.bind(at).at({}) == x
        try:
            rest, divisor = one.over(two)
        except SolverError:
            continue
        assert rest.at(at) * y == x * divisor
    assert one + two == two + one
    assert one + two + two * -1 == one
    if not (one.more or two.more or two.number == 0):
        assert (one * two).over(two) == (one, 1)


def test_sums_in_normal_form():
    assert str(H * W + 1 + H * W) == "2*h*w + 1"
    assert H + W + -1 == (H + -1) + W == H + (W + -1)
    assert H + W + W * -1 == H
    assert (H * W + 1) * 3 == H * W * 3 + 3
    assert str(H * W * 4 + (H + -2) * W * -1) == "-(h - 2)*w + 4*h*w"


@pytest.mark.parametrize("number", [50, 57, 65, 5])
def test_a_sum_asked_to_be_a_number(number):
    tokens = H.through(SizeMap.line(1, 0, 4)) * W.through(SizeMap.line(1, 0, 4)) + 1
    found = Demand(0, "", tokens, Dim(number), EQUAL).inputs()
    assert [n for n in range(1, 60) if n in found] == [
        n for n in range(1, 60) if (n // 4) ** 2 + 1 == number
    ]
    found = Demand(0, "", tokens + H * -30, Dim(number), EQUAL).inputs()
    assert [n for n in range(1, 999) if n in found] == [
        n for n in range(1, 999) if (n // 4) ** 2 + 1 - 30 * n == number
    ]


@pytest.mark.parametrize("window", [1, 2, 5, 7])
def test_windows_of_an_image(window):
    """A view as whole windows asks each axis for a multiple, letter by letter."""
    whole = [each.through(SizeMap.line(1, 0, window)) for each in (H, W)]
    side = Dim(window)
    to = (Dim(1), whole[0], side, whole[1], side, Dim(4))
    shape = (Dim(1), H, W, Dim(4))
    network = Network([Node("x", Input(shape)), Node("view", Reshape(to), (0,))])
    for letter in "hw":
        found = valid(network, letter).inputs
        assert [n for n in range(1, 40) if n in found] == [
            n for n in range(1, 40) if n % window == 0
        ]
    runs = []
    for h in range(1, 20):
        for w in range(1, 20):
            try:
                network.at({"h": h, "w": w})
            except SolverError:
                continue
            runs.append((h, w))
    assert runs == [
        (h, w) for h in range(1, 20) for w in range(1, 20) if h % window == w % window == 0
    ]


TWO = {
    values.plus: lambda x, y: x + y,
    values.minus: lambda x, y: x - y,
    values.times: lambda x, y: x * y,
    values.modulo: lambda x, y: x % y,
    values.least: min,
    values.most: max,
    values.equal: lambda x, y: x == y,
    values.less: lambda x, y: x < y,
}


@pytest.mark.parametrize("rule", TWO)
def test_arithmetic(rule):
    draw = random.Random(7)
    known = 0
    for _ in range(200):
        one = H.through(SizeMap.line(draw.randint(1, 3), draw.randint(0, 4), draw.randint(1, 4)))
        two = Dim(draw.randint(1, 6)) if draw.random() < 0.7 else one + draw.randint(-2, 2)
        try:
            found = rule(Ratio(one), Ratio(two))
        except SolverError:
            continue
        known += 1
        for h in range(1, 40):
            x, y = one.at({"h": h}), two.at({"h": h})
            if y > 0:
                assert found.top.at({"h": h}) == found.bottom * TWO[rule](x, y), (one, two, h)
    assert known > 20


def test_rounding():
    half = Ratio.of(H, 2)
    for h in range(1, 30):
        assert values.floor(half).top.at({"h": h}) == floor(h / 2)
        assert values.ceil(half).top.at({"h": h}) == -(-h // 2)
    assert Ratio.number(0.1) == 0.1  # has been rounded: no exact size follows from it
    assert Ratio.number(1.5) == Ratio(Dim(3), 2)


def maps():
    """Size maps as programs make them of h, and what Python makes of the number."""
    lines = [(a, b, c) for a in (-1, 0, 1, 2) for b in (-3, 0, 5) for c in (1, 2, 3)]
    for a, b, c in lines:
        yield Ratio(H.through(SizeMap.line(a, b, c))), lambda h, a=a, b=b, c=c: (a * h + b) // c
    for m in (2, 3, 4):
        yield values.modulo(Ratio(H), Ratio(Dim(m))), lambda h, m=m: h % m
        yield values.modulo(Ratio(H * -1), Ratio(Dim(m))), lambda h, m=m: -h % m


@pytest.mark.parametrize(("rule", "python"), [(values.most, max), (values.least, min)])
def test_the_larger_is_one_formula_or_none(rule, python):
    found = 0
    every = list(maps())
    for one, first in every:
        for other, second in every:
            truth = [python(first(h), second(h)) for h in range(1, 40)]
            try:
                top = rule(one, other).top
            except SolverError:
                continue
            found += 1
            assert [top.at({"h": h}) for h in range(1, 40)] == truth
    assert found > len(every) ** 2 / 2


def test_whole_numbers_of_ratios():
    for one, python in maps():
        for below in (1, 2, 3, 4):
            ratio = Ratio.of(one.top, below)
            sizes = range(1, 40)
            nearest = values.nearest(ratio).top
            assert [nearest.at({"h": h}) for h in sizes] == [
                round(python(h) / below) for h in sizes
            ]
            for rule, of in ((values.cut, int), (values.absolute, abs)):
                try:
                    top = rule(ratio).top if of is int else rule(one).top
                except SolverError:
                    continue
                truth = [of(python(h) / below) if of is int else abs(python(h)) for h in sizes]
                assert [top.at({"h": h}) for h in sizes] == truth
