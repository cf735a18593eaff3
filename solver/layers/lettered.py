"""Layers in letters: what they do along an axis for all values of the letters, and where legal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, reduce
from operator import and_
from typing import Any

from solver.errors import SolverError
from solver.ground.record import Record
from solver.layers.window import Window
from solver.sizes.domain import whole_number
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, call, names, of, substitute, walk
from solver.sizes.letters import decided, in_order, is_whole, least, value
from solver.sizes.normal import normal
from solver.sizes.operations import MINIMUM, OperationSpec
from solver.sizes.polynomial import Polynomial
from solver.symbolic.given import given_back, in_letters, symbols_of, tree


class LetteredRule(Record):
    """What a layer in letters does along one axis; sizes and hyperparameters are trees.

    window: what is read. counted: the window that counts the outputs; it is another in ceil mode.
    least: the smallest size that is accepted besides.

    >>> from solver.sizes.expression import letters
    >>> n, k, s = letters("nks")
    >>> window = Window(k, s, 1, 1)
    >>> rule = LetteredRule(window, window)
    >>> print(rule.after(n), "|", rule.minimum)
    floor((n - k + 2)/s) + 1 | max(1, k - 2)
    """

    window: Window
    counted: Window
    least: Expression = of(1)

    def after(self, n: Any) -> Expression:
        """The size that comes out of a size, in normal form."""
        return normal(of(self.counted.size(of(n))))

    @property
    def minimum(self) -> Expression:
        """The smallest n >= 1 that is accepted; every larger one is too."""
        net, m = self.counted.net_padding, self.counted.input_dilation
        # (n - 1)*m + net >= 0
        first = 1 - net if m == 1 else 1 + call("ceil", (of(0) - net) / m)
        return at_least(self.least, normal(of(first)))


def at_least(smallest: Expression, size: Expression) -> Expression:
    """The larger of two sizes, without the one that the other always beats."""
    if decided(size <= smallest):
        return smallest
    return size if decided(size >= smallest) else call("max", smallest, size)


def legal(
    operation: OperationSpec, k: Expression, s: Expression, p: Expression, d: Expression, a: Any
) -> Iterator[Expression]:
    """The conditions on letters under which hyperparameters are those of a layer.

    >>> from solver.sizes.expression import letters
    >>> from solver.sizes.operations import operation
    >>> k, s = letters("ks")
    >>> [str(each) for each in legal(operation("maxpool"), k, s, (k - 1) / 2, of(1), of(0))][2:4]
    ['k % 2 == 1', '(k - 1)/2 >= 0']
    """
    for size, smallest in ((k, 1), (s, 1), (p, 0), (a, 0), (d, 1)):
        yield from whole(size)
        yield size >= smallest
    if operation.transposed:
        yield a < (s if decided(s >= d) else call("max", s, d))
    if operation.pooling:
        yield 2 * p <= k


def whole(size: Expression) -> Iterator[Expression]:
    """The condition that a size is whole, where it is not always."""
    if not is_whole(size):
        found = value(size)
        scale = Polynomial.of(found.upper.denominator)
        upper, lower = (found.upper * scale, found.lower * scale)
        rest, whole = int(upper.terms.get((), 0)), lower.number
        if whole is None:
            yield (upper.expression % lower.expression).equals(0)
        else:  # k % 2 == 1 rather than (k - 1) % 2 == 0
            yield ((upper - rest).expression % int(whole)).equals(-rest % int(whole))


# Of a layer


def read(size: Any, name: str) -> Any:
    """A hyperparameter in letters as it was given, once it is read; a number as an int.

    Raises SolverError, with a caret under the fault of words.

    >>> read("2s", "stride")
    '2s'
    >>> read("n/2", "stride")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: n is the size of the input, and no letter of a hyperparameter
      n/2
      ^
      right:    another letter for the stride
    """
    found = tree(size)
    if not names(found):
        return whole_number(
            size if isinstance(size, str) else exact(found, {}), name, MINIMUM[name]
        )
    for part in walk(found):
        if part.kind == "name" and part.parts[0] == "n":
            rule = "n is the size of the input, and no letter of a hyperparameter"
            text = size if isinstance(size, str) else None
            right = f"another letter for the {name}"
            raise SolverError(rule, None if text else str(size), right, text, part.at)
    if decided(found >= MINIMUM[name]) is False:
        rule = f"{name} must be at least {MINIMUM[name]}"
        raise SolverError(rule, f"{size}, which is less for all letters")
    return size


def as_tree(size: Any) -> Any:
    """A hyperparameter as its formulas take it: numbers as they are, letters as trees."""
    if isinstance(size, tuple):
        return tuple(map(as_tree, size))
    if isinstance(size, str):
        return size if size in ("same", "valid") else _words(size)
    return normal(tree(size)) if in_letters(size) else size


@lru_cache(maxsize=1024)
def _words(size: str) -> Expression:
    return normal(tree(size))


def letters_of(sizes: Iterable[Any]) -> tuple[str, ...]:
    """The letters of hyperparameters, in the order of the alphabet of sizes."""
    used: set[str] = set()
    for size in _flat(sizes):
        found = as_tree(size)
        used |= names(found) if isinstance(found, Expression) else set()
    return in_order(used)


def _flat(sizes: Iterable[Any]) -> Iterator[Any]:
    for size in sizes:
        if isinstance(size, (tuple, list)):
            yield from _flat(size)
        else:
            yield size


def hyperparameters(layers: Iterable[Any]) -> tuple[Any, ...]:
    """What is given for each hyperparameter of layers, one by one."""
    return tuple(_flat(layer._hyperparameters for layer in layers if layer.letters))


def conditions(layer: Any) -> Iterator[Expression]:
    """What must hold of the letters of a layer, besides that they are as large as letters are."""
    for axis in range(layer.axes or 1):
        k, s, begin, end, d, a = map(of, layer.numbers(axis))
        if layer.padding == "same":
            yield s.equals(1)
        own = layer.operation._replace(pooling=layer.operation.pooling and begin == end)
        for padding in dict.fromkeys((begin, end)):
            yield from legal(own, k, s, padding, d, a)


def check(layer: Any) -> None:
    """Raise SolverError where no values of the letters make a layer."""
    symbols_of(_flat(layer._hyperparameters))
    for condition in conditions(layer):
        if decided(condition) is False:
            rule = "no values of the letters make this a layer"
            raise SolverError(rule, repr(layer), f"{condition} must hold")


def where(layer: Any) -> Any:
    """The condition under which a layer in letters is one, as SymPy."""
    kept = [each for each in dict.fromkeys(conditions(layer)) if decided(each) is not True]
    known = symbols_of(_flat(layer._hyperparameters))
    return given_back(reduce(and_, kept), known) if kept else True


def put(layer: Any, letters: Mapping[str, Any]) -> dict[str, Any]:
    """The hyperparameters of a layer with sizes in the place of letters."""
    for letter, size in letters.items():
        if letter not in layer.letters:
            right = ", ".join(layer.letters) or "a layer of numbers has none"
            raise SolverError("the layer has no such letter", letter, right)
        if not in_letters(size):
            whole_number(size, letter, least(letter))
    trees = {letter: tree(size) for letter, size in letters.items()}
    known = symbols_of([*_flat(layer._hyperparameters), *letters.values()])

    def changed(name: str, size: Any) -> Any:
        if isinstance(size, tuple):
            return tuple(changed(name, each) for each in size)
        found = as_tree(size)
        if not isinstance(found, Expression):
            return size
        placed = normal(substitute(found, trees))
        if names(placed):
            return given_back(placed, known) if names(placed) & known.keys() else placed
        number = exact(placed, {})
        if number.denominator > 1:
            told = ", ".join(f"{letter} = {size}" for letter, size in letters.items())
            raise SolverError(f"{name} must be a whole number", f"{found} = {number} at {told}")
        return int(number)

    return {name: changed(name, getattr(layer, name)) for name in layer.operation.hyperparameters}


def sizes(layer: Any, given: tuple[Any, ...]) -> tuple[Any, ...]:
    """The sizes that come out of sizes, along each axis: trees of trees, else SymPy."""
    known = symbols_of([*_flat(layer._hyperparameters), *given])
    found = []
    for rule, n in zip(layer.along(len(given)), given, strict=True):
        size = rule.after(tree(n) if in_letters(n) else of(whole_number(n, "an input size", 1)))
        found.append(size if isinstance(n, Expression) else given_back(size, known))
    return tuple(found)
