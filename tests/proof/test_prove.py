"""Claims: every verdict against an evaluator of its own, and against z3."""

from __future__ import annotations

from itertools import product

import pytest
from claims import Words, truth

from solver import LimitError, SolverError, prove
from solver.proof.claim import read_claim
from solver.proof.every import decide
from solver.proof.letters import prove as letters_prove
from solver.proof.smtlib import smtlib
from solver.sizes.letters import least
from solver.sizes.text import text

TRUE = [
    "conv(n, k=3, s=2, p=1) == ceil(n/2)",
    "conv(deconv(n, k=4, s=2, p=1), k=3, s=2, p=1) == n",
    "conv(n, k=2, s=2) == n/2",
    "n - 2 <= conv(n, 3) < n",
    "maxpool(n, 3, 2, 1, ceil_mode=True) == floor(n/2) + 1",
    "deconv(ceil(n/2), 3, 2, 1, a=(n + 1) % 2) == n",
    "conv(n, 7, 2, p=max((ceil(n/2) - 1)*2 + 7 - n, 0):0) == ceil(n/2)",
    # the feature extractor of wav2vec2
    "conv(conv(conv(conv(conv(conv(conv(n,10,5),3,2),3,2),3,2),3,2),2,2),2,2)"
    " == floor((n - 400)/320) + 1",
    "conv(n, k, s=2, p=(k-1)/2) == ceil(n/2)",
    "conv(n, k, s, p=(k-1)/2) == ceil(n/s)",
    "conv(n, k, s, p, d) == floor((n + 2p - d*(k-1) - 1)/s) + 1",
    "deconv(conv(n, k, s, p), k, s, p, a=(n + 2p - k) % s) == n",
    "conv(deconv(n, k, s, p), k, s, p) == n",
    "conv(conv(n, k, s, p), l, t, q) == conv(n, k + s*(l - 1), s*t, p + s*q)",
    "deconv(n, k, s, p=(k - s)/2) == s*n",
    "maxpool(n, k, ceil_mode=True) == ceil(n/k)",
    "conv(n, k=s, s=s) == n/s",
    "224 == 112*2",
    "conv(n, k, s) <= n",
    "conv(n, k, s, p=(k-1)/2) >= n/s",
    "n % s < s",
    "conv(n, k + 1, s) <= conv(n, k, s)",
    "maxpool(n, k, s, p, ceil_mode=True) == min(ceil((n + 2p - k)/s) + 1, ceil((n + p)/s))",
    "conv(n, k=99999, s=99999) == floor(n/99999)",
]

FALSE = {
    "conv(n, k=3, s=2, p=1) == floor(n/2)": {"n": 1},
    "conv(n, k=3, s=2) == floor(n/2)": {"n": 4},
    "conv(n, k=400, s=320) == floor(n/320)": {"n": 640},
    "deconv(conv(n, 3, 2, 1), 3, 2, 1) == n": {"n": 2},
    "maxpool(n, 3, 2, 1, ceil_mode=True) == ceil((n - 1)/2)": {"n": 1},
    "conv(n, k, s=2, p=(k-1)/2) == floor(n/2)": {"n": 1, "k": 1},
    "conv(n, k, p=k//2) == n": {"n": 1, "k": 2},
    "n*n == n": {"n": 2},
    "conv(n, k=3, s=n) == n": {"n": 3},
}


@pytest.mark.parametrize("claim", TRUE)
def test_true_claims_are_proved(claim):
    assert prove(claim).proved
    assert not prove(claim).empty


@pytest.mark.parametrize("claim", FALSE)
def test_false_claims_are_refuted(claim):
    assert prove(claim).counterexample == FALSE[claim]


def test_conditions_bind_letters_and_make_quotients_whole():
    assert prove("conv(n, k, p=p) == n + k - 1", where="p == k - 1")
    assert prove("conv(n, k, p=k//2) == n", where="k % 2 == 1")
    assert prove("deconv(conv(n, k, s, p), k, s, p) == n", where="(n + 2*p - k) % s == 0")
    assert not prove("deconv(conv(n, k, s, p), k, s, p) == n")
    assert prove("conv(deconv(n, k, s, p, a=a), k, s, p) == n", where="a < s")


#: Claims that hold because of inequalities, or of what a condition says: claim and condition.
NARROWED = [
    ("conv(n, k, s, p) == ceil(n/s)", "2p == k - 1"),
    ("deconv(n, k, s, p) == s*n", "2p == k - s"),
    ("conv(n, k, p=p, d=d) == n", "2*p - d*(k - 1) == 0"),
    ("conv(n, k, s, p) == n/s", "n % s == 0 and 2p == k - 1"),
    ("conv(n, k, s, p) == floor(n/s)", "k - 2p == s"),
    ("conv(n, k, s=k - 1) == floor((n - 1)/(k - 1))", ""),
    ("deconv(conv(n, k, s, p), k, s, p, a=a) == n", "a == (n + 2*p - k) % s"),
    ("conv(n, k, s + 1, p) <= conv(n, k, s, p)", ""),
    ("conv(n, k, s*t) <= conv(n, k, s)", ""),
    ("conv(m, k, s, p) >= conv(n, k, s, p)", "m >= n"),
    ("maxpool(n, k, s, p, ceil_mode=True) >= maxpool(n, k, s, p)", ""),
    ("maxpool(n, k, s, p, ceil_mode=True) == maxpool(n, k, s, p)", "(n + 2p - k) % s == 0"),
    ("conv(n, k, s, p=0:max((ceil(n/s) - 1)*s + k - n, 0)) == ceil(n/s)", ""),
    ("conv(n, k, s, p) < n", "s >= 2 and 2p <= k - 1 and n >= 2"),
    ("ceil(n/s) == floor(n/s) + 1", "n % s != 0"),
    ("conv(n, k, s) == 1", "n - k < s"),
    ("conv(n, k, s) >= 2", "n >= k + s"),
    ("floor(n/s) + floor(m/s) <= floor((n + m)/s) <= floor(n/s) + floor(m/s) + 1", ""),
    ("floor(n*k/(s*k)) == floor(n/s)", ""),
    ("k*floor(n/s) <= floor(n*k/s)", ""),
    ("deconv(conv(n, k, s, p), k, s, p) >= n - s + 1", ""),
]


@pytest.mark.parametrize(("claim", "where"), NARROWED)
def test_claims_with_letters_that_need_inequalities(claim, where):
    verdict = prove(claim, where=where)
    assert verdict.proved
    names = verdict.claim.letters
    box = [range(least(x), least(x) + 4) for x in names]
    words = text(verdict.claim.statement), text(verdict.claim.where) if where else ""
    found = {truth(*words, dict(zip(names, v, strict=True))) for v in product(*box)}
    assert found - {None} == {True}


@pytest.mark.parametrize(
    ("claim", "where"),
    [
        ("n < 100", "(-n) % s == 0"),
        ("(0 - n)/s != 0 - 60", ""),
        ("conv(n, k, s) <= conv(n, k, s + 1)", ""),
        ("floor(n/s) >= floor(n/(s - 1))", "s >= 2"),
        ("conv(n, k, s, p) <= n", ""),
        ("n // (k - 3) >= 0", ""),
    ],
)
def test_claims_that_fail_far_out_are_not_proved(claim, where):
    assert letters_prove(read_claim(claim, where)) is None
    assert prove(claim, where=where).counterexample


def test_the_smallest_n_refutes():
    assert prove("n + k != 45").counterexample == {"n": 1, "k": 44}


def test_what_contradicts_itself_is_asked_nowhere():
    assert prove("conv(n, k) == 1", where="n < k").empty
    headline = str(prove("conv(n, k) < n", where="k >= 2")).splitlines()[0]
    assert headline == "proved for every n >= 1, every k >= 1 where k >= 2"
    assert r"\text{ where } k \ge 2" in prove("conv(n, k) < n", where="k >= 2")._repr_latex_()


@pytest.mark.parametrize(
    ("claim", "logic", "answer"),
    [
        ("n // -2 == 5", "QF_LIA", "sat"),
        ("n % -3 == 1", "QF_LIA", "sat"),
        ("n // -2 <= 0", "QF_LIA", "unsat"),
        ("floor(n/(k - 3)) != 0 - 5", "QF_NIA", "sat"),
        ("n*n == n", "QF_NIA", "sat"),
        ("n % n == 0", "QF_NIA", "unsat"),
    ],
)
def test_smtlib_of_odd_divisors_and_products(claim, logic, answer):
    z3 = pytest.importorskip("z3")
    script = smtlib(read_claim(claim))
    assert f"(set-logic {logic})" in script
    solver = z3.Solver()
    solver.from_string(script)
    assert str(solver.check()) == answer


@pytest.mark.parametrize("seed", range(8))
def test_random_claims_about_n_have_their_exact_sets(seed):
    words = Words(seed)
    seen = {True: 0, False: 0}
    for _ in range(50):
        claim, where = words.claim(words.dice.randint(1, 3))
        try:
            found = decide(read_claim(claim, where))
        except SolverError:
            continue  # a product of two sizes
        for n in range(1, 120):
            right = truth(claim, where, {"n": n})
            assert found.asked(n) == (right is not None), (claim, where, n)
            assert found.holds(n) == bool(right), (claim, where, n)
        verdict = prove(claim, where=where)
        seen[verdict.proved] += 1
        if verdict.counterexample:
            n = verdict.counterexample["n"]
            assert truth(claim, where, {"n": n}) is False
            assert all(truth(claim, where, {"n": m}) is not False for m in range(1, n))
    assert min(seen.values()) > 5


@pytest.mark.parametrize("seed", range(8))
def test_random_claims_with_letters_are_never_wrong(seed):
    letters = (("k",), ("s",), ("k", "s"), ("k", "p"), ("d", "k"), ("a", "s"), ("r",), ("k", "r"))
    words = Words(100 + seed, letters[seed])
    seen = {"proved": 0, "refuted": 0, "open": 0}
    for _ in range(14):
        claim, where = words.claim(words.dice.randint(1, 2))
        where = words.dice.choice([where, where, "(-n) % {0} == 0", "2*{0} - n == 1", "{0} >= 2"])
        where = where.format(words.dice.choice(letters[seed]))
        try:
            verdict = prove(claim, where=where)
            proved = verdict.proved
            # without the numbers that are tried before, which would hide an unsound proof
            assert (letters_prove(verdict.claim) is None) or proved, (claim, where)
        except LimitError:
            seen["open"] += 1
            continue
        except SolverError:
            continue
        seen["proved" if proved else "refuted"] += 1
        names = verdict.claim.letters
        box = [range(least(x), least(x) + (14 if x == "n" else 6)) for x in names]
        found = [truth(claim, where, dict(zip(names, v, strict=True))) for v in product(*box)]
        if proved:
            assert False not in found, (claim, where)
            assert not (verdict.empty and True in found), (claim, where)
        else:
            assert truth(claim, where, verdict.counterexample) is False, (claim, where)
    assert seen["open"] < 6
    assert min(seen["proved"], seen["refuted"]) > 0


@pytest.mark.parametrize("seed", range(6))
def test_z3_confirms_by_smtlib(seed):
    z3 = pytest.importorskip("z3")
    words = Words(200 + seed)
    seen = []
    for _ in range(60):
        claim, where = words.claim(words.dice.randint(1, 2))
        try:
            verdict = prove(claim, where=where)
            proved = verdict.proved
        except SolverError:
            continue
        solver = z3.Solver()
        solver.set("rlimit", 20_000_000)
        solver.from_string(smtlib(verdict.claim))
        answer = solver.check()
        assert answer == (z3.unsat if proved else z3.sat), (claim, where)
        seen.append(proved)
    assert min(seen.count(True), seen.count(False)) > 10


def test_z3_refutes_claims_with_letters():
    z3 = pytest.importorskip("z3")
    for claim in ("conv(n, k, p=k//2) == n", "deconv(n, k, s, p) == s*n", "conv(n, k, s) == n"):
        solver = z3.Solver()
        solver.from_string(smtlib(read_claim(claim)))
        assert solver.check() == z3.sat


def test_the_oracle_can_fail():
    assert truth("conv(n, k=3, s=2, p=1) == ceil(n/2)", "", {"n": 5}) is True
    assert truth("conv(n, k=3, s=2, p=1) == floor(n/2)", "", {"n": 5}) is False
    assert truth("conv(n, k=3) == n - 2", "", {"n": 2}) is None


@pytest.mark.parametrize(
    ("claim", "rule", "at"),
    [
        ("conv(n, 3)", "a claim compares sizes", 0),
        ("conv(n, k=0) == n", "kernel_size must be at least 1", 10),
        ("conv(n, -3) == n", "kernel_size must be at least 1", 8),
        ("n + n/0 == 1", "a divisor must not be 0", 5),
        ("1 + deconv(n,3,2,a=2)==n", "output_padding must be smaller", 4),
        ("conv(n, 3, q=1) == n", "q is not known to convolution", 11),
        ("conv(n, 3, s=2, s=3) == n", "stride is given twice", 16),
        ("conv(n) == n", "convolution needs a kernel size", 0),
        ("con(n, 3) == n", "unknown function 'con'", 0),
        ("conv(n, 3, 2, p=same) == n", "p=same needs stride 1", 16),
        ("maxpool(n, 2, ceil_mode=1) == n", "ceil_mode is True or False", 24),
        ("conv(n, 3", "needs its ')'", 9),
        ("conv(n, 3) = n", "equality is written ==", 11),
    ],
)
def test_wrong_words_are_shown(claim, rule, at):
    with pytest.raises(SolverError) as fault:
        prove(claim)
    assert rule in str(fault.value)
    assert fault.value.at == at


def test_what_is_open_is_said():
    with pytest.raises(LimitError, match="neither proved nor refuted"):
        prove("n*n + k*k >= 2*n*k").proved  # noqa: B018
    with pytest.raises(LimitError, match="period"):
        prove("n % 65537 + n % 65539 != 131000").proved  # noqa: B018


def test_a_verdict_is_a_value():
    half = prove("conv(n,2,2)==n/2", where="n>=4")
    assert repr(half) == "prove('conv(n, k=2, s=2) == n/2', where='n >= 4')"
    assert half == prove("conv(n, k=2, s=2) == n / 2", where="n >= 4")
    assert str(half).splitlines()[0] == "proved for every even n >= 4"
    assert half._repr_latex_().startswith("$")
    assert prove("conv(n, 3) == 1", where="n < 3").empty
