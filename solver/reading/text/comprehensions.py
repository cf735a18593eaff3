"""Comprehensions and functions of a program, and names that expressions give a value."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from solver.errors import LimitError
from solver.reading.text.arithmetic import MOST_ITEMS
from solver.reading.text.attributes import Attributes
from solver.reading.text.expressions import OUTER
from solver.reading.text.leaving import CannotFollow
from solver.reading.text.values import ClassNames, Function, Names, Opaque, Unfollowed

_KEYS = (int, float, str, bool, type(None))
Comprehension = ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp


class _Outward(dict[str, Names]):
    """Say that a scope is that of a comprehension."""


class Comprehensions(Attributes):
    """Work out comprehensions, and make functions."""

    def _Lambda(self, node: ast.Lambda) -> Any:
        return self.made(node)

    def made(self, node: ast.FunctionDef | ast.Lambda, kind: str = "") -> Function:
        """A function of the text; the names of a class around it are not seen from inside."""
        seen = [names for names in self.scopes if not isinstance(names, ClassNames)]
        made = Function(node, seen, self.defaults(node.args), kind)
        if isinstance(self.scopes[-1], ClassNames):
            made.owner = self.scopes[-1].of
        return made

    def defaults(self, given: ast.arguments) -> Names:
        """What the arguments of a function are where they are not given, worked out once."""
        names = [arg.arg for arg in (*given.posonlyargs, *given.args)]
        pairs = list(zip(names[::-1], given.defaults[::-1], strict=False))[::-1]
        pairs += [
            (arg.arg, node)
            for arg, node in zip(given.kwonlyargs, given.kw_defaults, strict=True)
            if node is not None
        ]
        found: Names = {}
        for name, node in pairs:
            try:
                found[name] = self.value(node)
            except CannotFollow:
                found[name] = Unfollowed(self.text(node))
        return found

    def _ListComp(self, node: ast.ListComp | ast.GeneratorExp) -> Any:
        return self._generated(node, lambda: self.value(node.elt))

    _GeneratorExp = _ListComp

    def _SetComp(self, node: ast.SetComp) -> Any:
        return self._as_set(self._generated(node, lambda: self.value(node.elt)), node)

    def _DictComp(self, node: ast.DictComp) -> Any:
        found = self._generated(node, lambda: (self.value(node.key), self.value(node.value)))
        plain = all(isinstance(key, _KEYS) for key, _ in found)
        return dict(found) if plain else Opaque(self.text(node))

    def _generated(self, node: Comprehension, made: Callable[[], Any]) -> list[Any]:
        """What a comprehension gives, one after the other."""
        found: list[Any] = []
        self.scopes = [*self.scopes, {OUTER: _Outward()}]
        try:
            self._generate(node.generators, made, found)
        finally:
            self.scopes = self.scopes[:-1]
        return found

    def _generate(
        self, parts: Sequence[ast.comprehension], made: Callable[[], Any], found: list[Any]
    ) -> None:
        if not parts:
            found.append(made())
            if len(found) > MOST_ITEMS:
                raise LimitError(f"a list may have {MOST_ITEMS:,} entries")
            return
        part, *rest = parts
        for item in self.items(self.plain(self.value(part.iter), part.iter), part.iter):
            self.assign(part.target, item)
            if all(self.truth(test) for test in part.ifs):
                self._generate(rest, made, found)

    def _NamedExpr(self, node: ast.NamedExpr) -> Any:
        value = self.value(node.value)
        scopes = self.scopes
        while len(self.scopes) > 1 and isinstance(self.scopes[-1].get(OUTER), _Outward):
            self.scopes = self.scopes[:-1]  # a comprehension binds in what is around it
        self.bind_name(node.target.id, value)
        self.scopes = scopes
        return value
