"""The server answers its own page and nobody else, and never does what is posted to it."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli_fixtures import ROOT, environment, run

from solver.web import native, question
from solver.web.server import PAGE, TYPES, PageServer

UNET = (ROOT / "examples/networks/unet.py").read_bytes()


@contextmanager
def serving(seconds: int = 60) -> Iterator[PageServer]:
    with PageServer(0, seconds) as server:
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield server
        finally:
            server.close()
            thread.join()


@pytest.fixture(scope="module")
def server():
    with serving() as made:
        yield made


def body(*words: str, **files: bytes) -> bytes:
    """A question in JSON; files by their names, with __ for the dot."""
    sent = {name.replace("__", "."): base64.b64encode(data) for name, data in files.items()}
    return json.dumps(
        {"words": words, "files": {name: data.decode() for name, data in sent.items()}}
    ).encode()


def request(server, method="POST", path="/api", data=b"", **headers):
    """Status, headers and body of one request; headers replace the right ones, None leaves out."""
    right = {
        "Host": f"127.0.0.1:{server.port}",
        "Origin": f"http://127.0.0.1:{server.port}",
        "Authorization": f"Bearer {server.token}",
        "Content-Type": "application/json",
        "Content-Length": str(len(data)),
    }
    given = {**right, **{name.replace("_", "-"): value for name, value in headers.items()}}
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    link.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in given.items():
        if value is not None:
            link.putheader(name, value)
    link.endheaders(data)
    answer = link.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read()
    link.close()
    return found


def asked(server, *words, **files):
    status, _, answer = request(server, data=body(*words, **files))
    assert status == 200
    return question.PageAnswer(**json.loads(answer))


@pytest.mark.parametrize(
    "words",
    [
        "size conv 224 -k 7 -s 2 -p 3",
        "size conv n -k 7 -s 2 -p 3 --json",
        "solve deconv n 2n --json --limit 3",
        "solve conv 7 20 --json",
        "size conv 224 -k x",
        "draw conv 9 -k 3",
        "convert 'nn.MaxPool2d(3, 2, 1)' --to keras --json",
        "search --input 224 --output 7 --depth 5 -k 3 -s 1,2 -p 1 --format svg",
        "help",
        "",
    ],
)
def test_it_says_what_the_command_line_says(server, words):
    there = asked(server, *shlex.split(words))
    assert there == run(*shlex.split(words))


def test_files_of_a_question_are_read(server, monkeypatch):
    monkeypatch.chdir(ROOT / "examples/networks")
    for words in (["network", "unet.py", "--json"], ["explain", "unet.py", "--input", "150"]):
        assert asked(server, *words, unet__py=UNET) == run(*words)


def test_files_beside_each_other_are_read_as_text(server):
    inner = (
        b"from torch import nn\n"
        b"class B(nn.Module):\n"
        b"    def __init__(self): self.c = nn.Conv2d(1, 1, 3)\n"
        b"    def forward(self, x): return self.c(x)\n"
    )
    outer = b"from block import B\nmodel = B()\n"
    found = asked(server, "network", "net.py", "--brief", net__py=outer, block__py=inner)
    assert found == (0, "n -> n - 2, for every n >= 3\n", "")


def test_onnx_is_read_where_it_is_installed(server):
    pytest.importorskip("onnx")
    file = next(iter(sorted((ROOT / "tests/data/onnx").rglob("*.onnx"))))
    found = asked(server, "network", "m.onnx", "--json", m__onnx=file.read_bytes())
    assert found == run("network", str(file), "--json")


# What is refused before it is read


def test_the_page_is_sent_and_nothing_else(server):
    for file in PAGE.iterdir():
        status, headers, data = request(server, "GET", f"/{file.name}")
        assert (status, data) == (200, file.read_bytes())
        assert headers["Content-Type"] == TYPES[file.suffix]
    assert request(server, "GET", "/")[2] == (PAGE / "index.html").read_bytes()
    assert json.loads(request(server, "GET", "/engine.json")[2])["engine"] == "server"
    for path in (
        "/../server.py",
        "/%2e%2e/server.py",
        "/..\\server.py",
        "//etc/passwd",
        "/page/",
        "/x",
    ):
        assert request(server, "GET", path)[0] == 404
    for file in PAGE.parent.glob("*.py"):
        assert request(server, "GET", f"/{file.name}")[0] == 404


@pytest.mark.parametrize(
    "host",
    [None, "evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost", "", "[::1]"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_name_of_this_machine_is_refused(server, host, method):
    """A page of another name that is made to mean 127.0.0.1 has that name as its host."""
    status, _, told = request(
        server, method, "/api", body("size", "conv", "9"), Host=host, Origin=None
    )
    assert (status, told) == (421, b"the host is not this server\n")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:{}", "http://localhost:{}", ""]
)
def test_another_page_is_refused(server, origin):
    given = origin.format(server.port)
    status, headers, _ = request(server, data=body("size", "conv", "9"), Origin=given)
    assert status == 403
    assert not any(name.startswith("Access-Control") for name in headers)


def test_localhost_is_a_name_of_this_machine(server):
    name = f"localhost:{server.port}"
    assert request(server, data=body("help"), Host=name, Origin=f"http://{name}")[0] == 200


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Basic x",
        "Bearer \xe9",
        "bearer {}",
        "Bearer {}x",
    ],
)
def test_without_the_token_nothing_is_answered(server, given):
    word = given and given.format(server.token)
    for path in ("/api", "/progress", "/stop"):
        status, _, told = request(server, path=path, data=body("size"), Authorization=word)
        assert (status, told) == (401, b"open the address that convsolver web printed\n")


def test_no_other_page_may_even_ask_for_leave(server):
    """What a browser asks before it sends JSON or a token from another page."""
    status, headers, _ = request(server, "OPTIONS", Access_Control_Request_Headers="authorization")
    assert status == 501
    assert not any(name.startswith("Access-Control") for name in headers)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": None}, 415),
        ({"Content_Length": None}, 411),
        ({"Content_Length": "-1"}, 411),
        ({"Content_Length": "1e3"}, 411),
        ({"Content_Length": None, "Transfer_Encoding": "chunked"}, 411),
        ({"Content_Length": str(question.LONGEST_QUESTION + 1)}, 413),
        ({"Content_Length": "9" * 5000}, 413),
    ],
)
def test_what_is_no_question_is_refused_unread(server, headers, status):
    assert request(server, **headers)[0] == status


def test_it_listens_to_this_machine_alone(server):
    assert server._http.server_address[0] == "127.0.0.1"


def test_a_port_that_is_taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = run("web", "--port", str(port))
    assert ended.code == 2
    assert f"received: {port}" in ended.err
    assert run("web", "--port", "99999").code == 2


# What a question may not do


HOSTILE = [
    ["network", "--live", "os:abort"],
    ["explain", "--live", "os:abort"],
    ["fill", "--live=os:abort"],
    ["decoder", "--live", "subprocess:run(['touch', '{}'])"],
    ["web"],
    ["mcp"],
    ["network", "/etc/passwd"],
    ["network", str(ROOT / "examples/networks/unet.py")],
    ["network", "../../../../etc/passwd"],
    ["network", "/proc/self/environ"],
    ["search", str(ROOT / "examples/encoder.toml")],
    ["check", str(ROOT / "README.md")],
    ["explain", "-c", "Conv(3)", "--error", "@/etc/passwd"],
    ["draw", "conv", "9", "-k", "3", "-o", "{}.svg"],
    ["draw", "conv", "9", "-k", "3", "-o", "inside.svg"],
    ["solve", "deconv", "n", "2n", "--certificate", "{}"],
]


@pytest.mark.parametrize("words", HOSTILE, ids=" ".join)
def test_a_question_reads_its_own_files_and_writes_none(server, words, tmp_path):
    file = tmp_path / "written"
    found = asked(server, *(word.format(file) for word in words))
    assert (found.code, found.out) == (2, "")
    assert "root:" not in found.err
    assert not [*tmp_path.iterdir()]


def test_no_file_of_a_question_is_imported(server, tmp_path):
    """Neither beside the command nor in place of what it imports later."""
    mark = tmp_path / "ran"
    code = f"open({str(mark)!r}, 'w')\nimport os\nos.abort()\n".encode()
    names = (
        "click",
        "solver",
        "json",
        "torch",
        "sitecustomize",
        "usercustomize",
        "onnx",
        "difflib",
    )
    files = {f"{name}__py": code for name in names}
    net = b"import click, torch, onnx\nfrom torch import nn\nmodel = nn.Conv2d(1, 1, 3)\n"
    for words in (
        ["network", "net.py"],
        ["solve", "cnov", "1", "1"],
        ["formula", "conv"],
        ["prove", "2*n == n + n"],
    ):
        found = asked(server, *words, net__py=net, **files)
        assert found.code in (0, 2), found
    assert not mark.exists()


def test_programs_above_the_folder_of_a_question_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    (tmp_path / "secret.py").write_text("SIZE = 12345\n")
    for dots in ("..", "...", "...."):
        net = f"from {dots}secret import SIZE\nmodel = nn.Conv2d(1, SIZE, 3)\n".encode()
        with serving() as server:
            found = asked(server, "network", "net.py", "--json", net__py=net)
        assert "12345" not in found.out + found.err


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"[]",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"words": "size"}',
        b'{"words": [1]}',
        b'{"words": ["size"], "files": []}',
        b'{"words": ["size"], "files": {"../x": ""}}',
        b'{"words": ["size"], "files": {"/etc/x": ""}}',
        b'{"words": ["size"], "files": {"": ""}}',
        b'{"words": ["size"], "files": {"-x": ""}}',
        b'{"words": ["size"], "files": {".x": ""}}',
        b'{"words": ["size"], "files": {"a\\u0000": ""}}',
        b'{"words": ["size"], "files": {"a": "%"}}',
        b'{"words": ["size"], "files": {"a": 7}}',
        b'{"words": ["\\ud800", "\\u0000"]}',
        json.dumps({"words": ["x"] * 201}).encode(),
        json.dumps({"words": ["x" * 100_001]}).encode(),
        json.dumps({"words": ["x"], "files": {f"f{i}": "" for i in range(21)}}).encode(),
    ],
)
def test_bad_questions_are_answered(server, sent):
    status, _, told = request(server, data=sent)
    answer = json.loads(told)
    assert (status, answer["out"]) == (200, "")
    assert answer["code"] in (2, 3)
    assert "error: " in answer["err"]
    assert asked(server, "size", "conv", "224", "-k", "3").out == "222\n"


def test_json_over_several_lines_is_one_question(server):
    status, _, told = request(server, data=json.dumps(json.loads(body("help")), indent=2).encode())
    assert (status, json.loads(told)["code"]) == (200, 0)


ENDLESS = [
    "search",
    "--input",
    "n",
    "--output",
    "n/4096",
    "--depth",
    "40",
    "-k",
    "1..64",
    "-s",
    "1..9",
    "-p",
    "0..64",
]


def test_a_question_has_its_time(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with serving(seconds=1) as server:
        found = asked(server, *ENDLESS)
        assert found == (3, "", "limit: there was no answer in 1 s: narrow the question")
        server.engine.seconds = 60  # a machine with other work may take one to start a process
        assert asked(server, "size", "conv", "224", "-k", "3").out == "222\n"
    assert not [*tmp_path.iterdir()]


def test_a_question_is_stopped(server):
    found = []
    asking = threading.Thread(target=lambda: found.append(asked(server, *ENDLESS)))
    asking.start()
    while not found:  # it may not have begun
        assert request(server, path="/stop", data=b"{}")[0] == 200
        asking.join(0.2)
    assert found == [(3, "", "limit: stopped")]
    assert asked(server, "size", "conv", "224", "-k", "3").out == "222\n"


def test_it_is_told_how_far_a_question_is(server):
    """What is done grows, and is that of the question alone."""
    words = "search --input 2240 --output 70 --depth 14 -k 1..9 -s 1..3 -p 0..4 --no-gaps"
    words += " --receptive-field 100..400 --sizes 60.. --max-states 100000000"
    told, found = [], []
    asking = threading.Thread(target=lambda: found.append(asked(server, *words.split())))
    asking.start()
    while len({each["done"] for each in told if each["what"] == "states"}) < 3:
        answer = json.loads(request(server, path="/progress", data=b"{}")[2])
        told += [answer] if answer else []
        asking.join(0.05)
        assert not found
    while not found:
        request(server, path="/stop", data=b"{}")
        asking.join(0.2)
    assert found == [(3, "", "limit: stopped")]
    done = [each["done"] for each in told if each["what"] == "states"]
    assert done == sorted(done)
    assert {*told[-1]} == {"what", "done", "total"}
    assert json.loads(request(server, path="/progress", data=b"{}")[2]) is None


def test_formulas_come_with_data_where_they_are_asked_for(server):
    question = json.loads(body("size", "conv", "n", "-k", "7", "-s", "2", "-p", "3", "--json"))
    plain = json.loads(request(server, data=json.dumps(question).encode())[2])
    assert {*plain} == {"code", "out", "err"}
    found = json.loads(request(server, data=json.dumps({**question, "math": True}).encode())[2])
    math = found.pop("math")
    assert found == plain
    told = json.loads(plain["out"])
    assert {told["output"], told["folded"]} <= {*math}
    mathml = run(*question["words"][:-1], "--format", "mathml").out.strip()
    assert math[told["output"]] == mathml.replace('"block"', '"inline"')


def test_an_answer_has_an_end(monkeypatch):
    monkeypatch.setattr(question, "LONGEST_ANSWER", 10_000)
    found = question.answer(
        question.PageQuestion(
            ["solve", "conv", "224", "112", "-p", "0..99", "-k", "1..199", "--format", "csv"], {}
        )
    )
    assert found.code == 3
    assert len(found.out) <= 10_000
    assert "an answer on the page has at most 10,000 bytes" in found.err


def test_the_fence_can_fail():
    """Without the fence a file of this machine is read: the tests above see it go."""
    file = str(ROOT / "examples/networks/unet.py")
    assert question.answer(question.PageQuestion(["network", file, "--brief"], {})).code == 0


def test_where_a_question_was_asked_does_not_change(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = Path.cwd(), sys.stdin, sys.stdout
    question.answer(question.PageQuestion(["size", "conv", "9"], {"a": b""}))
    assert (Path.cwd(), sys.stdin, sys.stdout) == before


# The command


EXAMPLES = re.findall(r"\$ convsolver (web.*)", run("web", "--help").out)


def interruptible():
    """What is started in the background of a shell ignores Ctrl-C, unless it is told otherwise."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("words", EXAMPLES)
def test_its_examples_serve_until_they_are_interrupted(words):
    told = words.split()
    if "--port" not in told:
        told += ["--port", "0"]
    told[told.index("--port") + 1] = "0"
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "solver", *told],
        env=environment(BROWSER="true"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=interruptible,
    )
    address = process.stdout.readline()
    port = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/#token=[\w-]{32}\n", address)[1]
    link = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    link.request("GET", "/")
    assert link.getresponse().status == 200
    link.close()
    os.kill(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60) == ("", "Ctrl-C ends it\n")
    assert process.returncode == 0


def test_the_engine_is_started_again_where_it_died():
    engine = native.NativeEngine(60)
    first = json.loads(engine.ask(body("size", "conv", "9", "-k", "3")))
    engine._process.kill()
    engine._process.wait()
    assert json.loads(engine.ask(body("size", "conv", "9", "-k", "3"))) == first
    engine.close()
