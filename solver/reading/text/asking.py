"""What is said of a part of a program: that it is refused, not followed, or needs what is not told.

A number that the text does not tell is a letter of its own, which a layer takes for any number.
"""

from __future__ import annotations

import ast
from typing import Any

from solver.errors import SolverError
from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio
from solver.reading.text import arithmetic
from solver.reading.text.building import Build
from solver.reading.text.leaving import CannotFollow, NotTold
from solver.reading.text.source import Source, walk
from solver.reading.text.values import UNTOLD, Missing, Opaque, is_list, untold
from solver.sizes.width import Width, is_int


class Asking:
    """Point at parts of a program. Its subclass knows expressions."""

    def __init__(self, source: Source, build: Build) -> None:
        self.source, self.build = source, build
        self._asked = dict[str, Missing]()  # by their letters

    def text(self, node: ast.AST) -> str:
        """A part of the program as it is written, its first line."""
        line, at = self.source.at(node)
        if line > len(self.source.lines):
            return ""
        text, end = self.source.lines[line - 1], getattr(node, "end_col_offset", None)
        if end is not None and getattr(node, "end_lineno", 0) == line and text.isascii():
            text = text[:end]
        return text[at : at + 60]

    def unfollowed(
        self, node: ast.AST, rule: str, received: str | None = None, right: str | None = None
    ) -> CannotFollow:
        """The error that a part of the program is not followed, which is lost where it stands."""
        for part in walk(node) if isinstance(node, ast.expr) else ():
            if isinstance(part, (ast.Name, ast.Attribute)):
                self.ask_of(self.peek(part), part)
        fault = self.refuse(node, rule, received, right)
        found = CannotFollow(fault.rule, fault.received, fault.right, fault.text, fault.at)
        found.line = self.source.at(node)[0]
        return found

    def undecided(self, node: ast.expr) -> CannotFollow:
        """The error that nobody knows whether a condition holds."""
        rule = "a branch must depend on what is written here alone"
        return self.unfollowed(node, rule, self.text(node), "paste the branch that is taken")

    def peek(self, node: ast.expr) -> Any:
        """What an expression stands for, where that is seen without working anything out."""
        raise NotImplementedError

    def refuse(
        self, node: ast.AST, rule: str, received: str | None = None, right: str | None = None
    ) -> SolverError:
        """The error that points at a part of the program."""
        line, at = self.source.at(node)
        return self.source.fault(line, rule, at, received, right)

    def missing(self, value: Missing, node: ast.AST) -> int | Dim:
        """What is taken for an argument that is not given."""
        raise NotImplementedError

    # Numbers that are not told

    def asked(self, value: Missing) -> Dim:
        """The letter of an argument that is not given, whose value may be asked for."""
        self._asked[UNTOLD + value.name] = value
        return Dim.letter(UNTOLD + value.name)

    def asked_part(self, value: Missing, at: int) -> Dim:
        """The letter of a number in an argument that is not given, for which that is asked."""
        letter = f"{UNTOLD}{value.name}[{at}]"
        self._asked[letter] = value
        return Dim.letter(letter)

    def ask_of(self, value: Any, node: ast.AST) -> None:
        """Ask for the argument that a value depends on. Raises NotTold where there is one."""
        lacking = (self._asked[letter] for letter in _letters(value) if letter in self._asked)
        found = value if isinstance(value, Missing) else next(lacking, None)
        if found is not None:
            shown = self.refuse(node, f"{found.name} of {found.owner} has no value")
            right = f"a last line: model = {found.owner}(...), or --set {found.name}=..."
            raise NotTold(shown.rule, None, right, shown.text, shown.at)

    def taken(self, value: Any) -> Any:
        """A value with numbers for those that the text does not tell."""
        if is_list(value):
            return type(value)(map(self.taken, value))
        if type(value) is dict:
            return {name: self.taken(each) for name, each in value.items()}
        if not untold(value):
            return value
        top, bottom = (value.top, value.bottom) if isinstance(value, Ratio) else (value, 1)
        numbers = {x: self.build.number(x.removeprefix(UNTOLD)) for x in top.letters}
        if not all(letter.startswith(UNTOLD) for letter in top.letters):
            return value
        found = top.at(numbers)
        return found // bottom if found % bottom == 0 else found / bottom

    def is_new(self, value: Any) -> bool:
        """Tell whether a value is a number that is not told, and has not been needed so far."""
        letters = _letters(value)
        new = letters and letters[0].removeprefix(UNTOLD) not in self.build.numbers
        return bool(new) and value == Dim.letter(letters[0])

    def computed(self, node: ast.AST, kind: type, one: Any, two: Any) -> Any:
        """A letter of its own for what is computed of numbers that are not told."""
        numbers = self.taken(one), self.taken(two)
        if untold(numbers[0]) or untold(numbers[1]):
            return Opaque(self.text(node))
        found = arithmetic.binary(kind, *numbers)
        if not is_int(found) or found < 1:
            return found if isinstance(found, float) else Opaque(self.text(node))
        text = self.text(node)
        for each in (one, two):
            known = next((self._asked[x] for x in _letters(each) if x in self._asked), None)
            if known is not None:
                self._asked[UNTOLD + text] = known
        if not isinstance(found, Width):  # it is known by its own words
            found = Width.named(found, text, self.build.stands.supposed)
        self.build.numbers[text] = found
        return Dim.letter(UNTOLD + text)


def _letters(value: Any) -> list[str]:
    """The letters of a size."""
    dim = value.top if isinstance(value, Ratio) else value
    return sorted(dim.letters) if isinstance(dim, Dim) else []
