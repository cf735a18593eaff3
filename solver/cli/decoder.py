"""`convsolver decoder`: layers that give back the size an encoder took."""

from __future__ import annotations

from collections.abc import Sequence

import click

from solver.cli.options import Whole, answer, chosen, formats, read_inputs
from solver.cli.source import AskedSource, network_source
from solver.errors import LimitError, SolverError
from solver.sizes.sizeset import SizeSet


@click.command(
    epilog="""\b
Examples:
  $ convsolver decoder examples/networks/codec.txt
  $ convsolver decoder examples/networks/codec.txt --input 24000 --json
  $ convsolver decoder examples/networks/codec.txt --where "n % 320 == 0"
  $ convsolver decoder examples/networks/codec.txt --input 24000..24007
  $ convsolver decoder examples/networks/codec.txt --format code
"""
)
@network_source
@click.option(
    "--input", "inputs", multiple=True, metavar="LIST", help="To give back: 224, 7x9, 5..9."
)
@click.option("--where", default="", metavar="CONDITION", help="The n to give back, all of them.")
@click.option("--limit", type=Whole(0), metavar="N", help="Print N decoders at most.")
@formats("table", "plain", "json", "csv", "code")
@click.pass_context
def decoder(
    ctx: click.Context,
    /,
    source: AskedSource,
    inputs: tuple[str, ...],
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

    if inputs and where:
        raise SolverError("one of --input and --where is asked", right="--input 24000")
    form = chosen(form, as_json)
    network = source.read()
    sizes = [tuple(network.values(size).values()) for size in read_inputs(inputs)]
    n = sizes[0] if len(sizes) == 1 else None
    asked = where or (_together(sizes) if n is None else None)
    if where:
        read_where(where)  # a fault in it is no answer
    try:
        for size in sizes if n is None else ():
            network.at(size)  # raises where it does not run
        report = Decoded(decoders(network, n, asked), limit, source.words)
    except LimitError:
        raise
    except SolverError as fault:  # there is none for this network, or for these sizes
        report = Decoded(Decoders(network, (), n, str(asked or "")), limit, source.words, fault)
    ctx.exit(answer(report, form))


def _together(sizes: Sequence[tuple[int, ...]]) -> SizeSet | None:
    """The inputs of which each is given back by the same decoder."""
    if apart := [each for each in sizes if len({*each}) > 1]:
        rule = "several inputs that one decoder gives back are of all axes alike"
        raise SolverError(rule, "x".join(map(str, apart[0])))
    return SizeSet.of(n for n, *_ in sizes) if sizes else None
