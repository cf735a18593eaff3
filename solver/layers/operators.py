"""Operations between layers that leave nothing to choose: activations, norms, resizing."""

from __future__ import annotations

import re
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.ground.value import Value
from solver.layers.row import USUAL_AXES
from solver.layers.window import Window


class OperatorRow(NamedTuple):
    """Hold what is known of an operation.

    number: what the number means, empty where there is none. weights: parameters for each channel.
    grows: whether sizes are multiplied by the number, and packs: out of the channels. whole:
    whether every output reads the whole input. last: whether nothing may follow. marks: whether it
    is no operation, but a place between two.
    """

    number: str = ""
    weights: int = 0
    grows: bool = False
    packs: bool = False
    whole: bool = False
    last: bool = False
    marks: bool = False


OPERATORS = {
    "relu": OperatorRow(),
    "leakyrelu": OperatorRow(),
    "elu": OperatorRow(),
    "gelu": OperatorRow(),
    "silu": OperatorRow(),
    "relu6": OperatorRow(),
    "sigmoid": OperatorRow(),
    "tanh": OperatorRow(),
    "batchnorm": OperatorRow(weights=2),
    "instancenorm": OperatorRow(),
    "groupnorm": OperatorRow("groups", weights=2),
    "dropout": OperatorRow("probability"),
    "upsample": OperatorRow("factor", grows=True),
    "pixelshuffle": OperatorRow("factor", grows=True, packs=True),
    "squeeze-excite": OperatorRow("reduction", whole=True),
    "head": OperatorRow("classes", last=True),
}

_WORD = re.compile(r"([a-z-]+[0-9]?)(?: +([0-9]{1,6}(?:\.[0-9]{1,6})?))?")


class Operator(Value):
    """Be an operation without a choice: its word, and its number where it has one.

    Sizes are elements along an axis; upsampling repeats the nearest element. Raises SolverError.

    >>> Operator("relu"), Operator("upsample 2").size(7)
    (Operator('relu'), 14)
    >>> Operator("pixelshuffle 2").channels_after(64)
    16
    >>> Operator("upsample")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: upsample needs its factor
      received: upsample
      right:    upsample 2
    """

    __slots__ = ("number", "row", "word")

    axes = None
    letters = ()
    branches = None

    def __init__(self, text: str) -> None:
        found = _WORD.fullmatch(text.strip())
        word, number = found.groups() if found else (text, None)
        if word not in OPERATORS:
            from difflib import get_close_matches  # only for this message

            near = get_close_matches(text[:30], OPERATORS, 1) or OPERATORS
            raise SolverError("there is no such operation", text[:60], ", ".join(near))
        self.word, self.row = word, OPERATORS[word]
        if bool(number) != bool(self.row.number):
            said = f"needs its {self.row.number}" if self.row.number else "has no number"
            right = f"{word} {_USUAL[self.row.number]}" if self.row.number else word
            raise SolverError(f"{word} {said}", text, right)
        self.number: Any = _number(self.row, number, text) if number else None

    def made_of(self) -> tuple[Any, ...]:
        return self.word, self.number

    def __reduce__(self) -> tuple[Any, ...]:
        return Operator, (self.text,)

    @property
    def text(self) -> str:
        """The words it is read from."""
        return self.word if self.number is None else f"{self.word} {self.number}"

    def window(self, axis: int = 0) -> Window:
        """The window along an axis: an element that is repeated is read by each of its copies.

        >>> Operator("upsample 3").window().size_map == Operator("upsample 3").size
        False
        >>> [Operator("upsample 2").window().read(y) for y in range(4)]
        [[0], [0], [1], [1]]
        """
        if not self.row.grows:
            return Window()
        factor = self.number
        return Window(factor, 1, factor - 1, factor - 1, 1, factor)

    def minimum(self, axis: int = 0, axes: int | None = None) -> int:
        """The smallest size that it takes."""
        return 1

    def apart(self, channels: int) -> int:
        """How many means it takes of so many channels, 0 where it takes none.

        >>> Operator("instancenorm").apart(8), Operator("groupnorm 2").apart(8)
        (8, 2)
        """
        if self.word == "instancenorm":
            return channels
        return int(self.number) if self.row.number == "groups" else 0

    def least(self, channels: int) -> int:
        """The smallest size that it takes: a mean of one channel is of more than one element."""
        return 2 if self.apart(channels) == channels else 1

    def size(self, n: Any) -> Any:
        """The size behind it, in any arithmetic."""
        return n * self.number if self.row.grows else n

    def channels_after(self, channels: int, axes: int = USUAL_AXES) -> int:
        """The channels behind it. Raises SolverError where they do not go into it.

        >>> Operator("pixelshuffle 2").channels_after(6, 2)
        Traceback (most recent call last):
            ...
        solver.errors.SolverError: the channels must be divisible by 4
          received: 6 channels
        """
        parts = self.number**2 if self.row.packs else 1
        if self.row.packs and axes != 2:
            raise SolverError("pixels are shuffled on two axes", f"{axes} axes", "2 axes")
        if self.row.number == "groups":
            parts = self.number
        if channels % parts:
            raise SolverError(f"the channels must be divisible by {parts}", f"{channels} channels")
        if self.row.last:
            return int(self.number)
        return channels // parts if self.row.packs else channels

    def parameters(self, channels: int) -> int:
        """What it learns, for so many channels before it.

        >>> Operator("head 10").parameters(64), Operator("squeeze-excite 4").parameters(64)
        (650, 2128)
        """
        macs, less = self.fixed(channels)[0], self.less(channels)
        bias = less + channels if self.row.whole else self.number if self.row.last else 0
        return self.row.weights * channels + macs + bias

    def less(self, channels: int) -> int:
        """The channels between the two layers that say how much of each channel goes on."""
        return max(channels // self.number, 1) if self.row.whole else 0

    def fixed(self, channels: int) -> tuple[int, int]:
        """The multiply-accumulates and activations that no size changes, for so many channels."""
        if self.row.last:
            return channels * self.number, 2 * channels + self.number
        less = self.less(channels)
        return 2 * channels * less, (2 * less + 3 * channels) * self.row.whole

    def __repr__(self) -> str:
        return f"Operator({self.text!r})"


_USUAL = {"groups": 8, "probability": 0.5, "factor": 2, "reduction": 4, "classes": 10}


def _number(row: OperatorRow, text: str, received: str) -> Any:
    """The number of an operation. Raises SolverError for one that it cannot have."""
    whole = row.number != "probability"
    if whole and ("." in text or not 1 <= int(text) <= 100_000):
        raise SolverError(f"{row.number} is a whole number of at least 1", received)
    if not whole and not 0 <= float(text) <= 1:
        raise SolverError("a probability is at most 1", received)
    return int(text) if whole else float(text)
