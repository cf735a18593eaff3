"""`convsolver network`: sizes, valid inputs and costs of a whole network."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import click

from solver.cli.options import Whole, answer, chosen, complete_layer, formats, in_rows, read_inputs
from solver.cli.source import AskedSource, network_source
from solver.errors import SolverError
from solver.sizes.domain import Domain, read_number

if TYPE_CHECKING:
    from solver.network.graph.target import SizeTarget
    from solver.render.report import Report


@click.command(
    epilog="""\b
Examples:
  $ convsolver network examples/networks/unet.py
  $ convsolver network examples/networks/summary.txt --input 71
  $ convsolver network examples/networks/unet.py --input 500
  $ convsolver network examples/networks/unet.py --input 508..512,572x600
  $ convsolver network examples/networks/unet.py --tiles --unread
  $ convsolver network examples/networks/unet.py --tile 572 --input 1212
  $ convsolver network examples/networks/codec.txt --stream 24000
  $ convsolver network -c "nn.ConvTranspose2d(8, 8, 3, 2, 1)" --phases
  $ convsolver network examples/networks/unet.py --input 572 --format svg
  $ convsolver network examples/networks/codec.txt --format markdown
  $ convsolver network examples/networks/wav2vec2.txt --output 49 --json
  $ convsolver network examples/networks/unet.py --output n-184 --input 500
  $ convsolver network examples/networks/unet.py --range 500..600 --export
  $ convsolver network examples/networks/wav2vec2.txt --from 2 --to 4
  $ convsolver network examples/networks/unet.py --require "n >= 188"
"""
)
@network_source
@click.option("--input", "inputs", multiple=True, metavar="LIST", help="Inputs: 224, 7x9, 5..9.")
@click.option("--output", metavar="TARGET", help="All inputs that give this: 49, 1..4, n/2, 7x9.")
@click.option(
    "--layer",
    metavar="NAME",
    shell_complete=complete_layer,
    help="Of this layer, instead of the output.",
)
@click.option("--where", default="", metavar="CONDITION", help="Which of these n run.")
@click.option("--at", type=Whole(), metavar="N", help="Costs at this n, beside what is for all.")
@click.option("--range", "span", metavar="A..B", help="List and count the inputs that run in it.")
@click.option("--export", is_flag=True, help="Write the sizes for torch.export, of --range too.")
@click.option("--unread", is_flag=True, help="Say which elements of the input are never read.")
@click.option("--phases", is_flag=True, help="Say what each phase of the outputs reads, and holes.")
@click.option("--tiles", is_flag=True, help="Say which tiles give what the whole input gives.")
@click.option(
    "--tile", metavar="SIZE", help="The tiles of this size of --input, or of every n: 572."
)
@click.option(
    "--stream",
    metavar="[RATE]",
    is_flag=False,
    flag_value="",
    help="Say how long a stream waits; RATE: samples per second.",
)
@click.option("--require", metavar="CONDITION", help="Exit 1 unless each of these n runs.")
@click.option("--exactly", metavar="CONDITION", help="Exit 1 unless these n run, and no others.")
@click.option("--require-output", metavar="TARGET", help="Exit 1 unless this comes out of them.")
@click.option("--unfold", is_flag=True, help="On a terminal, every row of blocks that repeat.")
@formats("table", "plain", "json", "jsonl", "csv", "markdown", "latex", "svg", "mermaid", "dot")
@click.pass_context
def network(
    ctx: click.Context,
    /,
    source: AskedSource,
    inputs: tuple[str, ...],
    output: str | None,
    layer: str | None,
    where: str,
    at: int | None,
    span: str | None,
    export: bool,
    unread: bool,
    phases: bool,
    tiles: bool,
    tile: str | None,
    stream: str | None,
    require: str | None,
    exactly: str | None,
    require_output: str | None,
    unfold: bool,
    form: str | None,
    as_json: bool,
) -> None:
    """Say what a network does to sizes: after every layer, for every n, and which inputs run.

    FILE holds pasted code of PyTorch, Keras or Flax, what print(model) or a summary shows, or an
    ONNX model; - reads standard input. It is parsed, never executed.
    """
    from solver.render.network.report import NetworkReport

    form = chosen(form, as_json)
    if stream and not stream.isdecimal() and not source.told:  # what follows is no rate
        source, stream = source._replace(file=stream), ""
    sizes = read_inputs(inputs)
    if any(each is not None for each in (require, exactly, require_output)):
        if inputs or output or layer or where or at is not None or span or source.varies:
            rule = "what is required is required of every n: of one structure, and of its outputs"
            raise SolverError(rule, right='--require "n % 32 == 0" --require-output n')
        ctx.exit(answer(_required(source, require, exactly, require_output), form))
    if source.varies:
        from solver.render.network.structures import MOST, side_by_side

        if output or layer or unread or phases or tiles or tile or stream is not None:
            rule = "several structures are told by their outputs, at --input or for every n"
            raise SolverError(rule, ", ".join(source.given))
        ctx.exit(answer(side_by_side(source.structures(MOST), sizes), form))
    found = source.read(sizes)
    nodes = None if layer is None else (found.find(layer),)
    wanted = None if output is None else _target(output)
    if wanted is not None and len(sizes) > 1:
        rule = "--output takes one --input, to which the nearest that give it are told"
        raise SolverError(rule, f"{len(sizes)} inputs")
    if in_rows(sizes, form, ("jsonl",)):
        from solver.render.network.several import several

        if unread or phases or tiles or tile or export or span or stream is not None:
            of = "--range, --export, --unread, --phases, --tiles, --tile, --stream"
            rule = f"{of} are of one input, or of every n"
            raise SolverError(rule, f"{len(sizes):,} inputs")
        ctx.exit(answer(several(found, sizes, nodes), form))
    if sizes and (where or at is not None):
        raise SolverError("--where and --at are beside what is told for every n", "--input")
    here = found.values(sizes[0]) if sizes else None
    if tile is not None:
        from solver.render.network.known import Known
        from solver.render.network.tiled import TiledReport

        others = (output, unread, phases, tiles, export, span, where)
        if any(others) or stream is not None or at is not None:
            rule = "--tile is asked with --input and --layer alone"
            raise SolverError(rule, right="--input 1212 --tile 572")
        ctx.exit(answer(TiledReport(Known(found, here, nodes), _tile(tile)), form))
    report = NetworkReport(
        found,
        here if wanted is None else None,
        nodes,
        wanted,
        source.words,
        unread=unread,
        phases=phases,
        tiles=tiles,
        stream=stream is not None,
        rate=read_number(stream, "--stream", stream, 0, 1) if stream else None,
        near=None if wanted is None else here,
        where=where,
        measured=at,
        span=None if span is None else _span(span),
        export=export,
    )
    report.unfold = unfold
    ctx.exit(answer(report, form))


def _required(
    source: AskedSource, require: str | None, exactly: str | None, output: str | None
) -> Report:
    """The report of what is required, of the sizes of a condition or of all that run."""
    from solver.network.graph.requirement import Requirement
    from solver.render.network.requirement import Required

    if require is not None and exactly is not None:
        rule = "--require is of the n that must run, --exactly of all that do: one of them"
        raise SolverError(rule, right=f'--exactly "{exactly}"')
    condition = require if exactly is None else exactly
    found = Requirement(source.read(), condition, exactly is not None, output)
    return Required(found, source.words)


def _tile(words: str) -> list[int]:
    """The sizes of a tile: 572, or 512x640."""
    starts = accumulate((len(each) + 1 for each in words.split("x")), initial=0)
    pairs = zip(words.split("x"), starts, strict=False)
    return [read_number(each, "--tile", words, start, 1) for each, start in pairs]


def _span(words: str) -> tuple[int, int]:
    """The ends of a range."""
    ((first, last), *more) = Domain.parse(words, "--range", 1).ranges
    if more:
        raise SolverError("--range is one range of sizes", words, "224..1024")
    return first, last


def _target(words: str) -> SizeTarget:
    from solver.network.graph.target import size_target  # few ask for it

    return size_target(words)
