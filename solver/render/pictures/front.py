"""Designs by two costs: a Pareto front, or the best of a search, each named under the mouse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from solver.errors import SolverError
from solver.layers.stack import Stack
from solver.render.designs import Found
from solver.render.pictures import growth
from solver.render.pictures.legend import legend
from solver.render.pictures.marks import Cluster, Label, Mark, Rectangle, Stroke, width
from solver.render.pictures.picture import Picture
from solver.render.stack import brief
from solver.spaces.space import Space

_BORDER, _WIDE, _HIGH, _DOT = 12, 460, 260, 10
#: Ticks along an axis, at most.
_TICKS = 6
_USUAL = ("parameters", "receptive_field")
_LEGEND = {"output": "a design"}


def draw(space: Space, *costs: str, states: bool = False) -> Picture:
    """The Pareto front of a space in two costs, as `pareto` takes them.

    states: the growth of its states instead.

    >>> from solver import Choice, Conv
    >>> space = Space([Choice(Conv, "1..7", padding="0..3")], 8, 8)
    >>> print(space.draw("parameters", "-receptive_field").description[:60])
    parameters 2, receptive_field 1: conv k1; 10, 3: conv k3 p1;
    """
    if states:
        return growth.draw(space)
    asked = costs or ("parameters", "-receptive_field")
    how = f"Pareto front of {', '.join(asked)}"
    return drawn(Found(space, space.pareto(*asked), how, space.count, asked))


def drawn(found: Found) -> Picture:
    """The designs of a search that were found, by the first two costs they were chosen by."""
    names = [cost.lstrip("-") for cost in found.by]
    names += [name for name in _USUAL if name not in names]
    if not found.stacks:
        raise SolverError("there is no design to be drawn", received=found.headline())
    return _Front(found, list(found.stacks), names[0], names[1]).picture()


def _value(stack: Stack, name: str, at: tuple[int, ...] | None) -> int:
    if name == "depth":
        return len(stack)
    value = getattr(stack, name)
    if name in ("macs", "activations"):
        if at is None:
            raise SolverError(f"{name} are measured at a size", right="at=224, or --at 224")
        value = value(at)
    if not isinstance(value, int):
        raise SolverError("a cost in a picture is a whole number", f"{name} {value}")
    return value


class _Front:
    """Hold designs, their two costs, and where their dots are drawn."""

    def __init__(self, found: Found, stacks: list[Stack], across: str, up: str) -> None:
        self.found, self.stacks, self.across, self.up = found, stacks, across, up
        self.points = [
            (_value(stack, across, found.at), _value(stack, up, found.at)) for stack in stacks
        ]
        self.ticks = [_ticks([point[i] for point in self.points]) for i in (0, 1)]
        self.left = _BORDER + max(width(f"{tick:,}") for tick in self.ticks[1]) + 12
        self.top = _BORDER + 62

    def picture(self) -> Picture:
        title = f"{self.found.counted()}: {self.found.how}"
        marks: list[Mark] = [Label(_BORDER, _BORDER + 12, title, "head", "start")]
        marks += [*self._axes(), *self._dots()]
        wide = max(self.left + _WIDE + 30, _BORDER + width(title) * 1.1)
        keys, end = legend(_LEGEND, marks, _BORDER, self.top + _HIGH + 42, wide)
        return Picture(title, self._said(), wide + _BORDER, end + _BORDER, [*marks, *keys])

    def _said(self) -> str:
        rows = []
        for i, (stack, (x, y)) in enumerate(zip(self.stacks, self.points, strict=True)):
            costs = f"{x:,}, {y:,}" if i else f"{self.across} {x:,}, {self.up} {y:,}"
            rows.append(f"{costs}: {_layers(stack)}")
        return "; ".join(rows[:20]) + "."

    def _place(self, x: int, y: int) -> tuple[float, float]:
        parts = []
        for value, ticks in zip((x, y), self.ticks, strict=True):
            parts.append((value - ticks[0]) / max(ticks[-1] - ticks[0], 1))
        return self.left + parts[0] * _WIDE, self.top + (1 - parts[1]) * _HIGH

    def _axes(self) -> Iterator[Mark]:
        bottom, right = self.top + _HIGH, self.left + _WIDE
        for x in self.ticks[0]:
            at, _ = self._place(x, self.ticks[1][0])
            yield Stroke([(at, self.top), (at, bottom)], "faint")
            yield Label(at, bottom + 15, f"{x:,}", "note")
        for y in self.ticks[1]:
            _, at = self._place(self.ticks[0][0], y)
            yield Stroke([(self.left, at), (right, at)], "faint")
            yield Label(self.left - 6, at + 4, f"{y:,}", "note", "end")
        yield Stroke([(self.left, self.top), (self.left, bottom), (right, bottom)], "axis")
        yield Label((self.left + right) / 2, bottom + 32, self.across, "text")
        yield Label(_BORDER, self.top - 12, self.up, "text", "start")

    def _dots(self) -> Iterator[Mark]:
        for stack, (x, y) in zip(self.stacks, self.points, strict=True):
            left, top = self._place(x, y)
            data = {"x": x, "y": y, "design": _layers(stack)}
            corner = left - _DOT / 2, top - _DOT / 2
            dot = Rectangle(*corner, _DOT, _DOT, "output", data)
            said = Label(_BORDER, _BORDER + 30, _layers(stack), "note", "start")
            shown = Cluster([said], "shown")
            tip = f"{self.across} {x:,}, {self.up} {y:,}: {_layers(stack)}"
            yield Cluster([dot, shown], "hover", tip)


def _layers(stack: Stack) -> str:
    return "; ".join(map(brief, stack)) or "none"


def _ticks(values: Sequence[int]) -> list[int]:
    """A few round numbers from below the least to above the largest.

    >>> _ticks([3, 17]), _ticks([1200, 9000])
    ([0, 5, 10, 15, 20], [0, 2000, 4000, 6000, 8000, 10000])
    """
    low, high = min(values), max(values)
    step, factors = 1, (2, 5, 10)
    unit = 1
    while (high - low) // step > _TICKS:
        step = next(f * unit for f in factors if f * unit > step)
        unit *= 10 if step == 10 * unit else 1
    first = low // step * step
    return [*range(first, -(-max(high, first + 1) // step) * step + 1, step)]
