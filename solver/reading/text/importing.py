"""What a program imports from the files beside it: they are read like it, in names of their own.

Nothing is executed. A text that is no file in a folder has none beside it.
"""

from __future__ import annotations

import ast
import sys
from typing import Any

from solver.errors import LimitError, SolverError
from solver.reading.text.changes import Changes
from solver.reading.text.leaving import Left, Raised, Returned
from solver.reading.text.source import walk
from solver.reading.text.statements import Statements
from solver.reading.text.values import Dotted, Names, Unfollowed


class Importing(Statements):
    """Work out imports."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._imported = dict[str, Names]()  # by the paths of files

    def _Import(self, node: ast.Import) -> None:
        for each in node.names:
            found = self._module(node, each.name, 0)
            if found is None:
                self._plainly(each, False)
            else:
                self._seen_as(each.asname or each.name, found)

    def _ImportFrom(self, node: ast.ImportFrom) -> None:
        found = self._module(node, node.module or "", node.level)
        if node.module and found is None and node.level:
            line, _ = self.source.at(node)
            self.build.note(f"no such file beside this text: {self.text(node)}", line)
        for each in node.names:
            if each.name == "*" and found is not None:
                listed = found.get("__all__") or [x for x in found if not x.startswith("_")]
                for name in listed if isinstance(listed, list) else ():
                    self.bind_name(name, found.get(name))
            elif found is not None and each.name in found:
                self.bind_name(each.asname or each.name, found[each.name])
            elif inner := self._module(node, f"{node.module or ''}.{each.name}", node.level):
                self._seen_as(each.asname or each.name, inner)
            elif node.module == "operator":  # mul alone is a tensor's
                self.bind_name(each.asname or each.name, Dotted(f"operator.{each.name}"))
            else:
                self._plainly(each, True)
                self._of_python(node.module or "", each.name, each.asname or each.name)

    def _plainly(self, name: ast.alias, single: bool) -> None:
        """Import what no file explains: it is known by the name that others call it by."""
        word = (name.asname or name.name).partition(".")[0]
        told = name.asname is not None and name.asname != name.name
        if self.find(word) is not None or (told and single):
            self.bind_name(word, Dotted(name.name if told else word))

    def _of_python(self, module: str, name: str, word: str) -> None:
        """Import a class of Python's own, which is no layer, whatever it is called."""
        if module.partition(".")[0] in sys.stdlib_module_names and name[:1].isupper():
            self.bind_name(word, Dotted(f"{module}.{name}"))

    def _seen_as(self, name: str, held: Names) -> None:
        """Import a file as a whole: what is in it is asked for behind a dot."""
        for inner, value in [*held.items()]:
            self.scopes[0][f"{name}.{inner}"] = value

    def _module(self, node: ast.AST, name: str, level: int) -> Names | None:
        """The names of a file beside the text, None where there is none."""
        path = self.source.beside(self.source.at(node)[0], name.strip("."), level)
        if path is None:
            return None
        if path not in self._imported:
            self._imported[path] = {}  # files may import each other
            before, self.scopes = self.scopes, [self._imported[path]]
            try:
                for part in self.source.include(path).body:
                    self._beside_it(part)
            finally:
                self.scopes = before
        return self._imported[path]

    def _beside_it(self, node: ast.stmt) -> None:
        """Go through a statement of a file that is imported."""
        aside = isinstance(node, ast.Expr) or (isinstance(node, ast.If) and is_main(node.test))
        before, self.examples = self.examples, False
        try:
            if not aside:
                self.statement(node)
        except LimitError:
            raise
        except (Raised, Returned, Left, SolverError):  # what it does beside is not followed
            self.forget(Changes(self._functions).of([node]), Unfollowed(self.text(node)))
        finally:
            self.examples = before


def is_main(test: ast.expr) -> bool:
    """Tell whether a branch is the one that is taken when a program is run."""
    names = (each.id for each in walk(test) if isinstance(each, ast.Name))
    return "__name__" in names
