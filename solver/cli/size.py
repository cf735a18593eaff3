"""`convsolver size`: the size that comes out of a layer."""

from __future__ import annotations

import click

from solver.cli.options import (
    Whole,
    answer,
    chosen,
    complete_operation,
    formats,
    framework_option,
    hyperparameters,
)
from solver.errors import SolverError


@click.command(
    epilog="""\b
Examples:
  $ convsolver size conv 224 -k 7 -s 2 -p 3
  $ convsolver size conv n -k 7 -s 2 -p 3
  $ convsolver size deconv 7x10 -k 4x2 -s 2 -p 1x0
  $ convsolver size maxpool 112 -k 3 -s 2 -p 1 --ceil-mode --json
  $ convsolver size conv 224 -k 7 -s 2 -p 3 --framework keras
  $ convsolver size conv 1,3,224,224 -k 7 -s 2 -p 3 --out-channels 64
""",
)
@click.argument("operation", shell_complete=complete_operation)
@click.argument("size", metavar="INPUT")
@hyperparameters("INT")
@click.option("--ceil-mode", is_flag=True, help="Count pooling windows up.")
@click.option("--groups", type=Whole(), metavar="INT", help="Groups, for a full shape.")
@click.option("--out-channels", type=Whole(), metavar="INT", help="Channels out, for a full shape.")
@click.option("--dim", type=Whole(), metavar="INT", help="Axes of an unbatched full shape.")
@framework_option("By the rules of this framework, in its own layers and words.")
@formats("plain", "json", "latex", "code", default="plain text")
def size(
    operation: str,
    size: str,
    ceil_mode: bool,
    groups: int | None,
    out_channels: int | None,
    dim: int | None,
    framework: str | None,
    form: str | None,
    as_json: bool,
    **hyperparameters: str | None,
) -> None:
    """Compute the size that comes out of a layer, for a number or for every n.

    INPUT is a number (224), one per axis (224x320), an expression in n, or a full shape with commas
    (1,3,224,224). Hyperparameters take one value, or one per axis as in 3x5; padding also
    begin:end, same and valid, with --framework any word of its own.
    """
    from solver.render import forward

    channels = {"groups": groups, "out_channels": out_channels}
    layer = forward.read_layer(operation, hyperparameters, ceil_mode, channels, framework or "")
    if "," in size and "(" not in size:
        result = forward.shape(layer, size, dim)
    elif dim is not None:
        raise SolverError("--dim goes with a full shape", received=size, right="1,3,224,224")
    else:
        result = forward.size(layer, size)
    answer(result, chosen(form, as_json, "plain"))
