"""Write docs/commands.md: every command of convsolver as its help page says.

    python docs/commands.py

The test of this page runs it and compares.
"""

from __future__ import annotations

from pathlib import Path

from click import Context

from solver.cli import cli

PAGE = Path(__file__).with_suffix(".md")

_HEAD = """# Commands

Every command with its arguments and options, as `convsolver help` prints them.
[A script](commands.py) wrote this page, and the tests run it again. What an answer means is told on
[another page](inverse.md), with [exit codes](inverse.md#exit-codes) and [JSON](inverse.md#json);
`convsolver help solve --schema` prints the JSON Schema of an answer.
"""


def page() -> str:
    """Return the page."""
    top = Context(cli, info_name="convsolver", terminal_width=78)
    parts = [_HEAD, _shown("help", cli.get_help(top))]
    for name in cli.list_commands(top):
        command = cli.get_command(top, name)
        assert command is not None
        made = Context(command, top, name, terminal_width=78)
        parts.append(f"\n## {name}\n{_shown(f'help {name}', command.get_help(made))}")
    return "".join(parts)


def _shown(words: str, text: str) -> str:
    return f"\n```console\n$ convsolver {words}\n{text.rstrip()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
