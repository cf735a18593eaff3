"""One unknown layer of a question: its box, its region, and what an answer means there.

Words become asks, asks become regions, and the regions of one layer intersect into one problem.
All axes share a layer, or each has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property, reduce
from math import lcm
from operator import and_
from typing import TYPE_CHECKING, Any

from solver.errors import LimitError, SolverError
from solver.frameworks.limits import Limits, limits
from solver.ground.value import Value
from solver.inverse.family import (
    BEGIN,
    DILATION,
    END,
    KERNEL,
    PADDING,
    STRIDE_OR_DILATION,
    UNDILATED,
    Condition,
    condition,
)
from solver.inverse.problem import Box, FreeInputs, Problem
from solver.inverse.question import Ask, Numbers, Question, SizeEquation, Values, read_ask
from solver.inverse.ranking import Ranking
from solver.inverse.region import ANYTHING, NOTHING, Region, for_every, for_sizes, forced_stride
from solver.inverse.strips import Row
from solver.sizes import formulas
from solver.sizes.domain import Domain
from solver.sizes.formulas import WORDS

if TYPE_CHECKING:
    from solver.inverse.demands import LayerDemands

#: No default domain reaches further, whatever the sizes suggest.
_LARGEST_DEFAULT = 1024
_ZERO, _ONE = Domain([(0, 0)]), Domain([(1, 1)])


class Axis(Value):
    """Work out one axis of a question, or all axes at once where they share the layer."""

    def __init__(self, question: Question, index: int | None) -> None:
        self.question = question
        self.index = index
        self.operation = question.operation

    def made_of(self) -> tuple[Any, ...]:
        return self.question, self.index

    def __reduce__(self) -> tuple[type[Axis], tuple[Any, ...]]:
        return Axis, self.made_of()  # what it remembers is not taken along

    def __repr__(self) -> str:
        return f"Axis({self.question}, {self.index})"

    @cached_property
    def asks(self) -> list[Ask]:
        found = []
        for inputs, outputs in self.question.pairs:
            for i, (size, target) in enumerate(zip(inputs, outputs, strict=True)):
                if self.index in (None, i):
                    ask = read_ask(size, target, self.question.where)
                    if ask not in found:
                        found.append(ask)
        if sum(isinstance(ask, FreeInputs) for ask in found) > 1:
            raise SolverError(
                "one unknown input can be asked for at a time",
                right="--per-axis, or one axis and one pair",
            )
        return found

    @cached_property
    def regions(self) -> list[Region]:
        """The regions that together say what was asked, without overlap; rarely several."""
        parts, *others = map(self.regions_of, self.asks)
        found = [region for region in parts if region.possible]
        for parts in others:
            found = [both for one in found for part in parts if (both := one & part).possible]
        return found

    def regions_of(self, ask: Ask) -> list[Region]:
        if isinstance(ask, Numbers):
            return [for_sizes(self.operation.transposed, *ask, self.inside)]
        if isinstance(ask, SizeEquation):
            return for_every(self.operation.transposed, *ask, self.inside)
        return [ANYTHING]

    @cached_property
    def problem(self) -> Problem:
        free = next((ask for ask in self.asks if isinstance(ask, FreeInputs)), None)
        return Problem(
            self.operation,
            self.question.ceil_mode,
            self.box,
            (self.regions or [NOTHING])[0],
            free,
            self.inside,
            tuple(self.regions[1:]),
            self.limits,
            self.word,
            self.demands,
        )

    @cached_property
    def demands(self) -> LayerDemands | None:
        """What is demanded of what the layer reads."""
        asked = self.question.nothing_unread, self.question.causal
        if not any(asked):
            return None
        from solver.inverse.demands import LayerDemands  # few ask what is read

        found = LayerDemands(*asked, self.operation.transposed, tuple(self.asks))
        found.check()
        return found

    @property
    def word(self) -> str:
        """The word that says the padding, "" where numbers do."""
        padding = self.given.get("padding")
        return padding if isinstance(padding, str) else ""

    @cached_property
    def inside(self) -> bool:
        """Tell whether the kernel must lie in the unpadded input, see solver.layers.AvgPool."""
        volume = self.operation.name == "avgpool" and self.question.axes == 3
        return volume and self.limits.inside and self.box.end is None

    @property
    def limits(self) -> Limits:
        """What the framework accepts that was asked for."""
        return limits(self.question.framework or "torch")

    @property
    def own_conditions(self) -> list[Condition]:
        """What the framework asks of strides and dilations of this box."""
        box, found = self.problem.box, []
        if self.problem.undilated and box.dilation.last > 1:
            found.append(UNDILATED)
        elif not self.limits.dilated_strides and min(box.stride.last, box.dilation.last) > 1:
            found.append(STRIDE_OR_DILATION)
        if self.word:
            k, d = self.known.get("kernel_size", KERNEL), self.known.get("dilation", DILATION)
            begin, end = WORDS[self.word](k - 1 if d == 1 else d * (k - 1))
            ends = [(PADDING, begin)] if box.end is None else [(BEGIN, begin), (END, end)]
            found += [condition(*each) for each in ends]
        if (demands := self.demands) is not None:
            found += demands.conditions(self.problem, self.known)
        return found

    @cached_property
    def given(self) -> dict[str, Values]:
        """The values of each hyperparameter that was given."""
        return {
            name: values[0 if len(values) == 1 else self.index or 0]
            for name, values in self.question.domains
        }

    @cached_property
    def box(self) -> Box:
        """The domains: what was given, and stated defaults for the rest.

        Strides reach 4 or the growth the sizes need; kernels reach 11 or that stride, so that an
        answer without gaps is among them; paddings reach 5 or half the longest kernel.
        """
        given: Mapping[str, Any] = self.given
        stride = given.get("stride") or _up_to(1, self._growth)
        kernel = given.get("kernel_size") or _up_to(1, max(11, self._growth))
        dilation = given.get("dilation") or _ONE
        padding = given.get("padding")
        if self.word:
            padding, stride = self._of_word(kernel, stride, dilation)
        elif padding is None:
            half = (kernel.last - 1) * dilation.last // 2
            padding = _up_to(0, max(5, min(half, 64)))
        begin, end = (padding, None) if isinstance(padding, Domain) else padding
        extra = _ZERO
        if "output_padding" in self.operation.hyperparameters:
            most = min(max(stride.last, dilation.last) - 1, 63)
            extra = given.get("output_padding") or _up_to(0, most)
        return Box(kernel, stride, begin, end, dilation, extra)

    def _of_word(self, kernel: Domain, stride: Domain, dilation: Domain) -> tuple[Any, Domain]:
        """What the padding may be for any kernel, and the strides that its word may stand beside.

        Of other frameworks `same` has the sizes of a padding of dilation*(kernel_size - 1) in all.
        """
        word, ours = self.word, self.question.framework in ("", "torch")
        if word == "causal" and self.operation.transposed:
            rule = "causal padding is in front of what a window reads, and nothing is read here"
            raise SolverError(rule, self.operation.title, "full, or 0:0..5")
        if word == "same" and ours:
            if not stride.clip(1, 1):
                rule = "padding='same' needs stride 1"
                raise SolverError(rule, f"stride {stride}", "half, or --framework keras")
            stride = stride.clip(1, 1)
        elif word == "same" and self.operation.transposed:
            rule = "what same crops of a transposed convolution differs: it is not solved for"
            raise LimitError(rule, self.question.framework, "--framework torch, or -p 0..5")
        reach = Domain([(0, (kernel.last - 1) * dilation.last)])
        symmetric = word in ("valid", "half") or (word == "full" and not self.operation.pooling)
        return (reach if symmetric else (reach, reach)), stride

    @cached_property
    def _growth(self) -> int:
        """The largest stride that sizes suggest, and at least 4."""
        return min(max([4, *map(self.growth, self.asks)]), _LARGEST_DEFAULT)

    def growth(self, ask: Ask) -> int:
        """The stride that the sizes themselves suggest."""
        if isinstance(ask, SizeEquation):
            above, below = forced_stride(self.operation.transposed, ask.size, ask.target)
            return above // below if above > 0 and below > 0 else 1
        if isinstance(ask, FreeInputs):
            return 1
        small, large = (
            (ask.input, ask.largest) if self.operation.transposed else (ask.smallest, ask.input)
        )
        return -(-large // max(small, 1))

    @cached_property
    def known(self) -> dict[str, int]:
        """The hyperparameters that have one value, given or by default."""
        values = self.box._asdict()
        names = [name for name in self.operation.hyperparameters if values[name].size() == 1]
        if self.box.end is not None:
            names = [name for name in names if name != "padding"]
        return {name: values[name].first for name in names}

    def searched(self) -> dict[str, str]:
        """The domain of each hyperparameter in words."""
        box = self.box
        words = {
            "kernel_size": str(box.kernel_size),
            "stride": str(box.stride),
            "padding": self.word or (f"{box.padding}:{box.end}" if box.end else str(box.padding)),
            "dilation": str(box.dilation),
            "output_padding": str(box.output_padding),
        }
        return {name: words[name] for name in self.operation.hyperparameters}

    @cached_property
    def ranking(self) -> Ranking:
        sizes = [ask[:3] for ask in self.asks if isinstance(ask, Numbers)]
        every = [ask for ask in self.asks if isinstance(ask, SizeEquation)]
        residues = self._residues if every else None
        ours = self.question.framework in ("", "torch")
        layered = ours and (self.word != "same" or self.operation.pooling)
        return Ranking(self.operation, self.question.ceil_mode, sizes, residues, layered)

    # What many rows ask again: the residues of a stride, the first n of a smallest input.

    @cached_property
    def _residues(self) -> Callable[[int], list[int]]:
        return cache(self._residues_asked)

    @cached_property
    def _first(self) -> Callable[[int], int]:
        return cache(self._first_asked)

    def _residues_asked(self, stride: int) -> list[int]:
        """The input residues asked about, modulo a stride."""
        found: set[int] = set()
        for ask in self.asks:
            if isinstance(ask, SizeEquation):
                period = lcm(ask.size.period, ask.asked.modulus, stride)
                found.update(ask.size.at(r) % stride for r in ask.asked.classes(period))
        return sorted(found)

    def holds(self, row: Row) -> bool:
        """Tell whether a row, whatever its input, is a solution in the box."""
        k, s, p, d, a, _ = row
        begin, end = (p, None) if isinstance(p, int) else p
        point = [None if v is None else Domain([(v, v)]) for v in (k, s, begin, end, d, a)]
        inside = all(
            value in domain
            for value, domain in zip((k, s, begin, end, d, a), self.box, strict=True)
            if domain is not None
        )
        one = self.problem._replace(box=Box(*point))  # type: ignore[arg-type]
        return inside and any(True for _ in one.rows())

    def smallest_input(self, row: Row) -> int:
        """The smallest input size the layer of a row takes."""
        k, s, p, d, a, _ = row
        begin, end = (p, p) if isinstance(p, int) else p
        least = formulas.smallest_input(
            self.operation.transposed, self.question.ceil_mode, k, s, begin, end, d, a
        )
        return max(least, k) if self.inside else least

    def valid_from(self, row: Row) -> int:
        """The smallest n that is asked about and fits; for numbers, the smallest input.

        Of all pairs together, or where no n is asked of them all, of any of them.
        """
        first = self._first(self.smallest_input(row))
        demands = self.demands
        return first if demands is None else demands.since(row, first)

    def _first_asked(self, least: int) -> int:
        fitting = [ask.fitting(least) for ask in self.asks if isinstance(ask, SizeEquation)]
        if not fitting:
            return least
        common = reduce(and_, fitting).first()
        return min(filter(None, (part.first() for part in fitting))) if common is None else common

    def cost(self, row: Row, ask: Ask) -> int:
        """Return multiply-accumulates along the asked axis, up to a factor common to all."""
        k, n = row[0], row[5]
        if isinstance(ask, SizeEquation):
            return k  # the stride is fixed, and with it the ratio of the sizes
        size = ask.input if isinstance(ask, Numbers) else n
        assert size is not None
        if self.operation.transposed:
            return k * size
        return k * self.problem.output(size, row)


def check_across(axes: Sequence[Axis]) -> None:
    """Refuse axes of their own where the framework ties the strides and dilations of all.

    Axes are solved apart from one another, and this rule is about all of them.
    """
    if axes[0].limits.dilated_strides or axes[0].operation.pooling:
        return
    boxes = [axis.problem.box for axis in axes]
    stride = max(box.stride.last for box in boxes)
    dilation = max(box.dilation.last for box in boxes)
    if stride > 1 and dilation > 1:
        raise SolverError(
            f"{axes[0].limits.rule}, even on different axes",
            received=f"--per-axis with strides up to {stride} and dilations up to {dilation}",
            right="-s 1 or -d 1",
        )


def _up_to(first: int, last: int) -> Domain:
    return Domain([(first, max(first, last))])
