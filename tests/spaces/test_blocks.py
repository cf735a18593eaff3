"""Blocks against every tree written out: count, members, order, costs, the best, fronts."""

from __future__ import annotations

from collections import Counter

import pytest
from blocks import SUMS, BlockCase


@pytest.mark.parametrize("ops", ["ccm", "cct"])
@pytest.mark.parametrize("seed", range(40))
def test_every_tree(seed, ops):
    case = BlockCase(seed, ops)
    space, draw = case.space, case.draw
    assert space.count == len(case.good)
    assert (space.reason is None) == bool(case.good)
    designs = list(space)
    assert Counter(map(case.row, designs)) == Counter(list(case.good))
    for i in draw.sample(range(len(designs)), min(4, len(designs))):
        assert space[i] == designs[i]
        assert space.index(designs[i]) == i
        sums = case.good[case.row(designs[i])]
        assert designs[i].receptive_field == sums["receptive_field"]
        assert designs[i].parameters == sums["parameters"]
        assert designs[i].size(case.n) == case.m
        assert designs[i].macs(case.n) == sums["macs"]
        assert designs[i].activations(case.n) == sums["activations"]
    costs = draw.sample(SUMS, 2)
    by = [draw.choice(("", "-")) + cost for cost in costs]
    ranked = sorted(vector(sums, by) for sums in case.good.values())
    best = space.best(1, by=by)
    assert [vector(case.good[case.row(design)], by) for design in best] == ranked[:1]
    every = space.best(7, by=by, distinct=False)
    assert [vector(case.good[case.row(design)], by) for design in every] == ranked[:7]
    several = space.best(4, by=by)
    found = [vector(case.good[case.row(design)], by) for design in several]
    assert found == sorted(found)
    assert found[:1] == ranked[:1]
    front = {v for v in ranked if not any(w != v and w[0] <= v[0] and w[1] <= v[1] for w in ranked)}
    assert {vector(case.good[case.row(design)], by) for design in space.pareto(*by)} == front


def vector(sums: dict[str, int], by: list[str]) -> tuple[int, ...]:
    return tuple(-sums[word[1:]] if word[0] == "-" else sums[word] for word in by)
