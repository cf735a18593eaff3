"""How a program that is read goes on elsewhere: it returns, leaves a loop, raises, or is lost."""

from __future__ import annotations

from typing import Any

from solver.errors import SolverError


class CannotFollow(SolverError):
    """Say that a statement cannot be followed. line: where."""

    line = 0


class ToldWrong(SolverError):
    """Say that what is told beside a program does not fit it, whatever path it takes."""


class NotTold(ToldWrong):
    """Say that an argument is not told on which what is read depends."""


class Returned(Exception):
    """Leave a function with a value."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Raised(Exception):
    """Say that the program raises an error, with its message.

    shown: the error for a program that does so at every size. where: the place, in words.
    """

    def __init__(self, kind: str, message: str, where: str, shown: SolverError) -> None:
        super().__init__(kind, message)
        self.kind, self.where, self.shown = kind, where, shown
        self.message = f"{kind}: {message}" if message else kind


class Left(Exception):
    """Leave a loop, or one turn of it. unsure: nobody knows whether."""

    def __init__(self, turn: bool, unsure: bool = False) -> None:
        super().__init__()
        self.turn, self.unsure = turn, unsure
