"""Read a network: tell what kind of text it is, and read it until its input is decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from solver.errors import LimitError, SolverError
from solver.network.graph.dim import LETTERS
from solver.network.network import Network
from solver.reading.text.building import Build
from solver.reading.text.installed import used
from solver.reading.text.layouts import is_flax, layouts
from solver.reading.text.paths import TextPaths
from solver.reading.text.program import ProgramReader
from solver.reading.text.source import Source

#: What a line of a printout has in it.
_CHILD = "): "
_HEADER = r"Layer \(type|^[\s┃]*Layer .*Param"
#: How a statement begins that may be layers of ours, behind brackets.
_OURS = r"(?i)(?:^|[;\n])[ \t\[(]*(?:conv|deconv|max-?_?pool|avg-?_?pool)[a-z_-]*[ (]"
_KERAS_WORDS = (
    "keras",
    "tensorflow",
    "tf.nn.",
    "1D",
    "2D",
    "3D",
    "Dense(",
    "layers.",
    "BatchNormalization(",
)
_KERAS = (
    r"\b(?:keras|tf_keras|tensorflow)\b|\btf\.nn\.|[123]D(?:Transpose)?\(|\bDense\(|\blayers\.[A-Z]"
    r"|\bBatchNormalization\("
)
_IMPORTS = (
    r"(?m)^\s*(?:import|from) (?:tensorflow|keras|tf_keras)\b(?![\s\S]*^\s*(?:import|from) torch)"
)
_TORCH = r"(?<!tf\.)\bnn\.|\btorch\b|(?<!tf\.nn\.)\b\w*[a-z][123]d\(|\bLinear\("


def read(
    text: str,
    axes: int | None = None,
    channels: int | None = None,
    where: str = "",
    model: str = "",
    given: Mapping[str, Any] | None = None,
    folder: str | None = None,
    at: int | Sequence[int] | None = None,
) -> Network:
    """The network that pasted text describes; the text is parsed, never executed.

    text: PyTorch or Keras code (lines of layers, a class, functional calls), or what print(model)
    shows. axes: the sizes of the input beside batch and channels; found in the text where it is
    left out. channels: of the first input, where no layer tells them. where: what the text is
    called, in places such as "net.py, line 3". model: the name of a class, a function or a module
    of a program, where it has several. given: arguments of it by name, where the program does not
    tell them, or others. folder: where the text is a file, for what it imports. at: what is asked
    about, for texts with a path for each size. What had to be assumed is in the network's notes.
    Raises SolverError with the line of what is not understood, LimitError for a text that is too
    long.

    >>> net = read("nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3)\\nnn.MaxPool2d(2)")
    >>> [str(dim) for dim in net.sizes(net.outputs[0])]
    ['1', '64', 'floor((h + 1)/4)', 'floor((w + 1)/4)']
    >>> read("nn.Conv2d(3, 64, k)")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: line 1: kernel_size must be a number, a word or a tuple of them
      nn.Conv2d(3, 64, k)
      ^
      received: k
    """
    if not isinstance(text, str):
        raise SolverError("a network is read from text", type(text).__name__, "a word")
    if axes is not None and axes not in (0, *LETTERS):
        raise SolverError("a network has one to three axes", received=str(axes))
    source = Source(text, where, folder)
    if not text.strip():
        raise SolverError("the text is empty", right="nn.Conv2d(3, 64, 7)")
    if re.search(_OURS, text) and not (model or given):
        from solver.reading.text.notation import as_program, is_notation, read_notation

        if is_notation(text):  # few texts are
            return read_notation(text, axes, channels)
        if program := as_program(text):
            source = Source(program, where, folder)
    if (head := _header(source)) is not None:
        return _summary(source, head, channels)
    try:
        reader = _reader(source, model, given or {})
        tried = [*layouts("\n".join(source.lines), axes)]  # with those of the files beside it
        found = TextPaths(source, reader, tried, channels, at).network()
    except RecursionError:
        raise LimitError("this is nested too deeply") from None
    found.source = text
    found.again = lambda other: read(other, axes, channels, where, model, given, folder, at)
    return found


def _header(source: Source) -> int | None:
    """The number of the line that heads a summary, None where there is none.

    >>> _header(Source("Layer (type)    Output Shape   Param #"))
    1
    """
    heads = ((number, line) for number, line in enumerate(source.lines, 1) if "Layer " in line)
    return next((number for number, line in heads if re.search(_HEADER, line)), None)


def _summary(source: Source, at: int, channels: int | None) -> Network:
    """The network of the summary below a line."""
    from solver.reading.text.connected import connected
    from solver.reading.text.flow import flowing  # programs need none of it
    from solver.reading.text.rows import read_rows
    from solver.reading.text.summary import Drawn

    summary = read_rows(source, at)
    drawn = Drawn(source, summary, channels)
    return connected(drawn) if summary.last else flowing(drawn)


def _reader(source: Source, model: str, given: Mapping[str, Any]) -> Callable[[Build], Network]:
    """What reads a text, which is parsed once."""
    if any(_CHILD in line for line in source.lines):
        from solver.reading.text.printout import is_printout, parse  # few programs have such lines

        if is_printout(source):
            if model or given:
                rule = "models and their arguments are told of programs"
                raise SolverError(rule, model or next(iter(given)), "the code")
            from solver.reading.text.order import arrange  # a program needs none of its blocks

            return partial(arrange, parse(source))
    tree = source.parse()
    source.gather(tree)
    for path in used(tree):
        source.include(path, package=True)
    text = "\n".join(source.lines)
    flax = is_flax(text)
    last = any(word in text for word in _KERAS_WORDS) and re.search(_KERAS, text) is not None
    last = last and (not re.search(_TORCH, text) or re.search(_IMPORTS, text) is not None)
    last = flax or (last and "channels_first" not in text)
    return lambda build: ProgramReader(source, build, last, flax, model, given).read(tree)
