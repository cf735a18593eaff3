"""`convsolver formula`: print the size formula of an operation."""

from __future__ import annotations

import click

from solver.cli.options import OperationCommand, answer, complete_operation
from solver.sizes.domain import read_number
from solver.sizes.operations import MINIMUM

_EXAMPLES = """\b
Examples:
  $ convsolver formula conv
  $ convsolver formula deconv --dim 3 --format markdown
  $ convsolver formula maxpool --ceil-mode --style compact --format text
  $ convsolver formula conv -k 3 -p 1 --format text
  $ convsolver formula conv --for padding
  $ convsolver formula conv -k 3 -s 2 --format svg
"""


@click.command(cls=OperationCommand, epilog=_EXAMPLES)
@click.argument("operation", metavar="OP", shell_complete=complete_operation)
@click.option("--dim", metavar="1|2|3", default="2", show_default=True, help="Number of axes.")
@click.option(
    "--format",
    "format_",
    metavar="latex|text|markdown|python|json|svg",
    default="latex",
    show_default=True,
    help="What to print.",
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option(
    "--style",
    metavar="textbook|compact",
    help="Words with one formula per axis, or one formula in letters.",
)
@click.option("--for", "letter", metavar="NAME", help="Isolate this letter or hyperparameter.")
@click.option("-k", "--kernel-size", metavar="INT", help="Fill in a number.")
@click.option("-s", "--stride", metavar="INT", help="Fill in a number.")
@click.option("-p", "--padding", metavar="INT", help="Fill in a number, per side.")
@click.option("-d", "--dilation", metavar="INT", help="Fill in a number.")
@click.option("-a", "--output-padding", metavar="INT", help="Fill in a number.")
@click.option("--ceil-mode", is_flag=True, help="Round a pooling up.")
def formula(
    operation: str,
    dim: str,
    format_: str,
    as_json: bool,
    style: str | None,
    letter: str | None,
    ceil_mode: bool,
    **hyperparameters: str | None,
) -> None:
    """Print the size formula of OP: conv, deconv, maxpool or avgpool.

    With --for, the closed form of one letter in the others, exact for all whole numbers.
    """
    from solver.render.formula import form_of
    from solver.render.plan import plan
    from solver.render.sheet import Page

    filled = {
        name: _whole(name, text) for name, text in hyperparameters.items() if text is not None
    }
    axes, form = _whole("--dim", dim), form_of("json" if as_json else format_)
    answer(Page(plan(operation, axes, style, letter, ceil_mode, filled)), form)


def _whole(name: str, text: str) -> int:
    """Read a whole number; where it has a meaning of its own, its range is checked there."""
    return read_number(text, name, text, 0, MINIMUM.get(name, 1))
