"""Marks as parts of a design space: outputs on the way, and sizes that are passed through."""

from __future__ import annotations

import re
from typing import Any

from solver.errors import SolverError, shorten
from solver.layers.marking import Mark
from solver.spaces.goal import ANYTHING, Interval, meet, read_interval

#: What may be limited at a mark, by the name that it goes by there.
LIMITED = {"receptive_field": "receptive_field", "jump": "jump", "total_stride": "jump"}


def mark(size: Any = None, name: str | None = None, **limits: Any) -> Mark:
    """Let what comes here come out too, with a size that is asked for.

    size: a number, a range, or a formula in n; one per axis, or a list with one for each input;
    None for any. name: of the output. limits: intervals of receptive_field, and of jump or
    total_stride, which are the same at one place. The mark is a part of the design: equal layers
    with other outputs are another design. Raises SolverError.

    >>> from solver import Choice, Conv, Space
    >>> down = Choice(Conv, 3, 2, "0,1")
    >>> pyramid = Space([down, mark("ceil(n/2)", "c1"), down, mark("ceil(n/4)", "c2")], "n")
    >>> pyramid.count, pyramid[0].outputs(56)
    (1, {'c1': 28, 'c2': 14})
    >>> Space([Choice(Conv, 3, 1, "0..2"), mark("5..7")], 8).count
    1
    """
    return Mark(None if size in (..., "...") else size, name, _read(limits))


def through(size: Any, **limits: Any) -> Mark:
    """Keep the designs that have a size here; arguments as in `mark`. No layer and no output.

    So where it may stand at several places, a design counts once.

    >>> from solver import Choice, Conv, Space, repeat
    >>> layers = repeat(Choice(Conv, 3, "1,2", 1), "0..3")
    >>> Space([layers, through(4), layers], 16, 2, depth=3).count
    1
    """
    if size is None and not limits:
        raise SolverError("through() needs a size or a limit", right="through(14)")
    return Mark(size, None, _read(limits), kept=False)


def _read(given: dict[str, Any]) -> dict[str, Interval]:
    found: dict[str, Interval] = {}
    for name, value in given.items():
        if name not in LIMITED:
            right = ", ".join(LIMITED)
            raise SolverError("a mark has no such limit", received=name[:60], right=right)
        if value is not None:
            place = LIMITED[name]
            found[place] = meet(found.get(place, ANYTHING), read_interval(name, value))
    return found


def in_order(given: Any) -> list[Mark]:
    """Sizes that are passed through in order: a list, or words with commas between; or marks.

    >>> in_order("56, ceil(n/8)"), in_order([14, mark(7, "c5")])
    ([through(56), through('ceil(n/8)')], [through(14), mark(7, name='c5')])
    >>> in_order("56,")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: sizes that are passed through stand in order
      received: 56,
      right:    56,28,14
    """
    words = given
    if isinstance(given, str):
        words = [word.strip() for word in re.split(r",(?![^()]*\))", given)]
    if not isinstance(words, (list, tuple)) or not all(word not in ("", None) for word in words):
        rule = "sizes that are passed through stand in order"
        raise SolverError(rule, shorten(str(given)), "56,28,14")
    return [word if isinstance(word, Mark) else through(word) for word in words]
