"""Branches and loops of a program: what depends on sizes is decided where the program is run."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence
from typing import Any

from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio
from solver.reading.paths.decisions import RefusedSizes
from solver.reading.text.builtin import is_instance
from solver.reading.text.comparing import compare
from solver.reading.text.leaving import Left, Raised
from solver.reading.text.losing import Losing
from solver.reading.text.values import (
    MODULES,
    Dotted,
    Opaque,
    Unfollowed,
    is_list,
)

#: The most turns of a loop, and of one of a program that is no part of a function.
_TURNS, _OUTSIDE = 2000, 100
_IMPORTS = (ast.Import, ast.ImportFrom)
#: What operations raise where they refuse sizes.
_REFUSES = "RuntimeError"
#: Classes of which a pattern in brackets is for the whole value.
_THEMSELVES = ("bool", "dict", "float", "int", "list", "set", "str", "tuple")


class Branches(Losing):
    """Work out statements that go one way or another."""

    def _If(self, node: ast.If) -> None:
        test, sure = self._tested(node.test)
        taken = node.body if test else node.orelse
        raises = bool(taken) and isinstance(taken[-1], ast.Raise)
        if test is not None and (sure or not raises):
            self.block(taken)
            return
        if all(isinstance(each, _IMPORTS) for each in (*node.body, *node.orelse)):
            self.block(node.body)  # the names are the same
            return
        for body, other, words in (
            (node.body, node.orelse, "where this does not hold"),
            (node.orelse, node.body, "where this holds"),
        ):
            if body and isinstance(body[-1], ast.Raise):
                line = self.source.at(node)[0]
                self.build.note(f"taken as {words}: {self.text(node.test)}", line)
                self.block(other)
                return
        raise self.undecided(node.test)

    def _tested(self, node: ast.expr) -> tuple[bool | None, bool]:
        """Whether a condition holds, and whether it does for all numbers that are not told."""
        before = self.build.guesses
        return self.held(node), self.build.guesses == before

    def _For(self, node: ast.For) -> None:
        turns = 0
        for item in self.items(self.plain(self.value(node.iter), node.iter), node.iter):
            turns = self._turn(node, turns)
            self.assign(node.target, item)
            if self._left(node):
                return
        self.block(node.orelse)

    def _While(self, node: ast.While) -> None:
        turns = 0
        while self.truth(node.test):
            turns = self._turn(node, turns)
            if self._left(node):
                return
        self.block(node.orelse)

    def _turn(self, node: ast.For | ast.While, turns: int) -> int:
        if turns >= (_TURNS if self.frames else _OUTSIDE):
            raise self.unfollowed(node, f"a loop has at most {turns:,} turns", self.text(node))
        return turns + 1

    def _left(self, node: ast.For | ast.While) -> bool:
        """Go through a loop once, and tell whether it is left there."""
        try:
            self.block(node.body)
        except Left as leave:
            if leave.unsure:
                rule = "nobody knows how often this loop turns"
                raise self.unfollowed(node, rule, self.text(node)) from None
            return not leave.turn
        return False

    def _Break(self, node: ast.Break) -> None:
        raise Left(turn=False)

    def _Continue(self, node: ast.Continue) -> None:
        raise Left(turn=True)

    def _With(self, node: ast.With) -> None:
        for item in node.items:
            value = self.value(item.context_expr)
            if item.optional_vars is not None:
                plain = isinstance(value, (Opaque, Dotted))
                self.assign(item.optional_vars, Unfollowed(self.text(node)) if plain else value)
        self.block(node.body)

    # What is raised

    def _Raise(self, node: ast.Raise) -> None:
        shown = self.refuse(node, "the text raises an error here", self.text(node))
        if node.exc is None:
            raise self._raised or shown
        call = node.exc if isinstance(node.exc, ast.Call) else None
        kind = self.text(node.exc if call is None else call.func).partition("(")[0].strip()
        message = self.message(call.args[0]) if call is not None and call.args else ""
        raise self.raising(kind, message, node)

    def _Assert(self, node: ast.Assert) -> None:
        held, sure = self._tested(node.test)
        line = self.source.at(node)[0]
        if held is None or not (held or sure):
            self.build.note(f"taken as where this holds: {self.text(node.test)}", line)
        elif not held:
            told = self.text(node.test) if node.msg is None else self.message(node.msg)
            raise self.raising("AssertionError", told, node)

    def raising(self, kind: str, message: str, node: ast.AST) -> Raised:
        """An error of the program's own."""
        shown = self.refuse(node, "the text raises an error here", self.text(node))
        return Raised(kind, message[:160], self.source.place(self.source.at(node)[0]), shown)

    def message(self, node: ast.expr) -> str:
        """What is said: words as they are, of anything else how it is written."""
        value = self.value(node)
        if isinstance(node, ast.JoinedStr) and isinstance(value, Opaque):
            return value.text
        if isinstance(value, (str, int, float, Dim, Ratio)):
            return str(value)
        return self.text(node)

    def _Try(self, node: ast.Try) -> None:
        """Follow the plain path, and what handles an error of the program or of sizes."""
        try:
            self._tried(node)
        finally:
            self.block(node.finalbody)

    def _tried(self, node: ast.Try) -> None:
        catching = self.build.catching
        self.build.catching = catching or any(self._handles(h, _REFUSES) for h in node.handlers)
        try:
            self.block(node.body)
        except (Raised, RefusedSizes) as fault:
            self.build.catching = catching
            kind = fault.kind if isinstance(fault, Raised) else _REFUSES
            handler = next((each for each in node.handlers if self._handles(each, kind)), None)
            if handler is None:
                raise
            if handler.name:
                self.bind_name(handler.name, Unfollowed(handler.name))
            before, self._raised = self._raised, fault
            try:
                self.block(handler.body)
            finally:
                self._raised = before
        else:
            self.build.catching = catching
            self.block(node.orelse)
        finally:
            self.build.catching = catching

    _raised: Exception | None = None

    def _handles(self, handler: ast.ExceptHandler, kind: str) -> bool:
        if handler.type is None:
            return True
        types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        raised = getattr(builtins, kind, Exception)
        for each in types:
            name = each.id if isinstance(each, ast.Name) else ""
            caught = getattr(builtins, name, None)
            if name == kind or (isinstance(caught, type) and issubclass(raised, caught)):
                return True
        return False

    # match

    def _Match(self, node: ast.Match) -> None:
        value = self.plain(self.value(node.subject), node.subject)
        for case in node.cases:
            fits = self._fits(case.pattern, value)
            if fits and case.guard is not None:
                fits = self.held(case.guard)
            if fits is None:
                raise self.unfollowed(node, "nobody knows which case this is", self.text(node))
            if fits:
                self.block(case.body)
                return

    def _fits(self, pattern: ast.pattern, value: Any) -> bool | None:
        if isinstance(pattern, ast.MatchAs):
            fits = True if pattern.pattern is None else self._fits(pattern.pattern, value)
            if fits and pattern.name:
                self.bind_name(pattern.name, value)
            return fits
        if isinstance(pattern, ast.MatchOr):
            found = [self._fits(each, value) for each in pattern.patterns]
            return True if True in found else None if None in found else False
        if isinstance(pattern, ast.MatchValue):
            return compare(ast.Eq(), value, self.value(pattern.value), self.build.decide)
        if isinstance(pattern, ast.MatchSingleton):
            return compare(ast.Is(), value, pattern.value, self.build.decide)
        if isinstance(pattern, ast.MatchSequence):
            plain = isinstance(value, (int, float, str, dict, type(None), *MODULES))
            return False if plain else self._fit_all(pattern.patterns, value)
        if isinstance(pattern, ast.MatchMapping):
            return self._fit_entries(pattern, value)
        if isinstance(pattern, ast.MatchClass):
            return self._fit_class(pattern, value)
        return None

    def _fit_class(self, pattern: ast.MatchClass, value: Any) -> bool | None:
        """Whether a value is of a class; str() as name, int(k): a plain one is its own part."""
        kind = self.value(pattern.cls)
        fits = is_instance(value, kind)
        if not fits or not (pattern.patterns or pattern.kwd_patterns):
            return fits
        plain = isinstance(kind, Dotted) and kind.last in _THEMSELVES and not pattern.kwd_patterns
        return self._fits(pattern.patterns[0], value) if plain else None

    def _fit_entries(self, pattern: ast.MatchMapping, value: Any) -> bool | None:
        if not isinstance(value, dict):
            plain = isinstance(value, (int, float, str, type(None), *MODULES)) or is_list(value)
            return False if plain else None
        keys = [self.value(key) for key in pattern.keys]
        if not all(isinstance(key, (str, int)) for key in keys):
            return None
        if any(key not in value for key in keys):
            return False
        fits = self._fit_parts(pattern.patterns, [value[key] for key in keys])
        if fits and pattern.rest:
            self.bind_name(pattern.rest, {k: v for k, v in value.items() if k not in keys})
        return fits

    def _fit_all(self, patterns: Sequence[ast.pattern], value: Any) -> bool | None:
        if not is_list(value):
            return None
        stars = [at for at, each in enumerate(patterns) if isinstance(each, ast.MatchStar)]
        if not stars:
            return len(patterns) == len(value) and self._fit_parts(patterns, value)
        (at,), beyond = stars, len(value) - len(patterns) + 1
        if beyond < 0:
            return False
        star, rest = patterns[at], [*value[at : at + beyond]]
        fits = self._fit_parts(
            [*patterns[:at], *patterns[at + 1 :]], [*value[:at], *value[at + beyond :]]
        )
        if fits and isinstance(star, ast.MatchStar) and star.name:
            self.bind_name(star.name, rest)
        return fits

    def _fit_parts(self, patterns: Sequence[ast.pattern], parts: Sequence[Any]) -> bool | None:
        """Whether each part fits its pattern: those behind one that does not are not asked."""
        for pattern, part in zip(patterns, parts, strict=True):
            fits = self._fits(pattern, part)
            if not fits:
                return fits
        return True
