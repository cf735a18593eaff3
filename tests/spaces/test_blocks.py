"""Blocks against every tree written out: count, members, order, costs, the best, fronts."""

from __future__ import annotations

import random
from collections import Counter
from itertools import islice
from typing import Any

import pytest
from blocks import field, measured, part, random_spec, row_of, rows

from solver import (
    Space,
)

SUMS = ("receptive_field", "parameters", "macs", "activations", "depth")


class Case:
    """Hold a random question with blocks, and every tree that answers it."""

    def __init__(self, seed: int, ops: str) -> None:
        self.draw = draw = random.Random(f"blocks {ops} {seed}")
        self.axes = draw.choice((1, 2))
        self.wide = draw.random() < 0.5
        self.channels = draw.randint(1, 3) if self.wide else 1
        self.n = draw.randint(6, 14)
        few = seed % 8 == 0
        while True:
            self.spec = [random_spec(draw, ops, self.wide) for _ in range(draw.randint(1, 2))]
            if not any(word in repr(self.spec) for word in ("'residual'", "'parallel'")):
                continue
            found = list(islice(rows(self.spec, self.channels), 2001))
            if len(found) > 2000:
                continue
            told = {
                row: told
                for row in dict.fromkeys(found)
                if (told := measured(row, self.n, self.channels, self.axes)) is not None
            }
            self.sizes = Counter(size for size, *_ in told.values())
            if few or max(self.sizes.values(), default=0) > 5:
                break
        self.known: dict[Any, dict[str, int]] = {}
        often = self.sizes.most_common(2 if few else 1)
        self.m = draw.choice(often)[0] if often else 3
        for row, (size, _, sums) in told.items():
            if size == self.m:
                self.known[row] = {**sums, "receptive_field": field(row)}
        self.limits: dict[str, Any] = {}
        for name in SUMS:
            if draw.random() < 0.12 and self.known:
                values = sorted(sums[name] for sums in self.known.values())
                low, high = sorted((draw.choice(values), draw.choice(values)))
                self.limits[name] = draw.choice([(low, None), (0, high), (low, high)])
        self.good = {
            row: sums
            for row, sums in self.known.items()
            if all(
                low <= sums[name] and (high is None or sums[name] <= high)
                for name, (low, high) in self.limits.items()
            )
        }
        more = {"channels": self.channels} if self.wide else {}
        self.space = Space(part(self.spec), self.n, self.m, axes=self.axes, **more, **self.limits)

    def row(self, design: Any) -> Any:
        return row_of(design, self.channels, self.axes)


@pytest.mark.parametrize("ops", ["ccm", "cct"])
@pytest.mark.parametrize("seed", range(40))
def test_every_tree(seed, ops):
    case = Case(seed, ops)
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
