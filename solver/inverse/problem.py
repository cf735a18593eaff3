"""One unknown layer: a box of hyperparameters and a region to meet, as strips."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, product
from typing import Protocol

from solver.errors import LimitError
from solver.frameworks.limits import Limits, Widest
from solver.ground.named import NamedTuple
from solver.inverse.region import Region
from solver.inverse.strips import FAR, Row, Side, Strip, within
from solver.sizes import formulas
from solver.sizes.domain import LARGEST, Domain
from solver.sizes.formulas import WORDS
from solver.sizes.operations import OperationSpec

_ONLY_ZERO = Domain([(0, 0)])
_MOST_KERNELS = 5_000
#: How often a word adds the reach of a kernel to its net padding; of others that is no line.
_NET = {"valid": -1, "same": 0, "causal": 0, "full": 1}


class Box(NamedTuple):
    """Hold a domain for each hyperparameter; `end` is None where both ends are padded alike."""

    kernel_size: Domain
    stride: Domain
    padding: Domain
    end: Domain | None
    dilation: Domain
    output_padding: Domain = _ONLY_ZERO


class FreeInputs(NamedTuple):
    """Ask which inputs of a domain become one of smallest..largest."""

    inputs: Domain
    smallest: int
    largest: int


class Selects(Protocol):
    """Select among the solutions of one stride."""

    def strips(self, problem: Problem, s: int) -> Iterator[Strip]:
        """Yield those that are selected, as strips, disjoint and together complete."""


class Problem(NamedTuple):
    """Hold one unknown layer: what it may be (box), and what it must do (region, free)."""

    operation: OperationSpec
    ceil_mode: bool
    box: Box
    region: Region
    free: FreeInputs | None = None
    #: Three-dimensional average pooling refuses a kernel larger than the unpadded input.
    inside: bool = False
    #: Further regions that do as well, apart from the first and from one another.
    others: tuple[Region, ...] = ()
    limits: Limits = Limits()
    #: The word that says the padding of each kernel, "" where the box alone does.
    word: str = ""
    #: What is demanded of what it reads.
    demands: Selects | None = None

    @property
    def widest(self) -> Widest | None:
        """How wide the padding of a pooling may be, None where that is not limited."""
        widest = self.limits.widest if self.operation.pooling else None
        return widest if widest and (widest.ends or self.box.end is None) else None

    @property
    def undilated(self) -> bool:
        """Tell whether it is a pooling that may have no dilation."""
        return self.operation.pooling and not self.limits.dilated_pooling

    @property
    def parts(self) -> tuple[Problem, ...]:
        """The problem as problems of one region each."""
        return tuple(self._replace(region=w, others=()) for w in (self.region, *self.others))

    def rows(self) -> Iterator[Row]:
        """Yield every solution once, stride by stride."""
        if self.others:
            return chain.from_iterable(part.rows() for part in self.parts)
        strips = chain.from_iterable(map(self.strips, self.strides()))
        return chain.from_iterable(chain.from_iterable(map(Strip.blocks, strips)))

    def output(self, n: int, row: Row) -> int:
        """The size that a row makes of a size n."""
        k, s, p, d, a, _ = row
        begin, end = (p, p) if isinstance(p, int) else p
        if self.operation.transposed:
            return int(formulas.conv_transpose(n, k, s, begin, end, d, a))
        formula = formulas.ceil_pool if self.ceil_mode else formulas.conv
        return int(formula(n, k, s, begin, end, d))

    def narrowed(self, **domains: Domain) -> Problem:
        """The same problem with some domains of the box replaced."""
        return self._replace(box=self.box._replace(**domains))

    @property
    def empty(self) -> bool:
        """Tell whether some hyperparameter has no value left."""
        k, s, p, end, d, a = self.box
        both = p.ranges and (end is None or end.ranges)
        return not (k.ranges and s.ranges and both and d.ranges and a.ranges)

    def strips(self, s: int) -> Iterator[Strip]:
        """Yield the solutions of one stride as strips, disjoint and together complete."""
        if self.demands is not None:
            yield from self.demands.strips(self, s)
            return
        at_once = self.word in _NET and self.free is None and not self.operation.pooling
        if self.word and not at_once:
            yield from chain.from_iterable(one.strips(s) for one in self._of_word())
            return
        low, high = self.region.at(s)
        sizes = self.box.kernel_size.clip(*self.region.kernels)
        reaches = sizes.shift(-1)
        most = LARGEST if self.limits.dilated_strides or s == 1 else 1
        most = 1 if self.undilated else most
        # An output padding must be smaller than the stride or the dilation.
        for a in self.box.output_padding.clip(0, max(s, self.box.dilation.last) - 1):
            dilations = self.box.dilation.clip(a + 1 if a >= s else 1, most)
            if at_once:
                yield from self._by_word(s, a, low + a, high + a, reaches, dilations)
            elif self.free is None:
                yield from self._by_padding(s, a, low + a, high + a, reaches, dilations)
            else:
                yield from self._by_input(s, a, low + a, high + a, reaches, dilations)

    def _by_word(
        self, s: int, a: int, low: int, high: int, reaches: Domain, dilations: Domain
    ) -> Iterator[Strip]:
        """Yield every kernel with the padding that its word says: those of some reaches."""
        if not (reaches.ranges and dilations.ranges):
            return
        box, sign = self.box, _NET[self.word]
        found = range(reaches.last * dilations.last + 1)
        if sign:
            least, most = sorted((sign * low, sign * high))
            found = found[max(least, 0) : max(most + 1, 0)]
        elif not low <= 0 <= high:
            return
        for domain, end in ((box.padding, 0), (box.end, 1)):
            if domain is not None:
                found = within(found, self._pad(end), domain.first, domain.last)
        if found:
            least, most = -found[-1], -found[0]
            begin = None if box.end is None else 0
            known = Strip(s, a, least, most, 0, 1, _ONLY_ZERO, reaches, dilations, begin=begin)
            yield known._replace(word=self.word)

    def _pad(self, end: int) -> Callable[[int], int]:
        """The padding in front of a kernel of a reach, or behind it."""
        return lambda reach: WORDS[self.word](reach)[end]

    def _of_word(self) -> Iterator[Problem]:
        """The problem kernel by kernel, each with the padding that its word says."""
        kernels, dilations = self.box.kernel_size, self.box.dilation
        if (count := kernels.size() * dilations.size()) > _MOST_KERNELS:
            rule = f"padding in words is looked at for at most {_MOST_KERNELS:,} kernels"
            raise LimitError(rule, f"{count:,}", "fewer values of kernel_size and dilation")
        for k, d in product(kernels, dilations):
            begin, end = WORDS[self.word](d * (k - 1))
            box = self.box._replace(
                kernel_size=Domain([(k, k)]),
                dilation=Domain([(d, d)]),
                padding=self.box.padding.clip(begin, begin),
                end=self.box.end and self.box.end.clip(end, end),
            )
            yield self._replace(box=box, word="")

    def _by_padding(
        self, s: int, a: int, low: int, high: int, reaches: Domain, dilations: Domain
    ) -> Iterator[Strip]:
        box, widest = self.box, self.widest
        # A pooling's padding may be factor*p + less <= j + 1.
        narrow: tuple[Side, ...] = ((-1, widest.factor, 1 - widest.less),) if widest else ()
        for begins, lower, upper in self._cases(s, low, high):
            paddings = box.padding.clip(*begins)
            if box.end is None:
                yield Strip(s, a, lower, upper, 0, 2, paddings, reaches, dilations, narrow)
                continue
            for begin in paddings:
                fitting = reaches.clip(widest.least(begin) - 1, LARGEST) if widest else reaches
                yield Strip(
                    s, a, lower, upper, begin, 1, box.end, fitting, dilations, narrow, begin=begin
                )

    def _by_input(
        self, s: int, a: int, low: int, high: int, reaches: Domain, dilations: Domain
    ) -> Iterator[Strip]:
        assert self.free is not None
        smallest, largest = self.free.smallest, self.free.largest
        inputs = self.free.inputs
        # The kernel inside the unpadded input: j + 1 <= n.
        inside: tuple[Side, ...] = ((1, -1, -1),) if self.inside else ()
        # P = Y + d(k - 1) is at most what the region and the longest kernel allow.
        longest = (self.box.kernel_size.last - 1) * self.box.dilation.last
        most = FAR if self.ceil_mode else high + longest
        for begin, end in self.paddings(max(most, -1)):
            padding = begin if self.box.end is None else (begin, end)
            total = begin + end
            fitting = reaches
            if self.widest:
                fitting = reaches.clip(self.widest.least(max(begin, end)) - 1, LARGEST)
            for begins, lower, upper in self._cases(s, low, high):
                if not begins[0] <= begin <= begins[1]:
                    continue
                # What the sizes that are known leave of the reach.
                least, most = max(0, total - upper), min(FAR, total - lower)
                if self.operation.transposed:
                    # smallest <= (n - 1)s + 1 - Z <= largest
                    bounds = 1 - s - largest + a, 1 - s - smallest + a
                    yield Strip(
                        s,
                        a,
                        *bounds,
                        total,
                        -s,
                        inputs,
                        fitting,
                        dilations,
                        (),
                        least,
                        most,
                        padding=padding,
                    )
                    continue
                bounds = (smallest - 1) * s + 1, largest * s
                for (first, last), bottom, top in self._cases(s, *bounds):
                    yield Strip(
                        s,
                        a,
                        bottom,
                        top,
                        total,
                        1,
                        inputs.clip(first - begin, last - begin),
                        fitting,
                        dilations,
                        inside,
                        least,
                        most,
                        padding=padding,
                    )

    def _cases(self, s: int, low: int, high: int) -> list[tuple[tuple[int, int], int, int]]:
        """Return (range of the begin, bounds on the net padding Y), disjoint cases of one region.

        In ceil mode min(Y + s - 1, begin) is what must lie in low..high; else it is Y.
        """
        if not self.ceil_mode:
            return [((-FAR, FAR), low, high)]
        return [((low, high), low - s + 1, FAR), ((high + 1, FAR), low - s + 1, high - s + 1)]

    def paddings(self, most: int) -> Iterator[tuple[int, int]]:
        """Yield (begin, end) of every padding of the box that may be, with most in all or less."""
        widest = self.widest.most(self.box.kernel_size.last) if self.widest else most
        begins, ends = self.box.padding.clip(0, min(widest, most)), self.box.end
        if ends is None:
            return ((p, p) for p in begins.clip(0, most // 2))
        ends = ends.clip(0, widest)
        return ((begin, end) for begin in begins for end in ends.clip(0, most - begin))

    def net_paddings(self) -> tuple[int, int]:
        """Bounds on Z = P - d(k - 1) - a over the box."""
        begin, end = self.box.padding, self.box.end or self.box.padding
        kernel, dilation, extra = self.box.kernel_size, self.box.dilation, self.box.output_padding
        return (
            begin.first + end.first - (kernel.last - 1) * dilation.last - extra.last,
            begin.last + end.last - (kernel.first - 1) * dilation.first - extra.first,
        )

    def strides(self) -> Domain:
        """The strides of the box that the region can allow: an interval of them."""
        if self.empty:
            return Domain(())
        region = self.region
        first, last = region.first, LARGEST if region.last is None else region.last
        lows, highs = region.lows, region.highs
        if self.free is not None:
            # No input of the domain allows more than its least and its greatest do together.
            n_first, n_last = self.free.inputs.first, self.free.inputs.last
            if self.operation.transposed:
                lows = (*lows, (n_first - 1, 1 - self.free.largest))
                highs = (*highs, (n_last - 1, 1 - self.free.smallest))
            else:
                lows = (*lows, (self.free.smallest - 1, 1 - n_last))
                highs = (*highs, (self.free.largest, -n_first))
        # Every condition is a*s + b >= 0.
        conditions = [(c - a, d - b) for a, b in lows for c, d in highs]
        least, greatest = self.net_paddings()
        if self.ceil_mode:
            # min(Y + s - 1, begin) <= begin
            conditions += [(-a, self.box.padding.last - b) for a, b in lows]
        else:
            conditions += [(-a, greatest - b) for a, b in lows]
            conditions += [(a, b - least) for a, b in highs]
        for a, b in conditions:
            if a > 0:
                first = max(first, -(b // a))
            elif a < 0:
                last = min(last, b // -a)
            elif b < 0:
                return Domain(())
        return self.box.stride.clip(first, last)
