"""Layers repeated as often as a letter says: sizes, fields and costs in closed form.

What comes out is SymPy, in the symbols that were given. Closed forms are compared with stacks of
numbers, for several values of the letters, before they are given out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, reduce
from operator import and_
from typing import Any

from solver.errors import LimitError, SizeError, SolverError
from solver.ground.shown import Reported
from solver.layers import lettered
from solver.layers.closed import Composite, closed, one_more, unmoved, with_moved, written
from solver.layers.compared import compared
from solver.layers.fields import read_size
from solver.layers.fields import written as as_code
from solver.layers.lettered import as_tree, letters_of
from solver.layers.repetition import (
    Repetition,
    composite,
    counts_of,
    given_sizes,
    in_order,
    inside,
    kept,
    parameters,
    placed,
    widths,
)
from solver.layers.row import USUAL_AXES
from solver.layers.stack import Stack
from solver.sizes.domain import whole_number
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, named, names, substitute
from solver.sizes.letters import decided, value
from solver.symbolic.given import given_back, symbols_of, tree

_MOST_LAYERS = 10_000


class Deep(Reported):
    """Hold layers in order, some of them repeated as often as a letter says.

    parts: layers of our own and repetitions. axes, channels: as of a stack. Made by `Stack`.

    >>> from solver import Conv, Stack, repeat
    >>> net = Stack([Conv("k", stride=2), repeat(Conv("k", dilation="2**i"), "L")])
    >>> net.receptive_field, net.jump
    ((2**(L + 1) - 1)*(k - 1) + 1, 2)
    >>> net.at(k=3, L=2)
    Stack([Conv(3, stride=2), Conv(3), Conv(3, dilation=2)])
    """

    def __init__(
        self, parts: Iterable[Any], axes: int | None = None, channels: int | None = None
    ) -> None:
        self.parts = tuple(flat(parts))
        Repetition(self.parts, 1).check()
        self.axes = whole_number(axes or USUAL_AXES, "axes", 1, 16)
        known = next(widths(self.parts), 1) if channels is None else channels
        self.channels = read_size(known, "channels")

    # Letters

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The letters of its hyperparameters and counts, without the numbers of repetitions."""
        found = (letter for part in self.parts for letter in part.letters)
        return in_order([*found, *letters_of([self.channels])])

    @cached_property
    def counts(self) -> tuple[str, ...]:
        """The letters that say how often something is repeated."""
        found = (part for part in self.parts if isinstance(part, Repetition))
        return in_order(letter for part in found for letter in part.counts)

    @property
    def where(self) -> Any:
        """The condition on the letters under which the closed forms hold; True where none is.

        >>> from solver import Conv, repeat
        >>> repeat(Conv("k", stride="s"), "L").where
        s >= 2
        """
        return self._given(reduce(and_, self.conditions)) if self.conditions else True

    @property
    def conditions(self) -> tuple[Expression, ...]:
        """The conditions of `where` as trees."""
        return tuple(unmoved(each, self.counts) for each in self._closed[1])

    # Closed forms

    @property
    def receptive_field(self) -> Any:
        """The elements from the first to the last that an output reads along the first axis.

        Raises LimitError behind transposed layers, where it depends on the position.

        >>> from solver import Conv, repeat
        >>> repeat([Conv("k", dilation="2**i")] * 2, "L").receptive_field
        2*(2**L - 1)*(k - 1) + 1
        """
        return self._given(self._form("receptive_field"))

    @property
    def jump(self) -> Any:
        """The input elements between neighbouring outputs."""
        return self._given(self._form("jump"))

    @property
    def offset(self) -> Any:
        """How far outputs stand from the middles of the cells they stand for, as `Span.offset`."""
        return self._given(self._form("offset"))

    def size(self, n: Any) -> Any:
        """What comes out of n elements, wherever every layer fits.

        n: a number or an expression; of a tree a tree comes out. Raises SizeError where nothing
        does.

        >>> from solver import Conv, MaxPool, n, repeat
        >>> repeat([Conv("k", padding="(k - 1)/2"), MaxPool(2)], "L").size(n)
        floor(n/2**L)
        >>> repeat(Conv("k", dilation="2**i"), "L").size(n)
        n - (2**L - 1)*(k - 1)
        """
        found = substitute(self._form("size"), {"n": tree(n)})
        if decided(found >= 1) is False:
            raise SizeError("the input is too small for these layers", str(n))
        return found if isinstance(n, Expression) else self._given(found, n)

    @property
    def parameters(self) -> Any:
        """The weights and biases of all layers.

        >>> from solver import Conv, repeat
        >>> repeat(Conv("k", dilation="2**i", in_channels=8, out_channels=8), "L").parameters
        8*L*(8*k**2 + 1)
        """
        return self._given(self._form("parameters"))

    def smallest(self, receptive_field: int, **letters: Any) -> int | None:
        """The smallest count that reaches a receptive field; None where no count does.

        letters: values of all others. Raises LimitError where it may shrink with the count.

        >>> from solver import Conv, repeat
        >>> net = repeat(Conv("k", dilation="2**i"), "L")
        >>> net.smallest(receptive_field=1000, k=3), net.smallest(receptive_field=2, k=1)
        (9, None)
        """
        wanted = whole_number(receptive_field, "receptive_field", 1)
        net = self.at(**letters)
        if len(net.letters) != 1 or not isinstance(net, Deep):
            others = (letter for letter in self.letters if letter not in self.counts)
            rule = "the smallest count is asked for where every other letter has a value"
            raise SolverError(rule, right=", ".join(f"{letter}=3" for letter in others) or None)
        (count,) = net.letters
        net._must_grow(count)
        field = net._form("receptive_field")
        if count not in names(field):  # the same for every count
            return 1 if exact(field, {}) >= wanted else None
        low, high = 0, 1
        while exact(field, {count: high}) < wanted:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            if exact(field, {count: middle}) < wanted:
                low = middle
            else:
                high = middle
        return high

    def _must_grow(self, count: str) -> None:
        """Raise LimitError unless more repetitions are all that a larger count brings."""
        for part in self.parts:
            if isinstance(part, Repetition):
                terms = value(part.count).upper.terms
                if count in part.block_letters or any(c < 0 for m, c in terms.items() if m):
                    rule = (
                        "a receptive field is known to grow with a count that stands nowhere else"
                    )
                    raise LimitError(rule, repr(part))
                Deep(part.block)._must_grow(count)
            elif count in part.letters:
                rule = "a receptive field is known to grow with a count that stands nowhere else"
                raise LimitError(rule, repr(part))

    # Numbers

    def at(self, **letters: Any) -> Any:
        """The same with sizes in the place of letters: a stack where no count is left.

        >>> from solver import Conv, repeat
        >>> net = repeat(Conv("k", dilation="2**i"), "L")
        >>> net.at(L=2), net.at(k=3)
        (Stack([Conv('k'), Conv('k', dilation=2)]), repeat(Conv(3, dilation='2**i'), 'L'))
        """
        for letter in letters:
            if letter not in self.letters:
                raise SolverError("there is no such letter", letter, ", ".join(self.letters))
        parts = [*placed(self.parts, letters)]
        channels = lettered.placed("channels", self.channels, letters)
        if not any(isinstance(part, Repetition) for part in parts):
            return Stack(parts, axes=self.axes, channels=channels)
        return Deep(parts, self.axes, channels)

    def subs(self, *sizes: Any) -> Any:
        """The same with sizes in the place of symbols, as SymPy's `subs`."""
        pairs = [sizes] if len(sizes) == 2 else [*dict(*sizes).items()]
        return self.at(**{str(symbol): size for symbol, size in pairs})

    def within(
        self, parts: Iterable[Any], axes: int | None = None, channels: int | None = None
    ) -> Deep:
        """Layers in order, these among them: what `Stack` of them is."""
        return Deep(parts, axes, channels)

    # What closed forms are made of

    @property
    def forms(self) -> dict[str, Expression]:
        """The closed forms that there are, by name, as trees."""
        return {name: form for name in _FORMS if isinstance(form := self._made(name), Expression)}

    def _form(self, name: str) -> Expression:
        found = self._made(name)
        if isinstance(found, LimitError):
            raise found
        return found

    def _made(self, name: str) -> Expression | LimitError:
        """A closed form that is compared with numbers, or why there is none."""
        known: dict[str, Any] = self.__dict__.setdefault("_known", {})
        if name not in known:
            try:
                found = self._parameters() if name == "parameters" else self._of_axis(name)
                known[name] = unmoved(found, self.counts)
                compared(self, name, known[name], self.conditions)
            except LimitError as fault:
                known[name] = fault
        made: Expression | LimitError = known[name]
        return made

    @cached_property
    def _closed(self) -> tuple[Composite, tuple[Expression, ...]]:
        given = [*counts_of(self.parts)]
        moved = [
            letter
            for letter in self.counts
            if all(each == named(letter) - 1 for each in given if letter in names(each))
        ]
        return closed(
            inside(self.parts) | {*self.letters}, lambda case: composite(self.parts, case), moved
        )

    def _of_axis(self, name: str) -> Expression:
        found, counts = self._closed[0], with_moved(self.counts)
        if name == "size":
            return found.size(counts)
        if name == "jump":
            return written(found.jump, counts)
        if found.grows:
            rule = "behind a transposed layer what an output reads depends on its position"
            raise LimitError(rule, right="a stack of numbers: .at(...)")
        if name == "receptive_field":
            return one_more(found.reach, counts)
        return written((found.reach - found.begin * 2 - found.jump + 1) / 2, counts)

    def _parameters(self) -> Expression:
        case = self._closed[0].jump.case
        found, _ = parameters(self.parts, as_tree(self.channels), self.axes, case)
        return written(found, with_moved(self.counts))

    def _given(self, form: Expression, *sizes: Any) -> Any:
        """A tree as SymPy, in the symbols that were given."""
        return given_back(kept(form), symbols_of([*given_sizes(self.parts), self.channels, *sizes]))

    # As a value

    @property
    def _repetition(self) -> Repetition | None:
        (first, *more) = self.parts
        return first if isinstance(first, Repetition) and not more else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Deep) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(repr(self))

    def _key(self) -> tuple[Any, ...]:
        return self.parts, self.axes, self.channels

    def __reduce__(self) -> tuple[type[Deep], tuple[Any, ...]]:
        return Deep, self._key()

    def __repr__(self) -> str:
        known = next(widths(self.parts), 1)
        more = f", axes={self.axes}" if self.axes != USUAL_AXES else ""
        more += f", channels={as_code(self.channels)}" if self.channels != known else ""
        if self._repetition is not None:
            return f"repeat({self._repetition.written}{more})"
        return f"Stack([{', '.join(map(repr, self.parts))}]{more})"


def repeated(
    block: Any,
    count: Any,
    index: str = "i",
    axes: int | None = None,
    channels: int | None = None,
) -> Deep:
    """Layers that are repeated as often as a letter says, as `solver.repeat`."""
    layers = block if isinstance(block, Iterable) and not isinstance(block, Deep) else (block,)
    found = Repetition(tuple(flat(layers)), count, index)
    found.check()
    return Deep([found], axes, channels)


def flat(parts: Iterable[Any]) -> Iterator[Any]:
    """Yield parts one by one, those of stacks and of repetitions too."""
    for part in parts:
        if isinstance(part, (Deep, Stack)):
            yield from part.parts if isinstance(part, Deep) else part.layers
        else:
            yield part


_FORMS = ("size", "receptive_field", "jump", "offset", "parameters")
