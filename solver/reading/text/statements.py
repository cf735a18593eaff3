"""Go through the statements of a program: assignments, loops, classes, plain branches."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from solver.network.graph.merging import Assign, Elementwise
from solver.reading.functions.call import Wire
from solver.reading.text.arithmetic import limited
from solver.reading.text.changes import forget
from solver.reading.text.expressions import OUTER, TENSORS
from solver.reading.text.inside import leaves
from solver.reading.text.leaving import Raised, Returned
from solver.reading.text.objects import Objects
from solver.reading.text.values import (
    MODULES,
    Bound,
    Builtin,
    Dotted,
    Function,
    Instance,
    Missing,
    ModuleChain,
    Opaque,
    Partial,
    Unfollowed,
    UserClass,
    is_list,
    unfollowed,
)
from solver.sizes.width import is_int

#: What decorators make of a function.
KINDS = {"property": "property", "cached_property": "property"}
KINDS |= {word: word for word in ("staticmethod", "classmethod", "setter")}
#: What is changed unseen, since nothing is known of it.
UNKNOWN = (Opaque, Dotted, Wire)


class Statements(Objects):
    """Work out statements."""

    def _nothing(self, node: ast.stmt) -> None:
        pass

    _Pass = _nothing

    def _Global(self, node: ast.Global | ast.Nonlocal) -> None:
        own = self.scopes[-1]
        for name in node.names if len(self.scopes) > 1 else ():
            outer = self.scopes[-2:0:-1] if isinstance(node, ast.Nonlocal) else ()
            scope = next((each for each in outer if name in each), self.scopes[0])
            own.setdefault(OUTER, {})[name] = scope

    _Nonlocal = _Global

    def _Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.scopes[-1].pop(target.id, None)
            elif isinstance(target, ast.Attribute):
                of = self.value(target.value)
                if isinstance(of, Instance):
                    of.names.pop(target.attr, None)
                    parts = of.chain.children if of.chain else []
                    parts[:] = [pair for pair in parts if pair[0] != target.attr]
            else:
                self._delete_part(target)

    def _delete_part(self, target: ast.expr) -> None:
        assert isinstance(target, ast.Subscript)
        of = self.value(target.value)
        sliced = isinstance(target.slice, ast.Slice)
        key: Any = self.part(target.slice) if sliced else self.value(target.slice)
        of = of.inner if isinstance(of, Instance) else of
        if isinstance(of, ModuleChain) and isinstance(key, str):
            key = [name for name, _ in of.children].index(key)
        parts = of.children if isinstance(of, ModuleChain) else of
        known = isinstance(key, (int, str, slice)) and not unfollowed(of)
        if not isinstance(parts, (list, dict)) or not known:
            raise self.unfollowed(target, "this is not followed", self.text(target))
        try:
            del parts[key]
        except (LookupError, TypeError):
            raise self.missing_entry(target) from None
        if isinstance(of, ModuleChain):
            of.renumber()

    def _Expr(self, node: ast.Expr) -> None:
        self.value(node.value)

    def _Assign(self, node: ast.Assign) -> None:
        named = all(isinstance(target, ast.Name) for target in node.targets)
        value = self.open(node.value) if named else self.value(node.value)
        for target in node.targets:
            self.assign(target, value)

    def _AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.value(node.value))

    def _AugAssign(self, node: ast.AugAssign) -> None:
        one, two = self.value(node.target), self.plain(self.value(node.value), node)
        two = self.settled(two, node)
        if isinstance(one, ModuleChain) and isinstance(two, (list, ModuleChain)):
            self.fill(one, [list(self.items(two, node))], node)
            return
        if unfollowed(one) or (isinstance(one, (list, dict)) and unfollowed(two)):
            forget(one, Unfollowed(self.text(node)))
            return
        if isinstance(one, (dict, set)) and isinstance(node.op, ast.BitOr):
            self.of_held(one, "update", [two], {}, node)
            return
        if isinstance(one, list) and is_list(two):
            limited(len(one) + len(self.weigh(two)))
            one.extend(two)
            return
        word = TENSORS.get(type(node.op), "matmul")
        if isinstance(one, Wire) and word != "matmul":  # it is changed in its place
            self.assign(node.target, self.tensor(f"{word}_", node, one, two))
            return
        self.assign(node.target, self.binary(node, node.op, self.plain(one, node), two))

    def _Return(self, node: ast.Return) -> None:
        raise Returned(None if node.value is None else self.value(node.value))

    def _FunctionDef(self, node: ast.FunctionDef) -> None:
        kinds = {each.id for each in node.decorator_list if isinstance(each, ast.Name)}
        kinds |= {each.attr for each in node.decorator_list if isinstance(each, ast.Attribute)}
        kind = next((KINDS[word] for word in KINDS if word in kinds), "")
        name = f"{node.name}.setter" if kind == "setter" else node.name
        self.bind_name(name, self._marked(node, self.made(node, kind)))

    def _marked(self, node: ast.FunctionDef | ast.ClassDef, made: Any) -> Any:
        """A function or class as decorators of the text make it; those of others change nothing."""
        for mark in reversed(node.decorator_list):
            if self.foreign(mark):
                made = self._as_before(made, mark)
                continue
            value = self.value(mark)
            if isinstance(value, (Function, Bound, Partial)):
                made = self.run(value, [made], {}, node)
        return made

    def foreign(self, node: ast.expr) -> bool:
        """Tell whether what marks a function comes from a package."""
        raise NotImplementedError

    def _as_before(self, made: Any, mark: ast.expr) -> Any:
        """A function as a package marks it: it is taken for what is written.

        What marks it by words, as in legacy(weights=("pretrained", ...)), takes these too.
        """
        old = [each.value for each in getattr(mark, "keywords", ())]
        heads = [each.elts[0] for each in old if isinstance(each, ast.Tuple) and each.elts]
        words = {each.value for each in heads if isinstance(each, ast.Constant)}
        if not isinstance(made, Function) or not words:
            return made
        places = len(made.node.args.args)
        return Builtin(
            lambda *args, **named: self.invoke(
                made, [*args[:places]], {x: y for x, y in named.items() if x not in words}, mark
            )
        )

    def _ClassDef(self, node: ast.ClassDef) -> None:
        bases = [self.value(base) for base in node.bases]
        made = self.user_class(node.name, bases, node.body, node)
        told = next((each.find("__init_subclass__") for each in made.line_of_descent[1:]), None)
        if told is not None and isinstance(told[0], Function):
            self.bind_name(node.name, made)
            words = {each.arg: self.value(each.value) for each in node.keywords if each.arg}
            self.invoke(told[0], [made], words, node)
        self.bind_name(node.name, self._marked(node, made))

    def user_class(
        self, name: str, bases: list[Any], body: Sequence[ast.stmt], node: ast.AST
    ) -> UserClass:
        """A class of the text."""
        made = UserClass(name, bases, self.source.at(node)[0])
        for base in made.line_of_descent[:0:-1]:
            made.fields += [each for each in base.fields if each not in made.fields]
        before = self.scopes
        for part in body:
            self.scopes = [*before, made.names]
            try:
                self.statement(part)
            finally:
                self.scopes = before
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                made.fields += [part.target.id] if part.target.id not in made.fields else []
        return made

    def assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.bind_name(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value)
        elif isinstance(target, ast.Attribute):
            self._attribute_to(target, value)
        elif isinstance(target, ast.Subscript):
            self._put(target, value)

    def _put(self, target: ast.Subscript, value: Any) -> None:
        """Put a value into a place: of a tensor, a list, a dictionary, a chain."""
        inside = target.value
        if isinstance(inside, ast.Attribute) and inside.attr == "_modules":
            self.give(self.value(inside.value), str(self.value(target.slice)), value)
            return
        of: Any = self.value(target.value)
        if isinstance(inside, ast.Call) and not isinstance(of, (list, dict)):
            raise self.refuse(target, "this is not followed", self.text(target))
        if isinstance(of, Wire) or (isinstance(of, Opaque) and of.shape):
            self._put_part(of, target, value)
            return
        if isinstance(of, Instance):
            place = [self.value(target.slice), value]
            if self.by_class(of, "__setitem__", place, target) is not NotImplemented:
                return
            of = of.inner
        if isinstance(of, UNKNOWN) or unfollowed(of):
            return
        if isinstance(target.slice, ast.Slice) and isinstance(of, list):
            self._put_slice(of, target, value)
            return
        self.put_in(of, self.told(self.value(target.slice)), value, target)

    def put_in(self, of: Any, key: Any, value: Any, target: ast.AST) -> None:
        """Put a value into a place of a list, a dictionary, a chain."""
        places = isinstance(of, list) and is_int(key) and -len(of) <= key < len(of)
        if places or (isinstance(of, dict) and isinstance(key, (str, int))):
            of[key] = value
        elif isinstance(of, ModuleChain) and isinstance(key, str):
            self.weigh(of).append(value, key)
        elif isinstance(of, ModuleChain) and is_int(key) and key in of.places:
            of.put(key, value)
        else:
            rule = "this change of a list is not followed"
            raise self.unfollowed(target, rule, self.text(target))

    def _put_part(self, of: Any, target: ast.Subscript, value: Any) -> None:
        """Put a tensor into a part of another, whose shape it must meet."""
        of = self.constant(of, target) if isinstance(of, Opaque) else of
        value = self.constant(value, target) if getattr(value, "shape", ()) else value
        if not isinstance(value, Wire):
            return
        line, _ = self.source.at(target)
        part = self.cut(target, of)
        if isinstance(part, Wire):
            self.build.add(Elementwise("assign", into=True), [part, value], "assign", line)
        if isinstance(target.value, (ast.Name, ast.Attribute)):
            self.assign(target.value, self.build.add(Assign(), [of, value], "assign", line))

    def _put_slice(self, of: list[Any], target: ast.Subscript, value: Any) -> None:
        """Put values into the place of a part of a list."""
        key = self.part(target.slice)
        if key is None or unfollowed(value):
            raise self.unfollowed(target, "this is not followed", self.text(target))
        values = [*self.items(value, target)]
        limited(len(of) + len(values))
        try:
            of[key] = values
        except ValueError:
            raise self.missing_entry(target, "ValueError") from None

    def part(self, node: ast.expr) -> Any:
        """The plain slice that is written; None where its ends are not known."""
        assert isinstance(node, ast.Slice)
        ends = [
            None if end is None else self.plain(self.value(end), end)
            for end in (node.lower, node.upper, node.step)
        ]
        plain = all(type(end) in (int, type(None)) for end in ends)
        return slice(*ends) if plain else None

    def _attribute_to(self, target: ast.Attribute, value: Any) -> None:
        if target.attr == "data" and isinstance(target.value, ast.Attribute):
            target = target.value  # conv.weight.data = ...
        of = self.value(target.value)
        if isinstance(of, Dotted) and of.path != "self":
            self.scopes[0][f"{of.path}.{target.attr}"] = value
        elif isinstance(of, Dotted):
            # Lines cut out of a class: one module holds what they assign.
            of = self.scopes[0]["self"] = Instance(UserClass("self", [], 1))
        self.give(of, target.attr, value)

    def _unpack(self, target: ast.Tuple | ast.List, value: Any) -> None:
        places = target.elts
        shape = self.build.shape(value) if isinstance(value, Wire) else None
        if shape and shape[0].number == len(places):
            value = self.tensor("unbind", target, value)
        if isinstance(value, Missing) and all(
            isinstance(each, (ast.Name, ast.Attribute)) for each in places
        ):
            value = [self.asked_part(value, at) for at in range(len(places))]
        if isinstance(value, (Opaque, Wire, Dotted)):
            for place in places:  # such as out, _ = self.lstm(x)
                self.assign(place.value if isinstance(place, ast.Starred) else place, value)
            return
        items = list(self.items(value, target))
        stars = [i for i, place in enumerate(places) if isinstance(place, ast.Starred)]
        if stars:
            after = len(places) - stars[0] - 1
            middle = items[stars[0] : len(items) - after]
            items = [*items[: stars[0]], middle, *items[len(items) - after :]]
        if len(items) != len(places):
            shown = self.refuse(target, "as many names as values", f"{len(items)} values")
            raise Raised("ValueError", shown.rule, self.source.place(target.lineno), shown)
        for place, item in zip(places, items, strict=True):
            self.assign(place.value if isinstance(place, ast.Starred) else place, item)


def modules_in(value: Any) -> list[Any]:
    """The modules in a value."""
    return [each for each in leaves(value) if isinstance(each, MODULES)]
