"""MathML is read again by a reader of its own: it is well-formed, and says what the tree says."""

from __future__ import annotations

import json
import random
import re
import shlex
from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor
from xml.etree import ElementTree

import pytest
from cli_fixtures import ROOT, run

from solver import Conv, ConvTranspose, SizeSet, SolverError, n, prove, solve
from solver.render.mathml import element, mathml
from solver.sizes.expression import Expression, call, named, of
from solver.sizes.grammar import parse
from solver.sizes.text import noting, text

LETTERS = ("n", "k", "s", "stride")
SIGNS = {"≤": "<=", "≥": ">=", "≠": "!=", "=": "==", "mod": "%", "−": "-", "×": "*", "\u2062": "*"}
FENCES = {"⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")"}
LAYERS = ("conv", "deconv", "maxpool", "avgpool", "conv_transpose")


def spelled(node: ElementTree.Element) -> str:
    """MathML as words of our grammar: what a reader takes it for."""
    children = list(node)
    if children and children[0].tag == "msub" and children[0][0].text in LAYERS:
        name, given = children[0][0].text, spelled(children[0][1]).replace("==", "=")
        return f"{name}({spelled(children[1])[1:-1]}, {given})"
    inside = [spelled(child) for child in children]
    if node.tag == "mfrac":
        return f"(({inside[0]})/({inside[1]}))"
    if node.tag == "msup":
        return f"(({inside[0]})**({inside[1]}))"
    if node.tag == "msub":
        return "_".join(inside)
    if node.tag in ("mo", "mtext"):
        sign = (node.text or "").strip().strip("\u00a0")
        return FENCES.get(sign) or (f" {SIGNS.get(sign, sign)} " if sign not in "()" else sign)
    if node.tag in ("mi", "mn"):
        return node.text or ""
    assert node.tag in ("mrow", "math"), node.tag
    return "".join(inside)


def read(written: str) -> str:
    """The words of an element, which is well-formed XML."""
    told = ElementTree.fromstring(written)
    assert told.tag == "math"
    return spelled(told)


def at(node: Expression, letters: Mapping[str, int]) -> Fraction | bool:
    """What a tree is, by Python's own arithmetic."""
    kind, parts = node.kind, node.parts
    if kind == "number":
        return Fraction(str(parts[0]))
    if kind == "name":
        return Fraction(letters[parts[0]])
    values = [at(part, letters) for part in node.nodes]
    if kind == "call":
        known = {"floor": floor, "ceil": ceil, "min": min, "max": max, "Mod": lambda a, b: a % b}
        return Fraction(known[parts[0]](*values))
    if kind == "not":
        return not values[0]
    a, b = values
    return {
        "+": lambda: a + b,
        "-": lambda: a - b,
        "*": lambda: a * b,
        "/": lambda: a / b,
        "//": lambda: Fraction(a // b),
        "%": lambda: a % b,
        "**": lambda: a**b,
        "^": lambda: a**b,
        "==": lambda: a == b,
        "!=": lambda: a != b,
        "<": lambda: a < b,
        "<=": lambda: a <= b,
        ">": lambda: a > b,
        ">=": lambda: a >= b,
        "and": lambda: a and b,
        "or": lambda: a or b,
    }[kind]()


def grown(draw: random.Random, depth: int) -> Expression:
    """A random size; what it is divided by is a letter or a number, which is not 0."""
    if depth == 0:
        return named(draw.choice(LETTERS)) if draw.random() < 0.7 else of(draw.randrange(1, 9))
    a, b, leaf = grown(draw, depth - 1), grown(draw, draw.randrange(depth)), grown(draw, 0)
    pair, over = draw.choice(((a, b), (b, a))), draw.choice((a, b))
    kind = draw.choice(("+", "-", "*", "/", "//", "%", "**", "negated", "floor", "ceil", "min"))
    if kind == "negated":
        return -over
    if kind in ("floor", "ceil"):
        return call(kind, over / leaf)
    if kind == "min":
        return call(draw.choice(("min", "max")), *pair)
    if kind == "**":
        return over ** of(draw.randrange(1, 4))
    if kind in ("/", "//", "%"):
        return Expression(kind, (over, leaf))
    return Expression(kind, pair)


def asked(draw: random.Random) -> Expression:
    """A random condition, or a size."""
    sizes = [grown(draw, draw.randrange(5)) for _ in range(4)]
    if draw.random() < 0.6:
        return sizes[0]
    compared = [
        Expression(draw.choice(("==", "!=", "<", "<=", ">", ">=")), pair)
        for pair in (tuple(sizes[:2]), tuple(sizes[2:]))
    ]
    one = Expression("not", (compared[0],)) if draw.random() < 0.3 else compared[0]
    return Expression(draw.choice(("and", "or")), (one, compared[1]))


def test_what_is_read_again_has_the_same_values():
    draw = random.Random(6)
    for _ in range(3000):
        tree = asked(draw)
        again = parse(read(element([tree])), LETTERS)
        for _ in range(5):
            values = {name: draw.randrange(1, 12) for name in LETTERS}
            assert at(again, values) == at(tree, values), (text(tree), read(element([tree])))


@pytest.mark.parametrize("seed", range(40))
def test_a_size_is_the_number_of_windows(seed):
    """By counting the places of a kernel, and those that a transposed one writes to."""
    draw = random.Random(seed)
    k, s, p, d = (draw.randrange(least, most) for least, most in ((1, 8), (1, 6), (0, 4), (1, 4)))
    for name in ("conv", "deconv"):
        words = shlex.split(f"size {name} n -k {k} -s {s} -p {p} -d {d}")
        tree = parse(read(run(*words, "--format", "mathml").out), ("n",))
        reach = d * (k - 1) + 1
        for size in range(max(1, reach), 40):
            if name == "conv":
                found = sum(1 for _ in range(0, size + 2 * p - reach + 1, s))
            else:
                places = {i * s + d * j for i in range(size) for j in (0, k - 1)}
                found = max(places) + 1 - 2 * p
            assert at(tree, {"n": size}) == found


def test_formulas_of_answers_are_noted_as_they_are_printed():
    """Every text that stands for a formula in JSON has the tree it was printed from."""
    unet = str(ROOT / "examples/networks/unet.py")
    seen = 0
    for words in (
        "solve deconv n 2n",
        "solve conv n n/2",
        "solve conv 224 112",
        'solve conv n n --where "n % 3 == 1 or n > 9"',
        'solve deconv n "s*n" -k 2s',
        'solve deconv "conv(n, k, s, p)" n',
        "size conv n -k 7 -s 2 -p 3",
        "size deconv n -k 7 -s 5 -p 3",
        f"network {unet}",
        f"network {unet} --input 188",
    ):
        with noting() as trees:
            answer = json.loads(run(*shlex.split(words), "--json").out)
        told = [*answer.get("conditions", ()), *[answer[k] for k in ("folded",) if k in answer]]
        told += [each["where"] for each in answer.get("recipes", ()) if each["where"]]
        told += [layer["shape"][2] for layer in answer.get("layers", ()) if words.endswith("py")]
        for each in told:
            formula = re.sub(r"^axis \d: ", "", str(each))
            if formula.isdigit():
                continue
            seen += 1
            names = tuple({*re.findall(r"[^\W\d]\w*", formula)})
            plain = re.sub(r"(?<![=<>!])=(?!=)", "==", formula)
            if len(re.findall("[<>=]=?", plain)) == 1:  # a chain is no one comparison
                left, right = (
                    parse(each, names) for each in (plain, read(element([trees[formula]])))
                )
                draw = random.Random(3)
                for _ in range(20):
                    values = {name: draw.randrange(1, 12) for name in names}
                    assert at(left, values) == at(right, values)
            else:
                assert formula in trees
    assert seen > 30


def test_what_is_read_in_two_ways_has_parentheses():
    assert "×" in mathml(parse("2*stride", LETTERS))
    assert "\u2062" in mathml(parse("2*n", LETTERS))
    assert "<mo>(</mo><mfrac>" in mathml(parse("(n/2)**2", LETTERS))
    assert "<mo>×</mo>" in mathml(parse("k*2", LETTERS))
    remainder = mathml(parse("n % 4 * k", LETTERS)).replace("<mrow>", "")
    assert "<mo>(</mo><mi>n</mi><mo>mod</mo>" in remainder


def test_values_have_it():
    halved = Conv(3, stride=2, padding=1)
    assert read(halved.mathml()) == "floor(((n - 1)/(2))) + 1"
    assert read(ConvTranspose(2, stride=2).mathml()) == "2 \u2062 n".replace("\u2062", "*")
    stride, padding = map(read, solve(Conv, n, n / 2).mathml().split("\n"))
    assert (stride, padding) == ("stride == 2", "padding == floor(((kernel_size - 1)/(2)))")
    claim = read(prove("conv(n, k=2, s=2) == n/2").mathml())
    assert " ".join(claim.split()) == "conv(n, k = 2 , s = 2) == ((n)/(2)) for every even n"
    with pytest.raises(SolverError, match="there is no formula of this"):
        SizeSet(2, [0], 2).mathml()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("size conv 224 -k 3", 0),
        ("size conv 1,3,224,224 -k 3", 2),
        ("size conv 224 225 -k 3", 2),
        ("solve conv 7 20", 1),
        ("solve conv 224x320 112x160 -k 3 --per-axis", 0),
        ("formula conv", 0),
        ("formula conv --for padding", 0),
        ("prove 'conv(n, k=3) == n'", 1),
    ],
)
def test_each_command_that_prints_latex_prints_it(words, code):
    ended = run(*shlex.split(words), "--format", "mathml")
    assert ended.code == code, ended
    for line in ended.out.splitlines():
        assert ElementTree.fromstring(line).tag == "math"
    assert bool(ended.out) == (code != 2)
