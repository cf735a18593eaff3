"""`convsolver check`: a certificate, checked by an independent checker."""

from __future__ import annotations

import json
from typing import Any

import click

from solver.checker import Refused, TooLong
from solver.checker import check as statement_of
from solver.cli.options import LARGEST_CERTIFICATE, File
from solver.errors import LimitError, SolverError
from solver.ground.files import read_bytes


@click.command(
    epilog="""\b
Examples:
  $ convsolver check examples/certificates/rounded_half.json
  $ convsolver check examples/certificates/twice.json
  $ convsolver check examples/certificates/none.json
""",
)
@click.argument("file", type=File())
@click.pass_context
def check(ctx: click.Context, file: str) -> None:
    """Check the certificate in FILE, or - for standard input.

    prove and solve write one with --certificate FILE. Exit code 0: valid, what it states is
    printed. 1: refused, what is wrong is printed. 2: not a certificate. 3: too long to check.
    """
    certificate = _read(file)
    try:
        statement = statement_of(certificate)
    except TooLong as fault:
        raise LimitError(str(fault), received=file) from None
    except Refused as fault:
        click.echo(f"refused: {fault}")
        ctx.exit(1)
    click.echo(f"valid: {statement}")


def _read(file: str) -> Any:
    """Read JSON that is not too long, has no key twice and no number with a fraction."""
    data = read_bytes(file, LARGEST_CERTIFICATE, "the certificate")
    if len(data) > LARGEST_CERTIFICATE:
        rule = f"a certificate has at most {LARGEST_CERTIFICATE:,} bytes"
        raise LimitError(rule, received=file)
    try:
        return json.loads(data, object_pairs_hook=_once, parse_float=_whole, parse_constant=_whole)
    except (ValueError, RecursionError) as fault:
        raise SolverError("a certificate is JSON", received=file, right=str(fault)) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("each key once")
    return dict(pairs)


def _whole(text: str) -> Any:
    raise ValueError(f"whole numbers, not {text[:20]}")
