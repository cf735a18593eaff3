"""The text a network is read from: its limits, its lines, and faults shown under them."""

from __future__ import annotations

import ast
import os
import re
import warnings

from solver.errors import LimitError, SolverError
from solver.ground.files import read_bytes
from solver.ground.named import NamedTuple

#: A program of so many characters takes Python some 300 MB to parse at the worst.
MOST_CHARACTERS, MOST_LINES = 500_000, 20_000
#: In all, however often the text is read until its inputs are decided.
MOST_STEPS = 500_000
#: How many folders above a file are looked through for a package that it imports.
_ABOVE = 3
#: Packages that are known by their names, wherever they are installed.
_FRAMEWORKS = ("torch", "torchaudio", "tensorflow", "keras", "jax", "flax", "numpy", "scipy")
_NO_TEXT = "[\0-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]"
#: Blanks that are copied from web pages and mean a blank.
_BLANKS = str.maketrans({"\xa0": " ", "\u202f": " ", "\f": " ", "\u200b": None, "\ufeff": None})


#: Commands of a notebook.
_MAGIC = r"(\s*)(?:!|%{1,2}[a-z_]+\b(?! *=))"


class OutOfSteps(LimitError):
    """Say that a text takes too many steps to read."""


class _File(NamedTuple):
    """Hold where the lines of a file begin, what it is called, its folder, whether installed."""

    begin: int
    where: str
    folder: str | None
    package: bool = False


class Source:
    """Hold a text as lines, and behind them those of the files that it imports.

    where: what it is called, such as a file's name. folder: where the file is, if it is one. own:
    how many lines are its own.
    Raises LimitError for a text that is too long, and SolverError for what is no text.
    """

    def __init__(self, text: str, where: str = "", folder: str | None = None) -> None:
        if len(text) > MOST_CHARACTERS:
            rule = f"a text may have {MOST_CHARACTERS:,} characters"
            raise LimitError(rule, f"{len(text):,} characters", "the lines of the layers alone")
        self._files = [_File(0, where, folder)]
        self._trees = dict[str, ast.Module]()
        self.begin()
        self.lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        if len(self.lines) > MOST_LINES:
            rule = f"a text may have {MOST_LINES:,} lines"
            raise LimitError(rule, f"{len(self.lines):,} lines", "the lines of the layers alone")
        for number, line in enumerate(self.lines, 1):
            if not line.isprintable() and (found := re.search(_NO_TEXT, line)):
                received = f"character {ord(found[0])}"
                raise self.fault(number, "a network is read from text", found.start(), received)
        self.lines = [_plain(line) for line in self.lines]
        self.own = len(self.lines)

    def tick(self, count: int = 1) -> None:
        """Count steps of reading. Raises LimitError where there are too many."""
        self._steps -= count
        if self._steps < 0:
            raise OutOfSteps(f"a program is read in {MOST_STEPS:,} steps")

    def begin(self) -> None:
        """Count steps anew."""
        self._steps = MOST_STEPS

    def lay_by(self, most: int) -> int:
        """Keep all steps but so many for later, and tell how many these are."""
        kept = max(self._steps - most, 0)
        self._steps -= kept
        return kept

    def give_back(self, kept: int) -> None:
        """Go on with steps that were kept."""
        self._steps = max(self._steps, 0) + kept

    def place(self, line: int) -> str:
        """Where a line is, in words."""
        file = self._file(line)
        line -= file.begin
        return f"{file.where}, line {line}" if file.where else f"line {line}"

    def installed(self, line: int) -> str | None:
        """The path of the file that a line is of, where that is of a package that is installed."""
        file = self._file(line)
        path = os.path.join(file.folder or "", file.where)
        return path if file.package else None

    def _file(self, line: int) -> _File:
        """The file that a line is of."""
        return next(file for file in reversed(self._files) if file.begin < max(line, 1))

    def beside(self, line: int, name: str, level: int) -> str | None:
        """The path of the file that an import in a line names, None where there is none.

        level: how many dots stand before the name.
        """
        _, _, folder, package = self._file(line)
        if folder is None or not (name or level) or package:
            return None
        known = level or name.partition(".")[0] in _FRAMEWORKS  # and is none of these
        above = _ABOVE if "." in name and not known else 0  # it is run from a folder above
        for up in range(above + 1):
            parts = [*[os.pardir] * (up + max(level - 1, 0)), *name.split(".")]
            found = os.path.normpath(os.path.join(folder, *parts))
            paths = (f"{found}.py", os.path.join(found, "__init__.py"))
            if there := next((path for path in paths if os.path.isfile(path)), None):
                return there
        return None

    def include(self, path: str, package: bool = False) -> ast.Module:
        """A file beside the text, or of a package, as a program; of nothing where it is none.

        Its lines are put behind the others, once.
        """
        if path not in self._trees:
            self._trees[path] = ast.Module([], [])
            folder, name = os.path.split(path)
            try:
                data = read_bytes(path, MOST_CHARACTERS, "what is imported")
                inner = Source(data.decode(errors="replace"), name)
                tree = inner.parse()
            except SolverError:
                return self._trees[path]
            if len(self.lines) + len(inner.lines) <= MOST_LINES:
                self._files.append(_File(len(self.lines), name, folder, package))
                self._trees[path] = ast.increment_lineno(tree, len(self.lines))
                self.lines = [*self.lines, *inner.lines]
        return self._trees[path]

    def gather(self, tree: ast.Module) -> None:
        """Include the files that a program imports, and those that they do."""
        stack, seen = [tree], set[str]()
        while stack:
            for node in walk(stack.pop()):
                if not isinstance(node, (ast.Import, ast.ImportFrom)):
                    continue
                base, level = getattr(node, "module", None) or "", getattr(node, "level", 0)
                for name in {base, *(f"{base}.{each.name}".strip(".") for each in node.names)}:
                    path = self.beside(self.at(node)[0], name, level)
                    if path is not None and path not in seen:
                        seen.add(path)
                        stack.append(self.include(path))

    def fault(
        self,
        line: int,
        rule: str,
        at: int = 0,
        received: str | None = None,
        right: str | None = None,
    ) -> SolverError:
        """The error that a rule is broken in a line, at a character of it."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return SolverError(f"{self.place(line)}: {rule}", received, right, text, at)

    def at(self, node: ast.AST) -> tuple[int, int]:
        """The line and the character at which a part of the program begins."""
        line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        if not 0 < line <= len(self.lines):
            return line, 0
        return line, len(self.lines[line - 1].encode()[:offset].decode(errors="ignore"))

    def parse(self) -> ast.Module:
        """The text as a program, which is never executed.

        Lines cut out of a program may be indented; where nothing hangs on it, that is put right.
        """
        if not any(line[:1].strip() for line in self.lines):
            from textwrap import dedent  # a whole program stands at the margin

            self.lines = dedent("\n".join(self.lines)).split("\n")
        try:
            return self._parse()
        except IndentationError:
            if not any(line.rstrip().endswith(":") for line in self.lines):
                self.lines = [line.lstrip() for line in self.lines]
        except SyntaxError:
            pass
        try:
            return self._parse()
        except SyntaxError as fault:
            line = min(max(fault.lineno or 1, 1), len(self.lines))
            rule = f"not valid Python ({fault.msg})"
            right = "code lines as in a program, or what print(model) shows"
            raise self.fault(line, rule, max((fault.offset or 1) - 1, 0), right=right) from None

    def _parse(self) -> ast.Module:
        text = "\n".join(self.lines)
        try:
            tree = quietly(text)
        except (RecursionError, MemoryError):
            raise LimitError("this is nested too deeply") from None
        except SyntaxError:
            raise
        except ValueError as fault:
            raise SolverError("not valid Python", str(fault)) from None
        if "paddle" in text:
            from solver.reading.text.paddle import PADDLE, in_torch  # few programs are

            return in_torch(tree) if re.search(PADDLE, text) else tree
        if "tf." in text:
            from solver.reading.text.tensorflow1 import TENSORFLOW1, in_keras  # likewise

            return in_keras(tree) if re.search(TENSORFLOW1, text) else tree
        return tree


def quietly(text: str) -> ast.Module:
    """A text as a program, without Python's warnings about it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def parts(node: ast.AST) -> list[ast.AST]:
    """What a part of a program is made of, without what has no parts itself: Load, Add.

    >>> [type(each).__name__ for each in parts(ast.parse("x + f(1)").body[0].value)]
    ['Name', 'Call']
    """
    found = list[ast.AST]()
    for name in node._fields:
        inner = getattr(node, name, None)
        if isinstance(inner, list):
            found += [each for each in inner if isinstance(each, ast.AST)]
        elif isinstance(inner, ast.AST) and inner._fields:
            found.append(inner)
    return found


def walk(node: ast.AST) -> list[ast.AST]:
    """A part of a program and all that it is made of, the outermost first: see `parts`."""
    found = [node]
    for each in found:  # which grows
        found += parts(each)
    return found


def _plain(line: str) -> str:
    """A line without what a web page or a prompt puts around it; its number stays."""
    line = line.translate(_BLANKS).expandtabs(8)
    bare = line.lstrip()
    if bare.startswith("```"):
        return ""
    if bare.startswith(("!", "%")) and (found := re.match(_MAGIC, line)):
        return f"{found[1]}pass"
    prompt, _, rest = line.partition(" ")
    return rest if prompt in (">>>", "...") else line
