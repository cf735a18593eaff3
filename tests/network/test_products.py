"""Demands on products of sizes, against every size."""

from __future__ import annotations

import random

from solver.errors import LimitError
from solver.network.graph.demand import AT_MOST, LESS, Demand
from solver.network.graph.dim import Dim
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet

N = Dim.letter("n")


def test_a_product_is_compared_with_numbers_and_sizes():
    source, decided = random.Random(1), 0

    def grown() -> Dim:
        line = SizeMap.line(source.choice([1, 2, 3]), source.randint(-9, 5), source.choice([1, 2]))
        return N.through(line)

    for _ in range(500):
        product = grown() * grown() * source.choice([1, -1, 3]) + source.randint(-60, 400)
        other = Dim(source.randint(-5, 300)) if source.random() < 0.6 else grown()
        pair = (product, other) if source.random() < 0.5 else (other, product)
        demand = Demand(0, "", *pair, source.choice([AT_MOST, LESS]))
        try:
            found = demand.inputs()
        except LimitError:
            continue
        decided += 1
        assert [n for n in range(1, 80) if n in found] == [
            n for n in range(1, 80) if demand.holds({"n": n})
        ], demand
    assert decided > 300


def test_a_product_is_in_a_set_from_a_minimum_on():
    source = random.Random(2)
    for _ in range(300):
        one, two = (SizeMap.line(1, source.randint(0, 5), source.choice([1, 2])) for _ in "12")
        product = N.through(one) * N.through(two) * source.choice([1, 3])
        modulus = source.choice([1, 2, 4])
        allowed = SizeSet(modulus, [source.randrange(modulus)], minimum=source.randint(1, 60))
        if source.random() < 0.3:
            allowed |= SizeSet.of(source.sample(range(1, 60), 4))
        demand = Demand(0, "", product, allowed)
        found = demand.inputs()
        for n in range(1, 80):
            assert (n in found) == demand.holds({"n": n}) or product.at({"n": n}) < 1, demand
