"""The report of a search: how many designs there are, how these were chosen, in columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import islice
from typing import Any

from solver.errors import LimitError
from solver.ground.shown import printer
from solver.layers.stack import Stack
from solver.render.report import SHOWN, Column, Report, Table
from solver.render.stack import ALONG, Stacked, along, brief, joined
from solver.spaces.limits import plain
from solver.spaces.needs import read_share, unread_at
from solver.spaces.parts import Fixed, Let, Part, Repeat
from solver.spaces.places import marks
from solver.spaces.slices import Designs
from solver.spaces.space import Space

#: States that may go into counting how many designs have no gaps.
_QUICK = 200_000


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
        #: How many designs there are without each limit, where that is asked.
        self.without: dict[str, int] = {}

    @property
    def answered(self) -> bool:
        return self.total != 0 and bool(self.stacks or self.total)

    @property
    def at(self) -> tuple[int, ...] | None:
        """The sizes that costs are measured at, or None where the input is n."""
        goals = self.space.goals
        return tuple(goals.numbers[i].input for i in goals.at) or None

    def headline(self) -> str:
        return self.counted() + (self._gaps if self.total else "")

    def counted(self) -> str:
        """How many designs there are, of what."""
        space = self.space
        route = list(_route(space.parts))
        ends = [] if route and space.output is None else [_sizes(space.output)]
        asked = " -> ".join([_sizes(space.input), *route, *ends])
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

    @property
    def _gaps(self) -> str:
        """What the first design reads and how many have no gaps; nothing where it has none."""
        if self.read is None or set(self.read) == {1}:
            return ""
        percent = "x".join(f"{float(share * 100):.3g}%" for share in self.read)
        text = f"; the first reads {percent}"
        if self.gapless is None:
            return text
        return f"{text}, {self.gapless:,} ha{'s' if self.gapless == 1 else 've'} no gaps"

    @cached_property
    def read(self) -> Any:
        """The share of an axis that the first design reads, of each that differs; None of none."""
        first = next(iter(self.stacks), None)
        if first is None or self.space.mirrored:
            return None
        axes = range(self.space.axes if self.space.alike else 1)
        try:
            return tuple(read_share(first, axis) for axis in axes)
        except LimitError:
            return None

    @cached_property
    def gapless(self) -> int | None:
        """How many designs have no gaps, as far as that is quickly counted."""
        made = self.space.relaxed(gaps=False)
        made.max_states, made.progress = min(made.max_states, _QUICK), None
        try:
            return made.count
        except LimitError:
            return None

    def facts(self) -> Iterator[str]:
        """What was chosen and searched."""
        space = self.space
        if self.stacks:
            yield self.how
        searched = [repr(space.parts)]
        searched += [f"{k} {plain(v)}" for k, v in space.limits.items()]
        if space.where:
            searched.append(f"where {space.where}")
        if space.at is not None:
            searched.append(f"costs at {space.at}")
        if space.rate is not None:
            searched.append(f"{space.rate:,} elements a second")
        yield "searched: " + ", ".join(searched)
        if self._gaps and self.gapless is None:
            yield "how many read all of their input was not counted: --no-gaps"
        yield from self._edges()
        for name, count in self.without.items():
            limit = f"{name} {plain(space.limits[name])}" if name in space.limits else name
            yield f"{limit}: {self.total:,} of {count:,} without it"

    def _edges(self) -> Iterator[str]:
        """What the first design without gaps leaves unread at the end of the inputs."""
        numbers = self.space.goals.numbers if "gaps" in self.space.limits and self.stacks else ()
        for number in numbers if not self.space.mirrored else ():
            with suppress(LimitError):
                first = self.stacks[0]
                axis = sorted(set(self.space.alike))[number.lane] if self.space.alike else 0
                sizes = [size[axis] for size in first.sizes((number.input,) * first.axes)]
                if lost := unread_at(first.layers, sizes, axis):
                    yield f"of {number.input:,} elements the first design leaves {lost:,} unread"

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
        formula, field, jump = (self._along(stack, name) for name in ALONG)
        row += [field, jump, _chain(stack, at) if at else formula]
        return [*row, "; ".join(map(brief, stack)) or "none"]

    def _along(self, stack: Stack, name: str) -> str:
        """What is told of the axes of a stack: once where it is the same of all."""
        found = [*along(stack, name)] if self.space.alike else [getattr(stack, name)]
        return joined(found, " x " if name == "formula" else "x")

    def data(self) -> Table:
        at = self.at
        names = ["formula", "valid_from", "receptive_field", "jump", "parameters"]
        names += ["sizes", "macs", "activations"] if at else []
        names += ["outputs", "stack"] if marks(self.space.parts) else ["stack"]
        rows = (
            self._record(stack)
            | ({"sizes": _chain(stack, at)} if at else {})
            | {"outputs": _outputs(stack, at)}
            for stack in self.stacks
        )
        return Table([*map(Column, names)], ([_cell(row[name]) for name in names] for row in rows))

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
            "limits": {k: plain(v) for k, v in space.limits.items()},
            "chosen": self.how if self.stacks else None,
            "best_by": list(self.by),
            **({"where": space.where} if space.where else {}),
            **({"rate": space.rate} if space.rate else {}),
            **({"without": self.without} if self.without else {}),
            **({"read": "x".join(map(str, self.read))} if self._gaps else {}),
            **({"gapless": self.gapless} if self._gaps else {}),
            "designs": self.items(),
            "reason": self.reason,
        }

    def items(self) -> Iterator[dict[str, Any]]:
        return map(self._record, self.stacks)

    def _record(self, stack: Stack) -> dict[str, Any]:
        return Stacked(stack, self.at, bool(self.space.alike)).record()


def searched(space: Space) -> Found:
    """The report of a space: its best designs, as far as they are found within its limits."""
    by = ["parameters"]
    stacks: list[Stack] = []
    total, reason = None, None
    with suppress(LimitError):
        stacks += islice(space.ranked(by, most=SHOWN), SHOWN)
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
        _one(size)
        for size, layer in zip(stack.sizes(at), (None, *stack), strict=True)
        if getattr(layer, "word", "") != "mark"
    )


def _outputs(stack: Any, at: tuple[int, ...] | None) -> str:
    """The outputs of a design with marks, each with its size."""
    if not getattr(stack, "marked", False):
        return ""
    maps = stack.size_maps()
    sizes = stack.outputs(at) if at else {k: maps[i] for k, i in stack.output_places.items()}
    return "; ".join(f"{name} {_one(size)}" for name, size in sizes.items())


def _one(size: Any) -> str:
    """A size with one number where all axes are alike."""
    if not isinstance(size, tuple):
        return str(size)
    return "x".join(map(str, size[:1] if len(set(size)) == 1 else size))


def _route(value: Part) -> Iterator[str]:
    """The sizes that every design passes through, in order."""
    if isinstance(value, list):
        for one in value:
            yield from _route(one)
    elif isinstance(value, Let):
        yield from _route(value.part)
    elif isinstance(value, Repeat):
        for one in value.through:
            yield from _route(one)
    elif isinstance(value, Fixed) and value.says("marks"):
        asked = value.layer.asked or "any size"
        yield f"{value.layer.name} {asked}" if value.layer.name else asked


def _cell(value: Any) -> Any:
    """What stands in a column; one per axis in words."""
    return "x".join(map(str, value)) if isinstance(value, list) else value


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
