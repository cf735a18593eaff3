"""Closed forms against stacks of numbers, for several values of the letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any

from solver.errors import LimitError, SolverError
from solver.layers.stack import Stack
from solver.sizes.exact import exact
from solver.sizes.expression import Expression
from solver.sizes.letters import least

_ENOUGH = 8  # values of the letters
_MOST_TRIED = 300
_COUNTS = (2, 1, 3, 4)
_MORE = (2, 1, 0, *range(3, 9))  # than the smallest value of another letter
_SIZES = (*range(1, 12), 63, 64, 100, 1001)


def compared(net: Any, name: str, form: Expression, where: Sequence[Expression]) -> None:
    """Raise LimitError unless a closed form says what stacks of numbers do.

    net: the layers; `at` gives the stacks. name: of a property of a stack, or "size". where: the
    conditions on the letters under which it holds.
    """
    seen, fault = 0, None
    for letters in islice(values_of(net), _MOST_TRIED):
        if not all(exact(condition, letters) for condition in where):
            continue
        try:
            stack = net.at(**letters)
        except SolverError as found:  # no layers at these letters
            fault = fault or found
            continue
        seen += 1
        if any(_differs(stack, name, form, letters, n) for n in _SIZES):
            rule = "a closed form must say what the stack of numbers does"
            raise LimitError(rule, f"{name} {form} at {_said(letters)}")
        if seen == _ENOUGH:
            return
    if not seen:
        raise fault or LimitError("a closed form is given where numbers confirm it", str(form))


def values_of(net: Any) -> Iterator[dict[str, int]]:
    """Yield values of the letters, small ones first."""
    choices = [
        _COUNTS if letter in net.counts else tuple(least(letter) + x for x in _MORE)
        for letter in net.letters
    ]
    for values in sorted(product(*map(enumerate, choices)), key=_order):
        yield {letter: size for letter, (_, size) in zip(net.letters, values, strict=True)}


def _order(values: tuple[tuple[int, int], ...]) -> int:
    return sum(place for place, _ in values)


def _differs(stack: Stack, name: str, form: Expression, letters: dict[str, int], n: int) -> bool:
    if name == "size":
        return bool(exact(form, {**letters, "n": n}) != stack.size_map()(n))
    if n != _SIZES[0]:
        return False
    wanted = stack.spans()[-1].offset if name == "offset" and len(stack) else None
    found = wanted if name == "offset" else getattr(stack, name)
    return bool(len(stack) and exact(form, letters) != found)


def _said(letters: dict[str, int]) -> str:
    return ", ".join(f"{letter} = {size}" for letter, size in letters.items())
