"""The solution set as a value, and its family: conditions that hold exactly for its members."""

from __future__ import annotations

import math
import pickle
import random
from fractions import Fraction
from itertools import islice, product
from operator import eq, ge, gt, le, lt, ne

import oracle
import pytest
import sympy
from oracle import Target

from solver import AvgPool, Conv, ConvTranspose, MaxPool, SolverError, n, solve
from solver.sizes.expression import evaluate
from solver.symbolic.algebra import SYMBOLS

# The protocol of a sequence and of a set


@pytest.fixture(scope="module")
def down():
    return solve(Conv, 224, 112, kernel_size="1..11", padding="0..5", dilation="1..2")


def test_iteration_length_and_indices_agree(down):
    layers = list(down)
    assert layers == list(down)
    assert len(layers) == len(down) == down.count() == 17
    assert len(set(layers)) == 17
    assert [down[i] for i in range(17)] == layers
    assert [down[i] for i in range(-17, 0)] == layers
    for bad in (17, -18, 10**30):
        with pytest.raises(IndexError, match="there is no answer of this number"):
            down[bad]


@pytest.mark.parametrize(
    "cut",
    [
        slice(None), slice(3), slice(2, 7), slice(-3, None), slice(None, None, 5), slice(20, 30),
        slice(None, None, -1), slice(10, 2, -3), slice(5, 5), slice(-100, 100, 4),
    ],
)  # fmt: skip
def test_slices_are_those_of_a_list(down, cut):
    assert down[cut] == list(down)[cut]


def test_slices_of_huge_sets_take_only_what_they_show():
    huge = solve(Conv, "n", "n", kernel_size=range(1, 10**12), padding=range(10**12))
    assert huge[:2] == [Conv(3, padding=1), Conv(5, padding=2)]
    assert huge[4:0:-2] == [huge[4], huge[2]]
    assert huge[1] == Conv(5, padding=2)
    assert next(iter(huge)) == huge.best()[0] == huge[0]
    assert Conv(10**11 + 1, padding=5 * 10**10) in huge
    assert huge.count() == 5 * 10**11


def test_truth_is_having_a_solution(down):
    assert down
    assert not solve(Conv, 4, 9, kernel_size=3, padding=0)


def test_answers_and_layers_are_the_same_in_two_forms(down):
    names = {"Conv": Conv, "ConvTranspose": ConvTranspose, "MaxPool": MaxPool, "AvgPool": AvgPool}
    questions = [
        down,
        solve(ConvTranspose, "n", "3n", output_padding="0..1"),
        solve(MaxPool, (20, 31), (10, 16), ceil_mode=True),
        solve(AvgPool, (20, 31), (10, 15), per_axis=True),
        solve(Conv, 9, 9, padding="0..2:0..2"),
    ]
    for found in questions:
        for layer, answer in islice(zip(found, found.answers(), strict=True), 50):
            made = eval(answer.layer, names)
            axes = found.question.axes
            assert [made.numbers(i) for i in range(axes)] == [layer.numbers(i) for i in range(axes)]
            assert made in found
            assert found.notes(layer) == answer.notes
            for name, value in answer.values.items():
                shown = getattr(layer, name)
                if isinstance(shown, tuple):
                    shown = [list(v) if isinstance(v, tuple) else v for v in shown]
                ends = [[*layer.numbers(i)[2:4]] for i in range(axes)]
                assert value in (shown, [shown] * axes, ends)
    assert [answer.layer for answer in down.answers(3)] == [repr(layer) for layer in down[:3]]


@pytest.mark.parametrize("layer", [Conv, ConvTranspose, MaxPool, AvgPool])
@pytest.mark.parametrize("words", [{}, {"ceil_mode": True}])
@pytest.mark.parametrize("target", range(6, 11))
def test_padding_alike_at_both_ends_is_written_as_one_number(layer, words, target):
    if words and not layer.operation.pooling:
        return
    found = solve(layer, 8, target, kernel_size="3..4", stride=1, padding="0..3:0..3", **words)
    for each, answer in zip(found, found.answers(), strict=True):
        assert answer.layer == repr(each)
        begin, end = each.ends()
        assert each.size(8) == target
        own = not layer.operation.pooling or begin == 0 or not words
        if begin == end and own and (2 * begin <= each.kernel_size or "Pool" not in answer.layer):
            assert each.padding == begin
            assert each == layer(each.kernel_size, 1, padding=begin, **words)
        else:
            assert each.padding == ((begin, end),)


# Membership


def test_a_member_lies_in_the_box_and_solves_it(down):
    inside = set(down)
    for k in range(1, 13):
        for s in range(1, 6):
            for p in range(7):
                for d in range(1, 4):
                    layer = Conv(k, stride=s, padding=p, dilation=d)
                    assert (layer in down) == (layer in inside)
    assert Conv(3, stride=2, padding=1) in inside
    assert Conv(13, stride=2, padding=6) not in down  # solves it, but the box ends at 11
    assert Conv(13, stride=2, padding=6).size(224) == 112


def test_members_written_in_other_ways():
    same = solve(Conv, "n", "n", kernel_size="1..6", dilation="1..2")
    assert Conv(3, padding="same") in same
    assert Conv(3, padding=((1, 1),)) in same
    assert Conv((3, 3), padding=1) not in same  # two axes, and one was asked about
    assert Conv((3,), padding=(1,)) in same
    assert Conv(4, padding="same") not in same  # one more at the end: the box pads both ends alike
    assert Conv(4, padding="same") in solve(Conv, "n", "n", padding="0..3:0..3")
    half = solve(Conv, "n", "n/2")
    assert Conv(4, stride=2, padding=1) in half
    assert Conv(4, stride=2, padding=((1, 2),)) not in half
    assert Conv(1, padding="valid") in same
    assert Conv(3, padding=1, in_channels=3, out_channels=64) in same


def test_members_with_several_axes():
    shared = solve(Conv, (224, 320), (112, 160))
    assert Conv(3, stride=2, padding=1) in shared
    assert Conv((3, 3), stride=2, padding=(1, 1)) in shared
    assert Conv((3, 5), stride=2, padding=(1, 2)) not in shared
    assert Conv((3, 3, 3), stride=2, padding=1) not in shared
    own = solve(Conv, (224, 320), (112, 160), per_axis=True)
    assert Conv((3, 5), stride=2, padding=(1, 2)) in own
    assert Conv(3, stride=2, padding=1) in own
    assert Conv((3, 5), stride=2, padding=(2, 1)) not in own
    assert all(layer in own and layer.size((224, 320)) == (112, 160) for layer in own.best(40))


def test_other_kinds_are_no_members():
    half = solve(MaxPool, "n", "n/2")
    assert MaxPool(2) in half
    assert AvgPool(2) not in half
    assert Conv(2, stride=2) not in half
    assert MaxPool(2, ceil_mode=True) not in half
    assert MaxPool(2, ceil_mode=True) in solve(MaxPool, "n", "n/2", ceil_mode=True)
    for other in ("MaxPool(2)", None, 2, (2, 2, 0, 1), MaxPool, object()):
        assert other not in half


# As a value


def test_equal_questions_are_equal_sets(down):
    again = solve("conv", "224", 112, kernel_size=range(1, 12), padding=range(6), dilation=[1, 2])
    assert down == again
    assert hash(down) == hash(again)
    assert down != solve(
        Conv, 224, 112, kernel_size="1..11", padding="0..5", dilation="1..2", sort="stride"
    )
    assert down != solve(Conv, 224, 112, kernel_size="1..12", padding="0..5", dilation="1..2")
    assert down != solve(MaxPool, 224, 112, kernel_size="1..11", padding="0..5", dilation="1..2")
    assert down != list(down)
    assert len({down, again}) == 1


@pytest.mark.parametrize(
    ("question", "domains"),
    [
        ((Conv, 224, 112), {"kernel_size": "1..11"}),
        ((ConvTranspose, "n", "2n"), {"where": "n % 3 == 0", "sort": "padding"}),
        ((MaxPool, (20, 31), ("9..10", 16)), {"per_axis": True, "ceil_mode": True}),
        ((Conv, ["?", 9], [112, 5]), {"padding": "0..3:1"}),
        ((Conv, 2 * n, n), {}),
    ],
)
def test_a_pickled_set_is_the_same_set(question, domains):
    found = solve(*question, **domains)
    copy = pickle.loads(pickle.dumps(found))
    assert copy == found
    assert hash(copy) == hash(found)
    assert list(copy) == list(found)
    assert copy.family == found.family
    assert copy.reason == found.reason


# What it says about itself


@pytest.mark.parametrize(
    ("found", "asked"),
    [
        (solve(Conv, 224, 112), "conv 224 -> 112"),
        (solve("deconv", "n", "2n"), "conv_transpose n -> 2*n"),
        (solve(MaxPool, (224, 320), (112, 160)), "maxpool 224x320 -> 112x160"),
        (solve(MaxPool, 7, "3..4", ceil_mode=True), "maxpool in ceil mode 7 -> 3..4"),
        (solve(Conv, [8, ...], [4, 9]), "conv 8 -> 4 and ? -> 9"),
        (solve(Conv, list(range(2, 30, 2)), list(range(1, 15))), None),
    ],
)
def test_the_question_in_words(found, asked):
    if asked is None:
        assert found.asked.endswith("14 -> 7 and 16 -> 8 and more")
    else:
        assert found.asked == asked


def test_the_box_in_words():
    found = solve(Conv, 224, 112, kernel_size=[1, 2, 3, 9], padding="0..2:1", dilation=2)
    assert found.searched == {
        "kernel_size": "1..3,9",
        "stride": "1..4",
        "padding": "0..2:1",
        "dilation": "2",
    }
    per_axis = solve(AvgPool, (8, 9), (4, 4), kernel_size=(2, "2..3"), stride=2, per_axis=True)
    assert per_axis.searched["kernel_size"] == "2 x 2..3"
    assert per_axis.searched["stride"] == "2 x 2"
    assert "dilation" not in per_axis.searched
    # Every default is stated, and holds every solution.
    stated = solve(ConvTranspose, "n", "2n").searched
    again = solve(ConvTranspose, "n", "2n", **stated)
    assert list(again) == list(solve(ConvTranspose, "n", "2n"))


# The family: its conditions hold exactly for the solutions

OPERATORS = {
    "+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y,
    "/": Fraction,
    "floor": math.floor, "ceil": math.ceil, "min": min, "max": max,
    "==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
    "and": lambda x, y: x and y, "or": lambda x, y: x or y, "not": lambda x: not x,
}  # fmt: skip


def values_of(row):
    k, s, p, d, a, size = row
    begin, end = (p, p) if isinstance(p, int) else p
    found = {"kernel_size": k, "stride": s, "dilation": d, "output_padding": a}
    found |= {"padding_begin": begin, "padding_end": end}
    if isinstance(p, int):
        found["padding"] = p
    return found if size is None else found | {"n": size}


def says(trees, values):
    """Evaluate the text of a family: a condition "a <= b <= c" is two trees."""
    return all(evaluate(tree, values, OPERATORS) for tree in trees)


def check_family(found, made, expected, n=None):
    """Compare the text and the relations of a family with the wanted rows over a whole table."""
    expected = set(expected)
    ((_, ways),) = found.ways
    trees = [[link for part in way for link in part.links] for way in ways]
    words = [[str(part) for part in way] for way in ways]
    assert found.family == (
        words[0] if len(ways) == 1 else [" or ".join(" and ".join(way) for way in words)]
    )
    rows = made.each(n)
    said = {row for row in rows if any(says(way, values_of(row)) for way in trees)}
    assert said == expected, (found.asked, found.family, said ^ expected)
    dice = random.Random(60)
    relations = found.conditions
    for row in dice.sample(rows, min(6, len(rows))) + sorted(expected)[:2]:
        symbols = {
            SYMBOLS[name]: sympy.Integer(value)
            for name, value in values_of(row).items()
            if name in SYMBOLS
        }
        holds = all(relation.xreplace(symbols) == sympy.true for relation in relations)
        assert holds == (row in expected), (relations, row)


BOX = oracle.Box(range(1, 7), range(1, 5), range(4), range(1, 4))
KINDS = [
    pytest.param("conv", BOX, False, id="conv"),
    pytest.param("conv_transpose", BOX._replace(output_padding=range(3)), False, id="deconv"),
    pytest.param("maxpool", BOX, False, id="maxpool"),
    pytest.param("maxpool", BOX, True, id="maxpool-ceil"),
    pytest.param("avgpool", BOX._replace(dilation=(1,)), True, id="avgpool-ceil"),
    pytest.param("conv", BOX._replace(end=range(3)), False, id="uneven"),
    pytest.param("maxpool", BOX._replace(end=range(3)), True, id="uneven-ceil"),
]


def draw_known(dice, op, box):
    """Give some hyperparameters one value; return the narrowed box and the arguments of solve."""
    known = {}
    for name in ("kernel_size", "stride", "padding", "dilation", "output_padding"):
        takes = name != "output_padding" or op == "conv_transpose"
        takes &= name != "dilation" or op != "avgpool"
        takes &= name != "padding" or box.end is None
        if takes and dice.random() < 0.35:
            known[name] = dice.choice(list(getattr(box, name)))
    box = box._replace(**{name: (value,) for name, value in known.items()})
    if box.end is not None:
        known["padding"] = "0..3:0..2"
    # by default they may have one value, which would be put in
    if op != "avgpool":
        known.setdefault("dilation", "1..3")
    if op == "conv_transpose":
        known.setdefault("output_padding", "0..2")
    return box, known


def whole_table(op, box, ceil_mode):
    """Return the box with the illegal combinations too: the family must rule them out itself."""
    made = oracle.table("conv", box)
    return made._replace(op=op, ceil_mode=ceil_mode)


@pytest.mark.parametrize(("op", "box", "ceil_mode"), KINDS)
def test_the_family_of_numbers(op, box, ceil_mode):
    seed = 61
    dice = random.Random(f"{seed} {op} {ceil_mode}")
    some = 0
    for _ in range(45):
        narrowed, known = draw_known(dice, op, box)
        legal = oracle.table(op, narrowed, ceil_mode)
        if not len(legal.k):
            continue
        pairs = []
        for size in dice.sample(range(1, 25), dice.choice((1, 1, 2, 3))):
            m = max(1, int(legal.size(size)[dice.randrange(len(legal.k))]))
            pairs.append((size, m, m + dice.choice((0, 0, 2))))
        found = solve(
            op,
            [size for size, _, _ in pairs],
            [f"{low}..{high}" for _, low, high in pairs],
            ceil_mode=ceil_mode,
            **known,
        )
        expected = oracle.solve(legal, pairs)
        check_family(found, whole_table(op, narrowed, ceil_mode), expected)
        some += bool(expected)
    assert some > 20


TARGETS = [
    ("n/2", Target("n/2", lambda n: n, 2, 2)),
    ("ceil(n/2)", Target("ceil(n/2)", lambda n: -(-n // 2), 1, 2)),
    ("floor((n - 1)/3)", Target("floor((n - 1)/3)", lambda n: (n - 1) // 3, 1, 3)),
    ("n", Target("n", lambda n: n, 1, 1)),
    ("2n", Target("2n", lambda n: 2 * n, 1, 1)),
    ("3n - 1", Target("3n - 1", lambda n: 3 * n - 1, 1, 1)),
]


@pytest.mark.parametrize(("op", "box", "ceil_mode"), KINDS)
def test_the_family_for_every_n(op, box, ceil_mode):
    dice = random.Random(f"62 {op} {ceil_mode}")
    some = 0
    size = Target("n", lambda n: n, 1, 1)
    for text, target in TARGETS * 3:
        narrowed, known = draw_known(dice, op, box)
        legal = oracle.table(op, narrowed, ceil_mode)
        found = solve(op, "n", text, ceil_mode=ceil_mode, **known)
        if not len(legal.k):
            continue
        holds, _ = oracle.every(legal, size, target, lambda n: n > 0, 1)
        check_family(found, whole_table(op, narrowed, ceil_mode), legal.rows(holds))
        some += bool(holds.any())
    assert some >= 4


@pytest.mark.parametrize(("op", "box", "ceil_mode"), KINDS)
def test_the_family_with_unknown_inputs(op, box, ceil_mode):
    dice = random.Random(f"63 {op} {ceil_mode}")
    some = 0
    for _ in range(8):
        narrowed, known = draw_known(dice, op, box._replace(stride=(1, 2, 3)))
        legal = oracle.table(op, narrowed, ceil_mode)
        if not len(legal.k):
            continue
        low = dice.randint(1, 8)
        high = low + dice.choice((0, 2))
        found = solve(op, "?", f"{low}..{high}", ceil_mode=ceil_mode, **known)
        for size in dice.sample(range(1, 25), 4):
            out = legal.size(size)
            expected = legal.rows((out >= low) & (out <= high), size)
            check_family(found, whole_table(op, narrowed, ceil_mode), expected, size)
            some += bool(expected)
    assert some > 5


@pytest.mark.parametrize(
    ("found", "family"),
    [
        (
            solve(Conv, "n", "n/2"),
            ["stride = 2", "padding = floor((kernel_size - 1)/2)"],
        ),
        (
            solve(Conv, "n", "n/2", dilation="1..2"),
            ["stride = 2", "padding = floor(dilation*(kernel_size - 1)/2)"],
        ),
        (solve(Conv, 224, 112, kernel_size=7, stride=2), ["padding = 3"]),
        (
            solve(Conv, "n", "ceil(n/2)", dilation=1),
            ["stride = 2", "2*padding = kernel_size - 1"],
        ),
        (solve(Conv, "n", "n", kernel_size=3, dilation=1), ["stride = 1", "padding = 1"]),
        (
            solve(Conv, 224, 112, stride=2, dilation=1, padding=1),
            ["3 <= kernel_size <= 4"],
        ),
        (
            solve(ConvTranspose, "n", "2n", dilation=1, output_padding=0),
            ["stride = 2", "2*padding = kernel_size - 2"],
        ),
        (
            solve(Conv, "?", 112, kernel_size=7, stride=2, padding=3, dilation=1),
            ["223 <= n <= 224"],
        ),
        (
            solve(Conv, 224, 112, kernel_size=7, padding=3, dilation=1),
            ["stride >= 2", "stride <= 2"],
        ),
        (
            solve(MaxPool, "n", "n/2", dilation=1),
            ["stride = 2", "padding = floor((kernel_size - 1)/2)", "2*padding <= kernel_size"],
        ),
        (
            solve(Conv, (224, 7), (112, 7), per_axis=True, dilation=1, stride=(2, 1)),
            ["axis 0: padding = floor((kernel_size - 1)/2)", "axis 1: 2*padding = kernel_size - 1"],
        ),
    ],
)
def test_the_family_in_words(found, family):
    assert found.family == family


def test_conditions_are_sympy_relations_with_the_public_symbols():
    found = solve(Conv, "n", "ceil(n/2)", dilation=1)
    assert found.conditions == [
        sympy.Eq(SYMBOLS["stride"], 2),
        sympy.Eq(2 * SYMBOLS["padding"], SYMBOLS["kernel_size"] - 1),
    ]
    per_axis = solve(Conv, (224, 7), (112, 7), per_axis=True).conditions
    assert len(per_axis) == 2
    assert all(isinstance(part, sympy.Basic) for axis in per_axis for part in axis)


def test_an_unknown_sort_key_is_refused():
    with pytest.raises(SolverError, match="unknown sort key"):
        solve(Conv, 4, 4, sort="cheap")


def test_the_family_of_average_pooling_in_three_axes_keeps_the_kernel_inside():
    found = solve(
        AvgPool,
        (5, 7, 6),
        ("1..3", "1..4", "1..4"),
        kernel_size="1..9",
        stride="1..4",
        padding="0..4",
    )
    assert "kernel_size <= 5" in found.family
    inside = {row for (row,) in found.rows()}
    assert inside
    assert max(row[0] for row in inside) <= 5
    trees = [link for part in found.ways[0][1][0] for link in part.links]
    box = [(k, s, p, 1, 0, None) for k, s, p in product(range(1, 10), range(1, 5), range(5))]
    assert {row for row in box if says(trees, values_of(row))} == inside
    reason = solve(AvgPool, (5, 5, 5), (5, 5, 5), kernel_size=7, stride=1, padding=3).reason
    assert reason.endswith("needs kernel_size <= 5, inside the unpadded input")


@pytest.mark.parametrize("kind", [Conv, MaxPool])
@pytest.mark.parametrize("word", ["same", "causal", "full", "half", "valid"])
def test_layers_are_written_in_the_word_that_was_asked_for(kind, word):
    """Each answer is the layer that its code makes; where it says a word, that pads unevenly."""
    for target in ("n", "ceil(n/2)", "n - 3", "n + 3"):
        found = solve(kind, "n", target, kernel_size="1..5", padding=word)
        for answer, layer in zip(found.answers(), found, strict=True):
            assert eval(answer.layer, {"Conv": Conv, "MaxPool": MaxPool}) == layer
            assert layer in found
            padding = answer.values["padding"]
            pair = padding if isinstance(padding, int) else tuple(padding[0])
            assert pair in (layer.ends(), layer.ends()[0])
            assert (layer.padding == word) == isinstance(padding, list)
            said = [note for note in answer.notes if "padding layer in PyTorch" in note]
            assert not said or (word, kind) != ("same", Conv)


def test_same_says_what_it_keeps():
    reason = solve(Conv, 224, 112, padding="same").reason
    assert reason.startswith("padding 'same' needs stride 1 and keeps every size")
    keras = solve(Conv, 224, 112, padding="same", framework="keras")
    assert keras.count() == 11
    assert not any("PyTorch" in note for each in keras.answers() for note in each.notes)
