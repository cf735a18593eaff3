"""The pages as a site: listed once, each says what it is for, and every link leads on."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from cli_fixtures import ROOT

from solver.cli import cli

PAGES = sorted(ROOT.glob("docs/**/*.md"))
OTHERS = {"examples/README.md", "CHANGELOG.md", "docs/notebooks/one_layer.ipynb"}
BLOCK = r"(?ms)^```.*?^```$"
SCRIPT = ROOT / "docs" / "commands.py"
SPEC = spec_from_file_location("docs_commands", SCRIPT)
assert SPEC is not None
assert SPEC.loader is not None
commands = module_from_spec(SPEC)
SPEC.loader.exec_module(commands)


def listed(page: Path) -> list[str]:
    """The pages below a page's headings of the third order, seen from the root."""
    text = re.sub(BLOCK, "", page.read_text(encoding="utf-8"))
    lists = re.findall(r"(?ms)^### .+?$(.*?)(?=^#|\Z)", text)
    links = [link for each in lists for link in re.findall(r"^- \[[^]]+\]\(([^)#]+)\)", each, re.M)]
    return [str((page.parent / link).resolve().relative_to(ROOT)) for link in links]


def test_the_readme_lists_every_page_once() -> None:
    found = listed(ROOT / "README.md")
    assert sorted(found) == sorted({*(str(page.relative_to(ROOT)) for page in PAGES), *OTHERS})


def test_the_chinese_page_says_what_the_readme_says() -> None:
    english, chinese = (ROOT / name for name in ("README.md", "docs/zh-CN.md"))
    assert [x for x in listed(english) if x != "docs/zh-CN.md"] == listed(chinese)
    texts = [page.read_text(encoding="utf-8") for page in (english, chinese)]
    assert len({tuple(re.findall(BLOCK, text)) for text in texts}) == 1
    asked = [re.findall(r"^\| .+ \| (`[^`]+`)", text, re.M) for text in texts]
    assert asked[0] == asked[1]
    assert len(asked[0]) > 30
    ways = [re.findall(r"`((?:uvx|pipx) [^`]+)`", text) for text in texts]
    assert ways[0] == ways[1]
    assert {way.split()[0] for way in ways[0]} == {"uvx", "pipx"}
    prose = re.sub(BLOCK, "", texts[1])
    assert len(re.findall(r"[\u4e00-\u9fff]", prose)) > 1000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_first_screen_says_what_it_is_for(page: Path) -> None:
    text = re.sub(r"<!--.*?-->", "", page.read_text(encoding="utf-8")).strip()
    title, _, rest = text.partition("\n")
    assert title.startswith("# ")
    first = re.split(r"(?m)^(?:#|```|!\[|\|)", rest)[0]
    assert len(re.findall(r"\w", first)) > 40, first


def test_questions_are_answered_by_a_command_each() -> None:
    text = (ROOT / "docs/questions.md").read_text(encoding="utf-8")
    questions = re.findall(r"(?ms)^### (.+?)$(.*?)(?=^#|\Z)", text)
    assert len({title for title, _ in questions}) == len(questions) >= 40
    for title, answer in questions:
        assert 1 <= len(re.findall(r"^\$ convsolver |^>>> (?!from)", answer, re.M)) <= 3, title
    asked = re.findall(r"^\$ convsolver (\w+)", text, re.M)
    assert {*asked} >= {*cli.list_commands(None)} - {"check", "draw", "help", "mcp", "web"}


def test_commands_are_told_as_help_tells_them() -> None:
    assert commands.PAGE.read_text(encoding="utf-8") == commands.page()
    assert {*re.findall(r"^## (\w+)$", commands.page(), re.M)} == {*cli.list_commands(None)}


class Links(HTMLParser):
    """Read what a page of HTML links to, what it loads, and which anchors it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links, self.loads, self.anchors = set[str](), set[str](), set[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if "href" in given:
            (self.loads if tag == "link" else self.links).add(given["href"])
        self.loads |= {given["src"]} if "src" in given else set()


def faults(site: Path) -> list[str]:
    """What is linked or loaded on the pages of a site and is not there, or is elsewhere."""
    pages = {page: Links(page.read_text(encoding="utf-8")) for page in site.glob("**/*.html")}
    found = []
    for page, read in pages.items():
        for target in sorted(read.links | read.loads):
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                if target in read.loads and parts.scheme != "data":
                    found.append(f"{page.name} loads {target}")
                continue
            to = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            anchors = pages[to].anchors if parts.fragment and to in pages else {parts.fragment}
            if not to.exists() or parts.fragment not in anchors:
                found.append(f"{page.name}: {target}")
    return found


def test_a_broken_link_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<a id="x" href="#x"></a><a href="b.html#y"></a>')
    assert faults(tmp_path) == ["a.html: b.html#y"]
    (tmp_path / "b.html").write_text('<p id="y"><script src="https://example.org/a.js"></script>')
    assert faults(tmp_path) == ["b.html loads https://example.org/a.js"]


@pytest.mark.live
@pytest.mark.skipif(not find_spec("furo"), reason="needs the extra docs")
def test_the_site_is_built_and_its_links_lead_somewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-c", "docs", ".", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    for page in PAGES:
        made = (tmp_path / page.relative_to(ROOT)).with_suffix(".html")
        assert made.exists(), page
    assert faults(tmp_path.resolve()) == []
    index = (tmp_path / "searchindex.js").read_text(encoding="utf-8")
    assert '"checkerboard"' in index
