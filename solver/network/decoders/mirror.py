"""What the plain mirror of an encoder gives back: each layer transposed, no output_padding.

Where every stride s divides what comes in it gives back all of it; else it loses what the floors of
the encoder dropped, so that of n comes back n + c - (n + b) mod p, p the total stride.
"""

from __future__ import annotations

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.network.decoders import forms
from solver.network.decoders.encoder import Encoder
from solver.network.graph.graph import Graph
from solver.sizes.fold import shown
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.slope import between


class PlainMirror(NamedTuple):
    """Hold what comes back of n along a letter, as a size map of n.

    >>> print(PlainMirror("n", SizeMap.line(1, 8, 320, 320, -8)))
    320*floor((n + 8)/320) - 8 = n - (n + 8) % 320, 0 to 319 too few
    >>> print(PlainMirror("n", IDENTITY))
    n, exactly
    """

    letter: str
    back: SizeMap

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


def mirror(network: Graph) -> tuple[PlainMirror, ...]:
    """What the plain mirror of an encoder gives back, for each letter.

    Raises SolverError where the network is no encoder, as `decoders` does.

    >>> from solver import Conv, trace
    >>> print(*mirror(trace(lambda x: Conv(10, 5, 3)(Conv(4, 2, 1)(x)), axes=1)))
    10*floor((n + 2)/10) - 2 = n - (n + 2) % 10, 0 to 9 too few
    """
    encoder = Encoder(network)
    layers = forms.mirrored(encoder, encoder.none)
    return tuple(
        PlainMirror(axis.letter, forms.after(layers, index, axis.maps[-1]))
        for index, axis in enumerate(encoder.axes)
    )


def _words(low: int, high: int) -> str:
    if low == high == 0:
        return "exactly"
    if high <= 0 or low >= 0:
        ends = sorted({abs(low), abs(high)})
        return f"{' to '.join(map(str, ends))} too {'few' if high <= 0 else 'many'}"
    return f"up to {-low} too few and up to {high} too many"
