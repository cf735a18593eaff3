"""The page in Chromium, with each of its engines, held against what the command line says.

apt-get install chromium nodejs npm
npm install playwright-core pyodide
NODE_PATH=$PWD/node_modules python -m pytest tests/web/test_browser.py
"""

from __future__ import annotations

import base64
import gzip
import http.server
import importlib.util
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from cli_fixtures import ROOT, run

from solver.web.server import PageServer

NODE = shutil.which("node")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
UNKNOWN = (ROOT / "examples/networks/unknown_stem.txt").read_text(encoding="utf-8")
ENDLESS = "search --input n --output n/4096 --depth 40 -k 1..64 -s 1..9 -p 0..64"
#: Long, and tells how far it is.
LONG = (
    "search --input 2240 --output 70 --depth 14 -k 1..9 -s 1..3 -p 0..4 --receptive-field 100..400"
    " --sizes 60.. --no-gaps --max-states 100000000"
)
UNET = (ROOT / "examples/networks/unet.py").read_text(encoding="utf-8")
LABELS = ["Size", "Solve", "Network", "Draw", "Convert", "Search"]


def package(name: str) -> Path | None:
    """The folder of an npm package, where Node finds one."""
    if NODE is None:
        return None
    words = [NODE, "-p", f"require.resolve('{name}/package.json')"]
    found = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    return Path(found.stdout.strip()).parent if found.returncode == 0 else None


def hashed(words: str, **files: str) -> str:
    """A link: the question in the hash of the page; __ in names of files for the dot."""
    told = {f"file.{name.replace('__', '.')}": text for name, text in files.items()}
    return "#" + urlencode({"q": words, **told})


def told(words: str) -> dict[str, Any]:
    """What a command prints as JSON."""
    import shlex

    found: dict[str, Any] = json.loads(run(*shlex.split(words), "--json").out)
    return found


SOLVED = told("solve deconv n 2n --limit 10")
MAPPED = told("size conv n -k 7 -s 2 -p 3")
TALL, PHONE = {}, {"width": 390, "scheme": "dark"}
ONNX = next(iter(sorted((ROOT / "tests/data/onnx").rglob("*.onnx"))))

#: What is done, and what each step that finds something finds.
SCENARIOS: dict[str, tuple[dict[str, Any], list[tuple[list[Any], Any]]]] = {
    "opened": (
        TALL,
        [
            (["text", "nav a"], LABELS),
            (["text", "#version"], [run("--version").out.split()[1]]),
            (["text", "#out .answer"], ["112"]),
            (["get", "#out math", "alttext"], MAPPED["folded"]),
            (["get", "#out img", "alt"], "conv k7 s2 p3: 224 -> 112."),
            (["text", "#command"], ["convsolver size conv 224 -k 7 -s 2 -p 3"]),
        ],
    ),
    "typed": (
        TALL,
        [
            (["fill", "kernel size", "5"], None),
            (["text", "#out .answer"], ["113"]),
            (["fill", "input", "n"], None),
            (["get", "#out .answer math", "alttext"], told("size conv n -k 5 -s 2 -p 3")["folded"]),
            (["measure", "#out math"], True),
            (["hash"], hashed("size conv n -k 5 -s 2 -p 3")),
            (["back"], None),
            (["value", "input"], "224"),
            (["back"], None),
            (["value", "kernel size"], "7"),
            (["text", "#out .answer"], ["112"]),
        ],
    ),
    "wrong": (
        TALL,
        [
            (["ask", hashed("size conv 224 -k x")], None),
            (["text", "#out pre.error"], [run("size", "conv", "224", "-k", "x").err.strip()]),
            (["ask", hashed("size conv 2 -k 3")], None),
            (["text", "#out pre.error"], [run("size", "conv", "2", "-k", "3").err.strip()]),
            (["ask", hashed("solve conv 7 20")], None),
            (["text", "#out .answer"], ["none"]),
            (["text", "#out .answer + p"], [told("solve conv 7 20")["reason"]]),
            (["ask", hashed("network --live os:abort")], None),
            (["text", "#out pre.error"], ["error: what a page sends is read and never run"]),
        ],
    ),
    "solved": (
        TALL,
        [
            (["ask", hashed("solve deconv n 2n")], None),
            (["text", "#out .answer"], [SOLVED["solutions"][0]["layer"]]),
            (["text", "#out .card .head code"], [each["layer"] for each in SOLVED["solutions"]]),
            (["get", "#out .exactly math", "alttext"], SOLVED["conditions"][0]),
            (["measure", "#out math, #out .exactly mfrac"], True),
            (["text", "#out .card:first-child .notes li"], SOLVED["solutions"][0]["notes"]),
            (["click", "#out .card summary"], None),
            (["wait", "#out .card .code pre"], None),
            (
                ["text", "#out .card .code pre"],
                [run("size", "deconv", "n", "-k", "2", "-s", "2", "--format", "code").out.strip()],
            ),
            (["click", "#out .card a"], None),
            (["get", "#out .answer math", "alttext"], "2*n"),
        ],
    ),
    "network": (
        TALL,
        [
            (["ask", hashed("network unet.py --input 150", unet__py=UNET)], None),
            (
                ["text", "#out .fixes .card strong"],
                [
                    each["text"]
                    for each in told("explain examples/networks/unet.py --input 150")["edits"][:6]
                ],
            ),
            (["text", "#out .ends span:first-child"], ["70"]),
            (["get", "#out .ruler i:nth-child(118)", "class"], "fails"),  # 187
            (["get", "#out .ruler i:nth-child(119)", "class"], "exact"),
            (["get", "#out .ruler i:nth-child(120)", "class"], "runs"),
            (["click", "#out .ruler i:nth-child(119)"], None),
            (["value", "input"], "188"),
            (["text", "#out .fixes"], []),
            (["text", "#form .slide output"], ["188"]),
        ],
    ),
    "slider": (
        TALL,
        [
            (["ask", hashed("network net.py --input 20", net__py="nn.MaxPool2d(3, 2)")], None),
            (["fill", "n", "21"], None),
            (["value", "input"], "21"),
            (["get", "#out img", "alt"], "21 -> 10."),
            (["fill", "n", "22"], None),
            (["get", "#out img", "alt"], "22 -> 10."),
        ],
    ),
    "file": (
        TALL,
        [
            (["ask", hashed("network net.py")], None),
            (["drop", "stem.py", base64.b64encode(b"nn.Conv2d(3, 64, 7, 2, 3)").decode()], None),
            (["text", "#out .answer"], ["n -> ceil(n/2), for every n >= 1"]),
            (["hash"], hashed("network stem.py", stem__py="nn.Conv2d(3, 64, 7, 2, 3)")),
        ],
    ),
    "drawn": (
        TALL,
        [
            (["ask", hashed("draw deconv 5x7 -k 4 -s 2 -p 1")], None),
            (["get", "#out img", "alt"], "conv_transpose k4 s2 p1: 5x7 -> 10x14"),
            (["fill", "stride", "3"], None),
            (["get", "#out a[download]", "download"], "draw deconv 5x7.svg"),
        ],
    ),
    "converted": (
        TALL,
        [
            (["ask", hashed("convert 'nn.MaxPool2d(3, 2, 1)' --to keras")], None),
            (
                ["text", "#out .code pre"],
                [told("convert 'nn.MaxPool2d(3, 2, 1)' --to keras")["code"].strip()],
            ),
        ],
    ),
    "printed": (
        TALL,
        [
            (["ask", hashed("solve deconv n 2n --format latex")], None),
            (
                ["text", "#out .code pre"],
                [run("solve", "deconv", "n", "2n", "--format", "latex").out.strip()],
            ),
            (["ask", hashed("convert 'nn.MaxPool2d(3, 2, 1)' --to onnx --input 7,8")], None),
            (["text", "#out .answer.long"], ["7 → 4; 8 → 4"]),
        ],
    ),
    "unknown": (
        TALL,
        [
            (["ask", hashed("network a.txt", a__txt=UNKNOWN)], None),
            (["text", "#out summary"], ["Layers"]),
        ],
    ),
    "searched": (
        TALL,
        [
            (["ask", hashed("search --input 224 --output 7 --depth 5 -s 1,2 -p 0..2")], None),
            (["text", "#out .answer"], ["14,263,877 designs"]),
            (["text", "#out tbody tr:first-child td:nth-child(5)"], ["10"]),
        ],
    ),
    "stopped": (
        TALL,
        [
            (["begin", hashed(ENDLESS)], None),
            (["stop"], None),
            (["text", "#out pre.limit"], ["limit: stopped"]),
            (["ask", hashed("size conv 224 -k 3")], None),
            (["text", "#out .answer"], ["222"]),
        ],
    ),
    "how far": (
        TALL,
        [
            (["begin", hashed(LONG)], None),
            (["told", ": "], None),
            (["stop"], None),
            (["text", "#out pre.limit"], ["limit: stopped"]),
            (["ask", hashed("size conv 224 -k 3")], None),
            (["wait", "#status:empty"], None),
        ],
    ),
    "overtaken": (
        TALL,
        [
            (["begin", hashed(ENDLESS)], None),
            (["wait", "#status button"], None),
            (["ask", hashed("size conv 9 -k 3")], None),
            (["text", "#out .answer"], ["7"]),
        ],
    ),
    "phone": (
        PHONE,
        [
            (["wider"], 0),
            (["ask", hashed("solve conv n n/2")], None),
            (["wider"], 0),
            (["ask", hashed("network unet.py --input 150", unet__py=UNET)], None),
            (["wider"], 0),
            (["ask", hashed("search --input 224 --output 7 --depth 3 -k 3 -s 1..8 -p 1")], None),
            (["wider"], 0),
        ],
    ),
    "keyboard": (
        {"fresh": True},
        [
            (["press", "Tab"], None),
            (["focused"], "Skip to the answer"),
            (["press", "Tab"], None),
            (["press", "Tab"], None),
            (["focused"], "Solve"),
            (["press", "Enter"], None),
            (["wait", "#out .cards"], None),
            (["hash"], hashed("solve deconv n 2n")),
        ],
    ),
}


#: Each view by the keys alone: its link, then the first of its fields.
EXAMPLES = {
    "Size": "size conv 224 -k 7 -s 2 -p 3",
    "Solve": "solve deconv n 2n",
    "Network": "network net.py",
    "Draw": "draw conv 10 -k 3 -s 2 -p 1",
    "Convert": 'convert "nn.ConvTranspose2d(8, 4, 3, 2, 1, 1)" --to keras',
    "Search": "search --input 224 --output 7 --depth 5 -k 3 -s 1,2 -p 1",
}
KEYS: list[tuple[list[Any], Any]] = [(["press", "Tab"], None)]
for view, example in EXAMPLES.items():
    KEYS += [
        (["press", "Tab"], None),
        (["focused"], view),
        (["press", "Enter"], None),
        (["answered", hashed(example)], None),
        (["text", "nav a[aria-current]"], [view]),
        (["wider"], 0),
    ]
KEYS += [
    (["press", "Tab"], None),
    (["press", "5"], None),  # what stands in a field is selected where Tab comes to it
    (["press", "6"], None),
    (["answered", hashed(EXAMPLES["Search"].replace("224", "56"))], None),
    (
        ["text", "#out .answer"],
        [f"{told(EXAMPLES['Search'].replace('224', '56'))['count']} designs"],
    ),
]
SCENARIOS["every view by keys on a small phone"] = (
    {"fresh": True, "width": 360, "scheme": "dark"},
    KEYS,
)

Scenario = tuple[dict[str, Any], list[tuple[list[Any], Any]]]


def explored(address: str, scenarios: dict[str, Scenario] = SCENARIOS) -> dict[str, Any]:
    """What Chromium finds on the page at an address."""
    sent = [
        {"name": name, **look, "steps": [step for step, _ in steps]}
        for name, (look, steps) in scenarios.items()
    ]
    words = [str(NODE), str(Path(__file__).with_name("browser.mjs")), str(CHROMIUM), address]
    done = subprocess.run(
        words, input=json.dumps(sent), capture_output=True, text=True, check=False, timeout=1800
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def static(*folders: Path) -> Iterator[str]:
    """The address of a server that sends the files of a folder and can do nothing else.

    Of several folders the first, until something asks for /next.
    """
    current = list(folders)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def translate_path(self, path: str) -> str:
            if path == "/next":
                current.pop(0)
            self.directory = os.fspath(current[0])
            return super().translate_path(path)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def page_script() -> Any:
    """The script that gathers the page."""
    spec = importlib.util.spec_from_file_location("page_script", ROOT / "docs/page.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the page and Pyodide."""
    if (pyodide := package("pyodide")) is None:
        pytest.skip("needs the npm package pyodide on NODE_PATH")
    folder = tmp_path_factory.mktemp("site")
    page_script().gather(folder, pyodide.parent)
    return folder


def needs_chromium():
    if CHROMIUM is None or package("playwright-core") is None:
        pytest.skip("needs chromium, node, and playwright-core on NODE_PATH")


@pytest.fixture(scope="module", params=["server", "pyodide"])
def found(request):
    needs_chromium()
    if request.param == "server":
        with PageServer(0, 60) as server:
            thread = threading.Thread(target=server.run)
            thread.start()
            yield explored(server.address)
            server.close()
            thread.join()
        return
    with static(request.getfixturevalue("site")) as address:
        yield explored(address)


def held(seen: dict[str, Any], scenario: Scenario) -> None:
    """Hold what was found in a scenario against what should be."""
    assert seen["complaints"] == []
    for (step, expected), value in zip(scenario[1], seen["found"], strict=True):
        if step[0] == "get" and step[2] == "alt":
            assert value.startswith(expected), step
        elif isinstance(expected, list) and step[1].endswith(".error"):
            assert [text.startswith(e) for text, e in zip(value, expected, strict=True)] == [True]
        elif expected is not None:
            assert value == expected, step


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_page_says_what_the_command_line_says(found, name):
    held(found[name], SCENARIOS[name])


# Without a network, and before Python

#: Neither one line of JavaScript nor the table answers it.
ASKED = "solve conv 99 33 -k 3..5"


def newer(site: Path, folder: Path, build: str) -> Path:
    """The page of another build; "" for what the server of `convsolver web` sends."""
    shutil.copytree(site, folder)
    settings = json.loads((site / "engine.json").read_text())
    kept = (site / "offline.js").read_text().partition("\n")
    if build:
        old = json.loads(kept[0].removeprefix("self.BUILD = ").removesuffix(";"))["build"]
        (folder / "offline.js").write_text(kept[0].replace(old, build) + "\n" + kept[2])
    else:
        (folder / "offline.js").write_text(kept[2])
        settings["engine"] = "server"
    (folder / "engine.json").write_text(
        json.dumps({**settings, "version": f"new {build or 'server'}"})
    )
    later = time.time() + (10 if build else 20)  # servers tell what is new by the second
    for name in ("engine.json", "offline.js"):
        os.utime(folder / name, (later, later))
    return folder


KEPT: dict[str, Scenario] = {
    "offline once loaded": (
        {"fresh": True},
        [
            (["kept"], None),
            (["fetched", "POST", "engine.json"], 501),  # what is asked for is not kept
            (["fetched", "GET", "api"], 404),
            (["offline"], None),
            (["fetched", "GET", "api"], "no network"),
            (["reload"], None),
            (["text", "#version"], [run("--version").out.split()[1]]),
            (["ask", hashed(ASKED)], None),
            (
                ["text", "#out .card .head code"],
                [each["layer"] for each in told(f"{ASKED} --limit 10")["solutions"]],
            ),
            (["ask", hashed("network unet.py --input 150", unet__py=UNET)], None),
            (["text", "#out .ends span:first-child"], ["70"]),
        ],
    ),
    "another build takes its place": (
        {"fresh": True},
        [
            (["kept"], None),
            (["fetched", "GET", "next"], 404),
            (["reload"], None),
            (["newer"], None),
            (["text", "#version"], [run("--version").out.split()[1]]),
            (["reload"], None),
            (["wait", "#version:text('new b')"], None),
            (["ask", hashed("size conv n -k 3")], None),
            (["get", "#out .answer math", "alttext"], "n - 2"),
            (["keeps"], 2),  # one registration, and one build
            (["fetched", "POST", "api"], 501),
            (["fetched", "GET", "next"], 404),
            (["reload"], None),  # the page of the server: what was kept goes away
            (["wait", "#version:text('new server')"], None),
            (["keeps"], 0),
        ],
    ),
}


#: A memory that is no memory: Python starts from nothing.
WITHOUT: dict[str, Scenario] = {
    "without memory": (
        {"fresh": True},
        [
            (["ask", hashed("solve deconv n 2n")], None),  # from the table
            (["text", "#out .answer"], [SOLVED["solutions"][0]["layer"]]),
            (["begun"], None),
            (["ask", hashed(ASKED)], None),
            (["text", "#out .answer"], [told(ASKED)["solutions"][0]["layer"]]),
        ],
    )
}


def test_python_starts_where_its_memory_cannot_be_read(site, tmp_path):
    needs_chromium()
    shutil.copytree(site, tmp_path / "site")
    (tmp_path / "site/python.memory").write_bytes(b"nothing")
    with static(tmp_path / "site") as address:
        held(explored(address, WITHOUT)["without memory"], WITHOUT["without memory"])


def test_common_answers_are_there_before_python(site, tmp_path):
    """Where Python never starts, they are still given, with their formulas; all else says why."""
    needs_chromium()
    shutil.copytree(site, tmp_path / "site")
    (tmp_path / "site/pyodide/pyodide.mjs").write_text("nothing at all")
    scenario: Scenario = (
        {"fresh": True},
        [
            (["ask", hashed("solve deconv n 2n")], None),
            (["text", "#out .answer"], [SOLVED["solutions"][0]["layer"]]),
            (["get", "#out .exactly math", "alttext"], SOLVED["conditions"][0]),
            (["ask", hashed(ASKED)], None),
            (["text", "#out pre.error"], ["error: Python does not start in this browser: "]),
        ],
    )
    with static(tmp_path / "site") as address:
        found = explored(address, {"before": scenario})["before"]
    found["complaints"] = []  # that there is no Python
    held(found, scenario)


@pytest.fixture(scope="module")
def kept(site, tmp_path_factory):
    needs_chromium()
    others = [newer(site, tmp_path_factory.mktemp("other") / "site", name) for name in ("b", "")]
    with static(site, *others) as address:
        return explored(address, KEPT)


@pytest.mark.parametrize("name", KEPT)
def test_the_page_is_kept(kept, name):
    held(kept[name], KEPT[name])


def test_common_questions_are_answered_as_solve_answers_them(site):
    """The table that is there before Python, against the command line."""
    table = json.loads((site / "answers.json").read_text(encoding="utf-8"))
    assert len(table) == 200
    for asked, answer in table.items():
        words = json.loads(asked)
        assert words[0] == "solve"
        assert words[-3:] == ["--limit", "10", "--json"]
        assert (answer["code"], answer["out"], answer["err"]) == run(*words)
        found = json.loads(answer["out"])
        assert {*found["conditions"]} <= {*answer["math"]}


def test_the_page_is_as_large_as_is_said(site):
    """Bytes that are sent, compressed: what docs/web.md says of it."""
    sent = {
        file.relative_to(site).as_posix(): len(gzip.compress(file.read_bytes()))
        for file in site.rglob("*")
        if file.is_file()
    }
    memory = sent.pop("python.memory")
    assert memory < 12_000_000
    assert sum(sent.values()) < 8_500_000
