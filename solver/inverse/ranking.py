"""Which answer first: the rules by which an engineer would choose, one row each.

An answer's points are the sum over the rules that apply to it, and fewer are better. The order is:
answers with kernel_size 1 last, then points, then the well-known layers in their order, then
smaller kernel_size, stride, padding, dilation, output_padding; where poolings tie in kernel_size,
stride = kernel_size comes first, and more even paddings come before less even ones. The order is
total, so it is stable.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from functools import cache
from math import gcd
from typing import Any

from solver.ground.named import NamedTuple
from solver.inverse.strips import Row
from solver.sizes.operations import OperationSpec


class Facts(NamedTuple):
    """Hold a row and what ranks it; the rest is worked out where it is said."""

    ranking: Ranking
    k: int
    s: int
    begin: int
    end: int
    d: int
    a: int
    n: int | None

    @property
    def transposed(self) -> bool:
        return self.ranking.operation.transposed

    @property
    def every(self) -> bool:
        """Tell whether the question is for every n."""
        return self.ranking.residues is not None

    @property
    def taps(self) -> str:
        taps = "1 tap" if self.k == 1 else f"{self.k} taps"
        return taps if self.d == 1 else f"{taps} {self.d} apart"

    @property
    def unread(self) -> int:
        """How many trailing inputs are never read, at worst."""
        reach = self.d * (self.k - 1)
        return self.ranking.rests(self.n, self.s, self.begin, self.end, reach)[1] - self.end


class Rule(NamedTuple):
    """Hold how bad a fact is, and what to say about it. Where it holds: `Ranking.applying`."""

    points: int
    note: Callable[[Facts], str]


def _trailing(f: Facts) -> str:
    number = f.unread
    most = "up to " if f.every else ""
    return f"{most}{number} trailing input{'s are' if number > 1 else ' is'} never read"


def _padding_layer(f: Facts) -> str:
    why = "different padding at the two ends" if f.begin != f.end else "padding wider than half"
    # Zeros would be the largest among negative values.
    of = ", of -inf and not of zeros" if f.ranking.operation.name == "maxpool" else ""
    return f"{why}: needs a padding layer in PyTorch{of}" if f.ranking.layered else why


def _uneven(f: Facts) -> str:
    least = f.k // f.s
    apart = f", {f.d} apart" if f.d > 1 else ""
    return f"{least} or {least + 1} taps by phase{apart}"


RULES = (
    Rule(
        8,
        lambda f: (
            f"gaps: some {'outputs get nothing' if f.transposed else 'inputs are never read'}, "
            f"{f.taps} cannot cover stride {f.s}"
        ),
    ),
    Rule(
        4,
        lambda f: (
            f"checkerboard risk: kernel_size {f.k} is not divisible by stride {f.s}"
            if f.d == 1
            else f"checkerboard risk: {f.k} taps at dilation {f.d} fall unevenly on stride {f.s}"
        ),
    ),
    Rule(
        8,
        lambda f: (
            "padding wider than the kernel reaches: it cuts away whole inputs"
            if f.transposed
            else "padding wider than the kernel reaches: some windows see padding only"
        ),
    ),
    Rule(
        4,
        lambda f: "even kernel at stride 1: it has no centre, the output sits between the inputs",
    ),
    Rule(2, _trailing),
    Rule(2, lambda f: f"output_padding={f.a} needed: the end of the output sees fewer inputs"),
    Rule(8, lambda f: "dilation without effect: kernel_size is 1"),
    Rule(1, lambda f: f"dilated: the taps are {f.d} elements apart"),
    Rule(1, _padding_layer),
    Rule(1, lambda f: "stride without effect: there is one output"),
    Rule(
        0,
        lambda f: (
            "each input fills its own block: no overlap"
            if f.transposed
            else "windows tile the input: no overlap"
        ),
    ),
    Rule(0, lambda f: "pointwise: the size never changes"),
    Rule(0, _trailing),
    Rule(0, _uneven),
    Rule(0, lambda f: f"holes: {f.k} of {f.d * (f.k - 1) + 1} elements of a window are read"),
)


@cache
def _points(applying: int) -> int:
    """The points of the rules that apply."""
    return sum(rule.points for i, rule in enumerate(RULES) if applying >> i & 1)


@cache
def _notes(applying: int) -> tuple[Callable[[Facts], str], ...]:
    """What to say of the rules that apply."""
    return tuple(rule.note for i, rule in enumerate(RULES) if applying >> i & 1)


@cache
def _places(name: str) -> tuple[dict[Any, int], dict[Any, list[tuple[Any, int]]]]:
    """The places of an operation's well-known layers, and their kernels by the rest of a row."""
    places = {row: place for place, row in enumerate(WELL_KNOWN[name])}
    usual: dict[Any, list[tuple[Any, int]]] = {}
    for (k, s, _, d, a), place in places.items():
        usual.setdefault((s, d, a), []).append((k, place))
    return places, usual


def _rank(single: bool, points: int, place: int) -> int:
    """What comes first in a key: a kernel of 1 last, then fewer points, then well-known layers."""
    return single << 10 | points << 4 | place


#: Well-known layers as (kernel_size, stride, padding, dilation, output_padding), best first.
WELL_KNOWN: dict[str, dict[tuple[object, ...], str]] = {
    "conv": {
        (3, 1, 1, 1, 0): "the standard 3x3 layer",
        (3, 2, 1, 1, 0): "the standard downsampling layer (ResNet)",
        (2, 2, 0, 1, 0): "patches of 2",
        (4, 2, 1, 1, 0): "the downsampling layer of DCGAN and pix2pix",
        (7, 2, 3, 1, 0): "the stem of ResNet",
    },
    "conv_transpose": {
        (2, 2, 0, 1, 0): "the up-convolution of U-Net",
        (4, 2, 1, 1, 0): "the upsampling layer of DCGAN and pix2pix",
        (3, 1, 1, 1, 0): "the mirror of the standard 3x3 layer",
    },
    "maxpool": {
        (2, 2, 0, 1, 0): "the standard pooling",
        (3, 2, 1, 1, 0): "the pooling of ResNet's stem",
    },
    "avgpool": {(2, 2, 0, 1, 0): "the standard pooling"},
}


class Ranking:
    """Rank the answers to one question, and say why.

    sizes: the input sizes asked about as numbers, with their smallest and largest output.
    residues: the input residues asked about, modulo a stride, for questions for every n.
    layered: whether PyTorch, which is asked, needs a layer for padding that its own has not.
    """

    def __init__(
        self,
        operation: OperationSpec,
        ceil_mode: bool = False,
        sizes: Iterable[tuple[int, int, int]] = (),
        residues: Callable[[int], list[int]] | None = None,
        layered: bool = True,
    ) -> None:
        self.operation = operation
        self.ceil_mode = ceil_mode
        self.sizes = tuple(sizes)
        self.residues = residues
        self.layered = layered
        self.one_size = self.sizes[0][0] if len(self.sizes) == 1 and residues is None else None
        single = bool(self.sizes) and all(most == 1 for _, _, most in self.sizes)
        #: What the question is about: transposed, pooling, one output.
        self.about = operation.transposed, operation.pooling, single
        self.well_known = WELL_KNOWN[operation.name]
        self.places, self.usual = _places(operation.name)
        self.unknown = len(self.places)

    def __repr__(self) -> str:
        return f"Ranking({self.operation.name!r}, {self.ceil_mode}, {self.sizes})"

    def key(self, row: Row) -> tuple[Any, ...]:
        """The sort key of a row."""
        return self.rank(row), self.tail(row)

    def points(self, row: Row) -> int:
        """The points of the rules that apply to a row."""
        return _points(self.applying(row))

    def rank(self, row: Row) -> int:
        """What comes first in a key as one number: whether kernel_size is 1, points, the place."""
        place = self.places.get(row[:5], self.unknown)
        return _rank(row[0] == 1, _points(self.applying(row)), place)

    def tail(self, row: Row) -> tuple[Any, ...]:
        """What decides between equal ranks: smaller numbers first, in the order of a row."""
        k, s, p, d, a, n = row
        even = type(p) is int
        if even and not self.operation.pooling:
            return row
        # A pooling's stride is its kernel_size unless something else is said.
        unusual = self.operation.pooling and s != k
        return k, unusual, s, 0 if even else abs(p[0] - p[1]), p, d, a, n  # type: ignore[index]

    def cost(self, row: Row) -> tuple[int, ...]:
        """The key of a row as numbers that are added up over several layers."""
        k, s, p, d, a, _ = row
        begin, end = (p, p) if type(p) is int else p  # type: ignore[misc]
        place = self.places.get(row[:5], self.unknown)
        unusual = self.operation.pooling and s != k
        uneven = abs(begin - end)
        return k == 1, self.points(row), place, k, unusual, s, uneven, begin, end, d, a

    def sorted(self, rows: Iterable[Row]) -> list[Row]:
        """Rows by their keys; two sorts in turn make fewer objects than one by pairs."""
        found = sorted(rows, key=self.tail)
        found.sort(key=self.rank)
        return found

    def bound(self, row: Row, grows: bool) -> tuple[Any, ...]:
        """No key is below this of a row with this stride, dilation and output padding.

        Nor of a larger kernel_size, where it grows.
        """
        k, s, _, d, a, _ = row
        if k == 1 and not grows:
            return (_rank(True, 0, 0),)
        place = self.unknown
        if usual := self.usual.get((s, d, a)):
            place = next((place for kernel, place in usual if kernel >= k), place)
        return _rank(False, 2 * (a > 0) + (d > 1), place), (max(k, 2),)

    def applying(self, row: Row) -> int:
        """The rules that apply to a row, as bits: one for each row of the table, in its order."""
        k, s, p, d, a, n = row
        begin, end = (p, p) if type(p) is int else p  # type: ignore[misc]
        transposed, pooling, single = self.about
        reach, taps = d * (k - 1), s // gcd(s, d)  # as many taps as read every input
        least, most = self.rests(n, s, begin, end, reach)
        tiling = pooling and k == s
        found = 0
        if (k < taps or taps < s) and not single:
            found = 1
        elif transposed and k % taps:
            found = 1 << 1 | 1 << 13
        if begin > reach or end - a > reach + least:
            found |= 1 << 2
        if s == 1 and reach % 2 and not single:
            found |= 1 << 3
        if most > end:  # a pooling that tiles drops the rest by design
            found |= 1 << (4 if single or not tiling else 12)
        if a:
            found |= 1 << 5
        if d > 1:
            found |= 1 << 6 if k == 1 else 1 << 7 if transposed else 1 << 7 | 1 << 14
        if begin != end or (pooling and 2 * begin > k):
            found |= 1 << 8
        if single and s > 1 and not tiling:
            found |= 1 << 9
        if k == s and begin == end == 0 and (d == 1 or k == 1):
            found |= 1 << (11 if k == 1 else 10)
        return found

    def notes(self, row: Row) -> list[str]:
        """What is good about a row and what to beware of."""
        known = self.well_known.get(row[:5])
        found = [known] if known else []
        if applying := self.applying(row):
            k, s, p, d, a, n = row
            begin, end = (p, p) if isinstance(p, int) else p
            facts = Facts(self, k, s, begin, end, d, a, n)
            found += [note(facts) for note in _notes(applying)]
        return found

    def rests(self, n: int | None, s: int, begin: int, end: int, reach: int) -> tuple[int, int]:
        """How much of the padded input lies behind the last window, at least and at most."""
        if self.about[0]:  # transposed
            return 0, 0
        if self.ceil_mode:
            return end, 0  # the last window is counted up, and starts inside the input
        span = begin + end - reach - 1
        one = self.one_size if n is None else n
        if one is not None and self.residues is None:  # most questions
            rest = (one + span) % s
            return rest, rest
        sizes = [size for size, _, _ in self.sizes] if n is None else [n]
        rests = [(size + span) % s for size in sizes]
        if self.residues is not None and (residues := self.residues(s)):
            # (r + span) mod s is largest for the last r before it wraps, least for the next one.
            wrap = bisect_left(residues, s - span % s)
            rests.append((residues[wrap - 1] + span) % s)
            rests.append((residues[wrap % len(residues)] + span) % s)
        return min(rests, default=0), max(rests, default=0)
