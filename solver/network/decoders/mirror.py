"""What the plain mirror of an encoder gives back: each layer transposed, no output_padding.

Kernel, stride and padding are those of the encoder; where a framework pads in words, the same word.
Where every stride s divides what comes in it gives back all of it; else it loses what the floors of
the encoder dropped, so that of n comes back n + c - (n + b) mod p, p the total stride.
"""

from __future__ import annotations

from solver.errors import SolverError
from solver.frameworks import code as writing
from solver.frameworks.spec import of_layer
from solver.ground.named import NamedTuple
from solver.layers.layer import Layer
from solver.network.decoders import coded, forms
from solver.network.decoders.encoder import Encoder
from solver.network.graph.graph import Graph
from solver.sizes.comparison import where_equal
from solver.sizes.fold import shown
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import NONE, SizeSet
from solver.sizes.slope import between


class PlainMirror(NamedTuple):
    """Hold what comes back of n along a letter, as a size map of n, and the n that come back.

    latent: what the encoder makes of n. refused: the n of which it makes too little for the layers.

    >>> print(PlainMirror("n", SizeMap.line(1, 8, 320, 320, -8)))
    320*floor((n + 8)/320) - 8 = n - (n + 8) % 320, 0 to 319 too few
    >>> print(PlainMirror("n", IDENTITY))
    n, exactly
    """

    letter: str
    back: SizeMap
    exact: SizeSet = NONE
    latent: SizeMap = IDENTITY
    refused: SizeSet = NONE

    def of(self, n: int) -> int | None:
        """What comes back of an input; None where the layers refuse what they are given.

        >>> from solver import Conv, trace
        >>> (found,) = mirror(trace(Conv(1, 4, 1), axes=1))
        >>> str(found.back), str(found.refused), found.of(2), found.of(3)
        ('4*floor((n + 1)/4) - 1', 'n in {1, 2}', None, 3)
        """
        return None if n in self.refused else int(self.back(n))

    @property
    def off(self) -> tuple[int, int] | None:
        """The least and the most of what comes back less n, None where it is not bounded."""
        try:
            return between(IDENTITY, self.back)
        except SolverError:
            return None

    @property
    def rest(self) -> str | None:
        """What comes back as n and a remainder, None where it is not of this form."""
        parts = self.back.parts
        if parts is None or parts.period == 1 or parts.scale * parts.rise != parts.period:
            return None
        if parts.rise != 1:
            return None
        inside = SizeMap.line(1, parts.shift % parts.period)
        more = SizeMap.line(1, parts.offset + parts.shift)
        return str(shown(more) - shown(inside) % parts.period)

    def __str__(self) -> str:
        found = " = ".join(filter(None, (str(self.back), self.rest)))
        return found if self.off is None else f"{found}, {_words(*self.off)}"


def mirror(network: Graph, framework: str = "torch") -> tuple[PlainMirror, ...]:
    """What the plain mirror of an encoder gives back, for each letter.

    framework: whose transposed layers it is of. Raises SolverError where the network is no encoder,
    as `decoders` does, or the framework has no such layers.

    >>> from solver import Conv, trace
    >>> (found,) = mirror(trace(lambda x: Conv(10, 5, 3)(Conv(4, 2, 1)(x)), axes=1))
    >>> print(found, "|", found.exact)
    10*floor((n + 2)/10) - 2 = n - (n + 2) % 10, 0 to 9 too few | n = 8 (mod 10)
    >>> (found,) = mirror(trace(Conv(3, 2, 1), axes=1), "keras")
    >>> print(found, "|", found.exact)
    2*ceil(n/2) = n + 1 - (n + 1) % 2, 0 to 1 too many | even n
    """
    return mirrored(Encoder(network), framework)


def mirrored(encoder: Encoder, framework: str) -> tuple[PlainMirror, ...]:
    """The same of an encoder that is known. Raises SolverError."""
    layers = unchanged(encoder, framework)
    found = []
    for index, axis in enumerate(encoder.axes):
        runs, back = encoder.run(layers, index)
        exact = runs & where_equal(back, IDENTITY)
        refused = axis.accepted - runs
        found.append(PlainMirror(axis.letter, back, exact, axis.maps[-1], refused))
    return tuple(found)


def unchanged(encoder: Encoder, framework: str) -> list[Layer]:
    """The layers of the plain mirror in a framework. Raises SolverError."""
    found: list[Layer] = []
    for place, layer in zip(encoder.back, forms.mirrored(encoder, encoder.none), strict=True):
        if framework not in coded.PADDING or not place.goes_down:
            found.append(layer)
            continue
        none, same = coded.PADDING[framework]
        bare = all(window.pads == (0, 0) for window in place.windows)
        keeps = all(w.size_map == SizeMap.line(1, w.stride - 1, w.stride) for w in place.windows)
        first, *behind = writing.write(framework, of_layer(layer, len(encoder.axes))).layers
        word = {"padding": none if bare else same} if bare or keeps else {}
        found.append(first.changed(**word, output_padding=None))
        found += () if word else behind
    return found


def one_way(network: Graph) -> bool:
    """Tell whether every input is given back by one output_padding of the mirror alone.

    So it is where none may reach its stride. Raises SolverError where the network is no encoder.

    >>> from solver import Conv, trace
    >>> [one_way(trace(Conv(3, 2, dilation=d), axes=1)) for d in (2, 3)]
    [True, False]
    """
    places = Encoder(network).places
    windows = (window for place in places for window in place.windows)
    return all(place.goes_down for place in places) and all(w.dilation <= w.stride for w in windows)


def _words(low: int, high: int) -> str:
    if low == high == 0:
        return "exactly"
    if high <= 0 or low >= 0:
        ends = sorted({abs(low), abs(high)})
        return f"{' to '.join(map(str, ends))} too {'few' if high <= 0 else 'many'}"
    return f"up to {-low} too few and up to {high} too many"
