"""Where a network of a command comes from: a file, or a live model that is asked for by --live."""

from __future__ import annotations

import os
import re
from functools import wraps
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import click

from solver.cli.options import Command, Executed, File, Whole, complete_layer
from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from solver.network.network import Network


class AskedSource(NamedTuple):
    """Hold what a command is told of its network; one of file, live and code is given.

    model, given: of a program, the name of what is meant, and its arguments as NAME=VALUE. start,
    end: the names of the first and the last of the layers that are asked about.
    """

    file: str | None
    live: str | None = None
    shape: tuple[str, ...] = ()
    axes: int | None = None
    channels: int | None = None
    model: str = ""
    given: tuple[str, ...] = ()
    code: str | None = None
    start: str = ""
    end: str = ""

    @property
    def told(self) -> bool:
        """Whether any of file, live and code is given."""
        return any(each is not None for each in (self.file, self.live, self.code))

    @property
    def words(self) -> tuple[str, ...]:
        """The words of a command line that ask for it again."""
        told: list[tuple[str, object]] = [("--live", self.live), ("-c", self.code)]
        told += [("--shape", shape) for shape in self.shape]
        told += [("--axes", self.axes), ("--channels", self.channels)]
        told += [("--model", self.model or None), *(("--set", each) for each in self.given)]
        told += [("--from", self.start or None), ("--to", self.end or None)]
        options = [str(word) for pair in told if pair[1] is not None for word in pair]
        return (*options, self.file) if self.file is not None else tuple(options)

    @property
    def varies(self) -> bool:
        """Whether an argument has several values: NAME=A..B."""
        return any(re.fullmatch(_RANGED, each) for each in self.given)

    def structures(self, most: int) -> Iterator[tuple[dict[str, Any], Network | SolverError]]:
        """Every choice of values with its network, or what refuses it; at most so many."""
        from solver.sizes.domain import Domain

        ranged = (re.fullmatch(_RANGED, each) for each in self.given)
        values = [Domain.parse(found[2], found[1]) if found else None for found in ranged]
        if (count := prod(each.size() for each in values if each)) > most:
            raise SolverError(f"at most {most} structures are compared", f"{count:,}", "depth=1..8")
        for chosen in product(*(each or [None] for each in values)):
            pairs = zip(self.given, chosen, strict=True)
            names = {each.partition("=")[0].strip(): n for each, n in pairs if n is not None}
            others = [each for each, n in zip(self.given, chosen, strict=True) if n is None]
            one = self._replace(given=(*others, *(f"{name}={n}" for name, n in names.items())))
            try:
                yield names, one.read()
            except LimitError:
                raise
            except SolverError as fault:
                yield names, fault

    def read(self, inputs: Sequence[int | Sequence[int]] = ()) -> Network:
        """The network, or the part of it. Raises SolverError where no one of the three tells it.

        inputs: the sizes that are asked about; so of a network that takes one size alone.
        """
        found = self._read(inputs[0] if len(inputs) == 1 and not self.start else None)
        if inputs and not found.letters:
            shapes = (found.walk.shapes[i] or () for i in found.inputs)
            taken = " and ".join(f"({', '.join(map(str, shape))})" for shape in shapes)
            raise SolverError("this network takes one size alone", "--input", f"it takes {taken}")
        return found.cut(self.start, self.end) if self.start or self.end else found

    def _read(self, at: int | Sequence[int] | None) -> Network:
        if sum(each is not None for each in (self.file, self.live, self.code)) != 1:
            if self.file and re.fullmatch(r"[\d.x,]+", self.file):  # where `size` takes its input
                raise SolverError("an input is told by --input", self.file, f"--input {self.file}")
            rule = "one of FILE, -c and --live tells the network"
            right = 'net.py, -c "Conv(3); MaxPool(2)", or --live "package.module:factory"'
            raise SolverError(rule, right=right)
        if self.live is not None:
            from solver.reading.live.factory import read_live
            from solver.render.progress import waiting

            if self.model or self.given:
                rule = "--model and --set are of a program in text"
                raise SolverError(rule, self.model or self.given[0], "--live MODULE:FACTORY(ARGS)")
            with waiting(f"running {self.live}"):
                return read_live(self.live, self.axes, self.channels, self.shape)
        if self.shape:
            rule = "--shape is the shape of what goes into a live model"
            told = (self.file or "").endswith(".onnx")  # its file says how it is laid out
            right = "no --shape" if told else "--live, or --axes and --channels"
            raise SolverError(rule, self.shape[0], right)
        if self.file and not os.path.exists(self.file) and re.fullmatch(_LIVE, self.file):
            rule = "a live model is asked for by --live, which executes its code"
            raise SolverError(rule, self.file, f'--live "{self.file}"')
        from solver.reading.file import read_file

        pairs = [*map(_assigned, self.given)]
        given = dict(pairs)
        if len(given) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise SolverError("--set takes each name once", twice)
        if self.file is not None:
            return read_file(self.file, self.axes, self.channels, self.model, given, at)
        from solver.reading.text.recognise import read

        text = (self.code or "").replace(";", "\n")
        return read(text, self.axes, self.channels, "", self.model, given, at=at)


def _assigned(text: str) -> tuple[str, Any]:
    """The name and the value of NAME=VALUE: a literal, else a word as text."""
    import ast  # few commands are told a value

    name, equals, value = text.partition("=")
    rule, right = "--set takes NAME=VALUE, a literal", "--set width=64"
    if not (equals and name.strip().isidentifier()) or len(text) > _LONGEST:
        raise SolverError(rule, text, right)
    try:
        return name.strip(), ast.literal_eval(value.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        if value.strip().isidentifier():
            return name.strip(), value.strip()
    if re.fullmatch(_RANGED, text):
        rule = "several values of an argument are compared by network and by explain"
        raise SolverError(rule, text, f"{name.strip()}={re.findall(r'[0-9]+', value)[0]}")
    raise SolverError(rule, text, right)


#: Characters of a value.
_LONGEST = 1000


#: An argument of several values.
_RANGED = r"\s*([^\W\d]\w*)\s*=\s*([\d,.:]*\d\.\.\d[\d,.:]*)\s*"
#: What is no file, but names a live model.
_LIVE = r"(?s)[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(\(.*\))?"

_OPTIONS = (
    click.argument("file", required=False, type=File()),
    click.option("-c", "code", metavar="TEXT", help="Instead of FILE, this text; ; is a new line."),
    click.option(
        "--live",
        type=Executed(),
        metavar="MODULE:FACTORY[(ARGS)]",
        help="Instead of FILE, the model that this makes. It EXECUTES the code of the module.",
    ),
    click.option(
        "--shape",
        multiple=True,
        metavar="SHAPE",
        help="What goes into a live model: 1,3,h,w or NAME=1,n; once for each input.",
    ),
    click.option("--axes", type=Whole(), metavar="INT", help="Axes, where that is not told."),
    click.option("--channels", type=Whole(), metavar="INT", help="Channels, likewise."),
    click.option("--model", metavar="NAME", help="Of several in FILE, this one.", default=""),
    click.option(
        "--set",
        "given",
        multiple=True,
        metavar="NAME=VALUE",
        help="An argument that FILE does not tell, or another value; A..B on network and explain.",
    ),
    click.option(
        "--from",
        "start",
        default="",
        metavar="LAYER",
        shell_complete=complete_layer,
        help="Of the part that starts with this layer.",
    ),
    click.option(
        "--to",
        "end",
        default="",
        metavar="LAYER",
        shell_complete=complete_layer,
        help="Of the part that ends behind this layer.",
    ),
)


def network_source(command: Command) -> Command:
    """Add FILE, --live and what is told of the input; the command takes them as its `source`."""

    @wraps(command)
    def with_source(
        *args: Any, file: str | None, live: str | None, shape: tuple[str, ...], **given: Any
    ) -> Any:
        names = ("axes", "channels", "model", "given", "code", "start", "end")
        told = (given.pop(name) for name in names)
        source = AskedSource(file, live, shape, *told)
        return command(*args, source=source, **given)

    made: Command = with_source
    for option in reversed(_OPTIONS):
        made = option(made)
    return made
