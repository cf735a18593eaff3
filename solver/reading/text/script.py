"""Go through the statements of a whole program for the models in it.

What a program does with its models, and what it reads and prints beside them, is left out.
"""

from __future__ import annotations

import ast
from typing import Any

from solver.errors import LimitError, SolverError
from solver.reading.functions.table import is_layer
from solver.reading.text.applying import FORWARD
from solver.reading.text.changes import Changes
from solver.reading.text.importing import ZOOS, Importing, is_main
from solver.reading.text.inside import wires_in
from solver.reading.text.leaving import CannotFollow, Left, Raised, Returned
from solver.reading.text.source import walk
from solver.reading.text.statements import modules_in
from solver.reading.text.values import (
    MODULES,
    Dotted,
    Elsewhere,
    Instance,
    Model,
    Unfollowed,
    UserClass,
)

_TRAINING = (ast.For, ast.While, ast.With, ast.Try, ast.If)
#: Steps that may be taken by what a program does beside its models.
_STEPS = 20_000


class WholeScript(Importing):
    """Go through the statements that stand in no function.

    found: the model or the tensors that were made last. modules: all that were made, by identity.
    fault: of the first statement that was left out.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.found: Any = None
        self.fault: SolverError | None = None
        self.modules: dict[int, Any] = {}

    def top(self, node: ast.stmt) -> None:
        """Go through a statement; what a program does with its network is left out, and said."""
        if isinstance(node, ast.If) and is_main(node.test):
            for part in node.body:
                self._aside(part)
            return
        before = len(self.build.nodes), self.build.inputs
        apart = self._apart(node)
        kept = self.source.lay_by(_STEPS if self.modules else 4 * _STEPS) if apart else 0
        try:
            self._one(node)
        except Returned as found:  # lines cut out of a forward end with what it gives
            self.keep(found.value)
        except Left:
            raise self.refuse(node, "there is no loop here", self.text(node)) from None
        except Raised as fault:
            if not self.build.nodes:
                raise fault.shown from None
            raise
        except SolverError as fault:
            if not (apart or (isinstance(node, _TRAINING) and isinstance(fault, CannotFollow))):
                raise
            if isinstance(fault, LimitError):
                self.build.back(*before)
            self.fault = self.fault or fault
            self.build.note(f"left out: {self.text(node)}", self.source.at(node)[0])
            self.forget(Changes(self._functions).of([node]), Unfollowed(self.text(node)))
        finally:
            self.source.give_back(kept)

    def _one(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Expr):
            self.keep(self.value(node.value))
            return
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            self.statement(node)
            return
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        self.constants = isinstance(target, ast.Name) and target.id in self.used
        try:
            self.statement(node)
        finally:
            self.constants = False
        self.keep(self.value(target))

    def _apart(self, node: ast.stmt) -> bool:
        """Tell whether a statement that is not understood is no part of a network."""
        if isinstance(node, _TRAINING):
            return bool(self.modules or self.build.nodes)
        if not isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign)):
            return False
        for part in walk(node):
            if isinstance(part, ast.Call) and self._makes(part.func):
                return False
            if isinstance(part, (ast.Attribute, ast.Subscript)):
                of = self.peek(part.value)
                if isinstance(part.ctx, ast.Store) and isinstance(of, MODULES):
                    return False
        return not wires_in([self.find(name) for name in self._read([node])])

    def _makes(self, function: ast.expr) -> bool:
        """Tell whether a call makes a layer or a module, or puts something through it."""
        of = self.peek(function)
        root = function
        while isinstance(root, ast.Attribute):
            root = root.value
        found = self.peek(root)
        listed = isinstance(found, Elsewhere) and found.path.partition(".")[0] in ZOOS
        if listed or self.text(function).startswith("solver."):
            return True
        if of is None:
            return is_layer(getattr(function, "attr", "") or getattr(function, "id", ""))
        plain = isinstance(of, Dotted) and is_layer(of.last)
        return plain or isinstance(of, MODULES) or (isinstance(of, UserClass) and runs(of))

    def _aside(self, node: ast.stmt) -> None:
        """Go through what a program does when it is run, for the models that it makes."""
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            return
        before, self.examples = self.examples, False
        try:
            self.top(node)
        except LimitError:
            raise
        except (Raised, SolverError):  # what it does with them is not followed
            self.forget(Changes(self._functions).of([node]), Unfollowed(self.text(node)))
        finally:
            self.examples = before

    def keep(self, value: Any) -> None:
        """Remember a model, tensors and modules that a line gives."""
        if isinstance(value, Model) or any(map(self.build.works, wires_in(value))):
            self.build.models += isinstance(value, Model) and value is not self.found
            self.found = value
        for module in modules_in(value):
            if not isinstance(module, Instance) or module.chain or runs(module.of):
                self.modules.setdefault(id(module), module)


def runs(of: UserClass) -> bool:
    """Tell whether the modules of a class make something of tensors."""
    return of.name == "self" or any(of.find(word) for word in (*FORWARD, "__call__"))
