"""`convsolver fill`: the unknown layers of a network, so that its sizes are what is asked."""

from __future__ import annotations

import click

from solver.cli import say
from solver.cli.options import (
    Whole,
    answer,
    chosen,
    complete_layer,
    formats,
    read_inputs,
)
from solver.cli.source import AskedSource, network_source
from solver.errors import SolverError


@click.command(
    epilog="""\b
Examples:
  $ convsolver fill examples/networks/wav2vec2_padding.txt "floor(n/320)"
  $ convsolver fill examples/networks/unknown_stem.txt 28 --input 224
  $ convsolver fill examples/networks/unknown_stem.txt 28x40 --input 224x320
  $ convsolver fill examples/networks/unknown_stem.txt n/8 --input 224,512
  $ convsolver fill examples/networks/unknown_stem.txt "n/8" --format code
  $ convsolver fill examples/networks/unknown_unet.py n --where "n % 4 == 0"
  $ convsolver fill examples/networks/unknown_stem.txt n/4 --layer 2 --json
  $ convsolver fill -c "ZeroPad1d('0..11:0'); Conv1d(1, 1, 3)" n --causal
"""
)
@network_source
@click.argument("target", required=False)
@click.option(
    "--layer",
    metavar="NAME",
    shell_complete=complete_layer,
    help="Whose size is asked, instead of the output's.",
)
@click.option("--meet", multiple=True, metavar="A,B", help="Two layers with equal sizes.")
@click.option(
    "--input", "inputs", multiple=True, metavar="LIST", help="At these, not for every n: 224, 5..9."
)
@click.option("--where", default="", metavar="CONDITION", help="Narrow the n that are asked about.")
@click.option("--nothing-unread", is_flag=True, help="Ways that drop no element of the input.")
@click.option("--causal", is_flag=True, help="Ways in which no output reads the future.")
@click.option("--limit", type=Whole(0), metavar="N", help="Print N ways at most.")
@formats("table", "plain", "json", "jsonl", "csv", "code", "svg")
@click.pass_context
def fill(
    ctx: click.Context,
    /,
    source: AskedSource,
    target: str | None,
    layer: str | None,
    meet: tuple[str, ...],
    inputs: tuple[str, ...],
    where: str,
    nothing_unread: bool,
    causal: bool,
    limit: int | None,
    form: str | None,
    as_json: bool,
) -> None:
    """Find the unknown hyperparameters of a network, best first.

    FILE holds pasted PyTorch or Keras code in which kernel_size, stride, padding, dilation or
    output_padding of some layers are unknown: ... for the usual range, {3, 5, 7}, range(1, 8) or
    "1..7". A padding layer with one of these has that much in all, along each axis; "0..11:0", or
    (range(0, 12), 0), is its begin and its end. TARGET is the size that must come out: a number,
    one for each axis (28x40), or an expression in n for every n. Without one the network must only
    run. Of several inputs: what does it at all of them.
    """
    from solver.network.unknowns.filled import fill as find

    if target is None and (source.live or source.code) is not None:  # what is the first word, then
        source, target = source._replace(file=None), source.file
    if inputs and where:
        raise SolverError("--where narrows n, and --input tells it", right="one of the two")
    if layer is not None and target is None:
        raise SolverError("--layer is the one whose size is TARGET", right='"n/2" --layer NAME')
    pairs = [_pair(text) for text in meet]
    form = chosen(form, as_json)
    network = source.read()
    sizes = [each if isinstance(each, int) else tuple(each) for each in read_inputs(inputs)]
    at = None if not sizes else sizes if len(sizes) > 1 else sizes[0]
    demands = {"nothing_unread": nothing_unread, "causal": causal}
    found = find(network, target, node=layer, meet=pairs, at=at, where=where, **demands)
    code = answer(found.report(limit), form)
    if found.counted is None:
        say("stopped: there are too many ways to count them")
        code = 3
    ctx.exit(code)


def _pair(text: str) -> tuple[str, str]:
    one, comma, other = text.partition(",")
    if not (one.strip() and comma and other.strip()):
        raise SolverError("--meet takes the names of two layers", text, "--meet left,right")
    return one.strip(), other.strip()
