"""Several pairs, each about its own n, in every form, against brute force over the box."""

from __future__ import annotations

import json
import random
from itertools import islice, pairwise, product

import numpy as np
import oracle
import pytest
from claims import evaluate
from cli_fixtures import run

from solver import solve

N = np.arange(1, 200)
FORMS = ("table", "plain", "json", "jsonl", "csv", "latex", "markdown", "code")
SIZES = (
    ("n", lambda n: n, 1),
    ("n", lambda n: n, 1),
    ("2*n", lambda n: 2 * n, 1),
    ("n - 4", lambda n: n - 4, 1),
    ("n/2", lambda n: n, 2),
    ("(n + 1)/2", lambda n: n + 1, 2),
)
OTHERS = (
    ("n/2", lambda n: n, 2),
    ("(n + 1)/2", lambda n: n + 1, 2),
    ("n % 3 + 1", lambda n: n % 3 + 1, 1),
    ("floor(n/2) + floor(n/3)", lambda n: n // 2 + n // 3, 1),
    ("2n", lambda n: 2 * n, 1),
)


def draw_box(dice):
    op = dice.choice(("conv", "conv", "conv_transpose", "maxpool", "avgpool"))
    ceil_mode = "pool" in op and dice.random() < 0.4

    def part(first, last):
        low = dice.randint(first, last)
        return range(low, min(last, low + dice.randint(0, 3)) + 1)

    box = oracle.Box(
        part(1, 6),
        part(1, 4),
        part(0, 3),
        part(1, 2) if op != "avgpool" else (1,),
        part(0, 2) if op == "conv_transpose" else (0,),
        part(0, 3) if dice.random() < 0.2 else None,
    )
    return op, ceil_mode, box


def draw_where(dice):
    """Return a condition in words, which are Python too: all n, classes, finitely many n."""
    a, m = dice.randint(1, 9), dice.randint(2, 4)
    few = " or ".join(f"n == {dice.randint(1, 20)}" for _ in range(dice.randint(1, 4)))
    kinds = ("", "", f"n % {m} == {a % m}", f"n < {a}", few, f"{a} <= n < {a + m}")
    return dice.choice((*kinds, f"n % {m} == {a % m} and n < {a + 9}", f"n % {m} == 1 or n == {a}"))


def draw_target(dice, made, op, size, i):
    """Return a target that layer i of the box meets, exactly or on one class; or any other."""
    words, value, below = size
    if dice.random() < 0.1 or not len(made.k):
        return dice.choice(OTHERS)
    s, net = int(made.s[i]), int((made.lo + made.hi - made.d * (made.k - 1) + 0 * made.s)[i])
    if op == "conv_transpose":
        more = 1 - net - s + int(made.a[i])
        return f"{s}*({words}) + {more}", lambda n: s * value(n) + more * below, below
    if dice.random() < 0.4 and below == 1:
        return f"floor(({words} + {net - 1})/{s}) + 1", lambda n: (value(n) + net - 1) // s + 1, 1
    more = net - 1 + s - dice.randrange(s)
    return f"({words} + {more})/{s}", lambda n: value(n) + more * below, s * below


def asked_of(size, target, where):
    """Return the asked n, and there the input and the output."""
    (_, over, under), (_, wanted, part) = size, target
    words = where or "n > 0"
    holds = np.array([bool(eval(words, {"n": int(n)})) for n in N])
    top, goal = over(N), wanted(N)
    asked = holds & (top % under == 0) & (goal % part == 0) & (top >= under)
    return N[asked], top[asked] // under, goal[asked] // part


def brute_force(made, asks):
    """Return {column: the smallest n that is asked of all pairs, or of any} of the layers."""
    found = {}
    for column in range(len(made.k)):
        one = made._replace(**{name: getattr(made, name)[[column]] for name in made._fields[3:]})
        firsts = []
        for n, sizes, wanted in asks:
            out = one.size(sizes[:, None])[:, 0] if len(n) else n
            fits = out >= 1
            if not fits.any() or (out != wanted)[fits].any():
                break
            firsts.append({*n[fits].tolist()})
        else:
            found[column] = min(set.intersection(*firsts) or set.union(*firsts))
    return found


def meets(condition, row):
    k, s, p, d, a, _ = row
    begin, end = p if isinstance(p, tuple) else (p, p)
    names = {"kernel_size": k, "stride": s, "padding": begin, "dilation": d, "output_padding": a}
    names |= {"padding_begin": begin, "padding_end": end}
    words = condition.replace("<=", "≤").replace(">=", "≥").replace("=", "==")
    for way in words.replace("≤", "<=").replace("≥", ">=").split(" or "):
        links = [link for part in way.split(" and ") for link in chain(part)]
        if all(holds(*link, names) for link in links):
            return True
    return False


def chain(words):
    """Yield (left, sign, right) of a <= b <= c."""
    for sign in ("==", "<=", ">=", "<"):
        parts = words.split(f" {sign} ")
        if len(parts) > 1:
            return [(x, sign, y) for x, y in pairwise(parts)]
    raise AssertionError(words)


def holds(left, sign, right, names):
    x, y = evaluate(left, names), evaluate(right, names)
    return {"==": x == y, "<=": x <= y, ">=": x >= y, "<": x < y}[sign]


def question(dice):
    op, ceil_mode, box = draw_box(dice)
    made, where = oracle.table(op, box, ceil_mode), draw_where(dice)
    pairs, layer = [], dice.randrange(len(made.k) or 1)
    for _ in range(dice.choice((1, 2, 2, 3))):
        size = dice.choice(SIZES)
        pairs.append((size, draw_target(dice, made, op, size, layer)))
    words = ["solve", op, *(part[0] for pair in pairs for part in pair)]
    names = ("kernel_size", "stride", "dilation", "output_padding")
    for letter, name in zip("ksda", names, strict=True):
        if not (letter == "d" and op == "avgpool") and not (
            letter == "a" and op[4:] != "_transpose"
        ):
            words += [f"-{letter}", ",".join(map(str, getattr(box, name)))]
    ends = [",".join(map(str, part)) for part in (box.padding, box.end) if part is not None]
    words += ["-p", ":".join(ends), *(["--ceil-mode"] if ceil_mode else [])]
    words += ["--where", where] if where else []
    return words, made, [asked_of(*pair, where) for pair in pairs]


def test_pairs_about_their_own_n(tmp_path):
    dice = random.Random("pairs")
    some = apart = checked = 0
    for _ in range(70):
        words, made, asks = question(dice)
        wanted = brute_force(made, asks)
        ended = run(*words, "--json")
        assert ended.code == (0 if wanted else 1), (words, ended.err)
        record, each = json.loads(ended.out), made.each()
        found = {}
        for one in record["solutions"]:
            p = one["padding"]
            row = (one["kernel_size"], one["stride"], tuple(p[0]) if isinstance(p, list) else p)
            row += (one.get("dilation", 1), one.get("output_padding", 0), None)
            found[row] = one["valid_from"]
        assert found == {each[column]: first for column, first in wanted.items()}, words
        assert record["count"] == len(wanted), words
        for column, row in enumerate(each):
            said = all(meets(condition, row) for condition in record["conditions"])
            # a layer whose kernel fits no asked n may meet the conditions too
            fits = all((made.size(s[:, None])[:, column] >= 1).any() for n, s, _ in asks if len(n))
            assert said == (column in wanted) or not fits, (words, row, record["conditions"])
        for form, more in product(dice.sample(FORMS, 2), ([], ["--explain"])):
            if not more or form not in ("jsonl", "csv", "code"):
                assert run(*words, "--format", form, *more).code == ended.code, (words, form, more)
        written = run(*words, "--certificate")
        if written.code == ended.code:
            (tmp_path / "certificate.json").write_text(written.out)
            answer = run("check", str(tmp_path / "certificate.json"))
            assert f"exactly {len(wanted)} layer" in answer.out, (words, answer)
            checked += 1
        else:
            assert (written.code, written.out) == (2, ""), words
        some += bool(wanted)
        apart += bool(wanted) and not set.intersection(*({*n.tolist()} for n, _, _ in asks))
    assert min(some, checked) > 15
    assert apart > 2


def test_each_pair_has_its_own_class():
    words = ("solve", "conv", "n", "n/2", "n", "(n + 1)/2", "-k", "1", "-s", "2", "-p", "0")
    ended = run(*words)
    assert (ended.code, ended.out.splitlines()[0]) == (0, "Conv(1, stride=2)")
    assert "n -> n/2 for every even n and n -> (n + 1)/2 for every odd n" in ended.out
    record = json.loads(run(*words, "--json").out)
    assert record["count"] == 1
    assert [pair["holds_for"]["residues"] for pair in record["pairs"]] == [[0], [1]]
    assert record["solutions"][0]["valid_from"] == 1


@pytest.mark.parametrize("form", ["json", "plain", "table", "markdown", "latex"])
def test_nothing_is_written_before_the_answer_is_whole(form, monkeypatch):
    kind = type(solve("conv", 224, 112))
    whole = kind.answers

    def breaks_off(solutions, limit=None):
        yield from islice(whole(solutions, limit), 2)
        raise ValueError("a fault")

    monkeypatch.setattr(kind, "answers", breaks_off)
    done = run("solve", "conv", "224", "112", "--format", form)
    assert (done.code, done.out) == (101, "")
