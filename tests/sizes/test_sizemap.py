"""Size maps: equal for all n iff equal here, and every operation pointwise.

Judges: plain values over a box, Python's own arithmetic, and islpy for statements about every n.
"""

from __future__ import annotations

import pickle
import random
import tracemalloc
from fractions import Fraction
from functools import reduce
from math import ceil, floor, lcm

import islpy
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from solver import Conv, ConvTranspose, MaxPool
from solver.errors import LimitError, SolverError
from solver.sizes.domain import LONGEST_PERIOD
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.target import read_size
from solver.symbolic.algebra import n as symbol

SEED = 1


@st.composite
def maps(draw, growing=False):
    """Draw a size map: half of them a multiple of one floor, half of them a table."""
    period = draw(st.integers(1, 8))
    if growing:
        steps = draw(st.lists(st.integers(0, 4), min_size=period, max_size=period))
        assume(sum(steps))
        start = draw(st.integers(-20, 20))
        values = [start + sum(steps[:r]) for r in range(period)]
        made = SizeMap(period, sum(steps), values)
    else:
        values = draw(st.lists(st.integers(-20, 20), min_size=period, max_size=period))
        made = SizeMap(period, draw(st.integers(-9, 9)), values)
    if draw(st.booleans()):
        rise = draw(st.integers(1 if growing else -9, 9))
        scale = draw(st.integers(1 if growing else -4, 4))
        shift, offset = draw(st.integers(-30, 30)), draw(st.integers(-9, 9))
        made = SizeMap.line(rise, shift, period, scale, offset)
    return made


def span(*size_maps):
    """Return an interval around 0 that holds several turns of all maps."""
    turn = lcm(*(m.period for m in size_maps))
    return range(-2 * turn - 3, 2 * turn + 4)


def same_values(left, right):
    return all(left(n) == right(n) for n in span(left, right))


# Canonical form


@given(maps(), st.integers(1, 6))
def test_any_number_of_periods_is_the_same_map(size_map, turns):
    period, rise = size_map.period * turns, size_map.rise * turns
    again = SizeMap(period, rise, [size_map(n) for n in range(period)])
    assert again == size_map
    assert hash(again) == hash(size_map)
    assert repr(again) == repr(size_map)


@given(maps(), maps())
def test_equal_exactly_when_equal_everywhere(left, right):
    # Equal slopes and two equal turns are equality for every n: the difference repeats.
    slopes = left.rise * right.period == right.rise * left.period
    assert (left == right) == (slopes and same_values(left, right))


@given(maps())
def test_no_shorter_period_says_it(size_map):
    p, rise = size_map.period, size_map.rise
    for shorter in range(1, p):
        gain = size_map(shorter) - size_map(0)
        repeats = all(size_map(n + shorter) - size_map(n) == gain for n in range(p))
        assert not (repeats and gain * p == rise * shorter)


@given(st.integers(-50, 50), st.integers(-500, 500), st.integers(1, 50), st.integers(1, 20))
def test_scaled_lines_are_one_line(rise, shift, period, factor):
    # floor((f*r*n + f*b + i)/(f*p)) = floor((r*n + b)/p) for 0 <= i < f
    for inside in {0, factor // 2, factor - 1}:
        scaled = SizeMap.line(factor * rise, factor * shift + inside, factor * period)
        assert scaled == SizeMap.line(rise, shift, period)


@given(maps())
def test_table_and_line_agree_on_what_one_floor_is(size_map):
    n = range(size_map.period)
    fits = [
        b
        for b in range(-300, 301)
        if all((size_map.rise * r + b) // size_map.period == size_map(r) for r in n)
    ]
    assert (size_map.shift is not None) == bool(fits)
    if fits:
        assert [size_map.shift] == fits


@given(maps())
def test_a_multiple_of_a_floor_is_known_from_its_table(size_map):
    again = SizeMap(size_map.period, size_map.rise, size_map.values)
    assert again == size_map
    assert again.parts == size_map.parts
    if size_map.parts:
        g, r, b, p, c = size_map.parts
        assert all(g * ((r * n + b) // p) + c == size_map(n) for n in span(size_map))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(-9, 9))
def test_a_mirrored_decoder_of_any_strides_costs_nothing(strides, shift):
    # huge: 2 -> 2*10^9, ...; a table of such a period would be refused
    strides = [s * 10**9 for s in strides]
    there = IDENTITY
    for s in strides:
        there = (there + shift) // s
    back = there
    for s in reversed(strides):
        back = back * s + shift
    n = 7 * 10**60 + 13
    size = n
    for s in strides:
        size = (size + shift) // s
    for s in reversed(strides):
        size = size * s + shift
    assert back(n) == size
    assert back.first(size) <= n < back.first(size + 1)


@given(maps())
def test_round_trips(size_map):
    assert eval(repr(size_map), {"SizeMap": SizeMap}) == size_map
    copy = pickle.loads(pickle.dumps(size_map))
    assert copy == size_map
    assert hash(copy) == hash(size_map)


@pytest.mark.parametrize("name", ["period", "rise", "shift", "_table", "note"])
def test_immutable(name):
    with pytest.raises(AttributeError):
        setattr(SizeMap.line(1, 0, 2), name, 3)


def test_not_equal_to_other_things():
    assert SizeMap.line(0, 7) != 7
    assert SizeMap.line(1) != "n"
    assert len({SizeMap.line(1), IDENTITY, SizeMap(3, 3, [0, 1, 2])}) == 1


@pytest.mark.parametrize(("period", "values"), [(0, []), (-1, []), (2, [1]), (1, [1, 2])])
def test_a_table_needs_a_value_per_residue(period, values):
    with pytest.raises(SolverError, match="one value for each of its period's residues"):
        SizeMap(period, 1, values)


# Arithmetic


@given(maps(), maps())
def test_composition_is_pointwise(outer, inner):
    composed = outer(inner)
    assert all(composed(n) == outer(inner(n)) for n in span(outer, inner))


@given(maps(), maps(), maps())
def test_composition_is_associative(f, g, h):
    assert f(g)(h) == f(g(h))
    assert f(IDENTITY) == f == IDENTITY(f)


@given(maps(), maps(), st.integers(-9, 9), st.integers(1, 9))
def test_arithmetic_is_pointwise(left, right, number, divisor):
    for made, value in (
        (left + right, lambda n: left(n) + right(n)),
        (left - right, lambda n: left(n) - right(n)),
        (left + number, lambda n: left(n) + number),
        (number + left, lambda n: number + left(n)),
        (left - number, lambda n: left(n) - number),
        (number - left, lambda n: number - left(n)),
        (left * number, lambda n: left(n) * number),
        (number * left, lambda n: number * left(n)),
        (-left, lambda n: -left(n)),
        (left // divisor, lambda n: left(n) // divisor),
        (left % divisor, lambda n: left(n) % divisor),
    ):
        assert all(made(n) == value(n) for n in span(left, right, SizeMap.line(1, 0, divisor)))


@given(maps(), maps(), maps())
def test_laws_of_a_group(f, g, h):
    assert f + g == g + f
    assert (f + g) + h == f + (g + h)
    assert f - f == SizeMap.line(0)
    assert (f + g)(h) == f(h) + g(h)


@pytest.mark.parametrize("divisor", [0, -2, 1.5, "2", IDENTITY])
def test_division_is_by_positive_whole_numbers(divisor):
    for operation in (SizeMap.__floordiv__, SizeMap.__mod__):
        assert operation(IDENTITY, divisor) is NotImplemented
    with pytest.raises(TypeError):
        IDENTITY // divisor


def test_a_product_of_sizes_is_not_a_size():
    with pytest.raises(TypeError):
        IDENTITY * IDENTITY


@given(maps())
def test_other_arithmetics_take_the_same_values(size_map):
    box = span(size_map)
    assert size_map(np.array(box)).tolist() == [size_map(n) for n in box]
    expression = size_map(symbol)
    for n in (1, 2, 7, 10**30 + 1):
        assert expression == size_map(n) or expression.xreplace({symbol: n}) == size_map(n)


@given(maps())
def test_steps_are_the_map(size_map):
    slope, steps = size_map.steps()
    for n in span(size_map):
        climbed = sum(height * ((n + offset) // size_map.period) for offset, height in steps)
        assert size_map(0) + slope * n + climbed == size_map(n)


@given(maps())
def test_nondecreasing_is_what_it_says(size_map):
    box = span(size_map)
    climbs = all(size_map(n) <= size_map(n + 1) for n in box)
    assert size_map.nondecreasing == climbs


# Inverse


@given(maps(growing=True), st.integers(-60, 60))
def test_first_and_inputs_are_exact(size_map, size):
    first = size_map.first(size)
    assert size_map(first) >= size > size_map(first - 1)
    inputs = size_map.inputs(size)
    around = range(first - 2 * size_map.period - 2, first + 2 * size_map.period + 2)
    assert [n for n in around if size_map(n) == size] == list(inputs)


@pytest.mark.parametrize(
    "size_map", [SizeMap.line(0, 5), SizeMap.line(-1), SizeMap(2, 1, [0, 5])], ids=str
)
def test_only_growing_maps_have_a_first_input(size_map):
    with pytest.raises(SolverError, match="only a map that grows"):
        size_map.first(3)


# Layers


PAIRS = st.tuples(st.integers(1, 12), st.integers(-40, 40))


@given(PAIRS, PAIRS)
def test_two_convolutions_are_one(one, two):
    # n -> floor((n + A)/S) + 1, written [S, A]
    (s1, a1), (s2, a2) = one, two
    first = SizeMap.line(1, a1, s1) + 1
    second = SizeMap.line(1, a2, s2) + 1
    assert second(first) == SizeMap.line(1, a1 + s1 * (a2 + 1), s1 * s2) + 1


def stack(layers):
    return reduce(lambda inner, layer: layer.size_map()(inner), layers, IDENTITY)


def test_the_wav2vec2_feature_extractor():
    kernels, strides = (10, 3, 3, 3, 3, 2, 2), (5, 2, 2, 2, 2, 2, 2)
    extractor = stack(Conv(k, stride=s) for k, s in zip(kernels, strides, strict=True))
    assert extractor == SizeMap.line(1, -400, 320) + 1
    assert str(extractor) == "floor((n - 80)/320)"
    assert extractor(16_000) == 49  # frames of one second, as published


def test_a_resnet_trunk():
    # ResNet-50: the stem, its pooling, then the strided 3x3 of stages 2 to 4.
    half = Conv(3, stride=2, padding=1)
    trunk = [Conv(7, stride=2, padding=3), MaxPool(3, stride=2, padding=1), half, half, half]
    assert str(stack(trunk)) == "ceil(n/32)"
    assert stack(trunk)(224) == 7


def test_the_unpadded_u_net():
    pair = [Conv(3), Conv(3)]
    down = [*pair, MaxPool(2)] * 4
    up = [ConvTranspose(2, stride=2), *pair] * 4
    net = stack([*down, *pair, *up])
    assert str(net) == "16*floor((n + 4)/16) - 188"
    assert net(572) == 388  # the sizes in the figure of the paper


# Folding


@pytest.mark.parametrize(
    ("size_map", "text"),
    [
        (IDENTITY, "n"),
        (SizeMap.line(0, -3), "-3"),
        (SizeMap.line(-1, 2), "2 - n"),
        (SizeMap.line(3, -4), "3*n - 4"),
        (SizeMap.line(1, 0, 2), "floor(n/2)"),
        (SizeMap.line(1, 31, 32), "ceil(n/32)"),
        (SizeMap.line(1, 1, 2) + 1, "ceil(n/2) + 1"),
        (SizeMap.line(1, 2, 2), "floor(n/2) + 1"),
        (SizeMap.line(1, -80, 320), "floor((n - 80)/320)"),
        (SizeMap.line(3, 1, 4), "floor((3*n + 1)/4)"),
        (2 * SizeMap.line(1, 0, 2), "2*floor(n/2)"),
        (3 * SizeMap.line(1, 1, 2) + 1, "3*ceil(n/2) + 1"),
        (16 * SizeMap.line(1, 4, 16) - 188, "16*floor((n + 4)/16) - 188"),
        (IDENTITY % 4, "n - 4*floor(n/4)"),
    ],
)
def test_known_shortest_forms(size_map, text):
    assert str(size_map) == text


@given(maps())
def test_the_text_of_a_map_reads_back_as_that_map(size_map):
    read = read_size(str(size_map))
    assert read.denominator == 1
    assert read.numerator == size_map


@given(maps())
def test_the_text_of_a_map_means_it_in_python(size_map):
    # Fractions make Python's own `/` exact.
    text = str(size_map)
    for n in span(size_map):
        assert eval(text, {"n": Fraction(n), "floor": floor, "ceil": ceil}) == size_map(n)


@pytest.mark.parametrize("period", [24, 40, 97])
def test_long_texts_read_back_or_say_that_they_do_not(period):
    source = random.Random(SEED)
    size_map = SizeMap(period, 7, [source.randrange(1000) for _ in range(period)])
    text = str(size_map)
    if not text.startswith("one of"):
        assert read_size(text).numerator == size_map
    else:
        assert text == f"one of {period} expressions, by n mod {period}"


# For every n, by another engine


def random_pair(source, depth):
    """Return a random map, and the same in islpy's words."""
    if depth == 0:
        return IDENTITY, "n"
    made, text = random_pair(source, depth - 1)
    kind = source.choice(("floor", "ceil", "times", "plus", "step", "mod"))
    number = source.randint(1, 4)
    if kind == "floor":
        return made // number, f"floor(({text})/{number})"
    if kind == "ceil":
        return -(-made // number), f"ceil(({text})/{number})"
    if kind == "times":
        return made * number, f"{number}*({text})"
    if kind == "plus":
        shift = source.randint(-2, 2)
        return made + shift, f"({text}) + ({shift})"
    if kind == "mod":
        return made % number, f"(({text}) mod {number})"
    other, words = random_pair(source, 1)
    return made + other, f"({text}) + ({words})"


def rewritten(source, made, text):
    """Return the map as a sum of floors (Hermite's identity), now and then with one term wrong."""
    parts = source.randint(2, 3)
    offsets = [i + (source.random() < 0.15) for i in range(parts)]
    words = " + ".join(f"floor(({text} + {i})/{parts})" for i in offsets)
    return sum(((made + i) // parts for i in offsets), SizeMap.line(0)), words


def isl_map(text):
    return islpy.Map.from_pw_aff(islpy.PwAff(f"{{ [n] -> [{text}] }}"))


def test_islpy_finds_the_same_maps_equal():
    source = random.Random(SEED)
    outcomes = []
    for _ in range(400):
        left, left_text = random_pair(source, source.randint(1, 4))
        if source.random() < 0.5:
            right, right_text = random_pair(source, source.randint(1, 4))
        else:
            right, right_text = rewritten(source, left, left_text)
        equal = isl_map(left_text).is_equal(isl_map(right_text))
        assert (left == right) == equal, (SEED, left_text, right_text)
        # The text is read by islpy itself, so it must be the map the random words meant.
        folded = str(left).replace("floor(n/", "floor((n)/").replace("ceil(n/", "ceil((n)/")
        assert isl_map(folded).is_equal(isl_map(left_text)), (SEED, folded, left_text)
        outcomes.append(equal)
    assert min(outcomes.count(True), outcomes.count(False)) >= 100


#: Identities for every n, written two ways.
IDENTITIES = [
    ("floor(n/2) + floor((n + 1)/2)", "n"),
    ("floor(n/3) + floor((n + 1)/3) + floor((n + 2)/3)", "n"),
    ("floor(floor((n + 3)/4)/5)", "floor((n + 3)/20)"),
    ("ceil(n/7)", "floor((n - 1)/7) + 1"),
    ("-floor(-n/6)", "ceil(n/6)"),
    ("floor((n - 1)/2) + 1", "ceil(n/2)"),
    ("n % 12 - 4*floor((n % 12)/4)", "n % 4"),
    ("floor((4*n + 2)/6)", "floor((2*n + 1)/3)"),
]


@pytest.mark.parametrize(("left", "right"), IDENTITIES)
def test_known_identities(left, right):
    assert read_size(left).numerator == read_size(right).numerator
    assert read_size(left) != read_size(f"{right} + floor(n/10) - floor((n - 1)/10)")


# Cost


@pytest.mark.usefixtures("little_memory")
def test_huge_strides_cost_nothing():
    big = 10**9
    three = SizeMap.line(1, 3, big)(SizeMap.line(1, -5, big))(SizeMap.line(big, 2))
    size_map = Conv(7, stride=big, padding=3).size_map()
    assert three(10**30) == ((10**30 * big + 2 - 5) // big + 3) // big
    assert size_map == SizeMap.line(1, -1, big) + 1
    inputs = size_map.inputs(2)
    assert (inputs.start, inputs.stop) == (big + 1, 2 * big + 1)
    assert read_size(f"floor((n - 80)/{big})").numerator == SizeMap.line(1, -80, big)
    assert str(SizeMap.line(1, big - 1, big)) == f"ceil(n/{big})"


def test_a_map_with_a_huge_stride_keeps_its_sign_and_scale():
    stride = SizeMap.line(1, 3, 10**9)
    assert (-stride)(5 * 10**9 - 3) == -5
    assert 0 * stride == SizeMap.line(0)
    assert 1 * stride == stride
    assert (7 - stride)(10**9 - 3) == 6


def test_a_ceiling_by_a_huge_number_reads_back():
    size_map = SizeMap.line(1, 10**9 - 1, 10**9)
    assert read_size(str(size_map)).numerator == size_map


TOO_LARGE = {
    "product": lambda: 2 * (SizeMap.line(1, 0, 1021) + SizeMap.line(1, 1, 1031) * 2),
    "sum": lambda: SizeMap.line(1, 0, 1021) + SizeMap.line(1, 0, 1031) // 1033,
    "composition": lambda: SizeMap.line(3, 0, 2)(SizeMap.line(1, 0, 10**9)),
    "difference": lambda: SizeMap.line(1, 0, 10**9) - SizeMap.line(1, 0, 10**9 + 7),
    "remainder": lambda: IDENTITY % 10**18,
    "values": lambda: SizeMap.line(1, 0, 10**18).values,
}


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_table_that_is_too_large_is_refused_before_it_is_made(name):
    with pytest.raises(LimitError) as caught:
        TOO_LARGE[name]()
    assert str(caught.value).startswith("a size map that is not one floor has a period of at most")


def test_the_longest_table_still_works():
    size_map = 2 * SizeMap.line(1, 0, LONGEST_PERIOD) + IDENTITY
    assert len(size_map.values) == LONGEST_PERIOD
    assert size_map(3 * LONGEST_PERIOD + 5) == 6 + 3 * LONGEST_PERIOD + 5
    assert size_map.first(4 * LONGEST_PERIOD + 7) == 4 * LONGEST_PERIOD


@pytest.mark.parametrize("period", [0, -2])
@pytest.mark.parametrize("rise", [0, 1])
def test_a_line_has_a_positive_period(period, rise):
    with pytest.raises(SolverError):
        SizeMap.line(rise, 3, period)


@given(maps(), st.integers(1, 5), st.integers(-9, 9))
def test_a_line_behind_a_map_is_the_map_of_its_values(size_map, rise, shift):
    values = [rise * v + shift for v in size_map.values]
    expected = SizeMap(size_map.period, rise * size_map.rise, values)
    for made in (SizeMap.line(rise, shift)(size_map), size_map * rise + shift):
        assert made == expected
        assert hash(made) == hash(expected)
        assert made.nondecreasing == expected.nondecreasing
        assert [made(n) for n in range(-20, 20)] == [
            rise * size_map(n) + shift for n in range(-20, 20)
        ]
        if made.rise > 0 and made.nondecreasing:
            assert [made.first(size) for size in range(-30, 30)] == [
                expected.first(size) for size in range(-30, 30)
            ]


def test_values_beyond_64_bits_are_kept():
    size_map = SizeMap(3, 2, [10**30, 0, -(10**30)])
    assert size_map.values == (10**30, 0, -(10**30))
    assert size_map * 3 - 1 == SizeMap(3, 6, [3 * 10**30 - 1, -1, -3 * 10**30 - 1])


def test_lines_behind_a_long_table_cost_no_memory():
    tracemalloc.start()
    try:
        size_map = SizeMap.line(1, 0, 251)(SizeMap.line(1, 0, 241) * 3)
        assert size_map.period == 251 * 241
        before = tracemalloc.get_traced_memory()[0]
        stack = [size_map]
        for _ in range(8):
            stack.append(SizeMap.line(1, -2)(stack[-1]) * 2)
        assert tracemalloc.get_traced_memory()[0] - before < 100_000
    finally:
        tracemalloc.stop()
