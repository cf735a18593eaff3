"""Read an ONNX model as a network. Nothing in it is executed; of its weights only shapes count."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from solver.errors import LimitError, SolverError, shorten
from solver.network.graph.operation import Input, Unknown
from solver.network.network import Network
from solver.reading.functions.call import Wire
from solver.reading.onnx.flow import OnnxFlow
from solver.reading.onnx.inputs import Inputs, read_inputs
from solver.reading.onnx.program import Body
from solver.reading.onnx.run import Functions
from solver.reading.paths.decisions import Decisions, Lost, RefusedSizes
from solver.reading.paths.explore import explore
from solver.reading.paths.joined import joined
from solver.reading.paths.trials import Run
from solver.sizes.sizemap import SizeMap

#: The largest file that is read, in bytes.
LARGEST_FILE = 2 << 30


def read_onnx(source: str | Path | bytes, free: bool = True) -> Network:
    """The network of an ONNX model.

    source: a path, or the bytes of a file. free: whether the sizes of images (all axes behind batch
    and channels of an input with three axes or more) are free even where the file has numbers
    there: h and w, n for one axis, d, h and w for three. Sizes that the file names keep their
    names; a batch that it leaves open is 1. Weights in other files are not read. What is not
    understood is an operation `Unknown`, and so is all that comes behind it.

    Raises SolverError for what is no model, LimitError for more than 2 GB or 100,000 nodes.

    >>> read_onnx(b"")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: an ONNX file holds a model
      received: an empty file
    """
    data = source if isinstance(source, bytes) else _read(Path(source))
    if not data:
        raise SolverError("an ONNX file holds a model", "an empty file")
    if len(data) > LARGEST_FILE:
        raise _too_large(len(data))
    model = _parse(data)
    if not model.graph.node and not model.graph.output:
        raise SolverError("an ONNX file holds a model", "a file without a graph")
    body = Body.of(model.graph, False)
    if not body.outputs:
        raise SolverError("a model has an output")
    functions = {(str(f.domain), str(f.name)): Body.function(f) for f in model.functions}
    inputs = read_inputs(model.graph, body, free)
    while True:
        try:
            paths = explore(partial(_run, body, functions, inputs), inputs.letters, True)
        except _Alike as found:
            inputs = inputs.renamed(found.names)
        else:
            return joined(paths, written=inputs.written)


class _Alike(Exception):
    """Say which letters are the same: the graph is read again with one for both."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__(names)
        self.names = names


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise SolverError("an ONNX model is a file", str(path))
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise _too_large(size)
        return path.read_bytes()
    except OSError as fault:
        raise SolverError("this file cannot be read", f"{path}: {fault.strerror}") from None


def _too_large(size: int) -> LimitError:
    return LimitError(
        f"an ONNX file has at most {LARGEST_FILE:,} bytes",
        f"{size:,} bytes",
        "a model whose weights are kept in a file of their own",
    )


def _parse(data: bytes) -> Any:
    try:
        import onnx
    except ImportError:
        raise SolverError(
            "reading ONNX models needs the package onnx", right='pip install "convsolver[onnx]"'
        ) from None
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except Exception:  # of protobuf, which is no dependency of ours
        raise SolverError(
            "an ONNX file holds a model", "bytes that are none: another format, or a cut file"
        ) from None
    return model


def _run(
    body: Body,
    functions: Functions,
    inputs: Inputs,
    decisions: Decisions,
    inside: Mapping[str, SizeMap],
) -> Run:
    """What a graph is at sizes. inside: maps that its sizes are put through."""
    run = OnnxFlow(decisions, functions)
    to, given = run.to, list[Any]()
    for name, shape in inputs.shapes.items():
        known = None if shape is None else Input(tuple(dim.put(inside) for dim in shape))
        given.append(Wire(to.add(shorten(name), known or Unknown("input"))))
    lost, refused, outputs = "", False, list[int]()
    try:
        found = run.body(body, {}, given)
        pairs = zip(body.outputs, found, strict=True)
        outputs = [run.wire(each, shorten(name)).at for name, each in pairs]
    except RefusedSizes:
        refused = True
        if decisions.made and (names := inputs.alike(decisions.made[-1].demand)):
            raise _Alike(names) from None
    except Lost:
        lost = "a decision depends on a size without a formula"
    told = tuple(map(shorten, body.outputs)) if outputs else ()
    whole = None not in (to.shapes[:-1] if refused else to.shapes)
    assumed = tuple(run.assumed)
    return Run(tuple(to.nodes), tuple(outputs), told, refused, lost, whole, assumed)
