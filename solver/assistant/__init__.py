"""The questions as tools of a coding assistant, by the Model Context Protocol.

A tool is a command: its arguments become the words of a command line, which runs in a process of
its own with a limit of time, and its text is the answer. Code is parsed, never executed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

import solver

#: Seconds that an answer may take, and characters that code may have.
SECONDS, LONGEST = 60, 1_000_000

Operation = Literal["conv", "deconv", "maxpool", "avgpool"]
Framework = Literal["torch", "keras", "jax", "flax", "paddle", "onnx"]
Size = Annotated[
    str,
    Field(description='a number "224", one for each axis "224x320", an expression in n "2n"'),
]
Values = Annotated[
    str, Field(description='a number "3", a range "1..7", a list "3,5"; padding also "1:2", "same"')
]
Code = Annotated[
    str, Field(description="the program of the model, a list of layers, or what print(model) shows")
]
Input = Annotated[str, Field(description='input sizes: "224", "640x480", "100,104", "90..130"')]

_INSTRUCTIONS = """Exact sizes of convolutions, poolings and whole networks. Ask instead of
computing them by hand: every answer is proved, for one size or for every n. "none" says why there
is no answer, "refused" and "infeasible" why a network does not run."""


def size(
    operation: Operation,
    input: Size,
    kernel_size: Values,
    stride: Values = "",
    padding: Values = "",
    dilation: Values = "",
) -> str:
    """What size comes out of a layer, for numbers or for every n."""
    given = {"kernel-size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
    return _answer("size", given, operation, input)


def solve(
    operation: Operation,
    input: Size,
    output: Size,
    kernel_size: Values = "",
    stride: Values = "",
    padding: Values = "",
    dilation: Values = "",
    where: Annotated[str, Field(description='which n, as "n % 2 == 1"')] = "",
    framework: Framework | None = None,
) -> str:
    """Which layers take one size to another: all of them, the usual ones first, or why none."""
    given = {"kernel-size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
    given |= {"where": where, "framework": framework or "", "limit": "10"}
    return _answer("solve", given, operation, input, output)


def network(
    code: Code,
    input: Input = "",
    output: Annotated[Size, Field(description="asks which inputs give it")] = "",
    require: Annotated[str, Field(description='whether all these n run, as "n % 32 == 0"')] = "",
) -> str:
    """What a network does to sizes layer by layer, and which inputs it takes, for every n."""
    given = {"input": input, "output": output, "require": require}
    return _answer("network", given, "-", code=code)


def explain(
    code: Code,
    input: Input = "",
    error: Annotated[str, Field(description="the message of the framework")] = "",
) -> str:
    """What is wrong with a network at an input, and the changes that fix it, each of them tried."""
    return _answer("explain", {"input": input, "error": error, "limit": "5"}, "-", code=code)


def convert(
    layer: Annotated[str, Field(description='a call, as "nn.Conv2d(3, 8, 3, stride=2)"')],
    to: Framework,
    source: Annotated[Framework | None, Field(description="the framework of the layer")] = None,
) -> str:
    """What a layer of one framework is in another, exactly, and where they differ."""
    return _answer("convert", {"from": source or "", "to": to}, layer)


def prove(
    claim: Annotated[str, Field(description='as "conv(n, k=3, s=2, p=1) == ceil(n/2)"')],
    where: Annotated[str, Field(description='which n, as "n % 2 == 0"')] = "",
) -> str:
    """Whether a claim about sizes is true for every n: a proof, or the smallest n against it."""
    return _answer("prove", {"where": where}, claim)


TOOLS: tuple[Callable[..., str], ...] = (size, solve, network, explain, convert, prove)


def server() -> Any:
    """The server, with a tool for each question."""
    made = MCPServer("convsolver", version=solver.__version__, instructions=_INSTRUCTIONS)
    same = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    for tool in TOOLS:
        made.add_tool(tool, annotations=same, structured_output=False)
    return made


def _answer(command: str, options: dict[str, str], *words: str, code: str | None = None) -> str:
    """What a command prints. Raises ToolError with its message where there is no answer."""
    if code is not None and len(code) > LONGEST:
        raise ToolError(f"code has at most {LONGEST:,} characters")
    given = [f"--{name}={value}" for name, value in options.items() if value]
    line = [sys.executable, "-P", "-m", "solver", command, *given, "--", *words]
    try:
        found = subprocess.run(
            line, input=code or "", capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"no answer in {SECONDS} seconds: ask for less") from None
    if found.returncode in (0, 1):  # an answer, or a proof that there is none
        return found.stdout
    raise ToolError((found.stdout + found.stderr).strip())
