"""A Pareto front in a picture, read back."""

from itertools import product

import pytest
from render.pictures.read_back import marks

from solver import Choice, Conv, Space, Stack, repeat
from solver.errors import SolverError

SPACE = Space(repeat(Choice(Conv, {1, 3, 5}, {1, 2}, "half"), 2), 16, 4)


def test_points_are_those_that_nothing_beats():
    layers = [Conv(k, s, k // 2) for k, s in product((1, 3, 5), (1, 2))]
    every = [Stack(pair) for pair in product(layers, repeat=2) if Stack(pair).size(16) == 4]
    points = {(each.parameters, each.receptive_field) for each in every}
    front = {
        (p, r)
        for p, r in points
        if not any((a <= p and b >= r) and (a, b) != (p, r) for a, b in points)
    }
    found = marks(SPACE.draw("parameters", "-receptive_field"))
    assert {(int(x), int(each.get("data-y"))) for x, each in found["x"]} == front


def test_refused():
    with pytest.raises(SolverError, match="no design to be drawn"):
        Space(Choice(Conv, 3), 4, 9).draw()


def test_states_of_each_stage():
    """Where nothing but sizes matters: the sizes that are met on a way to the goal."""
    space = Space(repeat(Choice(Conv, {1, 3, 5}, {1, 2}, "half"), 3), 16, 4)
    shown = marks(space.draw(states=True))["stage"]
    assert [int(each.get("data-states")) for _, each in shown] == [1, 2, 2, 1]  # 16; 16 8; 8 4; 4
    assert [stage for stage, _ in shown] == ["0", "1", "2", "3"]
