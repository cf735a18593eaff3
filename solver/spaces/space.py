"""A design space: all the stacks that do what is asked, as a sequence that is never written out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, overload

from solver.errors import SolverError
from solver.ground.answers import Answers, Count
from solver.ground.shown import named, shown
from solver.ground.value import Value
from solver.layers.row import USUAL_AXES
from solver.layers.stack import Stack
from solver.sizes.domain import whole_number
from solver.sizes.sizeset import EVERY, SizeSet
from solver.spaces.automaton import Automaton, Pick, design
from solver.spaces.budget import MOST_STATES, Budget, Progress
from solver.spaces.cheapest import best_first
from solver.spaces.counting import Counts
from solver.spaces.diagram import Diagram
from solver.spaces.each import alike, one_of_each
from solver.spaces.goal import Goals, read_goals
from solver.spaces.limits import AMOUNTS, JUMPS, KEPT, PLACED, SUMS, TELLING, plain, read_limits
from solver.spaces.objective import By, Criterion, Objective, depth_first, read_costs
from solver.spaces.parts import Part
from solver.spaces.places import (
    any_letters,
    channels_named,
    check_axes,
    marks,
    mirrors,
    reads_limited,
    special,
)
from solver.spaces.preparation import Preparation
from solver.spaces.slices import Designs
from solver.spaces.steps import Steps
from solver.spaces.written_parts import part

if TYPE_CHECKING:
    from solver.sizes.given import SizesLike
    from solver.spaces.gains import Gains
    from solver.spaces.walk import DesignWalk

#: The part of what a search may use that may go into knowing exactly what can be finished.
_SHARE = 4


class Space(Answers[Stack], Value):
    """Hold every stack of the given parts that brings the input to the output within the limits.

    parts: layers in order: fixed ones, `Choice`, `optional`, `repeat`, `either`, `let`,
    `mirror`, lists, and the blocks `residual`, `parallel`, `skip`.
    input, output: sizes as in `solve`: numbers, a range of outputs, tuples with one per axis,
    formulas in n for an answer that holds for every n; lists for several inputs at once. Without an
    output any size may come out. where: narrows n. at: a number to measure costs at where the input
    is n. axes: 2 unless given; channels: of the input; without it in_channels of the first layer
    that has them, or 1 where layers name other channels, or none at all. With mirrored layers the
    output, receptive fields and jumps are those where the decoder begins.
    rate: elements of the input in a second, for limits that are times.
    limits: numbers or intervals such as "100..", "..64", "3..8", "..25ms";
    `solver.spaces.limits.LIMITS` says which there are.
    max_states: states kept at most. progress: called while it works with a word, how
    much of it is done, and of how much in all, None where nobody knows.
    Raises SolverError; LimitError where more states are needed.

    Designs are ordered layer by layer, each layer by kernel_size, then stride, padding, dilation,
    output_padding, channels; a design that ends comes before those that go on.

    >>> from solver import Choice, Conv, Space, repeat
    >>> layer = Choice(Conv, {1, 3, 5, 7}, stride={1, 2}, padding=range(4), dilation={1, 2})
    >>> space = Space(repeat(layer, 5), 224, 7, receptive_field="100..")
    >>> space.count
    7872261
    >>> space[10**6].sizes(224)
    (224, 114, 59, 28, 11, 7)
    >>> space.best(by="parameters")[0].receptive_field
    129
    >>> Space([Conv(3, padding=1)], 224, 7).reason
    'no design gives 7: only 224 can come out'
    """

    def __init__(
        self,
        parts: object,
        input: SizesLike,
        output: SizesLike = None,
        *,
        where: str = "",
        at: Any = None,
        axes: int = USUAL_AXES,
        channels: int | None = None,
        rate: int | None = None,
        max_states: int = MOST_STATES,
        progress: Progress | None = None,
        **limits: Any,
    ) -> None:
        self.parts: Part = part(parts)
        self.axes = whole_number(axes, "axes", 1, 16)
        alike = check_axes(self.parts, self.axes)
        #: For each axis the first that layers treat alike, where not all are.
        self.alike = alike if any(alike) else ()
        if any_letters(self.parts):
            from solver.spaces.let import check_letters, ending  # only where there are letters

            self.parts, output = ending(self.parts, output)
            check_letters(self.parts)
        if channels is not None:
            channels = whole_number(channels, "channels", 1)
        self.channels = channels_named(self.parts) if channels is None else channels
        self.max_states = whole_number(max_states, "max_states", 1)
        self.input, self.output, self.where, self.at = input, output, where, at
        named_marks = marks(self.parts)
        asked = named_marks and named("solver.spaces.demand:formulas")(named_marks)
        given = input, output, where, at, self.axes, self.alike
        self.goals = read_goals(*given, marked=bool(asked))
        if named_marks:
            named("solver.spaces.demand:check_marks")(named_marks, self.goals)
        self.rate = None if rate is None else whole_number(rate, "rate", 1)
        self.limits = read_limits(limits, self.goals, self.rate)
        self.progress = progress

    def made_of(self) -> tuple[Any, ...]:
        """What is asked: not how much a search may use, and who is told of it."""
        return tuple(self.__dict__[name] for name in _GIVEN[:-3])

    @classmethod
    def load(cls, path: str) -> Space:
        """Read a space from a .toml or .json file, see docs/spaces.md."""
        from solver.spaces.words import load  # only for files

        return cls(**load(path))

    @cached_property
    def automaton(self) -> Automaton:
        """The space as an automaton, whose blocks are told apart by what limits ask."""
        asked, prefer = self.asked
        narrowed = (
            asked and special(self.parts) and not marks(self.parts)
        )  # these ask for other sizes too
        return Automaton(
            self.parts,
            self.channels,
            self.axes,
            even="even_upsampling" in self.limits,
            placed=not PLACED.keys().isdisjoint(asked),
            asked=asked,
            prefer=prefer,
            alike=self.alike,
            begins=self._begins if marks(self.parts) else None,
            sizes=self._come() if narrowed else EVERY,
        )

    def _come(self) -> SizeSet:
        """The sizes of the input that are asked about."""
        found: SizeSet = named("solver.spaces.arrivals:asked_sizes")(self.goals)
        return found

    def _begins(self, mark: Any) -> bool:
        """Tell whether the input itself meets a mark."""
        return bool(named("solver.spaces.demand:at_start")(self.goals, mark))

    @cached_property
    def asked(self) -> tuple[frozenset[str], Any]:
        """The sums that tell blocks apart that do the same to sizes, and what is better in each."""
        read = {"receptive_field"} if reads_limited(self.parts) else set()
        return frozenset(self.limits) & TELLING | read, None

    def _asking(self, costs: Sequence[Criterion], told: bool, most: int | None) -> Any:
        """The space in which costs tell blocks apart too; layers need no asking."""
        placed = {name for cost in costs for name in cost.names} & PLACED.keys()
        if not (special(self.parts) or placed - self.limits.keys()):
            return self
        return named("solver.spaces.questions:asking")(self, costs, told, most)

    @property
    def mirrored(self) -> bool:
        """Tell whether there are mirrored decoders: the output is where they begin, then."""
        return mirrors(self.parts)

    @cached_property
    def _prepared(self) -> Preparation:
        return Preparation(self.automaton, self.goals, self.limits)

    def _priced(self, *asked: Any, share: int = 1, **more: Any) -> Steps:
        budget = Budget(self.max_states // share, self.progress)
        return self._prepared.steps(budget, *asked, **more)

    @cached_property
    def _steps(self) -> Steps:
        return self._priced((), merged=self._prepared.merged_to_count, left=[self._packed])

    @cached_property
    def _diagram(self) -> Diagram:
        return Diagram(self._steps)

    @cached_property
    def _counts(self) -> Counts:
        return self._counted(kept=True)

    def _counted(self, kept: bool) -> Counts:
        if name := self._packed:
            made = named("solver.spaces.packed:PackedCounts")
            limits = self.limits[name], self._steps.gain_limit
            counts: Counts = made(self._diagram, name, *limits)
            return counts
        return Counts(self._diagram, self._steps.gain_limit, kept)

    @property
    def _packed(self) -> str:
        """The limited sum by which nodes are not told apart to count."""
        return next((name for name in AMOUNTS if name in self.limits), "")

    # As a sequence

    @cached_property
    def count(self) -> Count:
        """The exact number of designs."""
        counts = self._counts if "_counts" in self.__dict__ else self._counted(kept=False)
        return Count(counts.count)

    @property
    def states(self) -> int:
        """How many states the designs were merged into."""
        return self._diagram.states

    def __len__(self) -> int:
        """The number of designs; Python allows no len() above sys.maxsize: use count."""
        return self.count

    @overload  # type: ignore[override]  # a part of so many designs is lazy, no list
    def __getitem__(self, index: int) -> Stack: ...
    @overload
    def __getitem__(self, index: slice) -> Designs: ...
    def __getitem__(self, index: int | slice) -> Stack | Designs:
        """The i-th design, or for a slice a lazy sequence of them.

        >>> from solver import Choice, Conv, Space
        >>> space = Space([Choice(Conv, "1..7", padding="0..3")], 8, 8)
        >>> space[-1], [design[0] for design in space[1:3]]
        (Stack([Conv(7, padding=3)]), [Conv(3, padding=1), Conv(5, padding=2)])
        """
        return Designs(self)[index]

    def __iter__(self) -> Iterator[Stack]:
        return iter(Designs(self))

    def __contains__(self, design: object) -> bool:
        """Tell whether a stack, or a design, is one of the space."""
        return self._position(design) is not None

    def index(self, design: Any, start: int = 0, stop: int | None = None) -> int:
        """The index of a stack, a design, a network, or what `record` or JSON says of a design.

        Of a network the first design that is the same: its layers do the same, in whatever words,
        and what it leaves open, as a dropout's probability, is open. Raises SolverError where it
        is not here.

        >>> from solver import Choice, Conv, Space, read
        >>> space = Space([Choice(Conv, "1..7", padding="0..3"), "relu"], 8, 8)
        >>> space.index(read("Sequential(Conv2d(1, 1, 5, padding='same'), ReLU())"))
        2
        """
        position = self._position(design)
        if position is None or position < start or (stop is not None and position >= stop):
            what = "network" if hasattr(design, "nodes") else "stack"
            raise SolverError(f"this {what} is not in the design space", repr(design)[:200])
        return position

    def shards(self, number: int) -> list[Designs]:
        """Cut the space into so many lazy sequences of nearly equal length, for workers.

        >>> from solver import Choice, Conv, Space
        >>> [len(shard) for shard in Space([Choice(Conv, "1..7", padding="0..3")], 8, 8).shards(3)]
        [1, 1, 2]
        """
        whole_number(number, "shards", 1, 1_000_000)
        ends = [self.count * i // number for i in range(number + 1)]
        return [Designs(self, range(a, b)) for a, b in pairwise(ends)]

    def sample(self, k: int, seed: int) -> list[Stack]:
        """Return k designs, each drawn uniformly and independently.

        >>> from solver import Choice, Conv, Space
        >>> space = Space([Choice(Conv, "1..7", padding="0..3")], 8, 8)
        >>> space.sample(2, seed=1)[0] in space
        True
        """
        from random import Random  # only here

        draw = Random(whole_number(seed, "a seed", 0))
        whole_number(k, "k", 0)
        if not self.count:
            raise SolverError("no design can be drawn from an empty space", right=self.reason)
        return [self[draw.randrange(self.count)] for _ in range(k)]

    def best(self, k: int = 1, by: By = "parameters", distinct: bool = True) -> list[Stack]:
        """The k best designs, proved: no design costs less than the first, and so on.

        by: a cost, or several in order of importance: "parameters", "macs", "activations", "depth",
        "receptive_field", "total_stride", "latency", "look_ahead", "memory", with a "-" in front
        where much is wanted; or a function of (layer, sizes
        before, sizes after) that returns a whole number of at least 0; the sizes are empty where
        the input is n and at is not given. distinct: of designs that cost the same and act the
        same (size map, receptive field, jump, channels), only the first is listed.

        >>> from solver import Choice, Conv, Space
        >>> space = Space([Choice(Conv, "1..7", padding="0..3")] * 2, 8, 8)
        >>> best = space.best(3, by=["-receptive_field", "parameters"])
        >>> [(stack.receptive_field, stack.parameters) for stack in best]
        [(13, 100), (11, 74), (11, 76)]
        """
        return list(islice(self.ranked(by, distinct, k), whole_number(k, "k", 0)))

    def ranked(
        self, by: By = "parameters", distinct: bool = True, most: int | None = None
    ) -> Iterator[Stack]:
        """Yield designs as they are proved to be the next best; arguments as in `best`.

        most: how many of them will be looked at, where that is known.
        """
        costs, once = read_costs(by, self.goals), most == 1
        space: Space = self._asking(costs, distinct, most)
        if space is not self:
            return iter(named("solver.spaces.questions:ranked")(self, space, by, distinct, most))
        if distinct and alike(self.automaton, self.goals, costs):
            return map(self.stack, one_of_each(self._priced(()), costs))
        mapped = distinct and not once
        # How much is read depends on the jump: then stages of all jumps are no bound.
        jumps = any(cost.names & (JUMPS | PLACED.keys()) for cost in costs)
        quick = self._prepared.jumps_are_alike and not jumps

        def precise() -> tuple[Objective, Gains]:
            from solver.spaces.gains import Gains  # only where a search takes long

            carried = [cost for cost in costs if not cost.names.isdisjoint(KEPT)]
            plain = self._priced(carried, share=_SHARE)
            gains = Gains(Diagram(plain), plain.gain_limit, depth_first(costs))
            return Objective(self._priced(costs, mapped), costs), gains

        objective = Objective(self._priced(costs, mapped, 1 if quick else None), costs)
        found = best_first(objective, distinct, once, None if self.alike else precise)
        paths: Iterator[Any] = (path for _, path in found)
        if self.automaton.blocks and not distinct:
            paths = named("solver.spaces.picks:each")(self.automaton, paths)
        return map(self.stack, paths)

    def pareto(self, *costs: str) -> list[Stack]:
        """The Pareto front: for each point the first design that has it.

        >>> from solver import Choice, Conv, Space
        >>> space = Space([Choice(Conv, "1..7", padding="0..3")], 8, 8)
        >>> front = space.pareto("parameters", "-receptive_field")
        >>> [(stack.parameters, stack.receptive_field) for stack in front]
        [(2, 1), (10, 3), (26, 5), (50, 7)]
        """
        from solver.spaces.front import MOST_COSTS, Fronts, narrowed, widened  # only for fronts

        read = read_costs(list(costs), self.goals)
        space: Space = self._asking(read, False, 1)
        if space is not self:
            return space.pareto(*costs)
        # where axes differ costs are of all of them, and limits of each
        sums = {} if self.alike else {n: limit for n, limit in self.limits.items() if n in SUMS}
        if self.automaton.late:
            sums.pop("receptive_field", None)
        wider, left = widened(read, sums, MOST_COSTS if self.automaton.blocks else 0)
        extra = [name for name in sums if name == "receptive_field" and name not in left]
        apart = extra or any(c.jumpy or (self.alike and c.names & JUMPS) for c in wider)
        merged = None if apart else self._prepared.merged()
        steps = self._priced(wider, merged=merged, extra=extra, left=left)
        fronts = Fronts(Diagram(steps), Objective(steps, wider))
        kept = {name: sums[name] for name in left}
        return list(map(self.stack, narrowed(fronts.designs(), wider, len(read), kept)))

    def stack(self, path: Sequence[Pick]) -> Stack:
        """The stack that takes these options, one per place; a network where it has branches."""
        return design(self.automaton, path, self.channels or 1)

    @cached_property
    def _walk(self) -> DesignWalk:
        from solver.spaces.walk import DesignWalk  # only where designs are listed

        return DesignWalk(self._counts)

    def paths(self, first: int) -> Iterator[tuple[Pick, ...]]:
        """Yield the paths of the designs from a number on."""
        return self._walk.paths(first)

    def _position(self, stack: object) -> int | None:
        picks = "solver.spaces.picks"
        rows = named(f"{picks}:layers_of")(stack, self.channels or 1, self.axes)
        paths = (path for row in rows for path in named(f"{picks}:paths_of")(self.automaton, row))
        found = (self._walk.position(path) for path in paths)
        return next((position for position in found if position is not None), None)

    @cached_property
    def reason(self) -> str | None:
        """Why the space is empty and what would help, or None where it is not."""
        return None if self.count else shown(self, "reason")

    def relaxed(self, **changes: Any) -> Space:
        """The same space with other limits; None drops one, and marks=None what all marks ask for.

        >>> from solver import Choice, Conv, Space
        >>> space = Space(Choice(Conv, "1..7", padding="0..3"), 8, 8, receptive_field="9..")
        >>> space.count, space.relaxed(receptive_field="5..").count
        (0, 2)
        """
        goals = self.goals
        if "marks" in changes and changes.pop("marks") is None and self.automaton.marks:
            goals = named("solver.spaces.missed:asking")(self, []).goals
        made = self.replaced(goals)
        made.limits = read_limits({**self.limits, **changes}, self.goals, self.rate)
        return made

    @cached_property
    def without(self) -> dict[str, Count]:
        """What each limit, and each mark, costs: how many designs there are without it.

        >>> from solver import Choice, Conv, Space
        >>> layer = Choice(Conv, "1..7", padding="0..3")
        >>> space = Space(layer, 8, "5..8", receptive_field="3..", parameters="..30")
        >>> space.count, space.without
        (6, {'receptive_field': 8, 'parameters': 10})
        """
        found = {name: self.relaxed(**{name: None}).count for name in self.limits}
        for mark in reversed(self.automaton.marks):
            others = [other for other in self.automaton.marks if other != mark]
            found[str(mark)] = named("solver.spaces.missed:asking")(self, others).count
        return found

    def replaced(self, goals: Goals) -> Space:
        """The same space with other goals."""
        made = Space.__new__(Space)
        made.__dict__.update({name: self.__dict__[name] for name in _GIVEN})
        made.goals = goals
        return made

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what can be worked out again, and the progress, which stays where it is."""
        kept = {name: self.__dict__[name] for name in _GIVEN}
        return {**kept, "progress": None}

    def __repr__(self) -> str:
        shown = {"input": self.input, "output": self.output, "where": self.where or None}
        shown |= {"at": self.at, "channels": self.channels, "rate": self.rate}
        shown |= {"axes": None if self.axes == USUAL_AXES else self.axes}
        shown |= {k: plain(v) for k, v in self.limits.items()}
        given = [f"{name}={value!r}" for name, value in shown.items() if value is not None]
        return f"Space({', '.join([repr(self.parts), *given])})"


_GIVEN = (
    *("parts", "axes", "channels", "input", "output", "where", "at", "goals", "limits", "rate"),
    *("alike", "max_states", "progress"),
)
