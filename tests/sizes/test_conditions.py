"""Conditions on n that are runs of classes: membership, and what several leave together.

Judge: the definition, n by n.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from solver import ConvTranspose, MaxPool, concat, trace, valid
from solver.errors import LimitError
from solver.sizes.comparison import where_alike, where_at_most, where_equal
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import EVERY, SizeSet


@st.composite
def lines(draw):
    rise, period = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    shift, scale = draw(st.integers(-9, 9)), draw(st.integers(1, 4))
    return SizeMap.line(rise, shift, period, scale, draw(st.integers(-9, 9)))


@st.composite
def tables(draw):
    values = draw(st.lists(st.integers(-9, 9), min_size=1, max_size=6))
    return SizeMap(len(values), draw(st.integers(-4, 9)), values)


@st.composite
def conditions(draw):
    """Draw a size map, a modulus and residues."""
    modulus = draw(st.integers(1, 12))
    residues = tuple(draw(st.sets(st.integers(0, modulus - 1))))
    if draw(st.booleans()):
        residues = range(draw(st.integers(0, modulus)), modulus)
    return draw(st.one_of(lines(), tables())), modulus, residues


@st.composite
def sets(draw):
    modulus = draw(st.integers(1, 8))
    residues = draw(st.sets(st.integers(0, modulus - 1)))
    exceptions = draw(st.sets(st.integers(1, 30), max_size=4))
    return SizeSet(modulus, residues, draw(st.integers(1, 25)), exceptions)


@given(conditions())
def test_membership_is_the_definition(condition):
    size_map, modulus, residues = condition
    found = SizeSet.where(size_map, modulus, residues)
    for n in range(-3, 400):
        assert (n in found) == (n >= 1 and size_map(n) % modulus in residues), n


@given(st.lists(st.one_of(conditions(), sets()), max_size=4))
def test_what_conditions_leave_together_is_the_definition(asked):
    asked = [each if isinstance(each, SizeSet) else SizeSet.where(*each) for each in asked]
    common = SizeSet.common(asked)
    for n in range(1, 400):
        assert (n in common) == all(n in each for each in asked), n


@st.composite
def branches(draw):
    """Draw two maps that count in one unit, as branches at levels of a U-Net do, or any two."""
    if draw(st.integers(0, 3)) == 0:
        return draw(lines()), draw(lines())
    down, deeper = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    shift = draw(st.integers(-9, 9))
    fine = SizeMap.line(1, shift, down)
    coarse = deeper * SizeMap.line(1, shift + down * draw(st.integers(-3, 3)), down * deeper)
    scale = draw(st.integers(1, 3))
    pair = fine * scale + draw(st.integers(-9, 9)), coarse * scale + draw(st.integers(-9, 9))
    return pair if draw(st.booleans()) else pair[::-1]


@example((4 * SizeMap.line(1, 0, 8) * 3 + 4, SizeMap.line(1, 0, 2) * 3))  # 4/3 is no remainder
@given(branches())
def test_comparisons_hold_exactly_where_the_values_compare(pair):
    one, other = pair
    equal, ordered, alike = (
        where(one, other) for where in (where_equal, where_at_most, where_alike)
    )
    for n in range(1, 200):
        assert (n in equal) == (one(n) == other(n)), n
        assert (n in ordered) == (one(n) <= other(n)), n
        assert (n in alike) == ((one(n) - other(n)) % 2 == 0), n


def test_conditions_cost_their_runs_and_not_their_classes():
    strides = (1000, 200, 25, 8)  # the last condition holds in 5 million classes, which are one run

    def net(x):
        skips = []
        for stride in strides:
            skips.append(x)
            x = MaxPool(stride)(x)
        for stride in reversed(strides):
            x = concat(skips.pop(), ConvTranspose(stride, stride)(x))
        return x

    found = valid(trace(net, axes=1))
    assert found.inputs == SizeSet(4 * 10**7, [0])
    assert str(found.reasons[0].inputs) == "n mod 40000000 in 0..4999999"
    assert str(found.reasons[-1].inputs) == "n = 0 (mod 1000)"


def test_few_classes_of_two_conditions_are_found_from_either_side():
    coarse = SizeSet.where(SizeMap.line(1, 0, 10**4), 10**4, range(5000, 10**4))
    fine = SizeSet(10**8, (12_345_678, 56_780_000))
    assert coarse & fine == fine & coarse == SizeSet(10**8, [56_780_000])


def test_a_limit_is_said():
    with pytest.raises(LimitError, match="at most 1,048,576 classes and exceptions"):
        SizeSet.where(SizeMap.line(1), 2**22, range(0, 2**22, 2)) & SizeSet(3, [0])
    assert SizeSet.common([]) == EVERY


def test_conditions_in_words_are_whole():
    rule = SizeSet.where(SizeMap.line(1, 0, 3), 40, [*range(20, 39), 0])
    assert str(rule) == "n mod 120 in 0..2, 60..116"
    assert str(SizeSet.of([*range(5, 40), 50, *range(60, 70)])) == "n in {5..39, 50, 60..69}"
