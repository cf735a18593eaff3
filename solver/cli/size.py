"""`convsolver size`: the size that comes out of a layer."""

from __future__ import annotations

import re
from collections.abc import Mapping

import click

from solver.cli.options import (
    WRITTEN_NAME,
    FrameworkName,
    OperationCommand,
    Whole,
    answer,
    chosen,
    complete_operation,
    formats,
    framework_option,
    hyperparameters,
)
from solver.errors import SolverError
from solver.frameworks import NAMES


@click.command(
    cls=OperationCommand,
    epilog="""\b
Examples:
  $ convsolver size conv 224 -k 7 -s 2 -p 3
  $ convsolver size conv n -k 7 -s 2 -p 3
  $ convsolver size deconv 7x10 -k 4x2 -s 2 -p 1x0
  $ convsolver size maxpool 112 -k 3 -s 2 -p 1 --ceil-mode --json
  $ convsolver size conv 224 -k 7 -s 2 -p 3 --framework keras
  $ convsolver size conv 1,3,224,224 -k 7 -s 2 -p 3 --out-channels 64
  $ convsolver size conv 8000..8010 640x480 -k 3 -p 0..2 --format csv
  $ convsolver size "nn.MaxPool2d(3, 2, 1)" 112
  $ convsolver size "8*(conv(conv(n, 3, 2), 3, 2) - 1) + 1" 17 33
""",
)
@click.argument("operation", shell_complete=complete_operation)
@click.argument("sizes", metavar="INPUT...", nargs=-1, required=True)
@hyperparameters("DOMAIN")
@click.option("--ceil-mode", is_flag=True, help="Count pooling windows up.")
@click.option("--groups", type=Whole(), metavar="INT", help="Groups, for a full shape.")
@click.option("--out-channels", type=Whole(), metavar="INT", help="Channels out, for a full shape.")
@click.option("--dim", type=Whole(), metavar="INT", help="Axes of an unbatched full shape.")
@framework_option(
    "By the rules of this framework, in its own layers and words.", FrameworkName(tuple(NAMES))
)
@formats("table", "plain", "json", "jsonl", "csv", "latex", "mathml", "code", "svg")
@click.pass_context
def size(
    ctx: click.Context,
    /,
    operation: str,
    sizes: tuple[str, ...],
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

    INPUT is a number (224), one per axis (224x320), a range (8000..8010), an expression in n, or a
    full shape with commas (1,3,224,224), in the framework's own order: channels come last with
    keras, jax and flax, else behind the batch. A DOMAIN is a value, one per axis as in 3x5, a range
    (0..4), or a list of these with commas; padding is also begin:end, same and valid, with
    --framework any word of its own. Several inputs, or values, give a row each. OPERATION may also
    be an expression in n with layers in it, or one layer as it stands in a program.
    """
    from solver.render import forward

    form = chosen(form, as_json)
    if lists := [size for size in sizes if re.fullmatch(_LIST if dim is None else _MIXED, size)]:
        right = f"{lists[0].replace(',', ' ')} for several inputs, 1,3,224,224 for a shape"
        raise SolverError("commas stand in a full shape", lists[0], right)
    if "(" in operation or re.search(_NOTATION, operation):
        from solver.render.expression_sized import sized

        told = [name for name, value in hyperparameters.items() if value is not None]
        if told := told + ["ceil_mode"] * ceil_mode:
            right = "conv(n, k=3, s=2)"
            raise SolverError("an expression tells its layers itself", ", ".join(told), right)
        ctx.exit(answer(sized(operation, sizes, framework or "", dim), form))
    framework = framework and WRITTEN_NAME.convert(framework, None, ctx)
    channels = {"groups": groups, "out_channels": out_channels}
    if form in ("csv", "jsonl") or len(sizes) > 1 or _several(sizes[0], hyperparameters):
        from solver.render.forward_several import several

        given = (hyperparameters, ceil_mode, channels, framework or "")
        ctx.exit(answer(several(operation, sizes, *given, dim), form))
    layer = forward.read_layer(operation, hyperparameters, ceil_mode, channels, framework or "")
    answer(forward.sized(layer, sizes[0], dim), form)


#: Where an operation is a layer as we print it.
_NOTATION = r"^\s*[A-Za-z][\w-]*\s+[kspdac]\d(?!.*\.\.)"
#: What is no shape, but several inputs: where axes are told, and where they are not.
_MIXED = r"(?=.*,)(?=.*[.x])[\d.x,]+"
_LIST = rf"{_MIXED}|\d+,\d+"


def _several(size: str, hyperparameters: Mapping[str, str | None]) -> bool:
    """Whether more than one answer is asked for."""
    given = filter(None, hyperparameters.values())
    return ".." in size or any(".." in words or "," in words for words in given)
