"""`convsolver search`: all the stacks of layers that do what is asked, the best first."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import click

from solver.cli import say
from solver.cli.options import (
    File,
    Whole,
    answer,
    chosen,
    complete_operation,
    formats,
    framework_option,
    hyperparameters,
)
from solver.errors import LimitError, SolverError

_SHOWN = 10
_LONGEST = 4000  # digits
_NOT_WORKED_OUT = "proved; why was not worked out to the end"
_ONE_OF = ("--by", "--pareto", "--sample", "--designs")


def _limits(command: Any) -> Any:
    """Add an option for each limit."""
    for name, text in reversed(_LIMITS.items()):
        flag = f"--{name.replace('_', '-')}"
        command = click.option(flag, name, metavar="INTERVAL", help=text)(command)
    return command


_LIMITS = {
    "receptive_field": "Input elements from the first to the last that an output reads.",
    "jump": "Input elements between neighbours, after every layer.",
    "total_stride": "Input elements between neighbouring outputs.",
    "parameters": "Weights and biases.",
    "macs": "MACs (multiply-accumulates).",
    "activations": "Total activations.",
    "memory": "Elements into and out of each layer.",
    "sizes": "Every size between input and output.",
    "latency": "Elements after its own that an output waits for.",
    "look_ahead": "Elements beyond its stride that an output waits for.",
}
_FLAGS = {
    "even_upsampling": "Kernels divisible by the stride in deconv.",
    "no_gaps": "Every element of the input is read.",
    "causal": "Nothing beyond an output's own stride is waited for.",
    "centred": "Outputs stand in the middle of their strides.",
}


def _flags(command: Any) -> Any:
    """Add an option for each limit that is true or false."""
    for name, text in reversed(_FLAGS.items()):
        command = click.option(f"--{name.replace('_', '-')}", is_flag=True, help=text)(command)
    return command


@click.command(
    epilog="""\b
Examples:
  $ convsolver search --input 224 --output 7 --depth 5 -k 3 -s 1,2 -p 0..2
  $ convsolver search --input n --output n/4 --depth 3 -k 2,3 -s 1,2 -p 0,1
  $ convsolver search examples/encoder.toml --pareto parameters,macs
  $ convsolver search examples/encoder.toml --sample 3 --seed 1 --format csv
  $ convsolver search --input n --output n/4 --depth 2 -k 2s -s 2 -p s/2
"""
)
@click.argument("file", required=False, metavar="[FILE]", type=File())
@click.option(
    "--input", "inputs", multiple=True, metavar="SIZE", help="Input size; may be repeated."
)
@click.option(
    "--output", "outputs", multiple=True, metavar="SIZE", help="Its output; left out: any."
)
@click.option("--through", metavar="SIZES", help="Sizes on the way, in order: 56,28,14.")
@click.option("--depth", metavar="INTERVAL", help="How many layers: 5, or 3..8.")
@click.option(
    "--op",
    metavar="OPERATION",
    shell_complete=complete_operation,
    help="Of every layer; conv by default.",
)
@click.option(
    "--block",
    metavar="BLOCK",
    help="Blocks, not layers: basic_block, bottleneck, inverted_residual, dense, unet.",
)
@click.option("--width", metavar="DOMAIN", help="Channels of a block; of dense how many more.")
@hyperparameters("DOMAIN")
@_limits
@_flags
@click.option("--rate", type=Whole(1), metavar="HZ", help="Elements a second, for limits in ms.")
@click.option(
    "--let",
    multiple=True,
    metavar="LETTER=DOMAIN",
    help="A letter in -k, -s, ..., the same in every layer: --let k=3,5.",
)
@click.option("--where", default="", metavar="CONDITION", help="Narrow the n that are asked about.")
@click.option("--at", metavar="SIZE", help="Where to measure costs when the input is n.")
@click.option("--axes", type=Whole(1), metavar="N", help="Axes of the input; 2 by default.")
@click.option("--channels", type=Whole(1), metavar="N", help="Channels of the input.")
@click.option("--by", metavar="COSTS", help="Best by these, in order; -receptive_field: large.")
@click.option("--pareto", metavar="COSTS", help="The Pareto front of these.")
@click.option("--sample", type=Whole(1), metavar="N", help="N designs drawn uniformly.")
@click.option("--seed", type=Whole(0), metavar="N", help="Of the draw; 0 by default.")
@click.option("--limit-costs", is_flag=True, help="How many designs there are without each limit.")
@click.option("--designs", metavar="FIRST..LAST", help="Designs by number, from 0 on.")
@click.option("--limit", type=Whole(0), metavar="N", help="Print N designs at most; 10 by default.")
@click.option(
    "--max-states",
    type=Whole(1),
    metavar="N",
    help="Keep N states at most, about 1 kB each; 1000000 by default.",
)
@framework_option("Whose code --format code prints; torch by default.")
@formats("table", "plain", "json", "jsonl", "csv", "code", "svg")
@click.pass_context
def search(
    ctx: click.Context,
    /,
    file: str | None,
    framework: str | None,
    form: str | None,
    as_json: bool,
    limit: int | None,
    by: str | None,
    pareto: str | None,
    sample: int | None,
    seed: int | None,
    designs: str | None,
    limit_costs: bool,
    **asked: Any,
) -> None:
    """Find all stacks of layers that bring an input size to an output size, counted exactly.

    FILE describes the design space, in TOML or JSON (docs/spaces.md). Without it, every one of
    --depth layers is one --op with the hyperparameters given; what is left out is searched in the
    ranges of `convsolver solve`. A limit in an option replaces that in FILE.

    The best are proved to be the best: no design costs less. An INTERVAL is 5, 3..8, 100.. or ..64.
    """
    from solver.render.designs import Found
    from solver.render.progress import Progress

    form = chosen(form, as_json)
    if sum(value is not None for value in (by, pareto, sample, designs)) > 1:
        raise SolverError("designs are chosen in one way", right=" or ".join(_ONE_OF))
    space = _space(file, **asked)
    if framework is not None and form != "code":
        raise SolverError("--framework is for code", f"--format {form}", "--format code")
    if form == "code" and (by, pareto, sample, designs, limit) == (None,) * 5:
        limit = 1
    shown = _shown(pareto, sample, designs) if limit is None else limit
    code = 0
    stacks: list[Any] = []
    count: int | None = None
    reason: str | None = None
    without: dict[str, int] = {}
    with Progress() as progress:
        space.progress = progress
        how, costs, found = _chosen(space, by, pareto, sample, seed, designs, shown)
        try:
            most = shown if shown < sys.maxsize else None
            stacks += progress.over("designs", islice(found, shown), most) if shown else []
            count = space.count
            if not count:
                reason = _NOT_WORKED_OUT
                reason = space.reason
            elif limit_costs:
                without = space.without
        except LimitError as fault:
            if not stacks and count is None:
                raise
            code = _stopped(f"stopped: {fault}")
        except KeyboardInterrupt:
            code = _stopped("interrupted: what was found so far is shown")
    found_by = Found(space, stacks, how, count, costs, reason, framework or "torch", limit)
    found_by.without = without
    answer(found_by, form)
    if count == 0 and form in ("jsonl", "csv"):
        say(f"none: {reason}")
    ctx.exit(1 if count == 0 else code)


def _chosen(
    space: Any,
    by: str | None,
    pareto: str | None,
    sample: int | None,
    seed: int | None,
    designs: str | None,
    shown: int,
) -> tuple[str, list[str], Iterator[Any]]:
    """How designs are chosen, in words, the costs, and the designs as they are found."""
    from solver.render.designs import best_by, by_number

    if pareto is not None:
        costs = [word.strip() for word in pareto.split(",")]
        return f"Pareto front of {', '.join(costs)}", costs, _later(lambda: space.pareto(*costs))
    if sample is not None:
        how = f"{sample} drawn uniformly, seed {seed or 0}"
        return how, [], _later(lambda: space.sample(min(sample, shown), seed or 0))
    if designs is not None:
        first, end = _numbers(designs)
        return by_number(first), [], _later(lambda: _slice(space, first, end))
    costs = [word.strip() for word in ("parameters" if by is None else by).split(",")]
    return best_by(costs), costs, _later(lambda: space.ranked(costs, most=shown))


def _shown(pareto: str | None, sample: int | None, designs: str | None) -> int:
    """How many designs are printed unless --limit says it."""
    if pareto is not None:
        return sys.maxsize
    if sample is not None:
        return sample
    if designs is not None:
        first, end = _numbers(designs)
        return _SHOWN if end is None else end - first
    return _SHOWN


def _numbers(text: str) -> tuple[int, int | None]:
    """Read FIRST..LAST, numbers of any size; return the first and one past the last."""
    first, dots, last = text.partition("..")
    words = [first, last or first] if last or not dots else [first]
    for word in words:
        if not (word.isascii() and word.isdigit() and len(word) <= _LONGEST):
            raise SolverError("--designs takes numbers", text=text, at=0, right="0..9, or 10..")
    end = int(words[1]) + 1 if len(words) > 1 else None
    if end is not None and end <= int(first):
        raise SolverError("--designs: a range goes from small to large", text, f"{last}..{first}")
    return int(first), end


def _slice(space: Any, first: int, end: int | None) -> Any:
    if first >= space.count > 0:
        right = f"0..{space.count - 1}"
        raise SolverError("there is no design with this number", str(first), right)
    return space[first:end]


def _later(make: Any) -> Iterator[Any]:
    yield from make()


def _space(file: str | None, depth: str | None, no_gaps: bool, **asked: Any) -> Any:
    """The space that is asked for: of a file, or of layers that are all alike."""
    from solver.sizes.operations import LETTERS
    from solver.spaces.limits import FLAGS, LIMITS

    flags = {name: asked.pop(name) or None for name in FLAGS if name in asked}
    asked = {**flags, **asked, "gaps": False if no_gaps else None}
    limits = {name: asked.pop(name) for name in LIMITS if asked.get(name) is not None}
    domains = {name: asked.pop(name) for name in LETTERS}
    given = {name: value for name, value in asked.items() if value not in (None, "", ())}
    if file is not None:
        return _of_file(file, depth, domains, given, limits)
    return _of_layers(depth, domains, given, limits)


def _of_file(
    file: str, depth: str | None, domains: dict[str, Any], given: dict[str, Any], limits: Any
) -> Any:
    from solver.spaces.space import Space

    max_states, rate = given.pop("max_states", None), given.pop("rate", None)
    sizes = [given.pop(name, ()) for name in ("inputs", "outputs")]
    named = [name.replace("_", "-") for name, value in domains.items() if value is not None]
    named += sorted(given, key="op".__eq__)  # the operation last
    if named or any(sizes):
        rule = "a file says the sizes and layers itself; only limits may be options"
        received = ", ".join(f"--{name}" for name in named) or "--input or --output"
        raise SolverError(rule, received=received)
    found = Space.load(file)
    if max_states is not None:
        found.max_states = max_states
    if rate is not None:
        found.rate = rate
    return found.relaxed(**limits, **({} if depth is None else {"depth": depth}))


def _of_layers(
    depth: str | None, domains: dict[str, Any], given: dict[str, Any], limits: Any
) -> Any:
    from solver.spaces.space import Space

    inputs, outputs = given.pop("inputs", ()), given.pop("outputs", ())
    if not inputs or depth is None:
        rule = "without a file, a search needs --input and --depth"
        also = " ".join([*([] if inputs else ["--input 224"]), *([] if depth else ["--depth 5"])])
        raise SolverError(rule, right=f"also {also}")
    through = given.pop("through", None)
    if "block" in given or "width" in given:
        layers = _blocks(depth, domains, given, through)
    else:
        layers = _layers(given.pop("op", "conv"), depth, domains, through)
    letters = dict(_letter(word) for word in given.pop("let", ()))
    if letters:
        from solver.spaces.let import let  # only where layers share a letter

        layers = let(layers, **letters)
    if outputs and len(outputs) != len(inputs):
        rule = "each --input needs its --output, or none has one"
        raise SolverError(rule, received=f"{len(inputs)} inputs, {len(outputs)} outputs")
    before, after = ([*map(_size, words)] or None for words in (inputs, outputs))
    if before and len(before) == 1:
        before, after = before[0], after and after[0]
    if "at" in given:
        given["at"] = _size(given["at"])
    return Space(layers, before, after, **given, **limits)


def _layers(op: str, depth: str, domains: dict[str, Any], through: str | None) -> Any:
    """So many layers, each with any of the hyperparameters."""
    from solver.sizes.operations import operation
    from solver.spaces.choice import Choice
    from solver.spaces.goal import read_interval
    from solver.spaces.written_parts import repeat

    row = operation(op)
    for name, value in domains.items():
        if value is not None and name not in row.hyperparameters:
            raise SolverError(f"{row.title} has no {name}", received=value)
    least, most = read_interval("--depth", depth)
    if most is None:
        raise SolverError("--depth needs an end", received=depth, right="3..8")
    values: Any = {n: "..." if domains[n] is None else domains[n] for n in row.hyperparameters}
    return repeat(Choice(op, **values), range(least, most + 1), through=through)


_BLOCKS = ("basic_block", "bottleneck", "inverted_residual", "dense", "unet")


def _blocks(depth: str, domains: dict[str, Any], given: dict[str, Any], through: Any) -> Any:
    """So many blocks that have a name; of a unet so many levels."""
    from solver.spaces import named
    from solver.spaces.written_parts import repeat

    name, width = str(given.pop("block", "")).replace("-", "_"), given.pop("width", None)
    if not name:
        raise SolverError("--width is that of blocks", width, "--block bottleneck --width 16")
    if name not in _BLOCKS:
        raise SolverError("--block is a block with a name", name, ", ".join(_BLOCKS))
    if "op" in given:
        raise SolverError("a block says its layers itself", f"--op {given['op']}", "--block alone")
    if width is None:
        raise SolverError(f"{name} needs its channels", right="--width 16")
    asked = {key: value for key, value in domains.items() if value is not None}
    taken = ("kernel_size",) if name in ("dense", "unet") else ("kernel_size", "stride")
    for key in asked:
        if key not in taken:
            right = " and ".join(f"--{each.replace('_', '-')}" for each in taken)
            raise SolverError(f"{name} has no {key} to choose", f"{key} {asked[key]}", right)
    if name != "unet":
        return repeat(getattr(named, name)(width, **asked), depth, through=through)
    if through is not None:
        raise SolverError("--through is said of blocks one after the other", "a unet")
    return named.unet(depth, width, **asked)


def _letter(word: str) -> tuple[str, str]:
    letter, equals, domain = word.partition("=")
    if not (letter and equals and domain):
        raise SolverError("--let gives a letter its numbers", text=word, at=0, right="k=3,5,7")
    return letter.strip(), domain


def _size(word: str) -> Any:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 19 else word


def _stopped(message: str) -> int:
    say(message)
    return 3
