"""Layers repeated as often as a letter says: sizes, fields and costs in closed form.

What comes out is SymPy, in the symbols that were given. Each closed form is compared with stacks of
numbers, for several values of the letters, before it is given out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.shown import Reported
from solver.layers.closed import Chain, N, closed, of_layer, written
from solver.layers.layer import USUAL_AXES, Layer
from solver.layers.stack import Stack
from solver.sizes.cases import Case, Quotient
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, names, of, substitute
from solver.sizes.letters import NAMES, decided, value
from solver.sizes.normal import normal
from solver.symbolic.given import given_back, symbols_of, tree

_MOST_LAYERS = 10_000


class Deep(Reported):
    """Hold layers in order, some of them repeated as often as a letter says.

    parts: layers and repetitions. axes, channels: as of a stack. Made by `Stack` and `repeat`.

    >>> from solver import Conv, MaxPool, Stack
    >>> net = Stack([Conv("k", stride=2), repeat(Conv("k", dilation="2**i"), "L")])
    >>> net.receptive_field, net.jump, net.at(k=3, L=2)
    (2*(2**L - 1)*(k - 1) + k, 2, Stack([Conv(3, stride=2), Conv(3), Conv(3, dilation=2)]))
    """

    def __init__(self, parts: Iterable[Any], axes: int | None = None, channels: int | None = None):
        self.parts = tuple(parts)
        for part in self.parts:
            if not isinstance(part, (Layer, Repeat)):
                right = "Conv('k', dilation='2**i')"
                raise SolverError("a repetition is made of layers", repr(part), right)
        self.axes, self.channels = axes or USUAL_AXES, channels or 1

    # Letters

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The letters of its hyperparameters and counts, without the numbers of repetitions."""
        return _in_order(set().union(*(part.letters for part in self.parts)))

    @cached_property
    def counts(self) -> tuple[str, ...]:
        """The letters that say how often something is repeated."""
        found = (part.counts for part in self.parts if isinstance(part, Repeat))
        return _in_order(set().union(*found))

    @property
    def where(self) -> Any:
        """The condition on the letters under which the closed forms hold; True where none is.

        >>> from solver import Conv
        >>> repeat(Conv("k", stride="s"), "L").where
        s >= 2
        """
        from solver.symbolic.algebra import either

        conditions = [given_back(each, self._symbols) for each in self._closed[1]]
        return either([conditions]) if conditions else True

    # Closed forms

    @property
    def receptive_field(self) -> Any:
        """The elements from the first to the last that an output reads along the first axis.

        Raises LimitError behind transposed layers, where it depends on the position.

        >>> from solver import Conv
        >>> repeat([Conv("k", dilation="2**i")] * 2, "L").receptive_field
        2*(2**L - 1)*(k - 1) + 1
        """
        return self._given(1 + written(self._read.reach, self.counts))

    @property
    def jump(self) -> Any:
        """The input elements between neighbouring outputs."""
        return self._given(written(self._chain.jump, self.counts))

    @property
    def offset(self) -> Any:
        """How far outputs stand from the middles of the cells they stand for, as `Span.offset`."""
        read = self._read
        return self._given(written((read.reach - read.begin * 2 - read.jump + 1) / 2, self.counts))

    def size(self, n: Any) -> Any:
        """What comes out of n elements, wherever every layer fits.

        n: a number or an expression.

        >>> from solver import Conv, MaxPool, n
        >>> repeat([Conv("k", padding="(k - 1)/2"), MaxPool(2)], "L").size(n)
        floor(n/2**L)
        >>> repeat(Conv("k", dilation="2**i"), "L").size(n)
        n - (2**L - 1)*(k - 1)
        """
        found = substitute(self._size, {"n": tree(n)})
        known = {**self._symbols, **symbols_of([n])}
        return found if isinstance(n, Expression) else given_back(normal(found), known)

    @property
    def parameters(self) -> Any:
        """The weights and biases of all layers.

        >>> from solver import Conv
        >>> repeat(Conv("k", dilation="2**i", out_channels=8, in_channels=8), "L").parameters
        8*L*(8*k**2 + 1)
        """
        return self._given(self._parameters)

    def smallest(self, receptive_field: int, **letters: Any) -> int | None:
        """The smallest count that reaches a receptive field; None where none does.

        letters: all others. Raises LimitError where it is not known to grow with the count.

        >>> from solver import Conv
        >>> net = repeat(Conv("k", dilation="2**i"), "L")
        >>> net.smallest(receptive_field=1000, k=3), net.smallest(receptive_field=2, k=1)
        (9, None)
        """
        net = self.at(**letters)
        if len(net.letters) != 1 or net.letters != getattr(net, "counts", None):
            right = ", ".join(f"{letter}=3" for letter in self.letters if letter not in self.counts)
            raise SolverError("each letter but one count needs a value", right=right)
        (count,) = net.letters
        net._grows(count)
        reach = net._read.reach
        field = (reach + 1).upper.expression / (reach + 1).lower.expression

        def enough(times: int) -> bool:
            return bool(exact(field, {count: times}) >= receptive_field)

        if enough(1):
            return 1
        if count not in reach.upper.letters | reach.lower.letters:
            return None  # it is the same for every count
        high = 2
        while not enough(high):
            high *= 2
        low = high // 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if enough(middle) else (middle, high)
        return high

    # Numbers

    def at(self, **letters: Any) -> Any:
        """The same with sizes in the place of letters: a stack where no count is left.

        >>> from solver import Conv
        >>> net = repeat(Conv("k", dilation="2**i"), "L")
        >>> net.at(L=2), net.at(k=3)
        (Stack([Conv('k'), Conv('k', dilation=2)]), repeat(Conv(3, dilation='2**i'), 'L'))
        """
        for letter in letters:
            if letter not in self.letters:
                right = ", ".join(self.letters)
                raise SolverError("there is no such letter", letter, right)
        parts = list(_put(self.parts, letters))
        if any(isinstance(part, Repeat) for part in parts):
            return self._of(parts)
        return Stack(parts, axes=self.axes, channels=self.channels)

    def subs(self, *sizes: Any) -> Any:
        """The same with sizes in the place of symbols, as SymPy's `subs`."""
        pairs = [sizes] if len(sizes) == 2 else [*dict(*sizes).items()]
        return self.at(**{str(symbol): size for symbol, size in pairs})

    def _of(self, parts: Sequence[Any]) -> Deep:
        return Deep(parts, self.axes, self.channels)

    # What closed forms are made of

    @cached_property
    def _closed(self) -> tuple[Chain, tuple[Expression, ...]]:
        return checked(self, closed(self._known, lambda case: chained(self.parts, 0, case)))
