"""One unknown layer alone: every layer in the regions that the rest of its network leaves.

They are the integer points of a few strips, so they are counted without being listed, and ranges
of any length cost what short ones cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from math import lcm

from solver.errors import LimitError
from solver.inverse.counting import count, has_solution
from solver.inverse.family import BEGIN, END, NEVER, condition, conditions
from solver.inverse.order import FEW, best_first, by_ranking, is_small
from solver.inverse.problem import Box, Problem
from solver.inverse.ranking import Ranking
from solver.inverse.region import NOTHING, Region
from solver.inverse.strips import FIELDS, Row
from solver.layers.layer import Layer
from solver.network.graph.graph import Graph
from solver.network.unknowns.constraint import Constraint, constraint_of
from solver.network.unknowns.states import At, Goal
from solver.network.unknowns.unknown import NONE, UnknownLayer, UnknownPad, Way
from solver.sizes.domain import Domain
from solver.sizes.ends import Ends
from solver.sizes.expression import Expression
from solver.sizes.sizeset import SizeSet

_ZERO = Domain([(0, 0)])
_ONE = Domain([(1, 1)])
_FEW_STEPS = 500  # polygons
_SMALL = 64  # hyperparameters that are looked at first, where there are too many


class Single:
    """Hold every layer that one unknown layer may be: counted exactly, listed the best first."""

    def __init__(self, network: Graph, constraint: Constraint, asked: SizeSet) -> None:
        self._network, self._constraint, self._asked = network, constraint, asked
        operation = network.nodes[constraint.number].operation
        assert isinstance(operation, (UnknownLayer, UnknownPad))
        self._unknown: UnknownLayer | UnknownPad = operation
        self._by_stride = dict[int, list[int]]()

    @classmethod
    def of(
        cls, network: Graph, goals: Sequence[Goal], at: At | None, sizes: SizeSet
    ) -> Single | None:
        """The layers, None where the network is no question about one layer's regions."""
        constraint = constraint_of(network, goals, at, sizes)
        return None if constraint is None else cls._of(network, constraint, sizes)

    def both(self, other: Single) -> Single | None:
        """The layers that are among those of another question too, None where that is none."""
        mine, its = self._constraint, other._constraint
        if mine.blocked or its.blocked:
            return self if mine.blocked else other
        if self._network is not other._network or mine.axes != its.axes:
            return None
        regions = [part for a in mine.regions for b in its.regions if (part := a & b).possible]
        why = mine.number, "no layer does what is asked at all of the inputs"
        both = mine._replace(
            regions=tuple(regions),
            blocked=None if regions else why,
            sizes=mine.sizes + its.sizes,
        )
        return self._of(self._network, both, self._asked)

    @classmethod
    def _of(cls, network: Graph, constraint: Constraint, asked: SizeSet) -> Single | None:
        made = cls(network, constraint, asked)
        return made if isinstance(made._unknown, UnknownPad) or made._plain else None

    @property
    def _plain(self) -> bool:
        """Tell whether the choice is a box of whole numbers, with PyTorch's general rules."""
        assert isinstance(self._unknown, UnknownLayer)
        choice, planned = self._unknown.choice, self._unknown.choice.out_channels
        one = planned is None or (isinstance(planned, Domain) and len(planned) == 1)
        boxed = all(isinstance(domain, (Domain, Ends)) for domain in choice.domains.values())
        stricter = choice.operation.name == "avgpool" and self._constraint.axes == 3
        return one and boxed and not stricter

    @cached_property
    def count(self) -> int:
        """How many layers there are. Raises LimitError where counting takes too long."""
        if isinstance(self._unknown, UnknownPad):
            return sum(self._unknown.count(*span) for span in self._spans)
        return count(self._problem) if self._constraint.regions else 0

    def __bool__(self) -> bool:
        try:
            return self.count > 0
        except LimitError:
            box = self._problem.box
            small = {name: part.clip(0, _SMALL) for name, part in box._asdict().items() if part}
            return has_solution(self._problem.narrowed(**small)) or has_solution(self._problem)

    def some(self) -> bool:
        """Tell whether there is a layer, False also where that takes long to find out."""
        if isinstance(self._unknown, UnknownPad):
            return self.count > 0
        try:
            return bool(self._constraint.regions) and has_solution(self._problem, _FEW_STEPS)
        except LimitError:
            return False

    def __iter__(self) -> Iterator[tuple[Way, ...]]:
        """Yield the layers, the best first."""
        unknown, axes = self._unknown, self._constraint.axes
        if isinstance(unknown, UnknownPad):
            for region in self._spans:
                for ends in unknown.within(*region):
                    yield (unknown.way(ends, axes),)
        elif self._constraint.regions:
            ranked = partial(by_ranking, self._ranking, FEW)
            for row in best_first(self._problem, is_small(self._problem), ranked):
                yield (Way(self._layer(row), NONE),)  # alone it adds to nothing

    @property
    def conditions(self) -> list[str]:
        """What a layer must meet, where that is short: those that do are the ways.

        In the names of its hyperparameters; one line for each of a few regions, "or" between them.
        """
        regions = self._constraint.regions
        if not regions or len(regions) > 3:
            return []
        if isinstance(self._unknown, UnknownPad):
            amounts = self._unknown.amounts
            if isinstance(amounts, Ends):
                parts = (_of_ends(amounts, *span) for span in self._spans)
                found = " or ".join(filter(None, parts))
            else:
                clipped = (str(amounts.clip(*span)) for span in self._spans)
                found = " or ".join(filter(None, clipped))
                found = found and f"padding in all = {found}"
            return [found] if found else []
        problem = self._problem
        symmetric = problem.box.end is None
        known = {n: d.first for n, d in problem.box._asdict().items() if d and d.size() == 1}
        if not symmetric:
            known.pop("padding", None)
        rules = None, symmetric, problem.ceil_mode
        ways = [conditions(problem.operation, region, known, *rules) for region in regions]
        texts = [[str(part) for part in way] for way in ways if NEVER not in way]
        if len(texts) == 1:
            return texts[0]
        return [" or ".join(" and ".join(way) for way in texts)] if texts else []

    @property
    def blocked(self) -> tuple[int, str]:
        """The node that is in the way where there is no layer, and why it is."""
        constraint = self._constraint
        if constraint.blocked is not None:
            return constraint.blocked
        if not constraint.regions:
            return constraint.number, "no size that comes out here gives what is asked"
        if isinstance(self._unknown, UnknownPad):
            return constraint.number, self._why_total()
        from solver.inverse.reason import why_box  # most networks have ways

        try:
            return constraint.number, why_box(self._problem)
        except LimitError:
            return constraint.number, "nothing in its ranges gives what is asked"

    def _why_total(self) -> str:
        spans = self._spans
        wanted = " or ".join(f"{low}..{high}" if low < high else f"{low}" for low, high in spans)
        return f"the padding must be {wanted} in all" if wanted else "no padding does this"

    @property
    def _spans(self) -> list[tuple[int, int]]:
        """The least and the greatest padding in all, region by region."""
        spans = (w.at(1) for w in self._constraint.regions if w.first <= 1 and w.last != 0)
        return [span for span in spans if span[0] <= span[1]]

    @cached_property
    def _problem(self) -> Problem:
        assert isinstance(self._unknown, UnknownLayer)
        choice = self._unknown.choice
        domains = choice.domains
        padding = domains["padding"]
        begin, end = padding.made_of() if isinstance(padding, Ends) else (padding, None)
        box = Box(
            domains["kernel_size"],
            domains["stride"],
            begin,
            end,
            domains.get("dilation", _ONE),
            domains.get("output_padding", _ZERO),
        )
        regions: tuple[Region, ...] = self._constraint.regions or (NOTHING,)
        first, *others = regions
        return Problem(choice.operation, choice.ceil_mode, box, first, None, False, tuple(others))

    @cached_property
    def _ranking(self) -> Ranking:
        """The order of `solve`, for the sizes that come into the layer."""
        assert isinstance(self._unknown, UnknownLayer)
        choice, asked = self._unknown.choice, self._constraint
        residues = self._residues if asked.before else None
        return Ranking(choice.operation, choice.ceil_mode, asked.sizes, residues)

    def _residues(self, stride: int) -> list[int]:
        """What comes into the layer for every n that is asked about, modulo a stride."""
        if stride not in self._by_stride:
            found: set[int] = set()
            for size in self._constraint.before:
                period = lcm(size.period * stride, self._asked.modulus)
                found.update(int(size(n)) % stride for n in self._asked.classes(period))
            self._by_stride[stride] = sorted(found)
        return self._by_stride[stride]

    def _layer(self, row: Row) -> Layer:
        assert isinstance(self._unknown, UnknownLayer)
        choice = self._unknown.choice
        named = {name: v for name, v in zip(FIELDS, row, strict=False) if name in choice.domains}
        planned = choice.out_channels
        after = planned.first if isinstance(planned, Domain) else None
        return choice.layer(named, self._constraint.channels if self._unknown.wide else None, after)


def _of_ends(amounts: Ends, low: int, high: int) -> str:
    """What two ends with low to high in all are, "" where there are none."""
    if not amounts.count(low, high):
        return ""
    terms, known = list[Expression](), 0
    for end, domain in ((BEGIN, amounts.begin), (END, amounts.end)):
        if domain.size() == 1 and (terms or end is BEGIN):
            known += domain.first
        else:
            terms.append(end)
    term, low, high = sum(terms[1:], terms[0]), low - known, high - known
    return str(condition(term, low) if low == high else condition(low, term, high, relation="<="))
