"""The report of a search: how many designs there are, how these were chosen, in columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from solver.errors import LimitError
from solver.ground.shown import printer
from solver.layers.stack import Stack
from solver.render.report import SHOWN, Column, Report, Table
from solver.render.stack import Stacked, brief
from solver.spaces.goal import words
from solver.spaces.slices import Designs
from solver.spaces.space import Space


class Found(Report):
    """What is said of designs of a space.

    how: they were chosen, in words. total: how many there are, None where it takes more states than
    are allowed. by: the costs they are the best by, if they are. reason: why there is none.
    framework: whose code is written. most: how many are put in columns, None for as
    many as there is room for.
    """

    def __init__(
        self,
        space: Space,
        stacks: Sequence[Stack] | Designs,
        how: str,
        total: int | None,
        by: Sequence[str] = (),
        reason: str | None = None,
        framework: str = "torch",
        most: int | None = None,
    ) -> None:
        self.space, self.stacks, self.how, self.total = space, stacks, how, total
        self.by, self.reason, self.framework, self.most = by, reason, framework, most

    @property
    def answered(self) -> bool:
        return self.total != 0 and bool(self.stacks or self.total)

    @property
    def at(self) -> tuple[int, ...] | None:
        """The sizes that costs are measured at, or None where the input is n."""
        goals = self.space.goals
        return tuple(goals.numbers[i].input for i in goals.at) or None

    def headline(self) -> str:
        space = self.space
        asked = f"{_sizes(space.input)} -> {_sizes(space.output)}"
        if space.mirrored:
            asked += " where the decoder begins"
        if self.total == 0:
            return f"none: {self.reason}"
        if self.total is None:
            if not self.stacks:
                return f"no answer yet for {asked}"
            number = len(self.stacks)
            return f"at least {number} design{'s' * (number > 1)} for {asked}, not counted"
        return f"{self.total:,} design{'s' * (self.total != 1)} for {asked}"

    def facts(self) -> Iterator[str]:
        """What was chosen and searched."""
        space = self.space
        if self.stacks:
            yield self.how
        searched = [repr(space.parts)]
        searched += [f"{k} {v if v is True else words(v)}" for k, v in space.limits.items()]
        if space.where:
            searched.append(f"where {space.where}")
        if space.at is not None:
            searched.append(f"costs at {space.at}")
        yield "searched: " + ", ".join(searched)

    def tables(self) -> Iterator[Table]:
        if not self.stacks:
            return
        at = self.at
        names = ["parameters", *(["macs"] if at else []), "receptive_field", "jump"]
        leaves = {name: at for at, name in enumerate(reversed(names), 1) if name not in self.by}
        columns = [Column(name, right=True, leaves=leaves.get(name, 0)) for name in names]
        columns += [Column("sizes" if at else "size", right=True), Column("layers", prose=True)]
        rows = list(map(self._cells, self.told(self.stacks, self.most)))
        whole = "all" if len(rows) == self.total else "these"
        yield Table(columns, rows, total=len(rows), cut=self.most is None, whole=whole)

    def _cells(self, stack: Stack) -> list[str]:
        at = self.at
        row = [f"{stack.parameters:,}"]
        if at:
            row.append(f"{stack.macs(at):,}")
        row += [str(stack.receptive_field), str(stack.jump)]
        row.append(_chain(stack, at) if at else stack.formula)
        return [*row, "; ".join(map(brief, stack)) or "none"]

    def data(self) -> Table:
        at = self.at
        names = ["formula", "valid_from", "receptive_field", "jump", "parameters"]
        names += ["sizes", "macs", "activations"] if at else []
        names.append("stack")
        rows = (
            Stacked(stack, at).record() | ({"sizes": _chain(stack, at)} if at else {})
            for stack in self.stacks
        )
        return Table([*map(Column, names)], ([row[name] for name in names] for row in rows))

    def codes(self) -> Iterator[str]:
        return (stack.code(self.framework) for stack in self.stacks)

    def picture(self) -> Any:
        return printer(Found, "picture")(self)

    def record(self) -> dict[str, Any]:
        space = self.space
        return {
            "schema": 1,
            "command": "search",
            "input": _plain(space.input),
            "output": _plain(space.output),
            "at": _plain(space.at),
            "axes": space.axes,
            "channels": space.channels,
            "count": self.total,
            "parts": repr(space.parts),
            "limits": {k: v if v is True else words(v) for k, v in space.limits.items()},
            "chosen": self.how if self.stacks else None,
            "best_by": list(self.by),
            **({"where": space.where} if space.where else {}),
            "designs": self.items(),
            "reason": self.reason,
        }

    def items(self) -> Iterator[dict[str, Any]]:
        return (Stacked(stack, self.at).record() for stack in self.stacks)


def searched(space: Space) -> Found:
    """The report of a space: its best designs, as far as they are found within its limits."""
    by = ["parameters"]
    stacks: list[Stack] = []
    total, reason = None, None
    with suppress(LimitError):
        stacks += islice(space.ranked(by), SHOWN)
        total = space.count
        reason = space.reason
    return Found(space, stacks, best_by(by), total, by, reason)


def numbered(designs: Designs) -> Found:
    """The report of designs by their numbers."""
    space = designs.space
    assert isinstance(space, Space)
    how = by_number(designs.numbers.start)
    return Found(space, designs, how, space.count, reason=space.reason, most=SHOWN)


def best_by(costs: Sequence[str]) -> str:
    """How the best are chosen, in words."""
    return f"best by {', '.join(costs)}, proved; of equal ones, those that act differently"


def by_number(first: int) -> str:
    """How designs are chosen by their numbers, in words."""
    return f"designs by number from {first:,} on"


def _chain(stack: Stack, at: tuple[int, ...]) -> str:
    return " ".join(
        "x".join(map(str, dict.fromkeys(size) if len(set(size)) == 1 else size))
        for size in stack.sizes(at)
    )


def _sizes(size: Any) -> str:
    if isinstance(size, list):
        return ", ".join(map(_sizes, size))
    if isinstance(size, tuple):
        return "x".join(map(str, size))
    return "any size" if size is None else str(size)


def _plain(size: Any) -> Any:
    if isinstance(size, (list, tuple)):
        return [_plain(one) for one in size]
    return size if size is None or isinstance(size, int) else str(size)
