"""`convsolver convert`: a layer of one framework in the terms of another."""

from __future__ import annotations

import click

from solver.cli.options import FrameworkName, answer, chosen, formats, in_rows, read_inputs
from solver.frameworks import NAMES, WRITTEN, framework

_FROM = FrameworkName(tuple(NAMES))
_TO = FrameworkName(WRITTEN)


@click.command(
    epilog="""\b
Examples:
  $ convsolver convert 'Conv1D(8, 3, 2, "same")' --from keras --to torch
  $ convsolver convert "nn.ConvTranspose2d(8, 4, 3, 2, 1, 1)" --to keras
  $ convsolver convert "nn.Conv2d(3, 64, 7, 2, 3)" --to flax --json
  $ convsolver convert "nn.MaxPool2d(3, 2, 1)" --to onnx --format code
  $ convsolver convert "Conv1D(8, 3, 2)" --from keras --to onnx --input 7,8
""",
)
@click.argument("layer")
@click.option("--from", "source", type=_FROM, default="torch", help="Default torch.")
@click.option("--to", "target", type=_TO, required=True, help="The other framework.")
@click.option("--input", "inputs", multiple=True, metavar="LIST", help="Inputs: 224, 7x9, 5..9.")
@formats("table", "plain", "json", "jsonl", "csv", "code")
@click.pass_context
def convert(
    ctx: click.Context,
    /,
    layer: str,
    source: str,
    target: str,
    inputs: tuple[str, ...],
    form: str | None,
    as_json: bool,
) -> None:
    """Say what a layer of one framework is in another, and where the two agree.

    LAYER is one call as it stands in a program; it is read, never run. Two layers may give the same
    size and yet read other inputs: the answer says for which n they do, and what is exact.
    """
    from solver.conversion.text import read_layer
    from solver.render.conversion import Converted, converted

    given, form = read_layer(framework(source), layer), chosen(form, as_json)
    sizes = read_inputs(inputs)
    if in_rows(sizes, form):
        from solver.render.conversion_several import several

        ctx.exit(answer(several(given, target, sizes), form))
    ctx.exit(answer(Converted(converted(given, target, *sizes), layer), form))
