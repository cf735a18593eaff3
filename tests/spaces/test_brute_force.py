"""Design spaces against every stack written out: count, members, order, the best, Pareto fronts."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product
from typing import Any

import pytest
from designs import (
    Place,
    costs,
    key,
    legal,
    part,
    random_place,
    random_tree,
    rows,
    simple_span,
    size,
    sizes,
    span,
)

from solver import Space
from solver.sizes.target import read_size, read_where

SUMS = ("receptive_field", "parameters", "macs", "activations", "depth")


def reading(row: Any) -> int:
    transposed = any(layer[0] == "conv_transpose" for layer in row)
    return span(row) if transposed else simple_span(row)


class Case:
    """Hold a random question about a number, and every stack that answers it."""

    def __init__(self, seed: int, ops: str) -> None:
        self.draw = draw = random.Random(f"{ops} {seed}")
        self.channels = draw.randint(1, 3) if draw.random() < 0.3 else None
        self.axes = draw.choice((1, 2))
        self.n = draw.randint(4, 16)
        tree = random_tree(draw, ops, self.channels is not None)
        while not legal(tree) or len(found := list(dict.fromkeys(rows(tree)))) > 5000:
            tree = random_tree(draw, ops, self.channels is not None)
        self.tree = tree
        outputs = Counter(at[-1] for row in found if (at := sizes(row, self.n)))
        self.m = draw.choice(list(outputs)) if outputs and draw.random() < 0.9 else 3
        hits = [row for row in found if (at := sizes(row, self.n)) and at[-1] == self.m]
        self.known = {row: self.sums(row) for row in hits}
        self.limits = self.random_limits(ops)
        self.good = [row for row in hits if self.keeps(row)]
        self.space = Space(
            part(tree),
            self.n,
            self.m,
            axes=self.axes,
            channels=self.channels,
            **self.limits,
        )

    def sums(self, row: Any) -> dict[str, int]:
        found = costs(row, sizes(row, self.n), self.channels or 1, self.axes)
        return {**found, "receptive_field": reading(row)}

    def random_limits(self, ops: str) -> dict[str, tuple[int, int | None]]:
        draw = self.draw
        limits: dict[str, tuple[int, int | None]] = {}
        for name in SUMS:
            if draw.random() < 0.3 and self.known:
                values = sorted(sums[name] for sums in self.known.values())
                low, high = sorted((draw.choice(values), draw.choice(values)))
                limits[name] = draw.choice([(low, None), (0, high), (low, high)])
        if draw.random() < 0.2:
            limits["sizes"] = (draw.randint(1, 6), None)
        if "t" not in ops and draw.random() < 0.2:
            limits["total_stride"] = draw.choice([(2, None), (0, 4), (4, 4)])
        if "t" not in ops and draw.random() < 0.2:
            limits["jump"] = (0, draw.randint(2, 6))
        return limits

    def keeps(self, row: Any) -> bool:
        jump, jumps = 1, []
        for layer in row:
            jump *= layer[2]
            jumps.append(jump)
        values = {
            **{name: [value] for name, value in self.known[row].items()},
            "sizes": (sizes(row, self.n) or [])[1:-1],
            "total_stride": [jump],
            "jump": jumps,
        }
        return all(
            low <= value and (high is None or value <= high)
            for name, (low, high) in self.limits.items()
            for value in values[name]
        )


@pytest.mark.parametrize("ops", ["ccccma", "ccmat", "ttm"])
@pytest.mark.parametrize("seed", range(60))
def test_numbers(seed, ops):
    case = Case(seed, ops)
    space, draw = case.space, case.draw
    assert space.count == len(case.good)
    assert (space.reason is None) == bool(case.good)
    stacks = list(space)
    listed = [key(stack) for stack in stacks]
    assert set(listed) == set(case.good)
    assert len(set(listed)) == len(listed)
    if not stacks:
        assert space.best() == space.pareto("parameters", "depth") == []
        return
    for i in draw.sample(range(len(stacks)), min(3, len(stacks))):
        assert space[i] == stacks[i]
        assert space.index(stacks[i]) == i
    for stack in draw.sample(stacks, min(3, len(stacks))):
        sums = case.known[key(stack)]
        assert list(stack.sizes(case.n)) == sizes(key(stack), case.n)
        assert stack.receptive_field == sums["receptive_field"]
        assert stack.parameters == sums["parameters"]
        assert stack.macs(case.n) == sums["macs"]
        assert stack.activations(case.n) == sums["activations"]
    the_best(case, stacks, listed)


def the_best(case: Case, stacks: list[Any], listed: list[Any]) -> None:
    """Compare the best, with and without equals, and the Pareto front."""
    draw, space = case.draw, case.space
    names = draw.sample(SUMS, draw.randint(1, 3))
    signs = [draw.choice((1, 1, -1)) for _ in names]
    by = [("-" if sign < 0 else "") + name for sign, name in zip(signs, names, strict=True)]
    vectors = {
        row: tuple(sign * case.known[row][name] for sign, name in zip(signs, names, strict=True))
        for row in listed
    }
    wanted = sorted(listed, key=lambda row: (vectors[row], listed.index(row)))
    assert key(space.best(by=by)[0]) == wanted[0]
    k = draw.randint(2, 7)
    assert [key(stack) for stack in space.best(k, by=by, distinct=False)] == wanted[:k]
    acts, different = set(), []
    known = dict(zip(listed, stacks, strict=True))
    for row in wanted:
        stack = known[row]
        act = vectors[row], stack.size_map(), stack.receptive_field, stack.jump, stack.widths[-1]
        if act not in acts:
            acts.add(act)
            different.append(row)
    assert [key(stack) for stack in space.best(k, by=by)] == different[:k]
    points = set(vectors.values())
    front = sorted(
        point
        for point in points
        if not any(
            other != point and all(x <= y for x, y in zip(other, point, strict=True))
            for other in points
        )
    )
    first = [next(row for row in listed if vectors[row] == point) for point in front]
    assert [key(stack) for stack in space.pareto(*by)] == first


TARGETS = (
    *("n", "n/2", "n/4", "ceil(n/2)", "floor(n/2)", "n/3", "ceil(n/4)", "n-2", "n+2", "n/2-1"),
    *("floor((n-3)/2)", "floor(n/4)+1", "2n", "3n/2", "2n+1", "2*floor(n/2)", "3n"),
)
FAR = 420  # beyond every minimum and several periods of what is drawn


@pytest.mark.parametrize("ops", ["ccccma", "cct"])
@pytest.mark.parametrize("seed", range(40))
def test_every_n(seed, ops):
    draw = random.Random(f"{ops} {seed}")
    tree = random_tree(draw, ops)
    while not legal(tree) or len(found := list(dict.fromkeys(rows(tree)))) > 1000:
        tree = random_tree(draw, ops)
    target = draw.choice(TARGETS)
    where = draw.choice(["", "", "n % 2 == 1", "n % 4 == 0", "n >= 20 and n % 3 == 1"])
    wanted = read_size(target)
    asked = wanted.whole & read_where(where) if where else wanted.whole
    if asked.finite:
        return
    numbers = [n for n in range(1, FAR) if n in asked]
    low = draw.randint(1, 9)
    good = [
        row
        for row in found
        if reading(row) >= low
        and all(at is None or at[-1] == wanted.at(n) for n in numbers for at in [sizes(row, n)])
    ]
    space = Space(part(tree), "n", target, where=where, receptive_field=(low, None))
    stacks = list(space)
    assert space.count == len(stacks) == len(good)
    assert {key(stack) for stack in stacks} == set(good)
    assert (space.reason is None) == bool(good)
    for i, stack in enumerate(stacks[:3]):
        assert space[i] == stack
        assert space.index(stack) == i
    costs_of = sorted((stack.parameters, -stack.receptive_field) for stack in stacks)
    best = space.best(3, by=["parameters", "-receptive_field"], distinct=False)
    assert [(stack.parameters, -stack.receptive_field) for stack in best] == costs_of[:3]


@pytest.mark.parametrize("seed", range(60))
def test_mirrored_layers_and_several_inputs(seed):
    draw = random.Random(f"mirror {seed}")
    places: list[Any] = []
    for _ in range(draw.randint(1, 3)):
        kernels = tuple(sorted(draw.sample(range(1, 5), 2)))
        up = Place("conv_transpose", kernels, (1, 2, 3), (0, 1), (1,), (0, 1))
        plain = random_place(draw, "cm")
        places.append(("mirror", plain, up) if draw.random() < 0.6 else random_place(draw, "cma"))
    inputs = draw.sample(range(5, 20), draw.randint(1, 2))
    if not all(legal(place) for place in places):
        return
    choices = [pairs(place) for place in places]
    found = [(row, out) for row in product(*choices) if (out := bottoms(row, inputs))]
    if not found:
        return
    wanted = draw.choice(found)[1]
    good = {unrolled(row) for row, out in found if out == wanted}
    one = len(inputs) == 1
    given = (inputs[0], wanted[0]) if one else (inputs, list(wanted))
    space = Space(part(places), *given)
    stacks = list(space)
    assert space.count == len(stacks) == len(good)
    assert {key(stack) for stack in stacks} == good
    assert all(space.index(stack) == i for i, stack in enumerate(stacks[:5]))
    at = inputs[0]
    least = min((stack.macs(at), stack.activations(at)) for stack in stacks)
    best = space.best(by="macs,activations")[0]
    assert (best.macs(at), best.activations(at)) == least


def pairs(place: Any) -> list[tuple[Any, ...]]:
    if isinstance(place, Place):
        return [(layer,) for layer in place.layers()]
    _, down, up = place
    return [(x, y) for x in down.layers() for y in up.layers() if x[2] == y[2]]


def bottoms(row: Any, inputs: list[int]) -> tuple[int, ...] | None:
    """Return the size where the decoder begins, for each input, or None where it does not work."""
    found = []
    for n in inputs:
        mirrored = False
        for layer, *decoder in row:
            m = size(layer, n)
            mirrored |= bool(decoder)
            back = size(decoder[0], m) if decoder and m else m
            if m is None or (mirrored and back != n):
                return None
            n = m
        found.append(n)
    return tuple(found)


def unrolled(row: Any) -> tuple[Any, ...]:
    return (*(pair[0] for pair in row), *(pair[1] for pair in reversed(row) if len(pair) > 1))
