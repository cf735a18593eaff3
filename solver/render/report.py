"""A report: what an answer says, in parts that every form writes in its own way.

There is one report for each kind of answer, and one file for each form. A part is worked out when
a form asks for it: JSON needs no columns, plain text no record.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from solver.errors import SolverError
from solver.ground.named import NamedTuple

if TYPE_CHECKING:
    from solver.sizes.expression import Expression

_T = TypeVar("_T")

#: How many answers a person is shown unless more are asked for.
SHOWN = 10


class Column(NamedTuple):
    """The name of a column, and what stands in it.

    right: numbers, which stand under each other. prose: what has semicolons in it, and takes what
    the others leave of a line. notes: prose that is sentences, which rows may repeat. wide:
    formulas that a printed page has no room for. leaves: where a screen has no room for all, those
    with the largest number leave first, those with 0 never.
    """

    name: str
    right: bool = False
    prose: bool = False
    notes: bool = False
    wide: bool = False
    leaves: int = 0


class Formula(str):
    """Words that are a formula too, which LaTeX writes as mathematics.

    >>> cell = Formula("n/2", lambda: r"\\frac{n}{2}")
    >>> cell, cell.latex()
    ('n/2', '\\\\frac{n}{2}')
    """

    __slots__ = ("latex",)

    latex: Callable[[], str]

    def __new__(cls, text: str, latex: Callable[[], str]) -> Formula:
        made = super().__new__(cls, text)
        made.latex = latex
        return made


class Verbatim(str):
    """A line that is written as it is, however long: code."""

    __slots__ = ()


class Sum(str):
    """A line that says what all the rows of a table come to: a screen puts it below them."""

    __slots__ = ()


class Code(str):
    """Words that are code, each of them: Markdown writes them as such."""

    __slots__ = ("words",)

    words: Sequence[str]

    def __new__(cls, words: Sequence[str]) -> Code:
        made = super().__new__(cls, ", ".join(words))
        made.words = words
        return made


class Table(NamedTuple):
    """Columns and rows of cells; the rows may come one by one.

    title: what stands over it. total: how many rows there are in all, None for too many to count.
    cut: a screen may show fewer, as nobody asked for so many. listed: rows are
    too long for a screen; there the first cell is a label, and the others stand below each other
    beside it. page: for pages only. folds: a screen shows blocks of rows that repeat once.
    whole: what the rows are called where they are not all answers.
    """

    columns: Sequence[Column]
    rows: Iterable[Sequence[str]]
    title: str = ""
    total: int | None = 0
    cut: bool = False
    listed: bool = False
    page: bool = False
    folds: bool = False
    whole: str = "all"

    @property
    def head(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    def more(self, shown: int) -> str:
        """The line that says how many rows were left out; "" where none was.

        >>> Table((), (), total=12).more(10)
        '... and 2 more: --limit 12 shows all'
        """
        if self.total is None:
            return "... and more, too many to rank: --limit N shows N of them"
        left = self.total - shown
        words = f"... and {left:,} more: --limit {self.total} shows {self.whole}"
        return words if left > 0 else ""

    def said(self, row: Sequence[str]) -> list[str]:
        """What is listed of a row beside its label, a line each."""
        rest = zip(self.columns[2:], row[2:], strict=True)
        return [row[1], *(f"{column.name}: {cell}" for column, cell in rest if cell)]


class Report:
    """What an answer says. Each kind of answer has a report of its own, with the parts it has.

    limit: how many answers are told, None for as many as a form has room for.
    """

    limit: int | None = None
    #: Whether the headline is code.
    quoted = False
    #: Whether JSON is laid out as a tree.
    indented = False
    #: Characters of a line of plain text that is broken.
    width: int | None = None
    #: Whether a screen shows all rows of blocks that repeat.
    unfold = False

    @property
    def answered(self) -> bool:
        """Whether there is what was asked for."""
        return True

    @property
    def limited(self) -> bool:
        """Whether what was asked for is not known, though not all of it."""
        return False

    def title(self) -> str:
        """The question, where the report stands in a file of its own."""
        return self.headline()

    def headline(self) -> str:
        """The answer in one line."""
        return ""

    def facts(self) -> Iterable[str]:
        """What else is worth knowing, a line each; indented where it belongs to the one above.

        One that is a Formula says what the formula of the report says.
        """
        return ()

    def tables(self) -> Iterable[Table]:
        """The answers in columns."""
        return ()

    def summary(self) -> str:
        """What stands over it as a comment; where there is nothing, the formula stands alone."""
        return ""

    def formula(self) -> str:
        """The answer as LaTeX math, without delimiters."""
        return ""

    def trees(self) -> Iterable[Sequence[Expression | str]]:
        """The formulas of the answer as trees, a line each, with words beside them."""
        return ()

    def letters(self) -> str:
        """What the letters of the formula stand for: the beginning of the sentence it ends."""
        return ""

    def derivation(self, form: str) -> str:
        """Why it is so, as text, markdown or latex; nothing where that is not asked for."""
        return ""

    def codes(self) -> Iterable[str]:
        """What can be run, piece by piece."""
        return ()

    def picture(self) -> Any:
        """The answer as a picture. Raises SolverError where there is none."""
        raise SolverError("there is no picture of this answer", right="--format json")

    def diagram(self, form: str) -> str:
        """The answer as the text of a diagram. Raises SolverError where there is none."""
        raise SolverError("there is no diagram of this answer", right="--format json")

    def record(self) -> dict[str, Any]:
        """Everything as plain data: the JSON contract; an iterator is a list item by item."""
        raise NotImplementedError

    def items(self) -> Iterator[dict[str, Any]]:
        """The answers as plain data, one by one."""
        return iter(())

    def data(self) -> Table:
        """The answers in columns for other programs: the first table, unless there are better."""
        return next((each for each in self.tables() if not each.page), Table((), ()))

    def told(self, answers: Iterable[_T], usual: int | None = SHOWN) -> Iterator[_T]:
        """As many answers as are told. usual: where no limit says it, None for all."""
        return islice(answers, usual if self.limit is None else min(self.limit, sys.maxsize))
