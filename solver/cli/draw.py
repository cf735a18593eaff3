"""`convsolver draw`: a picture of a layer, in a file."""

from __future__ import annotations

import click

from solver.cli.options import (
    File,
    OperationCommand,
    complete_operation,
    framework_option,
    hyperparameters,
    read_sizes,
)


@click.command(
    cls=OperationCommand,
    epilog="""\b
Examples:
  $ convsolver draw conv 10 -k 3 -s 2 -p 1 -o conv.svg
  $ convsolver draw deconv 5x7 -k 4 -s 2 -p 1 -o deconv.svg
  $ convsolver draw maxpool n -k 3 -s 2 --ceil-mode -o stairs.tex
""",
)
@click.argument("operation", shell_complete=complete_operation)
@click.argument("size", metavar="INPUT")
@hyperparameters("VALUE")
@click.option("--ceil-mode", is_flag=True, help="Count pooling windows up.")
@click.option("--at", "output", metavar="OUTPUT", help="The output whose taps are marked.")
@framework_option("By the rules of this framework, in its own layers and words.")
@click.option("-o", "--out", "file", type=File(), help="The file: .svg, .png, .pdf or .tex.")
def draw(
    operation: str,
    size: str,
    ceil_mode: bool,
    output: str | None,
    framework: str | None,
    file: str | None,
    **hyperparameters: str | None,
) -> None:
    """Draw a layer: which elements each output reads, the padding, and what is never read.

    INPUT is a number, 5x7 for two axes, or n for the staircase of all sizes. Without --out the
    picture is printed as SVG.
    """
    from solver.render import forward

    layer = forward.read_layer(operation, hyperparameters, ceil_mode, None, framework or "")
    marked = read_sizes(output, "an output", 0) if output else None
    picture = forward.sized(layer, size).picture(marked)
    if file is None:
        click.echo(picture.svg)
    else:
        picture.save(file)
        click.echo(f"{picture}, in {file}")
