"""What modules make of tensors: a forward, what is hooked around it, chains, layers."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from solver.errors import LimitError, SolverError
from solver.network.graph.operation import Unknown
from solver.network.unknowns.unknown import UnknownLayer, UnknownPad
from solver.reading.functions.call import Unclear, Wire
from solver.reading.functions.windows import shown
from solver.reading.text.inside import wires_in
from solver.reading.text.methods import HOOKS, Methods
from solver.reading.text.nodes import TextNodes, into
from solver.reading.text.values import (
    Function,
    Instance,
    Leaf,
    ModuleChain,
    Names,
    Opaque,
    unfollowed,
)

MOST_CALLS = 30
#: Methods that say what a module makes of tensors.
FORWARD = ("forward", "call")
#: What a forward takes beside tensors: whether a network is trained, random keys.
_EVALUATED = {"train": False, "training": False, "is_training": False, "deterministic": True}
_RANDOM = re.compile(r"(\w+_)?rngs?")


class Applying(Methods):
    """Work out what modules give."""

    _nested = 0
    #: Whether an input went through a module.
    applied = False

    def apply(self, module: Any, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a module gives where it is called."""
        self.applied = self.applied or any(map(self.build.reads, wires_in([args, keywords])))
        found = module.of.find("__call__") if isinstance(module, Instance) else None
        own = found and found[0]
        if isinstance(own, Function):
            return self._within(module, lambda: self.invoke(own, [module, *args], keywords, node))
        return self.hooked(module, args, keywords, node)

    def hooked(self, module: Any, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a forward gives, with what is hooked around it."""
        before, after = (module.names.get(place, {}) for place in HOOKS.values())
        if unfollowed(before) or unfollowed(after):
            return self.unknown(self.text(node), [args, keywords], node)
        for hook in list(before.values()):
            found = self.run(hook, [module, tuple(args)], {}, node)
            if found is not None:
                args = [*found] if isinstance(found, tuple) else [found]
        forward = module.names.get("forward")
        if forward is None:
            value = self.forward(module, args, keywords, node)
        else:
            value = self.run(forward, args, keywords, node)
        for hook in list(after.values()):
            found = self.run(hook, [module, tuple(args), value], {}, node)
            value = value if found is None else found
        return value

    def forward(self, module: Any, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a module makes of tensors as its class says."""
        if isinstance(module, Leaf):
            return self.pointed(node, lambda: self._leaf(module, args, keywords, node))
        return self._within(module, lambda: self._forward(module, args, keywords, node))

    def _within(self, module: Any, work: Callable[[], Any]) -> Any:
        """What is worked out inside a module. Raises LimitError where too many are nested."""
        self._nested += 1
        before = self.path
        try:
            if self._nested > MOST_CALLS:
                raise LimitError("modules are nested too deeply")
            self.path = module.path if isinstance(module, Instance) else before
            return work()
        finally:
            self._nested -= 1
            self.path = before

    def _forward(self, module: Any, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if isinstance(module, Instance):
            found = next((f for name in FORWARD if (f := module.of.find(name))), None)
            if found is not None and isinstance(found[0], Function):
                self._build(module, args, node)
                return self.invoke(found[0], [module, *args], keywords, node)
            if module.chain is None:
                rule = f"{module.of.name} has no forward"
                raise self.refuse(node, rule, right="paste the whole class")
            module = module.chain
        if not module.sequential:
            raise self.refuse(node, "a list of modules is not called", self.text(node))
        return self.chain(module, args, node)

    def _build(self, module: Instance, args: list[Any], node: ast.AST) -> None:
        """Let a layer of Keras make its parts, as it does when it is called first."""
        found = module.of.find("build") if self.last and not module.built else None
        module.built = True
        if found is not None and isinstance(found[0], Function):
            wires = wires_in(args)
            shape = self.tensor("shape", node, wires[0]) if wires else Opaque("shape")
            self.invoke(found[0], [module, shape], {}, node)

    def chain(self, module: ModuleChain, args: list[Any], node: ast.AST) -> Any:
        """What modules make of a tensor, one after the other."""
        value = args[0] if args else Opaque("nothing")
        for each in module.modules:
            if isinstance(each, Wire):  # Keras: an input among the layers
                value = each
                continue
            value = self.run(each, [value], {}, node)
        return value

    def _leaf(self, leaf: Leaf, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        wires, made = wires_in([args, keywords]), leaf.made
        if leaf.used and made is not None and isinstance(made.layer, (UnknownLayer, UnknownPad)):
            rule = "an unknown layer is called once: two calls need not agree"
            raise self.refuse(node, rule, right="a layer of its own for each call")
        leaf.used = True
        if not wires:
            return Opaque(leaf.title)
        name = leaf.path or (f"{self.path}.{leaf.title}" if self.path else leaf.title).lower()
        expects = None if made is None else made.features
        nodes = TextNodes(self.build, name, leaf.line, expects, leaf.path)
        if made is None:
            return Wire(nodes.put(Unknown(leaf.title[:80]), [wire.at for wire in wires]))
        call = made.of(nodes, into(args), into(keywords), self.last)
        try:
            return call.run()
        except Unclear as fault:
            if not fault.rule:
                return call.unknown()
            raise SolverError(f"{leaf.title}: {fault.rule}", shown(fault.received)) from None

    def of_module(self, of: Any, word: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if word in FORWARD or word == "__call__":
            work = self.hooked if word == "__call__" else self.forward
            return work(of, args, keywords, node)
        if word == "__init__" and isinstance(of, Leaf):
            again = self.layer(of.title, args, keywords, node)
            of.made, of.names = again.made, {}
            return None
        return super().of_module(of, word, args, keywords, node)

    def layer(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """The layer that a framework's name and arguments stand for."""
        raise NotImplementedError

    def invoke(self, function: Function, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a function of the text gives."""
        raise NotImplementedError


def fed(forward: Function) -> tuple[Names, Names]:
    """What the arguments of a method without defaults are, by place and by name alone.

    None for a tensor.

    >>> node = ast.parse("lambda self, x, y, train, b=1, *, deterministic: x").body[0]
    >>> assert isinstance(node, ast.Expr) and isinstance(node.value, ast.Lambda)
    >>> fed(Function(node.value, [], {}))
    ({'x': None, 'y': None, 'train': False}, {'deterministic': True})
    """
    given = forward.node.args
    names = [arg.arg for arg in (*given.posonlyargs, *given.args)][1:]
    names = names[: max(len(names) - len(given.defaults), 0)]
    pairs = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    alone = {arg.arg: _beside(arg.arg) for arg, default in pairs if default is None}
    named = {name: value for name, value in alone.items() if value is not None}
    return {name: _beside(name) for name in names}, named


def _beside(name: str) -> Any:
    """What an argument is that is no tensor, None where it is one."""
    if _RANDOM.fullmatch(name):
        return Opaque(name)
    return _EVALUATED.get(name)
