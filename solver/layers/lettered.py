"""Layers in letters: what they do along an axis for all values of the letters, and where legal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, reduce
from operator import and_
from typing import Any

from solver.errors import LimitError, SizeError, SolverError
from solver.ground.record import Record
from solver.layers.legal import conditions, settled, whole
from solver.layers.window import Window
from solver.sizes.domain import whole_number
from solver.sizes.exact import exact
from solver.sizes.expression import (
    Expression,
    apply,
    call,
    is_condition,
    named,
    names,
    of,
    substitute,
    walk,
)
from solver.sizes.formulas import WORDS
from solver.sizes.letters import decided, in_order, least
from solver.sizes.simplest import simplest
from solver.symbolic.given import given_back as given_back
from solver.symbolic.given import in_letters, symbols_of, tree

#: The size that comes in.
N = named("n")


class LetteredRule(Record):
    """What a layer in letters does along one axis; sizes and hyperparameters are trees.

    window: what is read. counted: the window that counts the outputs; it is another in ceil mode.
    least: the smallest size that is accepted besides. What only numbers have is refused.

    >>> from solver.sizes.expression import letters
    >>> n, k, s = letters("nks")
    >>> window = Window(k, s, 1, 1)
    >>> rule = LetteredRule(window, window)
    >>> print(rule.after(n), "|", rule.minimum)
    floor((n - k + 2)/s) + 1 | max(1, k - 2)
    >>> rule.size_map
    Traceback (most recent call last):
        ...
    solver.errors.LimitError: a size map wants numbers for the letters
      right:    those of the layer at(k=..., s=...)
    """

    window: Window
    counted: Window
    least: Expression = of(1)

    def after(self, n: Any) -> Expression:
        """The size that comes out of a size."""
        return simplest(of(self.counted.size(of(n))))

    size = after

    @cached_property
    def minimum(self) -> Expression:
        """The smallest n >= 1 that is accepted; every larger one is too."""
        net, m = self.counted.net_padding, self.counted.input_dilation
        # (n - 1)*m + net >= 0
        found = 1 - net if m == 1 else 1 + call("ceil", (of(0) - net) / m)
        return at_least(self.least, simplest(of(found)))

    @property
    def size_map(self) -> Any:
        raise self._wanting("a size map")

    @property
    def accepts(self) -> Any:
        raise self._wanting("a set of sizes")

    exact = something = formula = accepts
    unproved = None

    def array(self, n: Any) -> Any:
        raise self._wanting("an array of sizes")

    def _wanting(self, what: str) -> LimitError:
        return wanting(what, letters_of((self.window, self.counted)))


class LetteredWindow(Window):
    """The window of a layer in letters for people: its fields are SymPy, in the given symbols.

    >>> from solver import Conv
    >>> Conv("k", stride="s").window().span
    k
    """

    __slots__ = ()

    def read(self, y: int) -> list[int]:
        raise wanting("what an output reads", map(str, self._symbols()))

    def behind(self, read: Any = None) -> Any:
        raise wanting("what each position reads", map(str, self._symbols()))

    length_behind = composes = behind

    @property
    def overlaps(self) -> tuple[int, ...]:
        raise wanting("how much outputs overlap", map(str, self._symbols()))

    @property
    def size_map(self) -> Any:
        raise wanting("a size map", map(str, self._symbols()))

    minimum = size_map  # of the layer

    def _symbols(self) -> list[Any]:
        found = {symbol for size in self for symbol in getattr(size, "free_symbols", ())}
        return sorted(found, key=str)


def wanting(what: str, letters: Iterable[str]) -> LimitError:
    """The refusal of what only numbers have."""
    numbers = ", ".join(f"{letter}=..." for letter in letters)
    rule = f"{what} wants numbers for the letters"
    return LimitError(rule, right=f"those of the layer at({numbers})")


def at_least(*sizes: Expression) -> Expression:
    """The largest of sizes, without those that another always beats.

    >>> from solver.sizes.expression import letters
    >>> k, s = letters("ks")
    >>> print(at_least(of(1), k, k - 2, s))
    max(k, s)
    """
    kept: list[Expression] = []
    for size in (side for each in sizes for side in _sides(each)):
        if not any(decided(other >= size) for other in kept):
            kept = [other for other in kept if not decided(size >= other)] + [size]
    return kept[0] if len(kept) == 1 else call("max", *kept)


def since(smallest: Expression) -> Expression:
    """The condition that the size that comes in is at least another, itself at least 1.

    >>> print(since(at_least(of(1), named("k") - 2)), "|", since(of(1)))
    1 >= 1 and n >= k - 2 | 1 >= 1
    """
    return together(apply(">=", N, part) for part in _sides(smallest) if part != of(1))


def _sides(size: Expression) -> tuple[Expression, ...]:
    """The sizes that one is the largest of."""
    return size.nodes if size.kind == "call" and size.parts[0] == "max" else (size,)


def together(conditions: Iterable[Expression]) -> Expression:
    """All of some conditions as one."""
    return reduce(and_, conditions, of(1) >= 1)


# Of a layer


def read(size: Any, name: str, smallest: int) -> Any:
    """A hyperparameter in letters as it was given, once it is read; a number as an int.

    Raises SolverError, with a caret under the fault of words.

    >>> read("2s", "stride", 1), read("s - s + 3", "stride", 1)
    ('2s', 3)
    >>> read("n/2", "stride", 1)
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: n is the size of the input, and no letter of a hyperparameter
      n/2
      ^
      right:    another letter for the stride
    """
    found = tree(size)
    text = size if isinstance(size, str) else None
    for part in walk(found):
        if part.kind == "name" and part.parts[0] == "n":
            rule = "n is the size of the input, and no letter of a hyperparameter"
            right = f"another letter for the {name}"
            raise SolverError(rule, None if text else str(size), right, text, part.at)
    if text and not names(found):
        return whole_number(size, name, smallest)  # numbers are no words
    if not names(simplest(found)):
        number = exact(found, dict.fromkeys(names(found), 1))
        return whole_number(int(number) if number.denominator == 1 else size, name, smallest)
    if decided(found >= smallest) is False:
        rule = f"{name} must be at least {smallest}"
        raise SolverError(rule, f"{size}, which is less for all letters")
    if settled(whole(found)) is None:
        raise SolverError(
            f"{name} must be a whole number", f"{size}, which is none for any letters"
        )
    return size


def as_tree(size: Any) -> Any:
    """A hyperparameter as its formulas take it: numbers as they are, letters as trees."""
    if isinstance(size, tuple):
        return tuple(map(as_tree, size))
    if isinstance(size, str):
        return size if size in WORDS else _words(size)
    return simplest(tree(size)) if in_letters(size) else size


@lru_cache(maxsize=1024)
def _words(size: str) -> Expression:
    return simplest(tree(size))


def letters_of(sizes: Iterable[Any]) -> tuple[str, ...]:
    """The letters of hyperparameters, in the order of the alphabet of sizes."""
    used: set[str] = set()
    for size in flat(sizes):
        found = as_tree(size)
        used |= names(found) if isinstance(found, Expression) else set()
    return in_order(used)


def flat(sizes: Iterable[Any]) -> Iterator[Any]:
    """What stands in tuples and lists, however deep."""
    for size in sizes:
        if isinstance(size, (tuple, list)):
            yield from flat(size)
        else:
            yield size


def known(*layers: Any, sizes: Iterable[Any] = ()) -> dict[str, Any]:
    """The symbols that layers, and sizes besides, are given in."""
    return symbols_of(flat([*(layer.given for layer in layers), *sizes]))


def check(layer: Any) -> None:
    """Raise SolverError where no values of the letters make a layer."""
    known(layer)
    found = [*conditions(layer)]
    if settled(found) is None:
        wrong = [each for each in found if settled([each]) is None] or found
        told = " and ".join(str(each) for each in wrong if decided(each) is not True)
        raise SolverError(
            "no values of the letters make this a layer", repr(layer), f"{told} must hold"
        )


def where(*layers: Any) -> Any:
    """The condition under which layers in letters are some, as SymPy."""
    found = settled(
        condition for layer in layers if layer.letters for condition in conditions(layer)
    )
    return given_back(together(found or []), known(*layers))


def put(layer: Any, letters: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a layer with sizes in the place of letters."""
    for letter in letters:
        if letter not in layer.letters:
            right = ", ".join(layer.letters) or "a layer of numbers has none"
            raise SolverError("the layer has no such letter", letter, right)
    known(layer, sizes=letters.values())
    return {name: placed(name, getattr(layer, name), letters) for name in layer.sized}


def placed(name: str, size: Any, letters: Mapping[str, Any]) -> Any:
    """A size with others in the place of letters. Raises SolverError where it is not whole.

    >>> placed("padding", "(k - 1)/2", {"k": 3}), placed("padding", "(k - 1)/2", {"k": "2s + 1"})
    (1, 's')
    """
    if isinstance(size, tuple):
        return tuple(placed(name, each, letters) for each in size)
    found = as_tree(size)
    if not isinstance(found, Expression) or not names(found) & letters.keys():
        return size
    for letter in names(found) & letters.keys():
        if not in_letters(letters[letter]):
            whole_number(letters[letter], letter, least(letter))
    put = simplest(substitute(found, {letter: tree(size) for letter, size in letters.items()}))
    if names(put):
        symbols = symbols_of([size, *letters.values()])
        return given_back(put, symbols) if names(put) & symbols.keys() else str(put)
    number = exact(put, {})
    if number.denominator > 1:
        told = ", ".join(f"{letter} = {size}" for letter, size in letters.items())
        raise SolverError(f"{name} must be a whole number", f"{found} = {number} at {told}")
    return int(number)


def sizes(layer: Any, given: Sequence[Any]) -> tuple[Any, ...]:
    """The sizes that come out of sizes, along each axis: trees of trees, else SymPy or numbers."""
    symbols = known(layer, sizes=given)
    rules = zip(layer.along(len(given)), given, strict=True)
    return tuple(of_kind(n, after(rule, n), symbols) for rule, n in rules)


def after(rule: Any, n: Any) -> Any:
    """The size that comes out of one: a tree, or a number where no letter decides."""
    if not isinstance(rule, LetteredRule) and not in_letters(n):
        return rule.size(whole_number(n, "an input size", 0))
    size = input_size(n)
    fit(rule, size)
    return simplest(of(rule.after(size)))


def fit(rule: Any, size: Expression) -> None:
    """Raise SizeError where a size is refused for all letters."""
    if not isinstance(rule, LetteredRule) and not names(size):
        rule.size(int(exact(size, {})))
    elif decided(size >= (least_size := smallest(rule))) is False:
        refused = "the input is too small for this layer, for all letters"
        raise SizeError(refused, str(size), f"an input of at least {least_size}")


def input_size(n: Any) -> Expression:
    """The size of an input as a tree."""
    return tree(n) if in_letters(n) else of(whole_number(n, "an input size", 1))


def smallest(rule: Any) -> Expression:
    """The smallest size that a rule accepts. Raises LimitError where larger ones are refused."""
    if isinstance(rule, LetteredRule):
        return rule.minimum
    if not rule.accepts.only_minimum:
        raise LimitError(f"in letters, no layer that accepts only {rule.accepts}")
    return of(rule.accepts.minimum)


def of_kind(n: Any, size: Any, symbols: Mapping[str, Any]) -> Any:
    """A size as what it is a size of: a tree of a tree, a number of a number, else SymPy."""
    if isinstance(n, Expression) or not isinstance(size, Expression):
        return size
    if not names(size) and not in_letters(n):
        return int(exact(size, {}))
    return given_back(size, symbols)


def shown(layer: Any, size: Any, *given: Any) -> Any:
    """A size of a layer, or a condition, as SymPy in the symbols that were given."""
    if not isinstance(size, Expression):
        return size
    return given_back(size if is_condition(size) else simplest(size), known(layer, sizes=given))
