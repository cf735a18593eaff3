"""What print(model) shows, as a tree: names, classes, arguments, and what is inside."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import Any

from solver.errors import LimitError, SolverError
from solver.reading.text.source import Source, quietly
from solver.reading.text.values import Names

MOST_MODULES, MOST_DEPTH = 20_000, 60
_CHILD = r"^\s*\((?P<name>[\w.\-]+)\): (?P<rest>.*)$"
_MODULE = r"^(?:(?P<count>\d{1,6}) x )?(?P<kind>[A-Za-z_][\w.]*)\((?P<rest>.*)$"
_BRACKET = r"[][(){}]"
_RANGE = r"^(\d{1,6})-(\d{1,6})$"


class Module:
    """One module of a printout. line: where it stands. text: its arguments, as printed."""

    def __init__(
        self, name: str, kind: str, line: int, text: str = "", children: list[Module] | None = None
    ) -> None:
        self.name, self.kind, self.line, self.text = name, kind, line, text
        self.children = [] if children is None else children

    @property
    def leaf(self) -> bool:
        return not self.children

    def arguments(self) -> tuple[tuple[Any, ...], Names] | None:
        """Return its arguments, None where they are not plain."""
        return arguments(self.text)


@lru_cache(4096)
def arguments(text: str) -> tuple[tuple[Any, ...], Names] | None:
    """The arguments that are written in brackets, None where they are not plain.

    >>> arguments("3, 8, kernel_size=(3, 3), mode=row")
    ((3, 8), {'kernel_size': (3, 3), 'mode': 'row'})
    """
    if len(text) > 2000:
        return None
    try:
        (line,) = quietly(f"f({text})").body
        call = line.value if isinstance(line, ast.Expr) else None
        assert isinstance(call, ast.Call)
        args = tuple(map(_plain, call.args))
        return args, {word.arg: _plain(word.value) for word in call.keywords if word.arg}
    except (SyntaxError, ValueError, RecursionError, MemoryError, AssertionError, TypeError):
        return None


def _plain(node: ast.expr) -> Any:
    """A plain value; a bare word, as in mode=row, is a word."""
    return node.id if isinstance(node, ast.Name) else ast.literal_eval(node)


def is_printout(source: Source) -> bool:
    """Tell whether a text is what print(model) shows.

    >>> is_printout(Source("Net(\\n  (conv1): Conv2d(3, 8, kernel_size=(3, 3))\\n)"))
    True
    """
    return any(_is_child(line) for line in source.lines)


def _is_child(line: str) -> bool:
    found = re.match(_CHILD, line) if "): " in line else None
    return found is not None and re.match(_MODULE, found["rest"]) is not None


def parse(source: Source) -> Module:
    """The modules of a printout as a tree.

    Raises SolverError with the line where brackets do not match; a printout cut off at its end is
    not taken for a whole one.
    """
    child_of, module_of = re.compile(_CHILD).match, re.compile(_MODULE).match
    root = Module("", "", 1)
    stack, count, depth = [root], 0, 0
    for number, line in enumerate(source.lines, 1):
        bare = line.strip()
        if not bare:
            continue
        if bare == ")":
            if len(stack) == 1:
                raise source.fault(number, "nothing is open here", len(line) - 1)
            stack.pop()
            continue
        child = child_of(line)
        name, rest = (child["name"], child["rest"].strip()) if child else ("", bare)
        module = module_of(rest)
        if module is None or (child is None and len(stack) > 1):
            if len(stack) > 1 and child is None:
                stack[-1].text += (", " if stack[-1].text else "") + bare.rstrip(",")
                continue
            if child is None and not root.children:
                continue  # words in front of a printout
            raise source.fault(number, "this is no line of a printout", len(line) - len(bare))
        if child is None and module["kind"] == "print":
            continue  # what was typed to show it
        inner, closes = _closed(module["rest"])
        made = Module(name, module["kind"].rpartition(".")[2], number, inner)
        for each in _repeated(made, module["count"], source):
            stack[-1].children.append(each)
            count += 1
        if not closes:
            stack.append(made)
            depth = max(depth, len(stack))
        if count > MOST_MODULES or depth > MOST_DEPTH:
            raise LimitError("a printout may have 20,000 modules, nested 60 deep")
    return _whole(stack, source)


def _whole(stack: list[Module], source: Source) -> Module:
    """The tree when every line is read. stack: the modules that are open, the root first."""
    root, *_ = stack
    if len(stack) > 1:
        kind, at = stack[-1].kind, stack[-1].line
        rule = f"{kind} is not closed: the printout is cut off"
        raise source.fault(at, rule, source.lines[at - 1].find(kind), right="all of it")
    if not root.children:
        raise SolverError("there is no network in this text", right="what print(model) shows")
    return root.children[0] if len(root.children) == 1 else root


def _closed(rest: str) -> tuple[str, bool]:
    """What is inside brackets that were opened, and whether they close on the line."""
    depth = 1
    for bracket in re.finditer(_BRACKET, rest):
        depth += 1 if bracket[0] in "([{" else -1
        if depth == 0:
            return rest[: bracket.start()], True
    return rest.rstrip(", "), False


def _repeated(module: Module, count: str | None, source: Source) -> list[Module]:
    """A module as often as it is printed once: (0-5): 6 x Block(."""
    if count is None or (span := re.match(_RANGE, module.name)) is None:
        return [module]
    first, last = int(span[1]), int(span[2])
    if last - first + 1 != int(count) or not 0 < int(count) <= MOST_MODULES:
        rule = "as many modules as their numbers say"
        raise source.fault(module.line, rule, received=f"{count} for {module.name}")
    module.name = str(first)
    same = module.children  # all share what is inside
    return [module] + [
        Module(str(i), module.kind, module.line, module.text, same)
        for i in range(first + 1, last + 1)
    ]
