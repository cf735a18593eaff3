"""Encoder-decoders of as many levels as a letter says, such as U-Net, in closed form.

A level i = 0 .. L - 1 has the same layers on the way down and, but for the lowest, on the way up.
Where nothing is dropped on the way down every layer is a line in n, and so is all of it:

    out = n + net        wherever (n - 1 + down) % S = 0 and n >= 1 - net

S is the stride of all that goes down, `down` the net padding of that, and `net` that of the whole
way through the lowest level. At other n the last elements are dropped, as at the nearest such n
below.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction
from functools import cached_property, reduce
from itertools import islice
from operator import and_
from typing import Any, NamedTuple

from solver.errors import LimitError, SizeError, SolverError
from solver.ground.shown import Reported
from solver.layers.closed import Composite, closed, written
from solver.layers.compared import values_of
from solver.layers.layer import USUAL_AXES
from solver.layers.own_layer import OwnLayer
from solver.layers.repeat import flat
from solver.layers.repetition import (
    Repetition,
    composite,
    given_sizes,
    in_order,
    inside,
    kept,
    placed,
)
from solver.network.network import Network
from solver.network.tensor import Tensor, concat, crop, trace
from solver.sizes.cases import Case, Quotient
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, added, named, names, of, product, substitute
from solver.sizes.factored import lowest, terms_of
from solver.sizes.letters import value
from solver.sizes.normal import normal
from solver.sizes.polynomial import Polynomial, Power
from solver.sizes.quotients import divide
from solver.sizes.summation import summed
from solver.symbolic.given import given_back, in_letters, symbols_of, tree

_ENOUGH = 5  # networks of numbers that are compared
_MOST_TRIED = 200
_MOST_LEVELS = 60
_SIZES = 100  # that are compared


class _Ways(NamedTuple):
    """The way through the lowest level.

    net: its net padding. down: all that is before the lowest level. short: net paddings of parts
    of which something must come out besides. gains: whether what comes up is larger by what is
    dropped on the way down.
    """

    net: Quotient
    down: Composite
    short: tuple[Quotient, ...]
    gains: bool


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
        ways = self._closed[0]
        counts, n = [*self.counts, *(f"{letter}'" for letter in self.counts)], named("n")
        net, rest = ways.net, ways.down.net - 1
        if ways.gains:  # what is gained at a level is dropped on the way down
            net, rest = net * 0, rest - net
        size = added([(False, n), *terms_of(net, counts)])
        valid = (_divided(rest, ways.down.jump, counts) % written(ways.down.jump, counts)).equals(0)
        losses = dict.fromkeys(written(each * -1, counts) for each in (net, *ways.short))
        for loss in losses:
            valid &= n >= 1 if loss == of(0) else n > loss
        size, valid = map(self._named, (size, valid))
        self._compare(size, valid)
        return {"size": size, "valid": valid}

    @cached_property
    def _closed(self) -> tuple[_Ways, tuple[Expression, ...]]:
        # L is counted from 1 on: 2**(L - 1) is then a power
        moved = {letter: 1 for letter in self.counts if self._whole.count == named(letter)}
        return closed(inside([self._whole]), self._ways, moved)

    def _named(self, form: Expression) -> Expression:
        """A form in the letters that were given."""
        return _tidy(substitute(form, {f"{x}'": named(x) - 1 for x in self.counts}))

    def _ways(self, case: Case) -> _Ways:
        index, steps, one = self._whole.index, self._whole.count - 1, value(of(1), case)
        layers = [composite([layer], case) for layer in self.level]
        level = composite(self.level, case)
        deeper = composite(placed(self.level, {index: named(index) + 1}), case)
        down, up = composite([self.down], case), composite([self.up], case)
        stride, known = down.jump, case.known
        for jump, what in (
            (level.jump, "the layers of a level do not stride"),
            (up.jump * stride, "what goes up has the stride of what goes down"),
        ):
            if (jump - one).upper.terms:
                raise LimitError(what, f"a jump of {jump}")
        if not all(known((each.net * -1).upper) for each in (*layers, down)):
            rule = "in closed form no layer of a level, and none that goes down, adds elements"
            raise LimitError(rule, repr(self), "smaller paddings, or numbers for some letters")
        # what comes back up to a level, more than there was
        gain = down.net + up.net * stride
        gains = not level.net.upper.terms and known(gain.upper)
        gains = gains and known((stride - 1 - gain).upper)
        if not gains and not known(((gain + deeper.net * stride) * -1).upper):
            rule = "what comes up is not larger than what it is concatenated with"
            raise LimitError(rule, repr(self), "other layers, or numbers for some letters")
        ways = level.then(down).repeated(index, steps)
        lowest = ways.then(composite(placed(self.level, {index: steps}), case)).net
        back = summed((up.net + level.net / stride) * stride, index, value(steps, case), stride)
        # of no element a transposed layer may make some
        makes = not known(((up.net - 1) / up.jump + 1).upper * Polynomial.of(-1))
        return _Ways(lowest + back, ways, (lowest,) if makes else (), gains)

    def _compare(self, size: Expression, valid: Expression) -> None:
        """Raise LimitError unless networks of numbers are what the closed forms say."""
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
            for n in range(1, _SIZES):
                asked = exact(valid, {**letters, "n": n})
                if asked and exact(size, {**letters, "n": n}) != _size(net, n):
                    rule = "a closed form must say what the network of numbers does"
                    raise LimitError(rule, f"{size} at {letters | {'n': n}}")
                if not asked and exact(size, {**letters, "n": n}) == _size(net, n):
                    rule = "a closed form must hold for all sizes for which it could"
                    raise LimitError(rule, f"{valid} at {letters | {'n': n}}")
            if seen == _ENOUGH:
                return
        if not seen:
            raise fault or LimitError("a closed form is given where numbers confirm it", str(size))

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


def _divided(rest: Quotient, jump: Quotient, counts: Collection[str]) -> Expression:
    """What a jump divides where it divides n and a size: without multiples of the jump."""
    n, (upper, lower) = named("n"), lowest(rest.upper, rest.lower)
    if jump.lower == Polynomial.of(1) and (lower.number or _prime(lower, jump.upper)):
        _, left = divide(
            upper * Polynomial.of(1 / (lower.number or Fraction(1))), jump.upper, rest.case.known
        )
        rest = Quotient(rest.case, left)
        n = n if lower.number else product([lower.expression, n])
    return added([(False, n), *terms_of(rest, counts)])


def _tidy(node: Expression) -> Expression:
    """A tree with its exponents in human order."""
    parts = [_tidy(part) if isinstance(part, Expression) else part for part in node.parts]
    if node.kind == "**":
        parts[1] = normal(parts[1])
    return Expression(node.kind, tuple(parts))


def _prime(size: Polynomial, jump: Polynomial) -> bool:
    """Whether a jump, s**i, has no factor in common with a size, s - 1."""
    (monomial, *more) = jump.terms
    bases = [atom.base if isinstance(atom, Power) else None for atom in monomial]
    return not more and all(base == size + 1 for base in bases)


def _size(net: Network, n: int) -> int | None:
    """What comes out of n elements, None where the network does not take them."""
    try:
        found: int = net.size(n)
    except SizeError:
        return None
    return found
