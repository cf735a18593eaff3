"""A design space as a deterministic automaton: which layers may come next, and what then remains.

Parts are unrolled into places, each with the set of places that may follow it, as the bits of a
number. A state is the set of places that may come next, with the channels there are. If a layer may
stand at several of them, the state after it is the union: so every stack is one path, and counting
paths counts stacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, reduce
from operator import or_
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.layers.layer import Layer
from solver.spaces.choice import Option
from solver.spaces.parts import Either, Leaf, Let, Mirror, Part, Repeat
from solver.spaces.price import Price
from solver.spaces.transition import Transition

#: The bit of the end of a design. Places have the bits above, the first written the highest.
END = 1
MOST_PLACES, MOST_OPTIONS = 10_000, 200_000


class AutomatonState(NamedTuple):
    """Hold what may come next: the layers in order, each with the number of the state after it."""

    accepts: bool
    options: list[Option]
    targets: list[int]
    channels: int | None
    mirrored: bool = False  # the sizes from here on come back in decoders


class Group(NamedTuple):
    """Hold options of one stride and input dilation: transitions, each with its layers.

    kinds: a bundle of each span and price that there is.
    """

    transitions: list[Transition]
    bundles: list[list[Bundle]]
    kinds: list[Bundle]


class Bundle(NamedTuple):
    """Hold options of one transition, span and price: alike in everything but their names."""

    span: int
    price: Price
    options: list[int]


class Automaton:
    """Hold the states of a space, first things first: targets have larger numbers.

    even: kernels of transposed layers are divisible by their strides. placed: layers that pad
    otherwise in front are told apart.

    >>> from solver import MaxPool
    >>> from solver.spaces.parts import optional, part
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
    ) -> None:
        self.axes = axes
        self._even, self._placed = even, placed
        self._fault: SolverError | None = None
        self._groups: dict[int, list[tuple[int, Group]]] = {}
        self._alike: dict[int, list[Group]] = {}
        self._leaves: dict[str, tuple[Leaf, int]] = {}  # each with its places
        self._names: dict[tuple[Any, ...], str] = {}
        self._bound: set[str] = set()  # those whose letters have numbers
        self._shared: dict[tuple[str, int | None, bool], list[Option]] = {}
        self._options = 0
        self._places: list[tuple[str, int]] = [("", 0)]  # the leaf there, and what may follow
        self._after: dict[int, int] = {0: 0}
        start = self._enter(parts, END, {})
        self._order: list[_Key] = []
        self._found: dict[_Key, tuple[list[Option], list[_Key]]] = {}
        self._visit((start, channels, False))
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

    def _enter(self, value: Part, after: int, known: dict[str, int]) -> int:
        """The places at which a part may begin that `after` follows. known: letters' numbers."""
        if isinstance(value, list):
            for one in reversed(value):
                after = self._enter(one, after, known)
            return after
        if isinstance(value, Either):
            starts = [self._enter(one, after, known) for one in reversed(value.parts)]
            return reduce(or_, starts)
        if isinstance(value, Let):
            numbers = sorted(value.numbers(known), reverse=True)
            starts = [self._enter(value.part, after, {**known, value.letter: n}) for n in numbers]
            return reduce(or_, starts, 0)
        if isinstance(value, Repeat):
            starts = []
            for least, most in value.times(known):
                rest = after
                for i in range(most - 1, -1, -1):
                    inner = known if value.optional else {**known, value.index: i}
                    rest = self._enter(value.part, rest, inner) | (after if i >= least else 0)
                starts.append(rest)
            return reduce(or_, starts, 0)
        place = len(self._places)
        if place > MOST_PLACES:
            rule = f"a design space has places for at most {MOST_PLACES:,} layers"
            raise LimitError(rule, right="fewer repetitions")
        name = self._named(value, known)
        if not name:
            return 0
        leaf, places = self._leaves[name]
        self._leaves[name] = leaf, places | 1 << place
        self._places.append((name, after))
        return 1 << place

    def _named(self, value: Leaf, known: dict[str, int]) -> str:
        """The name of a layer with the numbers of its letters, or none where they allow none."""
        given = {letter: known[letter] for letter in value.letters if letter in known}
        key = id(value), *sorted(given.items())
        if key not in self._names:
            name = ""
            try:
                bound = value.bound(given)
                name = repr(bound)
                self._leaves.setdefault(name, (bound, 0))
                self._bound |= {name} if given else set()
            except LimitError:
                raise
            except SolverError as fault:
                self._fault = fault
            self._names[key] = name
        return self._names[key]

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
        places, channels, mirrored = key
        options: list[Option] = []
        follow: list[int] = []
        at: dict[tuple[object, ...], int] = {}
        places &= ~END
        while places:
            name, _ = self._places[places.bit_length() - 1]
            here = places & self._leaves[name][1]
            after = self._behind(here)
            fresh = self._possible(name, channels, mirrored)
            if here == places and not options:
                options, follow = fresh, [after] * len(fresh)
                break
            self._count(len(fresh))
            for option in fresh:
                known = at.setdefault(option.layers, len(options))
                if known == len(options):
                    options.append(option)
                    follow.append(after)
                else:
                    follow[known] |= after
            places ^= here
        targets = [
            (after, option.channels, mirrored or len(option.layers) > 1)
            for after, option in zip(follow, options, strict=True)
        ]
        return options, targets

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
            options = leaf.options(channels, self.axes, keep)
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
        """Tell whether a layer other than a mirrored decoder puts its inputs apart."""
        options = (option for state in self.states for option in state.options)
        return any(option.transition.input_dilation > 1 for option in options)

    @property
    def floors(self) -> bool:
        """Tell whether every size map is one floor of its jump: two sizes decide it for every n."""
        return not (self.transposed or self.mirrored)

    @cached_property
    def start(self) -> Any:
        """The jump at the input, in an arithmetic in which the jumps of the space are exact."""
        if not self.transposed:
            return 1
        from fractions import Fraction  # only here do jumps shrink

        return Fraction(1)

    @cached_property
    def paths(self) -> list[int]:
        """How many ways there are from each state to an end, of any sizes."""
        behind = [0] * len(self.states)
        for state in range(len(self.states) - 1, -1, -1):
            accepts, _, targets, *_ = self.states[state]
            behind[state] = accepts + sum(behind[target] for target in targets)
        return behind

    @cached_property
    def depths(self) -> list[int]:
        """How many layers come before each state, at least."""
        found = [0] * len(self.states)
        seen = {0}
        for state, row in enumerate(self.states):
            for target in row.targets:
                found[target] = (
                    min(found[target], found[state] + 1) if target in seen else (found[state] + 1)
                )
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
        found: dict[tuple[int, int], dict[Transition, dict[tuple[int, Price], list[int]]]] = {}
        for i, option in enumerate(options):
            if (taken is None or taken[i]) and not (self._even and _uneven(option.layers)):
                alike = found.setdefault(option.transition[:2], {})
                bundles = alike.setdefault(option.transition, {})
                price = option.price
                if self._placed:
                    window = option.layers[0].window()
                    price = price._replace(begin=window.begin, hop=window.stride - 1)
                bundles.setdefault((option.span, price), []).append(i)
        made = []
        for alike in found.values():
            rows = [[Bundle(*key, row) for key, row in rows.items()] for rows in alike.values()]
            kinds = {bundle[:2]: bundle for row in rows for bundle in row}
            made.append(Group(list(alike), rows, list(kinds.values())))
        if taken is None:
            self._alike[id(options)] = made
        return made


def _uneven(layers: Sequence[Layer]) -> bool:
    """Tell whether a transposed layer covers its output unevenly: a cause of checkerboards."""
    return any(layer.window().kernel_size % layer.window().input_dilation for layer in layers)


_Key = tuple[int, int | None, bool]


def paths_of(
    automaton: Automaton, layers: Sequence[Layer], state: int = 0
) -> Iterator[tuple[int, ...]]:
    """Yield which option each layer of a stack may be, from a state on."""
    row = automaton.states[state]
    if not layers:
        if row.accepts:
            yield ()
        return
    # a mirrored decoder stands at the end
    ends = layers[:1], (layers[0], layers[-1]) if len(layers) > 1 else None
    for i, option in enumerate(row.options):
        if option.layers == tuple(ends[0]) or option.layers == ends[1]:
            inner = layers[1:] if len(option.layers) == 1 else layers[1:-1]
            for path in paths_of(automaton, inner, row.targets[i]):
                yield i, *path
