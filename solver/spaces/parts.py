"""The parts a design space is made of, and how they combine.

A part is a layer, a `Choice` of layers, a list of parts in order, `either` of several parts,
`optional`, `repeat`, `let` that chooses letters, or a `mirror` of an encoder layer and the decoder
layer that undoes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from solver.errors import LimitError, SolverError, shorten
from solver.ground.value import Value
from solver.layers.own_layer import OwnLayer
from solver.sizes.domain import Domain
from solver.sizes.expression import Expression, constant
from solver.spaces.choice import MOST_OPTIONS, Choice
from solver.spaces.hyperparameters import tie
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
_INTERVAL = re.compile(r"[0-9.,\s]*")


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
        self.depth = _depth(list(branches))
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
        self.parts, self.depth = parts, _depth(list(parts))

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
        self.tied, self.through, self.depth = tied, tuple(through), _depth([part])

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
        return [_checked_times(Domain.of(count)) for count in found]

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
        self.depth = _depth([part])

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

_OPEN = (Choice, Fixed, Mirror, Joined, Either, Repeat, Let)


def _depth(parts: Part) -> int:
    """How deep parts stand in parts. Raises LimitError where that is too deep."""
    inner = parts if isinstance(parts, list) else []
    found = max(map(_depth, inner), default=0) + 1 if inner else getattr(parts, "depth", 0)
    _checked_depth(found)
    return int(found)


def _checked_depth(depth: int) -> None:
    if depth > DEEPEST:
        raise LimitError(f"parts are nested at most {DEEPEST} deep")


class Called(list[Any]):
    """Hold parts in order that a call makes, and show the call."""

    def __init__(self, call: str, parts: Sequence[Part]) -> None:
        super().__init__(parts)
        self._call = call

    def __repr__(self) -> str:
        return self._call


def part(value: Any, above: int = 0) -> Part:
    """Read a part: a layer, a choice, or a list of parts in order. above: the lists around it.

    Raises SolverError; LimitError for parts that are nested too deeply.
    """
    if isinstance(value, OwnLayer):
        return Fixed(value)
    if isinstance(value, Called):
        return value
    if isinstance(value, (list, tuple)):
        _checked_depth(above)
        found = [part(one, above + 1) for one in value]
        if not above:
            _depth(found)
        return found
    if hasattr(value, "within"):  # layers in letters, in order
        return [part(one) for one in value.parts]
    if hasattr(value, "block"):
        count = constant(value.count)
        times = str(value.given) if count is None else count
        value = repeat([part(one) for one in value.block], times, value.index)
    if isinstance(value, _OPEN):
        return value
    from solver.layers.branching import Block  # what few designs have
    from solver.layers.marking import Mark
    from solver.layers.operators import Operator

    if isinstance(value, (str, Operator, Mark)):
        return Fixed(Operator(value) if isinstance(value, str) else value)
    if isinstance(value, Block):
        return Joined(value.join, list(map(part, value.branches)), crop=value.crop)
    raise SolverError(
        "a design space is made of layers, choices and lists of them",
        received=shorten(repr(value)),
        right="[Choice(Conv, {1, 3}), MaxPool(2)]",
    )


def letters(value: Part) -> frozenset[str]:
    """The letters that a part takes its numbers from, which are chosen further out."""
    if not isinstance(value, list):
        return value.letters
    return frozenset().union(*map(letters, value))


def either(*parts: object) -> Either:
    """Take one of several parts.

    >>> from solver import Conv, MaxPool
    >>> either(MaxPool(2), Conv(2, 2))
    either(MaxPool(2), Conv(2, stride=2))
    """
    if not parts:
        raise SolverError("either() needs a part to choose")
    return Either([part(one) for one in parts])


def optional(*parts: object) -> Repeat:
    """Take parts, or leave them out.

    >>> from solver import MaxPool
    >>> optional(MaxPool(2))
    optional(MaxPool(2))
    """
    return Repeat(one_of(parts), 0, 1, "")


def repeat(
    value: Any,
    times: Any,
    index: str = "i",
    axes: int | None = None,
    channels: int | None = None,
    through: Any = None,
) -> Any:
    """Take a part several times: a number, or an interval such as "3..8" or range(3, 9).

    Of layers alone, with a letter for the number or letters in them, it is no space to search but
    layers in letters: sizes, receptive field, jump and parameters in closed form; `let` makes a
    space of them. index: the letter that is 0, 1, 2, ... in the repetitions. axes, channels: as of
    a stack. through: sizes that it passes through in this order, or marks that stand, each between
    two repetitions, or before the first or behind the last one.

    >>> from solver import Conv
    >>> repeat(Choice(Conv, {1, 3}), "3..8")
    repeat(Choice('conv', kernel_size='1,3'), '3..8')
    >>> repeat(Conv("k", dilation="2**i"), "L").receptive_field
    (2**L - 1)*(k - 1) + 1
    """
    if not isinstance(index, str) or not index.isidentifier():
        raise SolverError("the number of a repetition is a letter", shorten(repr(index)), "j")
    block = value if isinstance(value, (list, tuple)) else [value]
    layers = not any(isinstance(x, (*_OPEN, list, tuple, str)) for x in block)
    layers = layers and through is None and not any(hasattr(x, "branches") for x in block)
    if layers and (
        _in_letters(times) or any(getattr(x, "letters", ()) or hasattr(x, "within") for x in block)
    ):
        from solver.layers.repeat import repeated

        return repeated(value, times, index, axes, channels)
    tied = tie("repeat", times)
    least, most = (0, 0) if tied else _checked_times(Domain.of(times, "repeat"))
    marks: Sequence[Fixed] = ()
    if through is not None:
        from solver.spaces.marks import in_order  # few ask for sizes on the way

        marks = [Fixed(mark) for mark in in_order(through)]
    return Repeat(part(value), least, most, index, tied, marks)


def _checked_times(domain: Domain) -> tuple[int, int]:
    if len(domain.ranges) > 1 or domain.last > MOST_COPIES:
        right = f"for example 3, or 3..8; at most {MOST_COPIES:,}"
        raise SolverError("repeat takes a number or one interval", str(domain), right)
    return domain.first, domain.last


def mirror(down: object, up: object) -> Mirror:
    """Take an encoder layer together with the decoder layer that brings its input size back.

    >>> from solver import ConvTranspose, MaxPool
    >>> mirror(MaxPool(2), Choice(ConvTranspose, "2..4", 2, "0,1"))
    mirror(MaxPool(2), Choice('conv_transpose', kernel_size='2..4', stride='2', padding='0..1'))
    """
    pair = part(down), part(up)
    for one in pair:
        if not isinstance(one, (Choice, Fixed)):
            raise SolverError("a mirror is made of two layers or choices", received=repr(one))
    return Mirror(*pair)  # type: ignore[arg-type]


def _in_letters(times: object) -> bool:
    words = isinstance(times, str) and not _INTERVAL.fullmatch(times)
    return words or isinstance(times, Expression) or bool(getattr(times, "free_symbols", None))


def _inside(body: Part) -> str:
    """The parts of a body as the arguments that they were."""
    return ", ".join(map(repr, body)) if type(body) is list else repr(body)


def one_of(parts: Sequence[object]) -> Part:
    """Parts in order as one part."""
    return part(parts[0]) if len(parts) == 1 else part(parts)
