"""Methods of tensors, modules, lists and words that a program calls."""

from __future__ import annotations

import ast
from typing import Any

from solver.reading.functions.call import Wire
from solver.reading.functions.table import is_layer
from solver.reading.text.changes import CHANGING, forget
from solver.reading.text.containers import Containers
from solver.reading.text.values import (
    MODULES,
    Bound,
    Builtin,
    Flow,
    Function,
    Instance,
    Leaf,
    Method,
    Model,
    ModuleChain,
    Names,
    Opaque,
    Unfollowed,
    is_list,
    unfollowed,
)
from solver.reading.text.words import word
from solver.sizes.width import is_int

_PARTS = (*MODULES, Wire, Model, Builtin, Function, Opaque)
#: Methods of a list or dictionary of modules.
LISTED = (
    "append", "extend", "insert", "pop", "keys", "items", "values", "clear", "update", "get",
)  # fmt: skip
#: Methods of a module that list its parts.
LISTING = ("children", "named_children", "modules", "named_modules")
#: Methods of a module that give back the module.
ITSELF = (
    "to",
    "cuda",
    "cpu",
    "eval",
    "train",
    "half",
    "float",
    "double",
    "requires_grad_",
)
#: Where a module keeps what is called around its forward, by the method that puts it there.
HOOKS = {
    "register_forward_pre_hook": "_forward_pre_hooks",
    "register_forward_hook": "_forward_hooks",
}
#: What gives back the list of modules that it changes, the last where it is sequential.
_CHAINED = ("append", "extend", "insert")
_ADDS = ("add_module", "register_module")
#: What fills a weight with numbers.
INITIAL = (
    "normal_", "uniform_", "constant_", "ones_", "zeros_", "fill_", "orthogonal_", "dirac_", "eye_",
)  # fmt: skip


class Methods(Containers):
    """Work out calls of methods."""

    def method(self, function: Method, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a method of a tensor or a list gives."""
        of, word = function.of, function.name
        self.weigh(of)
        if isinstance(of, Wire) and word.endswith(INITIAL):
            return of
        if isinstance(of, Opaque):  # a tensor of numbers
            of = self.constant(of, node)
        if isinstance(of, Wire):
            return self.tensor(word, node, of, *self.plain(args, node), **keywords)
        if isinstance(of, Method):  # what a module holds, by name
            return Flow(getattr(dict(_children(of.of)), word)())
        if isinstance(of, MODULES):
            return self.of_module(of, word, args, keywords, node)
        if isinstance(of, Function) and word == "__get__" and args:
            return Bound(of, args[0])
        if is_list(of) or isinstance(of, (dict, set, str)):
            return self.of_held(of, word, args, keywords, node)
        return self.unknown(self.text(node), [args, keywords], node)

    def of_module(self, of: Any, word: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a method of a module gives."""
        if word in LISTING:
            return Flow(listing(of, word))
        if word == "apply" and args:
            for each in listing(of, "modules"):
                self.run(args[0], [each], {}, node)
            return of
        if word in ITSELF:
            return of
        if word in HOOKS:
            return self._hooked(of, HOOKS[word], args, keywords, node)
        if isinstance(of, ModuleChain):
            return self._of_chain(of, word, args, keywords, node)
        return self.unknown(self.text(node), [args, keywords], node)

    def _hooked(
        self, of: Any, place: str, args: list[Any], keywords: Names, node: ast.AST
    ) -> Names:
        """Put in what is called around a forward, and give what takes it out again."""
        if keywords or len(args) != 1:
            forget(of, Unfollowed(self.text(node)))
            return {"remove": Builtin(lambda: None)}
        hooks = of.names.setdefault(place, {})
        key = max(hooks, default=0) + 1
        hooks[key] = args[0]
        return {"remove": Builtin(lambda: hooks.pop(key, None))}

    def unknown(self, text: str, read: Any, node: ast.AST) -> Any:
        """What something gives that is not known."""
        raise NotImplementedError

    def _of_chain(
        self, of: ModuleChain, word: str, args: list[Any], keywords: Names, node: ast.AST
    ) -> Any:
        if unfollowed(of):
            return Unfollowed(self.text(node))
        if word in _ADDS and len(args) == 2 and isinstance(args[0], str):
            of.append(args[1], args[0])
        elif word in ("append", "add") and len(args) == 1 and not keywords:
            self.fill(of, [args], node)
        elif word in ("extend", "update") and args:
            pairs = args[0].items() if isinstance(args[0], dict) else self.items(args[0], node)
            self.fill(of, [list(pairs)], node)
        elif word == "insert" and len(args) == 2 and is_int(args[0]):
            of.insert(*args)
        elif word == "pop" and of.children:
            return self._taken(of, args, node)
        elif word == "clear":
            of.children.clear()
        elif word in ("keys", "items", "values"):
            return {"keys": [name for name, _ in of.children], "values": of.modules}.get(
                word, [*of.children]
            )
        elif word == "get" and args:
            return dict(of.children).get(*args[:2])
        elif word in CHANGING:
            forget(of, Unfollowed(self.text(node)))
        else:
            return Opaque(self.text(node))
        chained = _CHAINED if of.sequential else _CHAINED[:2]
        return of if word in chained and not of.keyed else None

    def _taken(self, of: ModuleChain, args: list[Any], node: ast.AST) -> Any:
        key = args[0] if args else -1
        names = [name for name, _ in of.children]
        if key in names:
            return of.children.pop(names.index(key))[1]
        if not is_int(key) or key not in of.places:
            raise self.unfollowed(node, "this change of a list is not followed", self.text(node))
        module = of.children.pop(key)[1]
        of.renumber()
        return module

    def fill(self, chain: ModuleChain, args: list[Any], node: ast.AST) -> ModuleChain:
        """Put modules into a Sequential or a list: one by one, in a list, in a dictionary."""
        self.weigh(chain)
        if len(args) == 1 and not isinstance(args[0], (*MODULES, Wire)):
            inner = args[0]
            if unfollowed(inner):
                raise self.unfollowed(node, "nobody knows these layers", self.text(node))
            args = [*inner.items()] if isinstance(inner, dict) else [*self.items(inner, node)]
        for part in args:
            if isinstance(part, tuple) and len(part) == 2 and isinstance(part[0], str):
                chain.append(part[1], part[0])
            elif part is None or isinstance(part, _PARTS) or self.flax:
                chain.append(part)
            else:
                raise self.refuse(
                    node, "this is no layer", str(getattr(part, "path", word(part)))[:60]
                )
        return chain


def listing(of: Any, word: str) -> list[Any]:
    """What a module lists of its parts: children(), named_modules().

    Of parts that are the same module the first is listed.
    """
    pairs = _children(of) if "children" in word else _nested(of, "")
    first = {id(module): (name, module) for name, module in reversed(pairs)}
    kept = [pair for pair in pairs if first[id(pair[1])] == pair]
    return kept if word.startswith("named") else [module for _, module in kept]


def _children(of: Any) -> list[tuple[str, Any]]:
    chained = isinstance(of, Instance) and of.chain and not is_layer(of.of.origin)
    found = [*of.chain.children] if chained else []
    if isinstance(of, ModuleChain):
        found = [*of.children]
    if isinstance(of, Instance):
        known = {name for name, _ in found}
        found += [pair for pair in of.names.items() if pair[0] not in known]
    return [(name, each) for name, each in found if isinstance(each, (*MODULES, Unfollowed))]


def _nested(of: Any, name: str) -> list[tuple[str, Any]]:
    found = [(name, of)]
    for inner, module in () if isinstance(of, (Leaf, Unfollowed)) else _children(of):
        found += _nested(module, f"{name}.{inner}".strip("."))
    return found
