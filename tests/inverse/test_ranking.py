"""The best answer first, in an order that is documented, and notes that are true."""

from __future__ import annotations

import random
from itertools import islice, pairwise, product

import oracle
import pytest

from solver import AvgPool, Conv, ConvTranspose, LimitError, MaxPool, SolverError, solve
from solver.inverse import order
from solver.inverse.order import _by_bounds
from solver.inverse.ranking import Ranking

# What an engineer would write

UP = [ConvTranspose(2, stride=2), ConvTranspose(4, stride=2, padding=1)]


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ((ConvTranspose, "n", "2n"), UP),
        ((ConvTranspose, 56, 112), UP),
        (
            (ConvTranspose, "n", "4n"),
            [ConvTranspose(4, stride=4), ConvTranspose(8, stride=4, padding=2)],
        ),
        ((ConvTranspose, "n", "n"), [ConvTranspose(3, padding=1)]),
        ((Conv, 224, 112), [Conv(3, stride=2, padding=1)]),
        ((Conv, "n", "ceil(n/2)"), [Conv(3, stride=2, padding=1)]),
        ((Conv, "n", "n/2"), [Conv(3, stride=2, padding=1)]),
        ((Conv, "n", "n"), [Conv(3, padding=1)]),
        ((Conv, 32, 32), [Conv(3, padding=1)]),
        ((Conv, "n", "n - 2"), [Conv(3)]),
        ((MaxPool, "n", "n/2"), [MaxPool(2)]),
        ((MaxPool, 112, 56), [MaxPool(2)]),
        ((AvgPool, "n", "floor(n/2)"), [AvgPool(2)]),
        ((AvgPool, 7, 1), [AvgPool(7)]),
        ((Conv, "n", "n/4"), [Conv(4, stride=4)]),
        ((Conv, "n", "n/16"), [Conv(16, stride=16)]),
    ],
)  # fmt: skip
def test_the_first_answer_is_the_one_an_engineer_would_write(question, best):
    found = solve(*question)
    assert found.best(len(best)) == best


@pytest.mark.parametrize("n", [2, 3, 7, 8, 12, 31, 32])
@pytest.mark.parametrize("layer", [Conv, ConvTranspose, MaxPool, AvgPool])
def test_kernel_size_1_is_never_first_where_there_is_another(layer, n):
    for m in range(1, 40):
        found = solve(layer, n, m)
        if found and found[0].kernel_size == 1:
            assert {row[0] for (row,) in found.rows()} == {1}


# The documented order


def sort_key(answer):
    """Return the documented key, from what an answer shows: points by the words of its notes."""
    points = {
        "gaps:": 8,
        "checkerboard risk:": 4,
        "padding wider": 8,
        "even kernel": 4,
        "trailing input": 2,
        "output_padding=": 2,
        "dilation without effect": 8,
        "dilated:": 1,
        "different padding": 1,
        "stride without effect": 1,
    }
    v = answer.values
    if "Pool" in answer.layer and v["kernel_size"] == v["stride"]:
        points["trailing input"] = 0  # a pooling that tiles is meant to drop the rest
    total = sum(p for words, p in points.items() if any(words in note for note in answer.notes))
    return v["kernel_size"] == 1, total


def tie(answer):
    """Return what decides between equal points: a pooling's own stride and even padding first."""
    k, s, p, d, a, _ = oracle.row_of(answer)
    begin, end = (p, p) if isinstance(p, int) else p
    return k, "Pool" in answer.layer and s != k, s, abs(begin - end), begin, end, d, a


@pytest.mark.parametrize(
    ("layer", "n", "m", "box"),
    [
        (Conv, 224, 112, {"dilation": "1..3"}),
        (Conv, "n", "n/3", {"dilation": "1..2"}),
        (Conv, 9, 1, {"kernel_size": "1..12", "dilation": "1..3"}),
        (Conv, 7, 4, {"padding": "0..3:0..3", "dilation": "1..2"}),
        (ConvTranspose, "n", "2n", {"dilation": "1..4", "output_padding": "0..3"}),
        (ConvTranspose, 7, 20, {"dilation": "1..3"}),
        (MaxPool, 20, "5..8", {"dilation": "1..3"}),
        (AvgPool, 20, "5..8", {}),
    ],
)
def test_the_order_is_the_documented_one(layer, n, m, box):
    answers = list(solve(layer, n, m, **box).answers())
    keys = [sort_key(answer) for answer in answers]
    assert keys == sorted(keys)
    # Within equal points: the well-known layers, then smaller kernel, stride, padding, ...
    known = {
        "the standard", "patches of 2", "DCGAN", "the stem of ResNet", "U-Net", "the mirror",
        "the pooling of ResNet",
    }  # fmt: skip
    for left, right in pairwise(answers):
        if sort_key(left) != sort_key(right):
            continue
        famous = [any(word in note for note in a.notes for word in known) for a in (left, right)]
        assert famous[0] or not famous[1]
        if not any(famous):
            assert tie(left) < tie(right)


def test_the_order_does_not_depend_on_how_the_box_is_written():
    wide = solve(Conv, 224, 112, kernel_size="1..11", dilation="1..3")
    narrow = solve(Conv, 224, 112, kernel_size="3..9", dilation="1..3")
    shuffled = solve(Conv, 224, 112, kernel_size=[9, 3, 5, 4, 8, 7, 6], dilation=[3, 1, 2])
    assert list(shuffled) == list(narrow)
    inside = set(narrow)
    assert [layer for layer in wide if layer in inside] == list(narrow)


# Notes: each appears exactly when its fact holds in a window that is really slid


def taken(k, s, lo, d, count):
    """Return the positions each of `count` windows reads; negative ones are padding."""
    return [[i * s - lo + j * d for j in range(k)] for i in range(count)]


def scattered(k, s, d, n):
    """Return how often each output position is written, before anything is cut away."""
    writes = {}
    for i, j in product(range(n), range(k)):
        writes[i * s + j * d] = writes.get(i * s + j * d, 0) + 1
    return writes


def has(notes, words):
    return any(words in note for note in notes)


BOX = {"kernel_size": "1..7", "stride": "1..4", "padding": "0..4", "dilation": "1..3"}


def test_gaps_are_inputs_that_no_window_reads():
    found = solve(Conv, 60, "2..70", **BOX)
    seen = set()
    for answer in found.answers():
        k, s, p, d, _, _ = oracle.row_of(answer)
        read = {i for window in taken(k, s, p, d, 200) for i in window}
        gaps = any(i not in read for i in range(30, 60))  # far from both ends
        assert has(answer.notes, "gaps: some inputs are never read") == gaps, answer
        seen.add(gaps)
    assert seen == {True, False}


def test_gaps_and_checkerboards_of_transposed_convolutions_are_seen_when_scattering():
    found = solve(ConvTranspose, 40, "2..300", output_padding="0..3", **BOX)
    seen = set()
    for answer in found.answers():
        k, s, _, d, _, _ = oracle.row_of(answer)
        writes = scattered(k, s, d, 40)
        middle = [writes.get(i, 0) for i in range(d * k, d * k + 2 * s * d)]
        gaps, uneven = min(middle) == 0, len(set(middle)) > 1
        assert has(answer.notes, "gaps: some outputs get nothing") == gaps, answer
        assert has(answer.notes, "checkerboard risk") == (uneven and not gaps), answer
        taps = [note for note in answer.notes if "by phase" in note]
        assert bool(taps) == (uneven and not gaps)
        if taps:
            few, most = min(middle), max(middle)
            apart = f", {d} apart" if d > 1 else ""
            assert {*middle} == {few, most}
            assert taps == [f"{few} or {most} taps by phase{apart}"]
        seen.add((gaps, uneven))
    assert seen == {(True, True), (False, True), (False, False)}


@pytest.mark.parametrize("padding", ["0..4", "0..4:0..3"])
def test_padding_wider_than_the_kernel_reaches_makes_windows_of_padding_only(padding):
    n = 30
    found = solve(Conv, n, "2..50", **{**BOX, "padding": padding})
    seen = set()
    for answer in found.answers():
        k, s, p, d, _, _ = oracle.row_of(answer)
        lo, hi = (p, p) if isinstance(p, int) else p
        windows = taken(k, s, lo, d, (n + lo + hi - d * (k - 1) - 1) // s + 1)
        empty = any(all(not 0 <= i < n for i in window) for window in windows)
        said = has(answer.notes, "padding wider than the kernel reaches")
        assert said == empty, answer
        seen.add(said)
    assert seen == {True, False}


@pytest.mark.parametrize("padding", ["0..4", "0..3:0..2"])
@pytest.mark.parametrize("layer", [Conv, MaxPool])
@pytest.mark.parametrize("sizes", [[29], [30], [29, 32], [17, 24, 31]])
def test_trailing_inputs_never_read(layer, sizes, padding):
    found = solve(layer, sizes, ["1..90"] * len(sizes), **{**BOX, "padding": padding})
    seen = set()
    for answer in found.answers(600):
        k, s, p, d, _, _ = oracle.row_of(answer)
        lo, hi = (p, p) if isinstance(p, int) else p
        unread = 0
        for n in sizes:
            last = taken(k, s, lo, d, (n + lo + hi - d * (k - 1) - 1) // s + 1)[-1][-1]
            unread = max(unread, n - 1 - last)
        noted = [note for note in answer.notes if "never read" in note and "trailing" in note]
        assert bool(noted) == (unread > 0), (answer, unread)
        if unread:
            assert noted[0].startswith(f"{unread} trailing input")
        seen.add(unread)
    assert seen >= {0, 1, 2}


@pytest.mark.parametrize(
    ("target", "where", "asked"),
    [
        ("floor(n/3)", "", range(40, 100)),
        ("n/3", "", range(42, 100, 3)),
        ("floor(n/3)", "n % 3 == 1", range(40, 100, 3)),
        ("floor(n/4)", "n % 2 == 1", range(41, 100, 2)),
        ("n/2", "n % 4 == 2", range(42, 100, 4)),
        ("floor((n - 1)/3)", "n % 6 != 0", [n for n in range(40, 100) if n % 6]),
    ],
)
def test_trailing_inputs_never_read_at_worst_over_every_n(target, where, asked):
    found = solve(Conv, "n", target, where=where, **BOX)
    assert found
    for answer in found.answers():
        k, s, p, d, _, _ = oracle.row_of(answer)
        worst = 0
        for n in asked:
            last = taken(k, s, p, d, (n + 2 * p - d * (k - 1) - 1) // s + 1)[-1][-1]
            worst = max(worst, n - 1 - last)
        noted = [note for note in answer.notes if "trailing" in note]
        assert bool(noted) == (worst > 0), (answer, worst)
        if worst:
            assert noted[0].startswith(f"up to {worst} trailing input")


def test_ceil_mode_leaves_nothing_trailing_but_gaps():
    found = solve(MaxPool, 29, "1..40", ceil_mode=True, **BOX)
    for answer in found.answers():
        k, s, p, d, _, _ = oracle.row_of(answer)
        last = taken(k, s, p, d, MaxPool(k, s, p, d, ceil_mode=True).size(29))[-1][-1]
        assert not has(answer.notes, "trailing")
        if not has(answer.notes, "gaps") and MaxPool(k, s, p, d, ceil_mode=True).size(29) > 1:
            assert last >= 28, answer


def test_plain_facts_are_noted_exactly_when_they_hold():
    questions = [
        solve(Conv, 20, "2..30", **{**BOX, "padding": "0..3:0..3"}),
        solve(ConvTranspose, 20, "2..90", output_padding="0..2", **BOX),
        solve(MaxPool, 20, "2..30", **BOX),
    ]
    for found in questions:
        for answer in found.answers(2000):
            k, s, p, d, a, _ = oracle.row_of(answer)
            lo, hi = (p, p) if isinstance(p, int) else p
            notes = answer.notes
            assert has(notes, "even kernel at stride 1") == (s == 1 and d * (k - 1) % 2 == 1)
            assert has(notes, "dilation without effect") == (k == 1 and d > 1)
            assert has(notes, f"dilated: the taps are {d} elements apart") == (k > 1 and d > 1)
            window = {d * t for t in range(k)}
            holes = f"holes: {len(window)} of {max(window) + 1} elements of a window are read"
            conv = "ConvTranspose" not in answer.layer
            assert (
                has(notes, "holes:") == (conv and len(window) <= max(window)) == has(notes, holes)
            )
            assert has(notes, f"output_padding={a} needed") == (a > 0)
            assert has(notes, "different padding at the two ends") == (lo != hi)
            tiles = k == s > 1 and lo == hi == 0 and d == 1
            assert has(notes, "no overlap") == tiles
            assert has(notes, "pointwise") == (k == s == 1 and lo == hi == 0)


@pytest.mark.parametrize(
    ("layer", "box", "note"),
    [
        (Conv, (3, 1, 1), "the standard 3x3 layer"),
        (Conv, (3, 2, 1), "the standard downsampling layer (ResNet)"),
        (Conv, (7, 2, 3), "the stem of ResNet"),
        (Conv, (2, 2, 0), "patches of 2"),
        (Conv, (4, 2, 1), "the downsampling layer of DCGAN and pix2pix"),
        (ConvTranspose, (2, 2, 0), "the up-convolution of U-Net"),
        (ConvTranspose, (4, 2, 1), "the upsampling layer of DCGAN and pix2pix"),
        (MaxPool, (2, 2, 0), "the standard pooling"),
        (MaxPool, (3, 2, 1), "the pooling of ResNet's stem"),
        (AvgPool, (2, 2, 0), "the standard pooling"),
    ],
)
def test_well_known_layers_are_named_and_only_they(layer, box, note):
    made = layer(box[0], stride=box[1], padding=box[2])
    found = solve(layer, 64, made.size(64))
    named = [answer.layer for answer in found.answers() if note in answer.notes]
    assert named == [repr(made)]
    assert found.notes(made)[0] == note


def test_one_output_has_no_gaps_and_its_stride_does_nothing():
    notes = solve(Conv, 4, 1, kernel_size=4, stride=4, padding=0).notes(Conv(4, stride=4))
    assert "stride without effect: there is one output" in notes
    assert not has(notes, "gaps")
    assert solve(Conv, 5, 1)[0] == Conv(5)


# Large sets: lazily, and still every answer once


def test_bands_list_every_answer_once_and_the_same_way_each_time(monkeypatch):
    question = (Conv, 224, 112)
    box = {"kernel_size": "1..120", "stride": "1..4", "padding": "0..60", "dilation": "1..20"}
    whole = list(solve(*question, **box))
    monkeypatch.setattr(order, "RANKED", 200)
    banded = list(solve(*question, **box))
    assert len(banded) == len(set(banded)) == len(whole) > 500
    assert set(banded) == set(whole)
    assert banded == list(solve(*question, **box))
    assert banded[0] == whole[0] == Conv(3, stride=2, padding=1)
    # the documented bands: kernels above 1 first, and the largest hyperparameter grows by doubling
    bands = []
    for layer in banded:
        largest = max(layer.kernel_size, layer.stride, layer.padding, layer.dilation)
        band = next(i for i in range(10) if largest <= 16 * 2**i)
        bands.append((layer.kernel_size == 1, band))
    assert bands == sorted(bands)


@pytest.mark.parametrize("op", ["conv_transpose", "maxpool", "uneven"])
def test_bands_are_complete_for_every_kind_of_question(op, monkeypatch):
    box = {"kernel_size": "1..24", "stride": "1..4", "padding": "0..20", "dilation": "1..3"}
    question = {
        "conv_transpose": ("conv_transpose", 9, 30),
        "maxpool": ("maxpool", "?", "9..10"),
        "uneven": ("conv", 30, 15),
    }[op]
    if op == "uneven":
        box["padding"] = "0..20:0..3"
    expected = {row for (row,) in solve(*question, **box).rows()}
    for ranked in (7, 300):
        monkeypatch.setattr(order, "RANKED", ranked)
        found = solve(*question, **box)
        ranked_rows = [oracle.row_of(answer) for answer in found.answers()]
        assert len(ranked_rows) == len(expected) > 100
        assert set(ranked_rows) == expected


def test_a_thousand_million_million_answers_begin_at_once():
    big = range(1, 10**9)
    found = solve(Conv, "n", "n", kernel_size=big, padding=big, dilation=big)
    assert list(islice(found, 3)) == [
        Conv(3, padding=1),
        Conv(5, padding=2),
        Conv(7, padding=3),
    ]


# Sorting as asked


@pytest.mark.parametrize("name", ["kernel_size", "stride", "padding", "dilation", "output_padding"])
@pytest.mark.parametrize("ranked", [3, 50_000])
def test_sort_by_a_hyperparameter_smallest_first_best_first_within(name, ranked, monkeypatch):
    box = {"kernel_size": "1..9", "dilation": "1..3", "output_padding": "0..2"}
    best_first = list(solve(ConvTranspose, 9, 20, **box))
    monkeypatch.setattr(order, "RANKED", ranked)
    found = list(solve(ConvTranspose, 9, 20, sort=name, **box))
    values = [getattr(layer, name) for layer in found]
    assert values == sorted(values)
    assert set(found) == set(best_first)
    assert len(found) == len(best_first) > 20
    if ranked > 3:
        assert found == sorted(best_first, key=lambda layer: getattr(layer, name))


@pytest.mark.parametrize(
    ("layer", "n", "m"),
    [
        (Conv, 30, "10..30"),
        (ConvTranspose, 9, 20),
        (MaxPool, "30..33", 15),
        (Conv, (30, 12), ("10..30", "4..12")),
    ],
)
def test_sort_by_cost_is_by_multiply_accumulates(layer, n, m):
    found = solve(layer, n, m, sort="cost")
    costs = []
    for made, answer in zip(found, found.answers(), strict=True):
        sizes = n if isinstance(n, tuple) else (answer.input or n,)
        cost = 1
        for size in sizes:
            # one multiplication per tap and output, or per tap and input when scattering
            cost *= made.kernel_size * (size if layer is ConvTranspose else made.size(size))
        costs.append(cost)
    assert costs == sorted(costs)
    assert len(set(costs)) > 3


def test_sort_by_cost_over_axes_of_their_own():
    found = solve(
        Conv, (30, 12), ("14..15", "5..6"), per_axis=True, kernel_size="1..4", sort="cost"
    )
    costs = []
    for layer in found:
        rows, columns = layer.size((30, 12))
        costs.append(layer.window(0).kernel_size * rows * layer.window(1).kernel_size * columns)
    assert costs == sorted(costs)
    assert len(costs) == found.count()


def test_a_sort_that_makes_no_sense_or_takes_too_long_is_refused(monkeypatch):
    with pytest.raises(SolverError, match="unknown sort key"):
        solve(Conv, 4, 4, sort="size")
    with pytest.raises(SolverError, match="unknown sort key"):
        solve(Conv, 4, 4, sort="output_padding")
    big = solve(Conv, "n", "n", kernel_size="1..100000000", padding="0..100000000", sort="cost")
    with pytest.raises(LimitError, match="are sorted by cost"):
        big.best(1)
    assert big.count() > 10**6


def test_axes_of_their_own_are_combined_best_first():
    one = list(solve(Conv, 224, 112))
    found = solve(Conv, (224, 224), (112, 112), per_axis=True)
    ranks = []
    for layer in found:
        left, right = (one.index(Conv(k, s, p)) for k, s, p, *_ in map(layer.numbers, (0, 1)))
        ranks.append(left + right)
    assert ranks == sorted(ranks)
    assert len(ranks) == len(one) ** 2


# The first few are found by bounds, without ranking all


def boxes(seed, number):
    """Yield questions of every kind with random boxes of up to some thousand answers."""
    pick = random.Random(seed)
    for _ in range(number):
        layer = pick.choice([Conv, ConvTranspose, MaxPool, AvgPool])
        n = pick.randrange(1, 60)
        out = pick.choice([n, -(-n // 2), n // 2 + 1, 2 * n, f"1..{n + 3}"])
        n, out = pick.choice([(n, out), (n, out), ("n", "n/2"), ("n", "2n"), (..., n)])
        box = {
            "kernel_size": f"1..{pick.randrange(1, 20)}",
            "stride": pick.choice(["1..4", "2,5", f"1..{pick.randrange(1, 9)}"]),
            "padding": pick.choice(["0..5", "0..3:0..4", "1,4..9"]),
        }
        if layer is not AvgPool:
            box["dilation"] = pick.choice(["1", "1..3", "2..5", "1,4"])
        if n is ...:
            box["padding"] = "0..3"
        yield layer, n, out, box


def test_the_first_few_are_those_of_the_whole_order():
    for layer, n, out, box in boxes(16, 150):
        found = solve(layer, n, out, **box)
        for axis in found.axes:
            ranked = axis.ranking.sorted(axis.problem.rows())
            assert ranked == sorted(ranked, key=axis.ranking.key)
            few = _by_bounds(axis.problem, axis.ranking)
            assert list(islice(few, 40)) == ranked[:40], found
        assert [*found.rows()] == [] or found[0] == next(iter(found))


def test_the_best_few_cost_no_more_in_a_larger_box(monkeypatch):
    looked = []
    key = Ranking.key
    monkeypatch.setattr(Ranking, "key", lambda self, row: looked.append(row) or key(self, row))
    box = {"kernel_size": "1..512", "stride": "1..128", "padding": "0..256", "dilation": "1..64"}
    found = solve(Conv, 224, 112, **box)
    assert len(found.best(10)) == 10
    assert len(looked) < 200 < 13_000 < found.count


def test_layers_that_were_found_are_as_if_they_were_checked():
    for layer, n, out, box in boxes(17, 60):
        for made in islice(solve(layer, n, out, **box), 60):
            again = eval(
                repr(made), {c.__name__: c for c in (Conv, ConvTranspose, MaxPool, AvgPool)}
            )
            assert made == again
            assert hash(made) == hash(again)
            assert (made.axes, made.letters, made.numbers()) == (
                again.axes, again.letters, again.numbers(),
            )  # fmt: skip


def test_what_no_note_says_of_a_row_is_not_worked_out(monkeypatch):
    found = solve(Conv, 224, 112, kernel_size="1..11", stride="1..4", padding="0..5")
    ranking, rows = found._rankings[0], [row for (row,) in found._ranked()]
    looked = []
    rests = Ranking.rests
    monkeypatch.setattr(Ranking, "rests", lambda *asked: looked.append(asked) or rests(*asked))
    notes = [note for row in rows for note in ranking.notes(row)]
    trailing = [note for note in notes if "trailing" in note]
    assert 0 < len(trailing) < len(rows)
    assert len(looked) == len(rows) + len(trailing)  # once for each row, again where it is said


def test_slices_limits_and_membership_cost_what_they_show_and_not_the_set(monkeypatch):
    box = {"kernel_size": "1..512", "stride": "1..128", "padding": "0..256", "dilation": "1..64"}
    found = solve(Conv, 224, 112, **box)
    whole = list(found)
    looked = []
    key = Ranking.key
    monkeypatch.setattr(Ranking, "key", lambda self, row: looked.append(row) or key(self, row))
    monkeypatch.setattr(Ranking, "sorted", None)
    monkeypatch.setattr(order, "count", None)  # a bound shows that there are not too many
    found = solve(Conv, 224, 112, **box)
    assert found[7] == whole[7]
    assert found[20:28] == whole[20:28]
    assert found[3:1] == []
    monkeypatch.undo()
    monkeypatch.setattr(Ranking, "key", lambda self, row: looked.append(row) or key(self, row))
    monkeypatch.setattr(Ranking, "sorted", None)
    for part in (
        slice(100, 110),
        slice(-len(whole), 9 - len(whole)),
        slice(5, 90, 7),
        slice(20, 4, -3),
    ):
        looked.clear()
        assert found[part] == whole[part]
        assert len(looked) < 1000 < len(whole)
    looked.clear()
    told = list(found.report(3).record()["solutions"])
    assert [answer["layer"] for answer in told] == [repr(layer) for layer in whole[:3]]
    assert len(looked) < 100
    looked.clear()
    assert whole[-1] in found
    assert Conv(5) not in found
    assert not looked


@pytest.mark.parametrize(
    "part",
    [
        slice(None), slice(None, None, -1), slice(None, None, 3), slice(3), slice(-3, None),
        slice(40, 2, -7), slice(2, 40, 50), slice(50, 9), slice(10**30), slice(-(10**30), 4),
    ],
)  # fmt: skip
def test_slices_are_those_of_a_list(part):
    found = solve(Conv, 224, 112, dilation="1..5")
    assert found[part] == list(found)[part]
    assert len(found) > 40
    with pytest.raises(IndexError):
        found[len(found)]
    with pytest.raises(IndexError):
        found[-len(found) - 1]
