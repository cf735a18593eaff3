"""What the shell is offered where more is known than words: operations, their options, layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from solver.errors import SolverError
from solver.sizes.operations import LETTERS, OPERATIONS, operation

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

#: Options of every operation that pools, or of every other.
_POOLING, _MIXING = {"ceil_mode"}, {"groups", "out_channels"}


def complete_operation(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Offer the operations to the shell."""
    names = [name for row in OPERATIONS for name in (row.name, *row.aliases)]
    return [name for name in names if name.startswith(incomplete)]


def complete_sort_key(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Offer the keys of --sort to the shell."""
    return [name for name in (*LETTERS, "cost") if name.startswith(incomplete)]


def complete_layer(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Offer the layers of the network in FILE to the shell, none where it cannot be read."""
    from solver.reading.file import read_file  # the shell asks for it here alone

    asked = ctx.params
    files = [asked.get("file"), *ctx.args]  # where an option has no value yet, words wait there
    file = next(filter(None, files), None)
    if file is None:
        return []
    try:
        network = read_file(file, asked.get("axes"), asked.get("channels"), asked.get("model", ""))
    except SolverError:
        return []
    return [node.name for node in network.nodes if node.name.startswith(incomplete)]


class OperationCommand(click.Command):
    """A command about one operation: the shell is offered the options that this has."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        offered = super().shell_complete(ctx, incomplete)
        try:
            row = operation(ctx.params.get("operation") or "")
        except SolverError:
            return offered
        none = {*LETTERS} - {*row.hyperparameters} | (_MIXING if row.pooling else _POOLING)
        flags = {flag for each in self.params if each.name in none for flag in each.opts}
        return [item for item in offered if item.value not in flags]
