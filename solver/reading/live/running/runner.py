"""One run of a model of PyTorch: every function it calls becomes an operation of the network."""

from __future__ import annotations

import linecache
import operator
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from types import FrameType, TracebackType
from typing import Any

from solver.errors import LimitError, SolverError, shorten
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Input, Refuse, Shape, Unknown
from solver.network.graph.walk import Node
from solver.reading.functions.call import Unclear, Weight, Wire, leaves, listed
from solver.reading.functions.table import Prepared, called
from solver.reading.live.nodes import LiveNodes
from solver.reading.live.running.book import Book
from solver.reading.live.running.carrier import formulaic
from solver.reading.live.running.elements import ELEMENTWISE, elements
from solver.reading.paths.decisions import Decisions, Refused
from solver.reading.paths.explore import Run
from solver.reading.paths.recorder import Recorder
from solver.reading.paths.size import Lost, Part, Size, exact, size

#: Functions that change no size and no value that a network would name.
_TRANSPARENT = set(
    [
        "float",
        "half",
        "double",
        "bfloat16",
        "long",
        "int",
        "short",
        "bool",
        "to",
        "type",
        "type_as",
        "contiguous",
        "detach",
        "detach_",
        "clone",
        "requires_grad_",
        "cpu",
        "cuda",
        "alias",
        "positive",
        "resolve_conj",
        "resolve_neg",
    ]
)
#: Functions that tell of a tensor what no size depends on.
_TELLING = set(
    [
        "dim",
        "ndimension",
        "element_size",
        "is_floating_point",
        "is_complex",
        "is_contiguous",
        "get_device",
        "stride",
        "has_names",
        "storage_offset",
        "is_signed",
        "__len__",
        "__hash__",
        "__repr__",
        "__str__",
        "__format__",
        "__dir__",
        "data_ptr",
        "is_same_size",
        "is_tensor",
        "is_pinned",
        "is_shared",
        "_is_view",
        "is_conj",
        "is_neg",
        "is_inference",
        "get_default_dtype",
        "__reduce_ex__",
        "layout",
        "size_bytes",
        "nbytes",
    ]
)
#: Functions that hand out elements, which a run does not have.
_VALUES = set(
    [
        "item",
        "tolist",
        "numpy",
        "__int__",
        "__float__",
        "__bool__",
        "__index__",
        "__array__",
        "__complex__",
        "is_nonzero",
        "equal",
        "allclose",
        "__contains__",
        "nonzero",
        "unique",
        "unique_consecutive",
        "masked_select",
        "argwhere",
    ]
)
#: Layers that PyTorch has no shapes for without values, or only slowly.
_BY_RULE = {"lstm", "gru", "rnn"}
_ELEMENTS = 128
_OPERATORS = {
    name: getattr(operator, f"__{name}__")
    for name in [
        "add",
        "sub",
        "mul",
        "truediv",
        "floordiv",
        "mod",
        "pow",
        "matmul",
        "and",
        "or",
        "xor",
        "lshift",
        "rshift",
    ]
}


class NotFollowed(BaseException):
    """Say why a program is not followed further."""


class Runner:
    """Hold one run: what its functions are given, and what comes out."""

    def __init__(self, book: Book, carrier: Any, decisions: Decisions) -> None:
        self.book, self.torch, self.carrier = book, book.torch, carrier
        self.to = Recorder(decisions)
        self.decisions = decisions
        self._silent = False
        self._assumed = list[str]()
        self._counted = set[int]()
        self._derived: dict[int, tuple[Any, frozenset[int]]] = {}
        self._labels: dict[str, int] = {}
        self._metas: dict[int, tuple[Any, Any]] = {}

    # The whole run

    def run(self, shapes: Mapping[str, Shape], by_name: bool) -> Run:
        """What the model makes of inputs of these shapes."""
        try:
            given = {name: self._input(name, shape) for name, shape in shapes.items()}
            with self.book.fresh(self._forward), self.torch.no_grad(), self._mode():
                if by_name:
                    result = self.book.model(**given)
                else:
                    result = self.book.model(*given.values())
        except Refused:
            return self._ended(refused=True)
        except Lost as fault:
            where, _ = _place(fault.__traceback__)
            return self._ended(lost=f"a decision depends on a size without a formula ({where})")
        except NotFollowed as fault:
            return self._ended(lost=str(fault))
        except LimitError as fault:
            return self._ended(lost=fault.rule)
        except Exception as fault:  # whatever a foreign forward raises
            return self._raised(fault)
        found = dict(_outputs(result, "", self.carrier))
        if not found:
            return self._ended(lost="no tensor comes out")
        wires = [self._wire(each).at for each in found.values()]
        whole = None not in self.to.shapes
        return Run(
            tuple(self.to.nodes), tuple(wires), tuple(found), whole=whole, assumed=self._said
        )

    @property
    def _said(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._assumed))

    def _input(self, name: str, shape: Shape) -> Any:
        sizes = [dim.at(self.decisions.values) for dim in shape]
        wire = Wire(self.to.add(name, Input(shape)))
        return self.carrier.of(self.torch.empty(sizes, device="meta"), wire)

    def _ended(self, refused: bool = False, lost: str = "") -> Run:
        whole = refused and None not in self.to.shapes[:-1]
        return Run(tuple(self.to.nodes), (), (), refused, lost, whole, self._said)

    def _raised(self, fault: Exception) -> Run:
        """A refusal of the program's own, else where and why it is not followed."""
        where, line = _place(fault.__traceback__)
        message = shorten(f"{type(fault).__name__}: {fault}".partition("\n")[0], 160)
        if line.startswith(("raise", "assert")):
            self.to.nodes.append(_refusal(message, where, len(self.to.nodes)))
            self.to.shapes.append(None)
            return self._ended(refused=True)
        return self._ended(lost=f"{message} ({where})")

    def _mode(self) -> Any:
        runner = self

        class Mode(self.torch.overrides.TorchFunctionMode):  # type: ignore[name-defined,misc]
            """Hand every function of PyTorch to the run."""

            def __torch_function__(
                self, func: Any, types: Any, args: Any = (), kwargs: Any = None
            ) -> Any:
                return runner.function(func, args, kwargs or {})

        return Mode()

    # Functions

    def function(self, func: Any, args: Sequence[Any], words: dict[str, Any]) -> Any:
        """What a function gives, with its formulas."""
        name = getattr(func, "__name__", "?")
        if self._silent:
            return self._silently(func, name, args, words)
        try:
            return self._function(func, name, args, words)
        except (SolverError, NotImplementedError, RuntimeError, TypeError, IndexError) as fault:
            message = shorten(str(fault).partition("\n")[0], 120)
            raise self._lost(f"{name.strip('_')}: {message}") from None

    def _function(self, func: Any, name: str, args: Sequence[Any], words: dict[str, Any]) -> Any:
        carriers = [x for x in leaves_of([args, words]) if isinstance(x, self.carrier)]
        if not carriers and not (formulaic(args) or formulaic(words)):
            return self._derive(func(*args, **words), args, words)
        if name == "__get__":
            return self._attribute(func.__self__.__name__, func, args[0])
        if name in ("__set__", "__delete__", "__deepcopy__"):
            raise self._lost(f"{name} of a tensor")
        special = getattr(self, f"_on_{name.strip('_')}", None)
        if special is not None:
            return special(func, name, args, words)
        if name.strip("_") in ELEMENTWISE and not any(map(self._wired, carriers)):
            return self._elements(func, name, args, words)
        if name in _VALUES:
            return self._values(func, name, args, words)
        if name in _TELLING:
            return func(*map(self._unwrapped, args), **words)
        if name in _TRANSPARENT:
            return self._same(func, args, words)
        return self._operation(func, name, args, words)

    def _values(self, func: Any, name: str, args: Sequence[Any], words: dict[str, Any]) -> Any:
        """Elements of a tensor that is made of sizes alone: as they are here, which is told."""
        given = [self._unwrapped(each) for each in args]
        if any(x.is_meta for x in leaves_of(given) if isinstance(x, self.torch.Tensor)):
            raise self._lost(f"{name} of a tensor that depends on the input")
        frame = next(_frames(), None)
        if frame is not None:
            self._assumed.append(
                f"elements decide at {_line(frame)}, as they do at the sizes tried"
            )
        return func(*given, **words)

    def _operation(self, func: Any, name: str, args: Sequence[Any], words: dict[str, Any]) -> Any:
        if name.startswith("__r") and _stem(name) in _OPERATORS:
            name, args, func = f"__{name[3:]}", args[::-1], _OPERATORS[_stem(name)]
        start, of = len(self.to.nodes), self._owner()
        label = self._label(of, name)
        nodes = LiveNodes(self.to, label, label)
        call = None
        try:
            given = [self._known(each) for each in args]
            call = called(nodes, name, given, {n: self._known(each) for n, each in words.items()})
            found = None if call is None else call.run()
        except Unclear:
            found = None
        if found is None:
            real = self._real(func, args, words)
            if not any(isinstance(each, self.torch.Tensor) for each in leaves_of(real)):
                return real
            wires = [x.wire.at for x in leaves_of([args, words]) if self._wired(x)]
            found = Wire(nodes.put(Unknown(name[:80].strip("_")), wires))
        else:
            real = self._really(func, name, args, words, found)
        self._count(start, [args, words])
        made = self._paired(found, real)
        if name.endswith("_") and not name.startswith("__") and isinstance(made, self.carrier):
            return self._into(args[0], made)
        if name.startswith("__i") and _stem(name) in _OPERATORS:
            return self._into(args[0], made)
        return made

    def _into(self, there: Any, made: Any) -> Any:
        """What a function makes of a tensor in its place."""
        if not isinstance(there, self.carrier):
            raise self._lost("a constant is changed in its place")
        there.wire, there.elements = made.wire, made.elements
        return there

    def _really(
        self, func: Any, name: str, args: Sequence[Any], words: dict[str, Any], found: Any
    ) -> Any:
        """What PyTorch makes of it without values; by the rule where it does not say."""
        try:
            return self._real(func, args, words)
        except NotImplementedError:
            return self._by_rule(found, name)

    def _by_rule(self, found: Any, name: str) -> Any:
        """Tensors of the shapes that the rule gives."""
        if listed(found):
            return tuple(self._by_rule(each, name) for each in found)
        if not isinstance(found, Wire):
            return found
        shape = self.to.shapes[found.at]
        if shape is None:
            raise self._lost(f"{name.strip('_')} has no shapes without values")
        sizes = [dim.at(self.decisions.values) for dim in shape]
        return self.torch.empty(sizes, device="meta")

    def _real(self, func: Any, args: Sequence[Any], words: Mapping[str, Any]) -> Any:
        """What PyTorch itself makes of it, on the meta device."""
        keep = getattr(func, "__name__", "") in ("__getitem__", "index_select")
        if not any(self._abstract(x) for x in leaves_of([args, words])):
            named = {n: self._unwrapped(each) for n, each in words.items()}
            return func(*map(self._bare, args), **named)
        given = [self._plainly(each, keep and i > 0) for i, each in enumerate(args)]
        named = {name: self._plainly(each) for name, each in words.items()}
        if "device" in named:
            named["device"] = "meta"
        return func(*given, **named)

    def _abstract(self, value: Any) -> bool:
        """Tell whether a tensor has no elements: it depends on the input."""
        if isinstance(value, self.carrier):
            return bool(value.plain.is_meta)
        return isinstance(value, self.torch.Tensor) and bool(value.is_meta)

    def _bare(self, value: Any) -> Any:
        if type(value) in (tuple, list):
            return type(value)(map(self._bare, value))
        return self._unwrapped(value)

    def _silently(self, func: Any, name: str, args: Sequence[Any], words: dict[str, Any]) -> Any:
        """What a layer's own forward calls, on tensors of PyTorch alone."""
        tensors = [x for x in leaves_of([args, words]) if isinstance(x, self.torch.Tensor)]
        if not any(x.is_meta for x in tensors):
            if name.endswith("_") and not name.startswith("_") and tensors:
                return tensors[0]  # counts of batches, say: a model stays as it is
            return func(*args, **words)
        given = [self._plainly(each) for each in args]
        if name == "embedding" and given[0].is_floating_point():
            given[0] = given[0].long()
        return func(*given, **{n: self._plainly(each) for n, each in words.items()})

    def _plainly(self, value: Any, constant: bool = False) -> Any:
        """A value with tensors of PyTorch's own on the meta device."""
        if isinstance(value, self.carrier):
            value = value.plain
        if isinstance(value, self.torch.Tensor):
            return value if constant or value.is_meta or value.dim() == 0 else self._meta(value)
        if type(value) in (tuple, list):
            return type(value)(self._plainly(each, constant) for each in value)
        if isinstance(value, self.torch.Size):
            return tuple(value)
        if type(value) is dict:
            return {name: self._plainly(each) for name, each in value.items()}
        return value

    def _meta(self, tensor: Any) -> Any:
        found = self._metas.get(id(tensor))
        if found is None:
            found = tensor, self.torch.empty_like(tensor, device="meta", requires_grad=False)
            self._metas[id(tensor)] = found
        return found[1]

    def _unwrapped(self, value: Any) -> Any:
        return value.plain if isinstance(value, self.carrier) else value

    def _same(self, func: Any, args: Sequence[Any], words: dict[str, Any]) -> Any:
        """A tensor in another type, or elsewhere: it is the same for sizes."""
        (x, *rest), torch = args, self.torch
        if not isinstance(x, self.carrier):
            return self._meta(x)
        kinds = (torch.device, str)
        rest = [torch.float32 if isinstance(r, torch.Tensor) else r for r in rest]
        rest = [r for r in rest if not isinstance(r, kinds)]
        words = {n: v for n, v in words.items() if n in ("dtype", "memory_format")}
        name = func.__name__
        if name in ("cpu", "cuda") or (name in ("to", "type", "type_as") and not (rest or words)):
            return x
        if name == "type_as":
            return self.carrier.of(x.plain, x.wire, x.elements)
        return self.carrier.of(func(x.plain, *rest, **words), x.wire, x.elements)

    # Sizes

    def sizes(self, x: Any) -> list[int]:
        """The sizes of a tensor, with their formulas."""
        plain = [int(n) for n in x.plain.shape]
        if x.wire is None:
            return plain
        shape = self.to.shapes[x.wire.at] or (None,) * len(plain)
        return [size(n, dim, self.decisions) for n, dim in zip(plain, shape, strict=True)]

    def _attribute(self, name: str, func: Any, x: Any) -> Any:
        if name == "shape":
            return self.torch.Size(self.sizes(x))
        if name == "device":
            return self.torch.device("cpu")
        if name in ("data", "grad_fn"):
            return x if name == "data" else None
        found = getattr(x.plain, name)
        if not isinstance(found, self.torch.Tensor):
            return False if name == "is_meta" else found
        return self._operation(_getter(name), "getattr", (x, name), {})

    def _on_size(self, func: Any, name: str, args: Sequence[Any], words: Any) -> Any:
        found = self.sizes(args[0])
        axis = args[1] if len(args) > 1 else words.get("dim")
        return self.torch.Size(found) if axis is None else found[axis]

    def _on_numel(self, func: Any, name: str, args: Sequence[Any], words: Any) -> Any:
        return prod(self.sizes(args[0]))

    _on_nelement = _on_numel

    def _on_setitem(self, func: Any, name: str, args: Sequence[Any], words: Any) -> None:
        there, index, value = args
        if not isinstance(there, self.carrier):
            raise self._lost("a constant is changed in its place")
        self._real(func, args, words)
        wires = [x.wire.at for x in leaves_of([there, index, value]) if self._wired(x)]
        shape = self.to.shapes[there.wire.at]
        label = self._label(self._owner(), "assign")
        made = Unknown("assign") if shape is None else Become("assign", shape)
        there.wire = Wire(self.to.add(label, made, wires))

    # Short tensors that are made of sizes

    def _elements(self, func: Any, name: str, args: Sequence[Any], words: dict[str, Any]) -> Any:
        """What a function makes of tensors of sizes: with them where it is arithmetic."""
        given = [self._unwrapped(each) for each in args]
        named = {n: self._unwrapped(each) for n, each in words.items()}
        real = func(*given, **named)
        if not isinstance(real, self.torch.Tensor):
            found = args[0].elements
            if name == "tolist" and args[0].plain.dim():
                return list(found)
            return bool(found[0]) if name == "__bool__" else found[0]
        found = elements(name, args, words, self.carrier) if real.numel() <= _ELEMENTS else None
        if found is None or len(found) != real.numel():
            return real  # a number from here on: where that matters, other runs differ
        return self.carrier.of(real, None, found)

    # Layers

    def _forward(self, module: Any, made: Prepared) -> Any:
        own = type(module).forward

        def forward(*args: Any, **words: Any) -> Any:
            carriers = [x for x in leaves_of([args, words]) if isinstance(x, self.carrier)]
            if self._silent or not carriers:
                return own(module, *args, **words)
            return self._layer(module, made, own, args, words)

        return forward

    def _layer(
        self, module: Any, made: Prepared, own: Any, args: Sequence[Any], words: dict[str, Any]
    ) -> Any:
        start, path = len(self.to.nodes), self.book.path(module) or made.name
        nodes = LiveNodes(self.to, path, path)
        held = sum(int(each.numel()) for each in module.parameters())
        try:
            given = [self._known(each) for each in args]
            named = {name: self._known(each) for name, each in words.items()}
            found = made.of(nodes, given, named, held=held).run()
        except Unclear:
            return own(module, *args, **words)
        if made.name in _BY_RULE:
            real = self._by_rule(found, made.name)
        else:
            real = self._really(self._silenced(own, module), made.name, args, words, found)
        self._count(start, list(module.parameters()))
        return self._paired(found, real)

    def _silenced(self, own: Any, module: Any) -> Any:
        def forward(*args: Any, **words: Any) -> Any:
            words.pop("device", None)
            self._silent = True
            try:
                return own(module, *args, **words)
            finally:
                self._silent = False

        return forward

    # Parameters

    def _derive(self, made: Any, args: Any, words: Any) -> Any:
        """Keep of which parameters a constant is made."""
        of = self._held([args, words])
        if of:
            for each in leaves_of(made):
                if isinstance(each, self.torch.Tensor):
                    self._derived[id(each)] = each, of
        return made

    def _held(self, values: Any) -> frozenset[int]:
        found = set[int]()
        for each in leaves_of(values):
            if id(each) in self.book.parameters:
                found.add(id(each))
            elif id(each) in self._derived:
                found |= self._derived[id(each)][1]
        return frozenset(found)

    def _count(self, start: int, values: Any) -> None:
        """Give the nodes since then the parameters that none before them had."""
        new = self._held(values) - self._counted
        self._counted |= new
        held = sum(self.book.counts[each] for each in new)
        for at in range(start, len(self.to.nodes)):
            self.to.nodes[at] = self.to.nodes[at]._replace(parameters=held)
            held = 0

    # What goes in and out

    def _wired(self, value: Any) -> bool:
        return isinstance(value, self.carrier) and value.wire is not None

    def _wire(self, x: Any) -> Wire:
        if x.wire is None:
            shape = tuple(Dim(int(n)) for n in x.plain.shape)
            x.wire = Wire(self.to.add("constant", Become("constant", shape)))
        return x.wire  # type: ignore[no-any-return]

    def _known(self, value: Any) -> Any:
        """A value as the rules of functions know it."""
        if isinstance(value, self.carrier):
            return value.known
        if isinstance(value, self.torch.Tensor):
            return self._weight(value)
        if isinstance(value, (Size, Part)):
            return exact(value)
        if isinstance(value, (tuple, list)):
            return tuple(map(self._known, value))
        if isinstance(value, dict):
            return {name: self._known(each) for name, each in value.items()}
        if isinstance(value, slice):
            return slice(*map(self._known, (value.start, value.stop, value.step)))
        return value

    def _weight(self, tensor: Any) -> Weight:
        shape = tuple(Dim(int(n)) for n in tensor.shape)
        name = self.book.parameters.get(id(tensor), "")
        small = not tensor.is_meta and tensor.numel() <= _ELEMENTS and not name
        elements = tuple(tensor.reshape(-1).tolist()) if small else None
        return Weight(shape, int(tensor.numel()) if name else 0, name, elements)

    def _paired(self, found: Any, real: Any) -> Any:
        """Tensors of PyTorch with the nodes they come from."""
        if isinstance(real, self.torch.Tensor):
            wire = next((each for each in leaves(found) if isinstance(each, Wire)), None)
            return self._tensor(real, wire)
        if isinstance(real, (tuple, list)):
            several = listed(found) and len(found) == len(real)
            each = found if several else (found, *(None,) * (len(real) - 1))
            pairs = [self._paired(*pair) for pair in zip(each, real, strict=True)]
            return type(real)(pairs) if type(real) in (tuple, list) else _like(real, pairs)
        return real

    def _tensor(self, real: Any, wire: Wire | None) -> Any:
        if wire is None:
            wire = Wire(self.to.add(self._label(self._owner(), "part"), Unknown("part")))
        shape = self.to.shapes[wire.at]
        values = self.decisions.values
        if shape is not None and [dim.at(values) for dim in shape] != [*map(int, real.shape)]:
            node = self.to.nodes[wire.at]
            self.to.nodes[wire.at] = node._replace(operation=Unknown(node.operation.word))
            self.to.shapes[wire.at] = None
        return self.carrier.of(real, wire)

    def _lost(self, why: str) -> NotFollowed:
        frame = next(_frames(), None)
        return NotFollowed(f"{why} ({_line(frame)})" if frame else why)

    def _owner(self) -> str:
        """The module whose code is running."""
        for frame in _frames():
            names = frame.f_code.co_varnames
            if names and names[0] == "self":
                path = self.book.path(frame.f_locals.get("self"))
                if path:
                    return path
        return ""

    def _label(self, of: str, name: str) -> str:
        label = f"{of}.{name.strip('_')}".strip(".")
        count = self._labels.get(label, 0)
        self._labels[label] = count + 1
        return f"{label}_{count}" if count else label


def leaves_of(value: Any) -> Iterator[Any]:
    """Yield all that is in nested tuples, lists, dictionaries and slices."""
    if isinstance(value, (tuple, list)):
        for each in value:
            yield from leaves_of(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from leaves_of(each)
    elif isinstance(value, slice):
        yield from leaves_of((value.start, value.stop, value.step))
    else:
        yield value


def _frames() -> Iterator[FrameType]:
    """Yield the frames of a model's own code, the innermost first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if not path.startswith(_OURS) and "/torch/" not in path:
            yield frame
        frame = frame.f_back


_OURS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(__file__))))


def _line(frame: FrameType) -> str:
    return f"{os.path.basename(frame.f_code.co_filename)} line {frame.f_lineno}"


def _place(trace: TracebackType | None) -> tuple[str, str]:
    """Where something was raised, and the line of code there."""
    where, line = "", ""
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if not path.startswith(_OURS) and "/torch/" not in path:
            where = f"{os.path.basename(path)} line {trace.tb_lineno}"
        line = linecache.getline(path, trace.tb_lineno).strip()
        trace = trace.tb_next
    return where, line


def _outputs(value: Any, name: str, carrier: Any) -> Iterator[tuple[str, Any]]:
    """Yield the tensors that come out, by their names."""
    if isinstance(value, carrier):
        yield name or "output", value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _outputs(each, f"{name}.{key}".strip("."), carrier)
    elif isinstance(value, (tuple, list)):
        fields = getattr(value, "_fields", range(len(value)))
        for key, each in zip(fields, value, strict=True):
            yield from _outputs(each, f"{name}.{key}".strip("."), carrier)
    elif hasattr(value, "__dataclass_fields__"):
        for key in value.__dataclass_fields__:
            yield from _outputs(getattr(value, key), f"{name}.{key}".strip("."), carrier)


def _like(real: Any, parts: list[Any]) -> Any:
    return type(real)(*parts) if hasattr(real, "_fields") else type(real)(parts)


def _stem(name: str) -> str:
    """The operator of a method that is named after it with one letter more: radd, iadd."""
    return name.strip("_")[1:]


def _refusal(message: str, where: str, number: int) -> Node:
    return Node(f"refused_{number}", Refuse(message), (), where)


def _getter(name: str) -> Any:
    def get(x: Any, _: str) -> Any:
        return getattr(x, name)

    return get
