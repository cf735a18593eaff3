"""All ways to fill in a network as conditions on its unknown layers: they meet them, no other do.

A size behind several layers depends on one sum, of padding less reach, each times the elements of
the input that lie between neighbours where it is added; what is read in front, on the same sum
without the paddings at the end. So the ways are asked for the least and the greatest of these sums,
and all layers of the box within them are counted: the conditions are told where that is the number
of ways, which proves them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import gcd, lcm, prod
from operator import mul

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.inverse.family import (
    BEGIN,
    DILATION,
    END,
    EXTRA,
    KERNEL,
    PADDING,
    STRIDE,
    Affine,
    condition,
)
from solver.layers.layer import Layer
from solver.network.fields.field import fields
from solver.network.graph.graph import Graph
from solver.network.graph.walk import Node
from solver.network.unknowns.demands import Demanded
from solver.network.unknowns.multiple import Common, Multiple
from solver.network.unknowns.unknown import UnknownLayer, UnknownPad
from solver.sizes.domain import Domain
from solver.sizes.ends import Ends
from solver.sizes.expression import Expression, named, names
from solver.sizes.text import text

#: Layers of a box that are looked at, and bytes of the table that counts their sums.
_MOST_LAYERS, _MOST_BYTES = 20_000, 1 << 22
#: Unknown layers on branches, whose signs are tried.
_MOST_SIGNS = 4

Family = tuple[list[str], dict[str, tuple[str, str]]]


class _Form(NamedTuple):
    """Hold what one unknown layer adds to a sum: in its hyperparameters, and for each layer."""

    terms: Affine
    weights: Mapping[Layer, int]


def family(filled: Graph, unknown: Sequence[Node], ways: Multiple | Common | Demanded) -> Family:
    """The conditions, and what their letters stand for; none where they are not short.

    filled: the network with the best way. unknown: its unknown nodes. ways: all of them.
    """
    try:
        places = [_Place.of(filled, node, i, len(unknown)) for i, node in enumerate(unknown)]
        known = [place for place in places if place is not None]
        if len(known) < len(places):
            return [], {}
        return next(filter(None, _families(known, ways)), ([], {}))
    except (LimitError, SolverError):
        return [], {}


class _Place(NamedTuple):
    """Hold an unknown layer, where it stands, and the layers that it may be.

    jump: elements of the input between neighbours of what comes in. names: of its hyperparameters.
    """

    node: Node
    jump: Fraction
    layers: tuple[Layer, ...]
    names: Mapping[Expression, Expression]

    @classmethod
    def of(cls, filled: Graph, node: Node, index: int, count: int) -> _Place | None:
        operation, at = node.operation, filled.find(node.name)
        before = filled.nodes[at].inputs[0]
        shape = filled.walk.shapes[before]
        field = fields(filled).of(before, filled.letters[0])
        assert isinstance(operation, (UnknownLayer, UnknownPad))
        if shape is None or field is None or field.span is None:
            return None
        if isinstance(operation, UnknownLayer):
            domains = operation.choice.domains
            boxed = [each for each in domains.values() if isinstance(each, (Domain, Ends))]
            if (
                operation.same
                or len(boxed) < len(domains)
                or prod(x.size() for x in boxed) > _MOST_LAYERS
            ):
                return None
        elif operation.amounts.size() > _MOST_LAYERS:
            return None
        options = operation.ways(len(shape) - 2, shape[1].number)
        layers = tuple(way.layer for each in options for way in each)
        short = {KERNEL: "k", STRIDE: "s", PADDING: "p", DILATION: "d", EXTRA: "a"}
        short |= {BEGIN: "b", END: "e"}
        names = {x: named(f"{y}{index + 1}") for x, y in short.items()}
        if count == 1:
            names = {x: x for x in short}
            names[PADDING] = named(_words_of(operation, PADDING))
        return cls(node, Fraction(field.span.jump), layers, names)

    @property
    def amounts(self) -> Domain | Ends:
        operation = self.node.operation
        if isinstance(operation, UnknownPad):
            return operation.amounts
        assert isinstance(operation, UnknownLayer)
        found: Domain | Ends = operation.choice.domains["padding"]
        return found

    def domain(self, name: str, rest: int) -> Domain:
        """The values of a hyperparameter, one where it has none."""
        operation = self.node.operation
        if isinstance(operation, UnknownPad):
            return Domain.of(rest)
        assert isinstance(operation, UnknownLayer)
        found: Domain = operation.choice.domains.get(name, Domain.of(rest))
        return found

    def form(self, stride: int, ends: int, sign: int, scale: int) -> _Form:
        """What it adds to a sum; ends: 2 with both of them, 1 with the begin alone."""
        operation = self.node.operation
        transposed = isinstance(operation, UnknownLayer) and operation.choice.operation.transposed
        factor = sign * scale * (-self.jump / stride if transposed else self.jump)
        by, extra = int(factor), transposed and ends == 2
        weights = {}
        for layer in self.layers:
            k, _, begin, end, d, a = _numbers(layer)
            weights[layer] = by * (begin + end * (ends == 2) - d * (k - 1) - a * extra)
        terms = self._padding(ends) + self._reach()
        if extra:
            terms += self._term(EXTRA, self.domain("output_padding", 0), -1)
        return _Form(
            Affine({t: by * c for t, c in terms.terms.items()}, by * terms.constant), weights
        )

    def _term(self, name: Expression, domain: Domain, factor: int = 1) -> Affine:
        if domain.size() == 1:
            return Affine({}, factor * domain.first)
        return Affine({self.names[name]: factor})

    def _padding(self, ends: int) -> Affine:
        amounts = self.amounts
        if isinstance(amounts, Ends):
            end = self._term(END, amounts.end) if ends == 2 else Affine({})
            return self._term(BEGIN, amounts.begin) + end
        if isinstance(self.node.operation, UnknownLayer):
            return self._term(PADDING, amounts, ends)
        if ends == 1 and amounts.size() > 1:  # half of it, rounded
            raise LimitError("the begin of a padding in all is no sum")
        return self._term(PADDING, amounts)

    def _reach(self) -> Affine:
        kernel, dilation = self.domain("kernel_size", 1), self.domain("dilation", 1)
        if dilation.size() == 1:
            term = self._term(KERNEL, kernel, -dilation.first)
            return term + Affine({}, dilation.first)
        if kernel.size() == 1:
            return self._term(DILATION, dilation, 1 - kernel.first)
        return Affine({self.names[DILATION] * (self.names[KERNEL] - 1): -1})


def _words_of(operation: object, name: Expression) -> str:
    """A hyperparameter of an unknown layer in words."""
    whole = isinstance(operation, UnknownPad) and isinstance(operation.amounts, Domain)
    return "padding in all" if name is PADDING and whole else text(name)


def _numbers(layer: Layer) -> tuple[int, int, int, int, int, int]:
    if layer.row.kind.pads:
        return 1, 1, *layer.arguments["pad"][:2], 1, 0
    found: tuple[int, int, int, int, int, int] = layer.numbers()  # type: ignore[attr-defined]
    return found


def _families(places: Sequence[_Place], ways: Multiple | Common | Demanded) -> Iterator[Family]:
    """Yield conditions that are proved, the shortest first."""
    taken = _taken(ways)
    strides = [{_numbers(layer)[1] for layer in each} for each in taken]
    if any(len(each) > 1 for each in strides):
        return
    fixed = [min(each) for each in strides]
    words = []
    for place, stride in zip(places, fixed, strict=True):
        if place.domain("stride", 1).size() > 1:
            words.append(str(condition(place.names[STRIDE], stride)))
    allowed = [
        [layer for layer in place.layers if _numbers(layer)[1] == stride]
        for place, stride in zip(places, fixed, strict=True)
    ]
    scale = lcm(*(place.jump.denominator for place in places)) * lcm(*fixed)
    free = len(places) - 1 if len(places) <= _MOST_SIGNS else 0
    for signs in product((1, -1), repeat=free):
        rows = [*zip(places, fixed, (1, *signs, *[1] * (len(places) - 1 - free)), strict=True)]
        for kinds in ((2,), (2, 1), (1,)):
            try:
                sums = [[p.form(s, ends, sign, scale) for p, s, sign in rows] for ends in kinds]
            except LimitError:
                continue
            spans = [_spread(ways, form) for form in sums]
            if _within(allowed, sums, spans) == ways.count:
                said = [_words(form, span, allowed) for form, span in zip(sums, spans, strict=True)]
                terms = (term for form in sums for each in form for term in each.terms.terms)
                used = {name for term in terms for name in names(term)}
                yield [*words, *filter(None, said)], _letters(places, used)
                return


def _taken(ways: Multiple | Common | Demanded) -> Sequence[Iterable[Layer]]:
    if isinstance(ways, Multiple):
        return ways.taken()
    return [*zip(*([each.layer for each in way] for way in ways.listed), strict=True)]


def _spread(ways: Multiple | Common | Demanded, form: Sequence[_Form]) -> tuple[int, int]:
    """The least and the greatest sum of the ways."""
    if isinstance(ways, Multiple):
        return ways.spread([each.weights for each in form])
    sums = [
        sum(f.weights[each.layer] for f, each in zip(form, way, strict=True)) for way in ways.listed
    ]
    return min(sums), max(sums)


def _within(
    layers: Sequence[Sequence[Layer]],
    sums: Sequence[Sequence[_Form]],
    spans: Sequence[tuple[int, int]],
) -> int:
    """Count the choices of a layer at each place whose sums all lie within their spans.

    A place is a polynomial whose exponents are the sums of its layers, written as the digits of one
    large number; the product of all counts every choice at once. Raises LimitError.
    """
    ladders = [_Ladder.of(form, layers) for form in sums]
    digit = (prod(map(len, layers)).bit_length() + 7) // 8
    steps = [prod(ladder.width for ladder in ladders[i + 1 :]) for i in range(len(ladders))]
    if (width := prod(ladder.width for ladder in ladders)) * digit > _MOST_BYTES:
        raise LimitError("too many sums to count them", f"{width:,}", "smaller ranges")
    total = 1
    for at, box in enumerate(layers):
        counts = Counter(
            sum(step * x.rung(at, layer) for step, x in zip(steps, ladders, strict=True))
            for layer in box
        )
        table = bytearray((max(counts) + 1) * digit)
        for exponent, number in counts.items():
            table[exponent * digit : (exponent + 1) * digit] = number.to_bytes(digit, "little")
        total *= int.from_bytes(table, "little")
    digits = total.to_bytes(width * digit, "little")
    inside = (x.rungs(*span) for x, span in zip(ladders, spans, strict=True))
    places = (sum(map(mul, steps, rungs)) * digit for rungs in product(*inside))
    return sum(int.from_bytes(digits[x : x + digit], "little") for x in places)


class _Ladder(NamedTuple):
    """Hold the values that a sum may take, as rungs from the least one on, `step` apart.

    least: of each place. width: how many rungs there are.
    """

    form: Sequence[_Form]
    least: Sequence[int]
    step: int
    width: int

    @classmethod
    def of(cls, form: Sequence[_Form], layers: Sequence[Sequence[Layer]]) -> _Ladder:
        values = [[f.weights[x] for x in box] for f, box in zip(form, layers, strict=True)]
        least = [*map(min, values)]
        step = gcd(*(v - low for row, low in zip(values, least, strict=True) for v in row)) or 1
        return cls(form, least, step, (sum(map(max, values)) - sum(least)) // step + 1)

    def rung(self, at: int, layer: Layer) -> int:
        return (self.form[at].weights[layer] - self.least[at]) // self.step

    def rungs(self, low: int, high: int) -> range:
        """The rungs from one sum to another."""
        below = sum(self.least)
        return range((low - below) // self.step, (high - below) // self.step + 1)


def _words(form: Sequence[_Form], span: tuple[int, int], layers: Sequence[Sequence[Layer]]) -> str:
    """A sum within its span, "" where the box has no other."""
    total = sum((each.terms for each in form[1:]), form[0].terms)
    if not total.terms:
        return ""
    weights = [[each.weights[x] for x in box] for each, box in zip(form, layers, strict=True)]
    ends = sum(map(min, weights)), sum(map(max, weights))
    low, high = (
        None if x == end else x - total.constant for x, end in zip(span, ends, strict=True)
    )
    by = gcd(*total.terms.values())
    if next(iter(total.terms.values())) < 0:
        by, low, high = -by, high, low
    front = Affine({term: x // by for term, x in total.terms.items() if x * by > 0})
    back = Affine({term: -x // by for term, x in total.terms.items() if x * by < 0})
    least = None if low is None else back + Affine({}, -(-low // by))
    most = None if high is None else back + Affine({}, high // by)
    if span[0] == span[1]:
        return str(condition(front, back + Affine({}, (span[0] - total.constant) // by)))
    if least is not None and most is not None:
        return str(condition(least, front, most, relation="<="))
    if most is not None:
        return str(condition(front, most, relation="<="))
    return "" if least is None else str(condition(front, least, relation=">="))


def _letters(places: Sequence[_Place], used: set[str]) -> dict[str, tuple[str, str]]:
    """What the letters that are used stand for, of several layers."""
    return {
        letter: (place.node.name, _words_of(place.node.operation, name))
        for place in places[: len(places) if len(places) > 1 else 0]
        for name, tree in place.names.items()
        if (letter := text(tree)) in used
    }
