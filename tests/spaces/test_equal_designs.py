"""Designs that are written in several ways and are one: the oracle is what PyTorch is told."""

from __future__ import annotations

import pytest

from solver import Choice, Conv, MaxPool, Space, Stack, either, optional, repeat, residual

SAME = [
    (Conv(3, padding="same"), Conv(3, padding=1)),
    (Conv(3, padding=((1, 1),)), Conv(3, padding=1)),
    (Choice(Conv, 3, padding="causal"), Choice(Conv, 3, padding="2:0")),
    (Choice(Conv, 4, padding="same"), Choice(Conv, 4, padding="1:2")),
    (Conv(3, padding=(1, 1)), Conv(3, padding=1)),
    (Conv((3, 3), padding=1), Conv(3, padding=1)),
    (MaxPool((2, 2)), MaxPool(2)),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_one_layer_in_two_notations_counts_once(one, two):
    assert Space(either(one, two), 9).count == 1
    assert Space([optional(one), optional(two)], 9).count == 3  # none, one, two of them
    assert Space(two, 9)[0] in Space(one, 9)
    assert Space(one, 9).index(Space(two, 9)[0]) == 0
    inner = [repeat(Choice(Conv, 3, padding=1), 1)]
    first, second = (residual([*inner, part], project=True) for part in (one, two))
    assert Space(either(first, second), 9).count == Space(first, 9).count
    assert all(design in Space(first, 9) for design in Space(second, 9))


def test_channels_that_a_layer_leaves_out_are_those_that_go_in():
    space = Space(either(Conv(3), Choice(Conv, 3)), 9, channels=2)
    assert space.count == 1
    assert Stack([Conv(3)], channels=2) in space
    assert Stack([Conv(3, in_channels=2, out_channels=2)], channels=2) in space
    assert Stack([Conv(3, in_channels=2, out_channels=3)], channels=2) not in space


def test_a_padding_among_others_counts_once():
    assert Space(Choice(Conv, 3, padding=[1, (1, 1), (0, 1)]), 9).count == 2
