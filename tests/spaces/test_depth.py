"""Depth as a cost where operations have none and blocks have several: every design looked at."""

from __future__ import annotations

import random

import pytest

from solver import Choice, Conv, Space, Stack, optional, repeat, residual

WAYS = [
    ["depth", "-receptive_field"],
    ["depth", "receptive_field"],
    ["-depth", "-receptive_field"],
    ["-depth", "receptive_field"],
    ["-depth"],
    ["-receptive_field", "depth"],
]


def conv(kernel: str) -> Choice:
    return Choice(Conv, kernel, padding="half")


def part(draw: random.Random, levels: int = 2):
    """A part of convolutions, operations and blocks."""
    kind = draw.choice(["layer", "word", "optional", "repeat", "residual", "list", "layer", "word"])
    if kind == "layer" or not levels:
        return conv(draw.choice(["3", "1,3", "3,5"]))
    if kind == "word":
        return draw.choice(["relu", "dropout 0.5", "batchnorm"])
    inner = part(draw, levels - 1)
    made = {
        "optional": lambda: optional(inner),
        "repeat": lambda: repeat(inner, "1..2"),
        "residual": lambda: residual(inner, conv("1,3")),
        "list": lambda: [inner, part(draw, levels - 1)],
    }
    return made[kind]()


@pytest.mark.parametrize("seed", range(60))
def test_the_best_by_depth(seed):
    draw = random.Random(f"depth {seed}")
    limits = {}
    if draw.random() < 0.6:
        least, most = draw.randint(2, 7), draw.randint(5, 12)
        limits["receptive_field"] = draw.choice([f"{least}..", f"..{most}"])
    sizes = draw.choice([("n", "n"), (9, 9), (9, None)])
    space = Space([part(draw) for _ in range(3)], *sizes, channels=2, **limits)
    if not 0 < space.count < 1000:
        return
    known = [(design.depth, design.receptive_field) for design in space]
    for by in WAYS:
        every = sorted(vector(by, *each) for each in known)
        best = [vector(by, x.depth, x.receptive_field) for x in space.best(8, by, distinct=False)]
        assert best == every[:8]
        several = [vector(by, x.depth, x.receptive_field) for x in space.best(8, by)]
        assert several == sorted(several)
        assert several[:1] == every[:1]


def vector(by: list[str], depth: int, field: int) -> list[int]:
    values = {"depth": depth, "receptive_field": field}
    return [-values[word[1:]] if word[0] == "-" else values[word] for word in by]


def test_depth_is_that_of_every_design():
    assert Stack([Conv(3), Conv(5)]).depth == 2
    assert [design.depth for design in Space(repeat(Conv(1), "0..2"), 9)] == [0, 1, 2]
