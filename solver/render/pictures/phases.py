"""What each phase of the outputs reads along an axis: a row for each, with the holes between."""

from __future__ import annotations

from collections.abc import Iterator

from solver.errors import LimitError
from solver.network.fields.taps import PhaseTaps, Taps
from solver.render.pictures.legend import legend
from solver.render.pictures.marks import LINE, Cluster, Label, Mark, Rectangle, width
from solver.render.pictures.picture import Picture

#: Pixels of a row, of an element at least and at most, of all of them, and of the border.
_ROW, _LEAST, _MOST, _WIDE, _BORDER = 24, 2, 22, 800, 12
#: Phases, and elements from the first to the last, that there is room for.
_PHASES, _ELEMENTS = 64, 400
_LEGEND = {"tap": "is read", "unread": "between, and not read"}


def draw(taps: Taps) -> Picture:
    """Which elements each phase reads, counted from where the first phase stands.

    Raises LimitError for more phases, or longer fields, than there is room for.

    >>> from solver import ConvTranspose, trace
    >>> print(trace(ConvTranspose(3, stride=2, padding=1), axes=1).taps().draw().description)
    Output 0 of every 2 reads 1 element, 0; output 1 reads 2, 0 to 1.
    """
    read = [run for phase in taps.phases for run in phase.read]
    first, last = (
        min((run.start for run in read), default=0),
        max((run.stop for run in read), default=1) - 1,
    )
    if taps.period > _PHASES or last - first >= _ELEMENTS:
        rule = f"a picture has room for {_PHASES} phases and {_ELEMENTS} elements"
        raise LimitError(rule, f"{taps.period} and {last + 1 - first:,}")
    return _Phases(taps, first, last).picture()


class _Phases:
    """Hold phases, and where they are drawn."""

    def __init__(self, taps: Taps, first: int, last: int) -> None:
        self.taps, self.first, self.last = taps, first, last
        self.cell = min(max(_WIDE / (last + 1 - first), _LEAST), _MOST)
        self.names = [self._name(phase.phase) for phase in taps.phases]
        self.left = _BORDER + max(map(width, self.names)) + 12
        self.top = _BORDER + 3 * LINE

    def _name(self, phase: int) -> str:
        often = self.taps.period
        return f"output {phase}" + (f", {phase + often}, {phase + 2 * often}, ...")

    def picture(self) -> Picture:
        taps = self.taps
        outputs = "output" if taps.period == 1 else f"{taps.period} outputs"
        title = f"what every {outputs} read, {taps.rise} further on along {taps.letter}"
        title = title.replace("output read", "output reads")
        marks: list[Mark] = [Label(_BORDER, _BORDER + 12, title, "head", "start")]
        marks += [*self._numbers(), *self._rows()]
        right = self.left + (self.last + 1 - self.first) * self.cell
        counts = (width(_counted(phase)) for phase in taps.phases)
        wide = max(right + 10 + max(counts), _BORDER + width(title) * 1.1)
        bottom = self.top + len(taps.phases) * _ROW + 10
        keys, end = legend(_LEGEND, marks, _BORDER, bottom, wide)
        return Picture(title, self._said(), wide + _BORDER, end + _BORDER, [*marks, *keys])

    def _said(self) -> str:
        words = list[str]()
        for phase in self.taps.phases[:20]:
            often = f" of every {self.taps.period}" if not words and self.taps.period > 1 else ""
            elements = f" element{'s' if phase.taps != 1 else ''}" if not words else ""
            runs = (
                f"{r.start} to {r.stop - 1}" if len(r) > 1 else f"{r.start}" for r in phase.read
            )
            where = f", {', '.join(runs)}" if phase.read else ""
            words.append(f"output {phase.phase}{often} reads {phase.taps}{elements}{where}")
        return f"O{'; '.join(words)[1:]}."

    def _numbers(self) -> Iterator[Mark]:
        """The numbers of elements above them, as often as there is room."""
        needed = max(width(str(x), 10) for x in (self.first, self.last)) + 4
        often = next(step for step in (1, 5, 10, 20, 50, 100) if step * self.cell >= needed)
        for x in range(self.first, self.last + 1):
            if x % often == 0 or (often > 1 and self.first == self.last):
                middle = self.left + (x - self.first + 0.5) * self.cell
                yield Label(middle, self.top - 6, str(x), "note")

    def _rows(self) -> Iterator[Mark]:
        for i, (phase, name) in enumerate(zip(self.taps.phases, self.names, strict=True)):
            y = self.top + i * _ROW
            yield Label(_BORDER, y + 14, name, "text", "start")
            marks: list[Mark] = []
            read = {x for run in phase.read for x in run}
            inside = range(min(read), max(read) + 1) if read else ()
            for x in inside:
                look = "tap" if x in read else "unread"
                left = self.left + (x - self.first) * self.cell
                data = {"phase": phase.phase, "x": x}
                marks.append(Rectangle(left, y + 1, self.cell, _ROW - 6, look, data))
            right = self.left + (self.last + 1 - self.first) * self.cell + 10
            marks.append(Label(right, y + 14, _counted(phase), "note", "start"))
            yield Cluster(marks, tip=f"{name}: {_counted(phase)}")


def _counted(phase: PhaseTaps) -> str:
    """How many elements are read.

    >>> _counted(PhaseTaps(0, (range(0, 2), range(4, 5))))
    '3 of 5'
    """
    return f"{phase.taps} of {phase.span}" if phase.holes else f"{phase.taps}"
