"""Methods of tensors, modules, lists and words that a program calls."""

from __future__ import annotations

import ast
from typing import Any

from solver.reading.functions.call import Wire
from solver.reading.text.arithmetic import filled, limited, word
from solver.reading.text.inputs import InputCalls
from solver.reading.text.values import (
    MODULES,
    Builtin,
    Function,
    Method,
    Model,
    ModuleChain,
    Names,
    Opaque,
)

_PARTS = (*MODULES, Wire, Model, Builtin, Function, Opaque)
#: Methods of a list or dictionary of modules.
LISTED = (
    "append", "extend", "insert", "pop", "keys", "items", "values", "children", "named_children",
)  # fmt: skip
#: Methods of a module that give back the module.
ITSELF = (
    "to",
    "cuda",
    "cpu",
    "eval",
    "train",
    "apply",
    "half",
    "float",
    "double",
    "requires_grad_",
)
_ADDS = ("add_module", "register_module")
#: What fills a weight with numbers.
INITIAL = (
    "normal_", "uniform_", "constant_", "ones_", "zeros_", "fill_", "orthogonal_", "dirac_", "eye_",
)  # fmt: skip


class Methods(InputCalls):
    """Work out calls of methods."""

    def method(self, function: Method, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a method of a tensor or a list gives."""
        of, word = function.of, function.name
        self.weigh(of)
        if isinstance(of, Wire) and word.endswith(INITIAL):
            return of
        if isinstance(of, Wire):
            return self.tensor(word, node, of, *self.plain(args, node), **keywords)
        if isinstance(of, MODULES) and word in ITSELF:
            return of
        if isinstance(of, (list, ModuleChain)) and word in (
            "append",
            "add",
            "insert",
            "extend",
            "pop",
        ):
            return self._grow(of, word, args, node)
        if isinstance(of, dict) and word in ("items", "keys", "values"):
            return list(getattr(of, word)())
        if isinstance(of, dict) and word == "get" and args and isinstance(args[0], str):
            return of.get(*args[:2])
        if isinstance(of, ModuleChain) and word in _ADDS and len(args) == 2:
            return of.append(args[1], str(args[0]))
        if isinstance(of, ModuleChain) and word in LISTED:
            return _listed(of, word)
        if isinstance(of, str) and word == "format":
            return filled(of, args)
        if isinstance(of, str) and word in ("lower", "upper", "strip"):
            return getattr(of, word)()
        return Opaque(self.text(node))

    def _grow(self, of: Any, word: str, args: list[Any], node: ast.AST) -> Any:
        if isinstance(of, list):
            limited(len(of))
            args = [list(self.items(args[0], node))] if word == "extend" and args else args
            return self.pointed(node, lambda: getattr(of, word)(*args))
        if word in ("append", "add") and args:
            self.fill(of, [args[0]] if isinstance(args[0], (*MODULES, Wire)) else args, node)
        elif word == "extend" and args:
            self.fill(of, [list(self.items(args[0], node))], node)
        elif word == "insert" and len(args) == 2 and type(args[0]) is int:
            of.insert(*args)
        elif word == "pop" and of.children:
            return of.children.pop(*args[:1])[1]
        else:
            raise self.refuse(node, "this change of a list is not followed", self.text(node))
        return None

    def fill(self, chain: ModuleChain, args: list[Any], node: ast.AST) -> ModuleChain:
        """Put modules into a Sequential or a list: one by one, in a list, in a dictionary."""
        self.weigh(chain)
        if len(args) == 1 and not isinstance(args[0], (*MODULES, Wire)):
            inner = args[0]
            args = [*inner.items()] if isinstance(inner, dict) else [*self.items(inner, node)]
        for part in args:
            if isinstance(part, tuple) and len(part) == 2 and isinstance(part[0], str):
                chain.append(part[1], part[0])
            elif part is None or isinstance(part, _PARTS):
                chain.append(part)
            else:
                raise self.refuse(
                    node, "this is no layer", str(getattr(part, "path", word(part)))[:60]
                )
        return chain


def _listed(of: ModuleChain, word: str) -> list[Any]:
    """What a list of modules shows: its names, its modules, or both."""
    if word == "keys":
        return [name for name, _ in of.children]
    return of.modules if word in ("children", "values") else list(of.children)
