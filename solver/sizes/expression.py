"""Expressions: sizes and conditions as trees, from the reader of words to the last printer.

A tree is made by `solver.sizes.grammar` from what people write, or by arithmetic:

>>> i, k, s = letters("iks")
>>> print(floor((i - k) / s) + 1)
floor((i - k)/s) + 1

So the formulas of `solver.sizes.formulas` give trees where they are given names. Each printer is
one walk: `sizes.text`, `render.latex`, `symbolic.algebra`, `proof.smtlib`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from numbers import Rational
from typing import Any, Protocol

from solver.errors import LimitError, SolverError
from solver.ground.shown import Shown

_MOST_BITS = 4_096  # of a number that is a power
_MOST_FACTORS = 64  # of a power that is written out


class Symbolic(Protocol):
    """What SymPy calls an expression."""

    @property
    def free_symbols(self) -> Any:
        """The symbols in it."""


def power(base: Any, exponent: Any) -> Any:
    """A power of exact numbers, or of what has powers. Raises LimitError where it is neither.

    >>> power(2, 10), power(4, -1)
    (1024, Fraction(1, 4))
    >>> power(2, 10**9)
    Traceback (most recent call last):
        ...
    solver.errors.LimitError: a power has at most 4,096 bits
      received: an exponent of 1000000000
    """
    if isinstance(base, Rational) and isinstance(exponent, Rational):
        if exponent.denominator != 1:
            raise LimitError("an exponent is a whole number", str(exponent))
        count, above, below = int(exponent.numerator), int(base.numerator), int(base.denominator)
        bits = max(above.bit_length(), below.bit_length())
        if abs(count) * bits > _MOST_BITS and bits > 1:
            raise LimitError(
                f"a power has at most {_MOST_BITS:,} bits", f"an exponent of {exponent}"
            )
        if count < 0 and isinstance(base, int):
            from fractions import Fraction  # only where something is not whole

            return Fraction(base) ** count
        return base**count
    try:
        return base**exponent
    except TypeError:
        rule = "only a size in letters may have a letter in an exponent"
        raise LimitError(rule, f"{base}**{exponent}", "a number for that letter") from None


#: What Python's operators make of values; arithmetics that differ say where.
ARITHMETIC: Mapping[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "Mod": operator.mod,
    "**": power,
}
ORDER: Mapping[str, Callable[..., Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPARISONS = tuple(ORDER)


class Expression(Shown):
    """One node of a tree: what it is, its parts, and where it stands in a text it was read from.

    kind: "number", "name", an operator, "call", "layer", "not", "and" or "or". Equal trees are
    those of equal kinds and parts. + - * / // ** and the order build larger trees, with numbers
    too;
    `x.equals(y)` is a condition, `x == y` compares the trees.

    >>> n = named("n")
    >>> n * 2 - 1 == 2 * n - 1, (n >= 1).kind, n.equals(1).kind
    (False, '>=', '==')
    """

    __slots__ = ("at", "kind", "parts")

    def __init__(self, kind: str, parts: tuple[Any, ...], at: int = 0) -> None:
        self.kind = kind
        self.parts = parts
        self.at = at

    @property
    def nodes(self) -> tuple[Expression, ...]:
        """The parts that are trees themselves."""
        return tuple(part for part in self.parts if isinstance(part, Expression))

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, Expression) and self.kind == other.kind
        return same and self.parts == other.parts  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((self.kind, self.parts))

    def __bool__(self) -> bool:
        """Refused of a comparison: it is a tree, which `max` and `if` would take for true."""
        if self.kind in COMPARISONS:
            raise TypeError("a condition on letters is neither true nor false by itself")
        return True

    def __repr__(self) -> str:
        return f"Expression({self.kind!r}, {self.parts!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Expression, (self.kind, self.parts, self.at)

    def __add__(self, other: Size) -> Expression:
        if isinstance(other, int) and other < 0:
            return self - -other
        return apply("+", self, other)

    def __radd__(self, other: int) -> Expression:
        return apply("+", other, self)

    def __sub__(self, other: Size) -> Expression:
        return apply("-", self, other)

    def __rsub__(self, other: int) -> Expression:
        return apply("-", other, self)

    def __neg__(self) -> Expression:
        return apply("-", 0, self)

    def __mul__(self, other: Size) -> Expression:
        return apply("*", self, other)

    def __rmul__(self, other: int) -> Expression:
        return apply("*", other, self)

    def __truediv__(self, other: Size) -> Expression:
        return apply("/", self, other)

    def __floordiv__(self, other: Size) -> Expression:
        return floor(self / other)

    def __mod__(self, other: Size) -> Expression:
        return apply("%", self, other)

    def __pow__(self, other: Size) -> Expression:
        return apply("**", self, other)

    def __rpow__(self, other: int) -> Expression:
        return apply("**", other, self)

    def __lt__(self, other: Size) -> Expression:
        return apply("<", self, other)

    def __le__(self, other: Size) -> Expression:
        return apply("<=", self, other)

    def __gt__(self, other: Size) -> Expression:
        return apply(">", self, other)

    def __ge__(self, other: Size) -> Expression:
        return apply(">=", self, other)

    def equals(self, other: Size) -> Expression:
        """The condition that both are the same size."""
        return apply("==", self, other)

    def __and__(self, other: Expression) -> Expression:
        return apply("and", self, other)


#: What may stand in a tree.
Size = Expression | int


def of(size: Size) -> Expression:
    """A size as a tree; a negative number is one with a sign.

    >>> of(-3) == -of(3)
    True
    """
    if isinstance(size, Expression):
        return size
    tree: Expression | None = None if type(size) is int else getattr(size, "expression", None)
    if tree is not None:  # of a number that stands for a word
        return tree
    return Expression("number", (size,)) if size >= 0 else -of(-size)


def named(word: str) -> Expression:
    """A letter, or a name of a hyperparameter."""
    return Expression("name", (word,))


def letters(words: str) -> list[Expression]:
    """Letters, or words with blanks between them.

    >>> [name.parts[0] for name in letters("io") + letters("stride padding")]
    ['i', 'o', 'stride', 'padding']
    """
    return [named(word) for word in (words.split() if " " in words else words)]


def floor(size: Size) -> Expression:
    """The greatest whole number that is not greater."""
    return call("floor", size)


def ceil(size: Size) -> Expression:
    """The smallest whole number that is not smaller."""
    return call("ceil", size)


def call(function: str, *sizes: Size) -> Expression:
    """A function of sizes: floor, ceil, min, max or Mod."""
    return Expression("call", (function, *map(of, sizes)))


def smaller(x: Any, y: Any) -> Any:
    """The smaller of two sizes, in any arithmetic.

    >>> smaller(2, 3), str(smaller(named("k"), 3))
    (2, 'min(k, 3)')
    """
    return call("min", x, y) if _any_tree(x, y) else min(x, y)


def larger(x: Any, y: Any) -> Any:
    """The larger of two sizes, in any arithmetic."""
    return call("max", x, y) if _any_tree(x, y) else max(x, y)


def _any_tree(*sizes: Any) -> bool:
    return any(isinstance(size, Expression) for size in sizes)


def apply(kind: str, *sizes: Size) -> Expression:
    """Sizes under an operator or a comparison."""
    return Expression(kind, tuple(map(of, sizes)))


def product(factors: Iterable[Expression]) -> Expression:
    """The product of sizes, grouped to the left as people read it; 1 where there is none.

    >>> a, b, c = letters("abc")
    >>> product([a, b * c]) == a * b * c
    True
    """
    flat: list[Expression] = []
    for factor in factors:
        pending = [factor]
        while pending and (node := pending.pop()):
            if node.kind == "*":
                pending += reversed(node.parts)
            else:
                flat.append(node)
    return reduce(operator.mul, flat) if flat else of(1)


def times(factor: int, size: Expression) -> Expression:
    """A multiple of a size, without a factor of 1."""
    return size if (number := of(factor)) == of(1) else product([number, size])


def added(terms: Iterable[tuple[bool, Expression]]) -> Expression:
    """The sum of terms, each with whether it is taken away; 0 where there is none.

    >>> n = named("n")
    >>> added([(True, n), (False, of(2))]) == -n + 2
    True
    """
    total: Expression | None = None
    for negative, term in terms:
        if total is None:
            total = -term if negative else term
        else:
            total = total - term if negative else total + term
    return of(0) if total is None else total


def walk(node: Expression) -> Iterator[Expression]:
    """Yield a tree and every tree inside it.

    >>> [part.kind for part in walk(named("n") / 2)]
    ['/', 'name', 'number']
    """
    yield node
    for part in node.nodes:
        yield from walk(part)


def names(node: Expression) -> set[str]:
    """The names a tree depends on.

    >>> sorted(names(named("p") + 1))
    ['p']
    """
    return {part.parts[0] for part in walk(node) if part.kind == "name"}


def substitute(node: Expression, sizes: Mapping[str, Size | str]) -> Expression:
    """The tree with other sizes, or other names, for its names; one that is not listed stays.

    >>> substitute(named("p") * 2, {"p": "padding"}) == named("padding") * 2
    True
    """
    if node.kind == "name":
        size = sizes.get(node.parts[0], node)
        return named(size) if isinstance(size, str) else of(size)
    parts = tuple(
        substitute(part, sizes) if isinstance(part, Expression) else part for part in node.parts
    )
    return Expression(node.kind, parts, node.at)


def is_condition(node: Expression) -> bool:
    """Tell a condition (a comparison, and, or, not) from a size."""
    return node.kind in COMPARISONS or node.kind in ("and", "or", "not")


def evaluate(
    node: Expression,
    names: Mapping[str, Any],
    operators: Mapping[str, Callable[..., Any]],
    number: Callable[[int], Any] = int,
) -> Any:
    """Fold the tree with the caller's arithmetic: one function per operator.

    number: turns a literal into that arithmetic. A SolverError raised by an operator is told the
    offset of that operator.

    >>> evaluate(7 * named("n") ** 2 - 1, {"n": 3}, ARITHMETIC)
    62
    """
    if node.kind == "number":
        return number(node.parts[0])
    if node.kind == "name":
        return names[node.parts[0]]
    kind, parts = node.kind, node.parts
    if kind == "call":
        kind, parts = parts[0], parts[1:]
    count = constant(parts[1]) if kind == "**" else None
    values = []
    for part in parts if count is None else parts[:1]:
        inner = isinstance(part, Expression)
        values.append(evaluate(part, names, operators, number) if inner else part)
    try:
        if count is None:
            return operators[kind](*values)
        base = constant(parts[0])
        if base is None:
            found = _repeated(values[0], abs(count), operators["*"], number(1))
        else:
            found = number(power(base, abs(count)))
        return operators["/"](number(1), found) if count < 0 else found
    except SolverError as fault:
        if fault.at is None:
            fault.at = node.at
        raise


def constant(node: Expression) -> int | None:
    """The whole number that a tree without names is, or None.

    >>> constant(of(3) - 1), constant(named("n"))
    (2, None)
    """
    if any(part.kind not in ("number", "+", "-", "*", "**") for part in walk(node)):
        return None
    value = evaluate(node, {}, ARITHMETIC)
    return value if isinstance(value, int) else None


def _repeated(value: Any, count: int, times: Callable[..., Any], one: Any) -> Any:
    """A power with a number for an exponent: a product, in any arithmetic."""
    if count > _MOST_FACTORS:
        raise LimitError(f"a power has at most {_MOST_FACTORS} factors", f"{count:,}")
    return reduce(times, [value] * count) if count else one
