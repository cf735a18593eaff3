"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from solver.operations import LETTERS, OPERATIONS

Command = Callable[..., Any]

_HELP = {
    "kernel_size": "Kernel size, at least 1.",
    "stride": "Stride, at least 1.",
    "padding": "Padding at each end; 1:2 is begin:end.",
    "dilation": "Dilation, at least 1.",
    "output_padding": "Output padding of a transposed convolution.",
}


def complete_operation(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Offer the operations to the shell."""
    names = [name for row in OPERATIONS for name in (row.name, *row.aliases)]
    return [name for name in names if name.startswith(incomplete)]


def hyperparameters(metavar: str) -> Callable[[Command], Command]:
    """Add -k, -s, -p, -d and -a, each taken as text."""

    def add(command: Command) -> Command:
        for name, letter in reversed(LETTERS.items()):
            option = click.option(
                f"-{letter}", f"--{name.replace('_', '-')}", name, metavar=metavar, help=_HELP[name]
            )
            command = option(command)
        return command

    return add


def formats(
    *names: str, default: str = "a table on a terminal, plain text when piped"
) -> Callable[[Command], Command]:
    """Add --format and its short form --json; default: what is printed without it, in words."""

    def add(command: Command) -> Command:
        command = click.option("--json", "as_json", is_flag=True, help="Short for --format json.")(
            command
        )
        return click.option(
            "--format",
            "form",
            type=click.Choice(names),
            help=f"How to print; without it {default}.",
        )(command)

    return add
