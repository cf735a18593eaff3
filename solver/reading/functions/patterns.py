"""Functions of einops: axes taken apart, reduced, repeated, put in order and put together again.

What a pattern says becomes those operations, so that each asks of the sizes what it needs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import SolverError
from solver.network.graph import shaping
from solver.network.graph.dim import Dim
from solver.network.graph.merging import Expand
from solver.reading.functions.call import Call, Unclear, Wire, dim_of
from solver.reading.functions.row import TensorFunction
from solver.sizes.width import is_int

#: One axis of a pattern: the names of what it is made of.
Axis = tuple[str, ...]
_DOTS = ("...", "…")
_TOKEN = r"\(([^()]*)\)|(\.\.\.|…)|(\w+)"


def axes_of(side: str, rank: int, inner: int = 0) -> list[Axis]:
    """The axes of one side of a pattern; dots stand for as many as a rank leaves.

    inner: how many axes dots that stand in an axis with others are.

    >>> axes_of("b (h p) ... 1", 5)
    [('b',), ('h', 'p'), ('...0',), ('...1',), ()]
    >>> axes_of("b (...)", 2, 3)
    [('b',), ('...0', '...1', '...2')]
    """
    found: list[Axis | None] = []
    for group, dots, name in re.findall(_TOKEN, side):
        if dots:
            found.append(None)
        else:
            parts = (_dots(inner) if x in _DOTS else (x,) for x in (group or name).split())
            found.append(tuple(x for part in parts for x in part if x != "1"))
    rest = _dots(rank - len(found) + 1)
    flat = [(each,) if each is not None else tuple((x,) for x in rest) for each in found]
    return [axis for part in flat for axis in part]


def _dots(count: int) -> Axis:
    return tuple(f"...{at}" for at in range(count))


def _pattern(call: Call) -> Wire:
    """Read rearrange, reduce and repeat."""
    call.plain()
    text, sizes = call["pattern"], call["sizes"] or {}
    if not isinstance(text, str) or text.count("->") != 1 or not isinstance(sizes, Mapping):
        raise Unclear
    left, right = text.split("->")
    if re.search(r"\([^()]*(\.\.\.|…)", left):
        raise SolverError("dots stand in no other axis of what goes in", left.strip())
    left, sizes = _named(left, sizes)
    inner = axes_of(left, call.rank)
    dots = sum(axis[0].startswith("...") for axis in inner if axis)
    outer = axes_of(right, len(re.findall(_TOKEN, right)) - 1 + dots, dots)
    if len(inner) != call.rank:
        raise SolverError(f"the pattern has {len(inner)} axes", f"{call.rank} axes")
    wire, names = _apart(call, call.x, inner, sizes)
    kept = [name for axis in outer for name in axis]
    wire, names = _reduced(call, wire, names, kept)
    wire, names = _repeated(call, wire, names, kept, sizes)
    order = tuple(names.index(name) for name in kept)
    if order != tuple(range(len(order))):
        wire = call.make(shaping.Permute(order), wire)
    return _together(call, wire, outer)


def _named(left: str, sizes: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """What goes in with a name for each axis that is given as a number, and the sizes with theirs.

    >>> _named("b (h 2) 1", {})
    ('b (h _1) 1', {'_1': 2})
    """
    found, parts = dict(sizes), re.split(r"\b(\d+)\b", left)
    for at in range(1, len(parts), 2):
        if parts[at] != "1":
            found[f"_{at}"] = int(parts[at])
            parts[at] = f"_{at}"
    return "".join(parts), found


def _apart(
    call: Call, wire: Wire, inner: Sequence[Axis], sizes: Mapping[str, Any]
) -> tuple[Wire, list[str]]:
    """Take axes apart, the last first, so that the places of the others stay."""
    ones = tuple(at for at, axis in enumerate(inner) if not axis)
    for at in range(len(inner) - 1, -1, -1):
        axis = inner[at]
        told = [sizes.get(name) for name in axis]
        if len(axis) > 1:
            known = all(n is None or is_int(n) or isinstance(n, Dim) for n in told)
            if not known or told.count(None) > 1:
                raise Unclear
            parts = tuple(-1 if n is None else n for n in told)
            wire = call.make(shaping.Unflatten(at, parts), wire)
        elif told and told[0] is not None:  # what it is said to be it must be
            wire = call.make(shaping.Unflatten(at, (told[0], 1)), wire)
            wire = call.make(shaping.Flatten(at, at + 1), wire)
    names = [name for axis in inner for name in axis or ("1",)]
    if ones:
        gone = tuple(at for at, name in enumerate(names) if name == "1")
        wire = call.make(shaping.Squeeze(gone, False), wire)
        names = [name for name in names if name != "1"]
    return wire, names


def _reduced(
    call: Call, wire: Wire, names: list[str], kept: Sequence[str]
) -> tuple[Wire, list[str]]:
    gone = tuple(at for at, name in enumerate(names) if name not in kept)
    if not gone:
        return wire, names
    if call.name != "reduce":
        raise SolverError("an axis of the pattern is lost", names[gone[0]])
    word = call["reduction"]
    made = shaping.Reduce(word if isinstance(word, str) else "reduce", gone, keep=False)
    return call.make(made, wire), [name for name in names if name in kept]


def _repeated(
    call: Call, wire: Wire, names: list[str], kept: Sequence[str], sizes: Mapping[str, Any]
) -> tuple[Wire, list[str]]:
    new = [name for name in kept if name not in names]
    if not new:
        return wire, names
    told = all(name in sizes or name.isdigit() for name in new)
    if call.name not in ("repeat", "einops_repeat") or not told:
        raise SolverError("an axis of the pattern has no size", new[0])
    shape = call.shape_of(wire)
    wire = call.make(shaping.Unsqueeze(tuple(range(len(new)))), wire)
    more = tuple(dim_of(int(name) if name.isdigit() else sizes[name]) for name in new)
    return call.make(Expand((*more, *shape)), wire), [*new, *names]


def _together(call: Call, wire: Wire, outer: Sequence[Axis]) -> Wire:
    """Put axes together, the last first."""
    start = sum(max(len(axis), 0) for axis in outer)
    ones = tuple(at for at, axis in enumerate(outer) if not axis)
    for axis in reversed(outer):
        start -= len(axis)
        if len(axis) > 1:
            wire = call.make(shaping.Flatten(start, start + len(axis) - 1), wire)
    return call.make(shaping.Unsqueeze(ones), wire) if ones else wire


ROWS = (
    TensorFunction(
        _pattern,
        module="Rearrange(pattern, sizes=None)",
        function="rearrange(input, pattern, sizes=None)",
    ),
    TensorFunction(
        _pattern,
        module="Reduce(pattern, reduction, sizes=None)",
        function="reduce(input, pattern, reduction, sizes=None)",
    ),
    TensorFunction(
        _pattern,
        module="Repeat(pattern, sizes=None)",
        function="einops_repeat(input, pattern, sizes=None)",
    ),
)
