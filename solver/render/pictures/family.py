"""All solutions at a glance: kernel sizes against paddings, the best one marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from solver.errors import LimitError
from solver.inverse.solutions import Solutions
from solver.render.pictures.legend import legend
from solver.render.pictures.marks import LINE, Cluster, Label, Mark, Rectangle, width
from solver.render.pictures.picture import Picture

#: The most solutions that are put in a picture one by one, and the most cells along a side.
_MOST, _SIDE = 100_000, 60
_CELL, _BORDER = 30, 12
_LEGEND = {"now": "the best", "output": "a solution, with its stride, or how many"}


def draw(solutions: Solutions) -> Picture:
    """The solutions of one axis by kernel size and padding.

    Raises LimitError where there are too many to be looked at.

    >>> from solver import Conv, solve
    >>> print(solve(Conv, 224, 112).draw().description)
    conv 224 -> 112: 11 solutions, the best with kernel size 3 and padding 1.
    """
    if len(solutions.axes) > 1:
        raise LimitError("a picture shows the solutions of one axis", right="without --per-axis")
    if solutions.counted is None or solutions.counted > _MOST:
        count = "too many to count" if solutions.counted is None else f"{solutions.counted:,}"
        raise LimitError(f"a picture shows at most {_MOST:,} solutions", count, "smaller ranges")
    found: dict[tuple[int, Any], list[Any]] = defaultdict(list)
    for (row,) in solutions.rows():
        found[row[0], row[2]].append(row)
    kernels, paddings = (_between({cell[i] for cell in found}) for i in (0, 1))
    if max(len(kernels), len(paddings)) > _SIDE:
        rule = f"a picture has room for {_SIDE} kernel sizes and paddings"
        raise LimitError(rule, f"{len(kernels)} and {len(paddings)}", "smaller ranges")
    return _Family(solutions, found, kernels, paddings).picture()


class _Family:
    """Hold the solutions by their cells, and where these are drawn."""

    def __init__(
        self,
        solutions: Solutions,
        found: dict[tuple[int, Any], list[Any]],
        kernels: list[Any],
        paddings: list[Any],
    ) -> None:
        self.solutions, self.found = solutions, found
        self.kernels, self.paddings = kernels, paddings
        self.best = next(((row[0], row[2]) for (row,) in solutions._ranked(1)), None)
        self.left = _BORDER + max([width("padding"), *(width(str(p)) for p in paddings)]) + 10
        self.top = _BORDER + 3 * LINE + 10

    def picture(self) -> Picture:
        solutions = self.solutions
        said = self._family()
        marks: list[Mark] = [Label(_BORDER, _BORDER + 12, solutions.asked, "head", "start")]
        marks += [Label(_BORDER, _BORDER + 12 + LINE, said, "note", "start"), *self._cells()]
        bottom = self.top + len(self.paddings) * _CELL
        marks += [*self._names(bottom)]
        wide = max(self.left + len(self.kernels) * _CELL + 70, _BORDER + width(said))
        wide = max(wide, _BORDER + width(solutions.asked) * 1.1)
        keys, end = legend(_LEGEND, marks, _BORDER, bottom + 2 * LINE, wide)
        return Picture(
            solutions.asked, self._said(), wide + _BORDER, end + _BORDER, [*marks, *keys]
        )

    def _family(self) -> str:
        if not self.found:
            return f"none: {self.solutions.reason}"
        return f"exactly when: {'; '.join(self.solutions.family or ['always'])}"

    def _said(self) -> str:
        count = f"{self.solutions.count:,} solutions"
        if self.best is None:
            return f"{self.solutions.asked}: none. {self.solutions.reason}."
        kernel, padding = self.best
        where = f"kernel size {kernel} and padding {_words(padding)}"
        return f"{self.solutions.asked}: {count}, the best with {where}."

    def _cells(self) -> Iterator[Mark]:
        for (kernel, padding), rows in self.found.items():
            x = self.left + self.kernels.index(kernel) * _CELL
            y = self.top + self.paddings.index(padding) * _CELL
            look = "now" if (kernel, padding) == self.best else "output"
            data = {"k": kernel, "p": _words(padding), "count": len(rows)}
            cell = Rectangle(x + 1, y + 1, _CELL - 2, _CELL - 2, look, data)
            inside = str(len(rows)) if len(rows) > 1 else f"s{rows[0][1]}"
            number = Label(x + _CELL / 2, y + _CELL / 2 + 4, inside, "note")
            tip = f"kernel size {kernel}, padding {_words(padding)}: {len(rows)}"
            yield Cluster([cell, number], tip=tip)

    def _names(self, bottom: float) -> Iterator[Mark]:
        for i, padding in enumerate(self.paddings):
            y = self.top + (i + 0.5) * _CELL + 4
            yield Label(self.left - 8, y, _words(padding), "note", "end")
        for i, kernel in enumerate(self.kernels):
            yield Label(self.left + (i + 0.5) * _CELL, bottom + LINE, str(kernel), "note")
        right = self.left + len(self.kernels) * _CELL + 6
        yield Label(right, bottom + LINE, "kernel size", "text", "start")
        yield Label(_BORDER, self.top - 4, "padding", "text", "start")


def _words(padding: Any) -> str:
    return ":".join(map(str, padding)) if isinstance(padding, tuple) else str(padding)


def _between(values: set[Any]) -> list[Any]:
    """The values in order, with the numbers between them."""
    if not values or any(isinstance(value, tuple) for value in values):
        return sorted(values, key=lambda value: value if isinstance(value, tuple) else (value,))
    return [*range(min(values), max(values) + 1)]
