"""Read a live module of PyTorch, if PyTorch is imported: traced by torch.fx, without tensors.

A module that cannot be traced is looked into: a Sequential one by its parts, any other one is
named and stands as what is not understood.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import SolverError, shorten
from solver.network.graph.computed import Become
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.operation import Input, Shape
from solver.network.network import Network
from solver.network.tensor import input_shape
from solver.reading.calls.building import Builder
from solver.reading.calls.known import Reading, known
from solver.reading.calls.torch_calls import read_call, resized
from solver.reading.calls.torch_modules import held, module_operation, weight_dims
from solver.reading.calls.torch_values import Call, Ref, Weight, flat

#: The most operations of a traced module.
_MOST = 100_000
_RECURRENT = {"LSTM": 2, "GRU": 1, "RNN": 1}


def read_module(
    model: Any,
    channels: int | None = None,
    axes: int | None = None,
    shape: Sequence[int | str | None] | Sequence[Sequence[int | str | None]] | None = None,
) -> Network:
    """Return the network of a torch.nn.Module.

    channels, axes: of the input; else those of the first convolution. shape: instead, the whole
    shape of the input (several of several inputs): numbers, letters for free sizes, None for the
    usual letter; the batch counts. Raises SolverError where PyTorch is not imported.

    >>> read_module(None)
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a live module needs PyTorch, imported
      received: NoneType
      right:    a torch.nn.Module
    """
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module):
        rule = "a live module needs PyTorch, imported"
        raise SolverError(rule, type(model).__name__, "a torch.nn.Module")
    shapes = _shapes(model, channels, axes, shape)
    names = ["input"] if len(shapes) == 1 else [f"input_{i}" for i in range(1, len(shapes) + 1)]

    def read(upto: Mapping[str, int]) -> Reading:
        reader = _Reader(torch, upto)
        given = [Ref(reader.to.add(n, Input(s))) for n, s in zip(names, shapes, strict=True)]
        found = reader.module(model, "", given, {})
        outputs = [each.at for each in flat(found) if isinstance(each, Ref)]
        if not outputs:
            raise SolverError("a network gives back tensors", type(found).__name__)
        return Reading(Network(reader.to.nodes, outputs), reader.to.pieces)

    return known(read)


class _Reader:
    """Read modules one inside the other."""

    def __init__(self, torch: Any, upto: Mapping[str, int]) -> None:
        self._torch, self.to = torch, Builder(upto)

    def module(self, module: Any, path: str, args: Sequence[Any], words: dict[str, Any]) -> Any:
        """Return what a module makes of what it is given."""
        if _of_torch(module) and not isinstance(module, self._containers):
            return self._leaf(module, path, args, words)
        traced = self._trace(module)
        if traced is not None:
            return self._graph(traced, module, path, args, words)
        if isinstance(module, self._torch.nn.Sequential):
            (x,) = args
            for name, part in module.named_children():
                x = self.module(part, f"{path}.{name}".strip("."), [x], {})
            return x
        return self._call(path, type(module).__name__, args, words).unknown()

    @property
    def _containers(self) -> tuple[Any, ...]:
        nn = self._torch.nn
        return nn.Sequential, nn.ModuleList, nn.ModuleDict

    def _call(self, path: str, name: str, args: Sequence[Any], words: dict[str, Any]) -> Call:
        return Call(self.to, path or name, name, args, words)

    def _leaf(self, module: Any, path: str, args: Sequence[Any], words: dict[str, Any]) -> Any:
        name = type(module).__name__
        call = self._call(path, name, args, words)
        if name in _RECURRENT:
            return _recurrent(call, module)
        if name == "MultiheadAttention":
            return call.make(Become("attention", call.shape_of(call.x), held(module))), None
        if name == "Embedding":
            shape = (*call.shape_of(call.x), Dim(int(module.embedding_dim)))
            return call.make(Become("embedding", shape, held(module)))
        if name == "Unflatten":
            call = self._call(path, "unflatten", [*args, module.dim, module.unflattened_size], {})
            return read_call(call)
        if name.startswith("TransformerEncoder"):
            return call.make(Become(name, call.shape_of(call.x), held(module)))
        if name.startswith("MaxUnpool"):
            given = {key: getattr(module, key) for key in ("kernel_size", "stride", "padding")}
            given |= {"indices": call.get(1, "indices"), "output_size": call.get(2, "output_size")}
            rule = f"max_unpool{name[-2:]}"
            return read_call(Call(self.to, call.label, rule, args[:1], given))
        operation = module_operation(module)
        if operation is None:
            return call.unknown()
        sizes = call.get(1, "output_size") if name.startswith("ConvTranspose") else None
        if sizes is not None:
            operation = resized(operation, sizes)
        found = call.make(operation)
        return (found, found) if getattr(module, "return_indices", False) else found

    def _trace(self, module: Any) -> Any:
        """Return the graph of a module, None where it cannot be traced, parts as far as needed."""
        untraced: set[Any] = set()
        for _ in range(2):
            tracer = _tracer(self._torch, untraced)
            try:
                return tracer.trace(module)
            except Exception:  # whatever a foreign forward raises on what is no tensor
                parts = [part for part in module.modules() if part is not module]
                untraced |= {part for part in parts if not self._traceable(part)}
        return None

    def _traceable(self, module: Any) -> bool:
        if _of_torch(module):
            return True
        try:
            _tracer(self._torch, set()).trace(module)
        except Exception:
            return False
        return True

    def _graph(
        self, graph: Any, root: Any, path: str, args: Sequence[Any], words: dict[str, Any]
    ) -> Any:
        """Return what a traced graph makes of what it is given."""
        known: dict[Any, Any] = {}
        given = iter(args)
        if len(graph.nodes) > _MOST:
            raise SolverError(f"a module has at most {_MOST:,} operations", f"{len(graph.nodes):,}")
        for node in graph.nodes:
            label = f"{path}.{node.name}".strip(".")
            if node.op == "placeholder":
                default = node.args[0] if node.args else None
                known[node] = next(given, words.get(str(node.target), default))
                continue
            if node.op == "get_attr":
                known[node] = _attribute(root, str(node.target), path)
                continue
            values = _replaced(node.args, known)
            named = _replaced(node.kwargs, known)
            if node.op == "output":
                return values[0]
            if node.op == "call_module":
                inner = root.get_submodule(str(node.target))
                place = f"{path}.{node.target}".strip(".")
                known[node] = self.module(inner, place, values, named)
            else:
                target = node.target
                name = target if isinstance(target, str) else getattr(target, "__name__", "?")
                known[node] = read_call(self._call(label, shorten(name), values, named))
        return None


def _tracer(torch: Any, untraced: set[Any]) -> Any:
    class Tracer(torch.fx.Tracer):  # type: ignore[misc]
        """Trace into everything but the modules of torch.nn and what cannot be traced."""

        def is_leaf_module(self, m: Any, module_qualified_name: str) -> bool:
            return m in untraced or bool(super().is_leaf_module(m, module_qualified_name))

    return Tracer()


def _of_torch(module: Any) -> bool:
    return str(type(module).__module__).startswith(("torch.nn", "torch.ao.nn"))


def _attribute(root: Any, path: str, before: str) -> Any:
    for name in path.split("."):
        root = getattr(root, name)
    if not hasattr(root, "shape"):
        return root
    learned = int(root.numel()) if getattr(root, "requires_grad", False) else 0
    return Weight(weight_dims(root), learned, f"{before}.{path}".strip("."))


def _replaced(value: Any, known: dict[Any, Any]) -> Any:
    """Return arguments with what was read in the place of the nodes of the graph."""
    if isinstance(value, (tuple, list)):
        return tuple(_replaced(each, known) for each in value)
    if isinstance(value, slice):
        return slice(*(_replaced(each, known) for each in (value.start, value.stop, value.step)))
    if isinstance(value, dict):
        return {str(name): _replaced(each, known) for name, each in value.items()}
    try:
        return known.get(value, value)
    except TypeError:  # what has no hash is no node
        return value


def _recurrent(call: Call, module: Any) -> Any:
    """Read LSTM, GRU and RNN: what comes out over time, and the states."""
    shape = call.shape_of(call.x)
    sides = 2 if module.bidirectional else 1
    width = Dim(int(module.hidden_size) * sides)
    out = call.make(Become(call.name.lower(), (*shape[:-1], width), held(module)))
    batch = shape[:-1][0 if module.batch_first else 1 :][:1] if len(shape) > 2 else ()
    states = (Dim(int(module.num_layers) * sides), *batch, Dim(int(module.hidden_size)))
    state = call.make(Become(f"{call.name.lower()} state", states))
    return out, ((state, state) if _RECURRENT[call.name] == 2 else state)


def _shapes(model: Any, channels: int | None, axes: int | None, shape: Any) -> list[Shape]:
    if shape is not None:
        every = shape if shape and isinstance(shape[0], (tuple, list)) else [shape]
        return [_shape(each) for each in every]
    first = next((m for m in model.modules() if _axes(m)), None)
    if axes is None:
        axes = _axes(first) if first is not None else 0
    if channels is None and first is not None:
        channels = int(getattr(first, "in_channels", 0)) or None
    if channels is None or axes not in LETTERS:
        rule = "the input of this module is not told by a convolution"
        raise SolverError(rule, type(model).__name__, "shape=(1, 3, None, None)")
    return [input_shape(channels, LETTERS[axes])]


def _axes(module: Any) -> int:
    name = type(module).__name__
    found = name[-2:-1] if name.removeprefix("Lazy").startswith("Conv") else ""
    return int(found) if found.isdigit() else 0


def _shape(given: Sequence[int | str | None]) -> Shape:
    names = LETTERS.get(len(given) - 2, tuple(f"x{i}" for i in range(1, len(given) - 1)))
    found = []
    for axis, size in enumerate(given):
        if isinstance(size, int):
            found.append(Dim(size))
        elif isinstance(size, str) and size.isidentifier():
            found.append(Dim.letter(size))
        elif size is None:
            found.append(Dim(1) if axis == 0 else Dim.letter(names[axis - 2] if axis > 1 else "c"))
        else:
            raise SolverError("a shape has numbers and letters", repr(size), '(1, 3, "h", "w")')
    return tuple(found)
