"""Conditions on n that are not listed: membership, classes, and what several leave together.

Judge: the definition, n by n.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from solver import Conv, ConvTranspose, MaxPool, concat, trace, valid
from solver.errors import LimitError
from solver.sizes.comparison import where_alike, where_at_most, where_equal
from solver.sizes.congruence import Congruence
from solver.sizes.sizemap import IDENTITY, SizeMap
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
def congruences(draw):
    modulus = draw(st.integers(1, 12))
    residues = tuple(draw(st.sets(st.integers(0, modulus - 1))))
    if draw(st.booleans()):
        residues = range(draw(st.integers(0, modulus)), modulus)
    size_map = draw(st.one_of(lines(), tables()))
    return Congruence(size_map, modulus, residues, draw(st.integers(1, 30)))


@st.composite
def sets(draw):
    modulus = draw(st.integers(1, 8))
    residues = draw(st.sets(st.integers(0, modulus - 1)))
    exceptions = draw(st.sets(st.integers(1, 30), max_size=4))
    return SizeSet(modulus, residues, draw(st.integers(1, 25)), exceptions)


def holds(rule, n):
    return n >= rule.minimum and rule.size_map(n) % rule.modulus in rule.residues


@given(congruences())
def test_membership_and_classes_are_the_definition(rule):
    period = rule.period
    expected = {n % period for n in range(100, 100 + period) if holds(rule, n)}
    found = rule.classes()
    assert set(found) == expected
    assert len(found) == len(expected)
    assert [n in rule for n in range(-3, 60)] == [n >= 1 and holds(rule, n) for n in range(-3, 60)]
    if rule.size_map.parts and rule.size_map.rise == 1:
        assert rule.spread == len(found)


@given(congruences(), st.integers(1, 12), st.data())
def test_narrowing_keeps_what_is_in_both(rule, modulus, data):
    classes = sorted(data.draw(st.sets(st.integers(0, modulus - 1))))
    both, found = rule.narrow(modulus, classes)
    assert both % modulus == 0 == both % rule.period
    sizes = range(100, 100 + both)
    assert sorted(found) == sorted(
        n % both for n in sizes if n % modulus in classes and holds(rule, n)
    )


@given(st.lists(st.one_of(congruences(), sets()), max_size=4))
def test_what_conditions_leave_together_is_the_definition(conditions):
    common = SizeSet.common(conditions)
    for n in range(1, 400):
        assert (n in common) == all(n in each for each in conditions), n


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
        SizeSet.common([where(one, other)]) for where in (where_equal, where_at_most, where_alike)
    )
    for n in range(1, 200):
        assert (n in equal) == (one(n) == other(n)), n
        assert (n in ordered) == (one(n) <= other(n)), n
        assert (n in alike) == ((one(n) - other(n)) % 2 == 0), n


def test_each_condition_is_met_before_the_next_is_listed():
    strides = (1000, 200, 25, 8)  # alone, the last condition holds in 5 million classes

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
    assert str(found.reasons[0].inputs) == "floor(n/5000000) = 0 (mod 8)"
    assert str(found.reasons[-1].inputs) == "n = 0 (mod 1000)"
    with pytest.raises(LimitError, match="at most 1,048,576 classes and exceptions"):
        found.reasons[0].demand.inputs()


def test_few_classes_of_two_conditions_are_found_from_either_side():
    coarse = Congruence(SizeMap.line(1, 0, 10**4), 10**4, range(5000, 10**4))
    fine = Congruence(IDENTITY, 10**8, (12_345_678, 56_780_000))
    for given_ in ([coarse, fine], [fine, coarse]):
        assert SizeSet.common(given_) == SizeSet(10**8, [56_780_000])


def test_a_limit_is_said():
    with pytest.raises(LimitError, match="at most 1,048,576 classes and exceptions"):
        SizeSet.common([Congruence(SizeMap.line(1, 0, 2**21), 2, (0,))])
    assert SizeSet.common([]) == EVERY


def test_a_condition_in_words():
    rule = Congruence(SizeMap.line(1, 0, 3), 40, range(20, 40), 7)
    assert str(rule) == (
        "floor(n/3) = 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, ... (mod 40), n >= 7"
    )
    assert str(Conv(1).accepts().asked_of(IDENTITY)) == "n = 0 (mod 1)"
