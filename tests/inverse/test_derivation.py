"""Derivations: every line is evaluated and compared, and every form can be typeset."""

from __future__ import annotations

import random
import shutil
import subprocess
from fractions import Fraction
from itertools import product

import pytest
from claims import evaluate, truth
from cli_fixtures import run

from solver import SolverError, solve
from solver.inverse.family import PADDING, STRIDE
from solver.sizes.expression import letters
from solver.sizes.step import Step
from solver.sizes.step import line as chain
from solver.sizes.text import text

BOX = {
    "kernel_size": (1, 6),
    "stride": (1, 4),
    "padding": (0, 4),
    "dilation": (1, 3),
    "output_padding": (0, 2),
}
LETTER = dict(zip(BOX, "kspda", strict=True))
SIGNS = {
    "==": Fraction.__eq__,
    "<=": Fraction.__le__,
    ">=": Fraction.__ge__,
    "<": Fraction.__lt__,
}


def sides(step, numbers):
    return [evaluate(text(term), numbers) for term in step.terms]


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
        if step.terms[:1] == (STRIDE,) and step.relations == ("==",):
            (known["stride"],) = step.terms[1].parts
    for _ in range(60):
        yield {name: dice.randint(*ends) for name, ends in BOX.items()} | {"dilation": 1} | known


def blocks(solutions):
    """Return the formulas that follow each "For ...", without the family."""
    found = []
    for step in solutions.derivation:
        if not step.terms:
            found.append((step.words[0], []))
        elif step.words in ((), ("hence",)):
            found[-1][1].append(step)
    return [block for head, block in found if str(head).startswith("For ") and block]


@pytest.mark.parametrize("seed", range(4))
def test_every_line_says_the_same_as_the_one_before(seed):
    compared = equal = 0
    for solutions, dice in questions(seed):
        sizes = [{"t": t, "n": t} for t in range(1, 61)]
        numbers = [{**a, **b} for a, b in zip(layers(solutions, dice), sizes, strict=True)]
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
    (t,) = letters("t")
    whole, half = (2 * t + PADDING) // 2, PADDING // 2
    right = chain("", whole, "==", t + half, "==", t)
    wrong = chain("", whole, "==", t - half, "==", t)
    values = {"t": 3, "padding": 2}
    assert len(set(sides(right, values)[:2])) == 1
    assert len(set(sides(wrong, values)[:2])) == 2


LETTERS = (
    "Write n for the size of the input, o for that of the output, k for the kernel size, s for the "
    "stride, p for the padding at each end and d for the dilation, all of them whole numbers. The "
    "output of the convolution is"
)


def test_the_text_of_exact_halving():
    assert solve("conv", "n", "n/2", dilation=1).explain().splitlines() == [
        LETTERS,
        "  o = floor((n + 2*p - d*(k - 1) - 1)/s) + 1",
        "Given: d = 1.",
        "Let n grow by 2*s. The input n grows by 2*s, the output therefore by exactly 2, and the "
        "target n/2 by s. So",
        "  s = 2",
        "With it both sides grow alike, so what holds at one n holds at every n of its class "
        "modulo 2.",
        "For n = 2*t with a whole number t:",
        "  floor((2*t + 2*p - k)/2) + 1 = t + floor((2*p - k)/2) + 1 = t",
        "  hence floor((2*p - k)/2) = -1",
        "  hence -2 <= 2*p - k <= -1",
        "So a layer does it exactly when",
        "  s = 2",
        "  and p = floor((k - 1)/2)",
        "Every step can be read backwards, so these are all the layers with d = 1, at every asked "
        "n from the first at which the kernel fits.",
    ]


def test_the_text_of_one_pair_of_sizes():
    assert solve(
        "conv", 224, 112, kernel_size=7, stride=2, dilation="1..2"
    ).explain().splitlines() == [
        LETTERS,
        "  o = floor((n + 2*p - d*(k - 1) - 1)/s) + 1",
        "Given: k = 7 and s = 2.",
        "For the input 224:",
        "  floor((224 + 2*p - d*(7 - 1) - 1)/2) + 1 = 112",
        "  hence 222 <= 2*p - 6*d + 223 <= 223",
        "  hence -1 <= 2*p - 6*d <= 0",
        "So a layer does it exactly when",
        "  p = 3*d",
        "Every step can be read backwards, so these are all the layers with k = 7 and s = 2, in "
        "the searched box and outside of it.",
    ]


@pytest.mark.parametrize(
    ("question", "options", "lines"),
    [
        (("conv", "n", "2n"), {}, ["  2*s = 1", "which no whole stride meets."]),
        (("conv", "n", "7"), {}, ["  0 = 1", "which no whole stride meets."]),
        (("conv", "n", "n/2"), {"stride": 3}, ["  s = 2", "but s = 3 is given."]),
        (
            ("conv", ["n", "n"], ["n/2", "n/3"]),
            {},
            ["  s = 2", "  s = 3", "but s = 2 is needed above."],
        ),
        (
            ("conv", [224, 225], [112, 114]),
            {"dilation": 1},
            [
                "  Together 113*s - 225 <= 2*p - k <= 112*s - 225",
                "  hence s <= 0",
                "which contradicts s >= 1.",
            ],
        ),
        (
            ("conv", [10, 20, 100], ["1..3", "8..9", "10..11"]),
            {"dilation": 1},
            ["  hence s <= ", "  hence s >= ", "which no stride meets."],
        ),
        (
            ("conv", ("n", "7"), ("n/2", "7")),
            {"dilation": 1},
            ["  Together 5 <= 2*p - k <= -1", "which no number meets."],
        ),
        (
            ("deconv", "ceil(n/2)", "n"),
            {"dilation": 1},
            ["  Together -1 <= 2*p - k - a <= -2", "which no number meets."],
        ),
        (
            ("conv", 10, 10),
            {"kernel_size": 2, "stride": 1, "dilation": 1},
            [
                "  hence 2*p = 1",
                "  hence ceil(1/2) <= p <= floor(1/2)",
                "For s = 1, 2*p - 1 must be 0; the values in the box that come nearest are -1 and "
                "1.",
            ],
        ),
        (
            ("conv", 224, 28),
            {"kernel_size": "1..7", "stride": "1..4"},
            [
                "  In the box -6 <= 2*p - k + 1 <= 10",
                "For s <= 4 it must be at most -112: too little.",
            ],
        ),
        (
            ("maxpool", 10, 12),
            {},
            ["  In the box, and as 2*p <= k, -10 <= 2*p - k + 1 <= 1", "at least 2: too much."],
        ),
        (
            ("maxpool", 112, 56),
            {"kernel_size": 5, "padding": 3},
            ["and, by a rule of the layer itself, 6 <= 5, which is false."],
        ),
        (
            ("conv", 224, 112),
            {"kernel_size": 7, "stride": 2, "dilation": 1},
            ["  hence 5 <= 2*p <= 6", "  hence ceil(5/2) <= p <= floor(6/2)", "  p = 3"],
        ),
        (
            ("conv", 224, 112),
            {"kernel_size": 7, "stride": 2, "padding": 3, "dilation": 1},
            [
                "  floor((224 + 2*3 - 1*(7 - 1) - 1)/2) + 1 = 112",
                "So every such layer does it.",
            ],
        ),
        (
            ("conv", 224, 112),
            {"kernel_size": 3, "stride": 2, "padding": 3, "dilation": 1},
            [
                "  floor((224 + 2*3 - 1*(3 - 1) - 1)/2) + 1 = 114",
                "where 112 is wanted.",
            ],
        ),
        (
            ("deconv", "n", "2n"),
            {"dilation": 1},
            [
                "  (n - 1)*2 + 1*(k - 1) + a - 2*p + 1 = 2*n + k + a - 2*p - 2 = 2*n",
                "  and, by a rule of the layer itself, a < 2",
            ],
        ),
        (
            ("conv", "?", 112),
            {"kernel_size": 7, "stride": 2, "padding": 3, "dilation": 1},
            ["  hence 222 <= n - 1 <= 223", "  223 <= n <= 224"],
        ),
        (
            ("conv", "n", "floor(n/2)"),
            {"where": "n < 4", "dilation": 1},
            [
                "There is no output 0: the kernel must not fit the input 1:",
                "  2*p - k <= -2",
                "For the input 2, if the kernel fits it:",
            ],
        ),
        (
            ("deconv", "n", "2n"),
            {"where": "n < 3", "dilation": 1},
            ["So a layer does it exactly when either", "or when"],
        ),
        (("conv", "n", "n/2"), {"where": "n % 2 == 1"}, ["ceil(n/2) or floor(n/2)?"]),
        (("conv", (64, 7), (32, 7)), {"per_axis": True}, ["Axis 0:", "Axis 1:"]),
        (
            ("maxpool", "n", "ceil(n/2)"),
            {"ceil_mode": True, "dilation": 1},
            ["  and min(2*p - k + 2, p) = 0", "  and, by a rule of the layer itself, 2*p <= k"],
        ),
    ],
)
def test_other_derivations(question, options, lines):
    shown = solve(*question, **options).explain().splitlines()
    for line in lines:
        assert any(line.strip() in row for row in shown), (line, shown)


@pytest.mark.parametrize(
    ("question", "where"),
    [
        (("deconv", "n", "2*n"), "n < 4"),
        (("deconv", "n", "n"), "n < 3"),
        (("deconv", "n", "2*n - 3"), "n < 5"),
        (("conv", "n", "floor(n/2)"), "n < 10"),
        (("conv", "n", "n - 4"), "n < 8"),
        (("conv", "n", "ceil(n/2) - 3"), "n < 10"),
        (("maxpool", "n", "ceil(n/3) - 1"), "3 < n < 9"),
    ],
)
def test_the_family_of_finitely_many_sizes(question, where):
    solutions = solve(*question, where=where, kernel_size="1..8", stride="1..3", padding="0..3")
    names = [*solutions.question.operation.hyperparameters]
    ((_, ways),) = solutions.ways
    inside = outside = 0
    for values in product(range(1, 9), range(1, 4), range(4), [1], range(3)):
        layer = dict(zip(BOX, values, strict=True))
        given = ", ".join(f"{LETTER[name]}={layer[name]}" for name in names)
        claim = f"{question[0]}(n, {given}) == {question[2]}"
        if "output_padding" not in names and layer["output_padding"]:
            continue
        truths = [truth(claim, where, {"n": n}) for n in range(1, 12)]
        right = True in truths and False not in truths
        found = any(
            all(holds(Step((), c.terms, (c.relation,) * (len(c.terms) - 1)), layer) for c in way)
            for way in ways
        )
        # a layer whose kernel fits none of the sizes may meet the conditions too
        assert found == right or (found and not {True, False} & {*truths}), (layer, ways)
        inside, outside = inside + right, outside + (not right)
    assert inside
    assert outside


def test_nothing_ends_with_the_statement_that_there_is_none():
    for seed in range(3):
        for solutions, _ in questions(seed):
            last = solutions.derivation[-1].words[0]
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
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert made.returncode == 0, made.stdout[-2000:]
    assert (tmp_path / "page.pdf").stat().st_size > 1000


def test_a_document_has_all_its_parts():
    page = run("solve", "conv", "n", "n/2", "-d", "1", "--standalone").out
    parts = (r"\documentclass", r"\usepackage{amsmath, booktabs, longtable}", r"\toprule")
    for part in (*parts, r"\section*{Derivation}", r"p = \left\lfloor \frac{k - 1}{2}"):
        assert part in page
    assert page.rstrip().endswith(r"\end{document}")


def test_a_markdown_document_has_all_its_parts():
    page = run("solve", "conv", "3n", "2n", "--standalone", "--format", "markdown").out
    assert page.startswith("# conv 3\\*n -> 2\\*n\n\n**none: a convolution divides")
    assert "\n## Derivation\n\nWrite $n$ for" in page
    page = run("solve", "conv", "224", "112", "--limit", "0", "--format", "markdown").out
    assert "\n```math\n" in page
    given = ["-k", "7", "-s", "2", "-p", "3", "-d", "1", "--format"]
    for form in ("markdown", "latex"):
        assert r"\text{always}" in run("solve", "conv", "224", "112", *given, form).out


@pytest.mark.tex
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no TeX engine")
@pytest.mark.parametrize("operation", ["conv", "deconv"])
def test_the_table_stays_on_the_page(operation, tmp_path):
    target = "n/2" if operation == "conv" else "2n"
    page = run("solve", operation, "n", target, "--standalone", "--limit", "20").out
    (tmp_path / "page.tex").write_text(page)
    command = ["pdflatex", "-interaction=nonstopmode", "page.tex"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert "Overfull" not in made.stdout


def test_the_command_line_says_where_a_derivation_fits():
    plain = run("solve", "conv", "n", "n/2").out
    explained = run("solve", "conv", "n", "n/2", "--explain").out
    assert explained.startswith(plain)
    assert "exactly when\n  s = 2" in explained
    record = run("solve", "conv", "n", "n/2", "--explain", "--json").out
    assert '"derivation": ["Write n for the size' in record
    assert "derivation" not in run("solve", "conv", "n", "n/2", "--json").out
    for form in ("csv", "jsonl"):
        done = run("solve", "conv", "n", "n/2", "--explain", "--format", form)
        assert (done.code, done.out) == (2, "")
        assert "--explain needs a form with room for text" in done.err
    done = run("solve", "conv", "n", "n/2", "--standalone", "--format", "json")
    assert (done.code, done.out) == (2, "")
    assert "latex or markdown" in done.err
    with pytest.raises(SolverError, match="unknown form"):
        solve("conv", "n", "n/2").explain("html")


def test_numbers_of_any_length_are_derived():
    large = 10**18 - 1
    solutions = solve("deconv", large, large, stride=1000, kernel_size=3)
    assert "998999999999999998002" in solutions.explain()
    assert "998999999999999998004" in str(solutions.conditions)
    done = run("solve", "deconv", str(large), str(large), "-s", "1000", "-k", "3", "--explain")
    assert (done.code, done.err) == (1, "")
