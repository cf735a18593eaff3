"""States of an automaton, and options that act alike in one."""

from __future__ import annotations

from solver.ground.named import NamedTuple
from solver.spaces.option import Ask, Option, Price
from solver.spaces.transition import Transition

#: The number of an option, or of a block and the number of its member.
Pick = int | tuple[int, int]


class AutomatonState(NamedTuple):
    """Hold what may come next: the layers in order, each with the number of the state after it."""

    accepts: bool
    options: list[Option]
    targets: list[int]
    channels: int | None
    mirrored: bool = False  # the sizes from here on come back in decoders
    untouched: bool = False  # no layer stands before it, at most marks


class Group(NamedTuple):
    """Hold options of one stride and input dilation: transitions, each with its layers.

    kinds: a bundle of each span and price that there is. asks: what marks ask for behind them.
    """

    transitions: list[Transition]
    bundles: list[list[Bundle]]
    kinds: list[Bundle]
    asks: tuple[Ask, ...] = ()


class Bundle(NamedTuple):
    """Hold options of one transition, span and price: alike in everything but their names.

    many: how many they are, where blocks that do the same are one option.
    """

    span: int
    price: Price
    options: list[int]
    many: int
