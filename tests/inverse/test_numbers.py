"""Which layer takes these numbers to those? The whole box against brute force, every time."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import oracle
import pytest

import solver
from solver import AvgPool, Conv, ConvTranspose, MaxPool, SolverError, solve

# Small enough to try everything, large enough that every rule binds somewhere.
BOX = oracle.Box(range(1, 8), range(1, 5), range(5), range(1, 4))
KINDS = [
    pytest.param("conv", BOX, False, id="conv"),
    pytest.param("conv_transpose", BOX._replace(output_padding=range(4)), False, id="deconv"),
    pytest.param("maxpool", BOX, False, id="maxpool"),
    pytest.param("maxpool", BOX, True, id="maxpool-ceil"),
    pytest.param("avgpool", BOX._replace(dilation=(1,)), False, id="avgpool"),
    pytest.param("avgpool", BOX._replace(dilation=(1,)), True, id="avgpool-ceil"),
]
UNEVEN = [
    pytest.param(op, box._replace(kernel_size=range(1, 6), end=range(4)), ceil, id=kind.id)
    for kind in KINDS
    for op, box, ceil in [kind.values]
]


def words(values):
    """Write values as a domain."""
    return ",".join(map(str, values))


def domains(op, box):
    """Write an oracle's box as arguments of solve."""
    padding = words(box.padding) if box.end is None else f"{words(box.padding)}:{words(box.end)}"
    found = {"kernel_size": words(box.kernel_size), "stride": words(box.stride), "padding": padding}
    if op != "avgpool":
        found["dilation"] = words(box.dilation)
    if op == "conv_transpose":
        found["output_padding"] = words(box.output_padding)
    return found


def one_axis(solutions):
    return sorted(row for (row,) in solutions.rows())


def whole_box(op, box, ceil_mode, sizes):
    """Compare every target of every size; a target no combination reaches must have no answer."""
    made = oracle.table(op, box, ceil_mode)
    arguments = domains(op, box)
    questions = 0
    for n in sizes:
        out = made.size(n)
        for m in range(1, int(out.max()) + 2):
            found = solve(op, n, m, ceil_mode=ceil_mode, **arguments)
            expected = made.rows(out == m)
            assert one_axis(found) == expected, (n, m)
            assert found.count() == len(expected), (n, m)
            questions += 1
    return questions


@pytest.mark.parametrize(("op", "box", "ceil_mode"), KINDS)
def test_every_target_of_a_box_has_exactly_the_brute_force_answers(op, box, ceil_mode):
    assert whole_box(op, box, ceil_mode, range(1, 25)) > 300


@pytest.mark.parametrize(("op", "box", "ceil_mode"), UNEVEN)
def test_the_two_ends_may_be_padded_differently(op, box, ceil_mode):
    assert whole_box(op, box, ceil_mode, range(1, 12)) > 60


def draw_box(dice, op, small=False):
    """Draw a box: each hyperparameter known, listed with holes, or bounded."""

    def part(first, last):
        kind = dice.choice(("known", "listed", "bounded"))
        if kind == "known":
            return (dice.randint(first, last),)
        if kind == "listed":
            return tuple(sorted(dice.sample(range(first, last + 1), min(3, last - first + 1))))
        low = dice.randint(first, last)
        return tuple(range(low, dice.randint(low, last) + 1))

    return oracle.Box(
        part(1, 6 if small else 12),
        part(1, 5),
        part(0, 3 if small else 6),
        part(1, 4) if op != "avgpool" else (1,),
        part(0, 4) if op == "conv_transpose" else (0,),
        part(0, 3) if dice.random() < 0.3 else None,
    )


def draw_pair(dice, made, largest=40):
    """Draw a size and a range of outputs that the box mostly reaches."""
    n = dice.randint(1, largest)
    reached = np.unique(made.size(n)) if len(made.k) else np.array([1])
    m = int(dice.choice(reached)) or dice.randint(1, 9)
    return n, m, m + dice.choice((0, 0, 0, 1, 3))


def say(smallest, largest):
    return smallest if smallest == largest else f"{smallest}..{largest}"


@pytest.mark.parametrize("op", oracle.OPERATIONS)
def test_any_subset_known_listed_or_bounded_and_several_pairs_at_once(op):
    seed = 20
    dice = random.Random(f"{seed} {op}")
    some = several = 0
    for _ in range(400):
        box = draw_box(dice, op)
        ceil_mode = op.endswith("pool") and dice.random() < 0.5
        made = oracle.table(op, box, ceil_mode)
        first = draw_pair(dice, made)
        pairs = [first]
        if dice.random() < 0.5:
            # A second size that some answer of the first takes somewhere.
            n = dice.randint(1, 40)
            for m in made.size(n)[oracle.holds(made, pairs)][:1].tolist():
                pairs.append((n, max(m, 1), max(m, 1) + dice.choice((0, 2))))
        found = solve(
            op,
            [n for n, _, _ in pairs],
            [say(*outputs) for _, *outputs in pairs],
            ceil_mode=ceil_mode,
            **domains(op, box),
        )
        expected = oracle.solve(made, pairs)
        assert one_axis(found) == expected, (seed, op, box, pairs, ceil_mode)
        assert found.count() == len(expected)
        some += bool(expected)
        several += len(pairs) > 1 and bool(expected)
    assert some > 200
    assert several > 50


@pytest.mark.parametrize("op", oracle.OPERATIONS)
def test_unknown_inputs_are_found_with_the_layer(op):
    seed = 21
    dice = random.Random(f"{seed} {op}")
    some = 0
    for _ in range(120):
        box = draw_box(dice, op, small=True)
        ceil_mode = op.endswith("pool") and dice.random() < 0.5
        made = oracle.table(op, box, ceil_mode)
        if not len(made.k):
            continue
        _, smallest, largest = draw_pair(dice, made, 12)
        # No input beyond this reaches the output: each gives at least one element per stride.
        bound = (largest + 1) * 5 + 40
        asked = dice.choice(("?", ..., "3..17", "2,5,9..11"))
        values = {"3..17": range(3, 18), "2,5,9..11": (2, 5, 9, 10, 11)}.get(asked, range(1, bound))
        expected = oracle.inputs(made, smallest, largest, values)
        found = solve(op, asked, say(smallest, largest), ceil_mode=ceil_mode, **domains(op, box))
        assert one_axis(found) == expected, (seed, op, box, asked, smallest, largest, ceil_mode)
        assert found.count() == len(expected)
        some += bool(expected)
    assert some > 50


def test_an_unknown_input_beside_known_pairs():
    box = oracle.Box(range(1, 9), range(1, 4), range(5), range(1, 3))
    made = oracle.table("conv", box)
    known = set(oracle.solve(made, [(32, 16, 16)]))
    expected = [row for row in oracle.inputs(made, 7, 8, range(1, 99)) if (*row[:5], None) in known]
    found = solve(Conv, [32, "?"], [16, "7..8"], **domains("conv", box))
    assert expected
    assert one_axis(found) == expected
    assert found.count() == len(expected)


@pytest.mark.parametrize(("op", "box", "ceil_mode"), [*KINDS, *UNEVEN])
def test_valid_from_is_the_smallest_input_a_layer_takes(op, box, ceil_mode):
    made = oracle.table(op, box, ceil_mode)
    least = dict(zip(made.each(), oracle.smallest_input(made, 25).tolist(), strict=True))
    found = solve(op, 9, "1..20", ceil_mode=ceil_mode, **domains(op, box))
    assert len({least[row] for row in one_axis(found)}) > 3
    for answer in found.answers():
        assert answer.valid_from == least[oracle.row_of(answer)]


def test_the_inputs_of_one_layer():
    assert str(solve(Conv, "?", 112, kernel_size=7, stride=2, padding=3).inputs) == "223..224"
    assert list(solve(Conv, "?", "3..4", kernel_size=1, stride=3, padding=0).inputs) == [
        *range(7, 13)
    ]


@pytest.mark.parametrize("op", oracle.OPERATIONS)
@pytest.mark.parametrize("axes", [2, 3])
def test_all_axes_share_the_layer_or_each_has_its_own(op, axes):
    seed = 22
    dice = random.Random(f"{seed} {op} {axes}")
    shared_some = own_some = 0
    for _ in range(40):
        box = draw_box(dice, op, small=True)._replace(end=None)
        made = oracle.table(op, box)
        sizes = dice.choices(range(1, 16), k=axes)
        at = dice.randrange(max(len(made.k), 1))
        outs = [max(1, int(made.size(n)[at])) if len(made.k) else 1 for n in sizes]
        pairs = [(n, m, m) for n, m in zip(sizes, outs, strict=True)]
        arguments = domains(op, box)
        shared = solve(op, tuple(sizes), tuple(outs), **arguments)
        assert one_axis(shared) == oracle.solve(made, pairs, axes), (seed, op, box, pairs)
        shared_some += bool(shared)
        own = solve(op, tuple(sizes), tuple(outs), per_axis=True, **arguments)
        expected = list(product(*(oracle.solve(made, [pair], axes) for pair in pairs)))
        assert own.count() == len(expected)
        own_some += bool(own)
        if len(expected) < 500:
            assert sorted(own.rows()) == sorted(expected)
    assert shared_some > 10
    assert own_some >= shared_some


def test_every_axis_may_have_its_own_box():
    found = solve(
        Conv,
        (9, 12),
        (9, 6),
        kernel_size=(3, "2..5"),
        stride=("1..2", 2),
        padding=("0..3", "0..3"),
        dilation=1,
        per_axis=True,
    )
    left = oracle.table("conv", oracle.Box((3,), (1, 2), range(4)))
    right = oracle.table("conv", oracle.Box(range(2, 6), (2,), range(4)))
    expected = product(oracle.solve(left, [(9, 9, 9)]), oracle.solve(right, [(12, 6, 6)]))
    assert sorted(found.rows()) == sorted(expected)
    assert found[0] == Conv((3, 3), stride=(1, 2), padding=(1, 1))


def test_average_pooling_in_three_axes_needs_the_kernel_inside_the_input():
    box = {"kernel_size": 3, "stride": 1, "padding": 1}
    assert solve(AvgPool, (2, 2), (2, 2), **box).count() == 1
    assert solve(AvgPool, (2, 2, 2), (2, 2, 2), **box).count() == 0
    assert solve(MaxPool, (2, 2, 2), (2, 2, 2), **box).count() == 1
    assert solve(AvgPool, (3, 3, 2), (3, 3, 2), **box).count() == 0
    assert solve(AvgPool, (3, 3, 2), (3, 3, 2), per_axis=True, **box).count() == 0
    for size, valid_from in [((4,), 1), ((4, 4), 1), ((4, 4, 4), 3), (("n", "n", "n"), 3)]:
        (answer,) = solve(AvgPool, size, size, **box).answers()
        assert answer.valid_from == valid_from


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ("1..11 1..4 0..5 1..2", 17),
        ("1..11 1..4 0..5 1..3", 21),
        ("1..64 1..32 0..64 1..16", 679),
        ("1..512 1..128 0..256 1..64", 13_781),
    ],
)
def test_known_counts_of_224_to_112(box, expected):
    names = ("kernel_size", "stride", "padding", "dilation")
    found = solve(Conv, 224, 112, **dict(zip(names, box.split(), strict=True)))
    rows = set(found.rows())
    assert found.count() == len(rows) == expected


def test_a_billion_kernels_answer_at_once():
    found = solve(Conv, 224, 112, kernel_size=range(1, 10**9), stride=2, padding="0..1000000000")
    assert found[0] == Conv(3, stride=2, padding=1)
    assert Conv(999_999, stride=2, padding=499_999) in found
    assert Conv(999_999, stride=2, padding=499_998) not in found
    # padding = floor((kernel_size - 1)/2): one per kernel
    assert found.count() == 10**9 - 1


def test_answers_come_one_at_a_time():
    rows = solve(Conv, 9, 9, kernel_size=range(1, 10**9), padding=range(10**9), stride=1).rows()
    assert [next(rows)[0][:3] for _ in range(3)] == [(1, 1, 0), (3, 1, 1), (5, 1, 2)]


def test_words_ranges_and_lists_ask_the_same_question():
    expected = solve("conv", 224, 112, kernel_size="1..11", stride="1,2,4", padding="0..5")
    for other in (
        solve(Conv, "224", "112", kernel_size=range(1, 12), stride=[1, 2, 4], padding=range(6)),
        solve(
            "Conv2d",
            224,
            range(112, 113),
            kernel_size=range(1, 12),
            stride=(4, 2, 1),
            padding=range(6),
        ),
    ):
        assert one_axis(other) == one_axis(expected)


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        (lambda: solve(Conv, [1, 2], [1]), "each input needs its output"),
        (lambda: solve(Conv, (4, 4), (2, 2, 2)), "all sizes need the same number of axes"),
        (lambda: solve(Conv, 4, "?"), "the output must be given"),
        (lambda: solve(Conv, 4, "2n"), "the input is a number, so the output must be one too"),
        (lambda: solve(Conv, 0, 4), "at least 1"),
        (lambda: solve(Conv, 4, 4.0), "a size is a whole number"),
        (lambda: solve(Conv, 4, "3,5"), "several outputs are written as a range"),
        (lambda: solve(Conv, 4, 4, output_padding=1), "convolution has no output_padding"),
        (lambda: solve(AvgPool, 4, 4, dilation=2), "average pooling has no dilation"),
        (lambda: solve(ConvTranspose, 4, 4, ceil_mode=True), "only pooling has a ceil mode"),
        (lambda: solve(Conv, 4, 4, kernel_size=0), "kernel_size must be at least 1"),
        (
            lambda: solve(Conv, (4, 4), (4, 4), stride=(1, 2, 3), per_axis=True),
            "stride: one domain",
        ),
    ],
)
def test_bad_questions_name_the_rule(question, rule):
    with pytest.raises(solver.SolverError, match=rule):
        bool(question())


@pytest.mark.parametrize(
    ("input", "output"), [("2*112", "224/2"), ("deconv(112, 4, 2, 1)", "conv(224, 7, 2, 3)")]
)
def test_a_size_may_be_written_out(input, output):
    found, wanted = solve("conv", input, output), solve("conv", 224, 112)
    assert list(found) == list(wanted)


def test_layers_in_a_size_are_checked():
    for size in ("conv(n, 0)", "conv(n, 3, 0)", "deconv(n, 3, 2, 1, a=2)", "conv(2, 7)"):
        with pytest.raises(SolverError):
            solve("conv", size, "n").count()
