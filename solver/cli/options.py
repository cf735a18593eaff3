"""Options that several commands share."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

import click

from solver.errors import LimitError, SolverError
from solver.frameworks import NAMES, WRITTEN, known_as, written_as
from solver.ground.shown import write
from solver.sizes.domain import read_number
from solver.sizes.operations import LETTERS, OPERATIONS, operation

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from solver.render.report import Report

Command = Callable[..., Any]

_HELP = {
    "kernel_size": "Kernel size, at least 1.",
    "stride": "Stride, at least 1.",
    "padding": "Padding at each end; 1:2 is begin:end.",
    "dilation": "Dilation, at least 1.",
    "output_padding": "Output padding of a transposed convolution.",
}


LARGEST_CERTIFICATE = 10_000_000  # bytes
#: Options of every operation that pools, or of every other.
_POOLING, _MIXING = {"ceil_mode"}, {"groups", "out_channels"}


def complete_operation(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    """Offer the operations to the shell."""
    names = [name for row in OPERATIONS for name in (row.name, *row.aliases)]
    return [name for name in names if name.startswith(incomplete)]


def complete_sort_key(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Offer the keys of --sort to the shell."""
    return [name for name in (*LETTERS, "cost") if name.startswith(incomplete)]


def complete_layer(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Offer the layers of the network in FILE to the shell, none where it cannot be read."""
    from solver.reading.file import read_file  # the shell asks for it here alone

    asked = ctx.params
    files = [asked.get("file"), *ctx.args]  # where an option has no value yet, words wait there
    file = next(filter(None, files), None)
    if file is None:
        return []
    try:
        network = read_file(file, asked.get("axes"), asked.get("channels"), asked.get("model", ""))
    except SolverError:
        return []
    return [node.name for node in network.nodes if node.name.startswith(incomplete)]


class OperationCommand(click.Command):
    """A command about one operation: the shell is offered the options that this has."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as fault:
            if fault.option_name != "-c":
                raise
            rule = "-c tells a network, and this command takes one layer"
            right = "conv and -k 3 -s 2, or network, explain or fill with -c"
            raise SolverError(rule, "-c", right) from None

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        offered = super().shell_complete(ctx, incomplete)
        try:
            row = operation(ctx.params.get("operation") or "")
        except SolverError:
            return offered
        none = {*LETTERS} - {*row.hyperparameters} | (_MIXING if row.pooling else _POOLING)
        flags = {flag for each in self.params if each.name in none for flag in each.opts}
        return [item for item in offered if item.value not in flags]


#: Characters of an answer that are held back; what is longer goes out as it is made.
_HELD = 1 << 24


class _Held(io.StringIO):
    """Hold back what is written until it is released; to its writer it is standard output."""

    passing = False

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return sys.stdout.encoding

    def isatty(self) -> bool:
        return sys.stdout.isatty()

    def write(self, text: str, /) -> int:
        if self.passing:
            return sys.stdout.write(text)
        written = super().write(text)
        if self.tell() > _HELD:
            self.release()
        return written

    def release(self) -> None:
        sys.stdout.write(self.getvalue())
        self.passing = True
        self.truncate(0)


def answer(report: Report, form: str) -> int:
    """Write a report to standard output when all of it is there, or not at all.

    Of forms with a line for each answer, lines go out as they are made. Returns the exit code:
    3 where what is asked for is not known, though it is told how far it is.
    """
    if form in ("jsonl", "csv"):
        write(report, form, sys.stdout)
    else:
        held = _Held()
        write(report, form, held)
        if not held.passing:
            held.release()
    return 3 if report.limited else 0 if report.answered else 1


class Whole(click.ParamType[int]):
    """Take a whole number with our own messages and bounds."""

    name = "int"

    def __init__(self, minimum: int = 1) -> None:
        self.minimum = minimum

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        name = max(param.opts, key=len) if param else "an option"
        return read_number(value, name, value, 0, self.minimum)


class File(click.ParamType[str]):
    """Take the name of a file; as Click's own, which looks for a translation of its name."""

    name = "path"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # only the shell asks for it

        return [CompletionItem(incomplete, type="file")]


class Executed(click.ParamType[str]):
    """Take the name of code that is run, from whoever owns the process."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if ctx and ctx.find_root().obj:
            rule = "what a page sends is read and never run"
            raise SolverError(rule, str(value), "the code of the model as a file")
        return str(value)


class OneOf(click.ParamType[str]):
    """Take one of a few words, and offer the nearest to a wrong one."""

    name = "choice"
    called = ""  # what they are, where an option of another name takes them

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value in self.words:
            return str(value)
        from difflib import get_close_matches  # only for this message

        near = get_close_matches(value[:30], self.words, 1) or self.words
        name = self.called or (param and param.name) or "word"
        raise SolverError(f"unknown {name.replace('form', 'format')}", value, ", ".join(near))

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return f"[{'|'.join(self.words)}]"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # only the shell asks for it

        return [CompletionItem(word) for word in self.words if word.startswith(incomplete)]


#: A layer of each framework that nothing is written in.
_OWN = {"caffe": "Pooling"}


class FrameworkName(OneOf):
    """Take the name of a framework, or another that it goes by."""

    called = "framework"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        known = known_as(value)
        named = known if known in self.words else written_as(known)
        if known in NAMES and named not in self.words:
            rule = "no layer is written in this framework: only its own are read"
            also = f'size "{_OWN[known]}(...)" 224 --framework {known}'
            raise SolverError(rule, value, f"{', '.join(self.words)}; or {also}")
        return super().convert(named, param, ctx)


def certificates(command: Command) -> Command:
    """Add --certificate, which writes to a file, or without one prints instead of the answer."""
    return click.option(
        "--certificate",
        metavar="[FILE]",
        type=File(),
        is_flag=False,
        flag_value="-",
        help="Write a certificate that `convsolver check` accepts; without FILE print it.",
    )(command)


def write_certificate(answer: Any, file: str) -> bool:
    """Write the certificate of an answer; tell whether it was printed in place of the answer."""
    import json
    from pathlib import Path

    from solver.inverse.certificate import certificate

    lines = (f" {json.dumps(k)}: {json.dumps(v)}" for k, v in certificate(answer).items())
    words = "{\n" + ",\n".join(lines) + "\n}"
    if len(words) > LARGEST_CERTIFICATE:
        limit = f"a certificate has at most {LARGEST_CERTIFICATE:,} bytes"
        raise LimitError(limit, received=f"{len(words):,}", right="shorter periods")
    if file == "-":
        click.echo(words)
        return True
    try:
        Path(file).write_text(words + "\n", encoding="utf-8")
    except OSError as fault:
        raise SolverError("the certificate cannot be written", file, fault.strerror) from None
    return False


#: The frameworks that answers are written for.
WRITTEN_NAME = FrameworkName(WRITTEN)


def framework_option(
    text: str, names: FrameworkName = WRITTEN_NAME
) -> Callable[[Command], Command]:
    """Add --framework; text: what it is for. names: those that it takes."""

    def add(command: Command) -> Command:
        return click.option("--framework", type=names, help=text)(command)

    return add


def hyperparameters(metavar: str) -> Callable[[Command], Command]:
    """Add -k, -s, -p, -d and -a, each taken as text."""

    def add(command: Command) -> Command:
        for name, letter in reversed(LETTERS.items()):
            option = click.option(
                f"-{letter}", f"--{name.replace('_', '-')}", name, metavar=metavar, help=_HELP[name]
            )
            command = option(command)
        return command

    return add


def read_sizes(text: str, name: str = "an input size", least: int = 1) -> int | list[int]:
    """Numbers of an axis or of several, such as the sizes of an input: 224, or 224x320."""
    from solver.sizes.axes import split_axes

    numbers = [read_number(part, name, text, text.find(part), least) for part in split_axes(text)]
    return numbers[0] if len(numbers) == 1 else numbers


def read_inputs(words: Iterable[str]) -> list[int | list[int]]:
    """The inputs of comma lists: 224, 224x320 or 224..226, an `x` binding tighter than a comma."""
    items = [item for text in words for item in text.split(",")]
    if not items:
        return []
    from solver.sizes.listed import listed

    return [*map(read_sizes, listed(items, "an input size", 1))]


def in_rows(
    inputs: Collection[object], form: str, rows: Collection[str] = ("jsonl", "csv")
) -> bool:
    """Whether an answer is a row for each input. rows: the forms in which it always is."""
    if form in rows and not inputs:
        raise SolverError(f"{form} has a row for each input", right="--input 224..226")
    return len(inputs) > 1 or form in rows


def chosen(form: str | None, as_json: bool, usual: str = "") -> str:
    """The form that --format and --json ask for; usual: without them, else as the output takes."""
    if as_json and form not in (None, "json"):
        raise SolverError("--json is short for --format json", f"--format {form}", "one of the two")
    usual = usual or ("table" if sys.stdout.isatty() else "plain")
    return "json" if as_json else form or usual


def formats(
    *names: str, default: str = "a table on a terminal, plain text when piped"
) -> Callable[[Command], Command]:
    """Add --format and what is short for two of them; default: without it, in words."""

    def add(command: Command) -> Command:
        command = click.option(
            "--brief", "form", flag_value="brief", help="Print the answer line alone."
        )(command)
        command = click.option("--json", "as_json", is_flag=True, help="Short for --format json.")(
            command
        )
        return click.option(
            "--format",
            "form",
            type=OneOf((*names, "brief")),
            help=f"How to print; without it {default}.",
        )(command)

    return add
