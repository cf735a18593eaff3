"""Whatever README, docs and examples show is run, and what they show is compared, to the letter.

Every fenced block is of one of these kinds:

    pycon      a Python session; one session per page
    console    commands after "$ " and all that they print; "$ echo $?" shows the exit code
    math       LaTeX
    diff       lines that stand in the files that it names
    sh         commands that change a machine; in README (and its translation) only, the continuous
               integration runs them
"""

from __future__ import annotations

import ast
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest

from solver.cli import main

ROOT = Path(__file__).resolve().parents[1]
#: docs/performance.md shows measured times, which no test can compare.
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "examples/README.md",
    *sorted(page for page in ROOT.glob("docs/**/*.md") if page.name != "performance.md"),
]
EXAMPLES = [
    pytest.param(
        example, id=example.name, marks=[pytest.mark.distributed] if "Needs:" in text else []
    )
    for example in sorted(ROOT.glob("examples/*.py"))
    for text in [example.read_text()]
]


class Block(NamedTuple):
    """Hold one fenced block: its kind, the number of its first line, and its text."""

    kind: str
    line: int
    text: str


class Command(NamedTuple):
    """Hold one command of a console block and all that is shown below it."""

    words: tuple[str, ...]
    shown: str


def blocks(page: str) -> list[Block]:
    """Return the fenced blocks of a page; fences stand at the start of a line."""
    found = []
    opened: tuple[str, int] | None = None
    lines = page.splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.startswith("```"):
            continue
        if opened is None:
            opened = (line[3:].strip(), number + 1)
        else:
            kind, first = opened
            found.append(Block(kind, first, "\n".join(lines[first - 1 : number - 1]) + "\n"))
            opened = None
    assert opened is None, f"line {opened[1] - 1}: a fence is left open" if opened else ""
    return found


def commands(block: str) -> list[Command]:
    """Return the commands of a console block."""
    found: list[Command] = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append(Command(tuple(shlex.split(line[2:])), ""))
        else:
            found[-1] = found[-1]._replace(shown=found[-1].shown + line)
    return found


def printed(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    """Run a convsolver command in this process; return all it prints, and its exit code."""
    assert words[0] == "convsolver", f"not a command of ours: {words[0]}"
    monkeypatch.setattr(sys, "argv", list(words))
    monkeypatch.setenv("COLUMNS", "80")
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with redirect_stdout(out), redirect_stderr(out), pytest.raises(SystemExit) as stop:
        main()
    out.seek(0)
    return out.read(), int(stop.value.code or 0)


def check_console(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the commands of a console block and compare what they print."""
    code = 0
    for words, shown in commands(block):
        if words == ("echo", "$?"):
            text = f"{code}\n"
        else:
            text, code = printed(words, monkeypatch)
            assert code != 101, "an internal error is not documentation"
        # Pages leave an empty line between a command's output and the next command.
        assert shown.rstrip("\n") == text.rstrip("\n"), shlex.join(words)


def check_python(page: str, name: str) -> doctest.TestResults:
    """Run the pycon blocks of a page as one session; failures name the line in the page."""
    lines = [""] * (len(page.splitlines()) + 1)
    for block in blocks(page):
        if block.kind == "pycon":
            text = block.text.splitlines()
            lines[block.line - 1 : block.line - 1 + len(text)] = text
    test = doctest.DocTestParser().get_doctest("\n".join(lines) + "\n", {}, name, name, 0)
    report = io.StringIO()
    result = doctest.DocTestRunner(verbose=False).run(test, out=report.write)
    assert not result.failed, report.getvalue()
    return result


def needs(page: Path) -> list[pytest.MarkDecorator]:
    """What a page needs that is no part of the tests, as it says in a line of its own."""
    said = re.search(r"^Needs: (.+)$", page.read_text(), re.MULTILINE)
    missing = [name for name in said[1].split(", ") if not find_spec(name)] if said else []
    skipped = pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")
    ignored = pytest.mark.filterwarnings("ignore")
    return [pytest.mark.live, ignored, skipped] if said else []


CONSOLES = [
    pytest.param(block.text, id=f"{page.name}:{block.line}", marks=needs(page))
    for page in PAGES
    for block in blocks(page.read_text())
    if block.kind == "console"
]


@pytest.mark.parametrize("block", CONSOLES)
def test_commands_print_what_is_shown(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check_console(block, monkeypatch)


@pytest.mark.parametrize("page", [pytest.param(p, id=p.name, marks=needs(p)) for p in PAGES])
def test_python_prints_what_is_shown(page: Path) -> None:
    check_python(page.read_text(), page.name)


def test_a_wrong_page_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    right = "$ convsolver size conv 224 -k 7 -s 2 -p 3\n112\n\n$ echo $?\n0\n"
    check_console(right, monkeypatch)
    for wrong in (right.replace("112", "111"), right.replace("\n0\n", "\n1\n")):
        with pytest.raises(AssertionError):
            check_console(wrong, monkeypatch)
    page = "```pycon\n>>> 1 + 1\n2\n```\n"
    assert check_python(page, "page").attempted == 1
    with pytest.raises(AssertionError, match='File "page", line 2'):
        check_python(page.replace("\n2\n", "\n3\n"), "page")


def test_commands_in_the_text_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    inline = [
        c for page in PAGES for c in re.findall(r"`(convsolver \w+ [^`]+)`", page.read_text())
    ]
    assert len(inline) >= 10
    for command in inline:
        assert printed(tuple(shlex.split(command)), monkeypatch)[1] == 0, command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_block_goes_unchecked(page: Path) -> None:
    elsewhere = {"README.md": {"sh"}, "zh-CN.md": {"sh"}, "architecture.md": {"diff"}}
    kinds = {block.kind for block in blocks(page.read_text())}
    assert kinds <= {"pycon", "console", "math"} | elsewhere.get(page.name, set())


def test_the_diff_of_an_operation_stands_in_the_code() -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    found = [block for block in blocks(page) if block.kind == "diff"]
    assert found
    for block in found:
        for part in block.text.split("\n\n"):
            name, *added = part.strip("\n").split("\n")
            lines = "\n".join(line.removeprefix("+") for line in added)
            assert lines in (ROOT / name.strip()).read_text(), name


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("README.md", "cheapest {} to {} times as fast as CP-SAT"),
        ("docs/zh-CN.md", "比 CP-SAT 快 {} 到 {} 倍"),
    ],
)
def test_how_fast_is_said_as_it_was_measured(page: str, said: str) -> None:
    """Of spaces with a cheapest design: those of the table that have none take other ways."""
    measured = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    table = measured.partition("| receptive field of at least | parameters |")[2].split("\n\n")[0]
    rows = [[cell.strip() for cell in row.split("|")] for row in table.splitlines()[2:]]
    times = [int(row[5]) for row in rows if row[2].isdigit()]
    assert len(times) > 2
    text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
    assert said.format(min(times), max(times)) in text


def test_readme_sets_up_in_two_lines() -> None:
    (block,) = (block for block in blocks((ROOT / "README.md").read_text()) if block.kind == "sh")
    use, develop = block.text.splitlines()
    assert use.endswith(".venv/bin/convsolver solve deconv n 2n")
    (extra,) = re.findall(r'pip install -q -e "\.\[(\w+)\]" &&', develop)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert extra in project["optional-dependencies"]
    assert project["scripts"] == {"convsolver": "solver.cli:entry"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", text):
        found = page.parent / target if target else page
        assert found.exists(), f"{page.name}: {target}"
        if anchor:
            titles = re.findall(r"^#+ (.*)$", found.read_text(), flags=re.MULTILINE)
            anchors = [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]
            assert anchor in anchors, f"{page.name}: {target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_formulas_can_be_typeset(page: Path) -> None:
    ziamath = pytest.importorskip("ziamath")
    text = page.read_text()
    shown = [block.text for block in blocks(text) if block.kind == "math"]
    prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    assert prose.count("$") % 2 == 0, "a formula is left open"
    for formula in (*shown, *re.findall(r"\$([^$]+)\$", prose)):
        assert "<svg" in ziamath.Latex(formula.strip()).svg()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_as_the_readme_says(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"_CONVSOLVER_COMPLETE={shell}_source convsolver" in (ROOT / "README.md").read_text()
    monkeypatch.setenv("_CONVSOLVER_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", "convsolver solve conv_t")
    monkeypatch.setenv("COMP_CWORD", "conv_t" if shell == "fish" else "2")
    offered, code = printed(("convsolver",), monkeypatch)
    assert "conv_transpose" in offered
    assert code == 0


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_print_what_they_say(example: Path) -> None:
    source = example.read_text()
    assert len(source.splitlines()) <= 60
    docstring = ast.get_docstring(ast.parse(source)) or ""
    _, _, shown = docstring.partition("Prints:\n")
    needs = re.search(r"Needs: (\w+)", docstring)
    if needs and not find_spec(needs[1]):
        pytest.skip(f"needs {needs[1]}")
    assert shown, f"{example.name} does not say what it prints"
    run = subprocess.run(
        [sys.executable, *([] if needs else ["-W", "error"]), str(example)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == textwrap.dedent(shown).strip()


def test_words_are_explained_once_and_used() -> None:
    page = ROOT / "docs/words.md"
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", page.read_text(), re.MULTILINE)
    explained = [row.strip("`") for row in rows if row not in ("Word", "---")]
    assert len({*explained}) == len(explained) >= 15
    others = [other for other in [*PAGES, *ROOT.glob("solver/render/**/*.py")] if other != page]
    text = re.sub(r"\s+", " ", " ".join(other.read_text() for other in others)).lower()
    assert [word for word in explained if word not in text] == []


def test_the_page_about_the_code_names_every_folder_and_no_file() -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    named = re.findall(r"`(\w+)/`", page.partition("| --- |")[2].partition("\n\n")[0])
    folders = {path.parent.name for path in ROOT.glob("solver/*/__init__.py")}
    assert len(named) == len(folders)
    assert set(named) == folders
    told = re.sub(r"```diff.*?```", "", page, flags=re.DOTALL)
    assert set(re.findall(r"\w+\.py\b", told)) == {"errors.py", "unet.py"}
