"""One row per operation: its names, its arguments, its rule along an axis, its gotcha."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.layers.arguments import REQUIRED, Argument, is_list
from solver.layers.kind import Kind
from solver.layers.rule import AxisRule

#: Where neither the layers nor the caller say how many axes there are: images.
USUAL_AXES = 2

#: The value of every argument that sizes depend on, one per axis.
Values = Mapping[str, tuple[Any, ...]]


class Row(NamedTuple):
    """Describe an operation as its framework does.

    name: {} stands for the number of axes. kind: what it does in any framework.
    arguments: in the order of the framework's own signature. along: takes the values of one axis,
    by name, and says what happens there. axes: what {} may be; () means any number. formula: the
    size rule for people. gotcha: what surprises people. check: rules that tie axes together.
    whole: computes all sizes where they are no matter of one axis each. arrange: takes the given
    arguments and the number of axes, and returns them with one entry per axis.
    """

    name: str
    kind: Kind
    arguments: Mapping[str, Argument]
    along: Callable[..., AxisRule]
    axes: tuple[int, ...] = ()
    formula: str = ""
    gotcha: str = ""
    aliases: tuple[str, ...] = ()
    check: Callable[[Values], None] | None = None
    whole: Callable[[Values, tuple[int, ...]], tuple[int, ...]] | None = None
    notes: Callable[[Values, tuple[int, ...]], list[str]] | None = None
    arrange: Callable[[Mapping[str, Any], int], Mapping[str, Any]] | None = None

    @property
    def title(self) -> str:
        """The name as in the table of operations: Conv1d, 2d, 3d are Conv{1,2,3}d."""
        axes = ",".join(map(str, self.axes))
        return self.name.replace("{}", axes if len(self.axes) == 1 else "{" + axes + "}")

    def __repr__(self) -> str:
        return f"Row({self.title!r})"

    def named(self, axes: int | None) -> str:
        """The name for a number of axes."""
        return self.name.replace("{}", str(axes or ""))

    def argument(self, name: str) -> str:
        """The framework's name of an argument. Raises SolverError for an unknown one."""
        if name in self.arguments:
            return name
        for known, argument in self.arguments.items():
            if name in argument.aliases:
                return known
        from difflib import get_close_matches  # only for this message

        near = get_close_matches(name[:30], self.arguments, 1) or list(self.arguments)
        raise SolverError(f"{self.title} has no such argument", name, ", ".join(near))


class Framework(NamedTuple):
    """Hold the operations of one framework.

    name: in code and on the command line. title: for people. rows: its operations. aliases: other
    names it goes by in recordings and programs.
    """

    name: str
    title: str
    rows: tuple[Row, ...]
    aliases: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"framework({self.name!r})"

    def __hash__(self) -> int:
        return hash(self.name)

    def find(self, operation: str) -> tuple[Row, int | None]:
        """The row of an operation and the number of axes its name tells, if it does."""
        plain, axes = _plain(operation)
        rows = self.called(operation)
        for row in rows:
            if not row.axes or axes in row.axes:
                return row, axes
        if rows:
            return rows[0], self._axes(rows, axes, operation)
        from difflib import get_close_matches  # only for this message

        known = {_plain(row.name)[0]: row for row in self.rows}
        near = [known[name] for name in get_close_matches(plain[:40], known, 3, 0.5)]
        right = ", ".join(row.title for row in near) or "convsolver frameworks lists them"
        raise SolverError(f"unknown operation of {self.title}", received=operation, right=right)

    def called(self, operation: str) -> tuple[Row, ...]:
        """The rows of an operation of this name, for any axes; none of an unknown one."""
        return _called(self, _plain(operation)[0])

    def _axes(self, rows: Sequence[Row], axes: int | None, operation: str) -> int | None:
        """Return the axes of rows with one name where the name tells none, or raise."""
        every = [a for row in rows for a in row.axes]
        if axes is None:
            return every[0] if len(every) == 1 else None
        right = ", ".join(dict.fromkeys(row.named(a) for row in rows for a in row.axes))
        rule = f"{self.title} has no {rows[0].kind} of {axes} ax{'i' if axes == 1 else 'e'}s"
        raise SolverError(rule, operation, right)


def read_arguments(row: Row, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given arguments under the framework's own names, in the order of its signature."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        own = row.argument(name)
        if own in found:
            raise SolverError(f"{own} is given twice", received=name)
        found[own] = value
    for name, argument in row.arguments.items():
        if argument.default is REQUIRED and name not in found:
            raise SolverError(f"{row.title} needs {name}", right=f"{name}=3")
    return {name: found[name] for name in row.arguments if name in found}


def values(row: Row, given: Mapping[str, Any], axes: int) -> dict[str, tuple[Any, ...]]:
    """Every argument that sizes depend on, one value per axis; defaults are filled in."""
    given = given if row.arrange is None else row.arrange(given, axes)
    return {
        name: argument.read(name, given.get(name, argument.default), axes)
        for name, argument in row.arguments.items()
        if argument.read is not None
    }


def written_axes(row: Row, given: Mapping[str, Any]) -> int | None:
    """The number of axes that the lengths of the arguments tell, or None.

    A length that no axes have is that of a full shape, with batch and channels.
    """
    for name, argument in row.arguments.items():
        value: Any = given.get(name)
        if argument.read is not None and argument.per_axis and is_list(value):
            axes = len(value) // argument.per_axis
            full = row.axes and axes not in row.axes and axes - 2 in row.axes
            return axes - 2 if full else axes
    return None


def passive(*names: str) -> dict[str, Argument]:
    """Return arguments that sizes do not depend on, which may be left out."""
    return {name: Argument(None) for name in names}


@lru_cache(maxsize=2048)
def _called(table: Framework, plain: str) -> tuple[Row, ...]:
    return tuple(row for row in table.rows if plain in (_plain(row.name)[0], *row.aliases))


@lru_cache(maxsize=2048)
def _plain(name: str) -> tuple[str, int | None]:
    """Split a name into what it is, without case, dots and axes, and the axes it tells.

    >>> _plain("torch.nn.Conv2d"), _plain("Conv{}DTranspose"), _plain("jax.lax.reduce_window.3d")
    (('conv', 2), ('convtranspose', None), ('reducewindow', 3))
    """
    found = re.search(r"\.?(\d+)[dD](?=$|[A-Z_])", name)
    axes = int(found[1]) if found else None
    bare = name[: found.start()] + name[found.end() :] if found else name
    bare = bare.replace("{}d", "").replace("{}D", "")
    return bare.rpartition(".")[2].replace("_", "").lower(), axes
