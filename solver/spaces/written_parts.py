"""How parts are written and read: `either`, `optional`, `repeat`, `mirror`, and lists of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from solver.errors import SolverError, shorten
from solver.layers.own_layer import OwnLayer
from solver.sizes.domain import Domain
from solver.sizes.expression import Expression, constant
from solver.spaces.choice import Choice
from solver.spaces.hyperparameters import tie
from solver.spaces.parts import (
    Called,
    Either,
    Fixed,
    Joined,
    Let,
    Mirror,
    Part,
    Repeat,
    check_depth,
    checked_times,
    depth_of,
)

_OPEN = (Choice, Fixed, Mirror, Joined, Either, Repeat, Let)
_INTERVAL = re.compile(r"[0-9.,\s]*")


def part(value: Any, above: int = 0) -> Part:
    """Read a part: a layer, a choice, or a list of parts in order. above: the lists around it.

    Raises SolverError; LimitError for parts that are nested too deeply.
    """
    if isinstance(value, OwnLayer):
        return Fixed(value)
    if isinstance(value, Called):
        return value
    if isinstance(value, (list, tuple)):
        check_depth(above)
        found = [part(one, above + 1) for one in value]
        if not above:
            depth_of(found)
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
    least, most = (0, 0) if tied else checked_times(Domain.of(times, "repeat"))
    marks: Sequence[Fixed] = ()
    if through is not None:
        from solver.spaces.marks import in_order  # few ask for sizes on the way

        marks = [Fixed(mark) for mark in in_order(through)]
    return Repeat(part(value), least, most, index, tied, marks)


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


def one_of(parts: Sequence[object]) -> Part:
    """Parts in order as one part."""
    return part(parts[0]) if len(parts) == 1 else part(parts)
