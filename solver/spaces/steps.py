"""The steps of a search: from a node, the nodes behind each layer that can still reach the goal.

A node is a stage with a jump and what is known there: the size, or where more is asked, all sizes
and the extras: the composed size map, what an output element reads, and the sums that are limited.
Designs that meet in a node have the same future: from there on they are one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from solver.ground.shown import named
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.spaces.automaton import Automaton, Bundle
from solver.spaces.budget import Budget
from solver.spaces.goal import ANYTHING, UNBOUNDED, Goals, Interval, Remaining, asked_numbers
from solver.spaces.limits import PLACED, carried_on, sum_of
from solver.spaces.node import Advance, Extras, Node
from solver.spaces.one_lane import OneLane
from solver.spaces.option import passes
from solver.spaces.reach import Reach, inside
from solver.spaces.shapes import Shapes

if TYPE_CHECKING:
    from solver.spaces.demand import MarkDemands
    from solver.spaces.needs import Needs

#: What tells layers between two sizes apart: what is read, the sums, what is needed.
Apart = tuple[int | None, tuple[int | None, ...], int | None]

#: Sizes beyond this are looked at for each jump: together they would lie too far apart.
_FAR = 1 << 14
#: More than any sum.
_MORE = 2 * UNBOUNDED
#: Steps in the time that it takes to tell an output apart from others by what it reads.
_STEPS_PER_OUTPUT = 30


class Steps(OneLane):
    """Make the steps of a search.

    limits: as `goal.read_limits` returns them. summed: the sums to carry in nodes. spanned: carry
    what an output element reads too, needed for receptive fields behind transposed layers.
    mapped: carry the composed size map although no target is for every n. merged: jumps from
    here on are one stage; where limits on jumps are asked for, nodes without a way to the goal are
    met more often then.
    to_go: what the summed sums can still gain, exactly; else it is bounded for each stage. shapes,
    needs: those of all searches in a space; without needs gaps are not looked at. demands: what
    marks ask for, where that is known already. kept: of the summed those that nodes know to the
    end, for costs.
    """

    def __init__(
        self,
        automaton: Automaton,
        goals: Goals,
        limits: dict[str, Any],
        summed: Sequence[str] = (),
        spanned: bool = False,
        mapped: bool = False,
        merged: int | None = None,
        to_go: Remaining | None = None,
        budget: Budget = Budget(),  # noqa: B008 - immutable
        shapes: Shapes | None = None,
        needs: Needs | None = None,
        demands: MarkDemands | None = None,
        kept: Sequence[str] = (),
    ) -> None:
        self.automaton = automaton
        self.budget = budget
        self.goals = goals
        self.limits = limits
        self.summed = tuple(summed)
        self.spanned = spanned
        self.demands = demands
        if demands is None and automaton.marks:
            made: MarkDemands = named("solver.spaces.demand:MarkDemands")(
                goals, automaton.marks, automaton.floors
            )
            self.demands = made
        lanes = len(automaton.lanes) or 1
        self.numbers = self.demands.numbers if self.demands else asked_numbers(goals, lanes)
        self.transposed = automaton.transposed
        self._jumps = limits.get("jump", ANYTHING)
        self._total = limits.get("total_stride", ANYTHING)
        self._every = () if automaton.floors else goals.every
        #: All targets for every n: those of marks too.
        self._targets = self.demands.every if self.demands else goals.every
        self.mapped = mapped or bool(self._targets and not automaton.floors)
        self._total = self._total_strides()
        self._between = limits.get("sizes")
        far = max((number.input for number in self.numbers), default=0) > _FAR
        self.merged = None if far or self.transposed or spanned else merged
        self.reach = Reach(
            automaton,
            self.numbers,
            limits.get("sizes", ANYTHING),
            self._jumps,
            self._total,
            self.merged,
            0 if self.transposed or spanned else self.gain_limit[0],
            budget,
            self.demands,
        )
        self.start = automaton.start
        self.stages = self.reach.stages
        self.number = {stage: at for at, stage in enumerate(self.stages)}
        self._rows: list[list[Advance] | None] = [None] * len(self.stages)
        self._meets: dict[SizeMap, bool] = {}
        self._well: dict[Any, bool] = {}
        self.shapes = shapes or Shapes()
        self.needs = needs
        words = [name.partition(" ")[0] for name in self.summed]
        self._intervals = [sum_of(name, limits.get(name, ANYTHING)) for name in words]
        self._kept = [name in kept for name in self.summed] if kept else []
        self._held_at = self.summed.index("memory") if "memory" in self.summed else None
        self._memory = limits.get("memory", ANYTHING)[1]
        self._asks = bool(self.mapped or spanned or self.summed or needs)
        self._needs_alone = needs is not None and not (self.mapped or spanned or self.summed)
        self._gapless: dict[Any, list[tuple[Advance, list[tuple[Extras, list[Bundle]]]]]] = {}
        #: One size is all that a node knows, and a step depends on nothing else.
        plain = self._memory is None and not automaton.curved
        plain = plain and (self.demands is None or self._between is None)
        self.simple = len(self.numbers) == 1 and not self._asks and plain
        self._exact = to_go
        self._remaining: list[list[tuple[int, int]]] = []
        if self.summed and to_go is None:
            from solver.spaces.extremes import ranges  # only where sums are limited

            self._remaining = ranges(self)

    @property
    def root(self) -> Node | None:
        """The first node, or None where no design can reach the goal."""
        if not self.stages:
            return None
        sizes = tuple(number.input for number in self.numbers)
        if self.simple:
            return 0, self.start, sizes[0]
        extras = Extras(
            (0 if self.automaton.floors else IDENTITY) if self.mapped else None,
            0 if self.spanned else None,
            tuple(int(name == "receptive_field") for name in self.summed),
            None if self.needs is None else 0,
        )
        return 0, self.start, (sizes, extras if self._asks else None)

    def plain(self, sizes: tuple[int, ...], made: SizeMap | None) -> Any:
        """What these nodes know, of the sizes and the size map of other steps' nodes."""
        if self.simple:
            return sizes[0]
        return sizes, (Extras(made, None, ()) if self.mapped else None)

    def sizes(self, node: Node) -> tuple[int, ...]:
        """The sizes at a node."""
        inner = node[2]
        return (inner,) if self.simple else inner[0]

    def extras(self, node: Node) -> Extras | None:
        """What a node knows beyond its sizes."""
        return None if self.simple else node[2][1]

    def behaviour(self, node: Node, gained: int) -> tuple[Any, ...]:
        """What tells designs that end here from others: reading, jump, channels and map."""
        extras = self.extras(node)
        if extras is not None and extras.span is not None:
            gained = self.read(extras.span)
        channels = self.automaton.states[self.stages[node[0]][0]].channels
        return gained, node[1], channels, extras and extras.map

    def accepts(self, node: Node) -> bool:
        """Tell whether a design may end here."""
        state = self.automaton.states[self.stages[node[0]][0]]
        if not (state.accepts and inside(node[1], self._total)):
            return False
        if self._between is not None and state.mirrored and not self._inner(node):
            return False
        for size, number in zip(self.sizes(node), self.numbers, strict=True):
            if number.output is not None and size not in number.output:
                return False
        extras = self.extras(node)
        if extras is None:
            return True
        for total, interval in zip(extras.sums, self._intervals, strict=True):
            if total is not None and not inside(total, interval):
                return False
        if extras.span is not None:
            if extras.span not in self._well:
                self._well[extras.span] = self._reads_well(extras.span)
            if not self._well[extras.span]:
                return False
        return self._met(extras.map)

    def _reads_well(self, read: Any) -> bool:
        """Tell whether what is read keeps the limits on it, where it is known at the end only."""
        interval = self.limits.get("receptive_field", ANYTHING)
        if not self.spanned or self.automaton.lanes or not self.shapes.whole(read):
            lengths = [self.read(read)]
        else:
            lengths = [number.input for number in self.numbers]
        if not all(inside(length, interval) for length in lengths):
            return False
        placed = [name for name in PLACED if name in self.limits] if self.automaton.late else ()
        return all(
            inside(self.shapes.waits(read)[name], _asked(self.limits[name])) for name in placed
        )

    def _weight(self, rows: Sequence[Any], inner: Any) -> int:
        if not self.simple:
            return len(self.numbers) * (5 if inner[1] is None else 30)
        return 6 if rows and rows[0][0].back is not None else 1  # mirrored: tried both ways

    def expand(self, node: Node) -> Iterator[tuple[Node, list[Bundle]]]:
        """Yield each node one layer on that may still reach the goal, with the layers to it."""
        number, jump, inner = node
        ended = self._between is not None and not self._inner(node)
        ended = ended and not self.automaton.states[self.stages[number][0]].untouched
        if ended and self.demands is None:
            return
        if self._needs_alone:
            sizes, extras = inner
            yield from self._needing(number, jump, sizes, extras, ended)
            return
        self.reach.spend(len(rows := self.rows(number)) * self._weight(rows, inner))
        unlimited = self._jumps == ANYTHING
        if not self.simple:
            sizes, extras = inner
            yield from self._general(number, jump, sizes, extras, ended)
            return
        for step, target, bundles, ((low, bits),), _ in rows:
            # size and after written out: this is the innermost loop
            stride, apart, net, minimum, back = step
            if inner < minimum:
                continue
            size = ((inner - 1) * apart + net) // stride + 1
            if size >= low and bits >> size - low & 1 and (back is None or step.returns(inner)):
                after = jump * stride if apart == 1 else jump / apart
                if unlimited or inside(after, self._jumps):
                    yield (target, after, size), bundles

    def _general(
        self, number: int, jump: Any, sizes: tuple[int, ...], extras: Extras | None, ended: Any
    ) -> Iterator[tuple[Node, list[Bundle]]]:
        """Yield the same where a node knows more than one size."""
        unlimited = self._jumps == ANYTHING
        guarded = ended or self._memory is not None
        for row in self.rows(number):
            after = row.transition.after(jump)
            kept = unlimited or inside(after, self._jumps)
            found = self._after(row, sizes) if kept else None
            fit = row.bundles
            if found and guarded:
                fit = self._fitting(number, row, sizes, found, ended)
            if not found or not fit:
                continue
            row = row if fit is row.bundles else row._replace(bundles=fit)
            if extras is not None:
                yield from self._extended(number, row, extras, jump, sizes, found)
            elif not row.asks or self._asked(row, found, after):
                yield (row.target, after, (found, None)), fit

    def _needing(
        self, number: int, jump: Any, sizes: tuple[int, ...], extras: Extras, ended: Any
    ) -> Iterator[tuple[Node, list[Bundle]]]:
        """Yield the same where sizes and needs are all that is known: no layer with gaps."""
        key = number, extras.need
        if key not in self._gapless:
            found = self._gapless[key] = []
            for row in self.rows(number):
                apart = self._told_apart(number, row, extras, (), row.bundles)
                ways = [(Extras(None, None, (), need), kept) for (*_, need), kept in apart.items()]
                found += [(row, ways)] if ways else []
        self.reach.spend(len(self._gapless[key]) * len(self.numbers) * 5)
        for row, ways in self._gapless[key]:
            after = row.transition.after(jump)
            behind = self._after(row, sizes) if inside(after, self._jumps) else None
            if behind is None or not self._asked(row, behind, after):
                continue
            for known, fit in ways:
                if self._memory is not None or ended:
                    fit = self._fitting(number, row._replace(bundles=fit), sizes, behind, ended)
                if fit:
                    yield (row.target, after, (behind, known)), fit

    def _fitting(
        self,
        number: int,
        row: Advance,
        before: tuple[int, ...],
        after: tuple[int, ...],
        ended: Any,
    ) -> list[Bundle]:
        """The layers of which what goes in and what comes out fit into the memory together.

        ended: whether no layer may follow; marks, which hold nothing, always may.
        """
        if row.asks and passes(row.asks):
            return row.bundles
        if ended or self._memory is None:
            return [] if ended else row.bundles
        held = self.held(number, row.target, before, after)
        fit = [bundle for bundle in row.bundles if held(bundle) <= self._memory]
        return row.bundles if len(fit) == len(row.bundles) else fit

    def held(
        self, number: int, target: int, before: tuple[int, ...], after: tuple[int, ...]
    ) -> Callable[[Bundle], int]:
        """What goes into a layer and what comes out together; of a block the most inside it."""
        states = self.automaton.states
        widths = [states[self.stages[at][0]].channels or 1 for at in (number, target)]
        *volumes, sizes = self.volumes(before, after)
        plain = sum(width * volume for width, volume in zip(widths, volumes, strict=True))
        return lambda bundle: bundle.price.memory(sizes) if bundle.price.held else plain

    def _asked(
        self,
        row: Advance,
        sizes: tuple[int, ...],
        jump: Any,
        made: Any = None,
        read: Any = None,
    ) -> bool:
        """Tell whether behind a layer marks are met, or missed, as it is asked."""
        if not row.asks or self.demands is None:
            return True
        length = None if read is None else self.read(read)
        return self.demands.hold(row.asks, sizes, jump, made, length)

    def _extended(
        self,
        number: int,
        row: Advance,
        extras: Extras,
        jump: Any,
        before: tuple[int, ...],
        after: tuple[int, ...],
    ) -> Iterator[tuple[Node, list[Bundle]]]:
        """Yield the steps that share a size, by what they add to the extras."""
        made = extras.map
        if made is not None:
            made = self._composed(row.transition, made, jump)
            if made is None:
                return
        target, reached = row.target, row.transition.after(jump)
        apart = self._summed_up(number, row, extras, jump, before, after, made)
        for (read, sums, need), bundles in apart.items():
            if not row.asks or self._asked(row, after, reached, made, read):
                yield (target, reached, (after, Extras(made, read, sums, need))), bundles

    def _summed_up(
        self,
        number: int,
        row: Advance,
        extras: Extras,
        jump: Any,
        before: tuple[int, ...],
        after: tuple[int, ...],
        made: SizeMap | int | None,
    ) -> Mapping[Apart, list[Bundle]]:
        """Group layers by what they read and need, and by the sums behind them."""
        sums, plain = extras.sums, extras.span is None is extras.need
        bounds: Sequence[tuple[int, int]] | None = ()
        if self.summed:  # what each still gains from here on, None where there is no way
            bounds = self.to_go(row.target, after, made)
        if bounds is None:
            return {}
        if self._kept:  # never so little that nobody need know
            rows = zip(self._kept, bounds, strict=True)
            bounds = [(x, _MORE if kept else y) for kept, (x, y) in rows]
        if plain and all(total is None for total in sums):
            self.reach.spend(80 + 40 * len(row.bundles))
            return {(None, sums, None): row.bundles}
        self.reach.spend(80 + 40 * len(row.bundles))
        found: dict[Apart, list[Bundle]] = {}
        volumes = self.volumes(before, after)
        for bundle in row.bundles:
            added = [self.amount(name, bundle, jump, volumes) for name in self.summed]
            if (at := self._held_at) is not None:
                held = self.held(number, row.target, before, after)(bundle)
                added[at] = max(held - (sums[at] or 0), 0)
            carried = carried_on(sums, added, self._intervals, bounds)
            if carried is None:
                continue
            if plain:
                found.setdefault((None, carried, None), []).append(bundle)
                continue
            for key, bundles in self._told_apart(number, row, extras, carried, [bundle]).items():
                found.setdefault(key, []).extend(bundles)
        return found

    def to_go(
        self, number: int, sizes: tuple[int, ...], made: Any
    ) -> Sequence[tuple[int, int]] | None:
        """What each sum still gains behind a node, None where there is no way."""
        if self._exact is not None:
            return self._exact.at(number, sizes, made)
        return self._remaining[number]

    def paid(self, node: Node, name: str, at_least: bool | None) -> int:
        """What a sum that nodes know has come to at one, at least 0.

        at_least: what it comes to in the end, at least or at most.
        """
        sizes, extras = node[2]
        at = self.summed.index(name)
        total: int = extras.sums[at]
        if at_least is not None and name != "memory":
            least, most = (self.to_go(node[0], sizes, extras.map) or [(0, 0)] * (at + 1))[at]
            total += least if at_least else most
        return max(total, 0)

    def _told_apart(
        self,
        number: int,
        row: Advance,
        extras: Extras,
        sums: tuple[int | None, ...],
        bundles: Sequence[Bundle],
    ) -> dict[Apart, list[Bundle]]:
        """Group layers by what their outputs read of the input, and by what is needed of them."""
        before = self._outputs
        found: dict[Apart, list[Bundle]] = {}
        behind = self.stages[row.target][0]
        ends = not self.automaton.states[behind].options
        most = self._most_strides[row.target] if self.needs else None
        options = self.automaton.states[self.stages[number][0]].options
        for bundle in bundles:
            alike: dict[Apart, list[int]] = {}
            for i in bundle.options:
                read, need = extras.span, extras.need
                if read is not None:
                    read = self._reads(options[i], read, ends)
                if need is not None:
                    need = self._needed(options[i], need, most)
                    if need is None:
                        continue
                alike.setdefault((read, sums, need), []).append(i)
            for key, kept in alike.items():
                many = self.automaton.many(options, kept)
                found.setdefault(key, []).append(bundle._replace(options=kept, many=many))
            self.reach.spend(10 * len(bundle.options))
        self.reach.spend(_STEPS_PER_OUTPUT * (self._outputs - before))
        return found

    def rows(self, number: int) -> list[Advance]:
        """The moves of a stage with all that a step needs to know."""
        rows = self._rows[number]
        if rows is None:
            rows = self._rows[number] = [
                Advance(transition, self.number[to], bundles, windows, group.asks)
                for group, to in self.reach.moves[self.stages[number]]
                for windows in [self.reach.behind(group, to)]
                for transition, bundles in zip(group.transitions, group.bundles, strict=True)
            ]
        return rows


def _asked(limit: Interval | bool) -> Interval:
    """A limit on where outputs stand as an interval: of what is true, 1."""
    return (1, 1) if limit is True else limit
