"""`convsolver explain`: what is wrong with a network, and the fixes."""

from __future__ import annotations

from functools import partial

import click

from solver.cli.options import Whole, answer, chosen, formats, in_rows, read_inputs
from solver.cli.source import AskedSource, network_source
from solver.errors import SolverError
from solver.ground.files import read_bytes

_LONGEST = 4_000_000  # bytes of a message


@click.command(
    epilog="""\b
Examples:
  $ convsolver explain examples/networks/unet.py --input 150
  $ convsolver explain examples/networks/codec.txt --input 300 --limit 2
  $ convsolver explain examples/networks/wav2vec2.txt --input 300 --json
  $ convsolver explain examples/networks/codec.txt --input 640 --output 4
"""
)
@network_source
@click.option("--error", metavar="TEXT", help="What the framework says; @FILE or - reads it.")
@click.option(
    "--input", "inputs", multiple=True, metavar="LIST", help="What fails: 61, 61x60, 5..9."
)
@click.option("--output", metavar="SIZE", help="What should come out: 28, n, n/2, or 28x14.")
@click.option("--limit", type=Whole(0), metavar="N", help="Print N fixes at most.")
@formats("table", "plain", "json", "jsonl", "csv", "svg")
@click.pass_context
def explain(
    ctx: click.Context,
    /,
    source: AskedSource,
    error: str | None,
    inputs: tuple[str, ...],
    output: str | None,
    limit: int | None,
    form: str | None,
    as_json: bool,
) -> None:
    """Say what is wrong: the layer, the reason, the smallest fixes, who else fails.

    FILE holds a network as for `convsolver network`; - reads standard input. With both --input and
    --error the input decides; without --input a size that FILE states, where it fails so; with
    neither, what no input size fixes is explained. With --output, so is a network that runs but
    gives another size; with --input too, every single change of a layer that gives it is listed.
    With --set NAME=A..B each structure is explained at --input.
    """
    from solver.network.diagnosis.explain import Explanation
    from solver.network.diagnosis.explain import explain as find
    from solver.network.diagnosis.said import NotHere
    from solver.render.explanation import Explained

    if source.file == "-" and error == "-":
        raise SolverError("standard input is the network or the message", right="--error @FILE")
    form = chosen(form, as_json)
    asked = read_inputs(inputs)
    wanted = None if output is None else _wanted(output)
    if source.varies:
        from solver.render.network.several import explained
        from solver.render.network.structures import MOST, side_by_side

        if error is not None or not asked:
            rule = "several structures are explained at --input"
            raise SolverError(rule, ", ".join(source.given), "--input 100")
        rows = partial(explained, output=wanted)
        ctx.exit(answer(side_by_side(source.structures(MOST), asked, rows), form))
    network = source.read(asked)
    said = None if error is None else _message(error)
    if in_rows(asked, form):
        from solver.render.network.several import explained

        if said is not None:
            raise SolverError("--error is of one input", f"{len(asked):,} inputs")
        ctx.exit(answer(explained(network, asked, wanted), form))
    sizes = network.values(asked[0]) if asked else None
    try:
        report = Explained(find(network, sizes, said, wanted), limit)
    except NotHere as fault:
        reason = f"none: {fault.rule}: {fault.received}"
        nothing = Explanation(network, (sizes, said, wanted), None, None, reason, {}, {}, {})
        report = Explained(nothing, limit, here=False)
    ctx.exit(answer(report, form))


def _wanted(text: str) -> tuple[str, ...]:
    from solver.sizes.axes import split_axes

    if ".." in text:
        raise SolverError("one size should come out", text, "28, n, n/2 or 28x14")
    return split_axes(text)


def _message(text: str) -> str:
    if text != "-" and not text.startswith("@"):
        return text
    data = read_bytes(text.removeprefix("@"), _LONGEST, "the message")
    return data.decode(errors="replace")
