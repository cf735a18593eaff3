"""Read a network from a file: an ONNX model by its name, pasted text otherwise."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.files import read_bytes
from solver.network.network import Network

#: Longer text is no network that a person wrote.
LONGEST = 4_000_000  # bytes


def read_file(
    name: str,
    axes: int | None = None,
    channels: int | None = None,
    model: str = "",
    given: Mapping[str, Any] | None = None,
    at: int | Sequence[int] | None = None,
) -> Network:
    """The network in a file; "-" is the standard input. Nothing in it is executed.

    axes, channels: of the input, where the text does not tell. model, given, at: of a program, as
    for text. Raises SolverError for a file that cannot be read or is no network, LimitError for one
    that is too long.
    """
    if name.endswith(".onnx"):
        from solver.reading.onnx.file import read_onnx

        if model or given:
            raise SolverError("models and their arguments are told of programs", name, "its code")
        return read_onnx(name)
    if name.endswith(".keras"):
        load = f"keras.saving.load_model({name!r})"
        right = f'read({load}), on the command line --live "{load.replace(".", ":", 1)}"'
        raise SolverError("a .keras file is loaded by Keras, which runs code", name, right)
    from solver.reading.text.recognise import read

    data = read_bytes(name, LONGEST, "the network")
    if len(data) > LONGEST:
        raise LimitError("a network in text has at most 4 MB", received=f"more in {name}")
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode()  # the mark of UTF-8
    except UnicodeDecodeError:
        rule = "a network is text in UTF-8, or an ONNX model whose name ends in .onnx"
        raise SolverError(rule, name) from None
    folder, where = (None, "") if name == "-" else os.path.split(name)
    return read(text, axes, channels, where, model, given, folder, at)
