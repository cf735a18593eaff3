"""Go through the statements of a program: assignments, loops, classes, plain branches."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from solver.errors import LimitError
from solver.network.graph.dim import Dim
from solver.reading.functions.call import Wire
from solver.reading.functions.table import is_layer
from solver.reading.text.arithmetic import limited
from solver.reading.text.calls import MOST_CALLS, Calls
from solver.reading.text.methods import ITSELF, LISTED
from solver.reading.text.values import (
    MODULES,
    Bound,
    Builtin,
    Dotted,
    Function,
    Instance,
    Method,
    ModuleChain,
    Names,
    Opaque,
    UserClass,
    is_list,
    leaves,
)


class Returned(Exception):
    """Leave a function with a value."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Left(Exception):
    """Leave a loop, or one turn of it."""

    def __init__(self, turn: bool) -> None:
        super().__init__()
        self.turn = turn


class Statements(Calls):
    """Work out statements."""

    deep = 0

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Go through statements."""
        for node in body:
            self.statement(node)

    def statement(self, node: ast.stmt) -> None:
        """Go through one statement. Raises SolverError for what is not understood."""
        self.tick()
        found = getattr(self, f"_{type(node).__name__}", None)
        if found is None:
            rule = f"{type(node).__name__.lower()} is not followed here"
            raise self.refuse(node, rule, right="straight lines: x = layer(x)")
        found(node)

    def _nothing(self, node: ast.stmt) -> None:
        pass

    _Import = _ImportFrom = _Pass = _Global = _Nonlocal = _Assert = _nothing

    def _Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                of, key = self.value(target.value), self.value(target.slice)
                parts = of.children if isinstance(of, ModuleChain) else of
                if not isinstance(parts, (list, dict)) or not isinstance(key, (int, str)):
                    raise self.refuse(node, "this is not followed", self.text(node))
                try:
                    del parts[key]  # type: ignore[arg-type]
                except LookupError:
                    raise self.refuse(node, "there is no such entry", self.text(node)) from None

    def _Expr(self, node: ast.Expr) -> None:
        self.value(node.value)

    def _Assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.assign(target, value)

    def _AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.value(node.value))

    def _AugAssign(self, node: ast.AugAssign) -> None:
        one, two = self.value(node.target), self.plain(self.value(node.value), node)
        if isinstance(one, ModuleChain) and isinstance(two, (list, ModuleChain)):
            self.fill(one, [list(self.items(two, node))], node)
            return
        if isinstance(one, list) and is_list(two):
            limited(len(one) + len(self.weigh(two)))
            one.extend(two)
            return
        self.assign(node.target, self.binary(node, node.op, self.plain(one, node), two))

    def _Return(self, node: ast.Return) -> None:
        raise Returned(None if node.value is None else self.value(node.value))

    def _Raise(self, node: ast.Raise) -> None:
        raise self.refuse(node, "the text raises an error here", self.text(node))

    def _If(self, node: ast.If) -> None:
        test, line = node.test, self.source.at(node)[0]
        if not node.orelse:
            value = self.value(test)
            compared = isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.NotEq)
            if isinstance(value, Dim) or (compared and isinstance(value, Opaque)):
                self.build.note("taken as where the two differ", line)
                self.differing += 1
                try:
                    self.block(node.body)
                finally:
                    self.differing -= 1
                return
            raises = all(isinstance(part, ast.Raise) for part in node.body)
            if raises and isinstance(value, (Opaque, Dotted, Wire)):
                self.build.note(f"taken as where this does not hold: {self.text(test)}", line)
                return
        self.block(node.body if self.truth(test) else node.orelse)

    def _For(self, node: ast.For) -> None:
        for item in self.items(self.plain(self.value(node.iter), node.iter), node.iter):
            self.assign(node.target, item)
            try:
                self.block(node.body)
            except Left as leave:
                if not leave.turn:
                    return
        self.block(node.orelse)

    def _Break(self, node: ast.Break) -> None:
        raise Left(turn=False)

    def _Continue(self, node: ast.Continue) -> None:
        raise Left(turn=True)

    def _With(self, node: ast.With) -> None:
        self.block(node.body)

    def _FunctionDef(self, node: ast.FunctionDef) -> None:
        self.scopes[-1][node.name] = self.function(node)

    def function(self, node: ast.FunctionDef) -> Function:
        """A function of the text."""
        kinds = [mark.id for mark in node.decorator_list if isinstance(mark, ast.Name)]
        return Function(node, list(self.scopes), kinds[0] if kinds else "")

    def _ClassDef(self, node: ast.ClassDef) -> None:
        bases = [self.value(base) for base in node.bases]
        self.scopes[-1][node.name] = self.user_class(node.name, bases, node.body, node)

    def user_class(
        self, name: str, bases: list[Any], body: Sequence[ast.stmt], node: ast.AST
    ) -> UserClass:
        """A class of the text."""
        names: Names = {}
        made = UserClass(name, bases, names, self.source.at(node)[0])
        for part in body:
            if isinstance(part, ast.FunctionDef):
                names[part.name] = function = self.function(part)
                function.owner = made
            elif isinstance(part, (ast.Assign, ast.AnnAssign)):
                self.scopes.append(names)
                try:
                    self.statement(part)
                finally:
                    self.scopes.pop()
                if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                    made.fields.append(part.target.id)
        return made

    def assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.scopes[-1][target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value)
        elif isinstance(target, ast.Attribute):
            self._attribute_to(target, value)
        elif isinstance(target, ast.Subscript):
            of = self.value(target.value)
            key = None if isinstance(target.slice, ast.Slice) else self.value(target.slice)
            places = isinstance(of, list) and type(key) is int and -len(of) <= key < len(of)
            if places or (isinstance(of, dict) and isinstance(key, (str, int))):
                of[key] = value
            elif isinstance(of, ModuleChain) and isinstance(key, str):
                self.weigh(of).append(value, key)
            elif isinstance(of, ModuleChain) and type(key) is int and key in of.places:
                of.put(key, value)
            elif isinstance(of, (list, dict, ModuleChain)):
                rule = "this change of a list is not followed"
                raise self.refuse(target, rule, self.text(target))

    def _attribute_to(self, target: ast.Attribute, value: Any) -> None:
        of = self.value(target.value)
        if isinstance(of, Dotted) and of.path == "self":
            # Lines cut out of a class: one module holds what they assign.
            of = self.scopes[0]["self"] = Instance(UserClass("self", [], {}, 1))
        if isinstance(of, Instance):
            self._give(of, target.attr, value)

    def _unpack(self, target: ast.Tuple | ast.List, value: Any) -> None:
        places = target.elts
        shape = self.build.shape(value) if isinstance(value, Wire) else None
        if shape and shape[0].number == len(places):
            value = self.tensor("unbind", target, value)
        if isinstance(value, (Opaque, Wire, Dotted)):
            for place in places:  # such as out, _ = self.lstm(x)
                self.assign(place, value)
            return
        items = list(self.items(value, target))
        stars = [i for i, place in enumerate(places) if isinstance(place, ast.Starred)]
        if stars:
            after = len(places) - stars[0] - 1
            middle = items[stars[0] : len(items) - after]
            items = [*items[: stars[0]], middle, *items[len(items) - after :]]
        if len(items) != len(places):
            raise self.refuse(target, "as many names as values", f"{len(items)} values")
        for place, item in zip(places, items, strict=True):
            self.assign(place.value if isinstance(place, ast.Starred) else place, item)

    # Functions and classes

    def invoke(self, function: Function, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        self.deep += 1
        before, depth, path = self.scopes, self._depth, self.path
        try:
            if self.deep > MOST_CALLS:
                raise LimitError("functions are nested too deeply")
            names = self.bind(function, args, keywords, node)
            self.scopes = [*function.names, names]
            if function.owner is not None:
                names["__class__"] = function.owner
            if isinstance(function.node, ast.Lambda):
                return self.value(function.node.body)
            self.block(function.node.body)
        except Returned as found:
            return found.value
        except Left:
            raise self.refuse(node, "there is no loop here", self.text(node)) from None
        finally:
            self.deep -= 1
            self.scopes, self._depth, self.path = before, depth, path
        return None

    def bind(self, function: Function, args: list[Any], keywords: Names, node: ast.AST) -> Names:
        """The names a function begins with. Raises SolverError where an argument lacks."""
        given = function.node.args
        names = [arg.arg for arg in (*given.posonlyargs, *given.args)]
        found: Names = dict(zip(names, args, strict=False))
        rest = args[len(names) :]
        if given.vararg is not None:
            found[given.vararg.arg] = tuple(rest)
        elif rest:
            raise self.refuse(node, f"{function.name} takes {len(names)} arguments", f"{len(args)}")
        known = {*names, *(arg.arg for arg in given.kwonlyargs)}
        more = {name: value for name, value in keywords.items() if name not in known}
        found.update({name: value for name, value in keywords.items() if name in known})
        if given.kwarg is not None:
            found[given.kwarg.arg] = more
        elif more:
            raise self.refuse(node, f"{function.name} has no such argument", next(iter(more)))
        defaults = list(zip(names[::-1], given.defaults[::-1], strict=False))
        extra = zip(given.kwonlyargs, given.kw_defaults, strict=True)
        defaults += [(arg.arg, default) for arg, default in extra if default is not None]
        scopes, self.scopes = self.scopes, list(function.names)
        try:
            for name, default in defaults:
                if name not in found:
                    found[name] = self.value(default)
        finally:
            self.scopes = scopes
        for name in (*names, *(arg.arg for arg in given.kwonlyargs)):
            if name not in found:
                raise self.refuse(node, f"{function.name} needs {name}")
        return found

    def attribute(self, value: Any, name: str) -> Any:
        if isinstance(value, UserClass):
            found = value.find(name)
            return Opaque(name) if found is None else found[0]
        if name in value.names:
            return value.names[name]
        found = value.of.find(name)
        if found is not None:
            return self._through(value, found[0])
        inner = self._inside(value, name)
        return self._of_module(value, name) if inner is None else inner

    def _through(self, value: Instance, found: Any) -> Any:
        """What a module has where its class has this."""
        if not isinstance(found, Function) or found.kind == "staticmethod":
            return found
        if found.kind == "property":
            return self.invoke(found, [value], {}, found.node)
        return Bound(found, value.of if found.kind == "classmethod" else value)

    def _inside(self, value: Instance, name: str) -> Any:
        """A part of a module by its name, or what the layer it stands on has; else None."""
        if value.chain is None:
            return None
        if name in (parts := dict(value.chain.children)):
            return parts[name]
        return value.chain.modules[0].attribute(name) if is_layer(value.of.origin) else None

    def _of_module(self, value: Instance, name: str) -> Any:
        """What every module of a framework has."""
        if name in ITSELF:
            return Method(value, name)
        if name == "_modules":
            return {key: part for key, part in value.names.items() if isinstance(part, MODULES)}
        if name in ("training", "has_relu"):
            return False
        if name == "add_module":
            return Builtin(lambda word, module: self._give(value, word, module))
        if value.chain is not None and name in LISTED:
            return Method(value.chain, name)
        if name in ("modules", "parameters", "named_parameters", "children", "named_modules"):
            return Builtin(lambda *args, **keywords: [])
        return Opaque(name)

    def _give(self, of: Instance, name: str, value: Any) -> None:
        """Give a module a part; one of a Sequential is run in its turn."""
        if of.chain is not None and isinstance(value, MODULES):
            self.weigh(of.chain).append(value, name)
        of.names[str(name)] = value

    def call(self, node: ast.Call) -> Any:
        """What a call gives; super() is read here, where its class is known."""
        function = node.func
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Call):
            inner = function.value.func
            if isinstance(inner, ast.Name) and inner.id == "super":
                return self._super(node, function.attr)
        if isinstance(function, ast.Name) and function.id in ("getattr", "setattr", "hasattr"):
            return self._by_name(node, function.id)
        return super().call(node)

    _Call = call

    def _by_name(self, node: ast.Call, word: str) -> Any:
        """Read an attribute whose name is worked out: getattr(self, f"layer{i}")."""
        args = [self.value(arg) for arg in node.args]
        if word == "hasattr" and args and isinstance(args[0], Wire):
            return len(args) > 1 and args[1] in ("size", "shape", "dim", "ndim", "device", "dtype")
        if word == "getattr" and len(args) > 1 and isinstance(args[0], Dotted):
            return Dotted(f"{args[0].path}.{args[1]}"[:200])
        if len(args) < 2 or not isinstance(args[0], Instance) or not isinstance(args[1], str):
            return Opaque(self.text(node))
        of, name = args[:2]
        if word == "setattr":
            self._give(of, name, args[2] if len(args) > 2 else None)
            return None
        found = self.attribute(of, name)
        if word == "hasattr":
            return not isinstance(found, Opaque)
        return args[2] if isinstance(found, Opaque) and len(args) > 2 else found

    def _super(self, node: ast.Call, name: str) -> Any:
        scope = self.scopes[-1]
        owner = scope.get("__class__")
        made = next(iter(scope.values()), None)
        if not isinstance(owner, UserClass) or not isinstance(made, Instance):
            return None
        args: list[Any] = []
        for part in node.args:
            if isinstance(part, ast.Starred):
                args.extend(self.items(self.value(part.value), part))
            else:
                args.append(self.value(part))
        keywords = {word.arg: self.value(word.value) for word in node.keywords if word.arg}
        for base in owner.bases:
            found = base.find(name) if isinstance(base, UserClass) else None
            if found is not None and isinstance(found[0], Function):
                return self.invoke(found[0], [made, *args], keywords, node)
        if name == "__init__" and made.chain is None and is_layer(owner.origin):
            made.chain = ModuleChain()  # a class of the text that stands on a layer
            made.chain.append(self.layer(owner.origin, args, keywords, node), "")
        elif name == "__init__" and made.chain is not None:
            self.fill(made.chain, args, node)
        elif name in ("forward", "call") and made.chain is not None:
            return self.chain(made.chain, args, node)
        return None


def modules_in(value: Any) -> list[Any]:
    """The modules in a value."""
    return [each for each in leaves(value) if isinstance(each, MODULES)]
