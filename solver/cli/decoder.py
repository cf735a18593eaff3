"""`convsolver decoder`: layers that give back the size an encoder took."""

from __future__ import annotations

import click

from solver.cli.options import Whole, answer, chosen, formats, read_sizes
from solver.cli.source import AskedSource, network_source
from solver.errors import LimitError, SolverError


@click.command(
    epilog="""\b
Examples:
  $ convsolver decoder examples/networks/codec.txt
  $ convsolver decoder examples/networks/codec.txt --input 24000 --json
  $ convsolver decoder examples/networks/codec.txt --where "n % 320 == 0"
  $ convsolver decoder examples/networks/codec.txt --format code
"""
)
@network_source
@click.option("--input", "size", metavar="SIZE", help="A size to give back: 24000, or 224x320.")
@click.option("--where", default="", metavar="CONDITION", help="The n to give back, all of them.")
@click.option("--limit", type=Whole(0), metavar="N", help="Print N decoders at most.")
@formats("table", "plain", "json", "code")
@click.pass_context
def decoder(
    ctx: click.Context,
    /,
    source: AskedSource,
    size: str | None,
    where: str,
    limit: int | None,
    form: str | None,
    as_json: bool,
) -> None:
    """Find decoders that give back the input size of an encoder exactly, the best first.

    FILE holds an encoder as for `convsolver network`; - reads standard input. Without --input and
    --where for every n: by an output_padding that is set per call, and with fixed numbers.
    """
    from solver.network.decoders.asked import decoders
    from solver.network.decoders.decoder import Decoders
    from solver.render.decoders import Decoded
    from solver.sizes.target import read_where

    if size is not None and where:
        raise SolverError("one of --input and --where is asked", right="--input 24000")
    form = chosen(form, as_json)
    network = source.read()
    n = None if size is None else tuple(network.values(read_sizes(size)).values())
    if where:
        read_where(where)  # a fault in it is no answer
    try:
        report = Decoded(decoders(network, n, where), limit, source.words)
    except LimitError:
        raise
    except SolverError as fault:  # there is none for this network, or for these sizes
        report = Decoded(Decoders(network, (), n, where), limit, source.words, fault)
    ctx.exit(answer(report, form))
