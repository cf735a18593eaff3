"""Read an ONNX model as a network. Nothing in it is executed; of its weights only shapes count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import zip_longest
from pathlib import Path
from typing import Any

from solver.errors import LimitError, SolverError, shorten
from solver.network.graph.operation import Input, Unknown
from solver.network.network import Network
from solver.reading.draft.known import Draft, known
from solver.reading.onnx.arithmetic import follow
from solver.reading.onnx.graph import OnnxGraph, OnnxNode
from solver.reading.onnx.inputs import Letters, channels_last

#: The largest file that is read, in bytes, and the most nodes and tensors of a graph.
LARGEST_FILE = 2 << 30
MOST_NODES = 100_000


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
    proto = model.graph
    nodes = proto.node
    if not nodes and not proto.output:
        raise SolverError("an ONNX file holds a model", "a file without a graph")
    tensors = len(proto.initializer) + len(proto.sparse_initializer)
    for count, what in ((len(nodes), "nodes"), (tensors, "weights"), (len(proto.input), "inputs")):
        if count > MOST_NODES:
            raise LimitError(f"a model has at most {MOST_NODES:,} {what}", f"{count:,}")
    return known(lambda upto: _network(proto, free, upto))


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


def _network(proto: Any, free: bool, upto: Mapping[str, int]) -> Draft:
    graph = OnnxGraph(upto)
    for tensor in proto.initializer:
        graph.weight(str(tensor.name), tensor)
    for sparse in proto.sparse_initializer:
        graph.weight(str(sparse.values.name), _Sparse(sparse.dims))
    inputs = [each for each in proto.input if not graph.knows(str(each.name))]
    readers: dict[str, list[Any]] = {}
    for node in proto.node:
        for name in node.input:
            readers.setdefault(str(name), []).append(node)
    letters = Letters(free)
    letters.reserve(inputs)
    for each in inputs:
        shape = letters.shape(each, channels_last(each, readers))
        operation = Unknown("input") if shape is None else Input(shape)
        graph.name(str(each.name), graph.add(shorten(str(each.name)), operation))
    _check(proto, graph)
    for number in _ordered(proto.node):
        _add(graph, OnnxNode(graph, proto.node[number], number))
    outputs = [str(each.name) for each in proto.output]
    for name in outputs:
        if not graph.knows(name):
            raise SolverError("every output of a model is made by a node", shorten(name))
    if not outputs:
        raise SolverError("a model has an output")
    return Draft(graph.network(outputs, letters.written), graph.pieces)


class _Sparse:
    """Stand for a sparse weight, of which the shape counts."""

    raw_data, data_location, data_type = b"", 0, 1

    def __init__(self, dims: Sequence[int]) -> None:
        self.dims = dims


def _add(graph: OnnxGraph, given: OnnxNode) -> None:
    """Add what a node makes to the network."""
    if given.op == "Identity" and given.has(0) and len(given.outputs) == 1:
        graph.same(given.outputs[0], given.inputs[0])
        return
    value = follow(given)
    if value is not None and given.outputs:
        graph.put(given.outputs[0], value)
        return
    if given.op == "Constant" and (tensor := given.attribute("value")) is not None:
        graph.weight(given.outputs[0], tensor)  # as older exporters keep weights
        return
    call = given.call()
    try:
        found = call.found()
    except SolverError as fault:
        rule = f"{given.label}: {given.op}: {fault.rule}"
        raise type(fault)(rule, fault.received, fault.right) from None
    wires = found if isinstance(found, tuple) else (found,)
    for name, wire in zip_longest(given.outputs, wires[: len(given.outputs)]):
        if name:
            graph.name(name, (wire or call.unknown()).at)


def _check(proto: Any, graph: OnnxGraph) -> None:
    """Raise where a tensor is made twice, or by nothing."""
    made: set[str] = set()
    for node in proto.node:
        for name in map(str, node.output):
            if name in made or (name and graph.knows(name)):
                raise SolverError("every tensor has one name of its own", shorten(name))
            if name:
                made.add(name)
    for node in proto.node:
        for name in map(str, node.input):
            if name and name not in made and not graph.knows(name):
                raise SolverError(
                    f"{shorten(str(node.name) or str(node.op_type))} reads a tensor that nothing "
                    "makes",
                    shorten(name),
                )


def _ordered(nodes: Sequence[Any]) -> Iterator[int]:
    """Yield the numbers of the nodes, each after those it reads. Raises SolverError for a cycle."""
    maker = {str(name): i for i, node in enumerate(nodes) for name in node.output if name}
    waits: list[int] = []
    readers: list[list[int]] = [[] for _ in nodes]
    for number, node in enumerate(nodes):
        before = {maker[name] for name in map(str, node.input) if name in maker}
        waits.append(len(before))
        for each in before:
            readers[each].append(number)
    free = [number for number, count in enumerate(waits) if not count]  # sorted: a heap
    done = 0
    while free:
        number = heappop(free)
        done += 1
        yield number
        for reader in readers[number]:
            waits[reader] -= 1
            if not waits[reader]:
                heappush(free, reader)
    if done < len(nodes):
        stuck = next(number for number, count in enumerate(waits) if count)
        name = str(nodes[stuck].name) or str(nodes[stuck].op_type)
        raise SolverError("a model has no cycles", f"{shorten(name)} waits for itself")
