"""Work out the expressions of a program: a white list, a budget of steps, nothing executed.

Numbers, words, lists and what `values` holds; all else stays `Opaque`, and is refused only where a
size, a layer or a decision would depend on it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from solver.errors import LimitError, SolverError
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Unknown
from solver.network.graph.values import Ratio
from solver.reading.functions.call import Call, Unclear, Wire
from solver.reading.functions.table import called
from solver.reading.text import arithmetic, words
from solver.reading.text.arithmetic import MOST_ITEMS, limited, too_large
from solver.reading.text.asking import Asking
from solver.reading.text.building import Build
from solver.reading.text.changes import Changes
from solver.reading.text.comparing import compare, truth
from solver.reading.text.inside import leaves, parts_of, weight, wires_in
from solver.reading.text.nodes import TextNodes, into
from solver.reading.text.source import Source
from solver.reading.text.told import here, told
from solver.reading.text.values import (
    Dotted,
    Flow,
    Instance,
    Missing,
    ModuleChain,
    Names,
    Opaque,
    Unfollowed,
    UserClass,
    is_list,
    lettered,
    unfollowed,
    untold,
)

MOST_DEPTH = 120
#: Functions that operators of tensors stand for.
TENSORS: dict[type, str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.MatMult: "matmul",
    ast.Pow: "pow",
}  # fmt: skip
#: Functions of Python that operators stand for.
OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Div: "truediv", ast.Pow: "pow",
}  # fmt: skip
_COMPARED: dict[type, str] = {
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne",
}  # fmt: skip
_PLAIN = (int, float, str, bool, type(None))
#: Functions whose arguments are sizes: of these none is taken as any number.
_SIZES = ("pool", "interpolate", "upsampl", "resize", "fold", "conv", "crop", "shuffle")
_NUMBERS = (int, float, Dim, Ratio)


#: Where a scope keeps the names that are not its own, and whose they are.
OUTER = "(outer)"


class Expressions(Asking):
    """Work out expressions. Its subclass knows statements and calls.

    scopes: the names that are seen, the innermost last. path: of the module whose function is read.
    """

    def __init__(self, source: Source, build: Build, last: bool, flax: bool) -> None:
        super().__init__(source, build)
        self.last, self.flax = last, flax
        self.scopes: list[Names] = [{}]
        self.path = ""
        self._depth = 0

    def find(self, name: str) -> Any:
        """What a name stands for, None of one that nothing explains."""
        return next((names[name] for names in reversed(self.scopes) if name in names), None)

    def bind_name(self, name: str, value: Any) -> None:
        """Give a value to a name, of the function or of those that it declares."""
        own = self.scopes[-1]
        outer = own.get(OUTER, {}).get(name, own)
        outer[name] = value

    def tick(self, count: int = 1) -> None:
        """Count steps. Raises LimitError where there are too many."""
        self.source.tick(count)

    def weigh(self, value: Any) -> Any:
        """A value that is made or gone through as a whole: a step for every few parts."""
        if isinstance(value, (list, tuple, dict, set, str, ModuleChain)):
            self.tick(weight(value) // 4)
        return value

    def value(self, node: ast.expr) -> Any:
        """What an expression stands for."""
        return here(self.open(node))

    def open(self, node: ast.expr) -> Any:
        """What an expression stands for; of the least of sizes it may be open which one it is."""
        self.tick()
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise LimitError("this is nested too deeply")
        try:
            found = getattr(self, f"_{type(node).__name__}", None)
            return Opaque(self.text(node)) if found is None else found(node)
        finally:
            self._depth -= 1

    def plain(self, value: Any, node: ast.AST) -> Any:
        """A value where a missing argument is needed as a number: its usual one, noted."""
        if isinstance(value, Missing):
            return self.missing(value, node)
        held = is_list(value) or isinstance(value, dict)
        if not held or not any(isinstance(each, Missing) for each in leaves(self.weigh(value))):
            return value
        if is_list(value):
            return type(value)([self.plain(each, node) for each in value])
        if isinstance(value, dict):
            return {name: self.plain(each, node) for name, each in value.items()}
        return value

    def call(self, node: ast.Call) -> Any:
        """What a call gives."""
        raise NotImplementedError

    def attribute(self, value: Any, name: str) -> Any:
        """What a module or a class has under a name."""
        raise NotImplementedError

    def by_class(self, of: Instance, word: str, args: list[Any], node: ast.AST) -> Any:
        """What a method of its class makes that stands for an operator; else NotImplemented."""
        raise NotImplementedError

    def tensor(self, path: str, node: ast.AST, *args: Any, **keywords: Any) -> Any:
        """What a function of tensors gives."""
        line, _ = self.source.at(node)
        word = path.rpartition(".")[2].rstrip("_")
        if word.lower() == "pad" or any(each in word.lower() for each in _SIZES):
            for each in parts_of([args, keywords]):
                self.ask_of(each, node)
        else:
            args = self.taken(args)
            keywords = {name: self.taken(each) for name, each in keywords.items()}
        wires = wires_in([args, keywords])
        nodes = TextNodes(self.build, f"{self.path}.{word}" if self.path else word, line)
        given, named = into(list(args)), into(keywords)
        call = called(nodes, path, given, named, self.last)
        if not wires:
            return self._of_none(call, word, node)
        if call is None:
            return self.build.add(Unknown(word[:80]), wires, nodes.name, line)
        try:
            return self.pointed(node, call.run)
        except Unclear:
            unclear = any(isinstance(each, Opaque) for each in parts_of([args, keywords]))
            if unclear or any(self.build.shape(wire) is None for wire in wires):
                return call.unknown()
        given = [into(self.told(each)) for each in args]  # there is no formula for every n
        named = {name: into(self.told(each)) for name, each in keywords.items()}
        return self.pointed(node, (called(nodes, path, given, named, self.last) or call).found)

    def _of_none(self, call: Call | None, word: str, node: ast.AST) -> Any:
        """What a function of tensors gives that reads none: a tensor of sizes and numbers."""
        try:
            return Opaque(f"{word}(...)") if call is None else self.pointed(node, call.run)
        except Unclear:
            return Opaque(f"{word}(...)")

    def pointed(self, node: ast.AST, found: Callable[[], Any]) -> Any:
        """What is found; faults in it point at a part of the program."""
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

    def told(self, value: Any) -> Any:
        """A value with numbers for the sizes in it, which makes a path."""
        return told(value, self.build)

    def items(self, value: Any, node: ast.AST) -> Iterator[Any]:
        """Yield what a loop goes through. Raises SolverError for what is not known."""
        if isinstance(value, ModuleChain):
            value = value.walked
        elif isinstance(value, Instance):
            found = self.by_class(value, "__iter__", [], node)
            value = value.inner if found is NotImplemented else found
            value = value.walked if isinstance(value, ModuleChain) else value
        if isinstance(value, Wire):
            value = self.tensor("unbind", node, value)
        if isinstance(value, Opaque) and value.elements:
            value = [Opaque(value.text, elements=(each,)) for each in value.elements]
        if unfollowed(value) or not isinstance(value, (list, tuple, range, dict, str, set, Flow)):
            rule = "a loop goes over a list or a range that is known"
            raise self.unfollowed(node, rule, self.text(node), "for i in range(4)")
        for item in value:
            self.tick()
            yield item

    def settled(self, value: Any, node: ast.AST) -> Any:
        """What is gone through once as the list of what it gives; anything else as it is."""
        if not isinstance(value, Flow):
            return value
        found = [*islice(self.items(value, node), MOST_ITEMS + 1)]
        limited(len(found))
        return found

    def held(self, node: ast.expr) -> bool | None:
        """Whether a condition holds where the program is run; None where that is not known."""
        return truth(self.plain(self.value(node), node), self.build.decide)

    def truth(self, node: ast.expr) -> bool:
        """Whether a condition holds. Raises CannotFollow where that is not known."""
        found = self.held(node)
        if found is None:
            raise self.undecided(node)
        return found

    # Names and plain values

    def _Constant(self, node: ast.Constant) -> Any:
        value = node.value
        plain = isinstance(value, _PLAIN) and not too_large(value)
        return value if plain or value is Ellipsis else Opaque(self.text(node))

    def _Name(self, node: ast.Name) -> Any:
        for names in reversed(self.scopes):
            if node.id in names:
                return names[node.id]
        return Ellipsis if node.id == "Ellipsis" else Dotted(node.id)

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

    def _Set(self, node: ast.Set) -> Any:
        return self.as_set(self._Tuple(ast.List(node.elts, ast.Load())), node)

    def as_set(self, found: list[Any], node: ast.AST) -> Any:
        """A set of plain values and classes; of others it is not known."""
        plain = all(isinstance(each, (*_PLAIN, UserClass, Dotted)) for each in found)
        return set(found) if plain else Opaque(self.text(node))

    def _Dict(self, node: ast.Dict) -> Any:
        found = {}
        for key, part in zip(node.keys, node.values, strict=True):
            if key is None:
                inner = self.value(part)
                if not isinstance(inner, dict) or unfollowed(inner):
                    return Unfollowed(self.text(node))
                found.update(inner)
                continue
            name = self.value(key)
            if not isinstance(name, (str, int, float, bool, type(None))):
                return Opaque("a dictionary")
            found[name] = self.value(part)
        return found

    def _JoinedStr(self, node: ast.JoinedStr) -> Any:
        """Words; of sizes they are not known, and say what they are made of."""
        return words.joined([self._part_of_words(part) for part in node.values])

    def _part_of_words(self, node: ast.expr) -> Any:
        if not isinstance(node, ast.FormattedValue):
            return self.value(node)
        spec = "" if node.format_spec is None else self.value(node.format_spec)
        conversion = "" if node.conversion < 0 else f"!{chr(node.conversion)}"
        value = self.value(node.value)
        return words.spelled(value, conversion, spec) if isinstance(spec, str) else Opaque("?")

    def _IfExp(self, node: ast.IfExp) -> Any:
        return self.value(node.body if self.truth(node.test) else node.orelse)

    def _BoolOp(self, node: ast.BoolOp) -> Any:
        stops, sure = isinstance(node.op, ast.Or), True
        value: Any = not stops
        for part in node.values:
            value = self.plain(self.value(part), part)
            if sure and part is node.values[-1]:
                return value  # whether it holds is not asked
            held = truth(value, self.build.decide)
            if held == stops and (sure or not stops):
                return value if sure else False
            sure = sure and held is not None
            if not sure and Changes(lambda _: ()).of(node.values).any:
                raise self.undecided(node)  # nobody knows whether the others are worked out
        return Opaque(self.text(node))

    def _Starred(self, node: ast.Starred) -> Any:
        raise self.unfollowed(node, "this is not followed", self.text(node))

    _Await = _Starred

    def assign(self, target: ast.expr, value: Any) -> None:
        """Give a value to a name."""
        raise NotImplementedError

    # Arithmetic

    def _UnaryOp(self, node: ast.UnaryOp) -> Any:
        value = self.plain(self.value(node.operand), node)
        if isinstance(node.op, ast.Not):
            held = truth(value, self.build.decide)
            return Opaque(self.text(node)) if held is None else not held
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
        if isinstance(one, Instance):
            word = OPERATORS.get(kind, "")
            found = self.by_class(one, f"__{word}__", [two], node)
            return Opaque(self.text(node)) if found is NotImplemented else found
        shaped = all(isinstance(each, Opaque) and each.shape for each in (one, two))
        if shaped or isinstance(one, Wire) or isinstance(two, Wire):
            return self.tensor(TENSORS.get(kind, kind.__name__), node, one, two)
        for value, other in ((one, two), (two, one)):
            if isinstance(value, Opaque) and value.shape and isinstance(other, (int, float)):
                ends = [(each, two) if value is one else (one, each) for each in value.elements]
                made = tuple(self.binary(node, op, *pair) for pair in ends)
                return value.replaced(elements=() if any(map(arithmetic.unknown, made)) else made)
        if isinstance(one, str) and kind is ast.Mod:
            return words.filled(one, two)
        if isinstance(two, (int, float, Dim, Ratio)):
            one = lettered(one)
        elif isinstance(one, (int, float, Dim, Ratio)):
            two = lettered(two)
        found = self.pointed(node, lambda: arithmetic.binary(kind, one, two))
        if found is None and isinstance(one, _NUMBERS) and isinstance(two, _NUMBERS):
            if untold(one) or untold(two):
                return self.computed(node, kind, one, two)
            numbers = self.told(one), self.told(two)
            found = self.pointed(node, lambda: arithmetic.binary(kind, *numbers))
        if found is None and is_list(one) and isinstance(two, Dim):
            count = self.told(two)
            found = None if count is two else self.binary(node, op, one, count)
        return Opaque(self.text(node)) if found is None else self.weigh(found)

    def _Compare(self, node: ast.Compare) -> Any:
        values = [self.plain(self.open(part), part) for part in (node.left, *node.comparators)]
        if not all(isinstance(each, (int, float)) for each in values):
            values = [here(each) for each in values]
        pair = len(values) == 2 and type(node.ops[0]) in _COMPARED and None not in values
        shaped = [each for each in values if isinstance(each, Opaque) and each.shape]
        if pair and (any(isinstance(each, Wire) for each in values) or len(shaped) == 2):
            return self.tensor(_COMPARED[type(node.ops[0])], node, *values)
        if pair and shaped:  # with a number
            return shaped[0].replaced(text=self.text(node), parameter=False, elements=())
        for op, one, two in zip(node.ops, values, values[1:], strict=False):
            holds = self._compared(op, one, two, node)
            if holds is None:
                return Opaque(self.text(node))
            if not holds:
                return False
        return True

    def _compared(self, op: ast.cmpop, one: Any, two: Any, node: ast.AST) -> bool | None:
        if isinstance(op, (ast.In, ast.NotIn)) and isinstance(two, Instance):
            found = self.by_class(two, "__contains__", [one], node)
            if found is not NotImplemented:
                held = truth(found, self.build.decide)
                return held if held is None else held == isinstance(op, ast.In)
            two = two.inner
        return compare(op, one, two, self.build.decide)
