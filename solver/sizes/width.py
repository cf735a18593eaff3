"""Numbers that nobody has told: a whole number that stands for a word, and carries its formula.

A text is read with some number in the place of an argument that it does not tell. What is computed
of that number knows how, and prints so; a number whose formula is lost is a plain one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from math import gcd
from operator import mul
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from solver.sizes.expression import Expression
    from solver.sizes.polynomial import Polynomial

#: The largest power that is multiplied out.
_POWERS = 4


class Width(int):
    """Be a whole number with its formula in words.

    Arithmetic with whole numbers gives such numbers again, and plain ones where there is no
    formula. It prints as its formula, and compares as the number that it is.
    supposed: what has been taken to hold of words, in words.

    >>> dim, heads = Width.named(40320, "dim"), Width.named(1, "heads")
    >>> print(dim * 4 - dim, dim // 2 * 2, dim // heads, (dim * 6 + 3) // 3, dim - dim)
    3*dim 2*floor(dim/2) floor(dim/heads) 2*dim + 1 0
    >>> dim > 40319, f"{dim * dim:,}", dim % 64 == 0, dim // heads * heads == dim, [*dim.supposed]
    (True, 'dim**2', True, True, ['dim % 64 = 0', 'floor(dim/heads)*heads = dim'])
    """

    words: Polynomial
    supposed: dict[str, None]

    @classmethod
    def named(cls, value: int, word: str, supposed: dict[str, None] | None = None) -> Width:
        """A number that stands for a word."""
        from solver.sizes.polynomial import Polynomial  # few texts leave a number open

        return cls._made(value, Polynomial.of(word), {} if supposed is None else supposed)

    @classmethod
    def _made(cls, value: int, words: Polynomial, supposed: dict[str, None]) -> Width:
        found = cls(value)
        found.words, found.supposed = words, supposed
        return found

    @property
    def expression(self) -> Expression:
        """It as a tree."""
        return self.words.expression

    def __add__(self, other: Any) -> Any:
        return self._with(other, int.__add__, lambda one, two: one + two)

    def __sub__(self, other: Any) -> Any:
        return self._with(other, int.__sub__, lambda one, two: one - two)

    def __mul__(self, other: Any) -> Any:
        return self._with(other, int.__mul__, lambda one, two: one * two)

    def __floordiv__(self, other: Any) -> Any:
        from solver.sizes.worded import quotient

        return self._with(other, int.__floordiv__, quotient)

    def __mod__(self, other: Any) -> Any:
        from solver.sizes.worded import remainder

        found = self._with(other, int.__mod__, remainder)
        if isinstance(found, Width) and found == 0:
            self.supposed[f"{self} % {other} = 0"] = None
        return found

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Any:
        return self._with(other, int.__rsub__, lambda one, two: two - one)

    def __rfloordiv__(self, other: Any) -> Any:
        from solver.sizes.worded import quotient

        return self._with(other, int.__rfloordiv__, lambda one, two: quotient(two, one))

    def __rmod__(self, other: Any) -> Any:
        from solver.sizes.worded import remainder

        return self._with(other, int.__rmod__, lambda one, two: remainder(two, one))

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __pow__(self, other: Any, modulo: None = None) -> Any:  # type: ignore[override]
        if type(other) is int and 0 < other <= _POWERS:
            return reduce(mul, [self] * other)
        return int(self) ** other

    def __neg__(self) -> Any:
        return self * -1

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self if self >= 0 else -self

    def __hash__(self) -> int:
        return hash((int(self), self.words))  # what is remembered of a number is not of this one

    def __eq__(self, other: object) -> bool:
        same = int.__eq__(self, other)
        if same is True and isinstance(other, Width) and self.words != other.words:
            self.supposed[f"{self} = {other}"] = None
        return same

    def __str__(self) -> str:
        return str(self.words)

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return str(self.words)

    def __reduce__(self) -> Any:
        return Width._made, (int(self), self.words, self.supposed)

    def _with(
        self,
        other: Any,
        numbers: Callable[[int, int], Any],
        formulas: Callable[[Polynomial, Polynomial], Polynomial | None],
    ) -> Any:
        from solver.sizes.worded import formula

        found = numbers(self, other)
        if found is NotImplemented:
            return found
        words = formulas(self.words, formula(other))
        if words is None or words.number is not None:
            return found
        return self._made(found, words, self.supposed)


def is_int(value: object) -> TypeGuard[int]:
    """Tell whether a value is a whole number, and neither true nor false.

    >>> is_int(3), is_int(Width.named(3, "dim")), is_int(True)
    (True, True, False)
    """
    return type(value) is int or isinstance(value, Width)


def alike(one: object, other: object) -> bool:
    """Tell whether two values that are written alike are one: words, that stand for one number."""
    if not (isinstance(one, Width) and isinstance(other, Width)):
        return True
    return int(one) == int(other) and one.supposed is other.supposed


def plain(value: int) -> int | str:
    """A number as plain data: the words of one that stands for them."""
    return str(value) if isinstance(value, Width) else value


def at(number: int, values: Mapping[str, int] | None) -> int:
    """What a number is where its words have other values; without, the one that it is.

    >>> dim = Width.named(6, "dim")
    >>> at(dim // 4 + dim, {"dim": 9}), at(6, {"dim": 9})
    (11, 6)
    """
    if not isinstance(number, Width):
        return number
    from solver.sizes.worded import value

    return int(number) if values is None else int(value(number.words, values))


def common(one: int, other: int) -> int:
    """A number that divides both whatever their words are; of plain ones the largest.

    >>> dim = Width.named(12, "dim")
    >>> common(dim * 4, dim * 8), common(dim * 4, 6), common(8, 12)
    (4*dim, 2, 4)
    """
    if not (isinstance(one, Width) or isinstance(other, Width)) or not (one and other):
        return gcd(one, other)
    from solver.sizes.worded import content, formula, remainder

    first, second = formula(one), formula(other)
    for divisor, words, size in ((one, first, second), (other, second, first)):
        if (rest := remainder(size, words)) is not None and rest.number == 0:
            return abs(divisor)
    return content(first, second)


def lowest(top: int, bottom: int) -> tuple[int, int]:
    """A quotient in lowest terms; where words stand for numbers that divide, as a whole number.

    >>> dim, heads = Width.named(12, "dim"), Width.named(2, "heads")
    >>> lowest(dim * 3, heads * 6), lowest(dim, 8), lowest(8, 12)
    ((floor(dim/(2*heads)), 1), (dim, 8), (2, 3))
    """
    shared = common(top, bottom)
    top, bottom = top // shared, bottom // shared
    worded = isinstance(top, Width) or isinstance(bottom, Width)
    return (top // bottom, 1) if worded and int(top) % int(bottom) == 0 else (top, int(bottom))
