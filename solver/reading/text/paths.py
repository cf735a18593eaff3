"""The paths of a text: it is read at one size after the other until every size is covered.

A text that decides nothing of sizes is one network, as it was read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from solver.errors import LimitError, SolverError
from solver.network.graph.dim import LETTERS
from solver.network.graph.operation import Input, Refuse
from solver.network.graph.walk import Node
from solver.network.network import Network
from solver.reading.paths.decisions import Decisions, Enough, RefusedSizes
from solver.reading.paths.explore import Paths, explore
from solver.reading.paths.trials import Run
from solver.reading.text.building import Build, Decided
from solver.reading.text.layouts import Layout, is_open, of_rank, refused, runs_on
from solver.reading.text.leaving import Raised, ToldWrong
from solver.reading.text.source import OutOfSteps, Source
from solver.reading.text.untold import Stands, alike, others
from solver.sizes.sizemap import SizeMap

#: The letters that sizes may have, those of two axes last.
_LETTERS = ("n", "d", "h", "w")
#: The size at which it is read first: few networks need more.
_FIRST = 256
#: How often sizes are told as numbers, from a usual size on and from the smallest.
_SOME, _MANY = 12, 104
#: How often a text is read again with the channels that it tells.
_MOST = 10


class TextPaths:
    """Read a text by its paths.

    read: what reads it once. layouts: of the input, the likeliest first. channels: where told.
    at: the size that is asked about, or one for each axis.
    """

    def __init__(
        self,
        source: Source,
        read: Callable[[Build], Network],
        layouts: Sequence[Layout],
        channels: int | None,
        at: int | Sequence[int] | None = None,
    ) -> None:
        self._at = at
        self._source, self._read, self._layouts = source, read, layouts
        self._told = {} if channels is None else {"channels_1": channels}
        self._axes, self._channels = 0, dict[str, int]()
        self._notes: list[str] = []
        self._found: list[tuple[Run, Network]] = []
        self._fault: SolverError | None = None
        self._times, self._stands = 0, Stands({}, told=channels)
        self._numbers: dict[str, int] = {}

    def network(self) -> Network:
        """The network of all paths, for the first of the inputs that runs.

        Raises SolverError where none is understood.
        """
        first: Network | SolverError | None = None
        perhaps: Network | None = None  # whether it runs is not known
        some: Network | None = None  # it runs at some sizes
        for layout in self._layouts:
            found = self._laid_out(layout)
            if first is None:
                first = found
                if not of_rank(found):
                    break
            elif isinstance(found, Network) and runs_on(found):
                return found
            elif isinstance(found, Network) and is_open(found):
                perhaps = perhaps or found
            elif isinstance(found, Network) and not refused(found):
                some = some or found
        nowhere = isinstance(first, Network) and refused(first)
        first = perhaps or (some if nowhere else None) or first
        if isinstance(first, SolverError):
            raise first
        assert first is not None
        return first

    def _laid_out(self, layout: Layout) -> Network | SolverError:
        """The network of an input that is laid out so."""
        self._axes, self._channels = layout.axes, {**self._told, **layout.channels}
        self._notes = [layout.note] if layout.note else []
        try:
            return self._decided()
        except (LimitError, ToldWrong) as fault:
            if layout is self._layouts[0]:
                raise
            return fault
        except SolverError as fault:
            return fault

    def _decided(self) -> Network:
        """The network; where it stands on numbers that are not told, that of any such numbers.

        Raises SolverError where a size depends on one: then it is asked for.
        """
        told, found = dict(self._channels), None
        for first, second in others(self._stands.told):
            if first.plain or found is None:
                found, names = self._settled_with(first, told), self._numbers
            if not names:
                return found
            with suppress(SolverError):
                again = self._settled_with(second, told)
                if alike(found, again, self._numbers):
                    found.notes = tuple(note for note in found.notes if note in again.notes)
                    return found
        arguments = dict.fromkeys(name.partition("[")[0] for name in names)  # of shape[0]: shape
        right = " ".join(f"--set {name}=..." for name in arguments if name.isidentifier())
        raise SolverError("sizes depend on what is not told", ", ".join(names), right or None)

    def _settled_with(self, stands: Stands, told: Mapping[str, int]) -> Network:
        """The network, with these numbers for those that are not told."""
        self._stands, self._channels, self._numbers = stands, dict(told), {}
        return self._settled()

    def _settled(self) -> Network:
        for _ in range(_MOST):
            try:
                return self._joined(self._explored())
            except Decided as told:
                self._channels[told.key] = told.value
                self._notes.extend([told.note] if told.note else [])
        raise SolverError("the channels of the inputs are not told", right="channels=3")

    def _explored(self) -> Paths:
        """The paths; where there are too many, from what is asked about.

        Where that is not told, or not enough, from the sizes that are written or the smallest.
        """
        asked = self._asked()
        for first, self._times, near in (
            (_FIRST, _SOME, dict[str, int]()),
            *([(_FIRST, _SOME, asked)] if asked else []),
            (1, _MANY, None),
        ):
            written = self._written() if near is None else near
            self._found, self._fault = [], None
            self._source.begin()
            try:
                paths = explore(self._run, _LETTERS, True, first, written)
            except OutOfSteps:
                if first == 1:
                    raise
                continue
            if self._times > 0 or (near and not _unknown(paths, near)):
                break
        return paths

    def _asked(self) -> dict[str, int]:
        """What is asked about by letter."""
        sizes = (self._at,) * self._axes if isinstance(self._at, int) else self._at or ()
        named = dict(zip(LETTERS.get(self._axes, ()), sizes, strict=False))
        return named if len(named) == self._axes == len(sizes) else {}

    def _written(self) -> Mapping[str, int]:
        """The sizes that the text names for its input."""
        return next((made.written for _, made in self._found if made.written), {})

    def _joined(self, paths: Paths) -> Network:
        if self._fault is not None and all(path.run.lost for path in paths.found):
            raise self._fault
        if len(paths.found) == 1 and not paths.unknown:
            (path,) = paths.found
            alone = [made for run, made in self._found if run is path.run and not path.asked]
            if alone:
                return alone[0]
        from solver.reading.paths.joined import joined  # most texts have one path

        nodes = (node.operation for path in paths.found for node in path.run.nodes)
        inputs = [each for each in nodes if isinstance(each, Input)]
        letters = {letter for each in inputs for dim in each.of for letter in dim.letters}
        return joined(paths, written=self._written(), letters=letters)

    def _run(self, decisions: Decisions, inside: Mapping[str, SizeMap]) -> Run:
        """What the text is at sizes."""
        build = Build(self._source, self._axes, self._channels, decisions, inside)
        build.tells, build.stands = self._times > 0, self._stands
        for note in self._notes:
            build.note(note)
        try:
            made = self._read(build)
        except OutOfSteps as fault:
            if not self._found:
                raise
            raise Enough from fault
        except RefusedSizes:
            return Run(tuple(build.nodes), (), (), refused=True)
        except ToldWrong:
            raise
        except Raised as fault:
            return self._raised(build, fault)
        except SolverError as fault:
            if not build.inputs or all(each.asked for each in decisions.made):
                raise
            self._fault = self._fault or fault
            return Run(tuple(build.nodes), (), (), False, fault.rule, False, tuple(build.notes))
        finally:
            self._times -= build.told
            self._numbers |= build.numbers
        run = Run(made.nodes, made.outputs, made.names, False, "", build.whole, made.notes)
        self._found.append((run, made))
        return run

    def _raised(self, build: Build, fault: Raised) -> Run:
        """A path on which the text refuses its input, in its own words."""
        build.refused()
        if not build.inputs:
            raise fault.shown
        node = Node(f"refused_{len(build.nodes)}", Refuse(fault.message), (), fault.where)
        self._fault = self._fault or fault.shown
        return Run((*build.nodes, node), (), (), True, "", build.whole, tuple(build.notes))


def _unknown(paths: Paths, sizes: Mapping[str, int]) -> bool:
    """Whether nothing is known of sizes; letters that no input has stand for any."""
    every = {letter: sizes.get(letter, 1) for letter in _LETTERS}
    return not any(path.region.holds(every) for path in paths.found)
