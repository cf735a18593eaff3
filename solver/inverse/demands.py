"""What is demanded of what one layer reads, beside its sizes: nothing unread, no future.

With j = k - 1, a convolution of m windows reads element x where x + begin = s*y + d*i for some
y < m and i <= j. Of dilation 1 no element is dropped exactly where windows leave no gap, k >= s,
and the last one reaches the last element:

    (m - 1)s - begin + j >= n - 1   <=>   begin - j <= (m - 1)s - n + 1,

a bound on the begin as the region has one on the padding in all. No output waits for the future
where the last element it reads lies in its own block of s, d*j - begin <= s - 1. A transposed one
drops no element where the first and the last put something into what is left, and none waits where
nothing is cropped at the begin. What these lines do not decide, dilations whose gaps other windows
fill, is looked at row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, product
from math import lcm, prod

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.inverse.family import (
    BEGIN,
    DILATION,
    KERNEL,
    PADDING,
    STRIDE,
    Affine,
    Condition,
    condition,
    holds,
)
from solver.inverse.problem import Box, FreeInputs, Problem
from solver.inverse.question import Ask, Numbers, SizeEquation
from solver.inverse.region import for_sizes
from solver.inverse.strips import FAR, Row, Side, Strip, within
from solver.sizes.domain import LARGEST, LONGEST_PERIOD, Domain
from solver.sizes.expression import named
from solver.sizes.formulas import WORDS, windows

#: Rows of a stride that are looked at one by one, dilations, and steps for one of them.
_MOST_ROWS, _MOST_DILATIONS, _MOST_STEPS = 20_000, 1_000, 1 << 20
#: Choices of one output of each range, at a stride.
_MOST_CHOICES = 1_000


class LayerDemands(NamedTuple):
    """Hold what is demanded of a layer, of its asks.

    nothing_unread: every element of the input is read; for every n, from some n on. causal: no
    output waits for elements behind its own block.
    """

    nothing_unread: bool
    causal: bool
    transposed: bool
    asks: tuple[Ask, ...]

    def check(self) -> None:
        """Refuse inputs that are not told."""
        if any(isinstance(ask, FreeInputs) for ask in self.asks):
            raise SolverError("what is read is asked of inputs that are told", "?", "224, or n")

    @property
    def _one_each(self) -> bool:
        """Tell whether each input has one output."""
        return all(isinstance(x, SizeEquation) or x[1] == x[2] for x in self.asks)

    @property
    def _every(self) -> bool:
        return all(isinstance(ask, SizeEquation) and not ask.asked.finite for ask in self.asks)

    def sure(self, s: int, d: int) -> bool:
        """Tell whether lines decide, for every kernel that leaves no gap."""
        if not self.nothing_unread:
            return True
        long = self._every and (s == 1 or self.transposed)
        return self._one_each and (d == 1 or long)

    def decides(self, problem: Problem) -> bool:
        """Tell whether lines decide for a whole box, so that they are the conditions."""
        strides, dilations = problem.strides(), problem.box.dilation
        if not self.nothing_unread:
            return True
        if max(strides.size(), dilations.size()) > _MOST_DILATIONS:
            return False
        shortest = min((x.input for x in self.asks if isinstance(x, Numbers)), default=FAR)
        gaps = not self.transposed and any(s > max(shortest, 1) for s in strides)
        return not gaps and all(self.sure(s, d) for s in strides for d in dilations)

    def conditions(self, problem: Problem, known: Mapping[str, int]) -> list[Condition]:
        """The lines as conditions; where they do not decide, what is demanded in words.

        known: hyperparameters of one value.
        """
        box, (first, last) = problem.box, problem.region.strides
        s = known.get("stride", first if first == last else None)
        k, d = known.get("kernel_size"), known.get("dilation")
        if k is not None and d is not None:
            reach = Affine({}, d * (k - 1))
        elif d is not None:
            reach = Affine({KERNEL: d}, -d)
        else:
            reach = Affine({DILATION * (KERNEL - 1): 1} if k is None else {DILATION: k - 1})
        name = PADDING if box.end is None else BEGIN
        front = Affine({}, box.padding.first) if box.padding.size() == 1 else Affine({name: 1})
        most, least = list[Affine](), list[Affine]()
        found = []
        if self.causal and self.transposed:
            most.append(Affine({}))
        elif self.causal:
            least.append(reach + (Affine({STRIDE: -1}, 1) if s is None else Affine({}, 1 - s)))
        if not self.decides(problem):
            found.append(Condition((named("nothing unread"),)))
        elif self.nothing_unread and self.transposed:
            most.append(reach)
            least += self._ends(s, 2, 1)
        elif self.nothing_unread:
            kernel, stride = KERNEL if k is None else k, STRIDE if s is None else s
            found.append(condition(kernel, stride, relation=">="))
            most += [reach + each for each in self._ends(s, 1, -1)]
        trees = {x.tree for x in most} & {x.tree for x in least}
        found += [condition(front, x) for x in most if x.tree in trees]
        for relation, bounds in (("<=", most), (">=", least)):
            found += [condition(front, x, relation=relation) for x in bounds if x.tree not in trees]
        return [each for each in found if holds(each) is not True and not _always(each, box)]

    def _ends(self, s: int | None, place: int, sign: int) -> list[Affine]:
        """The bound of `lines` that reaches the last element: a number, or a line for each pair.

        place: of the bound. sign: of s(n - 1) - m + 1, which it is in transposed convolutions.
        """
        if s is not None:
            return [Affine({}, self.lines(s)[place])]
        if sign > 0:
            return [Affine({STRIDE: n - 1}, 1 - m) for n, m in self._pairs()]
        return [Affine({STRIDE: m - 1}, 1 - n) for n, m in self._pairs()]

    def strips(self, problem: Problem, s: int) -> Iterator[Strip]:
        """Yield the solutions of one stride that meet the demands, as strips."""
        if not self.nothing_unread or self._one_each:
            yield from self._strips(problem, s)
            return
        # Lines decide for one output of each input, so a range is taken apart.
        ranges = [self._outputs(ask, problem, s) for ask in self.asks]
        if prod(map(len, ranges)) > _MOST_CHOICES:
            rule = f"what is read is asked of at most {_MOST_CHOICES:,} choices of outputs"
            raise LimitError(rule, f"{prod(map(len, ranges)):,}", "a narrower range of outputs")
        for asks in product(*ranges):
            region = problem.region
            for n, m, _ in (ask for ask in asks if isinstance(ask, Numbers)):
                region &= for_sizes(self.transposed, n, m, m)
            if region.possible:
                part = problem._replace(region=region)
                yield from self._replace(asks=asks)._strips(part, s)

    def _outputs(self, ask: Ask, problem: Problem, s: int) -> Sequence[Ask]:
        """An ask as one for each output that a layer of the box may give at a stride."""
        if not isinstance(ask, Numbers):
            return [ask]
        kernel, _, begin, end, dilation, extra = problem.box
        least, most = (
            sum(getattr(x, side) for x in (begin, end or begin)) for side in ("first", "last")
        )
        least -= dilation.last * (kernel.last - 1) + extra.last
        most -= dilation.first * (kernel.first - 1) + extra.first
        if self.transposed:
            first, last = ((ask.input - 1) * s + 1 - net for net in (most, least))
        else:
            up = s - 1 if problem.ceil_mode else 0
            first, last = (windows(ask.input, net, s) for net in (least, most + up))
        found = range(max(ask.smallest, first, 1), min(ask.largest, last) + 1)
        return [Numbers(ask.input, m, m) for m in found[: _MOST_CHOICES + 1]]

    def _strips(self, problem: Problem, s: int) -> Iterator[Strip]:
        """Yield the solutions of one stride that meet the demands of one output, as strips."""
        lines = self.lines(s) if self._one_each else None
        for strip in problem._replace(demands=None).strips(s):
            if strip.dilations.size() > _MOST_DILATIONS:
                rule = f"what is read is asked of at most {_MOST_DILATIONS:,} dilations"
                raise LimitError(rule, f"{strip.dilations.size():,}", "a narrower dilation")
            alone = strip.dilations.size() == 1
            for d in strip.dilations:
                one = strip if alone else strip._replace(dilations=Domain([(d, d)]))
                one = _bounded(one, d, *lines) if lines else one
                yield from self._of_dilation(one, s, d, problem)

    def _of_dilation(self, one: Strip, s: int, d: int, problem: Problem) -> Iterator[Strip]:
        if not self.sure(s, d):
            yield from self._looked_at(one, problem)
            return
        if not self.nothing_unread or self.transposed or s == 1:
            yield one
            return
        yield one._replace(reaches=one.reaches.clip(s - 1, LARGEST))
        # Only an input within one window is read by windows that leave gaps.
        shortest = min((x.input for x in self.asks if isinstance(x, Numbers)), default=FAR)
        short = one._replace(reaches=one.reaches.clip(shortest - 1, s - 2))
        if not short.empty:
            yield from self._looked_at(short, problem)

    def lines(self, s: int) -> tuple[int, int, int, int]:
        """Bounds on begin - d(k - 1), and on the begin, at a stride."""
        low, high, least, most = -FAR, FAR, 0, FAR
        if self.causal:
            low, most = (low, 0) if self.transposed else (1 - s, most)
        if self.nothing_unread:
            ends = [(m - 1) * s - n + 1 for n, m in self._pairs()]
            high = 0 if self.transposed else min(ends)
            if self.transposed:  # s(n - 1) - begin <= m - 1
                least = max([s * (n - 1) - m + 1 for n, m in self._pairs()])
        return low, high, max(least, 0), most

    def _pairs(self) -> Iterator[tuple[int, int]]:
        """Yield sizes with what comes out: all that are asked, or of each class one."""
        for ask in self.asks:
            if isinstance(ask, Numbers):
                yield ask.input, ask.smallest
            elif isinstance(ask, SizeEquation):
                for n in self._classes(ask):
                    yield int(ask.size.at(n)), int(ask.target.at(n))

    def _classes(self, ask: SizeEquation, stride: int = 1, least: int = 0) -> Iterator[int]:
        """Yield the n that are asked about, of each class one of at least so much."""
        if ask.asked.finite:
            return iter(ask.asked)
        period = lcm(ask.size.period, ask.target.period, ask.asked.modulus, stride)
        if period > LONGEST_PERIOD:
            raise LimitError("what is read repeats too late", f"a period of {period:,}")
        start = -(-least // period) * period
        return (start + r for r in ask.asked.classes(period))

    def _looked_at(self, strip: Strip, problem: Problem) -> Iterator[Strip]:
        """Yield the points of a strip that meet the demands, each a strip of its own."""
        if strip.empty:
            return
        for number, row in enumerate(chain.from_iterable(strip.blocks())):
            if number >= _MOST_ROWS:
                rule = f"with a dilation or outputs in a range {_MOST_ROWS:,} layers are looked at"
                raise LimitError(rule, "more", "a narrower box")
            if self.met(row, problem):
                k, _, p, _, _, _ = row
                v = 0 if strip.word else p if isinstance(p, int) else p[1]
                yield strip._replace(reaches=Domain.of(k - 1), values=Domain.of(v))

    def met(self, row: Row, problem: Problem) -> bool:
        """Tell whether a layer that gives the sizes meets the demands."""
        k, s, p, d, _, _ = row
        begin = p if isinstance(p, int) else p[0]
        if self.causal and (begin > 0 if self.transposed else d * (k - 1) - begin > s - 1):
            return False
        return not self.nothing_unread or all(
            reads_all(self.transposed, n, m, k, s, begin, d) for n, m in self._sizes(row, problem)
        )

    def _sizes(self, row: Row, problem: Problem) -> Iterator[tuple[int, int]]:
        """Yield sizes with what comes out; of each class one that is large."""
        k, s, p, d, _, _ = row
        for ask in self.asks:
            if isinstance(ask, SizeEquation):
                large = 4 * (d * k + s + (p if isinstance(p, int) else sum(p)))
                for n in self._classes(ask, s, 0 if ask.asked.finite else large):
                    yield int(ask.size.at(n)), int(ask.target.at(n))
            elif isinstance(ask, Numbers):
                yield ask.input, problem.output(ask.input, row)

    def since(self, row: Row, n: int) -> int:
        """The first n from a given one on with which everything is read, where one is asked.

        row: of a layer that meets the demands. Only dilations leave elements of small inputs.
        """
        k, s, p, d, _, _ = row
        if d == 1 or k == 1 or not self.nothing_unread:
            return n
        begin = p if isinstance(p, int) else p[0]
        found = n
        for ask in self.asks:
            if not isinstance(ask, SizeEquation) or ask.asked.finite:
                continue
            last = 4 * (d * k + s + (p if isinstance(p, int) else sum(p))) + n
            for x in ask.asked.up_to(last):
                sizes = int(ask.size.at(x)), int(ask.target.at(x))
                if x >= n and not reads_all(self.transposed, *sizes, k, s, begin, d):
                    found = max(found, ask.asked.first(x + 1) or n)
        return found


def reads_all(transposed: bool, n: int, m: int, k: int, s: int, begin: int, d: int) -> bool:
    """Tell whether every one of n elements is read by one of m outputs.

    Away from the ends that depends on the position modulo the stride alone.

    >>> reads_all(False, 7, 3, 3, 2, 0, 1), reads_all(False, 8, 3, 3, 2, 0, 1)
    (True, False)
    >>> reads_all(False, 9, 4, 2, 2, 0, 3)  # 0, 3; 2, 5; 4, 7; 6, 9: never 1
    False
    >>> reads_all(True, 4, 7, 3, 2, 2, 1)  # two of three are cropped away, and one is left
    True
    """
    near = 2 * (d * (k - 1) + s) + begin
    if near * k > _MOST_STEPS:
        raise LimitError("what is read is told of shorter kernels", f"{d * (k - 1) + 1:,} elements")
    places = range(n) if n <= 2 * near else chain(range(near), range(n - near, n))
    if transposed:
        # element x is put at s*x - begin + d*i, the first such place that is left
        firsts = ((x, max(0, -((s * x - begin) // d))) for x in places)
        return all(i < k and s * x - begin + d * i < m for x, i in firsts)
    return all(
        any(
            (x + begin - at) % s == 0 and 0 <= (x + begin - at) // s < m
            for at in range(0, d * k, d)
        )
        for x in places
    )


def _bounded(strip: Strip, d: int, low: int, high: int, least: int, most: int) -> Strip:
    """The part of a strip of one dilation within low <= begin - d*j <= high.

    least, most: bounds on the begin.
    """
    if strip.word:
        begin = WORDS[strip.word]
        found = range(-strip.high, 1 - strip.low)
        found = within(found, lambda reach: begin(reach)[0], least, most)
        found = within(found, lambda reach: reach - begin(reach)[0], -high, -low)
        ends = (-found[-1], -found[0]) if found else (0, -1)
        return strip._replace(low=ends[0], high=ends[1])
    if strip.begin is None:
        sides: tuple[Side, ...] = ((-d, 1, high), (d, -1, -low))
        values = strip.values.clip(least, most)
        return strip._replace(sides=(*strip.sides, *sides), values=values)
    if not least <= strip.begin <= most:
        return strip._replace(values=Domain(()))
    reaches = strip.reaches.clip(-((high - strip.begin) // d), (strip.begin - low) // d)
    return strip._replace(reaches=reaches)


def _always(one: Condition, box: Box) -> bool:
    """Tell whether a condition says of a hyperparameter what its domain says."""
    first, least = one.terms if len(one.terms) > 1 else (one.terms[0], one.terms[0])
    domain = {KERNEL: box.kernel_size, PADDING: box.padding, BEGIN: box.padding}.get(first)
    known = domain is not None and one.relation == ">=" and least.kind == "number"
    return known and domain is not None and least.parts[0] <= domain.first
