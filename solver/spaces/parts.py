"""The parts a design space is made of, and how they combine.

A part is a layer, a `Choice` of layers, a list of parts in order, `either` of several parts,
`optional`, `repeat`, `let` that chooses letters, or a `mirror` of an encoder layer and the decoder
layer that undoes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from solver.errors import LimitError, SolverError
from solver.ground.value import Value
from solver.layers.own_layer import OwnLayer
from solver.sizes.domain import Domain
from solver.spaces.choice import MOST_OPTIONS, Choice
from solver.spaces.option import Option, option, price
from solver.spaces.transition import KEEP

if TYPE_CHECKING:
    from solver.layers.marking import Mark
    from solver.layers.operators import Operator

MOST_COPIES = 1000
#: Parts in parts in parts.
DEEPEST = 50
#: The letter that is the number of the innermost repetition, unless another is given.
INDEX = "i"


class Fixed(Value):
    """Hold one layer with all its numbers, as a choice of one."""

    def __init__(self, layer: OwnLayer | Operator | Mark) -> None:
        self.layer: Any = layer

    def made_of(self) -> tuple[Any, ...]:
        return (self.layer,)

    def says(self, name: str) -> bool:
        """Tell whether it is an operator of which something is said."""
        return bool(getattr(self.layer.row, name, False))

    @property
    def operates(self) -> bool:
        """Tell whether it is an operator: no layer, and no mark."""
        return not (isinstance(self.layer, OwnLayer) or self.says("marks"))

    def along(self, axis: int) -> Any:
        """What tells one axis from others."""
        axes = self.layer.axes
        return self.layer.numbers(axis) if axes and axis < axes else None

    def options(
        self,
        channels: int | None = None,
        axes: int = 2,
        keep: bool = False,
        lanes: Sequence[int] = (),
    ) -> list[Option]:
        """The one layer."""
        if self.layer.letters:
            rule = f"the letter {self.layer.letters[0]} has no numbers to choose from"
            right = f'let(part, {self.layer.letters[0]}="3,5")'
            raise SolverError(rule, repr(self.layer), right)
        return [option(self.layer, channels, axes, KEEP if keep else None, lanes)]

    @cached_property
    def letters(self) -> frozenset[str]:
        """The letters that its layer depends on."""
        return frozenset(self.layer.letters)

    def bound(self, values: Mapping[str, int]) -> Fixed:
        """The layer with numbers in the place of letters."""
        given = {letter: values[letter] for letter in self.letters if letter in values}
        return Fixed(self.layer.at(**given)) if given else self

    def __repr__(self) -> str:
        return repr(getattr(self.layer, "text", self.layer))


class Mirror(Value):
    """Hold an encoder layer and the decoder layer that brings its input size back.

    The decoders stand behind everything else, the first one last.
    """

    def __init__(self, down: Choice | Fixed, up: Choice | Fixed) -> None:
        self.down, self.up = down, up

    def made_of(self) -> tuple[Any, ...]:
        return self.down, self.up

    @cached_property
    def letters(self) -> frozenset[str]:
        """The letters that its layers depend on."""
        return self.down.letters | self.up.letters

    def bound(self, values: Mapping[str, int]) -> Mirror:
        """The pair with numbers in the place of letters."""
        return Mirror(self.down.bound(values), self.up.bound(values))

    def options(
        self,
        channels: int | None = None,
        axes: int = 2,
        keep: bool = False,
        lanes: Sequence[int] = (),
    ) -> list[Option]:
        """The pairs of layers that can undo each other at some size."""
        found: list[Option] = []
        # by channels, then by strides
        ups: dict[int | None, dict[tuple[int, ...], list[Option]]] = {}
        for down in self.down.options(channels, axes, lanes=lanes):
            one = down.transition
            if down.channels not in ups:
                rows = ups[down.channels] = {}
                for up in self.up.options(down.channels, axes, lanes=lanes):
                    if up.layers[0].operation.transposed:
                        apart = tuple(x.transition.input_dilation for x in up.lanes or (up,))
                        rows.setdefault(apart, []).append(up)
            strides = tuple(x.transition.stride for x in down.lanes or (down,))
            goes_up = down.layers[0].operation.transposed
            for up in () if goes_up else ups[down.channels].get(strides, ()):
                two = up.transition
                if len(found) >= MOST_OPTIONS:
                    rule = f"a mirror has at most {MOST_OPTIONS:,} pairs of layers"
                    raise LimitError(rule, right="smaller ranges")
                if channels is not None and up.channels != channels:
                    wide = {"in_channels": down.channels, "out_channels": channels}
                    up = option(up.layers[0].changed(**wide), down.channels, axes, None, lanes)
                cost = down.price + price(up.layers[0], down.channels or 1, axes, turned=True)
                both = one.behind(two) if down.lanes else one._replace(back=two)
                found.append(
                    down._replace(layers=down.layers + up.layers, transition=both, price=cost)
                )
        if not found:
            rule = "a mirrored decoder is transposed and has its encoder's stride"
            raise SolverError(rule, received=f"{self.down} and {self.up}")
        return found

    def __repr__(self) -> str:
        return f"mirror({self.down!r}, {self.up!r})"


class Joined(Value):
    """Hold branches that take the same input and meet; shortcut: the one there is has a second.

    That is the input, or where the branch changes the shape a projection of 1x1 with its stride;
    project: what stands behind the 1x1, if it is a word; False for nothing there. crop: the first
    is cropped to the last. known: numbers of letters.
    """

    def __init__(
        self,
        join: str,
        branches: Sequence[Part],
        shortcut: bool = False,
        project: bool | str = True,
        crop: bool = False,
        known: Mapping[str, int] | None = None,
    ) -> None:
        self.join, self.branches, self.known = join, tuple(branches), dict(known or {})
        self.depth = depth_of(list(branches))
        self.shortcut, self.project, self.crop = shortcut, project, crop

    def made_of(self) -> tuple[Any, ...]:
        return *(self.join, self.branches, self.shortcut, self.project, self.crop), self.known

    @cached_property
    def letters(self) -> frozenset[str]:
        """The letters that its branches depend on, unless they choose them."""
        return letters(list(self.branches))

    def bound(self, values: Mapping[str, int]) -> Joined:
        """The block with numbers for letters that are used inside."""
        how = self.shortcut, self.project, self.crop
        return Joined(self.join, self.branches, *how, {**self.known, **values})

    def __repr__(self) -> str:
        known = "".join(f", {letter}={number}" for letter, number in sorted(self.known.items()))
        return f"let({self._said()}{known})" if known else self._said()

    def _said(self) -> str:
        if self.shortcut:
            more = "" if self.project is True else f", project={self.project!r}"
            return f"residual({_inside(self.branches[0])}{more})"
        if self.branches[0] == []:
            more = ", join='add'" if self.join == "add" else ""
            more += ", fit='crop'" if self.crop else ""
            return f"skip({_inside(self.branches[1])}{more})"
        more = ", join='concat'" * (self.join == "concat")
        return f"parallel({', '.join(map(repr, self.branches))}{more})"


class Either(Value):
    """Hold parts of which a design has one."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts, self.depth = parts, depth_of(list(parts))

    def made_of(self) -> tuple[Any, ...]:
        return (self.parts,)

    @property
    def letters(self) -> frozenset[str]:
        """The letters that its parts depend on."""
        return letters(list(self.parts))

    def __repr__(self) -> str:
        return f"either({', '.join(map(repr, self.parts))})"


class Repeat(Value):
    """Hold a part that comes several times, each time as it likes.

    index: the letter that is 0, 1, 2, ... in the repetitions; none where a part is optional, in
    which letters are those further out. tied: how often, where letters further out say it; least
    and most are not asked. through: marks that stand in this order between repetitions.
    """

    def __init__(
        self,
        part: Part,
        least: int,
        most: int,
        index: str = INDEX,
        tied: Any = None,
        through: Sequence[Fixed] = (),
    ) -> None:
        self.part, self.least, self.most, self.index = part, least, most, index
        self.tied, self.through, self.depth = tied, tuple(through), depth_of([part])

    def made_of(self) -> tuple[Any, ...]:
        return self.part, self.least, self.most, self.index, self.tied, self.through

    @property
    def letters(self) -> frozenset[str]:
        """The letters that it depends on, but for its own."""
        return letters(self.inner) - {self.index} | getattr(self.tied, "names", frozenset())

    @property
    def inner(self) -> Part:
        """The part, with the marks that stand between its repetitions."""
        return [self.part, *self.through] if self.through else self.part

    @property
    def optional(self) -> bool:
        """Tell whether the part is taken or left out."""
        return not self.index

    def times(self, known: Mapping[str, int]) -> list[tuple[int, int]]:
        """How often it comes, from least to most, where letters have these numbers."""
        if self.tied is None:
            return [(self.least, self.most)]
        found = sorted({*self.tied.numbers(known, 0)}, reverse=True)
        return [checked_times(Domain.of(count)) for count in found]

    def __repr__(self) -> str:
        if self.optional:
            return f"optional({self.part!r})"
        index = f", index={self.index!r}" if self.index != INDEX else ""
        index += f", through={list(self.through)!r}" if self.through else ""
        if self.tied is not None:
            return f"repeat({self.part!r}, {str(self.tied)!r}{index})"
        if self.least == self.most:
            return f"repeat({self.part!r}, {self.least}{index})"
        return f"repeat({self.part!r}, '{self.least}..{self.most}'{index})"


class Let(Value):
    """Hold a part in which a letter is each of some numbers: what `either` of all of them is.

    values: the numbers, or what other letters make of them.
    """

    def __init__(self, part: Part, letter: str, values: Any) -> None:
        self.part, self.letter, self.values = part, letter, values
        self.depth = depth_of([part])

    def made_of(self) -> tuple[Any, ...]:
        return self.part, self.letter, self.values

    @property
    def letters(self) -> frozenset[str]:
        """The letters that it depends on, but for its own."""
        return letters(self.part) - {self.letter} | getattr(self.values, "names", frozenset())

    def numbers(self, known: Mapping[str, int]) -> Iterator[int]:
        """The numbers, where other letters have some."""
        tied = not isinstance(self.values, Domain)
        return iter(self.values.numbers(known, 0) if tied else self.values)

    def __repr__(self) -> str:
        return f"let({self.part!r}, {self.letter}={str(self.values)!r})"


Leaf = Choice | Fixed | Mirror | Joined
Part = Leaf | Either | Repeat | Let | list[Any]


def depth_of(parts: Part) -> int:
    """How deep parts stand in parts. Raises LimitError where that is too deep."""
    inner = parts if isinstance(parts, list) else []
    found = max(map(depth_of, inner), default=0) + 1 if inner else getattr(parts, "depth", 0)
    check_depth(found)
    return int(found)


def check_depth(depth: int) -> None:
    """Raise LimitError for parts that are nested deeper than is followed."""
    if depth > DEEPEST:
        raise LimitError(f"parts are nested at most {DEEPEST} deep")


class Called(list[Any]):
    """Hold parts in order that a call makes, and show the call."""

    def __init__(self, call: str, parts: Sequence[Part]) -> None:
        super().__init__(parts)
        self._call = call

    def __repr__(self) -> str:
        return self._call


def letters(value: Part) -> frozenset[str]:
    """The letters that a part takes its numbers from, which are chosen further out."""
    if not isinstance(value, list):
        return value.letters
    return frozenset().union(*map(letters, value))


def checked_times(domain: Domain) -> tuple[int, int]:
    """The least and the most that a part comes. Raises SolverError."""
    if len(domain.ranges) > 1 or domain.last > MOST_COPIES:
        right = f"for example 3, or 3..8; at most {MOST_COPIES:,}"
        raise SolverError("repeat takes a number or one interval", str(domain), right)
    return domain.first, domain.last


def _inside(body: Part) -> str:
    """The parts of a body as the arguments that they were."""
    return ", ".join(map(repr, body)) if type(body) is list else repr(body)
