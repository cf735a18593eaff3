"""A claim about sizes, in words: `conv(n, k=3, s=2, p=1) == ceil(n/2)`.

A claim is asked at every n >= 1, and every legal value of its other letters, at which its condition
holds, every layer takes its input (a whole size of at least 1, legal hyperparameters, at least one
element out: the kernel fits), and both sides of an equation are whole. It is true when it holds
wherever it is asked. This file says so once, for any arithmetic: numbers, piecewise size maps,
polynomials and the terms of a solver of formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.layers.own import LAYERS
from solver.sizes import formulas
from solver.sizes.expression import (
    COMPARISONS,
    Expression,
    evaluate,
    is_condition,
    substitute,
    walk,
)
from solver.sizes.expression import names as names_of
from solver.sizes.grammar import parse
from solver.sizes.letters import NAMES, in_order, least
from solver.sizes.operations import MINIMUM, operation
from solver.sizes.text import is_negated, text


class Claim(NamedTuple):
    """Hold a claim and the condition on its letters, or None.

    size: the letter that is free, which stands where layers take a size; "" where there is none.
    """

    statement: Expression
    where: Expression | None = None
    size: str = "n"

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters it speaks of, the size first."""
        used = names_of(self.statement) | (set() if self.where is None else names_of(self.where))
        first = (self.size,) if self.size in used else ()
        return first + in_order(used.difference(first))

    def of_n(self) -> Claim:
        """The same, of n."""
        letter = {self.size: "n"}
        where = None if self.where is None else substitute(self.where, letter)
        return Claim(substitute(self.statement, letter), where)

    def __str__(self) -> str:
        return text(self.statement) + ("" if self.where is None else f" where {text(self.where)}")


class Unasked(Exception):
    """Say that a claim is not asked: then it does not matter what else it says."""


class Meaning(NamedTuple):
    """Hold what a claim says, in some arithmetic.

    asked: what must hold for the claim to be asked. true: the claim itself. sides: the two sides
    of each of its comparisons.
    """

    asked: list[Any]
    true: Any
    sides: list[tuple[Any, Any]]


def read_claim(statement: str, where: str = "") -> Claim:
    """Read a claim and its condition. Raises SolverError with a caret under the fault.

    n is a size. Where there is no n the letter where layers take a size is, or the only one.

    >>> print(read_claim("conv(n, 3, 2, 1) == ceil(n/2)", "n % 2 == 1"))
    conv(n, k=3, s=2, p=1) == ceil(n/2) where n % 2 == 1
    >>> read_claim("conv(h, k, p=k//2) <= h + 1").letters
    ('h', 'k')
    >>> read_claim("conv(n, k=3)")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a claim compares sizes
      conv(n, k=3)
      ^
      right:    conv(n, k=3, s=2, p=1) == ceil(n/2)
    """
    said, asked = _condition(statement), _condition(where) if where else None
    used = names_of(said) | (set() if asked is None else names_of(asked))
    return Claim(said, asked, _size(said, used))


def _size(statement: Expression, used: set[str]) -> str:
    """The letter that is free, "" where there is none. Raises SolverError where it is not clear."""
    if "n" in used:
        return "n"
    layers = [node for node in walk(statement) if node.kind == "layer"]
    given = set().union(*(names_of(size) for node in layers for size in node.nodes[1:]))
    sizes = set().union(*(_sizes(node.nodes[0]) for node in layers))
    if sizes and sizes <= given:
        letter = in_order(sizes)[0]
        rule = f"{letter} stands for a size and for a hyperparameter"
        raise SolverError(rule, text(statement), "n for the size")
    free = sizes - given or {name for name in used if least(name) == 1}
    return free.pop() if len(free) == 1 else ""


def _sizes(node: Expression) -> set[str]:
    """The letters of a size, but for the hyperparameters of layers in it."""
    if node.kind == "layer":
        return _sizes(node.nodes[0])
    own = {node.parts[0]} if node.kind == "name" else set[str]()
    return own.union(*map(_sizes, node.nodes))


def meaning(
    claim: Claim,
    letters: Mapping[str, Any],
    operators: Mapping[str, Callable[..., Any]],
    number: Callable[[int], Any],
    stops: bool = False,
) -> Meaning:
    """What a claim says, in some arithmetic.

    letters: the value of each. operators: one function for each operator of
    `solver.sizes.expression`, and "whole", which tells whether a value is whole. number: makes a
    value of an int. stops: raise Unasked as soon as it is known that the claim is not asked.
    """
    asking = _Asking(operators, number, stops)
    for name, value in letters.items():
        asking.add(operators[">="](value, number(least(name))))
    exact: dict[str, Callable[..., Any]] = {**operators, "layer": asking.layer}
    if claim.where is not None:
        asking.add(evaluate(claim.where, letters, exact, number))
    stated = exact | {kind: partial(asking.compare, kind) for kind in COMPARISONS}
    holds = evaluate(claim.statement, letters, stated, number)
    return Meaning(asking.asked, holds, asking.sides)


class _Asking:
    """What a claim asks while it is worked out: that sizes are whole, and layers possible."""

    def __init__(
        self,
        operators: Mapping[str, Callable[..., Any]],
        number: Callable[[int], Any],
        stops: bool,
    ) -> None:
        self.operators, self.number, self.stops = operators, number, stops
        self.asked: list[Any] = []
        self.sides: list[tuple[Any, Any]] = []

    def add(self, truth: Any) -> None:
        self.asked.append(truth)
        if self.stops and truth is False:
            raise Unasked

    def size(self, value: Any, smallest: int) -> None:
        self.add(self.operators["whole"](value))
        self.add(self.operators[">="](value, self.number(smallest)))

    def layer(
        self, name: str, x: Any, k: Any, s: Any, begin: Any, end: Any, d: Any, a: Any, ceil: bool
    ) -> Any:
        """The size that a layer gives."""
        row, of = operation(name), self.operators
        self.size(x, 1)
        for hyperparameter, value in zip(
            ("kernel_size", "stride", "padding", "padding", "dilation", "output_padding"),
            (k, s, begin, end, d, a),
            strict=True,
        ):
            self.size(value, MINIMUM[hyperparameter])
        if row.transposed:
            self.add(of["<"](a, of["max"](s, d)))
            out = formulas.conv_transpose(x, k, s, begin, end, d, a)
        else:
            if row.pooling:
                self.add(of["<="](of["*"](self.number(2), of["max"](begin, end)), k))
            out = (formulas.ceil_pool if ceil else formulas.conv)(x, k, s, begin, end, d)
        self.add(of[">="](out, self.number(1)))
        return out

    def compare(self, kind: str, left: Any, right: Any) -> Any:
        """Whether two sizes are so; equal ones must be whole."""
        self.sides.append((left, right))
        if kind in ("==", "!="):
            self.add(self.operators["whole"](left))
            self.add(self.operators["whole"](right))
        return self.operators[kind](left, right)


def _condition(words: str) -> Expression:
    node = parse(words, NAMES, layers=True)
    if not is_condition(node):
        raise SolverError(
            "a claim compares sizes",
            text=words,
            at=0,
            right="conv(n, k=3, s=2, p=1) == ceil(n/2)",
        )
    try:
        _check(node)
    except SolverError as fault:
        raise type(fault)(fault.rule, fault.received, fault.right, words, fault.at) from None
    return node


def _check(node: Expression) -> None:
    """Make each layer whose hyperparameters are numbers, so that it checks them."""
    for part in node.nodes:
        _check(part)
    if node.kind in ("/", "//", "%") and _number(node.parts[1]) == 0:
        raise SolverError("a divisor must not be 0", at=node.at)
    values = [_number(part) for part in node.nodes[1:]] if node.kind == "layer" else [None]
    if None in values:
        return
    name, ceil_mode = node.parts[0], node.parts[-1]
    k, s, begin, end, d, a = (value or 0 for value in values)
    pooling = operation(name).pooling
    # In a claim the padding of a pooling is its own, at either end.
    padding: Any = min(begin, end, 0) or max(begin, end) if pooling else ((begin, end),)
    given: dict[str, Any] = {"kernel_size": k, "stride": s, "padding": padding, "dilation": d}
    given |= {"output_padding": a, "ceil_mode": ceil_mode}
    accepted = operation(name).hyperparameters
    accepted = (*accepted, "ceil_mode") if pooling else accepted
    try:
        LAYERS[name](**{key: v for key, v in given.items() if key in accepted})
    except SolverError as fault:
        fault.at = node.at
        raise


def _number(node: Expression) -> int | None:
    """A whole number that is written out, with its sign."""
    if is_negated(node):
        value = _number(node.parts[1])
        return None if value is None else -value
    return node.parts[0] if node.kind == "number" else None
