"""`convsolver help`: what a command does and takes, or the JSON Schema of what it prints."""

from __future__ import annotations

import click

from solver.errors import SolverError


def _names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    from solver.cli import cli

    return [name for name in cli.list_commands(ctx) if name.startswith(incomplete)]


@click.command(
    epilog="""\b
Examples:
  $ convsolver help
  $ convsolver help solve
  $ convsolver help solve --schema
"""
)
@click.argument("command", required=False, shell_complete=_names)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of what --json prints.")
@click.pass_context
def help(ctx: click.Context, /, command: str | None, schema: bool) -> None:
    """Print what COMMAND does and the options it takes, or all commands."""
    from solver.cli import cli

    top = ctx.find_root()
    if schema:
        click.echo(_schema(command))
    elif command is None:
        click.echo(top.get_help())
    else:
        name, found, _ = cli.resolve_command(top, [command])
        assert found is not None
        click.echo(found.get_help(found.make_context(name, [], top, resilient_parsing=True)))


def _schema(command: str | None) -> str:
    import json

    from solver.render.schemas import schemas

    found = schemas()
    if command not in found:
        raise SolverError("these commands print JSON", command, ", ".join(found))
    return json.dumps(found[command], indent=2)
