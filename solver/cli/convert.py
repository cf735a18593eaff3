"""`convsolver convert`: a layer of one framework in the terms of another."""

from __future__ import annotations

import click

from solver.cli.options import FrameworkName, answer, chosen, formats
from solver.errors import SolverError
from solver.frameworks import NAMES, WRITTEN, framework
from solver.sizes.domain import read_number

_FROM = FrameworkName(tuple(NAMES))
_TO = FrameworkName(WRITTEN)


@click.command(
    epilog="""\b
Examples:
  $ convsolver convert 'Conv1D(8, 3, 2, "same")' --from keras --to torch
  $ convsolver convert "nn.ConvTranspose2d(8, 4, 3, 2, 1, 1)" --to keras
  $ convsolver convert "nn.Conv2d(3, 64, 7, 2, 3)" --to flax --json
  $ convsolver convert "nn.MaxPool2d(3, 2, 1)" --to onnx --format code
""",
)
@click.argument("layer")
@click.option("--from", "source", type=_FROM, default="torch", help="Default torch.")
@click.option("--to", "target", type=_TO, required=True, help="The other framework.")
@click.option("--input", "size", metavar="SIZE", help="One input: 224, or 224x320.")
@formats("plain", "json", "code", default="plain text")
@click.pass_context
def convert(
    ctx: click.Context,
    /,
    layer: str,
    source: str,
    target: str,
    size: str | None,
    form: str | None,
    as_json: bool,
) -> None:
    """Say what a layer of one framework is in another, and where the two agree.

    LAYER is one call as it stands in a program; it is read, never run. Two layers may give the same
    size and yet read other inputs: the answer says for which n they do, and what is exact.
    """
    from solver.conversion.conversion import convert as find
    from solver.conversion.text import read_layer
    from solver.render.conversion import Converted

    given = read_layer(framework(source), layer)
    sizes = None if size is None else _sizes(size)
    told = {"linear": 1, "trilinear": 3} if source == "torch" else {}
    usual = told.get(given.arguments.get("mode", ""), 2)
    axes = given.axes or (len(sizes) if sizes and len(sizes) > 1 else usual)
    if sizes is not None:
        sizes *= axes if len(sizes) == 1 else 1
        given.size(sizes)  # raises where the layer does not take it
    found = find(given, target, axes, sizes)
    ctx.exit(answer(Converted(found, layer), chosen(form, as_json, "plain")))


def _sizes(text: str) -> tuple[int, ...]:
    sizes, at = [], 0
    for part in text.split("x"):
        sizes.append(read_number(part, "the input", text, at, 1))
        at += len(part) + 1
    if not sizes:
        raise SolverError("an input needs at least one axis", received=text)
    return tuple(sizes)
