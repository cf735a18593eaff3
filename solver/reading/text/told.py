"""Sizes as the numbers they are where the program is run, each of which is a path of its own.

So goes on what has no formula for every n: a loop over range(n % 3), a table's entry, words.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from operator import is_
from typing import Any

from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio
from solver.reading.functions.call import size_of
from solver.reading.paths.decisions import Enough
from solver.reading.text.building import Build
from solver.reading.text.comparing import compare
from solver.reading.text.values import Words, is_list, unfollowed

#: The most entries of a table that a size is compared with.
_MOST = 256


def told(value: Any, build: Build) -> Any:
    """A value with numbers for the sizes in it; as it is where they are not known."""
    if isinstance(value, Words):
        parts = [told(each, build) for each in value.parts]
        return value if any(map(_sized, parts)) else "".join(map(str, parts))
    if isinstance(value, slice):
        return slice(*(told(each, build) for each in (value.start, value.stop, value.step)))
    if is_list(value):
        found = type(value)([told(each, build) for each in value])
        return value if all(map(is_, found, value)) else found
    if not isinstance(value, (Dim, Ratio)):
        return value
    top, bottom = (value.top, value.bottom) if isinstance(value, Ratio) else (value, 1)
    if not top.letters <= build.decisions.values.keys():
        return value
    if not (top.single and top.single[1].rise == 0):  # there is no end to its values
        if not build.tells:
            raise Enough
        build.told = True
    number = top.at(build.decisions.values)
    same = compare(ast.Eq(), top, number, build.decide)
    return value if not same else number if bottom == 1 else number / bottom


def here(value: Any) -> Any:
    """A value; of the least of sizes the one that it is where the program is run."""
    formula = getattr(value, "formula", None) if isinstance(value, int) else None  # of a Size
    return size_of(formula) if formula else value


def among(key: Any, keys: Iterable[Any], none: Any, build: Build) -> Any:
    """The key of a table that a size is; none: what stands for no key of it."""
    listed = list(keys)
    if isinstance(key, Dim) and len(listed) <= _MOST and not unfollowed(listed):
        for each in listed:
            same = compare(ast.Eq(), key, each, build.decide)
            if same is None:
                return key
            if same:
                return each
        return none
    return told(key, build)


def _sized(value: Any) -> bool:
    return isinstance(value, (Dim, Ratio))
