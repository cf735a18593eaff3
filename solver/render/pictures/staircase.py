"""The staircase: which size comes out of each that goes in, beside the one that is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from solver.errors import LimitError, SolverError
from solver.render.pictures.legend import legend
from solver.render.pictures.marks import Cluster, Label, Mark, Rectangle, Stroke, width
from solver.render.pictures.picture import Picture
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet

#: Pixels between neighbouring inputs, and how high and how far apart outputs may be.
_STEP, _HIGH, _WIDE, _BORDER = 18, 280, 24, 12
#: How many inputs are drawn where nobody says, and at most.
_USUAL, _MOST = 24, 200
_LEGEND = {
    "input": "comes out",
    "fix": "comes out, and no element is left over",
    "fault": "not what is wanted",
    "target": "wanted",
    "unread": "does not run",
}


def draw(
    size_map: SizeMap,
    sizes: Sequence[int] = (),
    *,
    accepts: SizeSet | None = None,
    fits: SizeSet | None = None,
    target: SizeMap | None = None,
    title: str = "",
) -> Picture:
    """The output of each input of a range, a dot each.

    sizes: the inputs, neighbours, in elements. accepts: those that run. fits: those that leave no
    element over. target: the output that is wanted. Raises LimitError for too many to have room.
    """
    shown = sizes or range(1, max(_USUAL, min(2 * size_map.period, _MOST)) + 1)
    if len(shown) > _MOST:
        raise LimitError("a staircase has room for so many inputs", f"{len(shown):,}", f"{_MOST}")
    if any(after != before + 1 for before, after in pairwise(shown)):
        raise SolverError("the inputs of a staircase are neighbours", str(shown), "range(1, 25)")
    return _Stairs(size_map, shown, accepts, fits, target, title or f"n -> {size_map}").picture()


class _Stairs:
    """Hold a size map over a range of inputs, and where its dots are drawn."""

    def __init__(
        self,
        size_map: SizeMap,
        sizes: Sequence[int],
        accepts: SizeSet | None,
        fits: SizeSet | None,
        target: SizeMap | None,
        title: str,
    ) -> None:
        self.sizes, self.target, self.title = sizes, target, title
        self.refused = {n for n in sizes if accepts is not None and n not in accepts}
        self.outputs = {n: size_map(n) for n in sizes if n not in self.refused}
        self.fits = {n for n in self.outputs if fits is not None and n in fits}
        wanted = [target(n) for n in sizes] if target is not None else []
        every = [*self.outputs.values(), *wanted] or [0]
        self.low, self.high = min(0, *every), max(1, *every)
        self.unit = min(_WIDE, _HIGH / (self.high - self.low))
        self.left = _BORDER + width(str(self.high)) + 14
        self.top = _BORDER + 32
        self.bottom = self.top + self.unit * (self.high - self.low)

    def picture(self) -> Picture:
        marks: list[Mark] = [Label(_BORDER, _BORDER + 12, self.title, "head", "start")]
        marks += [*self._axes(), *self._refused(), *self._target(), *self._dots()]
        wide = max(self._x(self.sizes[-1]) + 24, _BORDER + width(self.title) * 1.1)
        keys, end = legend(_LEGEND, marks, _BORDER, self.bottom + 34, wide)
        return Picture(self.title, self._said(), wide + _BORDER, end + _BORDER, [*marks, *keys])

    def _said(self) -> str:
        pairs = ", ".join(f"{n} -> {m}" for n, m in [*self.outputs.items()][:40])
        words = f"Sizes that come out: {pairs}."
        if self.refused:
            words += f" Does not run: {', '.join(map(str, sorted(self.refused)[:40]))}."
        if self.fits:
            words += f" Nothing is left over: {', '.join(map(str, sorted(self.fits)[:40]))}."
        if wrong := [str(n) for n in self.outputs if self._wrong(n)]:
            words += f" Not what is wanted: {', '.join(wrong[:40])}."
        return words

    def _wrong(self, n: int) -> bool:
        return self.target is not None and self.outputs[n] != self.target(n)

    def _x(self, n: int) -> float:
        return float(self.left + (n - self.sizes[0] + 0.5) * _STEP)

    def _y(self, m: int) -> float:
        return float(self.bottom - (m - self.low) * self.unit)

    def _axes(self) -> Iterator[Mark]:
        right = self._x(self.sizes[-1]) + _STEP / 2
        every = max(1, round(16 / self.unit + 0.49))
        for m in range(self.low, self.high + 1, every):
            yield Stroke([(self.left, self._y(m)), (right, self._y(m))], "faint")
            yield Label(self.left - 6, self._y(m) + 4, str(m), "note", "end")
        often = 1 if len(str(self.sizes[-1])) < 3 else 5
        for n in self.sizes:
            if n % often == 0 or n == self.sizes[0]:
                yield Label(self._x(n), self.bottom + 16, str(n), "note")
        yield Stroke(
            [(self.left, self.top - 8), (self.left, self.bottom), (right, self.bottom)], "axis"
        )
        yield Label(right + 6, self.bottom + 16, "n", "text", "start")

    def _refused(self) -> Iterator[Mark]:
        for n in sorted(self.refused):
            corner = self._x(n) - _STEP / 2, self.top
            yield Rectangle(*corner, _STEP, self.bottom - self.top, "unread", {"refused": n})

    def _target(self) -> Iterator[Mark]:
        if self.target is None:
            return
        points = []
        for n in self.sizes:
            y = self._y(self.target(n))
            points += [(self._x(n) - _STEP / 2, y), (self._x(n) + _STEP / 2, y)]
        yield Stroke(points, "target")

    def _dots(self) -> Iterator[Mark]:
        """The outputs, with a line through those that are equal."""
        for n, m in self.outputs.items():
            x, y = self._x(n), self._y(m)
            if self.outputs.get(n + 1) == m:
                yield Stroke([(x, y), (x + _STEP, y)], "edge")
            look = "fault" if self._wrong(n) else "fix" if n in self.fits else "input"
            dot = Rectangle(x - 5, y - 5, 10, 10, look, {"n": n, "m": m})
            wanted = f", wanted {self.target(n)}" if self.target and self._wrong(n) else ""
            yield Cluster([dot], tip=f"{n} -> {m}{wanted}")
