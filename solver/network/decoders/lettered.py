"""Decoders in letters: layers that give n back for all strides at once.

The law of `solver.network.decoders.decoder` holds for any stride s and net padding Y: the mirrored
layer with output_padding (F(n) - 1 + Y) % s gives n back, where F(n) is the size before the layer.
Where all layers go down, F(n) % s is F(0) % s for the multiples of the total stride.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.answers import Answers, Count
from solver.ground.named import NamedTuple
from solver.ground.record import Record
from solver.ground.value import Value
from solver.inverse.letters.conditions import proved, settled, together
from solver.layers.layer import Layer
from solver.layers.legal import conditions
from solver.layers.lettered import known
from solver.layers.own import Conv, ConvTranspose
from solver.layers.stack import Stack
from solver.layers.window import Window
from solver.network.decoders.decoded import Decoder, OutputPadding
from solver.network.decoders.decoder import Decoders, fixed, graph_of, of_graph, per_call
from solver.network.decoders.encoder import Encoder
from solver.network.decoders.forms import undone
from solver.network.decoders.path import fitted
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, named, names, of
from solver.sizes.lettered_map import LetteredMap, modulo, polynomial, said
from solver.sizes.letters import in_order
from solver.sizes.normal import normal
from solver.sizes.polynomial import Polynomial
from solver.sizes.sizemap import IDENTITY
from solver.symbolic.given import given_back

_SAME = LetteredMap.of(IDENTITY)


class LetteredPadding(NamedTuple):
    """Hold the output_padding of one layer as a function of n: (F(n) - 1 + Y) mod stride.

    size: F, what torch's output_size is there. net: Y, the net padding of the window undone.
    """

    size: LetteredMap
    stride: Polynomial
    net: Polynomial

    @property
    def tree(self) -> Expression:
        """It in n and the letters."""
        return self.size.modulo(self.stride, self.net - 1)

    def at(self, values: Mapping[str, int]) -> OutputPadding:
        """It for numbers in the place of the letters."""
        size, stride = self.size.at(values), int(exact(self.stride.expression, values))
        net = int(exact(self.net.expression, values))
        return OutputPadding(size + (net - 1) % stride, stride, size)

    def __str__(self) -> str:
        return str(self.tree)


class LetteredDecoder(Record):
    """Hold layers in letters that bring the output of an encoder back to the size of its input.

    encoder: what they decode. layers: in order. rules: of the output_padding of each layer,
    where it is set per call. holds: the condition on n at which they give it
    back; legal: that on the letters, None where it always holds; trees too.

    >>> from solver import Conv, decoders
    >>> fixed = decoders(Conv("2s", stride="s", padding="ceil(s/2)"))[1]
    >>> fixed.layers
    (ConvTranspose('2*s', stride='s', padding='ceil(s/2)', output_padding='s % 2'),)
    >>> fixed.inputs, fixed.where, fixed.at(s=5).layers[0].output_padding
    (Eq(n - s*floor(n/s), 0), s >= 2, 1)
    """

    encoder: Stack
    layers: tuple[Layer, ...]
    rules: tuple[LetteredPadding, ...]
    holds: Expression | None
    legal: Expression | None
    form: str = "mirrored"

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the encoder."""
        return self.encoder.letters

    @property
    def per_call(self) -> tuple[Any, ...]:
        """For each layer the output_padding in n and the letters, as SymPy; () for fixed ones."""
        return tuple(self._given(rule.tree) for rule in self.rules)

    @property
    def inputs(self) -> Any:
        """The condition on n at which it is given back, as SymPy; True for every n."""
        return True if self.holds is None else self._given(self.holds)

    @property
    def where(self) -> Any:
        """The condition on the letters at which there is this decoder, as SymPy; True for all."""
        return True if self.legal is None else self._given(self.legal)

    def _given(self, size: Expression) -> Any:
        return given_back(size, known(*self.encoder))

    def at(self, **letters: int) -> Decoder:
        """The decoder of numbers. Raises SolverError where there is none at these letters."""
        legal = self.legal
        if legal is not None and names(legal) <= letters.keys() and not exact(legal, letters):
            told = ", ".join(f"{letter} = {size}" for letter, size in letters.items())
            raise SolverError("there is no such decoder here", told, str(legal))
        encoder = Encoder(graph_of(_numbers(self.encoder, letters)))
        layers = [_at(layer, letters) if layer.letters else layer for layer in self.layers]
        if not self.rules:
            return fixed(encoder, self.form, layers, 0)
        axes = len(encoder.letters)
        rules = tuple((rule.at(letters),) * axes for rule in self.rules)
        return per_call(encoder, self.form, layers, rules)

    def code(self, framework: str = "torch") -> str:
        """Refused: a framework wants numbers. Raises LimitError."""
        right = f".at({', '.join(f'{x}=2' for x in self.letters)}) first"
        raise LimitError("code is written of numbers", "a decoder in letters", right)

    def __str__(self) -> str:
        holds = "for every n" if self.holds is None else f"where {self.holds}"
        return f"{', '.join(map(repr, self.layers)) or 'no layers'}: gives n back {holds}"


class LetteredDecoders(Answers[LetteredDecoder], Value):
    """Hold decoders of an encoder in letters: of every n by rules per call, then by fixed numbers.

    Made by `solver.decoders`.
    """

    def __init__(self, encoder: Stack) -> None:
        self.encoder = encoder
        self._way = _LetteredWay(encoder)
        self._found = tuple(self._way.decoders())

    def made_of(self) -> tuple[Any, ...]:
        return (self.encoder,)

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the encoder."""
        return self.encoder.letters

    @property
    def size(self) -> Expression:
        """What comes out of the encoder."""
        return self._way.maps[-1].tree()

    @property
    def returned(self) -> Expression | None:
        """What the plain mirror gives back of n; None where that is not said here."""
        way = self._way
        return normal(named("n") - way.left) if way.down else None

    def at(self, **letters: int) -> Decoders:
        """The decoders of the encoder of numbers."""
        return of_graph(graph_of(_numbers(self.encoder, letters)))

    @property
    def count(self) -> Count:
        return Count(len(self._found))

    @property
    def reason(self) -> str | None:
        """Why there is none: there always is one."""
        return None

    def __iter__(self) -> Iterator[LetteredDecoder]:
        return iter(self._found)

    def __repr__(self) -> str:
        return f"decoders({self.encoder!r})"


class _LetteredWay:
    """The way through an encoder: each window that changes the size, and the maps between them."""

    def __init__(self, encoder: Stack) -> None:
        self.encoder = encoder
        self.windows: list[Window] = []
        self.channels: list[Sequence[Any]] = []
        self.maps = [_SAME]
        self.accepted: list[Expression] = []
        self.legal: list[Expression] = []
        told = any(layer.channels.before or layer.channels.after for layer in encoder)
        for at, layer in enumerate(encoder):
            if layer.axes not in (None, 1):
                rule = "a decoder in letters is of one axis, or of all alike"
                raise LimitError(rule, repr(layer))
            if layer.letters:
                self.legal += conditions(layer)
            window, size_map, least = along(layer, encoder.axes)
            self.accepted.append(named("n") >= said(self.maps[-1].first(least)))
            if size_map == _SAME:
                continue
            self.windows.append(window)
            self.channels.append(encoder.widths[at : at + 2] if told else (None, None))
            self.maps.append(size_map(self.maps[-1]))
            self.accepted.append(named("n") >= said(self.maps[-1].first(1)))

    def decoders(self) -> Iterator[LetteredDecoder]:
        """Yield decoders: of every n, of the multiples of the total stride, the plain mirror."""
        plain, rules = [of(0)] * len(self.windows), self._rules
        if [rule.tree for rule in rules] == plain:
            yield self._decoder(plain)
            return
        every = self._decoder(plain, rules=rules)
        yield every
        if not self.down:
            return
        multiples = (named("n") % said(self.maps[-1].period)).equals(0)
        digits = self._digits(every.legal)
        if digits != plain:
            usual = self._usual(multiples)
            yield usual
            if usual.legal != every.legal:
                yield self._decoder(digits, multiples)
        yield self._decoder(plain, self.left.equals(0))

    def _usual(self, multiples: Expression) -> LetteredDecoder:
        """The decoder of multiples as people write it: s % 2 where that is below s."""
        strides = [window.stride for window in self.windows[::-1]]
        legal, known = dict[Expression, None](), together(settled(self.legal) or ())
        while True:
            digits = self._digits(known)  # the more is known, the shorter
            short = [_inside(*pair) for pair in zip(digits, strides, strict=True)]
            rows = zip(digits, short, strides, strict=True)
            more = [x < stride for digit, x, stride in rows if x != digit]
            if legal.keys() >= set(more):
                return self._decoder(short, multiples, legal)
            legal |= dict.fromkeys(more)
            known = together(settled([*self.legal, *legal]) or ())

    @property
    def down(self) -> bool:
        """Whether no layer goes up."""
        return all(window.input_dilation == 1 for window in self.windows)

    @property
    def left(self) -> Expression:
        """What the plain mirror does not give back, where all layers go down."""
        n, whole = Polynomial.of("n"), self.maps[-1]
        return modulo(n + whole.shift, whole.period)

    @property
    def _rules(self) -> tuple[LetteredPadding, ...]:
        """The law a = (F(n) - 1 + Y) % s for each layer of the mirror."""
        found = [
            LetteredPadding(size, polynomial(window.stride), polynomial(window.net_padding))
            for window, size in zip(self.windows, self.maps, strict=False)
        ]
        return tuple(found[::-1])

    def _digits(self, legal: Expression | None) -> list[Expression]:
        """The same at the multiples of the total stride. legal: what holds of the letters."""
        found = []
        for size, stride, net in self._rules:
            found.append(modulo(_known(size.at_zero, legal) + net - 1, stride))
        return found

    def _decoder(
        self,
        digits: Sequence[Expression],
        holds: Expression | None = None,
        legal: Iterable[Expression] = (),
        rules: tuple[LetteredPadding, ...] = (),
    ) -> LetteredDecoder:
        asked = [*self.legal, *legal]
        layers = []
        rows = zip(self.windows[::-1], digits, self.channels[::-1], strict=True)
        for window, digit, (before, after) in rows:
            kind: Any = ConvTranspose if window.input_dilation == 1 else Conv
            if kind is ConvTranspose:
                window, more = _uncropped(window), {"output_padding": digit}
            else:
                window, more = self._undone(window, asked), {}
            begin, end = window.pads
            layers.append(
                kind(
                    self._size(window.kernel_size),
                    stride=self._size(window.stride),
                    padding=self._size(begin)
                    if begin == end
                    else ((self._size(begin), self._size(end)),),
                    dilation=self._size(window.dilation),
                    in_channels=after,
                    out_channels=before,
                    **{name: self._size(size) for name, size in more.items()},
                )
            )
        possible = settled(asked)
        if possible is None:
            raise SolverError("no values of the letters make this an encoder", repr(self.encoder))
        known = settled([*self.accepted, *([] if holds is None else [holds])]) or ()
        return LetteredDecoder(
            self.encoder, tuple(layers), rules, together(known), together(possible)
        )

    def _undone(self, window: Window, asked: list[Expression]) -> Window:
        """The window that undoes a transposed one: less than a stride more changes nothing."""
        if not window.in_letters:
            return undone(window)
        found = window.transposed
        begin, end = (normal(of(pad)) for pad in found.pads)
        more = normal(begin - end)
        asked += [more >= 0, more < found.stride]
        return found.padded((begin, begin))

    def _size(self, size: Any) -> Any:
        """A hyperparameter in the symbols that were given."""
        found = normal(of(size))
        if found.kind == "number":
            return found.parts[0]
        symbols = known(*self.encoder)
        return given_back(found, symbols) if names(found) & symbols.keys() else found


def along(layer: Layer, axes: int, axis: int = 0) -> tuple[Window, LetteredMap, Polynomial]:
    """What a layer does along an axis: its window, its size map, the smallest size it accepts.

    Raises LimitError where that is not known among layers in letters.
    """
    rule: Any = layer.rule(axis, axes)
    if layer.letters:
        window = rule.counted
        size = LetteredMap.windows(window.net_padding, window.stride, window.input_dilation)
        return window, size, polynomial(rule.least)
    if rule.unproved is not None:
        raise rule.unproved
    window, accepts = fitted(rule.window, rule.size_map), rule.accepts
    if window is None or not accepts.only_minimum:
        raise LimitError("this layer is not followed among layers in letters", repr(layer))
    return window, LetteredMap.of(rule.size_map), Polynomial.of(accepts.minimum)


def _known(size: Polynomial, legal: Expression | None) -> Polynomial:
    """The number that a size is where a condition holds, else itself."""
    for number in (0, -1, 1):
        with suppress(LimitError):
            if proved(size.expression.equals(number), legal):
                return Polynomial.of(number)
    return size


def _uncropped(window: Window) -> Window:
    return window if window.in_letters else window.uncropped


def _inside(digit: Expression, stride: Any) -> Expression:
    """A remainder that is below a stride for most letters, without the remainder by that."""
    left = digit.nodes[0] if digit.kind == "%" and digit.nodes[1] == of(stride) else digit
    return left if left.kind == "%" else digit


def _at(layer: Any, letters: Mapping[str, int]) -> Any:
    """A layer of an encoder at the letters that it has of these."""
    return layer.at(**{x: letters[x] for x in layer.letters if x in letters})


def _numbers(encoder: Stack, letters: Mapping[str, int]) -> Stack:
    """The encoder of numbers. Raises SolverError for a letter that it has not, or that is left."""
    if wrong := set(letters) ^ set(encoder.letters):
        right = ", ".join(f"{x}=2" for x in encoder.letters)
        raise SolverError(
            "each letter of the encoder needs a number", ", ".join(in_order(wrong)), right
        )
    return encoder.at(**letters)
