"""Stacks with layers in letters: what `Stack` says of numbers, as SymPy in the given symbols.

Inside, all is trees: a size goes through the rules of the layers and is made simple after each, so
that the floors of convolutions and pools become one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache, reduce
from itertools import accumulate
from math import prod
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.layers import cost, lettered
from solver.layers.lettered import wanting as wanting
from solver.layers.lettered_reads import ITSELF, LetteredSpan
from solver.sizes.expression import Expression, named, of, substitute
from solver.sizes.simplest import first, simplest


class LetteredRow(NamedTuple):
    """Hold a layer, the size behind it, and what is read by then: words where it is not known."""

    layer: Any
    size: Expression
    jump: Expression
    receptive_field: str
    parameters: Expression


def letters(stack: Any) -> tuple[str, ...]:
    """The letters of all layers and of the channels."""
    used = [named(letter) for layer in stack.layers for letter in layer.letters]
    return lettered.letters_of([*used, stack.channels])


def sizes(stack: Any, n: Any) -> tuple[Any, ...]:
    """The size before the first layer and after each, for one size or one for each axis."""
    several = isinstance(n, (tuple, list))
    given = tuple(n) if several else (n,) * (stack._written or 1)
    symbols = _known(stack, *given)
    columns = [
        [lettered.of_kind(size, each, symbols) for each in _sizes(stack, axis, size)]
        for axis, size in enumerate(given)
    ]
    if several or len(given) > 1:
        kind = list if isinstance(n, list) else tuple
        return tuple(kind(row) for row in zip(*columns, strict=True))
    return tuple(columns[0])


def _sizes(stack: Any, axis: int = 0, n: Any = lettered.N) -> list[Any]:
    """The sizes along one axis for one that comes in: trees."""
    size = lettered.input_size(n)
    found = [simplest(substitute(tree, {"n": size})) for tree in _trees(stack, axis)]
    for at, (layer, size) in enumerate(zip(stack.layers, found, strict=False), 1):
        try:
            lettered.fit(layer.rule(axis, stack.axes), size)
        except SolverError as fault:
            raise stack._fault(fault, at) from None
    return found


@lru_cache(maxsize=256)
def _trees(stack: Any, axis: int) -> tuple[Expression, ...]:
    """The sizes before the first layer and after each, in n."""
    rules = (layer.rule(axis, stack.axes) for layer in stack.layers)
    return tuple(accumulate(rules, lambda n, rule: simplest(of(rule.after(n))), initial=lettered.N))


def formula(stack: Any) -> Expression:
    """The size that comes out of n along the first axis."""
    return _trees(stack, 0)[-1]


def conditions(stack: Any, axis: int) -> Iterator[tuple[Expression, Expression | None]]:
    """Under which every layer fits, and the smallest n from which on it does, if that is known."""
    for layer, n in zip(stack.layers, _trees(stack, axis), strict=False):
        least = lettered.smallest(layer.rule(axis, stack.axes))
        yield n >= least, first(n - least)


def minimum(stack: Any, axis: int) -> Any:
    """The smallest input at which every layer fits. Raises LimitError where that is not known."""
    found = [of(1)]
    for condition, start in conditions(stack, axis):
        if start is None:
            rule = "the smallest input is not known in letters"
            raise LimitError(rule, right=f"accepts(), which says {condition}")
        found.append(start)
    return said(stack, lettered.at_least(*found))


def accepts(stack: Any, axis: int) -> Any:
    """The condition on n under which every layer fits."""
    open_ones, starts = [], [of(1)]
    for condition, start in conditions(stack, axis):
        if start is None:
            open_ones.append(condition)
        else:
            starts.append(start)
    open_ones.append(lettered.since(lettered.at_least(*starts)))
    return said(stack, lettered.together(open_ones))


def spans(stack: Any, axis: int = 0) -> Iterator[LetteredSpan]:
    """What the elements behind each layer read. Raises LimitError where that is not known."""
    windows = (layer.rule(axis).window for layer in stack.layers)
    reads = accumulate(windows, LetteredSpan.through, initial=ITSELF)
    next(reads)
    return reads


def jump(stack: Any) -> Expression:
    """The input elements between neighbouring outputs, on average."""
    windows = (layer.rule().window for layer in stack.layers)
    return simplest(reduce(lambda apart, x: apart * x.stride / x.input_dilation, windows, of(1)))


def span(stack: Any) -> LetteredSpan:
    """What an output reads along the first axis."""
    return ([ITSELF, *spans(stack)])[-1]


def widths(stack: Any) -> tuple[Any, ...]:
    """The channels before the first layer and after each."""
    found = [lettered.as_tree(stack.channels)]
    for at, layer in enumerate(stack.layers, 1):
        try:
            found.append(layer.channels.past(layer.row.kind, found[-1]))
        except SolverError as fault:
            raise stack._fault(fault, at) from None
    return tuple(found)


def parameters(stack: Any, index: int) -> Expression:
    """The weights and biases of one layer."""
    return simplest(of(cost.parameters(stack.layers[index], widths(stack)[index], stack.axes)))


def macs(stack: Any, n: Any) -> Any:
    """The multiply-accumulates for an input of size n."""
    channels, found = widths(stack), _on_axes(stack, n)
    rows = zip(stack.layers, channels, found, found[1:], strict=False)
    return said(stack, sum((of(cost.macs(*row)) for row in rows), start=of(0)), n)


def activations(stack: Any, n: Any) -> Any:
    """The elements that all layers put out."""
    rows = zip(widths(stack)[1:], _on_axes(stack, n)[1:], strict=True)
    return said(stack, sum((prod(size, start=of(c)) for c, size in rows), start=of(0)), n)


def _on_axes(stack: Any, n: Any) -> list[tuple[Any, ...]]:
    """The sizes before the first layer and after each, one for each axis of the stack."""
    columns = (_sizes(stack, axis, size) for axis, size in enumerate(stack._on_axes(n)))
    return [*zip(*columns, strict=True)]


def rows(stack: Any) -> Iterator[LetteredRow]:
    """What is known after each layer, along the first axis."""
    sizes = _trees(stack, 0)[1:]
    for at, (layer, size) in enumerate(zip(stack.layers, sizes, strict=True)):
        upto = type(stack)(stack.layers[: at + 1], axes=stack.axes, channels=stack.channels)
        yield LetteredRow(layer, size, jump(upto), _length(upto), parameters(stack, at))


def _length(stack: Any) -> str:
    try:
        return str(span(stack).length)
    except LimitError:
        return "not known in letters"


def put(stack: Any, letters: Mapping[str, Any]) -> tuple[list[Any], Any]:
    """The layers and the channels with sizes in the place of letters."""
    for letter in letters:
        if letter not in stack.letters:
            right = ", ".join(stack.letters) or "a stack of numbers has none"
            raise SolverError("the stack has no such letter", letter, right)
    _known(stack, *letters.values())
    layers = []
    for at, layer in enumerate(stack.layers, 1):
        own = {letter: size for letter, size in letters.items() if letter in layer.letters}
        try:
            layers.append(layer.at(**own) if own else layer)
        except SolverError as fault:
            raise stack._fault(fault, at) from None
    return layers, lettered.placed("channels", stack.channels, letters)


def where(stack: Any) -> Any:
    """The condition on the letters under which all layers are some."""
    return lettered.where(*stack.layers)


def said(stack: Any, size: Any, *given: Any) -> Any:
    """A size or a condition in the symbols of the stack, or of what was given."""
    return lettered.given_back(of(size), _known(stack, *given))


def _known(stack: Any, *given: Any) -> dict[str, Any]:
    layers = [layer for layer in stack.layers if layer.letters]
    return lettered.known(*layers, sizes=[stack.channels, *given])
