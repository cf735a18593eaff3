"""What a program imports from the files beside it: they are read like it, in names of their own.

Nothing is executed. A text that is no file in a folder has none beside it.
"""

from __future__ import annotations

import ast
import sys
from typing import Any

from solver.errors import LimitError, SolverError
from solver.reading.text.attributes import NAMED
from solver.reading.text.changes import FRAMEWORKS, Changes
from solver.reading.text.installed import (
    absolute,
    file_of,
    is_missing,
    is_package,
    public,
    registered,
    told_in,
    whole,
)
from solver.reading.text.leaving import Left, Raised, Returned
from solver.reading.text.source import walk
from solver.reading.text.statements import Statements
from solver.reading.text.values import Dotted, Elsewhere, Leaf, Names, Opaque, Unfollowed, is_list

#: How functions of packages begin that only say something.
_SAYING = ("_log", "log_", "warn", "_warn")
#: Functions that make what a package lists, by its name; what says which weights they load.
MAKERS = frozenset(f"timm.{path}create_model" for path in ("", "models.", "models._factory."))
#: What applications of Keras pad by before a stride of 2, which they ask of sizes that are told.
_PADS = "imagenet_utils.correct_pad"
_LOADING = (
    *("pretrained", "pretrained_cfg", "pretrained_cfg_overlay", "checkpoint_path", "cache_dir"),
    *("scriptable", "exportable", "no_jit"),
)
#: Packages of models that are installed by the names that they are imported by.
ZOOS = frozenset(("timm", "torchvision", "transformers", "diffusers", "monai", "keras"))


class Importing(Statements):
    """Work out imports."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._imported = dict[str, Names]()  # by the paths of files
        self._meant = dict[str, str]()  # words, and what of a package they are imported as
        #: What is made of such a package, in words, and what would be right.
        self.lacking: tuple[str, str] | None = None

    def _Import(self, node: ast.Import) -> None:
        for each in node.names:
            found = self._module(node, each.name, 0)
            if found is None and is_package(each.name):
                name = each.name if each.asname else each.name.partition(".")[0]
                self.bind_name(each.asname or name, Elsewhere(name))
            elif found is None:
                self._plainly(each, False)
            else:
                self._seen_as(each.asname or each.name, found)

    def _ImportFrom(self, node: ast.ImportFrom) -> None:
        line, _ = self.source.at(node)
        package = self.source.installed(line)
        base = absolute(package, node.module or "", node.level) if package else node.module or ""
        base = whole(base)
        if (package or self.source.beside(line, base, node.level) is None) and is_package(base):
            for each in node.names:
                for name in public(base) if each.name == "*" else [each.name]:
                    self.bind_name(each.asname or name, Elsewhere(f"{base}.{name}"))
            return
        if base.endswith("keras") and any(each.name == "applications" for each in node.names):
            self.bind_name("applications", Elsewhere("keras.applications"))
        found = self._module(node, node.module or "", node.level)
        if node.module and found is None and node.level:
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
            elif node.module in ("math", "operator"):  # mul alone is a tensor's
                path = f"{node.module}.{each.name}"
                self.bind_name(each.asname or each.name, NAMED.get(path, Dotted(path)))
            else:
                self._plainly(each, True, node.module or "")
                self._of_python(node.module or "", each.name, each.asname or each.name)

    def _plainly(self, name: ast.alias, single: bool, module: str = "") -> None:
        """Import what no file explains: it is known by the name that others call it by."""
        path = f"{module}.{name.name}" if module.partition(".")[0] in FRAMEWORKS else name.name
        word = (name.asname or name.name).partition(".")[0]
        self._meant[word] = module or name.name
        told = name.asname is not None and name.asname != name.name
        if self.find(word) is not None or (told and single):
            self.bind_name(word, Dotted(path if told else word))

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
        return None if path is None else self._file(path)

    def _file(self, path: str, package: bool = False) -> Names:
        """The names of a file that is read like the text."""
        if path not in self._imported:
            self._imported[path] = {}  # files may import each other
            before, self.scopes = self.scopes, [self._imported[path]]
            try:
                for part in self.source.include(path, package).body:
                    self._beside_it(part)
            finally:
                self.scopes = before
        return self._imported[path]

    # What is taken from packages that are installed

    def _Name(self, node: ast.Name) -> Any:
        found = super()._Name(node)
        return self._fetched(found) if isinstance(found, Elsewhere) else found

    def behind(self, value: Any, node: ast.Attribute) -> Any:
        """What a value has under the name of an attribute."""
        if isinstance(value, Elsewhere):
            own = node.attr == "__dict__"
            return value if own else self._fetched(Elsewhere(f"{value.path}.{node.attr}"))
        found = super().behind(value, node)
        if isinstance(value, Dotted) and isinstance(found, Dotted):
            name = whole(found.path)
            return self._fetched(Elsewhere(name)) if is_package(name) else found
        return found

    def _part(self, node: ast.AST, value: Any, key: Any) -> Any:
        if isinstance(value, Elsewhere) and isinstance(key, str):
            return self._fetched(Elsewhere(f"{value.path}.{key}"))
        return super()._part(node, value, key)

    def _fetched(self, name: Elsewhere) -> Any:
        """What a name of a package stands for; a plain name where its source does not tell."""
        if name.path in MAKERS or (name.path.endswith(_PADS) and not self.build.written):
            return Dotted(name.path)
        told = told_in(name.path)
        if told is None:
            return Dotted(name.path) if file_of(name.path) is None else name
        if name.last.startswith(_SAYING):
            return name
        return self._file(told[0], True).get(told[1], name)

    def named(self, function: Dotted, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if function.path in MAKERS:
            return self._listed(function, args, keywords, node)
        if function.path.endswith(_PADS):  # of an input without sizes it pads as of an even one
            size = args[1] if len(args) == 2 else keywords.get("kernel_size")
            ends = size if is_list(size) else (size, size)
            return tuple((each // 2 - 1, each // 2) for each in ends)
        found = super().named(function, args, keywords, node)
        if isinstance(found, Opaque) or (isinstance(found, Leaf) and found.made is None):
            word, dot, rest = function.path.partition(".")
            path = f"{self._meant.get(word, word)}{dot}{rest}"
            if ("." in path or word in self._meant) and is_missing(path):
                self._lack(function.last, whole(path).partition(".")[0], node)
        return found

    def _lack(self, name: str, package: str, node: ast.AST) -> None:
        """Say that a name is of a package which is not installed."""
        rule = f"{name} is of {package}, which is not installed here"
        known = f"pip install {package}, or " if package in ZOOS else ""
        self.lacking = self.lacking or (rule, f"{known}paste its code")
        self.build.note(f"{rule}: {known}paste its code", self.source.at(node)[0])

    def _listed(self, function: Dotted, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a function makes that its package lists by its name; weights change no size."""
        name, *_ = [*args, keywords.pop("model_name", None)]
        package = function.path.partition(".")[0]
        if not is_package(package):
            self._lack(function.last, package, node)
            return Unfollowed(self.text(node))
        found = registered(package, name.partition(".")[0]) if isinstance(name, str) else None
        if found is None:
            rule, right = f"{package} has no model {name!r}", "the name of one of its models"
            self.lacking = self.lacking or (rule, right)
            raise self.unfollowed(node, rule, None, right)
        given = {key: each for key, each in keywords.items() if key not in _LOADING}
        given = {key: each for key, each in given.items() if each is not None}
        made = self.run(self._fetched(Elsewhere(found)), [], given, node)
        if isinstance(made, Opaque):
            rule = f"{name} of {package} is not followed: {made.text}"
            self.lacking = self.lacking or (rule, "paste the code of its class")
        return made

    def foreign(self, node: ast.expr) -> bool:
        """Tell whether what marks a function comes from a package."""
        root = node.func if isinstance(node, ast.Call) else node
        while isinstance(root, ast.Attribute):
            root = root.value
        return isinstance(root, ast.Name) and isinstance(self.find(root.id), Elsewhere)

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
