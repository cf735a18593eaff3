"""The tools of an assistant, asked by the client of the protocol's own package."""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
from typing import Any

import pytest
from cli_fixtures import ROOT, environment, line

pytest.importorskip("mcp.server.mcpserver", reason="needs the extra mcp")
from mcp import Client, StdioServerParameters

from solver import assistant

pytestmark = [pytest.mark.live, pytest.mark.filterwarnings("ignore")]

UNET = (ROOT / "examples/networks/unet_of_depth.py").read_text(encoding="utf-8")
#: Each tool with its arguments, and the command whose answer it is.
ASKED = [
    ("size", "conv n kernel_size=3 stride=2", "size conv n -k 3 -s 2"),
    ("solve", "deconv n output=2n", "solve deconv n 2n"),
    ("solve", "conv 10 output=10 kernel_size=2 stride=1", "solve conv 10 10 -k 2 -s 1"),
    ("convert", "layer=nn.MaxPool2d(2) to=keras", "convert nn.MaxPool2d(2) --to keras"),
    ("prove", "claim='conv(n, 3) == n' where='n > 5'", "prove 'conv(n, 3) == n' --where 'n > 5'"),
]


def arguments(words: str) -> dict[str, str]:
    """The arguments in words; those without a name are an operation and an input."""
    names = iter(("operation", "input"))
    given = shlex.split(words)
    pairs = (word if re.match(r"\w+=", word) else f"{next(names)}={word}" for word in given)
    return dict(pair.split("=", 1) for pair in pairs)


def told(*calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """What a server in this process answers to calls of tools."""

    async def ask() -> list[Any]:
        async with Client(assistant.server()) as client:
            return [await client.call_tool(name, given) for name, given in calls]

    return asyncio.run(ask())


def test_every_tool_says_what_its_command_prints() -> None:
    answers = told(*((name, arguments(words)) for name, words, _ in ASKED))
    for (_, _, command), answer in zip(ASKED, answers, strict=True):
        assert not answer.is_error
        assert answer.content[0].text == line(f"convsolver {command}").out


def test_networks_are_posted_as_text() -> None:
    runs, fixed, required = told(
        ("network", {"code": UNET, "input": "96"}),
        ("explain", {"code": UNET, "input": "100"}),
        ("network", {"code": UNET, "require": "n % 8 == 0"}),
    )
    assert runs.content[0].text.startswith("96 -> 96\n")
    assert "pad ups.0 to 25" in fixed.content[0].text
    assert required.content[0].text.startswith("holds: ")


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("size", {"operation": "conv", "input": "n", "kernel_size": "0"}, "kernel_size"),
        ("prove", {"claim": "--help"}, ""),
        ("solve", {"operation": "conv", "input": "--live=os:getcwd", "output": "1"}, ""),
        ("network", {"code": "x" * (assistant.LONGEST + 1)}, "at most"),
        ("network", {"code": "", "input": "5"}, ""),
        ("size", {"operation": "rm", "input": "n", "kernel_size": "3"}, "operation"),
    ],
)
def test_what_is_no_question_is_an_error(name: str, given: dict[str, Any], said: str) -> None:
    (answer,) = told((name, given))
    assert answer.is_error
    assert said in answer.content[0].text


def test_code_is_not_executed(tmp_path) -> None:
    there = tmp_path / "there"
    (answer,) = told(("network", {"code": f"open({str(there)!r}, 'w')\nnn.MaxPool2d(2)\n"}))
    assert answer.content[0].text
    assert not there.exists()


def test_the_command_serves_tools_with_schemas() -> None:
    command = [sys.executable, "-m", "solver", "mcp"]
    where = StdioServerParameters(command=command[0], args=command[1:], env=environment())

    async def ask() -> tuple[Any, Any]:
        async with Client(where) as client:
            given = {"operation": "conv", "input": "224", "kernel_size": "7", "stride": "2"}
            return await client.list_tools(), await client.call_tool("size", given)

    tools, answer = asyncio.run(ask())
    assert [tool.name for tool in tools.tools] == [tool.__name__ for tool in assistant.TOOLS]
    for tool in tools.tools:
        assert tool.description
        assert tool.annotations.read_only_hint
        assert tool.input_schema["required"]
    assert answer.content[0].text == "109\n"
