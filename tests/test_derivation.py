"""Derivations: every line is evaluated and compared, and every form can be typeset."""

from __future__ import annotations

import random
import shutil
import subprocess
from fractions import Fraction

import pytest
from claims import evaluate
from cli_fixtures import run

from solver import SolverError, solve
from solver.inverse.derivation import Step

BOX = {
    "kernel_size": (1, 6),
    "stride": (1, 4),
    "padding": (0, 4),
    "dilation": (1, 3),
    "output_padding": (0, 2),
}
SIGNS = {
    "==": Fraction.__eq__,
    "<=": Fraction.__le__,
    ">=": Fraction.__ge__,
    "<": Fraction.__lt__,
}


def sides(step, numbers):
    return [evaluate(term, numbers) for term in step.terms]


def holds(step, numbers):
    values = sides(step, numbers)
    pairs = zip(step.relations, values, values[1:], strict=False)
    return all(SIGNS[sign](x, y) for sign, x, y in pairs)


def questions(seed):
    """Yield random questions about one axis, for numbers and for every n."""
    dice = random.Random(seed)
    for _ in range(100):
        operation = dice.choice(["conv", "conv", "deconv", "deconv", "maxpool", "avgpool"])
        names = ["kernel_size", "stride", "padding"]
        names += [] if operation == "avgpool" else ["dilation"]
        options = {name: dice.randint(*BOX[name]) for name in names if dice.random() < 0.4}
        if operation in ("maxpool", "avgpool"):
            options["ceil_mode"] = dice.random() < 0.5
        s = dice.randint(1, 3)
        forms = ("ceil(n/{s})", "floor(n/{s})", "n/{s}", "floor((n - 1)/{s})", "{s}*n")
        if operation == "deconv":
            forms = ("{s}*n", "{s}*n + 1", "{s}*n - 2", "n/2")
        size, target = "n", dice.choice(forms).format(s=s)
        if dice.random() < 0.5:
            size, target = dice.randint(3, 30), dice.randint(1, 40)
            target = dice.choice([target, f"{target}..{target + 2}"])
        yield solve(operation, size, target, **options), dice


def layers(solutions, dice):
    """Return random hyperparameters, those that are given or forced put in."""
    known = {name: values[0].first for name, values in solutions.question.domains}
    for step in solutions.derivation:
        if step.terms[:1] == ("stride",) and step.relations == ("==",):
            known["stride"] = int(step.terms[1])
    for _ in range(60):
        yield {name: dice.randint(*ends) for name, ends in BOX.items()} | {"dilation": 1} | known


def blocks(solutions):
    """Return the formulas that follow each "For ...", without those of the family."""
    family = [condition.terms for _, ways in solutions.ways for way in ways for condition in way]
    found = []
    for step in solutions.derivation:
        if not step.terms:
            found.append([])
        elif step.words in ("", "hence") and step.terms not in family:
            found[-1].append(step)
    heads = [step.words for step in solutions.derivation if not step.terms]
    return [block for head, block in zip(heads, found, strict=True) if head.startswith("For ")]


@pytest.mark.parametrize("seed", range(4))
def test_every_line_says_the_same_as_the_one_before(seed):
    compared = equal = 0
    for solutions, dice in questions(seed):
        numbers = [{**layer, "t": dice.randint(1, 50)} for layer in layers(solutions, dice)]
        for first, *others in blocks(solutions):
            if "<=" not in first.relations:
                for values in numbers:
                    *same, _ = sides(first, values)
                    assert len(set(same)) == 1, (solutions, first)
                equal += len(first.terms) > 2
            wanted = [holds(first, values) for values in numbers]
            for step in others:
                assert [holds(step, values) for values in numbers] == wanted, (solutions, step)
                compared += len(set(wanted)) > 1
    assert compared > 40
    assert equal > 10


def test_the_comparison_can_fail():
    right = Step("", ("floor((2*t + padding)/2)", "t + floor(padding/2)", "t"), ("==", "=="))
    wrong = Step("", ("floor((2*t + padding)/2)", "t - floor(padding/2)", "t"), ("==", "=="))
    values = {"t": 3, "padding": 2}
    assert len(set(sides(right, values)[:2])) == 1
    assert len(set(sides(wrong, values)[:2])) == 2


def test_the_text_of_exact_halving():
    assert solve("conv", "n", "n/2", dilation=1).explain().splitlines() == [
        "The output of the convolution is",
        "  o = floor((n + 2*p - k)/s) + 1",
        "As n grows by 2, the input n grows by 2 and the target n/2 by 1. "
        "The convolution divides growth by its stride, so",
        "  2/s = 1",
        "  hence s = 2",
        "With that, what holds for one size holds for every asked n.",
        "For n = 2*t:",
        "  floor((2*t + 2*p - k)/2) + 1 = t + floor((2*p - k)/2) + 1 = t",
        "  hence floor((2*p - k)/2) = -1",
        "  hence -1 <= 2*p - k + 1 <= 0",
        "  hence s = 2",
        "  and p = floor((k - 1)/2)",
        "Each line says the same as the one before it, so these are all the layers there are, "
        "at every asked n from the first that the kernel fits.",
    ]


@pytest.mark.parametrize(
    ("question", "options", "lines"),
    [
        (("conv", "n", "2n"), {}, ["  1/s = 2", "which no whole stride meets."]),
        (("conv", "n", "7"), {}, ["  1/s = 0", "which no whole stride meets."]),
        (
            ("deconv", "ceil(n/2)", "n"),
            {"dilation": 1},
            ["Together 0 <= 2*p - k - a + 1 <= -1", "which no number meets."],
        ),
        (
            ("conv", 10, 10),
            {"kernel_size": 2, "stride": 1, "dilation": 1},
            [
                "  hence 2*p - 1 = 0",
                "At s = 1 it must lie from 0 to 0; in the box it comes no nearer than -1 and 1.",
            ],
        ),
        (
            ("conv", 224, 112),
            {"kernel_size": 20, "padding": "0..5"},
            ["which leaves no stride of the box a common number with the above."],
        ),
        (("conv", 224, 112), {"kernel_size": 7, "stride": 2, "dilation": 1}, ["  hence p = 3"]),
        (
            ("deconv", "n", "2n"),
            {"dilation": 1},
            ["  2*t + k + a - 2*p - 2 = 2*t", "  and, a rule of the layer itself, a < 2"],
        ),
        (
            ("conv", "?", 112),
            {"kernel_size": 7, "stride": 2, "padding": 3, "dilation": 1},
            ["  hence 222 <= n - 1 <= 223", "  hence 223 <= n <= 224"],
        ),
        (
            ("conv", "n", "n - 4"),
            {"where": "8 <= n < 12"},
            ["Asked for 8 <= n <= 11, as far as the kernel fits:"],
        ),
        (("conv", (64, 7), (32, 7)), {"per_axis": True}, ["Axis 0:", "Axis 1:"]),
        (
            ("maxpool", "n", "ceil(n/2)"),
            {"ceil_mode": True, "dilation": 1},
            ["  and min(2*p - k + 2, p) = 0", "  and, a rule of the layer itself, 2*p <= k"],
        ),
    ],
)
def test_other_derivations(question, options, lines):
    shown = solve(*question, **options).explain().splitlines()
    for line in lines:
        assert any(line.strip() in row for row in shown), (line, shown)


def test_nothing_ends_with_the_statement_that_there_is_none():
    for seed in range(3):
        for solutions, _ in questions(seed):
            last = solutions.derivation[-1].words
            assert ("o layer" in last) == (not solutions), (solutions, last)


SHOWN = [
    ("conv", "n", "n/2"),
    ("conv", "n", "floor(n/32)"),
    ("deconv", "n", "2n"),
    ("conv", "224", "112"),
    ("maxpool", "n", "ceil(n/2)", "--ceil-mode"),
    ("conv", "n", "2n"),
    ("deconv", "ceil(n/2)", "n"),
    ("conv", "10", "10", "-k", "2", "-s", "1"),
    ("conv", "5", "5", "-k", "4", "-p", "0..3:0..3"),
    ("conv", "64x7", "32x7", "--per-axis"),
    ("conv", "n", "n - 4", "--where", "8 <= n < 12"),
]


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_every_formula_can_be_typeset(words):
    ziamath = pytest.importorskip("ziamath")
    page = run("solve", *words, "--explain", "--format", "markdown").out
    formulas = page.split("$")[1::2]
    assert len(formulas) > 3
    for formula in formulas:
        assert "<svg" in ziamath.Latex(formula).svg()
    tex = run("solve", *words, "--explain", "--format", "latex").out
    assert tex.count(r"\begin{align*}") == tex.count(r"\end{align*}") > 0


@pytest.mark.tex
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no TeX engine")
@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_documents_compile(words, tmp_path):
    done = run("solve", *words, "--format", "latex", "--standalone")
    assert done.code in (0, 1)
    (tmp_path / "page.tex").write_text(done.out)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made.stdout[-2000:]
    assert (tmp_path / "page.pdf").stat().st_size > 1000


def test_a_document_has_all_its_parts():
    page = run("solve", "conv", "n", "n/2", "-d", "1", "--standalone").out
    parts = (r"\documentclass", r"\usepackage{amsmath, booktabs, longtable}", r"\toprule")
    for part in (*parts, r"\section*{Derivation}", r"p = \left\lfloor \frac{k - 1}{2}"):
        assert part in page
    assert page.rstrip().endswith(r"\end{document}")


def test_the_command_line_says_where_a_derivation_fits():
    plain = run("solve", "conv", "n", "n/2").out
    explained = run("solve", "conv", "n", "n/2", "--explain").out
    assert explained.startswith(plain)
    assert "hence s = 2" in explained
    record = run("solve", "conv", "n", "n/2", "--explain", "--json").out
    assert '"derivation": ["The output of the convolution is"' in record
    assert "derivation" not in run("solve", "conv", "n", "n/2", "--json").out
    for form in ("csv", "jsonl"):
        done = run("solve", "conv", "n", "n/2", "--explain", "--format", form)
        assert (done.code, done.out) == (2, "")
        assert "--explain needs a form with room for text" in done.err
    done = run("solve", "conv", "n", "n/2", "--standalone", "--format", "markdown")
    assert (done.code, done.out) == (2, "")
    with pytest.raises(SolverError, match="unknown form"):
        solve("conv", "n", "n/2").explain("html")
