"""`convsolver convert`: a layer of one framework in the terms of another."""

from __future__ import annotations

import click

from solver.cli.options import (
    WRITTEN_NAME,
    FrameworkName,
    answer,
    chosen,
    formats,
    in_rows,
    read_inputs,
)
from solver.errors import SolverError
from solver.frameworks import NAMES, framework
from solver.sizes.axes import split_axes

_FROM = FrameworkName(tuple(NAMES))


@click.command(
    epilog="""\b
Examples:
  $ convsolver convert 'Conv1D(8, 3, 2, "same")' --from keras --to torch
  $ convsolver convert "nn.ConvTranspose2d(8, 4, 3, 2, 1, 1)" --to keras
  $ convsolver convert "nn.Conv2d(3, 64, 7, 2, 3)" --to flax --json
  $ convsolver convert "nn.MaxPool2d(3, 2, 1)" --to onnx --format code
  $ convsolver convert "Conv1D(8, 3, 2)" --from keras --to onnx --input 7,8
  $ convsolver convert "nn.Conv2d(3, 64, 7, 2, 3)" --to keras --alternatives
  $ convsolver convert "nn.ConvTranspose1d(8, 4, 3, 2)" --to keras --output 2n
""",
)
@click.argument("layer")
@click.option("--from", "source", type=_FROM, default="torch", help="Default torch.")
@click.option("--to", "target", type=WRITTEN_NAME, required=True, help="The other framework.")
@click.option("--input", "inputs", multiple=True, metavar="LIST", help="Inputs: 224, 7x9, 5..9.")
@click.option("--alternatives", is_flag=True, help="Every way to pad and crop that is exact.")
@click.option("--output", metavar="SIZE", help="Edits with which this comes out: 28, n, or 28x14.")
@formats("table", "plain", "json", "jsonl", "csv", "code")
@click.pass_context
def convert(
    ctx: click.Context,
    /,
    layer: str,
    source: str,
    target: str,
    inputs: tuple[str, ...],
    alternatives: bool,
    output: str | None,
    form: str | None,
    as_json: bool,
) -> None:
    """Say what a layer of one framework is in another, and where the two agree.

    LAYER is one call as it stands in a program; it is read, never run. Two layers may give the same
    size and yet read other inputs: the answer says for which n they do, and what is exact. With
    --alternatives, every way to pad and crop that is exact there: those up to the reach of the
    kernel, and all of them as conditions. With --output, the edits that give it.
    """
    from solver.conversion.text import read_layer
    from solver.render.conversion import Converted, converted

    given, form = read_layer(framework(source), layer), chosen(form, as_json)
    sizes = read_inputs(inputs)
    wanted = None if output is None else split_axes(output)
    if alternatives and wanted is not None:
        raise SolverError("--alternatives give the size of the layer", f"--output {output}", "one")
    if alternatives:
        from solver.render.conversion_alternatives import AlternativeWays

        each = [converted(given, target, size) for size in sizes or (None,)]
        found = [one.sizes for one in each if one.sizes is not None]
        ctx.exit(answer(AlternativeWays(each[0], found, layer), form))
    if in_rows(sizes, form):
        from solver.render.conversion_several import several

        ctx.exit(answer(several(given, target, sizes, wanted), form))
    made, explained = converted(given, target, *sizes), None
    if wanted is not None and made:
        from solver.network.converted import edits
        from solver.render.explanation import Explained

        explained = Explained(edits(made, wanted, made.sizes))
    ctx.exit(answer(Converted(made, layer, explained), form))
