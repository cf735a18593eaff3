"""`convsolver decoder`: layers that give back the size an encoder took."""

from __future__ import annotations

from collections.abc import Sequence

import click

from solver.cli.options import Whole, answer, chosen, formats, framework_option, read_inputs
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
  $ convsolver decoder -c "conv k3 s2 p1" --input 30 --framework keras
"""
)
@network_source
@click.option(
    "--input", "inputs", multiple=True, metavar="LIST", help="To give back: 224, 7x9, 5..9."
)
@click.option("--where", default="", metavar="CONDITION", help="The n to give back, all of them.")
@framework_option("By its rules and in its layers; torch unless told.")
@click.option("--limit", type=Whole(0), metavar="N", help="Print N decoders at most.")
@formats("table", "plain", "json", "csv", "code", "svg")
@click.pass_context
def decoder(
    ctx: click.Context,
    /,
    source: AskedSource,
    inputs: tuple[str, ...],
    where: str,
    framework: str | None,
    limit: int | None,
    form: str | None,
    as_json: bool,
) -> None:
    """Find decoders that give back the input size of an encoder exactly, the best first.

    FILE holds an encoder as for `convsolver network`; - reads standard input. Without --input and
    --where for every n: by an output_padding that is set per call, and with fixed numbers. With
    --input also the sizes of the encoder there, and whether another output_padding does it.
    """
    from solver.network.decoders.asked import decoders
    from solver.network.decoders.decoder import Decoders, Where
    from solver.render.decoders import Decoded
    from solver.sizes.target import read_where

    if inputs and where:
        raise SolverError("one of --input and --where is asked", right="--input 24000")
    form = chosen(form, as_json)
    network = source.read()
    sizes = [tuple(network.values(size).values()) for size in read_inputs(inputs)]
    n = sizes[0] if len(sizes) == 1 else None
    asked: Where = where or (_together(sizes) if n is None else None)
    if where:
        read_where(where)  # a fault in it is no answer
    try:
        for size in sizes if n is None else ():
            network.at(size)  # raises where it does not run
        found = decoders(network, n, asked, framework or "torch")
        report = Decoded(found, limit, source.words, inputs=sizes)
    except LimitError:
        raise
    except SolverError as fault:  # there is none for this network, or for these sizes
        words = asked if isinstance(asked, (str, SizeSet)) else ""
        report = Decoded(Decoders(network, (), n, str(words)), limit, source.words, fault)
    ctx.exit(answer(report, form))


def _together(sizes: Sequence[tuple[int, ...]]) -> SizeSet | list[SizeSet] | None:
    """The inputs of which each is given back by the same decoder, axis by axis."""
    found = [SizeSet.of(axis) for axis in zip(*sizes, strict=True)]
    return found[0] if len({*map(str, found)}) == 1 else found or None
