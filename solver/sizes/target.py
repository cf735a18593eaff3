"""Sizes in words: "2n", "ceil(n/2)", "n/2" become exact rational size maps, conditions size sets.

`/` is exact, so an expression is a size map over a whole number; where that is whole, and where a
condition holds, is a size set.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial
from math import gcd
from typing import Any

from solver.errors import LimitError, SolverError
from solver.sizes.domain import read_number, size_letter
from solver.sizes.expression import ARITHMETIC, Expression, evaluate, is_condition, substitute
from solver.sizes.fold import expression
from solver.sizes.grammar import FUNCTIONS, parse
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import EVERY, NONE, SizeSet, where_nonnegative, where_zero


class SizeExpression:
    """Hold the rational map n -> numerator(n)/denominator, with + - * / // % as in arithmetic.

    >>> t = read_size("n/3 + 1")
    >>> str(t), str(t.whole), t.at(6)
    ('(n + 3)/3', 'n = 0 (mod 3)', 3)
    """

    __slots__ = ("denominator", "numerator", "said", "taken")

    def __init__(self, numerator: SizeMap, denominator: int = 1) -> None:
        if denominator > 1:
            common = _common_divisor(numerator, denominator)
            if common > 1:
                numerator, denominator = numerator // common, denominator // common
        self.numerator = numerator
        self.denominator = denominator
        self.said: Expression | None = None  # as it was written
        self.taken = EVERY  # where layers in it take what goes in

    @property
    def whole(self) -> SizeSet:
        """The input sizes at which the value is a whole number, and layers in it run."""
        return self.taken & self._whole

    @property
    def _whole(self) -> SizeSet:
        if self.denominator == 1:
            return EVERY
        if self.numerator.period == 1:
            # rise*n + shift = 0 (mod denominator) is one congruence
            rise, shift = self.numerator.rise, int(self.numerator(0))
            common = gcd(rise, self.denominator)
            modulus = self.denominator // common
            if shift % common:
                return NONE
            return SizeSet(modulus, [-shift // common * pow(rise // common, -1, modulus)])
        return where_zero(self.numerator % self.denominator)

    @property
    def slope(self) -> tuple[int, int]:
        """Return (rise, period): the growth per element, not reduced."""
        return self.numerator.rise, self.numerator.period * self.denominator

    @property
    def period(self) -> int:
        """A period after which the value has gained a whole number."""
        return self.numerator.period * self.denominator

    @property
    def constant(self) -> bool:
        return self.numerator.period == 1 and self.numerator.rise == 0

    def at(self, n: int) -> int:
        """The value at an n where it is whole."""
        return int(self.numerator(n)) // self.denominator

    def __add__(self, other: SizeExpression) -> SizeExpression:
        return SizeExpression(
            self.numerator * other.denominator + other.numerator * self.denominator,
            self.denominator * other.denominator,
        )

    def __neg__(self) -> SizeExpression:
        return SizeExpression(-self.numerator, self.denominator)

    def __sub__(self, other: SizeExpression) -> SizeExpression:
        return self + -other

    def __mul__(self, other: SizeExpression) -> SizeExpression:
        if self.constant:
            self, other = other, self
        if not other.constant:
            raise SolverError("a product of two sizes is not a size", right="a whole multiple of n")
        factor = int(other.numerator(0))
        return SizeExpression(self.numerator * factor, self.denominator * other.denominator)

    def __truediv__(self, other: SizeExpression) -> SizeExpression:
        if not other.constant:
            raise SolverError("a size is divided by a number, not by a size", right="n/2")
        divisor = int(other.numerator(0))
        if divisor == 0:
            raise SolverError("division by zero", right="a divisor of at least 1")
        if divisor < 0:
            return SizeExpression(self.numerator * -other.denominator, self.denominator * -divisor)
        return SizeExpression(self.numerator * other.denominator, self.denominator * divisor)

    def floor(self) -> SizeExpression:
        return SizeExpression(self.numerator // self.denominator)

    def ceil(self) -> SizeExpression:
        return -(-self).floor()

    def __floordiv__(self, other: SizeExpression) -> SizeExpression:
        return (self / other).floor()

    def __mod__(self, other: SizeExpression) -> SizeExpression:
        return self - other * (self // other)

    @property
    def expression(self) -> Expression:
        """It as a tree: folded, or as it was written. Raises LimitError where it is neither."""
        folded = expression(self.numerator)
        if folded is not None:
            return folded / self.denominator if self.denominator > 1 else folded
        if self.said is None:
            raise LimitError("a size has a short expression", received=str(self.numerator))
        return self.said

    def __str__(self) -> str:
        return str(self.expression)

    def __repr__(self) -> str:
        return f"read_size({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, SizeExpression)
            and self.numerator * other.denominator == other.numerator * self.denominator
        )

    def __hash__(self) -> int:
        rise, period = self.slope
        common = gcd(rise, period)
        return hash((rise // common, period // common))


def is_layer(text: str) -> bool:
    """Tell whether a text is one layer as a program writes it, and no expression in n.

    >>> is_layer("self.pool = nn.MaxPool2d(3, 2, 1)"), is_layer("tf.nn.max_pool(x, 2, 2)")
    (True, True)
    >>> is_layer("maxpool(n, 3)"), is_layer("Max(n, 3)"), is_layer("MaxPool(n, 3)")
    (False, False, False)
    """
    found = re.match(r"\s*(?:[\w.]+\s*=\s*)?(?:((?:\w+\.)+)\w+|([A-Z]\w*))\s*\(", text)
    return bool(found and found[2] not in FUNCTIONS and not re.search(r"\bn\b", text))


@lru_cache(maxsize=16)
def read_size(size: str | int) -> SizeExpression:
    """Read a size: a number, or an expression in n. SolverError has a caret under the fault.

    Another letter may stand in the place of n.

    >>> str(read_size("2(n - 1) + 3")), str(read_size("n - 2*floor(n/2)")), str(read_size("2h"))
    ('2*n + 1', 'n - 2*floor(n/2)', '2*n')
    >>> read_size("n*n")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a product of two sizes is not a size
      n*n
       ^
      right:    a whole multiple of n
    """
    text = str(size)
    if text.isascii() and text.isdigit():
        return _number(read_number(text, "a size", text, 0, 0))
    if line := _read_line(text):
        return line
    node = _in_n(text)
    if is_condition(node):
        raise SolverError(
            "a size is wanted here, not a condition", text=text, at=node.at, right="for example 2n"
        )
    return sized(node, text)


def sized(node: Expression, text: str = "") -> SizeExpression:
    """The size that a tree in n is. text: what it was read from, where a fault is shown.

    >>> from solver.sizes.expression import named
    >>> str(sized(named("n") // 2))
    'floor(n/2)'
    """
    taken: list[SizeSet] = []
    found: SizeExpression = _evaluate(node, text, partial(_through, taken))
    if taken:
        found = SizeExpression(found.numerator, found.denominator)
        found.taken = SizeSet.common(taken)
    found.said = found.said or node
    return found


#: A line in n over a number, perhaps rounded and shifted: 2n - 1, n/2, floor((n - 3)/2) + 1.
_SHIFT = r"(?:([+-])\s*([0-9]{1,18})\s*)?"
_LINE = (
    r"\s*(?:(floor|ceil)\s*\(\s*)?(\(\s*)?(?:([1-9][0-9]{0,17})\s*\*?\s*)?n\s*"
    rf"{_SHIFT}(?(2)\)\s*)(?:/\s*([1-9][0-9]{{0,17}})\s*)?(?(1)\)\s*{_SHIFT})"
)


def _read_line(text: str) -> SizeExpression | None:
    """A size that is written as most are, without the grammar, which takes ten times as long.

    >>> str(_read_line("ceil((3n - 2)/4) + 1")), _read_line("n + 1/2")
    ('floor((3*n + 5)/4)', None)
    """
    if not (found := re.fullmatch(_LINE, text)):
        return None
    rounds, inside, rise, sign, shift, below, after, more = found.groups()
    if shift and below and not inside:  # only the shift is divided
        return None
    start = int(f"{sign}{shift}") if shift else 0
    period = int(below) if below else 1
    if rounds:
        start += period * int(f"{after}{more}") if more else 0
        start += period - 1 if rounds == "ceil" else 0
        return SizeExpression(SizeMap.line(int(rise or 1), start, period))
    return SizeExpression(SizeMap.line(int(rise or 1), start), period)


def read_where(text: str) -> SizeSet:
    """Read a condition on n, such as "n % 4 == 1" or "n >= 5 and n % 2 == 0".

    >>> print(read_where("n % 4 == 1"), "|", read_where("3 < n <= 5"))
    n = 1 (mod 4) | n in {4, 5}
    """
    where: SizeSet = _evaluate(read_condition(text), text)
    return where


def read_condition(text: str) -> Expression:
    """Read a condition on n as a tree.

    >>> read_condition("n % 4 == 1").kind
    '=='
    """
    node = _in_n(text)
    if not is_condition(node):
        raise SolverError(
            "a condition is wanted here, not a size",
            text=text,
            at=node.at,
            right="for example n % 4 == 1",
        )
    return node


def _in_n(text: str) -> Expression:
    """A tree in n, which the only letter of a text stands for."""
    letter = size_letter(text)
    node = parse(text, (letter,), layers=True)
    return node if letter == "n" else substitute(node, {letter: "n"})


def _evaluate(node: Expression, text: str, layer: Callable[..., Any] | None = None) -> Any:
    operators = _OPERATORS if layer is None else {**_OPERATORS, "layer": layer}
    try:
        return evaluate(node, {"n": SizeExpression(IDENTITY)}, operators, _number)
    except SolverError as fault:
        raise type(fault)(fault.rule, fault.received, fault.right, text, fault.at) from None


def _through(
    taken: list[SizeSet], name: str, x: SizeExpression, *given: SizeExpression | bool
) -> SizeExpression:
    """What comes out of a layer with hyperparameters in numbers; `taken` tells where it runs."""
    from solver.sizes import formulas  # few sizes have layers in them
    from solver.sizes.operations import operation

    *numbers, ceil_mode = given
    if not all(isinstance(each, SizeExpression) and each.constant for each in numbers):
        raise SolverError("the hyperparameters of a layer in a size are numbers")
    k, s, begin, end, d, a = (each.at(1) for each in numbers)  # type: ignore[union-attr]
    if ceil_mode:
        raise SolverError("layers in a size count their windows down", right="no ceil_mode")
    if a and a >= max(s, d):
        rule = "output_padding must be smaller than the stride or the dilation"
        raise SolverError(rule, str(a), f"at most {max(s, d) - 1}")
    if operation(name).transposed:
        made = formulas.conv_transpose(IDENTITY, k, s, begin, end, d, a)
    else:
        made = formulas.conv(IDENTITY, k, s, begin, end, d)
    inside = x.numerator if x.denominator == 1 else x.numerator // x.denominator
    out = made(inside)
    taken += [x.whole, where_nonnegative(inside - 1), where_nonnegative(out - 1)]
    return SizeExpression(out)


def _number(value: int) -> SizeExpression:
    return SizeExpression(SizeMap.line(0, value))


def _common_divisor(numerator: SizeMap, denominator: int) -> int:
    """The part of the denominator that divides every value."""
    return gcd(denominator, numerator.divisor)


def _unknown_slope(*_: SizeExpression) -> SizeExpression:
    raise SolverError("min() and max() have no single slope", right="floor() and ceil()")


def _no_power(*_: SizeExpression) -> SizeExpression:
    raise SolverError(
        "powers of n are not sizes",
        right="products such as 2*n; powers of numbers and other letters, 2**i",
    )


def _compare(sign: Callable[[SizeMap], SizeSet]) -> Callable[[Any, Any], SizeSet]:
    # Denominators are positive, so the sign of a difference is the sign of its numerator.
    return lambda left, right: sign((left - right).numerator)


_OPERATORS: dict[str, Callable[..., Any]] = {
    **ARITHMETIC,
    "floor": SizeExpression.floor,
    "ceil": SizeExpression.ceil,
    "min": _unknown_slope,
    "max": _unknown_slope,
    "**": _no_power,
    "==": _compare(where_zero),
    "!=": _compare(lambda f: ~where_zero(f)),
    ">=": _compare(where_nonnegative),
    ">": _compare(lambda f: where_nonnegative(f - 1)),
    "<=": _compare(lambda f: where_nonnegative(-f)),
    "<": _compare(lambda f: where_nonnegative(-f - 1)),
    "and": lambda x, y: x & y,
    "or": lambda x, y: x | y,
    "not": lambda x: ~x,
}
