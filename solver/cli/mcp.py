"""`convsolver mcp`: the questions as tools of a coding assistant."""

from __future__ import annotations

import click

from solver.errors import SolverError


@click.command(
    epilog="""\b
Example, as an entry of an assistant's settings:
  {"mcpServers": {"convsolver": {"command": "convsolver", "args": ["mcp"]}}}
"""
)
def mcp() -> None:
    """Serve size, solve, network, explain, convert and prove to a coding assistant.

    It speaks the Model Context Protocol on standard input and output, until that ends. Code that
    it is given is parsed, never executed. It needs convsolver[mcp].
    """
    try:
        from solver.assistant import server
    except ImportError:
        rule, right = "serving needs the package mcp", 'pip install "convsolver[mcp]"'
        raise SolverError(rule, right=right) from None
    server().run("stdio")
