"""What a statement may change that is not followed: names, attributes, what lists and parts hold.

All of it becomes unknown. Functions of the text that the statement may call count with it, by their
names; what a nested function does counts where it is called.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from solver.reading.text.values import (
    Flow,
    Function,
    Instance,
    Leaf,
    ModuleChain,
    Names,
    Unfollowed,
    UserClass,
    is_list,
)

#: Methods that change what they are called on.
CHANGING = frozenset(
    [
        "append",
        "extend",
        "insert",
        "pop",
        "remove",
        "clear",
        "reverse",
        "sort",
        "update",
        "setdefault",
        "popitem",
        "add",
        "discard",
        "appendleft",
        "extendleft",
        "popleft",
        "rotate",
        "add_module",
        "register_module",
    ]
)
#: Where functions come from that change no list they are given.
FRAMEWORKS = (
    *("torch", "nn", "F", "np", "tf", "keras", "layers", "ops", "einops", "functional"),
    *("jnp", "jax", "lax", "nnx", "math"),
)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


class Changes:
    """Hold what statements may change.

    names: that are bound. attributes: with what they are attributes of, None where that is seen
    from inside a function. held: expressions of what is changed in place, with the same. returns,
    leaves: whether they may end the function, or a loop around them.
    """

    def __init__(self, find: Callable[[ast.Call], Iterable[Function]]) -> None:
        self._find, self._seen = find, set[int]()
        self.names = set[str]()
        self.attributes = list[tuple[ast.expr | None, str]]()
        self.held = list[ast.expr]()
        self.given = list[ast.expr]()
        self.returns = self.leaves = False

    @property
    def any(self) -> bool:
        """Whether anything may be changed."""
        return bool(self.names or self.attributes or self.held or self.given)

    def of(self, nodes: Iterable[ast.AST], loop: bool = False, inside: bool = False) -> Changes:
        """Take statements in. loop: inside a loop of theirs. inside: a function that is called."""
        for node in nodes:
            self._one(node, loop, inside)
        return self

    def _one(self, node: ast.AST, loop: bool, inside: bool) -> None:
        if isinstance(node, ast.Return):
            self.returns |= not inside
        elif isinstance(node, (ast.Break, ast.Continue)):
            self.leaves |= not (loop or inside)
        elif isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
            if isinstance(node.ctx, (ast.Store, ast.Del)):
                self._bound(node, inside)
        elif isinstance(node, ast.Call):
            self._call(node, inside)
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and not inside:
            self.names |= {(each.asname or each.name).partition(".")[0] for each in node.names}
        elif isinstance(node, (ast.MatchAs, ast.MatchStar, ast.ExceptHandler)) and node.name:
            self.names |= set() if inside else {node.name}
        elif isinstance(node, ast.Global):
            self.names |= set(node.names)
        if isinstance(node, _SCOPES):
            self.names |= set() if inside or isinstance(node, ast.Lambda) else {node.name}
            return
        if isinstance(node, ast.comprehension):  # its own names end with it
            self.of([node.iter, *node.ifs], loop, inside)
            return
        self.of(ast.iter_child_nodes(node), loop or isinstance(node, _LOOPS), inside)

    def _bound(self, node: ast.Name | ast.Attribute | ast.Subscript, inside: bool) -> None:
        if isinstance(node, ast.Name):
            self.names |= set() if inside else {node.id}
        elif isinstance(node, ast.Attribute):
            self.attributes.append((None if inside else node.value, node.attr))
        else:
            self._changed(node.value, inside)

    def _changed(self, node: ast.expr, inside: bool) -> None:
        if not inside:
            self.held.append(node)
        elif isinstance(node, ast.Attribute):
            self.attributes.append((None, node.attr))

    def _call(self, node: ast.Call, inside: bool) -> None:
        function = node.func
        word = getattr(function, "id", "") or getattr(function, "attr", "")
        if isinstance(function, ast.Attribute) and word in CHANGING:
            self._changed(function.value, inside)
        if word == "setattr" and len(node.args) > 1:
            name = node.args[1]
            told = name.value if isinstance(name, ast.Constant) else "*"
            self.attributes.append((None if inside else node.args[0], str(told)))
        called = [*self._find(node)]
        root = function
        while isinstance(root, ast.Attribute):
            root = root.value
        plain = getattr(root, "id", "")
        if not inside and (called or not (plain in FRAMEWORKS or hasattr(builtins, plain))):
            self.given += node.args
        for each in called:
            if id(each.node) not in self._seen:
                self._seen.add(id(each.node))
                body = each.node.body
                self.of(body if isinstance(body, list) else [body], inside=True)


def reachable(scopes: Iterable[Names]) -> Iterator[Any]:
    """Yield every module, layer, list and dictionary that names lead to."""
    stack: list[Any] = [value for names in scopes for value in names.values()]
    seen = set[int]()
    while stack:
        each = stack.pop()
        if isinstance(each, Instance):
            inner: Iterable[Any] = [*each.names.values(), each.chain, each.held]
        elif isinstance(each, ModuleChain):
            inner = each.modules
        elif isinstance(each, dict) or is_list(each):
            inner = list(each.values()) if isinstance(each, dict) else each
        elif isinstance(each, (Leaf, Flow)):
            inner = ()
        else:
            continue
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            stack.extend(inner)


def forget(value: Any, unknown: Unfollowed) -> None:
    """Make unknown what a list, dictionary or module holds."""
    if isinstance(value, list):
        value[:] = [unknown]
    elif isinstance(value, dict):
        value.clear()
        value[unknown] = unknown
    elif isinstance(value, Flow):
        value.forget(unknown)
    elif isinstance(value, set):
        value.add(unknown)
    elif isinstance(value, ModuleChain):
        value.children = [("", unknown)]
    elif isinstance(value, Leaf):
        value.made, value.title = None, unknown.text
    elif isinstance(value, Instance):
        forget(value.chain, unknown)
        forget(value.held, unknown)
        value.names.update(dict.fromkeys(value.names, unknown))


def forget_attribute(value: Any, name: str, unknown: Unfollowed, anywhere: bool) -> None:
    """Make unknown what a module has under a name, "*" for any; anywhere: only where it has it."""
    if isinstance(value, Leaf):
        if name == "*" or value.attribute(name) is not None:
            forget(value, unknown)
    elif isinstance(value, (Instance, UserClass)):
        if name == "*":
            forget(value, unknown)
        elif not anywhere or name in value.names:
            forget(value.names.get(name), unknown)
            value.names[name] = unknown
