"""`convsolver solve`: every layer that takes one size to another."""

from __future__ import annotations

from typing import Any

import click

from solver.cli import say
from solver.cli.options import (
    OperationCommand,
    Whole,
    answer,
    certificates,
    chosen,
    complete_operation,
    complete_sort_key,
    formats,
    framework_option,
    hyperparameters,
    write_certificate,
)
from solver.errors import SolverError


@click.command(
    cls=OperationCommand,
    epilog="""\b
Examples:
  $ convsolver solve deconv n 2n
  $ convsolver solve conv 224 112 -k 1..11 -s 1..4 -p 0..5 -d 1..2
  $ convsolver solve conv n "ceil(n/2)" -d 1
  $ convsolver solve conv "?" 112 -k 7 -s 2 -p 3
  $ convsolver solve conv 224 112 225 113 7 4 --json
  $ convsolver solve conv 224x320 110..114x160 -k 3 --per-axis
  $ convsolver solve conv 224 112 -k 7 -s 2 --framework keras
  $ convsolver solve deconv n 2n --format code
  $ convsolver solve deconv n "s*n" -k 2s --explain
  $ convsolver solve deconv "conv(n, k, s, p)" n
  $ convsolver solve conv n n -k 3 -p 0..11:0 -d 1..4 --causal
  $ convsolver solve maxpool n n/2 --where "n % 4 == 0" --format markdown
""",
)
@click.argument("operation", shell_complete=complete_operation)
@click.argument("sizes", nargs=-1, required=True, metavar="INPUT OUTPUT [INPUT OUTPUT]...")
@hyperparameters("DOMAIN")
@click.option("--where", default="", metavar="CONDITION", help="Narrow the n that are asked about.")
@click.option("--per-axis", is_flag=True, help="Give each axis hyperparameters of its own.")
@click.option("--ceil-mode", is_flag=True, help="Count pooling windows up.")
@click.option("--nothing-unread", is_flag=True, help="Only what drops no element of the input.")
@click.option("--causal", is_flag=True, help="Only what waits for no element of the future.")
@framework_option("Only what this framework accepts, in its own words.")
@click.option("--limit", type=Whole(0), metavar="N", help="Print N solutions at most.")
@click.option(
    "--sort",
    default="",
    metavar="KEY",
    shell_complete=complete_sort_key,
    help="Sort by a hyperparameter, or by cost.",
)
@click.option("--explain", is_flag=True, help="Print the derivation too.")
@click.option(
    "--smtlib", is_flag=True, help="Of letters: print SMT-LIB 2, each unsat confirms a recipe."
)
@click.option("--standalone", is_flag=True, help="A whole document, LaTeX or Markdown.")
@certificates
@formats("table", "plain", "json", "jsonl", "csv", "latex", "mathml", "markdown", "code", "svg")
@click.pass_context
def solve(
    ctx: click.Context,
    /,
    operation: str,
    sizes: tuple[str, ...],
    where: str,
    per_axis: bool,
    ceil_mode: bool,
    nothing_unread: bool,
    causal: bool,
    framework: str | None,
    limit: int | None,
    sort: str,
    explain: bool,
    smtlib: bool,
    standalone: bool,
    certificate: str | None,
    form: str | None,
    as_json: bool,
    **domains: str | None,
) -> None:
    """Find every layer that takes INPUT to OUTPUT, best first.

    A size is a number (224), one per axis (224x320), or an expression in n (2n, ceil(n/2), n/2)
    for an answer that holds for every n; with other letters (s*n) recipes for all their values.
    Layers are functions of a size there: conv(n, 7, 2, 3), in k, s, p, d, a. INPUT may be ? for
    "which inputs", OUTPUT may be a range (110..114). More pairs ask for one layer that does them
    all.

    A DOMAIN is 3, 1..7, 1,3,5 or 1,3..7 (1 and the range 3 to 7); for padding also begin:end, as
    in 0..2:0..2; with --per-axis one per axis, as in 3x1..5. What is left out is searched in a
    default range, which the answer states. Where all are given and do not do it, every change of
    one of them that does is told.
    """
    from solver.inverse.solve import solve as find

    if len(sizes) % 2:
        raise SolverError(
            "each INPUT needs its OUTPUT",
            received=" ".join(sizes),
            right="convsolver solve conv 224 112",
        )
    solutions = find(
        operation,
        list(sizes[::2]),
        list(sizes[1::2]),
        where=where,
        per_axis=per_axis,
        ceil_mode=ceil_mode,
        framework=framework or "",
        sort=sort.replace("-", "_"),
        nothing_unread=nothing_unread,
        causal=causal,
        **domains,
    )
    if smtlib:
        click.echo(_script(solutions))
        ctx.exit(0 if solutions else 1)
    form = _form(chosen(form, as_json, "latex" if standalone else ""), explain, standalone)
    if certificate is None or not write_certificate(solutions, certificate):
        answer(solutions.report(limit, explain or standalone), form)
    if solutions.counted is None:
        say("stopped: the box is too large to count its solutions")
        ctx.exit(3)
    ctx.exit(0 if solutions else 1)


def _script(answer: Any) -> str:
    from solver.inverse.letters import Recipes

    if isinstance(answer, Recipes):
        return answer.smtlib()
    rule = "--smtlib is for questions in letters"
    raise SolverError(rule, right="--certificate for numbers, or s in place of one of them")


def _form(form: str, explain: bool, standalone: bool) -> str:
    """The form to print, with what else is asked for. Raises SolverError where it has no room."""
    if standalone:
        if form not in ("latex", "markdown"):
            rule = "--standalone is a document in LaTeX or Markdown"
            raise SolverError(rule, f"--format {form}", "latex or markdown")
        return f"{form} document"
    if explain and form in ("jsonl", "csv", "code"):
        right = "table, plain, json, latex or markdown"
        raise SolverError("--explain needs a form with room for text", f"--format {form}", right)
    return form
