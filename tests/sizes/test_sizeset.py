"""Size sets: equal sets are equal objects, and every operation is membership.

Judges: membership over a box, and islpy for statements about every n.
"""

from __future__ import annotations

import pickle
import random
from itertools import islice, takewhile
from math import lcm

import islpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver import Conv, ConvTranspose, MaxPool
from solver.errors import LimitError, SolverError
from solver.sizes.domain import LONGEST_PERIOD
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import EVERY, SizeSet, where_nonnegative, where_zero

SEED = 1
NOTHING = SizeSet.of([])


@st.composite
def sets(draw):
    modulus = draw(st.integers(1, 8))
    residues = draw(st.sets(st.integers(0, modulus - 1)))
    exceptions = draw(st.sets(st.integers(1, 30), max_size=6))
    return SizeSet(modulus, residues, draw(st.integers(-2, 25)), exceptions)


@st.composite
def growing_maps(draw):
    steps = draw(st.lists(st.integers(0, 3), min_size=1, max_size=6).filter(any))
    start = draw(st.integers(-12, 12))
    values = [start + sum(steps[:r]) for r in range(len(steps))]
    return SizeMap(len(steps), sum(steps), values)


def box(*size_sets, extra=0):
    """Return sizes past every minimum, by several turns of all sets."""
    turn = lcm(*(s.modulus for s in size_sets))
    far = max((*(s.minimum for s in size_sets), *(e for s in size_sets for e in s.exceptions)))
    return range(-3, far + 2 * turn + 40 + extra)


def members(size_set, sizes):
    return [n for n in sizes if n in size_set]


# Canonical form


@given(
    st.integers(1, 8),
    st.sets(st.integers(-9, 9)),
    st.integers(-5, 30),
    st.sets(st.integers(-3, 40), max_size=6),
)
def test_membership_is_the_definition(modulus, residues, minimum, exceptions):
    made = SizeSet(modulus, residues, minimum, exceptions)
    classes = {r % modulus for r in residues}
    for n in range(-5, 80):
        wanted = n >= 1 and (n in exceptions or (n >= minimum and n % modulus in classes))
        assert (n in made) == wanted, n


@given(sets(), sets())
def test_equal_exactly_when_the_members_are(left, right):
    sizes = box(left, right)
    assert (left == right) == (members(left, sizes) == members(right, sizes))


@given(sets(), st.integers(1, 5), st.integers(0, 20))
def test_other_words_for_a_set_are_the_same_object(size_set, turns, later):
    # More residues of a longer modulus, a later minimum, and the members below as exceptions.
    modulus = size_set.modulus * turns
    minimum = size_set.minimum + later
    again = SizeSet(
        modulus,
        [r + i * size_set.modulus for r in size_set.residues for i in range(turns)],
        minimum,
        members(size_set, range(1, minimum if size_set.residues else 200)),
    )
    assert again == size_set
    assert hash(again) == hash(size_set)
    assert (repr(again), str(again)) == (repr(size_set), str(size_set))


@given(sets())
def test_the_parts_are_minimal(size_set):
    assert all(e < size_set.minimum for e in size_set.exceptions) or size_set.finite
    if size_set.residues:
        assert size_set.minimum in size_set
        # One turn earlier the rule would fail somewhere.
        before = range(max(1, size_set.minimum - size_set.modulus), size_set.minimum)
        wrong = [
            n for n in before if (n in size_set) != (n % size_set.modulus in size_set.residues)
        ]
        assert wrong or not any(n % size_set.modulus in size_set.residues for n in before)
        for shorter in range(1, size_set.modulus):
            if size_set.modulus % shorter == 0:
                far = range(size_set.minimum, size_set.minimum + size_set.modulus)
                assert any((n in size_set) != (n + shorter in size_set) for n in far)


@given(sets())
def test_round_trips(size_set):
    assert eval(repr(size_set), {"SizeSet": SizeSet}) == size_set
    copy = pickle.loads(pickle.dumps(size_set))
    assert copy == size_set
    assert hash(copy) == hash(size_set)


@pytest.mark.parametrize("name", ["modulus", "residues", "minimum", "exceptions", "note"])
def test_immutable(name):
    with pytest.raises(AttributeError):
        setattr(SizeSet(2), name, 3)


def test_only_sizes_are_members():
    assert 0 not in EVERY
    assert -4 not in SizeSet(2, [0], -10)
    assert 2.0 not in EVERY
    assert "2" not in EVERY
    assert {1, 2} != EVERY


@pytest.mark.parametrize("modulus", [0, -1])
def test_a_modulus_is_positive(modulus):
    with pytest.raises(SolverError, match="a modulus is at least 1"):
        SizeSet(modulus, [0])


# Walking


@given(sets(), st.integers(-5, 60))
def test_iteration_and_first_follow_membership(size_set, start):
    sizes = box(size_set, extra=60)
    inside = members(size_set, sizes)
    assert list(takewhile(lambda n: n < sizes.stop, size_set)) == inside
    assert size_set.first(start) == next((n for n in inside if n >= start), None)
    assert bool(size_set) == bool(inside)
    assert size_set.finite == (members(size_set, range(sizes.stop, sizes.stop + 50)) == [])


@given(sets(), st.integers(-5, 60), st.integers(-5, 60))
def test_counted_listed_and_nearest_follow_membership(size_set, first, last):
    inside = members(size_set, range(-5, last + 1))
    assert size_set.count(first, last) == len([n for n in inside if n >= first])
    assert size_set.up_to(last) == inside
    assert size_set.nearest(last) == (size_set.last(last), size_set.first(last))
    assert size_set.last(last) == (inside[-1] if inside else None)


def test_iteration_does_not_end():
    assert list(islice(SizeSet(2, [0], 10**18), 2)) == [10**18, 10**18 + 2]


# Set operations


@given(sets(), sets())
def test_operations_are_membership(left, right):
    for made, rule in (
        (left & right, lambda n: n in left and n in right),
        (left | right, lambda n: n in left or n in right),
        (left - right, lambda n: n in left and n not in right),
        (~left, lambda n: n >= 1 and n not in left),
    ):
        assert all((n in made) == rule(n) for n in box(left, right))


@given(sets(), sets(), sets())
def test_laws_of_sets(a, b, c):
    assert ~~a == a
    assert ~(a & b) == ~a | ~b
    assert a & (b | c) == (a & b) | (a & c)
    assert (a & b) & c == a & (b & c)
    assert (a | b) | c == a | (b | c)
    assert a | ~a == EVERY
    assert a & ~a == NOTHING
    assert a & EVERY == a == a | NOTHING


@given(sets(), sets())
def test_inclusion(left, right):
    sizes = box(left, right)
    assert (left <= right) == (set(members(left, sizes)) <= set(members(right, sizes)))
    assert left & right <= left <= left | right


@given(sets(), growing_maps())
def test_preimage_is_membership_of_the_image(size_set, size_map):
    made = size_set.preimage(size_map)
    assert all((n in made) == (size_map(n) in size_set) for n in range(1, 250))


@given(sets(), growing_maps(), growing_maps())
def test_preimage_goes_back_layer_by_layer(size_set, first, second):
    # A size below 1 is in no set, so the way through must stay at sizes.
    fits = EVERY.preimage(first)
    assert size_set.preimage(second(first)) & fits == size_set.preimage(second).preimage(first)


# Signs of a map


@given(st.data())
def test_where_a_map_is_nonnegative_or_zero(data):
    period = data.draw(st.integers(1, 6))
    values = data.draw(st.lists(st.integers(-20, 20), min_size=period, max_size=period))
    size_map = SizeMap(period, data.draw(st.integers(-4, 4)), values)
    nonnegative, zero = where_nonnegative(size_map), where_zero(size_map)
    for n in range(1, 300):
        assert (n in nonnegative) == (size_map(n) >= 0)
        assert (n in zero) == (size_map(n) == 0)
    assert 0 not in nonnegative


# Published networks


def test_the_sizes_of_the_unpadded_u_net():
    pair = [Conv(3), Conv(3)]
    net = [*[*pair, MaxPool(2)] * 4, *pair, *[ConvTranspose(2, stride=2), *pair] * 4]
    fits, size = EVERY, IDENTITY
    for layer in net:
        fits &= layer.accepts().preimage(size)
        if isinstance(layer, MaxPool):  # the paper wants even sizes here
            fits &= SizeSet(2, [0]).preimage(size)
        size = layer.size_map()(size)
    assert fits == SizeSet(16, [12], 188)
    assert (572 in fits, size(572)) == (True, 388)


# For every n, by another engine


def isl_set(words):
    return islpy.Set(f"{{ [n] : n >= 1 and ({words}) }}")


def isl_words(size_set):
    """Say what the parts of a set mean, as they are documented, for islpy."""
    parts = [f"n = {e}" for e in size_set.exceptions]
    parts += [
        f"(n >= {size_set.minimum} and n mod {size_set.modulus} = {r})" for r in size_set.residues
    ]
    return " or ".join(parts) or "1 = 0"


def random_set(source, depth):
    """Return a random set, and a function from the words for n to islpy's words for the set."""
    if depth == 0:
        kind = source.choice(("class", "bound", "point"))
        number = source.randint(1, 6)
        if kind == "class":
            residue = source.randrange(number)
            return SizeSet(number, [residue]), lambda n: f"({n}) mod {number} = {residue}"
        if kind == "bound":
            return SizeSet(minimum=number), lambda n: f"{n} >= {number}"
        return SizeSet.of([number]), lambda n: f"{n} = {number}"
    left, say_left = random_set(source, depth - 1)
    kind = source.choice(("and", "or", "or", "not", "preimage"))
    if kind == "not":
        return ~left, lambda n: f"not ({say_left(n)})"
    if kind == "preimage":
        rise, shift, period = source.randint(1, 3), source.randint(-4, 4), source.randint(1, 3)

        def say(n):
            image = f"floor(({rise}*{n} + ({shift}))/{period})"
            return f"({image} >= 1 and ({say_left(image)}))"

        return left.preimage(SizeMap.line(rise, shift, period)), say
    right, say_right = random_set(source, source.randint(0, depth - 1))
    made = left & right if kind == "and" else left | right
    return made, lambda n: f"(({say_left(n)}) {kind} ({say_right(n)}))"


def test_islpy_finds_the_same_sets():
    source = random.Random(SEED)
    outcomes = []
    for _ in range(300):
        (left, say_left), (right, say_right) = (
            random_set(source, source.randint(0, 3)) for _ in range(2)
        )
        judged_left, judged_right = isl_set(say_left("n")), isl_set(say_right("n"))
        about = (SEED, say_left("n"), say_right("n"))
        assert isl_set(isl_words(left)).is_equal(judged_left), about
        assert (left == right) == judged_left.is_equal(judged_right), about
        assert (left <= right) == judged_left.is_subset(judged_right), about
        outcomes.append((left == right, left <= right))
    assert sum(equal for equal, _ in outcomes) >= 10
    assert sum(inside for _, inside in outcomes) >= 50
    assert sum(not inside for _, inside in outcomes) >= 50


# Words


@pytest.mark.parametrize(
    ("size_set", "text"),
    [
        (EVERY, "n >= 1"),
        (NOTHING, "no n"),
        (SizeSet(minimum=7), "n >= 7"),
        (SizeSet(2, [0]), "even n"),
        (SizeSet(2, [1], 9), "odd n >= 9"),
        (SizeSet(3, [0, 2]), "n = 0, 2 (mod 3)"),
        (SizeSet(16, [12], 188), "n = 12 (mod 16), n >= 188"),
        (SizeSet.of([7, 5]), "n in {5, 7}"),
        (SizeSet(4, [0], 8, [3]), "n = 0 (mod 4), n >= 8, or n in {3}"),
        (
            SizeSet.of(range(1, 40)),
            "1 <= n <= 39",
        ),
    ],
)
def test_known_words(size_set, text):
    assert str(size_set) == text


# Cost


@pytest.mark.usefixtures("little_memory")
def test_huge_numbers_cost_nothing():
    far = SizeSet(10**18 + 9, [5], 10**20)
    assert 5 + 100 * (10**18 + 9) in far
    assert far & SizeSet(minimum=10**30) == SizeSet(10**18 + 9, [5], 10**30)
    assert SizeSet(2, [0], 10**15) <= SizeSet(2, [0])
    assert SizeSet(2, [0], 10**15) & SizeSet(2, [1]) == NOTHING


@pytest.mark.usefixtures("little_memory")
def test_a_bound_goes_back_through_a_huge_stride():
    assert SizeSet(minimum=2).preimage(SizeMap.line(1, 0, 10**9)) == SizeSet(minimum=2 * 10**9)


@pytest.mark.usefixtures("little_memory")
def test_runs_cost_nothing_however_long_they_are():
    assert str(where_nonnegative(SizeMap.line(-1, 10**9))) == f"1 <= n <= {10**9}"
    assert str(~SizeSet(10**20, [0])) == f"n != 0 (mod {10**20})"
    coarse = SizeSet.where(SizeMap.line(1, 0, 10**20), 2, [0])
    assert coarse == SizeSet(2 * 10**20, range(10**20)) == ~~coarse
    assert coarse.count(1, 10**30) == 10**30 // 2 - 1 + coarse.count(10**30, 10**30)
    assert coarse & SizeSet(minimum=7) | SizeSet.of(range(1, 7)) == coarse
    assert str(SizeSet.of([3]).preimage(SizeMap.line(1, 0, 10**20))) == (
        f"{3 * 10**20} <= n <= {4 * 10**20 - 1}"
    )


TOO_LARGE = {
    "classes": lambda: SizeSet(10**9, [0]) | SizeSet(10**9 + 7, [0]) | SizeSet(2, [1]),
    "exceptions": lambda: SizeSet(2, [0], 10**9) | SizeSet(3, [0]),
    "residues": lambda: SizeSet(10**9, range(LONGEST_PERIOD + 1)).residues,
    "exceptions of a point": lambda: SizeSet.of([3]).preimage(SizeMap.line(1, 0, 10**9)).exceptions,
    "members": lambda: SizeSet(2, [0]).up_to(10**9),
}


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_set_that_is_too_large_is_refused_before_it_is_made(name):
    with pytest.raises(LimitError):
        TOO_LARGE[name]()
