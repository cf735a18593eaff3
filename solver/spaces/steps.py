"""The steps of a search: from a node, the nodes behind each layer that can still reach the goal.

A node is a stage with a jump and what is known there: the size, or where more is asked, all sizes
and the extras: the composed size map, what an output element reads, and the sums that are limited.
Designs that meet in a node have the same future: from there on they are one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any

from solver.errors import LimitError
from solver.ground.shown import named
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.spaces.automaton import Automaton, Bundle
from solver.spaces.budget import Budget
from solver.spaces.goal import ANYTHING, Goals, Interval, Remaining, asked_numbers, meet
from solver.spaces.limits import PLACED, amount, carried_on, sum_of
from solver.spaces.node import Advance, Extras, Node
from solver.spaces.option import Option, passes
from solver.spaces.reach import Reach, inside
from solver.spaces.shapes import Shapes
from solver.spaces.transition import everywhere

if TYPE_CHECKING:
    from solver.spaces.demand import MarkDemands
    from solver.spaces.needs import Needs

#: The elements per channel before and after a layer, and the sizes before it.
Volumes = tuple[int, int, list[int]]
#: What tells layers between two sizes apart: what is read, the sums, what is needed.
Apart = tuple[int | None, tuple[int | None, ...], int | None]

#: Sizes beyond this are looked at for each jump: together they would lie too far apart.
_FAR = 1 << 14
#: Steps in the time that it takes to tell an output apart from others by what it reads.
_STEPS_PER_OUTPUT = 30


class Steps:
    """Make the steps of a search.

    limits: as `goal.read_limits` returns them. summed: the sums to carry in nodes. spanned: carry
    what an output element reads too, needed for receptive fields behind transposed layers.
    mapped: carry the composed size map although no target is for every n. merged: jumps from
    here on are one stage; where limits on jumps are asked for, nodes without a way to the goal are
    met more often then.
    to_go: what the summed sums can still gain, exactly; else it is bounded for each stage. shapes,
    needs: those of all searches in a space; without needs gaps are not looked at. demands: what
    marks ask for, where that is known already.
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
        self.merged = None if far or self.transposed else merged
        self.reach = Reach(
            automaton,
            self.numbers,
            limits.get("sizes", ANYTHING),
            self._jumps,
            self._total,
            self.merged,
            0 if self.transposed else self.gain_limit[0],
            budget,
            self.demands,
        )
        self.start = automaton.start
        self.stages = self.reach.stages
        self.number = {stage: at for at, stage in enumerate(self.stages)}
        self._rows: list[list[Advance] | None] = [None] * len(self.stages)
        self._meets: dict[SizeMap, bool] = {}
        self.shapes = shapes or Shapes()
        self.needs = needs
        words = [name.partition(" ")[0] for name in self.summed]
        self._intervals = [sum_of(name, limits.get(name, ANYTHING)) for name in words]
        if self.transposed and any(name in PLACED for name in words):
            names = ", ".join(dict.fromkeys(name for name in words if name in PLACED))
            rule = "where outputs stand is limited only where no layer is transposed"
            raise LimitError(rule, names, "another limit")
        self._memory = limits.get("memory", ANYTHING)[1]
        if self._memory is not None and automaton.blocks:
            raise LimitError(
                "memory is limited only where there are no blocks", right="activations"
            )
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
    def late(self) -> bool:
        """Tell whether receptive fields are known at the end only."""
        return self.spanned

    @property
    def gain_limit(self) -> Interval:
        """The limit on receptive fields where they are followed as a gain."""
        return ANYTHING if self.spanned else self.limits.get("receptive_field", ANYTHING)

    def _total_strides(self) -> Any:
        """The limit on total strides, with that of the goals."""
        found = self._total
        for every in self.goals.every if self.automaton.floors else ():
            found = meet(found, every.total_stride)
        return found

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
            interval = self.limits.get("receptive_field", ANYTHING)
            if not inside(self.read(extras.span), interval):
                return False
        return self._met(extras.map)

    def _met(self, made: Any) -> bool:
        if not isinstance(made, SizeMap):
            return True
        if made not in self._meets:
            self._meets[made] = all(every.meets(made) for every in self._every)
        return self._meets[made]

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
            yield from self._needing(number, jump, *inner, ended)
            return
        self.reach.spend(len(rows := self.rows(number)) * self._weight(rows, inner))
        if not self.simple:
            sizes, extras = inner
            guarded = ended or self._memory is not None
            for row in rows:
                after = row.transition.after(jump)
                found = self._after(row, sizes) if inside(after, self._jumps) else None
                if found is None or (guarded and not self._holds(number, row, sizes, found, ended)):
                    continue
                if extras is not None:
                    yield from self._extended(number, row, extras, jump, sizes, found)
                elif not row.asks or self._asked(row, found, after):
                    yield (row.target, after, (found, None)), row.bundles
            return
        unlimited = self._jumps == ANYTHING
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
            if (
                behind is not None
                and self._holds(number, row, sizes, behind, ended)
                and self._asked(row, behind, after)
            ):
                for known, bundles in ways:
                    yield (row.target, after, (behind, known)), bundles

    def _inner(self, node: Node) -> bool:
        """Tell whether the sizes at a node keep the limit on sizes that another layer follows."""
        between = self._between or ANYTHING
        pairs = zip(self.sizes(node), self.numbers, strict=True)
        return all(number.probe or inside(size, between) for size, number in pairs)

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

    def _holds(
        self,
        number: int,
        row: Advance,
        before: tuple[int, ...],
        after: tuple[int, ...],
        ended: Any,
    ) -> bool:
        """Tell whether what goes into a layer and what comes out fit into the memory together.

        ended: whether no layer may follow; marks, which hold nothing, always may.
        """
        if row.asks and passes(row.asks):
            return True
        if ended or self._memory is None:
            return not ended
        states = self.automaton.states
        widths = [states[self.stages[at][0]].channels or 1 for at in (number, row.target)]
        held = zip(widths, self.volumes(before, after)[:2], strict=True)
        return bool(sum(width * volume for width, volume in held) <= self._memory)

    def _after(self, row: Advance, sizes: tuple[int, ...]) -> tuple[int, ...] | None:
        transition = row.transition
        found = []
        for n, window in zip(sizes, row.windows, strict=True):
            if n < transition.minimum:
                return None
            size = transition.size(n)
            if size not in window or not transition.returns(n):
                return None
            found.append(size)
        return tuple(found)

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

    def _composed(self, transition: Any, made: Any, jump: Any, lane: int = 0) -> Any:
        """The size map behind a layer, of one before it; None where it must hold and does not."""
        if isinstance(made, int):  # floor((n + made)/jump) goes on
            return made + jump * (transition.net_padding + transition.stride - 1)
        found = transition.size(made)
        if transition.back is not None:
            every = [one for one in self._targets if one.lane == lane]
            if not everywhere(transition.back, made, found, every):
                return None
        return found

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
            exact, stage = self._exact, row.target
            bounds = exact.at(stage, after, made) if exact is not None else self._remaining[stage]
        if bounds is None:
            return {}
        if plain and all(total is None for total in sums):
            self.reach.spend(80 + 40 * len(row.bundles))
            return {(None, sums, None): row.bundles}
        self.reach.spend(80 + 40 * len(row.bundles))
        found: dict[Apart, list[Bundle]] = {}
        volumes = self.volumes(before, after)
        for bundle in row.bundles:
            added = [self.amount(name, bundle, jump, volumes) for name in self.summed]
            carried = carried_on(sums, added, self._intervals, bounds)
            if carried is None:
                continue
            if plain:
                found.setdefault((None, carried, None), []).append(bundle)
                continue
            for key, bundles in self._told_apart(number, row, extras, carried, [bundle]).items():
                found.setdefault(key, []).extend(bundles)
        return found

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

    def _reads(self, option: Option, read: Any, ends: bool) -> Any:
        return self.shapes.behind(option, read, ends)

    def _needed(self, option: Option, need: Any, most: Any) -> Any:
        assert self.needs is not None
        return self.needs.behind(option.layer, need, most, option.axis)

    @cached_property
    def _most_strides(self) -> list[int | None]:
        """The largest total stride behind each stage; None where layers are transposed."""
        found: list[Any] = [None if self.transposed else 1] * len(self.stages)
        for number in () if self.transposed else range(len(self.stages) - 1, -1, -1):
            behind = (row.transition.stride * found[row.target] for row in self.rows(number))
            found[number] = max(behind, default=1)
        return found

    @property
    def _outputs(self) -> int:
        """How many outputs were told apart so far."""
        return self.shapes.work + (self.needs.work if self.needs else 0)

    def volumes(self, before: tuple[int, ...], after: tuple[int, ...]) -> Volumes:
        """The elements per channel before and after a layer where costs are measured."""
        at = self.goals.at
        sizes = [before[i] for i in at]
        return prod(sizes), prod([after[i] for i in at]), sizes

    amount = staticmethod(amount)

    def read(self, read: Any) -> Any:
        """The length of a shape: with several lanes, of each."""
        return self.shapes.length(read)

    def across(self, value: Any) -> int:
        """What is told of an axis; of axes that differ the sum over all `shares`."""
        return int(value)

    def grown(self, before: Any, after: Any) -> int:
        """How much a jump has grown, as `across`."""
        return int(after - before)

    #: How many axes add to what is told across them.
    shares = 1

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
