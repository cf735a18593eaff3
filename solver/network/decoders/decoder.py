"""Decoders: layers that bring the output of an encoder back to the size of its input, exactly.

A window of stride s and net padding Y takes n to m = floor((n - 1 + Y)/s) + 1. The transposed layer
with the same s and Y takes m to (m - 1)s + 1 - Y + a, and that is n for

    a = (n - 1 + Y) mod s,

which is always a legal output_padding. So a mirrored decoder is exact for every n where a is set
per call; and fixed numbers a, the digits of n in the strides, make it exact on one residue class
modulo their product, each class having its own digits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from solver.errors import SolverError
from solver.frameworks.code import writable
from solver.ground.answers import Answers, Count
from solver.ground.value import Value
from solver.layers.layer import Layer
from solver.layers.own import ConvTranspose
from solver.layers.stack import Stack
from solver.network.decoders import forms
from solver.network.decoders.coded import PADDING
from solver.network.decoders.decoded import Decoder, OutputPadding
from solver.network.decoders.encoder import Digits, Encoder
from solver.network.decoders.mirror import PlainMirror, mirror, unchanged
from solver.network.graph.dim import LETTERS, Dim, misfit
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply, Input
from solver.network.graph.walk import Node
from solver.sizes.sizeset import SizeSet
from solver.sizes.target import read_where

if TYPE_CHECKING:
    from solver.network.decoders.encoded import EncodedInput

#: Input sizes, for each axis or in words.
Where = SizeSet | str | Sequence[SizeSet] | None


class Decoders(Answers[Decoder], Value):
    """Hold decoders of an encoder, those that give back the most sizes first.

    n: the input sizes that each gives back, None for no certain ones. where: a condition on them,
    in words. framework: whose layers they are. left_out: what it has no layers for, and why. Made
    by `solver.decoders`.
    """

    def __init__(
        self,
        network: Graph,
        found: Sequence[Decoder],
        n: tuple[int, ...] | None = None,
        where: str = "",
        framework: str = "torch",
        left_out: Sequence[str] = (),
    ) -> None:
        self.network, self.n, self.where, self.framework = network, n, where, framework
        self._found, self.left_out = tuple(found), tuple(left_out)

    def made_of(self) -> tuple[Any, ...]:
        return self.network, self.n, self.where, self._found, self.framework, self.left_out

    def at(self, n: int | Sequence[int]) -> EncodedInput:
        """The encoder and its mirror at one input, a size or one for each axis. Raises SolverError.

        >>> from solver import Conv, decoders, trace
        >>> down = trace(lambda x: Conv(3, 2, 1)(Conv(3, 2, 1)(x)), axes=1)
        >>> found = decoders(down).at(30)
        >>> found.sizes, found.output_padding, found.choices, found.back
        (((30,), (15,), (8,)), ((0,), (1,)), 1, (29,))
        >>> decoders(down, framework="keras").at(30).output_padding
        ((0,), None)
        """
        from solver.network.decoders.encoded import encoded

        return encoded(self.network, n, self.framework)

    @property
    def mirror(self) -> tuple[PlainMirror, ...]:
        """What the plain mirror gives back along each axis: the encoder's own numbers, transposed.

        Raises SolverError where the network is no encoder, or the framework has no such layers.

        >>> from solver import Conv, decoders, trace
        >>> (found,) = decoders(trace(Conv(3, 2, 1), axes=1)).mirror
        >>> print(found.latent, "|", found, "|", found.exact)
        ceil(n/2) | 2*ceil(n/2) - 1 = n - (n + 1) % 2, 0 to 1 too few | odd n
        """
        return mirror(self.network, self.framework)

    @property
    def count(self) -> Count:
        return Count(len(self._found))

    @property
    def reason(self) -> str | None:
        """Why there is none."""
        return None if self._found else "no decoder gives these sizes back"

    def __iter__(self) -> Iterator[Decoder]:
        return iter(self._found)

    def __repr__(self) -> str:
        more = "" if self.n is None else f", {self.n}"
        more += f", where={self.where!r}" if self.where else ""
        more += f", framework={self.framework!r}" if self.framework != "torch" else ""
        return f"decoders({self.network!r}{more})"


def of_graph(
    network: Graph,
    n: int | Sequence[int] | None = None,
    where: Where = None,
    framework: str = "torch",
) -> Decoders:
    """The decoders of a network of numbers, as `solver.decoders`."""
    framework = writable(framework)
    wanted: Sequence[SizeSet] | None = None
    sizes: Sequence[int] | None = None
    if n is not None:
        encoder = Encoder(network.path(n))
        sizes = encoder.sizes(n)
        wanted = [SizeSet.of([size]) for size in sizes]
    elif where:
        encoder, wanted = _accepting(network, where)
        sizes = [each.first() or 1 for each in wanted]
    else:
        encoder = Encoder(network.ways[0])
    found, left_out = dict[Any, Decoder](), dict[str, dict[str, None]]()
    for each in _decoders(encoder, sizes):
        if not all(each.inputs) or not (
            wanted is None or all(map(SizeSet.__le__, wanted, each.inputs))
        ):
            continue
        layers = each.layers
        if framework != "torch":
            try:
                layers = each.words(framework)
                if each.form == "mirrored" and not each.per_call and framework in PADDING:
                    each = each.replaced(changes=_changes(layers, unchanged(encoder, framework)))
            except SolverError as fault:
                form = f"{each.form} per call" if each.per_call else each.form
                left_out.setdefault(fault.rule, {})[form] = None
                continue
        found.setdefault((each.form, layers, bool(each.per_call)), each)
    given = None if n is None else tuple(sizes or ())
    ranked = sorted(found.values(), key=_rank)
    reasons = [f"left out: {', '.join(forms)}; {rule}" for rule, forms in left_out.items()]
    return Decoders(network, ranked, given, _said(where, encoder), framework, reasons)


def _changes(layers: Sequence[Layer], plain: Sequence[Layer]) -> int:
    """How many layers are others than those of the plain mirror, in the words of a framework."""
    return sum(one != two for one, two in zip_longest(layers, plain))


def _said(where: Where, encoder: Encoder) -> str:
    """The condition in words, of each letter where axes have their own."""
    if where is None or isinstance(where, (str, SizeSet)):
        return str(where or "")
    pairs = zip(encoder.letters, where, strict=True)
    return " and ".join(sizes.text(letter) for letter, sizes in pairs)


def _accepting(
    network: Graph, where: SizeSet | str | Sequence[SizeSet]
) -> tuple[Encoder, list[SizeSet]]:
    """The path that accepts some sizes, the main one first, and which of them it accepts."""
    asked = read_where(where) if isinstance(where, str) else where
    for path in network.ways:
        with nullcontext() if path is network.ways[0] else suppress(SolverError):
            encoder = Encoder(path)
            sizes = [asked] * len(encoder.axes) if isinstance(asked, SizeSet) else asked
            if len(sizes) != len(encoder.axes):
                raise misfit(sizes, encoder.letters)
            wanted = [one & two for one, two in zip(encoder.accepted, sizes, strict=True)]
            if all(wanted):
                return encoder, wanted
    rule = "the encoder must accept some of these sizes"
    raise SolverError(rule, _said(where, Encoder(network.ways[0])))


def graph_of(layers: Stack) -> Graph:
    """The network of layers in order."""
    axes = layers.axes
    if axes not in LETTERS:
        raise SolverError("a network has one to three axes", received=str(axes))
    shape = (Dim(1), Dim(layers.channels), *map(Dim.letter, LETTERS[axes]))
    nodes = [Node("input", Input(shape))]
    for at, layer in enumerate(layers):
        operation = Apply(layer)
        nodes.append(Node(f"{operation.word}_{at + 1}", operation, (at,)))
    return Graph(nodes)


def _rank(each: Decoder) -> tuple[Any, ...]:
    return -each.density, -each.every, each.changes, each.parameters


def _decoders(encoder: Encoder, sizes: Sequence[int] | None) -> Iterator[Decoder]:
    """Yield decoders of every form, for sizes or for the usual classes."""
    if encoder.back:
        mirrored = forms.mirrored(encoder, encoder.none)
        yield per_call(encoder, "mirrored", mirrored, encoder.rules)
        if all(place.goes_down for place in encoder.back):
            changes = 2 * len(encoder.back)
            yield per_call(encoder, "resize", forms.resized(encoder), encoder.rules, changes)
    if sizes is not None:
        yield from _forms(encoder, encoder.digits(sizes))
        return
    yield from _forms(encoder, encoder.none)
    yield from _forms(encoder, encoder.digits(encoder.usual))


def per_call(
    encoder: Encoder,
    form: str,
    layers: Sequence[Layer],
    rules: Iterable[tuple[OutputPadding, ...]],
    changes: int = 0,
) -> Decoder:
    """A decoder of layers whose output_padding is set per call."""
    return Decoder(
        form,
        tuple(layers),
        encoder.letters,
        encoder.accepted,
        encoder.channels,
        changes,
        tuple(rules),
        notes=("give each layer the size of the encoder there, as output_size",)
        if form == "mirrored"
        else ("resize to the size of the encoder there",),
    )


def _forms(encoder: Encoder, digits: Digits) -> Iterator[Decoder]:
    changed = sum(any(row) for row in digits)
    yield fixed(encoder, "mirrored", forms.mirrored(encoder, digits), changed)
    by_padding = forms.mirrored(encoder, digits, by_padding=True)
    if by_padding != forms.mirrored(encoder, digits):
        yield fixed(encoder, "mirrored by padding", by_padding, changed + 1)
    if encoder.back:
        flat = [layer for pair in forms.upsampled(encoder, digits) for layer in pair]
        yield fixed(encoder, "upsample", flat, 2 * len(encoder.back))
    if len(encoder.back) > 1 and (single := forms.single(encoder, digits)):
        yield fixed(encoder, "single", [single], 2 * len(encoder.back))


def fixed(encoder: Encoder, form: str, layers: Sequence[Layer], changes: int) -> Decoder:
    """A decoder of layers, with the inputs it gives back."""
    inputs = tuple(encoder.exact(layers, index) for index in range(len(encoder.axes)))
    letters = encoder.letters
    notes = tuple(_notes(layers, len(encoder.axes)))
    return Decoder(
        form,
        tuple(layers),
        letters,
        inputs,
        encoder.channels,
        changes,
        returned=returned(encoder, forms.mirrored(encoder, encoder.none), inputs),
        notes=notes,
    )


def returned(
    encoder: Encoder, layers: Sequence[Layer], inputs: Sequence[SizeSet]
) -> tuple[int | None, ...]:
    """What layers give back of these inputs less n, along each axis."""
    found = []
    for index, (axis, exact) in enumerate(zip(encoder.axes, inputs, strict=True)):
        back, start = forms.after(layers, index, axis.maps[-1]), exact.first()
        found.append(None if start is None else int(back(start)) - start)
    return tuple(found)


def _notes(layers: Iterable[Layer], axes: int) -> Iterator[str]:
    for layer in layers:
        if not isinstance(layer, ConvTranspose):
            continue
        pairs = [(w.kernel_size, w.input_dilation) for w in map(layer.window, range(axes))]
        if any(kernel < stride for kernel, stride in pairs):
            yield f"{layer!r} leaves outputs that read nothing: its kernel is below its stride"
        elif any(kernel % stride for kernel, stride in pairs):
            yield f"{layer!r} covers its outputs unevenly: kernel_size % stride is not 0"
