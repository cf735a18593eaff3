"""The functions that a model calls in a run: each becomes an operation of the network."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from solver.errors import shorten
from solver.network.graph.computed import Become
from solver.network.graph.operation import Input, Refuse, Unknown
from solver.network.graph.walk import Node
from solver.reading.functions.call import Unclear, Wire
from solver.reading.functions.table import called
from solver.reading.live.running.carrier import formulaic
from solver.reading.live.running.counted import Counted
from solver.reading.live.running.elements import ELEMENTWISE, elements
from solver.reading.live.running.kinds import (
    OPERATORS,
    PLAIN,
    TELLING,
    TRANSPARENT,
    TRUTHS,
    VALUES,
    stem,
)
from solver.reading.live.running.largest import largest
from solver.reading.live.running.program import frames, leaves_of, line_of
from solver.reading.live.running.real import Real
from solver.reading.live.running.tensors import ELEMENTS, Tensors
from solver.reading.paths.decisions import Lost, RefusedSizes
from solver.reading.paths.nodes import CallNodes


class NotFollowed(BaseException):
    """Say why a program is not followed further."""


class Functions:
    """Hold what the functions of one run are given, and what comes out.

    trusting: whether they give what their rules say, as a run before has shown.
    """

    def __init__(self, tensors: Tensors, trusting: bool = False) -> None:
        self.tensors, self.book, self.to = tensors, tensors.book, tensors.to
        self.torch, self.carrier = tensors.torch, tensors.carrier
        self.real, self.counted = Real(self.torch, self.carrier), Counted(self.book, self.to)
        self.assumed: dict[str, None] = {}
        self.trusting = trusting
        self._labels: dict[str, int] = {}

    def function(self, func: Any, args: Sequence[Any], words: dict[str, Any]) -> Any:
        """What a function gives, with its formulas."""
        name = getattr(func, "__name__", "?")
        if name == "_assert":
            return func(*args, **words)  # what it raises the model raises
        try:
            self._looked_up(name, args)
            found = self._function(func, name, args, words)
            if isinstance(found, self.carrier):
                found.most = largest(name, args, words, self.tensors.sizes)
            return found
        except RefusedSizes:
            raise
        except NotImplementedError:  # nonzero, unique, bincount: no meta tensor has them
            raise self.lost(f"{name.strip('_')}: its shape depends on values") from None
        except Exception as fault:  # whatever PyTorch raises where there are no values
            message = shorten(str(fault).partition("\n")[0], 120)
            raise self.lost(f"{name.strip('_')}: {message}") from None

    def _looked_up(self, name: str, args: Sequence[Any]) -> None:
        if name == "embedding":
            self.look_up(args[0], args[1].shape[0])
        elif name == "gather" and len(args) == 3:
            self.look_up(args[2], args[0].shape[args[1]])
        elif name == "__getitem__" and isinstance(args[1], self.carrier):
            self._rows(*args)

    def _rows(self, table: Any, places: Any) -> None:
        """Ask for rows of a table, at places that are counted out of sizes."""
        if isinstance(table, self.carrier) or not self._counted_out(places.wire):
            return
        if places.most is None:
            raise self.lost("nobody knows whether a table has the places that sizes are made to")
        self.look_up(places, table.shape[0])

    def _counted_out(self, wire: Wire | None) -> bool:
        """Whether what a node gives is worked out of numbers up to a size, and of no input."""
        waiting, seen = [] if wire is None else [wire.at], set[int]()
        counts = False
        while waiting:
            node = self.to.nodes[waiting.pop()]
            if isinstance(node.operation, Input):
                return False
            counts = counts or getattr(node.operation, "name", "") == "arange"
            waiting += [each for each in node.inputs if each not in seen]
            seen.update(node.inputs)
        return counts

    def look_up(self, index: Any, rows: int) -> None:
        """Ask that a table has a row for each number of an index. Raises RefusedSizes where not."""
        most = getattr(index, "most", None)
        if most is not None and most >= rows:
            frame = next(frames(), None)
            message = f"the largest index, {most}, must be less than {rows}"
            where = line_of(frame) if frame else ""
            self.to.nodes.append(Node(f"refused_{len(self.to.nodes)}", Refuse(message), (), where))
            self.to.shapes.append(None)
            raise RefusedSizes

    def _function(self, func: Any, name: str, args: Sequence[Any], words: dict[str, Any]) -> Any:
        carriers = [x for x in leaves_of([args, words]) if isinstance(x, self.carrier)]
        if not carriers and not (formulaic(args) or formulaic(words)):
            return self.counted.derive(func(*args, **words), args, words)
        if name == "__get__":
            return self._attribute(func.__self__.__name__, func, args[0])
        if name in ("__set__", "__delete__", "__deepcopy__"):
            raise self.lost(f"{name} of a tensor")
        special = getattr(self, f"_on_{name.strip('_')}", None)
        if special is not None:
            return special(func, name, args, words)
        indexes = name == "__getitem__" and not isinstance(args[0], self.carrier)
        made_of_sizes = not indexes and not any(map(self.tensors.wired, carriers))
        if name.strip("_") in ELEMENTWISE and made_of_sizes:
            return self._elements(func, name, args, words)
        if name in VALUES:
            return self._values(func, name, args, words)
        if name in TELLING:
            return func(*map(self.real.bare, args), **words)
        if name in TRANSPARENT:
            return self._same(func, args, words)
        return self._operation(func, name, args, words)

    def _values(self, func: Any, name: str, args: Sequence[Any], words: dict[str, Any]) -> Any:
        """Elements of a tensor that is made of sizes alone: as they are here, which is told.

        Of one that depends on the input a truth is guessed, which must not matter.
        """
        given = [self.real.bare(each) for each in args]
        if any(x.is_meta for x in leaves_of(given) if isinstance(x, self.torch.Tensor)):
            try:
                if name in TRUTHS:
                    return self.to.decisions.guess(True)
            except Lost:
                pass
            raise self.lost(f"{name} of a tensor that depends on the input")
        frame = next(frames(), None)
        if frame is not None:
            said = f"elements decide at {line_of(frame)}, as they do at the sizes tried"
            self.assumed[said] = None
        return func(*given, **words)

    def _operation(self, func: Any, name: str, args: Sequence[Any], words: dict[str, Any]) -> Any:
        if name.startswith("__r") and stem(name) in OPERATORS:
            name, args, func = f"__{name[3:]}", args[::-1], OPERATORS[stem(name)]
        start, of = len(self.to.nodes), self._owner()
        label = self._label(of, name)
        nodes = CallNodes(self.to, label, label)
        call = found = None
        try:
            given = [self.tensors.known(each) for each in args]
            named = {n: self.tensors.known(each) for n, each in words.items()}
            if not self._by_mask(name, args):
                call = called(nodes, name, given, named)
            found = None if call is None else call.run()
        except Unclear:
            pass
        if found is None:
            real = self.real.call(func, args, words)
            if not any(isinstance(each, self.torch.Tensor) for each in leaves_of(real)):
                return real
            wires = [x.wire.at for x in leaves_of([args, words]) if self.tensors.wired(x)]
            found = Wire(nodes.put(Unknown(name[:80].strip("_")), wires))
        else:
            real = self.really(func, name, args, words, found)
        self.counted.count(start, [args, words])
        made = self.tensors.paired(found, real)
        if name.endswith("_") and not name.startswith("__") and isinstance(made, self.carrier):
            return self._into(args[0], made)
        if name.startswith("__i") and stem(name) in OPERATORS:
            return self._into(args[0], made)
        return made

    def _by_mask(self, name: str, args: Sequence[Any]) -> bool:
        """Tell whether elements are taken where a mask is true: their number depends on values."""
        places = leaves_of(args[1:]) if name == "__getitem__" else ()
        tensors = (each for each in places if isinstance(each, self.torch.Tensor))
        return any(each.dtype in (self.torch.bool, self.torch.uint8) for each in tensors)

    def _into(self, there: Any, made: Any) -> Any:
        """What a function makes of a tensor in its place."""
        if not isinstance(there, self.carrier):
            raise self.lost("a constant is changed in its place")
        there.wire, there.elements = made.wire, made.elements
        return there

    def really(
        self, func: Any, name: str, args: Sequence[Any], words: dict[str, Any], found: Any
    ) -> Any:
        """What PyTorch makes of it without values; by the rule where it does not say.

        What keeps the type of its tensors is as its rule says.
        """
        if self.trusting and name.strip("_") in PLAIN and self.tensors.told(found):
            tensors = [x for x in leaves_of([args, words]) if isinstance(x, self.torch.Tensor)]
            kinds = {x.dtype for x in tensors}
            if len(kinds) == 1 and tensors[0].is_floating_point() and "out" not in words:
                return self.tensors.by_rule(found, name, kinds.pop())
        try:
            return self.real.call(func, args, words)
        except NotImplementedError:
            return self.tensors.by_rule(found, name)

    def _same(self, func: Any, args: Sequence[Any], words: dict[str, Any]) -> Any:
        """A tensor in another type, or elsewhere: it is the same for sizes."""
        (x, *rest), torch = args, self.torch
        if not isinstance(x, self.carrier):
            return self.real.meta(x)
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

    def _attribute(self, name: str, func: Any, x: Any) -> Any:
        if name == "shape":
            return self.torch.Size(self.tensors.sizes(x))
        if name == "device":
            return self.torch.device("cpu")
        if name in ("data", "grad_fn"):
            return x if name == "data" else None
        found = getattr(x.plain, name)
        if not isinstance(found, self.torch.Tensor):
            return False if name == "is_meta" else found
        return self._operation(_getter(name), "getattr", (x, name), {})

    def _on_size(self, func: Any, name: str, args: Sequence[Any], words: Any) -> Any:
        found = self.tensors.sizes(args[0])
        axis = args[1] if len(args) > 1 else words.get("dim")
        return self.torch.Size(found) if axis is None else found[axis]

    def _on_numel(self, func: Any, name: str, args: Sequence[Any], words: Any) -> Any:
        return prod(self.tensors.sizes(args[0]))

    _on_nelement = _on_numel

    def _on_setitem(self, func: Any, name: str, args: Sequence[Any], words: Any) -> None:
        there, index, value = args
        if not isinstance(there, self.carrier):
            raise self.lost("a constant is changed in its place")
        self.real.call(func, args, words)
        wires = [x.wire.at for x in leaves_of([there, index, value]) if self.tensors.wired(x)]
        shape = self.to.shapes[there.wire.at]
        label = self._label(self._owner(), "assign")
        made = Unknown("assign") if shape is None else Become("assign", shape, least=0)
        there.wire = Wire(self.to.add(label, made, wires))

    # Short tensors that are made of sizes

    def _elements(self, func: Any, name: str, args: Sequence[Any], words: dict[str, Any]) -> Any:
        """What a function makes of tensors of sizes: with them where it is arithmetic."""
        given = [self.real.bare(each) for each in args]
        named = {n: self.real.bare(each) for n, each in words.items()}
        real = func(*given, **named)
        if not isinstance(real, self.torch.Tensor):
            found = args[0].elements
            if name == "tolist" and args[0].plain.dim():
                return list(found)
            return bool(found[0]) if name == "__bool__" else found[0]
        found = elements(name, args, words, self.carrier) if real.numel() <= ELEMENTS else None
        if found is None or len(found) != real.numel():
            return real  # a number from here on: where that matters, other runs differ
        return self.carrier.of(real, None, found)

    def lost(self, why: str) -> NotFollowed:
        frame = next(frames(), None)
        return NotFollowed(f"{why} ({line_of(frame)})" if frame else why)

    def _owner(self) -> str:
        """The module whose code is running."""
        for frame in frames():
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


def _getter(name: str) -> Any:
    def get(x: Any, _: str) -> Any:
        return getattr(x, name)

    return get
