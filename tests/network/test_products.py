"""Demands on products of sizes, against every size."""

from __future__ import annotations

import random

import pytest

from solver.network.graph.demand import AT_MOST, EQUAL, LESS, UNEQUAL, Demand
from solver.network.graph.dim import Dim
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet

N = Dim.letter("n")


def test_a_product_is_compared_with_numbers_and_sizes():
    source = random.Random(1)

    def grown() -> Dim:
        line = SizeMap.line(source.choice([1, 2, 3]), source.randint(-9, 5), source.choice([1, 2]))
        return N.through(line)

    for _ in range(500):
        product = grown() * grown() * source.choice([1, -1, 3]) + source.randint(-60, 400)
        other = Dim(source.randint(-5, 300)) if source.random() < 0.6 else grown()
        pair = (product, other) if source.random() < 0.5 else (other, product)
        demand = Demand(0, "", *pair, source.choice([AT_MOST, LESS]))
        found = demand.inputs()
        assert [n for n in range(1, 80) if n in found] == [
            n for n in range(1, 80) if demand.holds({"n": n})
        ], demand


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


def _size(source: random.Random, letters: str) -> Dim:
    """A sum of products of maps of letters, which may grow and shrink."""

    def part() -> Dim:
        rise, offset, below = (source.choice(each) for each in ((1, 2), range(4), (1, 1, 2, 3, 4)))
        return Dim.letter(source.choice(letters)).through(SizeMap.line(rise, offset, below))

    found = Dim(source.randint(-40, 20))
    for _ in range(source.randint(1, 3)):
        found += part() * source.choice((part(), 1)) * source.choice((1, 2, -1))
    return found


@pytest.mark.parametrize("seed", range(20))
def test_a_map_of_products_is_a_sum_by_what_a_factor_leaves(seed):
    source = random.Random(seed)
    dim = _size(source, "hwd")
    size_map = SizeMap.line(source.randint(1, 2), source.randint(-3, 3), source.choice((2, 3, 4)))
    made = dim.through(size_map)
    for _ in range(40):
        values = {letter: source.randint(1, 50) for letter in "hwd"}
        assert made.at(values) == size_map(dim.at(values)), (dim, size_map, values)


@pytest.mark.parametrize("seed", range(40))
def test_sizes_that_grow_and_shrink_are_compared_for_every_n(seed):
    source = random.Random(seed)
    relation = source.choice((EQUAL, AT_MOST, LESS, UNEQUAL))
    demand = Demand(0, "", _size(source, "n"), _size(source, "n"), relation)
    if demand.letters:
        inputs = demand.inputs()
        for n in range(1, 200):
            assert (n in inputs) == demand.holds({"n": n}), (demand.text, n)
