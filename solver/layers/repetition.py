"""Layers that are repeated: what is said of parts in order, repetitions among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.record import Record
from solver.layers import cost
from solver.layers.channels import agree
from solver.layers.closed import Composite, of_layer
from solver.layers.lettered import letters_of
from solver.layers.own_layer import OwnLayer
from solver.sizes.cases import Case, Quotient
from solver.sizes.domain import whole_number
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, named, names, of, product, substitute
from solver.sizes.letters import decided, value
from solver.sizes.normal import normal
from solver.sizes.simplest import simplest
from solver.sizes.summation import summed
from solver.symbolic.given import in_letters, tree

_MOST_LAYERS = 10_000


class Repetition(Record):
    """Hold layers and repetitions that are repeated in order.

    given: how often, as it was given. index: the letter that is 0, 1, 2, ... in the repetitions.
    """

    block: tuple[Any, ...]
    given: Any
    index: str = "i"

    @property
    def count(self) -> Expression:
        """How often, as a tree."""
        return normal(tree(self.given))

    @property
    def block_letters(self) -> tuple[str, ...]:
        """The letters of the layers, without the number of the repetition."""
        found = (letter for part in self.block for letter in part.letters)
        return in_order(letter for letter in found if letter != self.index)

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the layers and of the count."""
        return in_order([*self.block_letters, *names(self.count)])

    @property
    def counts(self) -> tuple[str, ...]:
        """The letters that say how often something is repeated."""
        inner = (part for part in self.block if isinstance(part, Repetition))
        found = (letter for part in inner for letter in part.counts if letter != self.index)
        return in_order([*found, *names(self.count)])

    def check(self) -> None:
        """Raise SolverError where this is no repetition of layers."""
        if not in_letters(self.given):
            whole_number(self.given, "the count of a repetition", 0)
        for letter in (self.index, "n"):
            if letter in names(self.count):
                rule = f"{letter} may not stand in the count of a repetition"
                raise SolverError(rule, str(self.count), "'L'")
        if decided(self.count >= 0) is False:
            raise SolverError("a count is at least 0", str(self.given), "'L'")
        for part in self.block:
            if not isinstance(part, (OwnLayer, Repetition)):
                right = "repeat(Conv('k', dilation='2**i'), 'L')"
                raise SolverError("a repetition is made of layers of our own", repr(part), right)
        if not self.block:
            raise SolverError("a repetition is made of layers", "none")

    def __repr__(self) -> str:
        return f"repeat({self.written})"

    @property
    def written(self) -> str:
        """It as the arguments of `repeat`."""
        block = repr([*self.block]) if len(self.block) != 1 else repr(self.block[0])
        count = str(self.given) if in_letters(self.given) else self.given
        index = f", index={self.index!r}" if self.index != "i" else ""
        return f"{block}, {count!r}{index}"


def in_order(letters: Iterable[str]) -> tuple[str, ...]:
    """Letters without repeats, in the order of the alphabet of sizes."""
    return letters_of(map(named, letters))


def inside(parts: Iterable[Any]) -> set[str]:
    """Every letter, the numbers of repetitions among them."""
    found: set[str] = set()
    for part in parts:
        found |= set(part.letters)
        if isinstance(part, Repetition):
            found |= {part.index, *inside(part.block)}
    return found


def widths(parts: Iterable[Any]) -> Iterator[Any]:
    """Yield the channels that layers ask for, those of repetitions in the first."""
    for part in parts:
        if isinstance(part, Repetition):
            yield from (_at(size, part.index, of(0)) for size in widths(part.block))
        elif part.channels.before is not None:
            yield part.channels.before


def counts_of(parts: Iterable[Any]) -> Iterator[Expression]:
    """Yield the counts of all repetitions."""
    for part in parts:
        if isinstance(part, Repetition):
            yield part.count
            yield from counts_of(part.block)


def given_sizes(parts: Iterable[Any]) -> Iterator[Any]:
    """Yield all hyperparameters and counts, as they were given."""
    for part in parts:
        if isinstance(part, Repetition):
            yield part.given
            yield from given_sizes(part.block)
        else:
            for size in part.arguments.values():
                yield from size if isinstance(size, tuple) else (size,)


def composite(parts: Iterable[Any], case: Case) -> Composite:
    """Parts in order as one chain."""
    found: Composite | None = None
    for part in parts:
        if isinstance(part, Repetition):
            made = composite(part.block, case).repeated(part.index, part.count)
        else:
            made = of_layer(part, 0, case)
        found = made if found is None else found.then(made)
    if found is None:
        raise SolverError("a repetition is made of layers", "none")
    return found


def parameters(parts: Iterable[Any], width: Any, axes: int, case: Case) -> tuple[Quotient, Any]:
    """The parameters of parts for an input of so many channels, and the channels behind them.

    A repetition i + 1 gets the channels that i has behind it; those of 0 come in.
    """
    total = value(of(0), case)
    for part in parts:
        if not isinstance(part, Repetition):
            total += value(of(cost.parameters(part, width, axes)), case)
            width = part.channels.past(part.row.kind, width)
            continue
        index, times, one = part.index, value(part.count, case), value(of(1), case)
        start, after = parameters(placed(part.block, {index: of(0)}), width, axes, case)
        if agree(after, width):
            each, after = parameters(part.block, width, axes, case)
        if agree(after, width):
            total += summed(each, index, times, one)
            continue
        if not decided(part.count >= 1):
            rule = "channels that the first repetition changes need at least one"
            raise LimitError(rule, f"{part.count} repetitions", "another count")
        behind = _behind(part.block, after)
        block = placed(part.block, {index: named(index) + 1})
        more, again = parameters(block, behind, axes, case)
        if not agree(again, _at(behind, index, named(index) + 1)):
            rule = "a repetition has channels behind it that depend on its number only"
            raise LimitError(rule, f"{behind}, then {again}")
        total += start + summed(more, index, times - 1, one)
        width = _at(behind, index, part.count - 1)
    return total, width


def _behind(parts: Iterable[Any], width: Any) -> Any:
    """The channels behind parts that get those that they ask for."""
    for part in parts:
        if isinstance(part, Repetition):
            width = _at(_behind(part.block, width), part.index, part.count - 1)
        else:
            before = part.channels.before
            width = part.channels.past(part.row.kind, width if before is None else before)
    return width


def _at(channels: Any, index: str, number: Expression) -> Any:
    """Channels of the repetition of a number."""
    if not isinstance(channels, Expression):
        return channels
    found = simplest(substitute(channels, {index: number}))
    return found.parts[0] if found.kind == "number" else found


def placed(parts: Iterable[Any], letters: Mapping[str, Any]) -> Iterator[Any]:
    """Yield parts with sizes in the place of letters, repetitions by numbers unrolled."""
    for part in parts:
        known = {letter: size for letter, size in letters.items() if letter in part.letters}
        if not isinstance(part, Repetition):
            yield part.at(**known) if known else part
            continue
        count = normal(substitute(part.count, {x: tree(size) for x, size in known.items()}))
        inner = {letter: size for letter, size in known.items() if letter != part.index}
        if names(count):
            given = part.given if count == part.count else count
            yield Repetition(tuple(placed(part.block, inner)), given, part.index)
            continue
        times = exact(count, {})
        if times.denominator > 1 or times < 0:
            raise SolverError("a count is a whole number of at least 0", f"{part.count} = {times}")
        if times * len(part.block) > _MOST_LAYERS:
            rule = f"a stack of numbers has at most {_MOST_LAYERS:,} layers"
            raise LimitError(rule, f"{int(times):,} repetitions", "the closed forms")
        for number in range(int(times)):
            yield from placed(part.block, {**inner, part.index: of(number)})


def kept(node: Expression) -> Expression:
    """A tree whose numbers stand before products: SymPy multiplies 2 into a sum that is alone."""
    if node.kind == "*":
        number, *factors = _factors(node)
        if number.kind == "number" and len(factors) > 1:
            return number * product(map(kept, factors))
    parts = (kept(part) if isinstance(part, Expression) else part for part in node.parts)
    return Expression(node.kind, tuple(parts))


def _factors(node: Expression) -> list[Expression]:
    if node.kind != "*":
        return [node]
    return [factor for part in node.nodes for factor in _factors(part)]
