"""Help texts are short, end with examples that run, and the shell can complete what they name."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from cli_fixtures import ROOT, environment, line, run, spawn

from solver import __version__
from solver.sizes.operations import OPERATIONS

COMMANDS = ("", "check", "convert", "decoder", "draw", "explain", "fill", "formula", "frameworks")
COMMANDS += ("help", "mcp", "network", "prove", "search", "size", "solve", "web")
#: Those that serve until they are ended.
SERVING = {"mcp", "web"}


def page(command: str) -> str:
    ended = run(*command.split(), "--help")
    assert (ended.code, ended.err) == (0, "")
    return ended.out


def examples(text: str) -> list[str]:
    return re.findall(r"^ *\$ (.*)$", text, flags=re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_examples_of_that_command(command):
    _, _, tail = page(command).partition("Examples:\n")
    lines = tail.strip().splitlines()
    assert len(lines) >= 3 or command in SERVING
    assert all(text.strip().startswith(f"$ convsolver {command}".rstrip()) for text in lines)


@pytest.mark.parametrize(
    "example", sorted({e for c in COMMANDS if c not in SERVING for e in examples(page(c))})
)
def test_examples_run(example, tmp_path, monkeypatch):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)  # where pictures are written
    ended = line(example)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.strip()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_a_terminal_and_explains_every_option(command):
    text = page(command)
    assert max(map(len, text.splitlines())) <= 80
    for option in re.findall(r"^  (-.*)$", text, flags=re.MULTILINE):
        assert re.search(r"\S  +\S", option) or option.endswith("]") or "|" in option, option
    assert page(command) == run(*command.split(), "-h").out


def test_the_group_names_every_command():
    listed = re.search(r"Commands:\n(.*?)\n\n", page(""), flags=re.DOTALL)
    assert [row.split()[0] for row in listed[1].splitlines()] == list(COMMANDS[1:])


def test_version():
    assert run("--version") == run("-V") == (0, f"convsolver {__version__}\n", "")


def test_help_says_what_help_options_say():
    assert run("help") == run("--help")
    for command in COMMANDS[1:]:
        assert run("help", command) == run(command, "--help")
    ended = run("help", "slove")
    assert (ended.code, ended.err.splitlines()[-1]) == (2, "  right:    solve")


def test_no_words_show_the_help():
    ended = run()
    assert ended == (0, page(""), "")


def test_python_m_solver_is_the_same_program():
    ended = spawn("size", "conv", "224", "-k", "7", "-s", "2", "-p", "3")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "112\n", "")
    assert spawn("--help").stdout == page("")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_get_a_completion_script(shell, monkeypatch):
    monkeypatch.setenv("_CONVSOLVER_COMPLETE", f"{shell}_source")
    ended = run()  # Click warns where bash is old
    assert ended.code == 0
    assert "_CONVSOLVER_COMPLETE" in ended.out


NAMES = {name for row in OPERATIONS for name in (row.name, *row.aliases)}


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("convsolver frameworks ke", {"keras"}),
        ("convsolver help so", {"solve"}),
        ("convsolver search --op max", {"maxpool"}),
        ("convsolver network examples/networks/unet.py --layer up.", {"up.0", "up.3"}),
        ("convsolver fill examples/networks/unknown_unet.py n --layer up_", {"up_one", "up_two"}),
        ("convsolver network LICENSE --layer up.", set()),
        ("convsolver solve deconv --output", {"--output-padding"}),
        ("convsolver ", {"formula", "size", "solve"}),
        ("convsolver s", {"size", "solve"}),
        ("convsolver solve ", NAMES),
        ("convsolver size dec", {"deconv", "deconvolution"}),
        ("convsolver formula max", {"maxpool", "max_pool"}),
        ("convsolver solve conv 224 112 --form", {"--format"}),
        ("convsolver solve conv 224 112 --format j", {"json", "jsonl"}),
        ("convsolver solve conv 224 112 --sort ", {"kernel_size", "stride", "cost"}),
    ],
)
def test_the_shell_completes_commands_operations_and_options(typed, offered, monkeypatch):
    words = typed.split(" ")
    monkeypatch.setenv("_CONVSOLVER_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    ended = run()
    assert (ended.code, ended.err) == (0, "")
    found = {row.partition(",")[2] for row in ended.out.splitlines() if row}
    assert offered <= found
    assert all(word.startswith(words[-1]) for word in found)


def offers(typed: str, monkeypatch) -> dict[str, str]:
    """What bash is offered behind some words, and of which type."""
    monkeypatch.setenv("_CONVSOLVER_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(typed.split(" ")) - 1))
    pairs = (row.partition(",") for row in run().out.splitlines())
    return {word: kind for kind, _, word in pairs}


@pytest.mark.parametrize(
    ("typed", "other", "missing"),
    [
        ("convsolver solve conv -", "--dilation", {"--output-padding", "--ceil-mode", "-a"}),
        ("convsolver solve deconv -", "--output-padding", {"--ceil-mode"}),
        ("convsolver solve maxpool -", "--ceil-mode", {"--output-padding"}),
        ("convsolver size avgpool 7 -", "--ceil-mode", {"--dilation", "-d", "--groups"}),
        ("convsolver formula avgpool -", "--ceil-mode", {"--dilation", "-d"}),
    ],
)
def test_an_operation_is_offered_its_own_options(typed, other, missing, monkeypatch):
    found = offers(typed, monkeypatch)
    assert other in found
    assert not missing & set(found)


@pytest.mark.parametrize("command", ["network", "explain", "decoder", "fill", "search", "check"])
def test_files_are_offered(command, monkeypatch):
    assert set(offers(f"convsolver {command} exam", monkeypatch).values()) == {"file"}


def test_completion_costs_no_mathematics():
    """The shell waits for it at every press of the tab key."""
    check = (
        "import os, sys\n"
        "os.environ |= {'_CONVSOLVER_COMPLETE': 'bash_complete',"
        " 'COMP_WORDS': 'convsolver solve ', 'COMP_CWORD': '2'}\n"
        "from solver.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "slow = {'solver.inverse', 'solver.layers.own', 'sympy', 'rich'}\n"
        "sys.exit(bool(slow & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", check], env=environment(), check=False)
    assert done.returncode == 0
