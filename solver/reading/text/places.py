"""Places of lists and parts of tensors: blocks[0], x[:, :16], x[:, :, 1:-1, 1:-1], x[:, None]."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from solver.network.graph.dim import Dim
from solver.network.graph.merging import CropLike
from solver.network.graph.operation import Pointwise
from solver.network.graph.shaping import Squeeze, Unsqueeze
from solver.reading.functions.call import Wire, ours
from solver.reading.text import arithmetic
from solver.reading.text.comparing import compare
from solver.reading.text.comprehensions import Comprehensions
from solver.reading.text.leaving import Raised
from solver.reading.text.told import among
from solver.reading.text.values import (
    Defaults,
    Instance,
    Missing,
    ModuleChain,
    Opaque,
    Unfollowed,
    is_list,
    unfollowed,
)
from solver.sizes.width import is_int

#: What is no key of a dictionary.
_NO_KEY = float("nan")


class Places(Comprehensions):
    """Work out what stands in square brackets."""

    def _Subscript(self, node: ast.Subscript) -> Any:
        value = self.value(node.value)
        if isinstance(value, Opaque) and value.shape:
            value = self.constant(value, node)
        if isinstance(value, Wire):
            return self.cut(node, value)
        key = self._place(node.slice)
        if isinstance(value, Instance):
            found = self.by_class(value, "__getitem__", [key], node)
            if found is not NotImplemented:
                return found
            value = value.inner
        if isinstance(value, Missing) and is_int(key):
            return self.asked_part(value, key)
        return self._part(node, value, key)

    def _part(self, node: ast.AST, value: Any, key: Any) -> Any:
        """A part of a list, an entry of a table."""
        if value is None or isinstance(value, (int, float)):
            raise self.missing_entry(node, "TypeError")
        self.ask_of(key, node)
        key = self.key(key, value)
        if isinstance(key, slice):
            ends = (key.start, key.stop, key.step)
            known = all(type(end) in (int, type(None)) for end in ends) and key.step != 0
            if known and isinstance(value, ModuleChain):
                return ModuleChain(value.children[key], value.sequential)
            if known and (is_list(value) or isinstance(value, (str, range))):
                return self.weigh(value[key])
            return Opaque(self.text(node))
        if arithmetic.undecided(key):
            return Opaque(self.text(node))
        try:
            if isinstance(value, ModuleChain):
                self.weigh(value)
                return dict(value.children)[key] if type(key) is str else value.modules[key]
            if isinstance(value, Defaults) and not arithmetic.unknown(key) and key not in value:
                value[key] = self.run(value.made, [], {}, node)
            if unfollowed(value):
                return Unfollowed(self.text(node))
            if is_list(value) or isinstance(value, (str, range, dict)):
                return Opaque(self.text(node)) if arithmetic.unknown(key) else value[key]
        except (IndexError, KeyError, TypeError) as fault:
            raise self.missing_entry(node, type(fault).__name__) from None
        return Opaque(self.text(node))

    def key(self, key: Any, of: Any) -> Any:
        """The key of an entry; a size as the key that it is, or as none."""
        if isinstance(of, (dict, set)):
            return among(key, of, _NO_KEY, self.build)
        if is_list(of) or isinstance(of, (ModuleChain, str, range)):
            count = len(of.children) if isinstance(of, ModuleChain) else len(of)
            return among(key, (*range(count), *range(-count, 0)), count, self.build)
        return key

    def missing_entry(self, node: ast.AST, kind: str = "KeyError") -> Raised:
        """The error that Python raises where something is not in a list or dictionary."""
        shown = self.refuse(node, "there is no such entry", self.text(node))
        return Raised(kind, self.text(node), self.source.place(self.source.at(node)[0]), shown)

    def run(self, function: Any, args: list[Any], keywords: Any, node: ast.AST) -> Any:
        """What a function, a class or a module makes of arguments."""
        raise NotImplementedError

    def cut(self, node: ast.Subscript, wire: Wire) -> Any:
        """A part of a tensor: x[:, :16], x[:, None], x[:, :, 1:-1, 1:-1]."""
        places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        shape, axis, whole = self.build.shape(wire), 0, wire
        if self.last and not all(isinstance(each, ast.Slice) or _is_dots(each) for each in places):
            return self._item(node, whole)
        gone: list[int] = []
        for place in places:
            if isinstance(place, ast.Slice):
                parts = (place.lower, place.upper, place.step)
                ends = [None if p is None else self.plain(self.value(p), p) for p in parts]
                if any(end is not None for end in ends):
                    wire = self._slice(node, wire, axis, ends)
            elif isinstance(place, ast.Constant) and place.value is None:
                wire = self._add(node, Unsqueeze((axis,)), wire)
            elif isinstance(place, ast.Constant) and place.value is Ellipsis and shape:
                at = places.index(place)
                behind = sum(not _is_none(each) for each in places[at + 1 :])
                axis = len(shape) + sum(map(_is_none, places[:at])) - behind - 1
            else:
                at = self.plain(self.value(place), place)
                if not is_int(at) or at < -1:
                    return self._item(node, whole)
                after = None if at == -1 else at + 1
                wire = self._slice(node, wire, axis, (at, after, 1), inside=True)
                gone.append(axis)
            axis += 1
        return self._add(node, Squeeze(tuple(gone)), wire) if gone else wire

    def _item(self, node: ast.Subscript, wire: Wire) -> Any:
        """A part of a tensor whose places are not all plain."""
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return self.tensor("getitem", node, wire, tuple(map(self._place, parts)))

    def _place(self, node: ast.expr) -> Any:
        if not isinstance(node, ast.Slice):
            return self.plain(self.value(node), node)
        ends = (node.lower, node.upper, node.step)
        return slice(*(None if end is None else self.plain(self.value(end), end) for end in ends))

    def _slice(
        self, node: ast.AST, wire: Wire, axis: int, ends: Sequence[Any], inside: bool = False
    ) -> Wire:
        start, stop, step = ends
        start, step = 0 if start is None else start, 1 if step is None else step
        if is_int(start) and is_int(step) and step > 0 and type(stop) in (int, type(None)):
            from solver.network.graph.slicing import Slice  # most crop to fit, or do not
            from solver.reading.functions.slicing import cut as sliced

            if self.last and (shape := self.build.shape(wire)) is not None:
                axis = ours(axis, len(shape))
            if inside:
                return self._add(node, Slice(axis, start, stop, inside=True), wire)
            last = None if stop is None else Dim(stop)
            (operation,) = sliced(axis, Dim(start), last, step) or [Slice(axis)]
            return self._add(node, operation, wire)
        like = self._like(wire, axis, start, stop) if step == 1 and not self.last else None
        if like is not None and like.at == wire.at:
            return wire  # the axis before has brought all of them to fit
        if like is not None:
            return self._add(node, CropLike(), wire, like)
        shape = self.build.shape(wire)
        if shape is not None and not self.last:  # where an end is less than 0 is another path
            start, stop = (self._from_end(end, shape[axis]) for end in (start, stop))
        before = (slice(None),) * axis
        return self.tensor("getitem", node, wire, (*before, slice(start, stop, step)))  # type: ignore[no-any-return]

    def _from_end(self, end: Any, size: Dim) -> Any:
        """An end of a slice, counted from the begin."""
        below = isinstance(end, Dim) and compare(ast.Lt(), end, 0, self.build.decide)
        return size + end if below else end

    def _like(self, wire: Wire, axis: int, start: Any, stop: Any) -> Wire | None:
        """A tensor to whose size one is cropped in the middle, None of none."""
        shape = self.build.shape(wire)
        if shape is None or not isinstance(stop, (int, Dim)) or not isinstance(start, (int, Dim)):
            return None
        size = arithmetic.size(ast.Sub, stop, start)
        target = Dim(size) if isinstance(size, int) else size
        for at in range(len(self.build.shapes) - 1, -1, -1):
            found = self.build.shapes[at]
            if found and len(found) == len(shape) > axis >= 2 and found[axis] == target:
                if found[2:] == shape[2:]:
                    fitted = isinstance(self.build.nodes[wire.at].operation, CropLike)
                    return wire if start == 0 or fitted else None
                less = arithmetic.size(ast.Sub, shape[axis], target)
                half = None if less is None else arithmetic.size(ast.FloorDiv, less, 2)
                centred = half is not None and start == half
                return Wire(at) if start != 0 and centred else None
        return None

    def _add(self, node: ast.AST, operation: Any, *wires: Wire) -> Wire:
        line, _ = self.source.at(node)
        word = "pointwise" if isinstance(operation, Pointwise) else operation.title.split("(")[0]
        name = f"{self.path}.{word}" if self.path else word
        return self.build.add(operation, wires, name, line)


def _is_dots(place: ast.expr) -> bool:
    return isinstance(place, ast.Constant) and place.value is Ellipsis


def _is_none(place: ast.expr) -> bool:
    return isinstance(place, ast.Constant) and place.value is None
