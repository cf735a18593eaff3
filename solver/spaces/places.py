"""What stands in parts: their leaves, and their places with what may follow each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any

from solver.errors import LimitError, SolverError
from solver.layers.own_layer import OwnLayer
from solver.spaces.choice import Choice
from solver.spaces.parts import Either, Fixed, Joined, Leaf, Let, Mirror, Part, Repeat
from solver.spaces.per_axis import classes

#: The bit of the end of a design. Places have the bits above, the first written the highest.
END = 1
MOST_PLACES = 10_000


class Unrolled:
    """Hold the places of layers.

    places: the name of what stands there, and what may follow. leaves: by their names, each with
    its places. bound: the names of those whose letters have numbers. fault: of one that has none.
    marks: those among the leaves.
    """

    def __init__(self) -> None:
        self.places: list[tuple[str, int]] = [("", 0)]
        self.leaves: dict[str, tuple[Leaf, int]] = {}
        self.bound: set[str] = set()
        self.fault: SolverError | None = None
        self.marks: list[Any] = []
        self._names: dict[tuple[Any, ...], str] = {}

    def enter(self, value: Part, after: int, known: dict[str, int]) -> int:
        """The places at which a part may begin that `after` follows. known: letters' numbers."""
        if isinstance(value, list):
            for one in reversed(value):
                after = self.enter(one, after, known)
            return after
        if isinstance(value, Either):
            starts = [self.enter(one, after, known) for one in reversed(value.parts)]
            return reduce(or_, starts)
        if isinstance(value, Let):
            numbers = sorted(value.numbers(known), reverse=True)
            starts = [self.enter(value.part, after, {**known, value.letter: n}) for n in numbers]
            return reduce(or_, starts, 0)
        if isinstance(value, Repeat):
            starts = []
            for least, most in value.times(known):
                # where what is left begins, by how many marks are left
                rest = self._marked(value, [after, *(0 for _ in value.through)], known)
                for i in range(most - 1, -1, -1):
                    inner = {**known, value.index: i}
                    rest = [here and self.enter(value.part, here, inner) for here in rest]
                    rest[0] |= after if i >= least else 0
                    rest = self._marked(value, rest, known)
                starts.append(rest[-1])
            return reduce(or_, starts, 0)
        if isinstance(value, Joined) and may_be_empty(value, known):
            return self._place(value, after, known) | after
        return self._place(value, after, known)

    def _marked(self, value: Repeat, rest: list[int], known: dict[str, int]) -> list[int]:
        """Where what is left begins, by how many marks are left, of which some may stand here."""
        for left, here in enumerate(reversed(value.through), 1):
            if rest[left - 1]:
                rest[left] |= self._place(here, rest[left - 1], known)
        return rest

    def _place(self, value: Leaf, after: int, known: dict[str, int]) -> int:
        """A place of its own. Raises SolverError where a part cannot stand there."""
        if isinstance(value, Fixed) and value.says("last") and after != END:
            raise SolverError("a head stands behind all other layers", repr(value))
        place = len(self.places)
        if place > MOST_PLACES:
            rule = f"a design space has places for at most {MOST_PLACES:,} layers"
            raise LimitError(rule, right="fewer repetitions")
        name = self._named(value, known)
        if not name:
            return 0
        leaf, places = self.leaves[name]
        self.leaves[name] = leaf, places | 1 << place
        self.places.append((name, after))
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
                if name not in self.leaves:
                    self.leaves[name] = bound, 0
                    if isinstance(bound, Fixed) and bound.says("marks"):
                        self.marks.append(bound.layer)
                self.bound |= {name} if given else set()
            except LimitError:
                raise
            except SolverError as fault:
                self.fault = fault
            self._names[key] = name
        return self._names[key]


def leaves(value: Part) -> Iterator[Choice | Fixed | Joined]:
    """Yield the layers and choices that a part is made of, and its blocks before what is in them.

    Of a mirror both.
    """
    if isinstance(value, (Choice, Fixed)):
        yield value
    elif isinstance(value, Mirror):
        yield from (value.down, value.up)
    elif isinstance(value, (Repeat, Let)):
        yield from leaves(value.inner if isinstance(value, Repeat) else value.part)
    else:
        if isinstance(value, Joined):
            yield value
        for one in inside(value):
            yield from leaves(one)


def inside(value: list[Any] | Either | Joined) -> Sequence[Part]:
    """The parts that a part holds."""
    if isinstance(value, list):
        return value
    return value.branches if isinstance(value, Joined) else value.parts


def special(value: Part) -> bool:
    """Tell whether there are blocks or operators."""
    return any(
        isinstance(leaf, Joined) or (isinstance(leaf, Fixed) and leaf.operates)
        for leaf in leaves(value)
    )


def any_letters(value: Part) -> bool:
    """Tell whether a part has letters."""
    if isinstance(value, Repeat):
        return value.tied is not None or any_letters(value.inner)
    if isinstance(value, (Choice, Fixed, Mirror)):
        return bool(value.letters)
    return isinstance(value, Let) or any(map(any_letters, inside(value)))


def may_be_empty(value: Part, known: Mapping[str, int] | None = None) -> bool:
    """Tell whether a part may be without layers; a block is where all its branches may be.

    known: the numbers of letters, which may say how often a part is repeated.

    >>> from solver import optional
    >>> from solver.spaces.written_parts import part
    >>> may_be_empty(optional("relu")), may_be_empty(part([optional("relu"), "relu"]))
    (True, False)
    >>> from solver import let, repeat
    >>> [may_be_empty(let(repeat(part("relu"), "q"), q=times)) for times in ("0,2", "1,2")]
    [True, False]
    """
    known = known or {}
    if isinstance(value, Repeat):
        if value.through:
            return False
        for least, _ in value.times(known):
            inner = ({**known, value.index: i} for i in range(least))
            if all(may_be_empty(value.part, each) for each in inner):
                return True
        return False
    if isinstance(value, Let):
        numbers = value.numbers(known)  # all are alike where none says how often
        asked = numbers if _counted_by_letters(value.part) else islice(numbers, 1)
        return any(may_be_empty(value.part, {**known, value.letter: n}) for n in asked)
    if isinstance(value, (Choice, Fixed, Mirror)):
        return False
    known = {**known, **getattr(value, "known", {})}
    return (any if isinstance(value, Either) else all)(
        may_be_empty(x, known) for x in inside(value)
    )


def _counted_by_letters(value: Part) -> bool:
    """Tell whether letters say how often a part in it is repeated."""
    if isinstance(value, (Choice, Fixed, Mirror)):
        return False
    if isinstance(value, (Repeat, Let)):
        return getattr(value, "tied", None) is not None or _counted_by_letters(value.part)
    return any(map(_counted_by_letters, inside(value)))


def mirrors(value: Part) -> bool:
    """Tell whether there is a mirror among parts."""
    if isinstance(value, (Repeat, Let)):
        return mirrors(value.part)
    if isinstance(value, (Choice, Fixed, Mirror)):
        return isinstance(value, Mirror)
    return any(map(mirrors, inside(value)))


def marks(value: Part) -> list[Any]:
    """The marks among parts."""
    found = (leaf for leaf in leaves(value) if isinstance(leaf, Fixed) and leaf.says("marks"))
    return [leaf.layer for leaf in found]


def reads_limited(value: Part) -> bool:
    """Tell whether a mark limits the receptive field."""
    return any("receptive_field" in mark.limits for mark in marks(value))


def channels_named(value: Part) -> int | None:
    """The channels of the input that parts ask for: None where they name no channels.

    As in a stack: in_channels of the first layer that has them, else 1.
    """
    named = False
    for leaf in leaves(value):
        if isinstance(leaf, Joined):
            named |= leaf.join == "concat"
        elif isinstance(leaf, Fixed):
            layer = leaf.layer
            if not isinstance(layer, OwnLayer):
                named |= layer.row.packs or layer.row.weights > 0
                continue
            known = layer.channels[:2]
            if known[0]:
                return int(known[0])
            named |= bool(known[1]) or getattr(layer, "groups", 1) > 1
        else:
            named |= leaf.out_channels is not None or leaf.groups != 1
    return 1 if named else None


def check_axes(value: Part, axes: int) -> tuple[int, ...]:
    """For each axis the first that every layer treats alike: 0 for all where none tells them apart.

    Raises SolverError for a layer that is written for another number of axes.
    """
    single = [leaf for leaf in leaves(value) if not isinstance(leaf, Joined)]
    written = (leaf.layer.axes if isinstance(leaf, Fixed) else leaf.axes for leaf in single)
    found = {each for each in written if each}
    if others := found - {axes}:
        rule = f"the layers must agree on the number of axes, which is {axes}"
        right = f"{axes} values, or axes={min(others)}, --axes {min(others)}"
        raise SolverError(rule, f"a layer with {min(others)}", right)
    if not found:
        return (0,) * axes
    return classes([[leaf.along(axis) for leaf in single] for axis in range(axes)])
