"""What becomes of a statement that is not followed: what it may change is unknown from there on."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from solver.errors import SolverError
from solver.network.graph.operation import Unknown
from solver.reading.functions.call import Wire
from solver.reading.text.changes import Changes, forget, forget_attribute, reachable
from solver.reading.text.inside import wires_in
from solver.reading.text.leaving import CannotFollow, Left, Returned
from solver.reading.text.named import NamedCalls
from solver.reading.text.source import walk
from solver.reading.text.values import (
    Dotted,
    Flow,
    Function,
    Instance,
    Opaque,
    Unfollowed,
    UserClass,
)


class Losing(NamedCalls):
    """Go on behind what is not followed.

    frames: the functions that are gone through, the innermost last.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.frames: list[Function] = []

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Go through statements."""
        for node in body:
            self.statement(node)

    def statement(self, node: ast.stmt) -> None:
        """Go through one statement. Raises SolverError for what is not understood."""
        self.tick()
        found = getattr(self, f"_{type(node).__name__}", None)
        try:
            if found is None:
                rule = f"{type(node).__name__.lower()} is not followed here"
                raise self.unfollowed(node, rule, right="straight lines: x = layer(x)")
            found(node)
        except CannotFollow as fault:
            if not self.frames:
                raise
            self.lose(node, fault)

    def lose(self, node: ast.stmt, fault: CannotFollow) -> None:
        """Make unknown what a statement may change; it may end a function, or a loop around it."""
        changes = Changes(self._functions).of([node])
        unknown = self._unknown_of([node], fault)
        if unknown.wire is not None or changes.attributes or changes.held:
            self.build.note(f"not followed: {unknown.text}", fault.line)
        self.forget(changes, unknown)
        if changes.returns and self.frames:
            body = self.frames[-1].node.body
            self.forget(Changes(self._functions).of(body), unknown)  # type: ignore[arg-type]
            raise Returned(unknown if unknown.wire is None else unknown.wire)
        if changes.leaves:
            raise Left(turn=False, unsure=True)

    def forget(self, changes: Changes, unknown: Unfollowed) -> None:
        """Make unknown what may be changed; a generator may be gone through."""
        for each in [*reachable(self.scopes)]:
            if isinstance(each, Flow):
                forget(each, unknown)
        for name in changes.names:
            known = self.find(name)
            tensor = unknown.wire is not None and (known is None or isinstance(known, Wire))
            self.bind_name(name, unknown.wire if tensor else unknown)
        for base, name in changes.attributes:
            of = None if base is None else self.peek(base)
            of = None if isinstance(of, (Opaque, Dotted)) else of
            for each in reachable(self.scopes) if of is None else [of]:
                forget_attribute(each, name, unknown, of is None)
        for expression in (*changes.held, *changes.given):
            of = self._held(expression)
            if of is not None and (expression in changes.held or isinstance(of, (list, dict))):
                forget(of, unknown)
        if any(self.peek(each) is None for each in changes.held):
            for each in [*reachable(self.scopes[-1:])]:
                if isinstance(each, (list, dict)):
                    forget(each, unknown)

    def _held(self, node: ast.expr) -> Any:
        """What an expression stands for, or what holds it where that is not known."""
        found = self.peek(node)
        while isinstance(node, ast.Subscript) and isinstance(found, (Opaque, Dotted, type(None))):
            node = node.value
            found = self.peek(node)
        return found

    def _unknown_of(self, nodes: Sequence[ast.AST], fault: CannotFollow) -> Unfollowed:
        """What stands for all that is not known; it comes from the tensors that are read there."""
        text = f"{fault.received or fault.rule}"[:80]
        line = fault.line
        read = [self.find(name) for name in self._read(nodes)]
        wires = list(dict.fromkeys(wires_in(read)))
        if not wires:
            return Unfollowed(text)
        return Unfollowed(text, wire=self.build.add(Unknown(text), wires, "not_followed", line))

    def _read(self, nodes: Sequence[ast.AST]) -> Iterator[str]:
        for node in nodes:
            for each in walk(node):
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
                    yield each.id

    def _functions(self, call: ast.Call) -> Iterator[Function]:
        """The functions of the text that a call may go to: by what is called, or by its name."""
        word = getattr(call.func, "id", "") or getattr(call.func, "attr", "")
        called = self.peek(call.func)
        if isinstance(called, Instance):
            called = called.of.find("forward")
            called = called and called[0]
        if isinstance(called, UserClass):
            called = called.names.get("__init__")
        if isinstance(called, Function):
            yield called
        for value in [value for names in self.scopes for value in names.values()]:
            if isinstance(value, UserClass) and isinstance(value.names.get(word), Function):
                yield value.names[word]

    def peek(self, node: ast.expr) -> Any:
        """What an expression stands for, where that is seen without working anything out."""
        if isinstance(node, ast.Name):
            return self.find(node.id)
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not _calls(node):
            of = self.peek(node.value)
            if of is not None:
                try:
                    return self.value(node)
                except SolverError:
                    return None
        return None


def _calls(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Call) for each in walk(node))
