"""The parts a design space is made of, and how they combine.

A part is a layer, a `Choice` of layers, a list of parts in order, `either` of several parts,
`optional`, `repeat`, `let` that chooses letters, or a `mirror` of an encoder layer and the decoder
layer that undoes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from solver.errors import LimitError, SolverError, shorten
from solver.ground.value import Value
from solver.layers.own_layer import OwnLayer
from solver.sizes.domain import Domain
from solver.sizes.expression import Expression, constant
from solver.spaces.choice import MOST_OPTIONS, Choice, Option, option, tie
from solver.spaces.price import price
from solver.spaces.transition import KEEP

MOST_COPIES = 1000
#: The letter that is the number of the innermost repetition, unless another is given.
INDEX = "i"
_INTERVAL = re.compile(r"[0-9.,\s]*")


class Fixed(Value):
    """Hold one layer with all its numbers, as a choice of one."""

    def __init__(self, layer: OwnLayer) -> None:
        self.layer = layer
        if not layer.letters and any(
            layer.window(i) != layer.window() for i in range(layer.axes or 1)
        ):
            rule = "layers of a design space have the same hyperparameters on every axis"
            raise SolverError(rule, received=repr(layer))

    def made_of(self) -> tuple[Any, ...]:
        return (self.layer,)

    def options(
        self, channels: int | None = None, axes: int = 2, keep: bool = False
    ) -> list[Option]:
        """The one layer."""
        if self.layer.letters:
            rule = f"the letter {self.layer.letters[0]} has no numbers to choose from"
            right = f'let(part, {self.layer.letters[0]}="3,5")'
            raise SolverError(rule, repr(self.layer), right)
        return [option(self.layer, channels, axes, KEEP if keep else None)]

    @cached_property
    def letters(self) -> frozenset[str]:
        """The letters that its layer depends on."""
        return frozenset(self.layer.letters)

    def bound(self, values: Mapping[str, int]) -> Fixed:
        """The layer with numbers in the place of letters."""
        given = {letter: values[letter] for letter in self.letters if letter in values}
        return Fixed(self.layer.at(**given)) if given else self

    def __repr__(self) -> str:
        return repr(self.layer)


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
        self, channels: int | None = None, axes: int = 2, keep: bool = False
    ) -> list[Option]:
        """The pairs of layers that can undo each other at some size."""
        found: list[Option] = []
        ups: dict[int | None, dict[int, list[Option]]] = {}  # by channels, then by stride
        for down in self.down.options(channels, axes):
            one = down.transition
            if down.channels not in ups:
                rows = ups[down.channels] = {}
                for up in self.up.options(down.channels, axes):
                    if up.layers[0].operation.transposed:
                        rows.setdefault(up.transition.input_dilation, []).append(up)
            goes_up = down.layers[0].operation.transposed
            for up in () if goes_up else ups[down.channels].get(one.stride, ()):
                two = up.transition
                if len(found) >= MOST_OPTIONS:
                    rule = f"a mirror has at most {MOST_OPTIONS:,} pairs of layers"
                    raise LimitError(rule, right="smaller ranges")
                if channels is not None and up.channels != channels:
                    up = _back_to(up, down.channels, channels, axes)
                cost = down.price + price(up.layers[0], down.channels or 1, axes, turned=True)
                both = one._replace(back=two)
                found.append(Option(down.layers + up.layers, down.channels, both, down.span, cost))
        if not found:
            rule = "a mirrored decoder is transposed and has its encoder's stride"
            raise SolverError(rule, received=f"{self.down} and {self.up}")
        return found

    def __repr__(self) -> str:
        return f"mirror({self.down!r}, {self.up!r})"


class Either(Value):
    """Hold parts of which a design has one."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts

    def made_of(self) -> tuple[Any, ...]:
        return (self.parts,)

    def __repr__(self) -> str:
        return f"either({', '.join(map(repr, self.parts))})"


class Repeat(Value):
    """Hold a part that comes several times, each time as it likes.

    index: the letter that is 0, 1, 2, ... in the repetitions; of an optional part it is the one
    further out. tied: how often, where letters further out say it; least and most are not asked.
    """

    def __init__(
        self, part: Part, least: int, most: int, index: str = INDEX, tied: Any = None
    ) -> None:
        self.part, self.least, self.most, self.index = part, least, most, index
        self.tied = tied

    def made_of(self) -> tuple[Any, ...]:
        return self.part, self.least, self.most, self.index, self.tied

    @property
    def optional(self) -> bool:
        """Tell whether the part is taken or left out."""
        return (self.least, self.most) == (0, 1) and self.tied is None

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

    def made_of(self) -> tuple[Any, ...]:
        return self.part, self.letter, self.values

    def numbers(self, known: Mapping[str, int]) -> Iterator[int]:
        """The numbers, where other letters have some."""
        tied = not isinstance(self.values, Domain)
        return iter(self.values.numbers(known, 0) if tied else self.values)

    def __repr__(self) -> str:
        return f"let({self.part!r}, {self.letter}={str(self.values)!r})"


Leaf = Choice | Fixed | Mirror
Part = Leaf | Either | Repeat | Let | list[Any]


_OPEN = (Choice, Fixed, Mirror, Either, Repeat, Let)


def part(value: Any) -> Part:
    """Read a part: a layer, a choice, or a list of parts in order."""
    if isinstance(value, OwnLayer):
        return Fixed(value)
    if isinstance(value, _OPEN):
        return value
    if isinstance(value, (list, tuple)):
        return [part(one) for one in value]
    if hasattr(value, "within"):  # layers in letters, in order
        return [part(one) for one in value.parts]
    if hasattr(value, "block"):
        count = constant(value.count)
        times = str(value.given) if count is None else count
        made: Repeat = repeat([part(one) for one in value.block], times, value.index)
        return made
    raise SolverError(
        "a design space is made of layers, choices and lists of them",
        received=shorten(repr(value)),
        right="[Choice(Conv, {1, 3}), MaxPool(2)]",
    )


def channels_named(value: Part) -> int | None:
    """The channels of the input that parts ask for: None where they name no channels.

    As in a stack: in_channels of the first layer that has them, else 1.
    """
    named = False
    for leaf in _leaves(value):
        if isinstance(leaf, Fixed):
            layer = leaf.layer
            known = layer.channels[:2]
            if known[0]:
                return int(known[0])
            named |= bool(known[1]) or getattr(layer, "groups", 1) > 1
        else:
            named |= leaf.out_channels is not None or leaf.groups != 1
    return 1 if named else None


def check_axes(value: Part, axes: int) -> None:
    """Raise SolverError for a layer that is written for another number of axes."""
    fixed = (leaf.layer.axes for leaf in _leaves(value) if isinstance(leaf, Fixed))
    if others := {each for each in fixed if each} - {axes}:
        counts = ", ".join(map(str, sorted({axes, *others})))
        raise SolverError("the layers must agree on the number of axes", received=counts)


def any_letters(value: Part) -> bool:
    """Tell whether a part has letters."""
    if isinstance(value, Repeat):
        return value.tied is not None or any_letters(value.part)
    if isinstance(value, (Choice, Fixed, Mirror)):
        return bool(value.letters)
    parts = value if isinstance(value, list) else [] if isinstance(value, Let) else value.parts
    return isinstance(value, Let) or any(map(any_letters, parts))


def _leaves(value: Part) -> Iterator[Choice | Fixed]:
    """Yield the layers and choices that a part is made of."""
    if isinstance(value, (Choice, Fixed)):
        yield value
    elif isinstance(value, Mirror):
        yield from (value.down, value.up)
    elif isinstance(value, (Repeat, Let)):
        yield from _leaves(value.part)
    else:
        for one in value if isinstance(value, list) else value.parts:
            yield from _leaves(one)


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
    return Repeat(_one(parts), 0, 1)


def repeat(
    value: Any,
    times: Any,
    index: str = "i",
    axes: int | None = None,
    channels: int | None = None,
) -> Any:
    """Take a part several times: a number, or an interval such as "3..8" or range(3, 9).

    Of layers alone, with a letter for the number or letters in them, it is no space to search but
    layers in letters: sizes, receptive field, jump and parameters in closed form; `let` makes a
    space of them. index: the letter that is 0, 1, 2, ... in the repetitions. axes, channels: as of
    a stack.

    >>> from solver import Conv
    >>> repeat(Choice(Conv, {1, 3}), "3..8")
    repeat(Choice('conv', kernel_size='1,3'), '3..8')
    >>> repeat(Conv("k", dilation="2**i"), "L").receptive_field
    (2**L - 1)*(k - 1) + 1
    """
    block = value if isinstance(value, (list, tuple)) else [value]
    if not any(isinstance(x, (*_OPEN, list, tuple)) for x in block) and (
        _in_letters(times) or any(getattr(x, "letters", ()) or hasattr(x, "within") for x in block)
    ):
        from solver.layers.repeat import repeated

        return repeated(value, times, index, axes, channels)
    tied = tie("repeat", times)
    least, most = (0, 0) if tied else _checked_times(Domain.of(times, "repeat"))
    return Repeat(part(value), least, most, index, tied)


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


def _one(parts: Sequence[object]) -> Part:
    return part(parts[0]) if len(parts) == 1 else part(parts)


def _back_to(up: Option, channels: int | None, wanted: int, axes: int) -> Option:
    """A decoder layer with the channels its encoder layer was given."""
    layer = up.layers[0].changed(in_channels=channels, out_channels=wanted)
    return option(layer, channels, axes, None)
