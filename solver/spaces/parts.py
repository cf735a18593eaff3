"""The parts a design space is made of, and how they combine.

A part is a layer, a `Choice` of layers, a list of parts in order, `either` of several parts,
`optional`, `repeat`, or a `mirror` of an encoder layer and the decoder layer that undoes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from solver.errors import LimitError, SolverError, shorten
from solver.ground.value import Value
from solver.layers.own_layer import OwnLayer
from solver.sizes.domain import Domain
from solver.sizes.expression import Expression
from solver.spaces.choice import MOST_OPTIONS, Choice, Option, option
from solver.spaces.price import price
from solver.spaces.transition import KEEP

if TYPE_CHECKING:
    from solver.layers.operators import Operator

MOST_COPIES = 1000
_INTERVAL = re.compile(r"[0-9.,\s]*")


class Fixed(Value):
    """Hold one layer with all its numbers, as a choice of one."""

    def __init__(self, layer: OwnLayer | Operator) -> None:
        self.layer: Any = layer
        if any(layer.window(i) != layer.window() for i in range(layer.axes or 1)):
            rule = "layers of a design space have the same hyperparameters on every axis"
            raise SolverError(rule, received=repr(layer))

    def made_of(self) -> tuple[Any, ...]:
        return (self.layer,)

    def says(self, name: str) -> bool:
        """Tell whether it is an operator of which something is said."""
        return bool(getattr(self.layer.row, name, False))

    def options(
        self, channels: int | None = None, axes: int = 2, keep: bool = False
    ) -> list[Option]:
        """The one layer."""
        return [option(self.layer, channels, axes, KEEP if keep else None)]

    def __repr__(self) -> str:
        layer = self.layer
        return repr(layer if isinstance(layer, OwnLayer) else layer.text)


class Mirror(Value):
    """Hold an encoder layer and the decoder layer that brings its input size back.

    The decoders stand behind everything else, the first one last.
    """

    def __init__(self, down: Choice | Fixed, up: Choice | Fixed) -> None:
        self.down, self.up = down, up

    def made_of(self) -> tuple[Any, ...]:
        return self.down, self.up

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


class Joined(Value):
    """Hold branches that take the same input and meet; shortcut: the one there is has a second.

    That is the input, or where the branch changes the shape a projection of 1x1 with its stride;
    project: else nothing there.
    """

    def __init__(
        self, join: str, branches: Sequence[Part], shortcut: bool = False, project: bool = True
    ) -> None:
        self.join, self.branches = join, tuple(branches)
        self.shortcut, self.project = shortcut, project
        for leaf in (leaf for each in branches for leaf in leaves(each)):
            if isinstance(leaf, Fixed) and leaf.says("last"):
                raise SolverError("a head stands behind all other layers", repr(leaf))

    def made_of(self) -> tuple[Any, ...]:
        return self.join, self.branches, self.shortcut, self.project

    def __repr__(self) -> str:
        if self.shortcut:
            more = "" if self.project else ", project=False"
            return f"residual({_inside(self.branches[0])}{more})"
        if self.branches[0] == []:
            more = ", join='add'" if self.join == "add" else ""
            return f"skip({_inside(self.branches[1])}{more})"
        more = ", join='concat'" if self.join == "concat" else ""
        return f"parallel({', '.join(map(repr, self.branches))}{more})"


class Either(Value):
    """Hold parts of which a design has one."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts

    def made_of(self) -> tuple[Any, ...]:
        return (self.parts,)

    def __repr__(self) -> str:
        return f"either({', '.join(map(repr, self.parts))})"


class Repeat(Value):
    """Hold a part that comes several times, each time as it likes."""

    def __init__(self, part: Part, least: int, most: int) -> None:
        self.part, self.least, self.most = part, least, most

    def made_of(self) -> tuple[Any, ...]:
        return self.part, self.least, self.most

    def __repr__(self) -> str:
        if (self.least, self.most) == (0, 1):
            return f"optional({self.part!r})"
        if self.least == self.most:
            return f"repeat({self.part!r}, {self.least})"
        return f"repeat({self.part!r}, '{self.least}..{self.most}')"


Part = Choice | Fixed | Mirror | Joined | Either | Repeat | list[Any]


def part(value: object) -> Part:
    """Read a part: a layer, a choice, or a list of parts in order."""
    if isinstance(value, OwnLayer):
        return Fixed(value)
    if isinstance(value, (Choice, Fixed, Mirror, Joined, Either, Repeat)):
        return value
    if isinstance(value, (list, tuple)):
        return [part(one) for one in value]
    from solver.layers.branching import Block  # what few designs have
    from solver.layers.operators import Operator

    if isinstance(value, (str, Operator)):
        return Fixed(Operator(value) if isinstance(value, str) else value)
    if isinstance(value, Block):
        return Joined(value.join, [part(branch) for branch in value.branches])
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


def check_axes(value: Part, axes: int) -> None:
    """Raise SolverError for a layer that is written for another number of axes."""
    fixed = (leaf.layer.axes for leaf in leaves(value) if isinstance(leaf, Fixed))
    if others := {each for each in fixed if each} - {axes}:
        counts = ", ".join(map(str, sorted({axes, *others})))
        raise SolverError("the layers must agree on the number of axes", received=counts)


def leaves(value: Part) -> Iterator[Choice | Fixed | Joined]:
    """Yield the layers and choices that a part is made of, and its blocks before what is in them.

    Of a mirror both.
    """
    if isinstance(value, (Choice, Fixed)):
        yield value
    elif isinstance(value, Mirror):
        yield from (value.down, value.up)
    elif isinstance(value, Repeat):
        yield from leaves(value.part)
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
        isinstance(leaf, Joined)
        or (isinstance(leaf, Fixed) and not isinstance(leaf.layer, OwnLayer))
        for leaf in leaves(value)
    )


def may_be_empty(value: Part) -> bool:
    """Tell whether a part may be without layers; a block is where all its branches may be.

    >>> may_be_empty(optional("relu")), may_be_empty(part([optional("relu"), "relu"]))
    (True, False)
    """
    if isinstance(value, Repeat):
        return value.least == 0 or may_be_empty(value.part)
    if isinstance(value, (Choice, Fixed, Mirror)):
        return False
    return (any if isinstance(value, Either) else all)(map(may_be_empty, inside(value)))


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
    return Repeat(one_of(parts), 0, 1)


def repeat(
    value: Any,
    times: Any,
    index: str = "i",
    axes: int | None = None,
    channels: int | None = None,
) -> Any:
    """Take a part several times: a number, or an interval such as "3..8" or range(3, 9).

    With a letter for the number, or letters in the layers, it is no space to search but layers in
    letters: sizes, receptive field, jump and parameters in closed form. index: the letter that is
    0, 1, 2, ... in the repetitions. axes, channels: as of a stack.

    >>> from solver import Conv
    >>> repeat(Choice(Conv, {1, 3}), "3..8")
    repeat(Choice('conv', kernel_size='1,3'), '3..8')
    >>> repeat(Conv("k", dilation="2**i"), "L").receptive_field
    (2**L - 1)*(k - 1) + 1
    """
    block = value if isinstance(value, (list, tuple)) else [value]
    if _in_letters(times) or any(getattr(x, "letters", ()) or hasattr(x, "within") for x in block):
        from solver.layers.repeat import repeated

        return repeated(value, times, index, axes, channels)
    domain = Domain.of(times, "repeat")
    if len(domain.ranges) > 1 or domain.last > MOST_COPIES:
        right = f"for example 3, or 3..8; at most {MOST_COPIES:,}"
        raise SolverError("repeat takes a number or one interval", str(domain), right)
    return Repeat(part(value), domain.first, domain.last)


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
    return ", ".join(map(repr, body)) if isinstance(body, list) else repr(body)


def one_of(parts: Sequence[object]) -> Part:
    """Parts in order as one part."""
    return part(parts[0]) if len(parts) == 1 else part(parts)


def _back_to(up: Option, channels: int | None, wanted: int, axes: int) -> Option:
    """A decoder layer with the channels its encoder layer was given."""
    layer = up.layers[0].changed(in_channels=channels, out_channels=wanted)
    return option(layer, channels, axes, None)
