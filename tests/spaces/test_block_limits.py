"""What is read and held inside blocks against every tree written out: limits, and the best by them."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from blocks import BlockCase, Place, share

from solver import Space


def told(row: Any, sums: dict[str, int]) -> dict[str, Any]:
    """What limits ask of a row."""
    place = Place.of(row)
    return {**sums, "gaps": share(row) < 1, "causal": place.look_ahead == 0, **place._asdict()}


def limits_of(draw: random.Random, rows: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    """One to three limits that keep some of these rows."""
    like = draw.choice(list(rows.values()))
    found: dict[str, Any] = {}
    for name in draw.sample(["gaps", "causal", "centred", "latency", "look_ahead", "memory"], 3):
        if name in ("gaps", "causal", "centred"):
            if like[name] == (name != "gaps"):
                found[name] = like[name]
        elif name == "memory" or draw.random() < 0.5:
            found[name] = (0, like[name] + draw.randint(0, 1))
        else:
            found[name] = (max(like[name] - draw.randint(0, 1), 0), None)
        if found and draw.random() < 0.4:
            break
    return found


def kept(row: dict[str, Any], limits: dict[str, Any]) -> bool:
    return all(
        row[name] == limit
        if isinstance(limit, bool)
        else limit[0] <= row[name] and (limit[1] is None or row[name] <= limit[1])
        for name, limit in limits.items()
    )


@pytest.mark.parametrize("ops", ["ccm", "cct"])
@pytest.mark.parametrize("seed", range(30))
def test_limits_inside_blocks(seed, ops):
    check(seed, ops)


def check(seed, ops):
    case = BlockCase(seed, ops)
    draw = random.Random(f"limits {ops} {seed}")
    if not case.known:
        return
    rows = {row: told(row, sums) for row, sums in case.known.items()}
    limits = limits_of(draw, rows)
    good = {row: sums for row, sums in rows.items() if kept(sums, limits)}
    more = {"channels": case.channels} if case.wide else {}
    space = Space(case.space.parts, case.n, case.m, axes=case.axes, **more, **limits)
    assert space.count == len(good), (limits, case.spec)
    designs = list(space)
    assert Counter(map(case.row, designs)) == Counter(list(good))
    for i in draw.sample(range(len(designs)), min(3, len(designs))):
        assert space[i] == designs[i]
        assert space.index(designs[i]) == i
    for name in ("parameters", "-receptive_field"):
        word = name.removeprefix("-")
        sign = -1 if name != word else 1
        best = [good[case.row(design)][word] for design in space.best(by=name)]
        assert best == sorted((sums[word] for sums in good.values()), key=lambda x: sign * x)[:1]
