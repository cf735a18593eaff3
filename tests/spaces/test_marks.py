"""Marks against every stack written out: count, members, order, the best, reasons."""

from __future__ import annotations

import pytest
from marks import MarkCase


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("ops", ["ccm", "cct"])
@pytest.mark.parametrize("seed", range(60))
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
