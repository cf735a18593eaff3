"""Nodes of a search: a stage with what is known there."""

from __future__ import annotations

from typing import Any

from solver.ground.named import NamedTuple
from solver.spaces.bits import Bits
from solver.spaces.option import Ask
from solver.spaces.states import Bundle

Node = tuple[int, Any, Any]  # number of the stage, jump, and a size or (sizes, extras)


class Extras(NamedTuple):
    """Hold what a node knows beyond its sizes; None for what nothing asks for.

    map: of n to the size, or c where it is floor((n + c)/jump), as without transposed layers.
    span: the number of a shape, see `Shapes`.
    sums: what the limited sums have come to, or None where the limit can no longer be missed.
    need: the number of what must still be read, see `Needs`. Where axes differ map, span and need
    are tuples with one of each lane.
    """

    map: Any  # a SizeMap, an int, or None
    span: Any  # an int or None
    sums: tuple[int | None, ...]
    need: Any = None  # an int or None


class Advance(NamedTuple):
    """Hold a move, with the number of the stage it leads to and the sizes that are alive there.

    asks: what marks ask for behind it.
    """

    transition: Any  # a Transition, or where axes differ a Crossed
    target: int
    bundles: list[Bundle]
    windows: tuple[Bits, ...]
    asks: tuple[Ask, ...] = ()
