"""Comprehensions and functions of a program, and names that expressions give a value."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from solver.reading.text.arithmetic import MOST_ITEMS, limited
from solver.reading.text.attributes import Attributes
from solver.reading.text.expressions import OUTER
from solver.reading.text.leaving import CannotFollow
from solver.reading.text.values import ClassNames, Flow, Function, Names, Opaque, Unfollowed

#: What no value is.
_END = object()
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

    def _ListComp(self, node: ast.ListComp) -> Any:
        return self._generated(node, lambda: self.value(node.elt))

    def _GeneratorExp(self, node: ast.GeneratorExp) -> Any:
        return Flow(self._flowing(node, lambda: self.value(node.elt)))

    def _SetComp(self, node: ast.SetComp) -> Any:
        return self.as_set(self._generated(node, lambda: self.value(node.elt)), node)

    def _DictComp(self, node: ast.DictComp) -> Any:
        found = self._generated(node, lambda: (self.value(node.key), self.value(node.value)))
        plain = all(isinstance(key, _KEYS) for key, _ in found)
        return dict(found) if plain else Opaque(self.text(node))

    def _generated(self, node: Comprehension, made: Callable[[], Any]) -> list[Any]:
        """What a comprehension gives, one after the other."""
        found = [*islice(self._flowing(node, made), MOST_ITEMS + 1)]
        limited(len(found))
        return found

    def _flowing(self, node: Comprehension, made: Callable[[], Any]) -> Iterator[Any]:
        """What a comprehension gives, each where it is asked for.

        What it goes through is worked out at once, the rest with the names that it sees.
        """
        first = self.plain(self.value(node.generators[0].iter), node)
        return self._seeing([*self.scopes, {OUTER: _Outward()}], self._generate(node, made, first))

    def _seeing(self, scopes: list[Names], values: Iterator[Any]) -> Iterator[Any]:
        """Yield values, each worked out where these names are seen."""
        while True:
            before, self.scopes = self.scopes, scopes
            try:
                value = next(values, _END)
            finally:
                self.scopes = before
            if value is _END:
                return
            yield value

    def _generate(
        self, node: Comprehension, made: Callable[[], Any], over: Any, at: int = 0
    ) -> Iterator[Any]:
        part = node.generators[at]
        for item in self.items(over, part.iter):
            self.assign(part.target, item)
            if not all(self.truth(test) for test in part.ifs):
                continue
            if at + 1 == len(node.generators):
                yield made()
                continue
            inner = node.generators[at + 1].iter
            yield from self._generate(node, made, self.plain(self.value(inner), inner), at + 1)

    def _NamedExpr(self, node: ast.NamedExpr) -> Any:
        value = self.value(node.value)
        scopes = self.scopes
        while len(self.scopes) > 1 and isinstance(self.scopes[-1].get(OUTER), _Outward):
            self.scopes = self.scopes[:-1]  # a comprehension binds in what is around it
        self.bind_name(node.target.id, value)
        self.scopes = scopes
        return value
