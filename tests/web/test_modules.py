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
        for _ in range(100_000)
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
    assert len(asked) > 100_000
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


@needs_node
def test_what_python_printed_no_formula_of_is_shown_as_it_is():
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
