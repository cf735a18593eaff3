"""A design space as a deterministic automaton: which layers may come next, and what then remains.

Parts are unrolled into places, each with the set of places that may follow it, as the bits of a
number. A state is the set of places that may come next, with the channels there are. If a layer may
stand at several of them, the state after it is the union: so every stack is one path, and counting
paths counts stacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from solver.errors import LimitError, SolverError
from solver.layers.layer import Layer
from solver.layers.stack import Stack
from solver.sizes.sizeset import EVERY, SizeSet
from solver.spaces.option import Option, Placed, Price, passes, placed
from solver.spaces.parts import Joined, Mirror, Part
from solver.spaces.places import END, Unrolled
from solver.spaces.states import AutomatonState, Bundle, Group, Pick
from solver.spaces.transition import Transition, Within, uneven

if TYPE_CHECKING:
    from solver.spaces.passing import Passing

MOST_OPTIONS = 200_000


class Automaton:
    """Hold the states of a space, first things first: targets have larger numbers.

    even: kernels of transposed layers are divisible by their strides. placed: layers that pad
    otherwise in front are told apart. alike: for each axis the first that is treated alike, where
    not all are; lanes are these. begins: whether the input itself meets a mark. sizes: works
    out those of the input that are asked about, where blocks do so much that what they do at no
    size that comes to them is left out.

    >>> from solver import MaxPool
    >>> from solver.spaces.written_parts import optional, part
    >>> two = Automaton(part([optional(MaxPool(2)), optional(MaxPool(2))]))
    >>> [(state.accepts, state.targets) for state in two.states]  # none, one or two; not one twice
    [(True, [1]), (True, [2]), (True, [])]
    """

    def __repr__(self) -> str:
        return f"<Automaton of {len(self.states)} states>"

    def __init__(
        self,
        parts: Part,
        channels: int | None = None,
        axes: int = 2,
        even: bool = False,
        placed: bool = False,
        asked: frozenset[str] = frozenset(),
        prefer: Any = None,
        known: Mapping[str, int] | None = None,
        alike: tuple[int, ...] = (),
        begins: Callable[[Any], bool] | None = None,
        sizes: Callable[[], SizeSet] = lambda: EVERY,
    ) -> None:
        self.axes, self.alike = axes, alike
        self.lanes = tuple(sorted(set(alike)))
        self._made_of = parts, channels, known, begins, sizes
        self._even, self._placed = even, placed
        self._asked, self._prefer = asked, prefer
        self._groups: dict[int, list[tuple[int, Group]]] = {}
        self._alike: dict[int, list[Group]] = {}
        self._shared: dict[tuple[str, int | None, bool], list[Option]] = {}
        self._options = 0
        self._after: dict[int, int] = {0: 0}
        unrolled = Unrolled()
        start = unrolled.enter(parts, END, dict(known or {}))
        self._fault = unrolled.fault
        self._places, self._leaves, self._bound = unrolled.places, unrolled.leaves, unrolled.bound
        self.marks = unrolled.marks
        self._passing: Passing | None = None
        if not all(mark.kept for mark in self.marks):
            from solver.spaces.passing import Passing  # few ask for sizes on the way

            self._passing = Passing(unrolled, begins)
            start = self._passing.first(start)
        self._order: list[_Key] = []
        self._found: dict[_Key, tuple[list[Option], list[_Key]]] = {}
        self._visit((start, channels, False, True))
        number = {key: len(self._order) - 1 - i for i, key in enumerate(self._order)}
        self.states: list[AutomatonState] = []
        for key in self._order:
            options, targets = self._found[key]
            accepts = bool(key[0] & END)
            row = AutomatonState(accepts, options, [number[t] for t in targets], *key[1:])
            self.states.append(row)
        self.states.reverse()
        if self._fault is not None and not any(state.accepts for state in self.states):
            raise self._fault

    def _visit(self, start: _Key) -> None:
        """Collect the states behind one in an order in which targets come first."""
        stack = [(start, False)]
        while stack:
            key, done = stack.pop()
            if done:
                self._order.append(key)
            elif key not in self._found:
                self._found[key] = self._next(key)
                stack.append((key, True))
                stack += [(target, False) for target in dict.fromkeys(self._found[key][1])]

    def _next(self, key: _Key) -> tuple[list[Option], list[_Key]]:
        places, channels, mirrored, untouched = key
        options: list[Option] = []
        follow: list[int] = []
        several: list[list[Placed]] = []
        places &= ~END
        while places:
            name, _ = self._places[places.bit_length() - 1]
            here = places & self._leaves[name][1]
            after = self._behind(here)
            fresh = self._possible(name, channels, mirrored)
            if here == places and not several:
                options, follow = fresh, [after] * len(fresh)
                break
            self._count(len(fresh))
            several.append([(option, after) for option in fresh])
            places ^= here
        if several:
            from solver.spaces.alike import plainly  # only where layers of several parts may stand

            at: dict[object, int] = {}
            for option, after in self._together(several):
                one, *rest = option.layers or (id(option),)
                known = at.setdefault((plainly(one, channels), *rest), len(options))
                if known == len(options):
                    options.append(option)
                    follow.append(after)
                else:
                    follow[known] |= after
        if self._passing is not None:
            options, follow = self._passing.told_apart(options, follow)
            self._count(len(options))
        targets = [
            (
                after,
                each.channels,
                mirrored or len(each.layers) > 1,
                untouched and passes(each.asks),
            )
            for after, each in zip(follow, options, strict=True)
        ]
        return options, targets

    def _together(self, several: list[list[Placed]]) -> Iterable[Placed]:
        """The options of several parts at one place, blocks that two share one by one."""
        if any(option.members for rows in several for option, _ in rows):
            from solver.spaces.overlap import apart

            return apart(several)
        return chain(*several)

    def _behind(self, places: int) -> int:
        """The places that may follow one of several: those of the last, and of the others."""
        fresh = []
        while places not in self._after:
            fresh.append(places)
            places ^= 1 << places.bit_length() - 1
        after = self._after[places]
        for places in reversed(fresh):
            after |= self._places[places.bit_length() - 1][1]
            self._after[places] = after
        return after

    def _possible(self, name: str, channels: int | None, mirrored: bool) -> list[Option]:
        """The options at a place; none where no layer there can take the channels."""
        key = name, channels, mirrored
        if key in self._shared:
            return self._shared[key]
        leaf, _ = self._leaves[name]
        keep = mirrored and not isinstance(leaf, Mirror)
        try:
            if isinstance(leaf, Joined):
                come = partial(self._coming, name, channels)
                options = self._edges(leaf, channels, keep, come)
            else:
                options = leaf.options(channels, self.axes, keep, self.lanes)
        except LimitError:
            raise
        except SolverError as fault:
            if channels is None and name not in self._bound:
                raise
            self._fault = fault
            return []
        if keep and any(option.channels != channels for option in options):
            options = [option for option in options if option.channels == channels]
        self._shared[key] = options
        self._count(len(options))
        return options

    @cached_property
    def _before(self) -> dict[tuple[str, int | None], SizeSet]:
        """The sizes that may come to the blocks of a name, for so many channels."""
        parts, channels, known, begins, come = self._made_of
        if not self._asked or self.lanes or (sizes := come()) == EVERY:
            return {}
        from solver.spaces.arrivals import arriving

        bare = Automaton(parts, channels, self.axes, self._even, known=known, begins=begins)
        found: dict[tuple[str, int | None], SizeSet] = {}
        for (places, wide, *_), here in zip(
            reversed(bare._order), arriving(bare.states, sizes), strict=True
        ):
            for name, (leaf, at) in bare._leaves.items():
                if isinstance(leaf, Joined) and at & places:
                    found[name, wide] = found.get((name, wide), here) | here
        return found

    def _coming(self, name: str, channels: int | None) -> SizeSet:
        """The sizes that may come to a block."""
        return self._before.get((name, channels), EVERY)

    def _edges(
        self, block: Joined, channels: int | None, keep: bool, sizes: Callable[[], SizeSet]
    ) -> list[Option]:
        """The options that a block is."""
        from solver.spaces.relation import BlockQuestion, edges

        def inner(branch: Part, wide: int | None) -> Automaton:
            same = self.axes, self._even, False, self._asked, self._prefer
            return Automaton(branch, wide, *same, block.known, self.alike, sizes=sizes)

        asked = self.axes, self._even, self._asked, self._prefer
        question = BlockQuestion(*asked, inner, self.alike, sizes)
        return edges(block, channels, keep, question)

    def _count(self, options: int) -> None:
        """Count options that are made or compared. Raises LimitError where they are too many."""
        self._options += options
        if self._options > MOST_OPTIONS:
            rule = f"a design space has at most {MOST_OPTIONS:,} combinations in all its layers"
            raise LimitError(rule, right="smaller ranges, or fewer layers that differ")

    @cached_property
    def mirrored(self) -> bool:
        """Tell whether there are mirrored decoders."""
        return any(state.mirrored for state in self.states)

    @cached_property
    def transposed(self) -> bool:
        """Tell whether a layer other than a mirrored decoder, or in a block, puts inputs apart."""
        options = [option for state in self.states for option in state.options]
        apart = any(option.transition.input_dilation > 1 for option in options)
        return apart or (self.blocks and any(option.phased for option in options))

    @cached_property
    def late(self) -> bool:
        """Tell whether what is read is known at the end of a design only, and is no sum."""
        options = (option for state in self.states for option in state.options)
        return self.transposed or any(option.whole for option in options)

    @cached_property
    def blocks(self) -> bool:
        """Tell whether there are blocks."""
        return any(isinstance(leaf, Joined) for leaf, _ in self._leaves.values())

    @cached_property
    def within(self) -> bool:
        """Tell whether a block takes only some sizes, or is no window: sizes are looked at then."""
        options = (option for state in self.states for option in state.options)
        return self.blocks and any(isinstance(one.transition.back, Within) for one in options)

    @cached_property
    def curved(self) -> bool:
        """Tell whether a block is no window."""
        options = (option for state in self.states for option in state.options)
        return self.within and any(one.transition.curve is not None for one in options)

    @property
    def floors(self) -> bool:
        """Tell whether every size map is one floor of its jump: two sizes decide it for every n."""
        return not (self.transposed or self.mirrored or self.within)

    def many(self, options: Sequence[Option], numbers: Sequence[int]) -> int:
        """How many designs options stand for."""
        return sum([options[i].many for i in numbers]) if self.blocks else len(numbers)

    @cached_property
    def start(self) -> Any:
        """The jump at the input, in an arithmetic in which the jumps of the space are exact.

        Where axes differ, of each lane.
        """
        one: Any = 1
        if self.transposed:
            from fractions import Fraction  # only here do jumps shrink

            one = Fraction(1)
        return (one,) * len(self.lanes) if self.lanes else one

    @cached_property
    def paths(self) -> list[int]:
        """How many ways there are from each state to an end, of any sizes."""
        behind = [0] * len(self.states)
        for state in range(len(self.states) - 1, -1, -1):
            accepts, options, targets, *_ = self.states[state]
            ways = [behind[target] for target in targets]
            if self.blocks:
                ways = [option.many * way for option, way in zip(options, ways, strict=True)]
            behind[state] = accepts + sum(ways)
        return behind

    @cached_property
    def depths(self) -> list[int]:
        """How many layers come before each state, at least."""
        found = [0] * len(self.states)
        seen = {0}
        for state, row in enumerate(self.states):
            for option, target in zip(row.options, row.targets, strict=True):
                here = found[state] + (not passes(option.asks))
                found[target] = min(found[target], here) if target in seen else here
                seen.add(target)
        return found

    def ways(self, state: int) -> int:
        """How many different numbers of layers may come before a state, at most two."""
        longest = [0] * len(self.states)
        for at, row in enumerate(self.states):
            for target in row.targets:
                longest[target] = max(longest[target], longest[at] + 1)
        return 1 + (longest[state] != self.depths[state])

    def groups(self, state: int) -> list[tuple[int, Group]]:
        """The groups of a state, each with the number of the state behind it."""
        if state not in self._groups:
            options, targets = self.states[state].options, self.states[state].targets
            several = len(set(targets)) > 1
            self._groups[state] = [
                (target, group)
                for target in dict.fromkeys(targets)
                for group in self._grouped(
                    options, [t == target for t in targets] if several else None
                )
            ]
        return self._groups[state]

    def _grouped(self, options: list[Option], taken: list[bool] | None) -> list[Group]:
        """Group options, or those taken, by what they do; a list of all is grouped once."""
        if taken is None and id(options) in self._alike:
            return self._alike[id(options)]
        found: dict[object, dict[Transition, dict[tuple[int, Price], list[int]]]] = {}
        for i, option in enumerate(options):
            if (taken is None or taken[i]) and not (self._even and uneven(option.layers)):
                acts = _acts(option.transition)
                acts = (acts, option.asks) if option.asks else acts
                alike = found.setdefault(acts, {})
                bundles = alike.setdefault(option.transition, {})
                price = option.price
                if self._placed:
                    price = placed(option)
                bundles.setdefault((option.span, price), []).append(i)
        made = []
        for alike in found.values():
            rows = [
                [Bundle(*key, row, self.many(options, row)) for key, row in rows.items()]
                for rows in alike.values()
            ]
            kinds = {bundle[:2]: bundle for row in rows for bundle in row}
            asks = options[rows[0][0].options[0]].asks
            made.append(Group(list(alike), rows, list(kinds.values()), asks))
        if taken is None:
            self._alike[id(options)] = made
        return made


_Key = tuple[int, int | None, bool, bool]


def _acts(transition: Transition) -> object:
    """What transitions share that are taken through many sizes at once."""
    if lanes := getattr(transition, "lanes", ()):
        return tuple(map(_acts, lanes))
    return transition if isinstance(transition.back, Within) else transition[:2]


def design(automaton: Automaton, path: Sequence[Pick], channels: int) -> Stack:
    """The design that takes these options, one per place; channels: of the input."""
    state, layers, decoders = automaton.states[0], [], []
    for pick in path:
        number, member = pick if isinstance(pick, tuple) else (pick, 0)
        layer, *decoder = state.options[number].member(member)
        layers.append(layer)
        decoders += decoder
        state = automaton.states[state.targets[number]]
    found = [*layers, *reversed(decoders)]
    if all(isinstance(layer, Layer) for layer in found):
        return Stack.unchecked(found, automaton.axes, channels)
    from solver.layers.branching import Branched  # few spaces have blocks

    return Branched.unchecked(found, automaton.axes, channels)
