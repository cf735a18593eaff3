"""One-sided paddings, demands on what is read, and families: against every way gone through."""

import json
import random
import re
from itertools import product

import pytest
from cli_fixtures import run

from solver import LimitError, SolverError, fill, read


def chain(steps, n):
    """The size behind a chain, and for each output the elements of the input that it reads.

    steps: (kernel_size, stride, begin, end, dilation); None where a kernel does not fit.
    """
    read_by = [{x} for x in range(n)]
    for k, s, begin, end, d in steps:
        padded = [set()] * begin + read_by + [set()] * end
        out = (len(padded) - d * (k - 1) - 1) // s + 1
        if len(padded) < d * (k - 1) + 1:
            return None
        read_by = [set().union(*(padded[s * y + d * i] for i in range(k))) for y in range(out)]
    return read_by


def meets(steps, n, unread, causal):
    outputs = chain(steps, n)
    if unread and set().union(*outputs) != {*range(n)}:
        return False
    jump = 1
    for _, s, _, _, _ in steps:
        jump *= s
    blocks = enumerate(outputs)
    return not causal or all(not x or max(x) < jump * (y + 1) for y, x in blocks)


def pads(text):
    """The paddings of a line of output: pad(1, 2), pad(0, 0)."""
    return tuple((int(b), int(e)) for b, e in re.findall(r"pad\((\d+), (\d+)\)", text))


KNOWN = [(3, 1, 0, 0, 1), (3, 2, 0, 0, 1), (2, 2, 0, 0, 1), (3, 1, 0, 0, 2), (1, 2, 0, 0, 1)]


def drawn(source, count):
    """A program with a padding of unknown ends before each convolution, and its steps."""
    lines, steps = [], []
    for _ in range(count):
        begin, end = source.choice(
            [("0..3", "0..3"), ("0..4", "0"), ("1", "0..2"), ("0,2", "0..2")]
        )
        k, s, _, _, d = source.choice(KNOWN)
        lines += [f"nn.ConstantPad1d('{begin}:{end}', 0)", f"nn.Conv1d(1, 1, {k}, {s}, 0, {d})"]
        steps.append((domain(begin), domain(end), (k, s, d)))
    return "\n".join(lines), steps


def domain(text):
    parts = [part.split("..") for part in text.split(",")]
    return [n for a, *b in parts for n in range(int(a), int((b or [a])[0]) + 1)]


def every(steps):
    """Every way, as the steps of `chain`."""
    for ends in product(*(product(begin, end) for begin, end, _ in steps)):
        made = zip(ends, steps, strict=True)
        yield [(k, s, begin, end, d) for (begin, end), (_, _, (k, s, d)) in made]


def found_ways(found):
    return {tuple(layer.arguments["pad"][:2] for layer in way.values()) for way in found}


def holds(conditions, letters, way, count):
    """Whether a way meets all conditions, read by Python itself."""
    values = {}
    for i, (_, _, begin, end, _) in enumerate(way, 1):
        of = {"b": begin, "e": end} if count > 1 else {"padding_begin": begin, "padding_end": end}
        values |= {f"{name}{i}" if count > 1 else name: x for name, x in of.items()}
    assert {*letters} <= {*values}
    each = (re.sub(r"(?<![<>])=", "==", text) for text in conditions)
    return all(eval(text, {}, values) for text in each)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("demands", [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_ways_and_conditions_are_those_gone_through(seed, demands):
    source = random.Random(seed)
    count, n, (unread, causal) = source.choice([1, 2, 2]), source.randint(8, 12), demands
    text, steps = drawn(source, count)
    made = [way for way in every(steps) if chain(way, n) is not None]
    size = source.choice(sorted({len(chain(way, n)) for way in made} - {0}))
    wanted = [way for way in made if len(chain(way, n)) == size]
    # whether a window waits is told far from the end, which hides it
    wanted = [w for w in wanted if meets(w, n, unread, False) and meets(w, 64, False, causal)]
    found = fill(read(text, axes=1), size, at=n, nothing_unread=bool(unread), causal=bool(causal))
    expected = {tuple((b, e) for _, _, b, e, _ in way) for way in wanted}
    assert found_ways(found) == expected
    assert found.count == len(expected)
    assert bool(found) == bool(expected)
    if expected and found.conditions:
        all_ways = [*every(steps)]
        those = [w for w in all_ways if holds(found.conditions, found.letters, w, count)]
        assert {tuple((b, e) for _, _, b, e, _ in w) for w in those} == expected, found.conditions
    if not expected:
        assert found.reason


@pytest.mark.parametrize("demands", [(1, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("target", ["ceil(n/2)", "floor(n/2)", "n/2"])
def test_for_every_n_it_is_what_holds_at_all_large_sizes(demands, target):
    unread, causal = demands
    text = """
nn.ZeroPad1d('0..4:0..4')
nn.Conv1d(1, 1, 3, 2)
nn.ZeroPad1d('0..2:0..2')
nn.Conv1d(1, 1, 3)
"""
    steps = [([*range(5)], [*range(5)], (3, 2, 1)), ([*range(3)], [*range(3)], (3, 1, 1))]
    sizes = [n for n in range(24, 32) if target != "n/2" or n % 2 == 0]
    wanted = {
        tuple((b, e) for _, _, b, e, _ in way)
        for way in every(steps)
        if all(
            len(chain(way, n)) == (-(-n // 2) if target.startswith("ceil") else n // 2)
            and meets(way, n, unread, causal)
            for n in sizes
        )
    }
    found = fill(read(text, axes=1), target, nothing_unread=bool(unread), causal=bool(causal))
    assert found_ways(found) == wanted
    for way in found:
        steps_of = [
            (k, s, *layer.arguments["pad"][:2], 1)
            for layer, (k, s) in zip(way.values(), [(3, 2), (3, 1)], strict=True)
        ]
        for n in found.inputs(way).up_to(40):
            assert meets(steps_of, n, unread, False)


def test_three_paddings_are_one_sum_and_the_numbers_are_all_that_meet_it():
    text = "\n".join(["nn.ZeroPad1d('0..12')", "nn.Conv1d(1, 1, 3)"] * 3)
    found = fill(read(text, axes=1), "n")
    assert found.conditions == ["p1 + p2 + p3 = 6"]
    assert found.letters["p2"] == ("2", "padding in all")
    sums = {tuple(sum(x.arguments["pad"][:2]) for x in way.values()) for way in found}
    assert sums == {x for x in product(range(13), repeat=3) if sum(x) == 6}


def test_branches_that_meet_have_signs():
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.ZeroPad1d('0..9')
        self.two = nn.ZeroPad1d('0..9')
        self.conv = nn.Conv1d(1, 1, 3)

    def forward(self, x):
        return self.conv(self.one(x)) + self.two(x)
"""
    found = fill(read(text, axes=1))
    assert found.count == 8
    assert found.conditions == ["p1 = p2 + 2"]


def test_unknown_kernels_strides_and_dilations_stand_in_the_sum():
    text = "nn.Conv1d(1, 1, range(1, 6), {1, 2}, range(3))\nnn.Conv1d(1, 1, 3, 1, 0, '1..4')"
    found = fill(read(text, axes=1), "n/2", where="n % 2 == 0")
    ways = {(x.kernel_size, x.padding, y.dilation) for x, y in (way.values() for way in found)}
    assert all(way["0"].stride == 2 for way in found)
    assert found.conditions[0] == "s1 = 2"
    (text,) = found.conditions[1:]
    named = {
        (k1, p1, d2)
        for k1, p1, d2 in product(range(1, 6), range(3), range(1, 5))
        if eval(re.sub(r"(?<![<>])=", "==", text), {}, {"k1": k1, "p1": p1, "d2": d2})
    }
    assert named == ways


@pytest.mark.parametrize(
    ("line", "amounts"),
    [
        ("nn.ConstantPad1d((range(0, 12), 0), 0)", "0..11:0"),
        ("nn.ZeroPad1d('0..11:0')", "0..11:0"),
        ("nn.ZeroPad2d((0, {1, 3}, 0, {1, 3}))", "0:1,3"),
        ("ZeroPadding1D((..., 2))", "0..512:2"),
        ("ZeroPadding2D(((range(3), 0), (range(3), 0)))", "0..2:0"),
        ("x = F.pad(x, (range(4), 1, range(4), 1))\nx = nn.ReLU()(x)", "0..3:1"),
        ("pad(0..3:1)", None),
    ],
)
def test_both_ends_are_read(line, amounts):
    if amounts is None:
        with pytest.raises(SolverError):
            read(line)
        return
    (node,) = [n for n in read(line).nodes if hasattr(n.operation, "amounts")]
    assert str(node.operation.amounts) == amounts


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("nn.ZeroPad2d((range(3), 0, range(4), 0))", "the same along every axis"),
        ("nn.ZeroPad2d((range(3), 0))", "a begin and an end for each axis"),
        ("nn.ConstantPad1d((range(3), -1), 0)", "an end of the padding must be at least 0"),
        ("nn.ConstantPad1d(({1.5}, 0), 0)", "an end of the padding must be a whole number"),
        ("nn.ReflectionPad1d((range(3), 0))", "an unknown padding is one of zeros"),
        ("nn.ZeroPad1d('0..3:1:2')", "must be a whole number"),
        ("nn.ZeroPad1d('3..0:1')", "a range goes from small to large"),
        ("ZeroPadding2D((range(3), range(3)))", "a begin and an end for each axis"),
        ("nn.Conv2d(3, 8, 3, padding=(range(3), 0))", "the same along every axis"),
    ],
)
def test_ends_that_are_not_meant_are_refused_with_their_line(line, rule):
    with pytest.raises(SolverError, match=rule) as fault:
        read(line)
    assert "line 1" in str(fault.value)


def test_what_too_many_ways_read_is_not_asked():
    text = "nn.ZeroPad1d('0..99:0..99')\nnn.Conv1d(1, 1, 3)\nnn.ZeroPad1d('0..99:0..99')"
    found = fill(read(text, axes=1), 150, at=100, causal=True)
    assert found.counted is None
    assert found.best(1)
    with pytest.raises(LimitError, match="5,000 ways"):
        len(found)


def test_two_ends_are_counted_and_not_walked():
    found = fill(
        read("nn.ZeroPad1d('0..1000000000:0..1000000000')\nnn.Conv1d(1, 1, 3)"), 10**9, at=9
    )
    assert found.count == 10**9 - 9 + 2 + 1
    assert found.best(1)[0]["0"].arguments["pad"][:2] == (499999996, 499999997)


def test_the_command_line_and_json():
    text = "ConstantPad1d((range(0, 12), 0), 0); Conv1d(1, 1, 3)"
    code, out, _ = run("fill", "-c", text, "n", "--causal")
    assert code == 0
    assert out.startswith("0: pad(2, 0), for every n >= 1\n1 way to have n, causal for every n\n")
    assert "exactly when: padding_begin = 2\n" in out
    code, out, _ = run("fill", "-c", text, "n", "--causal", "--nothing-unread", "--json")
    record = json.loads(out)
    assert record["ways"][0]["layers"]["0"]["padding"] == [2, 0]
    assert record["causal"] is record["nothing_unread"] is True
    code, out, _ = run("fill", "-c", "ZeroPad1d('0:0..4'); Conv1d(1, 1, 3)", "n", "--causal")
    assert code == 1
    assert out.startswith("none: of 1 that give the sizes none is left: causal\n")
