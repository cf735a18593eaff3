"""Functions, classes and modules of a program: how they are called, and what they have."""

from __future__ import annotations

import ast
from typing import Any

from solver.errors import LimitError
from solver.reading.functions.call import Wire
from solver.reading.functions.table import is_layer
from solver.reading.text.applying import FORWARD, MOST_CALLS
from solver.reading.text.arithmetic import limited
from solver.reading.text.branches import Branches
from solver.reading.text.changes import CHANGING, forget
from solver.reading.text.leaving import Left, Returned
from solver.reading.text.methods import HOOKS, ITSELF, LISTED, LISTING
from solver.reading.text.values import (
    MODULES,
    Bound,
    Builtin,
    Dotted,
    Flow,
    Function,
    Instance,
    Leaf,
    Method,
    ModuleChain,
    Names,
    Opaque,
    Partial,
    Unfollowed,
    UserClass,
    is_list,
    unfollowed,
)
from solver.sizes.width import is_int


class Objects(Branches):
    """Work out functions and classes of the text."""

    deep = 0

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.yielded: list[list[Any]] = []  # by the generators that are gone through

    def invoke(self, function: Function, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        self.deep += 1
        before, depth, path = self.scopes, self._depth, self.path
        frames, yielded = len(self.frames), len(self.yielded)
        try:
            if self.deep > MOST_CALLS:
                raise LimitError("functions are nested too deeply")
            names = self.bind(function, args, keywords, node)
            self.scopes = [*function.names, names]
            self.frames.append(function)
            if function.owner is not None:
                names["__class__"] = function.owner
            if isinstance(function.node, ast.Lambda):
                return self.value(function.node.body)
            if function.yields:
                self.yielded.append([])
                self.block(function.node.body)
                return Flow(self.yielded[-1])
            self.block(function.node.body)
        except Returned as found:
            return Flow(self.yielded[-1]) if function.yields else found.value
        except Left:
            raise self.refuse(node, "there is no loop here", self.text(node)) from None
        finally:
            self.deep -= 1
            del self.frames[frames:], self.yielded[yielded:]
            self.scopes, self._depth, self.path = before, depth, path
        return None

    def _Yield(self, node: ast.Yield) -> None:
        value = None if node.value is None else self.value(node.value)
        if not self.yielded:
            raise self.unfollowed(node, "this is not followed", self.text(node))
        self.yielded[-1].append(value)
        limited(len(self.yielded[-1]))

    def _YieldFrom(self, node: ast.YieldFrom) -> None:
        if not self.yielded:
            raise self.unfollowed(node, "this is not followed", self.text(node))
        self.yielded[-1].extend(self.items(self.value(node.value), node))

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
        found |= {x: value for x, value in function.defaults.items() if x not in found}
        for name in (*names, *(arg.arg for arg in given.kwonlyargs)):
            if name not in found:
                raise self.refuse(node, f"{function.name} needs {name}")
        return found

    def by_class(self, of: Instance, word: str, args: list[Any], node: ast.AST) -> Any:
        found = of.of.find(word)
        if found is None or not isinstance(found[0], Function):
            return NotImplemented
        return self.invoke(found[0], [of, *args], {}, node)

    def attribute(self, value: Any, name: str) -> Any:
        if isinstance(value, UserClass):
            found = value.find(name)
            if name == "__name__" and found is None:
                return value.name
            if name == "__new__" and found is None:
                return Method(value, name)
            if name == "_fields" and found is None:
                return tuple(value.fields)
            if found is not None and getattr(found[0], "kind", "") == "classmethod":
                return Bound(found[0], value)
            return Opaque(name) if found is None else found[0]
        found = value.of.find(name)
        if name in value.names and not self._hides(value, name, found):
            return value.names[name]
        if found is not None:
            return self._through(value, found[0])
        replace = Partial(Dotted("replace"), (value,), {})
        if value.held is not None and hasattr(value.held, name):
            return Method(value.held, name)
        own = {"__class__": value.of, "__dict__": value.names, "_replace": replace}
        if name in (*own, "__call__"):
            return own.get(name, Method(value, name))
        inner = self._inside(value, name)
        return self._of_every_module(value, name) if inner is None else inner

    def _hides(self, value: Instance, name: str, found: Any) -> bool:
        """Tell whether a part of a module of PyTorch is hidden by what its class has so named."""
        part = isinstance(value.names[name], MODULES) and not self.last
        return part and value.of.origin == "Module" and (found is not None or name in ITSELF)

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
        if not is_layer(value.of.origin):
            return None
        if name == "_conv_forward":
            chain = value.chain
            return Builtin(lambda x, *_: self.chain(chain, [x], ast.Pass()))
        leaf = value.chain.modules[0]
        return leaf.weight(name) if name in ("weight", "bias") else leaf.attribute(name)

    def _of_every_module(self, value: Instance, name: str) -> Any:
        """What every module of a framework has."""
        if name in (*ITSELF, *HOOKS, "apply"):
            return Method(value, name)
        if name == "_modules":
            return {key: part for key, part in value.names.items() if isinstance(part, MODULES)}
        if name == "training":
            self.build.note("a branch on self.training is taken as in eval mode")
        if name in ("training", "has_relu"):
            return False
        if name in ("add_module", "register_module"):
            return Builtin(lambda word, module: self._give(value, word, module))
        if name in LISTING:
            return Method(value, name)
        if value.chain is not None and name in LISTED:
            return Method(value.chain, name)
        if name in ("add_weight", "add_variable", "param"):
            return Builtin(_weight)
        if name == "register_buffer":
            return Builtin(lambda word, tensor=None, *_, **__: self._give(value, word, tensor))
        if name in ("parameters", "named_parameters", "buffers", "named_buffers"):
            return Builtin(lambda *args, **keywords: [])
        return Opaque(name)

    def _give(self, of: Instance, name: str, value: Any) -> None:
        """Give a module a part; one of a Sequential is run in its turn."""
        if of.chain is not None and isinstance(value, MODULES):
            self.weigh(of.chain).append(value, name)
        if isinstance(value, MODULES) and not isinstance(of.names.get(name), MODULES):
            of.names.pop(name, None)  # it is listed as the last
        of.names[str(name)] = value

    def call(self, node: ast.Call) -> Any:
        """What a call gives; super() is read here, where its class is known."""
        function = node.func
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Call):
            inner = function.value.func
            if isinstance(inner, ast.Name) and inner.id == "super":
                return self._super(node, function.attr)
        if isinstance(function, ast.Attribute) and function.attr in CHANGING:
            self._beside(function.value)
        if isinstance(function, ast.Name) and function.id in ("getattr", "setattr", "hasattr"):
            return self._by_name(node, function.id)
        if isinstance(function, ast.Attribute) and function.attr in ("__getattr__", "__setattr__"):
            of = self.peek(function.value)
            if isinstance(of, Instance) and of.of.find(function.attr) is None:
                behind = ast.Call(function.value, [function.value, *node.args], [])
                return self._by_name(ast.copy_location(behind, node), function.attr.strip("_"))
        value = super().call(node)
        if isinstance(value, Wire) and isinstance(function, ast.Attribute):
            self._in_place(function, value)
        return value

    _Call = call

    def _in_place(self, function: ast.Attribute, made: Wire) -> None:
        """Let a tensor be what a method has made of it: x.squeeze_(2)."""
        changes = function.attr.endswith("_") and not function.attr.endswith("__")
        if not changes or not isinstance(function.value, (ast.Name, ast.Attribute)):
            return
        before = self.value(function.value)
        if isinstance(before, Wire) and self.build.shape(before) != self.build.shape(made):
            self.assign(function.value, made)

    def _beside(self, node: ast.expr) -> None:
        """Lose what a module holds that is changed beside its attributes: self._modules.pop()."""
        if isinstance(node, ast.Attribute) and node.attr == "_modules":
            forget(self.value(node.value), Unfollowed(self.text(node)))

    def _by_name(self, node: ast.Call, word: str) -> Any:
        """Read an attribute whose name is worked out: getattr(self, f"layer{i}")."""
        args = [self.told(self.value(arg)) for arg in node.args]
        if word == "setattr" and len(args) == 3:
            if isinstance(args[1], str) and not unfollowed(args[0]):
                self.give(args[0], args[1], args[2])
            else:
                forget(args[0], Unfollowed(self.text(node)))
            return None
        if len(args) < 2 or not isinstance(args[1], str):
            return Opaque(self.text(node))
        of, name = args[:2]
        held = True if word == "getattr" and len(args) == 2 else self.has(of, name, node)
        if word == "hasattr" or held is None:
            return Opaque(self.text(node)) if held is None else held
        written = ast.copy_location(ast.Attribute(node.args[0], name, ast.Load()), node)
        return self.behind(of, written) if held else args[2]

    def _super(self, node: ast.Call, name: str) -> Any:
        scope = self.scopes[-1]
        owner = scope.get("__class__")
        made = next(iter(scope.values()), None)
        if not isinstance(owner, UserClass) or not isinstance(made, Instance):
            return None
        args, keywords = self.arguments(node)
        for base in owner.bases:
            found = base.find(name) if isinstance(base, UserClass) else None
            if found is not None and isinstance(found[0], Function):
                return self.invoke(found[0], [made, *args], keywords, node)
        if name == "__init__" and made.chain is None and is_layer(owner.origin):
            made.chain = ModuleChain()  # a class of the text that stands on a layer
            made.chain.append(self.layer(owner.origin, args, keywords, node), "")
        elif name == "__init__" and made.chain is not None:
            self.fill(made.chain, args, node)
        elif name in (*FORWARD, "_conv_forward") and made.chain is not None:
            return self.chain(made.chain, args, node)
        elif name == "__call__":
            return self.hooked(made, args, keywords, node)
        elif made.held is not None:
            return self._of_held(made, name, args, keywords, node)
        elif name == "__init__":
            for base in owner.bases:
                if isinstance(base, UserClass) and base.fields:
                    self.settings(made, base, args, keywords, node)
        return None if name == "__init__" else self.unknown(name, [args, keywords], node)

    def _of_held(
        self, made: Instance, name: str, args: list[Any], keywords: Names, node: ast.AST
    ) -> Any:
        """What a method of the dictionary or list gives that a class stands on."""
        if name == "__init__":
            name = "update" if isinstance(made.held, dict) else "extend"
            return self.of_held(made.held, name, args, keywords, node) if args or keywords else None
        if name == "__getitem__" and len(args) == 1:
            return self._part(node, made.held, args[0])
        if name == "__setitem__" and len(args) == 2:
            return self.put_in(made.held, args[0], args[1], node)
        return self.of_held(made.held, name, args, keywords, node)

    def put_in(self, of: Any, key: Any, value: Any, target: ast.AST) -> None:
        """Put a value into a place of a list, a dictionary, a chain."""
        raise NotImplementedError

    def give(self, of: Any, name: str, value: Any) -> None:
        """Give a module, a layer, a class or settings something under a name."""
        if isinstance(of, Instance):
            setter = of.of.find(f"{name}.setter")
            if setter is not None:
                self.invoke(setter[0], [of, value], {}, setter[0].node)
                return
            self._give(of, name, value)
            if of.chain is not None and is_layer(of.of.origin) and not isinstance(value, MODULES):
                of.chain.modules[0].change(name, value)
        elif isinstance(of, Leaf) and name == "weight":
            of.replace_weight(self._numbers(value))
        elif isinstance(of, Leaf):
            of.change(name, value)
        elif isinstance(of, UserClass):
            of.names[name] = value
        elif isinstance(of, Method) and isinstance(of.of, UserClass) and name == "__defaults__":
            behind = of.of.fields[-len(value) :] if is_list(value) and value else []
            of.of.names.update(zip(behind, value, strict=False))  # of a named tuple
        elif isinstance(of, dict):
            of[name] = value
        elif isinstance(of, ModuleChain) and isinstance(value, MODULES):
            of.append(value, name)
        elif isinstance(of, ModuleChain):
            of.names[name] = value

    def _numbers(self, value: Any) -> tuple[int, ...] | None:
        """The shape of a tensor that does not depend on the input, where it is known."""
        if not isinstance(value, Wire):
            return getattr(value, "shape", None) or None
        shape = self.build.shape(value) or ()
        found = tuple(dim.number for dim in shape if dim.number is not None)
        return found if shape and len(found) == len(shape) else None


def _weight(*args: Any, shape: Any = None, **_: Any) -> Opaque:
    """A weight of a layer of Keras or Flax, whose shape stands among the arguments."""
    told = next((each for each in args if is_list(each)), shape)
    plain = is_list(told) and all(is_int(n) and n > 0 for n in told)
    return Opaque("weight", parameter=True, shape=tuple(told) if plain else ())
