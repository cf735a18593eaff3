"""The network of the paths of a program against the program itself, at every size."""

from __future__ import annotations

import random
from itertools import product

import pytest
from programs import Runs, outcome, program, told

from solver.errors import LimitError
from solver.reading.paths.explore import explore
from solver.reading.paths.joined import joined
from solver.reading.paths.trials import Run

ONE = [(n,) for n in range(1, 120)]
TWO = [
    *product([1, 2, 5, 16, 31, 64, 65], [1, 3, 20, 64, 96]),
    *((random.Random(i).randint(1, 200), random.Random(-i).randint(1, 200)) for i in range(80)),
]


def network(forward, letters):
    return joined(explore(Runs(forward, list(letters)), list(letters)), lambda run: [])


def agrees(net, forward, letters, points):
    """How many sizes are answered, each as the program does."""
    answered = 0
    for point in points:
        values = dict(zip(letters, point, strict=True))
        try:
            path = net.path(values)
        except LimitError:
            continue
        if path.nodes[-1].name != "not followed":
            answered += 1
            assert told(Run(path.nodes, ()), values) == outcome(forward, point), point
    return answered


@pytest.mark.parametrize(("letters", "points"), [("n", ONE), ("hw", TWO)])
@pytest.mark.parametrize("block", range(4))
def test_random_programs(letters, points, block):
    """Whatever is put together, every size has what the program does there."""
    for seed in range(8 * block, 8 * block + 8):
        text, forward = program(seed, list(letters))
        try:
            agrees(network(forward, letters), forward, letters, points)
        except AssertionError as fault:
            raise AssertionError(text) from fault


def parities(put, h, w):
    for size in (h, w):
        for step in (2, 4, 8):
            put(size // step + (1 if size % step else 0))
            put(size - 3 if size % (step * 3) == 1 else size + 3)


def crossed(put, h, w):
    odd = [h % 2 == 1, w % 2 == 1]
    put(1 if all(odd) else 0)
    put(h + 1 if odd[0] else h)


def of_products(put, h, w):
    put((h + 1 if h % 2 else h) * (w // 2) * 3)
    put((h if h % 4 < 2 else h + w) * 5)


@pytest.mark.parametrize(("forward", "ways"), [(parities, 1), (crossed, 2), (of_products, 2)])
def test_paths_that_differ_in_numbers_are_one(forward, ways):
    """Paths by residues of one size after the other are one path, of all sizes."""
    net = network(forward, "hw")
    assert agrees(net, forward, "hw", TWO) == len(TWO)
    assert len(net.ways) == ways


def test_paths_that_do_more_stay_apart():
    def forward(put, n):
        put(n)
        if n % 2:
            put(n + 1)

    net = network(forward, "n")
    assert len(net.ways) == 2
    assert agrees(net, forward, "n", ONE) == len(ONE)
