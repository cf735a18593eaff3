"""Certificates changed at random, in any way JSON allows: accepted only where still true."""

from __future__ import annotations

import copy
import json
import random
import re
import sys
from itertools import product

import pytest
from claims import truth
from cli_fixtures import run

from solver import prove, solve
from solver.checker import MOST, Refused, TooLong, check, cost
from solver.inverse.certificate import certificate

CLAIMS = [
    ("conv(n, k=3, s=2, p=1) == ceil(n/2)", ""),
    ("conv(n, k=3, s=2) == floor(n/2)", "n >= 4"),
    ("deconv(conv(n, 3, 2, 1), 3, 2, 1) == n", "n % 2 == 1"),
    ("conv(n, 7, 2, p=0:max((ceil(n/2) - 1)*2 + 7 - n, 0)) == ceil(n/2)", ""),
    ("maxpool(n, 3, 2, 1, ceil_mode=True) >= n/2 and not n < 1", ""),
    ("min(n, 9) % 4 == n % 4 or n > 9", ""),
    ("n//(-2) == -ceil(n/2)", ""),
]
SMALL = {"kernel_size": "1..4", "stride": "1..3", "padding": "0..2"}
QUESTIONS = [
    (("conv", "n", "n/2"), {"dilation": "1..2"}),
    (("deconv", "n", "2n"), {"output_padding": "0..1"}),
    (("conv", [9, 7], ["4..5", "3"]), {}),
    (("conv", "n", "2n"), {}),
    (("maxpool", "n", "ceil(n/2)"), {"ceil_mode": True}),
    (("conv", 5, 5), {"kernel_size": 4, "padding": "0..3:0..3"}),
    (("conv", (9, 7), (5, 4)), {"per_axis": True}),
    (("avgpool", "n", "floor(n/3)"), {}),
    (("conv", "n", "n - 2"), {"where": "n > 7 and n % 3 != 1"}),
]
RIGHT = [certificate(prove(claim, where=where)) for claim, where in CLAIMS]
RIGHT += [certificate(solve(*words, **{**SMALL, **given})) for words, given in QUESTIONS]

JUNK = [
    None, True, False, 0, 1, -1, 2, 7, 10**6, 10**30, -(10**30), 0.5, 1.0, float("nan"),
    float("inf"), "", "0", "1", "-1", "n", "null", "1..3", "n >= 1", "n > 3 or", "x", "\ud800",
    "é", "n" * 3000, [], [[]], [0], [None], {}, {"n": 1}, "1" * 5000, "1.." + "9" * 12,
]  # fmt: skip
WORDS = [
    "n", "1", "0", "3", "+", "-", "*", "/", "//", "%", "(", ")", "==", "!=", "<", "<=", ">", "not ",
    " and ", " or ", "min(", "max(", "floor(", ", ", "k=", "s=2", "conv(n, k=2)", "True", "None",
    "**", "..", ",", "'", "#", "\n", "\\", " if ", " else ", "lambda: ", "[", ":", "n*n", "1e9",
]  # fmt: skip


def places(part, path=()):
    """Yield the path of each part of plain data, the whole first."""
    yield path
    steps = part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    for step in steps:
        yield from places(part[step], (*path, step))


def at(found, path):
    for step in path:
        found = found[step]
    return found


def other_text(dice, text):
    """Return a text with something cut out, put in or changed; most often a number."""
    numbers = [*re.finditer(r"\d{1,4000}", text)]
    if numbers and dice.random() < 0.5:
        spot = dice.choice(numbers)
        new = dice.choice([int(spot[0]) + 1, max(int(spot[0]) - 1, 0), 0, 1, 2])
        return text[: spot.start()] + str(new) + text[spot.end() :]
    a = dice.randint(0, len(text))
    b = dice.choice([a, min(a + dice.randint(0, 4), len(text))])
    return text[:a] + dice.choice([*WORDS, ""]) + text[b:]


def changed(dice, found):
    """Return a copy with one to three random changes, and what was done."""
    found = copy.deepcopy(found)
    done = []
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        *above, step = dice.choice([*places(found)][1:])
        outer, value = at(found, above), at(found, (*above, step))
        how = dice.choice(["junk", "junk", "text", "number", "drop", "add", "wrap", "move"])
        if how == "text" and isinstance(value, str):
            outer[step] = other_text(dice, value)
        elif how == "number" and type(value) is int:
            outer[step] = dice.choice([value + 1, value - 1, -value, 2 * value, str(value)])
        elif how == "drop":
            del outer[step]
        elif how == "add":
            if isinstance(outer, dict):
                outer[dice.choice(["extra", "", "where", "n"])] = copy.deepcopy(dice.choice(JUNK))
            else:
                outer.insert(step, dice.choice(copy.deepcopy([value, *JUNK])))
        elif how == "wrap":
            outer[step] = dice.choice([[value], {"n": value}, str(value)])
        elif how == "move":
            outer[step] = copy.deepcopy(at(found, dice.choice([*places(found)])))
        else:
            outer[step] = copy.deepcopy(dice.choice(JUNK))
        done.append((how, *above, step))
        if found in ({}, []):
            break
    return found, done


def true(found):
    """Tell by brute force whether a certificate states what is true, and holds what one holds."""
    if found["certificate"] == "claim":
        return stated(found)
    total = 1
    for axis in found["axes"]:
        right = [layer for layer in layers(axis["box"]) if does(found, axis, layer)]
        if any(row[3] != sum(r[1] == row[0] for r in right) for row in axis["strides"]):
            return False
        if axis["count"] != len(right) or sum(row[3] for row in axis["strides"]) != len(right):
            return False
        total *= len(right)
    return total == found["count"]


def stated(found):
    claim, where = found["claim"], found["where"]
    if type(claim) is not str or type(where) is not str:
        return False
    most = min(found["start"] + 3 * found["period"], 3000)
    truths = {n: truth(claim, where, {"n": n}) for n in range(1, max(most, 200))}
    false = [n for n, right in truths.items() if right is False]
    first = false[0] if false else None
    asked = [n for n, right in truths.items() if right is not None]
    rows = [n for n in asked if n < found["start"] + found["period"]]
    verdict = "refuted" if false else "proved"
    return (found["counterexample"], found["verdict"]) == (first, verdict) and rows == [
        row[0] for row in found["table"]
    ]


def layers(box):
    def values(words):
        ends = [part.split("..") for part in words.split(",")]
        return sorted({v for e in ends for v in range(int(e[0]), int(e[-1]) + 1)})

    names = ("kernel_size", "stride", "padding", "padding_end", "dilation", "output_padding")
    end = [None] if box["padding_end"] is None else values(box["padding_end"])
    return product(*(end if name == "padding_end" else values(box[name]) for name in names))


def does(found, axis, layer):
    """Tell whether a layer is legal and does every ask, for all n that matter."""
    k, s, p, q, d, a = layer
    given = f"k={k}, s={s}, p=({p}, {p if q is None else q}), d={d}, a={a}"
    given += ", ceil_mode=True" * found["ceil_mode"]
    for ask in axis["asks"]:
        out = f"{found['op']}({ask['input']}, {given})"
        if "where" not in ask:
            low, high = ask["output"]
            if truth(f"{low} <= {out} and {out} <= {high}", "", {"n": 1}) is not True:
                return False
            continue
        most = max(24, min(ask["start"] + 2 * ask["period"], 60))
        truths = [
            truth(f"{out} == {ask['output']}", ask["where"], {"n": n}) for n in range(1, most)
        ]
        if False in truths or True not in truths:
            return False
    return True


def outcome(found):
    """Return "accepted", or "refused"; nothing else may come of any JSON."""
    try:
        return "accepted" if check(found) else "said nothing"
    except Refused as fault:
        return "refused" if str(fault) else "said nothing"


def sweep(seed, rounds):
    """Return how many of so many changed certificates were accepted and refused."""
    dice = random.Random(seed)
    counts = {"accepted": 0, "refused": 0}
    for _ in range(rounds):
        wrong, done = changed(dice, dice.choice(RIGHT))
        got = outcome(wrong)
        counts[got] += 1
        if got == "accepted":
            assert true(wrong), (seed, done, wrong)
    return counts


@pytest.mark.parametrize("seed", range(8))
def test_what_is_accepted_is_true(seed):
    counts = sweep(seed, 250)
    assert counts["refused"] > 200


def test_the_oracle_can_fail():
    for right in RIGHT:
        assert true(right)
        assert not true(right | ({"count": 99} if "count" in right else {"counterexample": 2}))


def work(found):
    """Return the outcome of a check, and how many calls of functions it took."""
    calls = 0

    def count(frame, event, arg):
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        check(found)
    except Refused as fault:
        return fault, calls
    finally:
        sys.setprofile(None)
    return None, calls


CLAIM = {
    "schema": 1, "certificate": "claim", "claim": "n > 0", "where": "", "start": 1, "period": 1,
    "verdict": "proved", "counterexample": None, "gains": [[1, 0]], "table": [[1, 1, 0]],
}  # fmt: skip
BOX = {
    "kernel_size": "1..4", "stride": "1..3", "padding": "0..2", "padding_end": None,
    "dilation": "1", "output_padding": "0",
}  # fmt: skip
EVERY = {
    "input": "n", "output": "n", "where": "", "start": 1, "period": 1, "gains": [[1, 1]],
    "table": [[1, 1, 1]],
}  # fmt: skip
WIDE = "1.." + "9" * 6


def set_of(asks, axes=1, **box):
    axis = {"box": BOX | box, "asks": asks, "strides": [], "count": 0}
    whole = {"schema": 1, "certificate": "solutions", "op": "conv", "ceil_mode": False}
    return {**whole, "axes": [axis] * axes, "count": 0}


NUMBERS = {"input": 9, "output": [4, 5]}
LONG = [
    {**CLAIM, "period": 10**9},
    {**CLAIM, "start": 10**9, "claim": "n > 9"},
    {**CLAIM, "period": 80_000, "where": " and ".join(["n > 3"] * 180)},
    {**CLAIM, "period": 80_000, "claim": " or ".join(["conv(n, k=2) > 3"] * 100)},
    {**CLAIM, "period": 400_000},
    {**CLAIM, "period": 30_000, "claim": "n > " + "9" * 990 + "/" + "7" * 990},
    set_of([EVERY | {"period": 50_000}] * 9),
    set_of([EVERY | {"period": 9_000, "where": " and ".join(["n > 3"] * 180)}]),
    set_of([EVERY | {"period": 30_000}], axes=8),
    set_of([NUMBERS] * 2_000, stride="1..2000"),
    set_of([NUMBERS], kernel_size=WIDE, padding="0..3"),
    set_of([NUMBERS], kernel_size=WIDE, axes=8),
    set_of([NUMBERS], kernel_size="1..1" + "0" * 4000),
    set_of([NUMBERS], kernel_size="1" + "0" * 2000 + "..1" + "0" * 1994 + "999999"),
    set_of([NUMBERS], kernel_size=",".join(["1..999999"] * 100)),
    set_of([{"input": 10**4000, "output": [10**4000] * 2}] * 100, stride="1..900"),
]


@pytest.mark.parametrize("found", LONG, ids=range(len(LONG)))
def test_what_takes_too_long_is_not_begun(found):
    assert cost(found) > MOST
    fault, calls = work(found)
    assert isinstance(fault, TooLong)
    assert calls < 100_000


TERMS = [
    "n > 3", "n//2 < n", "n/3 <= n", "min(n, 3, 4, 5) < 9", "conv(n, k=3, s=2) >= 1",
    "maxpool(n, k=3, s=2, p=1, ceil_mode=True) > 0", "ceil(n/3) + floor(n/4) == 7", "n % 4 != 1",
    "conv_transpose(conv(n, k=3), k=3, s=2, a=1) > n", "not Mod(n, 3) == 1", "max(n, n, n) == n",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_is_one(seed):
    """What a check does never exceeds a small multiple of what was said before it began."""
    dice = random.Random(seed)
    for _ in range(8):
        terms = [dice.choice(TERMS) for _ in range(dice.randint(1, 12))]
        claim = dice.choice([" and ", " or "]).join(terms[:6])
        where = " and ".join(terms[6:])
        start, period = dice.randint(1, 40), 12
        found = {**CLAIM, "claim": claim, "where": where, "start": start, "period": period}
        ask = EVERY | {"where": where, "start": start, "period": period}
        few = [NUMBERS] * dice.randint(1, 20)
        box = {"kernel_size": f"1..{dice.randint(1, 50)}", "stride": f"1..{dice.randint(1, 9)}"}
        for asked in (found, set_of([ask] * dice.randint(1, 3)), set_of(few, **box)):
            _, calls = work(asked)
            assert calls < 20_000 + 8 * cost(asked), asked


@pytest.mark.parametrize("found", RIGHT, ids=range(len(RIGHT)))
def test_what_is_written_may_be_checked(found):
    assert cost(found) <= MOST
    assert work(found)[1] < 20_000 + 8 * cost(found)


SPOILS = [
    "", "0", "9", '"', ",", "[", "]", "{", "}", ":", "null", "true", "NaN", "1e5", "-", ".5", "é",
    " ", "Infinity", '"schema": 1,', '"count": 0,', "\\ud800", "\x00",
]  # fmt: skip


def spoil(dice, text):
    """Return the text of a certificate with a few characters changed, a key twice or a NaN."""
    for _ in range(dice.randint(1, 3)):
        a = dice.randrange(len(text))
        b = min(a + dice.choice([0, 1, 1, 5, 40]), len(text))
        new = dice.choice([*SPOILS, text[b : b + 30]])
        text = text[:a] + new + text[b:]
    return text


@pytest.mark.parametrize("seed", range(3))
def test_files_that_are_spoiled(tmp_path, seed):
    """On the command line: exit 0 only where still true, else 1 or 2."""
    dice = random.Random(seed)
    file = tmp_path / "spoiled.json"
    for _ in range(60):
        text = spoil(dice, json.dumps(dice.choice(RIGHT)))
        file.write_text(text, encoding="utf-8")
        done = run("check", str(file))
        assert done.code in (0, 1, 2), text
        if done.code == 0:
            assert done.out.startswith("valid: ")
            assert true(json.loads(text)), text
        elif done.code == 1:
            assert done.out.startswith("refused: ")
            assert done.err == ""
        else:
            assert done.out == ""
            assert done.err.startswith("error: ")


@pytest.mark.parametrize("name", ["kernel_size", "stride", "padding", "dilation", "output_padding"])
def test_null_is_no_domain(name):
    """An empty box would have no layers in it, whatever is asked."""
    found = set_of([NUMBERS], **{name: None})
    with pytest.raises(Refused, match=f"{name} is text"):
        check(found)


@pytest.mark.parametrize("junk", [0, False, None, [], {}, 0.0])
def test_a_condition_is_text(junk):
    for found in (CLAIM | {"where": junk}, set_of([EVERY | {"where": junk}])):
        with pytest.raises(Refused, match="where is text"):
            check(found)


def test_too_long_is_a_limit_on_the_command_line(tmp_path):
    file = tmp_path / "long.json"
    file.write_text(json.dumps(LONG[0]))
    done = run("check", str(file))
    assert (done.code, done.out) == (3, "")
    assert "at most 3,000,000 steps" in done.err
