"""What is demanded of what a layer reads, against layers gone through element by element."""

import random
from itertools import product

import pytest

from solver import Conv, ConvTranspose, LimitError, MaxPool, SolverError, solve
from solver.inverse.demands import reads_all


def size(op, n, k, s, begin, end, d):
    if op == "deconv":
        return (n - 1) * s - begin - end + d * (k - 1) + 1
    out = (n + begin + end - d * (k - 1) - 1) // s + 1
    return out if n + begin + end >= d * (k - 1) + 1 else 0


def reads(op, n, m, k, s, begin, d):
    """Which elements of n each of m outputs reads."""
    if op == "deconv":
        return [
            {x for x in range(n) for i in range(k) if s * x + d * i - begin == y} for y in range(m)
        ]
    return [{s * y + d * i - begin for i in range(k)} & {*range(n)} for y in range(m)]


def meets(op, n, row, unread, causal):
    """Whether a layer of sizes does not drop an element, and waits for none of the future."""
    k, s, begin, _, d = row
    m = size(op, n, *row)
    each = reads(op, n, m, k, s, begin, d)
    if unread and set().union(*each) != {*range(n)}:
        return False
    if not causal:
        return True
    # of windows, not of elements: far from the ends of a long input
    long = 10 * (d * k + s) + begin
    far = reads(op, long, size(op, long, *row), k, s, begin, d)[2 * d * k : 2 * d * k + 2 * s]
    for y, read in enumerate(far, 2 * d * k):
        block = (y // s, y // s) if op == "deconv" else (s * y, s * y + s - 1)
        if read and max(read) > block[1]:
            return False
    return True


def rows(op, even):
    ends = [(p, p) for p in range(4)] if even else list(product(range(4), repeat=2))
    for k, s, (begin, end), d in product(range(1, 6), range(1, 4), ends, range(1, 4)):
        if op != "maxpool" or not even or 2 * begin <= k:  # ends that differ are a layer before
            yield k, s, begin, end, d


BOX = {"kernel_size": "1..5", "stride": "1..3", "dilation": "1..3"}
CLASSES = {"conv": Conv, "deconv": ConvTranspose, "maxpool": MaxPool}


def numbers(layer):
    k, s, begin, end, d, _ = layer.numbers(0)
    return k, s, begin, end, d


def asked(op, even):
    more = {"output_padding": 0} if op == "deconv" else {}
    return {**BOX, "padding": "0..3" if even else "0..3:0..3", **more}


@pytest.mark.parametrize("seed", range(60))
def test_at_a_number_they_are_every_layer_that_is_gone_through(seed):
    source = random.Random(seed)
    op, even = source.choice(["conv", "deconv", "maxpool"]), source.random() < 0.5
    n, (unread, causal) = source.randint(1, 14), source.choice([(1, 0), (0, 1), (1, 1)])
    made = {row: size(op, n, *row) for row in rows(op, even)}
    m = source.choice(sorted({m for m in made.values() if m > 0}))
    wanted = {r for r, out in made.items() if out == m and meets(op, n, r, unread, causal)}
    box = asked(op, even)
    found = solve(op, n, m, **box, nothing_unread=bool(unread), causal=bool(causal))
    listed = [numbers(layer) for layer in found]
    assert len(listed) == len(set(listed)) == found.count
    assert set(listed) == wanted
    assert all(layer in found for layer in found)
    if not wanted:
        assert found.reason
    if found.conditions:
        assert {r for r in made if out_of(found, r)} == wanted, found.family


@pytest.mark.parametrize("seed", range(40))
def test_in_a_range_they_are_every_layer_that_is_gone_through(seed):
    source = random.Random(seed)
    op, even = source.choice(["conv", "deconv", "maxpool"]), source.random() < 0.5
    pairs = [(source.randint(1, 14), *sorted(source.choices(range(1, 16), k=2))) for _ in range(2)]
    wanted = {
        row
        for row in rows(op, even)
        if all(a <= size(op, n, *row) <= b and meets(op, n, row, 1, 0) for n, a, b in pairs)
    }
    sizes = [n for n, *_ in pairs], [f"{a}..{b}" for _, a, b in pairs]
    found = solve(op, *sizes, **asked(op, even), nothing_unread=True)
    listed = [numbers(layer) for layer in found]
    assert len(listed) == len(set(listed)) == found.count
    assert set(listed) == wanted


def test_ranges_of_outputs_are_counted_and_not_walked():
    """Without padding everything is read where the stride divides what the kernel leaves."""
    box = {"kernel_size": "100..300", "stride": "50..300", "padding": 0}
    found = solve(Conv, 1000, "4..6", **box, nothing_unread=True)
    assert found.count == sum(
        (1000 - k) % s == 0 and 4 <= (1000 - k) // s + 1 <= 6 and k >= s
        for k, s in product(range(100, 301), range(50, 301))
    )
    many = {"kernel_size": 99_999, "stride": "1..50000", "padding": "0..40000"}
    with pytest.raises(LimitError, match="choices of outputs"):
        len(solve(Conv, 100_000, "1..100000", **many, nothing_unread=True))


PADS = {
    "valid": lambda reach: (0, 0),
    "same": lambda reach: (reach // 2, reach - reach // 2),
    "half": lambda reach: (reach // 2, reach // 2),
    "full": lambda reach: (reach, reach),
    "causal": lambda reach: (reach, 0),
}


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("word", PADS)
def test_of_padding_in_words_they_are_every_layer_that_is_gone_through(seed, word):
    source = random.Random(seed)
    op = source.choice(["conv", "deconv"] if word != "causal" else ["conv"])
    n, (unread, causal) = source.randint(1, 14), source.choice([(0, 0), (1, 0), (0, 1), (1, 1)])
    strides = range(1, 2 if word == "same" else 4)
    made = {}
    for k, s, d in product(range(1, 6), strides, range(1, 4)):
        row = (k, s, *PADS[word](d * (k - 1)), d)
        made[row] = size(op, n, *row)
    m = source.choice([*sorted({m for m in made.values() if m > 0}), 3])
    wanted = {r for r, out in made.items() if out == m and meets(op, n, r, unread, causal)}
    box = {**BOX, "padding": word, **({"output_padding": 0} if op == "deconv" else {})}
    asked = {"nothing_unread": bool(unread), "causal": bool(causal)}
    found = solve(CLASSES[op], n, m, **box, **asked)
    listed = [numbers(layer) for layer in found]
    assert len(listed) == len(set(listed)) == found.count
    assert set(listed) == wanted
    assert all(layer in found for layer in found)
    by_kernel = solve(CLASSES[op], n, m, **box, **asked, sort="padding")
    assert {numbers(layer) for layer in by_kernel} == wanted


def test_the_kernels_of_a_word_are_counted_and_not_walked():
    """Any kernel keeps the size: what is looked at is a strip for each stride."""
    box = {"kernel_size": "1..100000", "stride": "1..9", "padding": "causal"}
    found = solve(Conv, 224, "1..224", **box, causal=True)
    strips = [found.axes[0].problem.strips(s) for s in range(1, 10)]
    assert max(len([*each]) for each in strips) == 1
    assert found.count == 100_000 * 9


def test_what_is_told_is_looked_for_once(monkeypatch):
    """A report of the best few goes through the strips to count them, and once to list them."""
    from solver.inverse.demands import LayerDemands
    from solver.render.solutions import Solved

    asked, strips = [], LayerDemands.strips
    monkeypatch.setattr(
        LayerDemands, "strips", lambda self, problem, s: asked.append(s) or strips(self, problem, s)
    )
    found = solve(ConvTranspose, 1, 112, causal=True, nothing_unread=True)
    report = Solved(found)
    assert report.headline() == "ConvTranspose(112, stride=2)"
    assert len([*next(iter(report.tables())).rows]) == 10
    assert len(asked) <= 3 * 112 * len(found.axes)


def out_of(found, row):
    """Whether all conditions hold for a row."""
    k, s, begin, end, d = row
    values = {"kernel_size": k, "stride": s, "dilation": d, "output_padding": 0}
    values |= {"padding": begin, "padding_begin": begin, "padding_end": end}
    return all(bool(c.subs({x: values[x.name] for x in c.free_symbols})) for c in found.conditions)


@pytest.mark.parametrize("seed", range(30))
def test_the_conditions_are_those_of_the_layers_and_no_others(seed):
    source = random.Random(seed)
    op, even = source.choice(["conv", "deconv", "maxpool"]), source.random() < 0.5
    unread, causal = source.choice([(1, 0), (0, 1), (1, 1)])
    n = source.randint(4, 14)
    box = {**asked(op, even), "dilation": 1}
    made = {row: size(op, n, *row) for row in rows(op, even) if row[4] == 1}
    m = source.choice(sorted({m for m in made.values() if m > 0}))
    wanted = {r for r, out in made.items() if out == m and meets(op, n, r, unread, causal)}
    found = solve(op, n, m, **box, nothing_unread=bool(unread), causal=bool(causal))
    assert found.conditions
    assert {r for r in made if out_of(found, r)} == wanted, found.family


TARGETS = {
    "conv": ["n", "ceil(n/2)", "floor(n/2)", "floor(n/3)", "n - 2", "n/2"],
    "maxpool": ["n", "ceil(n/2)", "floor(n/2)", "floor(n/3)"],
    "deconv": ["n", "2n", "2n + 1", "3n - 1", "n + 2"],
}


@pytest.mark.parametrize("op", list(TARGETS))
@pytest.mark.parametrize("even", [True, False])
@pytest.mark.parametrize("demands", [(1, 0), (0, 1), (1, 1)])
def test_for_every_n_they_hold_from_the_n_that_is_told(op, even, demands):
    unread, causal = demands
    for target in TARGETS[op]:
        found = solve(
            op, "n", target, **asked(op, even), nothing_unread=bool(unread), causal=bool(causal)
        )
        base = solve(op, "n", target, **asked(op, even))
        classes = found.holds_for
        long = [n for n in range(40, 60) if n in classes]
        wanted = {
            numbers(x) for x in base if all(meets(op, n, numbers(x), unread, causal) for n in long)
        }
        assert {numbers(x) for x in found} == wanted
        assert found.count == len(wanted)
        for answer, layer in zip(found.answers(), found, strict=True):
            first = answer.valid_from
            assert all(
                meets(op, n, numbers(layer), unread, causal)
                for n in range(first, 60)
                if n in classes
            )
            fits = [n for n in range(1, first) if n in classes and size(op, n, *numbers(layer)) > 0]
            assert not fits or not meets(op, max(fits), numbers(layer), unread, causal)


@pytest.mark.parametrize("transposed", [False, True])
def test_long_inputs_are_as_each_element_says(transposed):
    op = "deconv" if transposed else "conv"
    for k, s, begin, d in product(range(1, 5), range(1, 4), range(4), range(1, 4)):
        for n in (5, 40, 63):
            for end in (0, 2):
                m = size(op, n, k, s, begin, end, d)
                if m > 0:
                    read = set().union(*reads(op, n, m, k, s, begin, d))
                    assert reads_all(transposed, n, m, k, s, begin, d) == (read == {*range(n)})


def test_large_boxes_are_counted_and_not_walked():
    found = solve(
        Conv,
        "n",
        "ceil(n/2)",
        kernel_size="1..1000000000",
        padding="0..1000000000",
        nothing_unread=True,
    )
    assert found.count == 499_999_999
    assert found.best(1) == [Conv(3, stride=2, padding=1)]


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("conv", "?", 112), "inputs that are told"),
        (("conv", "n", "s*n"), "numbers and n"),
        (("conv", 9, 9, "1..100000", "1..100000"), "dilations"),
    ],
)
def test_what_is_not_asked(words, rule):
    op, n, m, *box = words
    named = dict(zip(("kernel_size", "dilation"), box, strict=False))
    with pytest.raises((SolverError, LimitError), match=rule):
        len(solve(op, n, m, **named, nothing_unread=True))
