"""The command line: one file per command, imported when it is asked for.

Exit codes: 0 answered, 1 proven that none exists, 2 bad input, 3 stopped by a limit, 101 a fault of
ours, 141 the reader of the output went away.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn

import click

from solver import __version__
from solver.errors import LimitError, SolverError, shorten

_COMMANDS = {
    "check": "Check a certificate with an independent checker.",
    "convert": "Say what a layer of one framework is in another.",
    "decoder": "Find decoders that give back the size an encoder took, exactly.",
    "draw": "Draw a picture of a layer, and save it.",
    "explain": "Say what is wrong with a network, and list fixes.",
    "fill": "Find the unknown hyperparameters of a network.",
    "formula": "Print a size formula, or solve it for one of its letters.",
    "frameworks": "Print what frameworks call operations, their rules and gotchas.",
    "help": "Say what a command does and takes, or what JSON it prints.",
    "mcp": "Serve these questions to a coding assistant.",
    "network": "Say what a whole network does to sizes, and which inputs run.",
    "prove": "Prove or refute a claim about sizes, for every n.",
    "search": "Find all stacks of layers that do what is asked, the best first.",
    "size": "Compute the size that comes out of a layer.",
    "solve": "Find every layer that takes one size to another.",
    "web": "Answer on a page in the browser.",
}
#: Commands of a higher floor, which is named here and imported when it is asked for.
_ABOVE = {"web": "solver.web.command"}
#: Commands that serve others, which no page may ask for.
_SERVING = {"mcp", "web"}


def _telling(names: list[str], text: str, told: Callable[[click.Context], str]) -> click.Option:
    """An option that prints what is told and ends.

    As Click's own of these names, which look for a translation of their help at every start.
    """

    def tell(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
        if wanted and not ctx.resilient_parsing:
            click.echo(told(ctx), color=ctx.color)
            ctx.exit()

    return click.Option(
        names, is_flag=True, expose_value=False, is_eager=True, help=text, callback=tell
    )


_HELP = _telling(["-h", "--help"], "Show this message and exit.", click.Context.get_help)
_VERSION = _telling(
    ["-V", "--version"], "Show the version and exit.", lambda ctx: f"convsolver {__version__}"
)


class _Commands(click.Group):
    """Import a command only when it runs, and know its help without importing it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = getattr(
            import_module(_ABOVE.get(name, f"solver.cli.{name}")), name
        )
        if _HELP not in command.params:
            command.params.append(_HELP)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches  # only for this message

            near = get_close_matches(args[0][:30], _COMMANDS, 1) or _COMMANDS
            raise SolverError("unknown command", received=args[0], right=", ".join(near))
        if ctx.obj and args and args[0] in _SERVING:
            raise SolverError("a page asks questions and serves none", args[0], "size conv 224")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    params=[_VERSION, _HELP],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=True,
    epilog="""\b
Examples:
  $ convsolver solve deconv n 2n
  $ convsolver solve conv 224 112
  $ convsolver search --input 224 --output 7 --depth 5 -k 3 -s 1,2 -p 0,1
  $ convsolver size conv n -k 7 -s 2 -p 3
  $ convsolver formula conv --dim 2
""",
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Solve for the kernel, stride, padding, dilation and output padding that give a wanted size.

    Every answer is exact and complete: all layers in the stated box, or the proof that none exists.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def entry() -> NoReturn:
    """Run the command line as a process of its own.

    It leaves at once: taking the interpreter down in order takes longer than most answers.
    """
    gc.set_threshold(100_000)  # most answers are given before there is garbage worth a search
    code = run()
    with contextlib.suppress(OSError, AttributeError):
        sys.stderr.flush()
    os._exit(code)


def main() -> NoReturn:
    """Run the command line inside a running interpreter."""
    sys.exit(run())


def run(words: Sequence[str] | None = None, posted: bool = False) -> int:
    """Run the command line; turn every fault into a message and return the exit code.

    words: left out, those that the process was started with. posted: whether they came from a
    page, which may ask for nothing that executes or serves.
    """
    code = 3
    if sys.stdout is None:
        say("there is no output to write to")
    else:
        code = _run(words, posted)
        try:
            sys.stdout.flush()
        except OSError as fault:
            code = _unwritten(fault)
    return code


def _run(words: Sequence[str] | None, posted: bool) -> int:
    try:
        result = cli.main(words, prog_name="convsolver", standalone_mode=False, obj=posted)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as fault:
        say(_fitting(f"error: {shorten(fault.format_message(), 300)}{_example(fault)}"))
        return fault.exit_code
    except SolverError as fault:
        say(_fitting(f"{'limit' if isinstance(fault, LimitError) else 'error'}: {fault}"))
        return fault.exit_code
    except OSError as fault:
        return _unwritten(fault)
    except SystemExit as stop:
        # Click leaves with 0 after shell completion, and with 1 where the pipe is broken.
        return _unwritten(BrokenPipeError()) if stop.code else 0
    except (KeyboardInterrupt, click.Abort):
        say("interrupted: the answer above is partial")
        return 3
    except (MemoryError, RecursionError):
        say("error: this needs more memory than there is: narrow the question")
        return 3
    except Exception as fault:
        say(
            f"internal error, a fault of convsolver and not of yours: "
            f"{type(fault).__name__}: {fault}"
        )
        return 101


def _unwritten(fault: OSError) -> int:
    """Say that the answer could not be written; keep the interpreter from saying it again.

    Where the reader went away there is nothing to say: the code is that of a process ended by
    SIGPIPE, as a shell sees it.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(fault, BrokenPipeError):
        return 141
    say(f"the output could not be written: {fault.strerror}: the answer is partial")
    return 3


def _example(fault: click.ClickException) -> str:
    """The first example of a command whose words are too few or too many."""
    told = getattr(fault, "ctx", None)
    if told is None or isinstance(fault, click.NoSuchOption):
        return ""
    _, _, example = (told.command.epilog or "").partition("$ ")
    return f"\n  right:    {example.splitlines()[0]}" if example else ""


def _fitting(message: str) -> str:
    """What a fault says as wide as the terminal that it goes to; lines of a source as they are."""
    if sys.stderr is None or not sys.stderr.isatty():
        return message
    from solver.render.forms.terminal import window
    from solver.render.lines import wrapped

    found = []
    for line in message.split("\n"):
        label = next((each for each in _LABELS if line.startswith(each)), None)
        hang = 0 if label is None else len(label) - (len(line) - len(line.lstrip()))
        found += [line] if label is None else wrapped(line, window()[0], hang)
    return "\n".join(found)


#: What begins a line of a fault that is no line of a source; the last: what goes on there.
_LABELS = ("error: ", "limit: ", "  received: ", "  right:    ", " " * 12)


def say(message: str) -> None:
    """Write to standard error, if anyone is there to read it."""
    with contextlib.suppress(OSError, AttributeError):
        click.echo(message, err=True)
