"""Certificates: right ones are accepted, and ones with a number changed are refused.

A changed certificate may also be harmless: what it states then is true, by brute force here.
"""

from __future__ import annotations

import ast
import copy
import json
import random
import re
from itertools import product
from pathlib import Path

import pytest
from claims import Words, truth
from cli_fixtures import run

from solver import LimitError, SolverError, prove, solve
from solver.checker import Refused, check
from solver.checker.claims import follow
from solver.checker.sizes import parse
from solver.inverse.certificate import certificate

ROOT = Path(__file__).parents[2]

CLAIMS = [
    ("conv(n, k=3, s=2, p=1) == ceil(n/2)", ""),
    ("conv(n, k=3, s=2) == floor(n/2)", "n >= 4"),
    ("deconv(conv(n, 3, 2, 1), 3, 2, 1) == n", "n % 2 == 1"),
    ("conv(n, 7, 2, p=0:max((ceil(n/2) - 1)*2 + 7 - n, 0)) == ceil(n/2)", ""),
    ("maxpool(n, 3, 2, 1, ceil_mode=True) >= n/2 and not n < 1", ""),
    ("min(n, 9) % 4 == n % 4 or n > 9", ""),
    ("conv(conv(n, 3, 2), 3, 2, d=2) <= n - 6", ""),
    ("n >= 3", "conv(n, 3) <= 5"),
    ("n//(-2) == -ceil(n/2)", ""),
    ("n % -2 <= 0", "n % 3 != 1"),
]

QUESTIONS = [
    (("conv", "n", "n/2"), {"dilation": 1}),
    (("deconv", "n", "2n"), {}),
    (("conv", 224, 112), {}),
    (("conv", [224, 225, 7], ["112", "113", "4..5"]), {"kernel_size": "1..7"}),
    (("conv", "n", "2n"), {}),
    (("conv", 10, 10), {"kernel_size": 2, "stride": 1}),
    (("deconv", "ceil(n/2)", "n"), {"where": "n % 2 == 1"}),
    (("maxpool", "n", "ceil(n/2)"), {"ceil_mode": True}),
    (("conv", 5, 5), {"kernel_size": 4, "padding": "0..3:0..3"}),
    (("conv", (64, 7), (32, 7)), {"per_axis": True}),
    (("avgpool", "n", "floor(n/3)"), {}),
    (("conv", "n", "floor((n - 1)/2)"), {"dilation": "1..3"}),
    (("conv", "n", "n/2"), {"where": "n >= 6"}),
    (("conv", "n", "n - 2"), {"where": "n > 7 and n % 3 != 1"}),
    (("deconv", "2n + 1", "4n + 3"), {"where": "not n % 2 == 1 or n >= 5"}),
]


def certificates():
    for claim, where in CLAIMS:
        yield certificate(prove(claim, where=where))
    small = {"kernel_size": "1..4", "stride": "1..3", "padding": "0..2"}
    for question, options in QUESTIONS:
        yield certificate(solve(*question, **{**small, **options}))


ALL = [*certificates()]


def changed(found):
    """Yield copies of a certificate, one number changed in each, inside texts too."""

    def places(part, path):
        if isinstance(part, dict):
            for name, value in part.items():
                yield from places(value, (*path, name))
        elif isinstance(part, list):
            for index, value in enumerate(part):
                yield from places(value, (*path, index))
        elif isinstance(part, (int, str)) and not isinstance(part, bool):
            yield path, part

    for path, part in places(found, ()):
        for number in re.finditer(r"-?\d+", str(part)):
            old = int(number[0])
            for new in {old + 1, old - 1, 0} - {old}:
                text = str(part)[: number.start()] + str(new) + str(part)[number.end() :]
                changed = copy.deepcopy(found)
                inner = changed
                for step in path[:-1]:
                    inner = inner[step]
                inner[path[-1]] = int(text) if isinstance(part, int) else text
                yield path, changed


def accepted(found):
    try:
        return bool(check(found))
    except Refused:
        return False


def still_true(found):
    """Tell by brute force whether the statement of a certificate is true."""
    if found["certificate"] == "claim":
        claim, where = found["claim"], found["where"]
        truths = [truth(claim, where, {"n": n}) for n in range(1, 200)]
        false = [n for n, right in enumerate(truths, start=1) if right is False]
        return found["counterexample"] == (false[0] if false else None)
    total = 1
    for axis in found["axes"]:
        total *= sum(does(found, axis, layer) for layer in layers(axis["box"]))
    return total == found["count"]


def layers(box):
    def values(words):
        ends = [part.split("..") for part in words.split(",")]
        return [v for e in ends for v in range(int(e[0]), int(e[-1]) + 1)]

    names = ("kernel_size", "stride", "padding", "padding_end", "dilation", "output_padding")
    return product(*(values(box[name]) if box[name] else [None] for name in names))


def does(found, axis, layer):
    """Tell whether a layer is legal and does every ask, for n below 24."""
    k, s, p, q, d, a = layer
    given = f"k={k}, s={s}, p=({p}, {p if q is None else q}), d={d}, a={a}"
    given += ", ceil_mode=True" * found["ceil_mode"]
    for ask in axis["asks"]:
        if "table" not in ask:
            low, high = ask["output"]
            claim = f"{low} <= {found['op']}({ask['input']}, {given}) <= {high}"
            if truth(claim, "", {"n": 1}) is not True:
                return False
            continue
        claim = f"{found['op']}({ask['input']}, {given}) == {ask['output']}"
        truths = [truth(claim, ask["where"], {"n": n}) for n in range(1, 24)]
        if False in truths or True not in truths:
            return False
    return True


@pytest.mark.parametrize("found", ALL, ids=[str(i) for i in range(len(ALL))])
def test_a_right_certificate_is_valid(found):
    assert check(json.loads(json.dumps(found)))
    assert still_true(found)


@pytest.mark.parametrize("found", ALL, ids=[str(i) for i in range(len(ALL))])
def test_a_changed_number_is_refused_or_harmless(found):
    refused = 0
    for path, wrong in changed(found):
        if accepted(wrong):
            assert still_true(wrong), (path, wrong)
        else:
            refused += 1
    assert refused >= 8


@pytest.mark.parametrize("seed", range(4))
def test_random_claims_have_certificates(seed):
    words = Words(300 + seed)
    dice = random.Random(seed)
    checked = 0
    for _ in range(50):
        claim, where = words.claim(words.dice.randint(1, 3))
        try:
            verdict = prove(claim, where=where)
            found = certificate(verdict)
        except SolverError:
            continue
        assert check(found)
        checked += 1
        for path, wrong in dice.sample([*changed(found)], 6):
            assert not accepted(wrong) or still_true(wrong), (path, claim)
    assert checked > 25


@pytest.mark.parametrize("seed", range(4))
def test_random_questions_have_certificates(seed):
    dice = random.Random(seed)
    for _ in range(40):
        operation = dice.choice(["conv", "deconv", "maxpool"])
        options = {"ceil_mode": operation == "maxpool" and dice.random() < 0.5}
        if dice.random() < 0.5:
            options["kernel_size"] = f"{dice.randint(1, 3)}..{dice.randint(3, 6)}"
        if dice.random() < 0.3 and operation != "maxpool":
            options["dilation"] = "1..2"
        s = dice.randint(1, 4)
        target = dice.choice([f"floor(n/{s})", f"ceil(n/{s})", f"n/{s}", f"{s}*n", f"n - {s}"])
        size, target = dice.choice([("n", target), (dice.randint(5, 40), dice.randint(1, 40))])
        if operation == "deconv" and size != "n":
            target = f"{target}..{target + 2}"
        if size == "n" and dice.random() < 0.5:
            least, modulus = dice.randint(1, 12), dice.randint(2, 5)
            options["where"] = f"n >= {least} and n % {modulus} != {dice.randrange(modulus)}"
        solutions = solve(operation, size, target, **options)
        found = certificate(solutions)
        assert check(found)
        assert found["count"] == solutions.count()


def test_the_brute_force_can_fail():
    found = certificate(prove("conv(n, k=3, s=2) == floor(n/2)"))
    assert still_true(found)
    assert not still_true({**found, "counterexample": 6})
    found = certificate(solve("conv", 224, 112))
    assert not still_true({**found, "count": 12})


def test_what_has_no_certificate_says_so():
    with pytest.raises(SolverError, match="about n alone"):
        certificate(prove("conv(n, k, p=(k-1)/2) == n"))
    with pytest.raises(SolverError, match="known inputs"):
        certificate(solve("conv", "?", 112))
    with pytest.raises(LimitError, match="strides"):
        certificate(solve("conv", 224, 112, stride="1..100000"))
    with pytest.raises(SolverError, match="residue classes"):
        certificate(solve("conv", "n", "n - 4", where="8 <= n < 12"))


def test_the_checker_shares_no_code_with_the_solver():
    for path in ROOT.glob("solver/checker/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert not name.startswith("solver") or name.startswith("solver.checker"), path


VALID = certificate(prove("conv(n, 3) == n - 2"))


#: Claims that are none, or that Python reads in another way: (claim, where).
NO_CLAIMS = [
    ("n == n + 1 or 0", ""),
    ("False", ""),
    ("n", ""),
    ("conv(n, k=3)", ""),
    ("(n == n + 1,)", ""),
    ("n == n if 0 else n == n + 1", ""),
    ("n == n + 1", "0"),
    ("n == n + 1", "()"),
    ("+n == 0 - n", ""),
    ("~n == 0 - n", ""),
    ("True*n == n", ""),
    ("maxpool(n, k=2, ceil_mode=False) == ceil(n/2)", ""),
    ("conv(n, k=2, s=2, ceil_mode=True) == ceil(n/2)", ""),
    ("conv(n, k=3, a=7) == n - 2", ""),
    ("conv(n, k=3, k=1) == n", ""),
    ("min(n, 3, key=7) <= 3", ""),
    ("Mod(n) == n", ""),
    ("n == n # so", ""),
    ("\uff43onv(n, k=1) == n", ""),
    ("n" + " + n" * 300 + " > 0", ""),
]


@pytest.mark.parametrize(("claim", "where"), NO_CLAIMS)
@pytest.mark.parametrize("verdict", ["proved", "refuted"])
def test_what_is_no_claim_is_refused(claim, where, verdict):
    """Whatever else the certificate says: it is filled in with what the checker asks for."""
    found = {**VALID, "claim": claim, "where": where, "start": 9_000, "period": 90_000}
    if len(claim) < 200:
        found |= {"start": 4, "period": 2}
    found |= {"verdict": verdict, "counterexample": 1 if verdict == "refuted" else None}
    try:
        table, gains, _ = follow(parse(claim), parse(where) if where else None, 4, 2)
        found |= {"table": table, "gains": gains}
    except (Refused, TypeError, AttributeError, KeyError):
        pass
    with pytest.raises(Refused):
        check(found)


BOX_OF = {
    "kernel_size": "1..4",
    "stride": "1..3",
    "padding": "0..2",
    "padding_end": None,
    "dilation": "1",
    "output_padding": "0",
}


@pytest.mark.parametrize(
    "changes",
    [
        {"op": "conv", "ceil_mode": True},
        {"op": "conv_transpose", "ceil_mode": True},
        {"op": "avgpool", "box": {"dilation": "1..3"}},
        {"box": {"output_padding": "1"}},
        *(
            {"box": {"padding": wrong}}
            for wrong in (0, False, None, "", [], {}, "3..", " 1", "1_0")
        ),
        {"box": {"padding_end": 0}},
        {"box": {"kernel_size": "3..1"}},
        {"ask": {"input": "n) == (n) #"}},
        {"ask": {"where": "n > 3) or (0 == 0"}},
        {"ask": {"input": "n*0+5", "output": "0-1"}},
        {"ask": {"input": 5, "output": [4, 3]}},
        {"axes": []},
    ],
)
def test_what_is_no_solution_set_is_refused(changes):
    """The same certificate without the change is accepted, so it is the change that is refused."""
    right = certificate(solve("conv", "n", "n", kernel_size="1..4", stride="1..3", padding="0..2"))
    assert right["axes"][0]["box"] == BOX_OF
    assert check(right)
    wrong = copy.deepcopy(right) | {x: v for x, v in changes.items() if x not in ("box", "ask")}
    if wrong["axes"]:
        axis = wrong["axes"][0]
        axis["box"] |= changes.get("box", {})
        ask = axis["asks"][0] | changes.get("ask", {})
        axis["asks"] = [ask if "ask" not in changes or "n" in str(ask["input"]) else changes["ask"]]
    for strides in (axis["strides"] if wrong["axes"] else [], []):
        for count in {0, 1, right["count"]}:
            if wrong["axes"]:
                axis["strides"], axis["count"] = strides, count
            with pytest.raises(Refused):
                check({**wrong, "count": count})


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        7,
        {},
        {**VALID, "schema": 2},
        {**VALID, "schema": True},
        {**VALID, "extra": 1},
        {**VALID, "period": 10**9},
        {**VALID, "period": -1},
        {**VALID, "period": "1"},
        {**VALID, "start": True},
        {**VALID, "claim": "__import__('os').system('true')"},
        {**VALID, "claim": "n.__class__ == n"},
        {**VALID, "claim": "(" * 1000 + "n" + ")" * 1000},
        {**VALID, "claim": "n ** 99999999 == n"},
        {**VALID, "claim": "x == n"},
        {**VALID, "claim": "n == 1" + " + n" * 900},
        {**VALID, "claim": "conv(n, k=3, q=1) == n"},
        {**VALID, "claim": "conv(n) == n"},
        {**VALID, "claim": 5},
        {**VALID, "table": None},
        {**VALID, "certificate": "solutions"},
        {**VALID, "certificate": ["claim"]},
    ],
)
def test_a_hostile_certificate_is_refused(wrong):
    with pytest.raises(Refused):
        check(wrong)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a certificate is JSON"),
        ("[" * 100_000, "a certificate is JSON"),
        ('{"schema": 1.5}', "whole numbers, not 1.5"),
        ('{"schema": NaN}', "whole numbers, not NaN"),
        ('{"schema": 1, "schema": 1}', "each key once"),
    ],
)
def test_files_that_are_no_certificates(tmp_path, text, message):
    file = tmp_path / "bad.json"
    file.write_text(text)
    done = run("check", str(file))
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_the_command_line(tmp_path):
    file = tmp_path / "half.json"
    done = run("prove", "conv(n, 2, 2) == n/2", "--certificate", str(file))
    assert done.code == 0
    assert done.out.startswith("proved for every even n")
    done = run("check", str(file))
    assert done == (0, "valid: conv(n, k=2, s=2) == n/2 holds wherever it is asked\n", "")
    file.write_text(file.read_text().replace('"period": 2', '"period": 4'))
    done = run("check", str(file))
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("refused: table is ")
    done = run("solve", "deconv", "n", "2n", "--certificate", str(file))
    assert done.out.startswith("ConvTranspose(2, stride=2)")
    assert run("check", str(file)).out == "valid: exactly 11 layers of the box take n to 2*n\n"
    printed = run("solve", "conv", "n", "2n", "--certificate")
    assert printed.code == 1
    assert check(json.loads(printed.out)) == "exactly 0 layers of the box take n to 2*n"
    assert run("check", str(tmp_path / "none.json")).code == 2
    assert run("solve", "conv", "224", "112", "--certificate", str(tmp_path)).code == 2


EXAMPLES = {
    "rounded_half": ("prove", "conv(n, k=3, s=2, p=1) == ceil(n/2)"),
    "twice": ("solve", "deconv", "n", "2n"),
    "none": ("solve", "conv", "10", "10", "-k", "2", "-s", "1"),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_are_what_the_command_line_writes(name):
    shown = (ROOT / "examples" / "certificates" / f"{name}.json").read_text()
    assert run(*EXAMPLES[name], "--certificate").out == shown
