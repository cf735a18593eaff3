"""Read a live module of PyTorch, if PyTorch is imported: traced by torch.fx, without tensors.

A module that cannot be traced is looked into: a Sequential one by its parts, any other one is
named and stands as what is not understood.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from solver.errors import SolverError, shorten
from solver.frameworks import framework, layer
from solver.ground.record import Record
from solver.network.graph.computed import Become
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.operation import Input, Operation, Shape, Unknown
from solver.network.network import Network
from solver.network.tensor import input_shape
from solver.reading.draft.building import Builder
from solver.reading.draft.known import Draft, known
from solver.reading.functions.call import Weight, Wire, leaves
from solver.reading.functions.signature import known as word_of
from solver.reading.functions.table import Prepared, called, find, plain_name, table_layer
from solver.sizes.sizeset import SizeSet

#: The most operations of a traced module.
_MOST = 100_000


def read_module(
    model: Any,
    channels: int | None = None,
    axes: int | None = None,
    shape: Sequence[int | str | None] | Sequence[Sequence[int | str | None]] | None = None,
) -> Network:
    """The network of a torch.nn.Module.

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

    def read(upto: Mapping[str, int]) -> Draft:
        reader = _Modules(torch, upto)
        given = [Wire(reader.to.add(n, Input(s))) for n, s in zip(names, shapes, strict=True)]
        found = reader.module(model, "", given, {})
        outputs = [each.at for each in leaves(found) if isinstance(each, Wire)]
        if not outputs:
            raise SolverError("a network gives back tensors", type(found).__name__)
        return Draft(Network(reader.to.nodes, outputs), reader.to.pieces)

    return known(read)


class _Modules:
    """Read modules one inside the other."""

    def __init__(self, torch: Any, upto: Mapping[str, int]) -> None:
        self._torch, self.to = torch, Builder(upto)

    def module(self, module: Any, path: str, args: Sequence[Any], words: dict[str, Any]) -> Any:
        """What a module makes of what it is given."""
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
        return self._unknown(path, type(module).__name__, args, words)

    @property
    def _containers(self) -> tuple[Any, ...]:
        nn = self._torch.nn
        return nn.Sequential, nn.ModuleList, nn.ModuleDict

    def _leaf(self, module: Any, path: str, args: Sequence[Any], words: dict[str, Any]) -> Any:
        name = type(module).__name__
        nodes = LiveNodes(self.to, path or name, path or name)
        made = _prepared(module, name)
        if made is None:
            return self._unknown(path, name, args, words)
        return made.of(nodes, args, words, held=parameters(module)).found()

    def _function(self, label: str, name: str, args: Sequence[Any], words: dict[str, Any]) -> Any:
        """What a function or a method makes of tensors, or of sizes."""
        call = called(LiveNodes(self.to, label, label), name, args, words)
        return self._unknown(label, name, args, words) if call is None else call.found()

    def _unknown(self, path: str, name: str, args: Sequence[Any], words: dict[str, Any]) -> Wire:
        wires = [each.at for each in leaves([*args, words]) if isinstance(each, Wire)]
        return Wire(self.to.add(path or name, Unknown(name), wires))

    def _trace(self, module: Any) -> Any:
        """The graph of a module, None where it cannot be traced, parts as far as needed."""
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
        """What a traced graph makes of what it is given."""
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
                known[node] = self._function(label, shorten(name), values, named)
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
    return Weight(
        tuple(Dim(int(size)) for size in root.shape), learned, f"{before}.{path}".strip(".")
    )


class LiveNodes(Record):
    """Put the operations of one call into the network of a live model.

    label: of the nodes. of: what holds its weights.
    """

    to: Builder
    label: str
    of: str

    @property
    def shapes(self) -> Sequence[Shape | None]:
        return self.to.shapes

    def put(self, operation: Operation, inputs: Sequence[int]) -> int:
        return self.to.add(self.label, operation, inputs, self.of)

    def constant(self, weight: Weight) -> int:
        assert weight.shape is not None
        operation = Become("constant", weight.shape, weight.parameters)
        return self.to.add(weight.name or "constant", operation, of=weight.name)

    def settled(self, dim: Dim) -> int | None:
        return None

    def holds(self, dim: Dim, allowed: SizeSet) -> bool | None:
        return None

    @property
    def runs(self) -> bool:
        return True

    def beside(self, operation: Operation) -> Wire:
        return Wire(self.to.add(self.label, operation))


def _prepared(module: Any, name: str) -> Prepared | None:
    """A module of torch.nn by its class name and what it holds."""
    named = find(name, ("module",))
    if named is not None:
        return Prepared(plain_name(name), named, _held(module, named.signature.arguments))
    torch = framework("torch")
    try:
        row, _ = torch.find(name)
    except SolverError:
        return None
    return table_layer(name, layer("torch", name, **_held(module, row.arguments)))


def _held(module: Any, names: Iterable[str]) -> dict[str, Any]:
    """The arguments that a module was made with, as far as it keeps them."""
    found = {name: _plain(getattr(module, name)) for name in names if hasattr(module, name)}
    if "bias" in found and not isinstance(found["bias"], bool):
        found["bias"] = module.bias is not None
    return {word_of(name): value for name, value in found.items() if value is not _OTHER}


_OTHER = object()


def _plain(value: Any) -> Any:
    """Return numbers, words and tuples of them as they are; a marker for anything else."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (tuple, list)):
        found = tuple(_plain(each) for each in value)
        return _OTHER if _OTHER in found else found
    return _OTHER


def parameters(module: Any) -> int | None:
    """How many parameters a module holds, with its parts; None of a lazy one at first."""
    try:
        return sum(int(each.numel()) for each in module.parameters())
    except ValueError:
        return None


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
