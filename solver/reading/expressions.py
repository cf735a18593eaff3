"""Work out the expressions of a program: a white list, a budget of steps, nothing executed.

Numbers, words, lists and what `values` holds; all else stays `Opaque`, and is refused only where a
size, a layer or a decision would depend on it.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

from solver.errors import LimitError, SolverError
from solver.network.dim import Dim
from solver.network.merging import CropLike
from solver.network.operation import Pointwise
from solver.network.shaping import Slice, Unsqueeze
from solver.reading import functions, layers
from solver.reading.building import Build, Wire
from solver.reading.source import Source
from solver.reading.values import (
    Chain,
    Dotted,
    Function,
    Instance,
    Method,
    Missing,
    Names,
    Opaque,
    UserClass,
    is_list,
)
from solver.sizemap import IDENTITY, SizeMap

MOST_STEPS, MOST_DEPTH, MOST_ITEMS = 200_000, 120, 10_000
_LARGEST = 2**63
_NUMBERS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.Pow: operator.pow, ast.LShift: operator.lshift, ast.RShift: operator.rshift,
}  # fmt: skip
_TENSORS: dict[type, str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.MatMult: "matmul",
}  # fmt: skip
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip
_PLAIN = (int, float, str, bool, type(None))


class Expressions:
    """Work out expressions. Its subclass knows statements and calls.

    scopes: the names that are seen, the innermost last. path: of the module whose function is read.
    """

    def __init__(self, source: Source, build: Build, last: bool) -> None:
        self.source, self.build, self.last = source, build, last
        self.scopes: list[Names] = [{}]
        self.path = ""
        self._steps, self._depth = MOST_STEPS, 0

    def refuse(
        self, node: ast.AST, rule: str, received: str | None = None, right: str | None = None
    ) -> SolverError:
        """Return the error that points at a part of the program."""
        line, at = self.source.at(node)
        return self.source.fault(line, rule, at, received, right)

    def tick(self) -> None:
        """Count a step. Raises LimitError where there are too many."""
        self._steps -= 1
        if self._steps < 0:
            raise LimitError(f"a program is read in {MOST_STEPS:,} steps")

    def value(self, node: ast.expr) -> Any:
        """Return what an expression stands for."""
        self.tick()
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise LimitError("this is nested too deeply")
        try:
            found = getattr(self, f"_{type(node).__name__}", None)
            return Opaque(self.text(node)) if found is None else found(node)
        finally:
            self._depth -= 1

    def text(self, node: ast.AST) -> str:
        """Return a part of the program as it is written, its first line."""
        line, at = self.source.at(node)
        return self.source.lines[line - 1][at : at + 60] if line <= len(self.source.lines) else ""

    def plain(self, value: Any, node: ast.AST) -> Any:
        """Return a value where a missing argument is needed as a number: its usual one, noted."""
        if isinstance(value, Missing):
            return self.missing(value, node)
        if is_list(value):
            return type(value)([self.plain(each, node) for each in value])
        if isinstance(value, dict):
            return {name: self.plain(each, node) for name, each in value.items()}
        return value

    def missing(self, value: Missing, node: ast.AST) -> int:
        """Return what is taken for an argument that is not given."""
        raise NotImplementedError

    def call(self, node: ast.Call) -> Any:
        """Return what a call gives."""
        raise NotImplementedError

    def attribute(self, value: Any, name: str) -> Any:
        """Return what a module or a class has under a name."""
        raise NotImplementedError

    def tensor(self, word: str, node: ast.AST, first: Any, *args: Any, **keywords: Any) -> Any:
        """Return what a function of tensors gives."""
        line, _ = self.source.at(node)
        name = f"{self.path}.{word}" if self.path else word
        given = functions.Call(self.build, word, first, args, keywords, name, line, self.last)
        return self.pointed(node, lambda: functions.call(given))

    def pointed(self, node: ast.AST, found: Callable[[], Any]) -> Any:
        """Return what is found; faults in it point at a part of the program."""
        try:
            return found()
        except LimitError:
            raise
        except SolverError as fault:
            if fault.text is not None:
                raise
            raise self.refuse(node, fault.rule, fault.received, fault.right) from None
        except (OverflowError, ZeroDivisionError, TypeError, ValueError, AssertionError):
            raise self.refuse(node, "these arguments are not understood") from None

    def items(self, value: Any, node: ast.AST) -> Iterator[Any]:
        """Yield what a loop goes through. Raises SolverError for what is not known."""
        if isinstance(value, Chain):
            value = value.modules
        elif isinstance(value, Instance) and value.chain is not None:
            value = value.chain.modules
        if not (is_list(value) or isinstance(value, (range, dict, str))):
            rule = "a loop goes over a list or a range that is known"
            raise self.refuse(node, rule, self.text(node), "for i in range(4)")
        for item in value:
            self.tick()
            yield item

    def truth(self, node: ast.expr) -> bool:
        """Return whether a condition holds. Raises SolverError where that is not known."""
        value = self.plain(self.value(node), node)
        if isinstance(value, (Opaque, Dotted, Wire, Dim)):
            rule = "a branch must depend on what is written here alone"
            raise self.refuse(node, rule, self.text(node), "paste the branch that is taken")
        return True if isinstance(value, (Instance, Chain)) else bool(value)

    # Names and plain values

    def _Constant(self, node: ast.Constant) -> Any:
        value = node.value
        return value if isinstance(value, _PLAIN) or value is Ellipsis else Opaque(repr(value)[:60])

    def _Name(self, node: ast.Name) -> Any:
        for names in reversed(self.scopes):
            if node.id in names:
                return names[node.id]
        return Dotted(node.id)

    def _Attribute(self, node: ast.Attribute) -> Any:
        value = self.value(node.value)
        if isinstance(value, Dotted):
            return Dotted(f"{value.path}.{node.attr}"[:200])
        if isinstance(value, Wire):
            if node.attr == "shape":
                return self._shape(value)
            if node.attr in ("is_cuda", "requires_grad", "is_quantized"):
                return False
            if node.attr == "ndim":
                return self.tensor("dim", node, value)
            return Method(value, node.attr)
        if isinstance(value, (Instance, UserClass)):
            return self.attribute(value, node.attr)
        if isinstance(value, (list, dict, str, Chain)) or hasattr(value, "node"):
            return Method(value, node.attr)
        if hasattr(value, "operation"):  # a layer: conv.out_channels
            arguments = getattr(getattr(value.operation, "layer", None), "arguments", {})
            return arguments.get(node.attr, Opaque(self.text(node)))
        return Opaque(self.text(node))

    def _shape(self, wire: Wire) -> Any:
        sizes = functions.shape_of(self.build, wire)
        if self.last and isinstance(sizes, tuple) and len(sizes) > 2:
            return (sizes[0], *sizes[2:], sizes[1])
        return sizes

    def _Tuple(self, node: ast.Tuple | ast.List) -> Any:
        found: list[Any] = []
        for part in node.elts:
            if isinstance(part, ast.Starred):
                found.extend(self.items(self.value(part.value), part))
            else:
                found.append(self.value(part))
            if len(found) > MOST_ITEMS:
                raise LimitError(f"a list may have {MOST_ITEMS:,} entries")
        return tuple(found) if isinstance(node, ast.Tuple) else found

    _List = _Tuple

    def _Dict(self, node: ast.Dict) -> Any:
        found = {}
        for key, part in zip(node.keys, node.values, strict=True):
            if key is None:
                inner = self.value(part)
                found.update(inner if isinstance(inner, dict) else {})
                continue
            name = self.value(key)
            if not isinstance(name, (str, int, float, bool, type(None))):
                return Opaque("a dictionary")
            found[name] = self.value(part)
        return found

    def _JoinedStr(self, node: ast.JoinedStr) -> Any:
        parts = []
        for part in node.values:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            value = self.value(inner)
            parts.append(str(value) if isinstance(value, (str, int)) else "?")
        return "".join(parts)[:1000]

    def _Lambda(self, node: ast.Lambda) -> Any:
        return Function(node, list(self.scopes))

    def _IfExp(self, node: ast.IfExp) -> Any:
        return self.value(node.body if self.truth(node.test) else node.orelse)

    def _BoolOp(self, node: ast.BoolOp) -> Any:
        stops = isinstance(node.op, ast.Or)
        value: Any = not stops
        for part in node.values:
            value = self.plain(self.value(part), part)
            known = isinstance(value, _PLAIN) or is_list(value)
            if known and bool(value) == stops:
                return value
            if not known:
                return value if part is node.values[-1] else Opaque(self.text(node))
        return value

    def _ListComp(self, node: ast.ListComp | ast.GeneratorExp) -> Any:
        found: list[Any] = []
        self.scopes.append({})
        try:
            self._generate(node, 0, found)
        finally:
            self.scopes.pop()
        return found

    _GeneratorExp = _ListComp

    def _generate(self, node: ast.ListComp | ast.GeneratorExp, at: int, found: list[Any]) -> None:
        if at == len(node.generators):
            found.append(self.value(node.elt))
            if len(found) > MOST_ITEMS:
                raise LimitError(f"a list may have {MOST_ITEMS:,} entries")
            return
        part = node.generators[at]
        for item in self.items(self.plain(self.value(part.iter), part.iter), part.iter):
            self.assign(part.target, item)
            if all(self.truth(test) for test in part.ifs):
                self._generate(node, at + 1, found)

    def assign(self, target: ast.expr, value: Any) -> None:
        """Give a value to a name."""
        raise NotImplementedError

    # Arithmetic

    def _UnaryOp(self, node: ast.UnaryOp) -> Any:
        value = self.plain(self.value(node.operand), node)
        if isinstance(node.op, ast.Not):
            return not value if isinstance(value, (*_PLAIN, list)) else Opaque(self.text(node))
        if isinstance(value, Wire):
            return self.tensor("neg", node, value)
        if isinstance(value, (int, float)):
            return value if isinstance(node.op, ast.UAdd) else -value
        if isinstance(value, Dim) and isinstance(node.op, ast.USub):
            return value * -1
        return Opaque(self.text(node))

    def _BinOp(self, node: ast.BinOp) -> Any:
        one, two = (self.plain(self.value(part), part) for part in (node.left, node.right))
        return self.binary(node, node.op, one, two)

    def binary(self, node: ast.AST, op: ast.operator, one: Any, two: Any) -> Any:
        """Return one op two."""
        kind = type(op)
        if isinstance(one, Wire) or isinstance(two, Wire):
            if kind in _TENSORS:
                wires = (one, two) if isinstance(one, Wire) else (two, one)
                return self.tensor(_TENSORS[kind], node, *wires)
            wire = one if isinstance(one, Wire) else two
            return self.tensor("pow" if kind is ast.Pow else kind.__name__, node, wire)
        if isinstance(one, (int, float)) and isinstance(two, (int, float)):
            return self._number(node, kind, one, two)
        if isinstance(one, (int, Dim)) and isinstance(two, (int, Dim)):
            return self._dim(node, kind, one, two)
        if kind is ast.Add and type(one) is type(two) in (list, tuple, str):
            if len(one) + len(two) > MOST_ITEMS:
                raise LimitError(f"a list may have {MOST_ITEMS:,} entries")
            return operator.add(one, two)
        if kind is ast.Mod and isinstance(one, str):
            return filled(one, list(two) if is_list(two) else [two])
        if kind is ast.Mult and is_list(one) and type(two) is int:
            if len(one) * two > MOST_ITEMS:
                raise LimitError(f"a list may have {MOST_ITEMS:,} entries")
            return one * two
        return Opaque(self.text(node))

    def _number(self, node: ast.AST, kind: type, one: Any, two: Any) -> Any:
        if kind not in _NUMBERS:
            return Opaque(self.text(node))
        if kind in (ast.Pow, ast.LShift) and not (abs(two) <= 64 and abs(one) <= _LARGEST):
            raise self.refuse(node, "this number is too large")
        try:
            found = _NUMBERS[kind](one, two)
        except (ZeroDivisionError, OverflowError, ValueError, TypeError) as fault:
            raise self.refuse(node, f"this is no number ({fault})") from None
        if not isinstance(found, (int, float)):
            return Opaque(self.text(node))
        if abs(found) > _LARGEST:
            raise self.refuse(node, "this number is too large")
        return found

    def _dim(self, node: ast.AST, kind: type, one: Any, two: Any) -> Any:
        one, two = (Dim(x) if isinstance(x, int) else x for x in (one, two))
        try:
            if kind is ast.Add:
                found = one + two
            elif kind is ast.Sub:
                found = Dim(0) if one == two else one + two * -1
            elif kind is ast.Mult:
                found = one * two
            elif kind in (ast.FloorDiv, ast.Mod) and two.number and two.number > 0:
                step = SizeMap.line(1, 0, two.number)
                found = one.through(step if kind is ast.FloorDiv else IDENTITY % two.number)
            else:
                return Opaque(self.text(node))
        except SolverError:
            return Opaque(self.text(node))
        return found if found.number is None else found.number

    def _Compare(self, node: ast.Compare) -> Any:
        values = [self.plain(self.value(part), part) for part in (node.left, *node.comparators)]
        for op, one, two in zip(node.ops, values, values[1:], strict=False):
            if isinstance(op, (ast.Is, ast.IsNot)) and None in (one, two):
                holds = _COMPARE[type(op)](one, two)
            elif _undecided(one) or _undecided(two):
                same = one == two and not _unknown(one)
                if not same or not isinstance(op, (ast.Eq, ast.NotEq)):
                    return Opaque(self.text(node))
                holds = isinstance(op, ast.Eq)
            else:
                try:
                    holds = _COMPARE[type(op)](one, two)
                except TypeError:
                    return Opaque(self.text(node))
            if not holds:
                return False
        return True

    # Places of lists and tensors

    def _Subscript(self, node: ast.Subscript) -> Any:
        value = self.value(node.value)
        if isinstance(value, Wire):
            return self._cut(node, value)
        if isinstance(value, Instance) and value.chain is not None:
            value = value.chain
        if isinstance(node.slice, ast.Slice):
            parts = (node.slice.lower, node.slice.upper, node.slice.step)
            ends = [None if part is None else self.plain(self.value(part), part) for part in parts]
            known = all(end is None or type(end) is int for end in ends) and ends[2] != 0
            if known and isinstance(value, Chain):
                return Chain(value.children[slice(*ends)], value.sequential)
            if known and (is_list(value) or isinstance(value, (str, range))):
                return value[slice(*ends)]
            return Opaque(self.text(node))
        key = self.plain(self.value(node.slice), node)
        try:
            if isinstance(value, Chain):
                return dict(value.children)[key] if type(key) is str else value.modules[key]
            if is_list(value) or isinstance(value, (str, range, dict)):
                return Opaque(self.text(node)) if _unknown(key) else value[key]
        except (IndexError, KeyError, TypeError):
            raise self.refuse(node, "there is no such entry", self.text(node)) from None
        return Opaque(self.text(node))

    def _cut(self, node: ast.Subscript, wire: Wire) -> Any:
        """Return a part of a tensor: x[:, :16], x[:, None], x[:, :, 1:-1, 1:-1]."""
        places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        shape, axis = self.build.shape(wire), 0
        for place in places:
            if isinstance(place, ast.Slice):
                parts = (place.lower, place.upper, place.step)
                ends = [None if p is None else self.plain(self.value(p), p) for p in parts]
                if any(end is not None for end in ends):
                    wire = self._slice(node, wire, axis, *ends)
            elif isinstance(place, ast.Constant) and place.value is None:
                wire = self._add(node, Unsqueeze((axis,)), wire)
            elif isinstance(place, ast.Constant) and place.value is Ellipsis and shape:
                axis = len(shape) - (len(places) - 1) - 1
            else:
                return self.tensor("index", node, wire)
            axis += 1
        return wire

    def _slice(
        self, node: ast.AST, wire: Wire, axis: int, start: Any, stop: Any, step: Any
    ) -> Wire:
        start, step = 0 if start is None else start, 1 if step is None else step
        if (
            type(start) is int
            and type(step) is int
            and step > 0
            and type(stop) in (int, type(None))
        ):
            if self.last and (shape := self.build.shape(wire)) is not None:
                axis = layers.channels_first(axis, len(shape))
            return self._add(node, Slice(axis, start, stop, step), wire)
        shape = self.build.shape(wire)
        if shape is not None and isinstance(stop, (int, Dim)) and isinstance(start, (int, Dim)):
            size = self._dim(node, ast.Sub, stop, start)
            target = Dim(size) if isinstance(size, int) else size
            for at in range(len(self.build.shapes) - 1, -1, -1):
                found = self.build.shapes[at]
                if found and len(found) == len(shape) > axis >= 2 and found[axis] == target:
                    if found[2:] == shape[2:]:
                        return wire  # the axis before has brought all of them to fit
                    return self._add(node, CropLike(), wire, Wire(at))
        return self.tensor("slice", node, wire)  # type: ignore[no-any-return]

    def _add(self, node: ast.AST, operation: Any, *wires: Wire) -> Wire:
        line, _ = self.source.at(node)
        word = "pointwise" if isinstance(operation, Pointwise) else operation.title.split("(")[0]
        name = f"{self.path}.{word}" if self.path else word
        return self.build.add(operation, wires, name, line)


def filled(text: str, values: list[Any]) -> str:
    """Return a text with values at its places: %d, %s, {}.

    >>> filled("layer%d", [3]), filled("layer{}_{}", [3, 4])
    ('layer3', 'layer3_4')
    """
    rest = iter(values)
    return re.sub(r"%[dis]|\{\}", lambda found: str(next(rest, found[0]))[:60], text)[:1000]


def _unknown(value: Any) -> bool:
    if is_list(value):
        return any(_unknown(each) for each in value)
    return isinstance(value, (Opaque, Wire, Dotted, Method))


def _undecided(value: Any) -> bool:
    if is_list(value):
        return any(_undecided(each) for each in value)
    return isinstance(value, (Dim, Opaque, Wire, Dotted, Method))
