"""The modules of the page without a browser: what they compute is what Python computes."""

from __future__ import annotations

import json
import random
import re
import shlex
import shutil
import subprocess
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cli_fixtures import ROOT, run

from solver import Conv, MaxPool, SolverError
from solver.cli import cli
from solver.layers.own import ConvTranspose
from solver.sizes.grammar import parse
from solver.web.server import PAGE

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="needs Node: apt-get install nodejs")
KINDS = {"conv": Conv, "deconv": ConvTranspose, "maxpool": MaxPool}
LETTERS = {
    "k": "kernel_size",
    "s": "stride",
    "p": "padding",
    "d": "dilation",
    "a": "output_padding",
}


def called(name, inputs):
    """What a function of the page gives for each of the inputs."""
    script = Path(__file__).with_name("modules.mjs")
    words = [NODE, str(script), PAGE.as_uri(), name]
    done = subprocess.run(
        words, input=json.dumps(inputs), capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# One line of JavaScript for sizes


@needs_node
def test_sizes_before_python_are_those_of_python():
    """All small layers, many large ones: the same size, and none where Python has none."""
    draw = random.Random(25)
    small = product(KINDS, range(1, 9), range(1, 5), range(1, 4), range(3), range(1, 3), range(3))
    large = (
        (draw.choice([*KINDS]), *(draw.randrange(most) for most in (5000, 15, 9, 9, 5, 4)))
        for _ in range(20_000)
    )
    asked, sizes = [], []
    for op, n, *numbers in [*small, *large]:
        given = dict(zip("kspda", numbers, strict=True))
        if op != "deconv":
            del given["a"]
        if draw.random() < 0.2:  # left out
            del given[draw.choice([letter for letter in given if letter != "k"])]
        asked.append(
            ["size", op, str(n), *(w for k, v in given.items() for w in (f"-{k}", str(v)))]
        )
        try:
            size = KINDS[op](**{LETTERS[k]: v for k, v in given.items()}).size(n)
        except SolverError:
            size = None
        sizes.append(size)
    found = called("quick", asked)
    assert len(asked) > 20_000
    assert sum(size is not None for size in sizes) > 10_000
    wrong = [(q, size, js) for q, size, js in zip(asked, sizes, found, strict=True) if size != js]
    assert wrong == []


@needs_node
@pytest.mark.parametrize(
    "words",
    [
        "size conv n -k 3",
        "size conv 224",
        "size conv 224x224 -k 3",
        "size conv 224 -k 3..5",
        "size conv 224 -k 3 -p same",
        "size conv 224 -k 3 -p 1:2",
        "size maxpool 112 -k 3 --ceil-mode",
        "size conv 224 -k 3 --framework keras",
        "size conv 224 225 -k 3",
        "size conv 224 -k 3 -a 1",
        "size conv 9999999 -k 3",
        "size conv -1 -k 3",
        "solve conv 224 -k 3",
        "size",
        "",
    ],
)
def test_all_else_waits_for_python(words):
    assert called("quick", [words.split()]) == [None]


# Words and links


@needs_node
def test_words_are_those_of_a_shell():
    draw = random.Random(7)
    letters = "ab1-./*?$`!\\'\" ;&|<>()n\t%é"
    lists = [
        ["".join(draw.choices(letters, k=draw.randrange(1, 9))) for _ in range(draw.randrange(5))]
        for _ in range(3000)
    ]
    lines = called("join", lists)
    assert [shlex.split(line) for line in lines] == lists
    assert called("split", lines) == lists
    assert called("split", ["conv 'open n", "  ", 'a "b c'.strip()]) == [
        ["conv", "open n"],
        [],
        ["a", "b c"],
    ]


@needs_node
def test_a_link_is_a_question():
    asked = [
        {"words": ["solve", "conv", "n", "ceil(n/2)", "--where", "n % 4 == 0"], "files": {}},
        {"words": ["network", "a b.py"], "files": {"a b.py": "x = 1\n# é & = # + %\n"}},
    ]
    assert called("linked", asked) == asked


def commands():
    """Every command of the pages and of the help whose view is on the page."""
    pages = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    shown = re.findall(r"convsolver ((?:size|solve|draw|convert|search|network) [^`\n|]*)", text)
    return [
        words for line in shown if "'" not in line for words in [shlex.split(line)] if words[1:]
    ]


@needs_node
def test_a_form_keeps_the_question():
    """Words fill the fields of a form, and the form gives words that ask the same."""
    asked = [words for words in commands() if "-c" not in words]
    assert len(asked) > 40
    for before, after in zip(asked, called("fields", asked), strict=True):
        assert sorted(parsed(after)) == sorted(parsed(before)), (before, after)


def parsed(words):
    command = cli.get_command(cli.make_context("convsolver", ["help"]), words[0])
    found = command.make_context(words[0], list(words[1:]), resilient_parsing=True).params
    return [(name, str(value)) for name, value in found.items()]


# Mathematics


def spelled(node):
    """A tree of MathML as words of our grammar: what a reader takes it for."""
    inside = [spelled(child) for child in node]
    if node.tag == "mfrac":
        return f"(({inside[0]})/({inside[1]}))"
    if node.tag == "msup":
        return f"(({inside[0]})**({inside[1]}))"
    if node.tag in ("mo", "mtext"):
        sign = (node.text or "").strip().strip("\u00a0")
        fences = {
            "⌊": "floor(",
            "⌋": ")",
            "⌈": "ceil(",
            "⌉": ")",
            "\u2062": "*",
            "×": "*",
            "−": "-",
        }
        fences |= {"≤": "<=", "≥": ">=", "≠": "!=", "=": "==", "mod": "%"}
        return f" {fences.get(sign, sign)} "
    if node.tag in ("mi", "mn"):
        return node.text
    return "".join(inside)


def expressions():
    """Expressions and conditions of answers."""
    found = set()
    for words in (
        "solve deconv n 2n",
        "solve conv n n/2",
        "solve conv 224 112",
        'solve deconv n "s*n" -k 2s',
        'solve deconv "conv(n, k, s, p)" n',
        "size conv n -k 7 -s 2 -p 3",
        "size deconv n -k 7 -s 5 -p 3",
    ):
        answer = json.loads(run(*shlex.split(words), "--json").out)
        found |= {*answer.get("conditions", ()), answer["output"], answer.get("folded", "n")}
        found |= {
            each[k]
            for each in answer.get("recipes", ())
            for k in ("kernel_size", "padding", "where")
        }
    unet = json.loads(run("network", str(ROOT / "examples/networks/unet.py"), "--json").out)
    found |= {layer["shape"][2] for layer in unet["layers"]}
    found |= {
        "2*(n + 1)*(n - 1)",
        "-(n - 1)",
        "n - (m - 1)",
        "n - -1",
        "2**(L - 1)*k**2",
        "(n + 1)**2",
    }
    found |= {
        "n % 4 == 1 or n > 2 and not n == 3",
        "3*4",
        "a/(b/c)",
        "a*b/c",
        "(a*b)//c",
        "n//2 % 3",
    }
    return sorted(str(each) for each in found if str(each))


@needs_node
def test_mathml_says_what_the_expression_says():
    asked = expressions()
    assert len(asked) > 50
    for text, written in zip(asked, called("math", asked), strict=True):
        told = ElementTree.fromstring(written)
        assert told.tag == "math", text
        assert value(spelled(told)) == value(text), (text, spelled(told))


NAMES = r"[^\W\d]\w*"


def value(text):
    """What an expression is at many values of its letters, by Python's own arithmetic."""
    from fractions import Fraction
    from math import ceil, floor

    def at(node, letters):
        kind, parts = node.kind, node.parts
        if kind == "number":
            return Fraction(str(parts[0]))
        if kind == "name":
            return Fraction(letters[parts[0]])
        values = [at(part, letters) for part in node.nodes]
        if kind == "call":
            known = {
                "floor": floor,
                "ceil": ceil,
                "min": min,
                "max": max,
                "Mod": lambda a, b: a % b,
            }
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

    names = sorted({*re.findall(NAMES, text)} - {"floor", "ceil", "min", "max", "and", "or", "not"})
    tree = parse(re.sub(r"(?<![=<>!])=(?!=)", "==", text), tuple(names))
    draw = random.Random(3)
    return [at(tree, {name: draw.randrange(1, 12) for name in names}) for _ in range(40)]


@needs_node
def test_what_is_no_expression_is_shown_as_it_is():
    asked = ["n = 12 (mod 16), n >= 188", "(", "a b", "<script>", ""]
    for text, written in zip(asked, called("math", asked), strict=True):
        told = ElementTree.fromstring(written)
        assert (told.tag, told.text or "") == ("code", text)


# Which inputs run


@needs_node
def test_the_ruler_knows_which_inputs_run():
    answer = json.loads(run("network", str(ROOT / "examples/networks/unet.py"), "--json").out)
    sizes = range(1, 400)
    for told, known in (  # as its paper says: 188 + 16j drop nothing
        ("valid", [n >= 188 for n in sizes]),
        ("valid_exact", [n >= 188 and n % 16 == 12 for n in sizes]),
    ):
        assert called("member", [[answer[told], n] for n in sizes]) == known
    why = json.loads(
        run("explain", str(ROOT / "examples/networks/unet.py"), "--input", "150", "--json").out
    )
    found = called("member", [[why["fails"]["h"], n] for n in sizes])
    assert found == [140 <= n <= 155 for n in sizes]


# What the page is made of


def test_the_page_is_small_and_loads_nothing_from_elsewhere():
    files = {file.name: file.read_text(encoding="utf-8") for file in PAGE.iterdir()}
    assert sum(len(text.encode()) for text in files.values()) < 150_000
    for name, text in files.items():
        assert {*re.findall(r"https?://[^\"'\s]+", text)} <= {
            "http://www.w3.org/1998/Math/MathML",
            "http://www.w3.org/2000/svg",
        }, name
        for module in re.findall(r'from "\./([^"]+)"', text):
            assert module in files, (name, module)
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text
        )


def test_the_page_allows_itself_nothing_else():
    class Policy(HTMLParser):
        found = ""

        def handle_starttag(self, tag, attrs):
            given = dict(attrs)
            if given.get("http-equiv") == "Content-Security-Policy":
                self.found = given["content"]
            assert "onclick" not in given
            assert "style" not in given
            assert tag != "style"

    policy = Policy()
    policy.feed((PAGE / "index.html").read_text(encoding="utf-8"))
    assert "default-src 'none'" in policy.found
    assert "unsafe-inline" not in policy.found
    assert "*" not in policy.found
