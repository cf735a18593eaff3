"""Encoder-decoders of as many levels as a letter says, such as U-Net, in closed form.

Closed forms are compared with networks of numbers, for several values of the letters, before they
are given out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, reduce
from itertools import islice
from operator import and_
from typing import Any, cast

from solver.errors import LimitError, SizeError, SolverError
from solver.ground.shown import Reported
from solver.layers.closed import closed, one_more, unmoved, with_moved, written
from solver.layers.compared import values_of
from solver.layers.levels import Ways, divided, ways
from solver.layers.own_layer import OwnLayer
from solver.layers.repeat import flat
from solver.layers.repetition import (
    Repetition,
    given_sizes,
    in_order,
    inside,
    kept,
    placed,
)
from solver.layers.row import USUAL_AXES
from solver.network.network import Network
from solver.network.tensor import Tensor, concat, crop, trace
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, added, call, named, names, of, substitute
from solver.sizes.factored import terms_of
from solver.sizes.normal import normal
from solver.symbolic.given import given_back, in_letters, symbols_of, tree

_ENOUGH = 5  # networks of numbers that are compared
_MOST_TRIED = 200
_MOST_LEVELS = 60
_SIZES = 100  # that are compared


class EncoderDecoder(Reported):
    """Hold the layers of a level, what goes down and up between levels, and how many there are.

    Layers may depend on the level i, 0 at the input; down and up between i and i + 1 too. What a
    level gives on the way down is cropped to what comes up, and concatenated. Made by
    `encoder_decoder`.
    """

    def __init__(
        self,
        level: Iterable[OwnLayer],
        down: OwnLayer,
        up: OwnLayer,
        levels: Any,
        index: str = "i",
        axes: int = USUAL_AXES,
        channels: int = 1,
    ) -> None:
        self.level, self.down, self.up = tuple(flat(level)), down, up
        self.axes, self.channels = axes, channels
        self._whole = Repetition((*self.level, down, up), levels, index)
        self._whole.check()
        if not up.operation.transposed:
            raise SolverError("what goes up is a transposed layer", repr(up), "ConvTranspose(2, 2)")

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of its hyperparameters and of the number of levels."""
        return self._whole.letters

    @property
    def counts(self) -> tuple[str, ...]:
        """The letters of the number of levels."""
        return in_order(names(self._whole.count))

    # Closed forms

    def size(self, n: Any) -> Any:
        """What comes out of n elements, for the n of `valid`; of a tree a tree comes out.

        >>> from solver import Conv, ConvTranspose, MaxPool, encoder_decoder, n
        >>> unet = encoder_decoder([Conv("k")] * 2, MaxPool(2), ConvTranspose(2, 2), "L")
        >>> unet.size(n)
        n - 2*(3*2**(L - 1) - 2)*(k - 1)
        """
        found = substitute(self.forms["size"], {"n": tree(n)})
        return found if isinstance(n, Expression) else self._given(found, n)

    @property
    def valid(self) -> Any:
        """The condition on n under which nothing is dropped, and something comes out.

        >>> from solver import Conv, ConvTranspose, MaxPool, encoder_decoder
        >>> unet = encoder_decoder([Conv("k")] * 2, MaxPool(2), ConvTranspose(2, 2), "L")
        >>> print(unet.forms["valid"])
        (n + 2*(k - 1)) % 2**(L - 1) == 0 and n > 2*(k - 1)*(3*2**(L - 1) - 2)
        """
        return self._given(self.forms["valid"])

    @property
    def where(self) -> Any:
        """The condition on the letters under which the closed forms hold; True where none is."""
        return self._given(reduce(and_, self.conditions)) if self.conditions else True

    @property
    def conditions(self) -> tuple[Expression, ...]:
        """The conditions of `where` as trees."""
        return tuple(map(self._named, self._closed[1]))

    @cached_property
    def forms(self) -> dict[str, Expression]:
        """The closed forms by name, compared with networks of numbers.

        Raises LimitError where there are none.
        """
        found = self._closed[0]
        counts, n = with_moved(self.counts), named("n")
        net, rest = found.net, found.down.net - 1
        if found.gains:  # what is gained at a level is dropped on the way down
            net, rest = net * 0, rest - net
        size = added([(False, n), *terms_of(net, counts)])
        valid = (divided(rest, found.down.jump, counts) % written(found.down.jump, counts)).equals(
            0
        )
        losses = dict.fromkeys(written(each * -1, counts) for each in (net, *found.short))
        for loss in losses:
            valid &= n >= 1 if loss == of(0) else n > loss
        size, valid = map(self._named, (size, valid))
        self._compare(size, valid)
        return {"size": size, "valid": valid}

    @property
    def receptive_field(self) -> Any:
        """The elements from the first to the last that an output reads, the largest of all phases.

        Raises LimitError where some outputs read nothing of the lowest level.

        >>> from solver import Conv, ConvTranspose, MaxPool, encoder_decoder
        >>> unet = encoder_decoder([Conv(3)] * 2, MaxPool(2), ConvTranspose(2, 2), 5)
        >>> unet.receptive_field
        204
        """
        return self._given(self._field)

    @cached_property
    def _field(self) -> Expression:
        found, counts = self._closed[0], with_moved(self.counts)
        if found.spread is None:
            rule = "in closed form each output reads something of every level"
            raise LimitError(rule, repr(self.up), "a kernel of at least the stride, no dilation")
        jump = written(found.down.jump, counts)
        most = call("ceil", written(found.spread, counts) / jump)
        field = self._named(jump * most + one_more(found.reach, counts))
        field = field if names(field) else normal(field)
        for letters, net in self._networks():
            node = net.fields().nodes[net.outputs[0]]
            (read,) = node.values() if node else (None,)
            if read is None or exact(field, letters) != read.known.length:
                rule = "a closed form must say what the network of numbers does"
                raise LimitError(rule, f"{field} at {letters}")
        return field

    @cached_property
    def _closed(self) -> tuple[Ways, tuple[Expression, ...]]:
        # L is counted from 1 on: 2**(L - 1) is then a power
        moved = [letter for letter in self.counts if self._whole.count == named(letter)]
        return closed(inside([self._whole]), lambda case: ways(self._whole, case), moved)

    def _named(self, form: Expression) -> Expression:
        """A form in the letters that were given."""
        return unmoved(form, self.counts)

    def _compare(self, size: Expression, valid: Expression) -> None:
        """Raise LimitError unless networks of numbers are what the closed forms say."""
        for letters, net in self._networks():
            for n in range(1, _SIZES):
                asked = exact(valid, {**letters, "n": n})
                if asked and exact(size, {**letters, "n": n}) != _size(net, n):
                    rule = "a closed form must say what the network of numbers does"
                    raise LimitError(rule, f"{size} at {letters | {'n': n}}")
                if not asked and exact(size, {**letters, "n": n}) == _size(net, n):
                    rule = "a closed form must hold for all sizes for which it could"
                    raise LimitError(rule, f"{valid} at {letters | {'n': n}}")

    def _networks(self) -> Iterator[tuple[dict[str, int], Network]]:
        """Yield values of the letters and the networks there that closed forms are compared with.

        Raises SolverError where there are none.
        """
        seen, fault = 0, None
        for letters in islice(values_of(self), _MOST_TRIED):
            if not all(exact(condition, letters) for condition in self.conditions):
                continue
            try:
                net = self._network(letters, axes=1)
            except SolverError as found:  # no layers at these letters
                fault = fault or found
                continue
            seen += 1
            yield letters, net
            if seen == _ENOUGH:
                return
        if not seen:
            raise fault or LimitError("a closed form is given where numbers confirm it", repr(self))

    # Numbers

    def at(self, **letters: Any) -> Any:
        """The same with sizes in the place of letters: a network where all are numbers.

        >>> from solver import Conv, ConvTranspose, MaxPool, encoder_decoder
        >>> unet = encoder_decoder([Conv("k")] * 2, MaxPool(2), ConvTranspose(2, 2), "L")
        >>> unet.at(L=5, k=3).size(572), unet.at(k=3).letters
        (388, ('L',))
        """
        for letter in letters:
            if letter not in self.letters:
                raise SolverError("there is no such letter", letter, ", ".join(self.letters))
        sizes = {letter: tree(size) for letter, size in letters.items()}
        if not any(names(size) for size in sizes.values()) and len(sizes) == len(self.letters):
            return self._network({x: int(exact(size, {})) for x, size in sizes.items()}, self.axes)
        whole = self._whole
        known = {x: size for x, size in letters.items() if x in whole.block_letters}
        *level, down, up = placed(whole.block, known)
        count = normal(substitute(whole.count, sizes))
        given = whole.given if count == whole.count else count
        return EncoderDecoder(level, down, up, given, whole.index, self.axes, self.channels)

    def subs(self, *sizes: Any) -> Any:
        """The same with sizes in the place of symbols, as SymPy's `subs`."""
        pairs = [sizes] if len(sizes) == 2 else [*dict(*sizes).items()]
        return self.at(**{str(symbol): size for symbol, size in pairs})

    def _network(self, letters: dict[str, int], axes: int) -> Network:
        whole = self._whole
        levels = exact(whole.count, {x: letters[x] for x in names(whole.count)})
        if levels.denominator > 1 or not 1 <= levels <= _MOST_LEVELS:
            rule = f"a network of numbers has 1 to {_MOST_LEVELS} levels"
            raise SolverError(rule, f"{whole.count} = {levels}")
        inner = {x: size for x, size in letters.items() if x in whole.block_letters}
        made = [[*placed(whole.block, {**inner, whole.index: i})] for i in range(int(levels))]

        def through(x: Tensor, layers: Iterable[Any]) -> Tensor:
            return reduce(lambda tensor, layer: layer(tensor), layers, x)

        def forward(x: Tensor) -> Tensor:
            skips = []
            for *level, down, _ in made[:-1]:
                skips.append(through(x, level))
                x = down(skips[-1])
            x = through(x, made[-1][:-2])
            for (*level, _, up), skip in zip(reversed(made[:-1]), reversed(skips), strict=True):
                x = up(x)
                x = through(concat(crop(skip, like=x), x), level)
            return x

        return trace(forward, channels=self.channels, axes=axes)

    def _given(self, form: Expression, *sizes: Any) -> Any:
        return given_back(kept(form), symbols_of([*given_sizes([self._whole]), *sizes]))

    # As a value

    def _key(self) -> tuple[Any, ...]:
        return self._whole, self.axes, self.channels

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EncoderDecoder) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(repr(self))

    def __reduce__(self) -> tuple[Any, ...]:
        whole = self._whole
        given = (self.level, self.down, self.up, whole.given, whole.index)
        return EncoderDecoder, (*given, self.axes, self.channels)

    def __repr__(self) -> str:
        count = str(self._whole.given) if in_letters(self._whole.given) else self._whole.given
        more = f", index={self._whole.index!r}" if self._whole.index != "i" else ""
        more += f", axes={self.axes}" if self.axes != USUAL_AXES else ""
        more += f", channels={self.channels}" if self.channels != 1 else ""
        parts = f"{[*self.level]!r}, {self.down!r}, {self.up!r}, {count!r}{more}"
        return f"encoder_decoder({parts})"


def encoder_decoder(
    level: Any,
    down: OwnLayer,
    up: OwnLayer,
    levels: Any,
    index: str = "i",
    axes: int = USUAL_AXES,
    channels: int = 1,
) -> EncoderDecoder:
    """An encoder-decoder of so many levels, such as U-Net, in closed form.

    level: the layers of a level, on the way down and, but for the lowest, on the way up. down, up:
    what stands between levels. levels: a letter, or an expression. index: the letter for the level
    that layers may depend on, 0 at the input. What a level gives on the way down is cropped to what
    comes up, and concatenated. Raises SolverError; LimitError where there is no closed form.

    >>> from solver import Conv, ConvTranspose, MaxPool
    >>> same = Conv("k", padding="(k - 1)/2")
    >>> net = encoder_decoder([same] * 2, MaxPool("s"), ConvTranspose("s", "s"), "L")
    >>> print(net.forms["size"], "|", net.forms["valid"])
    n | n % s**(L - 1) == 0 and n >= 1
    """
    layers = level if isinstance(level, (list, tuple)) else (level,)
    return EncoderDecoder(layers, down, up, levels, index, axes, channels)


def _size(net: Network, n: int) -> int | None:
    """What comes out of n elements, None where the network does not take them."""
    try:
        return cast(int, net.size(n))  # all its axes are alike
    except SizeError:
        return None
